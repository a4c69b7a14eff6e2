//! Whose are the lines that stand at the graded commit?
//!
//! One walk back through the history for all files at once, as `git blame -w -M` does for one: a line goes to the parent
//! that has it, past changes of white space, renames of its file, and moves within it (of more than 20 letters and
//! digits); what no parent has is the commit's own. Beyond git's rules, lines that were only laid out anew are followed
//! as well; [`Survivor::plain`] keeps what git would say.
//!
//! Source: git's `blame.c`, `pass_blame`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use git2::{Oid, Repository};
use rayon::prelude::*;

use super::contents::Contents;
use super::diff::Status;
use super::lines::{self, Block, Passage};
use super::merge::Sources;
use super::moves::{Lines, MOVE_SCORE, Version};
use super::record::{History, Record};
use super::{hunks, paths};
use stackmark_evidence::{Cause, Unreadable};

/// Fewer files are not worth a thread of their own.
const MIN_FILES: usize = 8;

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

/// What one version of a file still has to account for.
#[derive(Debug, Default)]
struct Suspect {
    spans: Vec<Span>,
    /// Its lines, once they had to be known.
    version: Option<Version>,
}

impl Suspect {
    /// Takes over what another child of the commit left to account for.
    fn join(&mut self, other: Self) {
        self.spans.extend(other.spans);
        // Both are of the same version.
        self.version = self.version.take().or(other.version);
    }
}

/// The same for each file of a commit.
type Suspects<'h> = BTreeMap<&'h str, Suspect>;

