//! Which files are the graded folder's, at each commit.
//!
//! Many a team starts at the root and moves its work into `TP1/` when the next assignment begins. What was moved into the
//! folder is the folder's work under its former path as well, in the commits before the move. A move may take two commits:
//! the files are copied into the folder, and what they were copied from is deleted later.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Delta, Oid, Repository};

use super::paths;
use super::rename::{self, Candidate, Fingerprint};
use crate::repo::{check_tree, compare};

/// The graded folder and where its files were before they were moved into it.
#[derive(Debug, Default)]
pub(super) struct Home {
    /// Without slashes at its ends; `None` holds everything.
    folder: Option<String>,
    /// Former paths, with the place in the history (newest first) of the commit that moved the file from there.
    former: BTreeMap<String, usize>,
}

/// Deleted files that one copy is compared with.
const MAX_COMPARED: usize = 16;

/// A side of a tree's change.
#[derive(Clone)]
struct Side {
    path: String,
    id: Oid,
    size: u64,
}

impl Home {
    /// Follows the folder's files back through the history, `ids` newest first.
    ///
    /// # Errors
    /// Where a commit or tree is missing or damaged.
    pub(super) fn trace(repo: &Repository, ids: &[Oid], folder: Option<&str>) -> Result<Self, git2::Error> {
        let folder = folder.map(|folder| folder.trim_matches('/').to_owned()).filter(|folder| !folder.is_empty());
        let mut home = Self { folder, former: BTreeMap::new() };
        if home.folder.is_none() {
            return Ok(home);
        }
        let mut deleted_later = Deleted::default();
        for (position, id) in ids.iter().enumerate() {
            let commit = repo.find_commit(*id)?;
            if commit.parent_count() != 1 {
                continue;
            }
            let (came, went) = home.moves_of(repo, &commit, position)?;
            let found = rename::find(&candidates(&came), &candidates(&went), |id| fingerprint(repo, id))?;
            for source in found.iter().flatten() {
                home.former.entry(went[*source].path.clone()).or_insert(position);
            }
            for (side, _) in came.iter().zip(&found).filter(|(_, source)| source.is_none()) {
                if let Some(path) = deleted_later.copied_as(repo, &commit, side)? {
                    home.former.entry(path).or_insert(position);
                }
            }
            let moved: BTreeSet<usize> = found.into_iter().flatten().collect();
            let gone = went.into_iter().enumerate().filter(|(at, _)| !moved.contains(at));
            gone.for_each(|(_, side)| deleted_later.add(side));
        }
        Ok(home)
    }

    /// Whether a commit, no merge, changes what a file of the home holds.
    ///
    /// # Errors
    /// Where it cannot be read, or stands for too much to be looked through.
    pub(super) fn is_changed_by(&self, repo: &Repository, id: Oid, position: usize) -> Result<bool, git2::Error> {
        let commit = repo.find_commit(id)?;
        if commit.parent_count() > 1 {
            return Ok(false);
        }
        check_tree(repo, commit.tree_id())?;
        let before = if commit.parent_count() == 0 { None } else { Some(commit.parent(0)?.tree()?) };
        let diff = compare(repo, before.as_ref(), Some(&commit.tree()?), None)?;
        let changes = |delta: git2::DiffDelta<'_>| {
            let file = if delta.status() == Delta::Deleted { delta.old_file() } else { delta.new_file() };
            delta.old_file().id() != delta.new_file().id()
                && self.holds(&paths::text(file.path_bytes().unwrap_or_default()), position)
        };
        Ok(diff.deltas().any(changes))
    }

    /// Files that came into the home with a commit, and files that went elsewhere.
    fn moves_of(
        &self,
        repo: &Repository,
        commit: &git2::Commit<'_>,
        position: usize,
    ) -> Result<(Vec<Side>, Vec<Side>), git2::Error> {
        let (mut came, mut went) = (Vec::new(), Vec::new());
        let odb = repo.odb()?;
        let before = commit.parent(0)?.tree()?;
        for delta in compare(repo, Some(&before), Some(&commit.tree()?), None)?.deltas() {
            let (file, side) = match delta.status() {
                Delta::Added => (delta.new_file(), &mut came),
                Delta::Deleted => (delta.old_file(), &mut went),
                _ => continue,
            };
            let path = paths::text(file.path_bytes().unwrap_or_default());
            if self.holds(&path, position) != (delta.status() == Delta::Added) {
                continue;
            }
            // A blob that is not there is for the measures to say; it was moved from nowhere.
            let Ok((size, git2::ObjectType::Blob)) = odb.read_header(file.id()) else { continue };
            side.push(Side { path, id: file.id(), size: size as u64 });
        }
        Ok((came, went))
    }

    /// Whether a merge brought anything into the home.
    pub(super) fn concerns_merge(
        &self,
        repo: &Repository,
        merge: &git2::Commit<'_>,
        position: usize,
    ) -> Result<bool, git2::Error> {
        if self.folder.is_none() {
            return Ok(true);
        }
        let before = merge.parent(0)?.tree()?;
        let diff = compare(repo, Some(&before), Some(&merge.tree()?), None)?;
        let touched = diff.deltas().any(|delta| {
            let path = delta.new_file().path_bytes().unwrap_or_default();
            self.holds(&paths::text(path), position)
        });
        Ok(touched)
    }

    /// Whether a path is the folder's work at a place in the history.
    pub(super) fn holds(&self, path: &str, position: usize) -> bool {
        let Some(folder) = &self.folder else { return true };
        path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'))
            || self.former.get(path).is_some_and(|moved| position > *moved)
    }
}

/// Files outside of the home that a later commit deleted.
#[derive(Default)]
struct Deleted {
    by_name: BTreeMap<String, Vec<Side>>,
    by_id: BTreeMap<Oid, Vec<Side>>,
}

impl Deleted {
    fn add(&mut self, side: Side) {
        let known = self.by_id.entry(side.id).or_default();
        if known.len() < MAX_COMPARED {
            known.push(side.clone());
        }
        let named = self.by_name.entry(name_of(&side.path).to_owned()).or_default();
        if named.len() < MAX_COMPARED {
            named.push(side);
        }
    }

    /// The path of the file that a commit copied into the home as `copy`, where a later commit deleted that file.
    fn copied_as(
        &self,
        repo: &Repository,
        commit: &git2::Commit<'_>,
        copy: &Side,
    ) -> Result<Option<String>, git2::Error> {
        if copy.size == 0 || (self.by_name.is_empty() && self.by_id.is_empty()) {
            return Ok(None);
        }
        let before = commit.parent(0)?.tree()?;
        let same = self.by_id.get(&copy.id).into_iter().flatten();
        let named = self.by_name.get(name_of(&copy.path)).into_iter().flatten();
        // Its content has to be the copy's when that was made, whatever became of it until it was deleted: who begins the
        // next assignment with a part of the last one has moved nothing.
        let found = named.chain(same).find(|side| paths::blob(repo, &before, &side.path) == Some(copy.id));
        Ok(found.map(|side| side.path.clone()))
    }
}

fn fingerprint(repo: &Repository, id: Oid) -> Result<Fingerprint, git2::Error> {
    repo.find_blob(id).map(|blob| Fingerprint::of(blob.content()))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn candidates(sides: &[Side]) -> Vec<Candidate<'_>> {
    sides.iter().map(|side| Candidate { path: &side.path, id: side.id, size: side.size }).collect()
}
