//! Where a team's work is.

use serde::{Deserialize, Serialize};

use crate::Mailmap;

/// Where a team's work is, as the roster says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RepositorySource {
    /// `https://`, `ssh://`, `git@host:path`, `file://`, a path, or a bundle file.
    pub location: String,
    /// `None` takes the repository's default branch.
    pub branch: Option<String>,
    /// Grades this commit whatever the deadline.
    pub commit: Option<String>,
    /// Starter code: this commit and its ancestors are nobody's work.
    pub base_commit: Option<String>,
    /// Seconds since the epoch; later commits are not graded.
    pub deadline: Option<i64>,
    /// When the work is due, if that is another moment than the deadline above; seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<i64>,
    /// Paths that count whatever their names say: patterns from the repository's root.
    pub counts: Vec<String>,
    /// Paths that do not count: patterns from the repository's root.
    pub ignore: Vec<String>,
    /// Open the repository where it lies and read its `HEAD`, instead of cloning it: for a student's own working copy.
    pub in_place: bool,
    /// Path of the report from the repository's root; without it, the report is looked for.
    pub report: Option<String>,
    /// `--allow-private`: a forge's redirects may lead to private addresses.
    pub allow_private: bool,
    /// The instructor's mailmap: whose the authors are that the roster does not know.
    pub mailmap: Mailmap,
    /// Commits that earlier collections saw and that are dated later than that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
}

/// A commit that a collection saw: it was made by then, whatever its date says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Full object id.
    pub commit: String,
    /// When it was seen, seconds since the epoch.
    pub at: i64,
}
