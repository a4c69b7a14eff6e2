//! Who did how much, and how evenly: two ledgers side by side.
//!
//! **Surviving ledger** `S_m`: lines of files that count, blank ones aside, that stand at the graded commit and are m's.
//! [`super::blame`] follows each line to its commit; [`super::provenance`] goes on to whoever wrote it first, where the
//! commit only moved it, copied it or brought it back. A co-authored line is shared.
//!
//! **Work ledger** `W_m`: over the history, lines added + ½ · lines deleted, without those that were moved, laid out
//! anew, held by the repository before, or taken back by the same person ([`super::provenance`]). A commit is capped: up
//! to 500 it counts as it is, above that `500 + 100·ln(1 + (work − 500)/100)`, so that one dump does not outweigh weeks.
//! A merge has only the lines that stand in none of its parents.
//!
//! A commit is shared in equal parts by its author and the co-authors that its trailers name (bots aside). What falls to
//! someone who is no member is nobody's: shown, and kept out of the shares. Starter code is nobody's, too.
//!
//! **Share** `s_m = ½·S_m/ΣS + ½·W_m/ΣW` over the members; where one of the ledgers is empty, the other alone.
//! **Evenness** `E = 1 − (½·Σ|s_m − 1/n|) / (1 − 1/n)` over the roster's n members, absent ones with 0; 1 for a team of
//! one. ½·Σ|s_m − 1/n| is the part of the work that would have had to change hands.
//!
//! Source: the project's definition of contribution. Three figures are git's own, over the files that count and by
//! author alone: `added` and `deleted` are those of `git log --numstat -M -w --no-merges`, `blamed` is that of
//! `git blame -w -M`.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::blame::{Standing, Survivor};
use super::dates::zoned;
use super::identities::{Identities, co_authors_in, is_bot};
use super::lines::line_hash;
use super::provenance::{Origin, Provenance};
use super::rounded;
use super::walk::{History, Record};
use stackmark_evidence::git::{
    Contribution, Day, Excluded, MemberShare, Person, StandingFile, Surviving, UnmappedAuthor, Work,
};
use stackmark_evidence::{Cause, Reading, Team};

/// Work of a commit up to here counts as it is.
const CAP: f64 = 500.0;
/// How slowly the rest grows.
const CAP_SCALE: f64 = 100.0;
const EXAMPLES: usize = 5;
/// Shorter files are alike by chance.
const MIN_COMPARED_LINES: u64 = 10;

/// Lines of a commit that are work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OwnLines {
    pub(super) added: u64,
    pub(super) deleted: u64,
}

impl OwnLines {
    /// Added + ½ deleted, capped.
    pub(super) fn work(self) -> f64 {
        let work = self.added as f64 + 0.5 * self.deleted as f64;
        if work <= CAP { work } else { CAP + CAP_SCALE * ((work - CAP) / CAP_SCALE).ln_1p() }
    }
}

/// Who a commit belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Owners {
    /// Index of the author's member.
    pub(super) author: Option<usize>,
    /// Indices of members that trailers name, the author aside, ascending.
    pub(super) co_authors: Vec<usize>,
    /// People that trailers name who are no members and no bots.
    pub(super) unmapped_co_authors: Vec<Person>,
}

impl Owners {
    /// Of one commit.
    pub(super) fn of(commit: &Record, identities: &Identities) -> Self {
        let author = identities.member_of(&commit.author);
        let (mut co_authors, mut unmapped) = (BTreeSet::new(), Vec::new());
        for person in co_authors_in(&commit.body) {
            match identities.member_of(&person) {
                Some(member) if Some(member) != author => drop(co_authors.insert(member)),
                Some(_) => {}
                None if is_bot(&person) || is_same(&person, &commit.author) => {}
                None => unmapped.push(person),
            }
        }
        Self { author, co_authors: co_authors.into_iter().collect(), unmapped_co_authors: unmapped }
    }

    fn count(&self) -> usize {
        1 + self.co_authors.len() + self.unmapped_co_authors.len()
    }
}

fn is_same(a: &Person, b: &Person) -> bool {
    a.email.eq_ignore_ascii_case(&b.email)
}

