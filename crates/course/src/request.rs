//! A check's `[[request]]` steps.

use std::collections::BTreeMap;

use super::expect::{Spanned, spanned};
use super::reader::{Entry, Table};
use super::upload::Upload;
use stackmark_language::capture::{Capture, Place};
use stackmark_language::request::HttpRequest;

/// Methods that a check may send.
const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PUT", "DELETE"];
/// A check never sends one request more often than this.
pub(super) const MOST_REPEATS: i64 = 100;
/// Seconds that one attempt may take, at most; of a step and of a load.
const LONGEST_TIMEOUT: f64 = 120.0;
/// Seconds that a step may be asked again, at most.
const LONGEST_WAIT: f64 = 300.0;
/// Seconds between two tries, at least.
const SHORTEST_PAUSE: f64 = 0.5;
/// Redirects that a step may follow, at most.
const MOST_REDIRECTS: i64 = 10;

/// Milliseconds of a `timeout` in seconds, of a step and of a load; ten seconds where none is given.
pub(super) fn timeout_ms(table: &Table<'_>) -> Option<u64> {
    let timeout = table.get("timeout");
    let seconds = timeout.as_ref().map_or(Some(10.0), Entry::number);
    if let (Some(timeout), Some(seconds)) = (&timeout, seconds)
        && !(seconds > 0.0 && seconds <= LONGEST_TIMEOUT)
    {
        timeout.error(
            format!("`{}` is {seconds} s", timeout.name),
            format!("a timeout is above 0 and at most {LONGEST_TIMEOUT} seconds"),
        );
    }
    Some((seconds? * 1000.0).round() as u64)
}

/// One step: a request, and the name under which expressions see its exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestStep {
    /// A variable in the check's expressions.
    pub name: Spanned,
    /// HTTP method.
    pub method: &'static str,
    /// A template: path and query, or a whole URL where `is_url`.
    pub path: Spanned,
    /// The template gives a URL, as an earlier step captured it.
    pub is_url: bool,
    /// Header names, and templates of their values.
    pub headers: BTreeMap<String, Spanned>,
    /// A template.
    pub body: Option<Spanned>,
    /// Fields and files to send instead of a body.
    pub upload: Option<Upload>,
    /// Values for later steps, by the name that their templates use, with the place of that name.
    pub captures: BTreeMap<String, (Capture, std::ops::Range<usize>)>,
    /// Whether to ask again until the answer is as wanted.
    pub eventually: Option<Retry>,
    /// Where an earlier step's answer lacks what this one needs, expressions see `none`.
    pub optional: bool,
    /// It is for comparison only: where it is absent or could not be read, expressions see `none`, and the check is judged.
    pub beside: bool,
    /// A template that gives a whole number.
    pub repeat: Spanned,
    /// For one attempt, milliseconds.
    pub timeout_ms: u64,
    /// Redirects to follow.
    pub max_redirects: u32,
}

/// Ask again until `that` holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// An expression over the step's own exchange.
    pub that: Spanned,
    /// From the first try on, milliseconds.
    pub within_ms: u64,
    /// Between two tries, milliseconds.
    pub every_ms: u64,
}

impl RequestStep {
    /// Reads one `[[request]]`.
    pub fn read(table: Table<'_>) -> Option<Self> {
        let name = table.require("name", "\"cluster1\"").and_then(|name| spanned(&name));
        if let Some(name) = &name
            && !is_identifier(&name.text)
        {
            table.reader().error(
                name.span.clone(),
                format!("request name \"{}\" is not a valid variable name", name.text),
                NAME_FIX,
            );
        }
        let method = table.get("method").map_or(Some("GET"), |method| method.one_of(&METHODS));
        let url = table.get("url");
        let path = match (&url, table.get("path")) {
            (Some(url), Some(_)) => {
                url.error("`url` and `path` cannot be combined", "remove one of them");
                None
            }
            (Some(url), None) => spanned(url),
            (None, Some(path)) => spanned(&path),
            (None, None) => table.require("path", "\"/\"").and_then(|path| spanned(&path)),
        };
        let mut headers = BTreeMap::new();
        if let Some(given) = table.table("headers") {
            for (header, _, value) in given.entries() {
                if let Some(value) = spanned(&value) {
                    headers.insert(header.to_ascii_lowercase(), value);
                }
            }
        }
        let body = table.get("body");
        let multipart = table.get("multipart");
        let changes = method.is_some_and(changes_state);
        if let Some(multipart) = &multipart {
            if body.is_some() {
                multipart.error("`multipart` and `body` cannot be combined", "remove one of them");
            }
            if method.is_some() && !changes {
                multipart.error("`multipart` is sent with a method that has no body", "add method = \"POST\"");
            }
            if headers.contains_key("content-type") {
                multipart.error("`multipart` names its own content type", "remove content-type from `headers`");
            }
        }
        if let Some(url) = url.as_ref().filter(|_| changes || !headers.is_empty() || body.is_some()) {
            let fix = "an address that a team's server names gets a plain GET or HEAD, without headers and body";
            url.error("more than a plain request is sent to `url`", fix);
        }
        let upload = multipart.map(|entry| entry.table().and_then(Upload::read));
        let body = body.and_then(|body| spanned(&body));
        let captures = table.table("capture").map(captures).unwrap_or_default();
        let repeated = table.get("repeat");
        let eventually = table.get("eventually");
        if let Some(entry) = &eventually {
            if changes {
                entry.error("a request that changes something is asked again", "wait with a GET after it");
            }
            if repeated.is_some() {
                entry.error("`eventually` and `repeat` cannot be combined", "remove one of them");
            }
        }
        let eventually = eventually.map(|entry| entry.table().and_then(Retry::read));
        let optional = table.get("optional").map_or(Some(false), |entry| entry.boolean());
        let beside = table.get("beside").map_or(Some(false), |entry| entry.boolean());
        let repeat = match repeated {
            None => Some(Spanned { text: "1".to_owned(), span: 0..0 }),
            Some(entry) if entry.type_name() == "string" => spanned(&entry),
            Some(entry) => entry.integer().map(|count| Spanned { text: count.to_string(), span: entry.span.clone() }),
        };
        let timeout_ms = timeout_ms(&table);
        let redirects = table.get("redirects");
        // A step that takes the redirect itself does not follow it.
        let takes_it =
            captures.values().any(|(capture, _)| matches!(&capture.from, Place::Header(name) if name == "location"));
        let usual = if takes_it { 0 } else { HttpRequest::REDIRECTS };
        let followed = redirects.as_ref().map_or(Some(i64::from(usual)), Entry::integer);
        if let (Some(entry), Some(count)) = (&redirects, followed)
            && !(0..=MOST_REDIRECTS).contains(&count)
        {
            entry.error(format!("`{}` is {count}", entry.name), format!("from 0 to {MOST_REDIRECTS} are followed"));
        }
        table.finish();
        Some(Self {
            name: name?,
            method: method?,
            path: path?,
            is_url: url.is_some(),
            headers,
            body,
            upload: match upload {
                Some(upload) => Some(upload?),
                None => None,
            },
            captures,
            eventually: match eventually {
                Some(eventually) => Some(eventually?),
                None => None,
            },
            optional: optional?,
            beside: beside?,
            repeat: repeat?,
            timeout_ms: timeout_ms?,
            max_redirects: u32::try_from(followed?.clamp(0, MOST_REDIRECTS)).unwrap_or(0),
        })
    }

