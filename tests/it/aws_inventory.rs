//! The tables of the inventory against a moto server: networks, classic stacks, buckets, services, several regions.

use std::collections::BTreeSet;

use crate::support::moto::Moto;
use stackmark_aws::AwsAccess;
use stackmark_aws::{Connection, collect, collect_over};
use stackmark_collect::Limits;
use stackmark_collect::Silent;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading};

/// All that the emulator has: it knows no history of events, and is asked again and again for what it does not know.
fn everything() -> BTreeSet<String> {
    let tables = AwsEvidence::TABLES.iter().filter(|table| !["instance_events", "stack_deletions"].contains(table));
    tables.map(|table| format!("aws.{table}")).chain(["aws.scope".to_owned()]).collect()
}

fn wanted(tables: &[&str]) -> BTreeSet<String> {
    tables.iter().map(|table| format!("aws.{table}")).collect()
}

fn team(name: &str) -> ScopeRequest {
    let tags = [("project", "log8415-a1"), ("team", name)];
    ScopeRequest { tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into(), ..ScopeRequest::default() }
}

async fn read(moto: &Moto, scope: &ScopeRequest, wanted: &BTreeSet<String>) -> AwsEvidence {
    let access = AwsAccess { endpoint_url: Some(moto.endpoint().to_owned()), ..AwsAccess::default() };
    collect(&access, scope, wanted, &Limits::default(), &Silent).await
}

fn rows<T>(reading: &Reading<Vec<T>>) -> &[T] {
    match reading {
        Reading::Observed { value } => value,
        Reading::Absent { note } => panic!("absent: {note}"),
        Reading::Unreadable(failure) => panic!("{failure}"),
    }
}

