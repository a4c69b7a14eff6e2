//! `scorecard.json` and `evidence.json`: written the same way every time, and read back with their format checked.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use stackmark_evidence::{Evidence, bundle, unwritten};
use stackmark_judge::scorecard::{self, Scorecard};

/// Why a file could not be taken for what it should be.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON, or not of the shape that its format has.
    #[error("not a {expected} file: {reason}")]
    Malformed {
        /// The format that was asked for.
        expected: &'static str,
        /// Where it goes wrong: line, column and why.
        reason: serde_json::Error,
    },
    /// It says that it is something else.
    #[error("format is {found}, expected {expected}; {fix}")]
    Schema {
        /// What the file says, quoted, or that it says nothing.
        found: String,
        /// The format that was asked for.
        expected: &'static str,
        /// What to do.
        fix: &'static str,
    },
}

/// The scorecard as stored: indented, in a fixed order, with a newline at the end.
pub fn scorecard(card: &Scorecard) -> String {
    pretty(card)
}

/// The evidence as stored: indented, in a fixed order, with a newline at the end.
pub fn evidence(evidence: &Evidence) -> String {
    pretty(evidence)
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads what [`scorecard()`] wrote.
///
/// # Errors
/// Where it is no JSON, of another format or version, or of another shape.
pub fn read_scorecard(text: &str) -> Result<Scorecard, ReadError> {
    read(text, scorecard::SCHEMA, "judge again from the evidence with `stackmark report`")
}

/// Reads what [`evidence`] wrote.
///
/// # Errors
/// Where it is no JSON, of another format or version, or of another shape.
pub fn read_evidence(text: &str) -> Result<Evidence, ReadError> {
    let fix = "collect again with `stackmark collect`, or use the version that wrote it";
    let mut evidence: Evidence = read(text, bundle::SCHEMA, fix)?;
    // It was read a moment ago.
    if let Ok(raw) = serde_json::from_str::<serde_json::Value>(text) {
        evidence.unwritten = unwritten::pointers(&raw, &value(&evidence));
    }
    Ok(evidence)
}

pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).expect("plain data always serialises");
    text.push('\n');
    text
}

/// A value as other tools read it: indented, with a newline at the end.
pub(super) fn pretty_value(value: &serde_json::Value) -> String {
    pretty(value)
}

/// The same, as a value for the templates.
pub(super) fn value(value: &impl Serialize) -> serde_json::Value {
    serde_json::to_value(value).expect("plain data always serialises")
}

/// The format is checked before the shape, so that another version gives one clear message instead of a missing field.
fn read<T: DeserializeOwned>(text: &str, expected: &'static str, fix: &'static str) -> Result<T, ReadError> {
    #[derive(Deserialize)]
    struct Stamp {
        schema: Option<String>,
    }
    let malformed = |reason| ReadError::Malformed { expected, reason };
    let stamp: Stamp = serde_json::from_str(text).map_err(malformed)?;
    match stamp.schema {
        Some(schema) if schema == expected => serde_json::from_str(text).map_err(malformed),
        Some(schema) => Err(ReadError::Schema { found: format!("{schema:?}"), expected, fix }),
        None => Err(ReadError::Schema { found: "not given".to_owned(), expected, fix }),
    }
}

#[cfg(test)]
mod tests {
    use super::{read_evidence, read_scorecard, sha256_hex};

    #[test]
    fn another_format_is_refused_by_name_with_what_to_do() {
        let message = read_scorecard(r#"{"schema": "stackmark/scorecard/v9", "mark": 3}"#).unwrap_err().to_string();
        assert_eq!(
            message,
            "format is \"stackmark/scorecard/v9\", expected stackmark/scorecard/v1; judge again from the evidence with \
             `stackmark report`"
        );
        let message = read_evidence(r#"{"schema": "stackmark/scorecard/v1"}"#).unwrap_err().to_string();
        assert!(message.contains("expected stackmark/evidence/v1; collect again"), "{message}");
        let message = read_evidence("{}").unwrap_err().to_string();
        assert!(message.starts_with("format is not given, expected"), "{message}");
    }

    #[test]
    fn damage_is_told_with_its_place() {
        let message = read_evidence("{\n  \"schema\": ").unwrap_err().to_string();
        assert!(message.contains("line 2"), "{message}");
        let message = read_scorecard(r#"{"schema": "stackmark/scorecard/v1"}"#).unwrap_err().to_string();
        assert!(message.contains("missing field `tool`"), "{message}");
    }

    #[test]
    fn hashes_as_published() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
