//! Files that one member packed as an archive and another committed unpacked: whoever unpacked them need not have written them.

use std::collections::{BTreeMap, BTreeSet};

use git2::Repository;
use stackmark_collect::classify::is_archive_of_work;
use stackmark_collect::packed::{Committed, Lists};
use stackmark_collect::tree::TreeFile;
use stackmark_evidence::git::Head;
use stackmark_evidence::{SetAside, SetAsideKind};

use super::archives::{LARGEST, may_be_work};
use super::attribution::Attribution;
use super::diff::{ExcludedFile, Status};
use super::printed::{EXAMPLES, printable};
use super::record::History;
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
        let unpacked: BTreeSet<String> = (entries.iter())
            .filter(|entry| may_be_work(entry) && committed.has(entry))
            .map(|entry| file_name(&entry.name).to_owned())
            .collect();
        // The newest commits come first.
        for (newer, (commit, attribution)) in pairs().take(place) {
            if attribution.author_member().is_none_or(|author| author == member) {
                continue;
            }
            let added = commit.change.files.iter().filter(|it| it.status == Status::Added && it.added > 0);
            for it in added.filter(|it| unpacked.contains(file_name(&it.path))) {
                found.insert(it.path.as_str(), it.added);
                commits.insert(newer);
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

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
