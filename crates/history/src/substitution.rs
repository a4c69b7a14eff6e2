//! Names that one commit replaces everywhere: lines that are the same but for them stay with who wrote them, as lines do that
//! are laid out anew.
//!
//! Two lines at the same place of a change are such if they differ in names alone, each of which became the same other one on
//! five lines or more of the commit, and only that one; hardly a line that it adds has the old name, or one that it takes out
//! the new one. Numbers are no names. A line that changed in anything else is whoever's who changed it.

use std::collections::BTreeMap;

use super::diff::CommitDiff;
use super::hunk::LineKind;
use super::lines::Passage;
use super::words::{Word, hash_bytes};

/// Lines on which a name became another one; on fewer it is an edit.
const LINES: usize = 5;
/// One line in so many may keep the old name, or give it another.
const KEEPING: usize = 10;
/// Bytes of a line that is looked into.
const MAX_LINE: usize = 1_000;

/// How a line is cut into names: whole identifiers, or their words (`photo` and `List` of `photoList`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    Words,
    Identifiers,
}

type Name = (Cut, Word);

/// Lines of which one became the other by names alone.
struct Pair {
    file: usize,
    passage: usize,
    /// Where they are in the passage.
    lines: [usize; 2],
    /// Lines of the file, new and old.
    numbers: (u32, u32),
    /// Which name became which, each once.
    names: Vec<(Name, Name)>,
}

/// Marks the lines of `files`, which are those of `diff`.
pub(super) fn mark(files: &mut [Vec<Passage>], diff: &CommitDiff) {
    let pairs = pairs(files, diff);
    let known = replaced(&pairs, diff);
    if known.is_empty() {
        return;
    }
    for pair in pairs.iter().filter(|pair| pair.names.iter().all(|names| known.contains_key(names))) {
        let passage = &mut files[pair.file][pair.passage];
        for at in pair.lines {
            passage.lines[at].rename();
        }
        passage.reformatted.push(pair.numbers);
    }
    for passage in files.iter_mut().flatten() {
        passage.reformatted.sort_unstable();
    }
}

fn pairs(files: &[Vec<Passage>], diff: &CommitDiff) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (file, (passages, changed)) in files.iter().zip(&diff.files).enumerate() {
        for (index, (passage, hunk)) in passages.iter().zip(&changed.hunks).enumerate() {
            let texts: Vec<&str> = hunk.lines.iter().map(|line| line.text).collect();
            let mut end = 0;
            for (block, lines) in passage.blocks() {
                let context = |at: &usize| passage.lines[*at].kind() == LineKind::Context;
                let start = end + (end..passage.lines.len()).take_while(context).count();
                end = start + lines.len();
                if block.old_lines != block.new_lines || lines.iter().any(|line| line.is_reformatted()) {
                    continue;
                }
                let side = |kind: LineKind| (start..end).filter(move |at| passage.lines[*at].kind() == kind);
                for (offset, (old, new)) in side(LineKind::Deleted).zip(side(LineKind::Added)).enumerate() {
                    let names = differing(texts[old], texts[new]);
                    if !names.is_empty() {
                        let numbers = (block.new_start + offset as u32, block.old_start + offset as u32);
                        pairs.push(Pair { file, passage: index, lines: [old, new], numbers, names });
                    }
                }
            }
        }
    }
    pairs
}

