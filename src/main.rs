//! Parses, runs, and maps the result to an exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    stackmark::cli::run().into()
}
