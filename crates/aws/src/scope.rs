//! Which resources belong to the team.
//!
//! With a tag filter, a resource belongs when it
//! 1. carries all the tags; or
//! 2. carries none of the tags' keys with another value (it is not somebody else's) and is tied to one that belongs:
//!    - the Auto Scaling group that started an instance, and the instances of a group,
//!    - the target groups behind a load balancer, those of an Auto Scaling group, and those with an instance among their
//!      targets,
//!    - the load balancers in front of a target group, and the instances registered in one,
//!    - the instances behind a *tagged* classic load balancer, and the classic load balancers in front of an instance or
//!      an Auto Scaling group,
//!    - what hangs on them, as `details` tells table by table; or
//! 3. is a security group, subnet or VPC that one of these is in, whatever its tags: its rules apply.
//!
//! The ties are followed until they lead to nothing new. They do not lead on through an untagged load balancer that somebody
//! else uses as well, nor into a target group with somebody else's targets, so that a shared load balancer does not pull
//! another team's stack in. Targets registered by address are traced back to the instances that have it.
//!
//! Where the rubric falls back to the account, the account is taken for the team's own: instances also belong that share a
//! security group with one that belongs, and where nothing of a kind belongs, all belongs that nobody claims. So a tag more
//! never finds less.
//!
//! Where a table of the ties could not be read, a resource that nobody claims may or may not belong: it is missing from its
//! table, with the cause and with all that is known of it. A table without such rows is complete all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use serde::Serialize;

use super::ec2::Pick;
use super::found::{Found, Rows, unknown};
use super::owner::{carries, claimed, doubtful};
use super::session::Session;
use super::stack::{Stack, failure, known};
use super::tables::Table;
use super::{autoscaling, ec2, elbv2, surroundings};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{AutoScalingGroup, Gap, Instance, Tags, TargetHealth, identified};

/// The tag that an Auto Scaling group puts on its instances.
const GROUP_TAG: &str = "aws:autoscaling:groupName";
/// The tag that CloudFormation puts on what it makes.
const STACK_TAG: &str = "aws:cloudformation:stack-id";

/// Follows the ties from what is tagged to what belongs to it; `stack` holds what a search by tags alone finds, and all
/// of the region's load balancers, target groups and CloudFormation stacks. `own_account` where all that nobody claims may be
/// the team's.
pub(super) async fn follow(
    mut stack: Stack,
    session: &Arc<Session>,
    wanted: &Tags,
    own_account: bool,
    tables: &BTreeSet<Table>,
) -> Stack {
    if tables.contains(&Table::Instances) {
        Box::pin(follow_ties(&mut stack, session, wanted, own_account)).await;
        Box::pin(surroundings::add(&mut stack, session, wanted)).await;
    }
    settle_the_rest(&mut stack, wanted, own_account);
    stack
}

