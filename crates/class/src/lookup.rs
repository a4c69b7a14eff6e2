//! What a roster names, looked up in the repository before anything is graded: a slip of the roster's is told then, for the
//! whole class at once.

use stackmark_collect::{Limits, Progress};
use stackmark_evidence::{Cause, Reading, Unreadable};
use stackmark_history::repo;

use crate::job::TeamJob;

/// Where one team's entry leads.
#[derive(Debug, Clone, PartialEq, Eq)]
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

/// Obtains a team's repository and finds the commit and the folder in it, as grading does.
///
/// # Errors
/// What of it is not there, with what there is instead, or why the repository cannot be read.
pub fn look_up(job: &TeamJob, limits: &Limits, progress: &dyn Progress) -> Result<Found, Unreadable> {
    let obtained = repo::obtain(&job.repository, limits, progress)?;
    let head = match repo::choose_head(&obtained.repository, &job.repository) {
        Reading::Observed { value } => value,
        Reading::Absent { note } => return Err(Unreadable::new(Cause::NotCollected, note)),
        Reading::Unreadable(failure) => return Err(failure),
    };
    let mut notes = head.notes.clone();
    let mut folder = None;
    if let Some(wanted) = job.team.folder.as_deref() {
        let found = repo::find_folder(&obtained.repository, &head.commit, wanted)?;
        notes.extend(found.note);
        folder = found.path;
    }
    Ok(Found { commit: head.commit, branch: head.branch, folder, notes })
}
