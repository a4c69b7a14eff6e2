//! Which rows may belong to the team where a tie could not be followed: what hangs on what could not be read, and no more.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;

use super::owner::claimed;
use super::ties::GROUP_TAG;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{
    AutoScalingGroup, ClassicLoadBalancer, Instance, LoadBalancer, Tags, TargetGroup, TargetHealth,
};

/// What the ties lead to and from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    AnyInstance,
    AnyGroup,
    /// By id.
    Instance(String),
    /// An address of an instance.
    Address(String),
    /// By id: in an account of the team's own, it ties the instances in it.
    SecurityGroup(String),
    /// An Auto Scaling group, by name.
    Group(String),
    /// By ARN.
    TargetGroup(String),
    /// By ARN.
    Balancer(String),
    /// By name.
    Classic(String),
}

/// The rows that ties lead through; of load balancers and target groups, those that nobody else claims.
pub(super) struct Region<'a> {
    pub(super) wanted: &'a Tags,
    pub(super) own_account: bool,
    /// All of them, whoever they belong to; `None` where they could not be listed.
    pub(super) instances: Option<&'a [Instance]>,
    pub(super) groups: Option<&'a [AutoScalingGroup]>,
    pub(super) target_groups: &'a [&'a TargetGroup],
    pub(super) load_balancers: &'a [&'a LoadBalancer],
    pub(super) classic: &'a [&'a ClassicLoadBalancer],
    pub(super) targets: &'a [TargetHealth],
    /// Target groups whose targets could not be read.
    pub(super) mute: &'a BTreeMap<String, Unreadable>,
    /// Load balancers in front of a target group that somebody else claims.
    pub(super) shared: &'a BTreeSet<&'a String>,
}

type Ties = BTreeMap<Node, BTreeSet<Node>>;

