//! The requests sent to the deployed stack, and what came back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Reading;

/// What was seen from outside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HttpEvidence {
    /// Where the requests went.
    pub target: Reading<Target>,
    /// Exchanges by the request's key, as `crate::plan` makes it.
    pub exchanges: BTreeMap<String, Reading<Exchange>>,
}

/// Where the requests went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Scheme, host and port.
    pub url: String,
    /// `load-balancer` (its DNS name as AWS gave it) or `roster`.
    pub from: String,
    /// ARN of the load balancer, where one was used.
    pub load_balancer_arn: Option<String>,
    /// `--resolve` entries that applied.
    pub resolved_to: Option<String>,
}

/// One request, sent once or several times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// How many were sent.
    pub sent: u64,
    /// How many got a response.
    pub answered: u64,
    /// The first response.
    pub status: u16,
    /// The first response's `Location`, which is not followed.
    pub location: Option<String>,
    /// The first response's headers, names in lower case, hop-by-hop and cookies left out.
    pub headers: BTreeMap<String, String>,
    /// The first response's body as text, at most 4 KiB, invalid UTF-8 replaced.
    pub body: String,
    /// The first response's body, where it is JSON.
    pub json: serde_json::Value,
    /// How often each status came, by status.
    pub statuses: BTreeMap<String, u64>,
    /// Requests without a response, by cause.
    pub errors: BTreeMap<String, u64>,
    /// How often each distinct body came (at most 64 distinct, each at most 512 bytes), by body.
    pub bodies: BTreeMap<String, u64>,
    /// EC2 instance ids seen in bodies and headers, and how often each.
    pub instance_ids: BTreeMap<String, u64>,
    /// Slowest answer, milliseconds from sending to the last byte.
    pub slowest_ms: f64,
    /// Median answer, milliseconds.
    pub median_ms: f64,
}
