//! What one commit changed, against its first parent (the empty tree for a root).
//!
//! Lines are compared without white space (`git diff -w`), renames are followed, and files that do not count are set
//! aside with their reason before their content is read.

use std::collections::BTreeMap;

use git2::{Delta, DiffOptions, ErrorCode, Oid, Repository, Tree};

use super::contents::Contents;
use super::hunk::{Hunk, LineKind};
use super::rename::{self, Candidate, Fingerprint};
use super::{hunks, modes, paths};
use crate::repo::compare;
use stackmark_collect::counting::Counting;
use stackmark_collect::notebook;

/// A larger file is set aside: nobody wrote it by hand, and its diff could exhaust the memory.
pub(super) const MAX_FILE_BYTES: u64 = 5 << 20;
/// Pairs of added and deleted files beyond which a file's former self is looked for among all of them at once only.
const MAX_LIKENESSES: usize = 10_000;
/// Why a larger file is set aside.
pub(super) const TOO_LARGE: &str = "over 5 MB";
/// Why a file is set aside that is not the graded folder's.
pub(super) const OUTSIDE: &str = "outside the folder";
/// What of a notebook is set aside whose cells count.
const OUTPUT: &str = "notebook output";

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Added,
    Deleted,
    Modified,
    Renamed,
}

impl From<Delta> for Status {
    fn from(delta: Delta) -> Self {
        match delta {
            Delta::Added => Self::Added,
            Delta::Deleted => Self::Deleted,
            _ => Self::Modified,
        }
    }
}

/// One file that counts.
#[derive(Debug, Clone)]
pub(super) struct FileDiff {
    /// Where it is afterwards, or was, if deleted.
    pub(super) path: String,
    /// Where it was before.
    pub(super) old_path: String,
    pub(super) status: Status,
    /// Its content before, where it had one.
    pub(super) old_id: Option<Oid>,
    pub(super) hunks: Vec<Hunk>,
    /// The deleted file that is most like it, where another file of the commit was given that as its former self.
    pub(super) likeness: Option<Likeness>,
}

/// A former version that `git blame` follows and `git log` does not.
#[derive(Debug, Clone)]
pub(super) struct Likeness {
    pub(super) old_path: String,
    pub(super) old_id: Oid,
    pub(super) hunks: Vec<Hunk>,
}

/// A file that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExcludedFile {
    pub(super) path: String,
    pub(super) reason: &'static str,
    pub(super) status: Status,
    /// `None` where the object is not in the repository.
    pub(super) bytes: Option<u64>,
    /// Of what the path holds afterwards; zero for a submodule and where the file was deleted.
    pub(super) id: Oid,
}

impl ExcludedFile {
    /// Whether it is the outputs of a notebook whose cells count: the file itself is among those that do.
    pub(super) fn is_rest_of_counted(&self) -> bool {
        self.reason == OUTPUT && notebook::is_notebook(&self.path)
    }
}

/// A commit's changes.
#[derive(Debug, Clone, Default)]
pub(super) struct CommitDiff {
    /// Whether the content of any file in the home is otherwise, counted or not.
    pub(super) changes: bool,
    /// By path.
    pub(super) files: Vec<FileDiff>,
    /// By path.
    pub(super) excluded: Vec<ExcludedFile>,
}

impl FileDiff {
    /// Lines added and deleted.
    pub(super) fn counts(&self) -> (u64, u64) {
        let (mut added, mut deleted) = (0, 0);
        for kind in self.hunks.iter().flat_map(|hunk| hunk.lines.kinds()) {
            match kind {
                LineKind::Added => added += 1,
                LineKind::Deleted => deleted += 1,
                LineKind::Context => {}
            }
        }
        (added, deleted)
    }
}

/// One side of a change.
#[derive(Debug, Clone)]
struct Side {
    path: String,
    id: Oid,
    size: u64,
}

