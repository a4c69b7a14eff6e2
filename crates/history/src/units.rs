//! Units of change: what a commit is made of.
//!
//! Source: the reference formula, steps 2 and 3. A unit is a hunk with its context; hunks of a file join under one function
//! header or over a gap of at most 3 lines. The reference has 12, and so takes several small changes inside one script for
//! one: on squashes of public repositories both part alike, on labelled student commits the smaller gap finds more.
//! Above 48 units they fold to files, then to the 48 largest. A unit's words are the identifiers of three characters or
//! more on its changed lines, less keywords.
//!
//! Lines are compared without white space to begin with; a unit is *formatting* where what it takes away and what it
//! puts there are the same once line breaks, quotes, brackets, commas and semicolons are left out as well: what `black`
//! or `prettier` does.

use super::diff::{CommitDiff, FileDiff, Status};
use super::hunk::{Hunk, LineKind};
use super::role::Role;
use super::words::{Bag, Word, clipped, distinct, hash, hash_lower, identifiers, is_comment, parts};

/// More units than this fold.
const MAX_UNITS: usize = 48;
/// Lines between the contexts of two hunks of a file up to which they belong together.
const MAX_GAP: u64 = 3;
/// Signs that formatters add and take away.
const FORM: &str = ",;'\"`()[]{}\\";
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
    /// Of these, the added ones.
    pub(super) added: u64,
    /// Of these, the deleted ones.
    pub(super) deleted: u64,
    /// First and last line of each hunk, afterwards; ascending, none for a pure rename.
    pub(super) ranges: Vec<(u64, u64)>,
    /// Whether only its form changed.
    pub(super) formatting: bool,
    /// Whether only comments changed.
    pub(super) comments: bool,
    /// What happened to its file.
    pub(super) status: Status,
    /// Identifiers of changed lines.
    pub(super) identifiers: Bag,
    /// Parts of those, of the path and of the function header.
    pub(super) parts: Bag,
    /// Identifiers that stand more often on added lines than on deleted ones, ascending.
    pub(super) gained: Vec<Word>,
    /// The other way round.
    pub(super) lost: Vec<Word>,
}

impl Unit {
    /// Whether its file got another name and kept its lines.
    pub(super) fn is_moved_whole(&self) -> bool {
        self.status == Status::Renamed && self.ranges.is_empty()
    }
}

/// The units of a commit, and the words by which commits of a repository are compared.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) units: Vec<Unit>,
    /// Identifiers on any changed line, each once.
    pub(super) identifiers: Vec<Word>,
    /// Parts of those, of paths and of function headers, each once: all that units are compared by. What stands in every
    /// commit's path is no shared meaning.
    pub(super) identifier_parts: Vec<Word>,
}

/// A unit while it grows.
#[derive(Debug, Clone, Default)]
struct Draft<'d> {
    file: usize,
    header: &'d str,
    end: u64,
    ranges: Vec<(u64, u64)>,
    lines: u64,
    /// Of these, the added ones; none for a pure rename.
    added_lines: u64,
    /// Of these, the deleted ones.
    deleted_lines: u64,
    /// Changed lines of hunks that changed in form alone.
    formatted: u64,
    /// Changed lines that are comments or blank.
    commented: u64,
    added: Vec<Word>,
    deleted: Vec<Word>,
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
            all_identifiers.extend(draft.added.iter().chain(&draft.deleted));
        }
        for draft in &drafts[first..] {
            all_parts.extend_from_slice(&draft.parts);
            add_place(&file.path, draft.header, &mut all_parts);
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
        let Draft { added, parts, .. } = &mut draft;
        add_words(&file.path, added, parts);
        drafts.push(draft);
        return;
    }
    let first = drafts.len();
    for hunk in &file.hunks {
        let header = hunk.header.as_str();
        let joins = drafts.len() > first
            && drafts.last().is_some_and(|last| {
                (!header.is_empty() && header == last.header) || hunk.start.saturating_sub(last.end) <= MAX_GAP
            });
        if !joins {
            drafts.push(Draft { file: index, header, ..Draft::default() });
        }
        let Some(draft) = drafts.last_mut() else { continue };
        let before = draft.lines;
        let Draft { lines, added_lines, deleted_lines, commented, added, deleted, parts, .. } = draft;
        // Where the changes begin and end, without the lines around them.
        let (mut number, mut range) = (hunk.start, None);
        for line in hunk.lines.iter() {
            let words = match line.kind {
                LineKind::Context => {
                    number += 1;
                    continue;
                }
                LineKind::Added => {
                    *added_lines += 1;
                    &mut *added
                }
                LineKind::Deleted => {
                    *deleted_lines += 1;
                    &mut *deleted
                }
            };
            range = Some((range.map_or(number, |(first, _)| first), number));
            number += u64::from(line.kind == LineKind::Added);
            *lines += 1;
            *commented += u64::from(line.text.trim().is_empty() || is_comment(line.text));
            add_words(clipped(line.text), words, parts);
        }
        draft.end = number;
        draft.ranges.extend(range);
        if is_formatting(hunk) {
            draft.formatted += draft.lines - before;
        }
    }
}

