//! The networks and security groups that a stack is in: their rules apply to it, whatever their tags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ec2::{self, Pick};
use super::found::{Found, Rows, lacks};
use super::owner::{carries, claimed};
use super::session::Session;
use super::stack::{Stack, known};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Gap, Tags};

/// Ids of what the stack is in.
#[derive(Debug, Default)]
struct Inside {
    groups: BTreeSet<String>,
    subnets: BTreeSet<String>,
    vpcs: BTreeSet<String>,
}

impl Inside {
    fn add(&mut self, groups: &[String], subnets: &[String], vpcs: &[String]) {
        self.groups.extend(groups.iter().cloned());
        self.subnets.extend(subnets.iter().cloned());
        self.vpcs.extend(vpcs.iter().cloned());
    }
}

/// Adds the subnets in a VPC that carries the tags: they are the team's, unless their own tags say otherwise.
async fn add_insides_of_own_vpcs(stack: &mut Stack, session: &Arc<Session>, wanted: &Tags) {
    let missing = lacks(&stack.vpcs);
    let own = known(&stack.vpcs).iter().filter(|row| carries(&row.tags, wanted));
    let own: BTreeSet<String> = own.map(|row| row.vpc_id.clone()).collect();
    let Some(Ok(Found { rows, gaps, .. })) = &mut stack.subnets else { return };
    gaps.extend(missing);
    match ec2::subnets_by(session, Pick::Ids(&own), "vpc-id").await {
        Ok(more) => {
            rows.extend(more.into_iter().filter(|row| !claimed(&row.tags, wanted)));
            rows.sort_by(|a, b| a.subnet_id.cmp(&b.subnet_id));
            rows.dedup_by(|a, b| a.subnet_id == b.subnet_id);
        }
        Err(failure) => gaps.push(Gap::rows(BTreeMap::new(), failure)),
    }
}

/// Adds the security groups, subnets and VPCs that instances and load balancers are in.
pub(super) async fn add(stack: &mut Stack, session: &Arc<Session>, wanted: &Tags) {
    // What a row is in that could not be read is not known.
    let missing = lacks(&stack.instances)
        .or_else(|| lacks(&stack.load_balancers))
        .or_else(|| lacks(&stack.classic_load_balancers))
        .or_else(|| lacks(&stack.auto_scaling_groups));
    let mut inside = Inside::default();
    for row in known(&stack.instances) {
        inside.add(&row.security_group_ids, row.subnet_id.as_slice(), row.vpc_id.as_slice());
    }
    for row in known(&stack.load_balancers) {
        inside.add(&row.security_group_ids, &row.subnet_ids, row.vpc_id.as_slice());
    }
    for row in known(&stack.classic_load_balancers) {
        inside.add(&row.security_groups, &row.subnets, row.vpc_id.as_slice());
    }
    for row in known(&stack.auto_scaling_groups) {
        inside.add(&[], &row.subnet_ids, &[]);
    }
    for row in known(&stack.subnets) {
        inside.add(&[], &[], std::slice::from_ref(&row.vpc_id));
    }
    add_insides_of_own_vpcs(stack, session, wanted).await;
    let Stack { security_groups, vpcs, subnets, .. } = stack;
    let Inside { groups: groups_in, subnets: subnets_in, vpcs: vpcs_in } = inside;
    tokio::join!(
        surround(
            security_groups,
            &missing,
            groups_in,
            |row| &row.group_id,
            async |ids| { ec2::security_groups(session, Pick::Ids(&ids)).await }
        ),
        surround(
            subnets,
            &missing,
            subnets_in,
            |row| &row.subnet_id,
            async |ids| { ec2::subnets(session, Pick::Ids(&ids)).await }
        ),
        surround(vpcs, &missing, vpcs_in, |row| &row.vpc_id, async |ids| ec2::vpcs(session, Pick::Ids(&ids)).await),
    );
}

/// Adds the rows with `ids` to those that are tagged.
async fn surround<T>(
    table: &mut Option<Rows<T>>,
    missing: &Option<Gap>,
    mut ids: BTreeSet<String>,
    id: impl Fn(&T) -> &String,
    fetch: impl AsyncFnOnce(BTreeSet<String>) -> Result<Vec<T>, Unreadable>,
) {
    let Some(Ok(Found { rows, gaps, .. })) = table else {
        return;
    };
    gaps.extend(missing.clone());
    for row in rows.iter() {
        ids.remove(id(row));
    }
    match fetch(ids).await {
        Ok(more) => {
            rows.extend(more);
            rows.sort_by(|a, b| id(a).cmp(id(b)));
        }
        Err(failure) => gaps.push(Gap::rows(BTreeMap::new(), failure)),
    }
}
