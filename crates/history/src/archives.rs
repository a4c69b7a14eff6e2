//! Archives in which a member's work may be that is nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Oid, Repository};
use stackmark_collect::classify::{is_archive_of_work, is_written, why_excluded};
use stackmark_collect::packed::{Committed, Entry, Lists};
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::git::Head;

use super::tree::{self, ObjectDatabase};

/// Largest archive that is looked into, and file that is compared with what it holds.
pub(super) const LARGEST: u64 = 20 << 20;

/// Of `archives`, by path, those that hold what people write and the graded commit does not have, be it in another version that
/// is as large, and those that cannot be listed.
pub(super) fn with_work<'h>(repo: &Repository, head: &Head, archives: &BTreeMap<&'h str, Oid>) -> BTreeSet<&'h str> {
    let Ok(files) = tree::files(repo, &head.commit, None) else { return archives.keys().copied().collect() };
    let database = ObjectDatabase(repo);
    let mut committed = Committed::of(&database, &files, LARGEST);
    let mut lists = Lists::of(&database, LARGEST);
    let odb = repo.odb();
    let mut found = BTreeSet::new();
    for (path, id) in archives {
        // Git may hold far more than it stores: the size is asked for before the content.
        let size = odb.as_ref().ok().and_then(|odb| odb.read_header(*id).ok()).map(|(size, _)| size as u64);
        let (size, missing) = (size.unwrap_or(0), size.is_none());
        let path_of = (*path).to_owned();
        let archive = TreeFile { path: path_of, id: tree::bytes_of(*id), size, link: false, missing, aside: None };
        let listed = lists.list(&archive);
        let is_new = |entry: &Entry| may_be_work(entry) && !committed.has_version(entry) && !committed.has(entry);
        if listed.ok().is_none_or(|entries| entries.iter().any(is_new)) {
            found.insert(*path);
        }
    }
    found
}

/// Whether people may have written a packed file.
pub(super) fn may_be_work(entry: &Entry) -> bool {
    let is_text = is_written(&entry.name) && why_excluded(&entry.name, None).is_none();
    entry.size > 0 && !entry.is_of_a_tool() && (is_text || is_archive_of_work(&entry.name))
}
