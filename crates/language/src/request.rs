//! A request to the load balancer, filled in for a team.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One request to the load balancer, sent `repeat` times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// Names the exchange in the evidence; made by [`HttpRequest::key_of`].
    pub key: String,
    /// `GET`, `HEAD`, `POST`, `PUT` or `DELETE`.
    pub method: String,
    /// Path and query, starting with `/`.
    pub path: String,
    /// Header names and values.
    pub headers: BTreeMap<String, String>,
    /// Body, as text.
    pub body: Option<String>,
    /// How many times, one after the other, each on a new connection; 1 or more.
    pub repeat: u32,
    /// For one attempt, milliseconds.
    pub timeout_ms: u64,
    /// Redirects followed, each hop through the address guard; 0 follows none.
    pub max_redirects: u32,
    /// What makes it more than a plain request, and a step of a scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Box<crate::scenario::Step>>,
}

impl HttpRequest {
    /// Redirects that are followed unless a check asks for another number, by single requests, loads and recoveries alike:
    /// `http` to `https` and a missing `/` are no fault of a service.
    pub const REDIRECTS: u32 = 3;

    /// The same request always has the same key, so that two checks share one exchange.
    pub fn key_of(&self) -> String {
        let mut key = format!("{} {}", self.method, self.path);
        for (name, value) in &self.headers {
            key.push_str(&format!(" {name}:{value}"));
        }
        if let Some(body) = &self.body {
            key.push_str(&format!(" body:{body}"));
        }
        if self.max_redirects > 0 {
            key.push_str(&format!(" redirects:{}", self.max_redirects));
        }
        key.push_str(&format!(" timeout:{}ms ×{}", self.timeout_ms, self.repeat));
        key
    }
}
