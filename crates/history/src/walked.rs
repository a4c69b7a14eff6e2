//! A history that is read once for all that is asked of it: who its people are, and what they did.

use git2::Repository;

use super::identities::Mailmap;
use super::measure::{measure_walked, members_by, members_from_history_with};
use super::record::{History, Record};
use super::walk;
use stackmark_collect::Progress;
use stackmark_collect::counting::Counting;
use stackmark_evidence::git::{GitEvidence, Head};
use stackmark_evidence::{Member, Team, Unreadable};

/// The commits that are reachable from a graded one and not from the base, each read and diffed.
pub struct Walked<'a> {
    pub(super) repo: &'a Repository,
    pub(super) head: &'a Head,
    pub(super) base_commit: Option<&'a str>,
    pub(super) folder: Option<&'a str>,
    pub(super) counting: &'a Counting,
    /// Or why it cannot be read, which every measure says.
    pub(super) history: Result<History, Unreadable>,
}

impl<'a> Walked<'a> {
    /// Reads what is reachable from `head` and not from `base_commit`; `folder` is graded, and what counts in it is known.
    pub fn read(
        repo: &'a Repository,
        head: &'a Head,
        base_commit: Option<&'a str>,
        folder: Option<&'a str>,
        counting: &'a Counting,
        progress: &dyn Progress,
    ) -> Self {
        progress.step("reading the history");
        let history = walk::read_counted(repo, &head.commit, base_commit, folder, counting, progress);
        Self { repo, head, base_commit, folder, counting, history }
    }

    /// Its people, as [`members_from_history_with`] finds them.
    ///
    /// # Errors
    /// As there.
    pub fn members(&self, mailmap: &Mailmap) -> Result<Vec<Member>, Unreadable> {
        let Self { repo, head, base_commit, folder, .. } = *self;
        let Ok(history) = &self.history else {
            // Who they are is in the commits that can be read.
            return members_from_history_with(repo, head, base_commit, folder, mailmap);
        };
        let mut commits: Vec<&Record> = history.commits.iter().chain(&history.elsewhere).collect();
        commits.sort_by_key(|commit| commit.place);
        members_by(repo, head, mailmap, commits.into_iter().map(|commit| (commit.id, commit.changes)))
    }

    /// What `team` did. `source` and `head` of the result are left to the caller.
    ///
    /// Under `head`, the result's `set_aside` has what other branches hold and nothing that is read at the graded commit
    /// has; the caller adds it to the head.
    pub fn measure(self, team: &Team, mailmap: &Mailmap, progress: &dyn Progress) -> GitEvidence {
        measure_walked(self, team, mailmap, progress)
    }
}
