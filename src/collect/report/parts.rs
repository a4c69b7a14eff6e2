//! The parts of a handover document, looked for in headings first and then in the text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::candidates::is_title;
use super::document::{Content, Line};
use super::phrase::{Phrase, first_of};
use super::quote;
use crate::collect::code::text::folded_words;
use crate::evidence::report::{PARTS, Part};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Keywords {
    heading: Vec<Phrase>,
    text: Vec<Phrase>,
}

/// The embedded table by part; a test holds it to parse and to be complete.
static KEYWORDS: LazyLock<BTreeMap<String, Keywords>> =
    LazyLock::new(|| toml::from_str(include_str!("keywords.toml")).unwrap_or_default());

/// Each of [`PARTS`] by id.
pub(super) fn find(content: &Content) -> BTreeMap<String, Part> {
    let mut words = Vec::new();
    let mut line_of_word = Vec::new();
    for (number, line) in content.lines.iter().enumerate() {
        for word in folded_words(&line.text) {
            words.push(word);
            line_of_word.push(number);
        }
    }
    let headings: Vec<(&Line, Vec<String>)> = content
        .headings
        .iter()
        .map(|heading| (heading, folded_words(&heading.text)))
        .enumerate()
        .filter(|(number, (_, words))| *number > 0 || !is_title(words))
        .map(|(_, heading)| heading)
        .collect();
    PARTS
        .iter()
        .map(|&(id, title)| {
            let seen = KEYWORDS.get(id).and_then(|keywords| {
                let heading =
                    headings.iter().find(|(_, words)| keywords.heading.iter().any(|phrase| phrase.is_in(words)));
                heading.map(|(heading, _)| ("heading", *heading)).or_else(|| {
                    let at = first_of(&keywords.text, &words)?;
                    Some(("text", content.lines.get(*line_of_word.get(at)?)?))
                })
            });
            let part = Part {
                title: title.to_owned(),
                found: seen.map_or("missing", |(found, _)| found).to_owned(),
                quote: seen.map(|(_, line)| quote(&line.text)),
                place: seen.map(|(_, line)| line.place.to_string()),
            };
            (id.to_owned(), part)
        })
        .collect()
}

/// How many of the parts were found, in headings and in the text.
pub(super) fn count(parts: &BTreeMap<String, Part>) -> (u64, u64) {
    let with = |found: &str| parts.values().filter(|part| part.found == found).count() as u64;
    (with("heading"), with("text"))
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    #[test]
    fn every_part_has_keywords() {
        let known: Vec<&str> = KEYWORDS.keys().map(String::as_str).collect();
        let mut expected: Vec<&str> = PARTS.iter().map(|(id, _)| *id).collect();
        expected.sort_unstable();
        assert_eq!(known, expected);
        assert!(KEYWORDS.values().all(|keywords| !keywords.heading.is_empty() && !keywords.text.is_empty()));
    }

    #[test]
    fn the_word_handover_is_no_part() {
        let parts = find(&document::markdown("# Handover\n\nHandover of the handover documentation.\n"));
        assert_eq!(count(&parts), (0, 0));
    }

    #[test]
    fn headings_come_before_text_and_are_quoted_with_their_place() {
        let parts =
            find(&document::markdown("We decided to deploy.\n\n## Procédure de déploiement\n\nIn three steps.\n"));
        let part = &parts["deployment"];
        assert_eq!(part.found, "heading");
        assert_eq!(part.quote.as_deref(), Some("Procédure de déploiement"));
        assert_eq!(part.place.as_deref(), Some("line 3"));
        assert_eq!((parts["decisions"].found.as_str(), parts["decisions"].place.as_deref()), ("text", Some("line 1")));
        assert_eq!(parts["teardown"].found, "missing");
        assert_eq!(parts["teardown"].quote, None);
    }

    #[test]
    fn the_title_is_no_part() {
        let parts = find(&document::markdown("# TP1: deployment and benchmark report\n\n## Benchmark\n"));
        assert_eq!(parts["deployment"].found, "missing");
        assert_eq!(parts["results"].place.as_deref(), Some("line 3"));
        assert_eq!(find(&document::markdown("## Deployment\n\nOn EC2.\n"))["deployment"].found, "heading");
    }

    #[test]
    fn phrases_go_on_in_the_next_line() {
        let parts = find(&document::markdown("After that we\nchose Flask.\n"));
        assert_eq!(parts["decisions"].place.as_deref(), Some("line 1"));
    }

    #[test]
    fn a_secret_in_a_quote_is_taken_out_before_it_is_cut() {
        let padding = "x".repeat(185);
        let parts = find(&document::markdown(&format!("to run {padding} AKIA{}\n", "Q3EGRIPT7LM2ZW4X")));
        let quote = parts["running"].quote.clone().unwrap();
        assert!(!quote.contains("Q3EG") && quote.chars().count() <= 200, "{quote}");
    }
}
