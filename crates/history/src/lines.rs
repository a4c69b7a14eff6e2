//! The lines of a change, each as eight bytes: enough to follow it through the history without its text.
//!
//! A line is known by the hash of its characters without white space. Three things are told of a changed line at once:
//!
//! - *moved*: the same commit deletes it in one place and adds it in another. Closing braces and the like, which have
//!   fewer than five letters and digits, move with the block around them.
//! - *reformatted*: the lines that were deleted at a place and those that were added there are the same characters but
//!   for white space, the kind of quotes, and commas before a closing bracket; where they are more lines or fewer than
//!   before, but for parentheses, commas and backslashes, by which a long line is wrapped.
//!   So are lines in which nothing but names became others, throughout the commit ([`super::substitution`]).
//! - *blank*.

use std::collections::HashMap;

use super::diff::CommitDiff;
use super::hunk::{Hunk, LineKind};
use super::substitution;
use super::words::{OFFSET, PRIME};

/// A line with fewer letters and digits (`}`, `else:` without its block) is no sign of a move by itself.
const MIN_SUBSTANCE: usize = 5;

const KIND: u64 = 0b11;
const SUBSTANCE: u64 = 0b100;
const MOVED: u64 = 0b1000;
const REFORMATTED: u64 = 0b1_0000;
const RENAMED: u64 = 0b10_0000;
const FLAGS: u64 = 0b11_1111;

/// One line: its hash in the upper bits, what it is in the lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line(u64);

impl Line {
    fn of(kind: LineKind, text: &str) -> Self {
        let kind = match kind {
            LineKind::Context => 0,
            LineKind::Added => 1,
            LineKind::Deleted => 2,
        };
        let hash = line_hash(text.as_bytes());
        let letters = text.bytes().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()).count();
        let substance = if letters >= MIN_SUBSTANCE { SUBSTANCE } else { 0 };
        Self(if hash == 0 { kind } else { hash | substance | kind })
    }

    pub(super) fn kind(self) -> LineKind {
        match self.0 & KIND {
            1 => LineKind::Added,
            2 => LineKind::Deleted,
            _ => LineKind::Context,
        }
    }

    /// The hash of the characters that are not white space.
    pub(super) fn hash(self) -> u64 {
        self.0 & !FLAGS
    }

    pub(super) fn is_blank(self) -> bool {
        self.hash() == 0
    }

    /// Whether it has letters and digits enough to tell it from other lines.
    pub(super) fn has_substance(self) -> bool {
        self.0 & SUBSTANCE != 0
    }

    /// Whether the commit deletes it here and adds it there, or the other way round.
    pub(super) fn is_moved(self) -> bool {
        self.0 & MOVED != 0
    }

    /// Whether it is among lines that were laid out anew.
    pub(super) fn is_reformatted(self) -> bool {
        self.0 & REFORMATTED != 0
    }

    /// Whether nothing but names became others, each the same one throughout the commit; such a line is reformatted, too.
    pub(super) fn is_renamed(self) -> bool {
        self.0 & RENAMED != 0
    }

    /// Marks it so.
    pub(super) fn rename(&mut self) {
        self.0 |= RENAMED | REFORMATTED;
    }

    /// Whether it was written or taken out by hand, as far as the commit alone tells.
    pub(super) fn is_own(self) -> bool {
        !self.is_blank() && self.0 & (MOVED | REFORMATTED) == 0
    }
}

/// The hash by which a line is known: of its characters without white space; zero where it is blank.
pub(super) fn line_hash(line: &[u8]) -> u64 {
    if !line.is_ascii() && std::str::from_utf8(line).is_err() {
        // A line of a diff is known by its text, where what is no UTF-8 is replaced.
        return line_hash(String::from_utf8_lossy(line).as_bytes());
    }
    let mut characters = line.iter().filter(|byte| !byte.is_ascii_whitespace()).peekable();
    if characters.peek().is_none() {
        return 0;
    }
    let hash = characters.fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME));
    // A hash that happens to be zero is as good as any other that is not.
    (hash & !FLAGS).max(FLAGS + 1)
}

/// The changed lines of a place and the context around it, in the order of a diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Passage {
    /// Lines of the file before the passage, in the old version.
    pub(super) old_start: u32,
    /// The same, in the new version.
    pub(super) new_start: u32,
    pub(super) lines: Vec<Line>,
    /// Which former line each reformatted one begins in: pairs of lines of the file, new and old, ascending by new.
    pub(super) reformatted: Vec<(u32, u32)>,
}

