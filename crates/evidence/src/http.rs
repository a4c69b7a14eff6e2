//! The requests sent to the deployed stack, and what came back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Reading;
use super::closed::TargetFrom;
use super::load::Load;
use super::recovery::Recovery;

/// Bytes of a body that an exchange keeps as text: a page of an application whole, as a rule.
pub const BODY_KEPT: u64 = 64 << 10;
/// How the detail of an unreadable target begins after its number, where several load balancers remain.
pub const SEVERAL_BALANCERS: &str = "load balancers may be the team's service, and nothing tells which";
/// How the detail begins after the request, where it was redirected to what could not be reached.
pub const REDIRECTED_TO: &str = "redirected to ";
/// How the detail begins after the request, where it was redirected to somebody else's host.
pub const REDIRECTS_ELSEWHERE: &str = "redirects to another host: ";
/// How the reason begins where the grading machine itself could not send.
pub const MACHINE_LACKS: &str = "the grading machine lacks ";

/// What was seen from outside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HttpEvidence {
    /// Where the requests went.
    pub target: Reading<Target>,
    /// Exchanges by the request's key, as `stackmark_plan` makes it.
    pub exchanges: BTreeMap<String, Reading<Exchange>>,
    /// What followed when one instance was ended, where a check asks for it.
    #[serde(default, skip_serializing_if = "Reading::is_default")]
    pub recovery: Reading<Recovery>,
    /// Loads by their key, as `stackmark_language::load` makes it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub loads: BTreeMap<String, Reading<Load>>,
    /// What CloudWatch counted of the loads.
    #[serde(default)]
    pub counted: Reading<Counted>,
}

/// What CloudWatch counted while the loads were sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Counted {
    /// The load balancer that was asked about; `None` where the target is none whose requests are counted.
    pub load_balancer: Option<String>,
    /// Begin of the minutes that were summed up: RFC 3339, UTC.
    pub from: String,
    /// Their end.
    pub to: String,
    /// `RequestCount` of those minutes, whoever sent the requests.
    pub counted: u64,
    /// Responses that the loads got in them.
    pub answered: u64,
}

/// Where the requests went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Target {
    /// Scheme, host, port where it is not the scheme's own, and the roster's base path; no `/` at its end.
    pub url: String,
    /// Where the address comes from.
    pub from: TargetFrom,
    /// ARN of the load balancer, where one was used.
    pub load_balancer_arn: Option<String>,
    /// ARN of the listener that is asked, where that is known.
    #[serde(default)]
    pub listener_arn: Option<String>,
    /// How many load balancers AWS listed for the team; 0 where the roster named the URL.
    pub load_balancers: u64,
    /// Why this one, where there was a choice.
    pub note: Option<String>,
    /// The `--resolve` entry that applied, as `HOST:PORT:ADDR`.
    pub resolved_to: Option<String>,
}

/// One request, sent once or several times.
///
/// An attempt is *answered* when a whole response came, or as much of it as is ever read. "First" is the first
/// answered attempt, whatever came before it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Exchange {
    /// HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Where it went, where a step went to a URL that an earlier answer gave: without signature, credential and token.
    #[serde(default)]
    pub url: Option<String>,
    /// Seconds that this presigned URL holds; `None` where it does not say, or is none.
    #[serde(default)]
    pub expires_seconds: Option<i64>,
    /// Files that were sent.
    #[serde(default)]
    pub sent_files: Vec<SentFile>,
    /// How often the step was asked again until its answer was as wanted, the first time included; 1 where it did not
    /// wait. The rest of the exchange is the last of them.
    #[serde(default = "once")]
    pub tries: u64,
    /// From the first of them to the end of the last, milliseconds to 0.1.
    #[serde(default)]
    pub waited_ms: f64,
    /// How many attempts were made; a connection tried again counts once.
    pub sent: u64,
    /// How many got a response.
    pub answered: u64,
    /// Why fewer were sent than the check asked for; `None` where all were.
    pub cut_short: Option<String>,
    /// The status of the first response of which it is 200 to 299, or else of the first. What else is said of the first
    /// response is said of this one.
    pub status: u16,
    /// URLs of the redirects that were followed to the first response, in order.
    pub followed: Vec<String>,
    /// The first response's `Location`: where it points, not where the request went. At most 2 KiB.
    pub location: Option<String>,
    /// The first response's headers, names in lower case, hop-by-hop and cookies left out; at most 1 KiB of each value.
    pub headers: BTreeMap<String, String>,
    /// The first response's body as text, at most `body_kept` bytes, invalid UTF-8 replaced.
    pub body: String,
    /// Bytes of a body that `body` holds at most: 4 KiB in evidence that was stored before it said so.
    #[serde(default = "kept_before")]
    pub body_kept: u64,
    /// Bytes of the first response's body that were read, of which `body` may hold only the beginning.
    pub body_bytes: u64,
    /// SHA-256 of these bytes, in hexadecimal; empty in evidence that was stored before it was taken.
    #[serde(default)]
    pub body_sha256: String,
    /// A response's body was longer than the limit on bodies, and the rest of it was never read.
    pub truncated: bool,
    /// Why a response's body could not be read whole: cut, packed or written in a way that is not known, too large to keep.
    /// What is missing from `body`, `json` and `instance_ids` is then not known to be missing. `None` where all were
    /// read, and in evidence that was stored before it was taken.
    #[serde(default)]
    pub unread: Option<String>,
    /// Attempts that were answered only because their connection was tried again; `None` in evidence that was stored
    /// before they were counted.
    #[serde(default)]
    pub retried: Option<u64>,
    /// The first response's body, where it is JSON as the common clients read it; null where it is not, was truncated, is
    /// nested more than 64 deep or has more than 50,000 values.
    pub json: serde_json::Value,
    /// How often each status came, by status.
    pub statuses: BTreeMap<String, u64>,
    /// Attempts without a response, by cause.
    pub errors: BTreeMap<String, u64>,
    /// How often each distinct body came (at most 64 distinct, compared by their first 512 bytes), by body.
    pub bodies: BTreeMap<String, u64>,
    /// Responses whose body is none of those 64.
    pub bodies_uncounted: u64,
    /// EC2 instance ids seen in bodies and headers (at most 256 distinct), and in how many responses each; of responses that
    /// name none, private addresses (`10.0.1.5`), which checks see as the id of the instance that has the address.
    pub instance_ids: BTreeMap<String, u64>,
    /// Sightings of instance ids beyond those 256.
    pub instance_ids_uncounted: u64,
    /// Slowest answer, milliseconds from sending (connecting included) to the last byte read, to 0.1. In this and the median,
    /// an attempt without an answer counts for as long as one may take; not so in evidence that was stored before
    /// `retried`.
    pub slowest_ms: f64,
    /// Median answer, milliseconds to 0.1; the mean of the middle two where their number is even.
    pub median_ms: f64,
    /// Values that the step took from the first response for later steps, by name; without those that were not there.
    #[serde(default)]
    pub captured: BTreeMap<String, Captured>,
    /// Names of the cookies that the first response sets, at most 16; their values are never kept.
    #[serde(default)]
    pub cookies: Vec<String>,
}

/// A file that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct SentFile {
    /// Name of the form's field.
    pub name: String,
    /// Name of the file.
    pub filename: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

/// A value that a later step used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Captured {
    /// The value, without secrets; a URL without signature, credential and token.
    pub value: String,
    /// Where it is a presigned URL: seconds that it holds.
    pub expires_seconds: Option<i64>,
}

fn kept_before() -> u64 {
    4 << 10
}

fn once() -> u64 {
    1
}
