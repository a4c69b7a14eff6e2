//! A value that a step takes from its answer for the steps after it.

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A longer value is no id, token or URL that a later step could use.
const LONGEST: usize = 8 << 10;

/// Where the value stands, and what of it is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// Where it stands.
    pub from: Place,
    /// The part that this matches: the first of its groups that took part, or all of it where none did.
    pub regex: Option<String>,
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "at", rename_all = "kebab-case")]
pub enum Place {
    /// In the body's JSON, at `$.content[0].url` or `/content/0/url`.
    Json(String),
    /// The header of this name.
    Header(String),
    /// Anywhere in the body.
    Body,
}

/// An answer, as far as values are taken from it.
pub struct Source<'a> {
    /// The body, where it is JSON.
    pub json: &'a Json,
    /// The body.
    pub text: &'a str,
    /// A header's first value, by its name in lower case.
    pub header: &'a dyn Fn(&str) -> Option<String>,
}

impl Capture {
    /// What is wrong with it, if anything is.
    ///
    /// # Errors
    /// A path that is none, or a regular expression that does not compile: a lowercase fragment.
    pub fn check(&self) -> Result<(), String> {
        if let Place::Json(path) = &self.from {
            parts(path)?;
        }
        match &self.regex {
            Some(pattern) => compiled(pattern).map(drop),
            None => Ok(()),
        }
    }

    /// The value in an answer.
    ///
    /// # Errors
    /// Why there is none, to follow "it gave no `url`: ".
    pub fn take(&self, source: &Source<'_>) -> Result<String, String> {
        let found = match &self.from {
            Place::Json(path) => in_json(source.json, path)?,
            Place::Header(name) => (source.header)(name).ok_or_else(|| format!("the answer has no header `{name}`"))?,
            Place::Body => source.text.to_owned(),
        };
        let value = match &self.regex {
            None => found,
            Some(pattern) => {
                let part = compiled(pattern)?.captures(&found).map(|captures| {
                    let group = captures.iter().skip(1).flatten().next().or_else(|| captures.get(0));
                    group.map_or("", |group| group.as_str()).to_owned()
                });
                part.ok_or_else(|| format!("nothing in {} fits {pattern}", self.place()))?
            }
        };
        // What a regular expression took is empty on purpose.
        let lacks = value.is_empty() && self.regex.is_none();
        if lacks || value.len() > LONGEST || value.chars().any(char::is_control) {
            let what = match value.len() {
                0 => "is empty",
                length if length > LONGEST => "is longer than any that is used",
                _ => "has control characters in it",
            };
            return Err(format!("the value in {} {what}", self.place()));
        }
        Ok(value)
    }

    fn place(&self) -> String {
        match &self.from {
            Place::Json(path) => format!("its JSON at {path}"),
            Place::Header(name) => format!("the header `{name}`"),
            Place::Body => "the body".to_owned(),
        }
    }
}

impl std::fmt::Display for Capture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.from {
            Place::Json(path) => write!(f, "json {path}")?,
            Place::Header(name) => write!(f, "header {name}")?,
            Place::Body => f.write_str("body")?,
        }
        self.regex.as_ref().map_or(Ok(()), |regex| write!(f, " /{regex}/"))
    }
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| {
        let message = error.to_string();
        let last = message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        format!("the regular expression {pattern} does not compile: {last}")
    })
}

fn in_json(json: &Json, path: &str) -> Result<String, String> {
    if json.is_null() {
        return Err("the answer is no JSON".to_owned());
    }
    let mut value = json;
    for part in parts(path)? {
        let inner = match value {
            Json::Array(elements) => part.parse::<usize>().ok().and_then(|index| elements.get(index)),
            Json::Object(fields) => fields.get(&part),
            _ => None,
        };
        value = inner.ok_or_else(|| format!("its JSON has nothing at {path}"))?;
    }
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(value) => Ok(value.to_string()),
        Json::Null => Err(format!("its JSON is null at {path}")),
        Json::Array(_) | Json::Object(_) => Err(format!("its JSON is no text or number at {path}")),
    }
}

