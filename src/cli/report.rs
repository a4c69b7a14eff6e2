//! `stackmark report`: judge and render again from stored evidence, offline.

use std::path::PathBuf;

use stackmark_class::blind;
use stackmark_class::diff::what_if;
use stackmark_class::run::{Run, Status};
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Regrade, Regraded, Voice as _, documents, regrade, regrade_beside};
use stackmark_evidence::Evidence;
use stackmark_judge::Scorecard;
use stackmark_judge::told::evidence_in;
use stackmark_language::expression::Engine;
use stackmark_render::terminal;

use super::diff;
use super::options::{Pdf, Shared, print_reports, with_marks};
use super::output::Output;

/// Options of `stackmark report`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Team ids (default: all teams with stored evidence)
    teams: Vec<String>,
    /// Results folder
    #[arg(short, long, alias = "results", value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Rubric to judge by (default: the one stored with the results)
    #[arg(long)]
    rubric: Option<String>,
    /// Also write the reports and the class in this language, as report.CODE.html
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Print each team's findings, not only the class table
    #[arg(long)]
    details: bool,
    #[command(flatten)]
    pdf: Pdf,
    /// Copy the results to DIR-blind with pseudonyms, and print them
    #[arg(long, conflicts_with_all = ["details", "dry_run"])]
    blind: bool,
    /// Print the changes with their causes, and write nothing
    #[arg(long, conflicts_with = "details")]
    dry_run: bool,
    /// Output format of --dry-run
    #[arg(long, value_name = "FORMAT", default_value = "text", requires = "dry_run")]
    format: diff::Format,
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let results = Results::at(&args.out);
    let printer = args.pdf.printer()?;
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
            let stored = results.course().join("rubrics").join(format!("{}.toml", run.rubric.id));
            if !stored.is_file() {
                let message = format!(
                    "{}: the rubric of this run is missing; put it back, or name one with --rubric",
                    stored.display()
                );
                return Err(Failure::course(message));
            }
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
        if !stored.contains(id) && !results.team(id, "scorecard.json").is_file() {
            let message = format!("no stored evidence of team \"{id}\" in {}: collect it first", args.out.display());
            return Err(Failure::usage(message));
        }
    }
    let teams = if args.teams.is_empty() { with_missing(stored, run.as_ref()) } else { args.teams };
    if args.dry_run {
        let of_run = run.as_ref().map(|run| run.rubric.id.as_str());
        let made = what_if(&results, &teams, &rubric, of_run, output)?;
        diff::print(&made, args.format, shared, output)?;
        return Ok(Exit::Graded);
    }
    let course = library.documents_of(&rubric);
    let asked =
        Regrade { results: &results, teams: &teams, rubric: &rubric, course: &course, templates: &templates, run };
    let details = |card: &Scorecard, evidence: &Evidence| -> Result<(), Failure> {
        if args.details {
            let told = evidence_in(evidence, &rubric.sentences)?;
            output.result(&format!("{}\n", terminal::summary(card, &told, output.style())))?;
        }
        Ok(())
    };
    let words = templates.language_or_english(&rubric.language).map_err(Failure::unexpected)?;
    if let Some(language) = &args.language {
        let Regraded { rows, common, exit } = regrade_beside(&asked, language, output, details)?;
        let printed = print_reports(printer.as_ref(), &teams, &results, Some(language.as_str()), output);
        output.result(&terminal::class_table(&rows, words, output.table_style()))?;
        for text in common {
            output.note(&text);
        }
        return Ok(exit.worse(printed));
    }
    let Regraded { mut rows, mut common, exit } = regrade(asked, output, details)?;
    if args.blind {
        let copied = blind::copy(&results, &rubric, &course, &templates, output)?;
        (rows, common) = (copied.rows, copied.common);
        output.note(&format!("without names: {}", blind::place(&results).display()));
    }
    let shown = if args.blind { Results::at(blind::place(&results)) } else { results };
    let printed = print_reports(printer.as_ref(), &with_marks(&rows), &shown, None, output);
    output.result(&terminal::class_table(&rows, words, output.table_style()))?;
    for text in common {
        output.note(&text);
    }
    Ok(exit.worse(printed))
}

/// The teams with stored evidence, and those that the run has graded and whose evidence is gone: these are said.
fn with_missing(stored: Vec<String>, run: Option<&Run>) -> Vec<String> {
    let mut teams = stored;
    let done = run.into_iter().flat_map(|run| &run.teams);
    let done = done.filter(|team| matches!(team.status, Status::Graded | Status::Collected));
    teams.extend(done.map(|team| team.id.clone()));
    teams.sort();
    teams.dedup();
    teams
}
