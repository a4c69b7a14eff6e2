//! What the emulator cannot show, from scripted replies: Cloud Control, activities, metrics, and the preflight.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

use crate::support::fake_aws::{FakeAws, Line, Reply, ec2_error, identity, instances, query_error};
use stackmark_aws::AwsAccess;
use stackmark_aws::doctor::{SessionEnd, examine};
use stackmark_aws::{collect, counted, operations_for};
use stackmark_collect::Limits;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::closed::TargetFrom;
use stackmark_evidence::http::{Counted, Target};
use stackmark_evidence::load::Load;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading};

fn wanted(tables: &[&str]) -> BTreeSet<String> {
    tables.iter().map(|table| format!("aws.{table}")).collect()
}

fn at(endpoint: &str) -> AwsAccess {
    AwsAccess { endpoint_url: Some(endpoint.to_owned()), ..AwsAccess::default() }
}

async fn read(fake: &FakeAws, scope: &ScopeRequest, wanted: &BTreeSet<String>) -> AwsEvidence {
    collect(&at(&fake.endpoint), scope, wanted, &Limits::default(), &Silent).await
}

fn rows<T>(reading: &Reading<Vec<T>>) -> &[T] {
    match reading {
        Reading::Observed { value } => value,
        Reading::Absent { note } => panic!("absent: {note}"),
        Reading::Unreadable(failure) => panic!("{failure}"),
    }
}

fn tables_of(team: &str) -> ScopeRequest {
    ScopeRequest {
        tags: [("team".to_owned(), team.to_owned())].into(),
        resource_types: ["AWS::DynamoDB::Table".to_owned()].into(),
        ..ScopeRequest::default()
    }
}

fn json(action: &'static str, status: u16, body: &str) -> Line {
    (action, Reply::Json(status, body.to_owned()))
}

fn tagged(names: &[&str]) -> Line {
    let rows: Vec<String> = names
        .iter()
        .map(|name| {
            format!(
                r#"{{"ResourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/{name}",
                     "Tags": [{{"Key": "team", "Value": "{}"}}]}}"#,
                name.split('-').next().unwrap()
            )
        })
        .collect();
    let body = format!(r#"{{"ResourceTagMappingList": [{}], "PaginationToken": ""}}"#, rows.join(","));
    json("GetResources", 200, &body)
}

