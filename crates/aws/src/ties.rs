//! Instances and Auto Scaling groups while the ties between them are followed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::doubts::Node;
use super::ec2::Pick;
use super::found::{Found, Rows};
use super::owner::{claimed, doubtful};
use super::session::Session;
use super::{autoscaling, ec2};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{AutoScalingGroup, Gap, Instance, Tags};

/// The tag that an Auto Scaling group puts on its instances.
pub(super) const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// Instances and Auto Scaling groups as they are found, and what could not be read on the way.
pub(super) struct Ties<'a> {
    pub(super) session: &'a Arc<Session>,
    pub(super) wanted: &'a Tags,
    pub(super) instances: BTreeMap<String, Instance>,
    pub(super) groups: BTreeMap<String, AutoScalingGroup>,
    /// Instances that were looked at to see whose they are.
    pub(super) looked_at: BTreeMap<String, Instance>,
    /// Whether that is all there are, once they were asked for.
    pub(super) all: Option<Result<(), Unreadable>>,
    /// Ids of instances and names of groups that were asked for: what did not come back is gone, or somebody else's.
    pub(super) asked: BTreeSet<String>,
    /// What could not be read, each with its own cause.
    pub(super) unread: BTreeMap<Node, Unreadable>,
}

impl Ties<'_> {
    /// How many were found.
    pub(super) fn size(&self) -> usize {
        self.instances.len() + self.groups.len()
    }

    /// These could not be read.
    pub(super) fn miss(&mut self, nodes: impl IntoIterator<Item = Node>, failure: &Unreadable) {
        for node in nodes {
            self.unread.entry(node).or_insert_with(|| failure.clone());
        }
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
            Err(failure) => self.miss(names.into_iter().map(Node::Group), &failure),
        }
    }

    /// Looks at these instances.
    async fn look_at(&mut self, mut ids: BTreeSet<String>) {
        ids.retain(|id| !self.instances.contains_key(id) && !self.asked.contains(id));
        self.asked.extend(ids.iter().cloned());
        match ec2::instances(self.session, Pick::Ids(&ids)).await {
            Ok(rows) => self.looked_at.extend(rows.into_iter().map(|row| (row.instance_id.clone(), row))),
            Err(failure) => self.miss(ids.into_iter().map(Node::Instance), &failure),
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
            Err(failure) => self.miss(wanted.into_iter().map(Node::Address), &failure),
        }
    }

    /// Whether none of these instances is somebody else's; `None` where that cannot be told.
    pub(super) async fn nobody_claims(&mut self, ids: BTreeSet<String>) -> Option<bool> {
        self.look_at(ids.clone()).await;
        let theirs = |id: &String| self.looked_at.get(id).is_some_and(|row| claimed(&row.tags, self.wanted));
        if ids.iter().any(theirs) {
            return Some(false);
        }
        (!ids.iter().any(|id| self.unread.contains_key(&Node::Instance(id.clone())))).then_some(true)
    }

    /// Adds the instances that share a security group with one that belongs, unless somebody else's instance is in it.
    pub(super) async fn add_neighbours(&mut self) {
        let used: BTreeSet<String> =
            self.instances.values().flat_map(|row| row.security_group_ids.iter().cloned()).collect();
        if used.is_empty() {
            return;
        }
        if let Err(failure) = self.everything().await {
            return self.miss(used.into_iter().map(Node::SecurityGroup), &failure);
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
        match self.everything().await {
            Ok(()) => {
                let ours = self.looked_at.values().filter(|row| !claimed(&row.tags, self.wanted)).cloned();
                self.instances.extend(ours.map(|row| (row.instance_id.clone(), row)));
            }
            Err(failure) => self.miss([Node::AnyInstance], &failure),
        }
        match autoscaling::groups(self.session, &Tags::new()).await {
            Ok(rows) => {
                let ours = rows.into_iter().filter(|row| !claimed(&row.tags, self.wanted));
                self.groups.extend(ours.map(|row| (row.auto_scaling_group_name.clone(), row)));
            }
            Err(failure) => self.miss([Node::AnyGroup], &failure),
        }
    }

    /// Looks at all instances of the region, once.
    async fn everything(&mut self) -> Result<(), Unreadable> {
        if let Some(all) = &self.all {
            return all.clone();
        }
        let listed = ec2::instances(self.session, Pick::All).await;
        let all = listed.map(|rows| self.looked_at.extend(rows.into_iter().map(|row| (row.instance_id.clone(), row))));
        self.all = Some(all.clone());
        all
    }

    /// What belongs.
    pub(super) fn taken(&self) -> impl Iterator<Item = Node> {
        let groups = self.groups.keys().cloned().map(Node::Group);
        self.instances.keys().cloned().map(Node::Instance).chain(groups)
    }

    /// Both tables; what may belong of `others` is missing.
    pub(super) fn finish(
        self,
        others: Option<Others>,
        may: &BTreeMap<Node, Unreadable>,
    ) -> (Rows<Instance>, Rows<AutoScalingGroup>) {
        let of_instance = |row: &Instance| Node::Instance(row.instance_id.clone());
        let of_group = |row: &AutoScalingGroup| Node::Group(row.auto_scaling_group_name.clone());
        let instances = Found::from(self.instances.into_values().collect::<Vec<_>>());
        let groups = Found::from(self.groups.into_values().collect::<Vec<_>>());
        let Some(Others { instances: all_instances, groups: all_groups }) = others else {
            return (Ok(instances), Ok(groups));
        };
        let missing = missing_of(all_instances, may, &Node::AnyInstance, of_instance);
        let missing_groups = missing_of(all_groups, may, &Node::AnyGroup, of_group);
        (Ok(instances.lacking(missing)), Ok(groups.lacking(missing_groups)))
    }
}

/// All instances and groups of the region, among which some may belong.
pub(super) struct Others {
    pub(super) instances: Result<Vec<Instance>, Unreadable>,
    pub(super) groups: Result<Vec<AutoScalingGroup>, Unreadable>,
}

impl Others {
    pub(super) async fn list(session: &Session) -> Self {
        let none = Tags::new();
        let (instances, groups) = tokio::join!(ec2::instances(session, Pick::All), autoscaling::groups(session, &none));
        Self { instances, groups }
    }
}

/// The rows that may belong; where nobody could list them, there may be any number.
fn missing_of<T: Serialize>(
    listed: Result<Vec<T>, Unreadable>,
    may: &BTreeMap<Node, Unreadable>,
    any: &Node,
    node: impl Fn(&T) -> Node,
) -> Vec<Gap> {
    match listed {
        Ok(rows) => Found::sorted_out(rows, |_| false, |row| may.get(&node(row)).cloned()).gaps,
        Err(failure) if may.contains_key(any) => vec![Gap::rows(BTreeMap::new(), doubtful(failure))],
        Err(_) => Vec::new(),
    }
}
