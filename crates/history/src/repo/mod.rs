//! Obtains a repository without ever checking it out.
//!
//! A clone is bare and temporary: no work tree, no hooks, no filters, no submodules. Everything is read from the object
//! database afterwards, so that nothing of a team's is ever executed or obeyed. A repository that was handed in as a folder
//! is read below that folder only, with a configuration of ours; a remote one through a proxy that asks the guard.

mod bundle;
mod cap;
mod clone;
mod credentials;
mod deadline;
mod failure;
mod head;
mod joining;
mod location;
mod names;
mod obtained;
mod open;
mod proxy;
mod references;
mod salvage;
mod size;
mod state;
mod tips;

use crate::RepositorySource;
use stackmark_collect::Limits;
use stackmark_collect::Progress;
use stackmark_evidence::git::Source;
use stackmark_evidence::{Cause, Unreadable};

pub(crate) use cap::{again, cause_of, is_over_cap, over_cap};
pub use credentials::TOKEN_VARIABLE;
pub use head::{choose_head, resolve};
pub use location::without_credentials;
pub(crate) use names::find_commit;
pub use names::{Folder, find_folder};
pub use obtained::Obtained;
pub(crate) use obtained::branch_names;
pub(crate) use open::{SHALLOW, how_to_complete};
pub use open::{WorkingCopy, opened_again, working_copy, working_copy_root};
pub(crate) use size::{check_tree, compare};
pub use state::state;
pub use tips::tips;

/// Clones `source` into a temporary bare repository, or opens it where it lies when it says `in_place`.
///
/// All branches and tags are fetched; of a repository without a branch, whatever is there. `progress` is told how far the
/// transfer is.
///
/// # Errors
/// `Refused` where a cap of `limits` was hit or the address is of a kind that is not supported; `Timeout` where the
/// clone took longer than `limits.clone_time`; `Unreachable` where there is no such host, path or repository; `Denied`
/// where the credentials were not accepted; `Shallow` where the clone is shallow; `Malformed` where what came is damaged or
/// incomplete.
pub fn obtain(source: &RepositorySource, limits: &Limits, progress: &dyn Progress) -> Result<Obtained, Unreadable> {
    let nothing =
        || Unreadable::new(Cause::Malformed, format!("{}: nothing was fetched", without_credentials(&source.location)));
    obtain_unless(source, None, limits, progress)?.ok_or_else(nothing)
}

/// The same; `None`, before anything is fetched, where a remote offers the very references whose hash is `seen`
/// ([`Obtained::offered`]). An empty hash is that of none; without one the references are not looked at.
///
/// # Errors
/// As [`obtain`].
pub fn obtain_unless(
    source: &RepositorySource,
    seen: Option<&str>,
    limits: &Limits,
    progress: &dyn Progress,
) -> Result<Option<Obtained>, Unreadable> {
    // Zlib's checksum finds what a disk damaged, and a clone checks every hash as it arrives; to hash each object again
    // whenever it is read takes a third of the time.
    git2::opts::strict_hash_verification(false);
    if source.in_place {
        return open::in_place(&source.location).map(Some);
    }
    match location::kind_of(&source.location)? {
        location::Kind::Bundle(path) => bundle::unpack(&path, limits, progress).map(Some),
        location::Kind::Local(path) => {
            // Copied as plain files first: nothing in it leads anywhere else, and its configuration is not read.
            let copy = salvage::copy(source, &path, limits, progress)?;
            match clone::fetch(source, &copy.repository.path().to_string_lossy(), None, limits, progress) {
                // A branch that git cannot read is none to it, and what else is there is not meant.
                Ok(Some(clone)) if clone.source.branches.is_empty() && salvage::has_branch(copy.repository.path()) => {
                    Ok(Some(copy))
                }
                Ok(Some(clone)) => {
                    let source = Source { branches: clone.source.branches.clone(), ..copy.source.clone() };
                    Ok(Some(Obtained { source, notes: copy.notes.clone(), ..clone }))
                }
                Ok(None) => Ok(Some(copy)),
                // One damaged object fails a clone as a whole; what does not need it can still be read.
                Err(failure) if failure.cause == Cause::Malformed => Ok(Some(copy)),
                Err(failure) => Err(failure),
            }
        }
        location::Kind::Remote => clone::fetch(source, &source.location, seen, limits, progress),
    }
}
