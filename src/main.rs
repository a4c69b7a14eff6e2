//! Parses, runs, and maps the result to an exit status.

fn main() {}
