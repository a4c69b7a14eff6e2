//! Results that somebody has touched since: what `stackmark report` makes of them, and what a next run keeps.

use std::path::Path;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let (code, _, errors) = outputs(folder, arguments);
    (code, errors)
}

/// Code, result and errors.
fn outputs(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = assert_cmd::Command::cargo_bin("stackmark")
        .expect("the binary")
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .args(arguments)
        .timeout(std::time::Duration::from_secs(120))
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}

const RESULTS: &str = "stackmark-demo/results";
const REPORT: [&str; 3] = ["report", "--out", RESULTS];

fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(run(folder.path(), &["demo"]).0, 0);
    folder
}

#[test]
fn a_pdf_is_refused_at_once_where_no_program_makes_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, errors) = run(folder.path(), &["report", "--pdf"]);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("weasyprint") && errors.contains("chromium"), "{errors}");
}

#[test]
fn evidence_in_another_teams_folder_takes_nobodys_place() {
    let folder = demo();
    let teams = folder.path().join(RESULTS).join("teams");
    std::fs::create_dir(teams.join("zebra")).expect("a folder");
    std::fs::copy(teams.join("heron/evidence.json"), teams.join("zebra/evidence.json")).expect("a copy");
    std::fs::remove_file(teams.join("heron/evidence.json")).expect("gone");
    let before = std::fs::read(teams.join("heron/report.md")).expect("a report");
    let (code, errors) = run(folder.path(), &REPORT);
    assert_eq!(code, 1, "{errors}");
    assert!(errors.contains("team zebra") && errors.contains("the evidence of team \"heron\""), "{errors}");
    assert!(before == std::fs::read(teams.join("heron/report.md")).expect("a report"));
    assert!(!teams.join("zebra/report.md").exists());
}

#[test]
fn a_broken_team_is_not_forgotten_over_a_later_one_that_could_not_be_read() {
    let folder = demo();
    let evidence = |team: &str| folder.path().join(RESULTS).join("teams").join(team).join("evidence.json");
    let text = std::fs::read_to_string(evidence("heron")).expect("evidence");
    let mut json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    json["aws"]["instances"] = serde_json::json!({ "state": "unreadable", "cause": "denied", "detail": "no right" });
    std::fs::write(evidence("heron"), json.to_string()).expect("written");
    assert_eq!(run(folder.path(), &REPORT).0, 4);
    std::fs::write(evidence("falcon"), "{").expect("written");
    assert_eq!(run(folder.path(), &REPORT).0, 1);
}

#[test]
fn a_decision_that_gives_more_than_its_item_has_is_not_quietly_cut() {
    let folder = demo();
    let heron = folder.path().join(RESULTS).join("teams/heron");
    let decision = |item: &str, points: &str| {
        let text = format!(
            "[[override]]\nitem = \"{item}\"\npoints = {points}\nreason = \"seen\"\nby = \"TA\"\nwhen = \"today\"\n"
        );
        std::fs::write(heron.join("overrides.toml"), text).expect("written");
        run(folder.path(), &REPORT)
    };
    let before = std::fs::read(heron.join("report.md")).expect("a report");
    let (code, errors) = decision("concepts/availability-zones", "45");
    assert_eq!(code, 3, "{errors}");
    for words in ["overrides.toml:3: `points` is 45, and item", "has 4", "write 4 at most", "team heron: 1 problem"] {
        assert!(errors.contains(words), "{words:?} is not in:\n{errors}");
    }
    assert!(before == std::fs::read(heron.join("report.md")).expect("a report"));
    // The page stands alone: it has the problem itself.
    let page = std::fs::read_to_string(folder.path().join(RESULTS).join("class.csv")).expect("a table");
    assert!(page.contains("1 problem in overrides.toml: line 3: `points` is 45"), "{page}");
}

