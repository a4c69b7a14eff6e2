//! How a command failed.

use crate::exit::Exit;

/// Why a command did not end well, with its exit code.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is said on standard error; empty where it is said already.
    pub message: String,
}

impl Failure {
    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// A rubric, check, roster or overrides file is wrong.
    pub fn course(message: impl std::fmt::Display) -> Self {
        Self { exit: Exit::BadCourse, message: message.to_string() }
    }

    /// A full disk, a defect of Stackmark's.
    pub fn unexpected(error: impl std::fmt::Display) -> Self {
        Self { exit: Exit::Unexpected, message: error.to_string() }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::unexpected(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::unexpected(error)
    }
}
