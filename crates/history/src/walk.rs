//! The commits that are graded, each read once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use encoding_rs::{Encoding, WINDOWS_1252};
use git2::{Oid, Repository, Sort};
use rayon::prelude::*;

use super::contents::Contents;
use super::counted;
use super::diff;
use super::diff_words::DiffWords;
use super::home::Home;
use super::hygiene;
use super::lack::unreadable;
use super::lines;
use super::merge::{self, Source};
use super::printed::printable;
use super::record::{Change, FileChange, History, Node, Record};
use super::units;
use super::web_flow;
use crate::repo::{SHALLOW, again, cause_of, check_tree, find_commit, how_to_complete, is_over_cap, over_cap};
use stackmark_collect::Progress;
use stackmark_collect::counting::Counting;
use stackmark_collect::redact::Redacted;
use stackmark_evidence::git::Person;
use stackmark_evidence::{Cause, Unreadable};

/// Runs that a thread takes one after the other: enough that none waits long for the last.
const RUNS_PER_THREAD: usize = 8;
/// An octopus has eight arms; a commit with thousands of parents is compared with each.
const MAX_PARENTS: usize = 100;
/// Bytes of a message that are read; the rest is left out, and said.
const MAX_MESSAGE_BYTES: usize = 64 << 10;
/// Bytes of a name or an address that are read.
const MAX_NAME_BYTES: usize = 1 << 10;
/// More commits than this are refused: the largest courses have some thousands.
const MAX_COMMITS: usize = 200_000;
/// A shorter run is not worth a handle of its own.
const MIN_RUN: usize = 16;

/// Ids of the graded commits, newest first: children before parents, later committer dates first.
///
/// # Errors
/// `Shallow` for a shallow clone; `Malformed` where the history is damaged, or the base commit is not in it.
pub(super) fn ids(repo: &Repository, head: &str, base: Option<&str>) -> Result<Vec<Oid>, Unreadable> {
    if repo.is_shallow() {
        return Err(Unreadable::new(Cause::Shallow, SHALLOW));
    }
    let damaged =
        |error: git2::Error| unreadable(Cause::Malformed, format!("history of {head}: {}", error.message()), &error);
    let start = Oid::from_str(head).map_err(damaged)?;
    let mut walk = repo.revwalk().map_err(damaged)?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME).map_err(damaged)?;
    walk.push(start).map_err(damaged)?;
    if let Some(base) = base {
        let commit = find_commit(repo, base).map_err(|error| {
            let message = error.message();
            let what = format!("base commit {base} is not in the repository: correct it in the roster ({message})");
            unreadable(Cause::Malformed, what, &error)
        })?;
        walk.hide(commit.id()).map_err(damaged)?;
    }
    let ids: Vec<Oid> = walk.take(MAX_COMMITS + 1).collect::<Result<_, _>>().map_err(damaged)?;
    if ids.len() > MAX_COMMITS {
        let what = format!("history of {head}: more than the cap of {MAX_COMMITS} commits");
        return Err(Unreadable::new(Cause::Refused, what));
    }
    Ok(ids)
}

/// Reads and diffs every graded commit, on all processors.
///
/// # Errors
/// `Malformed`, naming the first commit that needs an object which is missing or damaged; `Refused` where it is over a cap.
pub(super) fn read(
    repo: &Repository,
    head: &str,
    base: Option<&str>,
    folder: Option<&str>,
    progress: &dyn Progress,
) -> Result<History, Unreadable> {
    read_counted(repo, head, base, folder, &counted::at(repo, head, folder, Counting::default()), progress)
}

/// The same, where it is known what counts.
///
/// # Errors
/// As [`read`].
pub(super) fn read_counted(
    repo: &Repository,
    head: &str,
    base: Option<&str>,
    folder: Option<&str>,
    counting: &Counting,
    progress: &dyn Progress,
) -> Result<History, Unreadable> {
    let (history, failures) = read_what_is_there(repo, head, base, folder, counting, progress)?;
    let Some((id, error)) = failures.first() else { return Ok(history) };
    let others = if failures.len() > 1 { format!(", and {} more commits", failures.len() - 1) } else { String::new() };
    let reason = error.message();
    // A cap of ours is no damage, and fetching again changes nothing.
    let advice = if is_over_cap(error) { "look at what that commit holds" } else { how_to_complete(repo) };
    Err(unreadable(cause_of(error), format!("commit {id} cannot be read: {reason}{others}; {advice}"), error))
}

