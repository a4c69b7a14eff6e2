//! Which tables a reading is made from, and the operations that fetch them.

use std::collections::BTreeSet;

use crate::plan::ScopeRequest;

/// A table of [`crate::evidence::aws::AwsEvidence`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Table {
    Instances,
    SecurityGroups,
    Vpcs,
    Subnets,
    LoadBalancers,
    Listeners,
    Rules,
    TargetGroups,
    TargetHealth,
    AutoScalingGroups,
    ScalingPolicies,
}

use Table::{
    AutoScalingGroups, Instances, Listeners, LoadBalancers, Rules, ScalingPolicies, SecurityGroups, Subnets,
    TargetGroups, TargetHealth, Vpcs,
};

impl Table {
    pub(super) const ALL: [Self; 11] = [
        Instances,
        SecurityGroups,
        Vpcs,
        Subnets,
        LoadBalancers,
        Listeners,
        Rules,
        TargetGroups,
        TargetHealth,
        AutoScalingGroups,
        ScalingPolicies,
    ];

    /// The name that stands behind `aws.` in a reading's path.
    pub(super) fn name(self) -> &'static str {
        match self {
            Instances => "instances",
            SecurityGroups => "security_groups",
            Vpcs => "vpcs",
            Subnets => "subnets",
            LoadBalancers => "load_balancers",
            Listeners => "listeners",
            Rules => "rules",
            TargetGroups => "target_groups",
            TargetHealth => "target_health",
            AutoScalingGroups => "auto_scaling_groups",
            ScalingPolicies => "scaling_policies",
        }
    }

    /// Tables whose ids are asked for, one level deep.
    fn parents(self) -> &'static [Self] {
        match self {
            Listeners => &[LoadBalancers],
            Rules => &[LoadBalancers, Listeners],
            TargetHealth => &[TargetGroups],
            ScalingPolicies => &[AutoScalingGroups],
            Instances | SecurityGroups | Vpcs | Subnets | LoadBalancers | TargetGroups | AutoScalingGroups => &[],
        }
    }

    /// IAM actions that fetch it.
    fn actions(self) -> &'static [&'static str] {
        match self {
            Instances => &["ec2:DescribeInstances"],
            SecurityGroups => &["ec2:DescribeSecurityGroups"],
            Vpcs => &["ec2:DescribeVpcs"],
            Subnets => &["ec2:DescribeSubnets"],
            LoadBalancers => &["elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTags"],
            Listeners => &["elasticloadbalancing:DescribeListeners"],
            Rules => &["elasticloadbalancing:DescribeRules"],
            TargetGroups => &["elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTags"],
            TargetHealth => &["elasticloadbalancing:DescribeTargetHealth"],
            AutoScalingGroups => &["autoscaling:DescribeAutoScalingGroups"],
            ScalingPolicies => &["autoscaling:DescribePolicies"],
        }
    }
}

/// What the relations between resources are read from: these decide which untagged resources belong to the team.
const RELATIONS: [Table; 5] = [Instances, LoadBalancers, TargetGroups, TargetHealth, AutoScalingGroups];
/// What `aws.scope` counts.
const COUNTED: [Table; 5] = [Instances, LoadBalancers, TargetGroups, AutoScalingGroups, SecurityGroups];

/// The tables to fetch for these reading paths: those named and what they are made from.
pub(super) fn tables(wanted: &BTreeSet<String>, scope: &ScopeRequest) -> BTreeSet<Table> {
    let mut needed = BTreeSet::new();
    for table in Table::ALL {
        if wanted.contains(&format!("aws.{}", table.name())) {
            needed.insert(table);
            needed.extend(table.parents());
        }
    }
    if scope.tags.is_empty() {
        return needed;
    }
    if wanted.contains("aws.scope") {
        needed.extend(COUNTED);
    }
    if !needed.is_empty() {
        needed.extend(RELATIONS);
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
    actions.extend(tables(wanted, scope).into_iter().flat_map(|table| table.actions()));
    actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::OPERATIONS;
    use crate::evidence::paths::READING_PATHS;

    fn wanted(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    fn tagged() -> ScopeRequest {
        ScopeRequest { tags: [("team".to_owned(), "t1".to_owned())].into(), fallback_to_account: false }
    }

    #[test]
    fn every_table_is_a_reading_and_every_action_an_operation() {
        for table in Table::ALL {
            let path = format!("aws.{}", table.name());
            assert!(READING_PATHS.iter().any(|known| known.path == path), "{path}");
            for action in table.actions() {
                assert!(OPERATIONS.iter().any(|operation| operation.action == *action), "{action}");
            }
        }
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
