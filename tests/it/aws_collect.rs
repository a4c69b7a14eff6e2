//! The AWS collector against a moto server, and against servers that misbehave.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::support::fake_aws::{FakeAws, Reply, ec2_error, identity, instances, query_error};
use crate::support::moto::Moto;
use stackmark_aws::AwsAccess;
use stackmark_aws::{Connection, collect, collect_over};
use stackmark_collect::Limits;
use stackmark_collect::Silent;
use stackmark_evidence::aws::{AwsEvidence, Instance, Missing};
use stackmark_evidence::paths::READING_PATHS;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading};

/// All that the emulator has: it knows no history of events, and is asked again and again for what it does not know.
fn everything() -> BTreeSet<String> {
    let paths = READING_PATHS.iter().map(|known| known.path.to_owned());
    let of_events = ["aws.instance_events", "aws.stack_deletions"];
    paths.filter(|path| path.starts_with("aws.") && !of_events.contains(&path.as_str())).collect()
}

fn wanted(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

fn account() -> ScopeRequest {
    ScopeRequest::default()
}

fn team(name: &str) -> ScopeRequest {
    let tags = [("project", "log8415-a1"), ("team", name)];
    let tags = tags.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    ScopeRequest { tags, ..ScopeRequest::default() }
}

fn at(endpoint: &str) -> AwsAccess {
    AwsAccess { endpoint_url: Some(endpoint.to_owned()), ..AwsAccess::default() }
}

fn quick() -> Limits {
    Limits { aws_time: Duration::from_secs(2), ..Limits::default() }
}

async fn read(endpoint: &str, scope: &ScopeRequest, wanted: &BTreeSet<String>) -> AwsEvidence {
    collect(&at(endpoint), scope, wanted, &Limits::default(), &Silent).await
}

fn rows<T>(reading: &Reading<Vec<T>>) -> &[T] {
    match reading {
        Reading::Observed { value } => value,
        Reading::Absent { note } => panic!("absent: {note}"),
        Reading::Unreadable(failure) => panic!("{failure}"),
    }
}

fn kinds(instances: &[Instance]) -> BTreeMap<&str, usize> {
    let mut kinds = BTreeMap::new();
    for instance in instances {
        *kinds.entry(instance.instance_type.as_str()).or_default() += 1;
    }
    kinds
}

/// Cause and detail of a reading that failed.
fn failed<T: std::fmt::Debug>(reading: &Reading<T>) -> (Cause, &str) {
    let failure = reading.failure().unwrap_or_else(|| panic!("was read: {reading:?}"));
    (failure.cause, &failure.detail)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teams_stack_is_told_from_its_neighbours() {
    let moto = Moto::with(&["three_stacks"]);

    let heron = read(moto.endpoint(), &team("heron"), &everything()).await;
    assert_eq!(heron.caller.value().unwrap().account, "123456789012");
    // Nine of its own, and two that its scaling group started without passing the tags on.
    assert_eq!(kinds(rows(&heron.instances)), BTreeMap::from([("m4.large", 5), ("t2.large", 4), ("t2.micro", 2)]));
    let balancer = &rows(&heron.load_balancers)[0];
    assert_eq!(rows(&heron.load_balancers).len(), 1);
    assert_eq!(balancer.load_balancer_name, "heron-alb");
    assert_eq!((balancer.kind.as_str(), balancer.scheme.as_str()), ("application", "internet-facing"));
    assert!(balancer.dns_name.contains("heron-alb"), "{}", balancer.dns_name);
    assert_eq!(rows(&heron.listeners).len(), 1);
    assert_eq!((rows(&heron.listeners)[0].protocol.as_str(), rows(&heron.listeners)[0].port), ("HTTP", 80));
    let paths: Vec<_> = rows(&heron.rules).iter().map(|rule| rule.path_patterns.join(",")).collect();
    assert_eq!(paths, ["/cluster1", "/cluster2", ""], "the default rule comes last");
    assert!(rows(&heron.rules)[2].is_default);
    let groups: Vec<_> = rows(&heron.target_groups).iter().map(|group| group.target_group_name.as_str()).collect();
    assert_eq!(groups, ["heron-1", "heron-2"]);
    let second = &rows(&heron.target_groups)[1];
    assert_eq!(second.health_check_path.as_deref(), Some("/cluster2"));
    assert_eq!(rows(&heron.rules)[1].actions[0].target_group_arns, std::slice::from_ref(&second.target_group_arn));
    assert_eq!(rows(&heron.target_health).len(), 9);
    assert!(rows(&heron.target_health).iter().all(|target| target.state == "healthy"));
    let scaling = &rows(&heron.auto_scaling_groups)[0];
    assert_eq!((scaling.min_size, scaling.max_size, scaling.desired_capacity), (2, 5, 2));
    assert_eq!(scaling.launch_template.as_deref(), Some("heron-scaling"));
    assert_eq!(scaling.launch_template_version.as_deref(), Some("$Latest"));
    assert_eq!((&scaling.override_instance_types, &scaling.suspended_processes), (&Some(vec![]), &Some(vec![])));
    let policy = &rows(&heron.scaling_policies)[0];
    assert_eq!(policy.predefined_metric_type.as_deref(), Some("ASGAverageCPUUtilization"));
    assert_eq!(policy.target_value, Some(60.0));
    let web = rows(&heron.security_groups).iter().find(|group| group.group_name == "heron-web").unwrap();
    assert_eq!((web.ingress[0].from_port, web.ingress[0].cidr.as_deref()), (Some(80), Some("0.0.0.0/0")));
    assert!(rows(&heron.vpcs)[0].is_default);
    assert_eq!(rows(&heron.subnets).len(), 5, "the untagged default subnets that it is in");

    let scope = heron.scope.value().unwrap();
    // 9 + 2 instances, 1 load balancer, 2 target groups, 1 scaling group, 1 security group.
    assert_eq!((scope.tagged, scope.taggable), (14, 16));
    assert_eq!(scope.untagged.len(), 2);
    assert_eq!(scope.found_by["load_balancers"], "tags");
    assert_eq!(scope.found_by["instances"], "related");
    assert_eq!(scope.found_by["rules"], "tags");
    assert_eq!(scope.found_by["subnets"], "related");

    let again = read(moto.endpoint(), &team("heron"), &everything()).await;
    assert_eq!(heron, again, "two readings of one stack are the same");

    let nobody = read(moto.endpoint(), &team("nobody"), &everything()).await;
    assert_eq!(rows(&nobody.instances), []);
    assert_eq!(rows(&nobody.rules), []);
    assert_eq!(nobody.scope.value().unwrap().taggable, 0);

    let fallback = ScopeRequest { fallback_to_account: true, ..team("nobody") };
    let all = read(moto.endpoint(), &fallback, &everything()).await;
    // What other teams' tags name earns this one nothing, and a person may say that it is theirs, wrongly tagged.
    assert!(rows(&all.instances).iter().all(|row| !row.tags.contains_key("team")));
    for (table, of, sure) in
        [("instances", 29, rows(&all.instances).len()), ("load_balancers", 3, rows(&all.load_balancers).len())]
    {
        let doubtful = &all.gaps[table];
        assert!(doubtful.iter().all(|gap| gap.failure.detail.contains("name somebody else")), "{doubtful:?}");
        assert_eq!(sure + doubtful.len(), of, "{table}");
    }
    let counts = &all.gaps["scope"][0];
    assert_eq!(counts.failure.cause, Cause::Refused, "how much is tagged hangs on whose it is");
    assert_eq!(counts.fields, ["tagged", "taggable", "untagged"]);
    assert_eq!(all.scope.value().unwrap().tags, fallback.tags, "what was looked for does not");
    let defaults = rows(&all.security_groups).iter().filter(|group| group.group_name == "default").count();
    assert_eq!(defaults, 1, "the default group is kept");

    let fallback = ScopeRequest { fallback_to_account: true, ..team("heron") };
    let own = read(moto.endpoint(), &fallback, &everything()).await;
    assert_eq!(rows(&own.load_balancers).len(), 1, "no fallback where something carries the tags");

    let bare = read(moto.endpoint(), &account(), &wanted(&["aws.rules"])).await;
    assert_eq!(rows(&bare.rules).len(), 9);
    assert_eq!(failed(&bare.load_balancers).0, Cause::NotCollected);
    let asked: Vec<_> = bare.calls.keys().map(String::as_str).collect();
    assert_eq!(
        asked,
        [
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "sts:GetCallerIdentity"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn untagged_resources_are_found_through_a_tagged_load_balancer() {
    let moto = Moto::with(&["tagged_balancer"]);
    let heron = read(moto.endpoint(), &team("heron"), &everything()).await;
    assert_eq!(rows(&heron.load_balancers).len(), 1);
    let groups: Vec<_> = rows(&heron.target_groups).iter().map(|group| group.target_group_name.as_str()).collect();
    assert_eq!(groups, ["mine"], "the other team's group is behind it, and theirs");
    assert_eq!(rows(&heron.instances).len(), 2);
    assert_eq!(rows(&heron.target_health).len(), 2);
    let scope = heron.scope.value().unwrap();
    assert_eq!((scope.tagged, scope.taggable), (1, 5));
    assert_eq!(scope.found_by["target_groups"], "related");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_in_front_of_another_one_belongs_with_it() {
    let moto = Moto::with(&["balancer_before_balancer"]);
    let heron = read(moto.endpoint(), &team("heron"), &everything()).await;
    let names: BTreeSet<_> = rows(&heron.load_balancers).iter().map(|row| row.load_balancer_name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["front", "inner"]), "the one in front carries no tags");
    let names: BTreeSet<_> = rows(&heron.target_groups).iter().map(|row| row.target_group_name.as_str()).collect();
    assert_eq!(names, BTreeSet::from(["mine", "to-inner"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_more_never_finds_less() {
    let fallback = ScopeRequest { fallback_to_account: true, ..team("heron") };
    for scenario in ["bare", "bare_machines"] {
        let moto = Moto::with(&[scenario]);
        // None, the first, some, all but one, all.
        let mut before = 0;
        for tagged in [0, 1, 4, 8, 9] {
            moto.seed(&vec!["tag_one_more"; tagged - before]);
            before = tagged;
            let found = read(moto.endpoint(), &fallback, &everything()).await;
            assert_eq!(rows(&found.instances).len(), 9, "{scenario}, {tagged} tagged");
            let groups = if scenario == "bare" { 2 } else { 0 };
            assert_eq!(rows(&found.target_groups).len(), groups, "{scenario}, {tagged} tagged");
            assert_eq!(found.scope.value().unwrap().tagged, tagged as u64);
        }
    }
    // What is tagged of one kind takes nothing from another.
    let moto = Moto::with(&["bare", "tagged_bucket"]);
    let found = read(moto.endpoint(), &fallback, &everything()).await;
    assert_eq!((rows(&found.instances).len(), rows(&found.buckets).len()), (9, 1));
    assert_eq!(found.scope.value().unwrap().found_by["instances"], "account");
    assert_eq!(found.scope.value().unwrap().found_by["buckets"], "tags");
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_by_address_lead_to_their_instances() {
    let moto = Moto::with(&["by_address"]);
    let found = read(moto.endpoint(), &team("heron"), &everything()).await;
    assert_eq!((rows(&found.target_groups).len(), rows(&found.target_health).len()), (1, 2));
    assert_eq!(rows(&found.instances).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_that_nearly_match_are_seen_through_and_told() {
    let moto = Moto::with(&["slip"]);
    let found = read(moto.endpoint(), &team("heron"), &everything()).await;
    assert_eq!((rows(&found.instances).len(), rows(&found.load_balancers).len()), (9, 1));
    let scope = found.scope.value().unwrap();
    assert_eq!(scope.meant["Team"], "heron ");
    assert_eq!((scope.tagged, scope.found_by["instances"].as_str()), (0, "tags"));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_are_read() {
    let moto = Moto::with(&["many"]);
    let wanted = wanted(&["aws.load_balancers", "aws.target_groups"]);
    let evidence = read(moto.endpoint(), &account(), &wanted).await;
    assert_eq!(rows(&evidence.load_balancers).len(), 55);
    assert_eq!(rows(&evidence.target_groups).len(), 110);
    let tagged = rows(&evidence.target_groups).iter().filter(|group| group.tags.contains_key("team")).count();
    assert_eq!(tagged, 55);
    assert!(evidence.calls["elasticloadbalancing:DescribeLoadBalancers"] >= 2);
    assert_eq!(evidence.calls["elasticloadbalancing:DescribeTags"], 3 + 6, "chunks of twenty");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rights_do_not_allow_is_denied_and_the_rest_is_read() {
    let moto = Moto::with(&["three_stacks"]);
    let keys = moto.seed(&["user_without_balancers", "user_without_health"]);
    let mut keys = keys.lines().map(|line| line.split_once(' ').unwrap());
    let ((key, secret), (guest_key, guest_secret)) = (keys.next().unwrap(), keys.next().unwrap());
    moto.check_rights();
    let over =
        |key: &str, secret: &str| Connection::emulator(moto.endpoint(), "us-east-1", key, secret, &Limits::default());

    let marker = over(key, secret);
    let evidence = collect_over(&marker, None, &account(), &everything(), &Silent).await;
    assert_eq!(rows(&evidence.instances).len(), 29);
    assert_eq!(rows(&evidence.auto_scaling_groups).len(), 1);
    for (cause, detail) in [failed(&evidence.load_balancers), failed(&evidence.listeners), failed(&evidence.rules)] {
        assert_eq!(cause, Cause::Denied);
        assert!(detail.contains("missing permission: elasticloadbalancing:DescribeLoadBalancers"), "{detail}");
    }
    assert_eq!(failed(&evidence.target_health).0, Cause::Denied);
    // How many resources carry the tags is not known; how the tables that were read were found is.
    assert_eq!(evidence.gaps["scope"][0].failure.cause, Cause::Denied);
    assert_eq!(evidence.scope.value().unwrap().found_by["instances"].as_str(), "account");

    // With tags, nine instances carry them; whether the nine without any belong is not known without the target groups.
    let evidence = collect_over(&marker, None, &team("heron"), &everything(), &Silent).await;
    assert_eq!(rows(&evidence.instances).len(), 11, "nine, and two of the scaling group");
    assert_eq!(evidence.gaps["instances"].len(), 9, "each may belong, and all of it is known but that");
    for gap in &evidence.gaps["instances"] {
        assert_eq!((gap.missing, gap.failure.cause), (Missing::Row, Cause::Denied), "{gap:?}");
        assert!(gap.known.contains_key("instance_type") && gap.failure.detail.contains("cannot be told"), "{gap:?}");
    }
    // The only scaling group is tagged, so that its table is complete all the same.
    assert_eq!(rows(&evidence.auto_scaling_groups).len(), 1);

    let guest = over(guest_key, guest_secret);
    let evidence = collect_over(&guest, None, &account(), &everything(), &Silent).await;
    assert_eq!(rows(&evidence.load_balancers).len(), 3);
    assert_eq!(failed(&evidence.target_health).0, Cause::Denied);
    let evidence = collect_over(&guest, None, &team("heron"), &everything(), &Silent).await;
    // Its own carry the tags; what the bare stack's are for, nobody knows without the health of the targets.
    assert_eq!((rows(&evidence.load_balancers).len(), rows(&evidence.target_groups).len()), (1, 2));
    assert_eq!(rows(&evidence.rules).len(), 3);
    for table in ["load_balancers", "target_groups", "rules"] {
        let gap = &evidence.gaps[table][0];
        let detail = &gap.failure.detail;
        assert!(detail.contains("cannot be told: elasticloadbalancing:DescribeTargetHealth"), "{table}: {detail}");
    }

    let evidence = collect_over(&over(key, "wrong"), None, &account(), &everything(), &Silent).await;
    for (cause, detail) in [failed(&evidence.instances), failed(&evidence.rules)] {
        assert_eq!(cause, Cause::Denied);
        assert!(detail.contains("the access key is not accepted"), "{detail}");
    }
    assert_eq!(evidence.calls, BTreeMap::from([("sts:GetCallerIdentity".to_owned(), 1)]), "nothing else is asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_than_expected_is_refused() {
    let fake = FakeAws::start(vec![identity()]).await;
    let access = AwsAccess { expected_account: Some("999999999999".to_owned()), ..at(&fake.endpoint) };
    let evidence = collect(&access, &account(), &everything(), &Limits::default(), &Silent).await;
    let (cause, detail) = failed(&evidence.instances);
    assert_eq!(cause, Cause::Refused);
    assert_eq!(detail, "expected account 999999999999, the credentials belong to 123456789012");
    assert_eq!(evidence.caller.value().unwrap().account, "123456789012");
    assert_eq!(fake.requests().len(), 1, "nothing else is asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_refuses_is_unreachable() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{closed}");
    let evidence = read(&endpoint, &account(), &everything()).await;
    let (cause, detail) = failed(&evidence.load_balancers);
    assert_eq!(cause, Cause::Unreachable);
    assert!(detail.contains(&endpoint), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_never_answers_is_given_up() {
    let fake = FakeAws::start(vec![("GetCallerIdentity", Reply::Silence)]).await;
    let begun = Instant::now();
    let evidence = collect(&at(&fake.endpoint), &account(), &everything(), &quick(), &Silent).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let (cause, detail) = failed(&evidence.instances);
    assert_eq!(cause, Cause::Timeout);
    assert!(detail.contains(&fake.endpoint), "{detail}");

    let fake = FakeAws::start(vec![
        identity(),
        ("DescribeInstances", Reply::Silence),
        ec2_error("DescribeVpcs", 403, "UnauthorizedOperation", "no"),
    ])
    .await;
    let wanted = wanted(&["aws.instances", "aws.vpcs"]);
    let evidence = collect(&at(&fake.endpoint), &account(), &wanted, &quick(), &Silent).await;
    assert_eq!(failed(&evidence.instances).0, Cause::Timeout);
    assert_eq!(failed(&evidence.vpcs).0, Cause::Denied, "one call's silence does not hide another's answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_call_is_tried_again() {
    let throttled = || ec2_error("DescribeInstances", 503, "RequestLimitExceeded", "slow down");
    let fake = FakeAws::start(vec![identity(), throttled(), throttled(), instances(&["i-1"], "")]).await;
    let evidence = read(&fake.endpoint, &account(), &wanted(&["aws.instances"])).await;
    assert_eq!(rows(&evidence.instances).len(), 1);
    assert_eq!(evidence.calls["ec2:DescribeInstances"], 3, "retries are calls too");

    let fake = FakeAws::start(vec![identity(), throttled()]).await;
    let evidence = read(&fake.endpoint, &account(), &wanted(&["aws.instances"])).await;
    assert_eq!(failed(&evidence.instances).0, Cause::Throttled);
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_pages_do_not_end_a_listing_and_repeated_ones_fail_it() {
    let pages = vec![identity(), instances(&["i-1"], "a"), instances(&[], "b"), instances(&["i-2"], "")];
    let fake = FakeAws::start(pages).await;
    let evidence = read(&fake.endpoint, &account(), &wanted(&["aws.instances"])).await;
    assert_eq!(rows(&evidence.instances).len(), 2);
    assert!(fake.requests().last().unwrap().contains("NextToken=b"));

    let fake = FakeAws::start(vec![identity(), instances(&["i-1"], "a")]).await;
    let evidence = read(&fake.endpoint, &account(), &wanted(&["aws.instances"])).await;
    assert_eq!(failed(&evidence.instances).0, Cause::Malformed);
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_that_say_what_is_wrong_are_told_apart() {
    for (line, cause, words) in [
        (
            ec2_error("DescribeInstances", 400, "ExpiredToken", "old"),
            Cause::Expired,
            "ec2:DescribeInstances: ExpiredToken: old (the credentials have expired",
        ),
        (ec2_error("DescribeInstances", 400, "RequestExpired", "old"), Cause::Expired, "clock"),
        (
            ec2_error("DescribeInstances", 403, "UnauthorizedOperation", "no"),
            Cause::Denied,
            "(missing permission: ec2:DescribeInstances)",
        ),
        (ec2_error("DescribeInstances", 401, "AuthFailure", "no"), Cause::Denied, "the access key is not accepted"),
        (
            ("DescribeInstances", Reply::Xml(200, "<DescribeInstancesResponse><reservationSet>".to_owned())),
            Cause::Malformed,
            "does not parse",
        ),
        (("DescribeInstances", Reply::Xml(200, "\u{1b}[31mnot xml".to_owned())), Cause::Malformed, "does not parse"),
        (("DescribeInstances", Reply::Xml(403, "<html>proxy says no</html>".to_owned())), Cause::Denied, "status 403"),
        (("DescribeInstances", Reply::Xml(502, "<html>".to_owned())), Cause::Unreachable, "status 502"),
    ] {
        let fake = FakeAws::start(vec![identity(), line.clone()]).await;
        let evidence =
            collect(&at(&fake.endpoint), &account(), &wanted(&["aws.instances"]), &Limits::default(), &Silent).await;
        let (found, detail) = failed(&evidence.instances);
        assert_eq!(found, cause, "{line:?}: {detail}");
        assert!(detail.contains(words), "{detail}");
        assert!(!detail.contains('\u{1b}'), "{detail:?}");
    }
    let fake = FakeAws::start(vec![query_error("GetCallerIdentity", 403, "ExpiredToken", "old")]).await;
    let evidence = read(&fake.endpoint, &account(), &everything()).await;
    assert_eq!(failed(&evidence.caller).0, Cause::Expired);
    assert_eq!(failed(&evidence.rules).0, Cause::Expired);
    assert_eq!(fake.requests().len(), 1, "nothing else is asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_with_its_external_id() {
    let fake = FakeAws::start(vec![query_error("AssumeRole", 403, "AccessDenied", "no")]).await;
    let home = tempfile::tempdir().unwrap();
    let output = this_test_without_credentials(
        "child_assumes_a_role",
        home.path(),
        &[("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "x"), ("CHILD_ENDPOINT", &fake.endpoint)],
    )
    .await;
    assert!(output.contains("arn:aws:iam::123456789012:role/grader: sts:AssumeRole: AccessDenied"), "{output}");
    assert!(output.contains("missing permission: sts:AssumeRole"), "{output}");
    assert!(fake.requests()[0].contains("ExternalId=course-42"), "{:?}", fake.requests());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_credentials_is_told_at_once_how_to_give_them() {
    let home = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let output = this_test_without_credentials("child_finds_no_credentials", home.path(), &[]).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(output.contains("denied: no AWS credentials were found"), "{output}");
    assert!(output.contains("AWS_ACCESS_KEY_ID"), "{output}");

    let output = this_test_without_credentials(
        "child_names_a_profile",
        home.path(),
        &[("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "x")],
    )
    .await;
    assert!(output.contains("denied: profile `team-7`: "), "keys of the environment stand in for a profile: {output}");
}

/// Runs one of the `child_…` tests below in a process with nothing of this one's environment.
async fn this_test_without_credentials(name: &str, home: &std::path::Path, env: &[(&str, &str)]) -> String {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let name = format!("aws_collect::{name}");
    command.args(["--exact", &name, "--ignored", "--nocapture"]).env_clear().env("HOME", home);
    command.envs(env.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

async fn print_failure(access: AwsAccess) {
    let evidence = collect(&access, &account(), &everything(), &quick(), &Silent).await;
    println!("{}", evidence.instances.failure().unwrap());
}

#[tokio::test]
#[ignore = "run by a_machine_without_credentials_is_told_at_once_how_to_give_them"]
async fn child_finds_no_credentials() {
    print_failure(AwsAccess::default()).await;
}

#[tokio::test]
#[ignore = "run by a_machine_without_credentials_is_told_at_once_how_to_give_them"]
async fn child_names_a_profile() {
    print_failure(AwsAccess { profile: Some("team-7".to_owned()), ..AwsAccess::default() }).await;
}

#[tokio::test]
#[ignore = "run by a_role_is_assumed_with_its_external_id"]
async fn child_assumes_a_role() {
    let endpoint = std::env::var("CHILD_ENDPOINT").unwrap();
    let role = Some("arn:aws:iam::123456789012:role/grader".to_owned());
    print_failure(AwsAccess { role, external_id: Some("course-42".to_owned()), ..at(&endpoint) }).await;
}
