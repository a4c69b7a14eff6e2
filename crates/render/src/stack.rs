//! The deployed stack as a graph: load balancers → listener rules → target groups → instances. Only what was observed.

use std::collections::BTreeMap;

use serde::Serialize;

use stackmark_evidence::aws::{Action, AwsEvidence, Instance, TargetGroup, TargetHealth};

/// Nodes of one kind below one parent that are drawn; the rest is one node with their number.
const DRAWN: usize = 12;

/// The graph, nodes in the order of the evidence.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub(crate) struct Stack {
    /// What is drawn.
    pub(crate) nodes: Vec<Node>,
    /// From id, to id.
    pub(crate) edges: Vec<(String, String)>,
}

/// One box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Node {
    /// `n1`, `n2`, …: never a team's text.
    pub(crate) id: String,
    /// `load_balancer`, `rule`, `target_group`, `instance`, or `more`.
    pub(crate) kind: &'static str,
    /// Its name, or for `more` nothing.
    pub(crate) title: String,
    /// What else is known of it, in AWS's words.
    pub(crate) facts: Vec<String>,
    /// For `more`, how many are not drawn.
    pub(crate) count: u64,
    /// Whether it is known not to work: an unhealthy target, an instance that does not run.
    pub(crate) broken: bool,
}

impl Stack {
    fn node(&mut self, kind: &'static str, title: impl Into<String>, facts: Vec<String>, broken: bool) -> String {
        let id = format!("n{}", self.nodes.len() + 1);
        let (title, count) = (title.into(), 0);
        self.nodes.push(Node { id: id.clone(), kind, title, facts, count, broken });
        id
    }

    fn more(&mut self, count: usize, parent: Option<&str>) {
        if count == 0 {
            return;
        }
        let id = self.node("more", "", Vec::new(), false);
        if let Some(node) = self.nodes.last_mut() {
            node.count = count as u64;
        }
        if let Some(parent) = parent {
            self.edge(parent, &id);
        }
    }

    fn edge(&mut self, from: &str, to: &str) {
        let edge = (from.to_owned(), to.to_owned());
        if !self.edges.contains(&edge) {
            self.edges.push(edge);
        }
    }
}

/// Draws what was observed; tables that could not be read are simply not in it, and the report says so beside it.
pub(crate) fn of(aws: &AwsEvidence) -> Stack {
    let mut stack = Stack::default();
    let balancers = aws.load_balancers.value().map_or(&[][..], Vec::as_slice);
    let groups = aws.target_groups.value().map_or(&[][..], Vec::as_slice);

    let balancer_ids: BTreeMap<&str, String> = balancers
        .iter()
        .take(DRAWN)
        .map(|balancer| {
            let facts = [&balancer.kind, &balancer.scheme, &balancer.state];
            let facts = facts.into_iter().filter(|fact| !fact.is_empty()).cloned().collect();
            let broken = balancer.state == "failed";
            let id = stack.node("load_balancer", &balancer.load_balancer_name, facts, broken);
            (balancer.load_balancer_arn.as_str(), id)
        })
        .collect();
    stack.more(balancers.len().saturating_sub(DRAWN), None);

    // Rules come first in the drawing's order, but point at target groups: those get their ids when first met.
    let mut group_ids: BTreeMap<&str, String> = BTreeMap::new();
    let mut routed: Vec<(String, Vec<&str>)> = Vec::new();
    for listener in aws.listeners.value().into_iter().flatten() {
        let Some(balancer) = balancer_ids.get(listener.load_balancer_arn.as_str()) else { continue };
        let rules = aws.rules.value().into_iter().flatten().filter(|rule| rule.listener_arn == listener.listener_arn);
        let mut rules: Vec<(Vec<String>, &[Action])> = rules
            .map(|rule| {
                let conditions: Vec<String> = rule.host_headers.iter().chain(&rule.path_patterns).cloned().collect();
                (if rule.is_default { Vec::new() } else { conditions }, rule.actions.as_slice())
            })
            .collect();
        if !rules.iter().any(|(conditions, _)| conditions.is_empty()) {
            rules.push((Vec::new(), &listener.default_actions));
        }
        let drawn = rules.len().min(DRAWN);
        for (conditions, actions) in rules.iter().take(drawn) {
            let mut facts = conditions.clone();
            for action in actions.iter().filter(|action| action.kind != "forward") {
                facts.push(
                    [Some(action.kind.as_str()), action.status_code.as_deref()]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join(" "),
                );
            }
            let kind = if conditions.is_empty() { "default_rule" } else { "rule" };
            let id = stack.node(kind, format!("{}:{}", listener.protocol, listener.port), facts, false);
            stack.edge(balancer, &id);
            let targets = actions.iter().flat_map(|action| &action.target_group_arns).map(String::as_str).collect();
            routed.push((id, targets));
        }
        stack.more(rules.len() - drawn, Some(balancer));
    }

    for group in groups.iter().take(DRAWN) {
        let id = stack.node("target_group", &group.target_group_name, group_facts(group), false);
        group_ids.insert(&group.target_group_arn, id);
    }
    stack.more(groups.len().saturating_sub(DRAWN), None);
    for (rule, targets) in &routed {
        for target in targets.iter().filter_map(|target| group_ids.get(target)) {
            stack.edge(rule, target);
        }
    }
    // Without listeners, what the target group itself says of its load balancers is all that is known.
    if aws.listeners.value().is_none() {
        for group in groups {
            for balancer in &group.load_balancer_arns {
                if let (Some(from), Some(to)) =
                    (balancer_ids.get(balancer.as_str()), group_ids.get(group.target_group_arn.as_str()))
                {
                    stack.edge(from, to);
                }
            }
        }
    }
    draw_instances(&mut stack, aws, &group_ids);
    stack
}

