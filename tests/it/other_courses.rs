//! Two courses that nobody asked for (`examples/courses`): reference evidence, and what each change of it costs.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use stackmark_course::{Library, Rubric};
use stackmark_evidence::Evidence;
use stackmark_judge::outcome::outcome;
use stackmark_judge::scorecard::Verdict;
use stackmark_judge::view::View;
use stackmark_language::expression::Engine;
use stackmark_language::team_value;
use stackmark_plan::fill;

const BASE: &str = include_str!("../checks/base.json");
const STACK: &str = include_str!("../checks/stack.json");

/// What a change costs, and what it leaves open, in points by item.
struct Mutation {
    name: &'static str,
    change: Vec<(&'static str, Json)>,
    loses: &'static [(&'static str, f64)],
    opens: &'static [&'static str],
}

fn resource(kind: &str, properties: &Json, found_by: &str) -> Json {
    json!({ "state": "observed", "value": [{
        "arn": "arn:aws:x:eu-west-1:123456789012:y", "service": "x", "resource_type": kind, "name": "main",
        "region": "eu-west-1", "properties": properties, "found_by": found_by, "tags": { "team": "falcon" },
    }] })
}

fn exchange(status: u16) -> Json {
    let evidence: Json = serde_json::from_str(BASE).unwrap();
    let mut exchange = evidence["http"]["exchanges"].as_object().unwrap().values().next().unwrap().clone();
    exchange["value"]["status"] = json!(status);
    exchange["value"]["statuses"] = json!({ (status.to_string()): 20 });
    exchange
}

/// Each item's points and verdict, of the sample's evidence with these changes; `/page` is the answer to every request.
fn graded(id: &str, changes: &[(&str, Json)]) -> BTreeMap<String, (f64, Verdict, String)> {
    let (mut library, engine) = (Library::embedded(), Engine::new());
    library.add_folder(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/courses"))).unwrap();
    let (rubric, problems) = Rubric::parse(id, library.rubric(id).unwrap(), &library, &engine);
    assert!(problems.0.is_empty(), "{id}:\n{problems}");
    let rubric = rubric.unwrap();
    let mut json: Json = serde_json::from_str(BASE).unwrap();
    let stack: Json = serde_json::from_str(STACK).unwrap();
    for (name, reading) in stack["aws"].as_object().unwrap() {
        json["aws"][name] = reading.clone();
    }
    let mut page = exchange(200);
    for (pointer, value) in changes {
        match *pointer {
            "/page" => page = value.clone(),
            pointer => {
                *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = value.clone();
            }
        }
    }
    let team = serde_json::from_value(json["team"].clone()).unwrap();
    let mut items = BTreeMap::new();
    for item in rubric.items() {
        let check = &rubric.checks[&item.check];
        let filled = fill(check, &item.with, &team_value(&team), &engine).unwrap();
        let mut own = json.clone();
        for request in &filled.requests {
            own["http"]["exchanges"][request.key.as_str()] = page.clone();
        }
        let evidence: Evidence = serde_json::from_value(own).unwrap();
        let outcome = outcome(check, &item.with, &filled.asked, &View::new(&evidence).unwrap(), &engine);
        let points = item.points.times(outcome.ratio).as_f64();
        items.insert(item.id.clone(), (points, outcome.verdict, outcome.actual));
    }
    items
}

fn table(id: &str, reference: &[(&'static str, Json)], total: f64, mutations: &[Mutation]) {
    let good = graded(id, reference);
    let sum: f64 = good.values().map(|(points, ..)| points).sum();
    assert!((sum - total).abs() < 1e-9, "the reference earns {sum} of {total}: {good:#?}");
    for mutation in mutations {
        let changes: Vec<(&str, Json)> = reference.iter().chain(&mutation.change).cloned().collect();
        let changed = graded(id, &changes);
        for (item, (points, verdict, actual)) in &changed {
            let (before, ..) = good[item];
            let open = matches!(verdict, Verdict::Undetermined | Verdict::Manual);
            assert_eq!(open, mutation.opens.contains(&item.as_str()), "{}: {item}: {actual}", mutation.name);
            let lost = if open { 0.0 } else { before - points };
            let expected = mutation.loses.iter().find(|(lost, _)| lost == item).map_or(0.0, |(_, points)| *points);
            assert!(
                (lost - expected).abs() < 0.005,
                "{}: {item} loses {lost}, not {expected}: {actual}",
                mutation.name
            );
        }
    }
}

fn change(name: &'static str, change: Vec<(&'static str, Json)>, loses: &'static [(&'static str, f64)]) -> Mutation {
    Mutation { name, change, loses, opens: &[] }
}

