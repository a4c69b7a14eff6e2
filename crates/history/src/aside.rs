//! What the measures of the history did not look into, and how large a part of the whole that may be.
//!
//! Libraries, lock files, data and what says that a tool made it are nobody's work and leave nothing open. What is left
//! here may be a member's: code in a folder called `build`, files in Git LFS, another repository in a folder of this one.

use std::collections::{BTreeMap, BTreeSet};

use git2::{Oid, Repository};
use stackmark_collect::classify::{
    LFS_POINTER, UNDECODABLE, doubtful_folder, is_archive_of_work, is_written, why_excluded,
};
use stackmark_collect::counting::{FOLDER_NAME, FolderKind, kind_of};
use stackmark_collect::notebook;
use stackmark_evidence::git::{Head, Outside, OutsideAuthor};
use stackmark_evidence::{SetAside, SetAsideKind};

use super::archives;
use super::attribution::Attribution;
use super::diff::{ExcludedFile, OUTSIDE, Status, TOO_LARGE};
use super::imports;
use super::printed::{EXAMPLES, printable};
use super::record::{History, Record};
use super::rounded;

/// Readings over all lines or commits, to which it applies.
pub(super) const READINGS: [&str; 5] = ["commits", "contribution", "atomicity", "messages", "coordination"];

/// Those of them that tell the members apart.
pub(super) const BY_MEMBER: [&str; 2] = ["contribution", "coordination"];

/// The one of them that tells the days.
pub(super) const OF_DAYS: &str = "coordination";

/// What a line of code has, at a guess.
pub(super) const LINE_BYTES: u64 = 40;

/// Files of one kind, by path, each with the bytes of its largest version.
type Files<'h> = BTreeMap<&'h str, u64>;

/// What was set aside of the commits, by kind.
pub(super) fn of_history(
    repo: &Repository,
    head: &Head,
    history: &History,
    attributions: &[Attribution],
) -> Vec<SetAside> {
    let records = || history.commits.iter().chain(&history.elsewhere);
    let mut kinds: BTreeMap<SetAsideKind, Files<'_>> = BTreeMap::new();
    // The newest of each, for the newest commits come first.
    let mut packed: BTreeMap<&str, Oid> = BTreeMap::new();
    let mut named: Files<'_> = BTreeMap::new();
    // What git subtree squashed stands at the root, and belongs to a folder: it is told as what was put in.
    let files = records().flat_map(|record| {
        let is_put_in = imports::holder(record).is_some();
        record.change.excluded.iter().filter(move |file| !(is_put_in && file.reason == OUTSIDE))
    });
    for file in files.filter(|file| file.status != Status::Deleted) {
        let files = match kind(file) {
            Some(SetAsideKind::ExcludedPath) => &mut named,
            Some(SetAsideKind::Archive) => {
                packed.entry(file.path.as_str()).or_insert(file.id);
                kinds.entry(SetAsideKind::Archive).or_default()
            }
            Some(kind) => kinds.entry(kind).or_default(),
            None => continue,
        };
        let bytes = files.entry(file.path.as_str()).or_default();
        *bytes = (*bytes).max(file.bytes.unwrap_or(0));
    }
    if let Some(files) = kinds.get_mut(&SetAsideKind::Archive) {
        let with_work = archives::with_work(repo, head, &packed);
        files.retain(|path, _| with_work.contains(path));
    }
    kinds.retain(|_, files| !files.is_empty());
    // A folder that the graded commit does not hold any more is told by what stood in it.
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in named.keys().copied() {
        if let Some((folder, _)) = doubtful_folder(path) {
            folders.entry(folder).or_default().push(path);
        }
    }
    let changes = || records().map(|record| &record.change);
    let mut there: BTreeSet<&str> = changes().flat_map(|change| &change.files).map(|file| file.path.as_str()).collect();
    there.extend(changes().flat_map(|change| &change.excluded).map(|file| file.path.as_str()));
    let foreign: BTreeSet<&str> = (folders.iter())
        .filter(|(folder, paths)| kind_of(folder, paths, &|path| there.contains(path)) == FolderKind::Foreign)
        .map(|(folder, _)| *folder)
        .collect();
    named.retain(|path, _| doubtful_folder(path).is_some_and(|(folder, _)| !foreign.contains(folder)));
    if !named.is_empty() {
        kinds.insert(SetAsideKind::ExcludedPath, named);
    }
    let counted: u64 = history.commits.iter().map(|commit| commit.change.added()).sum();
    let of_people = history.commits.iter().zip(attributions).filter(|(_, attribution)| attribution.is_of_people());
    let of_people: Vec<&Record> = of_people.map(|(commit, _)| commit).collect();
    kinds.into_iter().map(|(kind, files)| told(&of_people, kind, &files, counted)).collect()
}

/// Commits on other branches: `commits` of people, made in time, and held by the graded history in no form; beside them
/// the `graded` ones.
pub(super) fn of_branches(outside: &Outside, commits: u64, graded: u64) -> Option<SetAside> {
    if commits == 0 {
        return None;
    }
    let branches: Vec<String> = (outside.branches.iter())
        .filter(|branch| branch.commits > branch.copied)
        .take(EXAMPLES)
        .map(|branch| branch.name.clone())
        .collect();
    Some(SetAside {
        kind: SetAsideKind::OtherBranch,
        what: format!("{} on branches that the graded commit does not hold", counted(commits, "commit")),
        files: 0,
        commits,
        lines: None,
        share: Some(rounded(commits as f64 / (commits + graded) as f64)),
        examples: branches,
    })
}

