//! `--timings`: what a run took its time for, by step.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use stackmark_collect::{Progress, SharedProgress};

/// Seconds by step, of all teams together.
#[derive(Debug, Default)]
pub(super) struct Timings(Mutex<BTreeMap<String, Duration>>);

impl Timings {
    fn add(&self, step: String, time: Duration) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(step).or_default() += time;
    }

    /// A line a step, the longest first: `  1.25 s  reading the history`.
    pub(super) fn lines(&self) -> String {
        let steps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut steps: Vec<(&String, &Duration)> = steps.iter().collect();
        steps.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let mut text = String::new();
        for (step, time) in steps {
            // Writing to a string never fails.
            let _ = writeln!(text, "{:>8.2} s  {step}", time.as_secs_f64());
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// A line of progress whose steps are timed, each from its beginning to that of the next.
pub(super) struct Timed {
    shown: SharedProgress,
    timings: Arc<Timings>,
    /// The step that goes on, and since when.
    current: Mutex<(String, Instant)>,
}

impl Timed {
    pub(super) fn new(shown: SharedProgress, timings: Arc<Timings>) -> Self {
        Self { shown, timings, current: Mutex::new(("starting".to_owned(), Instant::now())) }
    }

    fn begin(&self, what: &str) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let step = name_of(what);
        if current.0 != step {
            let now = Instant::now();
            let (earlier, since) = std::mem::replace(&mut *current, (step.to_owned(), now));
            self.timings.add(earlier, now.duration_since(since));
        }
    }

    /// Ends the last step.
    pub(super) fn end(&self) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let (last, since) = std::mem::replace(&mut *current, ("after its end".to_owned(), now));
        self.timings.add(last, now.duration_since(since));
    }
}

impl Progress for Timed {
    fn step(&self, what: &str) {
        self.begin(what);
        self.shown.step(what);
    }

    fn part(&self, done: u64, of: u64, what: &str) {
        self.begin(what);
        self.shown.part(done, of, what);
    }
}

/// Ends a line's last step when dropped.
pub(super) struct Ending(pub(super) Arc<Timed>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What a step is called, whatever of it is done: `cloning: 12 of 40 objects` is `cloning`.
fn name_of(what: &str) -> &str {
    what.split_once(':').map_or(what, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use stackmark_collect::Silent;

    use super::*;

    #[test]
    fn each_step_lasts_until_the_next_whatever_is_told_of_it() {
        let timings = Arc::new(Timings::default());
        let line = Arc::new(Timed::new(Arc::new(Silent), Arc::clone(&timings)));
        let ending = Ending(Arc::clone(&line));
        for what in ["cloning: 1 of 2 objects", "cloning: 2 of 2 objects", "reading the history"] {
            line.step(what);
        }
        line.part(3, 9, "reading the history");
        drop(ending);
        let lines = timings.lines();
        let mut names: Vec<&str> =
            lines.lines().filter_map(|line| line.split_once(" s  ")).map(|(_, name)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["cloning", "reading the history", "starting"]);
    }
}
