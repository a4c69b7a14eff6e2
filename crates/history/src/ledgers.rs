//! The two ledgers of everybody, filled commit by commit and line by line; [`super::contribution`] says what counts.

use std::collections::{BTreeMap, BTreeSet};

use super::attribution::{self, Attribution, Holder};
use super::blame::Survivor;
use super::dates::zoned;
use super::identities::Program;
use super::provenance::{Origin, Provenance};
use super::record::History;
use stackmark_evidence::closed::ProgramKind;
use stackmark_evidence::git::{Person, ProgramShare, UnmappedAuthor, Work};

#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    pub(super) commits: u64,
    pub(super) co_authored: u64,
    pub(super) added: u64,
    pub(super) deleted: u64,
    pub(super) surviving: f64,
    /// Of them, those of commits that somebody else authored.
    pub(super) surviving_named: f64,
    pub(super) blamed: u64,
    pub(super) work: Work,
    /// Of the work, that of commits that somebody else authored.
    pub(super) work_named: f64,
    pub(super) days: BTreeMap<String, u64>,
    pub(super) weeks: BTreeSet<(i16, i8)>,
}

/// Both ledgers by hand alone.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ByHand {
    pub(super) surviving: f64,
    pub(super) work: f64,
}

/// The ledgers of everybody.
pub(super) struct Ledgers<'h> {
    history: &'h History,
    attributions: &'h [Attribution],
    /// Who holds each commit, in equal parts.
    holders: Vec<Vec<Holder>>,
    /// By whose own hand each commit came.
    hands: Vec<Option<usize>>,
    pub(super) members: Vec<Ledger>,
    pub(super) by_hand: Vec<ByHand>,
    pub(super) unmapped: BTreeMap<(String, String), UnmappedAuthor>,
    pub(super) programs: BTreeMap<(String, ProgramKind), ProgramShare>,
    pub(super) starter_lines: u64,
    /// By file: lines that are not starter code.
    pub(super) own_lines: Vec<u64>,
}

impl<'h> Ledgers<'h> {
    pub(super) fn new(history: &'h History, attributions: &'h [Attribution], members: usize, files: usize) -> Self {
        let pairs = history.commits.iter().zip(attributions);
        Self {
            history,
            attributions,
            holders: pairs.map(|(commit, attribution)| attribution.holders(commit)).collect(),
            hands: attribution::hands(attributions),
            members: vec![Ledger::default(); members],
            by_hand: vec![ByHand::default(); members],
            unmapped: BTreeMap::new(),
            programs: BTreeMap::new(),
            starter_lines: 0,
            own_lines: vec![0; files],
        }
    }

    /// The work of one commit, to those who did it.
    pub(super) fn work(&mut self, place: usize, provenance: &Provenance) {
        let (commit, attribution) = (&self.history.commits[place], &self.attributions[place]);
        let (tally, is_merge) = (provenance.tallies[place], commit.is_merge());
        let work = commit.change.own.work();
        let part = work / self.holders[place].len() as f64;
        if let Some(hand) = self.hands[place] {
            self.by_hand[hand].work += work;
        }
        if let Some(author) = attribution.author_member() {
            let ledger = &mut self.members[author];
            ledger.work.moved += tally.moved;
            ledger.work.reformatted += tally.reformatted;
            ledger.work.held_before += tally.held_before;
            ledger.work.taken_back += tally.taken_back;
            ledger.work.replaced_by_others += tally.replaced_by_others;
            if !is_merge {
                ledger.commits += 1;
                ledger.added += commit.change.added();
                ledger.deleted += commit.change.deleted();
                let day = zoned(commit.authored);
                *ledger.days.entry(day.strftime("%Y-%m-%d").to_string()).or_default() += 1;
                let week = day.date().iso_week_date();
                ledger.weeks.insert((week.year(), week.week()));
            }
        }
        for member in &attribution.co_authors {
            self.members[*member].co_authored += u64::from(!is_merge);
        }
        for holder in &self.holders[place] {
            match holder {
                Holder::Member(member) => {
                    let ledger = &mut self.members[*member];
                    ledger.work.lines += part;
                    ledger.work_named += if attribution.author_member() == Some(*member) { 0.0 } else { part };
                }
                Holder::Unknown(person) => {
                    let is_author = *person == commit.author || attribution.imported() == Some(person);
                    if part > 0.0 || !is_merge {
                        let author = unmapped_entry(&mut self.unmapped, person);
                        author.commits += u64::from(is_author && !is_merge);
                        author.work += part;
                    }
                }
                Holder::Program(_) => {}
            }
        }
        for person in attribution.unknown.iter().filter(|_| commit.change.lines() > 0 || part > 0.0) {
            unmapped_entry(&mut self.unmapped, person).co_authored += 1;
        }
        let author = attribution.author_program();
        for program in attribution.programs() {
            let share = program_entry(&mut self.programs, program);
            let is_author = author == Some(program);
            share.commits += u64::from(is_author && !is_merge);
            share.co_authored += u64::from(!is_author && !is_merge);
            share.work += if attribution.is_of_people() { 0.0 } else { work };
        }
    }

