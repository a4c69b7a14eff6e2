//! Refuses trees that no team wrote: a few hundred bytes of git can stand for billions of files, or for folders nested
//! deeper than any stack.

use std::collections::HashMap;

use git2::{ObjectType, Oid, Repository};

/// More files at one commit are refused.
const MAX_FILES: u64 = 300_000;
/// More folders within each other are refused.
const MAX_DEPTH: usize = 100;

/// Sizes of the trees that were looked at; each is read once, however often it stands in others.
#[derive(Debug, Default)]
pub(crate) struct TreeSizes {
    files: HashMap<Oid, u64>,
}

impl TreeSizes {
    /// Makes sure that the tree can be walked.
    ///
    /// # Errors
    /// Where it is too large or too deep, or one of its trees is missing.
    pub(crate) fn check(&mut self, repo: &Repository, tree: Oid) -> Result<(), git2::Error> {
        let files = self.count(repo, tree, 0)?;
        if files > MAX_FILES {
            let what = format!("its tree stands for more than the cap of {MAX_FILES} files");
            return Err(git2::Error::from_str(&what));
        }
        Ok(())
    }

    fn count(&mut self, repo: &Repository, tree: Oid, depth: usize) -> Result<u64, git2::Error> {
        if let Some(files) = self.files.get(&tree) {
            return Ok(*files);
        }
        if depth > MAX_DEPTH {
            let what = format!("its folders are nested deeper than the cap of {MAX_DEPTH}");
            return Err(git2::Error::from_str(&what));
        }
        let mut files: u64 = 0;
        for entry in repo.find_tree(tree)?.iter() {
            files = files.saturating_add(match entry.kind() {
                Some(ObjectType::Tree) => self.count(repo, entry.id(), depth + 1)?,
                _ => 1,
            });
        }
        self.files.insert(tree, files);
        Ok(files)
    }
}
