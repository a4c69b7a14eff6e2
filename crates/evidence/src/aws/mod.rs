//! The deployed stack: tables of resources, fields named as AWS names them, in snake_case.
//!
//! | file | holds |
//! |---|---|
//! | `compute` | instances and what they are made from |
//! | `network` | VPCs, subnets, gateways, routes, security groups, ACLs |
//! | `balancing` | load balancers of both generations |
//! | `scaling` | Auto Scaling |
//! | `storage` | buckets and objects |
//! | `management` | alarms, metrics, CloudFormation |
//! | `services` | containers, functions, APIs, and everything else |
//! | `gaps` | what of a table could not be read |

mod balancing;
mod compute;
mod gaps;
mod management;
mod network;
mod scaling;
mod services;
mod storage;

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

use super::{Reading, Unreadable};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// Hands the tables to another macro, each as `/// what it holds`, `name: Row`: what is told of every table is told once.
#[macro_export]
macro_rules! with_tables {
    ($then:ident) => {
        $then! {
            /// EC2 instances, terminated ones left out.
            instances: Instance,
            /// User data of those instances.
            user_data: UserData,
            /// Key pairs.
            key_pairs: KeyPair,
            /// Machine images: the account's own, and those that instances and templates use.
            images: Image,
            /// Launch templates.
            launch_templates: LaunchTemplate,
            /// Launch configurations.
            launch_configurations: LaunchConfiguration,
            /// Block storage volumes.
            volumes: Volume,
            /// Elastic IP addresses.
            addresses: Address,
            /// Instance profiles that instances and templates use.
            instance_profiles: InstanceProfile,
            /// Security groups.
            security_groups: SecurityGroup,
            /// Virtual private clouds.
            vpcs: Vpc,
            /// Their settings for names.
            vpc_attributes: VpcAttributes,
            /// Subnets.
            subnets: Subnet,
            /// Where their packets go.
            subnet_routes: SubnetRoutes,
            /// Internet gateways.
            internet_gateways: InternetGateway,
            /// NAT gateways, deleted ones left out.
            nat_gateways: NatGateway,
            /// Route tables.
            route_tables: RouteTable,
            /// Network ACLs.
            network_acls: NetworkAcl,
            /// Application, network and gateway load balancers.
            load_balancers: LoadBalancer,
            /// Their attributes.
            load_balancer_attributes: LoadBalancerAttributes,
            /// Listeners of those load balancers.
            listeners: Listener,
            /// Rules of those listeners.
            rules: Rule,
            /// Target groups.
            target_groups: TargetGroup,
            /// Their attributes.
            target_group_attributes: TargetGroupAttributes,
            /// Health of each registered target.
            target_health: TargetHealth,
            /// Classic load balancers.
            classic_load_balancers: ClassicLoadBalancer,
            /// Health of each instance behind them.
            classic_health: ClassicHealth,
            /// Auto Scaling groups.
            auto_scaling_groups: AutoScalingGroup,
            /// Their scaling policies.
            scaling_policies: ScalingPolicy,
            /// What they did, newest first.
            scaling_activities: ScalingActivity,
            /// S3 buckets.
            buckets: Bucket,
            /// The first thousand objects of each.
            objects: Object,
            /// CloudWatch alarms.
            alarms: Alarm,
            /// Traffic of the load balancers over the last three hours.
            metrics: Metric,
            /// CloudFormation stacks, deleted ones left out.
            stacks: CloudFormationStack,
            /// What those stacks made.
            stack_resources: StackResource,
            /// ECS services.
            ecs_services: EcsService,
            /// Task definitions that those services run.
            ecs_tasks: EcsTaskDefinition,
            /// Lambda functions.
            functions: Function,
            /// APIs of API Gateway.
            apis: Api,
            /// Resources of the types that checks ask for.
            resources: Resource,
        }
    };
}

macro_rules! evidence {
    ($($(#[$holds:meta])* $name:ident: $row:ty,)*) => {
        /// What was read of the account. A table that the file of an older version lacks was not collected.
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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
            /// nobody can tell whether they belong to the team.
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            pub gaps: BTreeMap<String, Vec<Gap>>,
            /// API calls made, retries included, by IAM action (`ec2:DescribeInstances`): for the report's section on how
            /// it was checked.
            pub calls: BTreeMap<String, u64>,
        }

        impl AwsEvidence {
            /// Names of the tables, as they stand behind `aws.` in a reading's path.
            pub const TABLES: &[&str] = &[$(stringify!($name)),*];

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
with_tables!(evidence);

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The tag filter; empty where the whole account is read.
    pub tags: Tags,
    /// The tags that stand in for them, where nothing carries these and others differ by case or blanks alone; empty where
    /// the tags are as they should be.
    #[serde(default)]
    pub meant: BTreeMap<String, String>,
    /// How each table was found: `tags` (every row carries them), `related` (at least one row does not, and was found
    /// through a resource that it is tied to) or `account` (no tags were asked for, or nothing carried them, or nothing of this kind did).
    pub found_by: BTreeMap<String, String>,
    /// Resources that carry all the tags.
    pub tagged: u64,
    /// Instances, load balancers, target groups, Auto Scaling groups and security groups that are not default ones, of
    /// those found; all of them count as tagged where no tags are asked for.
    pub taggable: u64,
    /// Ids (names of load balancers, target groups, Auto Scaling groups) of resources without the tags, at most twenty.
    pub untagged: Vec<String>,
}
