//! What runs in the process of a repository: it reads a task, and answers or says what it lacked.

use std::fmt::Display;
use std::io::{ErrorKind, Read, Write};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stackmark_collect::child::{self, ToParent};
use stackmark_evidence::{Lack, Unreadable};
use stackmark_history::repo;
use stackmark_render::json::sha256_hex;

use super::{Answer, Job, OfTeam, Task, rights};
use crate::repository::{FromRepository, from_obtained};

/// Reads the job from `input` and writes what was read to `output`: the body of the hidden command for a team's evidence.
///
/// # Errors
/// As [`serve_task`].
pub fn serve(input: impl Read, output: impl Write) -> std::io::Result<()> {
    serve_task(input, output, |job: Job, progress| {
        let Task { source, limits, question: OfTeam { team, wanted, known } } = job;
        let seen = known.as_ref().and_then(|known| known.offered.as_deref()).unwrap_or_default();
        let obtained = match repo::obtain_unless(&source, Some(seen), &limits, progress) {
            Ok(Some(obtained)) => Ok(obtained),
            Ok(None) => return Ok(Answer::unchanged(known)),
            Err(failure) => Err(failure),
        };
        // What was left out of a repository is not in its references.
        let whole = obtained.as_ref().ok().filter(|obtained| obtained.notes.is_empty());
        let state = whole.and_then(|obtained| repo::state(&obtained.repository).ok());
        let state = state.map(|state| sha256_hex(state.as_bytes()));
        let offered = whole.and_then(|obtained| obtained.offered.clone());
        if state.is_some() && state == known.map(|known| known.state) {
            return Ok(Answer { state, offered, read: None });
        }
        let read = from_obtained(obtained, &source, team, &wanted, &limits, progress);
        if let Some((lack, failure)) = lack_of(&read) {
            return Err(ended_by(lack, &failure.detail));
        }
        Ok(Answer { state, offered, read: Some(read) })
    })
}

/// What could not be read of the repository as a whole for what this machine lacked: memory, room on the disk, a descriptor.
/// It is a lack of the grader's, and no reading of the team's.
pub(crate) fn lack_of(read: &FromRepository) -> Option<(Lack, &Unreadable)> {
    let git = &read.git;
    let failures = [git.source.failure(), git.head.failure(), git.commits.failure(), read.code.files.failure()];
    failures.into_iter().flatten().find_map(|failure| Some((failure.lack()?, failure)))
}

/// The end of this process, for what it lacked: its last words say so, and the one who asked knows them.
fn ended_by(lack: Lack, words: &str) -> std::io::Error {
    match lack {
        Lack::Memory => std::io::Error::other("memory allocation of libgit2 failed"),
        Lack::Machine => {
            child::say_lack(words);
            std::io::Error::other(words.to_owned())
        }
    }
}

/// Why a question about a repository could not be answered.
pub trait Failed: Serialize + Display {
    /// What this process lacked, where that is the reason.
    fn for_lack_of(&self) -> Option<Lack>;
}

impl Failed for Unreadable {
    fn for_lack_of(&self) -> Option<Lack> {
        self.lack()
    }
}

/// The same in words alone, as the parent gets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Unread {
    words: String,
    /// Told in this process alone.
    lack: Option<Lack>,
}

impl Failed for Unread {
    fn for_lack_of(&self) -> Option<Lack> {
        self.lack
    }
}

impl Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl Unread {
    /// The same, with what it is about before it.
    #[must_use]
    pub fn of(self, what: &str) -> Self {
        Self { words: format!("{what}: {self}"), ..self }
    }
}

impl From<Unreadable> for Unread {
    fn from(failure: Unreadable) -> Self {
        Self { words: failure.to_string(), lack: failure.lack() }
    }
}

impl From<String> for Unread {
    fn from(words: String) -> Self {
        Self { words, lack: None }
    }
}

impl From<Unread> for String {
    fn from(unread: Unread) -> Self {
        unread.words
    }
}

/// As [`serve_task`], where `read` says what could not be read: the answer is either.
///
/// # Errors
/// As [`serve_task`]; what this machine lacked.
pub fn serve_read<Q: DeserializeOwned, A: Serialize, E: Failed>(
    input: impl Read,
    output: impl Write,
    read: impl FnOnce(&Task<Q>, &ToParent) -> Result<A, E>,
) -> std::io::Result<()> {
    serve_task(input, output, |task: Task<Q>, progress| {
        let read = read(&task, progress);
        let lack = read.as_ref().err().and_then(|why| Some((why.for_lack_of()?, why.to_string())));
        match lack {
            Some((lack, words)) => Err(ended_by(lack, &words)),
            None => Ok(read),
        }
    })
}

/// Reads a task from `input` and writes what `read` makes of it to `output`.
///
/// The process first gives up what it does not need.
///
/// # Errors
/// `input` or `output` breaks, or `read` fails.
pub fn serve_task<Q: DeserializeOwned, A: Serialize>(
    mut input: impl Read,
    mut output: impl Write,
    read: impl FnOnce(Task<Q>, &ToParent) -> std::io::Result<A>,
) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let task: Task<Q> = serde_json::from_slice(&bytes)?;
    child::give_up_rights(&rights(&task.limits))?;
    let read = read(task, &ToParent)?;
    let written = serde_json::to_writer(std::io::BufWriter::new(&mut output), &read).map_err(std::io::Error::from);
    match written.and_then(|()| output.flush()) {
        // The one who asked has gone, or has read enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_evidence::Cause;

    #[test]
    fn what_was_lacked_is_known_whatever_is_said_before_it() {
        let failure = Unreadable::new(Cause::Refused, "no memory").lacking(Some(Lack::Memory));
        let words = failure.to_string();
        let unread = Unread::from(failure).of("starter code");
        assert_eq!((unread.to_string(), unread.for_lack_of()), (format!("starter code: {words}"), Some(Lack::Memory)));
    }
}
