//! What should never have been committed, and what is odd about the history itself.

use serde::{Deserialize, Serialize};

use super::closed::{OddDate, WhyNotSearched};

/// What should never have been committed, in any graded commit, and what is odd about the history itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Hygiene {
    /// Secrets in any commit, redacted, each once: those that are still there first.
    pub secrets: Vec<Secret>,
    /// Files that do not belong in a repository, by kind.
    pub junk: Vec<Junk>,
    /// The largest files over 1 MB of any commit, at most ten, largest first.
    pub large: Vec<LargeFile>,
    /// How many paths ever held more than 1 MB.
    pub large_files: u64,
    /// Bytes of the largest version of each.
    pub large_bytes: u64,
    /// Dates that are out of order, by kind.
    pub dates: Vec<OddDates>,
    /// Files that no secret was looked for in although they are no libraries, by reason.
    pub not_searched: Vec<NotSearched>,
    /// Why only the graded commit was looked at, where the history could not be read.
    pub history_unread: Option<String>,
}

/// A secret, never in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Secret {
    /// `aws access key`, `aws secret key`, `aws session token`, `private key`, …
    pub kind: String,
    /// Where it was first: path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
    /// What it looks like with all but its type taken out.
    pub redacted: String,
    /// The first graded commit that holds it; `None` where it came with starter code or a merge, or the history could
    /// not be read: `path` and `line` are those of the graded commit then.
    pub commit: Option<String>,
    /// When that was committed, RFC 3339.
    pub committed_at: Option<String>,
    /// Whether the graded commit still holds it.
    pub still_there: bool,
    /// Where, at most five places; empty where it was taken out.
    pub places: Vec<Place>,
    /// A line says that it is invented, as `gitleaks:allow` does: whether it is, a person tells.
    #[serde(default, skip_serializing_if = "is_not")]
    pub marked: bool,
}

/// Left out of what is stored.
pub(crate) fn is_not(marked: &bool) -> bool {
    !marked
}

/// A line of a file of the graded commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Place {
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
}

/// Files that do not belong in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Junk {
    /// `virtual environment`, `terraform state`, `bytecode`, `editor settings`, `office lock file`, …
    pub kind: String,
    /// How many the graded commit holds.
    pub files: u64,
    /// Up to five of their paths.
    pub examples: Vec<String>,
    /// How many more paths earlier commits held.
    pub removed: u64,
    /// Up to five of them.
    pub removed_examples: Vec<String>,
}

/// A file over 1 MB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LargeFile {
    /// Path in the repository.
    pub path: String,
    /// Bytes of its largest version.
    pub bytes: u64,
    /// Why it is no source: `binary`, `data`, `vendored`, `generated`, `over 5 MB`, …
    pub reason: String,
    /// The first graded commit that holds that version; `None` where it came with starter code or a merge.
    pub commit: Option<String>,
    /// Whether the graded commit still holds the path.
    pub still_there: bool,
}

/// Dates of one odd kind: facts, whatever they come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OddDates {
    /// What is odd.
    pub kind: OddDate,
    /// How many commits.
    pub commits: u64,
    /// Up to five of them, newest first.
    pub examples: Vec<DatedCommit>,
}

/// A commit with its two dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct DatedCommit {
    /// Full object id.
    pub commit: String,
    /// Author date, RFC 3339 with its offset.
    pub authored_at: String,
    /// Committer date, RFC 3339 with its offset.
    pub committed_at: String,
}

/// Files that could not be searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct NotSearched {
    /// Why not.
    pub reason: WhyNotSearched,
    /// How many distinct paths.
    pub files: u64,
    /// Up to five of them.
    pub examples: Vec<String>,
}
