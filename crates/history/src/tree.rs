//! The files of one commit, read from the object database and never checked out.

use git2::{ObjectType, Oid, Repository};
use stackmark_collect::tree::{BlobId, Blobs, TreeFile};
use stackmark_evidence::{Cause, Unreadable};

/// The object database of a repository.
#[derive(Clone, Copy)]
pub struct ObjectDatabase<'r>(pub &'r Repository);

impl std::fmt::Debug for ObjectDatabase<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ObjectDatabase").field(&self.0.path()).finish()
    }
}

impl Blobs for ObjectDatabase<'_> {
    fn read(&self, file: &TreeFile) -> Result<Vec<u8>, Unreadable> {
        self.0
            .find_blob(id_of(file))
            .map(|blob| blob.content().to_vec())
            .map_err(|error| Unreadable::new(Cause::Malformed, format!("{}: {}", file.path, error.message())))
    }
}

/// The id as git2 has it.
pub(crate) fn id_of(file: &TreeFile) -> Oid {
    Oid::from_bytes(&file.id).unwrap_or(Oid::ZERO_SHA1)
}

/// The id as the collectors that know nothing of git carry it.
fn bytes_of(id: Oid) -> BlobId {
    let mut bytes = BlobId::default();
    bytes.copy_from_slice(id.as_bytes());
    bytes
}

/// All files of the commit with this id, or the beginning of one, below `folder`, as [`list`] gives them.
///
/// # Errors
/// `Malformed` where the id is none, or an object is missing or damaged.
pub fn files(repo: &Repository, commit: &str, folder: Option<&str>) -> Result<Vec<TreeFile>, Unreadable> {
    let found = repo
        .find_commit_by_prefix(commit)
        .map_err(|error| Unreadable::new(Cause::Malformed, format!("{commit}: {}", error.message())))?;
    list(repo, found.id(), folder)
}

/// Paths in or at `folder` where the commit names another repository: submodules, and repositories that were added
/// whole. Their files are not in this one.
///
/// # Errors
/// `Malformed` where an object is missing or damaged.
pub fn elsewhere(repo: &Repository, commit: &str, folder: Option<&str>) -> Result<Vec<String>, Unreadable> {
    let damaged =
        |error: git2::Error| Unreadable::new(Cause::Malformed, format!("tree of {commit}: {}", error.message()));
    let tree = repo.find_commit_by_prefix(commit).and_then(|commit| commit.tree()).map_err(damaged)?;
    let folder = folder.map(|folder| folder.trim_matches('/'));
    let inside = |path: &str| {
        folder
            .is_none_or(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    };
    let mut found = Vec::new();
    tree.walk(git2::TreeWalkMode::PreOrder, |root, entry| {
        let path = || format!("{root}{}", String::from_utf8_lossy(entry.name_bytes()));
        if entry.kind() == Some(ObjectType::Commit) {
            found.extend(Some(path()).filter(|path| inside(path)));
        }
        git2::TreeWalkResult::Ok
    })
    .map_err(damaged)?;
    found.sort();
    Ok(found)
}

/// All files of `commit` below `folder`, sorted by path; submodules are left out.
///
/// # Errors
/// `Malformed` where an object is missing or damaged.
pub fn list(repo: &Repository, commit: Oid, folder: Option<&str>) -> Result<Vec<TreeFile>, Unreadable> {
    let damaged =
        |error: git2::Error| Unreadable::new(Cause::Malformed, format!("tree of {commit}: {}", error.message()));
    let tree = repo.find_commit(commit).and_then(|commit| commit.tree()).map_err(damaged)?;
    let odb = repo.odb().map_err(damaged)?;
    let prefix = folder.map(|folder| format!("{}/", folder.trim_matches('/')));
    let mut files = Vec::new();
    let mut failure = None;
    tree.walk(git2::TreeWalkMode::PreOrder, |root, entry| {
        if entry.kind() != Some(ObjectType::Blob) {
            return git2::TreeWalkResult::Ok;
        }
        let path = format!("{root}{}", String::from_utf8_lossy(entry.name_bytes()));
        if prefix.as_ref().is_some_and(|prefix| !path.starts_with(prefix)) {
            return git2::TreeWalkResult::Ok;
        }
        match odb.read_header(entry.id()) {
            Ok((size, _)) => {
                files.push(TreeFile {
                    path,
                    id: bytes_of(entry.id()),
                    size: size as u64,
                    link: entry.filemode() == 0o120_000,
                });
                git2::TreeWalkResult::Ok
            }
            Err(error) => {
                failure = Some(Unreadable::new(Cause::Malformed, format!("{path} of {commit}: {}", error.message())));
                git2::TreeWalkResult::Abort
            }
        }
    })
    .or_else(|error| if failure.is_some() { Ok(()) } else { Err(damaged(error)) })?;
    match failure {
        Some(failure) => Err(failure),
        None => {
            files.sort_by(|a, b| a.path.cmp(&b.path));
            Ok(files)
        }
    }
}
