//! `stackmark completions`.

use std::io::Write as _;

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;
use stackmark_class::{Exit, Failure};

/// Options of `stackmark completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Shell
    shell: Shell,
}

/// Prints the completions.
pub(super) fn run(args: Args) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "stackmark", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Graded)
}