fn group_facts(group: &TargetGroup) -> Vec<String> {
    let at = match (&group.protocol, group.port) {
        (Some(protocol), Some(port)) => Some(format!("{protocol}:{port}")),
        (Some(only), None) => Some(only.clone()),
        (None, _) => None,
    };
    at.into_iter().chain(group.health_check_path.clone()).collect()
}

fn draw_instances(stack: &mut Stack, aws: &AwsEvidence, group_ids: &BTreeMap<&str, String>) {
    let instances: BTreeMap<&str, &Instance> =
        aws.instances.value().into_iter().flatten().map(|instance| (instance.instance_id.as_str(), instance)).collect();
    let mut drawn: BTreeMap<&str, String> = BTreeMap::new();
    let health: Vec<&TargetHealth> = aws.target_health.value().into_iter().flatten().collect();
    for (arn, group) in group_ids {
        let targets: Vec<_> = health.iter().filter(|target| target.target_group_arn == *arn).collect();
        for target in targets.iter().take(DRAWN) {
            let known = drawn.get(target.target_id.as_str()).cloned();
            let id = known.unwrap_or_else(|| {
                let instance = instances.get(target.target_id.as_str()).copied();
                let mut facts = instance.map(instance_facts).unwrap_or_default();
                facts.push(target.state.clone());
                let broken = !matches!(target.state.as_str(), "healthy" | "initial");
                stack.node("instance", &target.target_id, facts, broken)
            });
            stack.edge(group, &id);
            drawn.insert(&target.target_id, id);
        }
        stack.more(targets.len().saturating_sub(DRAWN), Some(group));
    }
    // Those behind no target group stand alone.
    let registered: Vec<&str> = health.iter().map(|target| target.target_id.as_str()).collect();
    let alone: Vec<_> =
        instances.values().filter(|instance| !registered.contains(&instance.instance_id.as_str())).collect();
    for instance in alone.iter().take(DRAWN) {
        let broken = instance.state != "running";
        stack.node("instance", &instance.instance_id, instance_facts(instance), broken);
    }
    stack.more(alone.len().saturating_sub(DRAWN), None);
}

fn instance_facts(instance: &Instance) -> Vec<String> {
    let mut facts = vec![instance.instance_type.clone(), instance.availability_zone.clone()];
    if instance.state != "running" {
        facts.push(instance.state.clone());
    }
    facts
}
