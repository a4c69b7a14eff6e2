//! Refuses trees that no team wrote: a few hundred bytes of git can stand for billions of files, or for folders nested
//! deeper than any stack.

use std::cell::RefCell;
use std::collections::HashMap;

use git2::{Diff, DiffOptions, ErrorCode, ObjectType, Oid, Repository, Tree};

use super::over_cap;

/// More files at one commit are refused.
const MAX_FILES: u64 = 300_000;
/// More folders within each other are refused.
const MAX_DEPTH: usize = 100;

thread_local! {
    /// How many files the trees stand for that were looked at; each is read once, however often it stands in others. A
    /// tree's id says all that it holds, so that what is known of one is true in every repository.
    static KNOWN: RefCell<HashMap<Oid, u64>> = RefCell::default();
}

/// Makes sure that a tree can be walked.
///
/// # Errors
/// Where it is too large or too deep, or one of its trees is missing.
pub(crate) fn check_tree(repo: &Repository, tree: Oid) -> Result<(), git2::Error> {
    KNOWN.with_borrow_mut(|known| count(repo, tree, 0, known)).map(|_| ())
}

fn count(repo: &Repository, tree: Oid, depth: usize, known: &mut HashMap<Oid, u64>) -> Result<u64, git2::Error> {
    if let Some(files) = known.get(&tree) {
        return Ok(*files);
    }
    if depth > MAX_DEPTH {
        return Err(over_cap("its folders are nested deeper than", MAX_DEPTH, ""));
    }
    let mut files: u64 = 0;
    for entry in repo.find_tree(tree)?.iter() {
        files = files.saturating_add(match entry.kind() {
            Some(ObjectType::Tree) => count(repo, entry.id(), depth + 1, known)?,
            _ => 1,
        });
        // At once: what stands behind it may be missing, and that is another error.
        if files > MAX_FILES {
            return Err(over_cap("its tree stands for more than", MAX_FILES, "files"));
        }
    }
    known.insert(tree, files);
    Ok(files)
}

/// Compares two trees, once it is sure that both have an end: a bomb that a commit removes is on its old side. Everything
/// that compares trees does it here.
///
/// # Errors
/// Where one is too large or too deep, or what differs is missing.
pub(crate) fn compare<'r>(
    repo: &'r Repository,
    old: Option<&Tree<'_>>,
    new: Option<&Tree<'_>>,
    options: Option<&mut DiffOptions>,
) -> Result<Diff<'r>, git2::Error> {
    for tree in old.into_iter().chain(new) {
        match check_tree(repo, tree.id()) {
            // What both sides lack is not compared.
            Err(error) if error.code() == ErrorCode::NotFound => {}
            checked => checked?,
        }
    }
    repo.diff_tree_to_tree(old, new, options)
}
