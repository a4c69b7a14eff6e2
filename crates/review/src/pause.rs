//! When a marker pauses: what is made of all decisions is made then, and at last after a while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Nothing was decided for so long.
const PAUSE: Duration = Duration::from_secs(2);
/// The page is no older than this, even if nobody pauses.
const LONGEST: Duration = Duration::from_secs(30);

/// Whether anything was decided since the page was written.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Mutex<State>);

#[derive(Debug, Default)]
pub(crate) struct State {
    /// The first and the last decision that the page lacks.
    pub(crate) since: Option<(Instant, Instant)>,
    /// Why it could not be written.
    pub(crate) failed: Option<String>,
}

impl Waiting {
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, now: Instant) {
        let mut state = self.state();
        let first = state.since.map_or(now, |(first, _)| first);
        state.since = Some((first, now));
    }

    pub(crate) fn is_over(&self, now: Instant) -> bool {
        self.state().since.is_some_and(|(first, last)| {
            now.saturating_duration_since(last) >= PAUSE || now.saturating_duration_since(first) >= LONGEST
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_waits_for_a_pause_and_not_for_ever() {
        let waiting = Waiting::default();
        let start = Instant::now();
        assert!(!waiting.is_over(start + LONGEST), "nothing was decided");
        waiting.begin(start);
        assert!(!waiting.is_over(start) && waiting.is_over(start + PAUSE));
        // A decision a second never makes a pause.
        let second = Duration::from_secs(1);
        let mut now = start;
        while now < start + LONGEST {
            waiting.begin(now);
            assert!(!waiting.is_over(now + second / 2), "{:?}", now - start);
            now += second;
        }
        assert!(waiting.is_over(start + LONGEST));
    }
}
