//! A run that is stopped: nothing of it stays behind but what is done, and the next run goes on. The counts are printed by
//! `cargo test --test it signals:: -- --nocapture`.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::history::History;

/// Starts grading a team whose forge accepts the connection and never answers, and one that is done at once.
fn start(folder: &Path, temporary: &Path, silent: &std::net::TcpListener, history: &History) -> Child {
    let member = "[[team.member]]\nname = \"Ana\"\nemails = [\"ana@uni.example\"]\n";
    let roster = format!(
        "[[team]]\nid = \"done\"\nrepository = \"{}\"\n{member}[[team]]\nid = \"slow\"\nrepository = \"http://{}/r.git\"\n{member}",
        history.path().display(),
        silent.local_addr().unwrap()
    );
    std::fs::write(folder.join("roster.toml"), roster).unwrap();
    Command::new(assert_cmd::cargo::cargo_bin("stackmark"))
        .args(["grade", "--roster", "roster.toml", "--rubric", "repository", "--out", "out", "--jobs", "2"])
        .current_dir(folder)
        .env("TMPDIR", temporary)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn left(temporary: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(temporary).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("stackmark-")).collect()
}

fn wait_for(what: &str, is_there: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_there() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} within a minute");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn send(child: &Child, signal: &str) {
    let status = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn a_stopped_run_leaves_no_clone_and_says_how_to_go_on() {
    let history = History::new();
    history.write("a.py", "x = 1\n").commit("Add a setting");
    let mut stopped = 0;
    for signal in ["INT", "TERM", "HUP"] {
        let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let child = start(folder.path(), temporary.path(), &silent, &history);
        wait_for("the first team's evidence", || folder.path().join("out/teams/done/report.md").is_file());
        wait_for("the second team's clone", || !left(temporary.path()).is_empty());
        send(&child, signal);
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{signal}: {words}");
        assert!(
            words.contains(&format!("interrupted by SIG{signal}")) && words.contains("the same command"),
            "{words}"
        );
        assert_eq!(left(temporary.path()), [""; 0], "{signal}");
        let run = std::fs::read_to_string(folder.path().join("out/run.json")).unwrap();
        let run: serde_json::Value = serde_json::from_str(&run).unwrap();
        assert_eq!(run["teams"][0]["status"], "graded");
        assert!(run["finished_at"].is_null(), "{run}");
        assert!(!folder.path().join("out/teams/slow/evidence.json").exists(), "nothing was learned of it");
        stopped += 1;
    }
    println!("{stopped} of 3 signals: no clone left, one team done, the other to do");
}

/// The course is stored before anything is waited for: a signal then ended the program in the middle of a file, without a word.
#[test]
fn a_signal_while_the_course_is_stored_is_heard() {
    let history = History::new();
    history.write("a.py", "x = 1\n").commit("Add a setting");
    let mut heard = 0;
    for _ in 0..5 {
        let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let child = start(folder.path(), temporary.path(), &silent, &history);
        wait_for("the first folder of the results", || folder.path().join("out").exists());
        send(&child, "TERM");
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(words.contains("interrupted by SIGTERM"), "{words}");
        heard += 1;
    }
    println!("{heard} of 5 signals while the course was stored were heard");
}

#[test]
fn what_a_killed_run_left_is_swept_by_the_next() {
    let history = History::new();
    history.write("a.py", "x = 1\n").commit("Add a setting");
    let (folder, temporary) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut child = start(folder.path(), temporary.path(), &silent, &history);
    wait_for("the second team's clone", || !left(temporary.path()).is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    let before = left(temporary.path());
    assert!(!before.is_empty());
    // Older than what may still be about to get its lock.
    let old = std::time::SystemTime::now() - Duration::from_secs(600);
    for name in &before {
        let lock = temporary.path().join(name).join("in-use");
        std::fs::File::options().write(true).open(lock).unwrap().set_modified(old).unwrap();
    }
    let again = start(folder.path(), temporary.path(), &silent, &history);
    wait_for("the sweep", || left(temporary.path()).iter().all(|name| !before.contains(name)));
    send(&again, "TERM");
    again.wait_with_output().unwrap();
    println!("{} left folders were swept", before.len());
}
