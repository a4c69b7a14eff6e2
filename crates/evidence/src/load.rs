//! What a load met: counted and timed, never kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Many requests to the same stack.
///
/// Times are milliseconds from sending (connecting included) to the last byte read; where requests were sent at fixed
/// times (`rate`), from the time at which each was *due*, so that a target that stalls cannot hide how many requests would
/// have waited. They come from a histogram with three significant digits. A request without an answer counts as long as
/// one may take, in all of them but the bins; evidence that was stored before `resent` leaves such requests out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Load {
    /// Paths and queries, each once.
    pub paths: Vec<String>,
    /// How many requests the check asked for.
    pub asked: u64,
    /// How many were to be under way at once.
    pub concurrency: u64,
    /// Requests a second that were due, in an open loop.
    pub rate: Option<f64>,
    /// Whether connections were to carry more than one request.
    pub reuse: bool,
    /// How many were sent.
    pub sent: u64,
    /// How many got a whole response, or as much of it as is ever read; whatever its status.
    pub answered: u64,
    /// Under way when the load ended: neither answered nor failed.
    pub abandoned: u64,
    /// Responses whose body was longer than the limit on bodies.
    pub truncated: u64,
    /// How often each status came, by status.
    pub statuses: BTreeMap<String, u64>,
    /// Requests without a response, by cause.
    pub errors: BTreeMap<String, u64>,
    /// One failure in words, of the cause that came most often.
    pub error_example: Option<String>,
    /// Why fewer were sent than the check asked for; `None` where all were.
    pub cut_short: Option<String>,
    /// When the first request was sent: RFC 3339, UTC, to the second.
    pub begun: String,
    /// When the last response came; the same form.
    pub ended: String,
    /// Wall time, pauses included.
    pub seconds: f64,
    /// Responses a second of that time.
    pub requests_per_second: f64,
    /// Connections that were opened.
    pub connections: u64,
    /// Fastest, to 0.001.
    pub min_ms: f64,
    /// Mean.
    pub mean_ms: f64,
    /// Median.
    pub p50_ms: f64,
    /// 90th percentile.
    pub p90_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// 99.9th percentile.
    pub p999_ms: f64,
    /// Slowest.
    pub max_ms: f64,
    /// The same, with the requests that a waiting client did not send filled in.
    pub corrected: Corrected,
    /// How many responses took how long, requests without one left out: at most 40, of equal width on a logarithmic scale, without a gap.
    pub bins: Vec<Bin>,
    /// Responses by the back end that they name: at most 256 distinct. A back end is named by the instance's id, or in answers
    /// without an id by a private address.
    pub spread: BTreeMap<String, u64>,
    /// How many distinct back ends were named: the length of `spread`, of which there may have been more.
    pub distinct: u64,
    /// Responses that name none, or more than one.
    pub unlabelled: u64,
    /// Responses that name one beyond those 256.
    pub labels_uncounted: u64,
    /// Of the unlabelled, those that name more than one. This and the next four are `None` in evidence that was stored
    /// before they were counted.
    #[serde(default)]
    pub several: Option<u64>,
    /// Of the unlabelled, those whose body could not be read whole: cut, or packed or written in a way that is not known.
    #[serde(default)]
    pub unread: Option<u64>,
    /// Distinct bodies (at most 64, compared by their first 512 bytes) among the responses that name none and are no error
    /// pages, of the path with most of them.
    #[serde(default)]
    pub bodies: Option<u64>,
    /// Requests that met the end of a connection in use instead of an answer, and were sent again on a new one.
    #[serde(default)]
    pub resent: Option<u64>,
    /// Requests that were redirected, on the same host, and followed; their answer is the last one.
    #[serde(default)]
    pub redirected: Option<u64>,
    /// The same for each path.
    pub by_path: BTreeMap<String, PathLoad>,
}

/// Percentiles corrected for coordinated omission.
///
/// A client that waits for an answer before it sends the next request leaves out just those requests that would have
/// met a stall. Every response that took longer than `interval_ms` therefore stands for the ones that were due meanwhile,
/// at one interval's distance each: `recordValueWithExpectedInterval` of HdrHistogram (Gil Tene). As in wrk, the
/// interval is the mean time between two requests of one connection. In an open loop nothing needs correcting.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Corrected {
    /// Expected interval; 0 where nothing was corrected.
    pub interval_ms: f64,
    /// Median.
    pub p50_ms: f64,
    /// 95th percentile.
    pub p95_ms: f64,
    /// 99th percentile.
    pub p99_ms: f64,
    /// 99.9th percentile.
    pub p999_ms: f64,
}

/// Responses that took about the same time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Bin {
    /// Milliseconds, exclusive.
    pub above_ms: f64,
    /// Milliseconds, inclusive.
    pub to_ms: f64,
    /// Responses.
    pub count: u64,
}

/// What one path of a load met.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PathLoad {
    /// Requests sent.
    pub sent: u64,
    /// Responses.
    pub answered: u64,
    /// How often each status came.
    pub statuses: BTreeMap<String, u64>,
    /// 95th percentile, milliseconds.
    pub p95_ms: f64,
    /// Responses by the back end that they name: at most 256 distinct.
    pub spread: BTreeMap<String, u64>,
    /// How many distinct back ends were named.
    pub distinct: u64,
    /// Responses that name none, or more than one.
    pub unlabelled: u64,
}
