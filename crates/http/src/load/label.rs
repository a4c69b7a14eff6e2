//! Which back end an answer came from.

use std::hash::{DefaultHasher, Hash, Hasher};

use hyper::HeaderMap;
use regex::bytes::Regex;

use super::super::body::Body;
use super::super::ids;
use stackmark_collect::redact::redact;
use stackmark_language::load::LoadLabel;

/// Bytes of a label that are kept.
const LABEL_KEPT: usize = 128;
/// Bytes of a label that are looked at: a key that begins in what is kept ends in these.
const LABEL_READ: usize = 4 << 10;
/// Bytes of a body by which one is told from another, as those of single requests are.
const BODY_COMPARED: usize = 512;

/// What an answer says of the back end that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Label {
    /// It is this one; at most 128 bytes.
    One(String),
    /// It names none; bodies that begin alike have the same number.
    Unnamed { body: u64 },
    /// It names more than one.
    Several,
    /// It may name one: its body could not be read whole.
    Unread,
}

/// Reads labels as a load asks for them.
#[derive(Debug)]
pub(super) enum Labeller {
    InstanceId,
    Json(String),
    Header(String),
    Body(Regex),
    /// The pattern does not compile, which the check's reader refuses.
    None,
}

impl Labeller {
    pub(super) fn new(label: &LoadLabel) -> Self {
        match label {
            LoadLabel::InstanceId => Self::InstanceId,
            LoadLabel::Json { pointer } => Self::Json(pointer.clone()),
            LoadLabel::Header { name } => Self::Header(name.clone()),
            LoadLabel::Body { pattern } => Regex::new(pattern).map_or(Self::None, Self::Body),
        }
    }

    /// Whether it looks at bodies.
    pub(super) fn reads_bodies(&self) -> bool {
        !matches!(self, Self::Header(_) | Self::None)
    }

    /// The label of one answer.
    pub(super) fn read(&self, headers: &HeaderMap, body: &Body) -> Label {
        let found = match self {
            Self::InstanceId => {
                let mut named = ids::named(headers, body.text()).into_iter();
                match (named.next(), named.next()) {
                    (Some(_), Some(_)) => return Label::Several,
                    (only, _) => only.map(String::into_bytes),
                }
            }
            Self::Json(pointer) => match body.json().0.pointer(pointer) {
                Some(serde_json::Value::String(text)) => Some(text.clone().into_bytes()),
                Some(number @ serde_json::Value::Number(_)) => Some(number.to_string().into_bytes()),
                _ => None,
            },
            Self::Header(name) => headers.get(name).map(|value| value.as_bytes().to_vec()),
            Self::Body(pattern) => pattern
                .captures(body.text())
                .and_then(|captures| captures.get(1))
                .map(|found| found.as_bytes().to_vec()),
            Self::None => None,
        };
        match found.map(|found| shortened(&found)).filter(|text| !text.trim().is_empty()) {
            Some(text) => Label::One(text),
            None if self.reads_bodies() && (body.unread.is_some() || self.misses_json(body)) => Label::Unread,
            None => Label::Unnamed { body: beginning(body.text()) },
        }
    }

    fn misses_json(&self, body: &Body) -> bool {
        matches!(self, Self::Json(_)) && body.json().1.is_some()
    }
}

fn beginning(body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    body[..body.len().min(BODY_COMPARED)].hash(&mut hasher);
    hasher.finish()
}

/// A label ends where it is cut; half of a secret would be told by nothing there.
fn shortened(found: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(&found[..found.len().min(LABEL_READ)]).into_owned();
    if text.len() > LABEL_KEPT {
        text = redact(&text).0;
        text.truncate(text.floor_char_boundary(LABEL_KEPT));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(label: &LoadLabel, body: &Body) -> Label {
        let mut headers = HeaderMap::new();
        headers.insert("x-served-by", "web-2".parse().unwrap());
        Labeller::new(label).read(&headers, body)
    }

    fn read(wanted: &LoadLabel, body: &str) -> Option<String> {
        match label(wanted, &Body::plain(body.as_bytes())) {
            Label::One(text) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn each_place_gives_its_label() {
        let json = LoadLabel::Json { pointer: "/host/id".to_owned() };
        assert_eq!(read(&json, r#"{"host": {"id": "a"}}"#).as_deref(), Some("a"));
        assert_eq!(read(&json, r#"{"host": {"id": 7}}"#).as_deref(), Some("7"));
        assert_eq!(read(&json, r#"{"host": {"id": []}}"#), None);
        assert_eq!(read(&json, "<html>"), None);
        assert_eq!(read(&LoadLabel::Header { name: "x-served-by".to_owned() }, "").as_deref(), Some("web-2"));
        let body = LoadLabel::Body { pattern: r"from (\S+)".to_owned() };
        assert_eq!(read(&body, "hello from ip-10-0-0-7 today").as_deref(), Some("ip-10-0-0-7"));
        assert_eq!(read(&LoadLabel::InstanceId, "i-0a1b2c3d, yes i-0a1b2c3d").as_deref(), Some("i-0a1b2c3d"));
    }

    #[test]
    fn several_none_and_not_known_stand_apart() {
        let of = |body: &str| label(&LoadLabel::InstanceId, &Body::plain(body.as_bytes()));
        assert_eq!(of("i-0a1b2c3d i-00000000"), Label::Several);
        let none = |label: &Label| matches!(label, Label::Unnamed { .. });
        assert!(none(&of("wifi-deadbeef")) && of("wifi-deadbeef") == of("wifi-deadbeef"));
        assert!(none(&of("web-2")) && of("web-1") != of("web-2"));
        assert_eq!(of("web-2 at 10.0.1.5"), Label::One("10.0.1.5".to_owned()));
        assert_eq!(of("10.0.1.5 for 10.0.9.9"), Label::Several);
        let late = format!("{}i-0a1b2c3d", " ".repeat(200 << 10));
        assert_eq!(of(&late), Label::One("i-0a1b2c3d".to_owned()), "as deep as a single request is read");
        let cut = Body::read(&HeaderMap::new(), b"<html>".to_vec(), true, 6);
        assert_eq!(label(&LoadLabel::InstanceId, &cut), Label::Unread);
        let header = LoadLabel::Header { name: "x-nobody".to_owned() };
        assert!(none(&label(&header, &cut)), "the body has nothing to do with it");
    }

    #[test]
    fn a_label_is_cut_between_characters() {
        let label = read(&LoadLabel::Body { pattern: "(é+)".to_owned() }, &format!("x{}", "é".repeat(500)));
        assert_eq!(label.map(|label| label.len()), Some(128));
        let label = read(&LoadLabel::Body { pattern: "(xé+)".to_owned() }, &format!("x{}", "é".repeat(500)));
        assert_eq!(label.map(|label| label.len()), Some(127));
    }

    #[test]
    fn half_of_a_secret_is_not_left_where_a_label_is_cut() {
        let secret = ["ghp_", "Zr1kQ7yVnT0xPqLmW3sHdJ5uGfE9aCoXiR2N"].concat();
        let label = read(&LoadLabel::Body { pattern: "(.+)".to_owned() }, &format!("{} {secret}", "x".repeat(110)));
        assert!(label.as_ref().is_some_and(|label| !label.contains("ghp_Z")), "{label:?}");
    }
}
