//! One request again and again, for a service that is watched while something happens to it.

use std::time::Duration;

use super::attempt::{Bounds, attempt};
use super::probe::first_hop;
use super::redirect::Hop;
use super::route::Router;
use stackmark_collect::Settings;
use stackmark_evidence::Unreadable;
use stackmark_language::request::HttpRequest;

/// Longest wait for one answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read.
const BODY: u64 = 4 << 10;

/// Asks for one path, each time on a new connection.
pub struct Pulse<'a> {
    router: Router<'a>,
    hop: Hop,
}

impl<'a> Pulse<'a> {
    /// For a path below a target's URL.
    ///
    /// # Errors
    /// The two make no URL that may be asked for.
    pub fn new(base: &str, path: &str, settings: &'a Settings) -> Result<Self, Unreadable> {
        let request = HttpRequest {
            key: String::new(),
            method: "GET".to_owned(),
            path: path.to_owned(),
            headers: Default::default(),
            body: None,
            repeat: 1,
            timeout_ms: 0,
            max_redirects: HttpRequest::REDIRECTS,
            step: None,
        };
        let hop = first_hop(base, &request, None)
            .map_err(|(cause, reason)| Unreadable::new(cause, format!("GET {base}{path}: {reason}")))?;
        Ok(Self { router: Router::new(settings), hop })
    }

    /// One request: the status that came.
    ///
    /// # Errors
    /// Why none came.
    pub async fn beat(&mut self) -> Result<u16, Unreadable> {
        let bounds = Bounds { timeout: TIMEOUT, max_redirects: HttpRequest::REDIRECTS, body_bytes: BODY };
        match attempt(&mut self.router, self.hop.clone(), bounds).await {
            Ok(answer) => Ok(answer.status),
            Err(failure) => Err(Unreadable::new(failure.cause, format!("GET {}: {}", self.hop.url, failure.reason))),
        }
    }
}
