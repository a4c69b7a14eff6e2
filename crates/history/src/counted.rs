//! What counts in a repository, by the tree of the graded commit and by what the roster says.

use git2::{Oid, Repository, TreeWalkResult};
use stackmark_collect::counting::Counting;
use stackmark_evidence::git::Head;

use crate::{RepositorySource, paths};

/// Only the beginning of a `.gitignore` is looked at.
const IGNORE_BYTES: usize = 64 << 10;

/// What counts at the graded commit of `source`, of which `folder` is graded.
pub fn counting(repo: &Repository, head: &Head, folder: Option<&str>, source: &RepositorySource) -> Counting {
    at(repo, &head.commit, folder, Counting::of_roster(&source.counts, &source.ignore))
}

/// Adds what the tree of commit `head` shows; nothing where it cannot be read, which the measures say.
pub(super) fn at(repo: &Repository, head: &str, folder: Option<&str>, roster: Counting) -> Counting {
    match paths_at(repo, head) {
        Ok((paths, gitignore)) => roster.with_tree(paths.iter().map(String::as_str), &gitignore, folder),
        Err(_) => roster,
    }
}

/// All files of the commit, and the text of the `.gitignore` at its root.
fn paths_at(repo: &Repository, head: &str) -> Result<(Vec<String>, String), git2::Error> {
    let tree = repo.find_commit(Oid::from_str(head)?)?.tree()?;
    let mut paths = Vec::new();
    paths::walk(repo, &tree, |root, entry| {
        if entry.kind() != Some(git2::ObjectType::Tree) {
            paths.push(format!("{root}{}", paths::text(entry.name_bytes())));
        }
        TreeWalkResult::Ok
    })?;
    let ignore = tree.get_name(".gitignore").and_then(|entry| repo.find_blob(entry.id()).ok());
    let ignore = ignore.map_or_else(String::new, |blob| {
        let content = blob.content();
        String::from_utf8_lossy(&content[..content.len().min(IGNORE_BYTES)]).into_owned()
    });
    Ok((paths, ignore))
}
