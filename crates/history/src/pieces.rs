//! Whether a history looks put together: several weak facts, each of which many an honest team has, and which meet in what
//! a script makes of one dump.
//!
//! | fact | counts in full | not at all | 33 repositories of students | a script |
//! |---|---|---|---|---|
//! | part of the work in files that were left for others and changed again | up to 5 % | from 15 % | 6 to 48 % | 0 to 7 % |
//! | part of the work by commits that add one piece to one file and take nothing away | from 80 % | to 30 % | 0 to 57 %, two 76 and 85 % | 44 to 100 % |
//! | lines taken out of such files ÷ lines added | up to 0.5 % | from 5 % | 4 to 27 %, three 0 to 0.5 % | 0 to 4 % |
//! | how often the author is another than its parent's ÷ how often at random | from 1 | to 0.85 | 0 to 0.81, one 0.98 | 1 to 1.5 |
//! | one commit has half of the work, and half of the commits three lines or fewer | twice, beside turns alone | otherwise | none | 30 edits around a dump |
//!
//! That each author's work comes in one run of commits is no fact here, though a script may write so: of 22 repositories of
//! two authors or more, these runs have 28 to 83 % of the work, two 94 and 95 %, and of one of the two all other facts count
//! in full. Its three members had uploaded their parts file by file.
//!
//! A commit of three lines or fewer returns to nothing. Their sum asks from 2.95 on: 29 of the 33 have 0 to 0.6, and four
//! whose files came one by one 1.0 to 2.9. One line that is changed later takes hardly anything from it, as each fact is
//! about work, files and order, and not about one commit.

use std::collections::{BTreeMap, HashMap};

use git2::Oid;

use super::attribution::Attribution;
use super::record::Record;
use stackmark_evidence::{Sign, SignKind};

/// Of fewer commits and lines, how they came says little.
const COMMITS: usize = 12;
const LINES: u64 = 100;
/// The sum from which a person looks. Below, it is nothing to tell of: each fact is what honest teams do.
const ASKS: f64 = 2.95;
/// Lines of a small edit.
const SMALL: f64 = 3.0;
/// Where one member has nearly all commits, nobody takes turns.
const FEWEST_TURNS: f64 = 0.2;
/// So much the other facts say of a team whose members take no turns.
const TOGETHER: f64 = 0.95;

/// The facts of a history.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Facts {
    /// Part of the work in files that were left and changed again, 0..1.
    returned: f64,
    /// Part of the work by commits of one piece.
    pieces: f64,
    /// Lines taken out of files that were left, and lines added.
    replaced: f64,
    added: f64,
    /// How often the author is another than its parent's, of how many commits, and how often it would be at random.
    turns: usize,
    of: usize,
    at_random: f64,
    /// Part of the work by the largest commit.
    largest: f64,
    /// Lines of the commit in the middle.
    middle: f64,
    /// Commits that are no small edits.
    larger: usize,
}

/// What people's work shows, newest first.
pub(super) fn sign(work: &[(&Record, &Attribution)]) -> Option<Sign> {
    let added: u64 = work.iter().map(|(commit, _)| commit.change.added()).sum();
    if work.len() < COMMITS || added < LINES {
        return None;
    }
    let facts = Facts::of(work);
    let says = facts.in_words(work.len());
    (facts.sum() >= ASKS).then(|| Sign { kind: SignKind::PieceByPiece, says, asks: true, examples: Vec::new() })
}

impl Facts {
    fn of(work: &[(&Record, &Attribution)]) -> Self {
        let mut facts = Self::default();
        let mut all = 0.0;
        let mut sizes = Vec::with_capacity(work.len());
        // By path: the last commit that changed it.
        let mut last: HashMap<&str, usize> = HashMap::new();
        for (place, (commit, _)) in work.iter().rev().enumerate() {
            let change = &commit.change;
            let (own, size) = (change.own, change.own.work());
            let (mut lines, mut again, mut taken) = (0.0, 0.0, 0.0);
            for file in &change.files {
                let weight = file.added as f64 + 0.5 * file.deleted as f64;
                lines += weight;
                let before = last.get(file.old_path.as_str()).or(last.get(file.path.as_str()));
                // The commit right before is the same go at it.
                if before.is_some_and(|before| before + 1 < place) {
                    again += weight;
                    taken += file.deleted as f64;
                }
            }
            last.extend(change.files.iter().map(|file| (file.path.as_str(), place)));
            let part = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
            // A line or two here and there is no second look at a file, however often.
            if again <= SMALL {
                (again, taken) = (0.0, 0.0);
            }
            facts.returned += size * part(again, lines);
            // What formatters lay out is no work.
            facts.replaced += own.deleted as f64 * part(taken, change.deleted() as f64);
            facts.added += own.added as f64;
            let is_piece = match change.units.as_slice() {
                [unit] => change.files.len() == 1 && unit.deleted == 0 && !unit.is_moved_whole(),
                _ => false,
            };
            facts.pieces += if is_piece { size } else { 0.0 };
            all += size;
            sizes.push(size);
        }
        sizes.sort_by(f64::total_cmp);
        if all > 0.0 {
            facts.returned /= all;
            facts.pieces /= all;
            facts.largest = sizes.last().map_or(0.0, |largest| largest / all);
            facts.middle = sizes[sizes.len() / 2];
            facts.larger = sizes.iter().filter(|size| **size > SMALL).count();
        }
        let authors: Vec<usize> = work.iter().filter_map(|(_, it)| it.author_member()).collect();
        let mut commits_of: BTreeMap<usize, f64> = BTreeMap::new();
        for author in &authors {
            *commits_of.entry(*author).or_default() += 1.0;
        }
        let count = authors.len().max(1) as f64;
        // Along the graph, not by date: who work on two branches at once take no turns.
        let author_of: HashMap<Oid, usize> =
            work.iter().filter_map(|(commit, it)| Some((commit.id, it.author_member()?))).collect();
        let changes: Vec<bool> = (work.iter())
            .filter_map(|(commit, it)| {
                let [parent] = commit.parents.as_slice() else { return None };
                Some(*author_of.get(parent)? != it.author_member()?)
            })
            .collect();
        if changes.len() * 3 >= work.len() {
            facts.of = changes.len();
            facts.turns = changes.into_iter().filter(|is_other| *is_other).count();
        }
        facts.at_random = 1.0 - commits_of.values().map(|commits| (commits / count).powi(2)).sum::<f64>();
        facts
    }

