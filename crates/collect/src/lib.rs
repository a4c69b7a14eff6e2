//! What all collectors share: caps, processes and folders of our own, addresses, what the user allowed, progress, redaction,
//! the kinds of files, the files of a tree, the lists of archives.
//!
//! It knows the evidence's causes and nothing of git, AWS or HTTP.

pub mod child;
pub mod classify;
mod content;
pub mod counting;
pub mod gate;
pub mod guard;
pub mod notebook;
pub mod packed;
pub mod redact;
pub mod resolve;
pub mod scratch;
pub mod stop;
pub mod threads;
pub mod tree;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use resolve::{InvalidResolve, ResolveOverride};
use serde::{Deserialize, Serialize};

/// Caps on what a hostile or oversized submission may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes received by a clone.
    pub clone_bytes: u64,
    /// Objects received by a clone.
    pub clone_objects: u64,
    /// Wall time of a clone.
    pub clone_time: Duration,
    /// A larger file is listed but not read.
    pub file_bytes: u64,
    /// Bytes of one response body that are read.
    pub body_bytes: u64,
    /// Wall time of one AWS call, retries included.
    pub aws_time: Duration,
    /// AWS calls under way at once in one account.
    pub aws_calls: usize,
    /// Of these, calls of one service, twice as many of S3; each that is throttled makes it one fewer.
    pub aws_calls_of_service: usize,
    /// For reading the team's documents.
    pub documents: DocumentLimits,
    /// For reading the team's repository.
    pub repository: RepositoryLimits,
}

/// How a team's repository is read: in a process of its own, for what git stores can stand for far more than it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryLimits {
    /// The `stackmark` program, which is started for each team; without it a repository is read within this process.
    pub program: Option<PathBuf>,
    /// Processor time, of all threads together; the clone's time by the clock is [`Limits::clone_time`].
    pub time: Duration,
    /// Bytes of memory, on Linux; what is mapped of the repository's files comes on top.
    pub memory: u64,
    /// Bytes of all that is read, as stored.
    pub answer: u64,
}

/// How a team's documents are read: PDF, DOCX and the like, which the libraries that read them trust too much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLimits {
    /// The `stackmark` program, which is started for each document; without it such documents are refused.
    pub program: Option<PathBuf>,
    /// Processor time of one document; by the clock it may take some times as long, for the machine may be busy.
    pub time: Duration,
    /// Bytes of address space for one document, on Linux.
    pub memory: u64,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { program: None, time: Duration::from_secs(30), memory: 512 << 20 }
    }
}

impl Default for RepositoryLimits {
    fn default() -> Self {
        Self { program: None, time: Duration::from_secs(300), memory: 2 << 30, answer: 256 << 20 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clone_bytes: 2 << 30,
            clone_objects: 2_000_000,
            clone_time: Duration::from_secs(600),
            file_bytes: 20 << 20,
            body_bytes: 1 << 20,
            aws_time: Duration::from_secs(30),
            aws_calls: 24,
            aws_calls_of_service: 6,
            documents: DocumentLimits::default(),
            repository: RepositoryLimits::default(),
        }
    }
}

/// Whether an instance of the team's may be ended to see its group heal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disruption {
    /// Nobody asked for it.
    #[default]
    NotAsked,
    /// Asked for, and the roster does not allow it for this team.
    NotInRoster,
    /// Say what would be done.
    DryRun,
    /// Asked for, and allowed.
    Allowed,
}

/// What the user allowed, for every team of a run.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `--resolve`, in order; the first that fits wins.
    pub resolve: Vec<ResolveOverride>,
    /// `--allow-private`: HTTP may go to private, loopback and link-local addresses.
    pub allow_private: bool,
    /// Caps.
    pub limits: Limits,
    /// How long to wait for CloudWatch to have counted a load.
    pub wait_metrics: Duration,
    /// Keeps the loads of a run's teams apart.
    pub loads: gate::LoadGate,
    /// The team's place among those that are graded at once.
    pub slot: gate::Slot,
    /// The file that keeps what was measured of the team's repository, to be used again while nothing has changed.
    pub measures: Option<PathBuf>,
}

/// Told what goes on, for a progress display; called from many threads.
pub trait Progress: Send + Sync {
    /// One line, replacing the last: `cloning: 1,204 of 3,310 objects, 2.1 MB`.
    fn step(&self, what: &str);

    /// One line with how much of something is done: a bar, where there is one.
    fn part(&self, done: u64, of: u64, what: &str) {
        self.step(&format!("{what}: {done} of {of}"));
    }
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn step(&self, _what: &str) {}
}

/// A progress display that threads can share.
pub type SharedProgress = Arc<dyn Progress>;
