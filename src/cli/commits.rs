//! `stackmark commits`: what the history's measures say of each commit, one JSON line a commit, so that they can be held
//! against labels of one's own.

use std::path::PathBuf;

use super::options::parse_object_id;
use super::output::Output;
use stackmark_class::{Exit, Failure, Voice as _};
use stackmark_collect::Limits;
use stackmark_collect::redact::redact;
use stackmark_evidence::{Cause, Reading, Unreadable};
use stackmark_history::RepositorySource;
use stackmark_history::repo::{choose_head, find_folder, obtain, resolve};
use stackmark_history::{CommitScores, score_commits};

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

/// Runs the command.
pub(super) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let mut source = RepositorySource {
        location: args.path.to_string_lossy().into_owned(),
        base_commit: args.base_commit.clone(),
        in_place: true,
        ..RepositorySource::default()
    };
    let (progress, ended) = output.line("commits");
    let obtained = obtain(&source, &Limits::default(), progress.as_ref()).map_err(|failure| match failure.cause {
        // Nothing is there, or it is no repository: the path is wrong.
        Cause::Unreachable => Failure::usage(failure.detail),
        _ => unreadable(failure),
    })?;
    if let Some(rev) = &args.rev {
        source.commit = Some(resolve(&obtained.repository, rev).ok_or_else(|| {
            Failure::usage(format!("--rev {rev}: {} has no such commit, branch or tag", source.location))
        })?);
    }
    let head = match choose_head(&obtained.repository, &source) {
        Reading::Observed { value } => value,
        // An empty history has no line to print.
        Reading::Absent { note } if args.rev.is_none() => {
            output.note(&note);
            return Ok(Exit::Graded);
        }
        Reading::Absent { note } => return Err(Failure::usage(note)),
        Reading::Unreadable(failure) => return Err(unreadable(failure)),
    };
    let folder = match &args.folder {
        Some(wanted) => {
            let found = find_folder(&obtained.repository, &head.commit, wanted);
            let found = found.map_err(|failure| Failure::usage(failure.detail))?;
            found.note.iter().for_each(|note| output.note(note));
            found.path
        }
        None => None,
    };
    let (folder, base) = (folder.as_deref(), args.base_commit.as_deref());
    let (scores, failures) =
        score_commits(&obtained.repository, &head, base, folder, progress.as_ref()).map_err(unreadable)?;
    drop(ended);
    let lines: Vec<String> = scores.iter().map(CommitScores::to_line).collect::<Result<_, _>>()?;
    output.result(&redact(&lines.concat()).0)?;
    for failure in &failures {
        output.error(&format!("left out, since it cannot be read: {failure}"));
    }
    Ok(if failures.is_empty() { Exit::Graded } else { Exit::Unreadable })
}

fn unreadable(failure: Unreadable) -> Failure {
    Failure { exit: Exit::Unreadable, message: failure.detail }
}
