//! What a team's stack is asked for, as plain data: the scope of every AWS query, and one instance to end.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// One instance of the team's Auto Scaling group ended, and a path asked for until the group is whole again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RecoveryRequest {
    /// Path and query, starting with `/`.
    pub path: String,
    /// Milliseconds between two requests.
    pub every_ms: u64,
    /// Milliseconds after which watching ends.
    pub within_ms: u64,
}

/// Which AWS resources belong to the team.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScopeRequest {
    /// All of these tags, with these values; empty reads the whole account.
    pub tags: BTreeMap<String, String>,
    /// Where nothing carries the tags, read the whole account instead.
    pub fallback_to_account: bool,
    /// Regions that the rubric names, for teams whose roster names none; empty leaves it to the profile.
    #[serde(default)]
    pub regions: Vec<String>,
    /// CloudFormation's names of the types that `aws.resources` holds: `AWS::DynamoDB::Table`.
    #[serde(default)]
    pub resource_types: BTreeSet<String>,
}
