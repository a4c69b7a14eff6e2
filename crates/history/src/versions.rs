//! Which contents each commit brought, for who asks when something first appeared, and which commits two teams share.

use git2::{Commit, Delta, DiffOptions, FileMode, Oid, Repository};

use crate::dates::rfc3339;
use crate::repo::{check_tree, compare};
use crate::tree::bytes_of;
use crate::{modes, paths, walk};
use stackmark_collect::counting::Counting;
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::Unreadable;
use stackmark_evidence::git::{Head, Person};

/// A commit that changes more files moves a library or a dump: what it did is no change that two people make alike.
const MOST_FILES: usize = 300;
/// Fewer added lines are alike by chance: a version number, an import.
const FEWEST_LINES: usize = 5;
/// Contents that together are larger are not compared line by line.
const MOST_BYTES: u64 = 8 << 20;

/// What one commit brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Full object id.
    pub commit: String,
    /// Who wrote it.
    pub author: Person,
    /// Author date, RFC 3339 with its offset.
    pub authored_at: String,
    /// First line of the message.
    pub subject: String,
    /// The change itself, whatever it was made on, as `git patch-id --stable` tells it; `None` if it is too small or too
    /// large to say anything.
    pub patch: Option<String>,
    /// Files that count and have another content than before, as they are after it.
    pub changed: Vec<TreeFile>,
}

/// The commits of a history.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Versions {
    /// Oldest first, merges aside.
    pub versions: Vec<Version>,
    /// Commits that could not be read; what they brought is not known.
    pub unread: u64,
}

/// What each commit up to `head`, and not of the starter code, brought into `folder`.
///
/// # Errors
/// `Malformed` where the history itself is cut or damaged.
pub fn versions(
    repo: &Repository,
    head: &Head,
    base: Option<&str>,
    folder: Option<&str>,
    counting: &Counting,
) -> Result<Versions, Unreadable> {
    let mut ids = walk::ids(repo, &head.commit, base)?;
    ids.reverse();
    let prefix = folder.map(|folder| format!("{}/", folder.trim_matches('/')));
    let mut found = Versions::default();
    for id in ids {
        match version(repo, id, prefix.as_deref(), counting) {
            Ok(version) => found.versions.extend(version),
            Err(_) => found.unread += 1,
        }
    }
    Ok(found)
}

fn version(
    repo: &Repository,
    id: Oid,
    prefix: Option<&str>,
    counting: &Counting,
) -> Result<Option<Version>, git2::Error> {
    let commit = repo.find_commit(id)?;
    if commit.parent_count() > 1 {
        return Ok(None);
    }
    check_tree(repo, commit.tree_id())?;
    let (changed, patch) = change(repo, &commit, prefix, counting)?;
    let (author, message) = walk::people_of(repo, id)?;
    let subject = message.trim_start().lines().next().unwrap_or_default().to_owned();
    let authored_at = rfc3339(commit.author().when());
    Ok(Some(Version { commit: id.to_string(), author, authored_at, subject, patch, changed }))
}

fn change(
    repo: &Repository,
    commit: &Commit<'_>,
    prefix: Option<&str>,
    counting: &Counting,
) -> Result<(Vec<TreeFile>, Option<String>), git2::Error> {
    let before = commit.parent_ids().next().map(|parent| repo.find_commit(parent)?.tree()).transpose()?;
    let mut options = DiffOptions::new();
    options.ignore_submodules(true);
    let diff = compare(repo, before.as_ref(), Some(&commit.tree()?), Some(&mut options))?;
    let odb = repo.odb()?;
    let mut changed = Vec::new();
    let (mut bytes, mut everything) = (0_u64, 0_usize);
    for delta in diff.deltas() {
        everything += 1;
        let file = delta.new_file();
        let is_file =
            matches!(modes::of(&odb, &file), FileMode::Blob | FileMode::BlobExecutable | FileMode::BlobGroupWritable);
        let Some(path) = file.path_bytes().map(paths::text) else { continue };
        if delta.status() == Delta::Deleted || !is_file || prefix.is_some_and(|prefix| !path.starts_with(prefix)) {
            continue;
        }
        let header = odb.read_header(file.id());
        let size = header.as_ref().map_or(0, |(size, _)| *size as u64);
        bytes = bytes.saturating_add(size);
        let (aside, missing) = (counting.why_excluded(&path, None), header.is_err());
        if aside.is_none() {
            changed.push(TreeFile { path, id: bytes_of(file.id()), size, link: false, missing, aside });
        }
    }
    let comparable = !changed.is_empty() && everything <= MOST_FILES && bytes <= MOST_BYTES;
    let patch = if comparable && diff.stats()?.insertions() >= FEWEST_LINES {
        Some(diff.patchid(None)?.to_string())
    } else {
        None
    };
    Ok((changed, patch))
}
