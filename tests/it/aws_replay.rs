//! The demo's recorded AWS replies through the real SDK clients: no emulator, no network.

use std::collections::{BTreeMap, BTreeSet};

use stackmark::demo::aws_replay::{Recordings, serve};
use stackmark_aws::AwsAccess;
use stackmark_aws::collect;
use stackmark_collect::Limits;
use stackmark_collect::Silent;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading};

/// The tables that `tools/record_demo.py` records.
fn everything() -> BTreeSet<String> {
    let tables = [
        "scope",
        "instances",
        "security_groups",
        "vpcs",
        "subnets",
        "load_balancers",
        "listeners",
        "rules",
        "target_groups",
        "target_health",
        "auto_scaling_groups",
        "scaling_policies",
    ];
    tables.map(|table| format!("aws.{table}")).into()
}

fn tags(pairs: &[(&str, &str)]) -> ScopeRequest {
    let tags = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    ScopeRequest { tags, fallback_to_account: true, ..ScopeRequest::default() }
}

async fn read(team: &str, scope: &ScopeRequest) -> AwsEvidence {
    let server = serve(Recordings::of(team).unwrap()).await.unwrap();
    let access = AwsAccess {
        endpoint_url: Some(server.endpoint_url().to_owned()),
        expected_account: Some("123456789012".to_owned()),
        ..AwsAccess::default()
    };
    collect(&access, scope, &everything(), &Limits::default(), &Silent).await
}

async fn read_own(team: &str) -> AwsEvidence {
    read(team, &tags(&[("project", "log8415-a1"), ("team", team)])).await
}

fn rows<T>(reading: &Reading<Vec<T>>) -> &[T] {
    match reading {
        Reading::Observed { value } => value,
        Reading::Absent { note } => panic!("absent: {note}"),
        Reading::Unreadable(failure) => panic!("{failure}"),
    }
}

fn kinds(evidence: &AwsEvidence) -> BTreeMap<&str, usize> {
    let mut kinds = BTreeMap::new();
    for instance in rows(&evidence.instances) {
        *kinds.entry(instance.instance_type.as_str()).or_default() += 1;
    }
    kinds
}

fn zones(evidence: &AwsEvidence) -> BTreeSet<&str> {
    rows(&evidence.instances).iter().map(|instance| instance.availability_zone.as_str()).collect()
}

fn paths(evidence: &AwsEvidence) -> Vec<&str> {
    rows(&evidence.rules).iter().flat_map(|rule| &rule.path_patterns).map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn falcon_has_all_that_is_asked() {
    let falcon = read_own("falcon").await;
    assert_eq!(falcon.caller.value().unwrap().account, "123456789012");
    assert_eq!(kinds(&falcon), BTreeMap::from([("m4.large", 5), ("t2.large", 4)]));
    assert_eq!(zones(&falcon).len(), 5);
    let balancer = &rows(&falcon.load_balancers)[0];
    assert_eq!((balancer.scheme.as_str(), balancer.state.as_str()), ("internet-facing", "active"));
    assert!(balancer.dns_name.starts_with("falcon-alb"), "{}", balancer.dns_name);
    assert_eq!(paths(&falcon), ["/cluster1", "/cluster2"]);
    assert_eq!(rows(&falcon.target_health).len(), 9);
    let scope = falcon.scope.value().unwrap();
    assert_eq!((scope.tagged, scope.taggable), (13, 13));
}

#[tokio::test(flavor = "multi_thread")]
async fn heron_is_complete_in_one_zone() {
    let heron = read_own("heron").await;
    assert_eq!(kinds(&heron), BTreeMap::from([("m4.large", 5), ("t2.large", 4)]));
    assert_eq!(zones(&heron), BTreeSet::from(["us-east-1a"]));
    assert_eq!(paths(&heron), ["/cluster1", "/cluster2"]);
    assert!(rows(&heron.load_balancers)[0].dns_name.starts_with("heron-alb"));
}

#[tokio::test(flavor = "multi_thread")]
async fn osprey_is_half_broken_and_half_untagged() {
    let osprey = read_own("osprey").await;
    assert_eq!(kinds(&osprey), BTreeMap::from([("m4.large", 5), ("t2.large", 3)]));
    assert_eq!(paths(&osprey), ["/cluster1"]);
    let second = &rows(&osprey.target_groups)[1];
    assert_eq!((second.target_group_name.as_str(), second.health_check_path.as_deref()), ("osprey-2", Some("/")));
    let unhealthy: Vec<_> = rows(&osprey.target_health).iter().filter(|target| target.state == "unhealthy").collect();
    assert_eq!(unhealthy.len(), 1);
    assert_eq!(unhealthy[0].reason.as_deref(), Some("Target.ResponseCodeMismatch"));
    let web = rows(&osprey.security_groups).iter().find(|group| group.group_name == "osprey-web").unwrap();
    let open: Vec<_> = web.ingress.iter().map(|rule| (rule.ip_protocol.as_str(), rule.from_port)).collect();
    assert_eq!(open, [("-1", None), ("tcp", Some(22))]);
    let scope = osprey.scope.value().unwrap();
    assert_eq!((scope.tagged, scope.taggable), (6, 12));
    assert_eq!(scope.found_by["instances"], "related");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_scopes_of_the_same_account_are_recorded_too() {
    let by_team = read("osprey", &tags(&[("team", "osprey")])).await;
    assert_eq!(rows(&by_team.instances).len(), 8);
    let account = read("osprey", &ScopeRequest::default()).await;
    assert_eq!(rows(&account.instances).len(), 8);
    assert_eq!(rows(&account.subnets).len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_recorded_is_an_error_and_not_an_empty_list() {
    let other = read("falcon", &tags(&[("team", "somebody-else")])).await;
    let failure = other.instances.failure().unwrap();
    assert_eq!(failure.cause, Cause::Malformed);
    assert!(failure.detail.contains("no reply is recorded for DescribeInstances"), "{failure}");
}
