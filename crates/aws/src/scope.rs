//! Which resources belong to the team.
//!
//! With a tag filter, a resource belongs when it
//! 1. carries all the tags; or
//! 2. carries none of the tags' keys with another value (it is not somebody else's) and is tied to one that belongs:
//!    - the Auto Scaling group that started an instance, and the instances of a group,
//!    - the target groups behind a load balancer, those of an Auto Scaling group, and those with an instance or a load balancer
//!      among their targets,
//!    - the load balancers in front of a target group, and the instances and load balancers registered in one,
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
//! Where something of the ties could not be read, a resource that nobody claims and that may hang on it may or may not
//! belong: it is missing from its table, with the cause and with all that is known of it (`doubts`). A table without such
//! rows is complete all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::doubts::{Node, Region};
use super::found::{Found, Rows};
use super::owner::{carries, claimed};
use super::session::Session;
use super::settled::settle_the_rest;
use super::stack::{Stack, failure, known};
use super::tables::Table;
use super::ties::{Others, Ties};
use super::{elbv2, surroundings};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Gap, LoadBalancer, Tags, TargetGroup, TargetHealth, identified};

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
        all: None,
        asked: BTreeSet::new(),
        unread: BTreeMap::new(),
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
            mute.extend(target_groups.iter().map(|row| (row.target_group_arn.clone(), failure.clone())));
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
            // A network load balancer may be in front of an application load balancer.
            let forwards = |id: &str| taken_balancers.get(id).is_some_and(|arn| !shared.contains(arn));
            let mine = carries(&row.tags, wanted)
                || ties.groups.values().any(|group| group.target_group_arns.contains(&row.target_group_arn))
                || targets_of(targets, &row.target_group_arn).any(|id| ties.holds(id) || forwards(id))
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
            let is_target = targets.iter().any(|target| {
                target.target_id == row.load_balancer_arn && taken_groups.contains(&target.target_group_arn)
            });
            if carries(&row.tags, wanted) || in_front || is_target {
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
            let ids: BTreeSet<String> = ids.map(str::to_owned).collect();
            match ties.nobody_claims(ids.clone()).await {
                Some(true) => {
                    taken_groups.insert(row.target_group_arn.clone());
                }
                Some(false) => {}
                None => {
                    let own = Node::TargetGroup(row.target_group_arn.clone());
                    let failure = ids.into_iter().find_map(|id| ties.unread.get(&Node::Instance(id)).cloned());
                    ties.unread.extend(failure.map(|failure| (own, failure)));
                }
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
    let failed = [
        failure(&stack.instances).map(|why| (vec![Node::AnyInstance], why)),
        failure(&stack.auto_scaling_groups).map(|why| (vec![Node::AnyGroup], why)),
        failure(&stack.load_balancers).map(|why| (nodes_behind_any(&target_groups), why)),
        failure(&stack.target_groups).map(|why| (nodes_around_any(&load_balancers), why)),
        failure(&stack.classic_load_balancers).map(|why| (vec![Node::AnyInstance], why)),
    ];
    let mut unknown = None;
    for (nodes, why) in failed.into_iter().flatten() {
        ties.miss(nodes, &why);
        unknown.get_or_insert(why);
    }
    // Which instances are registered there is not known.
    for (arn, why) in &mute {
        let row = target_groups.iter().find(|row| row.target_group_arn == *arn);
        let mut fronts = row.into_iter().flat_map(|row| &row.load_balancer_arns);
        let is_behind = fronts.any(|front| taken_balancers.contains(front) && !shared.contains(front));
        match (taken_groups.contains(arn), is_behind || !ties.instances.is_empty()) {
            (true, _) => ties.miss([Node::AnyInstance], why),
            (false, true) => ties.miss([Node::TargetGroup(arn.clone())], why),
            (false, false) => {}
        }
    }
    let unknown = unknown.or_else(|| ties.unread.values().next().cloned());
    let nothing = taken_groups.is_empty() && taken_balancers.is_empty() && taken_classic.is_empty() && ties.size() == 0;
    let by_account = own_account && nothing && unknown.is_none();
    if by_account {
        ties.take_all_that_nobody_claims().await;
        taken_groups.extend(target_groups.iter().map(|row| row.target_group_arn.clone()));
        taken_balancers.extend(load_balancers.iter().map(|row| row.load_balancer_arn.clone()));
        taken_classic.extend(classic.iter().map(|row| row.load_balancer_name.clone()));
    }
    // All that nobody claims belongs if nothing else does, which is not known.
    if let Some(why) = unknown.filter(|_| own_account && nothing) {
        let any = [Node::AnyInstance, Node::AnyGroup].into_iter();
        let groups = target_groups.iter().map(|row| Node::TargetGroup(row.target_group_arn.clone()));
        let balancers = load_balancers.iter().map(|row| Node::Balancer(row.load_balancer_arn.clone()));
        let classic = classic.iter().map(|row| Node::Classic(row.load_balancer_name.clone()));
        ties.miss(any.chain(groups).chain(balancers).chain(classic), &why);
    }

    let others = if ties.unread.is_empty() { None } else { Some(Others::list(session).await) };
    let may = others.as_ref().map_or_else(BTreeMap::new, |others| {
        let region = Region {
            wanted,
            own_account,
            instances: others.instances.as_deref().ok(),
            groups: others.groups.as_deref().ok(),
            target_groups: &target_groups,
            load_balancers: &load_balancers,
            classic: &classic,
            targets,
            mute: &mute,
            shared: &shared,
        };
        let taken = taken_groups.iter().cloned().map(Node::TargetGroup);
        let taken = taken.chain(taken_balancers.iter().cloned().map(Node::Balancer));
        let taken = taken.chain(taken_classic.iter().cloned().map(Node::Classic)).chain(ties.taken());
        let taken: BTreeSet<Node> = taken.collect();
        region.may_belong(&ties.unread, &taken)
    });
    let balancers_found = Found::sorted_out(
        load_balancers.iter().map(|row| (*row).clone()),
        |row| taken_balancers.contains(&row.load_balancer_arn),
        |row| may.get(&Node::Balancer(row.load_balancer_arn.clone())).cloned(),
    );
    let groups_found = Found::sorted_out(
        target_groups.iter().map(|row| (*row).clone()),
        |row| taken_groups.contains(&row.target_group_arn),
        |row| may.get(&Node::TargetGroup(row.target_group_arn.clone())).cloned(),
    );
    let classic_found = Found::sorted_out(
        classic.iter().map(|row| (*row).clone()),
        |row| taken_classic.contains(&row.load_balancer_name),
        |row| may.get(&Node::Classic(row.load_balancer_name.clone())).cloned(),
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
    let (instances, groups) = ties.finish(others, &may);
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

/// What an unknown load balancer may tie: the target groups behind any.
fn nodes_behind_any(target_groups: &[&TargetGroup]) -> Vec<Node> {
    let behind = target_groups.iter().filter(|row| !row.load_balancer_arns.is_empty());
    behind.map(|row| Node::TargetGroup(row.target_group_arn.clone())).collect()
}

/// What an unknown target group may tie: the load balancers in front of it, and the instances registered in it.
fn nodes_around_any(load_balancers: &[&LoadBalancer]) -> Vec<Node> {
    let fronts = load_balancers.iter().map(|row| Node::Balancer(row.load_balancer_arn.clone()));
    fronts.chain([Node::AnyInstance]).collect()
}

/// The target group that a gap is about.
fn arn_of(gap: &Gap) -> Option<String> {
    gap.known.get("target_group_arn")?.as_str().map(str::to_owned)
}

/// Ids and addresses of what is registered in a target group.
fn targets_of<'a>(targets: &'a [TargetHealth], arn: &'a str) -> impl Iterator<Item = &'a str> {
    targets.iter().filter(move |target| target.target_group_arn == arn).map(|target| target.target_id.as_str())
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
