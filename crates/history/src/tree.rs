//! The files of one commit, read from the object database and never checked out.

use git2::{ObjectType, Oid, Repository};

use super::lack::unreadable;
use super::paths;
use stackmark_collect::classify::why_excluded;
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
            .map_err(|error| unreadable(Cause::Malformed, format!("{}: {}", file.path, error.message()), &error))
    }
}

/// The id as git2 has it.
pub(crate) fn id_of(file: &TreeFile) -> Oid {
    Oid::from_bytes(&file.id).unwrap_or(Oid::ZERO_SHA1)
}

/// The id as the collectors that know nothing of git carry it.
pub(crate) fn bytes_of(id: Oid) -> BlobId {
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
        .map_err(|error| unreadable(Cause::Malformed, format!("{commit}: {}", error.message()), &error))?;
    list(repo, found.id(), folder)
}

/// All files of `commit` below `folder`, sorted by path; submodules are left out. A file whose object is missing or damaged
/// is listed as such: who does not need it is not kept from the others.
///
/// # Errors
/// `Malformed` where a tree is missing or damaged.
pub fn list(repo: &Repository, commit: Oid, folder: Option<&str>) -> Result<Vec<TreeFile>, Unreadable> {
    let damaged =
        |error: git2::Error| unreadable(Cause::Malformed, format!("tree of {commit}: {}", error.message()), &error);
    let tree = repo.find_commit(commit).and_then(|commit| commit.tree()).map_err(damaged)?;
    let odb = repo.odb().map_err(damaged)?;
    let prefix = folder.map(|folder| format!("{}/", folder.trim_matches('/')));
    let mut files = Vec::new();
    paths::walk(repo, &tree, |root, entry| {
        let path = format!("{root}{}", paths::text(entry.name_bytes()));
        let is_home = prefix.as_ref().is_none_or(|prefix| path.starts_with(prefix));
        if entry.kind() == Some(ObjectType::Blob) && is_home {
            let header = odb.read_header(entry.id());
            let size = header.as_ref().map_or(0, |(size, _)| *size as u64);
            let aside = why_excluded(&path, None);
            let (link, missing) = (entry.filemode() == 0o120_000, header.is_err());
            files.push(TreeFile { path, id: bytes_of(entry.id()), size, link, missing, aside });
        }
        git2::TreeWalkResult::Ok
    })
    .map_err(damaged)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// What is said where a figure over all of `files` needs one that is not there; `None` where none is missing.
pub(crate) fn missing_in(files: &[TreeFile]) -> Option<Unreadable> {
    let missing = files.iter().find(|file| file.missing)?;
    let detail = format!("{}: the object is missing or damaged; fetch the repository again", missing.path);
    Some(Unreadable::new(Cause::Malformed, detail))
}

/// Paths of `commit` below `folder` that are links to another repository, declared as submodules or not; none where the
/// tree cannot be read, which [`list`] says.
pub fn links(repo: &Repository, commit: &str, folder: Option<&str>) -> Vec<String> {
    let tree = Oid::from_str(commit).and_then(|id| repo.find_commit(id)?.tree());
    let prefix = folder.map(|folder| format!("{}/", folder.trim_matches('/')));
    let mut links = Vec::new();
    let walked = tree.and_then(|tree| {
        paths::walk(repo, &tree, |root, entry| {
            let path = format!("{root}{}", paths::text(entry.name_bytes()));
            let is_home = prefix.as_ref().is_none_or(|prefix| path.starts_with(prefix));
            if entry.kind() == Some(ObjectType::Commit) && is_home {
                links.push(path);
            }
            git2::TreeWalkResult::Ok
        })
    });
    if walked.is_err() {
        links.clear();
    }
    links
}