    fn is_one_with_edits(&self) -> bool {
        self.largest >= 0.5 && self.middle <= SMALL
    }

    fn sum(&self) -> f64 {
        let replaced = if self.added > 0.0 { self.replaced / self.added } else { 0.0 };
        let turns = self.turns as f64 / self.of.max(1) as f64;
        let turns = if self.at_random > FEWEST_TURNS { turns / self.at_random } else { 0.0 };
        let turns = ramp(turns, 0.85, 1.0);
        let in_pieces = ramp(self.returned, 0.15, 0.05) + ramp(self.pieces, 0.3, 0.8) + ramp(replaced, 0.05, 0.005);
        // Several who upload file by file on one day look the same, but for whose turn it is.
        let together = if self.at_random > FEWEST_TURNS { TOGETHER + (1.0 - TOGETHER) * turns } else { 1.0 };
        let in_pieces = in_pieces * together + turns;
        let with_edits = if self.is_one_with_edits() { 2.0 + turns } else { 0.0 };
        // Small edits alone are no pieces, and return to nothing.
        if self.larger >= COMMITS { in_pieces.max(with_edits) } else { with_edits }
    }

    fn in_words(&self, commits: usize) -> String {
        let percent = |part: f64| part * 100.0;
        let Self { turns, of, .. } = self;
        if self.is_one_with_edits() {
            return format!(
                "one commit has {:.0}% of the work and half of the {commits} commits have {SMALL:.0} lines or fewer, and \
                 the author changes at {turns} of {of} steps",
                percent(self.largest)
            );
        }
        format!(
            "{:.0}% of the work is in files that were left and changed again, {:.0}% in commits that add one piece to one \
             file, and the author changes at {turns} of {of} steps",
            percent(self.returned),
            percent(self.pieces)
        )
    }
}

/// 0 up to where a fact says nothing, 1 from where it says all, and a straight line between them.
fn ramp(value: f64, nothing: f64, all: f64) -> f64 {
    ((value - nothing) / (all - nothing)).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As measured in repositories of students, and in what a script makes of one dump.
    #[test]
    fn weak_facts_ask_where_they_meet() {
        let facts = |returned: f64, pieces: f64, replaced: f64, turns: usize, at_random: f64| Facts {
            returned,
            pieces,
            replaced: 1_000.0 * replaced,
            added: 1_000.0,
            turns,
            of: 100,
            at_random,
            largest: 0.1,
            middle: 12.0,
            larger: 30,
        };
        for (name, facts, asks) in [
            ("a dump in pieces", facts(0.0, 1.0, 0.0, 100, 0.67), true),
            ("the same, and one line changed", facts(0.01, 0.99, 0.008, 96, 0.67), true),
            ("every other piece put right by another", facts(0.0, 0.44, 0.0, 66, 0.67), true),
            ("the same by one author", facts(0.0, 1.0, 0.0, 0, 0.0), true),
            ("pieces in many files at once, in turn", facts(0.9, 1.0, 0.0, 100, 0.67), true),
            ("a dump in pieces, and small edits in turn", facts(0.0, 0.77, 0.0, 100, 0.67), true),
            ("a team of eight", facts(0.27, 0.16, 0.194, 47, 0.87), false),
            ("a team of four", facts(0.17, 0.17, 0.057, 60, 0.74), false),
            ("file by file, in sessions", facts(0.13, 0.85, 0.005, 22, 0.67), false),
            ("files that five upload one by one", facts(0.06, 0.76, 0.005, 49, 0.8), false),
            ("one author who finishes each file", facts(0.0, 0.5, 0.01, 0, 0.0), false),
        ] {
            assert_eq!(facts.sum() >= ASKS, asks, "{name}: {:.2}", facts.sum());
        }
        let edits = Facts { largest: 0.75, middle: 3.0, ..facts(0.25, 0.0, 0.115, 97, 0.67) };
        assert!(edits.sum() >= ASKS && edits.in_words(31).starts_with("one commit has 75% of the work"));
        let uploaded = Facts { turns: 40, larger: 1, ..facts(0.0, 0.9, 0.0, 40, 0.67) };
        assert!(uploaded.sum() < ASKS, "who uploads one file and mends words in it: {:.2}", uploaded.sum());
        let mended = Facts { turns: 40, ..edits };
        assert!(mended.sum() < ASKS, "who uploads all and mends it later, in sessions: {:.2}", mended.sum());
    }

    /// One more line that is changed moves the sum by little, wherever it stands: no step buys points.
    #[test]
    fn a_fact_has_no_step() {
        let mut before = ramp(0.0, 0.15, 0.05);
        for thousandth in 1..=1_000 {
            let now = ramp(f64::from(thousandth) / 1_000.0, 0.15, 0.05);
            assert!((before - now).abs() <= 0.011, "{thousandth}");
            before = now;
        }
        assert!((ramp(0.9, 0.3, 0.8) - 1.0).abs() < 1e-9 && ramp(0.1, 0.3, 0.8).abs() < 1e-9);
    }
}
