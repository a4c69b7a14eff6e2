//! Counts the attempts of one exchange; every count is bounded, whatever comes back.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::header::HeaderMap;
use sha2::{Digest, Sha256};

use super::attempt::Answer;
use super::failure::Failure;
use super::ids;
use super::multipart::hexadecimal;
use super::shown::shown;
use stackmark_collect::redact::redact;
use stackmark_evidence::http::{BODY_KEPT, Exchange};
use stackmark_evidence::{Cause, Reading};
use stackmark_language::request::HttpRequest;

const BODY_COMPARED: usize = 512;
const DISTINCT_BODIES: usize = 64;
const DISTINCT_INSTANCES: usize = 256;
const HEADER_KEPT: usize = 1 << 10;
const LOCATION_KEPT: usize = 2 << 10;
const COOKIES_KEPT: usize = 16;
const COOKIE_KEPT: usize = 64;

/// Headers of the connection, not of the response (RFC 9110, 7.6.1), and cookies, which may be credentials.
const HEADERS_LEFT_OUT: &[&str] = &[
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "set-cookie2",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The attempts of one exchange so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The first with a status of 200 to 299, or else the first.
    pub(super) first: Option<Answer>,
    pub(super) answered: u64,
    truncated: bool,
    /// Why the first body that could not be read whole could not.
    unread: Option<String>,
    /// Attempts whose connection came about only when it was tried again.
    pub(super) retried: u64,
    /// What this machine lacked.
    own: Option<Failure>,
    statuses: BTreeMap<String, u64>,
    errors: BTreeMap<String, u64>,
    bodies: BTreeMap<String, u64>,
    bodies_uncounted: u64,
    instance_ids: BTreeMap<String, u64>,
    instance_ids_uncounted: u64,
    elapsed_ms: Vec<f64>,
    /// The first failure of each cause.
    reasons: BTreeMap<Cause, (u64, String)>,
    pub(super) all_while_connecting: bool,
    /// Some failure is of the kind that repeats.
    pub(super) settled: bool,
}