/// The same for who measures commits one by one: those that cannot be read stand beside the others.
///
/// # Errors
/// `Malformed` where the history itself is cut or damaged.
pub(super) fn read_what_is_there(
    repo: &Repository,
    head: &str,
    base: Option<&str>,
    folder: Option<&str>,
    counting: &Counting,
    progress: &dyn Progress,
) -> Result<(History, Vec<(Oid, git2::Error)>), Unreadable> {
    let ids = ids(repo, head, base)?;
    let home = Home::trace(repo, &ids, folder)
        .map_err(|error| unreadable(cause_of(&error), format!("history of {head}: {}", error.message()), &error))?;
    let done = AtomicUsize::new(0);
    let path = repo.path();
    // A handle is not shared between threads. Neighbours in the history share contents, so that a thread takes a run.
    let run = (ids.len() / (rayon::current_num_threads() * RUNS_PER_THREAD)).max(MIN_RUN);
    let commits: Vec<Result<Record, git2::Error>> = (ids.par_chunks(run).enumerate())
        .flat_map_iter(|(index, ids_of_run)| {
            let records = read_run(path, ids_of_run, index * run, &home, counting, || {
                let count = done.fetch_add(1, Ordering::Relaxed) + 1;
                if count.is_multiple_of(100) {
                    progress.step(&format!("reading the history: {count} of {} commits", ids.len()));
                }
            });
            match records {
                Ok(records) => records,
                Err(error) => ids_of_run.iter().map(|_| Err(again(&error))).collect(),
            }
        })
        .collect();
    let mut failures = Vec::new();
    let mut read = Vec::with_capacity(commits.len());
    let mut elsewhere = Vec::new();
    let mut lineage = Vec::with_capacity(commits.len());
    let places: HashMap<Oid, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    for (id, commit) in ids.iter().zip(commits) {
        match commit {
            Ok(record) => {
                let parents = record.parents.iter().map(|parent| places.get(parent).copied()).collect();
                let record_at = (!record.elsewhere).then_some(read.len());
                lineage.push(Node { parents, record: record_at });
                if record.elsewhere {
                    elsewhere.push(record);
                } else {
                    read.push(record);
                }
            }
            Err(error) => {
                lineage.push(Node { parents: Vec::new(), record: None });
                failures.push((*id, error));
            }
        }
    }
    Ok((History { commits: read, elsewhere, lineage }, failures))
}

/// Reads commits that follow each other; `first` is the place of the first in the history.
fn read_run(
    path: &Path,
    ids: &[Oid],
    first: usize,
    home: &Home,
    counting: &Counting,
    done: impl Fn(),
) -> Result<Vec<Result<Record, git2::Error>>, git2::Error> {
    let repo = Repository::open(path)?;
    let mut contents = Contents::of(&repo);
    let records = ids.iter().enumerate().map(|(index, id)| {
        let record = record(&repo, &mut contents, *id, home, counting, first + index);
        done();
        record
    });
    Ok(records.collect())
}

fn record(
    repo: &Repository,
    contents: &mut Contents<'_>,
    id: Oid,
    home: &Home,
    counting: &Counting,
    position: usize,
) -> Result<Record, git2::Error> {
    let commit = repo.find_commit(id)?;
    let parents: Vec<Oid> = commit.parent_ids().collect();
    if parents.len() > MAX_PARENTS {
        return Err(over_cap("it has more than", MAX_PARENTS, "parents"));
    }
    check_tree(repo, commit.tree_id())?;
    let (change, changes, elsewhere) = if parents.len() > 1 {
        let trees = parents.iter().map(|parent| repo.find_commit(*parent)?.tree()).collect::<Result<Vec<_>, _>>()?;
        let tree = commit.tree()?;
        let merged = merge::of(repo, contents, &trees, &tree, counting, |path| home.holds(path, position))?;
        let secrets = hygiene::merged_secrets(repo, contents, &tree, &merged)?;
        (Change { merged, secrets, ..Change::default() }, false, !home.concerns_merge(repo, &commit, position)?)
    } else {
        let old = parents.first().map(|parent| repo.find_commit(*parent)?.tree()).transpose()?;
        let tree = commit.tree()?;
        let diff = diff::between(repo, contents, old.as_ref(), &tree, counting, |path| home.holds(path, position))?;
        let outside = diff.excluded.iter().filter(|file| file.reason == diff::OUTSIDE).count();
        let elsewhere = diff.files.is_empty() && outside > 0 && outside == diff.excluded.len();
        let changes = diff.changes;
        (digest(diff), changes, elsewhere)
    };
    let (subject, body) = text_of(&commit);
    Ok(Record {
        id,
        parents,
        author: person(&commit, &commit.author()),
        committer: person(&commit, &commit.committer()),
        authored: commit.author().when(),
        committed: commit.time(),
        is_signed_by_github: commit.header_field_bytes("gpgsig").is_ok_and(|gpgsig| web_flow::signed(&gpgsig)),
        subject,
        body,
        change,
        changes,
        elsewhere,
        place: position,
    })
}

