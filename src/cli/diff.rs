//! `stackmark diff`: what changed between two runs, and why.

use std::path::PathBuf;

use clap::ValueEnum;
use stackmark_class::diff::{Side, diff};
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, documents};
use stackmark_render::diff::{self as shown, Diff};

use super::options::Shared;
use super::output::Output;

/// Options of `stackmark diff`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder with the earlier results
    before: PathBuf,
    /// Folder with the later results
    #[arg(conflicts_with = "since")]
    after: Option<PathBuf>,
    /// Compare the reports published before this day with the current ones, in one folder
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    since: Option<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

/// How a comparison is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal.
    Text,
    /// For programs (stackmark/diff/v1).
    Json,
    /// One page for a browser.
    Html,
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let side = |path: &PathBuf, until: Option<String>| {
        if path.join("teams").is_dir() {
            Ok(Side { results: Results::at(path), until })
        } else {
            Err(Failure::usage(format!("{}: no results there; name a folder that `grade --out` wrote", path.display())))
        }
    };
    if args.after.is_none() && args.since.is_none() {
        let before = args.before.display();
        return Err(Failure::usage(format!(
            "nothing to compare {before} with: name the folder with the later results, or give --since DATE to compare the \
             reports of one folder with those published before"
        )));
    }
    let after = side(args.after.as_ref().unwrap_or(&args.before), None)?;
    let before = side(&args.before, args.since)?;
    print(&diff(&before, &after)?, args.format, shared, output)?;
    Ok(Exit::Graded)
}

/// Prints a comparison.
pub(super) fn print(diff: &Diff, format: Format, shared: &Shared, output: &Output) -> Result<(), Failure> {
    let text = match format {
        Format::Text => shown::text(diff, output.style()),
        Format::Json => shown::json(diff),
        Format::Html => {
            let library = documents::library(&shared.library)?;
            let templates = documents::templates(&library)?;
            let sentences = documents::sentences(&library, &diff.language, output)?;
            shown::html(diff, &sentences, &templates).map_err(Failure::unexpected)?
        }
    };
    Ok(output.result(&text)?)
}

/// A day, or a moment with its offset; as the history has it, in UTC.
fn parse_moment(text: &str) -> Result<String, String> {
    if text.parse::<jiff::civil::Date>().is_ok() && text.len() == 10 {
        return Ok(text.to_owned());
    }
    let moment = text.parse::<jiff::Timestamp>();
    moment
        .map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .map_err(|_| "expected a day (2026-11-13) or a moment with its offset (2026-11-13T10:00:00-05:00)".to_owned())
}
