//! Fingerprints on disk: those of each team beside its evidence, and the indices of past classes.

use std::path::Path;

use serde::{Deserialize, Serialize};
use stackmark_render::json::sha256_hex;
use stackmark_similar::TeamPrints;
use stackmark_similar::index::Index;
use stackmark_similar::prints::VERSION;

use crate::failure::Failure;
use crate::job::TeamJob;
use crate::store;

/// The file of a team's fingerprints, beside its evidence.
pub const FINGERPRINTS: &str = "fingerprints.json";

/// The fingerprints of a team, and what they were made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    /// Of all that they depend on: another key, and they are made again.
    pub(super) key: String,
    /// The commit that was read.
    pub(super) commit: String,
    /// Starter code aside.
    pub(super) prints: TeamPrints,
    /// What could not be read, in words.
    pub(super) unread: Vec<String>,
}

/// Over everything that a team's fingerprints depend on.
pub(super) fn key(job: &TeamJob, commit: &str, handed_out: &str) -> String {
    let source = &job.repository;
    let parts = serde_json::json!([
        VERSION,
        commit,
        job.team.folder,
        source.base_commit,
        source.report,
        source.counts,
        source.ignore,
        handed_out,
    ]);
    sha256_hex(parts.to_string().as_bytes())
}

/// The stored fingerprints; `None` if there are none that can be read, and they are made again.
pub(super) fn read(path: &Path) -> Option<Stored> {
    serde_json::from_str(&store::read(path).ok()?).ok()
}

/// Stores a team's fingerprints.
pub(super) fn write(path: &Path, stored: &Stored) -> Result<(), String> {
    let text = serde_json::to_string(stored).map_err(|error| error.to_string())?;
    store::write(path, &text).map_err(|error| error.to_string())
}

/// Reads the index of a past class.
///
/// # Errors
/// It cannot be read, is no index, or one of another version; the message names the file.
pub fn read_index(path: &Path) -> Result<Index, Failure> {
    let text = store::read(path).map_err(|error| Failure::usage(error.to_string()))?;
    Index::read(&text).map_err(|why| Failure::usage(format!("{}: {why}", path.display())))
}