/// Diffs two trees; files that `is_home` does not hold for are set aside, and so is what does not count.
///
/// # Errors
/// Where an object that counts is missing or damaged.
pub(super) fn between(
    repo: &Repository,
    contents: &mut Contents<'_>,
    old: Option<&Tree<'_>>,
    new: &Tree<'_>,
    counting: &Counting,
    is_home: impl Fn(&str) -> bool,
) -> Result<CommitDiff, git2::Error> {
    let mut diff = CommitDiff::default();
    let mut pairs: Vec<(Option<Side>, Option<Side>)> = Vec::new();
    let (mut added, mut deleted) = (Vec::new(), Vec::new());
    let odb = repo.odb()?;

    let mut options = DiffOptions::new();
    options.include_typechange(true).skip_binary_check(true);
    for delta in compare(repo, old, Some(new), Some(&mut options))?.deltas() {
        let (old_file, new_file) = (delta.old_file(), delta.new_file());
        let shown = if delta.status() == Delta::Deleted { &old_file } else { &new_file };
        let path = paths::text(shown.path_bytes().unwrap_or_default());
        let is_other = delta.status() == Delta::Typechange || old_file.id() != new_file.id();
        diff.changes |= is_other && is_home(&path);
        let special = match modes::of(&odb, shown) {
            git2::FileMode::Link => Some("symbolic link"),
            git2::FileMode::Commit => Some("submodule"),
            _ => None,
        };
        let outside = (!is_home(&path)).then_some(OUTSIDE);
        if let Some(reason) = special.or_else(|| counting.why_excluded(&path, None)) {
            let reason = outside.unwrap_or(reason);
            let bytes = if special.is_some() { Some(0) } else { header_size(&odb, shown.id())? };
            let id = if special == Some("submodule") { Oid::ZERO_SHA1 } else { new_file.id() };
            diff.excluded.push(ExcludedFile { path, reason, status: delta.status().into(), bytes, id });
            continue;
        }
        let side = |file: &git2::DiffFile<'_>| -> Result<Option<Side>, git2::Error> {
            // A link that became a file has no lines on the link's side.
            if file.id().is_zero() || matches!(modes::of(&odb, file), git2::FileMode::Link | git2::FileMode::Commit) {
                return Ok(None);
            }
            let path = paths::text(file.path_bytes().unwrap_or_default());
            let size = odb.read_header(file.id())?.0 as u64;
            Ok(Some(Side { path, id: file.id(), size }))
        };
        let before = if delta.status() == Delta::Added { None } else { side(&old_file)? };
        let after = if delta.status() == Delta::Deleted { None } else { side(&new_file)? };
        let largest = before.iter().chain(after.iter()).map(|side| side.size).max().unwrap_or(0);
        if largest > most_bytes(&path) {
            let reason = outside.unwrap_or(TOO_LARGE);
            let file =
                ExcludedFile { path, reason, status: delta.status().into(), bytes: Some(largest), id: new_file.id() };
            diff.excluded.push(file);
            continue;
        }
        match (before, after) {
            (None, Some(after)) => added.push(after),
            (Some(before), None) => deleted.push(before),
            pair => pairs.push(pair),
        }
    }

    for side in added.iter_mut().chain(&mut deleted).filter(|side| is_home(&side.path)) {
        if !notebook::is_notebook(&side.path) {
            continue;
        }
        // Likeness is a part of the size, and outputs are no part of what is compared.
        side.size = contents.read(side.id)?.content().len() as u64;
    }
    let sources = rename::find(&candidates(&added), &candidates(&deleted), |id| {
        contents.read(id).map(|blob| Fingerprint::of(blob.content()))
    })?;
    let likenesses = likenesses(contents, &added, &deleted, &sources)?;
    let mut deleted: Vec<Option<Side>> = deleted.into_iter().map(Some).collect();
    for (after, source) in added.into_iter().zip(sources) {
        pairs.push((source.and_then(|index| deleted[index].take()), Some(after)));
    }
    pairs.extend(deleted.into_iter().flatten().map(|before| (Some(before), None)));
    pairs.sort_by(|a, b| path_of(a).cmp(path_of(b)));

    for (before, after) in pairs {
        let Some(shown) = after.as_ref().or(before.as_ref()) else { continue };
        let status = match (&before, &after) {
            (None, _) => Status::Added,
            (_, None) => Status::Deleted,
            (Some(before), Some(after)) if before.path != after.path => Status::Renamed,
            _ => Status::Modified,
        };
        let id = after.as_ref().map_or(Oid::ZERO_SHA1, |side| side.id);
        let set_aside = |reason| ExcludedFile { path: shown.path.clone(), reason, status, bytes: Some(shown.size), id };
        if !is_home(&shown.path) {
            diff.excluded.push(set_aside(OUTSIDE));
            continue;
        }
        let old_content = before.as_ref().map(|side| contents.read(side.id)).transpose()?;
        let new_content = after.as_ref().map(|side| contents.read(side.id)).transpose()?;
        let shown_content = new_content.as_ref().or(old_content.as_ref());
        let content = shown_content.map_or(&b""[..], |content| content.content());
        let is_notebook = notebook::is_notebook(&shown.path);
        let has_cells = content.is_empty() || shown_content.is_some_and(|content| content.is_notebook());
        let unreadable = (is_notebook && !has_cells).then_some(notebook::UNREADABLE);
        if let Some(reason) = counting.why_excluded(&shown.path, Some(content)).or(unreadable) {
            diff.excluded.push(set_aside(reason));
            continue;
        }
        if is_notebook {
            diff.excluded.push(set_aside(OUTPUT));
        }
        let hunks = hunks::between(old_content.as_ref(), new_content.as_ref())?;
        let likeness = match likenesses.get(&shown.path) {
            Some(source) => Some(Likeness {
                old_path: source.path.clone(),
                old_id: source.id,
                hunks: hunks::between(Some(&contents.read(source.id)?), new_content.as_ref())?,
            }),
            None => None,
        };
        let path = shown.path.clone();
        let old_id = before.as_ref().map(|side| side.id);
        let old_path = before.map_or_else(|| path.clone(), |side| side.path);
        diff.files.push(FileDiff { path, old_path, status, old_id, hunks, likeness });
    }
    diff.excluded.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(diff)
}

