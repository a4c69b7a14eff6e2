//! Auto Scaling groups, their policies, their activities, and launch configurations.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_autoscaling::types as sdk;

use super::errors::incomplete;
use super::found::Rows;
use super::owner::carries;
use super::session::{Key, Session, all_pages, rows_of};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{AutoScalingGroup, LaunchConfiguration, ScalingActivity, ScalingPolicy, Tags};

/// Rows of a page; AWS takes up to 100.
const PAGE: i32 = 100;
/// Names of one request.
const NAMES: usize = 50;
/// The version of a launch template that is used where none is named.
pub(super) const DEFAULT: &str = "$Default";
/// The newest version of a launch template.
pub(super) const LATEST: &str = "$Latest";

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

/// Groups are told apart by their names.
const BY_GROUP: Key<String> = Key { field: "auto_scaling_group_name", of: |name| name };

/// Policies of these groups, by group, then name.
pub(super) async fn policies(session: &Arc<Session>, groups: Vec<String>) -> Rows<ScalingPolicy> {
    const ACTION: &str = "autoscaling:DescribePolicies";
    let mut found = rows_of(groups, BY_GROUP, |group| {
        let session = Arc::clone(session);
        async move {
            let page = async |token| {
                let request = session.autoscaling.describe_policies().auto_scaling_group_name(&group);
                let reply = session.call(ACTION, request.max_records(PAGE).set_next_token(token).send()).await?;
                Ok((reply.scaling_policies.unwrap_or_default(), reply.next_token))
            };
            let rows = all_pages(ACTION, page).await?.into_iter().map(policy).collect::<Option<Vec<_>>>();
            rows.map(Some).ok_or_else(|| incomplete(ACTION, "a policy without a name"))
        }
    })
    .await?;
    found.rows.sort_by(|a, b| {
        (&a.auto_scaling_group_name, &a.policy_name).cmp(&(&b.auto_scaling_group_name, &b.policy_name))
    });
    Ok(found)
}

/// What these groups did, by group, newest first.
pub(super) async fn activities(session: &Arc<Session>, groups: Vec<String>) -> Rows<ScalingActivity> {
    const ACTION: &str = "autoscaling:DescribeScalingActivities";
    rows_of(groups, BY_GROUP, |group| {
        let session = Arc::clone(session);
        async move {
            let page = async |token| {
                let request = session.autoscaling.describe_scaling_activities().auto_scaling_group_name(&group);
                let reply = session.call(ACTION, request.max_records(PAGE).set_next_token(token).send()).await?;
                Ok((reply.activities.unwrap_or_default(), reply.next_token))
            };
            let rows = all_pages(ACTION, page).await?.into_iter().map(activity).collect::<Option<Vec<_>>>();
            let mut rows = rows.ok_or_else(|| incomplete(ACTION, "an activity without an id"))?;
            rows.sort_by(|a, b| (&b.start_time, &b.activity_id).cmp(&(&a.start_time, &a.activity_id)));
            Ok(Some(rows))
        }
    })
    .await
}

/// Launch configurations with these names, by name; all of the region where there are none.
pub(super) async fn launch_configurations(
    session: &Session,
    names: Option<&BTreeSet<String>>,
) -> Result<Vec<LaunchConfiguration>, Unreadable> {
    const ACTION: &str = "autoscaling:DescribeLaunchConfigurations";
    let names: Option<Vec<String>> = names.map(|names| names.iter().cloned().collect());
    // Asking for no names at all would list those of everybody.
    let requests: Vec<Option<Vec<String>>> = match names {
        None => vec![None],
        Some(names) => names.chunks(NAMES).map(|names| Some(names.to_vec())).collect(),
    };
    let mut rows = Vec::new();
    for names in requests {
        let page = async |token| {
            let request = session.autoscaling.describe_launch_configurations().max_records(PAGE);
            let request = request.set_launch_configuration_names(names.clone()).set_next_token(token);
            let reply = session.call(ACTION, request.send()).await?;
            Ok((reply.launch_configurations.unwrap_or_default(), reply.next_token))
        };
        rows.extend(all_pages(ACTION, page).await?);
    }
    let rows = rows.into_iter().map(launch_configuration).collect::<Option<Vec<_>>>();
    let mut rows = rows.ok_or_else(|| incomplete(ACTION, "a launch configuration without a name"))?;
    rows.sort_by(|a, b| a.launch_configuration_name.cmp(&b.launch_configuration_name));
    Ok(rows)
}

fn activity(raw: sdk::Activity) -> Option<ScalingActivity> {
    Some(ScalingActivity {
        activity_id: raw.activity_id?,
        auto_scaling_group_name: raw.auto_scaling_group_name?,
        status_code: raw.status_code.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        description: raw.description.unwrap_or_default(),
        cause: raw.cause.unwrap_or_default(),
        start_time: text::time(raw.start_time),
        end_time: text::time(raw.end_time),
    })
}

fn launch_configuration(raw: sdk::LaunchConfiguration) -> Option<LaunchConfiguration> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let mut security_groups = raw.security_groups.unwrap_or_default();
    security_groups.sort();
    Some(LaunchConfiguration {
        launch_configuration_name: raw.launch_configuration_name?,
        image_id: filled(raw.image_id),
        instance_type: filled(raw.instance_type),
        key_name: filled(raw.key_name),
        security_groups,
        iam_instance_profile: filled(raw.iam_instance_profile),
        associate_public_ip_address: raw.associate_public_ip_address,
        user_data: filled(raw.user_data).map(|data| text::user_data(&data).text),
        region: String::new(),
    })
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
    let suspended = raw.suspended_processes.unwrap_or_default().into_iter();
    let mut suspended_processes: Vec<_> = suspended.filter_map(|process| process.process_name).collect();
    for list in [
        &mut instance_ids,
        &mut subnet_ids,
        &mut availability_zones,
        &mut target_group_arns,
        &mut load_balancer_names,
        &mut suspended_processes,
    ] {
        list.sort();
        list.dedup();
    }
    let mut mixed = raw.mixed_instances_policy.and_then(|policy| policy.launch_template);
    let overrides = mixed.as_mut().and_then(|template| template.overrides.take()).unwrap_or_default();
    let override_instance_types = overrides.into_iter().map(|it| it.instance_type.unwrap_or_default()).collect();
    let template = raw.launch_template.or_else(|| mixed.and_then(|template| template.launch_template_specification));
    // A group that names no version launches from the default one.
    let version = template.as_ref().map(|template| template.version.clone().unwrap_or_else(|| DEFAULT.to_owned()));
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
        health_check_grace_period: raw.health_check_grace_period.map(i64::from),
        suspended_processes: Some(suspended_processes),
        region: String::new(),
        launch_template: template.and_then(|template| template.launch_template_name.or(template.launch_template_id)),
        launch_template_version: version,
        override_instance_types: Some(override_instance_types),
        launch_configuration_name: raw.launch_configuration_name.filter(|name| !name.is_empty()),
        tags: tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
    })
}

fn policy(raw: sdk::ScalingPolicy) -> Option<ScalingPolicy> {
    let tracking = raw.target_tracking_configuration;
    let mut alarm_names: Vec<_> =
        raw.alarms.unwrap_or_default().into_iter().filter_map(|alarm| alarm.alarm_name).collect();
    alarm_names.sort();
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
        adjustment_type: raw.adjustment_type,
        cooldown: raw.cooldown.map(i64::from),
        enabled: raw.enabled,
        alarm_names,
    })
}
