//! What kept several items of a team open: one repository that could not be read is said once, and not at each of them.

use stackmark_evidence::Unreadable;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::{ItemScore, Verdict};
use stackmark_render::diff::ItemDiff;

use super::items;

/// Fewer items say it themselves.
const SEVERAL: usize = 3;

/// Failures that kept several items of one side open, with how many of those that moved.
#[derive(Default)]
pub(super) struct Shared(Vec<(Unreadable, usize)>);

impl Shared {
    /// Of the items of a card that are not the same in the other.
    pub(super) fn of(card: &Scorecard, other: &Scorecard) -> Self {
        let mut failures: Vec<(Unreadable, usize)> = Vec::new();
        let moved = items(card).filter(|item| super::item(other, &item.id).is_some_and(|same| same.mark != item.mark));
        for failure in moved.filter_map(failure) {
            match failures.iter_mut().find(|(known, _)| known == failure) {
                Some((_, count)) => *count += 1,
                None => failures.push((failure.clone(), 1)),
            }
        }
        failures.retain(|(_, count)| *count >= SEVERAL);
        Self(failures)
    }

    /// Whether what kept an item open is said for several at once.
    pub(super) fn says(&self, item: &ItemScore) -> bool {
        failure(item).is_some_and(|failure| self.0.iter().any(|(known, _)| known == failure))
    }

    /// A line for each, of items that were open before, or are now.
    pub(super) fn told(&self, changed: &[ItemDiff], before: bool) -> Vec<String> {
        let line = |(failure, count): &(Unreadable, usize)| match (*count == changed.len(), before) {
            (true, true) => format!("all {count} items were undetermined: {failure}"),
            (true, false) => format!("all {count} items are undetermined now: {failure}"),
            (false, true) => format!("{count} items were undetermined: {failure}"),
            (false, false) => format!("{count} items are undetermined now: {failure}"),
        };
        self.0.iter().map(line).collect()
    }
}

/// The one failure that keeps an item open; `None` where it is not, or several do.
fn failure(item: &ItemScore) -> Option<&Unreadable> {
    let mut failures = item.outcome.unreadable.iter().map(|missing| &missing.failure);
    let first = failures.next().filter(|_| item.outcome.verdict == Verdict::Undetermined)?;
    failures.all(|failure| failure == first).then_some(first)
}
