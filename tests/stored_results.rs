//! `stackmark report` on results that somebody has touched since.

use std::path::Path;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = assert_cmd::Command::cargo_bin("stackmark")
        .expect("the binary")
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .args(arguments)
        .timeout(std::time::Duration::from_secs(120))
        .output()
        .expect("it runs");
    (output.status.code().expect("a code"), String::from_utf8_lossy(&output.stderr).into_owned())
}

const RESULTS: &str = "stackmark-demo/results";
const REPORT: [&str; 3] = ["report", "--out", RESULTS];

fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(run(folder.path(), &["demo"]).0, 0);
    folder
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

    let (code, errors) = decision("concepts/availability-zone", "4");
    assert!(code == 0 && errors.contains("did you mean \"concepts/availability-zones\"?"), "{code} {errors}");
}
