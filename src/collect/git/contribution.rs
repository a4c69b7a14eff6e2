//! Who did how much, and how evenly.
//!
//! **Work of a commit** = own lines added + ½ · own lines deleted, capped: up to 500 as it is, above that
//! `500 + 100·ln(1 + (work − 500)/100)`, so that one dump does not outweigh weeks. *Own lines* are lines of files that
//! count, without blank ones and without pure moves: a line that the same commit deletes in one place and adds in
//! another, white space aside, is nobody's work; closing braces and the like move with the block around them. Changes of
//! white space alone and renames are not even in the diff; merges have no lines.
//!
//! A commit's work is shared in equal parts by its author and the co-authors that its trailers name (bots aside). What
//! falls to someone who is no member is nobody's: shown, and kept out of the shares.
//!
//! **Share** `s_m` = the member's work ÷ the members' work. **Evenness** `E = 1 − (½·Σ|s_m − 1/n|) / (1 − 1/n)` over the
//! roster's n members, absent ones with 0; 1 for a team of one. ½·Σ|s_m − 1/n| is the part of the work that would have
//! had to change hands.
//!
//! Source: the work ledger of the project's definition of contribution. `added` and `deleted` are the author's, without
//! any of these deductions: they equal `git log --numstat -M -w --no-merges` over the files that count.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::dates::zoned;
use super::diff::{CommitDiff, LineKind};
use super::identities::{Identities, co_authors_in, is_bot};
use super::rounded;
use super::walk::{History, Record};
use super::words::{Word, hash_bytes};
use crate::evidence::git::{Contribution, Day, Excluded, MemberShare, Person, UnmappedAuthor};
use crate::evidence::{Cause, Reading, Team};

/// Work of a commit up to here counts as it is.
const CAP: f64 = 500.0;
/// How slowly the rest grows.
const CAP_SCALE: f64 = 100.0;
/// A line with fewer letters and digits (`}`, `else:` without its block) is no sign of a move by itself.
const MIN_SUBSTANCE: usize = 5;
const EXAMPLES: usize = 5;

/// Lines of a commit that are its author's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct OwnLines {
    pub(super) added: u64,
    pub(super) deleted: u64,
}

impl OwnLines {
    /// Lines that are neither blank nor moved within the commit.
    pub(super) fn of(diff: &CommitDiff) -> Self {
        let runs = runs_of(diff);
        let mut unmatched: [HashMap<Word, u64>; 2] = [HashMap::new(), HashMap::new()];
        for run in &runs {
            for line in run.lines.iter().filter(|line| line.has_substance) {
                *unmatched[usize::from(run.added)].entry(line.hash).or_default() += 1;
            }
        }
        // What one side has, the other may claim as moved, as often as it is there.
        let mut own = Self::default();
        for run in &runs {
            let claimable = &mut unmatched[usize::from(!run.added)];
            let (mut substantial, mut moved) = (0_u64, 0_u64);
            for line in run.lines.iter().filter(|line| line.has_substance) {
                substantial += 1;
                if let Some(left) = claimable.get_mut(&line.hash).filter(|left| **left > 0) {
                    *left -= 1;
                    moved += 1;
                }
            }
            let slight = run.lines.len() as u64 - substantial;
            let slight_moved = if moved > 0 && moved * 2 >= substantial { slight } else { 0 };
            let lines = run.lines.len() as u64 - moved - slight_moved;
            if run.added {
                own.added += lines;
            } else {
                own.deleted += lines;
            }
        }
        own
    }

    /// Added + ½ deleted, capped.
    pub(super) fn work(self) -> f64 {
        let work = self.added as f64 + 0.5 * self.deleted as f64;
        if work <= CAP { work } else { CAP + CAP_SCALE * ((work - CAP) / CAP_SCALE).ln_1p() }
    }
}

/// Lines that were added, or deleted, one after the other.
struct Run {
    added: bool,
    lines: Vec<RunLine>,
}

struct RunLine {
    hash: Word,
    has_substance: bool,
}

fn runs_of(diff: &CommitDiff) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for hunk in diff.files.iter().flat_map(|file| &file.hunks) {
        let mut previous = LineKind::Context;
        for line in &hunk.lines {
            let kind = std::mem::replace(&mut previous, line.kind);
            if line.kind == LineKind::Context {
                continue;
            }
            if kind != line.kind {
                runs.push(Run { added: line.kind == LineKind::Added, lines: Vec::new() });
            }
            let bare: Vec<u8> = line.text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            if bare.is_empty() {
                continue;
            }
            let substance = bare.iter().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()).count();
            let line = RunLine { hash: hash_bytes(&bare), has_substance: substance >= MIN_SUBSTANCE };
            if let Some(run) = runs.last_mut() {
                run.lines.push(line);
            }
        }
    }
    runs
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

#[derive(Debug, Clone, Default)]
struct Ledger {
    commits: u64,
    co_authored: u64,
    added: u64,
    deleted: u64,
    work: f64,
    days: BTreeMap<String, u64>,
    weeks: BTreeSet<(i16, i8)>,
}

