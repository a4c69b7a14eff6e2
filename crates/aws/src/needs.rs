//! Which tables a reading is made from, and the operations that fetch them.

use std::collections::BTreeSet;

use super::resources;
use super::tables::NEEDS;
use super::tables::Table::{self, *};
use stackmark_evidence::request::ScopeRequest;

/// What the relations between resources are read from: these decide which untagged resources belong to the team.
const RELATIONS: [Table; 5] = [Instances, LoadBalancers, TargetGroups, TargetHealth, AutoScalingGroups];
/// What `aws.scope` counts wherever a rubric looks at instances or what is around them.
const COUNTED: [Table; 5] = [Instances, LoadBalancers, TargetGroups, AutoScalingGroups, SecurityGroups];

/// The tables to fetch for these reading paths: those named and what they are made from.
pub(super) fn tables(wanted: &BTreeSet<String>, scope: &ScopeRequest) -> BTreeSet<Table> {
    let by_tags = !scope.tags.is_empty();
    let named = NEEDS.iter().filter(|need| wanted.contains(&format!("aws.{}", need.name)));
    let mut needed = BTreeSet::new();
    let mut open: Vec<Table> = named.map(|need| need.table).collect();
    if by_tags {
        let around = |open: &[Table]| open.iter().any(|table| table.is_tied());
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

/// The tables whose tagged rows may tell that a row of `table` is the team's, or that it is not: without them, nobody knows.
pub(super) fn sayers(table: Table) -> BTreeSet<Table> {
    let mut sayers: BTreeSet<Table> = Table::ancestors(table.name()).into_iter().collect();
    if table.is_tied() || sayers.iter().any(|sayer| sayer.is_tied()) {
        sayers.extend(RELATIONS);
        sayers.insert(ClassicLoadBalancers);
    }
    sayers
}

/// The IAM actions that reading these paths takes, `sts:GetCallerIdentity` included: what a least-privilege policy
/// allows. `sts:AssumeRole` is not among them, for the role's trust allows it.
pub fn operations_for(wanted: &BTreeSet<String>, scope: &ScopeRequest) -> BTreeSet<String> {
    if !wanted.iter().any(|path| path.starts_with("aws.")) {
        return BTreeSet::new();
    }
    let tables = tables(wanted, scope);
    let mut actions = BTreeSet::from(["sts:GetCallerIdentity".to_owned()]);
    actions.extend(tables.iter().flat_map(|table| table.need().actions).map(|action| (*action).to_owned()));
    if tables.contains(&Resources) {
        actions.extend(resource_types(&tables, scope).iter().flat_map(|kind| resources::actions_of(kind)));
    }
    actions
}

/// Types of the resources to list: those that checks name, and those that one of these tables hangs on.
pub(super) fn resource_types(tables: &BTreeSet<Table>, scope: &ScopeRequest) -> BTreeSet<String> {
    let of_tables = tables.iter().flat_map(|table| table.need().of).map(|kind| (*kind).to_owned());
    scope.resource_types.iter().cloned().chain(of_tables).collect()
}

/// The reading paths among `wanted` that cannot be made without `action`.
pub fn readings_that_need(action: &str, wanted: &BTreeSet<String>, scope: &ScopeRequest) -> Vec<String> {
    let needs = |path: &&String| operations_for(&BTreeSet::from([(*path).clone()]), scope).contains(action);
    wanted.iter().filter(|path| path.starts_with("aws.")).filter(needs).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_evidence::aws::AwsEvidence;
    use stackmark_evidence::paths::READING_PATHS;

    fn wanted(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    fn tagged() -> ScopeRequest {
        ScopeRequest { tags: [("team".to_owned(), "t1".to_owned())].into(), ..ScopeRequest::default() }
    }

    #[test]
    fn every_table_is_a_reading() {
        for (position, need) in NEEDS.iter().enumerate() {
            assert_eq!(need.table as usize, position, "{} stands in another place than its table", need.name);
            let path = format!("aws.{}", need.name);
            assert!(READING_PATHS.iter().any(|known| known.path == path), "{path}");
        }
        let names: Vec<_> = NEEDS.iter().map(|need| need.name).collect();
        assert_eq!(names, AwsEvidence::TABLES, "a table without a need, or in another order");
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
    fn a_security_group_tells_nothing_of_instances_and_instances_tell_of_it() {
        assert!(!sayers(Instances).contains(&SecurityGroups));
        assert!(sayers(SecurityGroups).contains(&Instances));
        assert!(sayers(Rules).contains(&LoadBalancers) && !sayers(Buckets).contains(&SecurityGroups));
    }

    #[test]
    fn a_table_that_hangs_on_a_type_lists_it_whatever_the_checks_name() {
        let scope = ScopeRequest { resource_types: ["AWS::SNS::Topic".to_owned()].into(), ..ScopeRequest::default() };
        let types = resource_types(&tables(&wanted(&["aws.pipelines"]), &scope), &scope);
        assert_eq!(types, BTreeSet::from(["AWS::CodePipeline::Pipeline", "AWS::SNS::Topic"].map(str::to_owned)));
        let actions = operations_for(&wanted(&["aws.pipelines"]), &ScopeRequest::default());
        for action in ["codepipeline:GetPipelineState", "codepipeline:ListPipelines", "tag:GetResources"] {
            assert!(actions.contains(action), "{action} of {actions:?}");
        }
        for need in NEEDS.iter().filter(|need| !need.of.is_empty()) {
            assert!(need.parents.contains(&Resources), "{} hangs on a type of resources", need.name);
        }
    }

    #[test]
    fn permissions_are_those_of_what_is_fetched() {
        assert!(operations_for(&wanted(&["git.head"]), &tagged()).is_empty());
        assert_eq!(
            operations_for(&wanted(&["aws.instances"]), &ScopeRequest::default()),
            BTreeSet::from(["sts:GetCallerIdentity", "ec2:DescribeInstances"].map(str::to_owned))
        );
    }
}
