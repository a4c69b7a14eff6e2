//! What a load may still do: its ceiling, and its patience with a target that fails.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Failures in a row after which a load backs off; as many as are under way at once, where that is more.
const ROW: u64 = 10;
/// How often a load backs off before it gives up; each time for twice as long.
const BACK_OFFS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Shared by all workers of a load.
#[derive(Debug)]
pub(super) struct Pace {
    /// When the first request was due.
    pub(super) started: Instant,
    /// When the load ends, whatever is still to be sent.
    pub(super) ends: Instant,
    seconds: u64,
    taken: AtomicU64,
    most: u64,
    /// Workers with this number or a higher one are to end.
    active: AtomicU64,
    row: AtomicU64,
    stopped: AtomicBool,
    answered: AtomicBool,
    first_pause: Duration,
    trouble: Mutex<Trouble>,
}

#[derive(Debug, Default)]
struct Trouble {
    back_offs: u32,
    paused_until: Option<Instant>,
    /// Why the load was cut short; the first reason stays.
    why: Option<String>,
}

impl Pace {
    pub(super) fn new(most: u64, workers: u64, seconds: u64) -> Self {
        let started = Instant::now();
        Self {
            started,
            ends: started + Duration::from_secs(seconds),
            seconds,
            taken: AtomicU64::new(0),
            most,
            active: AtomicU64::new(workers),
            row: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            first_pause: FIRST_PAUSE,
            trouble: Mutex::default(),
        }
    }

    /// The number of the next request, from 0; `None` where no more is to be sent.
    pub(super) fn take(&self) -> Option<u64> {
        if self.stopped.load(Ordering::Relaxed) {
            return None;
        }
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        if number >= self.most {
            return None;
        }
        if Instant::now() >= self.ends {
            self.stop(|| format!("{} s had gone by", self.seconds));
            return None;
        }
        Some(number)
    }

    /// Whether worker `number` is still wanted.
    pub(super) fn wants(&self, number: u64) -> bool {
        number < self.active.load(Ordering::Relaxed)
    }

    /// Waits until `due`, or the end of the load if that is earlier; whether the load goes on.
    pub(super) async fn wait_until(&self, due: Instant) -> bool {
        sleep_until(due.min(self.ends)).await;
        if due > self.ends {
            self.stop(|| format!("{} s had gone by", self.seconds));
        }
        !self.stopped.load(Ordering::Relaxed)
    }

    /// Waits where the load is backing off.
    pub(super) async fn rest(&self) {
        if self.row.load(Ordering::Relaxed) > 0 || self.trouble().back_offs > 0 {
            let until = self.trouble().paused_until;
            if let Some(until) = until {
                sleep_until(until.min(self.ends)).await;
            }
        }
    }

    /// A response that is no failure of the target's.
    pub(super) fn succeeded(&self) {
        if self.row.load(Ordering::Relaxed) > 0 {
            self.row.store(0, Ordering::Relaxed);
        }
        if !self.answered.load(Ordering::Relaxed) {
            self.answered.store(true, Ordering::Relaxed);
        }
    }

    /// No response, or one with a status of 500 and more; `answered` tells them apart.
    pub(super) fn failed(&self, answered: bool) {
        if answered {
            self.answered.store(true, Ordering::Relaxed);
        }
        let row = self.row.fetch_add(1, Ordering::Relaxed) + 1;
        let active = self.active.load(Ordering::Relaxed);
        let most = ROW.max(active);
        if row < most {
            return;
        }
        let mut trouble = self.trouble();
        // Others may have come here while this one waited.
        if self.row.swap(0, Ordering::Relaxed) < most {
            return;
        }
        // Those that were under way when the pause began fail in it.
        if trouble.paused_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        if !self.answered.load(Ordering::Relaxed) {
            trouble.why.get_or_insert_with(|| format!("no answer to the first {row}"));
            self.stopped.store(true, Ordering::Relaxed);
        } else if trouble.back_offs >= BACK_OFFS {
            let what = "failures in a row (no answer, or a status of 500 and above)";
            trouble.why.get_or_insert_with(|| format!("{row} {what}, after {BACK_OFFS} pauses with fewer at once"));
            self.stopped.store(true, Ordering::Relaxed);
        } else {
            trouble.paused_until = Some(Instant::now() + self.first_pause * (1 << trouble.back_offs));
            trouble.back_offs += 1;
            self.active.store((active / 2).max(1), Ordering::Relaxed);
        }
    }

    /// Ends the load.
    pub(super) fn stop(&self, why: impl FnOnce() -> String) {
        self.trouble().why.get_or_insert_with(why);
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Requests begun or about to be.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed).min(self.most)
    }

    /// Why the load was cut short.
    pub(super) fn why(&self) -> Option<String> {
        self.trouble().why.clone()
    }

    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_target_that_never_answers_is_left_at_once() {
        let pace = Pace::new(1000, 4, 60);
        (0..9).for_each(|_| pace.failed(false));
        assert!(pace.take().is_some());
        pace.failed(false);
        assert_eq!(pace.take(), None);
        assert_eq!(pace.why().as_deref(), Some("no answer to the first 10"));
    }

    #[tokio::test]
    async fn one_that_fails_gets_fewer_requests_then_none() {
        let pace = Pace { first_pause: Duration::from_millis(5), ..Pace::new(1000, 40, 60) };
        pace.succeeded();
        let begun = Instant::now();
        for active in [20, 10, 5] {
            assert!(pace.wants(active), "{active}");
            (0..40).for_each(|_| pace.failed(true));
            assert!(!pace.wants(active), "{active}");
            pace.rest().await;
            assert!(pace.take().is_some(), "{active}");
        }
        assert!(begun.elapsed() >= Duration::from_millis(35), "{:?}", begun.elapsed());
        (0..9).for_each(|_| pace.failed(true));
        pace.succeeded();
        assert!(pace.take().is_some(), "one good answer begins the row anew");
        (0..10).for_each(|_| pace.failed(false));
        assert_eq!(pace.take(), None);
        assert!(pace.why().is_some_and(|why| why.contains("in a row")));
    }

    #[tokio::test]
    async fn never_more_are_taken_than_allowed_nor_after_the_end() {
        let pace = Pace::new(3, 1, 60);
        assert_eq!(std::iter::from_fn(|| pace.take()).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((pace.taken(), pace.why()), (3, None));
        let over = Pace::new(3, 1, 0);
        assert_eq!(over.take(), None);
        assert_eq!(over.why().as_deref(), Some("0 s had gone by"));
    }
}
