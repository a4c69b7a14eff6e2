//! Classic load balancers and the health of the instances behind them.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_elasticloadbalancing::types as sdk;

use super::errors::incomplete;
use super::found::{Found, Rows};
use super::session::{Key, Session, all_pages, for_each, rows_of, with_more};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{
    ClassicAttributes, ClassicHealth, ClassicHealthCheck, ClassicListener, ClassicLoadBalancer, ClassicPolicies, Gap,
    Tags, identified,
};

/// Names of one DescribeTags call.
const TAGGED_NAMES: usize = 20;

/// All classic load balancers of the region with their tags, by name; their attributes are not read yet. Tags that could not be
/// read fail them only where they are `needed`.
pub(super) async fn load_balancers(session: &Arc<Session>, needed: bool) -> Rows<ClassicLoadBalancer> {
    const ACTION: &str = "elasticloadbalancing:DescribeLoadBalancers";
    let page = async |token| {
        let reply = session.call(ACTION, session.classic.describe_load_balancers().set_marker(token).send()).await?;
        Ok((reply.load_balancer_descriptions.unwrap_or_default(), reply.next_marker))
    };
    let rows = all_pages(ACTION, page).await?.into_iter().map(load_balancer);
    let no_name = || incomplete(ACTION, "a load balancer without a name");
    let mut rows = rows.collect::<Option<Vec<_>>>().ok_or_else(no_name)?;
    rows.sort_by(|a, b| a.load_balancer_name.cmp(&b.load_balancer_name));
    let names = rows.iter().map(|row| row.load_balancer_name.clone()).collect();
    match tags_of(session, names).await {
        Ok(mut tags) => {
            for row in &mut rows {
                row.tags = tags.remove(&row.load_balancer_name).unwrap_or_default();
            }
            Ok(Found::from(rows))
        }
        Err(failure) if needed => Err(failure),
        Err(failure) => {
            let known = |row: &ClassicLoadBalancer| identified("load_balancer_name", &row.load_balancer_name);
            let gaps: Vec<Gap> = rows.iter().map(|row| Gap::fields(known(row), &["tags"], failure.clone())).collect();
            Ok(Found::from(rows).lacking(gaps))
        }
    }
}

/// Tags by name: there is no filter by tag, and no listing that holds tags.
async fn tags_of(session: &Arc<Session>, names: Vec<String>) -> Result<BTreeMap<String, Tags>, Unreadable> {
    const ACTION: &str = "elasticloadbalancing:DescribeTags";
    let chunks: Vec<Vec<String>> = names.chunks(TAGGED_NAMES).map(<[String]>::to_vec).collect();
    let rows = for_each(chunks, |names| {
        let session = Arc::clone(session);
        async move {
            let ask = |names: Vec<String>| session.classic.describe_tags().set_load_balancer_names(Some(names)).send();
            if let Some(reply) = session.call_unless_gone(ACTION, ask(names.clone())).await? {
                return Ok(reply.tag_descriptions.unwrap_or_default());
            }
            // One that is gone fails the request for all of them: each on its own.
            let mut rows = Vec::new();
            for name in names {
                let reply = session.call_unless_gone(ACTION, ask(vec![name])).await?;
                rows.extend(reply.into_iter().flat_map(|reply| reply.tag_descriptions.unwrap_or_default()));
            }
            Ok(rows)
        }
    })
    .await?;
    let tags = |raw: Option<Vec<sdk::Tag>>| {
        raw.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
    };
    Ok(rows.into_iter().filter_map(|row| Some((row.load_balancer_name?, tags(row.tags)))).collect())
}

/// The same load balancers with their attributes.
pub(super) async fn with_attributes(
    session: &Arc<Session>,
    load_balancers: Vec<ClassicLoadBalancer>,
) -> Found<ClassicLoadBalancer> {
    const ACTION: &str = "elasticloadbalancing:DescribeLoadBalancerAttributes";
    let by_name: Key<ClassicLoadBalancer> = Key { field: "load_balancer_name", of: |row| &row.load_balancer_name };
    with_more(load_balancers, by_name, &["attributes"], |mut row| {
        let session = Arc::clone(session);
        async move {
            let request = session.classic.describe_load_balancer_attributes();
            let asked = request.load_balancer_name(&row.load_balancer_name).send();
            let Some(reply) = session.call_unless_gone(ACTION, asked).await? else { return Ok(None) };
            row.attributes = reply.load_balancer_attributes.map(attributes).unwrap_or_default();
            Ok(Some(row))
        }
    })
    .await
}

