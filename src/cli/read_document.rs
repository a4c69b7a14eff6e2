//! `stackmark read-document`: what the program starts of itself to read a team's document, in a process that can be ended.

use stackmark_class::{Exit, Failure};
use stackmark_report::serve;

/// Options of `stackmark read-document`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The document's file name extension, in lower case; its bytes come from standard input
    extension: String,
    /// Bytes of address space that the process may use
    #[arg(long)]
    memory: u64,
    /// Seconds of processor time that the process may use
    #[arg(long)]
    seconds: u64,
}

/// Runs the command.
pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    serve(&args.extension, args.memory, args.seconds, std::io::stdin().lock(), std::io::stdout().lock())?;
    Ok(Exit::Graded)
}
