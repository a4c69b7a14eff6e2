//! The binary as its three users run it, on the demo's class.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

const TEAMS: [&str; 3] = ["falcon", "heron", "osprey"];

/// The binary with nothing of this machine's environment.
fn stackmark(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
    command.current_dir(folder).env_clear().env("HOME", folder).env("LANG", "C.UTF-8");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    stackmark(folder).args(arguments).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(path: PathBuf) -> Json {
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .expect("JSON")
}

/// A folder with a finished demo in `stackmark-demo/`.
fn demo() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), &["demo"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", text(&output.stdout), text(&output.stderr));
    folder
}

fn team(folder: &Path, team: &str, file: &str) -> PathBuf {
    folder.join("stackmark-demo/results/teams").join(team).join(file)
}

fn marks(folder: &Path) -> Vec<(f64, f64)> {
    let mark = |id: &str| {
        let card = json(team(folder, id, "scorecard.json"));
        (card["mark"]["low"].as_f64().expect("low"), card["mark"]["high"].as_f64().expect("high"))
    };
    TEAMS.iter().map(|id| mark(id)).collect()
}

#[test]
fn the_demo_grades_a_good_a_lopsided_and_a_half_broken_team() {
    let folder = demo();
    let [falcon, heron, osprey] = marks(folder.path())[..] else { panic!("three teams") };
    assert!(falcon.0 >= 95.0, "{falcon:?}");
    assert!(heron.1 < 80.0 && osprey.1 < 80.0, "{heron:?} {osprey:?}");
    let lost = |id: &str, criterion: &str| {
        let card = json(team(folder.path(), id, "scorecard.json"));
        let criteria = card["criteria"].as_array().expect("criteria").clone();
        let found = criteria.into_iter().find(|found| found["id"] == criterion).expect("criterion");
        found["mark"]["of"].as_f64().expect("of") - found["mark"]["high"].as_f64().expect("high")
    };
    assert!(lost("heron", "contribution") >= 9.0, "one member did it all");
    assert!(lost("heron", "works") == 0.0, "its stack is whole");
    assert!(lost("osprey", "works") >= 8.0, "its second cluster does not answer");
    for id in TEAMS {
        let report = std::fs::read_to_string(team(folder.path(), id, "report.md")).expect("report");
        for section in 1..=8 {
            assert!(report.contains(&format!("\n## {section}. ")), "{id} has no section {section}");
        }
    }
}

