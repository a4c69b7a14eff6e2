//! A team's repository is read in a process of its own, one a team: what git stores in some few kilobytes can stand for
//! more than any machine has. `read` starts this very program again; [`serve`] is what runs there.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stackmark_collect::child::{self, Bounds, Ended, Rights};
use stackmark_collect::scratch::Scratch;
use stackmark_collect::{Limits, SharedProgress};
use stackmark_evidence::{Cause, Evidence, Team, Unreadable};
use stackmark_history::RepositorySource;
use stackmark_history::repo::{self, without_credentials};
use stackmark_render::json::sha256_hex;

use crate::machine::Machine;
use crate::measures::{self, Hashes, Kept};
use crate::repository::{FromRepository, from_repository};

mod answer;

#[cfg(test)]
pub(crate) use answer::lack_of;
pub use answer::{Failed, Unread, serve, serve_read, serve_task};

/// The hidden command that reads a repository.
pub const COMMAND: &str = "collect-repository";
/// Its part that reads a team's evidence.
pub const EVIDENCE: &str = "evidence";
/// Stands in what is said of a repository that may not be read again as it is.
const ENDED: &str = "ended the process that reads it";
/// Begins what is said where this machine is the reason, and not the team.
const OWN_LACK: &str = "the grading machine: ";
/// On a busy machine a process waits for its turn: the clock may run so many times as long as the processor works for it.
const PATIENCE: u32 = 4;
/// Room for the program itself, in the address space.
const PROGRAM_BYTES: u64 = 1 << 30;
/// What is said of the process's last words, in characters.
const MAX_WORDS: usize = 200;

/// What a process of its own is asked about a repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Task<Q> {
    /// Where the repository is.
    pub source: RepositorySource,
    /// The caps, and the program that is started.
    pub limits: Limits,
    /// What is asked.
    pub question: Q,
}

/// All that a team's evidence has of its repository.
pub(crate) type Job = Task<OfTeam>;

/// What is read of a team's repository.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OfTeam {
    pub(crate) team: Team,
    /// The readings that the rubric asks for.
    pub(crate) wanted: BTreeSet<String>,
    /// The references whose measures are kept: nothing is measured if they are still the same.
    pub(crate) known: Option<Known>,
}

/// The references whose measures are kept, as hashes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Of the references as they were read.
    state: String,
    /// Of those that a remote offered before it was read: nothing is fetched while it offers the same.
    offered: Option<String>,
}

/// What the process answers.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    /// A hash of the references; `None` if what was read does not follow from them alone.
    state: Option<String>,
    /// A hash of the references that a remote offered before it was read.
    offered: Option<String>,
    /// `None` if either is the one that is known.
    read: Option<FromRepository>,
}

impl Answer {
    /// Nothing has changed since what is known was read.
    fn unchanged(known: Option<Known>) -> Self {
        let (state, offered) = known.map_or((None, None), |known| (Some(known.state), known.offered));
        Self { state, offered, read: None }
    }
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) read: FromRepository,
    /// How many secrets were taken out of it, if it was kept by an earlier run.
    pub(crate) redactions: Option<u64>,
    /// Where it can be kept for the next run, and the hashes that tell whether anything has changed by then.
    pub(crate) keep: Option<(PathBuf, Hashes)>,
}

impl From<FromRepository> for Answered {
    fn from(read: FromRepository) -> Self {
        Self { read, redactions: None, keep: None }
    }
}

fn bounds(limits: &Limits) -> Bounds {
    let Limits { repository, clone_bytes, clone_time, .. } = limits;
    Bounds {
        memory: repository.memory,
        // Packs are mapped: once as they come, once as they are read.
        address_space: repository.memory.saturating_add(clone_bytes.saturating_mul(2)).saturating_add(PROGRAM_BYTES),
        processor: repository.time,
        clock: clone_time.saturating_add(repository.time.saturating_mul(PATIENCE)),
        answer: repository.answer,
    }
}

fn rights(limits: &Limits) -> Rights {
    let Bounds { memory, address_space, processor, .. } = bounds(limits);
    let file = limits.clone_bytes.saturating_mul(2);
    Rights { memory, address_space, seconds: processor.as_secs().max(1), file, may_open: true }
}

