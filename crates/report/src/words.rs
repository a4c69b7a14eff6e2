//! The two tables of words, and where their phrases stand in a sentence: all of them in one pass.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrase::{Index, Phrase};
use stackmark_evidence::report::PARTS;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Keywords {
    heading: Vec<Phrase>,
    text: Vec<Phrase>,
    cues: Vec<Phrase>,
}

/// The embedded tables; a test holds them to parse and to be complete.
static KEYWORDS: LazyLock<BTreeMap<String, Keywords>> =
    LazyLock::new(|| toml::from_str(include_str!("keywords.toml")).unwrap_or_default());
static EVIDENCE: LazyLock<BTreeMap<String, Vec<Phrase>>> =
    LazyLock::new(|| toml::from_str(include_str!("evidence.toml")).unwrap_or_default());

/// What a phrase is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// Names a part in a heading; the part's place in [`PARTS`].
    Heading(usize),
    /// Speaks of a part in a sentence.
    Text(usize),
    /// What a part's content is made of.
    Cue(usize),
    /// A list of `evidence.toml`.
    Sign(Sign),
}

/// The lists of `evidence.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    Function,
    Placeholder,
    PutOff,
    Statement,
    ToTheMarker,
    Finished,
    Component,
    Figure,
    Alternative,
    Reason,
    Verb,
    Denial,
    Task,
    Outcome,
    Together,
    Between,
    Planned,
    Everyday,
    Flawless,
}

const SIGNS: [(Sign, &str); 19] = [
    (Sign::Function, "function"),
    (Sign::Placeholder, "placeholder"),
    (Sign::PutOff, "put_off"),
    (Sign::Statement, "statement"),
    (Sign::ToTheMarker, "to_the_marker"),
    (Sign::Finished, "finished"),
    (Sign::Component, "component"),
    (Sign::Figure, "figure"),
    (Sign::Alternative, "alternative"),
    (Sign::Reason, "reason"),
    (Sign::Verb, "verb"),
    (Sign::Denial, "denial"),
    (Sign::Task, "task"),
    (Sign::Outcome, "outcome"),
    (Sign::Together, "together"),
    (Sign::Between, "between"),
    (Sign::Planned, "planned"),
    (Sign::Everyday, "everyday"),
    (Sign::Flawless, "flawless"),
];

/// A phrase that stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) role: Role,
    /// First word, and the word after the last.
    pub(super) from: usize,
    pub(super) to: usize,
    /// Which phrase of its list.
    pub(super) phrase: usize,
}

/// All phrases, each with its list and its number there.
static INDEX: LazyLock<Index<(Role, usize)>> = LazyLock::new(|| {
    let mut index = Index::new();
    for (role, phrases) in lists() {
        for (number, phrase) in phrases.iter().enumerate() {
            index.add((role, number), phrase);
        }
    }
    index
});

/// Every list of the two tables.
fn lists() -> Vec<(Role, &'static [Phrase])> {
    let mut all: Vec<(Role, &'static [Phrase])> = Vec::new();
    for (number, (id, _)) in PARTS.iter().enumerate() {
        if let Some(keywords) = KEYWORDS.get(*id) {
            all.push((Role::Heading(number), &keywords.heading));
            all.push((Role::Text(number), &keywords.text));
            all.push((Role::Cue(number), &keywords.cues));
        }
    }
    for (sign, name) in SIGNS {
        let phrases: &'static [Phrase] = EVIDENCE.get(name).map_or(&[], Vec::as_slice);
        all.push((Role::Sign(sign), phrases));
    }
    all
}

/// Where phrases stand in `words`, by place.
pub(super) fn scan(words: &[String]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for at in 0..words.len() {
        for ((role, number), phrase) in INDEX.beginning(&words[at..]) {
            if phrase.fits(at, words) {
                hits.push(Hit { role, from: at, to: at + phrase.len(), phrase: number });
            }
        }
    }
    hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_words_and_every_list_is_known() {
        let known: Vec<&str> = KEYWORDS.keys().map(String::as_str).collect();
        let mut expected: Vec<&str> = PARTS.iter().map(|(id, _)| *id).collect();
        expected.sort_unstable();
        assert_eq!(known, expected);
        assert!(KEYWORDS.values().all(|keywords| !keywords.heading.is_empty() && !keywords.text.is_empty()));
        let lists: Vec<&str> = EVIDENCE.keys().map(String::as_str).collect();
        let mut expected: Vec<&str> = SIGNS.iter().map(|(_, name)| *name).collect();
        expected.sort_unstable();
        assert_eq!(lists, expected);
    }

    /// Every phrase held against every word.
    fn scan_slowly(words: &[String]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for at in 0..words.len() {
            for (role, phrases) in lists() {
                for (number, phrase) in phrases.iter().enumerate() {
                    if phrase.begins(&words[at..]) && phrase.fits(at, words) {
                        hits.push(Hit { role, from: at, to: at + phrase.len(), phrase: number });
                    }
                }
            }
        }
        hits
    }

    #[test]
    fn the_index_finds_what_stands_there_and_in_the_same_order() {
        let all: Vec<&Phrase> = lists().into_iter().flat_map(|(_, phrases)| phrases).collect();
        assert!(all.len() > 2000, "{} phrases", all.len());
        let mut whole = Vec::new();
        for (number, phrase) in all.iter().enumerate() {
            let alone = phrase.said(if number % 2 == 0 { "" } else { "xyz" });
            let hits = scan(&alone);
            assert!(!hits.is_empty() && hits == scan_slowly(&alone), "{alone:?}");
            // Phrases that run into each other.
            whole.extend(alone);
        }
        assert_eq!(scan(&whole), scan_slowly(&whole));
    }

    #[test]
    fn no_word_for_the_format_itself_is_a_part() {
        let written = |text: &str| stackmark_code::text::folded_words(text);
        for word in ["handover", "hand over", "handover documentation", "passation", "consegna"] {
            let of_a_part = |hit: &Hit| matches!(hit.role, Role::Heading(_) | Role::Text(_) | Role::Cue(_));
            assert!(!scan(&written(word)).iter().any(of_a_part), "{word}");
        }
    }
}