#[test]
fn a_second_demo_takes_the_first_ones_place_and_nobody_elses() {
    let folder = demo();
    assert_eq!(run(folder.path(), &["demo"]).status.code(), Some(0));
    std::fs::create_dir(folder.path().join("mine")).expect("a folder");
    std::fs::write(folder.path().join("mine/thesis.txt"), "years of work").expect("a file");
    let output = run(folder.path(), &["demo", "--out", "mine"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("mine is not empty"), "{}", text(&output.stderr));
    assert!(folder.path().join("mine/thesis.txt").is_file());
}

#[test]
fn reports_come_again_byte_for_byte_when_repositories_and_stacks_are_gone() {
    let folder = demo();
    let read = || -> Vec<Vec<u8>> {
        let files = TEAMS.iter().flat_map(|id| {
            ["scorecard.json", "report.md", "report.html", "marker.html"].map(|file| team(folder.path(), id, file))
        });
        files.map(|path| std::fs::read(path).expect("a result")).collect()
    };
    let first = read();
    std::fs::remove_dir_all(folder.path().join("stackmark-demo/repositories")).expect("gone");
    let arguments = ["report", "--out", "stackmark-demo/results"];
    assert_eq!(run(folder.path(), &arguments).status.code(), Some(0));
    assert!(first == read(), "offline, the same evidence gives the same bytes");
    assert_eq!(run(folder.path(), &arguments).status.code(), Some(0));
    assert!(first == read());
}

#[test]
fn a_persons_decision_moves_the_mark_and_keeps_what_was_measured() {
    let folder = demo();
    let before = marks(folder.path())[1];
    let decision = "[[override]]\nitem = \"concepts/availability-zones\"\npoints = 4\nreason = \"shown at the desk\"\n\
                    by = \"TA\"\nwhen = \"2026-11-20\"\n\n[[adjustment]]\npoints = -10\n\
                    reason = \"a day late\"\nby = \"instructor\"\nwhen = \"2026-11-20\"\n";
    std::fs::write(team(folder.path(), "heron", "overrides.toml"), decision).expect("written");
    let output = run(folder.path(), &["report", "--out", "stackmark-demo/results", "heron"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let after = marks(folder.path())[1];
    assert!((after.0 - (before.0 + 4.0 - 10.0)).abs() < 1e-9, "{before:?} {after:?}");
    let report = std::fs::read_to_string(team(folder.path(), "heron", "report.md")).expect("report");
    for said in ["shown at the desk", "a day late", "| 0 | 4 | shown at the desk | TA | 2026-11-20 |"] {
        assert!(report.contains(said), "{said}");
    }
    let card = json(team(folder.path(), "heron", "scorecard.json"));
    let item = card["criteria"][0]["items"].as_array().expect("items").iter();
    let item = item.clone().find(|item| item["id"] == "concepts/availability-zones").expect("item");
    assert_eq!(item["settled"]["measured"]["high"], 0, "{item}");
    assert_eq!(item["outcome"]["verdict"], "fail");
}

#[test]
fn a_run_that_was_killed_goes_on_where_it_stopped() {
    let folder = demo();
    let results = folder.path().join("stackmark-demo/results");
    // As a kill after the first team leaves it: the others have nothing, the run has no end.
    let mut record = json(results.join("run.json"));
    record["finished_at"] = Json::Null;
    for index in [1, 2] {
        record["teams"][index]["status"] = "pending".into();
        std::fs::remove_dir_all(results.join("teams").join(TEAMS[index])).expect("removed");
    }
    std::fs::write(results.join("run.json"), record.to_string()).expect("written");
    let untouched = std::fs::read(team(folder.path(), "falcon", "evidence.json")).expect("evidence");
    let arguments = ["grade", "--roster", "stackmark-demo/roster.toml", "--out", "stackmark-demo/results"];
    let output = run(folder.path(), &arguments);
    // The demo's servers are gone, so what depends on them cannot be read.
    assert_eq!(output.status.code(), Some(4), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("1 team is done"), "{}", text(&output.stderr));
    assert!(std::fs::read(team(folder.path(), "falcon", "evidence.json")).expect("evidence") == untouched);
    let heron = json(team(folder.path(), "heron", "scorecard.json"));
    let (low, high) = (heron["mark"]["low"].as_f64().expect("low"), heron["mark"]["high"].as_f64().expect("high"));
    assert!(high - low >= 50.0, "an interval, not a lost stack: {low}–{high}");
    assert!(json(results.join("run.json"))["finished_at"].is_string());
    // Finished: the next run starts anew.
    let output = run(folder.path(), &arguments);
    assert!(!text(&output.stderr).contains("going on"), "{}", text(&output.stderr));
    assert!(std::fs::read(team(folder.path(), "falcon", "evidence.json")).expect("evidence") != untouched);
}

#[test]
fn an_unchanged_repository_is_not_measured_again() {
    let folder = demo();
    let grade = |more: &[&str]| {
        let mut arguments = vec!["grade", "--roster", "stackmark-demo/roster.toml", "--out", "stackmark-demo/results"];
        arguments.extend(["--only", "git", "falcon"]);
        arguments.extend(more);
        let output = run(folder.path(), &arguments);
        assert!(matches!(output.status.code(), Some(0 | 4)), "{}", text(&output.stderr));
        json(team(folder.path(), "falcon", "evidence.json"))["git"].clone()
    };
    let measured = grade(&[]);
    // A subject that no commit has tells where the reading comes from.
    let path = team(folder.path(), "falcon", "measures.json");
    let mut kept = json(path.clone());
    assert!(kept["read"]["git"] == measured);
    kept["read"]["git"]["commits"]["value"][0]["subject"] = "As it was kept".into();
    std::fs::write(&path, kept.to_string()).expect("written");
    assert_eq!(grade(&[])["commits"]["value"][0]["subject"], "As it was kept");
    assert!(grade(&["--fresh"]) == measured, "and --fresh measures again");
    // Another reference may lead to other work.
    std::fs::write(&path, kept.to_string()).expect("written");
    let repository =
        git2::Repository::open(folder.path().join("stackmark-demo/repositories/falcon.git")).expect("a repository");
    let head = repository.head().expect("a head").target().expect("a commit");
    repository.reference("refs/tags/again", head, false, "").expect("a tag");
    assert!(grade(&[])["commits"] == measured["commits"]);
}

#[test]
fn an_unchanged_repository_on_this_machine_is_not_even_copied() {
    const COPIED: &str = "copying the repository";
    let folder = demo();
    let grade = |more: &[&str]| {
        let mut arguments = vec!["grade", "--roster", "stackmark-demo/roster.toml", "--out", "stackmark-demo/results"];
        arguments.extend(["--only", "git", "falcon", "--timings"]);
        arguments.extend(more);
        let output = run(folder.path(), &arguments);
        assert!(matches!(output.status.code(), Some(0 | 4)), "{}", text(&output.stderr));
        text(&output.stderr)
    };
    let first = grade(&["--fresh"]);
    assert!(first.contains(COPIED), "{first}");
    let again = grade(&[]);
    assert!(again.contains(" s  starting") && !again.contains(COPIED), "{again}");
    let repository =
        git2::Repository::open(folder.path().join("stackmark-demo/repositories/falcon.git")).expect("a repository");
    let head = repository.head().expect("a head").target().expect("a commit");
    repository.reference("refs/tags/again", head, false, "").expect("a tag");
    let changed = grade(&[]);
    assert!(changed.contains(COPIED), "{changed}");
}

/// Serves one bare repository over HTTP as forges do; its address, and how many requests there were by their method.
fn forge(repository: PathBuf) -> (String, Arc<Mutex<BTreeMap<String, usize>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/team.git", listener.local_addr().expect("an address"));
    let asked = Arc::new(Mutex::new(BTreeMap::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
            let (mut first, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                let read = reader.read_line(&mut line).unwrap_or(0);
                if let Some((name, value)) = line.split_once(':')
                    && name.eq_ignore_ascii_case("content-length")
                {
                    length = value.trim().parse().unwrap_or(0);
                }
                if first.is_empty() {
                    first.clone_from(&line);
                }
                if read == 0 || line == "\r\n" {
                    break;
                }
            }
            // The proxy's own wake-up call says nothing.
            let Some(method) = first.split(' ').next().filter(|method| !method.is_empty()) else { continue };
            *seen.lock().expect("counted").entry(method.to_owned()).or_default() += 1;
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("a body");
            let mut git = Command::new("git");
            git.args(["upload-pack", "--stateless-rpc"]).stdin(Stdio::piped()).stdout(Stdio::piped());
            let (kind, mut answer) = match method {
                "GET" => {
                    git.arg("--advertise-refs");
                    ("advertisement", b"001e# service=git-upload-pack\n0000".to_vec())
                }
                _ => ("result", Vec::new()),
            };
            let mut child = git.arg(&repository).spawn().expect("git");
            child.stdin.take().expect("its input").write_all(&body).expect("a request");
            answer.extend(child.wait_with_output().expect("an answer").stdout);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-{kind}\r\nContent-Length: {}\r\nConnection: \
                 close\r\n\r\n",
                answer.len()
            );
            let mut stream = stream;
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer));
        }
    });
    (address, asked)
}

