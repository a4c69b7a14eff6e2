//! What a load met, small enough to be drawn beside the item that judges it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use stackmark_evidence::load::{Bin, Load};

/// Times and back ends of one load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadPicture {
    /// Its key in the evidence: what was sent.
    pub load: String,
    /// Responses that the bins count.
    pub answered: u64,
    /// Median, milliseconds.
    pub p50_ms: f64,
    /// 95th percentile, milliseconds.
    pub p95_ms: f64,
    /// 99th percentile, milliseconds.
    pub p99_ms: f64,
    /// How many responses took how long: at most 40, of equal width on a logarithmic scale.
    pub bins: Vec<Bin>,
    /// Responses by back end, for each path.
    pub spread: BTreeMap<String, Spread>,
}

/// Responses by back end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Spread {
    /// By the name that the responses give.
    pub back_ends: BTreeMap<String, u64>,
    /// Responses that name none, or more than one.
    pub unlabelled: u64,
}

impl LoadPicture {
    /// Of the load with this key.
    pub fn of(key: &str, load: Load) -> Self {
        let spread = load.by_path.into_iter().map(|(path, met)| {
            let spread = Spread { back_ends: met.spread, unlabelled: met.unlabelled };
            (path, spread)
        });
        Self {
            load: key.to_owned(),
            answered: load.answered,
            p50_ms: load.p50_ms,
            p95_ms: load.p95_ms,
            p99_ms: load.p99_ms,
            bins: load.bins,
            spread: spread.collect(),
        }
    }
}
