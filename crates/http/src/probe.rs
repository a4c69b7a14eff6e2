//! Sends the plan's requests, one after the other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use url::{Position, Url};

use super::attempt::{Answer, Bounds, attempt};
use super::failure::Failure;
use super::multipart::{self, Form};
use super::redirect::Hop;
use super::route::Router;
use super::scenario::Scenarios;
use super::shown::{expires_seconds, moment, shown};
use super::tally::Tally;
use stackmark_collect::Progress;
use stackmark_collect::Settings;
use stackmark_evidence::http::{Exchange, Target};
use stackmark_evidence::{Cause, Reading};
use stackmark_language::request::HttpRequest;

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
///
/// The steps of a scenario go out in their order. One that needs a value which an earlier answer did not give is absent,
/// and says which; after one that is unreadable the rest of its scenario is not sent, and is unreadable for the same cause.
pub async fn probe(
    target: &Reading<Target>,
    requests: &[HttpRequest],
    settings: &Settings,
    progress: &dyn Progress,
) -> BTreeMap<String, Reading<Exchange>> {
    let mut exchanges = BTreeMap::new();
    let mut prober = Prober { router: Router::new(settings), settings, progress, mute_after: MUTE_AFTER };
    let mut scenarios = Scenarios::default();
    for request in requests {
        if exchanges.contains_key(&request.key) {
            continue;
        }
        let reading = match target {
            Reading::Observed { value } => prober.step(&value.url, request, &mut scenarios).await,
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

/// What one sending of a request came to.
struct Sent {
    reading: Reading<Exchange>,
    first: Option<Answer>,
}

impl Prober<'_> {
    /// A request with what its scenario gives it, again and again where it waits for something.
    async fn step(&mut self, base: &str, request: &HttpRequest, scenarios: &mut Scenarios) -> Reading<Exchange> {
        let Some(step) = request.step.as_deref() else { return self.exchange(base, request).await.reading };
        let ready = match scenarios.prepared(request) {
            Ok(ready) => ready,
            Err(unsent) => {
                let mut reading = unsent.into();
                scenarios.keep(step, None, &mut reading);
                return reading;
            }
        };
        let started = Instant::now();
        let mut tries = 1;
        let mut sent = self.exchange(base, &ready).await;
        while let Some(eventually) = &step.eventually {
            let over = match &sent.reading {
                Reading::Observed { value } => scenarios.holds(step, eventually, value),
                Reading::Absent { .. } => true,
                Reading::Unreadable(failure) => failure.cause == Cause::Refused,
            };
            let pause = Duration::from_millis(eventually.every_ms);
            if over || started.elapsed() + pause > Duration::from_millis(eventually.within_ms) {
                break;
            }
            tokio::time::sleep(pause).await;
            tries += 1;
            sent = self.exchange(base, &ready).await;
        }
        match &mut sent.reading {
            Reading::Observed { value } if step.eventually.is_some() => {
                value.tries = tries;
                value.waited_ms = (started.elapsed().as_secs_f64() * 10_000.0).round() / 10.0;
            }
            Reading::Unreadable(failure) if tries > 1 => {
                failure.detail.push_str(&format!(" ({tries} tries in {} s)", started.elapsed().as_secs()));
            }
            _ => {}
        }
        scenarios.keep(step, sent.first.as_ref(), &mut sent.reading);
        sent.reading
    }

    async fn exchange(&mut self, base: &str, request: &HttpRequest) -> Sent {
        let step = request.step.as_deref();
        let elsewhere = step.and_then(|step| step.url.as_deref());
        let form = step.and_then(|step| step.multipart.as_ref()).map(multipart::form);
        let hop = match first_hop(base, request, form.as_ref()) {
            Ok(hop) => hop,
            // A team's server gave something that nothing can be sent to.
            Err((_, reason)) if step.is_some_and(|step| !step.needs.is_empty()) => {
                let where_to = shown(elsewhere.unwrap_or(&request.path));
                let note = format!("nothing can be sent to \"{where_to}\", which an earlier answer gave: {reason}");
                return Sent { reading: Reading::absent(note), first: None };
            }
            Err((cause, reason)) => {
                let detail = format!("{} {base}{}: {reason}", request.method, request.path);
                return Sent { reading: Reading::unreadable(cause, detail), first: None };
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
        let shown_url = shown(hop.url.as_str());
        // What an answer gave may be a secret, and a display is no place for it.
        let told = step.filter(|step| !step.needs.is_empty()).map_or(request.path.as_str(), |step| step.name.as_str());
        for number in 1..=repeat {
            self.progress.step(&format!("http: {} {told}: {number} of {repeat}", request.method));
            let (result, again) = self.attempt_with_retry(&hop, bounds).await;
            tally.retried += u64::from(again && result.is_ok());
            match result {
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
        if elsewhere.is_none() {
            self.mute_after =
                if tally.answered == 0 && tally.all_while_connecting && !tally.lacked() { 1 } else { MUTE_AFTER };
        }
        let mut reading = tally.to_reading(request, &shown_url, cut_short);
        if let Reading::Observed { value } = &mut reading {
            if elsewhere.is_some() {
                value.path = shown(&hop.url[Position::BeforePath..]);
                value.expires_seconds = expires_seconds(hop.url.as_str(), moment(None));
                value.url = Some(shown_url);
            }
            value.sent_files = form.map(|form| form.files).unwrap_or_default();
        }
        Sent { reading, first: tally.first }
    }

    /// What came of it, and whether the service did not take the connection at once.
    async fn attempt_with_retry(&mut self, hop: &Hop, bounds: Bounds) -> (Result<Answer, Failure>, bool) {
        match attempt(&mut self.router, hop.clone(), bounds).await {
            Err(failure) if failure.worth_a_retry() => {
                tokio::time::sleep(RETRY_PAUSE).await;
                (attempt(&mut self.router, hop.clone(), bounds).await, !failure.own)
            }
            result => (result, false),
        }
    }
}

/// Why the rest of an exchange would be a waste, or a hostile server's gain.
fn why_stop(tally: &Tally, elapsed: Duration, mute_after: u64) -> Option<String> {
    if tally.lacked() {
        Some("the grading machine lacked something".to_owned())
    } else if tally.answered == 0 && tally.settled {
        Some("no attempt could be made".to_owned())
    } else if tally.answered == 0 && tally.sent() >= mute_after {
        Some(format!("no answer to the first {}", tally.sent()))
    } else if elapsed >= EXCHANGE_TIME {
        Some(format!("{} s had gone by", EXCHANGE_TIME.as_secs()))
    } else {
        None
    }
}

pub(super) fn first_hop(base: &str, request: &HttpRequest, form: Option<&Form>) -> Result<Hop, (Cause, String)> {
    let refused = |reason: String| (Cause::Refused, reason);
    if let Some(url) = request.step.as_ref().and_then(|step| step.url.as_deref()) {
        return named_by_an_answer(base, url, &request.method).map_err(refused);
    }
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
    let mut body = request.body.clone().map(Bytes::from);
    if let Some(form) = form {
        let content_type = HeaderValue::try_from(form.content_type.as_str());
        headers.insert(CONTENT_TYPE, content_type.map_err(|_| refused("the form has no content type".to_owned()))?);
        body = Some(form.body.clone());
    }
    Ok(Hop { url, method, headers, body })
}

/// A plain request to a URL that an earlier answer gave; one without a host is of the target.
fn named_by_an_answer(base: &str, url: &str, method: &str) -> Result<Hop, String> {
    let base = Url::parse(&format!("{base}/")).map_err(|error| format!("{base} is no URL: {error}"))?;
    let mut url = base.join(url).map_err(|error| format!("that is no URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("`{}` is no scheme that requests go to", url.scheme()));
    }
    // The client would turn these into an Authorization header.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    let method = if method == "HEAD" { Method::HEAD } else { Method::GET };
    Ok(Hop { url, method, headers: HeaderMap::new(), body: None })
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
