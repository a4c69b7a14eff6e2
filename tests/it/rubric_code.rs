//! What a rubric asks of the code, on a reference solution of day 02 (`tests/stacks/day02/`): it earns all of these
//! points, and each change loses exactly its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::support::history::History;
use stackmark_aws::AwsAccess;
use stackmark_class::TeamJob;
use stackmark_class::schedule::collect_team;
use stackmark_collect::Disruption;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_course::{Library, Overrides, Rubric};
use stackmark_evidence::{Team, Tool};
use stackmark_history::RepositorySource;
use stackmark_judge::scorecard::{ItemScore, Verdict};
use stackmark_judge::weigh::{Stamps, judge};
use stackmark_language::expression::Engine;
use stackmark_plan::plan;

/// A text in a file that is replaced by another; the whole file goes where there is none.
struct Change {
    name: &'static str,
    path: &'static str,
    from: &'static str,
    to: &'static str,
    /// Points lost by item, without its criterion.
    loses: &'static [(&'static str, f64)],
}

const fn change(
    name: &'static str,
    path: &'static str,
    from: &'static str,
    to: &'static str,
    loses: &'static [(&'static str, f64)],
) -> Change {
    Change { name, path, from, to, loses }
}

const CHANGES: &[Change] = &[
    change(
        "no script",
        "ex01/aws_presign_url.sh",
        "",
        "",
        &[("ex01-files", 0.5), ("presign-by-cli", 0.5), ("presign-expiry", 0.5)],
    ),
    change(
        "presigned for an hour",
        "ex01/aws_presign_url.sh",
        "--expires-in 600",
        "--expires-in 3600",
        &[("presign-expiry", 0.5)],
    ),
    change(
        "presigned without an expiry",
        "ex01/aws_presign_url.sh",
        " --expires-in 600",
        "",
        &[("presign-expiry", 0.5)],
    ),
    change("presigned as the caller says", "ex01/aws_presign_url.sh", "--expires-in 600", "\"$@\"", &[]),
    change("no presigned URL", "ex01/aws_presign_url.sh", "aws s3 presign", "aws s3 ls", &[("presign-by-cli", 0.5)]),
    change("empty turn-in", "ex02/os_name.txt", "", "", &[("ex02-files", 0.5), ("os-name", 0.5)]),
    change("blank turn-in", "ex02/os_name.txt", "Amazon Linux 2", "", &[("ex02-files", 0.5), ("os-name", 0.5)]),
    change("another system", "ex02/os_name.txt", "Amazon Linux 2", "Ubuntu 24.04.1 LTS", &[("os-name", 0.5)]),
    change("one file of two", "ex04/s3_funcs.py", "", "", &[("ex04-files", 0.25)]),
    change("no values", "ex06/10_terraform.auto.tfvars", "", "", &[("ex06-files", 0.17)]),
    change(
        "a subnet beside the VPC",
        "ex06/01_networking.tf",
        "provider \"aws\" {",
        "resource \"aws_subnet\" \"x\" {}\nprovider \"aws\" {",
        &[("only-a-vpc", 0.25)],
    ),
    change(
        "the balancer's group says no order",
        "ex11/03_elb.tf",
        "  vpc_id     = aws_vpc.main.id\n  depends_on = [aws_vpc.main]\n",
        "  vpc_id     = \"vpc-0abc\"\n",
        &[("balancer-group-depends", 0.12)],
    ),
    change("order by a reference", "ex11/03_elb.tf", "  depends_on = [aws_vpc.main]\n", "", &[]),
    change(
        "the instance's group says no order",
        "ex09/08_security_groups.tf",
        "  depends_on = [aws_subnet.public_1, aws_subnet.public_2]\n",
        "",
        &[("instance-depends", 0.25)],
    ),
    change(
        "a variable beside",
        "ex08/01_networking.tf",
        "provider \"aws\" {",
        "variable \"x\" {}\nprovider \"aws\" {",
        &[("variables", 0.01)],
    ),
    change(
        "implicit order",
        "ex07/01_networking.tf",
        "  depends_on              = [aws_vpc.main]\n",
        "",
        &[("subnets-depend", 0.25)],
    ),
    change(
        "an order of nothing",
        "ex07/01_networking.tf",
        "  depends_on              = [aws_vpc.main]\n",
        "  depends_on              = []\n",
        &[("subnets-depend", 0.25)],
    ),
    change(
        "bucket in Terraform",
        "ex09/02_ec2.tf",
        "data \"aws_ami\"",
        "resource \"aws_s3_bucket\" \"b\" {}\ndata \"aws_ami\"",
        &[("not-declared", 0.5)],
    ),
    change("no output", "ex11/03_elb.tf", "aws_elb.flask.dns_name", "aws_elb.flask.id", &[("output", 0.5)]),
    change("state handed in", "ex06/terraform.tfstate", "", "{\"version\": 4}\n", &[("nothing-else", 0.5)]),
];

