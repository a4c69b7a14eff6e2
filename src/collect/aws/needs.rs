//! Which tables a reading is made from, and the operations that fetch them.

use std::collections::BTreeSet;

use crate::plan::ScopeRequest;

/// A table of [`crate::evidence::aws::AwsEvidence`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Instances,
    UserData,
    KeyPairs,
    Images,
    LaunchTemplates,
    LaunchConfigurations,
    Volumes,
    Addresses,
    InstanceProfiles,
    SecurityGroups,
    Vpcs,
    VpcAttributes,
    Subnets,
    SubnetRoutes,
    InternetGateways,
    NatGateways,
    RouteTables,
    NetworkAcls,
    LoadBalancers,
    LoadBalancerAttributes,
    Listeners,
    Rules,
    TargetGroups,
    TargetGroupAttributes,
    TargetHealth,
    ClassicLoadBalancers,
    ClassicHealth,
    AutoScalingGroups,
    ScalingPolicies,
    ScalingActivities,
    Buckets,
    Objects,
    Alarms,
    Metrics,
    Stacks,
    StackResources,
}

use Table::*;

/// What it takes to read a table.
struct Need {
    table: Table,
    /// The name that stands behind `aws.` in a reading's path.
    name: &'static str,
    /// Tables that it is made from, or whose ids are asked for.
    parents: &'static [Table],
    /// Tables that tell which of its rows belong to the team; without a tag filter, all of them do.
    to_scope: &'static [Table],
    /// IAM actions that fetch it.
    actions: &'static [&'static str],
    /// Whether its rows may belong through a tie to a tagged resource, which [`RELATIONS`] tell.
    tied: bool,
}

