//! What was done to instances, as CloudTrail's event history tells it without a trail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_cloudtrail::types as sdk;
use serde_json::Value;

use super::errors::incomplete;
use super::found::{Rows, lacks};
use super::reach::Reach;
use super::session::{Key, Session, all_pages, rows_of};
use super::stack::{Stack, each};
use super::text;
use stackmark_evidence::aws::{Gap, InstanceEvent};
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

/// The events of one name that did something.
async fn named(session: &Session, name: &str) -> Result<Vec<InstanceEvent>, Unreadable> {
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
    let mut rows = Vec::new();
    for raw in all_pages(ACTION, page).await? {
        rows.extend(event(raw).ok_or_else(|| incomplete(ACTION, "an event without an id, a name or its record"))?);
    }
    Ok(rows)
}

/// `None` for what cannot be read; nothing of an operation that was refused.
fn event(raw: sdk::Event) -> Option<Option<InstanceEvent>> {
    let record: Value = serde_json::from_str(&raw.cloud_trail_event?).ok()?;
    let (event_id, event_name) = (raw.event_id?, raw.event_name?);
    if record.get("errorCode").is_some_and(|code| !code.is_null()) {
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
}
