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