/// One need for each table, in the order of [`Table`].
const NEEDS: &[Need] = &[
    Need {
        table: Instances,
        name: "instances",
        parents: &[],
        to_scope: &[],
        actions: &["ec2:DescribeInstances"],
        tied: true,
    },
    Need {
        table: UserData,
        name: "user_data",
        parents: &[Instances],
        to_scope: &[],
        actions: &["ec2:DescribeInstanceAttribute"],
        tied: true,
    },
    Need {
        table: KeyPairs,
        name: "key_pairs",
        parents: &[],
        to_scope: &[Instances],
        actions: &["ec2:DescribeKeyPairs"],
        tied: true,
    },
    Need {
        table: Images,
        name: "images",
        parents: &[Instances],
        to_scope: &[],
        actions: &["ec2:DescribeImages"],
        tied: true,
    },
    Need {
        table: LaunchTemplates,
        name: "launch_templates",
        parents: &[],
        to_scope: &[Instances, AutoScalingGroups],
        actions: &["ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates"],
        tied: true,
    },
    Need {
        table: LaunchConfigurations,
        name: "launch_configurations",
        parents: &[],
        to_scope: &[AutoScalingGroups],
        actions: &["autoscaling:DescribeLaunchConfigurations"],
        tied: true,
    },
    Need {
        table: Volumes,
        name: "volumes",
        parents: &[],
        to_scope: &[Instances],
        actions: &["ec2:DescribeVolumes"],
        tied: true,
    },
    Need {
        table: Addresses,
        name: "addresses",
        parents: &[],
        to_scope: &[Instances],
        actions: &["ec2:DescribeAddresses"],
        tied: true,
    },
    Need {
        table: InstanceProfiles,
        name: "instance_profiles",
        parents: &[Instances, LaunchTemplates],
        to_scope: &[],
        actions: &["iam:GetInstanceProfile", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
        tied: true,
    },
    Need {
        table: SecurityGroups,
        name: "security_groups",
        parents: &[],
        to_scope: &[],
        actions: &["ec2:DescribeSecurityGroups"],
        tied: true,
    },
    Need { table: Vpcs, name: "vpcs", parents: &[], to_scope: &[], actions: &["ec2:DescribeVpcs"], tied: true },
    Need {
        table: VpcAttributes,
        name: "vpc_attributes",
        parents: &[Vpcs],
        to_scope: &[],
        actions: &["ec2:DescribeVpcAttribute"],
        tied: true,
    },
    Need {
        table: Subnets,
        name: "subnets",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeSubnets"],
        tied: true,
    },
    Need {
        table: SubnetRoutes,
        name: "subnet_routes",
        parents: &[Subnets, RouteTables],
        to_scope: &[],
        actions: &[],
        tied: true,
    },
    Need {
        table: InternetGateways,
        name: "internet_gateways",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeInternetGateways"],
        tied: true,
    },
    Need {
        table: NatGateways,
        name: "nat_gateways",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeNatGateways"],
        tied: true,
    },
    Need {
        table: RouteTables,
        name: "route_tables",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeRouteTables"],
        tied: true,
    },
    Need {
        table: NetworkAcls,
        name: "network_acls",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeNetworkAcls"],
        tied: true,
    },
    Need {
        table: LoadBalancers,
        name: "load_balancers",
        parents: &[],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"],
        tied: true,
    },
    Need {
        table: LoadBalancerAttributes,
        name: "load_balancer_attributes",
        parents: &[LoadBalancers],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeLoadBalancerAttributes"],
        tied: true,
    },
    Need {
        table: Listeners,
        name: "listeners",
        parents: &[LoadBalancers],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeListeners"],
        tied: true,
    },
    Need {
        table: Rules,
        name: "rules",
        parents: &[Listeners],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeRules"],
        tied: true,
    },
    Need {
        table: TargetGroups,
        name: "target_groups",
        parents: &[],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroups"],
        tied: true,
    },
    Need {
        table: TargetGroupAttributes,
        name: "target_group_attributes",
        parents: &[TargetGroups],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeTargetGroupAttributes"],
        tied: true,
    },
    Need {
        table: TargetHealth,
        name: "target_health",
        parents: &[TargetGroups],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeTargetHealth"],
        tied: true,
    },
    Need {
        table: ClassicLoadBalancers,
        name: "classic_load_balancers",
        parents: &[],
        to_scope: &[],
        actions: &[
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
        ],
        tied: true,
    },
    Need {
        table: ClassicHealth,
        name: "classic_health",
        parents: &[ClassicLoadBalancers],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeInstanceHealth"],
        tied: true,
    },
    Need {
        table: AutoScalingGroups,
        name: "auto_scaling_groups",
        parents: &[],
        to_scope: &[],
        actions: &["autoscaling:DescribeAutoScalingGroups"],
        tied: true,
    },
    Need {
        table: ScalingPolicies,
        name: "scaling_policies",
        parents: &[AutoScalingGroups],
        to_scope: &[],
        actions: &["autoscaling:DescribePolicies"],
        tied: true,
    },
    Need {
        table: ScalingActivities,
        name: "scaling_activities",
        parents: &[AutoScalingGroups],
        to_scope: &[],
        actions: &["autoscaling:DescribeScalingActivities"],
        tied: true,
    },
    Need {
        table: Buckets,
        name: "buckets",
        parents: &[],
        to_scope: &[],
        actions: &[
            "s3:GetBucketLocation",
            "s3:GetBucketPolicyStatus",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketTagging",
            "s3:ListAllMyBuckets",
        ],
        tied: false,
    },
    Need {
        table: Objects,
        name: "objects",
        parents: &[Buckets],
        to_scope: &[],
        actions: &["s3:ListBucket"],
        tied: false,
    },
    Need {
        table: Alarms,
        name: "alarms",
        parents: &[],
        to_scope: &[Instances, LoadBalancers, TargetGroups, AutoScalingGroups],
        actions: &["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
        tied: true,
    },
    Need {
        table: Metrics,
        name: "metrics",
        parents: &[LoadBalancers, ClassicLoadBalancers],
        to_scope: &[],
        actions: &["cloudwatch:GetMetricData"],
        tied: true,
    },
    Need {
        table: Stacks,
        name: "stacks",
        parents: &[],
        to_scope: &[],
        actions: &["cloudformation:DescribeStacks"],
        tied: false,
    },
    Need {
        table: StackResources,
        name: "stack_resources",
        parents: &[Stacks],
        to_scope: &[],
        actions: &["cloudformation:ListStackResources"],
        tied: false,
    },
];

/// What the relations between resources are read from: these decide which untagged resources belong to the team.
const RELATIONS: [Table; 5] = [Instances, LoadBalancers, TargetGroups, TargetHealth, AutoScalingGroups];
/// What `aws.scope` counts wherever a rubric looks at instances or what is around them.
const COUNTED: [Table; 5] = [Instances, LoadBalancers, TargetGroups, AutoScalingGroups, SecurityGroups];

impl Table {
    fn need(self) -> &'static Need {
        &NEEDS[self as usize]
    }

    /// The name that stands behind `aws.` in a reading's path.
    pub(super) fn name(self) -> &'static str {
        self.need().name
    }

    /// The tables that the table of this name is made from or scoped by, the nearest first.
    pub(super) fn ancestors(name: &str) -> Vec<Self> {
        let need = NEEDS.iter().find(|need| need.name == name);
        let direct = need.map(|need| [need.parents, need.to_scope].concat()).unwrap_or_default();
        let further = direct.iter().flat_map(|table| Self::ancestors(table.name())).collect();
        [direct, further].concat()
    }
}

