//! Nothing is lost, whatever ends a run: kills, a second grader, a full disk, a folder that cannot be written, too few
//! descriptors, too little memory. What a machine lacks is the grader's error and no team's outcome, and the next run ends
//! with the bytes of one that nothing disturbed.
//!
//! `cargo test --test it nothing_lost:: -- --nocapture` prints the counts.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::shards::{Dice, files};
use crate::support::history::History;

/// A class of tiny repositories: some of them are several teams'.
struct Class {
    folder: tempfile::TempDir,
    _repositories: Vec<History>,
}

impl Class {
    fn of(teams: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repositories: Vec<History> = (0..teams.min(6))
            .map(|number| {
                let history = History::new();
                for commit in 0..=number % 3 {
                    let content = format!("import boto3\n\n\ndef launch_{commit}():\n    return {number}\n");
                    history.write(&format!("deploy_{commit}.py"), content);
                    history.commit(&format!("Launch instance {commit} of the cluster"));
                }
                history
            })
            .collect();
        let mut roster = "rubric = \"repository\"\n".to_owned();
        for number in 0..teams {
            let repository = repositories[number % repositories.len()].path().display().to_string();
            roster.push_str(&format!(
                "[[team]]\nid = \"team-{number:02}\"\nrepository = {repository:?}\n[[team.member]]\nname = \"Ana García\"\nemails = \
                 [\"ana-{number}@uni.example\"]\naliases = [\"Ana García\"]\n"
            ));
        }
        std::fs::write(folder.path().join("roster.toml"), roster).unwrap();
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder, _repositories: repositories }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env("TMPDIR", self.folder.path().join("tmp")).stdin(Stdio::null());
        command
    }

    fn grade(&self, out: &str) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_stackmark"));
        command.args(["grade", "--jobs", "4", "--out", out]);
        command
    }

    /// Grades within what a shell sets before.
    fn within(&self, limits: &str, out: &str) -> (i32, String) {
        let script = format!("{limits}; exec \"$0\" grade --jobs 4 --out {out}");
        told(&self.command("sh").args(["-c", &script, env!("CARGO_BIN_EXE_stackmark")]).output().unwrap())
    }

    fn path(&self, out: &str) -> std::path::PathBuf {
        self.folder.path().join(out)
    }

    /// Runs to the end, and holds the results against those of a run that nothing disturbed.
    fn ends_as(&self, out: &str, whole: &BTreeMap<String, String>) {
        let (code, said) = told(&self.grade(out).output().unwrap());
        assert_eq!(code, 0, "{out}: {said}");
        let now = files(&self.path(out));
        assert_eq!(whole.keys().collect::<Vec<_>>(), now.keys().collect::<Vec<_>>(), "{out}");
        for (name, text) in whole {
            assert!(*text == now[name], "{out}: {name} differs:\n{text}\n\n{}", now[name]);
        }
    }

    fn whole(&self) -> BTreeMap<String, String> {
        let (code, said) = told(&self.grade("whole").output().unwrap());
        assert_eq!(code, 0, "{said}");
        files(&self.path("whole"))
    }
}

fn told(output: &Output) -> (i32, String) {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), said)
}

fn stored(results: &Path) -> usize {
    let teams = std::fs::read_dir(results.join("teams")).into_iter().flatten().flatten();
    teams.filter(|team| team.path().join("scorecard.json").is_file()).count()
}

#[test]
fn sixty_teams_survive_twenty_kills() {
    let class = Class::of(60);
    let whole = class.whole();
    let (mut dice, mut kills, mut seen) = (Dice(14), 0, Vec::new());
    for _ in 0..60 {
        let mut child = class.grade("cut").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(60 + dice.below(700)));
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            kills += 1;
        }
        child.wait().unwrap();
        seen.push(stored(&class.path("cut")));
        if kills == 20 {
            break;
        }
    }
    println!("60 teams, {kills} kills: {seen:?} teams done after each");
    assert!(kills >= 15 || seen.last() == Some(&60), "{kills} kills");
    assert!(seen.is_sorted(), "no team's results are lost by a kill: {seen:?}");
    class.ends_as("cut", &whole);
}

