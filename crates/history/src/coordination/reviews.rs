//! Who looked at whose work, as far as commits show it.
//!
//! Three things show it: a `Reviewed-by`, `Approved-by` or `Acked-by` trailer that names a member; a merge by a member
//! who made none of what it brought in; and a commit with a pull request's number that another member than its authors
//! committed. What a forge keeps to itself, an approval by a click, does not stand in the history.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::super::identities::{Identities, is_forge, reviewers_in};
use super::super::record::Record;
use super::super::regex;
use stackmark_evidence::closed::ReviewSign;
use stackmark_evidence::git::{Person, Review};

static PULL_REQUEST: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\([#!]\d+\)$|^Merge pull request (?:#\d+|'.*' \([#!]\d+\) from )|^Merged in \S+ \(pull request #\d+\)|^Merged PR \d+",
    )
});
static MERGE_REQUEST: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^See merge request \S*!\d+"));

/// Whether a commit says that it comes from a pull or merge request, or merges one.
pub(in super::super) fn says_pull_request(commit: &Record) -> bool {
    PULL_REQUEST.is_match(&commit.subject) || MERGE_REQUEST.is_match(&commit.body)
}

/// Whether nothing but its message says that a commit comes from a pull request: anyone can type a number.
pub(in super::super) fn only_claims_pull_request(commit: &Record) -> bool {
    says_pull_request(commit) && !commit.is_merge() && !is_of_forge(commit)
}

/// Whether a forge made a commit: its name alone is a question where it signs what it commits.
fn is_of_forge(commit: &Record) -> bool {
    is_forge(&commit.committer) && !commit.only_claims_github()
}

/// Pull and merge requests, by what speaks for them.
#[derive(Debug, Default)]
pub(super) struct PullRequests {
    /// A merge of somebody else's work, or the forge's own signature.
    pub(super) shown: u64,
    /// The message alone, and anyone can type a number.
    pub(super) claimed: u64,
}

impl PullRequests {
    /// Takes in a commit that is somebody's work.
    pub(super) fn look_at(&mut self, commit: &Record) {
        self.take(commit, false);
    }

    /// Takes in a merge of what `authors` did, made by `merger`: who merges own work needs no pull request for it.
    pub(super) fn look_at_merge(&mut self, commit: &Record, authors: &BTreeSet<Option<usize>>, merger: Option<usize>) {
        self.take(commit, !authors.contains(&merger));
    }

    fn take(&mut self, commit: &Record, is_by_another: bool) {
        let is_shown = is_by_another || is_of_forge(commit);
        self.shown += u64::from(is_shown && says_pull_request(commit));
        self.claimed += u64::from(!is_shown && says_pull_request(commit));
    }
}

/// Reviews as they are found, newest first.
#[derive(Debug, Default)]
pub(super) struct Reviews {
    /// Commits and merges.
    pub(super) commits: u64,
    /// Reviewer, author, sign → how many, and the newest.
    by_pair: BTreeMap<(usize, usize, ReviewSign), (u64, String)>,
    given: BTreeMap<usize, u64>,
    received: BTreeMap<usize, u64>,
}

impl Reviews {
    /// Looks for reviews of `commit`; `authors` made it, or what it merged, and `merger` is who is to be taken for its
    /// reviewer where it is a merge of others' work.
    pub(super) fn look_at(
        &mut self,
        commit: &Record,
        authors: &BTreeSet<Option<usize>>,
        merger: Option<usize>,
        identities: &Identities,
    ) {
        let mut found: BTreeMap<usize, ReviewSign> = BTreeMap::new();
        let known = |person: &Person| identities.member_of(person).is_some();
        for person in reviewers_in(&commit.body, &known) {
            found.extend(identities.member_of(&person).map(|reviewer| (reviewer, ReviewSign::Trailer)));
        }
        if let Some(merger) = merger {
            found.entry(merger).or_insert(ReviewSign::Merge);
        }
        if !commit.is_merge()
            && says_pull_request(commit)
            && let Some(committer) = identities.member_of(&commit.committer)
        {
            found.entry(committer).or_insert(ReviewSign::Committer);
        }
        found.retain(|reviewer, _| !authors.contains(&Some(*reviewer)));
        if found.is_empty() || authors.is_empty() {
            return;
        }
        self.commits += 1;
        for author in authors.iter().flatten() {
            *self.received.entry(*author).or_default() += 1;
        }
        for (reviewer, sign) in found {
            *self.given.entry(reviewer).or_default() += 1;
            for author in authors.iter().flatten() {
                let newest = || (0, commit.id.to_string());
                self.by_pair.entry((reviewer, *author, sign)).or_insert_with(newest).0 += 1;
            }
        }
    }

    /// How many reviews a member gave, and how many of the member's commits others gave one.
    pub(super) fn of_member(&self, member: usize) -> (u64, u64) {
        let of = |counts: &BTreeMap<usize, u64>| counts.get(&member).copied().unwrap_or(0);
        (of(&self.given), of(&self.received))
    }

    /// By who looked at whose work, most first.
    pub(super) fn listed(&self, identities: &Identities) -> Vec<Review> {
        let mut listed: Vec<Review> = (self.by_pair.iter())
            .map(|((reviewer, author, sign), (commits, example))| Review {
                reviewer: identities.id(*reviewer),
                author: identities.id(*author),
                shown_by: *sign,
                commits: *commits,
                example: example.clone(),
            })
            .collect();
        // Stable: equals stay in the roster's order.
        listed.sort_by_key(|review| std::cmp::Reverse(review.commits));
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pull_requests_leave_their_number() {
        for (subject, is) in [
            ("Add ALB (#12)", true),
            ("Merge pull request #3 from a/b", true),
            ("Merge pull request 'Add the ALB' (#3) from alb into main", true),
            ("Merge pull request 'Say \"it's up\"' (!4) from probe into main", true),
            ("Merge pull request of Ada into main", false),
            ("Fix #12 at last", false),
        ] {
            assert_eq!(PULL_REQUEST.is_match(subject), is, "{subject}");
        }
    }
}
