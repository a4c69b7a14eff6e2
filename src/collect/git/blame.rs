//! Whose are the lines that stand at the graded commit?
//!
//! One walk back through the history for all files at once, as `git blame -w -M` does for one: a line goes to the parent
//! that has it, past changes of white space, renames of its file, and moves within it (of more than 20 letters and
//! digits); what no parent has is the commit's own. Beyond git's rules, lines that were only laid out anew are followed
//! as well; [`Survivor::plain`] keeps what git would say.
//!
//! Source: git's `blame.c`, `pass_blame` and `find_move_in_parent`.

use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasherDefault;

use git2::{Oid, Repository};
use rayon::prelude::*;

use super::contents::Contents;
use super::diff::Status;
use super::hunks;
use super::lines::{self, Block, Passage, line_hash};
use super::merge::Sources;
use super::provenance::AsItIs;
use super::walk::{History, Record};
use crate::evidence::{Cause, Unreadable};

/// Fewer letters and digits are no sign of a move, as for git.
const MOVE_SCORE: usize = 20;
/// Fewer files are not worth a thread of their own.
const MIN_FILES: usize = 8;

/// Stands for lines that are not asked for; no text has such a line.
const GAP: &[u8] = b"\0\x01\n";

/// A file of the graded tree.
#[derive(Debug)]
pub(super) struct Standing {
    /// As the history's records have it.
    pub(super) path: String,
    pub(super) content: Vec<u8>,
}

/// Lines that stand one after the other and come from the same commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Survivor<'h> {
    /// Place of the file.
    pub(super) file: usize,
    /// First line in the graded file, from zero.
    pub(super) line: u32,
    pub(super) lines: u32,
    /// Place of the commit in the lineage; `None` is before the graded history.
    pub(super) commit: Option<usize>,
    /// The file's path in that commit.
    pub(super) path: &'h str,
    /// First line in that commit's version.
    pub(super) at: u32,
    /// The commit that `git blame -w -M` names.
    pub(super) plain: Option<usize>,
}

/// Follows every line of `files` to its commit; by file and line.
///
/// # Errors
/// Where a content is missing or damaged.
pub(super) fn survivors<'h>(
    repo: &Repository,
    history: &'h History,
    files: &'h [Standing],
) -> Result<Vec<Survivor<'h>>, Unreadable> {
    let share = files.len().div_ceil(rayon::current_num_threads() * 2).max(MIN_FILES);
    let path = repo.path();
    let found: Result<Vec<Vec<Survivor<'h>>>, git2::Error> = (files.par_chunks(share).enumerate())
        .map(|(index, some)| {
            let repo = Repository::open(path)?;
            Walk::over(&repo, history, files).back(index * share..index * share + some.len())
        })
        .collect();
    let malformed = |error: git2::Error| {
        Unreadable::new(
            Cause::Malformed,
            format!("following the lines back: {}; fetch the repository again", error.message()),
        )
    };
    let mut survivors: Vec<Survivor<'h>> = found.map_err(malformed)?.into_iter().flatten().collect();
    survivors.sort_unstable_by_key(|survivor| (survivor.file, survivor.line));
    Ok(survivors)
}

/// Lines on their way back.
#[derive(Debug, Clone, Copy)]
struct Span {
    file: usize,
    line: u32,
    lines: u32,
    at: u32,
    /// Set once git would stop and we go on.
    plain: Option<Option<usize>>,
}

impl Span {
    fn part(self, from: u32, lines: u32, at: u32) -> Self {
        Self { line: self.line + from, lines, at, ..self }
    }
}

/// What a commit's version of each file still has to account for.
type Suspects<'h> = BTreeMap<&'h str, Vec<Span>>;

struct Walk<'r, 'h> {
    repo: &'r Repository,
    contents: Contents<'r>,
    history: &'h History,
    files: &'h [Standing],
    lines: BTreeMap<usize, Lines<'h>>,
    waiting: Vec<Suspects<'h>>,
    found: Vec<Survivor<'h>>,
}

/// A content cut into lines.
struct Lines<'c> {
    texts: Vec<&'c [u8]>,
    hashes: Vec<u64>,
}

impl<'c> Lines<'c> {
    fn of(content: &'c [u8]) -> Self {
        let texts: Vec<&[u8]> = content.split_inclusive(|byte| *byte == b'\n').collect();
        Self { hashes: texts.iter().map(|line| line_hash(line)).collect(), texts }
    }

