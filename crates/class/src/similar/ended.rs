//! What ended the process that reads a team's repository is remembered, and the next run does not walk into it again.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stackmark_collect::SharedProgress;
use stackmark_evidence::Unreadable;

use super::Asked;
use crate::job::TeamJob;
use crate::store;
use crate::worker::{self, Task};

/// The file of it, beside the team's evidence.
pub const ENDED: &str = "similar-ended.json";

/// By the part of the hidden command that was ended.
type Ended = BTreeMap<String, Remembered>;

/// One process that the repository ended.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    /// A hash of the roster's entry, the limits and the program: with another one, it is tried again.
    key: String,
    /// RFC 3339.
    at: String,
    /// What ended it.
    why: Unreadable,
}

/// As [`worker::ask`], but for a repository that ended such a process before, under the same limits: that failure stands,
/// unless all is to be read anew.
///
/// # Errors
/// What ended the process, now or before, or what this machine lacked.
pub(super) fn ask<Q: Serialize, A: DeserializeOwned>(
    asked: &Asked<'_>,
    job: &TeamJob,
    part: &str,
    task: &Task<Q>,
    progress: SharedProgress,
) -> Result<Option<A>, String> {
    let path = asked.results.team(&job.team.id, ENDED);
    let key = worker::hash_of(&task.limits, &(&task.source, &job.team.folder, &task.limits));
    let mut ended = read(&path);
    if let Some(before) = ended.get(part).filter(|before| !asked.fresh && key.as_ref() == Some(&before.key)) {
        return Err(format!("{}; that was on {}, and it is not read again without --fresh", before.why, before.at));
    }
    let answer = worker::ask(part, task, Some(progress));
    let changed = match (answer.as_ref().err().filter(|why| worker::is_of_the_repository(why)), key) {
        (Some(why), Some(key)) => {
            let now = Remembered { key, at: asked.now.clone(), why: why.clone() };
            ended.insert(part.to_owned(), now);
            true
        }
        _ => ended.remove(part).is_some(),
    };
    if changed {
        write(&path, &ended)?;
    }
    answer.map_err(|failure| failure.to_string())
}

/// What is remembered of a team; nothing where it cannot be read, and its repository is tried again.
fn read(path: &Path) -> Ended {
    store::read(path).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn write(path: &Path, ended: &Ended) -> Result<(), String> {
    let text = serde_json::to_string(ended).map_err(|error| error.to_string())?;
    store::write(path, &format!("{text}\n")).map_err(|error| error.to_string())
}