/// A run that is stopped leaves the class's page and table with the teams that are done.
#[cfg(unix)]
#[test]
fn a_run_that_is_stopped_writes_the_class_of_the_teams_that_are_done() {
    let class = Class::of(60);
    let mut child = class.grade("cut").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = std::time::Instant::now();
    while stored(&class.path("cut")) < 2 && begun.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let ended = child.try_wait().unwrap().is_some();
    let signalled = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    let (code, said) = told(&child.wait_with_output().unwrap());
    if ended || !signalled.success() || code == 0 {
        println!("skipped: the run ended before it could be stopped");
        return;
    }
    assert!(said.contains("interrupted by"), "{said}");
    let read = |name: &str| {
        std::fs::read_to_string(class.path("cut").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let record: serde_json::Value = serde_json::from_str(&read("run.json")).unwrap();
    let graded = record["teams"].as_array().unwrap().iter().filter(|team| team["status"] == "graded").count();
    assert!(graded >= 1 && record["finished_at"].is_null(), "{record}");
    let table = read("class.csv");
    assert_eq!(table.lines().filter(|line| line.contains(",graded,")).count(), graded, "{table}");
    assert!(read("class.html").contains("team-00"));
}

#[test]
fn two_graders_on_one_folder_end_as_one() {
    let class = Class::of(12);
    let whole = class.whole();
    let start = || class.grade("both").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let children = [start(), start()];
    let mut codes = Vec::new();
    for child in children {
        let (code, said) = told(&child.wait_with_output().unwrap());
        assert!(code == 0 || said.contains("error: "), "{code}: {said}");
        codes.push(code);
    }
    println!("two graders on one folder: exit codes {codes:?}");
    assert!(codes.contains(&0), "one of them ends well: {codes:?}");
    class.ends_as("both", &whole);
}

#[test]
fn what_the_machine_lacks_is_the_graders_error() {
    let class = Class::of(6);
    let whole = class.whole();
    let mut cases = 0;
    // SIGXFSZ is ignored, so that a write fails as it does on a full disk; a block is 512 bytes.
    for blocks in [2, 8, 30] {
        let (code, said) = class.within(&format!("trap '' XFSZ; ulimit -f {blocks}"), "full");
        assert!(code == 1 && said.contains("error: ") && said.contains("too large"), "{blocks}: {code}: {said}");
        cases += 1;
    }
    class.ends_as("full", &whole);
    // Where the signal is not ignored, it would end the program without a word.
    for (limit, says) in [("ulimit -f 30", "(ulimit -f)"), ("ulimit -s 1000", "(ulimit -s)")] {
        let (code, said) = class.within(limit, "signal");
        assert!(code == 2 && said.contains(says), "{limit}: {code}: {said}");
        cases += 1;
    }

    let program = env!("CARGO_BIN_EXE_stackmark");
    let script = "mkdir -p disk && mount -t tmpfs -o size=64k tmpfs disk && \"$0\" grade --out disk/out; echo code $?";
    let small = class.command("unshare").args(["-rm", "sh", "-c", script, program]).output();
    let small = small.map(|output| told(&output).1).unwrap_or_default();
    if small.contains("code ") && !small.contains("mount: ") && !small.contains("denied") {
        assert!(small.contains("No space left on device") && small.contains("code 1"), "{small}");
        cases += 1;
    } else {
        println!("no file system may be mounted here: a full disk is tried by the limit of a file alone");
    }

    // A folder of the kernel's takes no file, whoever asks.
    let (code, said) = told(&class.grade("/proc/self/results").output().unwrap());
    assert!(code == 1 && said.contains("/proc/self/results"), "{code}: {said}");

    let (code, said) = class.within("ulimit -n 40", "descriptors");
    assert!(code == 2 && said.contains("raise the limits"), "{code}: {said}");
    let (code, said) = class.within("ulimit -n 100", "descriptors");
    assert_eq!(code, 0, "{said}");
    class.ends_as("descriptors", &whole);

    // What fails may want a backtrace, and has no memory for it.
    for backtrace in ["0", "1"] {
        let (code, said) = class.within(&format!("export RUST_BACKTRACE={backtrace}; ulimit -v 150000"), "memory");
        assert!(code == 2 || said.contains("allocat") || said.contains("shared libraries"), "{code}: {said}");
    }
    // As little as may do: what was read is what it is, and nothing else was stored.
    for kibibytes in [450_000, 700_000, 1_200_000] {
        let (code, said) = class.within(&format!("ulimit -v {kibibytes}"), "memory");
        assert!(matches!(code, 0..=2), "{kibibytes}: {code}: {said}");
        let teams = std::fs::read_dir(class.path("memory/teams")).into_iter().flatten().flatten();
        for team in teams.filter(|team| team.path().join("evidence.json").is_file()) {
            let evidence = std::fs::read_to_string(team.path().join("evidence.json")).unwrap();
            assert!(
                !evidence.contains("\"state\": \"unreadable\", \"cause\": \"malformed\""),
                "{kibibytes}: {evidence}"
            );
            assert!(!evidence.contains("ended the process that reads it"), "{kibibytes}: {evidence}");
        }
        cases += 1;
    }
    class.ends_as("memory", &whole);
    println!("{} cases of a machine that lacks something, none of them a team's", cases + 4);
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_without_room_says_which_limit_to_raise() {
    let run = |limit: &str| {
        let script = format!("{limit}; exec \"$0\" rubric list");
        let output = Command::new("sh").args(["-c", &script, env!("CARGO_BIN_EXE_stackmark")]).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let mut refused = 0;
    let runs = (20_000..900_000).step_by(8_000).map(|kibibytes| (kibibytes, run(&format!("ulimit -v {kibibytes}"))));
    for (kibibytes, (code, said)) in runs {
        match code {
            Some(0) => break,
            Some(2) => {
                assert!(said.contains("raise the limit (ulimit -v "), "{kibibytes}: {said}");
                refused += 1;
            }
            // The system could not even load the program.
            _ => assert_eq!(refused, 0, "{kibibytes}: {code:?}: {said}"),
        }
        assert!(kibibytes < 880_000, "no limit is enough: {code:?}: {said}");
    }
    assert!(refused > 0, "what has too little room begins all the same");
    let (code, said) = run("ulimit -n 20");
    assert!(code == Some(2) && said.contains("20 open files"), "{code:?}: {said}");
}
