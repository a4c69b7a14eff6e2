//! What a value looks like: a key, something random, a row of digits.

use std::collections::{BTreeMap, BTreeSet};

use super::base64::decode;
use super::passwords::is_password;

pub(super) fn has(value: &str, test: impl Fn(char) -> bool) -> bool {
    value.chars().any(test)
}

pub(super) fn is_access_key(value: &str) -> bool {
    varied(value) && !value.ends_with("EXAMPLE")
}

/// Mixed as random base64 is: forty hexadecimal digits are a commit id, forty letters are a word.
pub(super) fn is_secret_key(value: &str) -> bool {
    varied(value)
        && has(value, |c| c.is_ascii_uppercase())
        && has(value, |c| c.is_ascii_lowercase())
        && (has(value, |c| c.is_ascii_digit()) || has(value, |c| matches!(c, '/' | '+' | '%')))
}

/// Bits of each character that a random value has at least; words and names have less, or change their case less often.
const RANDOM_BITS: f64 = 3.5;

/// No word, name, path, number or hash: capitals, small letters and digits that change places as nobody writes them.
pub(super) fn is_random(value: &str) -> bool {
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let class = |c: char| match c {
        'A'..='Z' => 0,
        'a'..='z' => 1,
        '0'..='9' => 2,
        _ => 3,
    };
    let classes: Vec<u8> = value.chars().map(class).collect();
    let changes = classes.windows(2).filter(|pair| pair[0] != pair[1]).count();
    varied(value)
        && digits >= 2
        && has(value, |c| c.is_ascii_uppercase())
        && has(value, |c| c.is_ascii_lowercase())
        && !value.starts_with(['/', '.'])
        // A path, not Base64: a slash in sixty-four characters is what to expect.
        && value.matches('/').count() * 8 <= value.len()
        && changes * 4 >= value.len()
        && bits(value) >= RANDOM_BITS
}

/// Shannon's entropy, in bits of a character.
fn bits(value: &str) -> f64 {
    let mut counts: BTreeMap<char, u32> = BTreeMap::new();
    value.chars().for_each(|c| *counts.entry(c).or_default() += 1);
    let all = value.chars().count() as f64;
    counts.values().map(|count| f64::from(*count) / all).map(|part| -part * part.log2()).sum()
}

/// Base64 of a name, a colon and a password.
pub(super) fn is_basic(value: &str) -> bool {
    let text = decode(value).and_then(|bytes| String::from_utf8(bytes).ok());
    text.is_some_and(|text| {
        text.split_once(':').is_some_and(|(name, password)| {
            !name.is_empty() && !text.contains(char::is_control) && password.len() >= 3 && is_password(password)
        })
    })
}

/// Not a row of `x`, and not from a documentation page.
pub(super) fn varied(value: &str) -> bool {
    let distinct: BTreeSet<char> = value.chars().skip(4).collect();
    distinct.len() >= 5 && !value.to_ascii_lowercase().contains("example") && !value.contains("[redacted ")
}

/// Hexadecimal digits, or a UUID: nothing by itself, a key beside a name that says so.
pub(super) fn is_hexadecimal(value: &str) -> bool {
    let digits: Vec<char> = value.chars().filter(|&c| c != '-').map(|c| c.to_ascii_lowercase()).collect();
    let distinct: BTreeSet<&char> = digits.iter().collect();
    varied(value)
        && digits.len() >= 32
        && digits.iter().all(char::is_ascii_hexdigit)
        && digits.iter().any(char::is_ascii_digit)
        && digits.iter().any(|c| c.is_alphabetic())
        && distinct.len() >= 8
}
