//! `stackmark collect-repository`: what the program starts of itself to read a team's repository, in a process that can be
//! ended.

use stackmark_class::{Exit, Failure, worker};

/// Runs the command: the job comes from standard input, what was read goes to standard output.
pub(super) fn run() -> Result<Exit, Failure> {
    worker::serve(std::io::stdin().lock(), std::io::stdout().lock())?;
    Ok(Exit::Graded)
}
