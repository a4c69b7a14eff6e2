//! `stackmark grade` and `stackmark collect`: every team of a roster.

use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use stackmark_class::blind;
use stackmark_class::copies::SharedFile;
use stackmark_class::grade::{Graded, grade_class};
use stackmark_class::pdf::Printer;
use stackmark_class::readings::{Families, Family};
use stackmark_class::run::{Run, Status};
use stackmark_class::store::{self, Results};
use stackmark_class::{ClassRun, Exit, Failure, Renewal, Voice as _, documents, renew_class};
use stackmark_collect::{scratch, stop};
use stackmark_language::expression::Engine;
use stackmark_render::terminal;

use super::options::{Disruptive, Network, Pdf, RESULTS, Shared, print_reports, with_marks};
use super::output::Output;
use super::places::{self, Course};
use super::shard::{self, Part};
use super::{Signals, runtime};

/// Options of `stackmark grade`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Copy the results to DIR-blind with pseudonyms, and print them
    #[arg(long)]
    blind: bool,
    // First: what comes after a headed group is listed below that heading.
    #[command(flatten)]
    pdf: Pdf,
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
    /// Team ids, collected again even if stored (default: all teams of the roster)
    teams: Vec<String>,
    /// Roster; s3://BUCKET/… reads it with the mailmap and the library beside it
    #[arg(long, value_name = "FILE", default_value = "roster.toml")]
    roster: PathBuf,
    /// Rubric, by name or path of a .toml file (default: the roster's `rubric`)
    #[arg(long)]
    rubric: Option<String>,
    /// Mailmap for authors missing from the roster (default: the roster's `mailmap`)
    #[arg(long, value_name = "FILE")]
    mailmap: Option<PathBuf>,
    /// Results folder, or s3://BUCKET/PREFIX
    #[arg(short, long, alias = "results", value_name = "DIR", default_value = RESULTS)]
    out: PathBuf,
    /// Teams graded in parallel
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Start again instead of resuming an interrupted run
    #[arg(long)]
    fresh: bool,
    #[command(flatten)]
    renew: Renew,
    #[command(flatten)]
    part: Part,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    disruptive: Disruptive,
}

/// What is collected anew.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Grading again")]
struct Renew {
    /// Collect these families only, and keep the stored readings of the others: git, code, report, aws, http
    #[arg(long, value_name = "FAMILY,…", value_delimiter = ',', value_parser = Family::from_str)]
    only: Vec<Family>,
    /// Collect only readings that failed before
    #[arg(long)]
    unread: bool,
    /// Use new readings even if the earlier ones have more
    #[arg(long)]
    newest: bool,
    /// File with team ids, one per line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    teams_from: Option<PathBuf>,
}

impl Renew {
    /// As a class run takes it.
    fn given(&self) -> Renewal {
        let families: Families =
            if self.only.is_empty() { Family::ALL.into() } else { self.only.iter().copied().collect() };
        Renewal { families, unread: self.unread, newest: self.newest }
    }

    /// The teams that the file names, after those of the command line; blank lines and comments (`#`) count for nothing.
    fn teams(&self, named: Vec<String>) -> Result<Vec<String>, Failure> {
        let Some(path) = &self.teams_from else { return Ok(named) };
        let text = if path.as_os_str() == "-" {
            std::io::read_to_string(std::io::stdin())?
        } else {
            store::read(path).map_err(|error| Failure::usage(format!("--teams-from {error}")))?
        };
        let mut teams = named;
        for line in text.trim_start_matches('\u{feff}').lines() {
            let id = line.split('#').next().unwrap_or_default().trim();
            if !id.is_empty() && !teams.iter().any(|known| known == id) {
                teams.push(id.to_owned());
            }
        }
        if teams.is_empty() {
            // No name at all would mean the whole class.
            return Err(Failure::usage(format!("--teams-from {}: it names no team", path.display())));
        }
        Ok(teams)
    }
}

/// Runs `stackmark grade`.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let printer = args.pdf.printer()?;
    start(args.run, Ask { judge: true, blind: args.blind }, printer.as_ref(), shared, output)
}

/// Runs `stackmark collect`.
pub(super) fn run_collect(args: CollectArgs, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    start(args.run, Ask { judge: false, blind: false }, None, shared, output)
}

/// What of a run is asked for.
#[derive(Debug, Clone, Copy)]
struct Ask {
    judge: bool,
    blind: bool,
}

