//! What the SDK replies, as rows.
//!
//! Texts that AWS leaves out of a reply are empty (a gateway load balancer has no scheme); `None` is a row without its ARN or id.

use aws_sdk_elasticloadbalancingv2::types as sdk;

use crate::text;
use stackmark_evidence::aws::{
    Action, HeaderCondition, Listener, LoadBalancer, QueryCondition, Rule, Tags, TargetGroup, TargetHealth,
    WeightedTargetGroup,
};

pub(super) fn load_balancer(raw: sdk::LoadBalancer) -> Option<LoadBalancer> {
    let zones = raw.availability_zones.unwrap_or_default();
    let mut availability_zones: Vec<_> = zones.iter().filter_map(|zone| zone.zone_name.clone()).collect();
    let mut subnet_ids: Vec<_> = zones.into_iter().filter_map(|zone| zone.subnet_id).collect();
    let mut security_group_ids = raw.security_groups.unwrap_or_default();
    for list in [&mut availability_zones, &mut subnet_ids, &mut security_group_ids] {
        list.sort();
        list.dedup();
    }
    Some(LoadBalancer {
        load_balancer_arn: raw.load_balancer_arn?,
        load_balancer_name: raw.load_balancer_name.unwrap_or_default(),
        dns_name: raw.dns_name.unwrap_or_default(),
        kind: raw.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        scheme: raw.scheme.map(|scheme| scheme.as_str().to_owned()).unwrap_or_default(),
        state: raw.state.and_then(|state| state.code).map(|code| code.as_str().to_owned()).unwrap_or_default(),
        vpc_id: raw.vpc_id,
        availability_zones,
        subnet_ids,
        security_group_ids,
        created_time: text::time(raw.created_time),
        region: String::new(),
        tags: Tags::new(),
    })
}

pub(super) fn target_group(raw: sdk::TargetGroup) -> Option<TargetGroup> {
    let mut load_balancer_arns = raw.load_balancer_arns.unwrap_or_default();
    load_balancer_arns.sort();
    Some(TargetGroup {
        target_group_arn: raw.target_group_arn?,
        target_group_name: raw.target_group_name.unwrap_or_default(),
        protocol: raw.protocol.map(|protocol| protocol.as_str().to_owned()),
        port: raw.port.map(i64::from),
        vpc_id: raw.vpc_id.filter(|id| !id.is_empty()),
        target_type: raw.target_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        health_check_protocol: raw.health_check_protocol.map(|protocol| protocol.as_str().to_owned()),
        health_check_port: raw.health_check_port,
        health_check_path: raw.health_check_path,
        health_check_interval_seconds: raw.health_check_interval_seconds.map(i64::from),
        healthy_threshold_count: raw.healthy_threshold_count.map(i64::from),
        load_balancer_arns,
        region: String::new(),
        tags: Tags::new(),
    })
}

pub(super) fn listener(raw: sdk::Listener) -> Option<Listener> {
    Some(Listener {
        listener_arn: raw.listener_arn?,
        load_balancer_arn: raw.load_balancer_arn?,
        protocol: raw.protocol.map(|protocol| protocol.as_str().to_owned()).unwrap_or_default(),
        port: raw.port.map(i64::from).unwrap_or_default(),
        default_actions: actions(raw.default_actions),
    })
}

