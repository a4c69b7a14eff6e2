//! The changed lines of one file, as `git diff -w` has them.

use git2::{Blob, DiffOptions, Patch};

use super::contents::Content;
use super::hunk::{Hunk, LineKind, Lines};

/// git cuts common ends off by this many bytes at a time before it compares, and so decides how far a hunk can slide
/// over repeated lines. Cutting likewise gives `git blame`'s hunks.
const END_BYTES: usize = 1024;
/// Of contents above this, equal beginnings are cut off as well: comparing with white space ignored costs by the byte,
/// and a commit seldom changes more than a corner of a large file.
const WHOLE_BYTES: usize = 4 << 10;
/// Equal lines that stay before the first change, so that a hunk can slide up.
const MARGIN_LINES: usize = 64;
const CONTEXT_LINES: u32 = 3;
/// Equal beginnings are found by this many bytes at a time.
const CHUNK_BYTES: usize = 256;
/// What a line has at a guess, to make room at once.
const LINE_BYTES: usize = 40;
/// git shows this much of a function's header.
const HEADER_BYTES: usize = 80;

/// The hunks between two contents, white space ignored; a missing side is empty.
pub(super) fn between(old: Option<&Content<'_>>, new: Option<&Content<'_>>) -> Result<Vec<Hunk>, git2::Error> {
    match (old, new) {
        (Some(old), Some(new)) if old.id() == new.id() => Ok(Vec::new()),
        (Some(old), Some(new)) => match (old.as_stored(), new.as_stored()) {
            (Some(old), Some(new)) => between_blobs(old, new),
            _ => between_contents(old.content(), new.content()),
        },
        (Some(old), None) => Ok(one_sided(old.content(), LineKind::Deleted)),
        (None, Some(new)) => Ok(one_sided(new.content(), LineKind::Added)),
        (None, None) => Ok(Vec::new()),
    }
}

/// The hunks between two contents in memory.
pub(super) fn between_contents(old: &[u8], new: &[u8]) -> Result<Vec<Hunk>, git2::Error> {
    let (start, end) = common_ends(old, new);
    within(old, new, start, end)
}

fn between_blobs(old: &Blob<'_>, new: &Blob<'_>) -> Result<Vec<Hunk>, git2::Error> {
    let (start, end) = common_ends(old.content(), new.content());
    if start + end == 0 {
        // libgit2 hashes what it is given in memory, and knows the hash of what is stored.
        return of_patch(&Patch::from_blobs(old, None, new, None, Some(&mut options()))?);
    }
    within(old.content(), new.content(), start, end)
}

/// The hunks between what is left when equal ends are cut off.
fn within(old: &[u8], new: &[u8], start: usize, end: usize) -> Result<Vec<Hunk>, git2::Error> {
    let (old_part, new_part) = (&old[start..old.len() - end], &new[start..new.len() - end]);
    let mut hunks = of_patch(&Patch::from_buffers(old_part, None, new_part, None, Some(&mut options()))?)?;
    let skipped = count_lines(&old[..start]);
    for hunk in &mut hunks {
        hunk.start += skipped;
        hunk.old_start += skipped;
        if hunk.header.is_empty() {
            hunk.header = last_header(&old[..start]);
        }
    }
    Ok(hunks)
}

/// Bytes at the beginning and at the end that both have and that need no comparing.
fn common_ends(old: &[u8], new: &[u8]) -> (usize, usize) {
    let end = common_end(old, new);
    let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
    let start = if old.len().max(new.len()) <= WHOLE_BYTES { 0 } else { common_beginning(old, new) };
    (start, end)
}

fn options() -> DiffOptions {
    let mut options = DiffOptions::new();
    options.ignore_whitespace(true).context_lines(CONTEXT_LINES).indent_heuristic(true).force_text(true);
    options
}

fn of_patch(patch: &Patch<'_>) -> Result<Vec<Hunk>, git2::Error> {
    let mut hunks = Vec::with_capacity(patch.num_hunks());
    for index in 0..patch.num_hunks() {
        let (hunk, count) = patch.hunk(index)?;
        let mut lines = Lines::with_capacity(count, count * LINE_BYTES);
        for position in 0..count {
            let line = patch.line_in_hunk(index, position)?;
            let kind = match line.origin() {
                '+' => LineKind::Added,
                '-' => LineKind::Deleted,
                ' ' => LineKind::Context,
                _ => continue,
            };
            lines.push(kind, line.content());
        }
        let header = String::from_utf8_lossy(hunk.header());
        let header = header.splitn(3, "@@").nth(2).unwrap_or_default().trim().to_owned();
        hunks.push(Hunk { start: u64::from(hunk.new_start()), old_start: u64::from(hunk.old_start()), header, lines });
    }
    Ok(hunks)
}

/// A file that came or went: one hunk of all its lines.
fn one_sided(content: &[u8], kind: LineKind) -> Vec<Hunk> {
    if content.is_empty() {
        return Vec::new();
    }
    let mut lines = Lines::with_capacity(content.len() / LINE_BYTES, content.len());
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        lines.push(kind, line);
    }
    let is_new = u64::from(kind == LineKind::Added);
    vec![Hunk { start: is_new, old_start: 1 - is_new, header: String::new(), lines }]
}

/// Bytes at the end that git does not compare: whole blocks that both have, less what reaches into a line.
///
/// Source: git's `trim_common_tail`.
fn common_end(old: &[u8], new: &[u8]) -> usize {
    let pairs = old.rchunks_exact(END_BYTES).zip(new.rchunks_exact(END_BYTES));
    let same = pairs.take_while(|(a, b)| a == b).count() * END_BYTES;
    let end = &old[old.len() - same..];
    end.iter().position(|byte| *byte == b'\n').map_or(0, |newline| same - newline - 1)
}

/// Bytes at the beginning that need no comparing: whole lines that both have, less [`MARGIN_LINES`].
fn common_beginning(old: &[u8], new: &[u8]) -> usize {
    let pairs = old.chunks_exact(CHUNK_BYTES).zip(new.chunks_exact(CHUNK_BYTES));
    let same = pairs.take_while(|(a, b)| a == b).count() * CHUNK_BYTES;
    let mut ends = old[..same].iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
    ends.nth(MARGIN_LINES).unwrap_or(0)
}

fn count_lines(content: &[u8]) -> u64 {
    content.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The last line that git would take for a function's header: one that begins with a letter, `_` or `$`.
fn last_header(content: &[u8]) -> String {
    let is_header = |line: &&[u8]| line.first().is_some_and(|byte| byte.is_ascii_alphabetic() || b"_$".contains(byte));
    let line = content.rsplit(|byte| *byte == b'\n').find(is_header).unwrap_or_default();
    String::from_utf8_lossy(line[..line.len().min(HEADER_BYTES)].trim_ascii_end()).into_owned()
}
