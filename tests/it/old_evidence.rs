//! Evidence of an older version under this one: what was not written then is not collected, and never a lost point. The
//! counts are printed by `cargo test --test it old_evidence:: -- --nocapture`.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;
use stackmark_class::team::score;
use stackmark_course::{Check, Library, Overrides, Rubric, SourceText};
use stackmark_evidence::asked::Asked;
use stackmark_judge::outcome::outcome;
use stackmark_judge::scorecard::Verdict;
use stackmark_judge::view::View;
use stackmark_language::expression::{Engine, value_of};
use stackmark_render::json::read_evidence;

const TEAMS: [&str; 2] = ["falcon", "heron"];

fn sample(name: &str) -> String {
    let path = format!("{}/tests/samples/evidence-v1/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn rubric() -> Rubric {
    let (library, engine) = (Library::embedded(), Engine::new());
    Rubric::parse("log8415-a1", library.rubric("log8415-a1").unwrap(), &library, &engine).0.unwrap()
}

/// The verdict on each item, by its criterion and id, and the highest mark that is still open.
fn verdicts(card: &Value) -> BTreeMap<String, String> {
    let mut verdicts = BTreeMap::new();
    for criterion in card["criteria"].as_array().unwrap() {
        for item in criterion["items"].as_array().unwrap() {
            let key = format!("{}/{}", criterion["id"].as_str().unwrap_or_default(), item["id"].as_str().unwrap());
            verdicts.insert(key, item["outcome"]["verdict"].as_str().unwrap().to_owned());
        }
    }
    verdicts
}

/// The card of evidence as text; `None` where this version does not take it.
fn judged(text: &str, rubric: &Rubric) -> Option<Value> {
    let evidence = read_evidence(text).ok()?;
    let card = score(&evidence, "0".repeat(64), rubric, &Overrides::default(), None).ok()?;
    Some(serde_json::to_value(card).unwrap())
}

#[test]
fn stored_evidence_of_the_version_before_is_judged_and_loses_nothing_in_silence() {
    let rubric = rubric();
    for team in TEAMS {
        let then: Value = serde_json::from_str(&sample(&format!("{team}.scorecard"))).unwrap();
        let now = verdicts(&judged(&sample(team), &rubric).expect("it is read"));
        let then = verdicts(&then);
        let lost: Vec<&String> = then
            .iter()
            .filter(|(item, verdict)| *verdict == "pass" && now.get(*item).is_some_and(|now| now == "fail"))
            .map(|(item, _)| item)
            .collect();
        println!("{team}: {} items, {} of them passed then and fail now", now.len(), lost.len());
        assert!(lost.is_empty(), "{team}: {lost:?}");
    }
}

#[test]
fn a_null_that_was_filled_in_is_not_collected_and_costs_nothing() {
    let text = r#"
title = "One script is told by a run alone"
why = "Why."
fix = "Fix it."
reads = ["code.user_data"]

[[expect]]
that = "code.user_data | where('open', 'eq', 'scp') | length >= 1"
says = "none"
"#;
    let engine = Engine::new();
    let check = Check::parse("code/open", &SourceText::new("open.toml", text), &engine).0.expect("a check");
    let verdict = |text: &str| {
        let view = View::new(&read_evidence(text).expect("evidence")).expect("a view");
        outcome(&check, &IndexMap::new(), &Asked::default(), &view, &engine)
    };
    let then = verdict(&sample("falcon"));
    assert_eq!(then.verdict, Verdict::Undetermined, "the version before had no such field: {then:?}");
    assert!(then.actual.contains("did not read `open`"), "{}", then.actual);
    // Written by this version, null is what it says: there is nothing of the kind.
    let mut written: Value = serde_json::from_str(&sample("falcon")).unwrap();
    for row in written["code"]["user_data"]["value"].as_array_mut().expect("rows") {
        row["open"] = Value::Null;
    }
    assert_eq!(verdict(&written.to_string()).verdict, Verdict::Fail);
}

/// Whether calls are listed in a file's language is not what an older version told.
#[test]
fn files_of_which_calls_may_be_unlisted_are_open_in_old_evidence() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let mut then: Value = serde_json::from_str(&sample("falcon")).unwrap();
    then["code"]["calls"] = serde_json::json!({ "state": "observed", "value": [] });
    let view = View::new(&read_evidence(&then.to_string()).expect("evidence")).expect("a view");
    let with = IndexMap::from([("names".to_owned(), value_of(["os.system"])), ("files".to_owned(), value_of(["*"]))]);
    for id in ["code/calls", "code/no-forbidden-calls"] {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("a check");
        let found = outcome(&check, &with, &Asked::default(), &view, &engine);
        assert_eq!(found.verdict, Verdict::Undetermined, "{id}: {found:?}");
        assert!(found.actual.contains("did not read `calls_unlisted`"), "{id}: {}", found.actual);
    }
}

/// Paths of all fields of objects, places in lists left open.
fn fields(value: &Value, at: &str, into: &mut BTreeMap<String, u32>) {
    match value {
        Value::Object(fields_of) => {
            for (key, value) in fields_of {
                let path = format!("{at}/{}", key.replace('/', "~1"));
                *into.entry(path.clone()).or_default() += 1;
                fields(value, &path, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fields(item, &format!("{at}/*"), into)),
        _ => {}
    }
}

/// Takes a field out wherever it stands.
fn without(value: &mut Value, path: &[&str]) {
    match (value, path) {
        (Value::Object(fields), [key]) => {
            fields.shift_remove(&key.replace("~1", "/"));
        }
        (Value::Object(fields), [key, rest @ ..]) => {
            if let Some(inner) = fields.get_mut(&key.replace("~1", "/")) {
                without(inner, rest);
            }
        }
        (Value::Array(items), ["*", rest @ ..]) => items.iter_mut().for_each(|item| without(item, rest)),
        _ => {}
    }
}

#[test]
fn no_field_that_was_not_written_costs_a_point() {
    let rubric = rubric();
    let whole: Value = serde_json::from_str(&sample("heron")).unwrap();
    let before = verdicts(&judged(&whole.to_string(), &rubric).unwrap());
    let mut paths = BTreeMap::new();
    fields(&whole, "", &mut paths);
    let (mut tried, mut refused, mut lost) = (0, 0, Vec::new());
    for path in paths.keys() {
        let keys: Vec<&str> = path.split('/').skip(1).collect();
        // Rows by name are the team's, and no fields of a version; a reading's own state says what it is.
        let is_named = path.contains("/tags/") || path.contains("/exchanges/") || path.contains("/loads/");
        // Every version wrote it: `null` is what AWS says of a rule for another group.
        let is_of_aws = path.ends_with("/ingress/*/cidr");
        if is_named || is_of_aws || keys.last().is_some_and(|key| ["state", "value", "schema"].contains(key)) {
            continue;
        }
        tried += 1;
        let mut older = whole.clone();
        without(&mut older, &keys);
        let Some(card) = judged(&older.to_string(), &rubric) else {
            refused += 1;
            continue;
        };
        let now = verdicts(&card);
        for (item, verdict) in &before {
            if verdict == "pass" && now[item] == "fail" {
                lost.push(format!("{path}: {item}"));
            }
        }
    }
    println!("{tried} fields left out one by one: {refused} refused, {} cost a point in silence", lost.len());
    assert_eq!(lost, [""; 0]);
}
