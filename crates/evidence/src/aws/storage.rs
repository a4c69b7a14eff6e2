//! Buckets and what is in them.

use serde::{Deserialize, Serialize};

use super::Tags;

/// An S3 bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Bucket {
    pub name: String,
    /// Where its objects are.
    pub region: String,
    /// RFC 3339.
    pub creation_date: Option<String>,
    /// `None` where it has none, so that policies and ACLs may open it.
    pub public_access_block: Option<PublicAccessBlock>,
    /// What AWS makes of its policy; `None` where it has no policy.
    pub is_public: Option<bool>,
    /// Whether it holds more objects than `aws.objects` lists; `None` where they were not read.
    pub objects_truncated: Option<bool>,
    pub tags: Tags,
}

/// What a bucket never allows, whatever its policy and ACLs say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PublicAccessBlock {
    pub block_public_acls: bool,
    pub ignore_public_acls: bool,
    pub block_public_policy: bool,
    pub restrict_public_buckets: bool,
}

/// An object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Object {
    pub bucket: String,
    pub key: String,
    /// Bytes.
    pub size: i64,
    /// RFC 3339.
    pub last_modified: Option<String>,
    pub etag: Option<String>,
}