/// The deleted file that each added one is most like on its own, where that is not the one that it was paired with.
fn likenesses(
    contents: &mut Contents<'_>,
    added: &[Side],
    deleted: &[Side],
    sources: &[Option<usize>],
) -> Result<BTreeMap<String, Side>, git2::Error> {
    let mut found = BTreeMap::new();
    if added.len() < 2 || added.len().saturating_mul(deleted.len()) > MAX_LIKENESSES {
        return Ok(found);
    }
    let all = candidates(deleted);
    for (target, source) in added.iter().zip(sources) {
        if source.is_some_and(|source| deleted[source].id == target.id) {
            continue;
        }
        let alone = rename::find(&candidates(std::slice::from_ref(target)), &all, |id| {
            contents.read(id).map(|blob| Fingerprint::of(blob.content()))
        })?;
        if let Some(best) = alone.into_iter().flatten().next().filter(|best| Some(*best) != *source) {
            found.insert(target.path.clone(), deleted[best].clone());
        }
    }
    Ok(found)
}

fn candidates(sides: &[Side]) -> Vec<Candidate<'_>> {
    sides.iter().map(|side| Candidate { path: &side.path, id: side.id, size: side.size }).collect()
}

fn path_of(pair: &(Option<Side>, Option<Side>)) -> &str {
    pair.1.as_ref().or(pair.0.as_ref()).map_or("", |side| side.path.as_str())
}

/// Beyond so many bytes a file is set aside.
pub(super) fn most_bytes(path: &str) -> u64 {
    if notebook::is_notebook(path) { notebook::MAX_BYTES } else { MAX_FILE_BYTES }
}

fn header_size(odb: &git2::Odb<'_>, id: Oid) -> Result<Option<u64>, git2::Error> {
    match odb.read_header(id) {
        Ok((size, _)) => Ok(Some(size as u64)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
