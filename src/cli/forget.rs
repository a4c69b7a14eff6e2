//! `stackmark forget`: take personal data out of stored results.

use std::path::PathBuf;

use stackmark_class::forget::{self, Forgotten};
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Voice as _};

use super::output::Output;

/// Options of `stackmark forget`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Name, address, login or id of the person
    #[arg(required_unless_present = "before", conflicts_with = "before")]
    person: Option<String>,
    /// Remove everybody in teams with evidence collected before this day
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    before: Option<String>,
    /// Results folder
    #[arg(short, long, alias = "results", value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Print the changes and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub(super) fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let results = Results::at(&args.out);
    let done = match (&args.person, &args.before) {
        (Some(person), _) => forget::person(&results, person, args.dry_run)?,
        (None, Some(day)) => forget::before(&results, day, args.dry_run)?,
        (None, None) => return Err(Failure::usage("name a person, or a day with --before")),
    };
    output.result(&told(&done, args.dry_run))?;
    if !done.changed.is_empty() || !done.removed.is_empty() {
        for id in &done.ids {
            output.note(&format!(
                "team {id}: its id holds a name and stays, for the folder, the run and the roster go by it"
            ));
        }
        output.note("copies elsewhere are not touched: the repositories, the roster, and what was published or mailed");
    }
    Ok(Exit::Graded)
}

fn told(done: &Forgotten, dry_run: bool) -> String {
    let (change, remove) = if dry_run { ("would change", "would remove") } else { ("changed", "removed") };
    let changed = done.changed.iter().map(|path| format!("{change} {}\n", path.display()));
    let removed = done.removed.iter().map(|path| format!("{remove} {}\n", path.display()));
    let people = if done.people == 1 { "1 person".to_owned() } else { format!("{} people", done.people) };
    let last = format!("{people}: {} files {change}, {} {remove}\n", done.changed.len(), done.removed.len());
    changed.chain(removed).chain([last]).collect()
}

fn parse_day(text: &str) -> Result<String, String> {
    match text.parse::<jiff::civil::Date>() {
        Ok(_) if text.len() == 10 => Ok(text.to_owned()),
        _ => Err("expected a day, as 2026-11-13".to_owned()),
    }
}
