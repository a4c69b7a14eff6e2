//! The deployed stack: tables of resources, fields named as AWS names them, in snake_case.
//!
//! | file | holds |
//! |---|---|
//! | `compute` | instances and what they are made from |
//! | `network` | VPCs, subnets, gateways, routes, security groups, ACLs |
//! | `balancing` | load balancers of both generations |
//! | `scaling` | Auto Scaling |
//! | `storage` | buckets and objects |
//! | `management` | alarms and their topics, metrics, CloudFormation, the root user |
//! | `services` | containers, functions, APIs, everything else, pipelines, Beanstalk's environments |
//! | `gaps` | what of a table could not be read |
//! | `tables` | what is told of every table |

mod balancing;
mod compute;
mod gaps;
mod management;
mod network;
mod scaling;
mod services;
mod storage;
mod tables;

pub use balancing::*;
pub use compute::*;
pub use gaps::*;
pub use management::*;
pub use network::*;
pub use scaling::*;
pub use services::*;
pub use storage::*;

use std::collections::BTreeMap;
use std::convert::Infallible;

use serde::{Deserialize, Serialize};

use super::closed::FoundBy;
use super::{Reading, Unreadable};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

macro_rules! evidence {
    ($($(#[$holds:meta])* $name:ident: $row:ident { $($rest:tt)* })*) => {
        /// What was read of the account. A table that the file of an older version lacks was not collected.
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(default)]
        pub struct AwsEvidence {
            /// Who asked, as STS tells it.
            pub caller: Reading<Caller>,
            /// Which resources were asked for.
            pub scope: Reading<Scope>,
            $($(#[$holds])* pub $name: Reading<Vec<$row>>,)*
            /// Types that `resources` does not hold because they could not be read, by CloudFormation's name: what was
            /// read of the other types stands.
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub resource_gaps: BTreeMap<String, Unreadable>,
            /// What a table that was read lacks, by its name: rows or fields that could not be read, and rows of which
            /// nobody can tell whether they belong to the team. Of `scope`, the counts that rest on them.
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub gaps: BTreeMap<String, Vec<Gap>>,
            /// API calls made, retries included, by IAM action (`ec2:DescribeInstances`): for the report's section on how
            /// it was checked.
            pub calls: BTreeMap<String, u64>,
        }

        impl AwsEvidence {
            /// Names of the tables, as they stand behind `aws.` in a reading's path.
            pub const TABLES: &[&str] = &[$(stringify!($name)),*];

            /// Why nobody can tell all the rows of the table of this name; `None` where its rows are all there are. Whoever
            /// concludes from a table that something is not there asks this first.
            pub fn missing(&self, table: &str) -> Option<&Unreadable> {
                let gaps = self.gaps.get(table)?;
                gaps.iter().find(|gap| gap.missing != Missing::Fields).map(|gap| &gap.failure)
            }

            /// `gap` in place of every reading whose name (`caller`, `instances`, …) is wanted; the others were not
            /// collected.
            pub fn unread(gap: &Reading<Infallible>, wanted: impl Fn(&str) -> bool) -> Self {
                fn reading<T>(gap: &Reading<Infallible>, wanted: bool) -> Reading<T> {
                    if wanted { gap.clone().map(|never| match never {}) } else { Reading::default() }
                }
                Self {
                    caller: reading(gap, wanted("caller")),
                    scope: reading(gap, wanted("scope")),
                    $($name: reading(gap, wanted(stringify!($name))),)*
                    resource_gaps: BTreeMap::new(),
                    gaps: BTreeMap::new(),
                    calls: BTreeMap::new(),
                }
            }
        }
    };
}
crate::with_tables!(evidence);

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// ARN of the user or role.
    pub arn: String,
    /// Region that was read; the first of several.
    pub region: String,
    /// All regions that were read, in the order in which they were asked for.
    #[serde(default)]
    pub regions: Vec<String>,
}

/// Which resources were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Scope {
    /// The tag filter; empty where the whole account is read.
    pub tags: Tags,
    /// The tags that stand in for them, where nothing carries these and others differ by case or blanks alone; empty where
    /// the tags are as they should be.
    #[serde(default)]
    pub meant: BTreeMap<String, String>,
    /// How each table was found, by its name.
    pub found_by: BTreeMap<String, FoundBy>,
    /// Resources that carry all the tags.
    pub tagged: u64,
    /// Instances, load balancers, target groups, Auto Scaling groups and security groups that are not default ones, of
    /// those found; all of them count as tagged where no tags are asked for.
    pub taggable: u64,
    /// Ids (names of load balancers, target groups, Auto Scaling groups) of resources without the tags, at most twenty.
    pub untagged: Vec<String>,
}
