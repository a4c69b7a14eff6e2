//! Whose a resource is, as far as its tags tell.

use super::slips;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::Tags;

/// Whether `tags` has all of `wanted`.
pub(super) fn carries(tags: &Tags, wanted: &Tags) -> bool {
    wanted.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// Whether `tags` says that the resource is somebody else's.
///
/// A value that is the wanted one but for case, blanks or the form of its accents is a slip and nobody else's claim.
pub(super) fn claimed(tags: &Tags, wanted: &Tags) -> bool {
    wanted.iter().any(|(key, value)| tags.get(key).is_some_and(|other| !slips::same(other, value)))
}

/// A table whose rows cannot be told apart because another could not be read.
pub(super) fn doubtful(gap: Unreadable) -> Unreadable {
    Unreadable::new(gap.cause, format!("which untagged resources belong to the team cannot be told: {}", gap.detail))
}
