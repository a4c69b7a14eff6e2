//! What happened after one instance of an Auto Scaling group was ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One instance ended, and what was seen until the group was whole again or time was over.
///
/// All times are seconds since the instance was ended, to 0.1.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Recovery {
    /// The group that the instance was of.
    pub auto_scaling_group_name: String,
    /// Where the group is.
    pub region: String,
    /// The instance that was ended.
    pub ended_instance: String,
    /// When, RFC 3339 in UTC.
    pub ended_at: String,
    /// Path and query that was asked all the while.
    pub path: String,
    /// Instances in service before.
    pub in_service_before: u64,
    /// Fewest in service at any look.
    pub fewest_in_service: u64,
    /// Requests sent after the instance was ended.
    pub sent: u64,
    /// How many had no answer, or one of status 400 and above.
    pub failed: u64,
    /// Status of each answer, and cause of each missing one, with how often it came.
    pub answers: BTreeMap<String, u64>,
    /// Longest time from a request that failed to the next that did not.
    pub longest_outage_s: f64,
    /// When the group first counted fewer instances in service.
    pub noticed_s: Option<f64>,
    /// When an instance was in service that was not there before.
    pub replaced_s: Option<f64>,
    /// That instance.
    pub replacement: Option<String>,
    /// When as many were in service as before, without the ended one.
    pub whole_again_s: Option<f64>,
    /// How long it was watched.
    pub watched_s: f64,
    /// Each change in the number of instances in service, at most a hundred.
    pub changes: Vec<Change>,
    /// Why it was not watched to the end; `None` where it was.
    pub cut_short: Option<String>,
}

/// Instances in service from a time on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Change {
    pub at_s: f64,
    pub in_service: u64,
}
