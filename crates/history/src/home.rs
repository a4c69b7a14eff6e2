//! Which files are the graded folder's, at each commit.
//!
//! Many a team starts at the root and moves its work into `TP1/` when the next assignment begins. What was moved into the
//! folder is the folder's work under its former path as well, in the commits before the move.

use std::collections::BTreeMap;

use git2::{Delta, Oid, Repository};

use super::rename::{self, Candidate, Fingerprint};

/// The graded folder and where its files were before they were moved into it.
#[derive(Debug, Default)]
pub(super) struct Home {
    /// Without slashes at its ends; `None` holds everything.
    folder: Option<String>,
    /// Former paths, with the place in the history (newest first) of the commit that moved the file from there.
    former: BTreeMap<String, usize>,
}

/// A side of a tree's change.
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
        for (position, id) in ids.iter().enumerate() {
            let commit = repo.find_commit(*id)?;
            if commit.parent_count() != 1 {
                continue;
            }
            let (came, went) = home.moves_of(repo, &commit, position)?;
            if came.is_empty() || went.is_empty() {
                continue;
            }
            let found = rename::find(&candidates(&came), &candidates(&went), |id| {
                repo.find_blob(id).map(|blob| Fingerprint::of(blob.content()))
            })?;
            for source in found.into_iter().flatten() {
                home.former.entry(went[source].path.clone()).or_insert(position);
            }
        }
        Ok(home)
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
        for delta in repo.diff_tree_to_tree(Some(&before), Some(&commit.tree()?), None)?.deltas() {
            let (file, side) = match delta.status() {
                Delta::Added => (delta.new_file(), &mut came),
                Delta::Deleted => (delta.old_file(), &mut went),
                _ => continue,
            };
            let path = String::from_utf8_lossy(file.path_bytes().unwrap_or_default()).into_owned();
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
        let diff = repo.diff_tree_to_tree(Some(&before), Some(&merge.tree()?), None)?;
        let touched = diff.deltas().any(|delta| {
            let path = delta.new_file().path_bytes().unwrap_or_default();
            self.holds(&String::from_utf8_lossy(path), position)
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

fn candidates(sides: &[Side]) -> Vec<Candidate<'_>> {
    sides.iter().map(|side| Candidate { path: &side.path, id: side.id, size: side.size }).collect()
}
