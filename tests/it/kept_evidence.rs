//! What is read once is not lost: an appeal a month later, when the stack is gone.
//!
//! The demo's servers are gone once it ends, so that whatever is graded again then reads less.

use std::path::Path;

use serde_json::Value as Json;

const RESULTS: &str = "stackmark-demo/results";

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

fn grade(folder: &Path, arguments: &[&str]) -> (i32, String) {
    run(folder, &[&["grade", "--roster", "stackmark-demo/roster.toml", "--out", RESULTS], arguments].concat())
}

fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(run(folder.path(), &["demo"]).0, 0);
    folder
}

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(RESULTS).join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn json(folder: &Path, path: &str) -> Json {
    serde_json::from_str(&read(folder, path)).expect("JSON")
}

#[test]
fn a_stack_that_is_gone_does_not_lower_the_mark() {
    let folder = demo();
    let folder = folder.path();
    let before = json(folder, "teams/heron/scorecard.json");
    let first = json(folder, "teams/heron/evidence.json");
    let (code, errors) = grade(folder, &["heron"]);
    // This run could not read the stack, and says so; the mark rests on what was read before.
    assert_eq!(code, 4, "{errors}");
    assert!(errors.contains("the earlier reading is used") && errors.contains("history/evidence-"), "{errors}");
    assert_eq!(json(folder, "teams/heron/scorecard.json")["mark"], before["mark"]);
    let after = json(folder, "teams/heron/evidence.json");
    assert_eq!(after["aws"]["instances"], first["aws"]["instances"]);
    assert_eq!(after["http"]["exchanges"], first["http"]["exchanges"]);
    let choices = after["ledger"]["choices"].as_array().expect("choices");
    assert!(choices.iter().any(|choice| choice["earlier"]["at"] == first["collected_at"]), "{choices:?}");
    assert!(read(folder, "teams/heron/report.md").contains("The earlier reading is used."));
    // Both are there, by their hashes.
    for of in ["earlier", "newer"] {
        let sha256 = choices[0][of]["sha256"].as_str().expect("a hash");
        read(folder, &format!("teams/heron/history/evidence-{}.json", &sha256[..16]));
    }

    // A second try finds as little, and changes nothing.
    assert_eq!(grade(folder, &["heron"]).0, 4);
    assert_eq!(json(folder, "teams/heron/scorecard.json")["mark"], before["mark"]);

    // Whoever wants the newer one says so.
    let (code, errors) = grade(folder, &["heron", "--newest"]);
    assert_eq!(code, 4, "{errors}");
    let low = |card: &Json| card["mark"]["low"].as_f64().expect("a mark");
    assert!(low(&json(folder, "teams/heron/scorecard.json")) < low(&before));
}

#[test]
fn an_alias_is_mended_without_asking_for_the_stack() {
    let folder = demo();
    let folder = folder.path();
    let roster = folder.join("stackmark-demo/roster.toml");
    let text = std::fs::read_to_string(&roster).expect("a roster");
    std::fs::write(
        &roster,
        text.replace("kenji@heron.example.org", "nobody@heron.example.org").replace("Kenji Abravan", "Nobody Here"),
    )
    .expect("written");
    let first = json(folder, "teams/heron/evidence.json");
    let (_, errors) = grade(folder, &["heron", "--only", "git,code,report"]);
    assert!(!errors.contains("is used"), "{errors}");
    let after = json(folder, "teams/heron/evidence.json");
    assert_eq!(after["aws"], first["aws"]);
    assert_eq!(after["http"], first["http"]);
    assert_ne!(after["git"]["contribution"], first["git"]["contribution"]);
    assert_eq!(after["ledger"]["taken_at"]["aws"], first["collected_at"]);
    let (code, errors) = grade(folder, &["heron", "--only", "git,http,disk"]);
    assert!(code == 2 && errors.contains("expected git, code, report, aws or http"), "{errors}");
}

#[test]
fn only_what_could_not_be_read_is_tried_again() {
    let folder = demo();
    let folder = folder.path();
    let first = read(folder, "teams/falcon/evidence.json");
    let (code, errors) = grade(folder, &["--unread"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(read(folder, "teams/falcon/evidence.json"), first);
    let mut lacking: Json = serde_json::from_str(&first).expect("JSON");
    lacking["git"]["messages"] = serde_json::json!({ "state": "unreadable", "cause": "timeout", "detail": "slow" });
    std::fs::write(folder.join(RESULTS).join("teams/falcon/evidence.json"), lacking.to_string()).expect("written");
    assert_eq!(grade(folder, &["--unread"]).0, 0);
    let after = json(folder, "teams/falcon/evidence.json");
    assert_eq!(after["git"]["messages"]["state"], "observed");
    assert_eq!(after["aws"], lacking["aws"]);
}

#[test]
fn every_report_that_was_given_out_stays() {
    let folder = demo();
    let folder = folder.path();
    let history = |folder: &Path| json(folder, "teams/heron/history/index.json")["reports"].as_array().unwrap().clone();
    let first = read(folder, "teams/heron/report.md");
    assert_eq!(history(folder).len(), 1);
    let report = || run(folder, &["report", "--out", RESULTS, "heron"]).0;
    assert_eq!(report(), 0);
    assert_eq!(history(folder).len(), 1, "the same report is given out once");
    let decision = "[[adjustment]]\npoints = -3\nreason = \"late\"\nby = \"TA\"\nwhen = \"today\"\n";
    std::fs::write(folder.join(RESULTS).join("teams/heron/overrides.toml"), decision).expect("written");
    assert_eq!(report(), 0);
    let kept = history(folder);
    assert_eq!(kept.len(), 2);
    let file = |at: usize, name: &str| {
        read(folder, &format!("teams/heron/history/{}/{name}", kept[at]["folder"].as_str().expect("a folder")))
    };
    assert_eq!(file(0, "report.md"), first);
    assert_eq!(file(1, "overrides.toml"), decision);
    assert_eq!(file(1, "report.md"), read(folder, "teams/heron/report.md"));
}

#[test]
fn teams_come_from_a_file() {
    let folder = demo();
    let folder = folder.path();
    std::fs::write(folder.join("appeals.txt"), "# appeals\n\nheron\n").expect("written");
    let (code, errors) = grade(folder, &["--teams-from", "appeals.txt", "--only", "git"]);
    assert_eq!(code, 0, "{errors}");
    assert!(json(folder, "teams/heron/evidence.json")["ledger"].is_object());
    assert!(json(folder, "teams/falcon/evidence.json")["ledger"].is_null());
    std::fs::write(folder.join("appeals.txt"), "herron\n").expect("written");
    let (code, errors) = grade(folder, &["--teams-from", "appeals.txt"]);
    assert!(code == 2 && errors.contains("did you mean \"heron\""), "{errors}");
}
