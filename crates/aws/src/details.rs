//! What hangs on the resources found: each group of tables is read beside the others.
//!
//! With a tag filter, of the resources that nobody else claims, these belong:
//! - volumes and addresses of its instances, and the key pairs, images and profiles that they use;
//! - the launch templates and configurations of its Auto Scaling groups, and the templates that started its instances;
//! - the gateways in a VPC that it is in; route tables and network ACLs there that hold for one of its subnets, those
//!   of the VPC's own, and those that nobody claims;
//! - alarms on one of its resources or that act on its Auto Scaling groups, and the account's billing alarms.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cloudwatch::{self, BILLING, BILLING_REGION};
use super::found::{Found, lacks};
use super::owner::doubtful;
use super::reach::Reach;
use super::session::Session;
use super::settled::settle_functions;
use super::stack::{Rows, Stack, asked_rows, each, known};
use super::tables::Table;
use super::united::{compute, network};
use super::{apigateway, autoscaling, classic, cloudformation, ecs, elbv2, lambda, s3};
use stackmark_evidence::aws::*;
use stackmark_evidence::{Unreadable, with_tables};

impl Stack {
    /// Reads what hangs on the rows found.
    pub(super) async fn add_details(&mut self, session: &Arc<Session>, tables: &BTreeSet<Table>, reach: Reach<'_>) {
        let found = &*self;
        // On the heap: each group holds the futures of many SDK calls.
        let (balancing, scaling, network, compute, watching, storage, services) = tokio::join!(
            Box::pin(balancing(found, session, tables)),
            Box::pin(scaling(found, session, tables)),
            Box::pin(network(found, session, tables, reach)),
            Box::pin(compute(found, session, tables, reach)),
            Box::pin(watching(found, session, tables)),
            Box::pin(storage(found, session, tables)),
            Box::pin(services(found, session, tables)),
        );
        for more in [balancing, scaling, network, compute, watching, storage, services] {
            self.absorb(more);
        }
        if !reach.whole_account {
            settle_functions(self, reach.tags, reach.own_account);
        }
        let functions = self.functions.take();
        let states =
            asked_rows(tables, Table::Functions, more_of(functions, |rows| lambda::with_states(session, rows)));
        let functions = states.await;
        self.functions = functions;
        self.drop_what_is_gone();
        // Last, for an alarm belongs to what it watches.
        let alarms = asked_rows(tables, Table::Alarms, alarms(self, session, reach)).await;
        self.absorb(Self { alarms, ..Self::default() });
        Box::pin(self.add_declared(session, tables, reach)).await;
    }

    /// What vanished while its details were read is not there: its row goes too.
    fn drop_what_is_gone(&mut self) {
        fn gone<T>(table: &Option<Rows<T>>) -> BTreeSet<String> {
            table.iter().flatten().flat_map(|found| found.gone.iter().cloned()).collect()
        }
        fn keep_others<T>(table: &mut Option<Rows<T>>, gone: &BTreeSet<String>, id: impl Fn(&T) -> &String) {
            if let Some(Ok(found)) = table {
                found.rows.retain(|row| !gone.contains(id(row)));
            }
        }
        let balancers = gone(&self.listeners).into_iter().chain(gone(&self.load_balancer_attributes)).collect();
        let groups = gone(&self.target_health).into_iter().chain(gone(&self.target_group_attributes)).collect();
        let classic = gone(&self.classic_health).into_iter().chain(gone(&self.classic_load_balancers)).collect();
        keep_others(&mut self.load_balancers, &balancers, |row| &row.load_balancer_arn);
        keep_others(&mut self.listeners, &gone(&self.rules), |row| &row.listener_arn);
        keep_others(&mut self.target_groups, &groups, |row| &row.target_group_arn);
        keep_others(&mut self.classic_load_balancers, &classic, |row| &row.load_balancer_name);
        keep_others(&mut self.buckets, &gone(&self.objects), |row| &row.name);
        keep_others(&mut self.instances, &gone(&self.user_data), |row| &row.instance_id);
        keep_others(&mut self.vpcs, &gone(&self.vpc_attributes), |row| &row.vpc_id);
    }
}

