//! Whose turn it is: how many requests of one account are under way at once, whatever its regions and services.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// The turns of one account. There is always at least one.
#[derive(Debug)]
pub(super) struct Turns {
    permits: Semaphore,
    /// Permits that there are, free or not.
    there: AtomicUsize,
}

/// One request's turn, given back when it is dropped.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    permit: Option<SemaphorePermit<'a>>,
}

impl Turns {
    pub(super) fn new(at_once: usize) -> Self {
        let at_once = at_once.max(1);
        Self { permits: Semaphore::new(at_once), there: AtomicUsize::new(at_once) }
    }

    /// Waits for a turn.
    pub(super) async fn wait(&self) -> Turn<'_> {
        // The semaphore is never closed, so that waiting cannot fail.
        Turn { turns: self, permit: self.permits.acquire().await.ok() }
    }
}

impl Turn<'_> {
    /// Ends the turn of a request that was throttled: from now on one fewer goes out at the same time, and never none.
    pub(super) fn end_throttled(self) {
        let fewer = |now: usize| (now > 1).then(|| now - 1);
        if let Some(permit) = self.permit
            && self.turns.there.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok()
        {
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn throttled_requests_make_fewer_turns_and_leave_one() {
        let turns = Turns::new(3);
        for left in [2, 1, 1, 1] {
            turns.wait().await.end_throttled();
            assert_eq!(turns.permits.available_permits(), left);
        }
        drop(turns.wait().await);
        assert_eq!(turns.permits.available_permits(), 1);
        assert_eq!(Turns::new(0).permits.available_permits(), 1);
    }
}
