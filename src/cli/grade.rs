//! `stackmark grade` and `stackmark collect`: every team of a roster.

use std::path::PathBuf;
use std::sync::Arc;

use stackmark_class::copies::SharedFile;
use stackmark_class::grade::{Graded, grade_class};
use stackmark_class::store::Results;
use stackmark_class::{ClassRun, Exit, Failure, Voice as _, documents};
use stackmark_language::expression::Engine;
use stackmark_render::terminal;

use super::options::{Disruptive, Network, Shared};
use super::output::Output;
use super::until_stopped;

/// Options of `stackmark grade`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    run: RunArgs,
}

/// Options of `stackmark collect`.
#[derive(Debug, clap::Args)]
pub(super) struct CollectArgs {
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// Ids of the teams, which are then read anew; all of the roster where none is given
    teams: Vec<String>,
    /// The roster
    #[arg(long, value_name = "FILE", default_value = "roster.toml")]
    roster: PathBuf,
    /// Name of a rubric, or path of a .toml file; the roster's where it is not given
    #[arg(long)]
    rubric: Option<String>,
    /// Mailmap that tells whose the authors are that the roster does not know; the roster's where it is not given
    #[arg(long, value_name = "FILE")]
    mailmap: Option<PathBuf>,
    /// Folder for the results
    #[arg(short, long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Teams at the same time
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Start anew, even where an earlier run of the same inputs was interrupted
    #[arg(long)]
    fresh: bool,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    disruptive: Disruptive,
}

/// Runs `stackmark grade`.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    start(args.run, true, shared, output)
}

/// Runs `stackmark collect`.
pub(super) fn run_collect(args: CollectArgs, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    start(args.run, false, shared, output)
}

fn start(args: RunArgs, judge: bool, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let mut library = documents::library(&shared.library)?;
    let (roster, roster_sha256) = documents::roster(&args.roster, output)?;
    let name = args.rubric.clone().or_else(|| roster.rubric.clone()).ok_or_else(|| {
        Failure::usage(
            "no rubric: give --rubric NAME, or put rubric = \"…\" into the roster; `stackmark rubric list` lists them",
        )
    })?;
    let rubric = documents::rubric(&name, &mut library, &Engine::new(), output)?;
    let templates = documents::templates(&library)?;
    let mailmap = documents::mailmap(args.mailmap.as_deref(), Some((&args.roster, &roster)), output)?;
    let base = documents::folder_of(&args.roster).to_owned();
    let class = ClassRun {
        roster,
        roster_sha256,
        mailmap,
        base,
        only: args.teams,
        course: library.documents_of(&rubric),
        rubric,
        templates,
        results: Results::at(args.out),
        jobs: usize::from(args.jobs),
        fresh: args.fresh,
        judge,
        settings: args.network.settings(),
        disruptive: args.disruptive.given(),
    };
    until_stopped(
        grade(class, output),
        "what is done is stored; the same command goes on with the other teams (--fresh starts anew)",
    )
}

/// Runs a class and prints how it ended.
pub(super) async fn grade(class: ClassRun, output: &Output) -> Result<Exit, Failure> {
    let (results, judged) = (class.results.clone(), class.judge);
    let Graded { rows, shared, exit } = grade_class(class, Arc::new(output.clone())).await?;
    let root = results.root().display();
    if judged {
        output.result(&terminal::class_table(&rows, output.style()))?;
        match rows.as_slice() {
            [team] if team.mark.is_some() => {
                output.note(&format!("report: {}", results.team(&team.team, "report.md").display()));
            }
            _ => output.note(&format!("reports: {root}/teams/*/report.md")),
        }
    } else {
        output.note(&format!("evidence: {root}/teams/*/evidence.json; `stackmark report --out {root}` judges it"));
    }
    for line in told(&shared) {
        output.note(&line);
    }
    Ok(exit)
}

/// Files that teams share, for the terminal.
fn told(shared: &[SharedFile]) -> Vec<String> {
    const SHOWN: usize = 5;
    if shared.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "the same file stands in several repositories ({} in all, listed in run.json; nobody loses points by it):",
        shared.len()
    )];
    lines.extend(shared.iter().take(SHOWN).map(|file| {
        let places: Vec<String> = file.places.iter().map(|place| format!("{} {}", place.team, place.path)).collect();
        format!("  {} lines: {}", file.lines, places.join(" = "))
    }));
    lines
}