/// Names that became one other each, on lines enough; with the lines.
fn replaced(pairs: &[Pair], diff: &CommitDiff) -> BTreeMap<(Name, Name), usize> {
    let mut known: BTreeMap<(Name, Name), usize> = BTreeMap::new();
    for names in pairs.iter().flat_map(|pair| &pair.names) {
        *known.entry(*names).or_default() += 1;
    }
    let (mut from, mut to): (BTreeMap<Name, usize>, BTreeMap<Name, usize>) = Default::default();
    for ((old, new), lines) in &known {
        *from.entry(*old).or_default() += lines;
        *to.entry(*new).or_default() += lines;
    }
    let is_most = |all: usize, lines: usize| (all - lines) * KEEPING <= lines;
    known.retain(|(old, new), lines| *lines >= LINES && is_most(from[old], *lines) && is_most(to[new], *lines));
    if known.is_empty() {
        return known;
    }
    // Lines that keep the old name, or had the new one before.
    let mut keeping: BTreeMap<Name, usize> = BTreeMap::new();
    let of_interest: [BTreeMap<Name, Name>; 2] =
        [known.keys().copied().collect(), known.keys().map(|(old, new)| (*new, *old)).collect()];
    for line in diff.files.iter().flat_map(|file| &file.hunks).flat_map(|hunk| hunk.lines.iter()) {
        let names = match line.kind {
            LineKind::Added => &of_interest[0],
            LineKind::Deleted => &of_interest[1],
            LineKind::Context => continue,
        };
        for cut in [Cut::Words, Cut::Identifiers] {
            let found = tokens(line.text, cut).into_iter().map(|token| (cut, hash_bytes(token.as_bytes())));
            for name in found.filter(|name| names.contains_key(name)) {
                *keeping.entry(name).or_default() += 1;
            }
        }
    }
    let kept = |name: &Name| keeping.get(name).copied().unwrap_or(0);
    known.retain(|(old, new), lines| (kept(old) + kept(new)) * KEEPING <= *lines);
    known
}

/// Which names became which, where nothing else differs; none where something does.
fn differing(old: &str, new: &str) -> Vec<(Name, Name)> {
    if old.len().max(new.len()) > MAX_LINE {
        return Vec::new();
    }
    let by = |cut: Cut| -> Option<Vec<(Name, Name)>> {
        let (old, new) = (tokens(old, cut), tokens(new, cut));
        if old.len() != new.len() {
            return None;
        }
        let mut names = Vec::new();
        for (old, new) in old.into_iter().zip(new).filter(|(old, new)| old != new) {
            if !(is_name(old) && is_name(new)) {
                return None;
            }
            names.push(((cut, hash_bytes(old.as_bytes())), (cut, hash_bytes(new.as_bytes()))));
        }
        names.sort_unstable();
        names.dedup();
        Some(names)
    };
    by(Cut::Words).or_else(|| by(Cut::Identifiers)).unwrap_or_default()
}

fn is_name(token: &str) -> bool {
    token.chars().any(char::is_alphabetic)
}

/// A text in pieces: names, and each other character by itself.
fn tokens(text: &str, cut: Cut) -> Vec<&str> {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let is_joined = |before: char, c: char| match cut {
        Cut::Words => before.is_alphabetic() && c.is_alphabetic() && !(before.is_lowercase() && c.is_uppercase()),
        Cut::Identifiers => is_of_word(before) && is_of_word(c),
    };
    let (mut tokens, mut start, mut before) = (Vec::new(), 0, None);
    for (at, c) in text.char_indices() {
        if at > start && !before.is_some_and(|before| is_joined(before, c)) {
            tokens.push(&text[start..at]);
            start = at;
        }
        before = Some(c);
    }
    if start < text.len() {
        tokens.push(&text[start..]);
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_one(old: &str, new: &str) -> bool {
        !differing(old, new).is_empty()
    }

    #[test]
    fn lines_that_differ_in_names_alone_are_told() {
        for (old, new) in [
            ("photo = load(photo)", "image = load(image)"),
            ("def list_photos(photoList):", "def list_images(imageList):"),
            ("x = photo.id", "x = galleryItem.id"),
        ] {
            assert!(is_one(old, new), "{new}");
        }
        for (old, new) in [
            ("photo = load(1)", "photo = load(2)"),
            ("photo = load(a)", "image = load(a, b)"),
            ("photo = 1", "photo = 1"),
            ("photo + 1", "photo - 1"),
        ] {
            assert!(!is_one(old, new), "{new}");
        }
        assert_eq!(differing("photo, photo", "image, image").len(), 1, "once a line");
        assert_eq!(tokens("photoList_2", Cut::Words), ["photo", "List", "_", "2"]);
        assert_eq!(tokens("a.b_2 ", Cut::Identifiers), ["a", ".", "b_2", " "]);
    }
}
