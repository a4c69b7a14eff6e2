//! Files that one member packed as an archive and another committed unpacked: whoever unpacked them need not have written them.
//!
//! A name in common says nothing: the content has to be the packed one, and to be nowhere when it was packed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::{Odb, Oid, Repository};
use stackmark_collect::classify::is_archive_of_work;
use stackmark_collect::packed::{Committed, Entry, Lists};
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::git::Head;
use stackmark_evidence::{SetAside, SetAsideKind};

use super::archives::{LARGEST, may_be_work};
use super::attribution::Attribution;
use super::diff::{ExcludedFile, Status};
use super::printed::{EXAMPLES, printable};
use super::record::{History, Record};
use super::rounded;
use super::tree::{self, ObjectDatabase};

/// Versions of archives that are looked into.
const MOST_ARCHIVES: usize = 20;

/// Those of the graded commit, beside all lines of people; none where each member unpacked only what was that member's.
pub(super) fn set_aside(
    repo: &Repository,
    head: &Head,
    history: &History,
    attributions: &[Attribution],
) -> Option<SetAside> {
    let pairs = || history.commits.iter().zip(attributions).enumerate();
    let is_archive = |file: &&ExcludedFile| {
        file.status != Status::Deleted && file.reason == "binary" && is_archive_of_work(&file.path)
    };
    let mut archives: Vec<(usize, usize, &ExcludedFile)> = Vec::new();
    for (place, (commit, attribution)) in pairs() {
        let Some(member) = attribution.author_member() else { continue };
        archives.extend(commit.change.excluded.iter().filter(is_archive).map(|file| (place, member, file)));
    }
    if archives.is_empty() {
        return None;
    }
    let files = tree::files(repo, &head.commit, None).ok()?;
    let database = ObjectDatabase(repo);
    let mut committed = Committed::of(&database, &files, LARGEST);
    let mut lists = Lists::of(&database, LARGEST);
    let odb = repo.odb().ok()?;
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    let mut commits: BTreeSet<usize> = BTreeSet::new();
    for (place, member, file) in archives.into_iter().take(MOST_ARCHIVES) {
        let Ok((size, _)) = odb.read_header(file.id) else { continue };
        let (path, id) = (file.path.clone(), tree::bytes_of(file.id));
        let archive = TreeFile { path, id, size: size as u64, link: false, missing: false, aside: None };
        let Ok(entries) = lists.list(&archive) else { continue };
        let packer = &history.commits[place];
        let beside = tree::files(repo, &packer.id.to_string(), None).unwrap_or_default();
        let mut beside = Committed::of(&database, &beside, LARGEST);
        let unpacked: Vec<&Entry> =
            (entries.iter()).filter(|entry| may_be_work(entry) && committed.has(entry) && !beside.has(entry)).collect();
        if unpacked.is_empty() {
            continue;
        }
        // What was taken out before it was packed.
        let older = history.commits[place..].iter().flat_map(|commit| &commit.change.files);
        let former: BTreeSet<Oid> = older.filter_map(|file| file.old_id).collect();
        // The newest commits come first.
        for (newer, (commit, attribution)) in pairs().take(place) {
            if attribution.author_member().is_none_or(|author| author == member) {
                continue;
            }
            let added = commit.change.files.iter().filter(|it| it.status == Status::Added && it.added > 0);
            for it in added {
                let named: Vec<&Entry> =
                    unpacked.iter().copied().filter(|entry| file_name(&entry.name) == file_name(&it.path)).collect();
                let blob = if named.is_empty() { None } else { blob_of(repo, &odb, commit, &it.path) };
                let Some(blob) = blob.filter(|blob| !former.contains(&tree::id_of(blob))) else { continue };
                let blob = [blob];
                let mut content = Committed::of(&database, &blob, LARGEST);
                if named.into_iter().any(|entry| content.has(entry)) {
                    found.insert(it.path.as_str(), it.added);
                    commits.insert(newer);
                }
            }
        }
    }
    let lines: u64 = found.values().sum();
    let of_people = pairs().filter(|(_, (_, attribution))| attribution.is_of_people());
    let all: u64 = of_people.map(|(_, (commit, _))| commit.change.added()).sum();
    let what = match found.len() {
        0 => return None,
        1 => "1 file that one member packed as an archive and another committed".to_owned(),
        n => format!("{n} files that one member packed as an archive and another committed"),
    };
    Some(SetAside {
        kind: SetAsideKind::Unpacked,
        what,
        files: found.len() as u64,
        commits: commits.len() as u64,
        lines: Some(lines),
        share: Some(rounded(lines as f64 / all.max(1) as f64)),
        examples: found.keys().take(EXAMPLES).map(|path| printable(path)).collect(),
    })
}

/// What a commit has at a path; `None` where the object is not in the repository.
fn blob_of(repo: &Repository, odb: &Odb<'_>, commit: &Record, path: &str) -> Option<TreeFile> {
    let tree = repo.find_commit(commit.id).and_then(|commit| commit.tree()).ok()?;
    let id = tree.get_path(Path::new(path)).ok()?.id();
    let (size, _) = odb.read_header(id).ok()?;
    let (path, id) = (path.to_owned(), tree::bytes_of(id));
    Some(TreeFile { path, id, size: size as u64, link: false, missing: false, aside: None })
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