/// Health of the instances behind these load balancers, by load balancer, then instance.
pub(super) async fn health(session: &Arc<Session>, names: Vec<String>) -> Rows<ClassicHealth> {
    const ACTION: &str = "elasticloadbalancing:DescribeInstanceHealth";
    let by_name: Key<String> = Key { field: "load_balancer_name", of: |name| name };
    let mut found = rows_of(names, by_name, |name| {
        let session = Arc::clone(session);
        async move {
            let request = session.classic.describe_instance_health().load_balancer_name(&name);
            let Some(reply) = session.call_unless_gone(ACTION, request.send()).await? else { return Ok(None) };
            let rows = reply.instance_states.unwrap_or_default().into_iter().map(|raw| {
                // AWS says `N/A` where there is nothing to say.
                let told = |text: Option<String>| text.filter(|text| text != "N/A");
                Some(ClassicHealth {
                    load_balancer_name: name.clone(),
                    instance_id: raw.instance_id?,
                    state: raw.state.unwrap_or_default(),
                    reason_code: told(raw.reason_code),
                    description: told(raw.description),
                })
            });
            let rows = rows.collect::<Option<Vec<_>>>();
            rows.map(Some).ok_or_else(|| incomplete(ACTION, "an instance without an id"))
        }
    })
    .await?;
    found.rows.sort_by(|a, b| (&a.load_balancer_name, &a.instance_id).cmp(&(&b.load_balancer_name, &b.instance_id)));
    Ok(found)
}

fn load_balancer(raw: sdk::LoadBalancerDescription) -> Option<ClassicLoadBalancer> {
    let mut instances: Vec<_> =
        raw.instances.unwrap_or_default().into_iter().filter_map(|instance| instance.instance_id).collect();
    let mut subnets = raw.subnets.unwrap_or_default();
    let mut availability_zones = raw.availability_zones.unwrap_or_default();
    let mut security_groups = raw.security_groups.unwrap_or_default();
    for list in [&mut instances, &mut subnets, &mut availability_zones, &mut security_groups] {
        list.sort();
        list.dedup();
    }
    let mut listeners: Vec<_> =
        raw.listener_descriptions.unwrap_or_default().into_iter().filter_map(listener).collect();
    listeners.sort_by_key(|listener| listener.load_balancer_port);
    Some(ClassicLoadBalancer {
        load_balancer_name: raw.load_balancer_name?,
        dns_name: raw.dns_name.unwrap_or_default(),
        scheme: raw.scheme.unwrap_or_default(),
        vpc_id: raw.vpc_id.filter(|id| !id.is_empty()),
        subnets,
        availability_zones,
        security_groups,
        instances,
        listeners,
        health_check: raw.health_check.map(|check| ClassicHealthCheck {
            target: check.target,
            interval: check.interval.into(),
            timeout: check.timeout.into(),
            healthy_threshold: check.healthy_threshold.into(),
            unhealthy_threshold: check.unhealthy_threshold.into(),
        }),
        attributes: ClassicAttributes::default(),
        policies: raw.policies.map(policies).unwrap_or_default(),
        created_time: text::time(raw.created_time),
        region: String::new(),
        tags: Tags::new(),
    })
}

fn listener(raw: sdk::ListenerDescription) -> Option<ClassicListener> {
    let listener = raw.listener?;
    Some(ClassicListener {
        // Where nothing else is said, instances are spoken to as clients are.
        instance_protocol: listener.instance_protocol.unwrap_or_else(|| listener.protocol.clone()),
        protocol: listener.protocol,
        load_balancer_port: listener.load_balancer_port.into(),
        instance_port: listener.instance_port.into(),
        policy_names: raw.policy_names.unwrap_or_default(),
    })
}

fn policies(raw: sdk::Policies) -> ClassicPolicies {
    let app = raw.app_cookie_stickiness_policies.unwrap_or_default().into_iter();
    let lb = raw.lb_cookie_stickiness_policies.unwrap_or_default().into_iter();
    ClassicPolicies {
        app_cookie_stickiness: app.filter_map(|policy| policy.policy_name).collect(),
        lb_cookie_stickiness: lb.filter_map(|policy| policy.policy_name).collect(),
        other: raw.other_policies.unwrap_or_default(),
    }
}

fn attributes(raw: sdk::LoadBalancerAttributes) -> ClassicAttributes {
    let draining = raw.connection_draining;
    ClassicAttributes {
        cross_zone_load_balancing: raw.cross_zone_load_balancing.map(|cross_zone| cross_zone.enabled),
        connection_draining: draining.as_ref().map(|draining| draining.enabled),
        connection_draining_timeout: draining.and_then(|draining| draining.timeout).map(i64::from),
        idle_timeout: raw.connection_settings.map(|settings| settings.idle_timeout.into()),
        access_log: raw.access_log.map(|log| log.enabled),
    }
}
