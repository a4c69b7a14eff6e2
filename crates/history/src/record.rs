//! What is kept of a history: its commits, and of each what it changed.

use git2::{Oid, Time};

use super::diff::{ExcludedFile, Status};
use super::diff_words::DiffWords;
use super::identities::is_github;
use super::lines::Passage;
use super::merge::{MergedFile, Source};
use super::units::Unit;
use super::words::Word;
use stackmark_collect::redact::SecretHit;
use stackmark_evidence::git::Person;

/// Work of a commit up to here counts as it is.
const CAP: f64 = 500.0;
/// How slowly the rest grows.
const CAP_SCALE: f64 = 100.0;

/// All commits reachable from the graded one and not from the base, newest first.
#[derive(Debug)]
pub(super) struct History {
    /// Those that have to do with the graded folder.
    pub(super) commits: Vec<Record>,
    /// The others, all of whose changes are outside of it.
    pub(super) elsewhere: Vec<Record>,
    /// How all of them hang together.
    pub(super) lineage: Vec<Node>,
}

/// A commit among the others.
#[derive(Debug)]
pub(super) struct Node {
    /// Places of its parents in the lineage; `None` where a parent is not graded.
    pub(super) parents: Vec<Option<usize>>,
    /// Its place in [`History::commits`]; `None` where it has nothing to do with the graded folder.
    pub(super) record: Option<usize>,
}

/// One commit.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: Oid,
    pub(super) parents: Vec<Oid>,
    pub(super) author: Person,
    pub(super) committer: Person,
    pub(super) authored: Time,
    pub(super) committed: Time,
    /// Whether it carries a signature that names GitHub's key.
    pub(super) is_signed_by_github: bool,
    /// First line of the message.
    pub(super) subject: String,
    /// The rest.
    pub(super) body: String,
    /// What it changed; nothing for a merge.
    pub(super) change: Change,
    /// Whether it changes what a file of the graded folder holds, counted or not; a merge does not.
    pub(super) changes: bool,
    /// Whether all that it changed is outside the graded folder.
    pub(super) elsewhere: bool,
    /// Its place in the lineage.
    pub(super) place: usize,
}

/// What is kept of a commit's diff: counts and words, not the text.
#[derive(Debug, Default)]
pub(super) struct Change {
    pub(super) files: Vec<FileChange>,
    pub(super) excluded: Vec<ExcludedFile>,
    /// Its lines that are work; known once the whole history is read.
    pub(super) own: OwnLines,
    /// The changed lines of each file.
    pub(super) passages: Vec<Vec<Passage>>,
    /// Files that a merge leaves otherwise than its first parent had them.
    pub(super) merged: Vec<MergedFile>,
    pub(super) units: Vec<Unit>,
    /// Identifiers on changed lines, each once.
    pub(super) identifiers: Vec<Word>,
    /// Their parts, each once.
    pub(super) identifier_parts: Vec<Word>,
    pub(super) words: DiffWords,
    /// On lines that it added.
    pub(super) secrets: Vec<Sighting>,
}

/// One file that counts.
#[derive(Debug)]
pub(super) struct FileChange {
    pub(super) path: String,
    pub(super) old_path: String,
    pub(super) status: Status,
    /// Its content before, where it had one.
    pub(super) old_id: Option<Oid>,
    /// The version that `git blame` would follow instead.
    pub(super) likeness: Option<Source>,
    pub(super) added: u64,
    pub(super) deleted: u64,
}

/// GitHub has signed everything that it commits since then, 2017-11-01: 3,180 of 3,181 commits of 24 repositories.
const GITHUB_SIGNS_SINCE: i64 = 1_509_494_400;

impl Record {
    pub(super) fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }

    /// Whether it has GitHub's name as committer and not the signature that GitHub puts below what it commits: none, or one
    /// by another key. Anyone can type that name; a rewrite of the history takes the signature away as well.
    pub(super) fn only_claims_github(&self) -> bool {
        !self.is_signed_by_github && is_github(&self.committer) && self.committed.seconds() >= GITHUB_SIGNS_SINCE
    }

    /// The whole message.
    pub(super) fn message(&self) -> String {
        if self.body.is_empty() { self.subject.clone() } else { format!("{}\n{}", self.subject, self.body) }
    }
}

impl Change {
    pub(super) fn added(&self) -> u64 {
        self.files.iter().map(|file| file.added).sum()
    }

    pub(super) fn deleted(&self) -> u64 {
        self.files.iter().map(|file| file.deleted).sum()
    }

    /// Lines added and deleted.
    pub(super) fn lines(&self) -> u64 {
        self.added() + self.deleted()
    }
}

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

/// A secret on a line that a commit added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) path: String,
    pub(super) hit: SecretHit,
}