/// A place where `old_lines` lines from `old_start` became `new_lines` lines from `new_start`; lines count from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) old_start: u32,
    pub(super) old_lines: u32,
    pub(super) new_start: u32,
    pub(super) new_lines: u32,
}

impl Passage {
    /// Without lines yet, from a line of the new version.
    pub(super) fn starting_at(new_start: u32) -> Self {
        Self { old_start: 0, new_start, lines: Vec::new(), reformatted: Vec::new() }
    }

    /// The places that changed, from the top of the passage, each with its lines.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (Block, &[Line])> {
        let (mut old, mut new, mut at) = (self.old_start, self.new_start, 0);
        std::iter::from_fn(move || {
            let context = self.lines[at..].iter().take_while(|line| line.kind() == LineKind::Context).count();
            at += context;
            old += context as u32;
            new += context as u32;
            let changed = self.lines[at..].iter().take_while(|line| line.kind() != LineKind::Context).count();
            if changed == 0 {
                return None;
            }
            let lines = &self.lines[at..at + changed];
            let added = lines.iter().filter(|line| line.kind() == LineKind::Added).count() as u32;
            let block = Block { old_start: old, old_lines: changed as u32 - added, new_start: new, new_lines: added };
            at += changed;
            old += block.old_lines;
            new += block.new_lines;
            Some((block, lines))
        })
    }
}

/// The passages of each file of a commit, in the order of its files.
pub(super) fn of(diff: &CommitDiff) -> Vec<Vec<Passage>> {
    let mut files: Vec<Vec<Passage>> = diff.files.iter().map(|file| passages_of(&file.hunks)).collect();
    substitution::mark(&mut files, diff);
    mark_moved(&mut files);
    files
}

/// The passages of one file, without a look at the others.
pub(super) fn passages_of(hunks: &[Hunk]) -> Vec<Passage> {
    hunks
        .iter()
        .map(|hunk| {
            let lines: Vec<Line> = hunk.lines.iter().map(|line| Line::of(line.kind, line.text)).collect();
            let count = |but: LineKind| lines.iter().filter(|line| line.kind() != but).count();
            // Of a side without lines, git names the line before it.
            let first = |start: u64, lines: usize| if lines == 0 { start } else { start.saturating_sub(1) } as u32;
            let mut passage = Passage {
                old_start: first(hunk.old_start, count(LineKind::Added)),
                new_start: first(hunk.start, count(LineKind::Deleted)),
                lines,
                reformatted: Vec::new(),
            };
            let texts: Vec<&str> = hunk.lines.iter().map(|line| line.text).collect();
            mark_reformatted(&mut passage, &texts);
            passage
        })
        .collect()
}

/// Marks the blocks whose old and new lines are the same but for their layout.
fn mark_reformatted(passage: &mut Passage, texts: &[&str]) {
    let mut marked = Vec::new();
    let mut reformatted = Vec::new();
    let mut end = 0;
    for (block, lines) in passage.blocks() {
        // Blocks come in order, and context lies between them.
        let skipped = passage.lines[end..].iter().take_while(|line| line.kind() == LineKind::Context).count();
        let range = end + skipped..end + skipped + lines.len();
        end = range.end;
        if block.old_lines == 0 || block.new_lines == 0 {
            continue;
        }
        let side = |kind, dropped| {
            Layout::of(range.clone().filter(|at| passage.lines[*at].kind() == kind).map(|at| texts[at]), dropped)
        };
        let sides = |dropped| (side(LineKind::Deleted, dropped), side(LineKind::Added, dropped));
        let is_wrapped = block.old_lines != block.new_lines;
        let (mut old, mut new) = sides("");
        if old.characters != new.characters && is_wrapped {
            (old, new) = sides(WRAPPING);
        }
        if old.characters.is_empty() || old.characters != new.characters {
            continue;
        }
        for (index, start) in new.starts.iter().enumerate() {
            let origin = old.starts.partition_point(|begin| begin <= start).saturating_sub(1);
            reformatted.push((block.new_start + index as u32, block.old_start + origin as u32));
        }
        marked.push(range);
    }
    passage.reformatted = reformatted;
    for at in marked.into_iter().flatten() {
        passage.lines[at].0 |= REFORMATTED;
    }
}

/// Signs by which a line is wrapped. Within a line of its own, each of them can be a change.
const WRAPPING: &str = "(),\\";

