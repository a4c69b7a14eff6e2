//! JSON as the common clients read it, where the letter of the standard is narrower.

use serde_json::Value;

/// Arrays and objects inside each other.
const DEEPEST: usize = 64;
/// Values of one body.
const MOST: usize = 50_000;
/// What stands for a number that is too large to be one: the largest.
const LARGEST: &str = "1.7976931348623157e308";

/// The JSON that `text` is; `None` where it is none.
///
/// Python's and JavaScript's readers take numbers out of range and halves of surrogate pairs, and Python's `NaN` and
/// `Infinity` as well: the largest number, U+FFFD, null and the largest number stand for them here.
///
/// # Errors
/// There is more of it than evidence can hold, in words.
pub(super) fn read(text: &str) -> Result<Option<Value>, String> {
    if !is_modest(text.as_bytes()) {
        // Only what would be JSON is missed.
        let is_json = text.trim_start().starts_with(['{', '[']);
        let why =
            format!("the body is nested more than {DEEPEST} deep or has more than {MOST} values, and is not kept");
        return if is_json { Err(why) } else { Ok(None) };
    }
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(Some(value));
    }
    Ok(serde_json::from_str(&narrowed(text)).ok())
}

/// Whether JSON in `body` is nested no deeper, and has no more values, than is kept.
///
/// The bundle is JSON as well: what reads it back stops at 128 levels, and a value takes many times the bytes of its text.
fn is_modest(body: &[u8]) -> bool {
    let (mut depth, mut values, mut in_string, mut escaped) = (0_usize, 1_usize, false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                values += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if depth > DEEPEST || values > MOST {
            return false;
        }
    }
    true
}

/// The same in the standard's own terms, as far as it differs in what the clients take.
fn narrowed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let end = string_end(rest);
                whole_surrogates(&rest[..end], &mut out);
                rest = &rest[end..];
                continue;
            }
            '0'..='9' | '-' => {
                let token = token(rest, |c| c.is_ascii_digit() || "+-.eE".contains(c));
                let sign = if token.starts_with('-') { "-" } else { "" };
                match token.parse::<f64>() {
                    Ok(number) if number.is_infinite() => out.extend([sign, LARGEST]),
                    _ => out.push_str(token),
                }
                token.len()
            }
            'a'..='z' | 'A'..='Z' => {
                let token = token(rest, |c| c.is_ascii_alphanumeric());
                out.push_str(match token {
                    "NaN" => "null",
                    "Infinity" => LARGEST,
                    other => other,
                });
                token.len()
            }
            other => {
                out.push(other);
                other.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out
}

fn token(text: &str, belongs: impl Fn(char) -> bool) -> &str {
    &text[..text.find(|c: char| !belongs(c)).unwrap_or(text.len())]
}

/// Where the string that `text` begins with ends.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Copies a string, U+FFFD in the place of each half of a surrogate pair.
fn whole_surrogates(string: &str, out: &mut String) {
    let unit = |text: &str| -> Option<u32> {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let mut rest = string;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match unit(rest) {
            Some(0xd800..=0xdbff) if matches!(rest.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                out.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            Some(_) => 6,
            // The backslash and what it escapes.
            None => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read_whole(text: &str) -> Option<Value> {
        read(text).expect("small enough")
    }

    #[test]
    fn what_clients_take_is_taken() {
        assert_eq!(read_whole(" {\"a\": [1]} "), Some(json!({"a": [1]})));
        assert_eq!(read_whole("[1, NaN, \"NaN\"]"), Some(json!([1, null, "NaN"])));
        assert_eq!(read_whole("[Infinity, -Infinity]"), Some(json!([f64::MAX, f64::MIN])));
        assert_eq!(read_whole("{\"n\": -1e400}"), Some(json!({"n": f64::MIN})));
        assert!(read_whole("[123456789012345678901234567890]").is_some_and(|json| json[0].is_number()));
        assert_eq!(
            read_whole(r#"{"m": "\ud83d", "n": "\ud83d\ude00 \\ud83d"}"#),
            Some(json!({"m": "\u{fffd}", "n": "😀 \\ud83d"}))
        );
        assert_eq!(read_whole(r#"["\ude00\n\"", 1e400]"#), Some(json!(["\u{fffd}\n\"", f64::MAX])));
        assert_eq!(read_whole("{\"a\": 1, \"a\": 2}"), Some(json!({"a": 2})));
    }

    #[test]
    fn what_no_client_takes_is_no_json() {
        for text in
            ["", "<html>", "{'a': 1}", "{\"a\": 1", "[1,]", "nan", "{\"a\": \"", "\"\\", "\"\\ud8", "é", "[1e400"]
        {
            assert_eq!(read_whole(text), None, "{text}");
        }
    }

    #[test]
    fn more_than_is_kept_is_no_absence_of_json() {
        let nested = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        assert!(read_whole(&nested(64)).is_some_and(|json| json.is_array()));
        assert!(read(&nested(65)).is_err());
        assert!(read(&format!("[{}1]", "1,".repeat(50_000))).is_err());
        assert!(read(r#"["\"[[{{,,", 1]"#).is_ok_and(|json| json.is_some()));
        assert_eq!(read(&format!("<p>{}", ",".repeat(60_000))), Ok(None));
    }
}