    /// Every template of the step.
    pub fn templates(&self) -> impl Iterator<Item = &Spanned> {
        let upload = self.upload.iter().flat_map(Upload::templates);
        [&self.path, &self.repeat].into_iter().chain(self.headers.values()).chain(&self.body).chain(upload)
    }

    /// Those that are filled in before anything is sent.
    pub(super) fn fixed_templates(&self) -> impl Iterator<Item = &Spanned> {
        std::iter::once(&self.repeat).chain(self.upload.iter().flat_map(Upload::fixed_templates))
    }

    /// Whether the steps after this one depend on its having been sent, and just now.
    pub(super) fn binds(&self) -> bool {
        changes_state(self.method) || !self.captures.is_empty() || self.eventually.is_some() || self.is_url
    }
}

fn changes_state(method: &str) -> bool {
    !matches!(method, "GET" | "HEAD")
}

/// Reads `capture = { url = { json = "$.content" } }`.
fn captures(table: Table<'_>) -> BTreeMap<String, (Capture, std::ops::Range<usize>)> {
    let mut captures = BTreeMap::new();
    for (name, span, entry) in table.entries() {
        if !is_identifier(&name) {
            table.reader().error(span.clone(), format!("`{name}` is not a valid variable name"), NAME_FIX);
        }
        let Some(fields) = entry.table() else { continue };
        let (json, header, regex) = (fields.string("json"), fields.string("header"), fields.string("regex"));
        fields.finish();
        let from = match (json, header) {
            (Some(json), None) => Place::Json(json),
            (None, Some(header)) => Place::Header(header.to_ascii_lowercase()),
            (None, None) if regex.is_some() => Place::Body,
            (json, _) => {
                let message = if json.is_some() { "comes from two places" } else { "comes from nowhere" };
                let fix = "take it from json = \"$.content\", header = \"location\" or regex = \"id=([0-9]+)\", \
                           which may also narrow one of the others";
                entry.error(format!("the captured value `{name}` {message}"), fix);
                continue;
            }
        };
        let capture = Capture { from, regex };
        if let Err(problem) = capture.check() {
            entry.error(problem, "see Requests in docs/rubrics.md for what can be captured");
        }
        captures.insert(name, (capture, span));
    }
    captures
}

impl Retry {
    /// Reads `eventually = { that = "…", within = 60, every = 2 }`.
    fn read(table: Table<'_>) -> Option<Self> {
        let that = table.require("that", "\"page.status == 200\"").and_then(|that| spanned(&that));
        let within = table.require("within", "60");
        let every = table.get("every");
        let seconds = |entry: Option<&Entry<'_>>, usual: f64, range: std::ops::RangeInclusive<f64>| {
            let Some(entry) = entry else { return Some(usual) };
            let seconds = entry.number()?;
            if !range.contains(&seconds) {
                let fix = format!("from {} to {} seconds", range.start(), range.end());
                entry.error(format!("`{}` is {seconds} s", entry.name), fix);
            }
            Some(seconds)
        };
        let within_s = seconds(within.as_ref(), 0.0, 1.0..=LONGEST_WAIT);
        let every_s = seconds(every.as_ref(), 2.0, SHORTEST_PAUSE..=within_s.unwrap_or(LONGEST_WAIT));
        table.finish();
        let milliseconds = |seconds: f64| (seconds.clamp(0.0, LONGEST_WAIT) * 1000.0).round() as u64;
        within?;
        Some(Self { that: that?, within_ms: milliseconds(within_s?), every_ms: milliseconds(every_s?) })
    }
}

/// How a variable is named.
pub const NAME_FIX: &str = "use letters, digits and `_`, a letter first, and no word of expressions such as `none`";

/// Words that mean something else in an expression.
const RESERVED: [&str; 13] =
    ["and", "else", "false", "False", "if", "in", "is", "none", "None", "not", "or", "true", "True"];

/// Whether `text` can stand as a variable in an expression.
pub fn is_identifier(text: &str) -> bool {
    if RESERVED.contains(&text) {
        return false;
    }
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
