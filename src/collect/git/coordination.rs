//! How the members worked together.
//!
//! Each figure is counted from commits alone and says what it says: git knows nothing of a call, a shared screen or a
//! review on the forge. Source: no formula, plain counts; the definitions stand at the fields of
//! [`crate::evidence::git::Coordination`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use git2::{Oid, Repository};
use regex::Regex;

use super::contribution::Owners;
use super::dates::zoned;
use super::diff::Status;
use super::walk::{History, Record};
use super::{regex, rounded};
use crate::evidence::git::Coordination;
use crate::evidence::{Cause, Reading, Team, Unreadable};

const DAY_SECONDS: i64 = 86_400;

static MERGED_BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^Merge(?:d)? (?:remote-tracking )?branch(?:es)? '([^']+)'(?: of \S+)?(?: into '?([^'\s]+)'?)?|^Merge pull request #\d+ from [^/\s]+/(\S+)|^Merged in (\S+) \(pull request #\d+\)|^Merge commit '([^']+)'",
    )
});
static PULL_REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\([#!]\d+\)$|^Merge pull request #\d+|^Merged in \S+ \(pull request #\d+\)|^Merged PR \d+")
});
static MERGE_REQUEST: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^See merge request \S*!\d+"));

/// Counts; `Absent` where there is no commit to count but merges.
///
/// # Errors
/// `Malformed` where a merge's history cannot be walked.
pub(super) fn measure(
    repo: &Repository,
    history: &History,
    owners: &[Owners],
    team: &Team,
) -> Result<Reading<Coordination>, Unreadable> {
    if history.commits.iter().all(Record::is_merge) {
        return Ok(Reading::absent("the history has no commit but merges"));
    }
    let pairs = || history.commits.iter().zip(owners);
    let single = || pairs().filter(|(commit, _)| !commit.is_merge());
    let authors: HashMap<Oid, Option<usize>> = pairs().map(|(commit, owners)| (commit.id, owners.author)).collect();

    let mut merges_of_others = 0;
    for (commit, owners) in pairs().filter(|(commit, _)| commit.is_merge()) {
        let Some(merger) = owners.author else { continue };
        let merged = merged_by(repo, commit).map_err(|error| {
            Unreadable::new(Cause::Malformed, format!("merge {} cannot be walked: {}", commit.id, error.message()))
        })?;
        // What is outside the graded history (before the base) is nobody's.
        let merged: Vec<Option<usize>> = merged.iter().filter_map(|id| authors.get(id).copied()).collect();
        if !merged.is_empty() && merged.iter().all(|author| *author != Some(merger)) {
            merges_of_others += 1;
        }
    }

    let active: BTreeSet<usize> =
        single().flat_map(|(_, owners)| owners.author.into_iter().chain(owners.co_authors.iter().copied())).collect();
    let days: BTreeSet<jiff::civil::Date> = single().map(|(commit, _)| zoned(commit.authored).date()).collect();
    let weeks: BTreeSet<(i16, i8)> =
        days.iter().map(|day| (day.iso_week_date().year(), day.iso_week_date().week())).collect();
    let span = days.first().zip(days.last()).and_then(|(first, last)| first.until(*last).ok());
    Ok(Reading::observed(Coordination {
        commits: single().count() as u64,
        merges: pairs().count() as u64 - single().count() as u64,
        merges_of_others,
        co_authored: single()
            .filter(|(_, owners)| !owners.co_authors.is_empty() || !owners.unmapped_co_authors.is_empty())
            .count() as u64,
        members_active: active.len() as u64,
        members: team.members.len() as u64,
        branches: branches(repo, history)?,
        pull_requests: history.commits.iter().filter(|commit| is_pull_request(commit)).count() as u64,
        active_days: days.len() as u64,
        active_weeks: weeks.len() as u64,
        span_days: span.map_or(0, |span| u64::from(span.get_days().unsigned_abs()) + 1),
        last_day_share: last_day_share(history),
        shared_files_share: shared_files_share(history, owners),
    }))
}

