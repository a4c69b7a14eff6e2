//! What one thread counts; the threads' counts are added up at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hdrhistogram::Histogram;

use super::super::failure::Failure;
use super::label::Label;
use stackmark_evidence::Cause;
use stackmark_evidence::load::{Bin, Corrected, PathLoad};

/// Distinct back ends that are counted, for each path.
const DISTINCT_LABELS: usize = 256;
/// Distinct bodies that are counted among the answers that name none, for each path.
const DISTINCT_BODIES: usize = 64;
/// Longest time that a histogram tells apart, microseconds: above any timeout.
const LONGEST_US: u64 = 1_800_000_000;
/// Bins of the picture, at most.
const BINS: usize = 40;

pub(super) type Times = Histogram<u32>;

/// From 1 µs to half an hour, three significant digits.
pub(super) fn times() -> Times {
    Histogram::new_with_bounds(1, LONGEST_US, 3).unwrap_or_else(|_| unreachable!("constant bounds are valid"))
}

/// Counts of one path.
#[derive(Debug)]
pub(super) struct PathStats {
    /// Of the answers.
    pub(super) times: Times,
    /// Of the requests without an answer: at least as long as one may take.
    lost: Times,
    pub(super) sent: u64,
    pub(super) answered: u64,
    statuses: BTreeMap<u16, u64>,
    pub(super) spread: BTreeMap<String, u64>,
    pub(super) unlabelled: u64,
    pub(super) uncounted: u64,
    /// Of the unlabelled, those that name more than one.
    several: u64,
    /// Of the unlabelled, those that could not be read whole.
    unread: u64,
    /// Of the unlabelled, the bodies of those that name none, each once.
    bodies: BTreeSet<u64>,
}

/// Counts of one thread.
#[derive(Debug)]
pub(super) struct Stats {
    /// In the order of the load's paths.
    pub(super) paths: Vec<PathStats>,
    pub(super) abandoned: u64,
    pub(super) truncated: u64,
    pub(super) connections: u64,
    /// Requests that were dropped on a connection in use, and sent again on a new one.
    pub(super) resent: u64,
    /// Requests that were redirected.
    pub(super) redirected: u64,
    /// What says nothing of the service: the load then tells nothing either.
    pub(super) own: Option<Failure>,
    /// Failures by cause, with the words of the first.
    pub(super) errors: BTreeMap<Cause, (u64, String)>,
}

impl Stats {
    pub(super) fn new(paths: usize) -> Self {
        let path = || PathStats {
            times: times(),
            lost: times(),
            sent: 0,
            answered: 0,
            statuses: BTreeMap::new(),
            spread: BTreeMap::new(),
            unlabelled: 0,
            uncounted: 0,
            several: 0,
            unread: 0,
            bodies: BTreeSet::new(),
        };
        Self {
            paths: (0..paths).map(|_| path()).collect(),
            abandoned: 0,
            truncated: 0,
            connections: 0,
            resent: 0,
            redirected: 0,
            own: None,
            errors: BTreeMap::new(),
        }
    }

    pub(super) fn answered(&mut self, path: usize, status: u16, label: Label, took: Duration) {
        let path = &mut self.paths[path];
        path.answered += 1;
        path.times.saturating_record(microseconds(took));
        *path.statuses.entry(status).or_default() += 1;
        match label {
            // An error page tells no back end that does the work.
            _ if status >= 400 => {}
            Label::One(label) => return path.label(label, 1),
            Label::Unnamed { body } => path.body(body),
            Label::Several => path.several += 1,
            Label::Unread => path.unread += 1,
        }
        path.unlabelled += 1;
    }

    /// A request without an answer; it counts for as long as it may take, however soon it failed.
    pub(super) fn failed(&mut self, path: usize, failure: Failure, took: Duration) {
        self.paths[path].lost.saturating_record(microseconds(took));
        self.errors.entry(failure.cause).or_insert((0, failure.reason)).0 += 1;
    }

    /// Adds what another thread counted.
    pub(super) fn add(&mut self, other: Self) {
        for (path, more) in self.paths.iter_mut().zip(other.paths) {
            // Both have the same bounds.
            let _ = path.times.add(&more.times);
            let _ = path.lost.add(&more.lost);
            path.sent += more.sent;
            path.answered += more.answered;
            for (status, count) in more.statuses {
                *path.statuses.entry(status).or_default() += count;
            }
            for (label, count) in more.spread {
                path.label(label, count);
            }
            path.unlabelled += more.unlabelled;
            path.uncounted += more.uncounted;
            path.several += more.several;
            path.unread += more.unread;
            more.bodies.into_iter().for_each(|body| path.body(body));
        }
        self.resent += other.resent;
        self.redirected += other.redirected;
        if self.own.is_none() {
            self.own = other.own;
        }
        self.abandoned += other.abandoned;
        self.truncated += other.truncated;
        self.connections += other.connections;
        for (cause, (count, reason)) in other.errors {
            self.errors.entry(cause).or_insert((0, reason)).0 += count;
        }
    }

