//! What an item's parameters make of a check's expression before anything is read: a scale whose points do not rise, a
//! regular expression that is none. At grading each would leave the item open for every team.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use indexmap::IndexMap;
use minijinja::Value;
use regex::Regex;
use stackmark_language::expression::{Engine, value_of};

/// `PATTERNS | unmatched_in(…)`, where a name stands for the patterns.
static PATTERNS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\b(\w+)\s*\|\s*unmatched_in\s*\(").ok());

/// What is wrong with an expression under these parameters, and the fix; `None` where nothing is, or only the evidence
/// would tell.
pub(crate) fn wrong(text: &str, with: &IndexMap<String, Value>, engine: &Engine) -> Option<(String, &'static str)> {
    inverted(text, with, engine).or_else(|| no_pattern(text, with))
}

fn inverted(text: &str, with: &IndexMap<String, Value>, engine: &Engine) -> Option<(String, &'static str)> {
    let context: BTreeMap<&str, Value> = with.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    let context = value_of(&context);
    for arguments in calls(text, "scale(") {
        // The first one is what is measured; then x and y take turns.
        let known: Option<Vec<f64>> = (arguments.iter().skip(1).step_by(2))
            .map(|x| engine.evaluate(x, &context).ok().and_then(|value| f64::try_from(value).ok()))
            .collect();
        let Some(known) = known else { continue };
        if known.windows(2).any(|two| two[0] >= two[1]) {
            let points: Vec<String> = known.iter().map(f64::to_string).collect();
            let message = format!("its scale goes through {}, which does not rise", points.join(", "));
            return Some((message, "swap the two, or give the parameters so that each is larger than the one before"));
        }
    }
    None
}

fn no_pattern(text: &str, with: &IndexMap<String, Value>) -> Option<(String, &'static str)> {
    for found in PATTERNS.as_ref()?.captures_iter(text) {
        let Some(patterns) = with.get(&found[1]).and_then(|value| value.try_iter().ok()) else { continue };
        for pattern in patterns {
            let Some(written) = pattern.as_str() else { continue };
            if let Err(error) = Regex::new(written) {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                let message = format!("`{written}` in {} is no regular expression: {why}", &found[1]);
                return Some((message, "write signs such as ( . * + ? as \\( \\. \\* \\+ \\? where they are meant"));
            }
        }
    }
    None
}

/// The arguments of each call, as they are written.
fn calls<'t>(text: &'t str, name: &str) -> Vec<Vec<&'t str>> {
    let begins = |at: &usize| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let starts = text.match_indices(name).map(|(at, _)| at).filter(begins);
    starts.filter_map(|at| arguments(&text[at + name.len()..])).collect()
}

/// Up to the bracket that closes them; `None` where none does.
fn arguments(text: &str) -> Option<Vec<&str>> {
    let (mut depth, mut begun, mut quote, mut found) = (0_usize, 0, None, Vec::new());
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')') if depth == 0 => {
                found.push(text[begun..at].trim());
                return Some(found);
            }
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                found.push(text[begun..at].trim());
                begun = at + 1;
            }
            (None, _) => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(values: &[(&str, Value)]) -> IndexMap<String, Value> {
        values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    fn said(text: &str, values: &[(&str, Value)]) -> Option<String> {
        wrong(text, &with(values), &Engine::new()).map(|(message, _)| message)
    }

    #[test]
    fn a_scale_that_does_not_rise_is_named() {
        let text = "scale(git.atomicity.score, zero, 0, full, 1)";
        assert_eq!(said(text, &[("zero", Value::from(0.2)), ("full", Value::from(0.8))]), None);
        let inverted = said(text, &[("zero", Value::from(0.8)), ("full", Value::from(0.2))]).unwrap();
        assert!(inverted.contains("0.8, 0.2"), "{inverted}");
        assert!(said("1 - scale(f(a, (1)), 3, 0, 3, 1)", &[]).is_some(), "equal points do not rise");
        assert_eq!(said("upscale(x, 3, 0, 1, 1) + scale(x, team.size, 0, 1, 1)", &[]), None, "only a run tells");
        assert_eq!(said("scale(x, 'a, (b', 0", &[]), None);
    }

    #[test]
    fn a_pattern_that_is_none_is_named() {
        let text = "installs | unmatched_in(scripts | pluck('text'))";
        assert_eq!(said(text, &[("installs", Value::from(vec!["^flask", "a|b"]))]), None);
        let bad = said(text, &[("installs", Value::from(vec!["^flask", "("]))]).unwrap();
        assert!(bad.starts_with("`(` in installs is no regular expression"), "{bad}");
        assert_eq!(said("found | unmatched_in(texts)", &[]), None);
    }
}
