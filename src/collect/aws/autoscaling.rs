//! Auto Scaling groups and their policies.

use std::collections::BTreeSet;

use aws_sdk_autoscaling::types as sdk;

use super::errors::incomplete;
use super::scope::carries;
use super::session::{Session, all_pages};
use crate::evidence::Unreadable;
use crate::evidence::aws::{AutoScalingGroup, ScalingPolicy, Tags};

/// Rows of a page; AWS takes up to 100.
const PAGE: i32 = 100;
/// Names of one request.
const NAMES: usize = 50;

/// Groups with all of `tags`, by name; all groups of the region where `tags` is empty.
pub(super) async fn groups(session: &Session, tags: &Tags) -> Result<Vec<AutoScalingGroup>, Unreadable> {
    let filters: Vec<_> = tags
        .iter()
        .map(|(key, value)| sdk::Filter::builder().name(format!("tag:{key}")).values(value).build())
        .collect();
    let mut rows = list(session, filters, Vec::new()).await?;
    rows.retain(|row| carries(&row.tags, tags));
    Ok(rows)
}

/// Groups with these names, by name.
pub(super) async fn groups_named(
    session: &Session,
    names: &BTreeSet<String>,
) -> Result<Vec<AutoScalingGroup>, Unreadable> {
    let names: Vec<_> = names.iter().cloned().collect();
    let mut rows = Vec::new();
    for names in names.chunks(NAMES) {
        rows.extend(list(session, Vec::new(), names.to_vec()).await?);
    }
    Ok(rows)
}

async fn list(
    session: &Session,
    filters: Vec<sdk::Filter>,
    names: Vec<String>,
) -> Result<Vec<AutoScalingGroup>, Unreadable> {
    const ACTION: &str = "autoscaling:DescribeAutoScalingGroups";
    let page = async |token| {
        let mut request = session.autoscaling.describe_auto_scaling_groups().max_records(PAGE).set_next_token(token);
        if !filters.is_empty() {
            request = request.set_filters(Some(filters.clone()));
        }
        if !names.is_empty() {
            request = request.set_auto_scaling_group_names(Some(names.clone()));
        }
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.auto_scaling_groups.unwrap_or_default(), reply.next_token))
    };
    let rows = all_pages(ACTION, page).await?;
    let mut rows = rows
        .into_iter()
        .map(group)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| incomplete(ACTION, "a group without a name or a size"))?;
    rows.sort_by(|a, b| a.auto_scaling_group_name.cmp(&b.auto_scaling_group_name));
    Ok(rows)
}

/// Policies of these groups, by group, then name.
pub(super) async fn policies(session: &Session, groups: &BTreeSet<String>) -> Result<Vec<ScalingPolicy>, Unreadable> {
    const ACTION: &str = "autoscaling:DescribePolicies";
    let mut rows = Vec::new();
    for group in groups {
        let page = async |token| {
            let request = session.autoscaling.describe_policies().auto_scaling_group_name(group);
            let reply = session.call(ACTION, request.max_records(PAGE).set_next_token(token).send()).await?;
            Ok((reply.scaling_policies.unwrap_or_default(), reply.next_token))
        };
        rows.extend(all_pages(ACTION, page).await?);
    }
    let mut rows = rows
        .into_iter()
        .map(policy)
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| incomplete(ACTION, "a policy without a name"))?;
    rows.sort_by(|a, b| {
        (&a.auto_scaling_group_name, &a.policy_name).cmp(&(&b.auto_scaling_group_name, &b.policy_name))
    });
    Ok(rows)
}

fn group(raw: sdk::AutoScalingGroup) -> Option<AutoScalingGroup> {
    let mut instance_ids: Vec<_> =
        raw.instances.unwrap_or_default().into_iter().filter_map(|instance| instance.instance_id).collect();
    let subnets = raw.vpc_zone_identifier.unwrap_or_default();
    let mut subnet_ids: Vec<_> =
        subnets.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect();
    let mut availability_zones = raw.availability_zones.unwrap_or_default();
    let mut target_group_arns = raw.target_group_arns.unwrap_or_default();
    // Groups attached the newer way stand among the traffic sources.
    let sources = raw.traffic_sources.unwrap_or_default().into_iter();
    target_group_arns.extend(sources.filter_map(|source| source.identifier).filter(|id| id.contains(":targetgroup/")));
    let mut load_balancer_names = raw.load_balancer_names.unwrap_or_default();
    for list in
        [&mut instance_ids, &mut subnet_ids, &mut availability_zones, &mut target_group_arns, &mut load_balancer_names]
    {
        list.sort();
        list.dedup();
    }
    let mixed = raw.mixed_instances_policy.and_then(|policy| policy.launch_template);
    let template = raw.launch_template.or_else(|| mixed.and_then(|template| template.launch_template_specification));
    let tags = raw.tags.unwrap_or_default();
    Some(AutoScalingGroup {
        auto_scaling_group_name: raw.auto_scaling_group_name?,
        min_size: raw.min_size?.into(),
        max_size: raw.max_size?.into(),
        desired_capacity: raw.desired_capacity?.into(),
        instance_ids,
        availability_zones,
        subnet_ids,
        target_group_arns,
        load_balancer_names,
        health_check_type: raw.health_check_type.unwrap_or_default(),
        launch_template: template.and_then(|template| template.launch_template_name.or(template.launch_template_id)),
        launch_configuration_name: raw.launch_configuration_name.filter(|name| !name.is_empty()),
        tags: tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
    })
}

fn policy(raw: sdk::ScalingPolicy) -> Option<ScalingPolicy> {
    let tracking = raw.target_tracking_configuration;
    let target_value = tracking.as_ref().and_then(|tracking| tracking.target_value);
    let metric = tracking.and_then(|tracking| tracking.predefined_metric_specification);
    Some(ScalingPolicy {
        policy_name: raw.policy_name?,
        auto_scaling_group_name: raw.auto_scaling_group_name?,
        policy_type: raw.policy_type.unwrap_or_default(),
        predefined_metric_type: metric
            .and_then(|metric| metric.predefined_metric_type)
            .map(|kind| kind.as_str().to_owned()),
        target_value,
        scaling_adjustment: raw.scaling_adjustment.map(i64::from),
    })
}
