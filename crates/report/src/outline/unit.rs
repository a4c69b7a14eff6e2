//! A section's sentences and other units, and which of them say something.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use regex::Regex;

use super::super::document::{Line, Place};
use super::super::words::{Hit, Role, Sign, scan};
use stackmark_code::text::folded_words;

/// Most words of a sentence that are looked at: a hostile one has no end.
const MAX_WORDS: usize = 300;
/// A sentence that names so many parts lists them.
const LISTED_PARTS: usize = 5;

/// A heading with what stands below it, up to the next one.
#[derive(Debug, Default)]
pub(crate) struct Section {
    /// `None` before the first heading.
    pub(crate) heading: Option<Line>,
    /// Of the heading.
    pub(crate) hits: Vec<Hit>,
    /// 1 is the top; `None` where the format does not tell.
    pub(crate) level: Option<usize>,
    pub(crate) units: Vec<Unit>,
    /// Lists in a line, which no word holds together: `Python 3.11, boto3, Docker`. They make nothing certain.
    pub(crate) terse: Vec<Unit>,
}

impl Section {
    /// How many different parts its heading names.
    pub(crate) fn parts_named(&self) -> usize {
        parts_named(&self.hits)
    }
}

fn parts_named(hits: &[Hit]) -> usize {
    let mut parts: Vec<usize> = hits
        .iter()
        .filter_map(|hit| match hit.role {
            Role::Heading(part) => Some(part),
            _ => None,
        })
        .collect();
    parts.sort_unstable();
    parts.dedup();
    parts.len()
}

/// What a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A sentence.
    Prose,
    /// An item of a list, or a row of a table.
    Item,
    /// A line of a listing.
    Code,
    /// An image.
    Figure,
}

/// A sentence, an item of a list, a row of a table, or a line of code.
#[derive(Debug)]
pub(crate) struct Unit {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) place: Place,
    pub(crate) words: Vec<String>,
    pub(crate) hits: Vec<Hit>,
    /// Paragraph, list or listing that it belongs to, counted over the document.
    pub(crate) block: usize,
    /// A row of a table.
    pub(crate) is_row: bool,
    /// Whether it only leads elsewhere: for most parts, for the map, for the access; as far as that was asked.
    pub(crate) refers: [OnceCell<bool>; 3],
}

impl Unit {
    pub(super) fn new(kind: Kind, text: &str, place: Place, block: usize) -> Self {
        // An address says nothing by the words in it.
        let mut words = folded_words(&without_addresses(text));
        words.truncate(MAX_WORDS);
        let hits = scan(&words);
        let text = text.trim().to_owned();
        Self { kind, text, place, words, hits, block, is_row: false, refers: Default::default() }
    }

    /// How many different phrases of a role stand in it.
    pub(crate) fn count(&self, role: Role) -> usize {
        let mut phrases: Vec<usize> = self.hits.iter().filter(|hit| hit.role == role).map(|hit| hit.phrase).collect();
        phrases.sort_unstable();
        phrases.dedup();
        phrases.len()
    }

    pub(crate) fn has(&self, sign: Sign) -> bool {
        self.hits.iter().any(|hit| hit.role == Role::Sign(sign))
    }

    /// Whether somebody says something in it.
    pub(super) fn is_content(&self) -> bool {
        match self.kind {
            Kind::Code | Kind::Figure => return true,
            Kind::Item | Kind::Prose => {}
        }
        if self.says_nothing() {
            return false;
        }
        if self.kind == Kind::Item || self.words.len() < 4 {
            return !self.has(Sign::Placeholder);
        }
        // A command has no such words.
        if self.text.contains('`') && !self.has(Sign::Placeholder) {
            return true;
        }
        let function = self.hits.iter().filter(|hit| hit.role == Role::Sign(Sign::Function)).count();
        // One word in three to five, in all three languages.
        function * 8 >= self.words.len() && !(self.has(Sign::Placeholder) && function * 4 < self.words.len())
    }

    /// Of what is no sentence: whether it lists something all the same.
    pub(super) fn is_list_in_a_line(&self) -> bool {
        let lists = |c: char| matches!(c, ',' | ';' | '/') || c.is_ascii_digit();
        self.kind == Kind::Prose && !self.says_nothing() && !self.has(Sign::Placeholder) && self.text.contains(lists)
    }

    /// Whether it has no words of anybody who tells something: an address alone, a placeholder, words for the marker.
    fn says_nothing(&self) -> bool {
        if self.words.is_empty() {
            return true;
        }
        // `[Insert the figure here]`, which is no link.
        let bracketed = self.text.starts_with('[') && self.text.ends_with(']');
        let placeholder = bracketed || (self.has(Sign::Placeholder) && self.words.len() <= 8);
        placeholder || self.has(Sign::ToTheMarker) || self.is_a_list_of_parts() || is_repetition(&self.words)
    }

    /// `Purpose, architecture, deployment, results and contributions`: says that they are there, not what they are.
    fn is_a_list_of_parts(&self) -> bool {
        self.kind == Kind::Prose && parts_named(&self.hits) >= LISTED_PARTS
    }
}

/// `Results results results`: few different words, again and again.
fn is_repetition(words: &[String]) -> bool {
    let mut different: Vec<&String> = words.iter().collect();
    different.sort_unstable();
    different.dedup();
    words.len() >= 6 && different.len() * 2 < words.len()
}

/// Text without the addresses in it.
fn without_addresses(text: &str) -> Cow<'_, str> {
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?:[a-z][a-z0-9+.-]*://|git@|www\.)[^\s<>()\[\]`|]+").ok());
    ADDRESS.as_ref().map_or(text.into(), |address| address.replace_all(text, " "))
}
