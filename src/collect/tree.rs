//! The files of one commit, read from the object database and never checked out.

use git2::{ObjectType, Oid, Repository};

use crate::evidence::{Cause, Unreadable};

/// A file of the graded tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Path in the repository, `/` between its parts, invalid UTF-8 replaced.
    pub path: String,
    /// Blob id.
    pub id: Oid,
    /// Bytes.
    pub size: u64,
    /// A symbolic link: its content is a path, never followed.
    pub link: bool,
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
                files.push(TreeFile { path, id: entry.id(), size: size as u64, link: entry.filemode() == 0o120_000 });
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

/// The bytes of a blob.
///
/// # Errors
/// `Malformed` where the object is missing or damaged.
pub fn read(repo: &Repository, file: &TreeFile) -> Result<Vec<u8>, Unreadable> {
    repo.find_blob(file.id)
        .map(|blob| blob.content().to_vec())
        .map_err(|error| Unreadable::new(Cause::Malformed, format!("{}: {}", file.path, error.message())))
}
