//! The tables of one stack while they are read: `None` is not asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::ec2::Pick;
use super::needs::Table;
use super::scope::carries;
use super::session::Session;
use super::{autoscaling, ec2, elbv2};
use crate::evidence::Unreadable;
use crate::evidence::aws::{
    AutoScalingGroup, Instance, Listener, LoadBalancer, Rule, ScalingPolicy, SecurityGroup, Subnet, Tags, TargetGroup,
    TargetHealth, Vpc,
};

/// A table, or why it could not be read.
pub(super) type Rows<T> = Result<Vec<T>, Unreadable>;

/// The tables of one stack.
#[derive(Debug, Default)]
pub(super) struct Stack {
    pub(super) instances: Option<Rows<Instance>>,
    pub(super) security_groups: Option<Rows<SecurityGroup>>,
    pub(super) vpcs: Option<Rows<Vpc>>,
    pub(super) subnets: Option<Rows<Subnet>>,
    pub(super) load_balancers: Option<Rows<LoadBalancer>>,
    pub(super) listeners: Option<Rows<Listener>>,
    pub(super) rules: Option<Rows<Rule>>,
    pub(super) target_groups: Option<Rows<TargetGroup>>,
    pub(super) target_health: Option<Rows<TargetHealth>>,
    pub(super) auto_scaling_groups: Option<Rows<AutoScalingGroup>>,
    pub(super) scaling_policies: Option<Rows<ScalingPolicy>>,
}

impl Stack {
    /// Lists what can be listed on its own: with `tags` only what carries them, but for load balancers and target
    /// groups, which AWS cannot filter.
    pub(super) async fn list(session: &Arc<Session>, tables: &BTreeSet<Table>, tags: &Tags) -> Self {
        let pick = || if tags.is_empty() { Pick::All } else { Pick::Tags(tags) };
        let (instances, security_groups, vpcs, subnets, load_balancers, target_groups, auto_scaling_groups) = tokio::join!(
            asked(tables, Table::Instances, ec2::instances(session, pick())),
            asked(tables, Table::SecurityGroups, ec2::security_groups(session, pick())),
            asked(tables, Table::Vpcs, ec2::vpcs(session, pick())),
            asked(tables, Table::Subnets, ec2::subnets(session, pick())),
            asked(tables, Table::LoadBalancers, elbv2::load_balancers(session)),
            asked(tables, Table::TargetGroups, elbv2::target_groups(session)),
            asked(tables, Table::AutoScalingGroups, autoscaling::groups(session, tags)),
        );
        Self {
            instances,
            security_groups,
            vpcs,
            subnets,
            load_balancers,
            target_groups,
            auto_scaling_groups,
            ..Self::default()
        }
    }

    /// Reads what hangs on the rows found: listeners, rules, target health, policies.
    pub(super) async fn add_details(&mut self, session: &Arc<Session>, tables: &BTreeSet<Table>) {
        let balancers = ids(&self.load_balancers, |row| row.load_balancer_arn.clone());
        let groups = ids(&self.target_groups, |row| row.target_group_arn.clone());
        let scaling = ids(&self.auto_scaling_groups, |row| row.auto_scaling_group_name.clone());
        let health_is_known = self.target_health.is_some();
        let (listeners, health, policies) = tokio::join!(
            asked(tables, Table::Listeners, async { elbv2::listeners(session, balancers?).await }),
            async {
                if health_is_known {
                    return None;
                }
                asked(tables, Table::TargetHealth, async { elbv2::target_health(session, groups?).await }).await
            },
            asked(tables, Table::ScalingPolicies, async {
                autoscaling::policies(session, &scaling?.into_iter().collect()).await
            }),
        );
        let listener_arns = ids(&listeners, |row| row.listener_arn.clone());
        self.rules = asked(tables, Table::Rules, async { elbv2::rules(session, listener_arns?).await }).await;
        self.listeners = listeners;
        self.scaling_policies = policies;
        if !health_is_known {
            self.target_health = health;
        }
    }

    /// How each table was found: `account`, `tags` where all its rows carry the tags, `related` otherwise. What hangs on
    /// another table was found as that one was.
    pub(super) fn found_by(&self, wanted: &Tags, whole_account: bool) -> BTreeMap<String, String> {
        let word = |tagged: bool| match (whole_account || wanted.is_empty(), tagged) {
            (true, _) => "account",
            (false, true) => "tags",
            (false, false) => "related",
        };
        fn all<T>(rows: &Option<Rows<T>>, tags: impl Fn(&T) -> bool) -> Option<bool> {
            rows.as_ref().and_then(|rows| rows.as_ref().ok()).map(|rows| rows.iter().all(tags))
        }
        let load_balancers = all(&self.load_balancers, |row| carries(&row.tags, wanted));
        let target_groups = all(&self.target_groups, |row| carries(&row.tags, wanted));
        let groups = all(&self.auto_scaling_groups, |row| carries(&row.tags, wanted));
        let hanging = |read: bool, parent: Option<bool>| parent.filter(|_| read);
        [
            (Table::Instances, all(&self.instances, |row| carries(&row.tags, wanted))),
            (Table::SecurityGroups, all(&self.security_groups, |row| carries(&row.tags, wanted))),
            (Table::Vpcs, all(&self.vpcs, |row| carries(&row.tags, wanted))),
            (Table::Subnets, all(&self.subnets, |row| carries(&row.tags, wanted))),
            (Table::LoadBalancers, load_balancers),
            (Table::Listeners, hanging(matches!(self.listeners, Some(Ok(_))), load_balancers)),
            (Table::Rules, hanging(matches!(self.rules, Some(Ok(_))), load_balancers)),
            (Table::TargetGroups, target_groups),
            (Table::TargetHealth, hanging(matches!(self.target_health, Some(Ok(_))), target_groups)),
            (Table::AutoScalingGroups, groups),
            (Table::ScalingPolicies, hanging(matches!(self.scaling_policies, Some(Ok(_))), groups)),
        ]
        .into_iter()
        .filter_map(|(table, tagged)| Some((table.name().to_owned(), word(tagged?).to_owned())))
        .collect()
    }
}

/// Runs `read` where the table is asked for.
async fn asked<T>(tables: &BTreeSet<Table>, table: Table, read: impl Future<Output = Rows<T>>) -> Option<Rows<T>> {
    match tables.contains(&table) {
        // On the heap, for several of these run at once and each holds an SDK call.
        true => Some(Box::pin(read).await),
        false => None,
    }
}

/// Ids of a table's rows, or its failure.
fn ids<T>(rows: &Option<Rows<T>>, id: impl Fn(&T) -> String) -> Rows<String> {
    match rows {
        Some(Ok(rows)) => Ok(rows.iter().map(id).collect()),
        Some(Err(failure)) => Err(failure.clone()),
        None => Ok(Vec::new()),
    }
}
