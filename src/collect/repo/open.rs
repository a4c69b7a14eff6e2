//! A repository that is read where it lies.

use std::path::Path;

use git2::Repository;

use super::{Obtained, branch_names, failure, without_credentials};
use crate::evidence::git::Source;
use crate::evidence::{Cause, Unreadable};

/// What a shallow repository is told; a count over a cut history would be wrong.
pub(crate) const SHALLOW: &str = "shallow clone: history is cut; run git fetch --unshallow";

/// Opens the repository that holds `path`, looking upwards from it.
pub(super) fn in_place(path: &str) -> Result<Obtained, Unreadable> {
    let repository = Repository::discover(path).map_err(|error| match error.code() {
        git2::ErrorCode::NotFound => Unreadable::new(
            Cause::Unreachable,
            format!("{path}: no git repository there or above; run inside a clone, or `git init` and commit first"),
        ),
        _ => failure::of_transfer(&error, path),
    })?;
    let branches = branch_names(&repository).map_err(|error| failure::of_transfer(&error, path))?;
    let source = Source { location: without_credentials(path), kind: "working-copy".to_owned(), branches };
    Ok(Obtained { repository, source, _guard: None })
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

/// A clone of a shallow repository would be as cut as its source.
pub(super) fn refuse_shallow(path: &Path) -> Result<(), Unreadable> {
    let location = path.to_string_lossy();
    let repository = Repository::open(path).map_err(|error| failure::of_transfer(&error, &location))?;
    if repository.is_shallow() {
        return Err(Unreadable::new(Cause::Malformed, format!("{location}: {SHALLOW}")));
    }
    Ok(())
}