    /// The best score of lines in a row that are all known: no run that two contents share can have a better one.
    fn best_known(&self, range: std::ops::Range<usize>, known: impl Fn(u64) -> bool) -> usize {
        let (mut best, mut run) = (0, 0);
        for line in range {
            run = if known(self.hashes[line]) { run + self.score(line as u32, 1) } else { 0 };
            best = best.max(run);
        }
        best
    }

    /// git's measure of how much lines say: their letters and digits, and one.
    fn score(&self, from: u32, lines: u32) -> usize {
        let lines = &self.texts[from as usize..(from + lines) as usize];
        1 + lines.iter().flat_map(|line| line.iter()).filter(|byte| byte.is_ascii_alphanumeric()).count()
    }
}

impl<'r, 'h> Walk<'r, 'h> {
    fn over(repo: &'r Repository, history: &'h History, files: &'h [Standing]) -> Self {
        let waiting = std::iter::repeat_with(Suspects::new).take(history.lineage.len()).collect();
        Self { repo, contents: Contents::of(repo), history, files, lines: BTreeMap::new(), waiting, found: Vec::new() }
    }

    fn back(mut self, range: std::ops::Range<usize>) -> Result<Vec<Survivor<'h>>, git2::Error> {
        let files = self.files;
        for file in range {
            let lines = Lines::of(&files[file].content);
            let count = lines.texts.len() as u32;
            self.lines.insert(file, lines);
            if count > 0 {
                let span = Span { file, line: 0, lines: count, at: 0, plain: None };
                if let Some(head) = self.waiting.first_mut() {
                    head.entry(&files[file].path).or_default().push(span);
                }
            }
        }
        for place in 0..self.history.lineage.len() {
            let suspects = std::mem::take(&mut self.waiting[place]);
            if !suspects.is_empty() {
                self.pass(place, suspects)?;
            }
        }
        Ok(self.found)
    }

    /// Hands what the parents have to them, and keeps the rest as the commit's own.
    fn pass(&mut self, place: usize, mut suspects: Suspects<'h>) -> Result<(), git2::Error> {
        let history = self.history;
        let node = &history.lineage[place];
        let record = node.record.map(|record| &history.commits[record]);
        match (node.parents.as_slice(), record) {
            ([], _) => {
                for (path, spans) in suspects {
                    self.own(place, path, spans);
                }
            }
            ([parent], Some(record)) => {
                let mut to_parent = self.changed(place, record, &mut suspects)?;
                to_parent.push(suspects);
                for suspects in to_parent {
                    self.hand_over(*parent, suspects);
                }
            }
            ([first, ..], Some(record)) => {
                self.merged(place, record, &mut suspects)?;
                self.hand_over(*first, suspects);
            }
            ([first, ..], None) => self.hand_over(*first, suspects),
        }
        Ok(())
    }

    /// What a commit with one parent changed, to the parent's versions.
    fn changed(
        &mut self,
        place: usize,
        record: &'h Record,
        suspects: &mut Suspects<'h>,
    ) -> Result<Vec<Suspects<'h>>, git2::Error> {
        let mut to_parent = Vec::new();
        for (file, passages) in record.change.files.iter().zip(&record.change.passages) {
            let Some(spans) = suspects.remove(file.path.as_str()) else { continue };
            let (old_path, old, passages) = match (&file.likeness, file.old_id) {
                (Some(former), _) => (&former.old_path, former.old_id, &former.passages),
                (None, Some(old)) if file.status != Status::Added => (&file.old_path, old, passages),
                _ => {
                    self.own(place, &file.path, spans);
                    continue;
                }
            };
            let (mut passed, left) = split(place, &spans, passages);
            let left = self.moved_within(old, left, &mut passed)?;
            self.own(place, &file.path, left);
            to_parent.push(Suspects::from([(old_path.as_str(), passed)]));
        }
        // A version that was set aside, by its size or content, was not compared when the history was read.
        for file in &record.change.excluded {
            let Some((path, spans)) = suspects.remove_entry(file.path.as_str()) else { continue };
            let Some((old, passages)) = self.compare(record, path)? else {
                self.own(place, path, spans);
                continue;
            };
            let (mut passed, left) = split(place, &spans, &passages);
            let left = self.moved_within(old, left, &mut passed)?;
            self.own(place, path, left);
            to_parent.push(Suspects::from([(path, passed)]));
        }
        Ok(to_parent)
    }

    fn compare(&mut self, record: &Record, path: &str) -> Result<Option<(Oid, Vec<Passage>)>, git2::Error> {
        let id_in = |commit: Oid| -> Result<Option<Oid>, git2::Error> {
            let tree = self.repo.find_commit(commit)?.tree()?;
            Ok(tree.get_path(std::path::Path::new(path)).ok().map(|entry| entry.id()))
        };
        let old = record.parents.first().map(|parent| id_in(*parent)).transpose()?.flatten();
        let (Some(old_id), Some(new_id)) = (old, id_in(record.id)?) else { return Ok(None) };
        let (old, new) = (self.contents.read(old_id)?, self.contents.read(new_id)?);
        let hunks = hunks::between(Some(&old), Some(&new))?;
        Ok(Some((old_id, lines::passages_of(&hunks))))
    }

    /// What a merge left otherwise than its first parent had it; the first parent's files stay in `suspects`.
    fn merged(&mut self, place: usize, record: &'h Record, suspects: &mut Suspects<'h>) -> Result<(), git2::Error> {
        let parents = &self.history.lineage[place].parents;
        for file in &record.change.merged {
            let Some(mut left) = suspects.remove(file.path.as_str()) else { continue };
            match &file.from {
                Sources::Parent(parent) => {
                    self.hand_over(parents[*parent], Suspects::from([(file.path.as_str(), left)]));
                    continue;
                }
                Sources::Several(sources) => {
                    let mut passed = Vec::new();
                    for source in sources {
                        let (to_parent, rest) = split(place, &left, &source.passages);
                        passed.push(to_parent);
                        left = rest;
                    }
                    for (source, mut to_parent) in sources.iter().zip(passed) {
                        left = self.moved_within(source.old_id, left, &mut to_parent)?;
                        self.hand_over(parents[source.parent], Suspects::from([(source.old_path.as_str(), to_parent)]));
                    }
                }
            }
            self.own(place, &file.path, left);
        }
        Ok(())
    }

    fn own(&mut self, place: usize, path: &'h str, spans: Vec<Span>) {
        self.found.extend(spans.into_iter().map(|span| survivor(span, Some(place), path)));
    }

    fn hand_over(&mut self, parent: Option<usize>, suspects: Suspects<'h>) {
        let Some(parent) = parent else {
            for (path, spans) in suspects {
                self.found.extend(spans.into_iter().map(|span| survivor(span, None, path)));
            }
            return;
        };
        let waiting = &mut self.waiting[parent];
        if waiting.len() < suspects.len() {
            let few = std::mem::replace(waiting, suspects);
            for (path, spans) in few {
                waiting.entry(path).or_default().extend(spans);
            }
        } else {
            for (path, spans) in suspects {
                waiting.entry(path).or_default().extend(spans);
            }
        }
    }

    /// Lines that stand elsewhere in the parent's version go there; the others are returned.
    fn moved_within(&mut self, old: Oid, left: Vec<Span>, passed: &mut Vec<Span>) -> Result<Vec<Span>, git2::Error> {
        let (mut open, mut own): (Vec<Span>, Vec<Span>) = left.into_iter().partition(|span| self.may_move(span));
        if open.is_empty() {
            return Ok(own);
        }
        let content = self.contents.read(old)?;
        let there = Lines::of(content.content());
        let known: HashSet<u64, BuildHasherDefault<AsItIs>> = there.hashes.iter().copied().collect();
        while let Some(span) = open.pop() {
            let lines = &self.lines[&span.file];
            let range = span.line as usize..(span.line + span.lines) as usize;
            let best = if lines.best_known(range.clone(), |line| known.contains(&line)) > MOVE_SCORE {
                let score = |from, count| lines.score(span.line + from, count);
                best_match(&there, &lines.texts[range.clone()].concat(), &lines.hashes[range], score)?
            } else {
                None
            };
            let Some((from, count, at)) = best else {
                own.push(span);
                continue;
            };
            passed.push(span.part(from, count, at));
            let after = from + count;
            let rest = [span.part(0, from, span.at), span.part(after, span.lines - after, span.at + after)];
            for part in rest.into_iter().filter(|part| part.lines > 0) {
                if self.may_move(&part) { open.push(part) } else { own.push(part) }
            }
        }
        Ok(own)
    }

    fn may_move(&self, span: &Span) -> bool {
        self.lines[&span.file].score(span.line, span.lines) > MOVE_SCORE
    }
}

