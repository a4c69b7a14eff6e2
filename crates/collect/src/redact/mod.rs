//! Secrets found and taken out, before anything is stored, printed or rendered.
//!
//! A secret is replaced by what tells its kind and nothing else: `AKIA…[redacted aws access key]`. The kinds are three lists,
//! `services.toml`, `kinds.toml` and `passwords.toml`, from the formats that their makers publish: keys of clouds, forges,
//! registries, payment, messages and language models; passwords by the names that people give them, in URLs, connection strings, commands and
//! files of passwords; and last what looks random, or is hexadecimal, beside a telling name. Beside these are PEM blocks,
//! whole or cut off, and each kind in Base64.
//!
//! Placeholders (`<your-password>`, `changeme`, `${VAR}`), the example keys of AWS's documentation, commit ids,
//! checksums and encoded images are not secrets.

mod base64;
mod leak;
mod names;
mod passwords;
mod patterns;
mod pem;
mod rules;
mod values;
mod whole;

use std::collections::HashSet;
use std::hash::Hasher;

use serde_json::{Map, Value};

pub use leak::Opens;
pub use whole::Redacted;

/// A secret, never in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretHit {
    /// One of the kinds of the list.
    pub kind: &'static str,
    /// Where it begins, one-based.
    pub line: u64,
    /// Where it ends.
    pub last_line: u64,
    /// Tells it from other secrets, white space aside. A short password can be found from it: it is never stored.
    pub fingerprint: u64,
    /// What it looks like with all but its type taken out.
    pub redacted: String,
    /// Whether a line of it, or the one above, says that it is invented. It is redacted as any other.
    pub marked: bool,
    /// What it opens, going by what is at hand in the text; with the path that tells a leak from a test's password.
    pub opens: Opens,
}

/// How tools let a line say that what looks like a secret in it is none: gitleaks, detect-secrets, TruffleHog, and our own.
const MARKS: [&str; 5] = [
    "gitleaks:allow",
    "pragma: allowlist secret",
    "pragma: allowlist nextline secret",
    "trufflehog:ignore",
    "stackmark:invented",
];

/// Removing one secret can lay another bare, as in nested URLs; hostile text gets no more rounds than this.
const MAX_ROUNDS: usize = 16;

/// All secrets in `text`, in the order in which they stand.
pub fn find_secrets(text: &str) -> Vec<SecretHit> {
    let marks: Vec<u64> = match MARKS.iter().any(|mark| text.contains(mark)) {
        true => (1..).zip(text.split('\n')).filter(|(_, line)| is_marked(line)).map(|(number, _)| number).collect(),
        false => Vec::new(),
    };
    let mut line = 1;
    let mut counted_to = 0;
    patterns::find(text)
        .into_iter()
        .map(|secret| {
            line += text[counted_to..secret.start].matches('\n').count() as u64;
            counted_to = secret.start;
            let value = &text[secret.start..secret.end];
            let last_line = line + value.trim_end().matches('\n').count() as u64;
            SecretHit {
                kind: secret.kind,
                line,
                last_line,
                fingerprint: fingerprint(value),
                redacted: secret.replacement(),
                marked: marks.iter().any(|mark| (line.saturating_sub(1)..=last_line).contains(mark)),
                opens: Opens::of(secret.kind, text, secret.start..secret.end),
            }
        })
        .collect()
}

fn is_marked(line: &str) -> bool {
    MARKS.iter().any(|mark| line.contains(mark))
}

fn fingerprint(secret: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    for part in secret.split_whitespace() {
        hasher.write(part.as_bytes());
    }
    hasher.finish()
}

/// `text` with every secret replaced, and how many were.
///
/// Doing it again changes nothing: `redact(&redact(x).0)` is `redact(x).0` and counts zero.
pub fn redact(text: &str) -> (String, u64) {
    replaced(text, false)
}

/// The first characters of `text`. Its secrets are taken out before it is cut: half of one is told by nothing any more.
pub fn beginning(text: &str, most: usize) -> String {
    let clean = redact(text).0;
    match clean.char_indices().nth(most) {
        Some((at, _)) => clean[..at].to_owned(),
        None => clean,
    }
}