fn start(
    args: RunArgs,
    ask: Ask,
    printer: Option<&Printer>,
    shared: &Shared,
    output: &Output,
) -> Result<Exit, Failure> {
    scratch::sweep();
    let runtime = runtime()?;
    // Before anything is written.
    let signals = {
        let _within = runtime.enter();
        Signals::listen()
    };
    let shard = args.part.given()?;
    let course = runtime.block_on(Course::of(&args.roster, &shared.library))?;
    let (results, remote) = runtime.block_on(places::open(&args.out))?;
    let mut library = documents::library(&course.library)?;
    let (roster, roster_sha256) = documents::roster(&course.roster, output)?;
    let of_roster = Some((course.roster.as_path(), &roster));
    let rubric = documents::rubric_of(args.rubric.as_deref(), of_roster, &mut library, &Engine::new(), output)?;
    let templates = documents::templates(&library)?;
    let mailmap = documents::mailmap(args.mailmap.as_deref(), Some((&course.roster, &roster)), output)?;
    let base = documents::folder_of(&course.roster).to_owned();
    let class = ClassRun {
        roster,
        roster_sha256,
        mailmap,
        base,
        course: library.documents_of(&rubric),
        only: args.renew.teams(args.teams)?,
        rubric,
        templates,
        results,
        remote,
        jobs: usize::from(args.jobs),
        fresh: args.fresh,
        judge: ask.judge,
        renew: args.renew.given(),
        settings: args.network.settings(),
        disruptive: args.disruptive.given(),
    };
    let ended = match shard::of_run(shard, &class) {
        Some(_) if ask.blind => {
            Err(Failure::usage("--blind is for a class that is whole: `stackmark report --blind` after `merge`"))
        }
        Some(_) if printer.is_some() => {
            Err(Failure::usage("--pdf is for a class that is whole: `stackmark report --pdf` after `merge`"))
        }
        Some(shard) => {
            let (results, named) = (class.results.clone(), !class.only.is_empty());
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    signal = signals.asked() => Err(stop_for(signal, &results, named)),
                    ended = shard::grade(class, shard, &course.library, output) => ended,
                }
            })
        }
        None => runtime.block_on(grade(class, ask.blind, printer, output, signals)),
    };
    // What reads a repository looks whether to stop, ends its process and removes its clone.
    runtime.shutdown_timeout(Duration::from_secs(10));
    ended
}

/// Everything that waits stops; what is said of it.
fn stop_for(signal: &str, results: &Results, named: bool) -> Failure {
    stop::ask();
    Failure::unexpected(stopped(signal, results, named))
}

/// Runs a class and prints how it ended.
pub(super) async fn grade(
    class: ClassRun,
    without_names: bool,
    printer: Option<&Printer>,
    output: &Output,
    signals: Signals,
) -> Result<Exit, Failure> {
    let (templates, language) = (class.templates.clone(), class.rubric.language.clone());
    let (results, judged, named) = (class.results.clone(), class.judge, !class.only.is_empty());
    // The page of a class is written with every run, even if that stops before all teams are done.
    let of_class = (judged && results.shard().is_none()).then(|| (class.rubric.clone(), class.templates.clone()));
    let course = without_names.then(|| (class.rubric.clone(), class.course.clone(), class.templates.clone()));
    let Graded { mut rows, mut common, shared, exit } = tokio::select! {
        biased;
        signal = signals.asked() => {
            let failure = stop_for(signal, &results, named);
            if let Some((rubric, templates)) = &of_class
                && results.run().is_file()
                && let Err(failure) = renew_class(&results, rubric, templates)
            {
                output.error(&format!("class.html and class.csv lack the teams that are done: {}", failure.message));
            }
            return Err(failure);
        }
        ended = grade_class(class, Arc::new(output.clone())) => ended?,
    };
    let mut shown = results.clone();
    if let Some((rubric, course, templates)) = course {
        let copied = blind::copy(&results, &rubric, &course, &templates, output)?;
        let asked: Vec<String> = rows.into_iter().map(|row| row.team).collect();
        rows = copied.rows.into_iter().filter(|row| asked.contains(&row.team)).collect();
        common = copied.common;
        shown = Results::at(blind::place(&results));
    }
    let results = shown;
    let exit = exit.worse(print_reports(printer, &with_marks(&rows), &results, None, output));
    let root = results.root().display();
    if judged {
        let words = templates.language_or_english(&language).map_err(Failure::unexpected)?;
        output.result(&terminal::class_table(&rows, words, output.table_style()))?;
        match rows.as_slice() {
            [team] if team.mark.is_some() => {
                output.note(&format!("report: {}", results.team(&team.team, "report.html").display()));
            }
            _ => output.note(&format!("class: {root}/class.html, class.csv; reports: {root}/teams/*/report.html")),
        }
    } else {
        output.note(&format!("evidence: {root}/teams/*/evidence.json; `stackmark report --out {root}` judges it"));
    }
    for line in common.into_iter().chain(told(&shared)) {
        output.note(&line);
    }
    Ok(exit)
}

/// How to go on after an interruption. Every team that is done is stored.
fn stopped(signal: &str, results: &Results, named: bool) -> String {
    let Ok(run) = Run::read(&results.run()) else { return format!("interrupted by {signal}; nothing was stored yet") };
    let done = run.teams.iter().filter(|team| matches!(team.status, Status::Graded | Status::Collected)).count();
    let rest = if named {
        "the same command grades the named teams again"
    } else {
        "run the same command to resume (--fresh starts again)"
    };
    format!("interrupted by {signal}: {done} of {} teams are done and stored; {rest}", run.teams.len())
}

/// Files that teams share, for the terminal.
fn told(shared: &[SharedFile]) -> Vec<String> {
    const SHOWN: usize = 5;
    if shared.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "the same file is in several repositories ({} in all, listed in run.json; this costs no points):",
        shared.len()
    )];
    lines.extend(shared.iter().take(SHOWN).map(|file| {
        let places: Vec<String> = file.places.iter().map(|place| format!("{} {}", place.team, place.path)).collect();
        format!("  {} lines: {}", file.lines, places.join(" = "))
    }));
    lines
}
