//! A check's `[[request]]` steps.

use std::collections::BTreeMap;

use minijinja::Value;

use super::expect::{Spanned, spanned};
use super::reader::Table;
use crate::judge::expression::{Engine, ExpressionError};
use crate::plan::HttpRequest;

/// Methods that a check may send.
const METHODS: [&str; 5] = ["GET", "HEAD", "POST", "PUT", "DELETE"];
/// A check never sends one request more often than this.
const MOST_REPEATS: i64 = 100;
/// Seconds that one attempt may take, at most.
const LONGEST_TIMEOUT: f64 = 120.0;

/// One step: a request, and the name under which expressions see its exchange.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestStep {
    /// A variable in the check's expressions.
    pub name: Spanned,
    /// HTTP method.
    pub method: &'static str,
    /// A template: path and query.
    pub path: Spanned,
    /// Header names, and templates of their values.
    pub headers: BTreeMap<String, Spanned>,
    /// A template.
    pub body: Option<Spanned>,
    /// A template that gives a whole number.
    pub repeat: Spanned,
    /// For one attempt, milliseconds.
    pub timeout_ms: u64,
    /// Redirects to follow.
    pub max_redirects: u32,
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
                format!("request name \"{}\" is no variable name", name.text),
                NAME_FIX,
            );
        }
        let method = table.get("method").map_or(Some("GET"), |method| method.one_of(&METHODS));
        let path = table.require("path", "\"/\"").and_then(|path| spanned(&path));
        let mut headers = BTreeMap::new();
        if let Some(given) = table.table("headers") {
            for (header, _, value) in given.entries() {
                if let Some(value) = spanned(&value) {
                    headers.insert(header.to_ascii_lowercase(), value);
                }
            }
        }
        let body = table.get("body").and_then(|body| spanned(&body));
        let repeat = match table.get("repeat") {
            None => Some(Spanned { text: "1".to_owned(), span: 0..0 }),
            Some(entry) if entry.type_name() == "string" => spanned(&entry),
            Some(entry) => entry.integer().map(|count| Spanned { text: count.to_string(), span: entry.span.clone() }),
        };
        let timeout = table.get("timeout");
        let seconds = timeout.as_ref().map_or(Some(10.0), super::reader::Entry::number);
        if let (Some(timeout), Some(seconds)) = (&timeout, seconds)
            && !(seconds > 0.0 && seconds <= LONGEST_TIMEOUT)
        {
            timeout.error(
                format!("`{}` is {seconds} s", timeout.name),
                format!("a timeout is above 0 and at most {LONGEST_TIMEOUT} seconds"),
            );
        }
        let redirects = table.get("redirects").map_or(Some(0), |entry| entry.integer());
        table.finish();
        Some(Self {
            name: name?,
            method: method?,
            path: path?,
            headers,
            body,
            repeat: repeat?,
            timeout_ms: (seconds? * 1000.0).round() as u64,
            max_redirects: u32::try_from(redirects?.clamp(0, 10)).unwrap_or(0),
        })
    }

    /// Every template of the step.
    pub fn templates(&self) -> impl Iterator<Item = &Spanned> {
        [&self.path, &self.repeat].into_iter().chain(self.headers.values()).chain(&self.body)
    }

    /// The request with its templates filled in from the check's parameters.
    ///
    /// # Errors
    /// A template that fails, a path without its leading `/`, a repeat out of 1..=100.
    pub fn fill(&self, engine: &Engine, context: &Value) -> Result<HttpRequest, ExpressionError> {
        let wrong = |message: String| ExpressionError { message, range: None };
        let path = engine.render(&self.path.text, context)?;
        if !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ') {
            return Err(wrong(format!("request path \"{path}\" does not start with `/`, or has blanks in it")));
        }
        let repeat_text = engine.render(&self.repeat.text, context)?;
        let repeat = repeat_text.trim().parse::<i64>().ok().filter(|count| (1..=MOST_REPEATS).contains(count));
        let repeat = repeat.and_then(|count| u32::try_from(count).ok()).ok_or_else(|| {
            wrong(format!("repeat is {repeat_text}, expected a whole number from 1 to {MOST_REPEATS}"))
        })?;
        let mut headers = BTreeMap::new();
        for (name, value) in &self.headers {
            headers.insert(name.clone(), engine.render(&value.text, context)?);
        }
        let body = self.body.as_ref().map(|body| engine.render(&body.text, context)).transpose()?;
        let mut request = HttpRequest {
            key: String::new(),
            method: self.method.to_owned(),
            path,
            headers,
            body,
            repeat,
            timeout_ms: self.timeout_ms,
            max_redirects: self.max_redirects,
        };
        request.key = request.key_of();
        Ok(request)
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
