//! `stackmark report`: judge and render again from stored evidence, offline.

use std::path::PathBuf;

use stackmark_class::run::Run;
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Regrade, documents, regrade};
use stackmark_judge::told::evidence_in;
use stackmark_language::expression::Engine;
use stackmark_render::terminal;

use super::options::Shared;
use super::output::Output;

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
    /// Write the reports in this language (en, fr, it) beside those that are there, as report.it.html
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Print the findings of each team, not only the class
    #[arg(long)]
    details: bool,
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let results = Results::at(&args.out);
    let mut library = documents::library(&shared.library)?;
    let run = match Run::read(&results.run()) {
        Ok(run) => Some(run),
        // Evidence that was collected alone has no run.
        Err(_) if args.rubric.is_some() && !results.run().exists() => None,
        Err(failure) if !results.run().exists() => {
            let message = format!("{}; name a results folder with --out, or a rubric with --rubric", failure.message);
            return Err(Failure::usage(message));
        }
        Err(failure) => return Err(failure),
    };
    let name = match (&args.rubric, &run) {
        (Some(name), _) => name.clone(),
        (None, Some(run)) => {
            // The very rubric and checks of the run come first, so that a later binary cannot move a mark.
            library.add_folder(&results.course())?;
            run.rubric.id.clone()
        }
        (None, None) => return Err(Failure::usage("name a rubric with --rubric")),
    };
    if let Some(language) = &args.language {
        documents::speak(language, &mut library)?;
    }
    let rubric = documents::rubric(&name, &mut library, &Engine::new(), output)?;
    let templates = documents::templates(&library)?;
    let stored = results.teams()?;
    for id in &args.teams {
        if !stored.contains(id) {
            let message = format!("no stored evidence of team \"{id}\" in {}: collect it first", args.out.display());
            return Err(Failure::usage(message));
        }
    }
    let teams = if args.teams.is_empty() { stored } else { args.teams };
    let course = library.documents_of(&rubric);
    let asked = Regrade {
        results: &results,
        teams: &teams,
        rubric: &rubric,
        course: &course,
        templates: &templates,
        run,
        beside: args.language.as_deref(),
    };
    let (rows, exit) = regrade(asked, output, |card, evidence| {
        if args.details {
            let told = evidence_in(evidence, &rubric.sentences)?;
            output.result(&format!("{}\n", terminal::summary(card, &told, output.style())))?;
        }
        Ok(())
    })?;
    output.result(&terminal::class_table(&rows, output.style()))?;
    Ok(exit)
}
