//! Parts that are told inside a section about something else: the tear-down at the end of the deployment, a known limit in
//! the conclusion.
//!
//! No heading says so and no phrase is sure of it, so a person looks. It takes three different words of the part in what the
//! section says: one word three times is one, words of every such text (a script, an instance) count only beside one of the
//! part's own, and a listing, a heading, or a sentence that shows nothing counts not at all.

use std::collections::BTreeSet;

use super::super::outline::{Kind, Section, Unit};
use super::super::signs::{begins_with_path, has_measure, has_path, is_command, shows_nothing};
use super::super::words::{Hit, Role, Sign};
use super::unnamed::is_a_list_of_others;
use super::{Document, Seen, Strength};
use stackmark_evidence::report::PARTS;

/// Different words of a part in a section that may tell of it.
const TELLS: usize = 3;

/// What a section says of a part that its heading does not name.
struct Told<'a> {
    /// The words, each by how it begins.
    words: BTreeSet<String>,
    /// The sentence with the most of them.
    unit: &'a Unit,
}

impl<'a> Document<'a> {
    /// Leaves to a person the missing parts that may be told in a section about something else.
    pub(super) fn look_inside_other_sections(&self, seen: &mut [Option<Seen>]) {
        for (part, &(id, _)) in PARTS.iter().enumerate().take(seen.len()) {
            if seen[part].is_some() {
                continue;
            }
            let (unit, because) = if let Some(unit) = self.labelled(part, id) {
                (unit, "no heading names it, and a name of it stands before this")
            } else if let Some(unit) = self.told_in_words(part, id) {
                (unit, "words for this, under no heading for it")
            } else {
                continue;
            };
            let mut found = Seen {
                strength: Strength::Weak,
                quote: unit.text.clone(),
                place: unit.place.to_string(),
                because: because.to_owned(),
                holds: Vec::new(),
                lacks: Vec::new(),
                substance: 0,
            };
            self.tell_of_the_whole(id, &mut found);
            seen[part] = Some(found);
        }
    }

    /// The sentence with the most words of the part, in the section that has the most.
    fn told_in_words(&self, part: usize, id: &str) -> Option<&'a Unit> {
        let told = (0..self.sections.len()).filter_map(|number| self.told_inside(part, id, number));
        // Of several with as many words, `max_by_key` would take the last.
        let told: Vec<Told<'a>> = told.filter(|told| told.words.len() >= TELLS).collect();
        Some(told.into_iter().rev().max_by_key(|told| told.words.len())?.unit)
    }

    /// What the section says of a part; `None` where it has no word that is the part's own.
    fn told_inside(&self, part: usize, id: &str, number: usize) -> Option<Told<'a>> {
        let section = &self.sections[number];
        if is_a_list_of_others(section) || self.is_quoted_assignment(section) {
            return None;
        }
        let named = if self.is_the_title(number) { Vec::new() } else { others_named(section, part) };
        let says = |unit: &Unit| matches!(unit.kind, Kind::Prose | Kind::Item) && !shows_nothing(unit, id);
        let mut told: Option<Told<'a>> = None;
        let mut most = 0;
        for unit in &section.units {
            let words = words_of(unit, part, id, &named);
            // Most sentences have none.
            if words.is_empty() || !says(unit) {
                continue;
            }
            let told = told.get_or_insert_with(|| Told { words: BTreeSet::new(), unit });
            if words.len() > most {
                (most, told.unit) = (words.len(), unit);
            }
            told.words.extend(words);
        }
        told
    }
}

/// The other parts that a section's heading names: their words are what it is about.
fn others_named(section: &Section, part: usize) -> Vec<usize> {
    let named = |hit: &Hit| match hit.role {
        Role::Heading(named) => (named != part).then_some(named),
        Role::Text(_) | Role::Cue(_) | Role::Sign(_) => None,
    };
    section.hits.iter().filter_map(named).collect()
}

/// The different words of a part in a sentence, if one of them is the part's own; `named` are other parts, whose words are
/// not.
fn words_of(unit: &Unit, part: usize, id: &str, named: &[usize]) -> BTreeSet<String> {
    let is_anybodys = |hit: &Hit| match hit.role {
        Role::Sign(sign) => matches!(sign, Sign::Everyday | Sign::Component),
        Role::Heading(of) | Role::Text(of) | Role::Cue(of) => named.contains(&of),
    };
    let anybodys: Vec<&Hit> = unit.hits.iter().filter(|hit| is_anybodys(hit)).collect();
    let is_own = |hit: &Hit| match hit.role {
        Role::Cue(of) => of == part && !anybodys.iter().any(|other| hit.from < other.to && other.from < hit.to),
        Role::Heading(_) | Role::Text(_) | Role::Sign(_) => false,
    };
    let begins_with_path = id == "map" && unit.kind == Kind::Item && begins_with_path(unit);
    if !begins_with_path && !unit.hits.iter().any(is_own) {
        return BTreeSet::new();
    }
    let is_beside = |hit: &Hit| match (id, hit.role) {
        ("architecture", Role::Sign(Sign::Component)) => true,
        (_, Role::Heading(of) | Role::Cue(of)) => of == part,
        _ => false,
    };
    let mut words: BTreeSet<String> =
        unit.hits.iter().filter(|hit| is_beside(hit)).map(|hit| beginning(&unit.words[hit.to - 1])).collect();
    let acts = match id {
        "deployment" | "teardown" | "running" | "prerequisites" => is_command(unit),
        "results" => has_measure(unit),
        _ => false,
    };
    words.extend(acts.then(|| "$".to_owned()));
    if begins_with_path {
        words.extend(unit.words.first().map(|first| format!("/{first}")));
    } else if id == "map" && has_path(unit) {
        words.insert("/".to_owned());
    }
    words
}

/// How a word begins: it and its plural, or its other forms, are one.
fn beginning(word: &str) -> String {
    const LETTERS: usize = 4;
    word.trim_end_matches('s').chars().take(LETTERS).collect()
}
