//! Whether a docstring says more than the name that it stands under.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::text::folded_words;

/// Words that say nothing of what a thing does, in English, French and Italian.
const EMPTY: &[&str] = &[
    "the",
    "a",
    "an",
    "of",
    "to",
    "in",
    "on",
    "for",
    "and",
    "or",
    "with",
    "by",
    "from",
    "this",
    "that",
    "is",
    "it",
    "its",
    "be",
    "are",
    "function",
    "method",
    "class",
    "file",
    "module",
    "object",
    "init",
    "constructor",
    "self",
    "todo",
    "here",
    "le",
    "la",
    "les",
    "un",
    "une",
    "de",
    "du",
    "des",
    "et",
    "ou",
    "pour",
    "par",
    "dans",
    "cette",
    "ce",
    "fonction",
    "classe",
    "methode",
    "fichier",
    "il",
    "lo",
    "gli",
    "di",
    "del",
    "della",
    "che",
    "per",
    "con",
    "questo",
    "questa",
    "funzione",
    "metodo",
    "variable",
    "resource",
];

/// What an editor writes for the author to fill in: headings and names of parameters, `_summary_`, `TODO`; and words that only
/// name a docstring's parts, as `a: description of a`.
static TEMPLATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?imx)
        ^[\s\x22']*(?:\w+\s*(?:\([^)\n]*\))?\s*[:-]\s*)?(?:an?\s+|the\s+)?description\s+(?:of|for)\s+(?:the\s+)?\w+(?:\s+(?:value|parameter|argument))?[.\s\x22']*$
        | ^[\s\x22']*(?:function|method|class|module)\s+description[.\s\x22']*$
        | \b_(?:summary|extended_summary|description|type)_\b
        | \[(?:summary|description|type)\]
        | \b(?:todo|fixme|tbd)\b[^\n]*
        | :(?:param|type|returns?|rtype|raises?)\b[^:\n]*:
        | @param\b(?:\s*\{[^}\n]*\})?\s*[\w.$\[\]=]*
        | @(?:returns?|throws|type)\b(?:\s*\{[^}\n]*\})?
        | ^\s*(?:args|arguments|parameters|params|returns?|yields?|raises|attributes)\s*:?\s*$
        | ^\s*\w+\s*\([^)\n]*\)\s*:
        | ^\s*\w+\s*:\s*$
        ",
    )
    .ok()
});

/// Without what an editor wrote.
fn written(words: &str) -> Cow<'_, str> {
    match TEMPLATE.as_ref() {
        Some(template) => template.replace_all(words, " "),
        None => words.into(),
    }
}

/// Whether somebody wrote a word.
pub(super) fn says_anything(words: &str) -> bool {
    written(words).split_whitespace().any(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1)
}

/// Two words that are neither in the name nor empty.
pub(super) fn says_more(name: &str, words: &str) -> bool {
    let words = &written(words);
    let named: Vec<String> = folded_words(&apart(name)).iter().map(|word| stem(word)).collect();
    let own: BTreeSet<String> = folded_words(words)
        .iter()
        .filter(|word| word.chars().count() > 1 && !EMPTY.contains(&word.as_str()))
        .map(|word| stem(word))
        .filter(|word| !named.contains(word))
        .collect();
    own.len() >= 2
}

/// `getUserById` and `get_user_by_id` are four words.
fn apart(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            words.push(' ');
        }
        words.push(if c == '_' || c == '-' || c == '.' { ' ' } else { c });
        before = c;
    }
    words
}

/// `creates`, `created` and `creating` are one word: five letters tell most words apart.
fn stem(word: &str) -> String {
    let ends = ["ing", "ed", "es", "s", "e"];
    let bare = ends.iter().find_map(|end| word.strip_suffix(end).filter(|rest| rest.chars().count() >= 3));
    bare.unwrap_or(word).chars().take(5).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_editor_writes_is_no_documentation() {
        for words in [
            "\"\"\"_summary_\n\n    Args:\n        count (_type_): _description_\n\n    Returns:\n        _type_: _description_\n    \"\"\"",
            "\"\"\"TODO: Add docstring\"\"\"",
            "\"\"\"\n    :param x:\n    :type x:\n    :return:\n    \"\"\"",
            "@param {*} a @param {*} b @returns",
            "\"\"\"Function description.\n\n    Args:\n        a: description of a\n        b (int): Description of b.\n\n    Returns:\n        description of the return value\n    \"\"\"",
            "Function description.\na: description of a\nReturns: description of the return value",
        ] {
            assert!(!says_anything(words), "{words}");
        }
        for words in ["Waits.", "\"\"\"\n    :param n: how many instances\n    \"\"\"", "@param {string} a the zone"] {
            assert!(says_anything(words), "{words}");
        }
        assert!(says_more("f", "a: description of the balancer that answers\nReturns: the addresses"));
        assert!(says_more("f", "@param {number} n how many instances"));
    }

    #[test]
    fn a_name_said_again_tells_nothing() {
        for (name, words) in [
            ("create_instances", "Creates the instances."),
            ("getUserById", "Get a user by id"),
            ("main", "Main function."),
            ("__init__", "Constructor"),
            ("LoadBalancer", "The load balancer class"),
        ] {
            assert!(!says_more(name, words), "{name}: {words}");
        }
        for (name, words) in [
            ("create_instances", "Starts one instance in each zone of the region."),
            ("main", "Deploys the stack, then prints its address."),
            ("wait", "Attend que l'équilibreur réponde."),
        ] {
            assert!(says_more(name, words), "{name}: {words}");
        }
    }
}
