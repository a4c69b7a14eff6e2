//! What was done to instances and stacks, as CloudTrail's event history tells it without a trail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_cloudtrail::types as sdk;
use serde_json::Value;

use super::errors::incomplete;
use super::found::{Found, Rows, lacks};
use super::reach::Reach;
use super::session::{Key, Session, all_pages, rows_of};
use super::stack::{Stack, each};
use super::text;
use stackmark_evidence::aws::{Gap, InstanceEvent, StackDeletion};
use stackmark_evidence::{Cause, Unreadable};

/// The IAM action, and the operation.
const ACTION: &str = "cloudtrail:LookupEvents";
/// Rows of a page; CloudTrail gives no more.
const PAGE: i32 = 50;
/// What is looked up: one request asks for one name.
const EVENTS: [&str; 4] = ["RebootInstances", "StartInstances", "StopInstances", "TerminateInstances"];

/// What was done to the instances of the team, newest first; where all of the account belongs, to any.
///
/// An instance that is gone tells nobody any more whose it was: with tags, what was done to it may be the team's.
pub(super) async fn instance_events(found: &Stack, session: &Arc<Session>, reach: Reach<'_>) -> Rows<InstanceEvent> {
    let ours: BTreeSet<String> = each(&found.instances, |row| row.instance_id.clone())?.into_iter().collect();
    let names = EVENTS.map(str::to_owned).to_vec();
    let by_name: Key<String> = Key { field: "event_name", of: |name| name };
    let mut events = rows_of(names, by_name, |name| {
        let session = Arc::clone(session);
        async move { named(&session, &name).await.map(Some) }
    })
    .await?;
    events.rows.sort_by(|a, b| (&b.event_time, &b.event_id).cmp(&(&a.event_time, &a.event_id)));
    events.rows.dedup_by(|a, b| a.event_id == b.event_id);
    if reach.whole_account {
        return Ok(events.lacking(lacks(&found.instances)));
    }
    let all = events.rows.len();
    events.rows.retain(|row| row.instance_ids.iter().any(|id| ours.contains(id)));
    let others = all - events.rows.len();
    let doubtful = (others > 0).then(|| {
        let detail =
            format!("{ACTION}: {others} events are about other instances, some of which may have been the team's");
        Gap::rows(BTreeMap::new(), Unreadable::new(Cause::NotCollected, detail))
    });
    Ok(events.lacking(doubtful).lacking(lacks(&found.instances)))
}

/// When stacks were deleted that bear the name of one that is there, newest first.
pub(super) async fn stack_deletions(found: &Stack, session: &Arc<Session>, _reach: Reach<'_>) -> Rows<StackDeletion> {
    let created = each(&found.stacks, |row| (row.stack_name.clone(), row.creation_time.clone()))?;
    let created: BTreeMap<String, Option<String>> = created.into_iter().collect();
    let mut rows = Vec::new();
    if !created.is_empty() {
        for raw in records(session, "DeleteStack").await? {
            let row = deletion(raw, &created);
            rows.extend(row.ok_or_else(|| incomplete(ACTION, "an event without an id or its record"))?);
        }
    }
    rows.sort_by(|a, b| (&b.event_time, &b.event_id).cmp(&(&a.event_time, &a.event_id)));
    rows.dedup_by(|a, b| a.event_id == b.event_id);
    Ok(Found::from(rows).lacking(lacks(&found.stacks)))
}

/// The events of one name that did something.
async fn named(session: &Session, name: &str) -> Result<Vec<InstanceEvent>, Unreadable> {
    let mut rows = Vec::new();
    for raw in records(session, name).await? {
        rows.extend(event(raw).ok_or_else(|| incomplete(ACTION, "an event without an id, a name or its record"))?);
    }
    Ok(rows)
}

/// All events of one name.
async fn records(session: &Session, name: &str) -> Result<Vec<sdk::Event>, Unreadable> {
    let by_name = sdk::LookupAttribute::builder()
        .attribute_key(sdk::LookupAttributeKey::EventName)
        .attribute_value(name)
        .build()
        .map_err(|_| incomplete(ACTION, "no place for a name"))?;
    let page = async |token| {
        let request = session.cloudtrail.lookup_events().lookup_attributes(by_name.clone());
        let reply = session.call(ACTION, request.max_results(PAGE).set_next_token(token).send()).await?;
        Ok((reply.events.unwrap_or_default(), reply.next_token))
    };
    all_pages(ACTION, page).await
}

