//! `stackmark check` as a student runs it: which working copy is meant, what of it is graded, and what is said.

use std::path::{Path, PathBuf};

use crate::support::history::History;
use serde_json::Value as Json;

/// A working copy in the folder `team-07`, with code in `src/` and in `tp1/`.
struct Copy {
    folder: tempfile::TempDir,
    history: History,
}

/// How a run ended.
struct Ended {
    code: i32,
    shown: String,
    said: String,
}

impl Copy {
    fn new() -> Self {
        let history = History::new();
        history.write("src/deploy.py", "client.run_instances(MinCount=5)\n").commit("Start the instances of deploy.py");
        history.as_author("Léo Petit", "leo@uni.example");
        history
            .write("tp1/balance.py", "client.create_listener(Port=80)\n")
            .commit("Create the listener in balance.py");
        let folder = tempfile::tempdir().unwrap();
        git2::Repository::clone(&history.path().to_string_lossy(), folder.path().join("team-07")).unwrap();
        Self { folder, history }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("team-07")
    }

    fn check(&self, folder: &Path, arguments: &[&str]) -> Ended {
        let output = assert_cmd::Command::cargo_bin("stackmark")
            .unwrap()
            .current_dir(folder)
            .env_clear()
            .env("HOME", self.folder.path())
            .timeout(std::time::Duration::from_secs(60))
            .arg("check")
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap_or(-1), shown: text(output.stdout), said: text(output.stderr) }
    }

    /// The evidence that a check of `folder` reads.
    fn evidence(&self, folder: &Path, arguments: &[&str]) -> Json {
        let ended = self.check(folder, &[&["--format", "evidence"], arguments].concat());
        assert_eq!(ended.code, 0, "{}", ended.said);
        serde_json::from_str(&ended.shown).unwrap()
    }
}

#[test]
fn a_path_that_is_no_working_copy_is_wrong_usage_and_no_card() {
    let copy = Copy::new();
    std::fs::write(copy.folder.path().join("notes.txt"), "x").unwrap();
    let outside = copy.folder.path();
    for (arguments, told) in [
        (&["no/such"][..], "no/such: no such folder; name a working copy, or run inside one"),
        (&["notes.txt"], "notes.txt: not a folder; name the working copy that holds it"),
        (&["."], ".: no git repository there or above; run inside a clone, or `git init` and commit first"),
        (&["team-07", "--folder", "tp2"], "has no folder \"tp2\"; it has tp1, src"),
    ] {
        let ended = copy.check(outside, arguments);
        assert_eq!((ended.code, ended.shown.as_str()), (2, ""), "{}", ended.said);
        assert!(ended.said.contains(told), "{}", ended.said);
    }
}

#[test]
fn the_team_is_named_after_the_root_of_the_working_copy() {
    let copy = Copy::new();
    for folder in [copy.path(), copy.path().join("src")] {
        assert_eq!(copy.evidence(&folder, &[])["team"]["id"], "team-07", "{}", folder.display());
    }
    let bare = copy.folder.path().join("heron.git");
    git2::build::RepoBuilder::new().bare(true).clone(&copy.history.path().to_string_lossy(), &bare).unwrap();
    assert_eq!(copy.evidence(&bare, &[])["team"]["id"], "heron");
    // As a mirror leaves it that keeps what a stranger configured out.
    std::fs::remove_file(bare.join("config")).unwrap();
    let evidence = copy.evidence(&bare, &[]);
    assert_eq!((&evidence["team"]["id"], &evidence["git"]["head"]["state"]), (&"heron".into(), &"observed".into()));
}

#[test]
fn a_folder_is_graded_as_the_shell_completes_it() {
    let copy = Copy::new();
    let evidence = copy.evidence(&copy.path(), &["--folder", "./tp1/"]);
    let files = evidence["code"]["files"]["value"].as_array().unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!((evidence["team"]["folder"].as_str(), paths), (Some("tp1"), vec!["tp1/balance.py"]));
}

#[test]
fn the_report_may_be_named_by_the_student_or_the_roster() {
    let copy = Copy::new();
    copy.history.write("report.md", "# Report\n\nThe cluster.\n").write("docs/details.md", "# Details\n\nAll of it.\n");
    copy.history.commit("Write two documents");
    let folder = copy.folder.path().join("again");
    git2::Repository::clone(&copy.history.path().to_string_lossy(), &folder).unwrap();
    let document = |arguments: &[&str]| copy.evidence(&folder, arguments)["report"]["document"].clone();
    assert_eq!(document(&[])["value"]["path"], "report.md");
    assert_eq!(document(&["--report", "docs/details.md"])["value"]["path"], "docs/details.md");
    let missing = document(&["--report", "docs/final.pdf"]);
    let detail = missing["detail"].as_str().unwrap();
    assert_eq!(detail, "docs/final.pdf is named as the report, and the graded commit has no such file");

    let roster = |report: &str| {
        let text = format!(
            "[[team]]\nid = \"seven\"\nrepository = \"x\"\nreport = \"{report}\"\n[[team.member]]\nname = \"Ana García\"\n"
        );
        std::fs::write(copy.folder.path().join("roster.toml"), text).unwrap();
        ["--roster", "../roster.toml", "--team", "seven"]
    };
    assert_eq!(document(&roster("docs/details.md"))["value"]["path"], "docs/details.md");
    let own = [&roster("docs/details.md")[..], &["--report", "report.md"]].concat();
    assert_eq!(document(&own)["value"]["path"], "report.md", "the command line comes first");
    let ended = copy.check(&folder, &roster("../elsewhere.pdf"));
    assert_eq!(ended.code, 3, "{}", ended.said);
    assert!(ended.said.contains("`report` is \"../elsewhere.pdf\""), "{}", ended.said);
}