impl Region<'_> {
    /// What may belong since something of `unread` may, and why nobody can tell. What is `taken` belongs either way, and its
    /// own ties were followed.
    pub(super) fn may_belong(
        &self,
        unread: &BTreeMap<Node, Unreadable>,
        taken: &BTreeSet<Node>,
    ) -> BTreeMap<Node, Unreadable> {
        let ties = self.ties();
        let claimed = self.claimed();
        let mut may: BTreeMap<Node, Unreadable> = BTreeMap::new();
        let mut next: VecDeque<(Node, &Unreadable)> =
            unread.iter().map(|(node, why)| (self.listed(node.clone()), why)).collect();
        while let Some((node, why)) = next.pop_front() {
            if taken.contains(&node) || claimed.contains(&node) || may.contains_key(&node) {
                continue;
            }
            next.extend(ties.get(&node).into_iter().flatten().map(|to| (to.clone(), why)));
            may.insert(node, why.clone());
        }
        may
    }

    /// Where nobody could list them, any may be meant.
    fn listed(&self, node: Node) -> Node {
        match node {
            Node::Instance(_) | Node::Address(_) | Node::SecurityGroup(_) if self.instances.is_none() => {
                Node::AnyInstance
            }
            Node::Group(_) if self.groups.is_none() => Node::AnyGroup,
            node => node,
        }
    }

    /// Instances and groups that are somebody else's.
    fn claimed(&self) -> BTreeSet<Node> {
        let instances = self.instances.unwrap_or_default().iter().filter(|row| claimed(&row.tags, self.wanted));
        let groups = self.groups.unwrap_or_default().iter().filter(|row| claimed(&row.tags, self.wanted));
        let instances = instances.map(|row| Node::Instance(row.instance_id.clone()));
        instances.chain(groups.map(|row| Node::Group(row.auto_scaling_group_name.clone()))).collect()
    }

    /// Of each node, what belongs if it does.
    fn ties(&self) -> Ties {
        let mut ties = Ties::new();
        self.tie_instances(&mut ties);
        self.tie_groups(&mut ties);
        self.tie_target_groups(&mut ties);
        for row in self.classic {
            let own = Node::Classic(row.load_balancer_name.clone());
            for id in &row.instances {
                self.tie_both(&mut ties, &own, &Node::Instance(id.clone()));
            }
            if self.groups.is_none() {
                self.tie(&mut ties, &Node::AnyGroup, &own);
            }
        }
        ties
    }

    fn tie(&self, ties: &mut Ties, from: &Node, to: &Node) {
        ties.entry(self.listed(from.clone())).or_default().insert(self.listed(to.clone()));
    }

    fn tie_both(&self, ties: &mut Ties, one: &Node, other: &Node) {
        self.tie(ties, one, other);
        self.tie(ties, other, one);
    }

    fn tie_instances(&self, ties: &mut Ties) {
        let Some(instances) = self.instances else {
            // Its tags may name any group, and any group may have started it.
            return self.tie_both(ties, &Node::AnyInstance, &Node::AnyGroup);
        };
        let theirs = instances.iter().filter(|row| claimed(&row.tags, self.wanted));
        let theirs: BTreeSet<&String> = theirs.flat_map(|row| &row.security_group_ids).collect();
        for row in instances {
            let own = Node::Instance(row.instance_id.clone());
            self.tie(ties, &Node::AnyInstance, &own);
            if let Some(name) = row.tags.get(GROUP_TAG) {
                self.tie_both(ties, &own, &Node::Group(name.clone()));
            }
            if let Some(address) = &row.private_ip_address {
                self.tie_both(ties, &own, &Node::Address(address.clone()));
            }
            for id in row.security_group_ids.iter().filter(|id| self.own_account && !theirs.contains(id)) {
                self.tie_both(ties, &own, &Node::SecurityGroup(id.clone()));
            }
        }
    }

    fn tie_groups(&self, ties: &mut Ties) {
        for row in self.groups.unwrap_or_default() {
            let own = Node::Group(row.auto_scaling_group_name.clone());
            self.tie(ties, &Node::AnyGroup, &own);
            for id in &row.instance_ids {
                self.tie_both(ties, &own, &Node::Instance(id.clone()));
            }
            for arn in &row.target_group_arns {
                self.tie(ties, &own, &Node::TargetGroup(arn.clone()));
            }
            for name in &row.load_balancer_names {
                self.tie(ties, &own, &Node::Classic(name.clone()));
            }
        }
    }

    fn tie_target_groups(&self, ties: &mut Ties) {
        let claimed = self.claimed();
        let open: BTreeSet<&String> = self.load_balancers.iter().map(|row| &row.load_balancer_arn).collect();
        for row in self.target_groups {
            let own = Node::TargetGroup(row.target_group_arn.clone());
            let targets = self.targets.iter().filter(|target| target.target_group_arn == row.target_group_arn);
            let targets: BTreeSet<Node> = targets.filter_map(|target| target_of(&target.target_id)).collect();
            for target in &targets {
                self.tie(ties, &own, target);
                let is_shared = matches!(target, Node::Balancer(arn) if self.shared.contains(arn));
                if !is_shared {
                    self.tie(ties, target, &own);
                }
            }
            if self.mute.contains_key(&row.target_group_arn) {
                self.tie_both(ties, &own, &Node::AnyInstance);
                for instance in self.instances.unwrap_or_default() {
                    self.tie(ties, &Node::Instance(instance.instance_id.clone()), &own);
                }
            }
            if self.groups.is_none() {
                self.tie(ties, &Node::AnyGroup, &own);
            }
            let is_theirs = targets.iter().any(|target| claimed.contains(target));
            for arn in &row.load_balancer_arns {
                let front = Node::Balancer(arn.clone());
                self.tie(ties, &own, &front);
                if open.contains(arn) && !self.shared.contains(arn) && !is_theirs {
                    self.tie(ties, &front, &own);
                }
            }
        }
    }
}

