//! Files that count, as they stand at a commit.

use git2::{FileMode, ObjectType, Oid, Repository, TreeWalkResult};

use super::blame::Standing;
use super::contents::written;
use super::diff::most_bytes;
use super::lines::line_hash;
use super::paths;
use super::printed::printable;
use super::repo::find_commit;
use stackmark_collect::counting::Counting;
use stackmark_collect::notebook;
use stackmark_evidence::{Cause, Unreadable};

/// The files that count at `commit` below `folder`, by path.
///
/// # Errors
/// `Malformed` where an object is missing or damaged.
pub(super) fn files(
    repo: &Repository,
    commit: &str,
    folder: Option<&str>,
    counting: &Counting,
) -> Result<Vec<Standing>, Unreadable> {
    let damaged = |error: git2::Error| {
        Unreadable::new(Cause::Malformed, format!("files of commit {commit}: {}", error.message()))
    };
    let tree = Oid::from_str(commit).and_then(|id| repo.find_commit(id)?.tree()).map_err(damaged)?;
    let prefix = folder.map(|folder| format!("{}/", folder.trim_matches('/')));
    let mut counted: Vec<(String, Oid)> = Vec::new();
    // What does not count by its path is not asked for: a library's files may be missing without harm.
    paths::walk(repo, &tree, |root, entry| {
        let path = format!("{root}{}", paths::text(entry.name_bytes()));
        let is_file = entry.kind() == Some(ObjectType::Blob) && entry.filemode() != i32::from(FileMode::Link);
        let is_home = prefix.as_ref().is_none_or(|prefix| path.starts_with(prefix));
        if is_file && is_home && counting.why_excluded(&path, None).is_none() {
            counted.push((path, entry.id()));
        }
        TreeWalkResult::Ok
    })
    .map_err(damaged)?;
    counted.sort();
    let odb = repo.odb().map_err(damaged)?;
    let mut files = Vec::new();
    for (path, id) in counted {
        if odb.read_header(id).map_err(damaged)?.0 as u64 > most_bytes(&path) {
            continue;
        }
        let blob = repo.find_blob(id).map_err(damaged)?;
        let (written, has_cells) = written(blob.content());
        let content = written.unwrap_or_else(|| blob.content().to_vec());
        let is_broken = notebook::is_notebook(&path) && !has_cells;
        if !is_broken && counting.why_excluded(&path, Some(&content)).is_none() {
            files.push(Standing { path: printable(&path), content });
        }
    }
    Ok(files)
}

/// The lines of each file of the starter code; none without a base commit.
///
/// # Errors
/// `Malformed` where an object is missing or damaged.
pub(super) fn starter_lines(
    repo: &Repository,
    base: Option<&str>,
    folder: Option<&str>,
    counting: &Counting,
) -> Result<Vec<Vec<u64>>, Unreadable> {
    let Some(base) = base else { return Ok(Vec::new()) };
    let commit = find_commit(repo, base)
        .map_err(|error| Unreadable::new(Cause::Malformed, format!("base commit {base}: {}", error.message())))?;
    let lines_of = |file: Standing| file.content.split(|byte| *byte == b'\n').map(line_hash).collect();
    Ok(files(repo, &commit.id().to_string(), folder, counting)?.into_iter().map(lines_of).collect())
}