    /// Responses by status, of all paths.
    pub(super) fn statuses(&self) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (status, count) in self.paths.iter().flat_map(|path| &path.statuses) {
            *all.entry(status.to_string()).or_default() += count;
        }
        all
    }

    /// Labels of all paths together, and responses whose label is not among them.
    pub(super) fn spread(&self) -> (BTreeMap<String, u64>, u64) {
        let mut all = PathStats { spread: BTreeMap::new(), ..Self::new(1).paths.remove(0) };
        for path in &self.paths {
            all.uncounted += path.uncounted;
            for (label, count) in &path.spread {
                all.label(label.clone(), *count);
            }
        }
        (all.spread, all.uncounted)
    }

    /// Responses that name more than one back end, and responses that could not be read whole.
    pub(super) fn unnamed(&self) -> (u64, u64) {
        let sum = |of: fn(&PathStats) -> u64| self.paths.iter().map(of).sum();
        (sum(|path| path.several), sum(|path| path.unread))
    }

    /// Distinct bodies among the responses that name none, of the path with most of them.
    pub(super) fn bodies(&self) -> u64 {
        self.paths.iter().map(|path| path.bodies.len() as u64).max().unwrap_or_default()
    }

    /// Times of the answers of all paths together.
    pub(super) fn times(&self) -> Times {
        let mut all = times();
        for path in &self.paths {
            let _ = all.add(&path.times);
        }
        all
    }

    /// The same with the requests that had no answer.
    pub(super) fn all_times(&self) -> Times {
        let mut all = self.times();
        for path in &self.paths {
            let _ = all.add(&path.lost);
        }
        all
    }
}

impl PathStats {
    fn body(&mut self, body: u64) {
        if self.bodies.len() < DISTINCT_BODIES {
            self.bodies.insert(body);
        }
    }

    fn label(&mut self, label: String, count: u64) {
        if let Some(known) = self.spread.get_mut(&label) {
            *known += count;
        } else if self.spread.len() < DISTINCT_LABELS {
            self.spread.insert(label, count);
        } else {
            self.uncounted += count;
        }
    }

    pub(super) fn evidence(self) -> PathLoad {
        let mut all = self.times;
        let _ = all.add(&self.lost);
        PathLoad {
            sent: self.sent,
            answered: self.answered,
            statuses: self.statuses.into_iter().map(|(status, count)| (status.to_string(), count)).collect(),
            p95_ms: quantile(&all, 0.95),
            distinct: self.spread.len() as u64,
            spread: self.spread,
            unlabelled: self.unlabelled,
        }
    }
}

fn microseconds(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(LONGEST_US).max(1)
}

/// Milliseconds, to 0.001.
pub(super) fn ms(us: f64) -> f64 {
    us.round() / 1000.0
}

/// The time that a share of them took at most, milliseconds; 0 where there was none.
pub(super) fn quantile(times: &Times, share: f64) -> f64 {
    if times.is_empty() { 0.0 } else { ms(times.value_at_quantile(share) as f64) }
}

/// Fills in what a client that waited did not send, `interval_us` being the time between two requests of a connection.
pub(super) fn corrected(times: &Times, interval_us: u64) -> Corrected {
    let filled = if interval_us > 0 { times.clone_correct(interval_us) } else { times.clone() };
    Corrected {
        interval_ms: ms(interval_us as f64),
        p50_ms: quantile(&filled, 0.5),
        p95_ms: quantile(&filled, 0.95),
        p99_ms: quantile(&filled, 0.99),
        p999_ms: quantile(&filled, 0.999),
    }
}