/// Commits that a merge brought in: reachable from its other parents and not from its first.
fn merged_by(repo: &Repository, merge: &Record) -> Result<Vec<Oid>, git2::Error> {
    let mut walk = repo.revwalk()?;
    for parent in merge.parents.iter().skip(1) {
        walk.push(*parent)?;
    }
    if let Some(first) = merge.parents.first() {
        walk.hide(*first)?;
    }
    walk.collect()
}

fn branches(repo: &Repository, history: &History) -> Result<Vec<String>, Unreadable> {
    let names = crate::collect::repo::branch_names(repo)
        .map_err(|error| Unreadable::new(Cause::Malformed, format!("branches: {}", error.message())))?;
    let mut all: BTreeSet<String> = names.iter().map(|name| super::walk::printable(name)).collect();
    for found in history.commits.iter().filter_map(|commit| MERGED_BRANCH.captures(&commit.subject)) {
        for name in found.iter().skip(1).flatten() {
            all.insert(name.as_str().trim_start_matches("origin/").to_owned());
        }
    }
    Ok(all.into_iter().collect())
}

fn is_pull_request(commit: &Record) -> bool {
    PULL_REQUEST.is_match(&commit.subject) || MERGE_REQUEST.is_match(&commit.body)
}

fn last_day_share(history: &History) -> f64 {
    let work = |commit: &&Record| commit.change.own.work();
    let last = history.commits.iter().map(|commit| commit.authored.seconds()).max().unwrap_or(0);
    let total: f64 = history.commits.iter().map(|commit| work(&commit)).sum();
    let late: f64 = (history.commits.iter())
        .filter(|commit| commit.authored.seconds() > last.saturating_sub(DAY_SECONDS))
        .map(|commit| work(&commit))
        .sum();
    if total > 0.0 { rounded(late / total) } else { 0.0 }
}

/// Of the files that were changed twice or more, the part that two or more members changed; renames are followed.
fn shared_files_share(history: &History, owners: &[Owners]) -> f64 {
    // Newest first: an older commit knows a file by the name that it had then.
    let mut now: HashMap<String, String> = HashMap::new();
    let mut changes: BTreeMap<String, (u64, BTreeSet<usize>)> = BTreeMap::new();
    for (commit, owners) in history.commits.iter().zip(owners) {
        for file in &commit.change.files {
            let name = now.get(&file.path).cloned().unwrap_or_else(|| file.path.clone());
            let (count, members) = changes.entry(name.clone()).or_default();
            *count += 1;
            members.extend(owners.author.iter().chain(&owners.co_authors));
            if file.status == Status::Renamed {
                now.insert(file.old_path.clone(), name);
            }
        }
    }
    let often: Vec<_> = changes.values().filter(|(count, _)| *count >= 2).collect();
    let shared = often.iter().filter(|(_, members)| members.len() >= 2).count();
    if often.is_empty() { 0.0 } else { rounded(shared as f64 / often.len() as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branch_names_are_read_from_merge_messages() {
        let names = |subject: &str| -> Vec<String> {
            let found = MERGED_BRANCH.captures(subject);
            found.iter().flat_map(|f| f.iter().skip(1).flatten().map(|m| m.as_str().to_owned())).collect()
        };
        assert_eq!(names("Merge branch 'alb' into main"), ["alb", "main"]);
        assert_eq!(names("Merge branch 'main' of https://forge.example/t/r"), ["main"]);
        assert_eq!(names("Merge pull request #7 from team/feature/alb"), ["feature/alb"]);
        assert_eq!(names("Merge remote-tracking branch 'origin/dev'"), ["origin/dev"]);
        assert!(names("Merge the two scripts").is_empty());
    }

    #[test]
    fn pull_requests_leave_their_number() {
        for (subject, is) in
            [("Add ALB (#12)", true), ("Merge pull request #3 from a/b", true), ("Fix #12 at last", false)]
        {
            assert_eq!(PULL_REQUEST.is_match(subject), is, "{subject}");
        }
    }
}
