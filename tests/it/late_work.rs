//! `[late]`: the last commit in time and the last by the cutoff are both graded, and the better one counts.

use std::path::Path;

use serde_json::Value as Json;

use super::support::history::{History, START};

const README: &str = include_str!("../../README.md");
const HOUR: i64 = 3_600;

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

fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).expect("a time").strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A team whose README comes so many seconds after the deadline; its graded folder.
fn graded(late: &str, after: i64, team: &str) -> (tempfile::TempDir, Json) {
    let history = History::new();
    let due = START + HOUR;
    history.at(START, 0).write("a.py", "print(1)\n").commit("Print a one");
    history.at(due + after, 0).write("README.md", README).commit("Tell how to run it");
    let folder = tempfile::tempdir().expect("a folder");
    let rubric = format!(
        "title = \"Own\"\ntotal = 10\nscope = \"account\"\n{late}\n[[criterion]]\nid = \"c\"\ntitle = \"C\"\npoints = 10\n\
         [[criterion.item]]\ncheck = \"code/readme\"\npoints = 10\n"
    );
    let roster = format!(
        "deadline = \"{}\"\n[[team]]\nid = \"t\"\nrepository = \"{}\"\n{team}\n[[team.member]]\nname = \"Ana García\"\n\
         emails = [\"ana@uni.example\"]\n",
        moment(due),
        history.path().display()
    );
    std::fs::write(folder.path().join("own.toml"), rubric).expect("written");
    std::fs::write(folder.path().join("roster.toml"), roster).expect("written");
    let (code, errors) = run(folder.path(), &["grade", "--rubric", "own.toml"]);
    assert_eq!(code, 0, "{errors}");
    let card = card(folder.path());
    (folder, card)
}

fn card(folder: &Path) -> Json {
    let text = std::fs::read_to_string(folder.join("results/teams/t/scorecard.json")).expect("a scorecard");
    serde_json::from_str(&text).expect("JSON")
}

const POLICY: &str = "[late]\nunit = \"day\"\ndeduction = 1\ncutoff = 3";

#[test]
fn the_better_of_both_commits_counts_and_both_are_shown() {
    let (folder, card) = graded(POLICY, HOUR, "");
    assert_eq!(card["adjustments"][0]["points"], -1, "{card}");
    assert!(card["mark"]["low"].as_f64().expect("a mark") > 0.0, "{card}");
    assert_eq!((&card["other"]["in_time"], &card["other"]["mark"]["low"]), (&true.into(), &0.into()), "{card}");
    let report = std::fs::read_to_string(folder.path().join("results/teams/t/report.md")).expect("a report");
    assert!(report.contains("1 day late") && report.contains("The last commit in time"), "{report}");
    assert!(report.contains("; the deadline was ") && !report.contains("the last one before the deadline"), "{report}");
    // Judging again from what is stored gives the same.
    assert_eq!(run(folder.path(), &["report"]).0, 0);
    assert_eq!(self::card(folder.path()), card);
}

#[test]
fn a_deduction_that_takes_all_leaves_what_was_in_time() {
    let (_folder, card) = graded("[late]\nunit = \"hour\"\ndeduction = 10\ncutoff = 3", HOUR, "");
    assert!(card["adjustments"].as_array().expect("a list").is_empty(), "{card}");
    assert_eq!(card["other"]["in_time"], false, "{card}");
    let (_folder, card) = graded("[late]\nunit = \"hour\"\ndeduction = 10\nfloor = 4\ncutoff = 3", HOUR, "");
    assert!(card["mark"]["low"].as_f64().expect("a mark") > 0.0, "the floor stays: {card}");
}

#[test]
fn grace_and_an_extension_are_in_time_and_the_cutoff_ends_it() {
    let in_time = |card: &Json| {
        assert!(card["other"].is_null() && card["adjustments"].as_array().expect("a list").is_empty(), "{card}");
        card["mark"]["low"].as_f64().expect("a mark") > 0.0
    };
    assert!(in_time(&graded(&format!("{POLICY}\ngrace_minutes = 61"), HOUR, "").1));
    let extension = format!("[team.extension]\nuntil = \"{}\"\nreason = \"illness\"", moment(START + 10 * HOUR));
    let (folder, card) = graded(POLICY, HOUR, &extension);
    assert!(in_time(&card));
    for entry in ["report.md", "report.html", "scorecard.json", "evidence.json"] {
        let text = std::fs::read_to_string(folder.path().join("results/teams/t").join(entry)).expect(entry);
        assert!(!text.contains("illness"), "{entry} tells the reason");
    }
    assert!(!in_time(&graded(POLICY, 4 * 24 * HOUR, "").1), "after the cutoff nothing counts");
    assert!(!in_time(&graded("", HOUR, "").1), "without [late] nothing late counts");
}

/// The evidence at the cutoff, as it is stored.
fn late(folder: &Path) -> Json {
    let text = std::fs::read_to_string(folder.join("results/teams/t/evidence-late.json")).expect("late evidence");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn a_repository_that_is_gone_takes_nothing_from_late_work() {
    // The repository goes with its history's folder: nothing can be read of it any more.
    let (folder, before) = graded(POLICY, HOUR, "");
    let read = late(folder.path());
    for again in
        [&["grade", "--rubric", "own.toml"][..], &["grade", "--rubric", "own.toml", "--only", "git"], &["report"]]
    {
        let (_, errors) = run(folder.path(), again);
        let after = card(folder.path());
        assert_eq!((&after["mark"], &after["adjustments"]), (&before["mark"], &before["adjustments"]), "{errors}");
        assert_eq!(after["other"], before["other"], "{again:?}: {errors}");
        let kept = late(folder.path());
        assert_eq!((&kept["git"], &kept["code"]), (&read["git"], &read["code"]), "{again:?}");
        assert_eq!(kept["ledger"]["taken_at"]["git"], read["collected_at"], "{again:?}: it says when it was read");
    }
}
