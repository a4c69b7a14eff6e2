//! `stackmark gradebook fill`: the marks into the file that a learning platform exported.

use std::path::{Path, PathBuf};

use super::output::Output;
use stackmark_class::appeals;
use stackmark_class::gradebook::{self, Open, Options, layout, marks};
use stackmark_class::publish::moodle;
use stackmark_class::store::{self, Results};
use stackmark_class::table::Table;
use stackmark_class::{Exit, Failure, Voice as _, documents};

/// The commands of `stackmark gradebook`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Fill a column of an exported gradebook: Canvas, Moodle, Brightspace, Blackboard
    Fill(Box<FillArgs>),
}

/// Options of `stackmark gradebook fill`.
#[derive(Debug, clap::Args)]
pub(super) struct FillArgs {
    /// Exported gradebook; not changed
    #[arg(value_name = "EXPORT")]
    export: PathBuf,
    /// Column title as in the export, such as "A1 (9001)"; not needed for Moodle's worksheet
    #[arg(long, value_name = "TITLE")]
    column: Option<String>,
    /// Roster
    #[arg(long, value_name = "FILE", default_value = "roster.toml")]
    roster: PathBuf,
    /// Results folder
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    /// File to write (default: beside the export)
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Value for marks with open items: the low or the high end (default: list them, write none)
    #[arg(long, value_name = "END")]
    open: Option<End>,
    /// Convert marks if the column's maximum differs from the rubric's
    #[arg(long)]
    scale: bool,
    /// Keep all rows and columns (default: only those that the platform needs)
    #[arg(long)]
    whole: bool,
    /// For Moodle: also write the reports as a zip of feedback files
    #[arg(long, value_name = "FILE")]
    feedback_zip: Option<PathBuf>,
    /// List the changes and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum End {
    /// Open items earn nothing
    Low,
    /// Open items earn full points
    High,
}

/// Runs the command.
pub(super) fn run(command: Command, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Fill(args) => fill(&args, output),
    }
}

fn fill(args: &FillArgs, output: &Output) -> Result<Exit, Failure> {
    let name = args.export.display();
    let bytes = store::read_bytes(&args.export).map_err(|error| Failure::usage(error.to_string()))?;
    let mut table = Table::read(&bytes).map_err(|what| Failure::course(format!("{name}: {what}")))?;
    let out = args.out.clone().unwrap_or_else(|| beside(&args.export));
    if same_file(&out, &args.export) {
        return Err(Failure::usage(
            "--out is the export itself: name another file, so that the export can be compared",
        ));
    }
    let (roster, _) = documents::roster(&args.roster, output)?;
    let results = Results::at(&args.results);
    if !results.root().is_dir() {
        let message = format!("{}: no results there; name a results folder with --results", args.results.display());
        return Err(Failure::usage(message));
    }
    let entries = marks::entries(&roster, &results)?;
    let open = match args.open {
        None => Open::Skip,
        Some(End::Low) => Open::Low,
        Some(End::High) => Open::High,
    };
    let options = Options { open, scale: args.scale, whole: args.whole };
    let filled = gradebook::fill(&mut table, args.column.as_deref(), &entries, options)
        .map_err(|failure| Failure { message: format!("{name}: {}", failure.message), ..failure })?;
    output.list(&gradebook::told(&filled))?;
    let teams: Vec<String> = roster.teams.iter().map(|team| team.id.clone()).collect();
    let wrong = tell_of_appeals(&results, &teams, output)?;
    if args.dry_run {
        output.note("nothing is written: --dry-run");
    } else if filled.changes.is_empty() {
        output.note("nothing changes, and no file is written");
    } else {
        store::write_bytes(&out, &filled.bytes)?;
        output.note(&format!("filled: {}", out.display()));
    }
    if let Some(path) = &args.feedback_zip {
        feedback(path, &table, &filled, &results, args.dry_run, output)?;
    }
    let exit = if filled.left_out.is_empty() { Exit::Graded } else { Exit::Unreadable };
    Ok(exit.worse(wrong))
}

/// Requests that wait: the mark that goes out may change. What is wrong with the document is said as well.
fn tell_of_appeals(results: &Results, teams: &[String], output: &Output) -> Result<Exit, Failure> {
    let (requests, wrong) = appeals::read(results, teams, None);
    for team in teams.iter().filter(|team| requests.iter().any(|appeal| appeal.team == **team)) {
        let card = marks::scorecard(results, team)?;
        if let Some(told) = card.and_then(|card| appeals::told(&requests, &card)) {
            output.note(&format!("team {team}: {told}; its mark may still change"));
        }
    }
    let Some(wrong) = wrong else { return Ok(Exit::Graded) };
    output.error(&wrong);
    Ok(Exit::BadCourse)
}

/// The reports of the members whose row was found, one folder a member.
fn feedback(
    path: &Path,
    table: &Table,
    filled: &gradebook::Filled,
    results: &Results,
    dry_run: bool,
    output: &Output,
) -> Result<(), Failure> {
    if layout::recognise(table) != Some(layout::Export::Moodle) {
        return Err(Failure::usage("--feedback-zip is for Moodle's worksheet: use `stackmark publish` elsewhere"));
    }
    let written: Vec<(usize, String)> = filled.rows.clone();
    let archive = moodle::feedback(table, &written, results)?;
    for note in &archive.notes {
        output.note(note);
    }
    if !dry_run {
        store::write_bytes(path, &archive.bytes)?;
        output.note(&format!("feedback: {}, {} members", path.display(), archive.members));
    }
    Ok(())
}

/// `grades.csv` → `grades-filled.csv`.
fn beside(export: &Path) -> PathBuf {
    let stem = export.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = match export.extension() {
        Some(ending) => format!("{stem}-filled.{}", ending.to_string_lossy()),
        None => format!("{stem}-filled"),
    };
    export.with_file_name(name)
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (std::fs::canonicalize(one), std::fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