/// Reads the repository in a process of its own; within this one where no program is named, as in tests. What an earlier run
/// kept in the file `kept` is used again if nothing has changed.
///
/// # Errors
/// What ended the process, or that this machine could not start it.
pub(crate) fn read(job: &Job, kept: Option<&Path>, progress: SharedProgress) -> Result<Answered, Unreadable> {
    let asked = hash_of(&job.limits, job);
    let earlier: Option<Kept<FromRepository>> =
        kept.zip(asked.as_deref()).and_then(|(path, asked)| measures::earlier(path, asked));
    // Before anything of it is read: what changes in between is found the next time.
    let tips = kept.and_then(|_| repo::tips(&job.source.location)).map(|tips| sha256_hex(tips.as_bytes()));
    let earlier = match earlier {
        Some(kept) if tips.is_some() && kept.tips == tips => {
            return Ok(Answered { read: kept.read, redactions: Some(kept.redactions), keep: None });
        }
        other => other,
    };
    let mut task = job.clone();
    task.question.known = earlier.as_ref().map(|kept| Known { state: kept.state.clone(), offered: kept.tips.clone() });
    let answer: Option<Answer> = ask(EVIDENCE, &task, Some(progress.clone()))?;
    let Some(answer) = answer else {
        let OfTeam { team, wanted, .. } = &job.question;
        return Ok(from_repository(&job.source, team.clone(), wanted, &job.limits, progress.as_ref()).into());
    };
    // Only it can ask another machine.
    let tips = tips.or(answer.offered);
    match (answer.read, earlier) {
        (Some(read), _) => {
            let hashes = asked.zip(answer.state).map(|(asked, state)| Hashes { asked, state, tips });
            Ok(Answered { read, redactions: None, keep: kept.map(Path::to_path_buf).zip(hashes) })
        }
        (None, Some(Kept { state, redactions, read, tips: earlier, .. })) => {
            // Kept once more where the next run can then see sooner that nothing has changed.
            let sooner = tips.is_some() && tips != earlier;
            let hashes = asked.filter(|_| sooner).map(|asked| Hashes { asked, state, tips });
            Ok(Answered { read, redactions: Some(redactions), keep: kept.map(Path::to_path_buf).zip(hashes) })
        }
        (None, None) => Err(no_answer(&without_credentials(&job.source.location), "nothing was kept of it")),
    }
}

/// Has the repository of `task` read in a process of its own, by the part of the hidden command that `what` names; `None`
/// where no program is named, as in tests.
///
/// # Errors
/// What ended the process, or that this machine could not start it.
pub fn ask<Q: Serialize, A: DeserializeOwned>(
    what: &str,
    task: &Task<Q>,
    progress: Option<SharedProgress>,
) -> Result<Option<A>, Unreadable> {
    let location = without_credentials(&task.source.location);
    let lack = |what: String| Unreadable::new(Cause::Refused, format!("{OWN_LACK}{what}"));
    // Whatever ends the process, what it wrote is in here and goes away.
    let scratch = Scratch::new().map_err(|error| lack(error.to_string()))?;
    let Some(program) = &task.limits.repository.program else { return Ok(None) };
    let input = serde_json::to_vec(task).map_err(|error| lack(format!("the job of {location}: {error}")))?;
    let mut command = command(program, scratch.path(), &location);
    let answer = child::ask(command.arg(what), input, &bounds(&task.limits), progress)
        .map_err(|ended| why(ended, program, &location, &task.limits))?;
    serde_json::from_slice(&answer).map(Some).map_err(|error| no_answer(&location, &error.to_string()))
}

fn no_answer(location: &str, why: &str) -> Unreadable {
    Unreadable::new(Cause::Malformed, format!("{location}: what reads it gave no answer ({why})"))
}

/// A hash of what is asked, and of the program that answers; `None` if that cannot be told.
pub(crate) fn hash_of(limits: &Limits, asked: &impl Serialize) -> Option<String> {
    let program = std::fs::metadata(limits.repository.program.as_ref()?).ok()?;
    let built = program.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let asked = serde_json::to_string(asked).ok()?;
    Some(sha256_hex(format!("{} {} {asked}", program.len(), built.as_nanos()).as_bytes()))
}