#[test]
fn decisions_in_another_place_or_encoding_are_told() {
    let folder = demo();
    let teams = folder.path().join(RESULTS).join("teams");
    std::fs::create_dir_all(teams.join("old")).expect("a folder");
    std::fs::write(teams.join("old/overrides.toml"), "").expect("written");
    let (code, errors) = run(folder.path(), &REPORT);
    assert!(code == 0 && errors.contains("there is no team \"old\""), "{code} {errors}");
    std::fs::write(teams.join("heron/overrides.toml"), b"by = \"Ren\xe9\"\n").expect("written");
    let (code, errors) = run(folder.path(), &REPORT);
    assert!(code == 3 && errors.contains("save the file as UTF-8"), "{code} {errors}");
}

#[test]
fn a_decision_on_an_item_that_is_not_there_is_not_quietly_lost() {
    let folder = demo();
    let heron = folder.path().join(RESULTS).join("teams/heron");
    let decide = |text: &str| std::fs::write(heron.join("overrides.toml"), text).expect("written");
    let rest = "points = 4\nreason = \"seen\"\nby = \"TA\"\nwhen = \"today\"\n";
    let before = std::fs::read(heron.join("report.md")).expect("a report");
    decide(&format!("[[override]]\nitem = \"concepts/availability-zone\"\n{rest}"));
    let (code, errors) = run(folder.path(), &REPORT);
    assert_eq!(code, 3, "{errors}");
    assert!(errors.contains("did you mean \"concepts/availability-zones\"?"), "{errors}");
    assert!(before == std::fs::read(heron.join("report.md")).expect("a report"));

    // Another rubric's decisions are not lost either, and do not count on this one's scale.
    decide(&format!(
        "[[override]]\nitem = \"concepts/availability-zones\"\n{rest}\n[[adjustment]]\n{}",
        rest.replace("= 4", "= -5")
    ));
    let (code, errors) = run(folder.path(), &[&REPORT[..], &["--rubric", "repository", "heron"]].concat());
    assert!(code == 0 && errors.contains("made for rubric \"log8415-a1\" and are not applied"), "{code} {errors}");
    let report = std::fs::read_to_string(heron.join("marker.html")).expect("a report");
    for said in ["concepts/availability-zones", "adjustment of -5 points"] {
        assert!(report.contains(said), "{said} is not in\n{report}");
    }
    decide(&format!("rubric = \"repository\"\n[[override]]\nitem = \"no/such\"\n{rest}"));
    let (code, errors) = run(folder.path(), &REPORT);
    assert!(code == 0 && errors.contains("made for rubric \"repository\""), "{code} {errors}");
}

#[test]
fn a_report_in_another_language_stands_beside_and_changes_nothing_else() {
    let folder = demo();
    let heron = folder.path().join(RESULTS).join("teams/heron");
    let results = folder.path().join(RESULTS);
    let read = |path: &Path| std::fs::read(path).expect("a file");
    let kept =
        [heron.join("scorecard.json"), heron.join("report.md"), heron.join("report.html"), results.join("run.json")];
    let before: Vec<Vec<u8>> = kept.iter().map(|path| read(path)).collect();
    let (code, errors) = run(folder.path(), &[&REPORT[..], &["--language", "it", "heron"]].concat());
    assert_eq!(code, 0, "{errors}");
    assert!(before == kept.iter().map(|path| read(path)).collect::<Vec<_>>(), "the team's own report is as it was");
    let report = std::fs::read_to_string(heron.join("report.it.md")).expect("a report");
    assert!(report.contains("Il gruppo Auto Scaling") || report.contains("gruppo di destinazione"), "{report}");
    assert!(!report.contains("The load balancer"), "{report}");
    let page = std::fs::read_to_string(heron.join("report.it.html")).expect("a page");
    assert!(page.contains("<html lang=\"it\">") && page.contains("report.it.md"));
    assert!(!results.join("teams/falcon/report.it.md").exists(), "only the team that was named");
    assert!(!results.join("class.it.html").exists(), "a class of which one team alone speaks the language");
    let page = read(&results.join("class.html"));
    std::fs::write(results.join("teams/osprey/overrides.toml"), "x = 1\n").expect("written");
    let (code, table, errors) = outputs(folder.path(), &[&REPORT[..], &["--language", "it"]].concat());
    assert_eq!(code, 3, "{errors}");
    let told = table.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["Gruppo ", "Da guardare", "su 100", "1 problema in overrides.toml", "3 gruppi, ", "1 non valutato"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("Look at") && !told.contains(" of 100") && !told.contains("did "), "{told}");
    assert!(!results.join("class.it.html").exists(), "a class of which one team does not speak the language");
    std::fs::remove_file(results.join("teams/osprey/overrides.toml")).expect("removed");
    let (code, errors) = run(folder.path(), &[&REPORT[..], &["--language", "it"]].concat());
    assert_eq!(code, 0, "{errors}");
    let class = std::fs::read_to_string(results.join("class.it.html")).expect("a page");
    assert!(class.contains("<html lang=\"it\">") && class.contains("Da guardare"), "{class}");
    assert!(page == read(&results.join("class.html")), "the class's own page is as it was");
    let (code, errors) = run(folder.path(), &[&REPORT[..], &["--language", "eo"]].concat());
    assert!(code == 2 && errors.contains("there are en, fr, it"), "{code} {errors}");
}

