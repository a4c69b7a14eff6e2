//! What is read around the stack, from recorded replies that the emulator cannot give: the account's root user, whom
//! alarms reach, what ran through pipelines, how Beanstalk's environments are, and what was done to instances.

use std::collections::BTreeSet;

use crate::support::fake_aws::{FakeAws, Line, Reply, identity, instances, query_error};
use stackmark_aws::{AwsAccess, collect};
use stackmark_collect::{Limits, Silent};
use stackmark_evidence::Cause;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::request::ScopeRequest;

async fn read(fake: &FakeAws, scope: &ScopeRequest, table: &str) -> AwsEvidence {
    let access = AwsAccess { endpoint_url: Some(fake.endpoint.clone()), ..AwsAccess::default() };
    let wanted = BTreeSet::from([format!("aws.{table}")]);
    collect(&access, scope, &wanted, &Limits::default(), &Silent).await
}

fn xml(action: &'static str, result: &str) -> Line {
    let body = format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>");
    (action, Reply::Xml(200, body))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_users_keys_are_the_accounts_and_not_the_graders() {
    let summary = |entries: &str| xml("GetAccountSummary", &format!("<SummaryMap>{entries}</SummaryMap>"));
    let entry = |key: &str, value: u32| format!("<entry><key>{key}</key><value>{value}</value></entry>");
    let counted = [entry("Users", 3), entry("AccountAccessKeysPresent", 1), entry("AccountMFAEnabled", 0)].concat();
    let fake = FakeAws::start(vec![identity(), summary(&counted)]).await;
    let found = read(&fake, &ScopeRequest::default(), "root_user").await;
    let root = &found.root_user.value().expect("read")[0];
    assert_eq!((root.access_keys, root.mfa), (true, Some(false)));
    assert!(!found.caller.value().expect("read").arn.ends_with(":root"), "asked by a user");

    let fake = FakeAws::start(vec![identity(), summary(&entry("Users", 3))]).await;
    let found = read(&fake, &ScopeRequest::default(), "root_user").await;
    let failure = found.root_user.failure().expect("a count that is missing is not none");
    assert_eq!(failure.cause, Cause::Malformed);
}

/// One alarm of the bill that notifies these ARNs; without tags.
fn alarm(actions: &[&str]) -> [Line; 2] {
    let actions: String = actions.iter().map(|arn| format!("<member>{arn}</member>")).collect();
    let alarm = format!(
        "<MetricAlarms><member><AlarmName>bill</AlarmName><AlarmArn>arn:alarm</AlarmArn>\
         <Namespace>AWS/Billing</Namespace><AlarmActions>{actions}</AlarmActions></member></MetricAlarms>"
    );
    [xml("DescribeAlarms", &alarm), xml("ListTagsForResource", "<Tags/>")]
}

fn subscribed(subscriptions: &[(&str, &str)], next: &str) -> Line {
    let members: String = subscriptions
        .iter()
        .map(|(arn, protocol)| {
            format!(
                "<member><SubscriptionArn>{arn}</SubscriptionArn><Protocol>{protocol}</Protocol>\
                 <Endpoint>ada@example.org</Endpoint></member>"
            )
        })
        .collect();
    xml("ListSubscriptionsByTopic", &format!("<Subscriptions>{members}</Subscriptions>{next}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarms_topic_tells_who_has_agreed_and_no_address() {
    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:BillingAlarm";
    let policy = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/web:policyName/cpu";
    let [alarms, tags] = alarm(&[TOPIC, policy]);
    let fake = FakeAws::start(vec![
        identity(),
        alarms,
        tags,
        subscribed(&[("PendingConfirmation", "email")], "<NextToken>more</NextToken>"),
        subscribed(&[("Deleted", "sms"), ("arn:aws:sns:us-east-1:123456789012:BillingAlarm:1", "lambda")], ""),
    ])
    .await;
    let found = read(&fake, &ScopeRequest::default(), "topics").await;
    let [topic] = found.topics.value().expect("read").as_slice() else { panic!("{:?}", found.topics) };
    assert_eq!(
        (topic.topic_arn.as_str(), topic.name.as_str(), topic.region.as_str()),
        (TOPIC, "BillingAlarm", "us-east-1")
    );
    let said: Vec<_> = topic.subscriptions.iter().map(|it| (it.protocol.as_str(), it.confirmed)).collect();
    assert_eq!(said, [("email", false), ("lambda", true)], "over both pages, the deleted one left out");
    assert!(!serde_json::to_string(&found).unwrap().contains("ada@example.org"), "a person's address");

    let [alarms, tags] = alarm(&[TOPIC]);
    let gone = query_error("ListSubscriptionsByTopic", 404, "NotFound", "Topic does not exist");
    let fake = FakeAws::start(vec![identity(), alarms, tags, gone]).await;
    let found = read(&fake, &ScopeRequest::default(), "topics").await;
    assert!(found.topics.value().expect("read").is_empty(), "a topic that was deleted is not there");
    assert!(found.gaps.is_empty(), "{:?}", found.gaps);

    let [alarms, tags] = alarm(&[TOPIC]);
    let denied = query_error("ListSubscriptionsByTopic", 403, "AuthorizationError", "no");
    let fake = FakeAws::start(vec![identity(), alarms, tags, denied]).await;
    let found = read(&fake, &ScopeRequest::default(), "topics").await;
    let gap = &found.gaps["topics"][0];
    assert_eq!(
        (gap.failure.cause, gap.known["topic_arn"].as_str()),
        (Cause::Denied, Some(TOPIC)),
        "not known is not no"
    );
}

fn json(action: &'static str, status: u16, body: &str) -> Line {
    (action, Reply::Json(status, body.to_owned()))
}

/// What Cloud Control lists of the one type that a table hangs on, by name; without tags.
fn listed(name: &str) -> Vec<Line> {
    vec![
        identity(),
        json("GetResources", 200, r#"{"ResourceTagMappingList": [], "PaginationToken": ""}"#),
        json("ListResources", 200, &format!(r#"{{"ResourceDescriptions": [{{"Identifier": "{name}"}}]}}"#)),
        json("GetResource", 200, r#"{"ResourceDescription": {"Identifier": "x", "Properties": "{}"}}"#),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_tells_its_stages_and_all_its_runs() {
    let state = r#"{"pipelineName": "web", "stageStates": [
        {"stageName": "Source", "latestExecution": {"pipelineExecutionId": "2", "status": "Succeeded"}},
        {"stageName": "Deploy"}]}"#;
    let runs = |id: &str, status: &str, next: &str| {
        let body = format!(
            r#"{{"pipelineExecutionSummaries": [{{"pipelineExecutionId": "{id}", "status": "{status}",
                 "startTime": 1795255200, "trigger": {{"triggerType": "WebhookV2"}}}}] {next}}}"#
        );
        json("ListPipelineExecutions", 200, &body)
    };
    let mut script = listed("web");
    script.extend([json("GetPipelineState", 200, state), runs("2", "Failed", r#", "nextToken": "more""#)]);
    script.push(runs("1", "Succeeded", ""));
    let fake = FakeAws::start(script).await;
    // No check has to name the type: the table does.
    let found = read(&fake, &ScopeRequest::default(), "pipelines").await;
    let [pipeline] = found.pipelines.value().expect("read").as_slice() else { panic!("{:?}", found.pipelines) };
    let stages: Vec<_> = pipeline.stages.iter().map(|it| (it.stage_name.as_str(), it.status.as_deref())).collect();
    assert_eq!(stages, [("Source", Some("Succeeded")), ("Deploy", None)]);
    let runs: Vec<_> = pipeline.executions.iter().map(|it| (it.status.as_str(), it.trigger_type.as_deref())).collect();
    assert_eq!(runs, [("Failed", Some("WebhookV2")), ("Succeeded", Some("WebhookV2"))]);
    assert_eq!((pipeline.pipeline_name.as_str(), pipeline.region.as_str()), ("web", "us-east-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_that_could_not_be_listed_or_read_are_not_none() {
    let denied = r#"{"__type": "AccessDeniedException", "message": "no"}"#;
    let mut script = listed("web");
    script[2] = json("ListResources", 400, denied);
    let fake = FakeAws::start(script).await;
    let found = read(&fake, &ScopeRequest::default(), "pipelines").await;
    assert_eq!(found.pipelines.failure().expect("not listed").cause, Cause::Denied);

    let mut script = listed("web");
    script.push(json("GetPipelineState", 400, denied));
    let fake = FakeAws::start(script).await;
    let found = read(&fake, &ScopeRequest::default(), "pipelines").await;
    let gap = &found.gaps["pipelines"][0];
    assert_eq!((gap.failure.cause, gap.known["pipeline_name"].as_str()), (Cause::Denied, Some("web")));

    let mut script = listed("web");
    script.push(json("GetPipelineState", 400, r#"{"__type": "PipelineNotFoundException", "message": "gone"}"#));
    let fake = FakeAws::start(script).await;
    let found = read(&fake, &ScopeRequest::default(), "pipelines").await;
    assert!(found.pipelines.value().expect("read").is_empty() && found.gaps.is_empty(), "{:?}", found.pipelines);
}

const SETTINGS: &str = "<ConfigurationSettings><member><OptionSettings>\
    <member><Namespace>aws:elasticbeanstalk:application:environment</Namespace><OptionName>DATABASE</OptionName>\
    <Value>a-password</Value></member>\
    <member><Namespace>aws:elasticbeanstalk:command</Namespace><OptionName>DeploymentPolicy</OptionName>\
    <Value>Rolling</Value></member></OptionSettings></member></ConfigurationSettings>";

#[tokio::test(flavor = "multi_thread")]
async fn an_environment_tells_its_health_and_a_strangers_is_left_out() {
    let environment = |name: &str, health: &str| {
        format!(
            "<member><EnvironmentName>{name}</EnvironmentName><ApplicationName>shop</ApplicationName>\
             <Status>Ready</Status><Health>{health}</Health><HealthStatus>Severe</HealthStatus>\
             <VersionLabel>v2</VersionLabel><Tier><Name>WebServer</Name></Tier></member>"
        )
    };
    let described = |members: &[String], next: &str| {
        xml("DescribeEnvironments", &format!("<Environments>{}</Environments>{next}", members.concat()))
    };
    let mut script = listed("web");
    script.push(described(&[environment("other", "Green")], "<NextToken>more</NextToken>"));
    script.push(described(&[environment("web", "Red")], ""));
    script.push(xml("DescribeConfigurationSettings", SETTINGS));
    let fake = FakeAws::start(script).await;
    let found = read(&fake, &ScopeRequest::default(), "beanstalk_environments").await;
    let environments = found.beanstalk_environments.value().expect("read");
    let [web] = environments.as_slice() else { panic!("{environments:?}") };
    assert_eq!((web.environment_name.as_str(), web.status.as_str(), web.health.as_str()), ("web", "Ready", "Red"));
    assert_eq!((web.version_label.as_deref(), web.tier.as_deref()), (Some("v2"), Some("WebServer")));
    assert_eq!(web.deployment_policy.as_deref(), Some("Rolling"));
    assert!(!serde_json::to_string(&found).unwrap().contains("a-password"), "other settings are not kept");

    let mut script = listed("web");
    script.push(described(&[environment("web", "Green")], ""));
    script.push(query_error("DescribeConfigurationSettings", 403, "AccessDenied", "no"));
    let fake = FakeAws::start(script).await;
    let found = read(&fake, &ScopeRequest::default(), "beanstalk_environments").await;
    assert_eq!(found.beanstalk_environments.value().expect("read")[0].health, "Green");
    let gap = &found.gaps["beanstalk_environments"][0];
    assert_eq!((gap.failure.cause, gap.fields.as_slice()), (Cause::Denied, &["deployment_policy".to_owned()][..]));

    let mut script = listed("web");
    script.push(described(&["<member><EnvironmentName>web</EnvironmentName></member>".to_owned()], ""));
    let fake = FakeAws::start(script).await;
    let found = read(&fake, &ScopeRequest::default(), "beanstalk_environments").await;
    let failure = found.beanstalk_environments.failure().expect("a health that is not told is not red");
    assert_eq!(failure.cause, Cause::Malformed);

    let mut script = listed("web");
    script[2] = json("ListResources", 200, r#"{"ResourceDescriptions": []}"#);
    let fake = FakeAws::start(script).await;
    let found = read(&fake, &ScopeRequest::default(), "beanstalk_environments").await;
    assert!(found.beanstalk_environments.value().expect("read").is_empty());
    assert!(!fake.requests().iter().any(|body| body.contains("DescribeEnvironments")), "nobody else's are asked for");
}

/// CloudTrail's history: the same for each name, as the server cannot tell them apart.
fn history(events: &[(&str, &str, &str)]) -> Line {
    let rows: Vec<String> = events
        .iter()
        .map(|(id, name, instance)| {
            let record = format!(
                r#"{{\"requestParameters\": {{\"instancesSet\": {{\"items\": [{{\"instanceId\": \"{instance}\"}}]}}}}}}"#
            );
            format!(r#"{{"EventId": "{id}", "EventName": "{name}", "EventTime": {id}, "CloudTrailEvent": "{record}"}}"#)
        })
        .collect();
    json("LookupEvents", 200, &format!(r#"{{"Events": [{}]}}"#, rows.join(",")))
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_instances_that_are_gone_may_be_the_teams() {
    let events = [("1795255200", "StopInstances", "i-1"), ("1795255300", "TerminateInstances", "i-gone")];
    let fake = FakeAws::start(vec![identity(), instances(&["i-1"], ""), history(&events)]).await;
    let found = read(&fake, &ScopeRequest::default(), "instance_events").await;
    let names: Vec<_> =
        found.instance_events.value().expect("read").iter().map(|row| row.event_name.as_str()).collect();
    assert_eq!(names, ["TerminateInstances", "StopInstances"], "the account is the team's: newest first, each once");
    assert!(found.gaps.is_empty(), "{:?}", found.gaps);
    let asked = fake.requests();
    for name in ["RebootInstances", "StartInstances", "StopInstances", "TerminateInstances"] {
        let named = asked.iter().filter(|body| body.contains(&format!("\"AttributeValue\":\"{name}\""))).count();
        assert_eq!(named, 1, "{name} in {asked:?}");
    }

    let denied = json("LookupEvents", 400, r#"{"__type": "AccessDeniedException", "message": "no"}"#);
    let fake = FakeAws::start(vec![identity(), instances(&["i-1"], ""), denied]).await;
    let found = read(&fake, &ScopeRequest::default(), "instance_events").await;
    assert_eq!(found.instance_events.failure().expect("not known is not no").cause, Cause::Denied);
}
