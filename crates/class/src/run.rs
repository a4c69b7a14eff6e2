//! `run.json`: which team stands where, so that a run that was killed goes on where it stopped.

use serde::{Deserialize, Serialize};

use std::path::Path;

use crate::copies::SharedFile;
use crate::failure::Failure;
use crate::store;
use stackmark_evidence::{Cause, Tool};
use stackmark_judge::scorecard::{ItemScore, Mark, RubricStamp, Scorecard, Verdict};

/// The format of `run.json`; a reader refuses any other.
pub const SCHEMA: &str = "stackmark/run/v1";

/// The record of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Which format this is, with its version.
    pub schema: String,
    /// The program.
    pub tool: Tool,
    /// RFC 3339, UTC.
    pub started_at: String,
    /// RFC 3339, UTC; `None` while it runs or where it was killed, and can be gone on with.
    pub finished_at: Option<String>,
    /// The rubric.
    pub rubric: RubricStamp,
    /// SHA-256 of the roster; a change of it starts anew.
    pub roster_sha256: String,
    /// SHA-256 of the instructor's mailmap, where there is one; a change of it starts anew.
    pub mailmap_sha256: Option<String>,
    /// What it collects anew, where that is not all; a change of it starts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<String>,
    /// In the roster's order.
    pub teams: Vec<TeamRun>,
    /// The same file in several teams' repositories, the longest first.
    #[serde(default)]
    pub shared_files: Vec<SharedFile>,
}

/// One team of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeamRun {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub status: Status,
    /// Its mark, once graded.
    pub mark: Option<Mark>,
    /// Items that are undetermined and that nobody settled.
    pub undetermined: u64,
    /// What went wrong, where it failed.
    pub error: Option<String>,
}

/// How far a team is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not done.
    Pending,
    /// Evidence is stored, not judged.
    Collected,
    /// Evidence, scorecard and report are stored.
    Graded,
    /// Stackmark itself failed on this team.
    Failed,
}

impl TeamRun {
    /// Not done yet.
    pub fn pending(id: &str) -> Self {
        Self { id: id.to_owned(), status: Status::Pending, mark: None, undetermined: 0, error: None }
    }

    /// Stackmark itself failed on it.
    pub fn failed(id: &str, error: String) -> Self {
        Self { status: Status::Failed, error: Some(error), ..Self::pending(id) }
    }

    /// Graded, with this card.
    pub fn graded(card: &Scorecard) -> Self {
        Self {
            id: card.team.clone(),
            status: Status::Graded,
            mark: Some(card.mark),
            undetermined: undetermined(card),
            error: None,
        }
    }
}

/// Items that are undetermined and that nobody settled; what was not asked for is no failure.
pub fn undetermined(card: &Scorecard) -> u64 {
    let items = card.criteria.iter().flat_map(|criterion| &criterion.items);
    let failed = |item: &&ItemScore| {
        item.outcome.verdict == Verdict::Undetermined
            && item.settled.is_none()
            && item.outcome.unreadable.iter().any(|missing| missing.failure.cause != Cause::NotCollected)
    };
    items.filter(failed).count() as u64
}

impl Run {
    /// Reads a record.
    ///
    /// # Errors
    /// The file cannot be read, is no record, or is of another format; the message names it.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let text = store::read(path)?;
        let wrong = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
        // The format first: a later one may well have other fields.
        let fields: serde_json::Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if fields["schema"] != SCHEMA {
            return Err(wrong(format!("its format is not {SCHEMA}")));
        }
        serde_json::from_value(fields).map_err(|error| wrong(error.to_string()))
    }

    /// Writes the record, whole or not at all.
    ///
    /// # Errors
    /// The file cannot be written; the message names it.
    pub fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self)?;
        Ok(store::write(path, &format!("{text}\n"))?)
    }

    /// Whether both are of the same roster, rubric and program, so that their teams' entries can stand side by side.
    pub fn has_inputs_of(&self, other: &Self) -> bool {
        self.rubric.sha256 == other.rubric.sha256
            && self.roster_sha256 == other.roster_sha256
            && self.mailmap_sha256 == other.mailmap_sha256
            && self.tool == other.tool
    }
}