async fn follow_ties(stack: &mut Stack, session: &Arc<Session>, wanted: &Tags, own_account: bool) {
    let mut ties = Ties {
        session,
        wanted,
        instances: keyed(&stack.instances, |row| row.instance_id.clone()),
        groups: keyed(&stack.auto_scaling_groups, |row| row.auto_scaling_group_name.clone()),
        looked_at: BTreeMap::new(),
        all: false,
        asked: BTreeSet::new(),
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
    let mut target_groups = open(&stack.target_groups, |row| &row.tags, wanted);
    let classic = open(&stack.classic_load_balancers, |row| &row.tags, wanted);
    // Load balancers in front of a target group that somebody else claims.
    let shared: BTreeSet<&String> = known(&stack.target_groups)
        .iter()
        .filter(|row| claimed(&row.tags, wanted))
        .flat_map(|row| &row.load_balancer_arns)
        .collect();

    let arns = target_groups.iter().map(|row| row.target_group_arn.clone()).collect();
    let health = elbv2::target_health(session, arns).await;
    let mut mute: BTreeMap<String, Unreadable> = BTreeMap::new();
    match &health {
        Err(failure) => {
            ties.gap.get_or_insert_with(|| failure.clone());
        }
        Ok(found) => {
            target_groups.retain(|row| !found.gone.contains(&row.target_group_arn));
            mute.extend(found.gaps.iter().filter_map(|gap| Some((arn_of(gap)?, gap.failure.clone()))));
        }
    }
    let targets: &[TargetHealth] = match &health {
        Ok(found) => &found.rows,
        Err(_) => &[],
    };

    let (mut taken_groups, mut taken_balancers, mut taken_classic) =
        (BTreeSet::<String>::new(), BTreeSet::<String>::new(), BTreeSet::<String>::new());
    loop {
        let before = (ties.size(), taken_groups.len(), taken_balancers.len(), taken_classic.len());
        ties.add_groups_of_instances().await;
        let started = ties.groups.values().flat_map(|group| group.instance_ids.iter().cloned()).collect();
        ties.add_instances(started).await;
        if own_account {
            ties.add_neighbours().await;
        }
        for row in &target_groups {
            let behind = |arn: &String| {
                let front = load_balancers.iter().find(|front| front.load_balancer_arn == *arn);
                front.is_some_and(|front| carries(&front.tags, wanted))
            };
            let mine = carries(&row.tags, wanted)
                || ties.groups.values().any(|group| group.target_group_arns.contains(&row.target_group_arn))
                || targets_of(targets, &row.target_group_arn).any(|id| ties.holds(id))
                || row.load_balancer_arns.iter().any(behind);
            if mine {
                taken_groups.insert(row.target_group_arn.clone());
            }
        }
        for row in &load_balancers {
            let in_front = target_groups.iter().any(|group| {
                taken_groups.contains(&group.target_group_arn)
                    && group.load_balancer_arns.contains(&row.load_balancer_arn)
            });
            if carries(&row.tags, wanted) || in_front {
                taken_balancers.insert(row.load_balancer_arn.clone());
            }
        }
        for row in &target_groups {
            let behind = |arn: &String| taken_balancers.contains(arn) && !shared.contains(arn);
            if taken_groups.contains(&row.target_group_arn)
                || mute.contains_key(&row.target_group_arn)
                || !row.load_balancer_arns.iter().any(behind)
            {
                continue;
            }
            let ids = targets_of(targets, &row.target_group_arn).filter(|id| id.starts_with("i-"));
            if ties.nobody_claims(ids.map(str::to_owned).collect()).await {
                taken_groups.insert(row.target_group_arn.clone());
            }
        }
        for row in &classic {
            if carries(&row.tags, wanted)
                || row.instances.iter().any(|id| ties.instances.contains_key(id))
                || ties.groups.values().any(|group| group.load_balancer_names.contains(&row.load_balancer_name))
            {
                taken_classic.insert(row.load_balancer_name.clone());
            }
        }
        let of_groups = targets
            .iter()
            .filter(|target| taken_groups.contains(&target.target_group_arn) && target.target_id.starts_with("i-"))
            .map(|target| target.target_id.clone());
        let of_classic = classic.iter().filter(|row| taken_classic.contains(&row.load_balancer_name));
        let registered = of_groups.chain(of_classic.flat_map(|row| row.instances.iter().cloned())).collect();
        ties.add_instances(registered).await;
        let mut addresses = BTreeSet::new();
        for row in target_groups.iter().filter(|row| taken_groups.contains(&row.target_group_arn)) {
            let own = targets_of(targets, &row.target_group_arn).filter(|id| id.parse::<IpAddr>().is_ok());
            addresses.extend(own.filter(|_| row.vpc_id.is_some()).map(|id| (row.vpc_id.clone(), id.to_owned())));
        }
        ties.add_addresses(addresses).await;
        if before == (ties.size(), taken_groups.len(), taken_balancers.len(), taken_classic.len()) {
            break;
        }
    }
    // Which instances are registered there is not known.
    if let Some((_, failure)) = mute.iter().find(|(arn, _)| taken_groups.contains(*arn)) {
        ties.gap.get_or_insert_with(|| failure.clone());
    }
    let nothing = taken_groups.is_empty() && taken_balancers.is_empty() && taken_classic.is_empty() && ties.size() == 0;
    let by_account = own_account && nothing && ties.gap.is_none();
    if by_account {
        ties.take_all_that_nobody_claims().await;
        taken_groups.extend(target_groups.iter().map(|row| row.target_group_arn.clone()));
        taken_balancers.extend(load_balancers.iter().map(|row| row.load_balancer_arn.clone()));
        taken_classic.extend(classic.iter().map(|row| row.load_balancer_name.clone()));
    }

    let gap = ties.gap.clone();
    let of_group = |arn: &String| mute.get(arn).cloned().or_else(|| gap.clone());
    let of_balancer = |arn: &String| {
        let mut behind = target_groups.iter().filter(|row| row.load_balancer_arns.contains(arn));
        gap.clone().or_else(|| behind.find_map(|row| mute.get(&row.target_group_arn)).cloned())
    };
    let balancers_found = Found::sorted_out(
        load_balancers.iter().map(|row| (*row).clone()),
        |row| taken_balancers.contains(&row.load_balancer_arn),
        |row| of_balancer(&row.load_balancer_arn),
    );
    let groups_found = Found::sorted_out(
        target_groups.iter().map(|row| (*row).clone()),
        |row| taken_groups.contains(&row.target_group_arn),
        |row| of_group(&row.target_group_arn),
    );
    let classic_found = Found::sorted_out(
        classic.iter().map(|row| (*row).clone()),
        |row| taken_classic.contains(&row.load_balancer_name),
        |_| gap.clone(),
    );
    let doubted = groups_found.gaps.iter().filter_map(|gap| Some((arn_of(gap)?, gap.failure.clone())));
    let doubted: Vec<Gap> =
        doubted.map(|(arn, failure)| Gap::rows(identified("target_group_arn", &arn), failure)).collect();
    let health = match failure(&stack.target_groups) {
        Some(failure) => Err(failure),
        None => health.map(|mut found| {
            found.rows.retain(|row| taken_groups.contains(&row.target_group_arn));
            found.gaps.retain(|gap| arn_of(gap).is_some_and(|arn| taken_groups.contains(&arn)));
            found.lacking(doubted)
        }),
    };
    stack.target_health = Some(health);
    let (instances, groups) = ties.finish().await;
    stack.instances = settle(stack.instances.take(), instances);
    stack.auto_scaling_groups = settle(stack.auto_scaling_groups.take(), groups);
    stack.load_balancers = settle(stack.load_balancers.take(), Ok(balancers_found));
    stack.target_groups = settle(stack.target_groups.take(), Ok(groups_found));
    stack.classic_load_balancers = settle(stack.classic_load_balancers.take(), Ok(classic_found));
    if by_account {
        let names = ["instances", "auto_scaling_groups", "load_balancers", "target_groups", "classic_load_balancers"];
        stack.by_account.extend(names);
    }
}

/// The target group that a gap is about.
fn arn_of(gap: &Gap) -> Option<String> {
    gap.known.get("target_group_arn")?.as_str().map(str::to_owned)
}

/// Ids and addresses of what is registered in a target group.
fn targets_of<'a>(targets: &'a [TargetHealth], arn: &'a str) -> impl Iterator<Item = &'a str> {
    targets.iter().filter(move |target| target.target_group_arn == arn).map(|target| target.target_id.as_str())
}

/// Of the tables of which all is listed, what belongs: what carries the tags, and of what nobody else claims
/// - the CloudFormation stacks that made an instance that belongs, or a bucket, function or API that carries the tags, and
///   the buckets, functions and APIs that a stack made that belongs;
/// - the ECS services in a cluster that carries the tags, or behind a target group that belongs;
/// - the functions that an API calls that belongs.
fn settle_the_rest(stack: &mut Stack, wanted: &Tags, own_account: bool) {
    let ours = |tags: &Tags| if carries(tags, wanted) { tags.get(STACK_TAG).cloned() } else { None };
    let mut makers: BTreeSet<String> =
        known(&stack.instances).iter().filter_map(|instance| instance.tags.get(STACK_TAG)).cloned().collect();
    makers.extend(known(&stack.buckets).iter().filter_map(|row| ours(&row.tags)));
    makers.extend(known(&stack.functions).iter().filter_map(|row| ours(&row.tags)));
    makers.extend(known(&stack.apis).iter().filter_map(|row| ours(&row.tags)));
    let mut by_account = Vec::new();
    let gap = unknown(&stack.instances);
    let fell = keep(&mut stack.stacks, gap, wanted, own_account, |row| {
        (&row.tags, Tie::of(makers.contains(&row.stack_id), true))
    });
    by_account.extend(fell.then_some("stacks"));
    let stacks: BTreeSet<String> = known(&stack.stacks).iter().map(|row| row.stack_id.clone()).collect();
    let made = |tags: &Tags| {
        let maker = tags.get(STACK_TAG);
        Tie::of(maker.is_some_and(|id| stacks.contains(id)), maker.is_some())
    };
    let gap = unknown(&stack.stacks);
    let fell = keep(&mut stack.buckets, gap.clone(), wanted, own_account, |row| (&row.tags, made(&row.tags)));
    by_account.extend(fell.then_some("buckets"));
    let fell = keep(&mut stack.apis, gap, wanted, own_account, |row| (&row.tags, made(&row.tags)));
    by_account.extend(fell.then_some("apis"));
    let groups: BTreeSet<String> = known(&stack.target_groups).iter().map(|row| row.target_group_arn.clone()).collect();
    let gap = unknown(&stack.target_groups);
    let fell = keep(&mut stack.ecs_services, gap, wanted, own_account, |row| {
        let mut behind = row.load_balancers.iter().flat_map(|it| &it.target_group_arn).peekable();
        let may_be = behind.peek().is_some();
        let holds = behind.any(|arn| groups.contains(arn)) || carries(&row.cluster_tags, wanted);
        (&row.tags, Tie::of(holds, may_be))
    });
    by_account.extend(fell.then_some("ecs_services"));
    stack.by_account.extend(by_account);
}

/// The functions are settled when the routes of the APIs are known.
pub(super) fn settle_functions(stack: &mut Stack, wanted: &Tags, own_account: bool) {
    let stacks: BTreeSet<String> = known(&stack.stacks).iter().map(|row| row.stack_id.clone()).collect();
    let called: Vec<String> = known(&stack.apis)
        .iter()
        .flat_map(|api| &api.routes)
        .filter_map(|route| route.integration_uri.clone())
        .collect();
    let gap = unknown(&stack.apis).or_else(|| unknown(&stack.stacks));
    let fell = keep(&mut stack.functions, gap, wanted, own_account, |row| {
        let made = row.tags.get(STACK_TAG).is_some_and(|id| stacks.contains(id));
        (&row.tags, Tie::of(made || called.iter().any(|uri| calls(uri, &row.function_arn)), true))
    });
    stack.by_account.extend(fell.then_some("functions"));
}

/// Whether an integration's URI names this function, and not one whose name only begins like it.
fn calls(uri: &str, function_arn: &str) -> bool {
    let rest = uri.split_once(function_arn).map(|(_, rest)| rest);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

/// How a row hangs on what belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// It is tied to something that belongs.
    Holds,
    /// It would be, if something belonged that could not be read.
    MayHold,
    /// Nothing can tie it.
    No,
}

impl Tie {
    fn of(holds: bool, may_hold: bool) -> Self {
        match (holds, may_hold) {
            (true, _) => Self::Holds,
            (false, true) => Self::MayHold,
            (false, false) => Self::No,
        }
    }
}

/// Keeps the rows that carry the tags, and those that are tied and that nobody else claims. Where what ties them is not
/// known (`gap`), a row that may hang on it is missing. Tells whether, in an account of the team's own, nothing of the table
/// belongs, so that it keeps all that nobody claims.
fn keep<T: Serialize>(
    table: &mut Option<Rows<T>>,
    gap: Option<Unreadable>,
    wanted: &Tags,
    own_account: bool,
    tags_and_tie: impl Fn(&T) -> (&Tags, Tie),
) -> bool {
    let Some(Ok(found)) = table else { return false };
    let belongs = |row: &T| {
        let (tags, tie) = tags_and_tie(row);
        carries(tags, wanted) || (tie == Tie::Holds && !claimed(tags, wanted))
    };
    let is_open = |row: &T| !claimed(tags_and_tie(row).0, wanted);
    let may_hold = |row: &T| is_open(row) && tags_and_tie(row).1 == Tie::MayHold;
    let rows = std::mem::take(&mut found.rows);
    let nothing_belongs = own_account && !rows.iter().any(belongs);
    let doubt = gap.clone().or_else(|| found.unknown().cloned());
    let (sorted, by_account) = match (nothing_belongs, doubt) {
        (true, None) => (Found::sorted_out(rows, is_open, |_| None), true),
        // Whether nothing belongs is not known.
        (true, Some(why)) => (Found::sorted_out(rows, |_| false, |row| is_open(row).then(|| why.clone())), false),
        (false, _) => (Found::sorted_out(rows, belongs, |row| gap.clone().filter(|_| may_hold(row))), false),
    };
    let fell = by_account && !sorted.rows.is_empty();
    found.rows = sorted.rows;
    found.gaps.extend(sorted.gaps);
    fell
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
    known(rows).iter().map(|row| (id(row), row.clone())).collect()
}

/// The rows that are not somebody else's.
fn open<'a, T>(rows: &'a Option<Rows<T>>, tags: impl Fn(&T) -> &Tags, wanted: &Tags) -> Vec<&'a T> {
    known(rows).iter().filter(|row| !claimed(tags(row), wanted)).collect()
}

