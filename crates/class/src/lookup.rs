//! What a roster names, looked up in the repository before anything is graded: a slip of the roster's is told then, for the
//! whole class at once.

use serde::{Deserialize, Serialize};
use stackmark_collect::{Limits, Progress, SharedProgress};
use stackmark_evidence::{Cause, Reading, Unreadable};
use stackmark_history::repo;

use crate::job::TeamJob;
use crate::worker;

/// The part of the hidden command that looks up what the roster names.
const LOOKUP: &str = "lookup";

/// One team's repository, to be looked into in a process of its own, for the graded folder.
pub type Task = worker::Task<Option<String>>;

/// Where one team's entry leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The commit that would be graded, its full object id.
    pub commit: String,
    /// The branch that it is on.
    pub branch: Option<String>,
    /// The folder, as the repository writes it.
    pub folder: Option<String>,
    /// What is written otherwise than the roster has it: `folder "tp1" is "TP1"`.
    pub notes: Vec<String>,
}

/// Has a team's repository obtained, and the commit and the folder found in it, as grading does, in a process of its own.
///
/// # Errors
/// What of it is not there, with what there is instead, or why the repository cannot be read.
pub fn look_up(job: &TeamJob, limits: &Limits, progress: SharedProgress) -> Result<Found, Unreadable> {
    let task = Task { source: job.repository.clone(), limits: limits.clone(), question: job.team.folder.clone() };
    let asked: Option<Result<Found, Unreadable>> = worker::ask(LOOKUP, &task, Some(progress.clone()))?;
    asked.unwrap_or_else(|| read(&task, progress.as_ref()))
}

/// The same within this process.
///
/// # Errors
/// As [`look_up`].
pub fn read(task: &Task, progress: &dyn Progress) -> Result<Found, Unreadable> {
    let Task { source, limits, question: folder } = task;
    let obtained = repo::obtain(source, limits, progress)?;
    let head = match repo::choose_head(&obtained.repository, source) {
        Reading::Observed { value } => value,
        Reading::Absent { note } => return Err(Unreadable::new(Cause::NotCollected, note)),
        Reading::Unreadable(failure) => return Err(failure),
    };
    let mut notes = head.notes.clone();
    let mut found_folder = None;
    if let Some(wanted) = folder.as_deref() {
        let found = repo::find_folder(&obtained.repository, &head.commit, wanted)?;
        notes.extend(found.note);
        found_folder = found.path;
    }
    Ok(Found { commit: head.commit, branch: head.branch, folder: found_folder, notes })
}
