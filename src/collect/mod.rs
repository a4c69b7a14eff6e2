//! All I/O: repository, code, report, AWS and HTTP → [`crate::evidence::Evidence`].
//!
//! Staged: repository and AWS first, then HTTP against the load balancer that AWS named. One reading's failure never
//! stops another's.

pub mod aws;
pub mod classify;
pub mod code;
pub mod git;
pub mod http;
mod recovery;
pub mod redact;
pub mod repo;
pub mod report;
pub mod schedule;
pub mod store;
pub mod tree;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Where a team's work is, as the roster says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RepositorySource {
    /// `https://`, `ssh://`, `git@host:path`, `file://`, a path, or a bundle file.
    pub location: String,
    /// `None` takes the repository's default branch.
    pub branch: Option<String>,
    /// Grades this commit whatever the deadline.
    pub commit: Option<String>,
    /// Starter code: this commit and its ancestors are nobody's work.
    pub base_commit: Option<String>,
    /// Seconds since the epoch; later commits are not graded.
    pub deadline: Option<i64>,
    /// Open the repository where it lies and read its `HEAD`, instead of cloning it: for a student's own working copy.
    pub in_place: bool,
    /// Path of the report from the repository's root; without it, the report is looked for.
    pub report: Option<String>,
    /// The instructor's mailmap: whose the authors are that the roster does not know.
    pub mailmap: git::Mailmap,
}

/// How to reach a team's account. Credentials never stand here, only where to find them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AwsAccess {
    /// A profile of the shared configuration files.
    pub profile: Option<String>,
    /// ARN of a role to assume.
    pub role: Option<String>,
    /// For that role.
    pub external_id: Option<String>,
    /// `None` takes the profile's, then `us-east-1`.
    pub region: Option<String>,
    /// Regions beside that one.
    pub more_regions: Vec<String>,
    /// Another endpoint for every service, for emulators.
    pub endpoint_url: Option<String>,
    /// Twelve digits; any other account is refused.
    pub expected_account: Option<String>,
}

/// curl's `--resolve HOST:PORT:ADDR`; our ADDR may carry a port of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveOverride {
    /// Host of the URL, lower case; `*` is any.
    pub host: String,
    /// Port of the URL.
    pub port: u16,
    /// Where to connect instead; port 0 keeps the URL's.
    pub address: SocketAddr,
}

/// Caps on what a hostile or oversized submission may use.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// For reading the team's documents.
    pub documents: DocumentLimits,
}

/// How a team's documents are read: PDF, DOCX and the like, which the libraries that read them trust too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLimits {
    /// The `stackmark` program, which is started for each document; without it such documents are refused.
    pub program: Option<PathBuf>,
    /// Wall time of one document.
    pub time: Duration,
    /// Bytes of address space for one document, on Linux.
    pub memory: u64,
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { program: None, time: Duration::from_secs(30), memory: 512 << 20 }
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
            documents: DocumentLimits::default(),
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
    pub loads: http::load::LoadGate,
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