/// As [`redact`]; with `keeps_lines`, a secret of several lines leaves as many.
fn replaced(text: &str, keeps_lines: bool) -> (String, u64) {
    let mut text = text.to_owned();
    let mut count = 0;
    for _ in 0..MAX_ROUNDS {
        let secrets = patterns::find(&text);
        if secrets.is_empty() {
            break;
        }
        count += secrets.len() as u64;
        let mut clean = String::with_capacity(text.len());
        let mut copied_to = 0;
        for secret in &secrets {
            clean.push_str(&text[copied_to..secret.start]);
            clean.push_str(&secret.replacement());
            if keeps_lines {
                let breaks = text[secret.start..secret.end].matches('\n').count();
                clean.extend(std::iter::repeat_n('\n', breaks));
            }
            copied_to = secret.end;
        }
        clean.push_str(&text[copied_to..]);
        text = clean;
    }
    (text, count)
}

/// Redacts all strings of `value` in place, keys included, and returns how many secrets were replaced.
///
/// A value is also judged by its key: `hunter2` is a password under the key `password`, and alone it is not.
pub fn redact_json(value: &mut Value) -> u64 {
    Walk::default().value(value)
}

/// A longer text is rarely there twice.
const SHORT: usize = 64;
/// Short texts that are remembered.
const MOST_KNOWN: usize = 20_000;

/// Redacts the strings of one value.
#[derive(Default)]
struct Walk {
    /// Short texts without a secret: names of fields, dates, people and ids, of which a history has each a thousand times.
    clean: HashSet<String>,
}

impl Walk {
    fn value(&mut self, value: &mut Value) -> u64 {
        match value {
            Value::String(text) => self.text(text),
            Value::Array(items) => items.iter_mut().map(|item| self.value(item)).sum(),
            Value::Object(entries) => self.object(entries),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
    }

    fn text(&mut self, text: &mut String) -> u64 {
        if self.is_clean(text) {
            return 0;
        }
        let (clean, count) = redact(text);
        *text = clean;
        count
    }

    fn is_clean(&mut self, text: &str) -> bool {
        if text.len() <= SHORT && self.clean.contains(text) {
            return true;
        }
        let is_clean = patterns::find(text).is_empty();
        if is_clean && text.len() <= SHORT && self.clean.len() < MOST_KNOWN {
            self.clean.insert(text.to_owned());
        }
        is_clean
    }

    fn object(&mut self, entries: &mut Map<String, Value>) -> u64 {
        let mut count = 0;
        let mut key_changed = false;
        // In a row of a name and a value, the name tells what the value is: `{ "key": "DbPassword", "value": "hunter2" }`.
        let named = NAMES.iter().find_map(|name| entries.get(*name)?.as_str()).map(str::to_owned);
        for (key, value) in entries.iter_mut() {
            let name_of_row = named.as_deref().filter(|_| VALUES.contains(&key.as_str()));
            count += match value {
                Value::String(text) => match names::kind_by_name(name_of_row.unwrap_or(key), text) {
                    Some(kind) => {
                        *text = patterns::marker("", kind);
                        1
                    }
                    None => self.text(text),
                },
                other => self.value(other),
            };
            key_changed |= !self.is_clean(key);
        }
        if key_changed {
            for (mut key, value) in std::mem::take(entries) {
                count += self.text(&mut key);
                entries.insert(unused_key(entries, key), value);
            }
        }
        count
    }
}

/// Fields that name what a row's value is, as AWS and the tools of its users write them.
const NAMES: [&str; 8] =
    ["key", "Key", "name", "Name", "OptionName", "ParameterKey", "OutputKey", "logical_resource_id"];
const VALUES: [&str; 6] = ["value", "Value", "ParameterValue", "OutputValue", "default", "Default"];

/// Two secret keys of one object redact to the same text; neither entry may be lost.
fn unused_key(entries: &Map<String, Value>, key: String) -> String {
    if !entries.contains_key(&key) {
        return key;
    }
    (2..).map(|n| format!("{key} ({n})")).find(|candidate| !entries.contains_key(candidate)).unwrap_or(key)
}

#[cfg(test)]
mod tests;