/// Tells the authors of commits apart: the same number is the same member, or the same address of nobody's.
pub(super) fn author_numbers(history: &History, owners: &[Owners]) -> Vec<usize> {
    let mut numbers: BTreeMap<(Option<usize>, String), usize> = BTreeMap::new();
    let authors = history.commits.iter().zip(owners).map(|(commit, owners)| match owners.author {
        Some(member) => (Some(member), String::new()),
        None => (None, commit.author.email.to_lowercase()),
    });
    authors
        .map(|author| {
            let next = numbers.len();
            *numbers.entry(author).or_insert(next)
        })
        .collect()
}

#[derive(Debug, Clone, Default)]
struct Ledger {
    commits: u64,
    co_authored: u64,
    added: u64,
    deleted: u64,
    surviving: f64,
    blamed: u64,
    work: Work,
    days: BTreeMap<String, u64>,
    weeks: BTreeSet<(i16, i8)>,
}

/// The ledgers of everybody.
struct Ledgers<'h> {
    history: &'h History,
    owners: &'h [Owners],
    members: Vec<Ledger>,
    unmapped: BTreeMap<(String, String), UnmappedAuthor>,
    starter_lines: u64,
    /// By file: lines that are not starter code.
    own_lines: Vec<u64>,
}

impl Ledgers<'_> {
    /// The work of one commit, to those who did it.
    fn work(&mut self, place: usize, commit: &Record, provenance: &Provenance) {
        let owners = &self.owners[place];
        let tally = provenance.tallies[place];
        let part = commit.change.own.work() / owners.count() as f64;
        if let Some(author) = owners.author {
            let ledger = &mut self.members[author];
            ledger.work.lines += part;
            ledger.work.moved += tally.moved;
            ledger.work.reformatted += tally.reformatted;
            ledger.work.held_before += tally.held_before;
            ledger.work.taken_back += tally.taken_back;
            ledger.work.replaced_by_others += tally.replaced_by_others;
            if !commit.is_merge() {
                ledger.commits += 1;
                ledger.added += commit.change.added();
                ledger.deleted += commit.change.deleted();
                let day = zoned(commit.authored);
                *ledger.days.entry(day.strftime("%Y-%m-%d").to_string()).or_default() += 1;
                let week = day.date().iso_week_date();
                ledger.weeks.insert((week.year(), week.week()));
            }
        } else if part > 0.0 || !commit.is_merge() {
            let author = unmapped_entry(&mut self.unmapped, &commit.author);
            author.commits += u64::from(!commit.is_merge());
            author.work += part;
        }
        for member in &owners.co_authors {
            self.members[*member].co_authored += u64::from(!commit.is_merge());
            self.members[*member].work.lines += part;
        }
        for person in &owners.unmapped_co_authors {
            unmapped_entry(&mut self.unmapped, person).work += part;
        }
    }

    /// Lines that stand, to those who wrote them.
    fn surviving(&mut self, lines: &Survivor<'_>, hashes: &[u64], provenance: &Provenance) {
        let record = |place: Option<usize>| place.and_then(|place| self.history.lineage[place].record);
        if let Some(author) = record(lines.plain).and_then(|commit| self.owners[commit].author) {
            self.members[author].blamed += u64::from(lines.lines);
        }
        let commit = record(lines.commit);
        for offset in (0..lines.lines).filter(|offset| hashes[(lines.line + offset) as usize] != 0) {
            let origin = commit.map_or(Origin::Starter, |commit| {
                provenance.origin(self.history, commit, lines.path, lines.at + offset)
            });
            let Origin::Commit(commit) = origin else {
                self.starter_lines += 1;
                continue;
            };
            self.own_lines[lines.file] += 1;
            let owners = &self.owners[commit];
            let part = 1.0 / owners.count() as f64;
            for member in owners.author.iter().chain(&owners.co_authors) {
                self.members[*member].surviving += part;
            }
            if owners.author.is_none() {
                unmapped_entry(&mut self.unmapped, &self.history.commits[commit].author).surviving += part;
            }
            for person in &owners.unmapped_co_authors {
                unmapped_entry(&mut self.unmapped, person).surviving += part;
            }
        }
    }
}