/// The program with an environment that has what a clone needs, and no key of the account that grades; but for CodeCommit,
/// whose repositories are opened with it.
fn command(program: &Path, scratch: &Path, location: &str) -> Command {
    let mut command = Command::new(program);
    // Nobody is asked: it has no terminal to ask at.
    command.arg(COMMAND).env("MALLOC_ARENA_MAX", "4").env("GIT_TERMINAL_PROMPT", "0").env("GCM_INTERACTIVE", "never");
    for variable in ["TMPDIR", "TMP", "TEMP"] {
        command.env(variable, scratch);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") && !is_of_codecommit(location) {
            command.env_remove(name);
        }
    }
    command
}

/// By the host alone, and that whole: a team chooses the rest of its address, and a bucket or a balancer of its own has a
/// host that begins and ends alike.
fn is_of_codecommit(location: &str) -> bool {
    let url = url::Url::parse(location).ok();
    let Some(host) = url.as_ref().and_then(url::Url::host_str) else { return false };
    let labels: Vec<&str> = host.split('.').collect();
    let (["git-codecommit" | "git-codecommit-fips", region, "amazonaws", "com"]
    | ["git-codecommit" | "git-codecommit-fips", region, "amazonaws", "com", "cn"]) = labels[..]
    else {
        return false;
    };
    // `us-east-1`; `s3-us-west-2` is where a bucket of that name is.
    let mut parts = region.split('-');
    let (first, last) = (parts.next().unwrap_or_default(), parts.next_back().unwrap_or_default());
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    first.len() == 2 && is_word(first) && is_number && parts.all(is_word)
}

fn why(ended: Ended, program: &Path, location: &str, all: &Limits) -> Unreadable {
    let limits = &all.repository;
    let of_input = ended.is_of_its_input();
    let (cause, what) = match ended {
        Ended::NotStarted(error) => {
            let detail = format!(
                "{OWN_LACK}{} could not be started to read {location}: {error}; raise the limits of open files and \
                 processes (ulimit -n, ulimit -u), or grade with fewer jobs",
                program.display()
            );
            return Unreadable::new(Cause::Refused, detail);
        }
        Ended::Lack(words) => {
            let detail = format!(
                "{OWN_LACK}it had too little for what reads {location} ({words}); raise the limits (ulimit -n, -u, -v, or \
                 the room in TMPDIR), or grade with fewer jobs"
            );
            return Unreadable::new(Cause::Refused, detail);
        }
        // What it may have here is less than what a repository may take: nobody knows whether that would have done.
        Ended::Memory if Machine::here().has_less_than(limits.memory) => {
            let detail = format!(
                "{OWN_LACK}reading {location} took all the memory that a process may have here, which is less than {} MiB; \
                 raise the limit (ulimit -v, the container's), or grade on a machine with more memory",
                limits.memory >> 20
            );
            return Unreadable::new(Cause::Refused, detail);
        }
        Ended::Killed => {
            let detail = format!(
                "{OWN_LACK}the system ended what reads {location}, for want of memory: grade with fewer jobs, or on a \
                 machine with more memory"
            );
            return Unreadable::new(Cause::Refused, detail);
        }
        // Nothing was learned of the team: it is read again when the run goes on.
        Ended::Stopped => return Unreadable::new(Cause::Timeout, format!("{OWN_LACK}reading {location} was stopped")),
        Ended::Clock => (
            Cause::Timeout,
            format!(
                "reading it did not end within {} s, though it had not used its {} s of processor time: this machine or the \
                 repository's is busy; grade this team again with fewer jobs",
                bounds(all).clock.as_secs(),
                limits.time.as_secs()
            ),
        ),
        Ended::TooLong => (Cause::Refused, format!("more than {} MiB of evidence", limits.answer >> 20)),
        Ended::Processor => (Cause::Timeout, format!("more than {} s of processor time", limits.time.as_secs())),
        Ended::Memory => (Cause::Refused, format!("more than {} MiB of memory", limits.memory >> 20)),
        Ended::Stack => (Cause::Refused, "nested too deeply".to_owned()),
        Ended::Died(status, words) => {
            let words: String =
                without_folders(words.lines().next().unwrap_or_default()).chars().take(MAX_WORDS).collect();
            (Cause::Malformed, format!("{status}; {words}"))
        }
    };
    let detail = if of_input {
        format!("{location}: the repository {ENDED} ({what}); look at what it holds, and read it by hand")
    } else {
        format!("{location}: {what}")
    };
    Unreadable::new(cause, detail)
}

