//! One attempt: a request, the redirects that may be followed, and the response, within one deadline.

use std::time::Duration;

use reqwest::header::{ACCEPT_ENCODING, HOST, HeaderMap, HeaderValue, LOCATION};
use tokio::time::{Instant, timeout_at};

use super::body::Body;
use super::failure::Failure;
use super::redirect::{self, Hop};
use super::route::Router;
use super::shown::shown;
use stackmark_evidence::Cause;
use stackmark_evidence::http::REDIRECTED_TO;

/// A response, as far as it was read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    /// Redirects that were followed.
    pub(super) followed: Vec<String>,
    pub(super) elapsed: Duration,
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn is_error(&self) -> bool {
        self.status >= 400
    }
}

/// Pieces of a body that are read: a server that sends it byte by byte costs this machine seconds of its processor.
pub(super) const MOST_PIECES: u32 = 50_000;

/// What bounds an attempt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) timeout: Duration,
    pub(super) max_redirects: u32,
    pub(super) body_bytes: u64,
}

/// Sends `hop` and reads what comes back.
pub(super) async fn attempt(router: &mut Router<'_>, mut hop: Hop, bounds: Bounds) -> Result<Answer, Failure> {
    let start = Instant::now();
    let deadline = start + bounds.timeout;
    let service = hop.url.clone();
    let mut followed: Vec<String> = Vec::new();
    loop {
        // After a redirect the failure is of another URL than the one that was asked for.
        let told = |mut failure: Failure| {
            if let Some(url) = followed.last() {
                failure.reason = format!("{REDIRECTED_TO}{}: {}", excerpt(url), failure.reason);
                if failure.is_guards() {
                    failure
                        .reason
                        .push_str("; no client outside can follow it: redirect to the public name, or to a path");
                }
            }
            failure
        };
        let response = send(router, &hop, bounds.timeout, deadline).await.map_err(told)?;
        let status = response.status().as_u16();
        if followed.len() < bounds.max_redirects as usize {
            let location = response.headers().get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
            if let Some(next) = redirect::next(&hop, status, location.as_deref()) {
                // What the guard refuses is told below as what it is.
                let is_guards = router.route(&next.url, bounds.timeout).is_err();
                let elsewhere = redirect::leads_elsewhere(&service, &next.url);
                if let Some(failure) = elsewhere.filter(|_| !is_guards && !redirect::is_signed_for_s3(&next.url)) {
                    return Err(failure);
                }
                followed.push(shown(next.url.as_str()));
                hop = next;
                continue;
            }
        }
        let headers = response.headers().clone();
        let (raw, cut) = read_body(response, bounds.body_bytes, deadline).await.map_err(told)?;
        let elapsed = start.elapsed();
        let body = Body::read(&headers, raw, cut, bounds.body_bytes);
        return Ok(Answer { status, headers, body, followed, elapsed });
    }
}

async fn send(
    router: &mut Router<'_>,
    hop: &Hop,
    timeout: Duration,
    deadline: Instant,
) -> Result<reqwest::Response, Failure> {
    let route = router.route(&hop.url, timeout)?;
    let mut headers = hop.headers.clone();
    let host = HeaderValue::try_from(route.host)
        .map_err(|_| Failure::settled(Cause::Malformed, "the host makes no Host header"))?;
    headers.entry(HOST).or_insert(host);
    headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
    let mut request = route.client.request(hop.method.clone(), route.url).headers(headers);
    if let Some(body) = &hop.body {
        request = request.body(body.clone());
    }
    match timeout_at(deadline, request.send()).await {
        Ok(response) => response.map_err(|error| Failure::from_client(&error)),
        Err(_) => Err(Failure::responding(Cause::Timeout, "no response in time")),
    }
}

/// The first `limit` bytes of the body, and whether there were more.
async fn read_body(mut response: reqwest::Response, limit: u64, deadline: Instant) -> Result<(Vec<u8>, bool), Failure> {
    let status = response.status().as_u16();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut body = Vec::new();
    for _ in 0..MOST_PIECES {
        let chunk = timeout_at(deadline, response.chunk()).await.map_err(|_| {
            Failure::responding(
                Cause::Timeout,
                format!("status {status} came, but its body had no end in time ({} bytes)", body.len()),
            )
        })?;
        match chunk.map_err(|error| Failure::from_body(&error))? {
            None => return Ok((body, false)),
            Some(chunk) => {
                let room = limit - body.len();
                body.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    return Ok((body, true));
                }
            }
        }
    }
    Ok((body, true))
}

fn excerpt(url: &str) -> String {
    match url.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &url[..end]),
        None => url.to_owned(),
    }
}
