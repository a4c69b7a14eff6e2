//! Sends the plan's requests, one after the other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::attempt::{Answer, Bounds, attempt};
use super::failure::Failure;
use super::redirect::Hop;
use super::route::Router;
use super::tally::Tally;
use crate::collect::{Progress, Settings};
use crate::evidence::http::{Exchange, Target};
use crate::evidence::{Cause, Reading};
use crate::plan::HttpRequest;

/// Before the one retry of a connection that did not come about.
const RETRY_PAUSE: Duration = Duration::from_millis(250);
/// Attempts without any answer after which the rest is not sent.
const MUTE_AFTER: u64 = 3;
/// Wall time of one exchange after which no further attempt is begun.
const EXCHANGE_TIME: Duration = Duration::from_secs(300);

/// Sends each of `requests` to `target`, `repeat` times, sequentially, and reports the exchanges by the request's key.
///
/// An absent or unreadable target is passed on to every exchange. An exchange is observed where at least one attempt was
/// answered, whatever the status; otherwise it is unreadable: `timeout`, `unreachable` (no such host, connection refused,
/// closed), `malformed` (what came back is not HTTP) or `refused` (the address guard, a request that cannot be made).
///
/// A connection that fails is tried again once. After three attempts without any answer the rest of an exchange is not
/// sent, and after five minutes neither; after an exchange in which nothing ever connected, the next ones get one attempt.
pub async fn probe(
    target: &Reading<Target>,
    requests: &[HttpRequest],
    settings: &Settings,
    progress: &dyn Progress,
) -> BTreeMap<String, Reading<Exchange>> {
    let mut exchanges = BTreeMap::new();
    let mut prober = Prober { router: Router::new(settings), settings, progress, mute_after: MUTE_AFTER };
    for request in requests {
        if exchanges.contains_key(&request.key) {
            continue;
        }
        let reading = match target {
            Reading::Observed { value } => prober.exchange(&value.url, request).await,
            Reading::Absent { note } => Reading::absent(note.clone()),
            Reading::Unreadable(failure) => Reading::Unreadable(failure.clone()),
        };
        exchanges.insert(request.key.clone(), reading);
    }
    exchanges
}

struct Prober<'a> {
    router: Router<'a>,
    settings: &'a Settings,
    progress: &'a dyn Progress,
    mute_after: u64,
}

impl Prober<'_> {
    async fn exchange(&mut self, base: &str, request: &HttpRequest) -> Reading<Exchange> {
        let hop = match first_hop(base, request) {
            Ok(hop) => hop,
            Err((cause, reason)) => {
                return Reading::unreadable(cause, format!("{} {base}{}: {reason}", request.method, request.path));
            }
        };
        let bounds = Bounds {
            timeout: Duration::from_millis(request.timeout_ms),
            max_redirects: request.max_redirects,
            body_bytes: self.settings.limits.body_bytes,
        };
        let repeat = u64::from(request.repeat.max(1));
        let started = Instant::now();
        let mut tally = Tally::new();
        let mut cut_short = None;
        for number in 1..=repeat {
            self.progress.step(&format!("http: {} {}: {number} of {repeat}", request.method, request.path));
            match self.attempt_with_retry(&hop, bounds).await {
                Ok(answer) => tally.answered(answer),
                Err(failure) => tally.failed(failure),
            }
            if number < repeat
                && let Some(why) = why_stop(&tally, started.elapsed(), self.mute_after)
            {
                cut_short = Some(format!("{} of {repeat} were not sent: {why}", repeat - number));
                break;
            }
        }
        self.mute_after = if tally.answered == 0 && tally.all_while_connecting { 1 } else { MUTE_AFTER };
        tally.into_reading(request, hop.url.as_str(), cut_short)
    }

    async fn attempt_with_retry(&mut self, hop: &Hop, bounds: Bounds) -> Result<Answer, Failure> {
        match attempt(&mut self.router, hop.clone(), bounds).await {
            Err(failure) if failure.worth_a_retry() => {
                tokio::time::sleep(RETRY_PAUSE).await;
                attempt(&mut self.router, hop.clone(), bounds).await
            }
            result => result,
        }
    }
}

/// Why the rest of an exchange would be a waste, or a hostile server's gain.
fn why_stop(tally: &Tally, elapsed: Duration, mute_after: u64) -> Option<String> {
    if tally.answered == 0 && tally.settled {
        Some("no attempt could be made".to_owned())
    } else if tally.answered == 0 && tally.sent() >= mute_after {
        Some(format!("no answer to the first {}", tally.sent()))
    } else if elapsed >= EXCHANGE_TIME {
        Some(format!("{} s had gone by", EXCHANGE_TIME.as_secs()))
    } else {
        None
    }
}

pub(super) fn first_hop(base: &str, request: &HttpRequest) -> Result<Hop, (Cause, String)> {
    let refused = |reason: String| (Cause::Refused, reason);
    // Without it, `@elsewhere.example.com` would turn the target into a user name.
    if !request.path.starts_with('/') {
        return Err(refused("the path does not start with `/`".to_owned()));
    }
    let mut url = Url::parse(&format!("{base}{}", request.path))
        .map_err(|error| (Cause::Malformed, format!("that is no URL: {error}")))?;
    url.set_fragment(None);
    let method = match request.method.as_str() {
        "GET" => Method::GET,
        "HEAD" => Method::HEAD,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "DELETE" => Method::DELETE,
        _ => return Err(refused("the method is none of GET, HEAD, POST, PUT and DELETE".to_owned())),
    };
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let parsed = HeaderName::try_from(name.as_str()).ok().zip(HeaderValue::try_from(value.as_str()).ok());
        let (parsed_name, value) = parsed.ok_or_else(|| refused(format!("`{name}` is no header that can be sent")))?;
        headers.append(parsed_name, value);
    }
    Ok(Hop { url, method, headers, body: request.body.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(count: u64, failure: &Failure) -> Tally {
        let mut tally = Tally::new();
        (0..count).for_each(|_| tally.failed(failure.clone()));
        tally
    }

    #[test]
    fn a_mute_target_is_given_up_and_a_refused_one_at_once() {
        let timeout = Failure::responding(Cause::Timeout, "no response in time");
        assert_eq!(why_stop(&failures(2, &timeout), Duration::ZERO, MUTE_AFTER), None);
        assert!(why_stop(&failures(3, &timeout), Duration::ZERO, MUTE_AFTER).is_some());
        let refused = Failure::settled(Cause::Refused, "a private address");
        assert!(why_stop(&failures(1, &refused), Duration::ZERO, MUTE_AFTER).is_some());
    }

    #[test]
    fn a_target_that_answers_at_a_crawl_is_left_after_five_minutes() {
        assert_eq!(why_stop(&Tally::new(), Duration::from_secs(299), MUTE_AFTER), None);
        assert_eq!(why_stop(&Tally::new(), Duration::from_secs(300), MUTE_AFTER).as_deref(), Some("300 s had gone by"));
    }
}
