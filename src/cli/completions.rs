//! `stackmark completions`.

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Cli;
use super::output::Output;
use stackmark_class::{Exit, Failure};

/// Options of `stackmark completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Shell
    shell: Shell,
}

/// Prints the completions.
pub(super) fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "stackmark", &mut script);
    output.result(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Graded)
}
