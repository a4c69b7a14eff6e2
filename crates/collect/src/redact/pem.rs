//! Private keys, in blocks of PEM.

use std::sync::LazyLock;

use regex::Regex;

use super::base64::base64;
use super::patterns::Found;

const PRIVATE_KEY: &str = "private key";

static PEM_BEGIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----").ok());

/// PEM blocks, and blocks that were cut off before their end. A bare header, as in code that looks for one, is not a key.
pub(super) fn private_keys(text: &str) -> Vec<Found> {
    const LONGEST: usize = 16 << 10;
    let Some(begin) = PEM_BEGIN.as_ref() else { return Vec::new() };
    let mut found: Vec<Found> = Vec::new();
    for header in begin.find_iter(text) {
        if found.last().is_some_and(|last| header.start() < last.end) {
            continue;
        }
        let mut limit = text.len().min(header.end() + LONGEST);
        while !text.is_char_boundary(limit) {
            limit -= 1;
        }
        let rest = &text[header.end()..limit];
        let body = rest.find("-----END ").map_or_else(|| key_characters(rest), |end| &rest[..end]);
        let longest_run = body.split(|c: char| !base64(c)).map(str::len).max().unwrap_or(0);
        if longest_run < 40 {
            continue;
        }
        let after = &rest[body.len()..];
        let footer = after
            .strip_prefix("-----END ")
            .and_then(|tail| tail.find("-----"))
            .filter(|&length| length < 64)
            .map_or(0, |length| "-----END ".len() + length + "-----".len());
        let end = header.end() + body.len() + footer;
        found.push(Found { start: header.start(), end, kind: PRIVATE_KEY, prefix: String::new() });
    }
    found
}

fn key_characters(rest: &str) -> &str {
    let end = rest
        .find(|c: char| !base64(c) && !c.is_ascii_whitespace() && !matches!(c, '\\' | '"' | '\'' | ',' | '-' | ':'));
    rest[..end.unwrap_or(rest.len())].trim_end()
}

#[cfg(test)]
#[test]
fn the_header_of_a_block_can_be_read() {
    assert!(PEM_BEGIN.is_some());
}
