//! A team's evidence as it is stored, and found again by its SHA-256.

use std::path::Path;

use stackmark_evidence::Evidence;
use stackmark_render::json;

use crate::failure::Failure;
use crate::history;
use crate::store::{self, Results};

/// Evidence of the last commit by the cutoff, beside `evidence.json`.
pub(crate) const LATE: &str = "evidence-late.json";

/// Evidence with the SHA-256 of the very bytes that are stored.
pub struct Stored {
    /// What was read.
    pub evidence: Evidence,
    /// Of `evidence.json`, in hexadecimal.
    pub sha256: String,
    /// Whether this very collection could not read what an earlier one had read, which is used instead.
    pub unread: bool,
    /// Which of two readings is used, where this very collection read less than an earlier one.
    pub notes: Vec<String>,
}

/// The stored evidence of a team.
///
/// # Errors
/// It cannot be read, or is another team's: what is judged from it would take that team's place.
pub fn read_evidence(results: &Results, team: &str) -> Result<Stored, Failure> {
    read_evidence_file(&results.team(team, "evidence.json"), team)
}

/// The evidence that a scorecard names by its SHA-256: the one in time, the late one, or one that is not the newest any more.
///
/// # Errors
/// None of them is it, or it cannot be read.
pub fn read_judged(results: &Results, team: &str, sha256: &str) -> Result<Stored, Failure> {
    let names = ["evidence.json", LATE].map(|name| results.team(team, name));
    for path in names.into_iter().chain([history::evidence(results, team, sha256)]) {
        if path.is_file()
            && let Ok(stored) = read_evidence_file(&path, team)
            && stored.sha256 == sha256
        {
            return Ok(stored);
        }
    }
    Err(Failure::unexpected(format!("the evidence of team {team} with SHA-256 {sha256} is not stored any more")))
}

/// A team's evidence in a file of any name.
pub(crate) fn read_evidence_file(path: &Path, team: &str) -> Result<Stored, Failure> {
    let text = store::read(path)?;
    let failure = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
    let evidence = json::read_evidence(&text).map_err(|error| failure(error.to_string()))?;
    if evidence.team.id != team {
        return Err(failure(format!("this is the evidence of team {:?}, not of \"{team}\"", evidence.team.id)));
    }
    Ok(Stored { evidence, sha256: json::sha256_hex(text.as_bytes()), unread: false, notes: Vec::new() })
}