#[derive(Debug)]
struct First {
    status: u16,
    followed: Vec<String>,
    location: Option<String>,
    headers: BTreeMap<String, String>,
    body: String,
    body_bytes: u64,
    body_sha256: String,
    json: serde_json::Value,
    /// Why it may be JSON, and is not kept.
    unread: Option<String>,
    cookies: Vec<String>,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { all_while_connecting: true, ..Self::default() }
    }

    pub(super) fn sent(&self) -> u64 {
        self.answered + self.errors.values().sum::<u64>()
    }

    /// Whether this machine lacked something: what was counted then tells nothing of the service.
    pub(super) fn lacked(&self) -> bool {
        self.own.is_some()
    }

    pub(super) fn failed(&mut self, failure: Failure) {
        if failure.own {
            self.own.get_or_insert(failure);
            return;
        }
        *self.errors.entry(failure.cause.as_str().to_owned()).or_default() += 1;
        self.all_while_connecting &= failure.connecting;
        self.settled |= failure.settled;
        self.reasons.entry(failure.cause).or_insert((0, failure.reason)).0 += 1;
    }

    pub(super) fn answered(&mut self, answer: Answer) {
        self.answered += 1;
        self.all_while_connecting = false;
        self.truncated |= answer.body.truncated;
        if self.unread.is_none() {
            self.unread.clone_from(&answer.body.unread);
        }
        *self.statuses.entry(answer.status.to_string()).or_default() += 1;
        self.elapsed_ms.push(answer.elapsed.as_secs_f64() * 1000.0);

        let compared = text(answer.body.text(), BODY_COMPARED);
        let counted = count(&mut self.bodies, &compared, DISTINCT_BODIES);
        self.bodies_uncounted += u64::from(!counted);
        // An instance that answers with its error page does not do the work.
        let named = if answer.is_error() { BTreeSet::new() } else { ids::named(&answer.headers, answer.body.text()) };
        for id in named {
            let counted = count(&mut self.instance_ids, &id, DISTINCT_INSTANCES);
            self.instance_ids_uncounted += u64::from(!counted);
        }
        // What it answers is told by an answer that it gives, not by a start that it had not finished.
        if self.first.as_ref().is_none_or(|first| !first.is_success() && answer.is_success()) {
            self.first = Some(answer);
        }
    }

    /// The exchange, or why there was none. `url` is what the requests went to.
    pub(super) fn to_reading(&self, request: &HttpRequest, url: &str, cut_short: Option<String>) -> Reading<Exchange> {
        let sent = self.sent();
        if let Some(own) = &self.own {
            return Reading::unreadable(own.cause, format!("{} {url}: {}", request.method, own.reason));
        }
        let Some(first) = self.first.as_ref().map(First::of) else {
            // The cause that came most often, the earlier of the table where two are level.
            let worst = self.reasons.iter().rev().max_by_key(|(_, (count, _))| *count);
            let (cause, reason) = worst
                .map_or((Cause::NotCollected, "nothing was sent"), |(cause, (_, reason))| (*cause, reason.as_str()));
            let attempts = if sent > 1 { format!(" ({sent} attempts)") } else { String::new() };
            return Reading::unreadable(cause, format!("{} {url}: {reason}{attempts}", request.method));
        };
        // An answer that never came is slower than any.
        let lost = usize::try_from(self.errors.values().sum::<u64>()).unwrap_or(usize::MAX);
        let lost = std::iter::repeat_n(request.timeout_ms as f64, lost);
        let (slowest_ms, median_ms) = slowest_and_median(self.elapsed_ms.iter().copied().chain(lost).collect());
        Reading::observed(Exchange {
            method: request.method.clone(),
            path: request.path.clone(),
            url: None,
            expires_seconds: None,
            sent_files: Vec::new(),
            tries: 1,
            waited_ms: 0.0,
            sent,
            answered: self.answered,
            cut_short,
            status: first.status,
            followed: first.followed,
            location: first.location,
            headers: first.headers,
            body: first.body,
            body_kept: BODY_KEPT,
            body_bytes: first.body_bytes,
            body_sha256: first.body_sha256,
            truncated: self.truncated,
            unread: self.unread.clone().or(first.unread),
            retried: Some(self.retried),
            json: first.json,
            statuses: self.statuses.clone(),
            errors: self.errors.clone(),
            bodies: self.bodies.clone(),
            bodies_uncounted: self.bodies_uncounted,
            instance_ids: self.instance_ids.clone(),
            instance_ids_uncounted: self.instance_ids_uncounted,
            slowest_ms,
            median_ms,
            captured: BTreeMap::new(),
            cookies: first.cookies,
        })
    }
}

impl First {
    fn of(answer: &Answer) -> Self {
        let (json, unread) = answer.body.json();
        Self {
            status: answer.status,
            location: answer.headers.get("location").map(|value| shown(&text(value.as_bytes(), LOCATION_KEPT))),
            headers: kept_headers(&answer.headers),
            body: text(answer.body.text(), BODY_KEPT as usize),
            body_bytes: answer.body.bytes.len() as u64,
            body_sha256: hexadecimal(&Sha256::digest(&answer.body.bytes)),
            json,
            unread,
            followed: answer.followed.clone(),
            cookies: cookies(&answer.headers),
        }
    }
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let names = headers.get_all("set-cookie").iter().filter_map(|value| {
        let name = value.as_bytes().split(|byte| *byte == b'=').next()?;
        Some(text(name, COOKIE_KEPT).trim().to_owned())
    });
    names.take(COOKIES_KEPT).collect()
}

/// Counts `key`, unless it would be one more than `limit` distinct ones; whether it was counted.
fn count(counts: &mut BTreeMap<String, u64>, key: &str, limit: usize) -> bool {
    if let Some(count) = counts.get_mut(key) {
        *count += 1;
        return true;
    }
    let room = counts.len() < limit;
    if room {
        counts.insert(key.to_owned(), 1);
    }
    room
}

/// A header that came more than once stands once, its values joined as RFC 9110, 5.3 joins them.
fn kept_headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .keys()
        .filter(|name| !HEADERS_LEFT_OUT.contains(&name.as_str()))
        .map(|name| {
            let values: Vec<&[u8]> = headers.get_all(name).iter().map(|value| value.as_bytes()).collect();
            (name.as_str().to_owned(), text(&values.join(&b", "[..]), HEADER_KEPT))
        })
        .collect()
}

