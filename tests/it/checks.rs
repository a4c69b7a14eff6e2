//! Every built-in check has cases: at least one that earns, one that loses and one that cannot be read.
//!
//! A case is `tests/checks/<family>/<name>/<case>.toml`: what to change in `tests/checks/base.json` (the evidence of
//! the demo's good team; `null` lists what is to be nothing), the check's parameters, and what has to come out. With
//! `base = "stack"`, the readings of `tests/checks/stack.json` come before the demo's: one row or two of every table.
//! A check's load is that of `tests/checks/load.json`.
//! The changed evidence is read back as the typed bundle, so that a case cannot drift from what the collectors write.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use stackmark_course::params;
use stackmark_course::problem::SourceText;
use stackmark_course::reader::Reader;
use stackmark_course::{Check, Library};
use stackmark_evidence::Evidence;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_judge::outcome::{View, outcome};
use stackmark_judge::scorecard::Outcome;
use stackmark_language::expression::Engine;
use stackmark_language::team_value;
use stackmark_plan::fill;

struct Case {
    path: PathBuf,
    toml: toml::Table,
}

#[test]
fn every_check_has_cases_that_earn_lose_and_cannot_be_read() {
    let mut lacking = Vec::new();
    let library = Library::embedded();
    for id in library.check_ids() {
        let verdicts: BTreeSet<String> =
            cases(id).iter().map(|case| case.toml["expect"].as_str().expect("expect").to_owned()).collect();
        let has = |any: &[&str]| any.iter().any(|verdict| verdicts.contains(*verdict));
        // What only a person can settle, whatever there is to see, loses nothing by itself.
        let text = &library.check(id).expect("listed").text;
        let is_a_persons = text.contains("\nmanual = ") && text.contains("\noptional = ");
        let loses = is_a_persons || has(&["fail", "partial"]);
        if !has(&["pass", "manual"]) || !loses || !has(&["undetermined"]) {
            lacking.push(format!("{id}: only {verdicts:?}"));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[test]
fn cases_of_checks_that_are_gone_are_gone_too() {
    let library = Library::embedded();
    for family in std::fs::read_dir(root()).expect("cases").flatten().filter(|entry| entry.path().is_dir()) {
        for check in std::fs::read_dir(family.path()).expect("family").flatten() {
            let id = format!("{}/{}", family.file_name().to_string_lossy(), check.file_name().to_string_lossy());
            assert!(library.check(&id).is_some(), "tests/checks/{id} tests no check");
        }
    }
}

/// Readings in which what is found costs points, and which nothing that was not looked into can take back.
const OF_WHAT_IS_FOUND: [&str; 2] = ["git.hygiene", "code.credentials"];

/// No check asks for it, and none can forget it.
#[test]
fn a_loss_over_readings_of_which_much_was_set_aside_is_a_question() {
    let base: Json =
        serde_json::from_str(&std::fs::read_to_string(root().join("base.json")).expect("base")).expect("JSON");
    let (library, engine) = (Library::embedded(), Engine::new());
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for id in library.check_ids() {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        let over: Vec<(&str, &str)> = (check.reads.iter())
            .filter(|path| !OF_WHAT_IS_FOUND.contains(&path.as_str()))
            .filter_map(|path| path.split_once('.').filter(|(family, _)| matches!(*family, "git" | "code")))
            .collect();
        for case in cases(id).iter().filter(|case| matches!(case.toml["expect"].as_str(), Some("fail" | "partial"))) {
            for share in [Some(0.5), None] {
                let doubt = |json: &mut Json| {
                    for (family, reading) in &over {
                        json[*family]["set_aside"][*reading] = serde_json::json!([{
                            "kind": "other-repository", "what": "1 link to another repository", "files": 1,
                            "commits": 0, "lines": null, "share": share, "examples": ["src"],
                        }]);
                    }
                };
                let outcome = outcome_of(&check, case, &base, &engine, doubt).expect("a case");
                let is_loss = matches!(outcome.verdict.as_str(), "fail" | "partial");
                if is_loss != over.is_empty() || (!is_loss && !outcome.actual.contains("another repository (src)")) {
                    wrong.push(format!("{}: {}: {}", case.path.display(), outcome.verdict.as_str(), outcome.actual));
                }
                asked += usize::from(!is_loss);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 20, "only {asked} cases lose over what was read of the repository");
}

/// No check thinks of rows that could not be read, and none can forget them.
#[test]
fn a_table_that_lacks_rows_leaves_an_outcome_as_it_is_or_open() {
    let base: Json =
        serde_json::from_str(&std::fs::read_to_string(root().join("base.json")).expect("base")).expect("JSON");
    let (library, engine) = (Library::embedded(), Engine::new());
    let (mut wrong, mut opened, mut decided) = (Vec::new(), 0, 0);
    for id in library.check_ids().filter(|id| id.starts_with("aws/")) {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        let named = check.reads.iter().filter_map(|path| path.strip_prefix("aws."));
        let tables: Vec<&str> = named.filter(|name| AwsEvidence::TABLES.contains(name)).collect();
        if tables.is_empty() {
            continue;
        }
        for case in cases(id) {
            let gaps = |json: &mut Json| {
                for table in &tables {
                    json["aws"]["gaps"][*table] = serde_json::json!([
                        { "missing": "rows", "failure": { "cause": "denied", "detail": "rows could not be read" } }
                    ]);
                }
            };
            let whole = outcome_of(&check, &case, &base, &engine, |_| {}).expect("a case");
            let lacking = outcome_of(&check, &case, &base, &engine, gaps).expect("a case");
            let same = lacking.verdict == whole.verdict && (lacking.ratio - whole.ratio).abs() < 1e-9;
            if !same && !lacking.verdict.is_open() {
                wrong.push(format!("{}: {}: {}", case.path.display(), lacking.verdict.as_str(), lacking.actual));
            }
            match (whole.verdict.is_open(), lacking.verdict.is_open()) {
                (false, true) => opened += 1,
                (false, false) => decided += 1,
                (true, _) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("rows that are missing open {opened} cases, {decided} are decided without them");
    assert!(opened > 40 && decided > 20, "{opened} opened, {decided} decided");
}

#[test]
fn cases_come_out_as_they_say() {
    let base: Json =
        serde_json::from_str(&std::fs::read_to_string(root().join("base.json")).expect("base")).expect("JSON");
    let (library, engine) = (Library::embedded(), Engine::new());
    let mut wrong = Vec::new();
    for id in library.check_ids() {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        for case in cases(id) {
            if let Err(message) = run(&check, &case, &base, &engine) {
                wrong.push(format!("{}: {message}", case.path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The outcome of a case, its evidence changed once more.
fn outcome_of(
    check: &Check,
    case: &Case,
    base: &Json,
    engine: &Engine,
    change: impl FnOnce(&mut Json),
) -> Result<Outcome, String> {
    let with_text = case.toml.get("with").map(|with| toml::to_string(with).expect("TOML")).unwrap_or_default();
    let source = SourceText::new("with", with_text);
    let (with, problems) = Reader::new(&source)
        .read(|table| Some(params::bind(&check.params, Some(&table), &check.id, table.reader(), 0..0)));
    if !problems.0.is_empty() {
        return Err(problems.to_string());
    }
    let with = with.expect("no problem");
    let team = serde_json::from_value(base["team"].clone()).expect("a team");
    let filled = fill(check, &with, &team_value(&team), engine).map_err(|error| error.to_string())?;
    let mut pointers: Vec<(String, String)> = check
        .requests
        .iter()
        .zip(&filled.requests)
        .map(|(step, request)| {
            let pointer = format!("/http/exchanges/{}", request.key.replace('~', "~0").replace('/', "~1"));
            (format!("<{}>", step.name.text), pointer)
        })
        .collect();
    let mut json = base.clone();
    if let Some(name) = case.toml.get("base") {
        let path = root().join(format!("{}.json", name.as_str().expect("a name")));
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let over: Json = serde_json::from_str(&text).expect("JSON");
        for (family, readings) in over.as_object().expect("families") {
            for (reading, value) in readings.as_object().expect("readings") {
                json[family][reading] = value.clone();
            }
        }
    }
    if let Some((spec, load)) = check.load.as_ref().zip(filled.load.as_ref()) {
        let text = std::fs::read_to_string(root().join("load.json")).expect("load.json");
        json["http"]["loads"][&load.key] = serde_json::from_str(&text).expect("JSON");
        let pointer = format!("/http/loads/{}", load.key.replace('~', "~0").replace('/', "~1"));
        pointers.push((format!("<{}>", spec.name.text), pointer));
    }
    // TOML has no null.
    let nulls = case.toml.get("null").and_then(toml::Value::as_array).into_iter().flatten();
    let nulls = nulls.map(|pointer| (pointer.as_str().expect("a pointer").to_owned(), Json::Null));
    let values = case.toml.get("set").and_then(toml::Value::as_table).into_iter().flatten();
    let values = values.map(|(pointer, value)| (pointer.clone(), serde_json::to_value(value).expect("JSON")));
    for (pointer, value) in nulls.chain(values) {
        let pointer = pointers.iter().fold(pointer, |pointer, (name, at)| pointer.replace(name, at));
        let parts: Vec<String> =
            pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        set(&mut json, &parts, &value).map_err(|message| format!("{pointer}: {message}"))?;
    }
    change(&mut json);
    let evidence: Evidence = serde_json::from_value(json).map_err(|error| format!("not evidence any more: {error}"))?;
    Ok(outcome(check, &with, &filled.asked, &View::new(&evidence).expect("serializes"), engine))
}

fn run(check: &Check, case: &Case, base: &Json, engine: &Engine) -> Result<(), String> {
    let outcome = outcome_of(check, case, base, engine, |_| {})?;
    let verdict = case.toml["expect"].as_str().expect("expect");
    if outcome.verdict.as_str() != verdict {
        return Err(format!("{} instead of {verdict}: {}", outcome.verdict.as_str(), outcome.actual));
    }
    if let Some(ratio) = case.toml.get("ratio").and_then(toml::Value::as_float)
        && (outcome.ratio - ratio).abs() > 0.005
    {
        return Err(format!("ratio {} instead of {ratio}: {}", outcome.ratio, outcome.actual));
    }
    let says = case.toml.get("says").and_then(toml::Value::as_str);
    match says {
        Some(says) if !outcome.actual.contains(says) => Err(format!("says “{}”, without “{says}”", outcome.actual)),
        None if verdict != "pass" => Err("a case that is no pass needs `says`".to_owned()),
        _ => Ok(()),
    }
}

/// Replaces what stands at the pointer; `*` is every element or key.
fn set(json: &mut Json, parts: &[String], value: &Json) -> Result<(), String> {
    let Some((part, rest)) = parts.split_first() else {
        *json = value.clone();
        return Ok(());
    };
    match json {
        Json::Array(elements) if part == "*" => elements.iter_mut().try_for_each(|element| set(element, rest, value)),
        Json::Array(elements) => {
            let index: usize = part.parse().map_err(|_| format!("{part} is no index"))?;
            set(elements.get_mut(index).ok_or_else(|| format!("there is no element {part}"))?, rest, value)
        }
        Json::Object(fields) if part == "*" => fields.values_mut().try_for_each(|field| set(field, rest, value)),
        Json::Object(fields) if rest.is_empty() => {
            fields.insert(part.clone(), value.clone());
            Ok(())
        }
        Json::Object(fields) => set(fields.get_mut(part).ok_or_else(|| format!("there is no {part}"))?, rest, value),
        _ => Err(format!("{part} is below a scalar")),
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks")
}

fn cases(id: &str) -> Vec<Case> {
    let Ok(folder) = std::fs::read_dir(root().join(id)) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = folder.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("case");
            let toml = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Case { path, toml }
        })
        .collect()
}