struct Walk<'r, 'h> {
    repo: &'r Repository,
    contents: Contents<'r>,
    history: &'h History,
    files: &'h [Standing],
    lines: BTreeMap<usize, Lines<'h>>,
    waiting: Vec<Suspects<'h>>,
    found: Vec<Survivor<'h>>,
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
            let count = lines.count();
            self.lines.insert(file, lines);
            if count > 0 {
                let span = Span { file, line: 0, lines: count, at: 0, plain: None };
                if let Some(head) = self.waiting.first_mut() {
                    head.entry(&files[file].path).or_default().spans.push(span);
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
                for (path, suspect) in suspects {
                    self.own(place, path, suspect.spans);
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
            let Some(suspect) = suspects.remove(file.path.as_str()) else { continue };
            let (old_path, old, passages) = match (&file.likeness, file.old_id) {
                (Some(former), _) => (&former.old_path, former.old_id, &former.passages),
                (None, Some(old)) if file.status != Status::Added => (&file.old_path, old, passages),
                _ => {
                    self.own(place, &file.path, suspect.spans);
                    continue;
                }
            };
            let (passed, left) = self.pass_file(place, suspect, old, passages)?;
            self.own(place, &file.path, left);
            to_parent.extend(passed.map(|passed| Suspects::from([(old_path.as_str(), passed)])));
        }
        // A version that was set aside, by its size or content, was not compared when the history was read.
        for file in &record.change.excluded {
            let Some((path, suspect)) = suspects.remove_entry(file.path.as_str()) else { continue };
            let Some((old, passages)) = self.compare(record, path)? else {
                self.own(place, path, suspect.spans);
                continue;
            };
            let (passed, left) = self.pass_file(place, suspect, old, &passages)?;
            self.own(place, path, left);
            to_parent.extend(passed.map(|passed| Suspects::from([(path, passed)])));
        }
        Ok(to_parent)
    }

    fn compare(&mut self, record: &Record, path: &str) -> Result<Option<(Oid, Vec<Passage>)>, git2::Error> {
        let id_in = |commit: Oid| -> Result<Option<Oid>, git2::Error> {
            let tree = self.repo.find_commit(commit)?.tree()?;
            Ok(paths::blob(self.repo, &tree, path))
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
            let Some(suspect) = suspects.remove(file.path.as_str()) else { continue };
            match &file.from {
                Sources::Parent(parent) => {
                    self.hand_over(parents[*parent], Suspects::from([(file.path.as_str(), suspect)]));
                }
                Sources::Nowhere(_) => self.own(place, &file.path, suspect.spans),
                Sources::Several(sources) => {
                    let Suspect { spans: mut left, version } = suspect;
                    let mut passed = Vec::new();
                    for source in sources {
                        let (to_parent, rest) = split(place, &left, &source.passages);
                        passed.push(to_parent);
                        left = rest;
                    }
                    for (source, spans) in sources.iter().zip(passed) {
                        let version = version.clone().map(|version| version.before(&source.passages));
                        let mut to_parent = Suspect { spans, version };
                        left = self.moved_within(source.old_id, left, &mut to_parent)?;
                        self.hand_over(parents[source.parent], Suspects::from([(source.old_path.as_str(), to_parent)]));
                    }
                    self.own(place, &file.path, left);
                }
            }
        }
        Ok(())
    }

    /// Cuts what one version accounts for into what the version before it does, where that is anything, and what is left.
    fn pass_file(
        &mut self,
        place: usize,
        suspect: Suspect,
        old: Oid,
        passages: &[Passage],
    ) -> Result<(Option<Suspect>, Vec<Span>), git2::Error> {
        let (spans, left) = split(place, &suspect.spans, passages);
        let mut passed = Suspect { spans, version: suspect.version.map(|version| version.before(passages)) };
        let left = self.moved_within(old, left, &mut passed)?;
        Ok((Some(passed).filter(|passed| !passed.spans.is_empty()), left))
    }

    /// Lines that stand elsewhere in the parent's version go there; the others are returned.
    fn moved_within(&mut self, old: Oid, left: Vec<Span>, there: &mut Suspect) -> Result<Vec<Span>, git2::Error> {
        let (mut open, mut own): (Vec<Span>, Vec<Span>) = left.into_iter().partition(|span| self.may_move(span));
        if open.is_empty() {
            return Ok(own);
        }
        let version = match there.version.take() {
            Some(version) => version,
            None => Version::of(&Lines::of(self.contents.read(old)?.content())),
        };
        let may_stand_there =
            |span: &Span| self.lines[&span.file].best_in(span.line, span.lines, &version) > MOVE_SCORE;
        if open.iter().any(may_stand_there) {
            let content = self.contents.read(old)?;
            let old = Lines::of(content.content());
            while let Some(span) = open.pop() {
                let best = if self.lines[&span.file].best_in(span.line, span.lines, &version) > MOVE_SCORE {
                    self.lines[&span.file].best_match(span.line, span.lines, &old)?
                } else {
                    None
                };
                let Some((from, count, at)) = best else {
                    own.push(span);
                    continue;
                };
                there.spans.push(span.part(from, count, at));
                let after = from + count;
                let rest = [span.part(0, from, span.at), span.part(after, span.lines - after, span.at + after)];
                for part in rest.into_iter().filter(|part| part.lines > 0) {
                    if self.may_move(&part) { open.push(part) } else { own.push(part) }
                }
            }
        }
        own.append(&mut open);
        there.version = Some(version);
        Ok(own)
    }

    fn may_move(&self, span: &Span) -> bool {
        self.lines[&span.file].score(span.line, span.lines) > MOVE_SCORE
    }

    fn own(&mut self, place: usize, path: &'h str, spans: Vec<Span>) {
        self.found.extend(spans.into_iter().map(|span| survivor(span, Some(place), path)));
    }

    fn hand_over(&mut self, parent: Option<usize>, mut suspects: Suspects<'h>) {
        let Some(parent) = parent else {
            for (path, suspect) in suspects {
                self.found.extend(suspect.spans.into_iter().map(|span| survivor(span, None, path)));
            }
            return;
        };
        let waiting = &mut self.waiting[parent];
        if waiting.len() < suspects.len() {
            std::mem::swap(waiting, &mut suspects);
        }
        for (path, suspect) in suspects {
            match waiting.entry(path) {
                Entry::Vacant(place) => drop(place.insert(suspect)),
                Entry::Occupied(mut place) => place.get_mut().join(suspect),
            }
        }
    }
}

fn survivor(span: Span, commit: Option<usize>, path: &str) -> Survivor<'_> {
    let Span { file, line, lines, at, plain } = span;
    Survivor { file, line, lines, commit, path, at, plain: plain.unwrap_or(commit) }
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
