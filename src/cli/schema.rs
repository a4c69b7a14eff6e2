//! `stackmark schema`.

use super::output::Output;
use stackmark_class::{Exit, Failure};
use stackmark_course::formats::Format;
use stackmark_evidence::schema;

/// Options of `stackmark schema`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The format
    #[arg(value_parser = ["rubric", "check", "roster", "overrides", "appeals", "evidence"])]
    format: String,
}

/// Runs the command.
pub(super) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let of = Format::ALL.iter().find(|(word, _)| *word == args.format).map(|(_, format)| format.json_schema());
    let text = match of {
        Some(schema) => serde_json::to_string_pretty(&schema)?,
        None => serde_json::to_string_pretty(schema::schema())?,
    };
    output.result(&format!("{text}\n"))?;
    Ok(Exit::Graded)
}