/// Author and message of a commit, without its diff.
pub(super) fn people_of(repo: &Repository, id: Oid) -> Result<(Person, String), git2::Error> {
    let commit = repo.find_commit(id)?;
    Ok((person(&commit, &commit.author()), message_of(&commit).into_string()))
}

fn digest(diff: diff::CommitDiff) -> Change {
    let files = (diff.files.iter())
        .map(|file| {
            let (added, deleted) = file.counts();
            let (path, old_path) = (printable(&file.path), printable(&file.old_path));
            let likeness = file.likeness.as_ref().map(|former| Source {
                parent: 0,
                old_path: printable(&former.old_path),
                old_id: former.old_id,
                passages: lines::passages_of(&former.hunks),
            });
            FileChange { path, old_path, status: file.status, old_id: file.old_id, likeness, added, deleted }
        })
        .collect();
    let passages = lines::of(&diff);
    let words = DiffWords::of(&diff);
    let secrets = hygiene::added_secrets(&diff);
    let units::Units { units, identifiers, identifier_parts } = units::of(&diff);
    Change {
        files,
        excluded: diff.excluded,
        passages,
        units,
        identifiers,
        identifier_parts,
        words,
        secrets,
        ..Change::default()
    }
}

/// The subject of a commit as it may be quoted, and as records of the history have it.
pub(crate) fn subject_of(commit: &git2::Commit<'_>) -> String {
    text_of(commit).0
}

/// Subject and body of a commit, as records of the history have them.
pub(super) fn text_of(commit: &git2::Commit<'_>) -> (String, String) {
    split_message(&message_of(commit))
}

/// Who signs, as records of the history have it.
pub(super) fn person(commit: &git2::Commit<'_>, signature: &git2::Signature<'_>) -> Person {
    Person {
        name: printable(&decoded(commit, beginning(signature.name_bytes(), MAX_NAME_BYTES))),
        email: printable(&decoded(commit, beginning(signature.email_bytes(), MAX_NAME_BYTES))),
    }
}

/// A commit's message, as far as it is read. Its secrets are taken out here, where it is whole: a key whose first line is the
/// subject would be none in the body any more.
fn message_of(commit: &git2::Commit<'_>) -> Redacted {
    let bytes = commit.message_bytes();
    let read = printable(&decoded(commit, beginning(bytes, MAX_MESSAGE_BYTES)));
    let clean = Redacted::of(&read);
    match bytes.len().checked_sub(MAX_MESSAGE_BYTES) {
        Some(left) if left > 0 => {
            Redacted::of(&format!("{}\n[{left} more bytes of the message were not read]", clean.as_str()))
        }
        _ => clean,
    }
}

/// The first bytes of a text, ending with a line or else with a character where that is near.
fn beginning(text: &[u8], most: usize) -> &[u8] {
    if text.len() <= most {
        return text;
    }
    let cut = &text[..most];
    match cut.iter().rposition(|byte| *byte == b'\n') {
        Some(line) if line > most / 2 => &cut[..line],
        _ => {
            let whole =
                cut.iter().rev().take(4).position(|byte| (*byte as i8) >= -0x40).map_or(most, |back| most - 1 - back);
            &cut[..whole]
        }
    }
}

/// Text of a commit: UTF-8 where it is that, else in the encoding that the commit declares, else Western European.
fn decoded<'t>(commit: &git2::Commit<'_>, bytes: &'t [u8]) -> Cow<'t, str> {
    let declared = commit.message_encoding().ok().flatten();
    let declared = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    match std::str::from_utf8(bytes) {
        // Seven-bit text may still be in an encoding of its own, as ISO-2022-JP is.
        Ok(text) if declared.is_none() || !text.is_ascii() => text.into(),
        _ => declared.unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes).0,
    }
}

fn split_message(message: &Redacted) -> (String, String) {
    let message = message.as_str().trim();
    let (subject, body) = message.split_once('\n').unwrap_or((message, ""));
    (subject.trim_end().to_owned(), body.trim_matches('\n').trim_end().to_owned())
}
