//! Rows, and what is missing beside them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::owner::{claimed, doubtful};
use super::rows::Row;
use stackmark_evidence::aws::{Gap, Missing, Tags};
use stackmark_evidence::{Cause, Unreadable};

/// A table, or why nothing of it could be read.
pub(super) type Rows<T> = Result<Found<T>, Unreadable>;

/// The rows of a table that were read, and what is missing beside them.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    pub(super) rows: Vec<T>,
    pub(super) gaps: Vec<Gap>,
    /// What was asked about and is there no more: ids of what the rows hang on.
    pub(super) gone: BTreeSet<String>,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), gaps: Vec::new(), gone: BTreeSet::new() }
    }
}

impl<T> From<Vec<T>> for Found<T> {
    fn from(rows: Vec<T>) -> Self {
        Self { rows, ..Self::default() }
    }
}

impl<T> Found<T> {
    /// The same rows, with more missing.
    pub(super) fn lacking(mut self, gaps: impl IntoIterator<Item = Gap>) -> Self {
        for gap in gaps {
            if !self.gaps.contains(&gap) {
                self.gaps.push(gap);
            }
        }
        self
    }

    /// Why nobody can tell all of its rows.
    pub(super) fn unknown(&self) -> Option<&Unreadable> {
        self.gaps.iter().find(|gap| gap.missing != Missing::Fields).map(|gap| &gap.failure)
    }
}

impl<T: Serialize> Found<T> {
    /// The rows that `takes` takes; of the others, those that `may_belong` names a cause for are missing.
    pub(super) fn sorted_out(
        rows: impl IntoIterator<Item = T>,
        takes: impl Fn(&T) -> bool,
        may_belong: impl Fn(&T) -> Option<Unreadable>,
    ) -> Self {
        let mut found = Self::default();
        for row in rows {
            if takes(&row) {
                found.rows.push(row);
            } else if let Some(failure) = may_belong(&row) {
                found.gaps.push(Gap::doubtful(&row, doubtful(failure)));
            }
        }
        found
    }

    /// Of no row can be told any more whether it belongs.
    pub(super) fn doubt(&mut self, failure: &Unreadable) {
        let rows = std::mem::take(&mut self.rows);
        self.gaps.extend(rows.iter().map(|row| Gap::doubtful(row, doubtful(failure.clone()))));
    }
}

impl<T: Serialize + Row> Found<T> {
    /// Takes the rows out whose tags name somebody else: they may be the team's all the same, wrongly tagged.
    pub(super) fn doubt_claimed(&mut self, wanted: &Tags) {
        let is_claimed = |row: &T| row.tags().is_some_and(|tags| claimed(tags, wanted));
        let (others, own): (Vec<T>, Vec<T>) = std::mem::take(&mut self.rows).into_iter().partition(is_claimed);
        self.rows = own;
        let failure = || {
            Unreadable::new(
                Cause::Refused,
                "nothing carries the team's tags, and the tags of this resource name somebody else; look whose it is, or \
                 correct the tags of the roster",
            )
        };
        self.gaps.extend(others.iter().map(|row| Gap::doubtful(row, failure())));
    }
}

/// Why nobody can tell all the rows of a table; `None` where it was not asked for.
pub(super) fn unknown<T>(table: &Option<Rows<T>>) -> Option<Unreadable> {
    match table {
        Some(Err(failure)) => Some(failure.clone()),
        Some(Ok(found)) => found.unknown().cloned(),
        None => None,
    }
}

/// What a table lacks that hangs on the rows of this one.
pub(super) fn lacks<T>(parent: &Option<Rows<T>>) -> Option<Gap> {
    unknown(parent).map(|failure| Gap::rows(BTreeMap::new(), doubtful(failure)))
}