fn survivor(span: Span, commit: Option<usize>, path: &str) -> Survivor<'_> {
    let Span { file, line, lines, at, plain } = span;
    Survivor { file, line, lines, commit, path, at, plain: plain.unwrap_or(commit) }
}

/// The best run of lines that `wanted` has in common with `old`: first line in `wanted`, how many, first line in `old`.
fn best_match(
    old: &Lines<'_>,
    wanted: &[u8],
    hashes: &[u64],
    score: impl Fn(u32, u32) -> usize,
) -> Result<Option<(u32, u32, u32)>, git2::Error> {
    let total = hashes.len() as u32;
    let (reduced, places) = without_others(old, hashes);
    let passages = lines::passages_of(&hunks::between_contents(&reduced, wanted)?);
    let (mut old_at, mut new_at) = (0, 0);
    let mut best: Option<(usize, (u32, u32, u32))> = None;
    let mut consider = |old_at: u32, new_at: u32, until: u32| {
        if until > new_at {
            let score = score(new_at, until - new_at);
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
    consider(old_at, new_at, total);
    Ok(best.map(|(_, found)| found))
}

/// The lines of `old` that are among the wanted ones, with one line in place of all others between two of them, and where
/// each stood. What nothing can equal does not decide what is equal, and costs time.
fn without_others(old: &Lines<'_>, wanted: &[u64]) -> (Vec<u8>, Vec<u32>) {
    let wanted: HashSet<u64, BuildHasherDefault<AsItIs>> = wanted.iter().copied().collect();
    let (mut reduced, mut places) = (Vec::new(), Vec::new());
    let mut in_gap = false;
    for (place, (text, hash)) in (0..).zip(old.texts.iter().zip(&old.hashes)) {
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

/// Cuts spans at the places that a commit changed: what the parent has, in its lines, and what it has not.
fn split(place: usize, spans: &[Span], passages: &[Passage]) -> (Vec<Span>, Vec<Span>) {
    let blocks: Vec<(Block, &Passage)> =
        passages.iter().flat_map(|passage| passage.blocks().map(move |(block, _)| (block, passage))).collect();
    let (mut passed, mut left) = (Vec::new(), Vec::new());
    for span in spans {
        let (mut at, end) = (span.at, span.at + span.lines);
        let first = left.len();
        let mut next = blocks.partition_point(|(block, _)| block.new_start + block.new_lines <= at);
        while at < end {
            // Blocks that only delete lie between lines and move what follows.
            let before = next.checked_sub(1).map(|index| blocks[index].0);
            let shift = before.map_or(0, |block| {
                i64::from(block.old_start + block.old_lines) - i64::from(block.new_start + block.new_lines)
            });
            let block = blocks.get(next);
            let until = block.map_or(end, |(block, _)| block.new_start.min(end));
            if at < until {
                let there = (i64::from(at) + shift) as u32;
                passed.push(span.part(at - span.at, until - at, there));
                at = until;
                continue;
            }
            let Some((block, passage)) = block else { break };
            let until = (block.new_start + block.new_lines).min(end);
            if at < until {
                for number in at..until {
                    let origin = passage.reformatted.binary_search_by_key(&number, |(new, _)| *new);
                    let part = span.part(number - span.at, 1, number);
                    match origin.map(|index| passage.reformatted[index].1) {
                        Ok(there) => passed.push(Span { at: there, plain: span.plain.or(Some(Some(place))), ..part }),
                        Err(_) => push_joined(&mut left, first, part),
                    }
                }
                at = until;
            }
            next += 1;
        }
    }
    (passed, left)
}

/// Lines that follow each other in one span stay together; `first` is where the span's begin.
fn push_joined(spans: &mut Vec<Span>, first: usize, next: Span) {
    match spans[first..].last_mut() {
        Some(last) if last.at + last.lines == next.at => last.lines += next.lines,
        _ => spans.push(next),
    }
}