fn files(folder: &Path, into: &mut BTreeMap<String, String>, root: &Path) {
    for entry in std::fs::read_dir(folder).expect("the reference solution").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, into, root);
        } else {
            let name = path.strip_prefix(root).expect("below it").to_string_lossy().replace('\\', "/");
            into.insert(name, std::fs::read_to_string(&path).expect("text"));
        }
    }
}

async fn grade(id: &str, files: &BTreeMap<String, String>) -> Vec<ItemScore> {
    let (library, engine) = (Library::embedded(), Engine::new());
    let rubric = Rubric::parse(id, library.rubric(id).expect("built in"), &library, &engine).0.expect("valid");
    let history = History::new();
    for (path, text) in files {
        history.write(path, text);
    }
    history.commit("Hand in the exercises");
    let team = Team::of_roster("heron");
    let mut plan = plan(&rubric, &team, &BTreeMap::new(), &engine).expect("a plan");
    plan.requests.clear();
    plan.readings.retain(|path| path.starts_with("code."));
    let job = TeamJob {
        team,
        repository: RepositorySource {
            location: history.path().to_string_lossy().into_owned(),
            in_place: true,
            ..RepositorySource::default()
        },
        aws: AwsAccess::default(),
        tags: BTreeMap::new(),
        base_url: None,
        live: false,
        disruption: Disruption::NotAsked,
        not_again: None,
    };
    let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
    let when = "2026-11-20T10:00:00Z".to_owned();
    let evidence = collect_team(job, &plan, &Settings::default(), tool.clone(), when, Arc::new(Silent)).await;
    let stamps = Stamps { tool, evidence_sha256: String::new(), overrides_sha256: None };
    let card = judge(&evidence, &rubric, &plan.asked, &Overrides::default(), stamps, &engine).expect("plain data");
    let by_code = |item: &ItemScore| {
        let check = &rubric.checks[&item.check];
        let alone = check.requests.is_empty() && check.reads.iter().all(|path| path.starts_with("code."));
        alone && item.outcome.verdict != Verdict::Manual && !item.id.starts_with("documentation/")
    };
    card.criteria.into_iter().flat_map(|criterion| criterion.items).filter(by_code).collect()
}

fn lost(item: &ItemScore) -> f64 {
    item.mark.of.as_f64() - item.mark.low.as_f64()
}

#[tokio::test]
async fn the_reference_solution_earns_all_and_each_change_loses_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks/day02");
    let mut good = BTreeMap::new();
    files(&root, &mut good, &root);
    let items = grade("day02", &good).await;
    let whole: Vec<String> = items
        .iter()
        .filter(|item| lost(item) > 0.0)
        .map(|item| format!("{}: {}", item.id, item.outcome.actual))
        .collect();
    assert!(whole.is_empty(), "{}", whole.join("\n"));
    let of: f64 = items.iter().map(|item| item.mark.of.as_f64()).sum();
    println!("\nday02: {} items rest on the code alone, {of} points", items.len());
    let mut wrong = Vec::new();
    for change in CHANGES {
        let mut changed = good.clone();
        match (change.from, change.to) {
            ("", "") => assert!(changed.remove(change.path).is_some(), "{}", change.path),
            ("", text) => assert!(changed.insert(change.path.to_owned(), text.to_owned()).is_none(), "{}", change.path),
            (from, to) => {
                let text = changed.get_mut(change.path).expect("a file");
                assert!(text.contains(from), "{} has no {from}", change.path);
                *text = text.replacen(from, to, 1);
            }
        }
        let seen: BTreeMap<String, f64> = grade("day02", &changed)
            .await
            .iter()
            .filter(|item| lost(item) > 0.0)
            .map(|item| (item.id.split_once('/').expect("criterion/name").1.to_owned(), lost(item)))
            .collect();
        let expected: BTreeMap<String, f64> =
            change.loses.iter().map(|(id, points)| ((*id).to_owned(), *points)).collect();
        let close = |id: &String, points: &f64| seen.get(id).is_some_and(|other| (points - other).abs() < 1e-9);
        let right = seen.len() == expected.len() && expected.iter().all(|(id, points)| close(id, points));
        println!("{} {:24} {seen:?}", if right { " " } else { "✗" }, change.name);
        if !right {
            wrong.push(format!("{}: expected {expected:?}, seen {seen:?}", change.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
