//! Where the comments of a file stand that say something.

use std::collections::BTreeMap;

use tokei::LanguageType;
use tree_sitter::Tree;

use crate::commented_out;
use crate::syntax::{self, text_of};

/// Lines of comment that are joined to one.
const LONGEST: usize = 30;

/// Comments by the row (zero-based) on which they end: how many rows they take, and what they say.
pub(crate) struct Comments(BTreeMap<usize, (usize, String)>);

impl Comments {
    /// Comments behind code, rulers (`# -----`) and commented-out code say nothing of what stands below them.
    pub(crate) fn of(tree: &Tree, text: &str, language: LanguageType) -> Self {
        let lines: Vec<&str> = text.lines().collect();
        let mut comments = BTreeMap::new();
        syntax::walk(tree, |node| {
            if !node.kind().ends_with("comment") {
                return;
            }
            let (start, end) = (node.start_position(), node.end_position());
            let before = lines.get(start.row).and_then(|line| line.get(..start.column)).unwrap_or_default();
            if !before.trim().is_empty() {
                return;
            }
            let says = stripped(text_of(node, text));
            // A ruler, or an empty line of a comment, says nothing and parts nothing.
            let says = if says.chars().any(char::is_alphabetic) { says } else { String::new() };
            if !commented_out::is_code(language, text_of(node, text)) {
                // The grammar of Rust takes the line's end into a doc comment.
                let last = if end.column == 0 && end.row > start.row { end.row - 1 } else { end.row };
                comments.insert(last, (last - start.row + 1, says));
            }
        });
        Self(comments)
    }

    /// What the comments say that end on the row above `row`, one directly below the other.
    pub(crate) fn above(&self, row: usize) -> Option<String> {
        let mut words: Vec<&str> = Vec::new();
        let mut row = row;
        let mut seen = 0;
        while let Some((rows, says)) = row.checked_sub(1).and_then(|above| self.0.get(&above)) {
            words.extend((!says.is_empty()).then_some(says.as_str()));
            row = row.saturating_sub(*rows);
            seen += 1;
            if seen >= LONGEST {
                break;
            }
        }
        words.reverse();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// What a comment says that begins on `row`.
    pub(super) fn on(&self, row: usize) -> Option<String> {
        self.0
            .range(row..row + LONGEST)
            .find(|(end, (rows, _))| **end + 1 == row + rows)
            .map(|(_, (_, says))| says.clone())
            .filter(|says| !says.is_empty())
    }

    /// What is said at the top of the file, below the interpreter line, blank lines and rulers.
    pub(super) fn head(&self, text: &str) -> Option<String> {
        for (row, line) in text.lines().enumerate().take(LONGEST) {
            if let Some(says) = self.on(row) {
                return Some(says);
            }
            let says_nothing = !line.chars().any(char::is_alphanumeric);
            let is_mark = line.starts_with("#!") || line.contains("coding:") || line.contains("syntax=");
            if !says_nothing && !is_mark {
                return None;
            }
        }
        None
    }
}

/// Without the signs that make it a comment.
fn stripped(comment: &str) -> String {
    let signs: &[char] = &['#', '/', '*', '!', '-', '=', ' ', '\t', ';', '"', '\''];
    comment.lines().map(|line| line.trim_matches(signs)).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
