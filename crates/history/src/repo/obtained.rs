//! A repository that was obtained, and the folder that it may lie in.

use std::path::{Path, PathBuf};

use git2::Repository;

use stackmark_collect::scratch::Scratch;
use stackmark_evidence::git::Source;
use stackmark_evidence::{Cause, Lack, Unreadable};

/// A repository that can be read, for as long as this value lives.
pub struct Obtained {
    /// The object database and the references.
    pub repository: Repository,
    /// Where it came from, for the evidence.
    pub source: Source,
    /// What was left out of it, in words.
    pub notes: Vec<String>,
    /// A hash of the references that the remote offered before anything was fetched; `None` where nobody asked for it, it is no
    /// remote, or not all that it offers is read.
    pub offered: Option<String>,
    /// Removes the temporary clone; `None` where the repository was opened in place.
    pub(super) _guard: Option<Temporary>,
}

impl std::fmt::Debug for Obtained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Obtained").field("path", &self.repository.path()).field("source", &self.source).finish()
    }
}

/// A new bare repository that takes over nothing from the user's templates.
pub(super) fn new_bare(path: &Path) -> Result<Repository, git2::Error> {
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).external_template(false).no_reinit(true);
    Repository::init_opts(path, &options)
}

/// A directory of our own that goes away with the value; where that is not possible any more, with the next run.
pub(super) struct Temporary {
    path: PathBuf,
    _scratch: Scratch,
}

impl Temporary {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

pub(super) fn temporary_directory() -> Result<Temporary, Unreadable> {
    let scratch = Scratch::new().map_err(|error| {
        Unreadable::new(Cause::Refused, format!("make a temporary directory for the clone: {error}"))
            .lacking(Some(Lack::Machine))
    })?;
    Ok(Temporary { path: scratch.path().join("repository"), _scratch: scratch })
}

/// Local branches and those of `origin`, sorted, each once.
pub(crate) fn branch_names(repository: &Repository) -> Result<Vec<String>, git2::Error> {
    let mut names = std::collections::BTreeSet::new();
    for branch in repository.branches(None)? {
        let (branch, kind) = branch?;
        let name = String::from_utf8_lossy(branch.name_bytes()?).into_owned();
        match kind {
            git2::BranchType::Local => names.insert(name),
            git2::BranchType::Remote => match name.strip_prefix("origin/") {
                Some("HEAD") | None => false,
                Some(name) => names.insert(name.to_owned()),
            },
        };
    }
    Ok(names.into_iter().collect())
}
