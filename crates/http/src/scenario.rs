//! What the steps of a scenario know of each other: captured values, and why there are none.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use url::form_urlencoded;

use super::attempt::Answer;
use super::shown;
use stackmark_evidence::http::{Captured, Exchange};
use stackmark_evidence::{Cause, Reading, Unreadable};
use stackmark_language::capture::{Capture, Place, Source};
use stackmark_language::expression::{Engine, value_of};
use stackmark_language::request::HttpRequest;
use stackmark_language::scenario::{Eventually, Step};

/// A shorter value would be found in half of all texts.
const SHORTEST_SECRET: usize = 6;

/// All scenarios of a team, by their digest.
#[derive(Default)]
pub(super) struct Scenarios {
    engine: Option<Engine>,
    runs: BTreeMap<String, Run>,
}

#[derive(Default)]
struct Run {
    /// Values by name, or why there is none.
    captured: BTreeMap<String, Result<String, String>>,
    /// The first step that could not be read, and why.
    broken: Option<(String, Unreadable)>,
    /// Captured values that let in whoever has them: they are in no evidence.
    secrets: Vec<String>,
}

/// Why a step is not sent.
pub(super) enum Unsent {
    /// An answer lacks what it needs.
    Absent(String),
    /// A step before it was not read.
    Unreadable(Unreadable),
}

impl From<Unsent> for Reading<Exchange> {
    fn from(unsent: Unsent) -> Self {
        match unsent {
            Unsent::Absent(note) => Self::Absent { note },
            Unsent::Unreadable(failure) => Self::Unreadable(failure),
        }
    }
}

impl Scenarios {
    /// The request with captured values in its templates; or what its exchange is, where it cannot be sent.
    pub(super) fn prepared(&mut self, request: &HttpRequest) -> Result<HttpRequest, Unsent> {
        let mut request = request.clone();
        let Some(step) = request.step.as_deref_mut() else { return Ok(request) };
        let Some(run) = self.runs.get(&step.scenario) else { return Ok(request) };
        if let Some((broken, failure)) = &run.broken {
            let detail = format!("not sent, because request \"{broken}\" before it was not read: {}", failure.detail);
            return Err(Unsent::Unreadable(Unreadable::new(failure.cause, detail)));
        }
        if step.needs.is_empty() {
            return Ok(request);
        }
        let mut context = step.context.clone();
        for need in &step.needs {
            match run.captured.get(&need.capture) {
                Some(Ok(value)) => context.insert(need.capture.clone(), Json::from(value.as_str())),
                Some(Err(why)) => {
                    let (capture, from, name) = (&need.capture, &need.step, &step.name);
                    return Err(Unsent::Absent(format!(
                        "request \"{name}\" could not be sent: request \"{from}\" gave no `{capture}`: {why}"
                    )));
                }
                None => None,
            };
        }
        let engine = self.engine.get_or_insert_with(Engine::new);
        fill(engine, &context, &mut request).map_err(|why| {
            let name = request.step.as_ref().map_or("", |step| step.name.as_str());
            Unsent::Absent(format!("request \"{name}\" could not be sent with what the answers before it gave: {why}"))
        })?;
        Ok(request)
    }

    /// Whether the exchange is what the step waits for.
    pub(super) fn holds(&mut self, step: &Step, eventually: &Eventually, exchange: &Exchange) -> bool {
        let mut context = step.context.clone();
        context.insert(step.name.clone(), serde_json::to_value(exchange).unwrap_or_default());
        let engine = self.engine.get_or_insert_with(Engine::new);
        engine.evaluate(&eventually.that, &value_of(context)).is_ok_and(|value| value.is_true())
    }

    /// Keeps what a step gave for those after it, and shows it in its exchange.
    pub(super) fn keep(&mut self, step: &Step, answer: Option<&Answer>, reading: &mut Reading<Exchange>) {
        let run = self.runs.entry(step.scenario.clone()).or_default();
        match reading {
            Reading::Observed { value: exchange } => {
                let Some(answer) = answer else { return };
                let taken = taken(&step.captures, answer);
                // What the answer may hold is not missing from it.
                if let Some(why) = exchange.unread.as_ref().filter(|_| taken.values().any(Result::is_err)) {
                    let failure =
                        Unreadable::new(Cause::Malformed, format!("its answer could not be read whole: {why}"));
                    run.broken.get_or_insert_with(|| (step.name.clone(), failure));
                }
                let date = answer.headers.get("date").and_then(|date| date.to_str().ok());
                let now = shown::moment(date);
                for (name, value) in &taken {
                    if let Ok(value) = value {
                        if is_secret(name, &step.captures) {
                            run.secrets.extend(telling(value));
                        }
                        if is_of_a_cookie(name, &step.captures) {
                            // A part of the header, or all of it: the whole cookie lets somebody in, and so may its rest.
                            let set = answer.headers.get_all("set-cookie").iter();
                            let set = set.map(|cookie| String::from_utf8_lossy(cookie.as_bytes()).into_owned());
                            run.secrets.extend(set.flat_map(|cookie| telling(cookie_value(&cookie))));
                        }
                        let captured = Captured {
                            value: shown::shown(value),
                            expires_seconds: shown::expires_seconds(value, now),
                        };
                        exchange.captured.insert(name.clone(), captured);
                    }
                }
                run.captured.extend(taken);
            }
            Reading::Absent { note } => {
                for name in step.captures.keys() {
                    run.captured.insert(name.clone(), Err(note.clone()));
                }
            }
            Reading::Unreadable(failure) => {
                run.broken.get_or_insert_with(|| (step.name.clone(), failure.clone()));
            }
        }
        // The longer first: of what holds another, nothing readable is left.
        run.secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        run.secrets.dedup();
        if !run.secrets.is_empty() {
            *reading = without(reading, &run.secrets);
        }
    }
}

