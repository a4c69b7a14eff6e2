//! A repository that is read where it lies.

use std::path::{Path, PathBuf};

use git2::{ErrorCode, Repository, StatusOptions};
use serde::{Deserialize, Serialize};

use super::failure;
use super::location::without_credentials;
use super::names::find_folder;
use super::obtained::{Obtained, branch_names};
use stackmark_evidence::closed::SourceKind;
use stackmark_evidence::git::Source;
use stackmark_evidence::{Cause, Unreadable};

/// What a shallow repository is told; a count over a cut history would be wrong.
pub(crate) const SHALLOW: &str = "shallow clone: history is cut; run git fetch --unshallow";

fn discover(path: &str) -> Result<Repository, Unreadable> {
    Repository::discover(path).map_err(|error| match error.code() {
        ErrorCode::NotFound => Unreadable::new(
            Cause::Unreachable,
            format!("{path}: no git repository there or above; run inside a clone, or `git init` and commit first"),
        ),
        _ => failure::of_transfer(&error, path),
    })
}

/// A working copy, before anything of it is graded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingCopy {
    /// Full object id of its last commit; `None` where there is none yet.
    pub head: Option<String>,
    /// Files that are changed, or new and not ignored, and not committed.
    pub uncommitted: usize,
}

/// The root folder of the working copy that holds `path`; of a bare repository its own. No object of it is read.
///
/// # Errors
/// What is wrong with `path`, and what to name instead.
pub fn working_copy_root(path: &Path) -> Result<PathBuf, Unreadable> {
    let missing = |detail: String| Unreadable::new(Cause::Unreachable, detail);
    let shown = path.display();
    if !path.exists() {
        return Err(missing(format!("{shown}: no such folder; name a working copy, or run inside one")));
    }
    if !path.is_dir() {
        return Err(missing(format!("{shown}: not a folder; name the working copy that holds it")));
    }
    let repository = discover(&path.to_string_lossy())?;
    Ok(files(&repository).unwrap_or_else(|| repository.path()).to_owned())
}

/// A bare repository without a configuration takes the folder around it for its files.
fn files(repository: &Repository) -> Option<&Path> {
    repository.workdir().filter(|root| root.join(".git").exists())
}

/// Looks into the working copy that holds `path`.
///
/// # Errors
/// What is wrong with `path`, or with `folder` of the last commit, and what to name instead.
pub fn working_copy(path: &Path, folder: Option<&str>) -> Result<WorkingCopy, Unreadable> {
    let repository = discover(&path.to_string_lossy())?;
    // Without a commit there is no folder to look for, and that is said where the commit is chosen.
    let head = repository.head().and_then(|head| head.peel_to_commit()).ok();
    if let (Some(head), Some(folder)) = (&head, folder) {
        find_folder(&repository, &head.id().to_string(), folder).map_err(|failure| {
            Unreadable::new(Cause::Unreachable, format!("{}: {}", path.display(), failure.detail))
        })?;
    }
    let uncommitted = files(&repository).map_or(0, |_| count_uncommitted(&repository));
    Ok(WorkingCopy { head: head.map(|head| head.id().to_string()), uncommitted })
}

/// Zero where it cannot be told: it only serves a hint.
fn count_uncommitted(repository: &Repository) -> usize {
    let mut options = StatusOptions::new();
    options.include_untracked(true).include_ignored(false).exclude_submodules(true);
    repository.statuses(Some(&mut options)).map_or(0, |found| found.len())
}

/// Opens the repository that holds `path`, looking upwards from it.
pub(super) fn in_place(path: &str) -> Result<Obtained, Unreadable> {
    let repository = discover(path)?;
    let branches = branch_names(&repository).map_err(|error| failure::of_transfer(&error, path))?;
    let source = Source { location: without_credentials(path), kind: SourceKind::WorkingCopy, branches };
    Ok(Obtained { repository, source, notes: Vec::new(), offered: None, _guard: None })
}

/// Another handle of the same repository, for another thread.
///
/// # Errors
/// It cannot be opened any more.
pub fn opened_again(repository: &Repository) -> Result<Repository, git2::Error> {
    Repository::open(repository.path())
}

/// What to do where an object is not there: a partial clone lacks those that nobody asked for yet, and libgit2 fetches
/// none on demand.
pub(crate) fn how_to_complete(repo: &Repository) -> &'static str {
    let is_partial = || -> Result<bool, git2::Error> {
        let config = repo.config()?.snapshot()?;
        let mut entries = config.entries(Some(r"^remote\..*\.(promisor|partialclonefilter)$"))?;
        let any = entries.next().is_some();
        Ok(any)
    };
    if is_partial().unwrap_or(false) {
        "this is a partial clone: clone it again without --filter"
    } else {
        "fetch the repository again"
    }
}
