//! What a table lacks: a row that could not be read must not look like a row that is not there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Unreadable;

/// What a table may hold beside its rows, and why that is not known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Gap {
    /// What is not known.
    pub missing: Missing,
    /// Fields of the row, or of each of the rows, that are known all the same: `{"name": "logs"}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub known: BTreeMap<String, Value>,
    /// With [`Missing::Fields`], the fields that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Of these fields, the numbers of which something is known all the same.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub between: BTreeMap<String, Between>,
    /// Why.
    pub failure: Unreadable,
}

/// Between which numbers one lies that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Between {
    /// What was read of it.
    pub least: u64,
    /// `None` where there may be any number more.
    pub most: Option<u64>,
}

/// What of a table is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// Whether one row with the known fields belongs to the team; what else it holds, unless all its fields are known.
    Row,
    /// How many rows with the known fields there are, and what else they hold.
    Rows,
    /// Some fields of the row in the table that has the known ones.
    Fields,
}

impl Gap {
    /// One row that may belong to the table.
    pub fn row(known: BTreeMap<String, Value>, failure: Unreadable) -> Self {
        Self { missing: Missing::Row, known, fields: Vec::new(), between: BTreeMap::new(), failure }
    }

    /// Any number of rows that have `known` in common.
    pub fn rows(known: BTreeMap<String, Value>, failure: Unreadable) -> Self {
        Self { missing: Missing::Rows, known, fields: Vec::new(), between: BTreeMap::new(), failure }
    }

    /// Fields of the row that has `known`.
    pub fn fields(known: BTreeMap<String, Value>, fields: &[&str], failure: Unreadable) -> Self {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        Self { missing: Missing::Fields, known, fields, between: BTreeMap::new(), failure }
    }

    /// A row of which all is known but whether it belongs to the team.
    pub fn doubtful(row: impl Serialize, failure: Unreadable) -> Self {
        let known = match serde_json::to_value(row) {
            Ok(Value::Object(fields)) => fields.into_iter().collect(),
            // Not even its fields can be told, which is all the more a gap.
            _ => BTreeMap::new(),
        };
        Self::row(known, failure)
    }
}

/// One field with a text, as [`Gap::known`] takes it.
pub fn identified(field: &str, text: &str) -> BTreeMap<String, Value> {
    BTreeMap::from([(field.to_owned(), Value::from(text))])
}
