//! Which resources belong to the team.
//!
//! With a tag filter, a resource belongs when it
//! 1. carries all the tags; or
//! 2. carries none of the tags' keys with another value (it is not somebody else's) and is tied to one that belongs:
//!    - the Auto Scaling group that started an instance, and the instances of a group,
//!    - the target groups behind a *tagged* load balancer, those of an Auto Scaling group, and those with an instance
//!      among their targets,
//!    - the load balancers in front of a target group, and the instances registered in one; or
//! 3. is a security group, subnet or VPC that an instance or a load balancer is in, whatever its tags: its rules apply.
//!
//! Each tie is followed once, in this order, so that a shared load balancer does not pull another team's stack in.
//! Targets registered by address are not traced back to instances.
//!
//! Where a table of the ties could not be read, a resource that nobody claims may or may not belong: a table with such
//! rows is unreadable for the same cause. A table without them is complete all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ec2::Pick;
use super::needs::Table;
use super::session::Session;
use super::stack::{Rows, Stack};
use super::{autoscaling, ec2, elbv2};
use crate::evidence::aws::{AutoScalingGroup, Instance, LoadBalancer, Scope, SecurityGroup, Tags, TargetGroup};
use crate::evidence::{Reading, Unreadable};

/// The tag that an Auto Scaling group puts on its instances.
const GROUP_TAG: &str = "aws:autoscaling:groupName";
/// Ids of untagged resources that are named.
const NAMED: usize = 20;

