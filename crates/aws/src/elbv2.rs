//! Load balancers, listeners, rules, target groups and the health of targets.
//!
//! Texts that AWS leaves out of a reply are empty (a gateway load balancer has no scheme); a row without its ARN makes
//! the reply malformed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::errors::incomplete;
use super::found::Rows;
use super::session::{Key, Session, all_pages, for_each, rows_of};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{
    Action, HeaderCondition, Listener, LoadBalancer, LoadBalancerAttributes, QueryCondition, Rule, Tags, TargetGroup,
    TargetGroupAttributes, TargetHealth, WeightedTargetGroup,
};

/// ARNs of one DescribeTags call.
const TAGGED_ARNS: usize = 20;

/// All load balancers of the region with their tags, by ARN.
pub(super) async fn load_balancers(session: &Arc<Session>) -> Result<Vec<LoadBalancer>, Unreadable> {
    const ACTION: &str = "elasticloadbalancing:DescribeLoadBalancers";
    let page = async |token| {
        let reply = session.call(ACTION, session.elbv2.describe_load_balancers().set_marker(token).send()).await?;
        Ok((reply.load_balancers.unwrap_or_default(), reply.next_marker))
    };
    let rows = all_pages(ACTION, page).await?;
    let mut rows = rows.into_iter().map(load_balancer).collect::<Option<Vec<_>>>().ok_or_else(|| no_arn(ACTION))?;
    let Tagged { mut tags, gone } =
        tags_of(session, rows.iter().map(|row| row.load_balancer_arn.clone()).collect()).await?;
    rows.retain(|row| !gone.contains(&row.load_balancer_arn));
    for row in &mut rows {
        row.tags = tags.remove(&row.load_balancer_arn).unwrap_or_default();
    }
    rows.sort_by(|a, b| a.load_balancer_arn.cmp(&b.load_balancer_arn));
    Ok(rows)
}

/// All target groups of the region with their tags, by ARN.
pub(super) async fn target_groups(session: &Arc<Session>) -> Result<Vec<TargetGroup>, Unreadable> {
    const ACTION: &str = "elasticloadbalancing:DescribeTargetGroups";
    let page = async |token| {
        let reply = session.call(ACTION, session.elbv2.describe_target_groups().set_marker(token).send()).await?;
        Ok((reply.target_groups.unwrap_or_default(), reply.next_marker))
    };
    let rows = all_pages(ACTION, page).await?;
    let mut rows = rows.into_iter().map(target_group).collect::<Option<Vec<_>>>().ok_or_else(|| no_arn(ACTION))?;
    let Tagged { mut tags, gone } =
        tags_of(session, rows.iter().map(|row| row.target_group_arn.clone()).collect()).await?;
    rows.retain(|row| !gone.contains(&row.target_group_arn));
    for row in &mut rows {
        row.tags = tags.remove(&row.target_group_arn).unwrap_or_default();
    }
    rows.sort_by(|a, b| a.target_group_arn.cmp(&b.target_group_arn));
    Ok(rows)
}

/// Tags by ARN, and what is gone since it was listed.
struct Tagged {
    tags: BTreeMap<String, Tags>,
    gone: BTreeSet<String>,
}

