//! Instances and Auto Scaling groups while the ties between them are followed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ec2::Pick;
use super::found::{Found, Rows};
use super::owner::{claimed, doubtful};
use super::session::Session;
use super::{autoscaling, ec2};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{AutoScalingGroup, Gap, Instance, Tags};

/// The tag that an Auto Scaling group puts on its instances.
const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// Instances and Auto Scaling groups as they are found, and the first failure on the way.
pub(super) struct Ties<'a> {
    pub(super) session: &'a Arc<Session>,
    pub(super) wanted: &'a Tags,
    pub(super) instances: BTreeMap<String, Instance>,
    pub(super) groups: BTreeMap<String, AutoScalingGroup>,
    /// Instances that were looked at to see whose they are.
    pub(super) looked_at: BTreeMap<String, Instance>,
    /// Whether that is all there are.
    pub(super) all: bool,
    /// Ids of instances and names of groups that were asked for: what did not come back is gone, or somebody else's.
    pub(super) asked: BTreeSet<String>,
    pub(super) gap: Option<Unreadable>,
}

impl Ties<'_> {
    /// How many were found.
    pub(super) fn size(&self) -> usize {
        self.instances.len() + self.groups.len()
    }

    /// Whether a target, named by id or by address, is an instance that belongs.
    pub(super) fn holds(&self, target: &str) -> bool {
        let has = |row: &Instance| row.private_ip_address.as_deref() == Some(target);
        self.instances.contains_key(target) || self.instances.values().any(has)
    }

    /// Adds the groups that started the instances.
    pub(super) async fn add_groups_of_instances(&mut self) {
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
    pub(super) async fn add_instances(&mut self, ids: BTreeSet<String>) {
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
    pub(super) async fn add_addresses(&mut self, mut addresses: BTreeSet<(Option<String>, String)>) {
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
    pub(super) async fn nobody_claims(&mut self, ids: BTreeSet<String>) -> bool {
        let could_tell = self.gap.is_none();
        self.look_at(ids.clone()).await;
        let theirs = |id: &String| self.looked_at.get(id).is_some_and(|row| claimed(&row.tags, self.wanted));
        could_tell == self.gap.is_none() && !ids.iter().any(theirs)
    }

    /// Adds the instances that share a security group with one that belongs, unless somebody else's instance is in it.
    pub(super) async fn add_neighbours(&mut self) {
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
    pub(super) async fn take_all_that_nobody_claims(&mut self) {
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
    pub(super) async fn finish(self) -> (Rows<Instance>, Rows<AutoScalingGroup>) {
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