#[test]
fn an_unchanged_repository_of_a_forge_is_asked_for_its_references_alone() {
    let folder = demo();
    let path = folder.path().join("stackmark-demo/repositories/falcon.git");
    let (address, asked) = forge(path.clone());
    let roster = folder.path().join("stackmark-demo/roster.toml");
    let text_of_roster = std::fs::read_to_string(&roster).expect("a roster");
    std::fs::write(&roster, text_of_roster.replace("repositories/falcon.git", &address)).expect("written");
    let grade = |more: &[&str]| {
        let mut arguments = vec!["grade", "--roster", "stackmark-demo/roster.toml", "--out", "stackmark-demo/results"];
        arguments.extend(["--only", "git", "falcon"]);
        arguments.extend(more);
        let output = run(folder.path(), &arguments);
        assert!(matches!(output.status.code(), Some(0 | 4)), "{}", text(&output.stderr));
        let asked = std::mem::take(&mut *asked.lock().expect("counted"));
        let of = |method: &str| asked.get(method).copied().unwrap_or(0);
        let commits = json(team(folder.path(), "falcon", "evidence.json"))["git"]["commits"]["value"].clone();
        ((of("GET") > 0, of("POST") > 0), commits)
    };
    let (first, commits) = grade(&[]);
    assert_eq!(first, (true, true), "its references and what they lead to");
    assert_eq!(grade(&[]), ((true, false), commits.clone()), "its references alone");
    let repository = git2::Repository::open(path).expect("a repository");
    let head = repository.head().expect("a head").peel_to_commit().expect("a commit");
    let who = git2::Signature::new("Ana", "ana@uni.example", &head.time()).expect("a person");
    let tree = head.tree().expect("a tree");
    let more = repository.commit(Some("HEAD"), &who, &who, "Say more", &tree, &[&head]);
    more.expect("a commit");
    let (changed, now) = grade(&[]);
    assert_eq!(changed, (true, true));
    assert_eq!(now.as_array().map(Vec::len), commits.as_array().map(|commits| commits.len() + 1));
    assert_eq!(grade(&["--fresh"]).0, (true, true), "--fresh reads it again");
}