/// Lines run together without what a formatter changes.
struct Layout {
    characters: Vec<u8>,
    /// Where in the characters each line begins.
    starts: Vec<usize>,
}

impl Layout {
    /// Without the signs in `dropped`.
    fn of<'t>(lines: impl Iterator<Item = &'t str>, dropped: &str) -> Self {
        let (mut characters, mut starts) = (Vec::new(), Vec::new());
        let is_kept = |byte: &u8| !byte.is_ascii_whitespace() && !dropped.as_bytes().contains(byte);
        for line in lines {
            starts.push(characters.len());
            for byte in line.bytes().filter(is_kept) {
                if matches!(byte, b')' | b']' | b'}') && characters.last() == Some(&b',') {
                    characters.pop();
                    // A line that begins with the bracket begins where the comma was.
                    if let Some(start) = starts.last_mut() {
                        *start = (*start).min(characters.len());
                    }
                }
                characters.push(if byte == b'\'' { b'"' } else { byte });
            }
        }
        Self { characters, starts }
    }
}

/// Lines that were added, or deleted, one after the other: which file and passage, and where in it.
struct Run {
    added: bool,
    file: usize,
    passage: usize,
    lines: std::ops::Range<usize>,
}

/// Marks what one side has and the other may claim as moved, as often as it is there.
fn mark_moved(files: &mut [Vec<Passage>]) {
    let runs = runs_of(files);
    let mut unmatched: [HashMap<u64, u64>; 2] = [HashMap::new(), HashMap::new()];
    for run in &runs {
        for line in &files[run.file][run.passage].lines[run.lines.clone()] {
            if line.has_substance() && !line.is_reformatted() {
                *unmatched[usize::from(run.added)].entry(line.hash()).or_default() += 1;
            }
        }
    }
    if unmatched.iter().any(HashMap::is_empty) {
        return;
    }
    for run in runs {
        let claimable = &mut unmatched[usize::from(!run.added)];
        let lines = &mut files[run.file][run.passage].lines[run.lines];
        let (mut substantial, mut moved) = (0_usize, 0_usize);
        for line in lines.iter_mut().filter(|line| line.has_substance() && !line.is_reformatted()) {
            substantial += 1;
            if let Some(left) = claimable.get_mut(&line.hash()).filter(|left| **left > 0) {
                *left -= 1;
                moved += 1;
                line.0 |= MOVED;
            }
        }
        if moved > 0 && moved * 2 >= substantial {
            for line in lines.iter_mut().filter(|line| !line.has_substance() && !line.is_blank()) {
                line.0 |= MOVED;
            }
        }
    }
}