pub(super) fn rule(listener_arn: &str, raw: sdk::Rule) -> Option<Rule> {
    let mut path_patterns = Vec::new();
    let mut host_headers = Vec::new();
    let mut other = RuleConditions::default();
    for condition in raw.conditions.unwrap_or_default() {
        // Values stand in the older `values` or in the newer `…_config`, and often in both.
        match condition.field.as_deref() {
            Some("path-pattern") => {
                let config = condition.path_pattern_config;
                let regex = config.as_ref().and_then(|config| config.regex_values.clone());
                other.unread |= regex.or(condition.regex_values).is_some_and(|values| !values.is_empty());
                let newer = config.and_then(|config| config.values).unwrap_or_default();
                add_new(&mut path_patterns, condition.values.unwrap_or_default().into_iter().chain(newer));
            }
            Some("host-header") => {
                let config = condition.host_header_config;
                let regex = config.as_ref().and_then(|config| config.regex_values.clone());
                other.unread |= regex.or(condition.regex_values).is_some_and(|values| !values.is_empty());
                let newer = config.and_then(|config| config.values).unwrap_or_default();
                add_new(&mut host_headers, condition.values.unwrap_or_default().into_iter().chain(newer));
            }
            Some("http-request-method") => {
                let newer = condition.http_request_method_config.and_then(|config| config.values).unwrap_or_default();
                add_new(&mut other.request_methods, condition.values.unwrap_or_default().into_iter().chain(newer));
            }
            Some("source-ip") => {
                let newer = condition.source_ip_config.and_then(|config| config.values).unwrap_or_default();
                add_new(&mut other.source_ips, condition.values.unwrap_or_default().into_iter().chain(newer));
            }
            Some("http-header") => {
                let config = condition.http_header_config;
                let regex = config.as_ref().and_then(|config| config.regex_values.clone());
                other.unread |= regex.or(condition.regex_values).is_some_and(|values| !values.is_empty());
                let name = config.as_ref().and_then(|config| config.http_header_name.clone()).unwrap_or_default();
                let values = config.and_then(|config| config.values).unwrap_or_default();
                other.http_headers.push(HeaderCondition { name, values });
            }
            Some("query-string") => {
                let pairs = condition.query_string_config.and_then(|config| config.values).unwrap_or_default();
                let pairs = pairs.into_iter().map(|pair| QueryCondition {
                    key: pair.key.filter(|key| !key.is_empty()),
                    value: pair.value.unwrap_or_default(),
                });
                other.query_strings.push(pairs.collect());
            }
            _ => other.unread = true,
        }
    }
    Some(Rule {
        rule_arn: raw.rule_arn?,
        listener_arn: listener_arn.to_owned(),
        priority: raw.priority.unwrap_or_default(),
        is_default: raw.is_default.unwrap_or_default(),
        path_patterns,
        host_headers,
        request_methods: other.request_methods,
        source_ips: other.source_ips,
        http_headers: other.http_headers,
        query_strings: other.query_strings,
        has_other_conditions: other.unread,
        actions: actions(raw.actions),
    })
}

/// Conditions on more than path and host.
#[derive(Debug, Default)]
struct RuleConditions {
    request_methods: Vec<String>,
    source_ips: Vec<String>,
    http_headers: Vec<HeaderCondition>,
    query_strings: Vec<Vec<QueryCondition>>,
    /// Whether there is one that is not told apart.
    unread: bool,
}

/// Actions in their order.
fn actions(raw: Option<Vec<sdk::Action>>) -> Vec<Action> {
    let mut raw = raw.unwrap_or_default();
    raw.sort_by_key(|action| action.order);
    raw.into_iter()
        .map(|raw| {
            let weighted = raw.forward_config.and_then(|config| config.target_groups).unwrap_or_default();
            let target_groups: Vec<WeightedTargetGroup> = weighted
                .iter()
                .filter_map(|tuple| {
                    let target_group_arn = tuple.target_group_arn.clone()?;
                    // Without a weight, all get the same.
                    Some(WeightedTargetGroup { target_group_arn, weight: tuple.weight.map_or(1, i64::from) })
                })
                .collect();
            let mut target_group_arns = Vec::new();
            let arns =
                raw.target_group_arn.into_iter().chain(weighted.into_iter().filter_map(|tuple| tuple.target_group_arn));
            add_new(&mut target_group_arns, arns);
            let redirect = raw.redirect_config.and_then(|config| config.status_code);
            let status_code = redirect
                .map(|code| code.as_str().trim_start_matches("HTTP_").to_owned())
                .or_else(|| raw.fixed_response_config.and_then(|config| config.status_code));
            let kind = raw.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default();
            Action { kind, target_group_arns, target_groups, status_code }
        })
        .collect()
}

fn add_new(list: &mut Vec<String>, values: impl IntoIterator<Item = String>) {
    for value in values {
        if !list.contains(&value) {
            list.push(value);
        }
    }
}

pub(super) fn health(target_group_arn: &str, raw: sdk::TargetHealthDescription) -> Option<TargetHealth> {
    let target = raw.target?;
    let health = raw.target_health;
    let state = health.as_ref().and_then(|health| health.state.as_ref());
    let reason = health.as_ref().and_then(|health| health.reason.as_ref());
    Some(TargetHealth {
        target_group_arn: target_group_arn.to_owned(),
        target_id: target.id?,
        port: target.port.map(i64::from),
        state: state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        reason: reason.map(|reason| reason.as_str().to_owned()),
        description: health.as_ref().and_then(|health| health.description.clone()),
    })
}

pub(super) fn tags(raw: Option<Vec<sdk::Tag>>) -> Tags {
    raw.unwrap_or_default().into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}
