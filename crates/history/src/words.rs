//! Words of code and prose, as numbers.
//!
//! A history holds millions of words, most of them many times: each is kept as its 64-bit FNV-1a hash, which is the same
//! in every run and on every machine.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A word's hash.
pub(super) type Word = u64;

/// Words of a line beyond this many characters are not read: a minified file is one line.
pub(super) const MAX_LINE_CHARS: usize = 400;

pub(super) const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
pub(super) const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The hash of `text` as it is.
pub(super) fn hash(text: &str) -> Word {
    hash_bytes(text.as_bytes())
}

/// The hash of bytes as they are.
pub(super) fn hash_bytes(bytes: &[u8]) -> Word {
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// The hash of `text` in lower case; letters beyond ASCII are lowered as well.
pub(super) fn hash_lower(text: &str) -> Word {
    if text.is_ascii() {
        return text
            .bytes()
            .fold(OFFSET, |hash, byte| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(PRIME));
    }
    hash(&text.to_lowercase())
}

/// Accents off: `é` is `e`, ligatures and full-width forms are spelled out (NFKD without combining marks).
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfkd().filter(|c| !is_combining_mark(*c)).collect())
}

/// The first [`MAX_LINE_CHARS`] characters.
pub(super) fn clipped(line: &str) -> &str {
    if line.len() <= MAX_LINE_CHARS {
        return line;
    }
    line.char_indices().nth(MAX_LINE_CHARS).map_or(line, |(end, _)| &line[..end])
}

/// Words of programming languages that say nothing of what a change is about.
const KEYWORDS: &str = "abstract and any are args arguments assert async await auto bool boolean break byte case catch char class console \
const constructor continue crate data def default del delete double elif else end enum err error except export extends \
extern false final finally float fmt for foreach from func function get global goto impl implements import include \
instanceof int integer interface into lambda len let list local log long loop map match mod module move mut name \
namespace new nil none not null object option override package pass print println private protected pub public raise ref \
require required resource result return returns self set short signed sizeof some static str string strict struct super \
switch the then this throw throws tmp todo trait true try type typeof undefined unsafe use using val value values var \
variable vec void volatile when where while with without yield that has have can will was been its than only all one two \
out off over per via used you your our they them";

static KEYWORD_HASHES: LazyLock<HashSet<Word>> = LazyLock::new(|| KEYWORDS.split_whitespace().map(hash).collect());

/// Calls `found` with each identifier of three characters or more that is no keyword, as written.
pub(super) fn identifiers<'t>(line: &'t str, mut found: impl FnMut(&'t str)) {
    for run in line.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let word = run.trim_start_matches(char::is_numeric);
        let long_enough = if word.is_ascii() { word.len() >= 3 } else { word.chars().count() >= 3 };
        if long_enough && !KEYWORD_HASHES.contains(&hash_lower(word)) {
            found(word);
        }
    }
}

/// Calls `found` with the parts of an identifier: `ProcessQueue2`, `process_queue` → `Process`, `Queue`, `2`.
pub(super) fn parts<'t>(identifier: &'t str, mut found: impl FnMut(&'t str)) {
    for piece in identifier.split('_') {
        let bytes = piece.as_bytes();
        let run_of = |from: usize, is: fn(&u8) -> bool| bytes[from..].iter().take_while(|byte| is(byte)).count();
        let mut start = 0;
        while start < bytes.len() {
            let upper = run_of(start, u8::is_ascii_uppercase);
            let lower_after = run_of(start + upper, u8::is_ascii_lowercase);
            let length = match (upper, lower_after) {
                (0, 0) => match run_of(start, u8::is_ascii_digit) {
                    0 => run_of(start, |byte| !byte.is_ascii_alphanumeric()).max(1),
                    digits => digits,
                },
                (0 | 1, lower) => upper + lower,
                (upper, 0) => upper,
                // The last capital of a run begins the next word: `HTTPServer` is `HTTP`, `Server`.
                (upper, _) => upper - 1,
            };
            // Runs end at ASCII borders or take whole non-ASCII runs, so this never cuts a character.
            if let Some(part) = piece.get(start..start + length) {
                found(part);
            }
            start += length;
        }
    }
}