fn one<T: std::fmt::Debug>(reading: &Reading<Vec<T>>) -> &T {
    let rows = rows(reading);
    assert_eq!(rows.len(), 1, "{rows:?}");
    &rows[0]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_stack_is_read_with_all_that_hangs_on_it() {
    let moto = Moto::with(&["classic"]);
    let heron = read(&moto, &team("heron"), &everything()).await;
    let together = serde_json::to_value(&heron).unwrap();
    for table in ["key_pairs", "launch_templates", "alarms", "subnet_routes", "classic_health", "addresses"] {
        let alone = serde_json::to_value(read(&moto, &team("heron"), &wanted(&[table])).await).unwrap();
        assert_eq!(alone[table], together[table], "{table} read alone");
    }

    let front = one(&heron.classic_load_balancers);
    assert_eq!((front.load_balancer_name.as_str(), front.scheme.as_str()), ("heron-front", "internet-facing"));
    assert_eq!((front.listeners[0].load_balancer_port, front.listeners[0].instance_port), (80, 8080));
    let check = front.health_check.as_ref().unwrap();
    assert_eq!((check.target.as_str(), check.interval, check.unhealthy_threshold), ("HTTP:8080/health", 30, 3));
    assert_eq!(front.attributes.connection_draining, Some(false));
    assert_eq!(front.instances.len(), 2);
    let health: Vec<_> = rows(&heron.classic_health).iter().map(|row| row.state.as_str()).collect();
    assert_eq!(health, ["InService", "InService"]);

    let vpc = one(&heron.vpcs);
    assert_eq!(vpc.cidr_block, "10.0.0.0/16");
    let names = one(&heron.vpc_attributes);
    assert!(names.enable_dns_support && names.enable_dns_hostnames && names.vpc_id == vpc.vpc_id);
    assert_eq!(rows(&heron.subnets).len(), 2, "those of the tagged VPC");
    let nat = one(&heron.nat_gateways);
    assert_eq!((nat.vpc_id == vpc.vpc_id, nat.public_ips.len()), (true, 1));
    let gateway = one(&heron.internet_gateways);
    assert_eq!(gateway.attachments[0].vpc_id, vpc.vpc_id);
    assert_eq!(rows(&heron.route_tables).len(), 2);
    let routes: Vec<_> = rows(&heron.subnet_routes)
        .iter()
        .map(|row| (row.is_public, row.from_main, row.nat_gateway_id.is_some()))
        .collect();
    assert_eq!(routes.iter().filter(|row| **row == (true, false, false)).count(), 1, "{routes:?}");
    assert_eq!(routes.iter().filter(|row| **row == (false, true, true)).count(), 1, "{routes:?}");
    let acl = one(&heron.network_acls);
    assert!(acl.is_default && acl.entries.iter().any(|entry| entry.rule_action == "allow" && !entry.egress));
    let web = rows(&heron.security_groups).iter().find(|group| group.group_name == "heron-web").unwrap();
    let database = web.ip_permissions.iter().find(|permission| permission.from_port == Some(3306)).unwrap();
    assert_eq!(database.group_ids, std::slice::from_ref(&web.group_id), "a rule from group to group");

    assert_eq!(rows(&heron.instances).len(), 2);
    assert_eq!(rows(&heron.volumes).len(), 2, "the root volumes");
    let root = rows(&heron.instances)[0].root_volume_id.as_ref().unwrap();
    assert!(rows(&heron.volumes).iter().any(|volume| volume.volume_id == *root));
    assert_eq!(one(&heron.key_pairs).key_name, "heron-key");
    let image = one(&heron.images);
    assert_eq!((&image.image_id, image.is_own), (&rows(&heron.instances)[0].image_id, false));
    let configuration = one(&heron.launch_configurations);
    assert_eq!(configuration.launch_configuration_name, "heron-servers");
    assert!(configuration.user_data.as_ref().unwrap().contains("yum install"), "{configuration:?}");
    assert_eq!(rows(&heron.launch_templates), []);
    for data in rows(&heron.user_data) {
        assert!(data.text.as_ref().unwrap().starts_with("#!/bin/sh\n"), "{data:?}");
        assert_eq!(data.bytes, data.text.as_ref().unwrap().len() as u64);
    }
    let profile = one(&heron.instance_profiles);
    assert_eq!(profile.roles[0].inline_policies, ["reads-buckets"]);
    let policy = one(&heron.scaling_policies);
    assert_eq!((policy.scaling_adjustment, policy.cooldown), (Some(1), Some(60)));
    assert_eq!(rows(&heron.scaling_activities), [], "moto has none");

    let alarms: Vec<_> = rows(&heron.alarms).iter().map(|alarm| alarm.alarm_name.as_str()).collect();
    assert_eq!(alarms, ["bill", "heron-busy"]);
    let busy = &rows(&heron.alarms)[1];
    assert_eq!((busy.threshold, busy.period), (Some(60.5), Some(300)));
    assert_eq!(busy.dimensions["AutoScalingGroupName"], "heron-servers");
    let metrics: Vec<_> =
        rows(&heron.metrics).iter().map(|row| (row.metric_name.as_str(), row.statistic.as_str())).collect();
    assert!(metrics.contains(&("RequestCount", "Sum")) && metrics.contains(&("Latency", "p95")), "{metrics:?}");
    assert!(rows(&heron.metrics).iter().all(|row| row.load_balancer == "heron-front"));

    let site = one(&heron.buckets);
    assert_eq!((site.name.as_str(), site.region.as_str()), ("heron-site", "us-east-1"));
    assert!(site.public_access_block.as_ref().unwrap().restrict_public_buckets);
    assert_eq!((site.is_public, site.objects_truncated), (None, Some(false)), "no policy");
    let objects: Vec<_> = rows(&heron.objects).iter().map(|object| (object.key.as_str(), object.size)).collect();
    assert_eq!(objects, [("img/logo.png", 10), ("index.html", 10)]);

    let scope = heron.scope.value().unwrap();
    for (table, word) in [
        ("vpcs", "tags"),
        ("subnets", "related"),
        ("subnet_routes", "related"),
        ("classic_load_balancers", "related"),
        ("classic_health", "related"),
        ("auto_scaling_groups", "tags"),
        ("launch_configurations", "tags"),
        ("buckets", "tags"),
        ("key_pairs", "related"),
    ] {
        assert_eq!(scope.found_by[table], word, "{table}");
    }
    let heron_again = read(&moto, &team("heron"), &everything()).await;
    assert_eq!(heron_again.buckets, heron.buckets);

    let all = read(&moto, &ScopeRequest::default(), &everything()).await;
    assert_eq!(rows(&all.classic_load_balancers).len(), 2);
    assert_eq!(rows(&all.buckets).len(), 3);
    assert_eq!(rows(&all.key_pairs).len(), 3);
    assert_eq!(rows(&all.instance_profiles).len(), 2);
    assert_eq!(all.scope.value().unwrap().found_by["network_acls"], "account");
}

#[tokio::test(flavor = "multi_thread")]
async fn launch_templates_show_their_default_and_latest_version() {
    let moto = Moto::with(&["templates"]);
    let heron = read(&moto, &team("heron"), &wanted(&["launch_templates"])).await;
    let [spare, web] = rows(&heron.launch_templates) else { panic!("{:?}", heron.launch_templates) };
    assert_eq!((web.default_version_number, web.latest_version_number), (1, 2));
    let kinds: Vec<_> = web
        .versions
        .iter()
        .map(|version| (version.default_version, version.instance_type.as_deref().unwrap()))
        .collect();
    assert_eq!(kinds, [(true, "t2.micro"), (false, "t3.micro")]);
    assert_eq!(spare.versions.len(), 1, "the default version is the latest one");
    assert_eq!(spare.versions[0].user_data.as_deref(), Some("#!/bin/sh\n"));
    let all = read(&moto, &ScopeRequest::default(), &wanted(&["launch_templates"])).await;
    assert_eq!(rows(&all.launch_templates).len(), 3);
    // The spare template names a profile that nobody made: a mistake of the team's, and nothing that could not be read.
    let profiles = read(&moto, &team("heron"), &wanted(&["instance_profiles"])).await;
    assert_eq!(rows(&profiles.instance_profiles), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn stacks_containers_functions_apis_and_the_long_tail() {
    let moto = Moto::with(&["services"]);
    let tables =
        ["stacks", "stack_resources", "ecs_services", "ecs_tasks", "functions", "apis", "resources", "buckets"];
    let types = ["AWS::DynamoDB::Table", "AWS::SNS::Topic"].map(str::to_owned).into();
    let scope = ScopeRequest { resource_types: types, ..team("heron") };
    let mut asked = wanted(&tables);
    asked.insert("aws.scope".to_owned());
    let heron = read(&moto, &scope, &asked).await;

    let stack = one(&heron.stacks);
    assert_eq!((stack.stack_name.as_str(), stack.stack_status.as_str()), ("heron-stack", "CREATE_COMPLETE"));
    assert_eq!((stack.parameters["Size"].as_str(), stack.outputs[0].key.as_str()), ("small", "Address"));
    let made: Vec<_> = rows(&heron.stack_resources).iter().map(|row| row.resource_type.as_str()).collect();
    assert_eq!(made, ["AWS::SQS::Queue", "AWS::S3::Bucket"], "by logical id");

    let services = rows(&heron.ecs_services);
    assert_eq!(services.len(), 11, "more than one DescribeServices call, through the tags of the cluster");
    assert_eq!((services[0].cluster.as_str(), services[0].launch_type.as_str()), ("heron", "FARGATE"));
    assert_eq!((services[0].desired_count, services[0].assign_public_ip), (2, true));
    let task = one(&heron.ecs_tasks);
    assert_eq!((task.network_mode.as_deref(), task.cpu.as_deref()), (Some("awsvpc"), Some("256")));
    assert_eq!(
        (task.containers[0].image.as_str(), task.containers[0].environment_keys.as_slice()),
        ("nginx:1.27", &["MODE".to_owned()][..])
    );

    let function = one(&heron.functions);
    assert_eq!(
        (function.function_name.as_str(), function.state.as_deref()),
        ("heron-api", Some("Active")),
        "its API calls it"
    );
    assert_eq!(function.environment_keys, ["TABLE"]);
    let apis: Vec<_> = rows(&heron.apis).iter().map(|api| (api.name.as_str(), api.protocol_type.as_str())).collect();
    assert_eq!(apis, [("heron-http", "HTTP"), ("heron-rest", "REST")]);
    let [http, rest] = rows(&heron.apis) else { unreachable!() };
    assert_eq!(http.stages, ["live"]);
    let item = http.routes.iter().find(|route| route.method == "GET").unwrap();
    assert_eq!((item.path.as_str(), item.integration_type.as_deref()), ("/items/{id}", Some("AWS_PROXY")));
    assert_eq!(rest.routes[0].route_key, "GET /items");
    assert_eq!(rest.routes[0].integration_type.as_deref(), Some("MOCK"));

    let found: Vec<_> =
        rows(&heron.resources).iter().map(|row| (row.resource_type.as_str(), row.name.as_str())).collect();
    assert_eq!(found, [("AWS::DynamoDB::Table", "heron-items"), ("AWS::SNS::Topic", "heron-alerts")]);
    assert!(rows(&heron.resources).iter().all(|row| row.found_by == "tagging"), "moto has no Cloud Control");
    let of_ec2: Vec<_> = heron.calls.keys().filter(|call| call.starts_with("ec2:")).collect();
    assert_eq!(of_ec2, ["ec2:DescribeInstances"], "a stack may be the team's because it made its instance");
    assert_eq!(heron.scope.value().unwrap().found_by["functions"], "related");
    assert_eq!(heron.scope.value().unwrap().found_by["ecs_tasks"], "related");

    let watching = read(&moto, &scope, &wanted(&["alarms", "functions", "ecs_services"])).await;
    let alarms: Vec<_> = rows(&watching.alarms).iter().map(|row| row.alarm_name.as_str()).collect();
    assert_eq!(alarms, ["heron-crowd", "heron-errors"], "untagged, on what is the team's");

    // Whose a row is does not hang on what else the rubric looks at.
    let together = serde_json::to_value(&heron).unwrap();
    for table in tables {
        let alone = serde_json::to_value(read(&moto, &scope, &wanted(&[table])).await).unwrap();
        assert_eq!(alone[table], together[table], "{table}");
    }

    let nobody = read(&moto, &team("nobody"), &asked).await;
    assert_eq!(
        (rows(&nobody.stacks).len(), rows(&nobody.functions).len(), rows(&nobody.ecs_services).len()),
        (0, 0, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn several_regions_are_one_inventory() {
    let moto = Moto::with(&["two_regions"]);
    let tables = wanted(&["instances", "alarms", "buckets", "caller"]);
    let regions = ["eu-west-1", "us-east-1", "eu-west-1"].map(str::to_owned).to_vec();
    let both = read(&moto, &ScopeRequest { regions, ..team("heron") }, &tables).await;
    let places: Vec<_> = rows(&both.instances).iter().map(|row| row.region.as_str()).collect();
    assert_eq!(places, ["eu-west-1", "us-east-1"]);
    assert_eq!(both.caller.value().unwrap().regions, ["eu-west-1", "us-east-1"]);
    assert_eq!(one(&both.alarms).region, "us-east-1", "the bill is read once, where it is");
    assert_eq!(rows(&both.buckets).len(), 1, "buckets are the account's");

    let regions = vec!["eu-west-1".to_owned()];
    let there = read(&moto, &ScopeRequest { regions, ..team("heron") }, &tables).await;
    assert_eq!(one(&there.instances).region, "eu-west-1");
    assert_eq!(one(&there.alarms).alarm_name, "bill", "of us-east-1, whatever the region");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_call_takes_its_own_readings_only_and_names_the_action() {
    let moto = Moto::with(&["classic"]);
    let keys = moto.seed(&["user_without_buckets"]);
    let (key, secret) = keys.trim().split_once(' ').unwrap();
    moto.check_rights();
    let visitor = Connection::emulator(moto.endpoint(), "us-east-1", key, secret, &Limits::default());
    // moto cannot check the signatures of the services that say in the path what is asked for (Lambda, API Gateway).
    let evidence = collect_over(&visitor, None, &ScopeRequest::default(), &everything(), &Silent).await;
    assert_eq!(rows(&evidence.nat_gateways).len(), 2);
    assert_eq!(rows(&evidence.volumes).len(), 4);
    for (name, failure, action) in [
        ("buckets", evidence.buckets.failure(), "s3:GetBucketLocation"),
        ("objects", evidence.objects.failure(), "s3:GetBucketLocation"),
        ("alarms", evidence.alarms.failure(), "cloudwatch:DescribeAlarms"),
        ("metrics", evidence.metrics.failure(), "elasticloadbalancing:DescribeLoadBalancers"),
        ("classic_health", evidence.classic_health.failure(), "elasticloadbalancing:DescribeLoadBalancers"),
        ("stacks", evidence.stacks.failure(), "cloudformation:DescribeStacks"),
        ("ecs_tasks", evidence.ecs_tasks.failure(), "ecs:ListClusters"),
    ] {
        let failure = failure.unwrap_or_else(|| panic!("{name} was read"));
        assert_eq!(failure.cause, Cause::Denied, "{name}: {failure}");
        assert!(failure.detail.contains(&format!("missing permission: {action}")), "{name}: {failure}");
    }
}
