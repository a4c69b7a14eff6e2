//! Which resources belong to the team.
//!
//! With a tag filter, a resource belongs when it
//! 1. carries all the tags; or
//! 2. carries none of the tags' keys with another value (it is not somebody else's) and is tied to one that belongs:
//!    - the Auto Scaling group that started an instance, and the instances of a group,
//!    - the target groups behind a *tagged* load balancer, those of an Auto Scaling group, and those with an instance
//!      among their targets,
//!    - the load balancers in front of a target group, and the instances registered in one,
//!    - the instances behind a *tagged* classic load balancer, and the classic load balancers in front of an instance or
//!      an Auto Scaling group,
//!    - what hangs on them, as `details` tells table by table; or
//! 3. is a security group, subnet or VPC that one of these is in, whatever its tags: its rules apply.
//!
//! Each tie is followed once, in this order, so that a shared load balancer does not pull another team's stack in.
//! Targets registered by address are not traced back to instances.
//!
//! Where a table of the ties could not be read, a resource that nobody claims may or may not belong: a table with such
//! rows is unreadable for the same cause. A table without them is complete all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ec2::Pick;
use super::session::Session;
use super::stack::{Rows, Stack, failure, known};
use super::tables::Table;
use super::{autoscaling, ec2, elbv2, surroundings};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{AutoScalingGroup, ClassicLoadBalancer, Instance, LoadBalancer, Tags, TargetGroup};

/// The tag that an Auto Scaling group puts on its instances.
const GROUP_TAG: &str = "aws:autoscaling:groupName";
/// The tag that CloudFormation puts on what it makes.
const STACK_TAG: &str = "aws:cloudformation:stack-id";

