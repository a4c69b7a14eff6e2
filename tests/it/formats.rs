//! The formats of other tools, each held by the tool's own parser or by its import rules, restated here.

use std::process::Command;

use serde_json::Value as Json;
use stackmark_evidence::points::Points;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::{Mark, Verdict};
use stackmark_render::classroom50::Submission;
use stackmark_render::{classroom50, github, gradescope, junit, prairielearn};

use crate::support::history::History;
use crate::support::sample::{HOSTILE, evidence, scorecard};

/// The sample, with a hostile title in the first item and one more item that waits for a person.
fn card() -> Scorecard {
    let mut card = scorecard("en");
    card.criteria[0].items[0].outcome.expected = format!("{HOSTILE}, 100 % %0A");
    card
}

fn items(card: &Scorecard) -> usize {
    card.criteria.iter().map(|criterion| criterion.items.len()).sum()
}

fn parse(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn annotations_are_commands_and_no_text_begins_a_line() {
    let text = github::annotations(&card());
    let lines: Vec<&str> = text.lines().collect();
    for line in &lines {
        let rest =
            ["::error title=", "::warning title=", "::notice title="].iter().find_map(|it| line.strip_prefix(it));
        let (title, message) = rest.unwrap_or_else(|| panic!("{line}")).split_once("::").unwrap();
        assert!(!title.contains([':', ',']) && !message.is_empty(), "{line}");
    }
    let mark = lines.iter().find(|line| line.starts_with("::notice title=Stackmark::")).unwrap();
    assert!(mark.contains(" items open"), "{mark}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");

    // Forty findings: GitHub shows the first ten of a kind, the most points first. The rest is in the log, and counted with
    // the mark, which is shown.
    let mut many = card();
    let losing =
        many.criteria.iter().flat_map(|it| &it.items).find(|it| it.mark.lost() > Points::ZERO).unwrap().clone();
    many.criteria[0].items = (1..=40)
        .map(|points| {
            let mut item = losing.clone();
            item.settled = None;
            item.mark = Mark::certain(Points::ZERO, Points::whole(points));
            item
        })
        .collect();
    many.criteria.truncate(1);
    many.adjustments.clear();
    let text = github::annotations(&many);
    let (shown, log) = text.split_once("::notice title=Stackmark::").unwrap();
    assert_eq!([shown, log].map(|part| part.matches("::error ").count()), [10, 30], "{text}");
    assert!(shown.lines().next().unwrap().contains("(0 of 40 points)"), "{text}");
    assert!(log.lines().next().unwrap().ends_with("; 30 more findings are in the log"), "{text}");
    // What lateness costs is a loss like any other.
    many.adjustments = card().adjustments;
    many.adjustments[0].points = Points::whole(-3);
    let text = github::annotations(&many);
    assert!(text.starts_with("::error title=Deduction (-3)::"), "{text}");
    assert_eq!(text.matches("::error ").count(), 41, "{text}");
}

#[test]
fn junit_is_read_by_junitparser() {
    let card = card();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junit.xml");
    std::fs::write(&path, junit::report(&card, &evidence())).unwrap();
    let script = "import sys, json, junitparser as j\n\
                  x = j.JUnitXml.fromfile(sys.argv[1])\n\
                  cases = [c for s in x for c in s]\n\
                  kinds = [type(r).__name__ for c in cases for r in c.result]\n\
                  print(json.dumps({'tests': x.tests, 'failures': x.failures, 'errors': x.errors, 'skipped': x.skipped,\n\
                  'cases': len(cases), 'names': len({(c.classname, c.name) for c in cases}), 'kinds': kinds,\n\
                  'points': {p.name: p.value for s in x for p in s.properties()}}))\n";
    let mut command = Command::new(crate::support::moto::python());
    let output = command.arg("-c").arg(script).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = parse(&String::from_utf8(output.stdout).unwrap());
    let all = items(&card);
    assert_eq!((read["tests"].as_u64(), read["cases"].as_u64()), (Some(all as u64), Some(all as u64)), "{read}");
    assert_eq!(read["names"].as_u64(), Some(all as u64), "names are unique: {read}");
    let kinds = read["kinds"].as_array().unwrap();
    for (kind, count) in [("Failure", "failures"), ("Error", "errors"), ("Skipped", "skipped")] {
        let found = kinds.iter().filter(|found| **found == kind).count() as u64;
        assert_eq!(read[count].as_u64(), Some(found), "{count}: {read}");
        assert!(found > 0 || kind == "Skipped", "the sample has a {kind}: {read}");
    }
    assert!(read["points"]["points"].is_string() && read["points"]["points_high"].is_string(), "{read}");
}

#[test]
fn gradescope_knows_two_statuses_and_the_interval_is_told() {
    let card = card();
    let results = parse(&gradescope::results(&card));
    assert_eq!(results["score"].as_f64(), Some(card.mark.low.as_f64()));
    let known = [
        "score",
        "execution_time",
        "output",
        "output_format",
        "test_output_format",
        "test_name_format",
        "visibility",
        "stdout_visibility",
        "extra_data",
        "tests",
        "leaderboard",
    ];
    assert!(results.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{results}");
    assert!(results["output"].as_str().unwrap().contains('–'), "the interval: {}", results["output"]);
    let tests = results["tests"].as_array().unwrap();
    assert_eq!(tests.len(), items(&card));
    for test in tests {
        assert!(matches!(test["status"].as_str(), Some("passed" | "failed")), "{test}");
        assert!(test["score"].as_f64().unwrap() <= test["max_score"].as_f64().unwrap(), "{test}");
        assert!(test["name"].is_string() && test["number"].as_str().unwrap().contains('.'), "{test}");
    }
    let told =
        tests.iter().filter(|test| test["output"].as_str().unwrap().starts_with("Undetermined, and not counted"));
    let open = card
        .criteria
        .iter()
        .flat_map(|it| &it.items)
        .filter(|it| it.settled.is_none() && it.outcome.verdict == Verdict::Undetermined && it.mark.open > 0);
    assert_eq!(told.count(), open.count());
}

fn submission() -> Submission {
    Submission {
        classroom: "log8415".into(),
        assignment: "a1".into(),
        assignment_type: "group".into(),
        owner: "ada-rivers".into(),
        submission: "submit/2026-10-02T03-10-00Z-a1b2c3d".into(),
        commit: "https://github.com/org/r/commit/a1b2c3d".into(),
        release: "https://github.com/org/r/releases/tag/x".into(),
        review: "https://github.com/org/r/compare/x".into(),
    }
}

/// What Classroom50's schema and runner ask of a result.
fn validate_classroom50(result: &Json) {
    let strings = [
        "schema",
        "classroom",
        "assignment",
        "assignment_type",
        "owner",
        "submission",
        "commit",
        "release",
        "review",
        "datetime",
    ];
    let required: Vec<&str> = strings.iter().copied().chain(["score", "max-score", "tests"]).collect();
    let keys: Vec<&str> = result.as_object().unwrap().keys().map(String::as_str).collect();
    assert!(required.iter().all(|key| keys.contains(key)), "missing: {keys:?}");
    assert!(keys.iter().all(|key| required.contains(key)), "no other key is allowed: {keys:?}");
    assert!(strings.iter().all(|key| result[*key].as_str().is_some_and(|text| !text.is_empty())), "{result}");
    assert_eq!(result["schema"], "classroom50/result/v1");
    assert!(matches!(result["assignment_type"].as_str(), Some("individual" | "group")));
    assert!(result["submission"].as_str().unwrap().starts_with("submit/"));
    let time = result["datetime"].as_str().unwrap();
    assert!(time.len() == 20 && time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    let scores = |it: &Json| (it["score"].as_u64().unwrap(), it["max-score"].as_u64().unwrap());
    let (score, most) = scores(result);
    assert!(score <= most, "{result}");
    for test in result["tests"].as_array().unwrap() {
        let (score, most) = scores(test);
        assert!(score <= most && test["passed"].is_boolean(), "{test}");
        assert!(test["test-name"].as_str().is_some_and(|name| !name.is_empty()), "{test}");
    }
}

#[test]
fn classroom50_takes_whole_numbers_and_loses_nothing() {
    let card = card();
    let result = parse(&classroom50::result(&card, &evidence(), &submission()));
    validate_classroom50(&result);
    assert_eq!(result["score"].as_i64(), Some(card.mark.low.hundredths()));
    let names: std::collections::BTreeSet<&str> =
        result["tests"].as_array().unwrap().iter().map(|test| test["test-name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), items(&card), "names are unique");
}

/// What PrairieLearn's makeGradingResult asks of results.
fn validate_prairielearn(text: &str) -> Json {
    assert!(text.len() <= 1_000_000, "{} bytes", text.len());
    let results = parse(text);
    let score = results["score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&score) && results["gradable"].is_boolean(), "{results}");
    let tests = results["tests"].as_array().unwrap();
    assert!(tests.iter().all(|test| test["points"].is_number() && test["max_points"].is_number()), "{results}");
    results
}

#[test]
fn prairielearn_shows_what_is_open_as_neither_right_nor_wrong() {
    let mut card = card();
    let results = validate_prairielearn(&prairielearn::results(&card));
    assert_eq!(results["gradable"], true);
    let expected = card.mark.low.as_f64() / card.mark.of.as_f64();
    assert!((results["score"].as_f64().unwrap() - expected).abs() < 1e-6, "{results}");
    let neutral = results["tests"].as_array().unwrap().iter().filter(|test| test["max_points"].as_f64() == Some(0.0));
    let open = card.criteria.iter().flat_map(|it| &it.items).filter(|it| it.mark.open > 0);
    assert_eq!(neutral.count(), open.count());

    for item in card.criteria.iter_mut().flat_map(|it| &mut it.items) {
        item.settled = None;
        item.outcome.verdict = Verdict::Undetermined;
        item.mark = Mark::open(item.mark.of);
    }
    let results = validate_prairielearn(&prairielearn::results(&card));
    assert_eq!(results["gradable"], false, "nothing was read, and no attempt is lost");
    assert!(results["format_errors"].is_array());
}

/// How `stackmark check` ended on a small working copy.
fn check(arguments: &[&str], environment: &[(&str, &str)], folder: &std::path::Path) -> (i32, String, String) {
    let mut command = assert_cmd::Command::cargo_bin("stackmark").unwrap();
    command.current_dir(folder).env_clear().env("HOME", folder).timeout(std::time::Duration::from_secs(60));
    let output = command.envs(environment.iter().copied()).arg("check").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

#[test]
fn runners_get_exit_0_and_a_file_in_a_folder_that_is_made() {
    let history = History::new();
    history.write("app.py", "x = 1\n").commit("Add the application");
    let folder = tempfile::tempdir().unwrap();
    git2::Repository::clone(&history.path().to_string_lossy(), folder.path().join("team-07")).unwrap();
    let within = |format: &str, environment: &[(&str, &str)]| {
        let arguments = ["team-07", "--fail-under", "30", "--format", format, "--output", "grade/results/results.json"];
        let (code, shown, said) = check(&arguments, environment, folder.path());
        (
            code,
            shown,
            said,
            std::fs::read_to_string(folder.path().join("grade/results/results.json")).unwrap_or_default(),
        )
    };
    let (code, shown, said, text) = within("prairielearn", &[]);
    assert_eq!((code, shown.as_str()), (0, ""), "{said}");
    validate_prairielearn(&text);
    let (code, _, said, text) = within("gradescope", &[]);
    assert_eq!(code, 0, "{said}");
    assert!(parse(&text)["tests"].is_array());
    let (code, _, said, _) = within("classroom50", &[("CLASSROOM", "c")]);
    assert_eq!(code, 2);
    assert!(
        said.contains("the environment lacks COMMIT_URL, ASSIGNMENT, OWNER, SUBMISSION_TAG, RELEASE_URL"),
        "{said}"
    );
    let environment = [
        ("CLASSROOM", "c"),
        ("ASSIGNMENT", "a1"),
        ("ASSIGNMENT_TYPE", "group"),
        ("OWNER", "ada"),
        ("SUBMISSION_TAG", "submit/x"),
        ("COMMIT_URL", "https://h/c"),
        ("RELEASE_URL", "https://h/r"),
    ];
    let (code, _, said, text) = within("classroom50", &environment);
    assert_eq!(code, 0, "{said}");
    validate_classroom50(&parse(&text));

    let (code, _, said, text) = within("junit", &[]);
    assert_eq!(code, 5, "a pipeline stops below its threshold: {said}");
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "), "{text}");

    let summary = folder.path().join("summary.md");
    let environment = [("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let (code, shown, said) = check(&["team-07", "--format", "github"], &environment, folder.path());
    assert_eq!(code, 0, "{said}");
    assert!(shown.lines().count() > 1 && shown.lines().all(|line| line.starts_with("::")), "{shown}");
    assert!(std::fs::read_to_string(&summary).unwrap().contains("# "), "the report");
}