/// Commits made in time on other branches, on days of which the graded history has nothing, where later commits are not
/// graded either: a squash after the deadline leaves what it took over behind. Only trials, where nothing came later.
pub(super) fn of_days_elsewhere(outside: &Outside, commits: u64, days: u64, head: &Head) -> Option<SetAside> {
    let found = of_branches(outside, commits, 0).filter(|_| days > 0 && head.commits_after_deadline > 0)?;
    let days = counted(days, "further day");
    Some(SetAside { what: format!("{}, made in time on {days}", found.what), share: None, ..found })
}

/// Members all of whose commits stand on other branches: what a squash took over, or nobody merged.
pub(super) fn of_members_elsewhere(outside: &Outside) -> Option<SetAside> {
    let members: Vec<&OutsideAuthor> =
        outside.authors.iter().filter(|author| author.only_outside && author.member.is_some()).collect();
    let names: Vec<&str> = members.iter().map(|author| author.name.as_str()).collect();
    (!members.is_empty()).then(|| SetAside {
        kind: SetAsideKind::OtherBranch,
        what: format!("all commits of {}, on branches that the graded commit does not hold", names.join(", ")),
        files: 0,
        commits: members.iter().map(|author| author.commits).sum(),
        lines: None,
        share: None,
        examples: Vec::new(),
    })
}

/// Why a file that was set aside may be a member's work all the same; `None` where it is not.
fn kind(file: &ExcludedFile) -> Option<SetAsideKind> {
    match file.reason {
        FOLDER_NAME => Some(SetAsideKind::ExcludedPath),
        LFS_POINTER => Some(SetAsideKind::LfsPointer),
        UNDECODABLE => Some(SetAsideKind::Undecodable),
        "binary" if is_archive_of_work(&file.path) => Some(SetAsideKind::Archive),
        notebook::UNREADABLE => Some(SetAsideKind::Notebook),
        // Nobody writes so much text by hand; a notebook is large by what its cells printed.
        TOO_LARGE if notebook::is_notebook(&file.path) => Some(SetAsideKind::OverLimit),
        "submodule" => Some(SetAsideKind::OtherRepository),
        // Other folders are other assignments'; what lies at the root may belong to this one.
        OUTSIDE if !file.path.contains('/') && is_written(&file.path) && why_excluded(&file.path, None).is_none() => {
            Some(SetAsideKind::OutsideFolder)
        }
        _ => None,
    }
}

/// `commits` are those of people: what a pipeline puts in beside them is nobody's part of the whole.
fn told(commits: &[&Record], kind: SetAsideKind, files: &Files<'_>, counted_lines: u64) -> SetAside {
    let lines: u64 = files.values().map(|bytes| bytes.div_ceil(LINE_BYTES)).sum();
    // Of what is elsewhere nobody knows how much it is.
    let is_here = !matches!(kind, SetAsideKind::OtherRepository | SetAsideKind::LfsPointer);
    let holds_nothing_else = |commit: &&&Record| {
        let change = &commit.change;
        change.lines() == 0 && change.excluded.iter().any(|file| files.contains_key(file.path.as_str()))
    };
    let single = commits.iter().filter(|commit| !commit.is_merge()).count() as u64;
    let commits = commits.iter().filter(holds_nothing_else).count() as u64;
    let part = |part: u64, all: u64| if all == 0 { 0.0 } else { part as f64 / all as f64 };
    // A packed file's size says nothing of the lines in it.
    let (lines, of_lines) = match kind {
        SetAsideKind::Archive => (None, 0.0),
        _ => (is_here.then_some(lines), part(lines, lines + counted_lines)),
    };
    let share = of_lines.max(part(commits, single));
    let mut by_size: Vec<(&str, u64)> = files.iter().map(|(path, bytes)| (*path, *bytes)).collect();
    by_size.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    SetAside {
        kind,
        what: what(kind, files.len() as u64),
        files: files.len() as u64,
        commits,
        lines,
        share: is_here.then(|| rounded(share)),
        examples: by_size.iter().take(EXAMPLES).map(|(path, _)| printable(path)).collect(),
    }
}

/// Names files of a kind.
fn what(kind: SetAsideKind, files: u64) -> String {
    let of = counted(files, "file");
    match kind {
        SetAsideKind::ExcludedPath => format!("{of} in folders named for generated files or libraries"),
        SetAsideKind::Notebook => format!("{} that cannot be read", counted(files, "notebook")),
        SetAsideKind::OtherRepository => {
            format!("{} to another repository, whose files are not here", counted(files, "link"))
        }
        SetAsideKind::LfsPointer => format!("{of} in Git LFS, of which only a pointer is here"),
        SetAsideKind::Undecodable => format!("{of} that hold no readable text"),
        SetAsideKind::Archive => {
            format!("{of} packed as an archive with files that are nowhere else, or that cannot be listed")
        }
        SetAsideKind::OverLimit => format!("{of} larger than what is read"),
        SetAsideKind::OutsideFolder => format!("{of} at the repository's root, outside of the graded folder"),
        SetAsideKind::OtherBranch | SetAsideKind::Dates | SetAsideKind::Imported | SetAsideKind::Unpacked => of,
    }
}

fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