/// Whether the line is a comment, as most languages write them; `#include` and `#!` are none.
pub(super) fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    let directive = ["#include", "#define", "#if", "#else", "#end", "#!"].iter().any(|start| line.starts_with(start));
    !directive && ["#", "//", "/*", "*", "\"\"\"", "'''", "--", "<!--"].iter().any(|start| line.starts_with(start))
}

/// A multiset of words, ascending by hash.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Bag(pub(super) Vec<(Word, u32)>);

impl Bag {
    /// Counts words given in any order.
    pub(super) fn of(mut words: Vec<Word>) -> Self {
        words.sort_unstable();
        let mut bag: Vec<(Word, u32)> = Vec::new();
        for word in words {
            match bag.last_mut() {
                Some((last, count)) if *last == word => *count += 1,
                _ => bag.push((word, 1)),
            }
        }
        bag.shrink_to_fit();
        Self(bag)
    }

    /// Whether it holds `word`.
    pub(super) fn has(&self, word: Word) -> bool {
        self.0.binary_search_by_key(&word, |(word, _)| *word).is_ok()
    }

    /// The words that this holds more often than `other` does.
    pub(super) fn more_than(&self, other: &Self) -> Vec<Word> {
        let count = |word| other.0.binary_search_by_key(&word, |(word, _)| *word).map_or(0, |index| other.0[index].1);
        self.0.iter().filter(|(word, times)| *times > count(*word)).map(|(word, _)| *word).collect()
    }

    /// Calls `found` with each word that both hold.
    pub(super) fn shared(&self, other: &Self, mut found: impl FnMut(Word)) {
        let (mut left, mut right) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some((a, _)), Some((b, _))) = (left.peek(), right.peek()) {
            match a.cmp(b) {
                std::cmp::Ordering::Less => drop(left.next()),
                std::cmp::Ordering::Greater => drop(right.next()),
                std::cmp::Ordering::Equal => {
                    found(*a);
                    left.next();
                    right.next();
                }
            }
        }
    }
}

/// Ascending, each once.
pub(super) fn distinct(mut words: Vec<Word>) -> Vec<Word> {
    words.sort_unstable();
    words.dedup();
    // They are kept for every commit of the history.
    words.shrink_to_fit();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(identifier: &str) -> Vec<&str> {
        let mut found = Vec::new();
        parts(identifier, |part| found.push(part));
        found
    }

    #[test]
    fn identifiers_split_where_a_reader_would() {
        assert_eq!(split("createTargetGroup"), ["create", "Target", "Group"]);
        assert_eq!(split("HTTPServer_v2"), ["HTTP", "Server", "v", "2"]);
        assert_eq!(split("AWS_REGION"), ["AWS", "REGION"]);
        assert_eq!(split("A"), ["A"]);
        assert_eq!(split("étéPrice"), ["é", "t", "é", "Price"]);
    }

    #[test]
    fn keywords_and_short_words_are_no_identifiers() {
        let mut found = Vec::new();
        identifiers("def make_cluster(self, n1, 3rd_node): return été", |word| found.push(word));
        assert_eq!(found, ["make_cluster", "rd_node", "été"]);
    }

    #[test]
    fn comments_are_told_from_what_only_begins_like_them() {
        for (line, comment) in [
            ("    # wait for the target group", true),
            ("// deploy", true),
            (" * @param name", true),
            ("<!-- menu -->", true),
            ("#include <stdio.h>", false),
            ("#!/bin/bash", false),
            ("port = 80  # http", false),
        ] {
            assert_eq!(is_comment(line), comment, "{line}");
        }
    }

    #[test]
    fn accents_fold_and_hashes_are_stable() {
        assert_eq!(fold("Élève ﬁn"), "Eleve fin");
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash_lower("Main"), hash("main"));
    }
}
