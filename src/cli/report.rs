//! `stackmark report`: judge and render again from stored evidence, offline.

use std::path::PathBuf;

use super::options::Shared;
use super::output::Output;
use super::{Exit, Failure, course, team};
use stackmark_class::run::{Run, TeamRun, undetermined};
use stackmark_class::store::{self, Results};
use stackmark_language::expression::Engine;
use stackmark_render::terminal;

/// Options of `stackmark report`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ids of the teams; all that have stored evidence where none is given
    teams: Vec<String>,
    /// Folder with the results
    #[arg(short, long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Judge by another rubric than the one stored with the results
    #[arg(long)]
    rubric: Option<String>,
    /// Print the findings of each team, not only the class
    #[arg(long)]
    details: bool,
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let results = Results::at(&args.out);
    let mut library = course::library(shared)?;
    let stored_run = || -> Result<Run, Failure> {
        let text = store::read(&results.run()).map_err(|error| {
            Failure::usage(format!("{error}; name a results folder with --out, or a rubric with --rubric"))
        })?;
        serde_json::from_str(&text)
            .map_err(|error| Failure::unexpected(format!("{}: {error}", results.run().display())))
    };
    let (name, of_run) = match &args.rubric {
        // Evidence that was collected alone has no run.
        Some(name) => (name.clone(), stored_run().ok().map(|run| run.rubric.id)),
        None => {
            let run = stored_run()?;
            // The very rubric and checks of the run come first, so that a later binary cannot move a mark.
            library.add_folder(&results.course())?;
            (run.rubric.id.clone(), Some(run.rubric.id))
        }
    };
    let rubric = course::rubric(&name, &mut library, &Engine::new(), output)?;
    let templates = team::templates(&library)?;
    let stored = results.teams()?;
    for id in &args.teams {
        if !stored.contains(id) {
            let message = format!("no stored evidence of team \"{id}\" in {}: collect it first", args.out.display());
            return Err(Failure::usage(message));
        }
    }
    let teams = if args.teams.is_empty() { stored } else { args.teams };
    let (mut rows, mut exit) = (Vec::new(), Exit::Graded);
    for id in teams {
        let judged = team::read_evidence(&results, &id).and_then(|stored| {
            let card = team::judge_and_render(&results, &stored, &rubric, of_run.as_deref(), &templates, output)?;
            Ok((stored.evidence, card))
        });
        match judged {
            Ok((evidence, card)) => {
                if args.details {
                    output.result(&format!("{}\n", terminal::summary(&card, &evidence, output.style())))?;
                }
                if undetermined(&card) > 0 {
                    exit = exit.worse(Exit::Unreadable);
                }
                rows.push(team::class_row(&results, &TeamRun::graded(&card)));
            }
            Err(failure) => {
                output.error(&format!("team {id}: {}", failure.message));
                exit = exit.worse(failure.exit);
                rows.push(team::class_row(&results, &TeamRun::failed(&id, failure.message)));
            }
        }
    }
    output.result(&terminal::class_table(&rows, output.style()))?;
    Ok(exit)
}