macro_rules! declared {
    ($(
        $(#[$holds:meta])*
        $name:ident: $row:ident {
            table: $table:ident, holds: $text:literal,
            region: $region:tt, tags: $tags:tt, tied: $tied:tt,
            from: [$($from:ident),*], scoped_by: [$($scoped_by:ident),*],
            calls: [$($calls:tt)*],
            $(of: $of:literal,)?
            $(read: $module:ident::$reader:ident,)?
        }
    )*) => {
        impl Stack {
            /// Reads the tables whose declaration names their reader, in the order of the declarations: each finds the
            /// tables before it as they are in the end.
            async fn add_declared(&mut self, session: &Arc<Session>, tables: &BTreeSet<Table>, reach: Reach<'_>) {
                $($(
                    let rows = asked_rows(tables, Table::$table, crate::$module::$reader(self, session, reach)).await;
                    if rows.is_some() {
                        self.$name = rows;
                    }
                )?)*
            }
        }
    };
}
with_tables!(declared);

/// Reads more of the rows of a table; what was missing of it stays missing.
async fn more_of<T, Fut: Future<Output = Found<T>>>(
    table: Option<Rows<T>>,
    read: impl FnOnce(Vec<T>) -> Fut,
) -> Rows<T> {
    let found = table.unwrap_or_else(|| Ok(Found::default()))?;
    Ok(read(found.rows).await.lacking(found.gaps))
}

/// Reads what hangs on the rows of a table; what is missing there is missing here too.
pub(super) async fn hanging<T, I, U, Fut: Future<Output = Rows<U>>>(
    parent: &Option<Rows<T>>,
    ids: Result<Vec<I>, Unreadable>,
    read: impl FnOnce(Vec<I>) -> Fut,
) -> Rows<U> {
    Ok(Box::pin(read(ids?)).await?.lacking(lacks(parent)))
}

async fn balancing(found: &Stack, session: &Arc<Session>, tables: &BTreeSet<Table>) -> Stack {
    let arns = || each(&found.load_balancers, |row| row.load_balancer_arn.clone());
    let groups = || each(&found.target_groups, |row| row.target_group_arn.clone());
    let names = || each(&found.classic_load_balancers, |row| row.load_balancer_name.clone());
    let (listeners, load_balancer_attributes, target_health, target_group_attributes, classic, classic_health) = tokio::join!(
        asked_rows(
            tables,
            Table::Listeners,
            hanging(&found.load_balancers, arns(), |arns| elbv2::listeners(session, arns))
        ),
        asked_rows(
            tables,
            Table::LoadBalancerAttributes,
            hanging(&found.load_balancers, arns(), |arns| elbv2::load_balancer_attributes(session, arns))
        ),
        async {
            match found.target_health {
                // Following the ties has read it.
                Some(_) => None,
                None => {
                    let read = |arns| elbv2::target_health(session, arns);
                    asked_rows(tables, Table::TargetHealth, hanging(&found.target_groups, groups(), read)).await
                }
            }
        },
        asked_rows(
            tables,
            Table::TargetGroupAttributes,
            hanging(&found.target_groups, groups(), |arns| elbv2::target_group_attributes(session, arns))
        ),
        asked_rows(
            tables,
            Table::ClassicLoadBalancers,
            more_of(found.classic_load_balancers.clone(), |rows| classic::with_attributes(session, rows))
        ),
        asked_rows(
            tables,
            Table::ClassicHealth,
            hanging(&found.classic_load_balancers, names(), |names| classic::health(session, names))
        ),
    );
    let listener_arns = each(&listeners, |row: &Listener| row.listener_arn.clone());
    let rules = hanging(&listeners, listener_arns, |arns| elbv2::rules(session, arns));
    let rules = asked_rows(tables, Table::Rules, rules).await;
    Stack {
        listeners,
        rules,
        load_balancer_attributes,
        target_health,
        target_group_attributes,
        classic_load_balancers: classic,
        classic_health,
        ..Stack::default()
    }
}

async fn scaling(found: &Stack, session: &Arc<Session>, tables: &BTreeSet<Table>) -> Stack {
    let groups = &found.auto_scaling_groups;
    let names = || each(groups, |row| row.auto_scaling_group_name.clone());
    let (scaling_policies, scaling_activities) = tokio::join!(
        asked_rows(
            tables,
            Table::ScalingPolicies,
            hanging(groups, names(), |names| autoscaling::policies(session, names))
        ),
        asked_rows(
            tables,
            Table::ScalingActivities,
            hanging(groups, names(), |names| autoscaling::activities(session, names))
        ),
    );
    Stack { scaling_policies, scaling_activities, ..Stack::default() }
}

async fn watching(found: &Stack, session: &Arc<Session>, tables: &BTreeSet<Table>) -> Stack {
    let stack_resources = asked_rows(tables, Table::StackResources, async {
        let stacks = each(&found.stacks, |row| (row.stack_name.clone(), row.stack_id.clone()))?;
        Ok(cloudformation::resources(session, stacks).await?.lacking(lacks(&found.stacks)))
    })
    .await;
    Stack { stack_resources, ..Stack::default() }
}

async fn alarms(found: &Stack, session: &Arc<Session>, reach: Reach<'_>) -> Rows<Alarm> {
    let Found { mut rows, mut gaps, .. } = cloudwatch::alarms(session).await?;
    if session.region != BILLING_REGION {
        let billing = cloudwatch::alarms(reach.billing).await?;
        rows.extend(billing.rows.into_iter().filter(|row| row.namespace.as_deref() == Some(BILLING)));
        gaps.extend(billing.gaps);
    }
    if reach.whole_account {
        return Ok(Found::from(rows).lacking(gaps));
    }
    gaps.extend(
        [
            lacks(&found.instances),
            lacks(&found.auto_scaling_groups),
            lacks(&found.load_balancers),
            lacks(&found.target_groups),
            lacks(&found.classic_load_balancers),
        ]
        .into_iter()
        .flatten(),
    );
    let mut ours: BTreeSet<String> =
        each(&found.instances, |row| row.instance_id.clone()).map_err(doubtful)?.into_iter().collect();
    ours.extend(each(&found.auto_scaling_groups, |row| row.auto_scaling_group_name.clone()).map_err(doubtful)?);
    // A load balancer's and a target group's dimensions are the ends of their ARNs.
    let end = |arn: &String| arn.rsplit_once(":loadbalancer/").map_or(arn.clone(), |(_, end)| end.to_owned());
    ours.extend(each(&found.load_balancers, |row| end(&row.load_balancer_arn)).map_err(doubtful)?);
    let end = |arn: &String| arn.rsplit(':').next().unwrap_or_default().to_owned();
    ours.extend(each(&found.target_groups, |row| end(&row.target_group_arn)).map_err(doubtful)?);
    ours.extend(each(&found.classic_load_balancers, |row| row.load_balancer_name.clone()).map_err(doubtful)?);
    // Of services that the rubric does not look at, nothing is known here, and no right is asked for their alarms' sake.
    ours.extend(known(&found.functions).iter().map(|row| row.function_name.clone()));
    ours.extend(known(&found.ecs_services).iter().map(|row| row.service_name.clone()));
    // REST APIs are watched by name, the others by id.
    ours.extend(known(&found.apis).iter().flat_map(|row| [row.name.clone(), row.api_id.clone()]));
    ours.extend(known(&found.resources).iter().map(|row| row.name.clone()));
    ours.extend(known(&found.stack_resources).iter().filter_map(|row| row.physical_resource_id.clone()));
    let groups = known(&found.auto_scaling_groups);
    rows.retain(|row| {
        let acts = |group: &AutoScalingGroup| {
            let policy = format!(":autoScalingGroupName/{}:", group.auto_scaling_group_name);
            row.alarm_actions.iter().any(|action| action.contains(&policy))
        };
        let watches = row.dimensions.values().any(|value| ours.contains(value));
        let billing = row.namespace.as_deref() == Some(BILLING);
        reach.takes(&row.tags, billing || watches || groups.iter().any(acts))
    });
    Ok(Found::from(rows).lacking(gaps))
}

async fn storage(found: &Stack, session: &Arc<Session>, tables: &BTreeSet<Table>) -> Stack {
    let with_access = more_of(found.buckets.clone(), |rows| s3::with_access(session, rows));
    let buckets = asked_rows(tables, Table::Buckets, with_access).await;
    let mut stack = Stack { buckets, ..Stack::default() };
    stack.objects = match &mut stack.buckets {
        Some(Ok(buckets)) => asked_rows(tables, Table::Objects, s3::objects(session, &mut buckets.rows)).await,
        Some(Err(failure)) => asked_rows(tables, Table::Objects, std::future::ready(Err(failure.clone()))).await,
        None => None,
    };
    // Of a bucket that could not be told to be the team's, the objects are missing too.
    let missing = lacks_objects(&stack.buckets);
    if let Some(Ok(objects)) = &mut stack.objects {
        objects.gaps.extend(missing);
    }
    stack
}

/// What the objects lack because a bucket is missing, by bucket.
fn lacks_objects(buckets: &Option<Rows<Bucket>>) -> Vec<Gap> {
    let Some(Ok(found)) = buckets else { return Vec::new() };
    let missing = found.gaps.iter().filter(|gap| gap.missing != Missing::Fields);
    missing
        .map(|gap| match gap.known.get("name").and_then(|name| name.as_str()) {
            Some(name) => Gap::rows(identified("bucket", name), doubtful(gap.failure.clone())),
            None => Gap::rows(BTreeMap::new(), doubtful(gap.failure.clone())),
        })
        .collect()
}

async fn services(found: &Stack, session: &Arc<Session>, tables: &BTreeSet<Table>) -> Stack {
    let (ecs_tasks, apis) = tokio::join!(
        asked_rows(tables, Table::EcsTasks, async {
            let used = each(&found.ecs_services, |row| row.task_definition.clone())?;
            let used = used.into_iter().filter(|arn| !arn.is_empty()).collect();
            Ok(ecs::task_definitions(session, used).await?.lacking(lacks(&found.ecs_services)))
        }),
        asked_rows(tables, Table::Apis, more_of(found.apis.clone(), |rows| apigateway::with_routes(session, rows))),
    );
    Stack { ecs_tasks, apis, ..Stack::default() }
}