/// Words without the folders of where the program was built, as a failed assertion names them.
fn without_folders(words: &str) -> String {
    let bare = |word: &str| match word.rsplit_once('/') {
        Some((folder, name)) if folder.starts_with('/') => name.to_owned(),
        _ => word.to_owned(),
    };
    words.split(' ').map(bare).collect::<Vec<_>>().join(" ")
}

/// This program itself broke off while it read a repository: nothing is known of the team, and nothing is kept.
pub(crate) fn broke_off(location: &str, error: &dyn Display) -> Unreadable {
    let detail = format!(
        "{OWN_LACK}reading {} broke off ({error}); raise the limits of processes and memory (ulimit -u, -v), or grade with \
         fewer jobs",
        without_credentials(location)
    );
    Unreadable::new(Cause::Refused, detail)
}

/// Whether what the repository holds ended the process that read it, and would again.
pub(crate) fn is_of_the_repository(failure: &Unreadable) -> bool {
    failure.detail.contains(ENDED)
}

/// Whether the text of a bundle has the words for it at all: what [`stands`] finds, it finds in such a text alone.
pub(crate) fn may_tell_of_an_end(text: &str) -> bool {
    text.contains(ENDED)
}

/// The failure of an earlier run where this very repository ended the process that read it: it is not walked into again.
pub(crate) fn stands<'e>(evidence: &'e Evidence, source: &RepositorySource) -> Option<&'e Unreadable> {
    let location = without_credentials(&source.location);
    // A server's own words may follow the address: only ours begin so.
    let begins = format!("{location}: the repository {ENDED} (");
    let is_it = |failure: &&Unreadable| failure.detail.starts_with(&begins);
    evidence.git.source.failure().filter(is_it)
}

/// What this machine lacked to read the repository: an error of the grader, and no reading of the team's.
pub(crate) fn own_lack(evidence: &Evidence) -> Option<&str> {
    evidence.git.source.failure().map(|failure| failure.detail.as_str()).filter(|detail| detail.starts_with(OWN_LACK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_process_that_ended_name_no_folder() {
        let said = "stackmark: /home/ana/.cargo/registry/src/parser.c:409: f: Assertion `n <= 1/2' failed.";
        assert_eq!(without_folders(said), "stackmark: parser.c:409: f: Assertion `n <= 1/2' failed.");
    }

    #[test]
    fn only_codecommit_is_opened_with_the_keys_of_the_account_that_grades() {
        assert!(is_of_codecommit("https://git-codecommit.us-east-1.amazonaws.com/v1/repos/tp1"));
        assert!(is_of_codecommit("https://git-codecommit-fips.us-east-1.amazonaws.com/v1/repos/tp1"));
        assert!(is_of_codecommit("https://git-codecommit.cn-north-1.amazonaws.com.cn/v1/repos/tp1"));
        for location in [
            "https://git.example/codecommit/tp1.git",
            "https://git-codecommit.us-east-1.amazonaws.com@git.example/tp1",
            "https://git-codecommit.example/tp1",
            "http://git-codecommit-123.us-east-1.elb.amazonaws.com/tp1",
            "https://git-codecommit.s3.us-east-1.amazonaws.com/tp1",
            "https://git-codecommit.s3.amazonaws.com/tp1",
            "https://git-codecommit.s3-us-west-2.amazonaws.com/tp1",
            "https://git-codecommit.us-east-1.amazonaws.com.example/tp1",
            "/srv/codecommit/tp1",
        ] {
            assert!(!is_of_codecommit(location), "{location}");
        }
    }

    #[test]
    fn what_a_server_says_is_no_end_of_an_earlier_process() {
        let at = "https://git.example/tp1";
        let source = RepositorySource { location: at.to_owned(), ..RepositorySource::default() };
        let failed = |detail: String| {
            let tool = stackmark_evidence::Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
            let mut evidence = Evidence::unread(tool, "2026-11-20T10:00:00Z".to_owned(), Team::of_roster("a"));
            evidence.git.source = stackmark_evidence::Reading::unreadable(Cause::Malformed, detail);
            stands(&evidence, &source).is_some()
        };
        assert!(failed(format!("{at}: the repository {ENDED} (nested too deeply); look at what it holds")));
        assert!(!failed(format!("{at}: remote error: it {ENDED} (so the server says)")));
    }
}
