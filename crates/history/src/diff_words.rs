//! The words of a diff, which a message is held against.

use super::diff::{CommitDiff, Status};
use super::hunk::LineKind;
use super::role::Role;
use super::words::{Bag, Word, clipped, distinct, fold, hash_lower, is_comment, parts};

/// Letters that words are cut to.
const STEM: usize = 5;
/// Lines of one file whose words are read.
const MAX_LINES_PER_FILE: usize = 3_000;
/// Different literals of one commit that are kept.
const MAX_LITERALS: usize = 4_000;
/// Shorter ones stand on any line.
const MIN_LITERAL: usize = 3;
/// Paths of files that do not count whose words are read.
const MAX_EXCLUDED_PATHS: usize = 200;

/// Words and facts of a diff that a message is held against.
#[derive(Debug, Default)]
pub(super) struct DiffWords {
    pub(super) paths: Bag,
    pub(super) lines: Bag,
    /// Words with a digit on changed lines, as they are written there; ascending.
    pub(super) literals: Vec<Word>,
    pub(super) facts: Facts,
}

#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) added: u64,
    pub(super) deleted: u64,
    pub(super) any_added_file: bool,
    pub(super) any_deleted_file: bool,
    pub(super) any_renamed_file: bool,
    pub(super) any_test: bool,
    pub(super) any_doc: bool,
    pub(super) any_config: bool,
    pub(super) any_comment: bool,
}

impl DiffWords {
    /// Of one commit.
    pub(super) fn of(diff: &CommitDiff) -> Self {
        let (mut paths, mut lines, mut facts) = (Vec::new(), Vec::new(), Facts::default());
        let mut found_literals = Vec::new();
        for file in &diff.files {
            words(&file.path, |word| paths.push(stem(word)));
            if file.old_path != file.path {
                words(&file.old_path, |word| paths.push(stem(word)));
            }
            facts.see(&file.path, file.status);
            let mut seen = 0;
            for line in file.hunks.iter().flat_map(|hunk| hunk.lines.iter()) {
                match line.kind {
                    LineKind::Added => facts.added += 1,
                    LineKind::Deleted => facts.deleted += 1,
                    LineKind::Context => {}
                }
                seen += 1;
                if line.kind != LineKind::Context && seen <= MAX_LINES_PER_FILE {
                    words(clipped(line.text), |word| lines.push(stem(word)));
                    if found_literals.len() < MAX_LITERALS {
                        literals(clipped(line.text), |literal| found_literals.push(literal));
                    }
                    facts.any_comment |= is_comment(line.text);
                }
            }
        }
        let excluded = || diff.excluded.iter().filter(|file| !file.is_rest_of_counted());
        for file in excluded() {
            facts.see(&file.path, file.status);
        }
        for file in excluded().take(MAX_EXCLUDED_PATHS) {
            words(&file.path, |word| paths.push(stem(word)));
        }
        let literals = distinct(found_literals);
        Self { paths: Bag::of(paths), lines: Bag::of(lines), literals, facts }
    }

    pub(super) fn has_in_path(&self, word: Word) -> bool {
        self.paths.has(word)
    }

    pub(super) fn has(&self, word: Word) -> bool {
        self.has_in_path(word) || self.lines.has(word)
    }

    pub(super) fn line_words(&self) -> u64 {
        self.lines.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }
}

impl Facts {
    fn see(&mut self, path: &str, status: Status) {
        match status {
            Status::Added => self.any_added_file = true,
            Status::Deleted => self.any_deleted_file = true,
            Status::Renamed => self.any_renamed_file = true,
            Status::Modified => {}
        }
        match Role::of(path) {
            Role::Test => self.any_test = true,
            Role::Doc => self.any_doc = true,
            Role::Config => self.any_config = true,
            Role::Other => {}
        }
    }
}

/// Calls `found` with each part of a word that has three letters or more, accents off, case as it is.
pub(super) fn words(text: &str, mut found: impl FnMut(&str)) {
    for word in fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut any = false;
        parts(word, |part| {
            if part.is_ascii() {
                any = true;
                if part.len() >= 3 && !part.starts_with(|c: char| c.is_ascii_digit()) {
                    found(part);
                }
            }
        });
        if !any && word.chars().count() >= 3 && !word.chars().all(char::is_numeric) {
            found(word);
        }
    }
}

/// Calls `found` with each word that has a digit, its dots, dashes and slashes with it: `t2.micro`, `10.0.0.0/16`, `8080`.
pub(super) fn literals(text: &str, mut found: impl FnMut(Word)) {
    for run in text.split(|c: char| !(c.is_ascii_alphanumeric() || "._-/:".contains(c))) {
        let literal = run.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if literal.len() >= MIN_LITERAL && literal.bytes().any(|byte| byte.is_ascii_digit()) {
            found(hash_lower(literal));
        }
    }
}

pub(super) fn stem(word: &str) -> Word {
    let end = word.char_indices().nth(STEM).map_or(word.len(), |(end, _)| end);
    hash_lower(&word[..end])
}