/// Instances and Auto Scaling groups as they are found, and the first failure on the way.
struct Ties<'a> {
    session: &'a Arc<Session>,
    wanted: &'a Tags,
    instances: BTreeMap<String, Instance>,
    groups: BTreeMap<String, AutoScalingGroup>,
    /// Instances that were looked at to see whose they are.
    looked_at: BTreeMap<String, Instance>,
    /// Whether that is all there are.
    all: bool,
    /// Ids of instances and names of groups that were asked for: what did not come back is gone, or somebody else's.
    asked: BTreeSet<String>,
    gap: Option<Unreadable>,
}

impl Ties<'_> {
    /// How many were found.
    fn size(&self) -> usize {
        self.instances.len() + self.groups.len()
    }

    /// Whether a target, named by id or by address, is an instance that belongs.
    fn holds(&self, target: &str) -> bool {
        let has = |row: &Instance| row.private_ip_address.as_deref() == Some(target);
        self.instances.contains_key(target) || self.instances.values().any(has)
    }

    /// Adds the groups that started the instances.
    async fn add_groups_of_instances(&mut self) {
        let names: BTreeSet<String> = self
            .instances
            .values()
            .filter_map(|instance| instance.tags.get(GROUP_TAG))
            .filter(|name| !self.groups.contains_key(*name) && !self.asked.contains(*name))
            .cloned()
            .collect();
        self.asked.extend(names.iter().cloned());
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

    /// Looks at these instances.
    async fn look_at(&mut self, mut ids: BTreeSet<String>) {
        ids.retain(|id| !self.instances.contains_key(id) && !self.asked.contains(id));
        self.asked.extend(ids.iter().cloned());
        match ec2::instances(self.session, Pick::Ids(&ids)).await {
            Ok(rows) => self.looked_at.extend(rows.into_iter().map(|row| (row.instance_id.clone(), row))),
            Err(failure) => {
                self.gap.get_or_insert(failure);
            }
        }
    }

    /// Adds these instances.
    async fn add_instances(&mut self, ids: BTreeSet<String>) {
        self.look_at(ids.clone()).await;
        for id in ids {
            if let Some(row) = self.looked_at.get(&id)
                && !claimed(&row.tags, self.wanted)
            {
                self.instances.insert(id, row.clone());
            }
        }
    }

    /// Adds the instances that have these addresses, each in its network.
    async fn add_addresses(&mut self, mut addresses: BTreeSet<(Option<String>, String)>) {
        addresses.retain(|(_, address)| !self.holds(address) && !self.asked.contains(address));
        let wanted: BTreeSet<String> = addresses.iter().map(|(_, address)| address.clone()).collect();
        self.asked.extend(wanted.iter().cloned());
        match ec2::instances_by(self.session, Pick::Ids(&wanted), "private-ip-address").await {
            Ok(rows) => {
                let has = |row: &Instance| {
                    let own = row.private_ip_address.clone().unwrap_or_default();
                    addresses.contains(&(row.vpc_id.clone(), own)) && !claimed(&row.tags, self.wanted)
                };
                let ours: Vec<Instance> = rows.into_iter().filter(has).collect();
                self.instances.extend(ours.into_iter().map(|row| (row.instance_id.clone(), row)));
            }
            Err(failure) => {
                self.gap.get_or_insert(failure);
            }
        }
    }

    /// Whether none of these instances is somebody else's; `false` where that cannot be told.
    async fn nobody_claims(&mut self, ids: BTreeSet<String>) -> bool {
        let could_tell = self.gap.is_none();
        self.look_at(ids.clone()).await;
        let theirs = |id: &String| self.looked_at.get(id).is_some_and(|row| claimed(&row.tags, self.wanted));
        could_tell == self.gap.is_none() && !ids.iter().any(theirs)
    }

    /// Adds the instances that share a security group with one that belongs, unless somebody else's instance is in it.
    async fn add_neighbours(&mut self) {
        let used: BTreeSet<String> =
            self.instances.values().flat_map(|row| row.security_group_ids.iter().cloned()).collect();
        if used.is_empty() || self.gap.is_some() {
            return;
        }
        if !self.everything().await {
            return;
        }
        let theirs: BTreeSet<String> = self
            .looked_at
            .values()
            .filter(|row| claimed(&row.tags, self.wanted))
            .flat_map(|row| row.security_group_ids.iter().cloned())
            .collect();
        let is_neighbour =
            |row: &Instance| row.security_group_ids.iter().any(|group| used.contains(group) && !theirs.contains(group));
        let ours = self.looked_at.values().filter(|row| is_neighbour(row) && !claimed(&row.tags, self.wanted));
        let ours: Vec<Instance> = ours.cloned().collect();
        self.instances.extend(ours.into_iter().map(|row| (row.instance_id.clone(), row)));
    }

    /// In an account of the team's own where nothing of this kind carries the tags.
    async fn take_all_that_nobody_claims(&mut self) {
        if !self.everything().await {
            return;
        }
        let ours = self.looked_at.values().filter(|row| !claimed(&row.tags, self.wanted)).cloned();
        self.instances.extend(ours.map(|row| (row.instance_id.clone(), row)));
        match autoscaling::groups(self.session, &Tags::new()).await {
            Ok(rows) => {
                let ours = rows.into_iter().filter(|row| !claimed(&row.tags, self.wanted));
                self.groups.extend(ours.map(|row| (row.auto_scaling_group_name.clone(), row)));
            }
            Err(failure) => {
                self.gap.get_or_insert(failure);
            }
        }
    }

    /// Looks at all instances of the region, once; tells whether that worked.
    async fn everything(&mut self) -> bool {
        if self.all {
            return true;
        }
        match ec2::instances(self.session, Pick::All).await {
            Ok(rows) => {
                self.looked_at.extend(rows.into_iter().map(|row| (row.instance_id.clone(), row)));
                self.all = true;
            }
            Err(failure) => {
                self.gap.get_or_insert(failure);
            }
        }
        self.all
    }

    /// Both tables; where a tie could not be followed, the region's other rows may belong.
    async fn finish(self) -> (Rows<Instance>, Rows<AutoScalingGroup>) {
        let Self { session, wanted, instances, groups, gap, .. } = self;
        let Some(gap) = gap else {
            return (
                Ok(Found::from(instances.into_values().collect::<Vec<_>>())),
                Ok(Found::from(groups.into_values().collect::<Vec<_>>())),
            );
        };
        let none = Tags::new();
        let (all_instances, all_groups) =
            tokio::join!(ec2::instances(session, Pick::All), autoscaling::groups(session, &none));
        let may_belong = |tags: &Tags| (!claimed(tags, wanted)).then(|| gap.clone());
        let others = |failure: &Unreadable| [Gap::rows(BTreeMap::new(), doubtful(failure.clone()))];
        let found_instances = match all_instances {
            Ok(mut all) => {
                all.retain(|row| !instances.contains_key(&row.instance_id));
                let left = Found::sorted_out(all, |_| false, |row: &Instance| may_belong(&row.tags));
                Found::from(instances.into_values().collect::<Vec<_>>()).lacking(left.gaps)
            }
            Err(failure) => Found::from(instances.into_values().collect::<Vec<_>>()).lacking(others(&failure)),
        };
        let found_groups = match all_groups {
            Ok(mut all) => {
                all.retain(|row| !groups.contains_key(&row.auto_scaling_group_name));
                let left = Found::sorted_out(all, |_| false, |row: &AutoScalingGroup| may_belong(&row.tags));
                Found::from(groups.into_values().collect::<Vec<_>>()).lacking(left.gaps)
            }
            Err(failure) => Found::from(groups.into_values().collect::<Vec<_>>()).lacking(others(&failure)),
        };
        (Ok(found_instances), Ok(found_groups))
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
        let kept = |rows: Vec<Tags>, gap: Option<Unreadable>, own_account: bool| {
            let mut table = Some(Ok(Found::from(rows)));
            let fell = keep(&mut table, gap, &wanted, own_account, |row| (row, Tie::MayHold));
            let found = table.expect("it was asked for").expect("it was read");
            (found.rows.len(), found.gaps.len(), fell)
        };
        assert_eq!(kept(vec![wanted.clone(), tags(&[])], None, false), (1, 0, false));
        assert_eq!(kept(vec![wanted.clone(), tags(&[])], denied(), false), (1, 1, false));
        // Nothing hangs on it where every row says by itself whose it is.
        let theirs = tags(&[("team", "falcon")]);
        assert_eq!(kept(vec![wanted.clone(), theirs.clone()], denied(), false), (1, 0, false));
        // In an account of the team's own, what nobody claims is the team's where nothing of the table is tagged.
        assert_eq!(kept(vec![tags(&[]), theirs.clone()], None, true), (1, 0, true));
        assert_eq!(kept(vec![wanted.clone(), tags(&[])], None, true), (1, 0, false));
        assert_eq!(kept(vec![tags(&[]), theirs], None, false), (0, 0, false));
        // Whether nothing is tagged is not known where a row could not be read.
        assert_eq!(kept(vec![tags(&[])], denied(), true), (0, 1, false));
    }

    #[test]
    fn a_function_is_called_by_its_whole_name() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:hello";
        assert!(calls(&format!("arn:aws:apigateway:us-east-1:lambda:path/functions/{arn}/invocations"), arn));
        assert!(calls(arn, arn) && !calls(&format!("{arn}2/invocations"), arn));
    }
}