/// Tags by ARN: there is no filter by tag, and no listing that holds tags.
async fn tags_of(session: &Arc<Session>, arns: Vec<String>) -> Result<Tagged, Unreadable> {
    const ACTION: &str = "elasticloadbalancing:DescribeTags";
    let chunks: Vec<Vec<String>> = arns.chunks(TAGGED_ARNS).map(<[String]>::to_vec).collect();
    let rows = for_each(chunks, |arns| {
        let session = Arc::clone(session);
        async move {
            let ask = |arns: Vec<String>| session.elbv2.describe_tags().set_resource_arns(Some(arns)).send();
            if let Some(reply) = session.call_unless_gone(ACTION, ask(arns.clone())).await? {
                let rows = reply.tag_descriptions.unwrap_or_default().into_iter();
                return Ok(rows.filter_map(|row| Some((row.resource_arn?, Some(tags(row.tags))))).collect());
            }
            // One that is gone fails the request for all of them: each on its own.
            let mut found = Vec::new();
            for arn in arns {
                let reply = session.call_unless_gone(ACTION, ask(vec![arn.clone()])).await?;
                let row = reply.map(|reply| reply.tag_descriptions.unwrap_or_default().into_iter().next());
                found.push((arn, row.map(|row| row.map(|row| tags(row.tags)).unwrap_or_default())));
            }
            Ok(found)
        }
    })
    .await?;
    let mut tagged = Tagged { tags: BTreeMap::new(), gone: BTreeSet::new() };
    for (arn, tags) in rows {
        match tags {
            Some(tags) => {
                tagged.tags.insert(arn, tags);
            }
            None => {
                tagged.gone.insert(arn);
            }
        }
    }
    Ok(tagged)
}

/// Rows are told apart by the ARN of what they hang on.
fn by(field: &'static str) -> Key<String> {
    Key { field, of: |arn| arn }
}

/// All pages about one thing; `None` where it is gone.
macro_rules! pages_of {
    ($session:ident, $action:ident, $request:expr, $rows:ident) => {{
        let gone = AtomicBool::new(false);
        let page = async |token| {
            let Some(reply) = $session.call_unless_gone($action, $request.set_marker(token).send()).await? else {
                gone.store(true, Ordering::Relaxed);
                return Ok((Vec::new(), None));
            };
            Ok((reply.$rows.unwrap_or_default(), reply.next_marker))
        };
        let rows = all_pages($action, page).await?;
        (!gone.load(Ordering::Relaxed)).then_some(rows)
    }};
}

/// Listeners of these load balancers, by load balancer, then port.
pub(super) async fn listeners(session: &Arc<Session>, load_balancers: Vec<String>) -> Rows<Listener> {
    const ACTION: &str = "elasticloadbalancing:DescribeListeners";
    let mut found = rows_of(load_balancers, by("load_balancer_arn"), |arn| {
        let session = Arc::clone(session);
        async move {
            let Some(rows) =
                pages_of!(session, ACTION, session.elbv2.describe_listeners().load_balancer_arn(&arn), listeners)
            else {
                return Ok(None);
            };
            rows.into_iter().map(listener).collect::<Option<Vec<_>>>().map(Some).ok_or_else(|| no_arn(ACTION))
        }
    })
    .await?;
    found.rows.sort_by(|a, b| {
        (&a.load_balancer_arn, a.port, &a.listener_arn).cmp(&(&b.load_balancer_arn, b.port, &b.listener_arn))
    });
    Ok(found)
}

/// Rules of these listeners, by listener, in the order in which they are tried: the default one last.
pub(super) async fn rules(session: &Arc<Session>, listeners: Vec<String>) -> Rows<Rule> {
    const ACTION: &str = "elasticloadbalancing:DescribeRules";
    let mut found = rows_of(listeners, by("listener_arn"), |arn| {
        let session = Arc::clone(session);
        async move {
            let Some(rows) = pages_of!(session, ACTION, session.elbv2.describe_rules().listener_arn(&arn), rules)
            else {
                return Ok(None);
            };
            let rows = rows.into_iter().map(|raw| rule(&arn, raw)).collect::<Option<Vec<_>>>();
            rows.map(Some).ok_or_else(|| no_arn(ACTION))
        }
    })
    .await?;
    let order = |rule: &Rule| rule.priority.parse().unwrap_or(u64::MAX);
    found.rows.sort_by(|a, b| (&a.listener_arn, order(a), &a.rule_arn).cmp(&(&b.listener_arn, order(b), &b.rule_arn)));
    Ok(found)
}