/// Whether `tags` has all of `wanted`.
pub(super) fn carries(tags: &Tags, wanted: &Tags) -> bool {
    wanted.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// Whether `tags` says that the resource is somebody else's.
pub(super) fn claimed(tags: &Tags, wanted: &Tags) -> bool {
    wanted.iter().any(|(key, value)| tags.get(key).is_some_and(|other| other != value))
}

/// Follows the ties from what is tagged to what belongs to it; `stack` holds what a search by tags alone finds, and all
/// of the region's load balancers, target groups and CloudFormation stacks.
pub(super) async fn follow(mut stack: Stack, session: &Arc<Session>, wanted: &Tags, tables: &BTreeSet<Table>) -> Stack {
    if tables.contains(&Table::Instances) {
        follow_ties(&mut stack, session, wanted).await;
        surroundings::add(&mut stack, session, wanted).await;
    }
    settle_the_rest(&mut stack, wanted);
    stack
}

async fn follow_ties(stack: &mut Stack, session: &Arc<Session>, wanted: &Tags) {
    let mut ties = Ties {
        session,
        wanted,
        instances: keyed(&stack.instances, |row| row.instance_id.clone()),
        groups: keyed(&stack.auto_scaling_groups, |row| row.auto_scaling_group_name.clone()),
        gap: [
            failure(&stack.instances),
            failure(&stack.auto_scaling_groups),
            failure(&stack.load_balancers),
            failure(&stack.target_groups),
            failure(&stack.classic_load_balancers),
        ]
        .into_iter()
        .flatten()
        .next(),
    };
    let load_balancers = open(&stack.load_balancers, |row| &row.tags, wanted);
    let target_groups = open(&stack.target_groups, |row| &row.tags, wanted);
    let classic = open(&stack.classic_load_balancers, |row| &row.tags, wanted);

    ties.add_groups_of_instances().await;
    let started = ties.groups.values().flat_map(|group| group.instance_ids.iter().cloned()).collect();
    ties.add_instances(started).await;

    let arns = target_groups.iter().map(|row| row.target_group_arn.clone()).collect();
    let health = elbv2::target_health(session, arns).await;
    if let Err(failure) = &health {
        ties.gap.get_or_insert_with(|| failure.clone());
    }
    let targets = health.as_deref().unwrap_or_default();

    let fronts: BTreeSet<&String> =
        load_balancers.iter().filter(|row| carries(&row.tags, wanted)).map(|row| &row.load_balancer_arn).collect();
    let used: BTreeSet<&String> = ties.groups.values().flat_map(|group| &group.target_group_arns).collect();
    let serving: BTreeSet<&String> = targets
        .iter()
        .filter(|target| ties.instances.contains_key(&target.target_id))
        .map(|target| &target.target_group_arn)
        .collect();
    let taken_groups: Vec<TargetGroup> = target_groups
        .iter()
        .filter(|row| {
            carries(&row.tags, wanted)
                || used.contains(&row.target_group_arn)
                || serving.contains(&row.target_group_arn)
                || row.load_balancer_arns.iter().any(|arn| fronts.contains(arn))
        })
        .map(|row| (*row).clone())
        .collect();
    let taken_balancers: Vec<LoadBalancer> = load_balancers
        .iter()
        .filter(|row| {
            carries(&row.tags, wanted)
                || taken_groups.iter().any(|group| group.load_balancer_arns.contains(&row.load_balancer_arn))
        })
        .map(|row| (*row).clone())
        .collect();

    let taken_classic: Vec<ClassicLoadBalancer> = classic
        .iter()
        .filter(|row| {
            carries(&row.tags, wanted)
                || row.instances.iter().any(|id| ties.instances.contains_key(id))
                || ties.groups.values().any(|group| group.load_balancer_names.contains(&row.load_balancer_name))
        })
        .map(|row| (*row).clone())
        .collect();

    let taken_arns: BTreeSet<&String> = taken_groups.iter().map(|row| &row.target_group_arn).collect();
    let registered = targets
        .iter()
        .filter(|target| taken_arns.contains(&target.target_group_arn) && target.target_id.starts_with("i-"))
        .map(|target| target.target_id.clone())
        .chain(taken_classic.iter().flat_map(|row| row.instances.iter().cloned()))
        .collect();
    ties.add_instances(registered).await;
    ties.add_groups_of_instances().await;

    let gap = ties.gap.clone();
    let left_over = |open: usize, taken: usize| gap.clone().filter(|_| open > taken).map(doubtful);
    let balancers_gap = left_over(load_balancers.len(), taken_balancers.len());
    let target_groups_gap = left_over(target_groups.len(), taken_groups.len());
    let classic_gap = left_over(classic.len(), taken_classic.len());
    let unknown = failure(&stack.target_groups).or_else(|| target_groups_gap.clone());
    let health = match unknown {
        Some(failure) => Err(failure),
        None => health.map(|mut rows| {
            rows.retain(|row| taken_arns.contains(&row.target_group_arn));
            rows
        }),
    };
    stack.target_health = Some(health);
    let (instances, groups) = ties.finish().await;
    stack.instances = settle(stack.instances.take(), instances);
    stack.auto_scaling_groups = settle(stack.auto_scaling_groups.take(), groups);
    stack.load_balancers = settle(stack.load_balancers.take(), balancers_gap.map_or(Ok(taken_balancers), Err));
    stack.target_groups = settle(stack.target_groups.take(), target_groups_gap.map_or(Ok(taken_groups), Err));
    stack.classic_load_balancers =
        settle(stack.classic_load_balancers.take(), classic_gap.map_or(Ok(taken_classic), Err));
}

/// Of the tables of which all is listed, what belongs: what carries the tags, and of what nobody else claims
/// - the CloudFormation stacks that made an instance that belongs, or a bucket, function or API that carries the tags, and
///   the buckets, functions and APIs that a stack made that belongs;
/// - the ECS services in a cluster that carries the tags, or behind a target group that belongs;
/// - the functions that an API calls that belongs.
fn settle_the_rest(stack: &mut Stack, wanted: &Tags) {
    let ours = |tags: &Tags| if carries(tags, wanted) { tags.get(STACK_TAG).cloned() } else { None };
    let mut makers: BTreeSet<String> =
        known(&stack.instances).iter().filter_map(|instance| instance.tags.get(STACK_TAG)).cloned().collect();
    makers.extend(known(&stack.buckets).iter().filter_map(|row| ours(&row.tags)));
    makers.extend(known(&stack.functions).iter().filter_map(|row| ours(&row.tags)));
    makers.extend(known(&stack.apis).iter().filter_map(|row| ours(&row.tags)));
    let unknown = failure(&stack.instances);
    keep(&mut stack.stacks, unknown, wanted, |row| (&row.tags, makers.contains(&row.stack_id)));
    let stacks: BTreeSet<String> = known(&stack.stacks).iter().map(|row| row.stack_id.clone()).collect();
    let made = |tags: &Tags| tags.get(STACK_TAG).is_some_and(|id| stacks.contains(id));
    let unknown = failure(&stack.stacks);
    keep(&mut stack.buckets, unknown.clone(), wanted, |row| (&row.tags, made(&row.tags)));
    keep(&mut stack.apis, unknown, wanted, |row| (&row.tags, made(&row.tags)));
    let groups: BTreeSet<String> = known(&stack.target_groups).iter().map(|row| row.target_group_arn.clone()).collect();
    let unknown = failure(&stack.target_groups);
    keep(&mut stack.ecs_services, unknown, wanted, |row| {
        let behind = row.load_balancers.iter().flat_map(|it| &it.target_group_arn).any(|arn| groups.contains(arn));
        (&row.tags, behind || carries(&row.cluster_tags, wanted))
    });
}

/// The functions are settled when the routes of the APIs are known.
pub(super) fn settle_functions(stack: &mut Stack, wanted: &Tags) {
    let stacks: BTreeSet<String> = known(&stack.stacks).iter().map(|row| row.stack_id.clone()).collect();
    let called: Vec<String> = known(&stack.apis)
        .iter()
        .flat_map(|api| &api.routes)
        .filter_map(|route| route.integration_uri.clone())
        .collect();
    let unknown = failure(&stack.apis).or_else(|| failure(&stack.stacks));
    keep(&mut stack.functions, unknown, wanted, |row| {
        let made = row.tags.get(STACK_TAG).is_some_and(|id| stacks.contains(id));
        (&row.tags, made || called.iter().any(|uri| calls(uri, &row.function_arn)))
    });
}

/// Whether an integration's URI names this function, and not one whose name only begins like it.
fn calls(uri: &str, function_arn: &str) -> bool {
    let rest = uri.split_once(function_arn).map(|(_, rest)| rest);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

/// Keeps the rows that carry the tags, and those that are tied and that nobody else claims. Where what ties them is
/// `unknown` and a row may hang on it, nobody can tell what belongs.
fn keep<T>(
    rows: &mut Option<Rows<T>>,
    unknown: Option<Unreadable>,
    wanted: &Tags,
    tags_and_tie: impl Fn(&T) -> (&Tags, bool),
) {
    if let (Some(Ok(listed)), Some(gap)) = (&rows, unknown) {
        let may_hang_on_it = |row: &T| {
            let (tags, tied) = tags_and_tie(row);
            !tied && !carries(tags, wanted) && !claimed(tags, wanted)
        };
        if listed.iter().any(may_hang_on_it) {
            *rows = Some(Err(doubtful(gap)));
            return;
        }
    }
    if let Some(Ok(rows)) = rows {
        rows.retain(|row| {
            let (tags, tied) = tags_and_tie(row);
            carries(tags, wanted) || (tied && !claimed(tags, wanted))
        });
    }
}

/// Keeps the failure of a table that could not be read; otherwise takes what the ties made of it.
fn settle<T>(listed: Option<Rows<T>>, found: Rows<T>) -> Option<Rows<T>> {
    match listed {
        Some(Err(failure)) => Some(Err(failure)),
        Some(Ok(_)) => Some(found),
        None => None,
    }
}

fn keyed<T: Clone>(rows: &Option<Rows<T>>, id: impl Fn(&T) -> String) -> BTreeMap<String, T> {
    let rows = rows.iter().flatten().flatten();
    rows.map(|row| (id(row), row.clone())).collect()
}

/// The rows that are not somebody else's.
fn open<'a, T>(rows: &'a Option<Rows<T>>, tags: impl Fn(&T) -> &Tags, wanted: &Tags) -> Vec<&'a T> {
    rows.iter().flatten().flatten().filter(|row| !claimed(tags(row), wanted)).collect()
}

