//! What should never have been committed, in any graded commit, and dates that are out of order.
//!
//! What was taken out again is still in every clone: a secret of the first commit is as public as one of the last.

mod chronology;
mod files;
mod secrets;

use git2::{Oid, Repository};

pub(super) use self::secrets::{added_secrets, merged_secrets};
use super::record::{History, Record};
use crate::tree;
use stackmark_collect::counting::Counting;
use stackmark_evidence::git::Hygiene;
use stackmark_evidence::{Cause, Reading, Unreadable};

/// Looks at every file of the graded tree, and at what every commit of `history` added, whatever folder is graded: who
/// has a clone has all of it.
///
/// `now` is in seconds since the epoch. `Unreadable` where an object of the graded tree is missing or damaged. Where the
/// history could not be read, the reading says so and holds what the graded tree shows.
pub(super) fn measure(
    repo: &Repository,
    head: &str,
    history: Result<&History, &Unreadable>,
    counting: &Counting,
    now: i64,
) -> Reading<Hygiene> {
    match Oid::from_str(head) {
        Ok(head) => measure_at(repo, head, history, counting, now).into(),
        Err(error) => Reading::unreadable(Cause::Malformed, format!("graded commit {head}: {}", error.message())),
    }
}

fn measure_at(
    repo: &Repository,
    head: Oid,
    history: Result<&History, &Unreadable>,
    counting: &Counting,
    now: i64,
) -> Result<Hygiene, Unreadable> {
    let graded = tree::list(repo, head, None)?;
    if let Some(failure) = tree::missing_in(&graded) {
        return Err(failure);
    }
    let mut all: Vec<&Record> = Vec::new();
    if let Ok(history) = history {
        all.extend(history.commits.iter().chain(&history.elsewhere));
    }
    all.sort_by_key(|commit| commit.place);
    let of_folder = history.map_or(&[][..], |history| &history.commits);
    let (secrets, not_searched) = secrets::find(repo, &all, &graded, counting)?;
    let large = files::large(&all, &graded);
    Ok(Hygiene {
        secrets,
        junk: files::junk(repo, &all, &graded),
        large_files: large.len() as u64,
        large_bytes: large.iter().map(|file| file.bytes).sum(),
        large: large.into_iter().take(files::LARGEST).collect(),
        dates: chronology::odd_dates(of_folder, now),
        not_searched,
        history_unread: history.err().map(|failure| failure.to_string()),
    })
}
