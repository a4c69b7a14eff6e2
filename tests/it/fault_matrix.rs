//! Each operation that a shipped rubric reads × each way to fail, through a gate in front of the emulator: no item that
//! passes without the fault loses points, nothing hangs, and the run says that something could not be read.
//!
//! By default a sample of each rubric; `STACKMARK_FAULT_MATRIX=all` tries every pair. The counts are printed:
//! `cargo test --test it fault_matrix -- --nocapture`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::json;
use stackmark_aws::{OPERATIONS, operations_for};
use stackmark_class::schedule::aws_readings;
use stackmark_collect::{Limits, Settings};
use stackmark_course::{Library, Rubric};
use stackmark_evidence::Team;
use stackmark_judge::scorecard::{ItemScore, Verdict};
use stackmark_language::expression::Engine;
use stackmark_plan::{Plan, plan};

use crate::support::gate::{Fault, Gate};
use crate::support::history::History;
use crate::support::moto::Moto;
use crate::support::stacks::Bench;

/// Pairs of one rubric that are tried by default.
const SAMPLE: usize = 10;
/// Wall time of one reading, whatever fails: far above what the slowest takes.
const NO_HANG: Duration = Duration::from_secs(120);

/// Short, as a fault may take all of it; the emulator answers one call after the other, so that few wait at once.
fn settings() -> Settings {
    let limits = Limits { aws_time: Duration::from_secs(2), aws_calls: 6, ..Limits::default() };
    Settings { limits, ..Settings::default() }
}

/// For what has to be read whole, however busy the machine is.
fn patient() -> Settings {
    let limits = Limits { aws_calls: 6, ..Limits::default() };
    Settings { limits, ..Settings::default() }
}

fn lost(item: &ItemScore) -> f64 {
    item.mark.of.as_f64() - item.mark.high.as_f64()
}

/// The pairs to try: all of them, or a sample in which every operation and every fault has its turn.
fn pairs(operations: &[String]) -> Vec<(&str, Fault)> {
    let all = operations.iter().flat_map(|operation| Fault::ALL.map(|fault| (operation.as_str(), fault)));
    let all: Vec<(&str, Fault)> = all.collect();
    if std::env::var("STACKMARK_FAULT_MATRIX").is_ok_and(|value| value == "all") {
        return all;
    }
    // Ten faults an operation: eleven on is the next fault of the next operation.
    let step = (all.len() / SAMPLE / Fault::ALL.len() * Fault::ALL.len()).max(Fault::ALL.len()) + 1;
    all.iter().copied().step_by(step).take(SAMPLE).collect()
}

