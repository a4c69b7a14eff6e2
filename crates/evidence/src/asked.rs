//! What each item of a rubric asked for, as it was planned: the judge looks requests up by it and fills in none again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a rubric asked for, item by item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct AskedFor {
    /// SHA-256 of the rubric and its checks, in hexadecimal.
    pub rubric_sha256: String,
    /// By the item's id.
    pub items: BTreeMap<String, Asked>,
    /// SHA-256 of what the roster names: address, branch, commit and folder, in hexadecimal; of what the repository's readings
    /// are. `None` in the files of an older version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work_sha256: Option<String>,
}

/// What one item asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Asked {
    /// Paths of readings, as [`crate::paths::READING_PATHS`] has them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<String>,
    /// CloudFormation's names of the types looked for in `aws.resources`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_types: Vec<String>,
    /// Keys of requests, in the order of the check's steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<String>,
    /// Key of a load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<String>,
}