/// What the ledgers are made from.
pub(super) struct Sources<'h> {
    pub(super) history: &'h History,
    /// By commit.
    pub(super) owners: &'h [Owners],
    pub(super) provenance: &'h Provenance,
    /// Files that count at the graded commit.
    pub(super) standing: &'h [Standing],
    pub(super) survivors: &'h [Survivor<'h>],
}

/// Both ledgers of all members, and what is nobody's.
///
/// `Absent` where no work counts at all; `Unreadable` where there is work and none of it is a member's, because then it
/// is the identities that are unknown, not the work that is missing.
pub(super) fn measure(sources: &Sources<'_>, team: &Team) -> Reading<Contribution> {
    let Sources { history, owners, provenance, standing, survivors } = *sources;
    let mut ledgers = Ledgers {
        history,
        owners,
        members: vec![Ledger::default(); team.members.len()],
        unmapped: BTreeMap::new(),
        starter_lines: 0,
        own_lines: vec![0; standing.len()],
    };
    for (place, commit) in history.commits.iter().enumerate() {
        ledgers.work(place, commit, provenance);
    }
    let hashes: Vec<Vec<u64>> = (standing.iter())
        .map(|file| file.content.split_inclusive(|byte| *byte == b'\n').map(line_hash).collect())
        .collect();
    for lines in survivors {
        ledgers.surviving(lines, &hashes[lines.file], provenance);
    }
    let Ledgers { members: ledgers, unmapped, starter_lines, own_lines, .. } = ledgers;

    let work_of_members: f64 = ledgers.iter().map(|ledger| ledger.work.lines).sum();
    let lines_of_members: f64 = ledgers.iter().map(|ledger| ledger.surviving).sum();
    let work_of_nobody: f64 = unmapped.values().map(|author| author.work).sum();
    let lines_of_nobody: f64 = unmapped.values().map(|author| author.surviving).sum();
    if work_of_members + lines_of_members <= 0.0 {
        return without_members_work(work_of_nobody + lines_of_nobody, unmapped.len());
    }
    let part = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
    let both = |lines: f64, all_lines: f64, work: f64, all_work: f64| match (all_lines > 0.0, all_work > 0.0) {
        (true, true) => 0.5 * (lines / all_lines) + 0.5 * (work / all_work),
        _ => part(lines, all_lines) + part(work, all_work),
    };
    let shares: Vec<f64> = (ledgers.iter())
        .map(|ledger| both(ledger.surviving, lines_of_members, ledger.work.lines, work_of_members))
        .collect();
    let (evenness, would_change_hands) = evenness(&shares);
    let members = (team.members.iter().zip(&ledgers).zip(&shares))
        .map(|((member, ledger), share)| MemberShare {
            member: member.id.clone(),
            name: member.name.clone(),
            commits: ledger.commits,
            co_authored: ledger.co_authored,
            added: ledger.added,
            deleted: ledger.deleted,
            surviving: Surviving {
                lines: rounded(ledger.surviving),
                share: rounded(part(ledger.surviving, lines_of_members)),
                blamed: ledger.blamed,
            },
            work: Work {
                lines: rounded(ledger.work.lines),
                share: rounded(part(ledger.work.lines, work_of_members)),
                ..ledger.work.clone()
            },
            share: rounded(*share),
            active_days: ledger.days.len() as u64,
            active_weeks: ledger.weeks.len() as u64,
            days: ledger.days.iter().map(|(date, commits)| Day { date: date.clone(), commits: *commits }).collect(),
        })
        .collect();
    let (all_lines, all_work) = (lines_of_members + lines_of_nobody, work_of_members + work_of_nobody);
    let mut unmapped: Vec<UnmappedAuthor> = unmapped.into_values().collect();
    // Stable, so that equals stay in the order of their names.
    unmapped.sort_by(|a, b| (b.work + b.surviving).total_cmp(&(a.work + a.surviving)));
    for author in &mut unmapped {
        author.work = rounded(author.work);
        author.surviving = rounded(author.surviving);
    }
    Reading::observed(Contribution {
        members,
        unmapped,
        unmapped_share: rounded(both(lines_of_nobody, all_lines, work_of_nobody, all_work)),
        starter_lines,
        files: standing_files(standing, &hashes, &own_lines),
        // Facts of the identities, which `measure` adds.
        remapped: Vec::new(),
        other_committers: Vec::new(),
        evenness: rounded(evenness),
        would_change_hands: rounded(would_change_hands),
        excluded: excluded(history),
    })
}

