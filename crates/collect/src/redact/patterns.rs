//! Where the secrets stand in a text.

use regex::Regex;

use super::base64::{base64, decode};
use super::pem::private_keys;
use super::rules::{RULES, Rules};

/// A secret's place, in bytes of the text.
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: &'static str,
    /// The part of the secret that tells only its type: `AKIA`, `ghp_`.
    pub(super) prefix: String,
}

impl Found {
    pub(super) fn replacement(&self) -> String {
        marker(&self.prefix, self.kind)
    }
}

/// What stands where a secret stood.
pub(super) fn marker(prefix: &str, kind: &str) -> String {
    format!("{prefix}…[redacted {kind}]")
}

/// All secrets of `text`, in order, none overlapping another.
pub(super) fn find(text: &str) -> Vec<Found> {
    let mut found = plain(text);
    found.extend(encoded(text));
    merge(found)
}

/// Those that stand there as they are.
fn plain(text: &str) -> Vec<Found> {
    let mut found = if text.contains("PRIVATE KEY") { private_keys(text) } else { Vec::new() };
    let Rules { rules, telling } = &*RULES;
    let Some(telling) = telling else { return found };
    // Most texts hold nothing: to learn that takes a fraction of finding out which of the patterns it is.
    if !telling.is_match(text) {
        return found;
    }
    for index in telling.matches(text) {
        let rule = &rules[index];
        let Some(regex) = rule.regex.get() else { continue };
        for captures in regex.captures_iter(text) {
            let Some(value) = captures.name("value").or_else(|| captures.name("single")) else { continue };
            let before = text[..value.start()].chars().next_back();
            let after = text[value.end()..].chars().next();
            let is_other = |unless: &Regex| captures.name("name").is_some_and(|name| unless.is_match(name.as_str()));
            if before.is_some_and(|c| rule.before.has(c))
                || after.is_some_and(|c| rule.after.has(c))
                || !rule.accept.takes(value.as_str())
                || rule.unless.as_ref().is_some_and(is_other)
            {
                continue;
            }
            let prefix = captures.name("prefix").map(|prefix| prefix.as_str().to_owned()).unwrap_or_default();
            found.push(Found { start: value.start(), end: value.end(), kind: &rule.kind, prefix });
        }
    }
    found
}

/// Shorter runs hold no key, longer ones are pictures.
const ENCODED: std::ops::RangeInclusive<usize> = 40..=8192;

/// Those that stand there in Base64: a run that decodes to a text with a secret of a known kind. However many there are: each
/// byte is decoded once, and to stop somewhere would let runs that hold nothing hide the one behind them.
fn encoded(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    for run in text.split(|c: char| !base64(c)) {
        // What ended the run before is one character long, of one byte or more.
        let begin = start;
        start += run.len() + text[start + run.len()..].chars().next().map_or(0, char::len_utf8);
        if !ENCODED.contains(&run.len()) {
            continue;
        }
        // `TOKEN=` before it is a name, not a part of it.
        let name = run.trim_end_matches('=').rfind('=').map_or(0, |at| at + 1);
        let Some(bytes) = decode(&run[name..]) else { continue };
        if let Ok(inner) = std::str::from_utf8(&bytes)
            && let Some(secret) = plain(inner).into_iter().next()
        {
            found.push(Found { start: begin + name, end: begin + run.len(), kind: secret.kind, prefix: String::new() });
        }
    }
    found
}

/// Overlapping finds become one, which takes the kind of the first.
fn merge(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|secret| secret.start);
    let mut merged: Vec<Found> = Vec::with_capacity(found.len());
    for secret in found {
        match merged.last_mut() {
            Some(last) if secret.start < last.end => last.end = last.end.max(secret.end),
            _ => merged.push(secret),
        }
    }
    merged
}
