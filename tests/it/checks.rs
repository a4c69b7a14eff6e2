//! Every built-in check has cases: at least one that earns, one that loses and one that cannot be read.
//!
//! `stackmark_class::cases` tells what a case is; `tests/cases.rs` runs each as a test of its own.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use stackmark_class::cases::{Case, cases_of, outcome_of};
use stackmark_course::{Check, Library, SourceText};
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::unread::{CodeSetAside, UnreadFiles, WhyUnread};
use stackmark_language::expression::Engine;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks")
}

fn cases(check: &str) -> Vec<Case> {
    cases_of(&root(), check).unwrap()
}

#[test]
fn every_check_has_cases_that_earn_lose_and_cannot_be_read() {
    let mut lacking = Vec::new();
    let library = Library::embedded();
    for id in library.check_ids() {
        let verdicts: BTreeSet<String> = cases(id).iter().map(|case| case.expects().to_owned()).collect();
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

/// What a check that asks a person gives for certain stays given, and what one that forbids takes stays taken.
#[test]
fn what_an_unsure_check_keeps_is_no_question() {
    let engine = Engine::new();
    let case = Case { path: PathBuf::new(), toml: "expect = \"manual\"".parse().expect("a case") };
    let ends = |forbids: bool, keeps: bool, given: f64, unsure: &str, is_read: bool| {
        let text = format!(
            "title = \"t\"\nwhy = \"w\"\nfix = \"f\"\nreads = [\"code.files\", \"code.calls\"]\nforbids = {forbids}\n\
             score = \"{given} if code.files | length >= 1 else 0\"\nsays = \"s\"\n\
             [unsure]\nkeeps = {keeps}\nthat = \"code.calls | length {unsure}\"\nsays = \"look\"\n"
        );
        let (check, problems) = Check::parse("code/own", &SourceText::new("own.toml", text), &engine);
        let check = check.unwrap_or_else(|| panic!("{problems}"));
        let outcome = outcome_of(&check, &case, &engine, |json| {
            if !is_read {
                json["code"]["calls"] = serde_json::json!({ "state": "unreadable", "cause": "refused", "detail": "d" });
            }
        });
        let outcome = outcome.expect("a case");
        let (least, most) = outcome.ends();
        (outcome.verdict.as_str(), format!("{least}..{most}"))
    };
    for (forbids, keeps, given, unsure, is_read, verdict, expected) in [
        (false, true, 0.4, ">= 0", true, "manual", "0.4..1"),
        (false, true, 1.0, ">= 0", true, "pass", "1..1"),
        (false, false, 0.4, ">= 0", true, "manual", "0..1"),
        (false, true, 0.4, "< 0", true, "partial", "0.4..0.4"),
        (true, true, 0.4, ">= 0", true, "manual", "0..0.4"),
        (true, true, 0.0, ">= 0", true, "fail", "0..0"),
        (false, true, 0.4, ">= 0", false, "undetermined", "0.4..1"),
        (false, true, 1.0, ">= 0", false, "pass", "1..1"),
        (false, false, 0.4, ">= 0", false, "undetermined", "0..1"),
    ] {
        let found = ends(forbids, keeps, given, unsure, is_read);
        assert_eq!(found, (verdict, expected.to_owned()), "{forbids} {keeps} {given} {unsure} {is_read}");
    }
}

/// Readings in which what is found costs points, and which nothing that was not looked into can take back.
const OF_WHAT_IS_FOUND: [&str; 2] = ["git.hygiene", "code.credentials"];

/// No check asks for it, and none can forget it.
#[test]
fn a_loss_over_readings_of_which_much_was_set_aside_is_a_question() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for id in library.check_ids() {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        // One link to another repository, which may hold anything.
        let link = |share: Option<f64>| CodeSetAside {
            share: share.unwrap_or(1.0),
            groups: vec![UnreadFiles {
                kind: WhyUnread::OtherRepository,
                files: 1,
                bytes: 0,
                examples: vec!["another repository (src)".to_owned()],
                readings: Vec::new(),
            }],
        };
        let of_code = |path: &&str| !check.forbids && !link(None).of_reading(path).is_empty();
        let over: Vec<(&str, &str)> = (check.reads.iter().map(String::as_str))
            .filter(|path| !OF_WHAT_IS_FOUND.contains(path))
            .filter(|path| path.starts_with("git.") || of_code(path))
            .filter_map(|path| path.split_once('.'))
            .collect();
        for case in cases(id).iter().filter(|case| matches!(case.expects(), "fail" | "partial")) {
            for share in [Some(0.5), None] {
                let doubt = |json: &mut Json| {
                    for (family, reading) in &over {
                        if *family == "code" {
                            json["code"]["set_aside"] =
                                serde_json::json!({ "state": "observed", "value": link(share) });
                            continue;
                        }
                        json["git"]["set_aside"][*reading] = serde_json::json!([{
                            "kind": "other-repository", "what": "1 link to another repository", "files": 1,
                            "commits": 0, "lines": null, "share": share, "examples": ["src"],
                        }]);
                    }
                };
                let outcome = outcome_of(&check, case, &engine, doubt).expect("a case");
                let is_loss = matches!(outcome.verdict.as_str(), "fail" | "partial");
                let plain = outcome_of(&check, case, &engine, |_| {}).expect("a case");
                let (least, most) = outcome.ends();
                let keeps = (least - plain.ratio).abs() < 1e-9 && (is_loss || most >= 1.0);
                let asks = is_loss || outcome.actual.contains("another repository (src)");
                if is_loss != over.is_empty() || !asks || !keeps {
                    wrong.push(format!("{}: {}: {}", case.path.display(), outcome.verdict.as_str(), outcome.actual));
                }
                asked += usize::from(!is_loss);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 20, "only {asked} cases lose over what was read of the repository");
}

/// No check asks for it, and none can forget it: a fact about how the work came about leaves the points to a person.
#[test]
fn a_gain_over_readings_with_signs_that_ask_is_a_question() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for id in library.check_ids() {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        let over: Vec<(&str, &str)> = (check.reads.iter().filter(|path| !check.optional.contains(path)))
            .filter_map(|path| path.split_once('.'))
            .filter(|(family, _)| matches!(*family, "git" | "code" | "report"))
            .collect();
        for case in cases(id).iter().filter(|case| matches!(case.expects(), "pass" | "partial")) {
            let plain = outcome_of(&check, case, &engine, |_| {}).expect("a case");
            for asks in [true, false] {
                let signed = |json: &mut Json| {
                    for (family, reading) in &over {
                        json[*family]["signs"][*reading] =
                            serde_json::json!([{ "kind": "burst", "says": "9 commits within a minute", "asks": asks }]);
                    }
                };
                let outcome = outcome_of(&check, case, &engine, signed).expect("a case");
                let is_asked = outcome.in_full().contains("9 commits within a minute");
                let is_kept_from_the_team = outcome.actual == plain.actual;
                let must_ask = asks && !over.is_empty() && (plain.verdict.as_str() == "pass" || plain.ratio > 0.0);
                let is_same = outcome.verdict == plain.verdict && outcome.for_marker.is_none();
                let stays_lost = (outcome.at_most.unwrap_or(1.0) - plain.ratio).abs() < 1e-9;
                let is_left = outcome.verdict.as_str() == "manual" && stays_lost;
                if is_asked != must_ask || is_same == must_ask || !is_kept_from_the_team || (must_ask && !is_left) {
                    wrong.push(format!("{}: {}: {}", case.path.display(), outcome.verdict.as_str(), outcome.actual));
                }
                asked += usize::from(must_ask);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 40, "only {asked} cases earn over what was read of the repository");
}

/// A document that may not be the report earns nothing and loses nothing by itself, whatever a check reads of it.
#[test]
fn what_is_read_of_a_document_that_may_not_be_the_report_is_a_question() {
    const DOUBT: &str = "it reads as what a program printed";
    let (library, engine) = (Library::embedded(), Engine::new());
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for id in library.check_ids() {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        let of_report: Vec<&str> = (check.reads.iter().filter(|path| !check.optional.contains(path)))
            .filter_map(|path| path.strip_prefix("report."))
            .collect();
        if of_report.is_empty() {
            continue;
        }
        for case in cases(id).iter().filter(|case| matches!(case.expects(), "pass" | "partial" | "fail")) {
            let is_read = Cell::new(false);
            let doubt = |json: &mut Json| {
                let report = &mut json["report"];
                let observed = |name: &str| report[name]["state"] == "observed";
                is_read.set(observed("document") && of_report.iter().all(|name| observed(name)));
                if !is_read.get() {
                    return;
                }
                report["document"]["value"]["doubt"] = DOUBT.into();
                // A README is one, whether it is the report or not.
                let path = report["document"]["value"]["path"].clone();
                for claim in report["claims"]["value"].as_array_mut().into_iter().flatten() {
                    claim["path"] = path.clone();
                }
            };
            let outcome = outcome_of(&check, case, &engine, doubt).expect("a case");
            let asks = outcome.verdict.as_str() == "manual" && outcome.actual.contains(DOUBT);
            if is_read.get() && !asks {
                wrong.push(format!("{}: {}: {}", case.path.display(), outcome.verdict.as_str(), outcome.actual));
            }
            asked += usize::from(is_read.get());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 12, "only {asked} cases are judged by what was read of a report");
}

/// What was not measured asked a person to look, and did not say that half of the commits came within a minute.
#[test]
fn what_waits_for_another_reason_tells_the_signs_as_well() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let (mut wrong, mut told) = (Vec::new(), 0);
    for id in library.check_ids() {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        let over: Vec<(&str, &str)> = (check.reads.iter().filter(|path| !check.optional.contains(path)))
            .filter_map(|path| path.split_once('.'))
            .filter(|(family, _)| matches!(*family, "git" | "code" | "report"))
            .collect();
        if over.is_empty() {
            continue;
        }
        let doubt = |json: &mut Json| {
            over.iter().for_each(|(family, _)| json[*family]["signs"] = serde_json::json!({}));
            for (_, reading) in over.iter().filter(|(family, _)| *family == "git") {
                json["git"]["set_aside"][*reading] = serde_json::json!([{
                    "kind": "other-repository", "what": "1 link to another repository", "files": 1,
                    "commits": 0, "lines": null, "share": null, "examples": ["src"],
                }]);
            }
        };
        let doubt_and_sign = |json: &mut Json| {
            doubt(json);
            for (family, reading) in &over {
                json[*family]["signs"][*reading] =
                    serde_json::json!([{ "kind": "burst", "says": "9 commits within a minute", "asks": true }]);
            }
        };
        for case in cases(id) {
            let without = outcome_of(&check, &case, &engine, doubt).expect("a case");
            if without.verdict.as_str() != "manual" {
                continue;
            }
            let with = outcome_of(&check, &case, &engine, doubt_and_sign).expect("a case");
            let is_told = with.actual == without.actual && with.in_full().contains("9 commits within a minute");
            let stays_lost = (with.ends().1 - without.ends().1).abs() < 1e-9;
            if !is_told || !stays_lost || with.verdict != without.verdict || with.fix != without.fix {
                wrong.push(format!("{}: {}: {}", case.path.display(), with.verdict.as_str(), with.actual));
            }
            told += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(told > 20, "only {told} cases wait for another reason");
}

/// No check thinks of rows that could not be read, and none can forget them.
#[test]
fn a_table_that_lacks_rows_leaves_an_outcome_as_it_is_or_open() {
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
            let whole = outcome_of(&check, &case, &engine, |_| {}).expect("a case");
            let lacking = outcome_of(&check, &case, &engine, gaps).expect("a case");
            let same = lacking.verdict == whole.verdict && (lacking.ratio - whole.ratio).abs() < 1e-9;
            let ((least, most), (from, to)) = (lacking.ends(), whole.ends());
            let contains = least <= from + 1e-9 && to <= most + 1e-9;
            if (!same && !lacking.verdict.is_open()) || !contains {
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

/// Nor of a reading that is missing as a whole: what does not ask for it is earned and lost as if it were there.
#[test]
fn a_reading_that_is_missing_opens_no_more_than_what_rests_on_it() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let (mut wrong, mut opened, mut kept, mut decided) = (Vec::new(), 0, 0, 0);
    for id in library.check_ids() {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        for case in cases(id) {
            let whole = outcome_of(&check, &case, &engine, |_| {}).expect("a case");
            for (family, reading) in check.reads.iter().filter_map(|path| path.split_once('.')) {
                let denied = |json: &mut Json| {
                    json[family][reading] =
                        serde_json::json!({ "state": "unreadable", "cause": "denied", "detail": "not read" });
                };
                let lacking = outcome_of(&check, &case, &engine, denied).expect("a case");
                let ((least, most), (from, to)) = (lacking.ends(), whole.ends());
                if least > from + 1e-9 || to > most + 1e-9 {
                    let said = &lacking.actual;
                    wrong.push(format!("{} without {family}.{reading}: {least}..{most}: {said}", case.path.display()));
                }
                match lacking.verdict.is_open() {
                    true if lacking.at_least.is_some() || lacking.at_most.is_some() => kept += 1,
                    true => opened += 1,
                    false => decided += 1,
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("a missing reading opens {opened} cases, opens a part of {kept}, and {decided} are decided without it");
    assert!(opened > 100 && kept > 10 && decided > 10, "{opened} opened, {kept} in part, {decided} decided");
}

#[test]
fn what_a_denied_table_does_not_decide_is_earned() {
    let (library, engine) = (Library::embedded(), Engine::new());
    for (id, table, least, most) in [
        // Five of seven parts are the load balancer's own.
        ("aws/load-balancer", "listeners", 5.0 / 7.0, 1.0),
        // Target groups are there and in use; whether they have targets is open.
        ("aws/target-groups", "target_health", 0.6, 1.0),
    ] {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        let case = cases(id).into_iter().find(|case| case.path.ends_with("pass.toml")).expect("a case that passes");
        let denied = |json: &mut Json| {
            json["aws"][table] =
                serde_json::json!({ "state": "unreadable", "cause": "denied", "detail": "missing permission" });
        };
        let outcome = outcome_of(&check, &case, &engine, denied).expect("a case");
        let (low, high) = outcome.ends();
        assert_eq!(outcome.verdict.as_str(), "undetermined", "{id}");
        assert!((low - least).abs() < 1e-5 && (high - most).abs() < 1e-9, "{id}: {low}..{high}: {}", outcome.actual);
    }
}

#[test]
fn what_resources_in_doubt_leave_of_the_tags_is_earned() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let check = Check::parse("aws/tags", library.check("aws/tags").expect("listed"), &engine).0.expect("valid");
    let case = cases("aws/tags").into_iter().find(|case| case.path.ends_with("half.toml")).expect("a case");
    // Five of ten carry the tags, and of some others nobody can tell whether they belong.
    for (between, least, most) in [
        (serde_json::json!({ "tagged": [5, 5], "taggable": [10, 12] }), 5.0 / 12.0, 0.5),
        (serde_json::json!({ "tagged": [5, 7], "taggable": [10, 12] }), 5.0 / 12.0, 0.7),
        (serde_json::json!({ "tagged": [5, 5], "taggable": [10, null] }), 0.0, 0.5),
        (serde_json::json!({}), 0.0, 1.0),
    ] {
        let doubt = |json: &mut Json| {
            let ends = between.as_object().expect("counts").iter();
            let ends: serde_json::Map<String, Json> =
                ends.map(|(name, of)| (name.clone(), serde_json::json!({ "least": of[0], "most": of[1] }))).collect();
            json["aws"]["gaps"]["scope"] = serde_json::json!([{
                "missing": "fields", "fields": ["tagged", "taggable", "untagged"], "between": ends,
                "failure": { "cause": "denied", "detail": "missing permission" },
            }]);
        };
        let outcome = outcome_of(&check, &case, &engine, doubt).expect("a case");
        let (low, high) = outcome.ends();
        assert_eq!(outcome.verdict.as_str(), "undetermined", "{between}");
        assert!((low - least).abs() < 1e-5 && (high - most).abs() < 1e-5, "{between}: {low}..{high}");
    }
}

/// Every text below `json`, changed.
fn each_text(json: &mut Json, change: &impl Fn(&str) -> String) {
    match json {
        Json::String(text) => *text = change(text),
        Json::Array(elements) => elements.iter_mut().for_each(|element| each_text(element, change)),
        Json::Object(fields) => fields.values_mut().for_each(|value| each_text(value, change)),
        _ => {}
    }
}

/// The tables of AWS that were read.
fn tables_of(json: &mut Json) -> impl Iterator<Item = &mut Vec<Json>> {
    let readings = json["aws"].as_object_mut().into_iter().flat_map(|aws| aws.values_mut());
    readings.filter_map(|reading| reading.get_mut("value")?.as_array_mut())
}

/// Ids as AWS gives them, which no course can ask for.
fn ids() -> regex::Regex {
    regex::Regex::new(r"\b(i|subnet|vol|vpc|igw|rtb|sg|ami|lt)-([0-9A-Za-z]+)\b").expect("a pattern")
}

/// Cases of the checks of AWS, but for those whose parameters or evidence of another kind name an id.
fn of_stacks(engine: &Engine) -> Vec<(Check, Vec<Case>)> {
    let library = Library::embedded();
    let checks = library.check_ids().filter(|id| id.starts_with("aws/"));
    let checks = checks.map(|id| Check::parse(id, library.check(id).expect("listed"), engine).0.expect("valid"));
    let names_no_id = |case: &Case| !case.toml.get("with").is_some_and(|with| ids().is_match(&with.to_string()));
    let mut all = Vec::new();
    for check in checks {
        let cases = cases(&check.id).into_iter().filter(names_no_id).collect();
        all.push((check, cases));
    }
    all
}

#[test]
fn neither_the_order_of_rows_nor_what_ids_are_called_decides_anything() {
    let (engine, ids) = (Engine::new(), ids());
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for (check, cases) in of_stacks(&engine) {
        for case in &cases {
            let whole = outcome_of(&check, case, &engine, |_| {}).expect("a case");
            let other = |json: &mut Json| {
                each_text(&mut json["aws"], &|text: &str| ids.replace_all(text, "$1-0zz${2}x").into_owned());
                tables_of(json).for_each(|rows| rows.reverse());
            };
            let changed = outcome_of(&check, case, &engine, other).expect("a case");
            judged += 1;
            if changed.verdict != whole.verdict || (changed.ratio - whole.ratio).abs() > 1e-9 {
                wrong.push(format!("{}: {} {}: {}", case.path.display(), changed.ratio, whole.ratio, changed.actual));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 300, "only {judged} cases");
}

/// A text of a second stack: ids and ARNs are its own, what a course names stays.
fn renamed(ids: &regex::Regex, text: &str) -> String {
    let is_made = text.starts_with("arn:") && ![":policy/", ":iam:", "sns"].iter().any(|part| text.contains(part));
    let text = ids.replace_all(text, "$1-${2}b").into_owned();
    if is_made { text + "b" } else { text }
}

/// All that is there once more, under ids of its own: as good as the first, so that nothing is lost by it.
#[test]
fn a_second_stack_that_is_as_good_never_earns_less() {
    let (engine, ids) = (Engine::new(), ids());
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for (check, cases) in of_stacks(&engine) {
        for case in cases.iter().filter(|case| matches!(case.expects(), "pass" | "partial")) {
            let whole = outcome_of(&check, case, &engine, |_| {}).expect("a case");
            let twice = |json: &mut Json| {
                for rows in tables_of(json) {
                    let mut second = rows.clone();
                    second.iter_mut().for_each(|row| each_text(row, &|text: &str| renamed(&ids, text)));
                    rows.extend(second);
                }
            };
            let more = outcome_of(&check, case, &engine, twice).expect("a case");
            judged += 1;
            if more.ratio < whole.ratio - 1e-9 && !more.verdict.is_open() {
                wrong.push(format!("{}: {} after {}: {}", case.path.display(), more.ratio, whole.ratio, more.actual));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 120, "only {judged} cases");
}

/// The course asks for a number of them, wherever they are.
const COUNTED: &str = "their number counts";
/// Both stacks are in use, and each of their parts is to be right.
const ALL_IN_USE: &str = "a share of all that is in use";
/// One is too many.
const FORBIDDEN: &str = "what should not be there is looked for";
/// What one case lacks, the other has: together they are one stack.
const JOINED: &str = "rows of two tables that belong together by a name";

/// Checks that may give two stacks another mark than the better one of them, and why.
const TOGETHER: [(&str, &str); 14] = [
    ("aws/alarm-reaches", JOINED),
    ("aws/asg-instances-only", FORBIDDEN),
    ("aws/asg-tags", ALL_IN_USE),
    ("aws/classic-in-service", ALL_IN_USE),
    ("aws/function", COUNTED),
    ("aws/instance-count", COUNTED),
    ("aws/instance-image", ALL_IN_USE),
    ("aws/launch-role", JOINED),
    ("aws/no-root-keys", FORBIDDEN),
    ("aws/nothing-idle", FORBIDDEN),
    ("aws/resource", COUNTED),
    ("aws/stack-owns-instances", ALL_IN_USE),
    ("aws/stack-resource", JOINED),
    ("aws/traffic", ALL_IN_USE),
];

/// The stacks of two cases in one account, the second under ids of its own; nothing if they differ in more than rows.
fn together(first: &Json, second: &Json, read: &[&str], ids: &regex::Regex) -> Option<Json> {
    let mut both = first.clone();
    for name in read {
        let Some(others) = second[*name]["value"].as_array() else {
            if first[*name] != second[*name] {
                return None;
            }
            continue;
        };
        let mut others = others.clone();
        others.iter_mut().for_each(|row| each_text(row, &|text: &str| renamed(ids, text)));
        both[*name]["value"].as_array_mut()?.extend(others);
    }
    Some(both)
}

/// What one stack meets and what another one meets is met by neither, and what is left over takes nothing.
#[test]
fn two_stacks_earn_what_the_better_one_earns() {
    let (engine, ids) = (Engine::new(), ids());
    let (mut wrong, mut judged, mut needed) = (Vec::new(), 0, BTreeSet::new());
    for (check, cases) in of_stacks(&engine) {
        let read: Vec<&str> = check.reads.iter().filter_map(|path| path.strip_prefix("aws.")).collect();
        let alone = |case: &Case| {
            let mut aws = Json::Null;
            let outcome = outcome_of(&check, case, &engine, |json| aws = json["aws"].clone()).expect("a case");
            (outcome.ratio, aws)
        };
        let decided = cases.iter().filter(|case| matches!(case.expects(), "pass" | "partial" | "fail"));
        let alone: Vec<(&Case, (f64, Json))> = decided.map(|case| (case, alone(case))).collect();
        for (at, (first, (one, mine))) in alone.iter().enumerate() {
            for (second, (other, theirs)) in &alone[at..] {
                let same = |key: &str| first.toml.get(key) == second.toml.get(key);
                let Some(aws) = together(mine, theirs, &read, &ids).filter(|_| same("with") && same("base")) else {
                    continue;
                };
                let both = outcome_of(&check, first, &engine, |json| json["aws"] = aws).expect("a case");
                judged += 1;
                if both.verdict.is_open() || (both.ratio - f64::max(*one, *other)).abs() < 1e-9 {
                    continue;
                }
                if let Some((id, _)) = TOGETHER.iter().find(|(id, _)| *id == check.id) {
                    needed.insert(*id);
                    continue;
                }
                let (path, beside) = (first.path.display(), second.path.display());
                wrong.push(format!("{path} and {beside}: {} of {one} and {other}: {}", both.ratio, both.actual));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let idle: Vec<&str> = TOGETHER.iter().map(|(id, _)| *id).filter(|id| !needed.contains(id)).collect();
    assert!(idle.is_empty(), "{} need no exception", idle.join(", "));
    assert!(judged > 500, "only {judged} pairs");
}

/// What is on its way, by table, field and value.
const ON_THE_WAY: [(&str, &str, &str); 10] = [
    ("instances", "state", "pending"),
    ("images", "state", "pending"),
    ("load_balancers", "state", "provisioning"),
    ("load_balancers", "state", "active_impaired"),
    ("target_health", "state", "initial"),
    ("nat_gateways", "state", "pending"),
    ("functions", "state", "Pending"),
    ("functions", "state", "Inactive"),
    ("stacks", "stack_status", "UPDATE_IN_PROGRESS"),
    ("stack_resources", "resource_status", "UPDATE_IN_PROGRESS"),
];

/// It serves soon or serves already: a question at most, whichever check reads it.
#[test]
fn what_is_on_its_way_costs_nothing() {
    let engine = Engine::new();
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for (check, cases) in of_stacks(&engine) {
        for case in cases.iter().filter(|case| case.expects() == "pass") {
            for (table, field, value) in ON_THE_WAY {
                // An instance that somebody starts by hand is one too many already.
                let is_forbidden = check.id == "aws/asg-instances-only" && table == "instances";
                if is_forbidden || !check.reads.contains(&format!("aws.{table}")) {
                    continue;
                }
                let change = |json: &mut Json| {
                    let rows = json["aws"].get_mut(table).and_then(|reading| reading.get_mut("value"));
                    let rows = rows.and_then(Json::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default();
                    // One that starts beside those that run.
                    let first = if table == "instances" { rows.len().saturating_sub(1) } else { 0 };
                    rows[first..].iter_mut().for_each(|row| row[field] = value.into());
                };
                let outcome = outcome_of(&check, case, &engine, change).expect("a case");
                judged += 1;
                if matches!(outcome.verdict.as_str(), "fail" | "partial") {
                    wrong.push(format!("{}: {table} {value}: {}", case.path.display(), outcome.actual));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 50, "only {judged} states");
}

/// `given('groups.0', values)` leaves the rest of the list unseen; `sharing('groups', values)` sees all of it.
#[test]
fn no_check_looks_at_the_first_few_of_a_list() {
    let library = Library::embedded();
    let by_place = regex::Regex::new(r"given\('[\w.]+\.\d").expect("a pattern");
    let found: Vec<&str> =
        library.check_ids().filter(|id| by_place.is_match(&library.check(id).expect("listed").text)).collect();
    assert!(found.is_empty(), "{} use `given` by place; use `sharing`", found.join(", "));
}

#[test]
fn a_reading_that_is_unreadable_never_turns_a_pass_into_a_loss() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let (mut wrong, mut judged) = (Vec::new(), 0);
    for id in library.check_ids() {
        let check = Check::parse(id, library.check(id).expect("listed"), &engine).0.expect("valid");
        let Some(case) = cases(id).into_iter().find(|case| case.expects() == "pass") else { continue };
        for path in &check.reads {
            let denied = |json: &mut Json| {
                let (family, name) = path.split_once('.').expect("a reading");
                json[family][name] =
                    serde_json::json!({ "state": "unreadable", "cause": "denied", "detail": "no permission" });
            };
            let outcome = outcome_of(&check, &case, &engine, denied).expect("a case");
            judged += 1;
            if matches!(outcome.verdict.as_str(), "fail" | "partial") {
                wrong.push(format!("{}: {path}: {}", case.path.display(), outcome.actual));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged > 150, "only {judged} readings");
}
