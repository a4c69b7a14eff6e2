//! The one table of exit codes.

/// How a run ended, independent of the output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Exit {
    /// How a run over several teams ended, from how two of them did: whatever their order, a failure outweighs evidence
    /// that could not be read, and an unexpected failure any other. The codes themselves are in no such order.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let rank = |exit| match exit {
            Self::Graded => 0,
            Self::BelowThreshold => 1,
            Self::Unreadable => 2,
            Self::Usage => 3,
            Self::BadCourse => 4,
            Self::Unexpected => 5,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn a_failure_is_not_forgotten_over_a_later_team_that_could_not_be_read() {
        assert_eq!(Exit::Unexpected.worse(Exit::Unreadable), Exit::Unexpected);
        assert_eq!(Exit::Unreadable.worse(Exit::Unexpected), Exit::Unexpected);
        assert_eq!(Exit::BadCourse.worse(Exit::Unreadable), Exit::BadCourse);
        assert_eq!(Exit::BadCourse.worse(Exit::Unexpected), Exit::Unexpected);
        assert_eq!(Exit::Graded.worse(Exit::Unreadable), Exit::Unreadable);
    }
}
