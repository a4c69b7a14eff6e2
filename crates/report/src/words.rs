//! The two tables of words, and where their phrases stand in a sentence: all of them in one pass.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::phrase::Phrase;
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
}

const SIGNS: [(Sign, &str); 17] = [
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

/// A phrase with its list and its number there.
type Listed = (Role, usize, &'static Phrase);

/// All phrases by the first byte of their first word: a sentence is held against few of them.
static BY_FIRST_BYTE: LazyLock<BTreeMap<u8, Vec<Listed>>> = LazyLock::new(|| {
    let mut all: BTreeMap<u8, Vec<Listed>> = BTreeMap::new();
    let mut add = |role: Role, phrases: &'static [Phrase]| {
        for (number, phrase) in phrases.iter().enumerate() {
            if let Some(first) = phrase.first_byte() {
                all.entry(first).or_default().push((role, number, phrase));
            }
        }
    };
    for (number, (id, _)) in PARTS.iter().enumerate() {
        if let Some(keywords) = KEYWORDS.get(*id) {
            add(Role::Heading(number), &keywords.heading);
            add(Role::Text(number), &keywords.text);
            add(Role::Cue(number), &keywords.cues);
        }
    }
    for (sign, name) in SIGNS {
        add(Role::Sign(sign), EVIDENCE.get(name).map_or(&[], Vec::as_slice));
    }
    all
});

/// Where phrases stand in `words`, by place.
pub(super) fn scan(words: &[String]) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let candidates = word.bytes().next().and_then(|first| BY_FIRST_BYTE.get(&first));
        for (role, number, phrase) in candidates.into_iter().flatten() {
            if phrase.begins(&words[at..]) && phrase.fits(at, words) {
                hits.push(Hit { role: *role, from: at, to: at + phrase.len(), phrase: *number });
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

    #[test]
    fn no_word_for_the_format_itself_is_a_part() {
        let written = |text: &str| stackmark_code::text::folded_words(text);
        for word in ["handover", "hand over", "handover documentation", "passation", "consegna"] {
            let of_a_part = |hit: &Hit| matches!(hit.role, Role::Heading(_) | Role::Text(_) | Role::Cue(_));
            assert!(!scan(&written(word)).iter().any(of_a_part), "{word}");
        }
    }
}
