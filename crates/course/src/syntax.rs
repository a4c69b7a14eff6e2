//! What is wrong with a document that is no TOML: the first places, each with what to write there.

use std::ops::Range;
use std::sync::Arc;

use super::problem::{Problem, SourceText};

/// Places that are named: one slip with a quote can break every line after it.
const SHOWN: usize = 10;

/// A problem for each of the first errors, and one for how many more there are.
pub(crate) fn problems(source: &Arc<SourceText>, errors: &[toml::de::Error]) -> Vec<Problem> {
    let mut problems: Vec<Problem> = errors
        .iter()
        .take(SHOWN)
        .map(|error| {
            let message = error.message().trim();
            let problem = Problem::error(source, error.span(), format!("not TOML: {message}"));
            problem.fix(fix(&source.text, error.span(), message))
        })
        .collect();
    if let Some(next) = errors.get(SHOWN) {
        let message = format!("not TOML: and {} more from here on", errors.len() - SHOWN);
        problems.push(Problem::error(source, next.span(), message).fix("fix the first ones, then look again"));
    }
    problems
}

/// What to write, by the line in which the error is.
fn fix(text: &str, span: Option<Range<usize>>, message: &str) -> String {
    let at = text.floor_char_boundary(span.map_or(0, |span| span.start).min(text.len()));
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    if line.contains(['“', '”', '„', '«', '»', '‘', '’', '‚']) {
        return "write straight quotes, \" \", not “ ”".to_owned();
    }
    let value = line.split_once('=').map_or("", |(_, value)| value.split('#').next().unwrap_or_default().trim());
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if let Some((whole, part)) = value.split_once(',')
        && digits(whole.trim_start_matches(['-', '+']))
        && digits(part)
    {
        return format!("write {whole}.{part}: decimals come after a point");
    }
    if message.contains("date") || message.contains("time") {
        return "write it as 2026-10-01T23:59:00-04:00, with its offset".to_owned();
    }
    if message.contains("must be quoted") {
        return "put it in quotes, \"…\"".to_owned();
    }
    "fix the syntax here; see the TOML specification".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Reader;

    /// What is said of a document of which `id` has to be text, as message and fix.
    fn told(text: &str) -> Vec<(String, String)> {
        let (value, problems) = Reader::new(&SourceText::new("a.toml", text)).read(|table| {
            let id = table.require("id", "\"a\"").and_then(|id| id.text());
            table.finish();
            id
        });
        assert_eq!(value, None, "{text}");
        problems.0.into_iter().map(|problem| (problem.message, problem.fix.unwrap_or_default())).collect()
    }

    #[test]
    fn each_slip_is_told_with_what_to_write_and_nothing_that_follows_from_it() {
        for (text, expected) in [
            ("id = “a”", "write straight quotes, \" \", not “ ”"),
            ("points = 3,5 # of 10", "write 3.5: decimals come after a point"),
            ("deadline = 2026-13-40T10:00:00Z", "write it as 2026-10-01T23:59:00-04:00, with its offset"),
            ("id = alpha", "put it in quotes, \"…\""),
        ] {
            let told = told(text);
            assert!(told.iter().all(|(message, _)| message.starts_with("not TOML: ")), "{told:?}");
            assert!(told.iter().any(|(_, fix)| fix == expected), "{told:?}");
        }
    }

    #[test]
    fn one_slip_is_no_flood() {
        let told = told(&"id = “a”\n".repeat(60));
        assert!((2..=SHOWN + 1).contains(&told.len()), "{}", told.len());
        assert!(told.last().is_some_and(|(message, _)| message.contains("more from here on")), "{told:?}");
    }
}