/// Health of the targets registered in these target groups, by target group, then target.
pub(super) async fn target_health(session: &Arc<Session>, target_groups: Vec<String>) -> Rows<TargetHealth> {
    const ACTION: &str = "elasticloadbalancing:DescribeTargetHealth";
    let mut found = rows_of(target_groups, by("target_group_arn"), |arn| {
        let session = Arc::clone(session);
        async move {
            let request = session.elbv2.describe_target_health().target_group_arn(&arn);
            let Some(reply) = session.call_unless_gone(ACTION, request.send()).await? else { return Ok(None) };
            let rows = reply.target_health_descriptions.unwrap_or_default().into_iter();
            let rows = rows.map(|raw| health(&arn, raw)).collect::<Option<Vec<_>>>();
            rows.map(Some).ok_or_else(|| incomplete(ACTION, "a target without an id"))
        }
    })
    .await?;
    found
        .rows
        .sort_by(|a, b| (&a.target_group_arn, &a.target_id, a.port).cmp(&(&b.target_group_arn, &b.target_id, b.port)));
    Ok(found)
}

/// Attributes of these load balancers, in the order given.
pub(super) async fn load_balancer_attributes(
    session: &Arc<Session>,
    arns: Vec<String>,
) -> Rows<LoadBalancerAttributes> {
    const ACTION: &str = "elasticloadbalancing:DescribeLoadBalancerAttributes";
    rows_of(arns, by("load_balancer_arn"), |arn| {
        let session = Arc::clone(session);
        async move {
            let request = session.elbv2.describe_load_balancer_attributes().load_balancer_arn(&arn);
            let Some(reply) = session.call_unless_gone(ACTION, request.send()).await? else { return Ok(None) };
            let attributes = reply.attributes.unwrap_or_default().into_iter();
            let attributes = attributes.filter_map(|it| Some((it.key?, it.value.unwrap_or_default()))).collect();
            Ok(Some(vec![LoadBalancerAttributes { load_balancer_arn: arn, attributes }]))
        }
    })
    .await
}

/// Attributes of these target groups, in the order given.
pub(super) async fn target_group_attributes(session: &Arc<Session>, arns: Vec<String>) -> Rows<TargetGroupAttributes> {
    const ACTION: &str = "elasticloadbalancing:DescribeTargetGroupAttributes";
    rows_of(arns, by("target_group_arn"), |arn| {
        let session = Arc::clone(session);
        async move {
            let request = session.elbv2.describe_target_group_attributes().target_group_arn(&arn);
            let Some(reply) = session.call_unless_gone(ACTION, request.send()).await? else { return Ok(None) };
            let attributes = reply.attributes.unwrap_or_default().into_iter();
            let attributes = attributes.filter_map(|it| Some((it.key?, it.value.unwrap_or_default()))).collect();
            Ok(Some(vec![TargetGroupAttributes { target_group_arn: arn, attributes }]))
        }
    })
    .await
}

fn no_arn(action: &str) -> Unreadable {
    incomplete(action, "a resource without an ARN")
}

fn load_balancer(raw: sdk::LoadBalancer) -> Option<LoadBalancer> {
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

fn target_group(raw: sdk::TargetGroup) -> Option<TargetGroup> {
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

fn listener(raw: sdk::Listener) -> Option<Listener> {
    Some(Listener {
        listener_arn: raw.listener_arn?,
        load_balancer_arn: raw.load_balancer_arn?,
        protocol: raw.protocol.map(|protocol| protocol.as_str().to_owned()).unwrap_or_default(),
        port: raw.port.map(i64::from).unwrap_or_default(),
        default_actions: actions(raw.default_actions),
    })
}

fn rule(listener_arn: &str, raw: sdk::Rule) -> Option<Rule> {
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

fn health(target_group_arn: &str, raw: sdk::TargetHealthDescription) -> Option<TargetHealth> {
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

fn tags(raw: Option<Vec<sdk::Tag>>) -> Tags {
    raw.unwrap_or_default().into_iter().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}
