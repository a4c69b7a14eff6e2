//! Load balancers, listeners, rules, target groups and the health of targets.
//!
//! A row without its ARN makes the reply malformed.

mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::errors::incomplete;
use super::found::{Found, Rows};
use super::session::{Key, Session, all_pages, for_each, rows_of};
use rows::{health, listener, load_balancer, rule, tags, target_group};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{
    Gap, Listener, LoadBalancer, LoadBalancerAttributes, Rule, Tags, TargetGroup, TargetGroupAttributes, TargetHealth,
    identified,
};

/// ARNs of one DescribeTags call.
const TAGGED_ARNS: usize = 20;

/// All load balancers of the region with their tags, by ARN; tags that could not be read fail them only where they are `needed`.
pub(super) async fn load_balancers(session: &Arc<Session>, needed: bool) -> Rows<LoadBalancer> {
    const ACTION: &str = "elasticloadbalancing:DescribeLoadBalancers";
    let page = async |token| {
        let reply = session.call(ACTION, session.elbv2.describe_load_balancers().set_marker(token).send()).await?;
        Ok((reply.load_balancers.unwrap_or_default(), reply.next_marker))
    };
    let rows = all_pages(ACTION, page).await?;
    let mut rows = rows.into_iter().map(load_balancer).collect::<Option<Vec<_>>>().ok_or_else(|| no_arn(ACTION))?;
    rows.sort_by(|a, b| a.load_balancer_arn.cmp(&b.load_balancer_arn));
    let by_arn: Key<LoadBalancer> = Key { field: "load_balancer_arn", of: |row| &row.load_balancer_arn };
    with_tags(session, rows, by_arn, |row| &mut row.tags, needed).await
}

/// All target groups of the region with their tags, by ARN; tags that could not be read fail them only where they are `needed`.
pub(super) async fn target_groups(session: &Arc<Session>, needed: bool) -> Rows<TargetGroup> {
    const ACTION: &str = "elasticloadbalancing:DescribeTargetGroups";
    let page = async |token| {
        let reply = session.call(ACTION, session.elbv2.describe_target_groups().set_marker(token).send()).await?;
        Ok((reply.target_groups.unwrap_or_default(), reply.next_marker))
    };
    let rows = all_pages(ACTION, page).await?;
    let mut rows = rows.into_iter().map(target_group).collect::<Option<Vec<_>>>().ok_or_else(|| no_arn(ACTION))?;
    rows.sort_by(|a, b| a.target_group_arn.cmp(&b.target_group_arn));
    let by_arn: Key<TargetGroup> = Key { field: "target_group_arn", of: |row| &row.target_group_arn };
    with_tags(session, rows, by_arn, |row| &mut row.tags, needed).await
}

/// The same rows with their tags; those that are gone since are left out.
///
/// Where nobody asks for tags, a row is whose it is without them: it lacks that field alone.
async fn with_tags<T>(
    session: &Arc<Session>,
    mut rows: Vec<T>,
    by_arn: Key<T>,
    of: fn(&mut T) -> &mut Tags,
    needed: bool,
) -> Rows<T> {
    let arns = rows.iter().map(|row| (by_arn.of)(row).to_owned()).collect();
    match tags_of(session, arns).await {
        Ok(Tagged { mut tags, gone }) => {
            rows.retain(|row| !gone.contains((by_arn.of)(row)));
            for row in &mut rows {
                let own = tags.remove((by_arn.of)(row)).unwrap_or_default();
                *of(row) = own;
            }
            Ok(Found::from(rows))
        }
        Err(failure) if needed => Err(failure),
        Err(failure) => {
            let lacks = |row: &T| Gap::fields(identified(by_arn.field, (by_arn.of)(row)), &["tags"], failure.clone());
            let gaps: Vec<Gap> = rows.iter().map(lacks).collect();
            Ok(Found::from(rows).lacking(gaps))
        }
    }
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
