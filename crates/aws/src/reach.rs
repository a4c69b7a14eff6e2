//! How far the search for the team's resources goes.

use std::sync::Arc;

use super::owner::{carries, claimed};
use super::session::Session;
use stackmark_evidence::aws::Tags;

/// How far the search goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach<'a> {
    /// The tags; empty where none are asked for.
    pub(super) tags: &'a Tags,
    /// Whether everything in the account belongs.
    pub(super) whole_account: bool,
    /// Whether the account is the team's own, where nothing of a kind carries the tags.
    pub(super) own_account: bool,
    /// The account that is read.
    pub(super) account: &'a str,
    /// Sessions of other regions than the one that is read.
    pub(super) billing: &'a Arc<Session>,
}

impl Reach<'_> {
    /// Whether a resource belongs that has these tags and is, or is not, tied to one that does.
    pub(super) fn takes(&self, tags: &Tags, tied: bool) -> bool {
        self.whole_account || carries(tags, self.tags) || (tied && !claimed(tags, self.tags))
    }
}