fn denied() -> Json {
    json!({ "state": "unreadable", "cause": "denied", "detail": "AccessDenied" })
}

#[test]
fn a_database_behind_nginx() {
    let database = |encrypted: bool, public: bool| {
        let properties = json!({ "StorageEncrypted": encrypted, "PubliclyAccessible": public });
        resource("AWS::RDS::DBInstance", &properties, "cloudcontrol")
    };
    let declared = json!({ "state": "observed", "value": [{
        "tool": "terraform", "resource_type": "aws_db_instance", "service": "rds", "kind": "database", "name": "main",
        "label": null, "path": "main.tf", "line": 3, "arguments": {}, "tags": {}, "count": null,
    }] });
    let reference = [("/aws/resources", database(true, false)), ("/code/declared", declared)];
    let none = json!({ "state": "observed", "value": [] });
    let mutations = [
        change(
            "no database",
            vec![("/aws/resources", none.clone())],
            &[("concepts/database", 5.0), ("concepts/encrypted", 2.0), ("concepts/not-public", 3.0)],
        ),
        change("open to the world", vec![("/aws/resources", database(true, true))], &[("concepts/not-public", 3.0)]),
        change("not encrypted", vec![("/aws/resources", database(false, false))], &[("concepts/encrypted", 2.0)]),
        change("made by hand", vec![("/code/declared", none)], &[("concepts/by-code", 2.0)]),
        change("nginx finds no application", vec![("/page", exchange(502))], &[("works/answers", 8.0)]),
        Mutation {
            name: "the tagging API alone knows it",
            change: vec![("/aws/resources", resource("AWS::RDS::DBInstance", &json!({}), "tagging"))],
            loses: &[],
            opens: &["concepts/encrypted", "concepts/not-public"],
        },
        Mutation {
            name: "the account may not be read",
            change: vec![("/aws/resources", denied())],
            loses: &[],
            opens: &["concepts/database", "concepts/encrypted", "concepts/not-public"],
        },
    ];
    table("rds-nginx", &reference, 20.0, &mutations);
}

#[test]
fn a_static_site_with_a_function() {
    let distribution = |policy: &str| {
        let properties =
            json!({ "DistributionConfig": { "DefaultCacheBehavior": { "ViewerProtocolPolicy": policy } } });
        resource("AWS::CloudFront::Distribution", &properties, "cloudcontrol")
    };
    let reference = [("/aws/resources", distribution("redirect-to-https"))];
    let none = json!({ "state": "observed", "value": [] });
    let mutations = [
        change(
            "no distribution",
            vec![("/aws/resources", none.clone())],
            &[("concepts/distribution", 4.0), ("concepts/https", 2.0)],
        ),
        change("plain HTTP", vec![("/aws/resources", distribution("allow-all"))], &[("concepts/https", 2.0)]),
        change(
            "no bucket",
            vec![("/aws/buckets", none.clone())],
            &[("concepts/bucket", 3.0), ("concepts/bucket-private", 3.0)],
        ),
        change("no function", vec![("/aws/functions", none)], &[("concepts/function", 2.0)]),
        change("no page", vec![("/page", exchange(404))], &[("works/answers", 6.0)]),
        Mutation {
            name: "buckets may not be read",
            change: vec![("/aws/buckets", denied())],
            loses: &[],
            opens: &["concepts/bucket", "concepts/bucket-private"],
        },
    ];
    table("static-site", &reference, 20.0, &mutations);
}