/// Bytes behind a cut that are looked at for a secret that goes through it.
const BEHIND: usize = 512;

/// At most the first `limit` bytes as text; a character that the cut goes through is left out. Secrets are taken out before,
/// for half of one is not recognised any more.
fn text(bytes: &[u8], limit: usize) -> String {
    let text = redact(&String::from_utf8_lossy(&bytes[..bytes.len().min(limit + BEHIND)])).0;
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

fn slowest_and_median(mut elapsed_ms: Vec<f64>) -> (f64, f64) {
    elapsed_ms.sort_by(f64::total_cmp);
    let tenths = |ms: f64| (ms * 10.0).round() / 10.0;
    let (low, high) = (elapsed_ms.len().saturating_sub(1) / 2, elapsed_ms.len() / 2);
    let at = |index: usize| elapsed_ms.get(index).copied().unwrap_or_default();
    (tenths(elapsed_ms.last().copied().unwrap_or_default()), tenths((at(low) + at(high)) / 2.0))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::body::Body;
    use super::*;

    fn answer(body: &[u8]) -> Answer {
        Answer {
            status: 200,
            headers: HeaderMap::new(),
            body: Body::plain(body),
            followed: Vec::new(),
            elapsed: Duration::from_millis(10),
        }
    }

    fn request() -> HttpRequest {
        HttpRequest {
            key: "k".to_owned(),
            method: "GET".to_owned(),
            path: "/".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            repeat: 1,
            timeout_ms: 100,
            max_redirects: 0,
            step: None,
        }
    }

    fn exchange(answers: impl IntoIterator<Item = Answer>) -> Exchange {
        let mut tally = Tally::new();
        answers.into_iter().for_each(|answer| tally.answered(answer));
        match tally.to_reading(&request(), "http://lb/", None) {
            Reading::Observed { value } => value,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn instance_ids_count_once_a_response_in_bodies_and_headers() {
        let mut first = answer(b"i-0123456789abcdef0 again i-0123456789abcdef0, instance_i-0a1b2c3d");
        first.headers.insert("x-served-by", "i-0a1b2c3d".parse().unwrap());
        let ids = exchange([first, answer(b"{\"id\":\"i-0123456789abcdef0\"}")]).instance_ids;
        assert_eq!(ids, BTreeMap::from([("i-0123456789abcdef0".to_owned(), 2), ("i-0a1b2c3d".to_owned(), 1)]));
    }

    #[test]
    fn an_error_page_tells_no_instance_and_no_data_where_there_is_another_answer() {
        let error = || Answer { status: 503, ..answer(b"i-0a1b2c3d is starting") };
        let told = exchange([error(), answer(b"[1, 2]"), answer(b"[3]"), error()]);
        assert_eq!((told.status, told.json, told.instance_ids), (200, serde_json::json!([1, 2]), BTreeMap::new()));
        assert_eq!(told.statuses, BTreeMap::from([("200".to_owned(), 2), ("503".to_owned(), 2)]));
        let moved = Answer { status: 302, ..answer(b"i-0a1b2c3d") };
        let told = exchange([moved, error()]);
        assert_eq!((told.status, told.instance_ids.len()), (302, 1));
    }

    #[test]
    fn what_only_looks_like_an_instance_id_is_none() {
        let ids = exchange([answer(b"wifi-deadbeef i-0123456789abcdef01 i-0123 i-deadbeefz")]).instance_ids;
        assert_eq!(ids, BTreeMap::new());
    }

    #[test]
    fn floods_of_bodies_and_ids_are_bounded_and_the_rest_is_counted() {
        let bodies = exchange((0..100).map(|n| answer(format!("body {n}").as_bytes())));
        assert_eq!((bodies.bodies.len(), bodies.bodies_uncounted), (64, 36));
        let ids: String = (0..1000).map(|n| format!("i-{n:08x} ")).collect();
        let flood = exchange([answer(ids.as_bytes())]);
        assert_eq!((flood.instance_ids.len(), flood.instance_ids_uncounted), (256, 744));
    }

    #[test]
    fn a_secret_that_the_cut_goes_through_is_taken_out_whole() {
        let body = format!("{} AKIA{} end", "x".repeat(500), "Q3EGRIPT7LM2ZW4X");
        let kept = text(body.as_bytes(), 512);
        assert!(!kept.contains("Q3EG") && kept.len() <= 512, "{kept}");
    }

    #[test]
    fn text_is_cut_between_characters_and_keeps_control_characters() {
        let long = "é".repeat(40_000);
        let body = exchange([answer(format!("x{long}").as_bytes())]).body;
        assert_eq!(body.len() as u64, BODY_KEPT - 1);
        assert!(!body.contains('\u{fffd}'), "a cut is no invalid UTF-8");
        assert_eq!(exchange([answer(b"\x1b[2Jowned\xff")]).body, "\u{1b}[2Jowned\u{fffd}");
    }

    #[test]
    fn json_is_parsed_only_where_the_whole_body_is_json() {
        assert_eq!(exchange([answer(b" {\"a\": [1]} ")]).json, serde_json::json!({"a": [1]}));
        assert_eq!(exchange([answer(b"<html>")]).json, serde_json::Value::Null);
        let deep = exchange([answer("[".repeat(100_000).as_bytes())]);
        assert_eq!(deep.json, serde_json::Value::Null);
        assert!(deep.unread.is_some_and(|why| why.contains("more than 64 deep")), "it is there, and is not kept");
        let cut = Body::read(&HeaderMap::new(), b"[1, 2".to_vec(), true, 5);
        let cut = exchange([Answer { body: cut, ..answer(b"") }]);
        assert_eq!((cut.json, cut.truncated), (serde_json::Value::Null, true));
        assert!(cut.unread.is_some_and(|why| why.contains("longer than 5 bytes")));
    }

    #[test]
    fn what_this_machine_lacked_opens_the_exchange_whatever_was_answered() {
        let mut tally = Tally::new();
        tally.answered(answer(b"ok"));
        let lack = std::io::Error::from(std::io::ErrorKind::AddrNotAvailable);
        tally.failed(Failure::of_this_machine(&lack).unwrap());
        let reading = tally.to_reading(&request(), "http://lb/", None);
        assert!(tally.lacked());
        assert_eq!(reading.failure().map(|failure| failure.cause), Some(Cause::Refused), "{reading:?}");
    }

    #[test]
    fn headers_are_joined_and_cookies_left_out() {
        let mut answer = answer(b"");
        for (name, value) in [("vary", "a"), ("vary", "b"), ("set-cookie", "session=1"), ("connection", "close")] {
            answer.headers.append(name, value.parse().unwrap());
        }
        assert_eq!(exchange([answer]).headers, BTreeMap::from([("vary".to_owned(), "a, b".to_owned())]));
    }

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        assert_eq!(slowest_and_median(vec![40.0, 10.0, 20.0, 31.04]), (40.0, 25.5));
        assert_eq!(slowest_and_median(vec![3.0, 1.0, 2.0]), (3.0, 2.0));
    }

    #[test]
    fn attempts_without_an_answer_are_as_slow_as_one_may_be() {
        let mut tally = Tally::new();
        tally.answered(answer(b"ok"));
        (0..2).for_each(|_| tally.failed(Failure::responding(Cause::Timeout, "no response in time")));
        let exchange = tally.to_reading(&request(), "http://lb/", None).value().cloned().unwrap();
        assert!(
            (exchange.median_ms - 100.0).abs() < 1e-9 && (exchange.slowest_ms - 100.0).abs() < 1e-9,
            "{exchange:?}"
        );
    }

    #[test]
    fn the_commonest_cause_is_the_one_that_is_told() {
        let mut tally = Tally::new();
        tally.failed(Failure::responding(Cause::Timeout, "no response in time"));
        tally.failed(Failure::responding(Cause::Unreachable, "connection refused"));
        tally.failed(Failure::responding(Cause::Unreachable, "the connection was closed"));
        let reading = tally.to_reading(&request(), "http://lb/", None);
        assert_eq!(
            reading.failure().unwrap().to_string(),
            "unreachable: GET http://lb/: connection refused (3 attempts)"
        );
    }
}