/// An instance among targets, by id or by address, or a load balancer; a function ties nothing.
fn target_of(id: &str) -> Option<Node> {
    if id.starts_with("i-") {
        return Some(Node::Instance(id.to_owned()));
    }
    if id.contains(":loadbalancer/") {
        return Some(Node::Balancer(id.to_owned()));
    }
    id.parse::<IpAddr>().is_ok().then(|| Node::Address(id.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use stackmark_evidence::Cause;

    fn row<T: serde::de::DeserializeOwned>(mut base: Value, own: Value) -> T {
        for (key, value) in own.as_object().expect("fields") {
            base[key] = value.clone();
        }
        serde_json::from_value(base).expect("a row")
    }

    fn instance(id: &str, own: Value) -> Instance {
        let base = json!({
            "instance_id": id, "instance_type": "t3.micro", "image_id": "ami-1", "state": "running",
            "availability_zone": "us-east-1a", "security_group_ids": [], "tags": {},
        });
        row(base, own)
    }

    fn group(name: &str, own: Value) -> AutoScalingGroup {
        let base = json!({
            "auto_scaling_group_name": name, "min_size": 1, "max_size": 1, "desired_capacity": 1, "instance_ids": [],
            "availability_zones": [], "subnet_ids": [], "target_group_arns": [], "load_balancer_names": [],
            "health_check_type": "EC2", "tags": {},
        });
        row(base, own)
    }

    fn target_group(arn: &str, fronts: &[&str]) -> TargetGroup {
        let base = json!({ "target_group_arn": arn, "target_group_name": arn, "target_type": "instance", "tags": {} });
        row(base, json!({ "load_balancer_arns": fronts }))
    }

    fn balancer(arn: &str) -> LoadBalancer {
        let base = json!({
            "load_balancer_arn": arn, "load_balancer_name": arn, "dns_name": "", "type": "application",
            "scheme": "internet-facing", "state": "active", "availability_zones": [], "subnet_ids": [],
            "security_group_ids": [], "tags": {},
        });
        row(base, json!({}))
    }

    fn target(arn: &str, id: &str) -> TargetHealth {
        row(json!({ "target_group_arn": arn, "target_id": id, "state": "healthy" }), json!({}))
    }

    fn denied(action: &str) -> Unreadable {
        Unreadable::new(Cause::Denied, format!("missing permission: {action}"))
    }

    /// Two stacks of an instance, a target group and a load balancer each, `i-1 g1 b1` and `i-2 g2 b2`; `i-3` is in the group
    /// `asg`, `i-4` is somebody else's, and nothing ties `i-5`.
    fn may(unread: &[Node], taken: &[Node], change: impl Fn(&mut Region<'_>)) -> String {
        let instances = [
            instance("i-1", json!({ "private_ip_address": "10.0.0.1", "security_group_ids": ["sg-1"] })),
            instance("i-2", json!({})),
            instance("i-3", json!({ "tags": { GROUP_TAG: "asg" } })),
            instance("i-4", json!({ "tags": { "team": "falcon" } })),
            instance("i-5", json!({ "security_group_ids": ["sg-1"] })),
        ];
        let groups = [group("asg", json!({ "instance_ids": ["i-3"], "target_group_arns": ["g2"] }))];
        let (one, two) = (target_group("g1", &["b1"]), target_group("g2", &["b2"]));
        let (front, other) = (balancer("b1"), balancer("b2"));
        let targets = [target("g1", "10.0.0.1"), target("g2", "i-2")];
        let (wanted, mute, shared) =
            (Tags::from([("team".to_owned(), "heron".to_owned())]), BTreeMap::new(), BTreeSet::new());
        let mut region = Region {
            wanted: &wanted,
            own_account: false,
            instances: Some(&instances),
            groups: Some(&groups),
            target_groups: &[&one, &two],
            load_balancers: &[&front, &other],
            classic: &[],
            targets: &targets,
            mute: &mute,
            shared: &shared,
        };
        change(&mut region);
        let unread = unread.iter().map(|node| (node.clone(), denied(&format!("{node:?}")))).collect();
        let found = region.may_belong(&unread, &taken.iter().cloned().collect());
        let names = found.into_keys().filter_map(|node| match node {
            Node::AnyInstance => Some("any instance".to_owned()),
            Node::AnyGroup => Some("any group".to_owned()),
            Node::Instance(name) | Node::Group(name) | Node::TargetGroup(name) => Some(name),
            Node::Balancer(name) | Node::Classic(name) => Some(name),
            Node::Address(_) | Node::SecurityGroup(_) => None,
        });
        names.collect::<Vec<_>>().join(" ")
    }

    fn at(kind: fn(String) -> Node, name: &str) -> Node {
        kind(name.to_owned())
    }

    #[test]
    fn only_what_hangs_on_the_unread_may_belong() {
        let kept = |_: &mut Region<'_>| {};
        assert_eq!(may(&[], &[], kept), "");
        assert_eq!(may(&[at(Node::TargetGroup, "g1")], &[], kept), "i-1 g1 b1");
        assert_eq!(may(&[at(Node::Address, "10.0.0.1")], &[], kept), "i-1 g1 b1");
        assert_eq!(may(&[at(Node::Group, "asg")], &[], kept), "i-2 i-3 asg g2 b2", "and what is behind its balancer");
        assert_eq!(may(&[at(Node::Instance, "i-5")], &[], kept), "i-5");
        assert_eq!(may(&[at(Node::Instance, "i-4")], &[], kept), "", "somebody else's");
        let any = may(&[Node::AnyInstance], &[], kept);
        assert_eq!(any, "any instance i-1 i-2 i-3 i-5 asg g1 g2 b1 b2");
    }

    #[test]
    fn what_belongs_leads_no_further() {
        let taken = [at(Node::Instance, "i-1")];
        assert_eq!(may(&[at(Node::TargetGroup, "g1")], &taken, |_| {}), "g1 b1");
        assert_eq!(may(&[at(Node::Instance, "i-1")], &taken, |_| {}), "");
    }

    #[test]
    fn a_load_balancer_among_the_targets_ties_and_is_tied() {
        let inner = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/inner/1";
        let targets: &'static [TargetHealth] = vec![target("g1", inner)].leak();
        let behind = |region: &mut Region<'_>| region.targets = targets;
        for unread in [at(Node::TargetGroup, "g1"), at(Node::Balancer, inner), at(Node::Balancer, "b1")] {
            assert_eq!(may(&[unread], &[], behind), format!("g1 {inner} b1"));
        }
    }

    #[test]
    fn in_an_account_of_its_own_a_security_group_ties() {
        let own = |region: &mut Region<'_>| region.own_account = true;
        assert_eq!(may(&[at(Node::Instance, "i-5")], &[], own), "i-1 i-5 g1 b1");
        assert_eq!(may(&[at(Node::SecurityGroup, "sg-1")], &[], own), "i-1 i-5 g1 b1");
    }

    #[test]
    fn of_what_nobody_could_list_any_may_be_meant() {
        let no_groups = |region: &mut Region<'_>| region.groups = None;
        assert_eq!(may(&[at(Node::Group, "asg")], &[], no_groups), "any group i-1 i-2 i-3 g1 g2 b1 b2");
        let no_instances = |region: &mut Region<'_>| region.instances = None;
        assert_eq!(may(&[at(Node::Instance, "i-9")], &[], no_instances), "any instance any group asg g1 g2 b1 b2");
    }

    #[test]
    fn each_doubt_has_the_cause_it_hangs_on() {
        let instances = [instance("i-1", json!({})), instance("i-2", json!({}))];
        let (wanted, mute, shared) = (Tags::new(), BTreeMap::new(), BTreeSet::new());
        let region = Region {
            wanted: &wanted,
            own_account: false,
            instances: Some(&instances),
            groups: Some(&[]),
            target_groups: &[],
            load_balancers: &[],
            classic: &[],
            targets: &[],
            mute: &mute,
            shared: &shared,
        };
        let unread = BTreeMap::from([
            (at(Node::Instance, "i-1"), denied("ec2:DescribeInstances")),
            (at(Node::Instance, "i-2"), denied("autoscaling:DescribeAutoScalingGroups")),
        ]);
        assert_eq!(region.may_belong(&unread, &BTreeSet::new()), unread);
    }

    #[test]
    fn a_target_group_without_its_targets_may_hold_any_instance_that_may_belong() {
        let mute = BTreeMap::from([("g2".to_owned(), denied("elasticloadbalancing:DescribeTargetHealth"))]);
        let with_mute = |unread: &[Node]| {
            let instances = [instance("i-1", json!({})), instance("i-2", json!({}))];
            let two = target_group("g2", &[]);
            let (wanted, shared) = (Tags::new(), BTreeSet::new());
            let region = Region {
                wanted: &wanted,
                own_account: false,
                instances: Some(&instances),
                groups: Some(&[]),
                target_groups: &[&two],
                load_balancers: &[],
                classic: &[],
                targets: &[],
                mute: &mute,
                shared: &shared,
            };
            let unread = unread.iter().map(|node| (node.clone(), denied("x"))).collect();
            region.may_belong(&unread, &BTreeSet::new()).len()
        };
        assert_eq!(with_mute(&[]), 0);
        assert_eq!(with_mute(&[at(Node::Instance, "i-1")]), 4, "both instances, any, and the group");
    }
}