/// Counts by time, bins of equal width on a logarithmic scale whose edges are the same for every load: the finest of 20,
/// 10, 5, 2 or 1 a decade with which there are at most 40.
pub(super) fn bins(times: &Times) -> Vec<Bin> {
    if times.is_empty() {
        return Vec::new();
    }
    let index = |us: u64, decade: f64| (f64::log10(us as f64) * decade - 1e-9).ceil() as i32;
    // Values that the histogram does not tell apart are taken for the lowest of them, everywhere.
    let lowest = |us: u64| times.lowest_equivalent(us).max(1);
    let (low, high) = (lowest(times.min()), lowest(times.max()));
    let decade = [20.0, 10.0, 5.0, 2.0, 1.0]
        .into_iter()
        .find(|decade| (index(high, *decade) - index(low, *decade)) < BINS as i32)
        .unwrap_or(1.0);
    let first = index(low, decade);
    let edge = |at: i32| ms(10_f64.powf(f64::from(at) / decade));
    let mut bins: Vec<Bin> =
        (first..=index(high, decade)).map(|at| Bin { above_ms: edge(at - 1), to_ms: edge(at), count: 0 }).collect();
    for value in times.iter_recorded() {
        let at = index(lowest(value.value_iterated_to()), decade) - first;
        if let Some(bin) = usize::try_from(at).ok().and_then(|at| bins.get_mut(at)) {
            bin.count += u64::from(value.count_at_value());
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(values_ms: impl IntoIterator<Item = u64>) -> Times {
        let mut times = times();
        values_ms.into_iter().for_each(|value| times.saturating_record(value * 1000));
        times
    }

    #[test]
    fn bins_hold_every_response_and_are_at_most_forty() {
        for values in [vec![7; 10], (1..=2000).collect(), vec![1, 100_000], (0..100).map(|n| 20 + n % 3).collect()] {
            let times = recorded(values.clone());
            let bins = bins(&times);
            assert!(bins.len() <= 40, "{}", bins.len());
            assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), values.len() as u64);
            assert!(bins.first().unwrap().count > 0 && bins.last().unwrap().count > 0, "{bins:?}");
            assert!(bins.windows(2).all(|pair| pair[0].to_ms.total_cmp(&pair[1].above_ms).is_eq()), "{bins:?}");
        }
        for us in (1..60_000).step_by(7) {
            let mut times = times();
            [us, us * 3].into_iter().for_each(|us| times.saturating_record(us));
            let bins = super::bins(&times);
            assert!(bins.len() > 1 && bins[0].count == 1 && bins[bins.len() - 1].count == 1, "{us} µs: {bins:?}");
        }
        assert!(super::bins(&times()).is_empty());
    }

    #[test]
    fn a_stall_counts_for_the_requests_that_were_not_sent_meanwhile() {
        // 99 answers in 10 ms, and one that took a second: the median client would have sent 99 more in that time.
        let times = recorded((0..99).map(|_| 10).chain([1000]));
        assert!(quantile(&times, 0.95) < 11.0);
        let corrected = corrected(&times, 10_000);
        assert!(corrected.p95_ms > 850.0, "{corrected:?}");
        assert!(corrected.p50_ms < 15.0, "{corrected:?}");
    }

    #[test]
    fn requests_without_an_answer_are_the_slowest_of_all() {
        let mut stats = Stats::new(1);
        for _ in 0..70 {
            stats.answered(0, 200, Label::Unnamed { body: 0 }, Duration::from_millis(5));
        }
        for _ in 0..10 {
            let failure = Failure::responding(Cause::Timeout, "no response in time");
            stats.failed(0, failure, Duration::from_secs(10));
        }
        assert!(quantile(&stats.times(), 0.95) < 6.0);
        assert!(quantile(&stats.all_times(), 0.5) < 6.0);
        assert!(quantile(&stats.all_times(), 0.95) >= 9_990.0, "one in eight never came");
        assert_eq!(bins(&stats.times()).iter().map(|bin| bin.count).sum::<u64>(), 70);
        assert!(stats.paths.remove(0).evidence().p95_ms >= 9_990.0);
    }

    #[test]
    fn an_error_page_tells_no_back_end() {
        let mut stats = Stats::new(1);
        for status in [200, 302, 404, 503] {
            stats.answered(0, status, Label::One(format!("i-{status}")), Duration::from_millis(1));
        }
        let labels: Vec<String> = stats.spread().0.into_keys().collect();
        assert_eq!((labels, stats.paths[0].unlabelled), (vec!["i-200".to_owned(), "i-302".to_owned()], 2));
    }

    #[test]
    fn bodies_of_answers_that_name_none_are_counted_over_the_threads_and_up_to_a_limit() {
        let thread = |bodies: std::ops::Range<u64>| {
            let mut stats = Stats::new(2);
            bodies.for_each(|body| stats.answered(0, 200, Label::Unnamed { body }, Duration::from_millis(1)));
            stats.answered(0, 503, Label::Unnamed { body: 1000 }, Duration::from_millis(1));
            stats.answered(1, 200, Label::Unnamed { body: 2000 }, Duration::from_millis(1));
            stats
        };
        let mut sum = thread(0..2);
        sum.add(thread(1..3));
        assert_eq!((sum.bodies(), sum.paths[0].unlabelled), (3, 6), "two paths are two pages, and an error is none");
        sum.add(thread(0..100));
        assert_eq!(sum.bodies(), 64);
    }

    #[test]
    fn labels_beyond_the_limit_are_counted_and_not_kept() {
        let mut stats = Stats::new(1);
        for n in 0..300 {
            stats.answered(0, 200, Label::One(format!("i-{n}")), Duration::from_millis(1));
        }
        stats.answered(0, 200, Label::Unnamed { body: 0 }, Duration::from_millis(1));
        let (spread, uncounted) = stats.spread();
        assert_eq!((spread.len(), uncounted, stats.paths[0].unlabelled), (256, 44, 1));
        let mut sum = Stats::new(1);
        sum.add(stats);
        assert_eq!((sum.paths[0].answered, sum.paths[0].uncounted), (301, 44));
    }
}
