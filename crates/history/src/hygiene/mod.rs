//! What should never have been committed, in any graded commit, and dates that are out of order.
//!
//! What was taken out again is still in every clone: a secret of the first commit is as public as one of the last.

mod chronology;
mod files;
mod secrets;

use git2::{Oid, Repository};

pub(super) use self::secrets::{Sighting, added_secrets};
use super::walk::History;
use crate::tree;
use stackmark_evidence::git::Hygiene;
use stackmark_evidence::{Cause, Reading, Unreadable};

/// How many paths or commits are named for each kind.
const EXAMPLES: usize = 5;

/// Looks at every file of the graded tree below `folder`, and at what every commit of `history` added.
///
/// `now` is in seconds since the epoch. `Absent` where the folder is not in the graded tree; `Unreadable` where an object
/// of the graded tree is missing or damaged. Where the history could not be read, the reading says so and holds what the
/// graded tree shows.
pub(super) fn measure(
    repo: &Repository,
    head: &str,
    folder: Option<&str>,
    history: Result<&History, &Unreadable>,
    now: i64,
) -> Reading<Hygiene> {
    match Oid::from_str(head) {
        Ok(head) => measure_at(repo, head, folder, history, now).unwrap_or_else(Reading::Unreadable),
        Err(error) => Reading::unreadable(Cause::Malformed, format!("graded commit {head}: {}", error.message())),
    }
}

fn measure_at(
    repo: &Repository,
    head: Oid,
    folder: Option<&str>,
    history: Result<&History, &Unreadable>,
    now: i64,
) -> Result<Reading<Hygiene>, Unreadable> {
    let graded = tree::list(repo, head, folder)?;
    if let (true, Some(folder)) = (graded.is_empty(), folder) {
        return Ok(Reading::absent(format!("there is no folder {folder} at the graded commit")));
    }
    let commits = history.map_or(&[][..], |history| &history.commits);
    let (secrets, not_searched) = secrets::find(repo, commits, &graded)?;
    let large = files::large(commits, &graded);
    Ok(Reading::observed(Hygiene {
        secrets,
        junk: files::junk(commits, &graded),
        large_files: large.len() as u64,
        large_bytes: large.iter().map(|file| file.bytes).sum(),
        large: large.into_iter().take(files::LARGEST).collect(),
        dates: chronology::odd_dates(commits, now),
        not_searched,
        history_unread: history.err().map(|failure| failure.to_string()),
    }))
}
