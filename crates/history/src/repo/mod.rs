//! Obtains a repository without ever checking it out.
//!
//! A clone is bare and temporary: no work tree, no hooks, no filters, no submodules. Everything is read from the object
//! database afterwards, so that nothing of a team's is ever executed or obeyed. A repository that was handed in as a folder
//! is read below that folder only, with a configuration of ours; a remote one through a proxy that asks the guard.

mod bundle;
mod clone;
mod credentials;
mod deadline;
mod failure;
mod head;
mod location;
mod names;
mod open;
mod proxy;
mod references;
mod salvage;
mod size;

use std::path::{Path, PathBuf};

use git2::Repository;

use crate::RepositorySource;
use stackmark_collect::Limits;
use stackmark_collect::Progress;
use stackmark_collect::scratch::Scratch;
use stackmark_evidence::git::Source;
use stackmark_evidence::{Cause, Unreadable};

pub use credentials::TOKEN_VARIABLE;
pub use head::{choose_head, resolve};
pub use location::without_credentials;
pub(crate) use names::find_commit;
pub use names::{Folder, find_folder};
pub(crate) use open::{SHALLOW, how_to_complete};
pub use open::{WorkingCopy, working_copy};
pub(crate) use size::{CAP, check_tree, compare};

/// A repository that can be read, for as long as this value lives.
pub struct Obtained {
    /// The object database and the references.
    pub repository: Repository,
    /// Where it came from, for the evidence.
    pub source: Source,
    /// What was left out of it, in words.
    pub notes: Vec<String>,
    /// Removes the temporary clone; `None` where the repository was opened in place.
    _guard: Option<Temporary>,
}

impl std::fmt::Debug for Obtained {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Obtained").field("path", &self.repository.path()).field("source", &self.source).finish()
    }
}

/// Clones `source` into a temporary bare repository, or opens it where it lies when it says `in_place`.
///
/// All branches and tags are fetched. `progress` is told how far the transfer is.
///
/// # Errors
/// `Refused` where a cap of `limits` was hit or the address is of a kind that is not supported; `Timeout` where the
/// clone took longer than `limits.clone_time`; `Unreachable` where there is no such host, path or repository; `Denied`
/// where the credentials were not accepted; `Malformed` where what came is damaged, shallow or incomplete.
pub fn obtain(source: &RepositorySource, limits: &Limits, progress: &dyn Progress) -> Result<Obtained, Unreadable> {
    // Zlib's checksum finds what a disk damaged, and a clone checks every hash as it arrives; to hash each object again
    // whenever it is read takes a third of the time.
    git2::opts::strict_hash_verification(false);
    if source.in_place {
        return open::in_place(&source.location);
    }
    match location::kind_of(&source.location)? {
        location::Kind::Bundle(path) => bundle::unpack(&path, limits, progress),
        location::Kind::Local(path) => {
            // Copied as plain files first: nothing in it leads anywhere else, and its configuration is not read.
            let copy = salvage::copy(source, &path, limits, progress)?;
            match clone::fetch(source, &copy.repository.path().to_string_lossy(), limits, progress) {
                Ok(clone) => {
                    let source = Source { branches: clone.source.branches.clone(), ..copy.source.clone() };
                    Ok(Obtained { source, notes: copy.notes.clone(), ..clone })
                }
                // One damaged object fails a clone as a whole; what does not need it can still be read.
                Err(failure) if failure.cause == Cause::Malformed => Ok(copy),
                Err(failure) => Err(failure),
            }
        }
        location::Kind::Remote => clone::fetch(source, &source.location, limits, progress),
    }
}

/// A new bare repository that takes over nothing from the user's templates.
fn new_bare(path: &Path) -> Result<Repository, git2::Error> {
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).external_template(false).no_reinit(true);
    Repository::init_opts(path, &options)
}

/// A directory of our own that goes away with the value; where that is not possible any more, with the next run.
struct Temporary {
    path: PathBuf,
    _scratch: Scratch,
}

impl Temporary {
    fn path(&self) -> &Path {
        &self.path
    }
}

fn temporary_directory() -> Result<Temporary, Unreadable> {
    let scratch = Scratch::new().map_err(|error| {
        Unreadable::new(Cause::Refused, format!("make a temporary directory for the clone: {error}"))
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
