//! Dates that are out of order or out of the ordinary: facts, whatever they come from.
//!
//! Git stores what it is told: a clock that is wrong, an import, a rebase, a commit made for another day. None of it can
//! be told from the other, and none of it is judged here.
//!
//! | kind | commits |
//! |---|---|
//! | `author-after-committer` | written after they were committed |
//! | `before-its-parent` | committed before a commit that they build on |
//! | `future` | dated after they were collected |
//! | `before-2005` | dated before git existed |
//! | `far-apart` | committed more than a week after they were written |
//! | `same-author-date` | three or more written in the same second |
//! | `same-committer-date` | five or more committed in the same second, as a rebase does |
//!
//! Up to five minutes of difference are the clocks'. Merges count for all but the last two kinds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use git2::Oid;

use super::super::dates::{CLOCKS_SECONDS, rfc3339};
use super::super::printed::EXAMPLES;
use super::super::record::Record;
use stackmark_evidence::closed::OddDate;
use stackmark_evidence::git::{DatedCommit, OddDates};

const WEEK_SECONDS: i64 = 7 * 86_400;
/// 2005-01-01 00:00:00 UTC: git's first commit is of that April.
const BEFORE_GIT: i64 = 1_104_537_600;
const SAME_AUTHOR_DATE: usize = 3;
const SAME_COMMITTER_DATE: usize = 5;

/// Odd dates by kind, in the order of the table above; `now` is in seconds since the epoch.
pub(super) fn odd_dates(commits: &[Record], now: i64) -> Vec<OddDates> {
    let committed: HashMap<Oid, i64> = commits.iter().map(|commit| (commit.id, commit.committed.seconds())).collect();
    let dates = |index: usize| (commits[index].authored.seconds(), commits[index].committed.seconds());
    let those = |is: &dyn Fn(usize) -> bool| (0..commits.len()).filter(|index| is(*index)).collect::<BTreeSet<usize>>();
    let after = |later: i64, earlier: i64, by: i64| later.saturating_sub(earlier) > by;

    let of = |kind: OddDate| match kind {
        OddDate::AuthorAfterCommitter => those(&|index| after(dates(index).0, dates(index).1, CLOCKS_SECONDS)),
        OddDate::BeforeItsParent => those(&|index| {
            let parents = commits[index].parents.iter().filter_map(|parent| committed.get(parent));
            parents.into_iter().any(|parent| after(*parent, dates(index).1, CLOCKS_SECONDS))
        }),
        OddDate::Future => those(&|index| after(dates(index).0.max(dates(index).1), now, CLOCKS_SECONDS)),
        OddDate::Before2005 => those(&|index| dates(index).0.min(dates(index).1) < BEFORE_GIT),
        OddDate::FarApart => those(&|index| after(dates(index).1, dates(index).0, WEEK_SECONDS)),
        OddDate::SameAuthorDate => same(commits, SAME_AUTHOR_DATE, |commit| commit.authored.seconds()),
        OddDate::SameCommitterDate => same(commits, SAME_COMMITTER_DATE, |commit| commit.committed.seconds()),
    };
    (OddDate::ALL.iter().map(|kind| (*kind, of(*kind))))
        .filter(|(_, found)| !found.is_empty())
        .map(|(kind, found)| OddDates {
            kind,
            commits: found.len() as u64,
            examples: found.iter().take(EXAMPLES).map(|index| dated(&commits[*index])).collect(),
        })
        .collect()
}

/// Commits, merges aside, that share a second with so many.
fn same(commits: &[Record], least: usize, second: impl Fn(&Record) -> i64) -> BTreeSet<usize> {
    let mut by_second: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (index, commit) in commits.iter().enumerate().filter(|(_, commit)| !commit.is_merge()) {
        by_second.entry(second(commit)).or_default().push(index);
    }
    by_second.into_values().filter(|those| those.len() >= least).flatten().collect()
}

fn dated(commit: &Record) -> DatedCommit {
    DatedCommit {
        commit: commit.id.to_string(),
        authored_at: rfc3339(commit.authored),
        committed_at: rfc3339(commit.committed),
    }
}