    /// Lines that stand, to those who wrote them; each weighs as much as `weight`.
    pub(super) fn surviving(&mut self, lines: &Survivor<'_>, weight: f64, hashes: &[u64], provenance: &Provenance) {
        let record = |place: Option<usize>| place.and_then(|place| self.history.lineage[place].record);
        if let Some(author) = record(lines.plain).and_then(|commit| self.attributions[commit].author_member()) {
            self.members[author].blamed += u64::from(lines.lines);
        }
        let commit = record(lines.commit);
        for offset in (0..lines.lines).filter(|offset| hashes[(lines.line + offset) as usize] != 0) {
            let origin = commit.map_or(Origin::Starter, |commit| {
                provenance.origin(self.history, commit, lines.path, lines.at + offset)
            });
            match origin {
                Origin::Commit(commit) if !self.attributions[commit].is_starter() => {
                    self.own_lines[lines.file] += 1;
                    self.line_of(commit, weight);
                }
                Origin::Commit(_) | Origin::Starter => self.starter_lines += 1,
            }
        }
    }

    /// A line that stands, to those who made the commit.
    fn line_of(&mut self, commit: usize, weight: f64) {
        let part = weight / self.holders[commit].len() as f64;
        if let Some(hand) = self.hands[commit] {
            self.by_hand[hand].surviving += weight;
        }
        let author = self.attributions[commit].author_member();
        for holder in &self.holders[commit] {
            match holder {
                Holder::Member(member) => {
                    let ledger = &mut self.members[*member];
                    ledger.surviving += part;
                    ledger.surviving_named += if author == Some(*member) { 0.0 } else { part };
                }
                Holder::Unknown(person) => unmapped_entry(&mut self.unmapped, person).surviving += part,
                Holder::Program(program) => program_entry(&mut self.programs, program).surviving += part,
            }
        }
    }
}

fn unmapped_entry<'m>(
    unmapped: &'m mut BTreeMap<(String, String), UnmappedAuthor>,
    person: &Person,
) -> &'m mut UnmappedAuthor {
    let key = (person.name.clone(), person.email.to_lowercase());
    unmapped.entry(key).or_insert_with(|| UnmappedAuthor {
        person: person.clone(),
        commits: 0,
        co_authored: 0,
        work: 0.0,
        surviving: 0.0,
        // A guess over the identities, which `measure` adds.
        likely_member: None,
    })
}

fn program_entry<'p>(
    programs: &'p mut BTreeMap<(String, ProgramKind), ProgramShare>,
    program: &Program,
) -> &'p mut ProgramShare {
    programs.entry((program.name.clone(), program.kind)).or_insert_with(|| ProgramShare {
        name: program.name.clone(),
        kind: program.kind,
        commits: 0,
        co_authored: 0,
        work: 0.0,
        surviving: 0.0,
    })
}
