//! Which readings of a bundle are of an earlier collection, and why.
//!
//! A stack is gone a month later. Collecting again then reads less, and what was read before must not be lost over it: the
//! bundle holds the readings that count, and its ledger says of which collection they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What came of two collections or more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Ledger {
    /// When readings were taken that are not of the bundle's own `collected_at`: by path (`aws.instances`), or by family
    /// (`aws`) for all of it. RFC 3339, UTC.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub taken_at: BTreeMap<String, String>,
    /// Readings of which a later collection read less than an earlier one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
}

/// Readings of which two collections say different things, and the one that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Choice {
    /// Paths as in checks; for an exchange or a load, `http.exchanges` or `http.loads` and its key.
    pub readings: Vec<String>,
    /// Which of the two counts.
    pub used: Used,
    /// Why that one.
    pub because: Because,
    /// The one that read more.
    pub earlier: Taken,
    /// The one that read less.
    pub newer: Taken,
}

/// One of two collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Used {
    /// The one that read more.
    Earlier,
    /// The one that read less.
    Newer,
}

/// Why an earlier reading, or a newer one, counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Because {
    /// The newer collection could not read it; the earlier one counts.
    Unread,
    /// The newer collection found nothing there any more; the earlier one counts.
    Gone,
    /// Something else is there instead; the newer one counts.
    Replaced,
    /// Another commit is graded; the newer one counts.
    OtherCommit,
    /// The roster names another repository, branch, commit or folder by now; the newer one counts.
    OtherWork,
    /// The instructor asked for the newer one.
    Asked,
}

/// One collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Taken {
    /// When, RFC 3339, UTC.
    pub at: String,
    /// SHA-256 of its bundle, by which the team's `history/` keeps it.
    pub sha256: String,
}

impl Ledger {
    /// Whether all is of one collection.
    pub fn is_empty(&self) -> bool {
        self.taken_at.is_empty() && self.choices.is_empty()
    }

    /// When the reading at `path` was taken, if not when the bundle was collected.
    pub fn taken_at(&self, path: &str) -> Option<&str> {
        let family = path.split('.').next().unwrap_or(path);
        self.taken_at.get(path).or_else(|| self.taken_at.get(family)).map(String::as_str)
    }
}