/// A table whose rows cannot be told apart because another could not be read.
pub(super) fn doubtful(gap: Unreadable) -> Unreadable {
    Unreadable::new(gap.cause, format!("which untagged resources belong to the team cannot be told: {}", gap.detail))
}

/// Instances and Auto Scaling groups as they are found, and the first failure on the way.
struct Ties<'a> {
    session: &'a Arc<Session>,
    wanted: &'a Tags,
    instances: BTreeMap<String, Instance>,
    groups: BTreeMap<String, AutoScalingGroup>,
    gap: Option<Unreadable>,
}

impl Ties<'_> {
    /// Adds the groups that started the instances.
    async fn add_groups_of_instances(&mut self) {
        let names: BTreeSet<String> = self
            .instances
            .values()
            .filter_map(|instance| instance.tags.get(GROUP_TAG))
            .filter(|name| !self.groups.contains_key(*name))
            .cloned()
            .collect();
        match autoscaling::groups_named(self.session, &names).await {
            Ok(rows) => {
                let ours = rows.into_iter().filter(|row| !claimed(&row.tags, self.wanted));
                self.groups.extend(ours.map(|row| (row.auto_scaling_group_name.clone(), row)));
            }
            Err(failure) => {
                self.gap.get_or_insert(failure);
            }
        }
    }

    /// Adds these instances.
    async fn add_instances(&mut self, mut ids: BTreeSet<String>) {
        ids.retain(|id| !self.instances.contains_key(id));
        match ec2::instances(self.session, Pick::Ids(&ids)).await {
            Ok(rows) => {
                let ours = rows.into_iter().filter(|row| !claimed(&row.tags, self.wanted));
                self.instances.extend(ours.map(|row| (row.instance_id.clone(), row)));
            }
            Err(failure) => {
                self.gap.get_or_insert(failure);
            }
        }
    }

    /// Both tables; where a tie could not be followed, only if the region holds no other row that may belong.
    async fn finish(self) -> (Rows<Instance>, Rows<AutoScalingGroup>) {
        let Self { session, wanted, instances, groups, gap } = self;
        let Some(gap) = gap else {
            return (Ok(instances.into_values().collect()), Ok(groups.into_values().collect()));
        };
        let none = Tags::new();
        let (all_instances, all_groups) =
            tokio::join!(ec2::instances(session, Pick::All), autoscaling::groups(session, &none));
        let doubt = |tags: &Tags, found: bool| !found && !claimed(tags, wanted);
        let instances = all_instances.and_then(|all| {
            match all.iter().any(|row| doubt(&row.tags, instances.contains_key(&row.instance_id))) {
                true => Err(doubtful(gap.clone())),
                false => Ok(instances.into_values().collect()),
            }
        });
        let groups = all_groups.and_then(|all| {
            match all.iter().any(|row| doubt(&row.tags, groups.contains_key(&row.auto_scaling_group_name))) {
                true => Err(doubtful(gap)),
                false => Ok(groups.into_values().collect()),
            }
        });
        (instances, groups)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_evidence::Cause;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_resource_is_ours_somebody_elses_or_nobodys() {
        let wanted = tags(&[("project", "lab"), ("team", "a")]);
        let ours = tags(&[("project", "lab"), ("team", "a"), ("Name", "x")]);
        let theirs = tags(&[("project", "lab"), ("team", "b")]);
        let nobodys = tags(&[("project", "lab")]);
        assert_eq!((carries(&ours, &wanted), claimed(&ours, &wanted)), (true, false));
        assert_eq!((carries(&theirs, &wanted), claimed(&theirs, &wanted)), (false, true));
        assert_eq!((carries(&nobodys, &wanted), claimed(&nobodys, &wanted)), (false, false));
    }

    #[test]
    fn what_may_hang_on_a_table_that_was_denied_is_not_dropped() {
        let wanted = tags(&[("team", "heron")]);
        let denied = || Some(Unreadable::new(Cause::Denied, "missing permission: apigateway:GET"));
        let kept = |rows: Vec<Tags>, unknown: Option<Unreadable>| {
            let mut rows = Some(Ok(rows));
            keep(&mut rows, unknown, &wanted, |row| (row, false));
            rows.expect("it was asked for").map(|rows| rows.len())
        };
        assert_eq!(kept(vec![wanted.clone(), tags(&[])], None), Ok(1));
        assert!(kept(vec![wanted.clone(), tags(&[])], denied()).is_err());
        // Nothing hangs on it where every row says by itself whose it is.
        assert_eq!(kept(vec![wanted.clone(), tags(&[("team", "falcon")])], denied()), Ok(1));
    }

    #[test]
    fn a_function_is_called_by_its_whole_name() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:hello";
        assert!(calls(&format!("arn:aws:apigateway:us-east-1:lambda:path/functions/{arn}/invocations"), arn));
        assert!(calls(arn, arn) && !calls(&format!("{arn}2/invocations"), arn));
    }
}
