//! `stackmark collect-repository`: what the program starts of itself to read a team's repository, in a process that can be
//! ended.

use super::{check, commits, identities};
use stackmark_class::{Exit, Failure, lookup, similar, worker};

/// Options of `stackmark collect-repository`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What of the repository is read
    #[arg(value_name = "WHAT", default_value = "evidence")]
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// All that a team's evidence has of it
    Evidence,
    /// Who signs the commits
    Identities,
    /// The scores of each commit
    Commits,
    /// What is not committed
    WorkingCopy,
    /// Commit and folder that the roster names
    Lookup,
    /// Fingerprints of the files, for `similar`
    Fingerprints,
    /// Lines, first appearances and commits of what is alike, for `similar`
    Details,
}

/// Runs the command: the task comes from standard input, what was read goes to standard output.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let (input, output) = (std::io::stdin().lock(), std::io::stdout().lock());
    match args.what {
        What::Evidence => worker::serve(input, output)?,
        What::Identities => {
            worker::serve_read(input, output, |task: &identities::Task, progress| identities::read(task, progress))?
        }
        What::Commits => {
            worker::serve_task(input, output, |task: commits::Task, progress| Ok(commits::read(&task, progress)))?
        }
        What::WorkingCopy => worker::serve_task(input, output, |task: check::Task, _| Ok(check::state(&task)))?,
        What::Lookup => {
            worker::serve_read(input, output, |task: &lookup::Task, progress| lookup::read(task, progress))?
        }
        What::Fingerprints => worker::serve_read(input, output, |task: &similar::FingerprintTask, progress| {
            similar::fingerprints(task, progress)
        })?,
        What::Details => {
            worker::serve_read(input, output, |task: &similar::DetailTask, progress| similar::details(task, progress))?
        }
    }
    Ok(Exit::Graded)
}
