//! Every rubric against a stack that a moto server holds: the good one earns all that the emulator can show, and each
//! mutation loses exactly its own points.
//!
//! `cargo test --test rubrics -- --nocapture` prints the matrix.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::support::stacks::{Bench, Table};
use serde_json::json;
use stackmark_judge::scorecard::{ItemScore, Verdict};

fn lost(item: &ItemScore) -> f64 {
    item.mark.of.as_f64() - item.mark.low.as_f64()
}

/// What an item lost beyond what it loses in the good stack, where it is not nothing. An item that waits for a person
/// in one of the two stacks is in that one not listed, and has no points to compare.
fn differences(good: &[ItemScore], changed: &[ItemScore]) -> BTreeMap<String, f64> {
    let before: BTreeMap<&str, f64> = good.iter().map(|item| (item.id.as_str(), lost(item))).collect();
    let all = changed
        .iter()
        .filter_map(|after| Some((after.id.clone(), lost(after) - before.get(after.id.as_str()).copied()?)));
    all.filter(|(_, points)| points.abs() > 1e-9).collect()
}

fn same(expected: &BTreeMap<String, f64>, seen: &BTreeMap<String, f64>) -> bool {
    expected.len() == seen.len()
        && expected.iter().all(|(id, points)| seen.get(id).is_some_and(|other| (points - other).abs() < 1e-9))
}

/// Grades the good stack and its mutations; gives the matrix and what is wrong with it.
async fn matrix(id: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks").join(format!("{id}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bench = Bench::new(id);
    let mut wrong = Vec::new();

    let good = bench.grade(&json!({})).await;
    for item in &good {
        match (item.outcome.verdict, table.not_shown.contains_key(&item.id)) {
            (Verdict::Pass, false) => {}
            (Verdict::Pass, true) => wrong.push(format!("{} is shown after all", item.id)),
            (_, true) => {}
            (verdict, false) => {
                wrong.push(format!("good stack: {} {}: {}", item.id, verdict.as_str(), item.outcome.actual))
            }
        }
    }
    for id in table.not_shown.keys().filter(|id| !good.iter().any(|item| item.id == **id)) {
        wrong.push(format!("{id} rests on no AWS reading alone"));
    }
    let of: f64 = good.iter().map(|item| item.mark.of.as_f64()).sum();
    let shown: f64 = of - good.iter().map(lost).sum::<f64>();
    let mut lines = format!("\n{id}: {} items rest on AWS, {shown} of their {of} points are shown\n", good.len());
    let _ = writeln!(lines, "  {:52} {:>8} {:>6}  items", "mutation", "expected", "seen");
    for mutation in &table.mutation {
        let changed = bench.grade(&mutation.change).await;
        let seen = differences(&good, &changed);
        let sum = |points: &BTreeMap<String, f64>| points.values().sum::<f64>();
        let items: Vec<String> =
            seen.iter().map(|(id, points)| format!("{} {:.2}", id.rsplit('/').next().unwrap_or(id), points)).collect();
        let right = same(&mutation.loses, &seen);
        let _ = writeln!(
            lines,
            "{} {:52} {:8.2} {:6.2}  {}",
            if right { " " } else { "✗" },
            mutation.name,
            sum(&mutation.loses),
            sum(&seen),
            items.join(", ")
        );
        if !right {
            let said: Vec<String> = changed
                .iter()
                .filter(|item| seen.contains_key(&item.id) || mutation.loses.contains_key(&item.id))
                .map(|item| format!("    {} lost {:.2}: {}", item.id, lost(item), item.outcome.actual))
                .collect();
            wrong.push(format!("{}: expected {:?}, seen {seen:?}\n{}", mutation.name, mutation.loses, said.join("\n")));
        }
    }
    println!("{lines}");
    assert!(wrong.is_empty(), "{id}\n{}", wrong.join("\n"));
}

macro_rules! rubrics {
    ($($name:ident $id:literal)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            matrix($id).await;
        }
    )*};
}

rubrics! {
    log8415_a1 "log8415-a1"
    log8415_slides "log8415-slides"
    day02 "day02"
    day02_alb "day02-alb"
    ensai_tp1 "ensai-tp1"
    photogallery "photogallery"
    containers_fargate "containers-fargate"
    containers_ecs "containers-ecs"
    serverless_api "serverless-api"
    cloudformation_stack "cloudformation-stack"
    beanstalk_app "beanstalk-app"
    delivery_pipeline "delivery-pipeline"
    aws_services "aws-services"
    a_database_behind_nginx "rds-nginx"
    a_static_site "static-site"
}