fn page(names: &[&str], next: &str) -> Line {
    let rows: Vec<String> =
        names.iter().map(|name| format!(r#"{{"Identifier": "{name}", "Properties": "{{}}"}}"#)).collect();
    let next = if next.is_empty() { "null".to_owned() } else { format!("\"{next}\"") };
    let body = format!(r#"{{"ResourceDescriptions": [{}], "NextToken": {next}}}"#, rows.join(","));
    json("ListResources", 200, &body)
}

#[tokio::test(flavor = "multi_thread")]
async fn cloud_control_tells_what_there_is_and_the_tagging_api_whose_it_is() {
    let properties = r#"{"ResourceDescription": {"Identifier": "x",
        "Properties": "{\"BillingMode\": \"PAY_PER_REQUEST\", \"SSESpecification\": {\"SSEEnabled\": true}}"}}"#;
    let fake = FakeAws::start(vec![
        identity(),
        tagged(&["heron-items", "heron-deleted", "decoy-items"]),
        page(&["heron-items"], "more"),
        page(&[], "last"),
        page(&["decoy-items", "untagged"], ""),
        json("GetResource", 200, properties),
    ])
    .await;
    let heron = read(&fake, &tables_of("heron"), &wanted(&["resources"])).await;
    let [items] = rows(&heron.resources) else { panic!("{:?}", heron.resources) };
    assert_eq!(items.arn, "arn:aws:dynamodb:us-east-1:123456789012:table/heron-items");
    assert_eq!((items.service.as_str(), items.found_by.as_str()), ("dynamodb", "cloudcontrol"));
    assert_eq!(items.properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(items.properties["SSESpecification"]["SSEEnabled"], true);
    assert_eq!(items.region, "us-east-1");
    assert_eq!(heron.calls["cloudformation:ListResources"], 3, "through an empty page");

    let everybody = ScopeRequest { tags: Default::default(), ..tables_of("heron") };
    let fake = FakeAws::start(vec![
        identity(),
        tagged(&["heron-items"]),
        page(&["heron-items", "untagged"], ""),
        json("GetResource", 200, properties),
    ])
    .await;
    let all = read(&fake, &everybody, &wanted(&["resources"])).await;
    let names: Vec<_> = rows(&all.resources).iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["heron-items", "untagged"], "what never had a tag is found too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_cloud_control_cannot_list_is_known_by_its_tags() {
    let cannot = r#"{"__type": "UnsupportedActionException", "message": "no LIST"}"#;
    let lines = vec![identity(), tagged(&["heron-items", "decoy-items"]), json("ListResources", 400, cannot)];
    let fake = FakeAws::start(lines).await;
    let heron = read(&fake, &tables_of("heron"), &wanted(&["resources"])).await;
    let [items] = rows(&heron.resources) else { panic!("{:?}", heron.resources) };
    assert_eq!((items.name.as_str(), items.found_by.as_str()), ("heron-items", "tagging"));
    assert!(items.properties.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_nobody_can_list_is_a_gap_and_not_an_empty_table() {
    let cannot = r#"{"__type": "UnsupportedActionException", "message": "no LIST"}"#;
    let types: BTreeSet<String> = ["AWS::CodeBuild::Project", "AWS::DynamoDB::Table"].map(str::to_owned).into();
    let properties = r#"{"ResourceDescription": {"Identifier": "x", "Properties": "{}"}}"#;
    let lines = || {
        vec![
            identity(),
            tagged(&["heron-items"]),
            json("ListResources", 400, cannot),
            page(&["heron-items"], ""),
            json("GetResource", 200, properties),
        ]
    };
    // Without a tag filter, a project that never had a tag would count, and nobody can see one.
    let fake = FakeAws::start(lines()).await;
    let everybody = ScopeRequest { tags: Default::default(), resource_types: types.clone(), ..tables_of("heron") };
    let all = read(&fake, &everybody, &wanted(&["resources"])).await;
    assert_eq!(rows(&all.resources).len(), 1, "the table that could be listed stands");
    let gap = &all.resource_gaps["AWS::CodeBuild::Project"];
    assert_eq!(gap.cause, Cause::NotCollected);
    assert!(gap.detail.contains("AWS::CodeBuild::Project: Cloud Control cannot list"), "{gap}");
    // With one, what has no tags is not the team's.
    let fake = FakeAws::start(lines()).await;
    let heron =
        read(&fake, &ScopeRequest { resource_types: types, ..tables_of("heron") }, &wanted(&["resources"])).await;
    assert!(heron.resource_gaps.is_empty(), "{:?}", heron.resource_gaps);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_that_cloud_control_misses_itself_is_named() {
    let denied = r#"{"__type": "AccessDeniedException",
        "message": "User: arn:aws:iam::1:user/m is not authorized to perform: dynamodb:ListTables on resource: *"}"#;
    let lines = vec![identity(), tagged(&[]), json("ListResources", 400, denied)];
    let fake = FakeAws::start(lines).await;
    let heron = read(&fake, &tables_of("heron"), &wanted(&["resources", "instances"])).await;
    let failure = heron.resources.failure().unwrap();
    assert_eq!(failure.cause, Cause::Denied);
    assert!(failure.detail.contains("missing permission: dynamodb:ListTables"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_come_newest_first_over_all_pages() {
    let groups = "<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>\
                  <AutoScalingGroupName>web</AutoScalingGroupName><MinSize>1</MinSize><MaxSize>2</MaxSize>\
                  <DesiredCapacity>1</DesiredCapacity></member></AutoScalingGroups></DescribeAutoScalingGroupsResult>\
                  </DescribeAutoScalingGroupsResponse>";
    let activities = |id: &str, day: u32, next: &str| {
        let body = format!(
            "<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities><member>\
             <ActivityId>{id}</ActivityId><AutoScalingGroupName>web</AutoScalingGroupName>\
             <StatusCode>Successful</StatusCode><Cause>an alarm</Cause>\
             <StartTime>2026-11-{day:02}T10:00:00Z</StartTime></member></Activities>{next}\
             </DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>"
        );
        ("DescribeScalingActivities", Reply::Xml(200, body))
    };
    let fake = FakeAws::start(vec![
        identity(),
        ("DescribeAutoScalingGroups", Reply::Xml(200, groups.to_owned())),
        activities("a", 1, "<NextToken>more</NextToken>"),
        activities("b", 2, ""),
    ])
    .await;
    let evidence = read(&fake, &ScopeRequest::default(), &wanted(&["scaling_activities"])).await;
    let ids: Vec<_> = rows(&evidence.scaling_activities).iter().map(|row| row.activity_id.as_str()).collect();
    assert_eq!(ids, ["b", "a"]);
    assert_eq!(rows(&evidence.scaling_activities)[1].start_time.as_deref(), Some("2026-11-01T10:00:00Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_put_together_from_their_parts() {
    let newer = "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers><member>\
                 <LoadBalancerArn>arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0a1b</LoadBalancerArn>\
                 <LoadBalancerName>web</LoadBalancerName></member></LoadBalancers></DescribeLoadBalancersResult>\
                 </DescribeLoadBalancersResponse>";
    let tags =
        "<DescribeTagsResponse><DescribeTagsResult><TagDescriptions/></DescribeTagsResult></DescribeTagsResponse>";
    let part = |minute: u32, value: u32, next: &str| {
        let body = format!(
            "<GetMetricDataResponse><GetMetricDataResult><MetricDataResults><member><Id>q0</Id>\
             <Timestamps><member>2026-11-21T10:{minute:02}:00Z</member></Timestamps>\
             <Values><member>{value}</member></Values></member></MetricDataResults>{next}\
             </GetMetricDataResult></GetMetricDataResponse>"
        );
        ("GetMetricData", Reply::Xml(200, body))
    };
    let fake = FakeAws::start(vec![
        identity(),
        ("DescribeLoadBalancers", Reply::Xml(200, newer.to_owned())),
        ("DescribeTags", Reply::Xml(200, tags.to_owned())),
        part(0, 12, "<NextToken>more</NextToken>"),
        part(5, 30, ""),
    ])
    .await;
    let evidence = read(&fake, &ScopeRequest::default(), &wanted(&["metrics"])).await;
    let requests = &rows(&evidence.metrics)[0];
    assert_eq!((requests.load_balancer.as_str(), requests.metric_name.as_str()), ("web", "RequestCount"));
    let values: Vec<_> = requests.points.iter().map(|point| (point.timestamp.as_str(), point.value)).collect();
    assert_eq!(values, [("2026-11-21T10:00:00Z", 12.0), ("2026-11-21T10:05:00Z", 30.0)]);
    let asked = fake.requests().into_iter().find(|body| body.contains("Action=GetMetricData")).unwrap();
    assert!(asked.contains("app%2Fweb%2F0a1b") && asked.contains("AWS%2FApplicationELB"), "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_that_nobody_asks_for_hide_no_load_balancer() {
    let listed = "<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers><member>\
                  <LoadBalancerArn>arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0a1b</LoadBalancerArn>\
                  <LoadBalancerName>web</LoadBalancerName></member></LoadBalancers></DescribeLoadBalancersResult>\
                  </DescribeLoadBalancersResponse>";
    let listed = ("DescribeLoadBalancers", Reply::Xml(200, listed.to_owned()));
    let denied = query_error("DescribeTags", 403, "AccessDenied", "no");
    let fake = FakeAws::start(vec![identity(), listed, denied]).await;
    let evidence = read(&fake, &ScopeRequest::default(), &wanted(&["load_balancers"])).await;
    assert_eq!(rows(&evidence.load_balancers)[0].load_balancer_name, "web");
    let gap = &evidence.gaps["load_balancers"][0];
    assert_eq!((gap.fields.as_slice(), gap.failure.cause), (["tags".to_owned()].as_slice(), Cause::Denied));
}

/// A load of 200 answered requests that ended so many seconds ago, against a load balancer of this kind.
async fn counted_of(fake: &FakeAws, kind: &str, ago: i64, wait: Duration) -> Reading<Counted> {
    let load: Reading<Load> = serde_json::from_str(include_str!("../checks/load.json")).unwrap();
    let moment = jiff::Timestamp::from_second(jiff::Timestamp::now().as_second() - ago).unwrap().to_string();
    let load = load.map(|load| Load { begun: moment.clone(), ended: moment, ..load });
    let target = Reading::observed(Target {
        url: "http://web.example.com".to_owned(),
        from: TargetFrom::LoadBalancer,
        load_balancer_arn: Some(format!(
            "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/{kind}/web/0a1b"
        )),
        listener_arn: None,
        load_balancers: 1,
        note: None,
        resolved_to: None,
    });
    let settings = Settings { wait_metrics: wait, ..Settings::default() };
    let loads = BTreeMap::from([("/ ×200".to_owned(), load)]);
    counted(&at(&fake.endpoint), &ScopeRequest::default(), &target, &loads, &settings, &Silent).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_may_still_grow_is_waited_for_or_unreadable_never_small() {
    let count = |value: u32| {
        let body = format!(
            "<GetMetricDataResponse><GetMetricDataResult><MetricDataResults><member><Id>requests</Id><Timestamps>\
             <member>2026-11-21T10:00:00Z</member><member>2026-11-21T10:01:00Z</member></Timestamps>\
             <Values><member>{value}</member><member>20</member></Values></member></MetricDataResults>\
             </GetMetricDataResult></GetMetricDataResponse>"
        );
        ("GetMetricData", Reply::Xml(200, body))
    };
    let fake = FakeAws::start(vec![count(30)]).await;
    let early = counted_of(&fake, "app", 0, Duration::ZERO).await;
    let failure = early.failure().expect("too early");
    assert_eq!(failure.cause, Cause::Timeout);
    assert!(failure.detail.contains("had counted 50 of 200 requests"), "{}", failure.detail);
    assert!(failure.detail.contains("--wait-metrics"), "{}", failure.detail);
    assert_eq!(fake.requests().len(), 1);

    let settled = counted_of(&fake, "app", 900, Duration::ZERO).await;
    let settled = settled.value().expect("a count that grows no more");
    assert_eq!((settled.counted, settled.answered, settled.load_balancer.as_deref()), (50, 200, Some("web")));

    let fake = FakeAws::start(vec![count(0), count(100), count(181)]).await;
    let waited = counted_of(&fake, "app", 0, Duration::from_secs(2)).await;
    assert_eq!(waited.value().expect("in the end").counted, 201);
    let asked = fake.requests();
    assert_eq!(asked.len(), 3);
    assert!(asked[0].contains("app%2Fweb%2F0a1b") && asked[0].contains("Period=60"), "{}", asked[0]);

    let network = counted_of(&fake, "net", 0, Duration::ZERO).await;
    assert_eq!(network.value().expect("nothing to count").load_balancer, None);
    assert_eq!(fake.requests().len(), 3, "nothing is asked of what counts no requests");
}

#[test]
fn a_rubric_that_counts_allows_itself_to() {
    let plan = stackmark_plan::Plan { readings: BTreeSet::from(["http.counted".to_owned()]), ..Default::default() };
    let wanted = stackmark_class::schedule::aws_readings(&plan, None);
    assert!(operations_for(&wanted, &plan.scope).contains("cloudwatch:GetMetricData"));
}

fn simulated(decisions: &[(&str, &str)]) -> Line {
    let members: String = decisions
        .iter()
        .map(|(action, decision)| {
            format!(
                "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>\
                 <EvalDecision>{decision}</EvalDecision></member>"
            )
        })
        .collect();
    let body = format!(
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{members}\
         </EvaluationResults><IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult>\
         </SimulatePrincipalPolicyResponse>"
    );
    ("SimulatePrincipalPolicy", Reply::Xml(200, body))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preflight_tells_what_is_missing_and_what_is_too_much() {
    let fake = FakeAws::start(vec![
        identity(),
        instances(&["i-1"], ""),
        ec2_error("DescribeVpcs", 403, "UnauthorizedOperation", "no"),
        simulated(&[
            ("ec2:DescribeInstances", "allowed"),
            ("ec2:DescribeInstanceAttribute", "implicitDeny"),
            ("ec2:DescribeVpcs", "explicitDeny"),
        ]),
        simulated(&[("ec2:TerminateInstances", "allowed"), ("s3:PutObject", "implicitDeny")]),
    ])
    .await;
    let wanted = wanted(&["instances", "vpcs"]);
    let found = examine(&at(&fake.endpoint), &ScopeRequest::default(), &wanted, &Limits::default(), &Silent).await;
    assert_eq!(found.session, SessionEnd::Never);
    assert_eq!((found.tried, found.unread.len()), (2, 1));
    assert_eq!(found.missing["ec2:DescribeVpcs"], ["aws.vpcs"]);
    assert_eq!(rows(&found.writes), ["ec2:TerminateInstances"]);
    let sent: Vec<String> = fake.requests();
    assert!(
        sent.iter()
            .all(|body| ["Get", "Describe", "Simulate"].iter().any(|word| body.starts_with(&format!("Action={word}")))),
        "{sent:?}"
    );

    let denied = query_error("SimulatePrincipalPolicy", 403, "AccessDenied", "no");
    let fake = FakeAws::start(vec![identity(), instances(&[], ""), denied]).await;
    let only = BTreeSet::from(["aws.instances".to_owned()]);
    let found = examine(&at(&fake.endpoint), &ScopeRequest::default(), &only, &Limits::default(), &Silent).await;
    assert!(found.missing.is_empty() && found.unread.is_empty(), "{found:?}");
    assert_eq!(found.writes.failure().unwrap().cause, Cause::Denied, "not known is not no");
}

#[tokio::test(flavor = "multi_thread")]
async fn subnets_of_networks_that_were_denied_are_not_taken_for_none() {
    let none = "<DescribeSubnetsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><subnetSet/></DescribeSubnetsResponse>";
    let fake = FakeAws::start(vec![
        identity(),
        instances(&[], ""),
        ec2_error("DescribeVpcs", 403, "UnauthorizedOperation", "no"),
        ("DescribeSubnets", Reply::Xml(200, none.to_owned())),
    ])
    .await;
    let found = read(&fake, &tables_of("heron"), &wanted(&["vpcs", "subnets"])).await;
    assert_eq!(found.vpcs.failure().unwrap().cause, Cause::Denied);
    let failure = &found.gaps["subnets"][0].failure;
    assert_eq!(rows(&found.subnets), [], "an untagged subnet may be in the team's network");
    assert!(failure.cause == Cause::Denied && failure.detail.contains("cannot be told"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preflight_command_names_the_account_and_ends_with_what_it_found() {
    let fake =
        FakeAws::start(vec![identity(), query_error("SimulatePrincipalPolicy", 403, "AccessDenied", "no")]).await;
    let folder = tempfile::tempdir().unwrap();
    let roster = folder.path().join("roster.toml");
    std::fs::write(
        &roster,
        format!(
            "rubric = \"log8415-a1\"\n[aws]\nendpoint_url = \"{}\"\naccount = \"999999999999\"\n[[team]]\nid = \"heron\"\n\
             repository = \"x\"\n[[team.member]]\nname = \"Ada Rivers\"\n",
            fake.endpoint
        ),
    )
    .unwrap();
    let run = move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
        command.env_clear().env("HOME", folder.path()).args(["doctor", "--roster"]).arg(&roster);
        command.output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(text.contains("123456789012, and the roster expects 999999999999"), "{text}");
    assert!(text.contains("caller    arn:aws:iam::123456789012:user/marker"), "{text}");
    assert!(text.contains("writes    not known: refused"), "{text}");
    let sent = fake.requests();
    assert!(sent.iter().all(|body| body.starts_with("Action=GetCallerIdentity")), "somebody else's account: {sent:?}");
}

#[test]
fn the_policy_allows_what_the_rubric_reads_and_nothing_else() {
    let output = Command::new(env!("CARGO_BIN_EXE_stackmark")).args(["policy", "log8415-a1"]).output().unwrap();
    let policy: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
    let [statement] = policy["Statement"].as_array().unwrap().as_slice() else { panic!("{policy}") };
    let actions: Vec<_> = statement["Action"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    assert!(actions.is_sorted() && actions.contains(&"ec2:DescribeInstances"), "{actions:?}");
    let reads = |action: &&str| ["Describe", "Get", "List"].iter().any(|word| action.contains(&format!(":{word}")));
    assert!(actions.iter().all(|action| reads(action) && !action.contains('*')), "{actions:?}");

    let types = ["AWS::SNS::Topic".to_owned()].into();
    let scope = ScopeRequest { resource_types: types, ..ScopeRequest::default() };
    let actions = operations_for(&wanted(&["resources"]), &scope);
    assert!(actions.contains("sns:ListTopics") && actions.contains("tag:GetResources"), "{actions:?}");
    let ends = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_stackmark")).arg("policy").args(arguments).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains("autoscaling:TerminateInstanceInAutoScalingGroup")
    };
    assert!(ends(&["live-stack", "--allow-disruptive"]));
    assert!(!ends(&["live-stack"]) && !ends(&["log8415-a1", "--allow-disruptive"]));
    let none = Command::new(env!("CARGO_BIN_EXE_stackmark")).args(["policy", "repository"]).output().unwrap();
    assert!(none.stdout.is_empty() && none.status.success());
}
