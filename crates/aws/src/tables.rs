//! Every table, and what it takes to read it.

/// A table of [`stackmark_evidence::aws::AwsEvidence`].
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
    EcsServices,
    EcsTasks,
    Functions,
    Apis,
    Resources,
}

use Table::*;

/// What it takes to read a table.
pub(super) struct Need {
    pub(super) table: Table,
    /// The name that stands behind `aws.` in a reading's path.
    pub(super) name: &'static str,
    /// Tables that it is made from, or whose ids are asked for.
    pub(super) parents: &'static [Table],
    /// Tables that tell which of its rows belong to the team; without a tag filter, all of them do.
    pub(super) to_scope: &'static [Table],
    /// IAM actions that fetch it.
    pub(super) actions: &'static [&'static str],
}

/// One need for each table, in the order of [`Table`].
pub(super) const NEEDS: &[Need] = &[
    Need { table: Instances, name: "instances", parents: &[], to_scope: &[], actions: &["ec2:DescribeInstances"] },
    Need {
        table: UserData,
        name: "user_data",
        parents: &[Instances],
        to_scope: &[],
        actions: &["ec2:DescribeInstanceAttribute"],
    },
    Need {
        table: KeyPairs,
        name: "key_pairs",
        parents: &[],
        to_scope: &[Instances, LaunchTemplates, LaunchConfigurations],
        actions: &["ec2:DescribeKeyPairs"],
    },
    Need { table: Images, name: "images", parents: &[Instances], to_scope: &[], actions: &["ec2:DescribeImages"] },
    Need {
        table: LaunchTemplates,
        name: "launch_templates",
        parents: &[],
        to_scope: &[Instances, AutoScalingGroups],
        actions: &["ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates"],
    },
    Need {
        table: LaunchConfigurations,
        name: "launch_configurations",
        parents: &[],
        to_scope: &[AutoScalingGroups],
        actions: &["autoscaling:DescribeLaunchConfigurations"],
    },
    Need { table: Volumes, name: "volumes", parents: &[], to_scope: &[Instances], actions: &["ec2:DescribeVolumes"] },
    Need {
        table: Addresses,
        name: "addresses",
        parents: &[],
        to_scope: &[Instances],
        actions: &["ec2:DescribeAddresses"],
    },
    Need {
        table: InstanceProfiles,
        name: "instance_profiles",
        parents: &[Instances, LaunchTemplates],
        to_scope: &[],
        actions: &["iam:GetInstanceProfile", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
    },
    Need {
        table: SecurityGroups,
        name: "security_groups",
        parents: &[],
        to_scope: &[],
        actions: &["ec2:DescribeSecurityGroups"],
    },
    Need { table: Vpcs, name: "vpcs", parents: &[], to_scope: &[], actions: &["ec2:DescribeVpcs"] },
    Need {
        table: VpcAttributes,
        name: "vpc_attributes",
        parents: &[Vpcs],
        to_scope: &[],
        actions: &["ec2:DescribeVpcAttribute"],
    },
    Need { table: Subnets, name: "subnets", parents: &[], to_scope: &[Vpcs], actions: &["ec2:DescribeSubnets"] },
    Need { table: SubnetRoutes, name: "subnet_routes", parents: &[Subnets, RouteTables], to_scope: &[], actions: &[] },
    Need {
        table: InternetGateways,
        name: "internet_gateways",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeInternetGateways"],
    },
    Need {
        table: NatGateways,
        name: "nat_gateways",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeNatGateways"],
    },
    Need {
        table: RouteTables,
        name: "route_tables",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeRouteTables"],
    },
    Need {
        table: NetworkAcls,
        name: "network_acls",
        parents: &[],
        to_scope: &[Vpcs],
        actions: &["ec2:DescribeNetworkAcls"],
    },
    Need {
        table: LoadBalancers,
        name: "load_balancers",
        parents: &[],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"],
    },
    Need {
        table: LoadBalancerAttributes,
        name: "load_balancer_attributes",
        parents: &[LoadBalancers],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeLoadBalancerAttributes"],
    },
    Need {
        table: Listeners,
        name: "listeners",
        parents: &[LoadBalancers],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeListeners"],
    },
    Need {
        table: Rules,
        name: "rules",
        parents: &[Listeners],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeRules"],
    },
    Need {
        table: TargetGroups,
        name: "target_groups",
        parents: &[],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeTags", "elasticloadbalancing:DescribeTargetGroups"],
    },
    Need {
        table: TargetGroupAttributes,
        name: "target_group_attributes",
        parents: &[TargetGroups],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeTargetGroupAttributes"],
    },
    Need {
        table: TargetHealth,
        name: "target_health",
        parents: &[TargetGroups],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeTargetHealth"],
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
    },
    Need {
        table: ClassicHealth,
        name: "classic_health",
        parents: &[ClassicLoadBalancers],
        to_scope: &[],
        actions: &["elasticloadbalancing:DescribeInstanceHealth"],
    },
    Need {
        table: AutoScalingGroups,
        name: "auto_scaling_groups",
        parents: &[],
        to_scope: &[],
        actions: &["autoscaling:DescribeAutoScalingGroups"],
    },
    Need {
        table: ScalingPolicies,
        name: "scaling_policies",
        parents: &[AutoScalingGroups],
        to_scope: &[],
        actions: &["autoscaling:DescribePolicies"],
    },
    Need {
        table: ScalingActivities,
        name: "scaling_activities",
        parents: &[AutoScalingGroups],
        to_scope: &[],
        actions: &["autoscaling:DescribeScalingActivities"],
    },
    Need {
        table: Buckets,
        name: "buckets",
        parents: &[],
        to_scope: &[Stacks],
        actions: &[
            "s3:GetBucketLocation",
            "s3:GetBucketPolicyStatus",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketTagging",
            "s3:ListAllMyBuckets",
        ],
    },
    Need { table: Objects, name: "objects", parents: &[Buckets], to_scope: &[], actions: &["s3:ListBucket"] },
    Need {
        table: Alarms,
        name: "alarms",
        parents: &[],
        to_scope: &[Instances, LoadBalancers, TargetGroups, AutoScalingGroups],
        actions: &["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
    },
    Need {
        table: Metrics,
        name: "metrics",
        parents: &[LoadBalancers, ClassicLoadBalancers],
        to_scope: &[],
        actions: &["cloudwatch:GetMetricData"],
    },
    Need {
        table: Stacks,
        name: "stacks",
        parents: &[],
        to_scope: &[Instances],
        actions: &["cloudformation:DescribeStacks"],
    },
    Need {
        table: StackResources,
        name: "stack_resources",
        parents: &[Stacks],
        to_scope: &[],
        actions: &["cloudformation:ListStackResources"],
    },
    Need {
        table: EcsServices,
        name: "ecs_services",
        parents: &[],
        to_scope: &[TargetGroups],
        actions: &["ecs:DescribeClusters", "ecs:DescribeServices", "ecs:ListClusters", "ecs:ListServices"],
    },
    Need {
        table: EcsTasks,
        name: "ecs_tasks",
        parents: &[EcsServices],
        to_scope: &[],
        actions: &["ecs:DescribeTaskDefinition"],
    },
    Need {
        table: Functions,
        name: "functions",
        parents: &[],
        to_scope: &[Stacks, Apis],
        actions: &["lambda:GetFunctionConfiguration", "lambda:ListFunctions", "lambda:ListTags"],
    },
    Need { table: Apis, name: "apis", parents: &[], to_scope: &[Stacks], actions: &["apigateway:GET"] },
    Need { table: Resources, name: "resources", parents: &[], to_scope: &[], actions: &["tag:GetResources"] },
];

impl Table {
    /// What it takes to read it.
    pub(super) fn need(self) -> &'static Need {
        &NEEDS[self as usize]
    }

    /// The name that stands behind `aws.` in a reading's path.
    pub(super) fn name(self) -> &'static str {
        self.need().name
    }

    /// The table of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        NEEDS.iter().find(|need| need.name == name).map(|need| need.table)
    }

    /// The tables that the table of this name is made from or scoped by, the nearest first.
    pub(super) fn ancestors(name: &str) -> Vec<Self> {
        let need = NEEDS.iter().find(|need| need.name == name);
        let direct = need.map(|need| [need.parents, need.to_scope].concat()).unwrap_or_default();
        let further = direct.iter().flat_map(|table| Self::ancestors(table.name())).collect();
        [direct, further].concat()
    }

    /// Whether its rows may belong through a tie to a tagged resource, which the tables in `needs::RELATIONS` tell.
    pub(super) fn is_tied(self) -> bool {
        !matches!(
            self,
            Buckets | Objects | Stacks | StackResources | EcsServices | EcsTasks | Functions | Apis | Resources
        )
    }
}
