//! What a merge brought together: which files are whose, and which lines stand in none of its parents.

use git2::{Delta, Oid, Repository, Tree};

use super::contents::Contents;
use super::diff::{MAX_FILE_BYTES, most_bytes};
use super::hunk::LineKind;
use super::lines::{self, Passage};
use super::printed::printable;
use super::rename::{self, Candidate, Fingerprint};
use super::{hunks, modes, paths};
use crate::repo::compare;
use stackmark_collect::counting::Counting;

/// A file that a merge leaves otherwise than its first parent had it.
#[derive(Debug)]
pub(super) struct MergedFile {
    pub(super) path: String,
    pub(super) from: Sources,
}

/// Where its lines come from.
#[derive(Debug)]
pub(super) enum Sources {
    /// It is as the parent at this place had it, and has the same path there.
    Parent(usize),
    /// It is as no parent had it.
    Several(Vec<Source>),
    /// No parent had it at all: its lines, where there are any.
    Nowhere(Option<Passage>),
}

/// One parent's version, and what the merge changed of it.
#[derive(Debug)]
pub(super) struct Source {
    /// The parent's place.
    pub(super) parent: usize,
    pub(super) old_path: String,
    pub(super) old_id: Oid,
    pub(super) passages: Vec<Passage>,
}

impl MergedFile {
    /// Lines that stand in no parent's version, as a passage of their own; none where a parent had the file so.
    pub(super) fn own_lines(&self) -> Option<Passage> {
        let sources = match &self.from {
            Sources::Parent(_) => return None,
            Sources::Several(sources) => sources,
            Sources::Nowhere(lines) => return lines.clone(),
        };
        let (first, others) = sources.split_first()?;
        let added_in = |source: &Source| -> Vec<u32> {
            let blocks = source.passages.iter().flat_map(Passage::blocks);
            blocks.flat_map(|(block, _)| block.new_start..block.new_start + block.new_lines).collect()
        };
        let others: Vec<Vec<u32>> = others.iter().map(added_in).collect();
        let mut own: Option<Passage> = None;
        for (block, lines) in first.passages.iter().flat_map(Passage::blocks) {
            let added = lines.iter().filter(|line| line.kind() == LineKind::Added);
            for (number, line) in (block.new_start..).zip(added) {
                if others.iter().all(|lines| lines.binary_search(&number).is_ok()) {
                    own.get_or_insert_with(|| Passage::starting_at(number)).lines.push(*line);
                }
            }
        }
        own
    }
}

/// The files that the merge `new` leaves otherwise than the first of `parents` had them.
///
/// # Errors
/// Where an object that counts is missing or damaged.
pub(super) fn of(
    repo: &Repository,
    contents: &mut Contents<'_>,
    parents: &[Tree<'_>],
    new: &Tree<'_>,
    counting: &Counting,
    is_home: impl Fn(&str) -> bool,
) -> Result<Vec<MergedFile>, git2::Error> {
    let Some((first, others)) = parents.split_first() else { return Ok(Vec::new()) };
    let odb = repo.odb()?;
    let mut files = Vec::new();
    for delta in compare(repo, Some(first), Some(new), None)?.deltas() {
        let file = delta.new_file();
        let is_file = !matches!(
            modes::of(&odb, &file),
            git2::FileMode::Link | git2::FileMode::Commit | git2::FileMode::Unreadable
        );
        let path = paths::text(file.path_bytes().unwrap_or_default());
        if delta.status() == Delta::Deleted
            || !is_file
            || !is_home(&path)
            || counting.why_excluded(&path, None).is_some()
        {
            continue;
        }
        // A folder or a submodule in the place of the file is no former version of it.
        let id_in = |tree: &Tree<'_>| paths::blob(repo, tree, &path);
        let same = others.iter().position(|parent| id_in(parent) == Some(file.id()));
        let from = match same {
            Some(place) => Sources::Parent(place + 1),
            None if odb.read_header(file.id())?.0 as u64 > most_bytes(&path) => continue,
            // A generated file that was made again for the merge is nobody's work either.
            None if counting.why_excluded(&path, Some(contents.read(file.id())?.content())).is_some() => continue,
            None => {
                let mut sources = Vec::new();
                for (place, parent) in parents.iter().enumerate() {
                    let found = match id_in(parent) {
                        Some(id) => Some((path.clone(), id)),
                        None => renamed_from(repo, contents, parent, new, (&path, file.id()))?,
                    };
                    let Some((old_path, old_id)) = found else { continue };
                    sources.push(source(contents, place, old_path, old_id, file.id())?);
                }
                if sources.is_empty() {
                    let hunks = hunks::between(None, Some(&contents.read(file.id())?))?;
                    Sources::Nowhere(lines::passages_of(&hunks).into_iter().next())
                } else {
                    Sources::Several(sources)
                }
            }
        };
        files.push(MergedFile { path: printable(&path), from });
    }
    Ok(files)
}

fn source(
    contents: &mut Contents<'_>,
    parent: usize,
    old_path: String,
    old_id: Oid,
    id: Oid,
) -> Result<Source, git2::Error> {
    let old = contents.read(old_id)?;
    let hunks = hunks::between(Some(&old), Some(&contents.read(id)?))?;
    Ok(Source { parent, old_path: printable(&old_path), old_id, passages: lines::passages_of(&hunks) })
}

/// The file of a parent that the merge kept under another path.
fn renamed_from(
    repo: &Repository,
    contents: &mut Contents<'_>,
    parent: &Tree<'_>,
    new: &Tree<'_>,
    (path, id): (&str, Oid),
) -> Result<Option<(String, Oid)>, git2::Error> {
    let odb = repo.odb()?;
    let mut deleted: Vec<(String, Oid, u64)> = Vec::new();
    for delta in compare(repo, Some(parent), Some(new), None)?.deltas() {
        let file = delta.old_file();
        // Another file has its place now: `git subtree` puts a whole repository beside what was there.
        if delta.status() == Delta::Modified && file.id() == id {
            return Ok(Some((paths::text(file.path_bytes().unwrap_or_default()), id)));
        }
        if delta.status() != Delta::Deleted || modes::of(&odb, &file) == git2::FileMode::Commit {
            continue;
        }
        let (size, _) = odb.read_header(file.id())?;
        if size as u64 <= MAX_FILE_BYTES {
            let path = paths::text(file.path_bytes().unwrap_or_default());
            deleted.push((path, file.id(), size as u64));
        }
    }
    let candidate = |path, id, size| Candidate { path, id, size };
    let sources: Vec<Candidate<'_>> = deleted.iter().map(|(path, id, size)| candidate(path, *id, *size)).collect();
    let target = candidate(path, id, odb.read_header(id)?.0 as u64);
    let found = rename::find(&[target], &sources, |id| contents.read(id).map(|blob| Fingerprint::of(blob.content())))?;
    Ok(found.into_iter().flatten().next().map(|index| (deleted[index].0.clone(), deleted[index].1)))
}