/// A report without what is code, or has its words and numbers from elsewhere.
fn words_of(report: &str) -> String {
    let code = regex::Regex::new(r"(?s)```.*?```|`[^`\n]*`").expect("a pattern");
    code.replace_all(report, " ").into_owned()
}

#[test]
fn a_report_in_french_or_italian_has_no_number_in_english() {
    let folder = demo();
    // Digits with a single point between them: addresses and versions have more, and the findings are numbered 4.1 on.
    let numbers = regex::Regex::new(r"[\w./-]*\d\.\d[\w./-]*").expect("a pattern");
    let finding = regex::Regex::new(r"^4\.\d+$").expect("a pattern");
    let other = regex::Regex::new(r"^\d+(\.\d+){2,}(/\d+)?$").expect("a pattern");
    let glued = regex::Regex::new(r"\d ?%").expect("a pattern");
    for language in ["fr", "it"] {
        let (code, errors) = run(folder.path(), &[&REPORT[..], &["--language", language]].concat());
        assert_eq!(code, 0, "{errors}");
        for team in ["falcon", "heron", "osprey"] {
            let path = folder.path().join(RESULTS).join("teams").join(team).join(format!("report.{language}.md"));
            let text = words_of(&std::fs::read_to_string(path).expect("a report"));
            let found = numbers.find_iter(&text).map(|found| found.as_str().trim_matches(['.', '-', '/']));
            let wrong: Vec<&str> =
                found.filter(|number| !finding.is_match(number) && !other.is_match(number)).collect();
            assert!(wrong.is_empty(), "{language}, {team}: {wrong:?}");
            let wrong: Vec<&str> =
                glued.find_iter(&text).map(|found| found.as_str()).filter(|_| language == "fr").collect();
            assert!(wrong.is_empty(), "{team}: {wrong:?}");
        }
    }
}

const GRADE: [&str; 5] = ["grade", "--roster", "stackmark-demo/roster.toml", "--out", RESULTS];

fn record(folder: &Path) -> serde_json::Value {
    let text = std::fs::read_to_string(folder.join(RESULTS).join("run.json")).expect("run.json");
    serde_json::from_str(&text).expect("JSON")
}

/// Counts what is read now, even where more was read before.
const NEWEST: [&str; 6] = ["grade", "--newest", "--roster", "stackmark-demo/roster.toml", "--out", RESULTS];

/// Low ends of the marks in `run.json`, by team; the demo's servers are gone, so that grading again lowers them.
fn lows(folder: &Path) -> Vec<(String, String, Option<f64>)> {
    let record = record(folder);
    let teams = record["teams"].as_array().expect("teams").iter();
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    teams.map(|team| (text(&team["id"]), text(&team["status"]), team["mark"]["low"].as_f64())).collect()
}

