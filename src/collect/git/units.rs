//! Units of change: what a commit is made of.
//!
//! Source: the reference formula, steps 2 and 3. A unit is a hunk; hunks of a file join under one function header or over
//! a gap of at most 12 lines. Above 48 units they fold to files, then to the 48 largest. A unit's words are the
//! identifiers of three characters or more on its changed lines, less keywords.

use super::diff::{CommitDiff, FileDiff, LineKind};
use super::role::Role;
use super::words::{Bag, Word, clipped, distinct, hash, hash_lower, identifiers, parts};

/// More units than this fold.
const MAX_UNITS: usize = 48;
/// Hunks of a file that are no further apart belong together.
const MAX_GAP: u64 = 12;
/// A shorter part of an identifier says nothing.
const MIN_PART: usize = 3;

/// One unit, ready to be compared with others.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Index of its file in the commit.
    pub(super) file: usize,
    pub(super) path: String,
    pub(super) role: Role,
    /// Changed lines; 1 for a pure rename.
    pub(super) lines: u64,
    /// Identifiers of changed lines.
    pub(super) identifiers: Bag,
    /// Parts of those, of the path and of the function header.
    pub(super) parts: Bag,
}

/// The units of a commit, and the words by which commits of a repository are compared.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) units: Vec<Unit>,
    /// Identifiers on any changed line, each once.
    pub(super) identifiers: Vec<Word>,
    /// Parts of those, each once.
    pub(super) identifier_parts: Vec<Word>,
}

/// A unit while it grows.
#[derive(Debug, Clone, Default)]
struct Draft<'d> {
    file: usize,
    header: &'d str,
    end: u64,
    lines: u64,
    identifiers: Vec<Word>,
    parts: Vec<Word>,
}

/// Cuts a diff into units.
pub(super) fn of(diff: &CommitDiff) -> Units {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let (mut all_identifiers, mut all_parts) = (Vec::new(), Vec::new());
    for (index, file) in diff.files.iter().enumerate() {
        let first = drafts.len();
        drafts_of(index, file, &mut drafts);
        for draft in drafts[first..].iter().filter(|_| !file.hunks.is_empty()) {
            all_identifiers.extend_from_slice(&draft.identifiers);
            all_parts.extend_from_slice(&draft.parts);
        }
    }
    if drafts.len() > MAX_UNITS {
        drafts = folded(drafts);
    }
    Units {
        units: drafts.into_iter().map(|draft| finished(draft, diff)).collect(),
        identifiers: distinct(all_identifiers),
        identifier_parts: distinct(all_parts),
    }
}

fn drafts_of<'d>(index: usize, file: &'d FileDiff, drafts: &mut Vec<Draft<'d>>) {
    if file.hunks.is_empty() {
        // A pure rename or change of mode is known by its path.
        let mut draft = Draft { file: index, lines: 1, ..Draft::default() };
        add_words(&file.path, &mut draft);
        drafts.push(draft);
        return;
    }
    let first = drafts.len();
    for hunk in &file.hunks {
        let end = hunk.start + hunk.lines.len() as u64;
        let header = hunk.header.as_str();
        let joins = drafts.len() > first
            && drafts.last().is_some_and(|last| {
                (!header.is_empty() && header == last.header) || hunk.start.saturating_sub(last.end) <= MAX_GAP
            });
        if !joins {
            drafts.push(Draft { file: index, header, ..Draft::default() });
        }
        let Some(draft) = drafts.last_mut() else { continue };
        draft.end = end;
        for line in hunk.lines.iter().filter(|line| line.kind != LineKind::Context) {
            draft.lines += 1;
            add_words(clipped(&line.text), draft);
        }
    }
}

fn add_words(text: &str, draft: &mut Draft<'_>) {
    let Draft { identifiers: words, parts: pieces, .. } = draft;
    identifiers(text, |identifier| {
        words.push(hash(identifier));
        add_parts(identifier, pieces);
    });
}

fn add_parts(identifier: &str, pieces: &mut Vec<Word>) {
    parts(identifier, |part| {
        if part.len() >= MIN_PART && (part.is_ascii() || part.chars().count() >= MIN_PART) {
            pieces.push(hash_lower(part));
        }
    });
}

fn folded(drafts: Vec<Draft<'_>>) -> Vec<Draft<'_>> {
    let mut files: Vec<Draft<'_>> = Vec::new();
    for draft in drafts {
        match files.last_mut() {
            Some(file) if file.file == draft.file => {
                file.header = "";
                file.lines += draft.lines;
                file.identifiers.extend(draft.identifiers);
                file.parts.extend(draft.parts);
            }
            _ => files.push(draft),
        }
    }
    if files.len() > MAX_UNITS {
        files.sort_by_key(|file| (std::cmp::Reverse(file.lines), file.file));
        files.truncate(MAX_UNITS);
    }
    files
}

fn finished(draft: Draft<'_>, diff: &CommitDiff) -> Unit {
    let path = diff.files[draft.file].path.clone();
    let mut pieces = draft.parts;
    for word in path.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() >= MIN_PART) {
        add_parts(word, &mut pieces);
    }
    identifiers(draft.header, |identifier| add_parts(identifier, &mut pieces));
    Unit {
        file: draft.file,
        role: Role::of(&path),
        path: super::walk::printable(&path),
        lines: draft.lines,
        identifiers: Bag::of(draft.identifiers),
        parts: Bag::of(pieces),
    }
}