#[test]
fn a_student_checks_a_working_copy_and_sets_a_threshold() {
    let folder = demo();
    let clone = folder.path().join("copy");
    git2::Repository::clone(&folder.path().join("stackmark-demo/repositories/falcon.git").to_string_lossy(), &clone)
        .expect("a working copy");
    let output = run(&clone, &["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    assert!(shown.contains("of 30") && shown.contains("Version control"), "{shown}");
    assert!(!shown.contains('\u{1b}'), "no colour where nobody looks");
    let page = text(&run(&clone, &["check", "--format", "html"]).stdout);
    assert!(page.starts_with("<!DOCTYPE html>\n") && page.ends_with("</html>\n"), "{page}");
    assert!(!page.contains("href=\"report.md\""), "no report.md is written beside it");
    assert_eq!(run(&clone, &["check", "--fail-under", "20"]).status.code(), Some(0));
    assert_eq!(run(&clone, &["check", "--fail-under", "30.01"]).status.code(), Some(5));
    // Without --live the stack's items stay open, and that is no failure of reading.
    let output = run(&clone, &["check", "--rubric", "log8415-a1", "--format", "scorecard"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let card: Json = serde_json::from_slice(&output.stdout).expect("JSON");
    let (low, high) = (card["mark"]["low"].as_f64().expect("low"), card["mark"]["high"].as_f64().expect("high"));
    assert!(low < 50.0 && high > 95.0, "{low}–{high}");
}

#[cfg(unix)]
#[test]
fn results_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = demo();
    for file in ["evidence.json", "scorecard.json", "report.md", "report.html", "marker.html"] {
        let mode = std::fs::metadata(team(folder.path(), "osprey", file)).expect("a result").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn a_committed_key_appears_in_no_result() {
    let folder = demo();
    let key = ["AKIA", "NOTAREALKEYATALL"].concat();
    let report = std::fs::read_to_string(team(folder.path(), "osprey", "report.md")).expect("report");
    assert!(report.contains("aws access key"), "it is found");
    for file in ["evidence.json", "scorecard.json", "report.md", "report.html", "marker.html"] {
        let text = std::fs::read_to_string(team(folder.path(), "osprey", file)).expect("a result");
        assert!(!text.contains(&key), "{file} holds the key");
    }
}
