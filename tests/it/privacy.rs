//! Pseudonyms, and people who are forgotten: no name is left in what is shown, and no mark moves.

use std::path::{Path, PathBuf};

const RESULTS: &str = "stackmark-demo/results";
const BLIND: &str = "stackmark-demo/results-blind";

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
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

fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(run(folder.path(), &["demo"]).0, 0);
    folder
}

/// Every file below a folder with its text.
fn texts(folder: &Path) -> Vec<(PathBuf, String)> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push((path.clone(), std::fs::read_to_string(&path).expect("text")));
            }
        }
    }
    found
}

/// Names and addresses of a team's members.
fn members(folder: &Path, team: &str) -> Vec<(String, Vec<String>)> {
    let path = folder.join(RESULTS).join("teams").join(team).join("evidence.json");
    let evidence: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("evidence")).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    let members = evidence["team"]["members"].as_array().expect("members").iter();
    members
        .map(|member| (text(&member["name"]), member["emails"].as_array().expect("emails").iter().map(text).collect()))
        .collect()
}

fn marks(folder: &Path, results: &str) -> Vec<serde_json::Value> {
    ["falcon", "heron", "osprey"]
        .map(|team| {
            let path = folder.join(results).join("teams").join(team).join("scorecard.json");
            let card: serde_json::Value =
                serde_json::from_str(&std::fs::read_to_string(path).expect("a scorecard")).expect("JSON");
            card["mark"].clone()
        })
        .into()
}

#[test]
fn a_blind_copy_names_nobody_and_gives_the_same_marks() {
    let folder = demo();
    let folder = folder.path();
    let (code, told, errors) = run(folder, &["report", "--out", RESULTS, "--blind"]);
    assert_eq!(code, 0, "{errors}");
    assert_eq!(marks(folder, BLIND), marks(folder, RESULTS));
    let copy = texts(&folder.join(BLIND));
    assert!(copy.len() > 12, "{}", copy.len());
    for team in ["falcon", "heron", "osprey"] {
        for (name, emails) in members(folder, team) {
            for word in emails.iter().chain([&name]) {
                assert!(!told.contains(word.as_str()), "{word} is printed");
                for (path, text) in &copy {
                    assert!(!text.contains(word.as_str()), "{word} stands in {}", path.display());
                }
            }
        }
    }
    assert!(copy.iter().all(|(path, _)| !path.ends_with("pseudonyms.json")), "the map is kept apart");
    // They are stable.
    let map = || std::fs::read_to_string(folder.join(RESULTS).join("pseudonyms.json")).expect("the map");
    let (before, page) = (map(), std::fs::read(folder.join(BLIND).join("class.html")).expect("a page"));
    assert_eq!(run(folder, &["report", "--out", RESULTS, "--blind"]).0, 0);
    assert!(map() == before && std::fs::read(folder.join(BLIND).join("class.html")).expect("a page") == page);
}

#[test]
fn a_person_is_forgotten_and_the_marks_stay() {
    let folder = demo();
    let folder = folder.path();
    let before = marks(folder, RESULTS);
    let (name, emails) = members(folder, "heron").remove(0);
    let (_, _, errors) =
        run(folder, &["forget", name.split(' ').next().expect("a word"), "--out", RESULTS, "--dry-run"]);
    assert!(errors.contains(&format!("did you mean \"{name}\"?")), "{errors}");
    assert_eq!(run(folder, &["report", "--out", RESULTS, "--language", "fr"]).0, 0);
    assert!(folder.join(RESULTS).join("class.fr.html").is_file());
    let (code, told, errors) = run(folder, &["forget", &emails[0], "--out", RESULTS, "--dry-run"]);
    assert!(code == 0 && told.contains("would change"), "{told}{errors}");
    assert!(texts(&folder.join(RESULTS)).iter().any(|(_, text)| text.contains(&name)));
    let (code, _, errors) = run(folder, &["forget", &emails[0], "--out", RESULTS]);
    assert_eq!(code, 0, "{errors}");
    for (path, text) in texts(&folder.join(RESULTS)) {
        for word in emails.iter().chain([&name]) {
            assert!(!text.contains(word.as_str()), "{word} stands in {}", path.display());
        }
    }
    assert_eq!(marks(folder, RESULTS), before);
    // What is left is judged as before.
    assert_eq!(run(folder, &["report", "--out", RESULTS]).0, 0);
    assert_eq!(marks(folder, RESULTS), before);
    let (code, _, errors) = run(folder, &["forget", &emails[0], "--out", RESULTS]);
    assert!(code == 2 && errors.contains("nobody is called"), "{errors}");
}

#[test]
fn all_before_a_day_is_forgotten() {
    let folder = demo();
    let folder = folder.path();
    let before = marks(folder, RESULTS);
    let names: Vec<String> = members(folder, "falcon").into_iter().map(|(name, _)| name).collect();
    assert_eq!(run(folder, &["forget", "--before", "2001-01-01", "--out", RESULTS]).0, 0);
    assert!(folder.join(RESULTS).join("teams/falcon/evidence.json").is_file());
    assert_eq!(run(folder, &["forget", "--before", "2999-01-01", "--out", RESULTS]).0, 0);
    assert!(!folder.join(RESULTS).join("teams/falcon/evidence.json").exists());
    assert_eq!(marks(folder, RESULTS), before);
    let nobody_is_named = || {
        for (path, text) in texts(&folder.join(RESULTS)) {
            for name in &names {
                assert!(!text.contains(name.as_str()), "{name} stands in {}", path.display());
            }
        }
    };
    nobody_is_named();
    // Judging again finds no evidence, and takes no mark away: not in the table, the record or the class's files.
    let class = || std::fs::read_to_string(folder.join(RESULTS).join("class.csv")).expect("a table");
    for again in [&["report", "--out", RESULTS][..], &["report", "--out", RESULTS, "--language", "it"]] {
        let (code, told, errors) = run(folder, again);
        assert!([0, 4].contains(&code) && !errors.contains("evidence.json"), "{code} {errors}");
        // In the table, or below it once for all.
        let said = format!("{told} {errors}").split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(said.contains("evidence removed on 2"), again.len() == 3, "{said}");
        assert_eq!(marks(folder, RESULTS), before);
        assert!(!class().contains("failed"), "{}", class());
        assert_eq!(class().matches(",graded,").count(), 3, "{}", class());
        let run = std::fs::read_to_string(folder.join(RESULTS).join("run.json")).expect("a record");
        let run: serde_json::Value = serde_json::from_str(&run).expect("JSON");
        for (id, mark) in ["falcon", "heron", "osprey"].iter().zip(&before) {
            let team = run["teams"].as_array().expect("teams").iter().find(|team| team["id"] == *id).expect("the team");
            assert_eq!((&team["status"], &team["mark"]), (&"graded".into(), mark), "{team}");
        }
        nobody_is_named();
    }
    // Nor does a copy without names.
    run(folder, &["report", "--out", RESULTS, "--blind"]);
    assert_eq!(marks(folder, BLIND), before);
    let table = std::fs::read_to_string(folder.join(BLIND).join("class.csv")).expect("a table");
    assert!(!table.contains("failed") && table.matches(",graded,").count() == 3, "{table}");
}