/// Both ledgers of all members, and what is nobody's.
///
/// `Absent` where no work counts at all; `Unreadable` where there is work and none of it is a member's, because then it
/// is the identities that are unknown, not the work that is missing.
pub(super) fn measure(history: &History, owners: &[Owners], team: &Team) -> Reading<Contribution> {
    let mut ledgers = vec![Ledger::default(); team.members.len()];
    let mut unmapped: BTreeMap<(String, String), UnmappedAuthor> = BTreeMap::new();
    for (commit, owners) in history.commits.iter().zip(owners).filter(|(commit, _)| !commit.is_merge()) {
        let part = commit.change.own.work() / owners.count() as f64;
        match owners.author {
            Some(author) => {
                let ledger = &mut ledgers[author];
                ledger.commits += 1;
                ledger.added += commit.change.added();
                ledger.deleted += commit.change.deleted();
                ledger.work += part;
                let day = zoned(commit.authored);
                *ledger.days.entry(day.strftime("%Y-%m-%d").to_string()).or_default() += 1;
                let week = day.date().iso_week_date();
                ledger.weeks.insert((week.year(), week.week()));
            }
            None => {
                let author = unmapped_entry(&mut unmapped, &commit.author);
                author.commits += 1;
                author.work += part;
            }
        }
        for member in &owners.co_authors {
            ledgers[*member].co_authored += 1;
            ledgers[*member].work += part;
        }
        for person in &owners.unmapped_co_authors {
            unmapped_entry(&mut unmapped, person).work += part;
        }
    }

    let of_members: f64 = ledgers.iter().map(|ledger| ledger.work).sum();
    let of_nobody: f64 = unmapped.values().map(|author| author.work).sum();
    if of_members <= 0.0 {
        return without_members_work(of_nobody, unmapped.len());
    }
    let shares: Vec<f64> = ledgers.iter().map(|ledger| ledger.work / of_members).collect();
    let (evenness, would_change_hands) = evenness(&shares);
    let members = (team.members.iter().zip(&ledgers).zip(&shares))
        .map(|((member, ledger), share)| MemberShare {
            member: member.id.clone(),
            name: member.name.clone(),
            commits: ledger.commits,
            co_authored: ledger.co_authored,
            added: ledger.added,
            deleted: ledger.deleted,
            work: rounded(ledger.work),
            share: rounded(*share),
            active_days: ledger.days.len() as u64,
            active_weeks: ledger.weeks.len() as u64,
            days: ledger.days.iter().map(|(date, commits)| Day { date: date.clone(), commits: *commits }).collect(),
        })
        .collect();
    let mut unmapped: Vec<UnmappedAuthor> = unmapped.into_values().collect();
    for author in &mut unmapped {
        author.work = rounded(author.work);
    }
    // Stable, so that equals stay in the order of their names.
    unmapped.sort_by(|a, b| b.work.total_cmp(&a.work));
    Reading::observed(Contribution {
        members,
        unmapped,
        unmapped_share: rounded(of_nobody / (of_members + of_nobody)),
        evenness: rounded(evenness),
        would_change_hands: rounded(would_change_hands),
        excluded: excluded(history),
    })
}

fn unmapped_entry<'m>(
    unmapped: &'m mut BTreeMap<(String, String), UnmappedAuthor>,
    person: &Person,
) -> &'m mut UnmappedAuthor {
    let key = (person.name.clone(), person.email.to_lowercase());
    unmapped.entry(key).or_insert_with(|| UnmappedAuthor { person: person.clone(), commits: 0, work: 0.0 })
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
    for file in history.commits.iter().flat_map(|commit| &commit.change.excluded).chain(&history.elsewhere) {
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
    use super::super::diff::{FileDiff, Hunk, Line, Status};
    use super::*;

    fn diff(lines: &str) -> CommitDiff {
        let line = |text: &str| {
            let kind = match text.chars().next() {
                Some('+') => LineKind::Added,
                Some('-') => LineKind::Deleted,
                _ => LineKind::Context,
            };
            Line { kind, text: text.get(1..).unwrap_or_default().to_owned() }
        };
        let hunk = Hunk { start: 1, header: String::new(), lines: lines.lines().map(line).collect() };
        let path = "a.py".to_owned();
        let file = FileDiff { old_path: path.clone(), path, status: Status::Modified, hunks: vec![hunk] };
        CommitDiff { files: vec![file], excluded: Vec::new() }
    }

    #[test]
    fn moved_blocks_and_blank_lines_are_nobodys_work() {
        let moved =
            "-def start(cluster):\n-    boot(cluster)\n-}\n x = 1\n+  def start(cluster):\n+    boot(cluster)\n+}\n";
        assert_eq!(OwnLines::of(&diff(moved)), OwnLines { added: 0, deleted: 0 });
        assert_eq!(OwnLines::of(&diff("+\n+   \n+value = 12\n")), OwnLines { added: 1, deleted: 0 });
        let rewritten = "-old_value = compute(1)\n-}\n+new_value = measure(2)\n+}\n";
        assert_eq!(OwnLines::of(&diff(rewritten)), OwnLines { added: 2, deleted: 2 });
    }

    #[test]
    fn a_line_moves_only_as_often_as_it_was_there() {
        let copied = "-import boto3\n x\n+import boto3\n+import boto3\n+import boto3\n";
        assert_eq!(OwnLines::of(&diff(copied)), OwnLines { added: 2, deleted: 0 });
    }

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