/// Files that hold more than starter code and a few lines.
fn standing_files(standing: &[Standing], hashes: &[Vec<u64>], own_lines: &[u64]) -> Vec<StandingFile> {
    (standing.iter().zip(hashes).zip(own_lines))
        .filter(|(_, lines)| **lines >= MIN_COMPARED_LINES)
        .map(|((file, hashes), lines)| {
            let mut content = Sha256::new();
            for hash in hashes.iter().filter(|hash| **hash != 0) {
                content.update(hash.to_le_bytes());
            }
            let content_sha256 = content.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            StandingFile { path: file.path.clone(), lines: *lines, content_sha256 }
        })
        .collect()
}

fn unmapped_entry<'m>(
    unmapped: &'m mut BTreeMap<(String, String), UnmappedAuthor>,
    person: &Person,
) -> &'m mut UnmappedAuthor {
    let key = (person.name.clone(), person.email.to_lowercase());
    unmapped.entry(key).or_insert_with(|| UnmappedAuthor {
        person: person.clone(),
        commits: 0,
        work: 0.0,
        surviving: 0.0,
    })
}

fn without_members_work(of_nobody: f64, authors: usize) -> Reading<Contribution> {
    if of_nobody > 0.0 {
        Reading::unreadable(
            Cause::Malformed,
            format!(
                "none of the {authors} authors in the history could be matched to a member; add their addresses or \
                 aliases to the roster (`stackmark identities` lists them)"
            ),
        )
    } else {
        Reading::absent("no commit changed a line of a file that counts")
    }
}

/// Evenness of shares that sum to 1, and the part that would have had to change hands.
fn evenness(shares: &[f64]) -> (f64, f64) {
    if shares.len() < 2 {
        return (1.0, 0.0);
    }
    let equal = 1.0 / shares.len() as f64;
    let moved = 0.5 * shares.iter().map(|share| (share - equal).abs()).sum::<f64>();
    (1.0 - moved / (1.0 - equal), moved)
}

fn excluded(history: &History) -> Vec<Excluded> {
    let mut reasons: BTreeMap<&str, BTreeMap<&str, Option<u64>>> = BTreeMap::new();
    let commits = history.commits.iter().chain(&history.elsewhere);
    for file in commits.flat_map(|commit| &commit.change.excluded) {
        let size = reasons.entry(file.reason).or_default().entry(&file.path).or_default();
        *size = (*size).max(file.bytes);
    }
    (reasons.iter())
        .map(|(reason, files)| {
            let mut by_size: Vec<(&str, Option<u64>)> = files.iter().map(|(path, bytes)| (*path, *bytes)).collect();
            by_size.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
            Excluded {
                reason: (*reason).to_owned(),
                files: files.len() as u64,
                bytes: files.values().flatten().sum(),
                unknown_sizes: files.values().filter(|bytes| bytes.is_none()).count() as u64,
                examples: by_size.iter().take(EXAMPLES).map(|(path, _)| super::walk::printable(path)).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_counts_little_more_than_the_cap() {
        let work = |added, deleted| OwnLines { added, deleted }.work();
        assert!((work(400, 100) - 450.0).abs() < 1e-9);
        assert!((work(500, 0) - 500.0).abs() < 1e-9);
        assert!(work(172_000, 0) < 1_300.0);
        assert!(work(501, 0) > 500.9);
    }

    #[test]
    fn evenness_is_one_for_equals_and_zero_for_a_lone_worker() {
        for (shares, expected, moved) in [
            (vec![0.25; 4], 1.0, 0.0),
            (vec![1.0, 0.0, 0.0, 0.0], 0.0, 0.75),
            (vec![0.5, 0.5, 0.0], 0.5, 1.0 / 3.0),
            (vec![1.0], 1.0, 0.0),
        ] {
            let (evenness, hands) = evenness(&shares);
            assert!((evenness - expected).abs() < 1e-9 && (hands - moved).abs() < 1e-9, "{shares:?}");
        }
    }
}