/// Whether a value was taken from a header that sets cookies.
fn is_of_a_cookie(name: &str, captures: &BTreeMap<String, Capture>) -> bool {
    match captures.get(name).map(|capture| &capture.from) {
        Some(Place::Header(header)) => header.eq_ignore_ascii_case("set-cookie"),
        _ => false,
    }
}

/// `abc` of `session="abc"; Path=/; HttpOnly` (RFC 6265, 5.2).
fn cookie_value(cookie: &str) -> &str {
    let pair = cookie.split(';').next().unwrap_or_default();
    pair.split_once('=').map_or(pair, |(_, value)| value).trim().trim_matches('"')
}

/// A secret as it may come back: as it is, as a cookie's value in it, as a URL writes it and as one reads it.
fn telling(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for form in [secret, cookie_value(secret)] {
        // Only of one value: of a pair, it would be its name.
        let read = form_urlencoded::parse(form.as_bytes()).next().filter(|_| !form.contains(['=', '&']));
        let read = read.map(|(value, _)| value.into_owned());
        let written = form_urlencoded::byte_serialize(form.as_bytes()).collect();
        forms.extend([form.to_owned(), written].into_iter().chain(read));
    }
    forms.retain(|form| form.len() >= SHORTEST_SECRET);
    forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    forms.dedup();
    forms
}

/// By the value's own name, or by the header that it comes from.
fn is_secret(name: &str, captures: &BTreeMap<String, Capture>) -> bool {
    let header = match captures.get(name).map(|capture| &capture.from) {
        Some(Place::Header(header)) => header.as_str(),
        _ => "",
    };
    shown::is_secret_name(name) || shown::is_secret_name(header)
}

fn without(reading: &Reading<Exchange>, secrets: &[String]) -> Reading<Exchange> {
    let clean = serde_json::to_value(reading).and_then(|mut json| {
        shown::hide(&mut json, secrets);
        serde_json::from_value(json)
    });
    // Only texts change; should a type ever refuse one, keeping nothing beats keeping a secret.
    clean
        .unwrap_or_else(|error| Reading::unreadable(Cause::Refused, format!("hiding a captured value failed: {error}")))
}

fn taken(captures: &BTreeMap<String, Capture>, answer: &Answer) -> BTreeMap<String, Result<String, String>> {
    let header =
        |name: &str| answer.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let text = String::from_utf8_lossy(answer.body.text());
    let (json, _) = answer.body.json();
    let source = Source { json: &json, text: &text, header: &header };
    let status = answer.status;
    let value = |capture: &Capture| capture.take(&source).map_err(|why| format!("{why} (status {status})"));
    captures.iter().map(|(name, capture)| (name.clone(), value(capture))).collect()
}

/// Fills every template of the request.
fn fill(engine: &Engine, context: &Map<String, Json>, request: &mut HttpRequest) -> Result<(), String> {
    let context = value_of(context);
    let render = |text: &mut String| {
        *text = engine.render(text, &context).map_err(|error| error.to_string())?;
        Ok::<_, String>(())
    };
    request.headers.values_mut().chain(request.body.as_mut()).try_for_each(render)?;
    let Some(step) = request.step.as_deref_mut() else { return Ok(()) };
    match &mut step.url {
        Some(url) => render(url)?,
        None => render(&mut request.path)?,
    }
    step.multipart.iter_mut().flat_map(|multipart| multipart.texts_mut()).try_for_each(render)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_known_again_by_its_value_and_as_urls_have_it() {
        let forms = telling("session=\"a/b=c=d\"; Path=/; HttpOnly");
        for form in ["a/b=c=d", "a%2Fb%3Dc%3Dd"] {
            assert!(forms.iter().any(|known| known == form), "{form}: {forms:?}");
        }
        assert!(forms.iter().all(|form| form.len() >= SHORTEST_SECRET), "{forms:?}");
        assert!(!forms.iter().any(|form| form == "session"), "{forms:?}");
        assert!(telling("a%2Fb%2Fcd").iter().any(|form| form == "a/b/cd"));
        assert_eq!(cookie_value("theme=dark"), "dark");
        assert_eq!(telling("abc"), [""; 0], "it would be found in half of all texts");
    }
}