/// The steps of `$.a.b[0]['c d']` or of the JSON pointer `/a/b/0/c d`.
fn parts(path: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("{path} is neither `$.a.b[0]` nor a JSON pointer `/a/b/0`");
    if let Some(pointer) = path.strip_prefix('/') {
        return Ok(pointer.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect());
    }
    let mut rest = path.strip_prefix('$').ok_or_else(wrong)?;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        if let Some(name) = rest.strip_prefix('.') {
            let end = name.find(['.', '[']).unwrap_or(name.len());
            if end == 0 {
                return Err(wrong());
            }
            parts.push(name[..end].to_owned());
            rest = &name[end..];
        } else {
            let inner = rest.strip_prefix('[').ok_or_else(wrong)?;
            let (part, after) = match inner.chars().next().filter(|quote| matches!(quote, '\'' | '"')) {
                Some(quote) => inner[1..].split_once(&format!("{quote}]")).ok_or_else(wrong)?,
                None => {
                    let (index, after) = inner.split_once(']').ok_or_else(wrong)?;
                    index.parse::<usize>().map_err(|_| wrong())?;
                    (index, after)
                }
            };
            parts.push(part.to_owned());
            rest = after;
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(from: Place, regex: Option<&str>, body: &str) -> Result<String, String> {
        let json = serde_json::from_str(body).unwrap_or_default();
        let header = |name: &str| (name == "location").then(|| "/items/7".to_owned());
        Capture { from, regex: regex.map(str::to_owned) }.take(&Source { json: &json, text: body, header: &header })
    }

    #[test]
    fn values_are_taken_from_json_headers_and_text() {
        let body = r#"{"content": {"urls": ["a", "b"], "a/b": 7, "c d": true}}"#;
        for (path, value) in [
            ("$.content.urls[1]", "b"),
            ("/content/urls/0", "a"),
            ("/content/a~1b", "7"),
            ("$.content['c d']", "true"),
            ("$['content'].urls[0]", "a"),
        ] {
            assert_eq!(take(Place::Json(path.to_owned()), None, body).as_deref(), Ok(value), "{path}");
        }
        let header = || Place::Header("location".to_owned());
        assert_eq!(take(header(), None, "").as_deref(), Ok("/items/7"));
        assert_eq!(take(header(), Some(r"\d+$"), "").as_deref(), Ok("7"));
        assert_eq!(take(Place::Body, Some("action='(.*?)'"), "action=''").as_deref(), Ok(""));
        assert_eq!(take(Place::Body, Some("a(x)|b(y)"), "by").as_deref(), Ok("y"));
        assert_eq!(take(Place::Body, Some(r#"src="([^"]+)""#), r#"<img src="/a.png">"#).as_deref(), Ok("/a.png"));
    }

    #[test]
    fn what_is_not_there_is_told() {
        let json = |path: &str, body| take(Place::Json(path.to_owned()), None, body).unwrap_err();
        assert_eq!(json("$.content", "<html>"), "the answer is no JSON");
        assert_eq!(json("$.content", "{}"), "its JSON has nothing at $.content");
        assert_eq!(json("$.content", r#"{"content": null}"#), "its JSON is null at $.content");
        assert_eq!(json("$.content", r#"{"content": []}"#), "its JSON is no text or number at $.content");
        assert_eq!(
            json("$.content", r#"{"content": "a\r\nb"}"#),
            "the value in its JSON at $.content has control characters in it"
        );
        assert_eq!(json("$.content", r#"{"content": ""}"#), "the value in its JSON at $.content is empty");
        assert_eq!(take(Place::Body, Some("x"), "y").unwrap_err(), "nothing in the body fits x");
        let header = take(Place::Header("x-id".to_owned()), None, "").unwrap_err();
        assert_eq!(header, "the answer has no header `x-id`");
    }

    #[test]
    fn mistakes_of_a_check_are_found_before_anything_is_sent() {
        let check = |from, regex: Option<&str>| Capture { from, regex: regex.map(str::to_owned) }.check();
        for path in ["content", "$content", "$.", "$.a[", "$.a[x]", "$.a['b]", ""] {
            assert!(check(Place::Json(path.to_owned()), None).is_err(), "{path}");
        }
        assert!(check(Place::Body, Some("(")).unwrap_err().contains("does not compile: unclosed group"));
        assert_eq!(check(Place::Json("$.a['b'][0]".to_owned()), Some("x")), Ok(()));
    }
}