#[test]
fn the_last_commit_is_graded_and_the_help_says_so() {
    let copy = Copy::new();
    std::fs::write(copy.path().join("src/later.py"), "x = 1\n").unwrap();
    let ended = copy.check(&copy.path(), &["--format", "evidence"]);
    assert!(!ended.shown.contains("later.py") && ended.said.contains("1 file is changed or new"), "{}", ended.said);
    std::fs::write(copy.path().join(".gitignore"), "*.py\n.gitignore\n").unwrap();
    assert!(!copy.check(&copy.path(), &["-q"]).said.contains("not committed"));
    let help = copy.check(&copy.path(), &["-h"]).shown;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("uncommitted changes are not graded"), "{help}");
}

#[test]
fn what_is_said_beside_the_result_is_in_its_language_too() {
    let copy = Copy::new();
    std::fs::write(copy.path().join("src/later.py"), "x = 1\n").unwrap();
    for (language, uncommitted, missing) in [
        ("en", "1 file is changed or new and not committed", "error: no/such: no such folder; name"),
        ("fr", "1 fichier est modifié ou nouveau", "error: no/such\u{a0}: ce dossier n’existe pas\u{a0}; indiquer"),
        ("it", "1 file è modificato o nuovo", "error: no/such: questa cartella non esiste; indicare"),
    ] {
        let ended = copy.check(&copy.path(), &["--language", language]);
        assert!(ended.said.contains(uncommitted), "{}", ended.said);
        let ended = copy.check(copy.folder.path(), &["no/such", "--language", language]);
        assert!(ended.code == 2 && ended.said.starts_with(missing), "{}", ended.said);
    }
}

#[test]
fn a_rosters_deadline_branch_and_commit_choose_what_is_graded_and_that_is_said() {
    let copy = Copy::new();
    let entry = |lines: &str| {
        let roster = format!(
            "[[team]]\nid = \"seven\"\nrepository = \"x\"\n{lines}\n[[team.member]]\nname = \"Ana García\"\n\
             emails = [\"ana@uni.example\"]\n"
        );
        std::fs::write(copy.folder.path().join("roster.toml"), roster).unwrap();
        copy.check(&copy.path(), &["--roster", "../roster.toml", "--team", "seven", "--format", "evidence"])
    };
    let head = |ended: &Ended| serde_json::from_str::<Json>(&ended.shown).unwrap()["git"]["head"].clone();
    let tip = copy.history.tip().unwrap();
    let first = copy.history.repository().find_commit(tip).unwrap().parent_id(0).unwrap();

    let late = entry("deadline = 2024-09-02T08:30:00Z");
    let value = &head(&late)["value"];
    assert_eq!(
        (value["commit"].as_str(), value["commits_after_deadline"].as_u64()),
        (Some(&*first.to_string()), Some(1))
    );
    let said =
        format!("commit {:.10} graded, not this working copy's last one, {:.10}", first.to_string(), tip.to_string());
    assert!(late.said.contains(&said), "{}", late.said);
    let pinned = entry(&format!("commit = \"{first}\""));
    assert_eq!(head(&pinned)["value"]["chosen_by"], "pinned");
    let in_time = entry("deadline = 2024-10-02T08:30:00Z");
    assert_eq!((head(&in_time)["value"]["commit"].as_str(), in_time.said.as_str()), (Some(&*tip.to_string()), ""));
    let elsewhere = entry("branch = \"final\"");
    assert_eq!((elsewhere.code, head(&elsewhere)["cause"].as_str()), (4, Some("unreachable")), "{}", elsewhere.said);
}

#[test]
fn without_a_roster_the_people_of_the_history_are_named() {
    let copy = Copy::new();
    let shown = copy.check(&copy.path(), &[]).shown;
    let told = "without a roster, each name in the history counts as a person: Ana García, Léo Petit\n";
    assert!(shown.contains(told), "{shown}");
}

#[test]
fn what_keeps_many_items_open_is_said_once() {
    let copy = Copy::new();
    let ended = copy.check(&copy.path(), &["--rubric", "log8415-a1"]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(ended.shown.matches("\n  ? ").count() > 10, "{}", ended.shown);
    let shown = ended.shown.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["not asked for: --live", "stackmark check --live", "aws.instances", "GET /cluster1 redirects"] {
        assert_eq!(shown.matches(words).count(), 1, "{words:?} in:\n{shown}");
    }
}

#[test]
fn a_working_copy_without_a_commit_is_told_so_at_the_top() {
    let copy = Copy::new();
    let empty = copy.folder.path().join("empty");
    git2::Repository::init(&empty).unwrap();
    let ended = copy.check(&empty, &[]);
    let top: String = ended.shown.lines().take(4).collect();
    assert!(top.contains("no commit to grade: ") && top.contains("empty has no commit yet; commit"), "{}", ended.shown);
}