/// The tables to fetch for these reading paths: those named and what they are made from.
pub(super) fn tables(wanted: &BTreeSet<String>, scope: &ScopeRequest) -> BTreeSet<Table> {
    let by_tags = !scope.tags.is_empty();
    let named = NEEDS.iter().filter(|need| wanted.contains(&format!("aws.{}", need.name)));
    let mut needed = BTreeSet::new();
    let mut open: Vec<Table> = named.map(|need| need.table).collect();
    if by_tags {
        let around = |open: &[Table]| open.iter().any(|table| table.need().tied);
        if wanted.contains("aws.scope") && (open.is_empty() || around(&open)) {
            open.extend(COUNTED);
        }
        if around(&open) {
            open.extend(RELATIONS);
        }
    }
    while let Some(table) = open.pop() {
        if needed.insert(table) {
            open.extend(table.need().parents);
            open.extend(table.need().to_scope.iter().filter(|_| by_tags));
        }
    }
    needed
}

/// The IAM actions that reading these paths takes, `sts:GetCallerIdentity` included: what a least-privilege policy
/// allows. `sts:AssumeRole` is not among them, for the role's trust allows it.
pub fn operations_for(wanted: &BTreeSet<String>, scope: &ScopeRequest) -> BTreeSet<&'static str> {
    if !wanted.iter().any(|path| path.starts_with("aws.")) {
        return BTreeSet::new();
    }
    let mut actions = BTreeSet::from(["sts:GetCallerIdentity"]);
    actions.extend(tables(wanted, scope).into_iter().flat_map(|table| table.need().actions));
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::OPERATIONS;
    use crate::evidence::aws::AwsEvidence;
    use crate::evidence::paths::READING_PATHS;

    fn wanted(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    fn tagged() -> ScopeRequest {
        ScopeRequest { tags: [("team".to_owned(), "t1".to_owned())].into(), ..ScopeRequest::default() }
    }

    #[test]
    fn every_table_is_a_reading_and_every_action_an_operation() {
        for (position, need) in NEEDS.iter().enumerate() {
            assert_eq!(need.table as usize, position, "{} stands in another place than its table", need.name);
            let path = format!("aws.{}", need.name);
            assert!(READING_PATHS.iter().any(|known| known.path == path), "{path}");
            for action in need.actions {
                assert!(OPERATIONS.iter().any(|operation| operation.action == *action), "{action}");
            }
        }
        let names: Vec<_> = NEEDS.iter().map(|need| need.name).collect();
        assert!(AwsEvidence::TABLES.starts_with(&names), "another order than that of the evidence");
    }

    #[test]
    fn an_account_scope_fetches_a_table_and_its_parents_only() {
        let needed = tables(&wanted(&["aws.rules", "git.head"]), &ScopeRequest::default());
        assert_eq!(needed, BTreeSet::from([Rules, Listeners, LoadBalancers]));
        assert!(tables(&wanted(&["aws.scope", "aws.caller"]), &ScopeRequest::default()).is_empty());
    }

    #[test]
    fn a_tag_scope_also_fetches_what_the_relations_are_read_from() {
        let needed = tables(&wanted(&["aws.vpcs"]), &tagged());
        assert_eq!(
            needed,
            BTreeSet::from([Vpcs, Instances, LoadBalancers, TargetGroups, TargetHealth, AutoScalingGroups])
        );
        assert!(tables(&wanted(&["aws.caller"]), &tagged()).is_empty());
    }

    #[test]
    fn permissions_are_those_of_what_is_fetched() {
        assert!(operations_for(&wanted(&["git.head"]), &tagged()).is_empty());
        assert_eq!(
            operations_for(&wanted(&["aws.instances"]), &ScopeRequest::default()),
            BTreeSet::from(["sts:GetCallerIdentity", "ec2:DescribeInstances"])
        );
    }
}
