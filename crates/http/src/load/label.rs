//! Which back end an answer came from.

use std::sync::LazyLock;

use hyper::HeaderMap;
use regex::bytes::Regex;

use stackmark_language::load::LoadLabel;

/// Bytes of a body that a label is looked for in.
pub(super) const BODY_READ: usize = 16 << 10;
/// Bytes of a label that are kept.
const LABEL_KEPT: usize = 128;

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

    /// The label, at most 128 bytes; `None` where there is none, or more than one.
    pub(super) fn read(&self, headers: &HeaderMap, body: &[u8]) -> Option<String> {
        let found = match self {
            Self::InstanceId => instance_id(headers, body)?.to_vec(),
            Self::Json(pointer) => {
                let json: serde_json::Value = serde_json::from_slice(body).ok()?;
                match json.pointer(pointer)? {
                    serde_json::Value::String(text) => text.clone().into_bytes(),
                    number @ serde_json::Value::Number(_) => number.to_string().into_bytes(),
                    _ => return None,
                }
            }
            Self::Header(name) => headers.get(name)?.as_bytes().to_vec(),
            Self::Body(pattern) => pattern.captures(body)?.get(1)?.as_bytes().to_vec(),
            Self::None => return None,
        };
        let mut text = String::from_utf8_lossy(&found).into_owned();
        let mut end = text.len().min(LABEL_KEPT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        Some(text).filter(|text| !text.trim().is_empty())
    }
}

/// The one EC2 instance id that stands there, however often.
fn instance_id<'a>(headers: &'a HeaderMap, body: &'a [u8]) -> Option<&'a [u8]> {
    #[allow(clippy::unwrap_used, reason = "a constant that a test compiles")]
    static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new("i-[0-9a-f]{8,17}").unwrap());
    let joined_to = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let mut only: Option<&[u8]> = None;
    for bytes in headers.values().map(|value| value.as_bytes()).chain(std::iter::once(body)) {
        for found in ID.find_iter(bytes) {
            let before = found.start().checked_sub(1).and_then(|at| bytes.get(at));
            if joined_to(before) || joined_to(bytes.get(found.end())) {
                continue;
            }
            match only {
                Some(known) if known != found.as_bytes() => return None,
                _ => only = Some(found.as_bytes()),
            }
        }
    }
    only
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(label: &LoadLabel, body: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("x-served-by", "web-2".parse().unwrap());
        Labeller::new(label).read(&headers, body.as_bytes())
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
    fn an_answer_that_names_several_instances_tells_nothing() {
        assert_eq!(read(&LoadLabel::InstanceId, "i-0a1b2c3d i-00000000"), None);
        assert_eq!(read(&LoadLabel::InstanceId, "wifi-deadbeef"), None);
    }

    #[test]
    fn a_label_is_cut_between_characters() {
        let label = read(&LoadLabel::Body { pattern: "(é+)".to_owned() }, &format!("x{}", "é".repeat(500)));
        assert_eq!(label.map(|label| label.len()), Some(128));
        let label = read(&LoadLabel::Body { pattern: "(xé+)".to_owned() }, &format!("x{}", "é".repeat(500)));
        assert_eq!(label.map(|label| label.len()), Some(127));
    }
}
