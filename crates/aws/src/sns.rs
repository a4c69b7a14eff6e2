//! Topics that alarms notify, and who they tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::errors::incomplete;
use super::found::{Rows, lacks};
use super::reach::Reach;
use super::session::{Key, Session, all_pages, rows_of};
use super::stack::{Stack, each};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Subscription, Topic};

/// What SNS says in the place of an ARN until whoever has the address agrees.
const PENDING: &str = "PendingConfirmation";
/// What it says once the subscription is deleted, for some days.
const DELETED: &str = "Deleted";

/// The topics that the alarms found notify, by ARN.
pub(super) async fn topics(found: &Stack, session: &Arc<Session>, reach: Reach<'_>) -> Rows<Topic> {
    let notified: BTreeSet<String> =
        each(&found.alarms, |row| row.alarm_actions.clone())?.into_iter().flatten().collect();
    let topics = notified.into_iter().filter(|arn| region_of(arn).is_some()).collect();
    let by_arn: Key<String> = Key { field: "topic_arn", of: |arn| arn };
    let found_topics = rows_of(topics, by_arn, |arn| {
        // An alarm on the bill is in another region than the stack, and its topic with it.
        let there = if region_of(&arn) == Some(reach.billing.region.as_str()) { reach.billing } else { session };
        let session = Arc::clone(there);
        async move { topic(&session, arn).await }
    })
    .await?;
    Ok(found_topics.lacking(lacks(&found.alarms)))
}

/// Region of a topic; `None` for what is no topic.
fn region_of(arn: &str) -> Option<&str> {
    let mut parts = arn.split(':').skip(2);
    let (service, region) = (parts.next()?, parts.next()?);
    (service == "sns").then_some(region)
}

/// `None` where the topic is gone.
async fn topic(session: &Session, topic_arn: String) -> Result<Option<Vec<Topic>>, Unreadable> {
    const ACTION: &str = "sns:ListSubscriptionsByTopic";
    let page = async |token| {
        let request = session.sns.list_subscriptions_by_topic().topic_arn(&topic_arn).set_next_token(token);
        let Some(reply) = session.call_unless_gone(ACTION, request.send()).await? else {
            return Ok((vec![None], None));
        };
        let rows = reply.subscriptions.unwrap_or_default();
        Ok((rows.into_iter().map(Some).collect(), reply.next_token))
    };
    let Some(rows) = all_pages(ACTION, page).await?.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
    let mut subscriptions = Vec::new();
    for raw in rows {
        let arn = raw.subscription_arn.ok_or_else(|| incomplete(ACTION, "a subscription without a state"))?;
        if arn != DELETED {
            subscriptions.push(Subscription { protocol: raw.protocol.unwrap_or_default(), confirmed: arn != PENDING });
        }
    }
    subscriptions.sort();
    let region = region_of(&topic_arn).unwrap_or_default().to_owned();
    let name = topic_arn.rsplit(':').next().unwrap_or_default().to_owned();
    Ok(Some(vec![Topic { topic_arn, name, subscriptions, region }]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_topics_have_a_region() {
        assert_eq!(region_of("arn:aws:sns:us-east-1:123456789012:BillingAlarm"), Some("us-east-1"));
        assert_eq!(region_of("arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:policyName/cpu"), None);
        assert_eq!(region_of("arn:aws:automate:us-east-1:ec2:stop"), None);
    }
}