fn runs_of(files: &[Vec<Passage>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (file, passages) in files.iter().enumerate() {
        for (passage, lines) in passages.iter().map(|passage| &passage.lines).enumerate() {
            let mut before = LineKind::Context;
            for (at, line) in lines.iter().enumerate() {
                let kind = line.kind();
                if kind == LineKind::Context {
                    before = kind;
                    continue;
                }
                match runs.last_mut() {
                    Some(run) if kind == before => run.lines.end = at + 1,
                    _ => runs.push(Run { added: kind == LineKind::Added, file, passage, lines: at..at + 1 }),
                }
                before = kind;
            }
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::super::diff::{FileDiff, Status};
    use super::super::hunk::Lines;
    use super::*;

    fn diff(files: &[&str]) -> CommitDiff {
        let files = files.iter().enumerate().map(|(index, lines)| {
            let mut hunk_lines = Lines::default();
            for text in lines.lines() {
                let kind = match text.chars().next() {
                    Some('+') => LineKind::Added,
                    Some('-') => LineKind::Deleted,
                    _ => LineKind::Context,
                };
                hunk_lines.push(kind, text.get(1..).unwrap_or_default().as_bytes());
            }
            let hunk = Hunk { start: 1, old_start: 1, header: String::new(), lines: hunk_lines };
            let path = format!("{index}.py");
            FileDiff {
                old_path: path.clone(),
                path,
                status: Status::Modified,
                old_id: None,
                hunks: vec![hunk],
                likeness: None,
            }
        });
        CommitDiff { files: files.collect(), ..CommitDiff::default() }
    }

    fn own(files: &[&str]) -> (usize, usize) {
        let lines: Vec<Line> = of(&diff(files)).into_iter().flatten().flat_map(|passage| passage.lines).collect();
        let count = |kind| lines.iter().filter(|line| line.kind() == kind && line.is_own()).count();
        (count(LineKind::Added), count(LineKind::Deleted))
    }

    #[test]
    fn moved_blocks_and_blank_lines_are_nobodys_work() {
        let (out, back) = (
            "-def start(cluster):\n-    boot(cluster)\n-}\n x = 1\n",
            "+  def start(cluster):\n+    boot(cluster)\n+}\n",
        );
        assert_eq!(own(&[&format!("{out}{back}")]), (0, 0));
        assert_eq!(own(&[out, back]), (0, 0));
        assert_eq!(own(&["+\n+   \n+value = 12\n"]), (1, 0));
        assert_eq!(own(&["-old_value = compute(1)\n-}\n+new_value = measure(2)\n+}\n"]), (2, 2));
    }

    #[test]
    fn a_line_in_another_encoding_is_the_same_in_a_content_and_in_a_diff() {
        let mut diffed = Lines::default();
        diffed.push(LineKind::Added, b"prix = caf\xe9\n");
        let text = diffed.iter().next().expect("a line").text;
        assert_eq!(line_hash(b"prix = caf\xe9\n"), Line::of(LineKind::Added, text).hash());
    }

    #[test]
    fn a_line_moves_only_as_often_as_it_was_there() {
        assert_eq!(own(&["-import boto3\n x\n+import boto3\n+import boto3\n+import boto3\n"]), (2, 0));
    }

    #[test]
    fn lines_that_are_laid_out_anew_are_followed_to_where_they_were() {
        let old = "-start('m4.large', count=5)\n-stop(all)\n";
        let new = "+start(\n+    \"m4.large\",\n+    count=5,\n+)\n+stop(all)\n";
        assert_eq!(own(&[&format!("{old}{new}")]), (0, 0));
        let passages = of(&diff(&[&format!(" first\n{old}{new}")]));
        assert_eq!(passages[0][0].reformatted, [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2)]);
        assert_eq!(own(&["-start('m4.large', count=5)\n+start(\n+    'm4.large', count=6)\n"]).0, 2);
        for wrapped in [
            "+total = (\n+    price\n+    * count\n+)\n",
            "+total \\\n+    = \\\n+    price * count\n",
            "+total = (price * count\n+)\n",
        ] {
            assert_eq!(own(&[&format!("-total = price * count\n{wrapped}")]), (0, 0), "{wrapped}");
        }
        assert_eq!(
            own(&["-total = price * (count + 1)\n+total = price * count + 1\n"]),
            (1, 1),
            "it means something else"
        );
    }

    #[test]
    fn names_that_a_commit_replaces_everywhere_are_nobodys_work() {
        let side = |sign: char, name: &str, count: usize| -> String {
            (0..count).map(|n| format!("{sign}{name}_{n} = load({name}, {n})\n")).collect()
        };
        let renamed = |old: usize, new: usize| format!("{}{}", side('-', "photo", old), side('+', "image", new));
        assert_eq!(own(&[&renamed(5, 5)]), (0, 0));
        assert_eq!(own(&[&renamed(3, 3), &renamed(2, 2)]), (0, 0), "in several files");
        assert_eq!(own(&[&renamed(4, 4)]), (4, 4), "an edit");
        assert_eq!(own(&[&renamed(5, 6)]), (6, 5), "not line by line");
        assert_eq!(own(&[&renamed(5, 5), "+other = photo\n"]), (6, 5), "the old name stays");
        let two = format!("{}{}", renamed(5, 5), " x\n-photo = 1\n+picture = 1\n");
        assert_eq!(own(&[&two]), (6, 6), "and becomes two");
        let edited = format!("{}{}", renamed(6, 6), " x\n-photo_9 = load(photo, 9)\n+image_9 = load(image, 8)\n");
        assert_eq!(own(&[&edited]), (1, 1), "a number is no name");
        let passages = of(&diff(&[&format!(" first\n{}", renamed(5, 5))]));
        assert_eq!(passages[0][0].reformatted, [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]);
        assert!(passages[0][0].lines[1..].iter().all(|line| line.is_renamed()));
    }

    #[test]
    fn blocks_lie_where_the_lines_are() {
        let passages = of(&diff(&[" a\n-b\n+c\n+d\n e\n-f\n"]));
        let blocks: Vec<Block> = passages[0][0].blocks().map(|(block, _)| block).collect();
        let block = |old_start, old_lines, new_start, new_lines| Block { old_start, old_lines, new_start, new_lines };
        assert_eq!(blocks, [block(1, 1, 1, 2), block(3, 1, 4, 0)]);
    }
}