async fn matrix(id: &str) {
    let mut bench = Bench::new(id);
    bench.build(&json!({}));
    let gate = Gate::before(bench.door()).await;
    let unsent = bench.unsent(&gate.endpoint, &patient()).await;
    let excused: BTreeSet<String> = not_sent(id).map(|(operation, _)| operation.to_owned()).collect();
    let untried: Vec<&String> = unsent.difference(&excused).collect();
    assert!(untried.is_empty(), "{id}: no request is {untried:?}; build what it asks about, or excuse it in NOT_SENT");
    for operation in excused.difference(&unsent) {
        println!("{id}: {operation} needs no excuse in NOT_SENT");
    }
    let good = bench.read(&gate.endpoint, &patient()).await;
    let passing: Vec<&ItemScore> = good.iter().filter(|item| item.outcome.verdict == Verdict::Pass).collect();
    assert!(!passing.is_empty(), "{id}: nothing passes without a fault");
    let operations: Vec<String> =
        gate.operations().into_iter().filter(|operation| operation != "sts:GetCallerIdentity").collect();

    let (mut wrong, mut counts) = (Vec::new(), BTreeMap::<Fault, [usize; 3]>::new());
    for (operation, fault) in pairs(&operations) {
        gate.harm(Some((operation, fault)));
        let begun = Instant::now();
        let read = tokio::time::timeout(NO_HANG, bench.read(&gate.endpoint, &settings())).await;
        let Ok(items) = read else {
            wrong.push(format!("{operation} {fault:?}: no end after {NO_HANG:?}"));
            continue;
        };
        let found: BTreeMap<&str, &ItemScore> = items.iter().map(|item| (item.id.as_str(), item)).collect();
        let count = counts.entry(fault).or_default();
        for before in &passing {
            let Some(after) = found.get(before.id.as_str()) else { continue };
            match after.outcome.verdict {
                Verdict::Pass => count[0] += 1,
                verdict if verdict.is_open() => count[1] += 1,
                _ => count[2] += 1,
            }
            if lost(after) > 1e-9 {
                let said = &after.outcome.actual;
                wrong.push(format!("{operation} {fault:?}: {} lost {:.2}: {said}", after.id, lost(after)));
            }
        }
        if begun.elapsed() > Duration::from_secs(30) {
            println!("{id}: {operation} {fault:?} took {:?}", begun.elapsed());
        }
    }
    gate.harm(None);
    println!("\n{id}: {} operations, {} items pass without a fault", operations.len(), passing.len());
    for (fault, [pass, open, lost]) in &counts {
        println!("  {:14} {pass:5} pass {open:5} open {lost:5} lost", format!("{fault:?}"));
    }
    assert!(wrong.is_empty(), "{id}\n{}", wrong.join("\n"));
}