/// `None` for what cannot be read; nothing of an operation that was refused.
fn event(raw: sdk::Event) -> Option<Option<InstanceEvent>> {
    let record: Value = serde_json::from_str(&raw.cloud_trail_event?).ok()?;
    let (event_id, event_name) = (raw.event_id?, raw.event_name?);
    if was_refused(&record) {
        return Some(None);
    }
    let items = record.pointer("/requestParameters/instancesSet/items").and_then(Value::as_array);
    let ids = items.into_iter().flatten().filter_map(|item| item.get("instanceId")?.as_str());
    let mut instance_ids: Vec<String> = ids.map(str::to_owned).collect();
    instance_ids.sort();
    instance_ids.dedup();
    Some(Some(InstanceEvent {
        event_id,
        event_name,
        event_time: text::time(raw.event_time),
        instance_ids,
        by_service: record.pointer("/userIdentity/invokedBy").is_some_and(Value::is_string),
        region: String::new(),
    }))
}

/// `None` for what cannot be read; nothing of a stack of another name, or of an operation that was refused.
fn deletion(raw: sdk::Event, created: &BTreeMap<String, Option<String>>) -> Option<Option<StackDeletion>> {
    let record: Value = serde_json::from_str(&raw.cloud_trail_event?).ok()?;
    let event_id = raw.event_id?;
    let named = record.pointer("/requestParameters/stackName").and_then(Value::as_str).unwrap_or_default();
    // By its name, or by an ARN that ends in `stack/<name>/<id>`.
    let name = if named.starts_with("arn:") { named.split('/').nth(1).unwrap_or_default() } else { named };
    let Some(now_created) = created.get(name).filter(|_| !was_refused(&record)) else { return Some(None) };
    Some(Some(StackDeletion {
        event_id,
        event_time: text::time(raw.event_time),
        stack_name: name.to_owned(),
        now_created: now_created.clone(),
        region: String::new(),
    }))
}

fn was_refused(record: &Value) -> bool {
    record.get("errorCode").is_some_and(|code| !code.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(record: &str) -> Option<Option<InstanceEvent>> {
        event(sdk::Event::builder().event_id("1").event_name("StopInstances").cloud_trail_event(record).build())
    }

    #[test]
    fn an_event_tells_the_instances_and_whether_a_service_did_it() {
        let set = r#""requestParameters": {"instancesSet": {"items": [{"instanceId": "i-2"}, {"instanceId": "i-1"}]}}"#;
        let by_hand = of(&format!(r#"{{"userIdentity": {{"type": "IAMUser"}}, {set}}}"#)).unwrap().unwrap();
        assert_eq!((by_hand.instance_ids, by_hand.by_service), (vec!["i-1".to_owned(), "i-2".to_owned()], false));
        let identity = r#""userIdentity": {"invokedBy": "autoscaling.amazonaws.com"}"#;
        assert!(of(&format!("{{{identity}, {set}}}")).unwrap().unwrap().by_service);
    }

    #[test]
    fn what_was_refused_did_nothing_and_what_is_no_record_is_not_known() {
        assert_eq!(of(r#"{"errorCode": "Client.UnauthorizedOperation"}"#), Some(None));
        assert!(of(r#"{"errorCode": null}"#).unwrap().is_some());
        assert_eq!(of("{"), None);
    }

    #[test]
    fn a_stack_is_deleted_by_its_name_or_its_arn_and_others_are_left_out() {
        let created = BTreeMap::from([("web".to_owned(), Some("2026-11-20T09:30:00Z".to_owned()))]);
        let name_of = |record: &str| {
            let raw = sdk::Event::builder().event_id("1").event_name("DeleteStack").cloud_trail_event(record).build();
            deletion(raw, &created).map(|row| row.map(|row| (row.stack_name, row.now_created)))
        };
        let web = Some(Some(("web".to_owned(), Some("2026-11-20T09:30:00Z".to_owned()))));
        assert_eq!(name_of(r#"{"requestParameters": {"stackName": "web"}}"#), web);
        let arn = "arn:aws:cloudformation:us-east-1:123456789012:stack/web/0a1b";
        assert_eq!(name_of(&format!(r#"{{"requestParameters": {{"stackName": "{arn}"}}}}"#)), web);
        assert_eq!(name_of(r#"{"requestParameters": {"stackName": "web-2"}}"#), Some(None));
        assert_eq!(name_of(r#"{"errorCode": "AccessDenied", "requestParameters": {"stackName": "web"}}"#), Some(None));
        assert_eq!(name_of("no record"), None);
    }
}
