//! The one table of exit codes.

/// How a run ended, independent of the output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Graded. A low mark is no failure.
    Graded = 0,
    /// Something unexpected: a full disk, a defect of Stackmark's.
    Unexpected = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A rubric, check, roster or overrides file is wrong.
    BadCourse = 3,
    /// Graded, with evidence that could not be read.
    Unreadable = 4,
    /// Graded, with a mark below `--fail-under`.
    BelowThreshold = 5,
}

/// The table as `--help` prints it.
pub const TABLE: &str = "\
Exit codes:
  0  graded (a low mark is no failure)
  1  unexpected failure
  2  wrong usage
  3  wrong rubric, check, roster or overrides file
  4  graded, with evidence that could not be read
  5  graded, with a mark below --fail-under";

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