#[test]
fn a_named_team_is_graded_again_and_the_others_stay_in_the_record() {
    let folder = demo();
    let before = lows(folder.path());
    let (code, errors) = run(folder.path(), &[&NEWEST[..], &["heron"]].concat());
    assert_eq!(code, 4, "{errors}");
    let after = lows(folder.path());
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]));
    assert!(after[1].2 < before[1].2, "{before:?} {after:?}");
    assert!(record(folder.path())["finished_at"].is_string(), "nothing is left to do");

    // An interrupted run does not keep a team that is named from being graded, and is still there to go on with.
    let path = folder.path().join(RESULTS).join("run.json");
    let mut interrupted = record(folder.path());
    interrupted["finished_at"] = serde_json::Value::Null;
    interrupted["teams"][2]["status"] = "pending".into();
    std::fs::write(&path, interrupted.to_string()).expect("written");
    let (code, errors) = run(folder.path(), &[&NEWEST[..], &["falcon"]].concat());
    assert!(code == 4 && !errors.contains("going on"), "{code} {errors}");
    let after = lows(folder.path());
    assert!(after[0].2 < before[0].2, "{before:?} {after:?}");
    assert_eq!((after[2].1.as_str(), record(folder.path())["finished_at"].is_null()), ("pending", true));

    // With another roster their entries stay as well, and no run goes on with such a mixture.
    let roster = folder.path().join("stackmark-demo/roster.toml");
    let text = std::fs::read_to_string(&roster).expect("a roster");
    std::fs::write(&roster, format!("# mended\n{text}")).expect("written");
    let (_, errors) = run(folder.path(), &[&NEWEST[..], &["osprey"]].concat());
    assert!(errors.contains("graded with another roster"), "{errors}");
    assert!(lows(folder.path()).iter().all(|(_, status, _)| status == "graded"), "{:?}", lows(folder.path()));
    let (_, errors) = run(folder.path(), &GRADE);
    assert!(!errors.contains("going on"), "{errors}");
}

#[test]
fn a_run_that_goes_on_counts_what_was_decided_meanwhile() {
    let folder = demo();
    let results = folder.path().join(RESULTS);
    let before = lows(folder.path());
    let mut interrupted = record(folder.path());
    interrupted["finished_at"] = serde_json::Value::Null;
    interrupted["teams"][2]["status"] = "pending".into();
    std::fs::write(results.join("run.json"), interrupted.to_string()).expect("written");
    let evidence = std::fs::read(results.join("teams/heron/evidence.json")).expect("evidence");
    let decision = "[[adjustment]]\npoints = -10\nreason = \"late\"\nby = \"TA\"\nwhen = \"today\"\n";
    std::fs::write(results.join("teams/heron/overrides.toml"), decision).expect("written");
    std::fs::write(results.join("teams/falcon/evidence.json"), "{").expect("written");
    let (code, errors) = run(folder.path(), &GRADE);
    assert_eq!(code, 4, "{errors}");
    let after = lows(folder.path());
    let lost = |team: usize| before[team].2.expect("a mark") - after[team].2.expect("a mark");
    assert!((lost(1) - 10.0).abs() < 1e-9, "{before:?} {after:?}");
    assert!(evidence == std::fs::read(results.join("teams/heron/evidence.json")).expect("evidence"));
    assert!(errors.contains("team falcon is collected again: ") && after[0].1 == "graded", "{errors}");
}

#[test]
fn a_damaged_record_is_named_and_set_aside() {
    let folder = demo();
    let path = folder.path().join(RESULTS).join("run.json");
    std::fs::write(&path, "{ half").expect("written");
    let (code, errors) = run(folder.path(), &[&NEWEST[..], &["heron"]].concat());
    assert_eq!(code, 4, "{errors}");
    assert!(errors.contains("run.json: key must be a string") && errors.contains("run.json.damaged"), "{errors}");
    assert_eq!(std::fs::read_to_string(path.with_extension("json.damaged")).expect("kept"), "{ half");
    assert_eq!(lows(folder.path())[1].1, "graded");
}
