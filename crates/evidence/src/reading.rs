//! The three states of a piece of evidence.

use serde::{Deserialize, Serialize};

/// A piece of evidence: seen, seen not to be there, or not readable.
///
/// Only the first two may ever cost points. An unreadable one makes what depends on it *undetermined*.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Reading<T> {
    /// It was read.
    Observed {
        /// What was read.
        value: T,
    },
    /// It was looked for, the look-up worked, and it is not there.
    Absent {
        /// What was looked for, and where: a sentence for the report.
        note: String,
    },
    /// It could not be read.
    Unreadable(Unreadable),
}

/// Why a reading failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Unreadable {
    /// The class of the failure.
    pub cause: Cause,
    /// What failed, in words that name the operation, the address or the file.
    pub detail: String,
    /// What the reader had no more of, where that is the reason. Never stored: with a lack, nothing was read.
    #[serde(skip)]
    lack: Option<Lack>,
}

/// What a process that reads had no more of: it says nothing of what was to be read. It is told by the kind of an error where
/// the error is made, and never by its words, which may quote what a team wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The memory that it may take.
    Memory,
    /// Something of the machine's: room on a disk, a descriptor, a thread.
    Machine,
}

/// The classes of failure, as told apart by who can mend them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The credentials are valid, or were never accepted, and the operation was not allowed.
    Denied,
    /// The credentials or the session have expired.
    Expired,
    /// The service asked for fewer requests, even after the retries.
    Throttled,
    /// Nothing came back in time.
    Timeout,
    /// No connection, no such host, no such repository, branch or commit.
    Unreachable,
    /// Something came back that does not parse, or is damaged.
    Malformed,
    /// Only the newest part of the history is there: a shallow clone.
    Shallow,
    /// There is work, and none of it is known to be a member's.
    Unattributed,
    /// A rule or limit of Stackmark's own stopped the read: a private address, a size cap, a wrong account.
    Refused,
    /// No collector was asked for it.
    NotCollected,
}

impl Cause {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Denied,
        Self::Expired,
        Self::Throttled,
        Self::Timeout,
        Self::Unreachable,
        Self::Malformed,
        Self::Shallow,
        Self::Unattributed,
        Self::Refused,
        Self::NotCollected,
    ];

    /// The word that reports and `evidence.json` use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Malformed => "malformed",
            Self::Shallow => "shallow",
            Self::Unattributed => "unattributed",
            Self::Refused => "refused",
            Self::NotCollected => "not-collected",
        }
    }
}

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Unreadable {
    /// A failure of class `cause`, told in `detail`.
    pub fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self { cause, detail: detail.into(), lack: None }
    }

    /// The same, where this is what the reader had no more of.
    #[must_use]
    pub fn lacking(self, lack: Option<Lack>) -> Self {
        Self { lack, ..self }
    }

    /// What the reader had no more of, where that is the reason.
    pub fn lack(&self) -> Option<Lack> {
        self.lack
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.cause, self.detail)
    }
}

impl<T> Reading<T> {
    /// A reading that succeeded.
    pub fn observed(value: T) -> Self {
        Self::Observed { value }
    }

    /// A reading that found nothing; `note` says what was looked for and where.
    pub fn absent(note: impl Into<String>) -> Self {
        Self::Absent { note: note.into() }
    }

    /// A reading that failed.
    pub fn unreadable(cause: Cause, detail: impl Into<String>) -> Self {
        Self::Unreadable(Unreadable::new(cause, detail))
    }

    /// The value, where it was observed.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Observed { value } => Some(value),
            Self::Absent { .. } | Self::Unreadable(_) => None,
        }
    }

    /// The failure, where there was one.
    pub fn failure(&self) -> Option<&Unreadable> {
        match self {
            Self::Unreadable(failure) => Some(failure),
            Self::Observed { .. } | Self::Absent { .. } => None,
        }
    }

    /// Derives one reading from another; absence and failure pass through.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reading<U> {
        match self {
            Self::Observed { value } => Reading::observed(f(value)),
            Self::Absent { note } => Reading::Absent { note },
            Self::Unreadable(failure) => Reading::Unreadable(failure),
        }
    }

    /// Borrows the value.
    pub fn as_ref(&self) -> Reading<&T> {
        match self {
            Self::Observed { value } => Reading::observed(value),
            Self::Absent { note } => Reading::absent(note.clone()),
            Self::Unreadable(failure) => Reading::Unreadable(failure.clone()),
        }
    }
}

/// What is said of a reading that nothing asks for.
const NOBODY_ASKED: &str = "no collector was asked for it";

impl<T> Default for Reading<T> {
    fn default() -> Self {
        Self::unreadable(Cause::NotCollected, NOBODY_ASKED)
    }
}

impl<T> Reading<T> {
    /// Whether nothing asked for it.
    pub fn is_default(&self) -> bool {
        matches!(self, Self::Unreadable(gap) if gap.cause == Cause::NotCollected && gap.detail == NOBODY_ASKED)
    }
}

impl<T> From<Result<T, Unreadable>> for Reading<T> {
    fn from(result: Result<T, Unreadable>) -> Self {
        match result {
            Ok(value) => Self::observed(value),
            Err(failure) => Self::Unreadable(failure),
        }
    }
}
