//! Lines that stand elsewhere in the file's former version, as `git blame -M` looks for them.
//!
//! Source: git's `blame.c`, `find_move_in_parent`.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;

use super::hunk::LineKind;
use super::hunks;
use super::lines::{self, Passage, line_hash};
use super::provenance::AsItIs;

/// Fewer letters and digits are no sign of a move, as for git.
pub(super) const MOVE_SCORE: u32 = 20;

/// Stands for lines that are not asked for; no text has such a line.
const GAP: &[u8] = b"\0\x01\n";

/// A content cut into lines.
pub(super) struct Lines<'c> {
    texts: Vec<&'c [u8]>,
    hashes: Vec<u64>,
    /// Letters and digits before each line, and in all.
    letters: Vec<u32>,
}

impl<'c> Lines<'c> {
    pub(super) fn of(content: &'c [u8]) -> Self {
        let texts: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
        let mut letters = Vec::with_capacity(texts.len() + 1);
        letters.push(0);
        for line in &texts {
            let count = line.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() as u32;
            letters.push(letters.last().map_or(0, |before| before + count));
        }
        Self { hashes: texts.iter().map(|line| line_hash(line)).collect(), texts, letters }
    }

    pub(super) fn count(&self) -> u32 {
        self.texts.len() as u32
    }

    /// git's measure of how much lines say: their letters and digits, and one.
    pub(super) fn score(&self, from: u32, lines: u32) -> u32 {
        1 + self.letters[(from + lines) as usize] - self.letters[from as usize]
    }

    /// The best score of lines in a row that `there` has: no run of these lines that stands there can have a better one.
    pub(super) fn best_in(&self, from: u32, lines: u32, there: &Version) -> u32 {
        let (mut best, mut run) = (0, 0);
        for line in from..from + lines {
            run = if there.has(self.hashes[line as usize]) { run + self.score(line, 1) } else { 0 };
            best = best.max(run);
        }
        best
    }

    /// The best run that some of these lines have in common with `old`: first line, counted from `from`, how many, and
    /// first line in `old`.
    pub(super) fn best_match(
        &self,
        from: u32,
        lines: u32,
        old: &Lines<'_>,
    ) -> Result<Option<(u32, u32, u32)>, git2::Error> {
        let range = from as usize..(from + lines) as usize;
        let (reduced, places) = old.without_others(&self.hashes[range.clone()]);
        let passages = lines::passages_of(&hunks::between_contents(&reduced, &self.texts[range].concat())?);
        let (mut old_at, mut new_at) = (0, 0);
        let mut best: Option<(u32, (u32, u32, u32))> = None;
        let mut consider = |old_at: u32, new_at: u32, until: u32| {
            if until > new_at {
                let score = self.score(from + new_at, until - new_at);
                if score > MOVE_SCORE && best.as_ref().is_none_or(|(most, _)| score >= *most) {
                    best = Some((score, (new_at, until - new_at, places[old_at as usize])));
                }
            }
        };
        for (block, _) in passages.iter().flat_map(Passage::blocks) {
            consider(old_at, new_at, block.new_start);
            old_at = block.old_start + block.old_lines;
            new_at = block.new_start + block.new_lines;
        }
        consider(old_at, new_at, lines);
        Ok(best.map(|(_, found)| found))
    }

    /// The lines that are among the wanted ones, with one line in place of all others between two of them, and where
    /// each stood. What nothing can equal does not decide what is equal, and costs time.
    fn without_others(&self, wanted: &[u64]) -> (Vec<u8>, Vec<u32>) {
        let wanted: HashSet<u64, BuildHasherDefault<AsItIs>> = wanted.iter().copied().collect();
        let (mut reduced, mut places) = (Vec::new(), Vec::new());
        let mut in_gap = false;
        for (place, (text, hash)) in (0..).zip(self.texts.iter().zip(&self.hashes)) {
            let is_wanted = wanted.contains(hash);
            if is_wanted {
                reduced.extend_from_slice(text);
            } else if !in_gap {
                reduced.extend_from_slice(GAP);
            }
            if is_wanted || !in_gap {
                places.push(place);
            }
            in_gap = !is_wanted;
        }
        (reduced, places)
    }
}

/// How often each line stands in one version of a file: carried from version to version, it saves reading them all.
#[derive(Debug, Clone)]
pub(super) struct Version(HashMap<u64, u32, BuildHasherDefault<AsItIs>>);

impl Version {
    pub(super) fn of(lines: &Lines<'_>) -> Self {
        let mut version = Self(HashMap::default());
        for hash in &lines.hashes {
            *version.0.entry(*hash).or_default() += 1;
        }
        version
    }

    /// The version before a change.
    pub(super) fn before(mut self, passages: &[Passage]) -> Self {
        for line in passages.iter().flat_map(|passage| &passage.lines) {
            match line.kind() {
                LineKind::Context => {}
                LineKind::Deleted => *self.0.entry(line.hash()).or_default() += 1,
                LineKind::Added => {
                    if let Some(count) = self.0.get_mut(&line.hash()) {
                        *count -= 1;
                        if *count == 0 {
                            self.0.remove(&line.hash());
                        }
                    }
                }
            }
        }
        self
    }

    fn has(&self, line: u64) -> bool {
        self.0.contains_key(&line)
    }
}