/// Whether `tags` has all of `wanted`.
pub(super) fn carries(tags: &Tags, wanted: &Tags) -> bool {
    wanted.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// Whether `tags` says that the resource is somebody else's.
fn claimed(tags: &Tags, wanted: &Tags) -> bool {
    wanted.iter().any(|(key, value)| tags.get(key).is_some_and(|other| other != value))
}

/// What a search by tags alone finds; load balancers and target groups are all those of the region.
pub(super) struct Seeds {
    pub(super) stack: Stack,
}

impl Seeds {
    /// Asks every service once.
    pub(super) async fn find(session: &Arc<Session>, tables: &BTreeSet<Table>, tags: &Tags) -> Self {
        let stack = Stack::list(session, tables, tags).await;
        Self { stack }
    }

    /// Whether everything could be read and nothing carries the tags.
    pub(super) fn nothing_is_tagged(&self, wanted: &Tags) -> bool {
        fn none<T>(rows: &Option<Rows<T>>, tags: impl Fn(&T) -> bool) -> bool {
            rows.as_ref().is_none_or(|rows| rows.as_ref().is_ok_and(|rows| !rows.iter().any(tags)))
        }
        let Stack {
            instances, security_groups, vpcs, subnets, load_balancers, target_groups, auto_scaling_groups, ..
        } = &self.stack;
        none(instances, |row| carries(&row.tags, wanted))
            && none(security_groups, |row| carries(&row.tags, wanted))
            && none(vpcs, |row| carries(&row.tags, wanted))
            && none(subnets, |row| carries(&row.tags, wanted))
            && none(load_balancers, |row| carries(&row.tags, wanted))
            && none(target_groups, |row| carries(&row.tags, wanted))
            && none(auto_scaling_groups, |row| carries(&row.tags, wanted))
    }

    /// Follows the ties from what is tagged to what belongs to it.
    pub(super) async fn follow(self, session: &Arc<Session>, wanted: &Tags) -> Stack {
        let mut stack = self.stack;
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
            ]
            .into_iter()
            .flatten()
            .next(),
        };
        let load_balancers = open(&stack.load_balancers, |row| &row.tags, wanted);
        let target_groups = open(&stack.target_groups, |row| &row.tags, wanted);

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

        let taken_arns: BTreeSet<&String> = taken_groups.iter().map(|row| &row.target_group_arn).collect();
        let registered = targets
            .iter()
            .filter(|target| taken_arns.contains(&target.target_group_arn) && target.target_id.starts_with("i-"))
            .map(|target| target.target_id.clone())
            .collect();
        ties.add_instances(registered).await;
        ties.add_groups_of_instances().await;

        let gap = ties.gap.clone();
        let left_over = |open: usize, taken: usize| gap.clone().filter(|_| open > taken).map(doubtful);
        let balancers_gap = left_over(load_balancers.len(), taken_balancers.len());
        let target_groups_gap = left_over(target_groups.len(), taken_groups.len());
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
        stack.instances = settle(stack.instances, instances);
        stack.auto_scaling_groups = settle(stack.auto_scaling_groups, groups);
        stack.load_balancers = settle(stack.load_balancers, balancers_gap.map_or(Ok(taken_balancers), Err));
        stack.target_groups = settle(stack.target_groups, target_groups_gap.map_or(Ok(taken_groups), Err));
        add_surroundings(&mut stack, session).await;
        stack
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

fn failure<T>(rows: &Option<Rows<T>>) -> Option<Unreadable> {
    rows.as_ref().and_then(|rows| rows.as_ref().err().cloned())
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
fn doubtful(gap: Unreadable) -> Unreadable {
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

/// Adds the security groups, subnets and VPCs that instances and load balancers are in.
async fn add_surroundings(stack: &mut Stack, session: &Arc<Session>) {
    let Stack { instances, load_balancers, security_groups, vpcs, subnets, .. } = stack;
    let unknown = failure(instances).or_else(|| failure(load_balancers));
    let instances: &[Instance] = instances.as_ref().and_then(|rows| rows.as_deref().ok()).unwrap_or_default();
    let balancers: &[LoadBalancer] = load_balancers.as_ref().and_then(|rows| rows.as_deref().ok()).unwrap_or_default();
    let groups_in: BTreeSet<String> = instances
        .iter()
        .flat_map(|row| &row.security_group_ids)
        .chain(balancers.iter().flat_map(|row| &row.security_group_ids))
        .cloned()
        .collect();
    let subnets_in: BTreeSet<String> = instances
        .iter()
        .flat_map(|row| &row.subnet_id)
        .chain(balancers.iter().flat_map(|row| &row.subnet_ids))
        .cloned()
        .collect();
    let vpcs_in: BTreeSet<String> = instances
        .iter()
        .flat_map(|row| &row.vpc_id)
        .chain(balancers.iter().flat_map(|row| &row.vpc_id))
        .cloned()
        .collect();
    tokio::join!(
        surround(
            security_groups,
            &unknown,
            groups_in,
            |row| &row.group_id,
            async |ids| { ec2::security_groups(session, Pick::Ids(&ids)).await }
        ),
        surround(
            subnets,
            &unknown,
            subnets_in,
            |row| &row.subnet_id,
            async |ids| { ec2::subnets(session, Pick::Ids(&ids)).await }
        ),
        surround(vpcs, &unknown, vpcs_in, |row| &row.vpc_id, async |ids| ec2::vpcs(session, Pick::Ids(&ids)).await),
    );
}

/// Adds the rows with `ids` to those that are tagged.
async fn surround<T>(
    table: &mut Option<Rows<T>>,
    unknown: &Option<Unreadable>,
    mut ids: BTreeSet<String>,
    id: impl Fn(&T) -> &String,
    fetch: impl AsyncFnOnce(BTreeSet<String>) -> Rows<T>,
) {
    let Some(Ok(rows)) = table else {
        return;
    };
    if let Some(failure) = unknown {
        *table = Some(Err(doubtful(failure.clone())));
        return;
    }
    for row in rows.iter() {
        ids.remove(id(row));
    }
    match fetch(ids).await {
        Ok(more) => {
            rows.extend(more);
            rows.sort_by(|a, b| id(a).cmp(id(b)));
        }
        Err(failure) => *table = Some(Err(failure)),
    }
}

/// How the tables were found, and how much of the stack carries the tags; `whole_account` where the search fell back.
pub(super) fn describe(stack: &Stack, wanted: &Tags, whole_account: bool) -> Reading<Scope> {
    let mut counted = Counted { wanted, tagged: 0, taggable: 0, untagged: Vec::new() };
    let rows: [Result<(), Unreadable>; 5] = [
        counted.add(&stack.instances, |row: &Instance| Some((&row.instance_id, &row.tags))),
        counted.add(&stack.load_balancers, |row: &LoadBalancer| Some((&row.load_balancer_name, &row.tags))),
        counted.add(&stack.target_groups, |row: &TargetGroup| Some((&row.target_group_name, &row.tags))),
        counted
            .add(&stack.auto_scaling_groups, |row: &AutoScalingGroup| Some((&row.auto_scaling_group_name, &row.tags))),
        counted.add(&stack.security_groups, |row: &SecurityGroup| {
            (row.group_name != "default").then_some((&row.group_id, &row.tags))
        }),
    ];
    if let Some(failure) = rows.into_iter().find_map(Result::err) {
        return Reading::Unreadable(failure);
    }
    let found_by = stack.found_by(wanted, whole_account);
    let Counted { tagged, taggable, mut untagged, .. } = counted;
    untagged.truncate(NAMED);
    Reading::observed(Scope { tags: wanted.clone(), found_by, tagged, taggable, untagged })
}

struct Counted<'a> {
    wanted: &'a Tags,
    tagged: u64,
    taggable: u64,
    untagged: Vec<String>,
}

impl Counted<'_> {
    fn add<'t, T>(
        &mut self,
        table: &'t Option<Rows<T>>,
        of: impl Fn(&'t T) -> Option<(&'t String, &'t Tags)>,
    ) -> Result<(), Unreadable> {
        let rows = match table {
            None => return Ok(()),
            Some(Err(failure)) => return Err(failure.clone()),
            Some(Ok(rows)) => rows,
        };
        for (id, tags) in rows.iter().filter_map(of) {
            self.taggable += 1;
            if carries(tags, self.wanted) {
                self.tagged += 1;
            } else {
                self.untagged.push(id.clone());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
