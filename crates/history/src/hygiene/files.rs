//! Files that do not belong in a repository, and large ones, at the graded commit and in any before it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use git2::Repository;

use super::super::diff::{OUTSIDE, Status};
use super::super::printed::{EXAMPLES, printable};
use super::super::record::Record;
use crate::tree::id_of;
use stackmark_collect::classify::{junk_kind_of, why_excluded};
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::git::{Junk, LargeFile};

/// From here a file is large.
const LARGE_BYTES: u64 = 1 << 20;
/// How many of the largest are named.
pub(super) const LARGEST: usize = 10;

/// Files that do not belong in a repository, by kind.
pub(super) fn junk(repo: &Repository, commits: &[&Record], graded: &[TreeFile]) -> Vec<Junk> {
    let graded: BTreeMap<String, &TreeFile> = graded.iter().map(|file| (printable(&file.path), file)).collect();
    let mut kinds: BTreeMap<&'static str, Junk> = BTreeMap::new();
    let mut entry = |kind: &'static str, path: &str, removed: bool| {
        let junk = kinds.entry(kind).or_insert_with(|| Junk {
            kind: kind.to_owned(),
            files: 0,
            examples: vec![],
            removed: 0,
            removed_examples: vec![],
        });
        let (count, examples) = match removed {
            true => (&mut junk.removed, &mut junk.removed_examples),
            false => (&mut junk.files, &mut junk.examples),
        };
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(path.to_owned());
        }
    };
    for (path, file) in &graded {
        let content = || Some(vec![repo.find_blob(id_of(file)).ok()?.content().to_vec()]);
        if let Some(kind) = junk_kind_of(path, || (file.size <= LARGE_BYTES).then(content).flatten()) {
            entry(kind, path, false);
        }
    }
    let removed = paths_of(commits).into_iter().map(|path| (printable(path), path));
    let removed = removed.filter(|(path, _)| !graded.contains_key(path));
    for (path, written) in removed.collect::<BTreeSet<(String, &str)>>() {
        if let Some(kind) = junk_kind_of(&path, || versions(repo, commits, written)) {
            entry(kind, &path, true);
        }
    }
    kinds.into_values().collect()
}

/// What a path held in each commit that wrote to it; `None` where one of them cannot be read.
fn versions(repo: &Repository, commits: &[&Record], path: &str) -> Option<Vec<Vec<u8>>> {
    let writes = |commit: &&&Record| {
        let counted = commit.change.files.iter().map(|file| (file.path.as_str(), file.status));
        let excluded = commit.change.excluded.iter().map(|file| (file.path.as_str(), file.status));
        counted.chain(excluded).any(|(other, status)| other == path && status != Status::Deleted)
    };
    let content = |commit: &&Record| {
        let tree = repo.find_commit(commit.id).and_then(|commit| commit.tree()).ok()?;
        let entry = tree.get_path(Path::new(path)).ok()?;
        Some(repo.find_blob(entry.id()).ok()?.content().to_vec())
    };
    commits.iter().filter(writes).map(content).collect()
}

/// Every path that a commit wrote to, once.
fn paths_of<'h>(commits: &[&'h Record]) -> HashSet<&'h str> {
    let counted = commits.iter().copied().flat_map(|commit| &commit.change.files);
    let excluded = commits.iter().copied().flat_map(|commit| &commit.change.excluded);
    let counted = counted.filter(|file| file.status != Status::Deleted).map(|file| file.path.as_str());
    let excluded = excluded.filter(|file| file.status != Status::Deleted);
    counted.chain(excluded.map(|file| file.path.as_str())).collect()
}

/// Every path that ever held more than 1 MB, with its largest version, largest first.
pub(super) fn large(commits: &[&Record], graded: &[TreeFile]) -> Vec<LargeFile> {
    let now: HashMap<&str, u64> = graded.iter().map(|file| (file.path.as_str(), file.size)).collect();
    let mut largest: BTreeMap<&str, LargeFile> = BTreeMap::new();
    // Oldest first, so that of equals the first commit stays.
    for commit in commits.iter().copied().rev() {
        for file in commit.change.excluded.iter().filter(|file| file.status != Status::Deleted) {
            let bytes = file.bytes.unwrap_or(0);
            let known = largest.get(file.path.as_str()).map_or(LARGE_BYTES, |known| known.bytes);
            if bytes <= known {
                continue;
            }
            let reason =
                if file.reason == OUTSIDE { why_excluded(&file.path, None).unwrap_or("text") } else { file.reason };
            let large = LargeFile {
                path: printable(&file.path),
                bytes,
                reason: reason.to_owned(),
                commit: Some(commit.id.to_string()),
                still_there: now.contains_key(file.path.as_str()),
            };
            largest.insert(&file.path, large);
        }
    }
    for file in graded.iter().filter(|file| file.size > LARGE_BYTES) {
        largest.entry(&file.path).or_insert_with(|| LargeFile {
            path: printable(&file.path),
            bytes: file.size,
            reason: why_excluded(&file.path, None).unwrap_or("text").to_owned(),
            commit: None,
            still_there: true,
        });
    }
    let mut largest: Vec<LargeFile> = largest.into_values().collect();
    largest.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    largest
}