/// A session that ends on the way, and a limit that is met from some request on and for ever: whatever had been read until
/// then, nothing is lost and the reading comes to its end.
async fn from_some_request_on(id: &str) {
    let mut bench = Bench::new(id);
    bench.build(&json!({}));
    let gate = Gate::before(bench.door()).await;
    let good = bench.read(&gate.endpoint, &patient()).await;
    let passing: Vec<&ItemScore> = good.iter().filter(|item| item.outcome.verdict == Verdict::Pass).collect();
    let mut wrong = Vec::new();
    for (fault, after) in [(Fault::Expired, 1), (Fault::Expired, 7), (Fault::Expired, 20), (Fault::Throttled, 7)] {
        gate.harm_all(after, fault);
        let read = tokio::time::timeout(NO_HANG, bench.read(&gate.endpoint, &settings())).await;
        let Ok(items) = read else {
            wrong.push(format!("{fault:?} after {after}: no end after {NO_HANG:?}"));
            continue;
        };
        let found: BTreeMap<&str, &ItemScore> = items.iter().map(|item| (item.id.as_str(), item)).collect();
        for after_it in passing.iter().filter_map(|before| found.get(before.id.as_str())) {
            if lost(after_it) > 1e-9 {
                let said = &after_it.outcome.actual;
                wrong.push(format!("{fault:?} after {after}: {} lost {:.2}: {said}", after_it.id, lost(after_it)));
            }
        }
    }
    assert!(wrong.is_empty(), "{id}\n{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_halfway_costs_nothing() {
    from_some_request_on("log8415-a1").await;
    from_some_request_on("serverless-api").await;
}

/// Operations of a rubric that its reference stack leaves nothing to ask about.
const NOT_SENT: &[(&str, &[&str], &str)] = &[
    (
        "aws-services",
        &[
            "elasticbeanstalk:DescribeConfigurationSettings",
            "elasticbeanstalk:DescribeEnvironments",
            "s3:ListAllMyBuckets",
            "s3:ListBucket",
        ],
        "rights that Cloud Control uses in its own name",
    ),
    ("beanstalk-app", &["cloudformation:GetResource"], "what Cloud Control lists of it has all that is asked for"),
    (
        "beanstalk-app",
        &["elasticloadbalancing:DescribeInstanceHealth", "elasticloadbalancing:DescribeLoadBalancerAttributes"],
        "it has no classic load balancer, and the rubric asks for no attributes of another",
    ),
    (
        "cloudformation-stack",
        &["elasticloadbalancing:DescribeInstanceHealth", "elasticloadbalancing:DescribeLoadBalancerAttributes"],
        "it has no classic load balancer, and the rubric asks for no attributes of another",
    ),
    ("day02", &["ec2:DescribeLaunchTemplateVersions"], "its group has a launch configuration"),
    (
        "day02",
        &[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        "its load balancer is a classic one",
    ),
    ("day02-alb", &["ec2:DescribeLaunchTemplateVersions"], "its group has a launch configuration"),
    (
        "day02-alb",
        &["elasticloadbalancing:DescribeLoadBalancerAttributes"],
        "it has no classic load balancer, and the rubric asks for no attributes of another",
    ),
    ("delivery-pipeline", &["ec2:DescribeLaunchTemplateVersions"], "it has no launch template"),
    (
        "delivery-pipeline",
        &[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        "it has no load balancer",
    ),
    (
        "photogallery",
        &["elasticloadbalancing:DescribeLoadBalancerAttributes"],
        "it has no classic load balancer, and the rubric asks for no attributes of another",
    ),
    (
        "rds-nginx",
        &[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        "it has no load balancer",
    ),
    (
        "serverless-api",
        &[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        "it has no load balancer",
    ),
    (
        "serverless-api",
        &["s3:GetBucketLocation", "s3:GetBucketPolicyStatus", "s3:GetBucketPublicAccessBlock", "s3:GetBucketTagging"],
        "it stores in a table, and has no bucket",
    ),
    ("serverless-api", &["cloudformation:GetResource"], "what Cloud Control lists of it has all that is asked for"),
    (
        "static-site",
        &[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        "it has no load balancer",
    ),
];

fn not_sent(id: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_rubric = NOT_SENT.iter().filter(move |(rubric, ..)| *rubric == id);
    of_rubric.flat_map(|(_, operations, why)| operations.iter().map(move |operation| (*operation, *why)))
}

/// Operations that are asked for by rubrics without a reference stack alone.
const UNTRIED: &[(&str, &str)] = &[
    ("cloudwatch:GetMetricData", "read after a load, which the matrix does not send"),
    ("ec2:DescribeAddresses", "asked for by live-stack, which has no reference stack"),
    ("ec2:DescribeNatGateways", "asked for by live-stack, which has no reference stack"),
    ("ec2:DescribeNetworkAcls", "asked for by live-stack, which has no reference stack"),
    ("elasticloadbalancing:DescribeTargetGroupAttributes", "asked for by live-stack, which has no reference stack"),
];

/// A rubric without a stack asks for nothing that is not tried with another one's.
#[test]
fn each_operation_of_each_shipped_rubric_is_tried() {
    let (mut library, engine) = (Library::embedded(), Engine::new());
    library.add_folder(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/courses"))).unwrap();
    let team = Team::of_roster("heron");
    let asked = |id: &str, of: &dyn Fn(&Plan) -> BTreeSet<String>| -> BTreeSet<String> {
        let source = library.rubric(id).expect("a rubric of ours");
        let rubric = Rubric::parse(id, source, &library, &engine).0.expect("valid");
        let plan = plan(&rubric, &team, &BTreeMap::new(), &engine).expect("a plan");
        let mut actions = operations_for(&of(&plan), &plan.scope);
        actions.retain(|action| OPERATIONS.iter().any(|operation| operation.action == action));
        actions
    };
    let of_aws = |plan: &Plan| -> BTreeSet<String> {
        plan.readings.iter().filter(|path| path.starts_with("aws.")).cloned().collect()
    };
    let mut tried = BTreeSet::new();
    for id in RUBRICS {
        let excused: BTreeSet<&str> = not_sent(id).map(|(operation, _)| operation).collect();
        tried.extend(asked(id, &of_aws).into_iter().filter(|operation| !excused.contains(operation.as_str())));
    }
    let (mut wrong, mut needed) = (Vec::new(), BTreeSet::new());
    for id in Library::embedded().rubric_ids() {
        for operation in asked(id, &|plan: &Plan| aws_readings(plan, None)).difference(&tried) {
            match UNTRIED.iter().find(|(excused, _)| *excused == operation.as_str()) {
                Some((excused, _)) => {
                    needed.insert(*excused);
                }
                None => wrong.push(format!("{id}: {operation}")),
            }
        }
    }
    assert!(wrong.is_empty(), "no reference stack tries\n{}", wrong.join("\n"));
    let idle: Vec<&str> = UNTRIED.iter().map(|(operation, _)| *operation).filter(|it| !needed.contains(it)).collect();
    assert!(idle.is_empty(), "{idle:?} need no excuse");
}

#[test]
fn each_rubric_with_a_reference_stack_is_tried() {
    let stacks = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stacks")).unwrap();
    let names = stacks.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut with_stack: Vec<String> = names.filter_map(|name| name.strip_suffix(".toml").map(str::to_owned)).collect();
    with_stack.sort();
    assert_eq!(with_stack, RUBRICS, "tests/stacks and the rubrics of this file, sorted");
}

macro_rules! rubrics {
    ($($name:ident $id:literal)*) => {
        const RUBRICS: &[&str] = &[$($id),*];

        $(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            matrix($id).await;
        }
        )*
    };
}

rubrics! {
    aws_services "aws-services"
    beanstalk_app "beanstalk-app"
    cloudformation_stack "cloudformation-stack"
    containers_ecs "containers-ecs"
    containers_fargate "containers-fargate"
    day02 "day02"
    day02_alb "day02-alb"
    delivery_pipeline "delivery-pipeline"
    ensai_tp1 "ensai-tp1"
    log8415_a1 "log8415-a1"
    log8415_slides "log8415-slides"
    photogallery "photogallery"
    a_database_behind_nginx "rds-nginx"
    serverless_api "serverless-api"
    a_static_site "static-site"
}

/// The small rubric of the test below: nothing but the stack is read.
const STACK_ONLY: &str = "title = \"Stack\"\nlanguage = \"en\"\ntotal = 10\nscope = \"account\"\n\
    [[criterion]]\nid = \"works\"\ntitle = \"Works\"\npoints = 10\n\
    [[criterion.item]]\ncheck = \"aws/instance-count\"\npoints = 5\nwith = { type = \"m4.large\", count = 5 }\n\
    [[criterion.item]]\ncheck = \"aws/load-balancer\"\npoints = 5\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_could_not_read_something_says_so_at_its_end() {
    let moto = Moto::with(&["three_stacks"]);
    let gate = Gate::before(moto.endpoint()).await;
    let history = History::new();
    history.write("README.md", "# stack\n").commit("Add a readme");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rubric.toml"), STACK_ONLY).unwrap();
    let roster = format!(
        "[aws]\nendpoint_url = \"{}\"\nregion = \"us-east-1\"\n[[team]]\nid = \"heron\"\nrepository = \"{}\"\n\
         [[team.member]]\nname = \"Ada Rivers\"\nemails = [\"ada@example.org\"]\n",
        gate.endpoint,
        history.path().display()
    );
    std::fs::write(folder.path().join("roster.toml"), roster).unwrap();
    let at = folder.path().to_owned();
    let run = move || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_stackmark"));
        command.env_clear().env("HOME", &at).current_dir(&at).args(["grade", "--quiet", "--fresh", "--out", "results"]);
        command.args(["--roster", "roster.toml", "--rubric", "rubric.toml"]).output().unwrap()
    };
    let whole = tokio::task::spawn_blocking(run.clone()).await.unwrap();
    assert_eq!(whole.status.code(), Some(0), "{}", String::from_utf8_lossy(&whole.stderr));
    gate.harm(Some(("ec2:DescribeInstances", Fault::Denied)));
    let denied = tokio::task::spawn_blocking(run).await.unwrap();
    assert_eq!(denied.status.code(), Some(4), "{}", String::from_utf8_lossy(&denied.stderr));
}