/// Whether both sides are the same but for what has no meaning of its own.
fn is_formatting(hunk: &Hunk) -> bool {
    let side = |kind: LineKind| {
        let lines = hunk.lines.iter().filter(move |line| line.kind == kind);
        lines.flat_map(|line| line.text.chars()).filter(|c| !c.is_whitespace() && !FORM.contains(*c))
    };
    side(LineKind::Added).eq(side(LineKind::Deleted))
}

/// The words of a text as units have them in their parts, each once.
pub(super) fn parts_of_text(text: &str) -> Vec<Word> {
    let mut pieces = Vec::new();
    identifiers(text, |identifier| add_parts(identifier, &mut pieces));
    distinct(pieces)
}

fn add_words(text: &str, words: &mut Vec<Word>, pieces: &mut Vec<Word>) {
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

/// The words of where a unit stands: its path and the function header.
fn add_place(path: &str, header: &str, pieces: &mut Vec<Word>) {
    for word in path.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() >= MIN_PART) {
        add_parts(word, pieces);
    }
    identifiers(header, |identifier| add_parts(identifier, pieces));
}

fn folded(drafts: Vec<Draft<'_>>) -> Vec<Draft<'_>> {
    let mut files: Vec<Draft<'_>> = Vec::new();
    for draft in drafts {
        match files.last_mut() {
            Some(file) if file.file == draft.file => {
                file.header = "";
                file.end = draft.end;
                file.ranges.extend(draft.ranges);
                file.lines += draft.lines;
                file.added_lines += draft.added_lines;
                file.deleted_lines += draft.deleted_lines;
                file.formatted += draft.formatted;
                file.commented += draft.commented;
                file.added.extend(draft.added);
                file.deleted.extend(draft.deleted);
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
    let FileDiff { path, status, .. } = &diff.files[draft.file];
    let mut pieces = draft.parts;
    add_place(path, draft.header, &mut pieces);
    let formatting = !draft.ranges.is_empty() && draft.formatted == draft.lines;
    let role = Role::of(path);
    // A heading and a list item of prose look like comments.
    let comments = !draft.ranges.is_empty() && draft.commented == draft.lines && role != Role::Doc;
    let (added, deleted) = (Bag::of(draft.added.clone()), Bag::of(draft.deleted.clone()));
    let mut identifiers = draft.added;
    identifiers.extend(draft.deleted);
    Unit {
        file: draft.file,
        role,
        path: super::printed::printable(path),
        lines: draft.lines,
        added: draft.added_lines,
        deleted: draft.deleted_lines,
        ranges: draft.ranges,
        formatting,
        comments,
        status: *status,
        identifiers: Bag::of(identifiers),
        parts: Bag::of(pieces),
        gained: added.more_than(&deleted),
        lost: deleted.more_than(&added),
    }
}

#[cfg(test)]
mod tests {
    use super::super::hunk::Lines;
    use super::*;

    /// Units of a file with one line added at each of these places, under these headers.
    fn units_of(places: &[(u64, &str)]) -> usize {
        let hunks = places.iter().map(|(start, header)| {
            let mut lines = Lines::default();
            lines.push(LineKind::Added, b"count = 5\n");
            Hunk { start: *start, old_start: *start, header: (*header).to_owned(), lines }
        });
        let file = FileDiff {
            path: "start.py".to_owned(),
            old_path: "start.py".to_owned(),
            status: Status::Modified,
            old_id: None,
            hunks: hunks.collect(),
            likeness: None,
        };
        of(&CommitDiff { files: vec![file], ..CommitDiff::default() }).units.len()
    }

    #[test]
    fn hunks_join_under_one_header_and_over_a_small_gap() {
        for (places, units) in [
            (&[(10, ""), (14, "")][..], 1),
            (&[(10, ""), (15, "")][..], 2),
            (&[(10, "def start():"), (200, "def start():")][..], 1),
            (&[(10, "def start():"), (200, "def stop():")][..], 2),
        ] {
            assert_eq!(units_of(places), units, "{places:?}");
        }
    }
}
