//! `stackmark commits`: what the history's measures say of each commit, one JSON line a commit, so that they can be held
//! against labels of one's own.

use std::path::PathBuf;

use super::options::{limits, parse_object_id};
use super::output::Output;
use serde::{Deserialize, Serialize};
use stackmark_class::{Exit, Failure, Voice as _, worker};
use stackmark_collect::Progress;
use stackmark_collect::redact::redact;
use stackmark_evidence::{Cause, Reading, Unreadable};
use stackmark_history::RepositorySource;
use stackmark_history::repo::{choose_head, find_folder, obtain, resolve};
use stackmark_history::{CommitScores, score_commits};
use stackmark_render::escape::visible_json;

/// Options of `stackmark commits`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Working copy, a folder in it, or a bare repository
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Commit, branch or tag to score (default: HEAD)
    #[arg(long, value_name = "COMMIT")]
    rev: Option<String>,
    /// Folder of the repository to score
    #[arg(long, value_name = "DIR")]
    folder: Option<String>,
    /// Last commit of the starter code, as a full object id; skipped with its ancestors
    #[arg(long, value_name = "COMMIT", value_parser = parse_object_id)]
    base_commit: Option<String>,
}

/// One repository, to be read in a process of its own.
pub(super) type Task = worker::Task<Asked>;

/// Which of its commits are scored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    rev: Option<String>,
    folder: Option<String>,
}

/// What was read of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Scored {
    /// One line of JSON a commit.
    lines: Vec<String>,
    /// What is to be said beside them.
    notes: Vec<String>,
    /// Commits that cannot be read, each with what is wrong.
    failures: Vec<String>,
}

/// Why nothing was scored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Wrong {
    /// The command line names what is not there.
    Usage(String),
    /// The repository cannot be read.
    Unreadable(String),
}

/// Runs the command.
pub(super) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let task = Task {
        source: RepositorySource {
            location: args.path.to_string_lossy().into_owned(),
            base_commit: args.base_commit.clone(),
            in_place: true,
            ..RepositorySource::default()
        },
        limits: limits(),
        question: Asked { rev: args.rev.clone(), folder: args.folder.clone() },
    };
    let (progress, ended) = output.line("commits");
    let asked: Option<Result<Scored, Wrong>> =
        worker::ask("commits", &task, Some(progress.clone())).map_err(|failure| unreadable(failure.detail))?;
    let scored = asked.unwrap_or_else(|| read(&task, progress.as_ref()));
    drop(ended);
    let scored = scored.map_err(|wrong| match wrong {
        Wrong::Usage(what) => Failure::usage(what),
        Wrong::Unreadable(what) => unreadable(what),
    })?;
    scored.notes.iter().for_each(|note| output.note(note));
    output.result(&visible_json(&redact(&scored.lines.concat()).0))?;
    for failure in &scored.failures {
        output.error(&format!("left out, since it cannot be read: {failure}"));
    }
    Ok(if scored.failures.is_empty() { Exit::Graded } else { Exit::Unreadable })
}

/// Scores the commits within this process.
pub(super) fn read(task: &Task, progress: &dyn Progress) -> Result<Scored, Wrong> {
    let unreadable = |failure: Unreadable| Wrong::Unreadable(failure.detail);
    let mut source = task.source.clone();
    let obtained = obtain(&source, &task.limits, progress).map_err(|failure| match failure.cause {
        // Nothing is there, or it is no repository: the path is wrong.
        Cause::Unreachable => Wrong::Usage(failure.detail),
        _ => unreadable(failure),
    })?;
    if let Some(rev) = &task.question.rev {
        source.commit = Some(resolve(&obtained.repository, rev).ok_or_else(|| {
            Wrong::Usage(format!("--rev {rev}: {} has no such commit, branch or tag", source.location))
        })?);
    }
    let mut scored = Scored::default();
    let head = match choose_head(&obtained.repository, &source) {
        Reading::Observed { value } => value,
        // An empty history has no line to print.
        Reading::Absent { note } if task.question.rev.is_none() => {
            scored.notes.push(note);
            return Ok(scored);
        }
        Reading::Absent { note } => return Err(Wrong::Usage(note)),
        Reading::Unreadable(failure) => return Err(unreadable(failure)),
    };
    let folder = match &task.question.folder {
        Some(wanted) => {
            let found = find_folder(&obtained.repository, &head.commit, wanted);
            let found = found.map_err(|failure| Wrong::Usage(failure.detail))?;
            scored.notes.extend(found.note);
            found.path
        }
        None => None,
    };
    let (folder, base) = (folder.as_deref(), source.base_commit.as_deref());
    let (scores, failures) = score_commits(&obtained.repository, &head, base, folder, progress).map_err(unreadable)?;
    let lines: Result<Vec<String>, _> = scores.iter().map(CommitScores::to_line).collect();
    scored.lines = lines.map_err(|error| Wrong::Unreadable(error.to_string()))?;
    scored.failures = failures;
    Ok(scored)
}

fn unreadable(message: String) -> Failure {
    Failure { exit: Exit::Unreadable, message }
}
