//! Repositories made to hang or exhaust whoever reads them: each costs its own team a reading at most, within the bounds,
//! and the class goes on. The table is printed by `cargo test --test it bombs:: -- --nocapture`.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Instant;

use assert_cmd::Command;
use git2::{ObjectType, Oid, Repository};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::history::START;

struct Bomb {
    name: &'static str,
    make: fn(&Repository),
    /// What is said of it in the evidence, somewhere; nothing where the history can be read in spite of it.
    said: Option<&'static str>,
}

/// A commit of `tree`, whose mode bits and sizes nobody checks.
fn commit(repo: &Repository, tree: Oid, parents: &[Oid], message: &str) -> Oid {
    let who = format!("Ada Byron <ada@uni.example> {START} +0000");
    let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
    let text = format!("tree {tree}\n{parents}author {who}\ncommitter {who}\n\n{message}");
    repo.odb().unwrap().write(ObjectType::Commit, text.as_bytes()).unwrap()
}

fn tree(repo: &Repository, entries: &[(String, &str, Oid)]) -> Oid {
    let mut bytes = Vec::new();
    for (name, mode, id) in entries {
        bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
        bytes.extend_from_slice(id.as_bytes());
    }
    repo.odb().unwrap().write(ObjectType::Tree, &bytes).unwrap()
}

fn small(repo: &Repository) -> Oid {
    let blob = repo.blob(b"x = 1\n").unwrap();
    tree(repo, &[("a.py".to_owned(), "100644", blob)])
}

fn ten(repo: &Repository, of: Oid, mode: &str) -> Oid {
    let entries: Vec<_> = (0..10).map(|number| (format!("d{number}"), mode, of)).collect();
    tree(repo, &entries)
}

fn set_main(repo: &Repository, tip: Oid) {
    repo.reference("refs/heads/main", tip, true, "test").unwrap();
}

fn tree_in_an_earlier_commit(repo: &Repository) {
    let mut wide = ten(repo, repo.blob(b"x = 1\n").unwrap(), "100644");
    for _ in 0..9 {
        wide = ten(repo, wide, "40000");
    }
    let first = commit(repo, small(repo), &[], "Add a setting to a.py\n");
    let second = commit(repo, wide, &[first], "Add a setting to a.py\n");
    set_main(repo, commit(repo, small(repo), &[second], "Add a setting to a.py\n"));
}

fn folders_within_each_other(repo: &Repository) {
    let mut deep = small(repo);
    for _ in 0..3_000 {
        deep = tree(repo, &[("d".to_owned(), "40000", deep)]);
    }
    let first = commit(repo, deep, &[], "Add folders\n");
    set_main(repo, commit(repo, small(repo), &[first], "Remove folders\n"));
}

fn mode_of_old_programs(repo: &Repository) {
    let blob = repo.blob(b"x = 1\ny = 2\n").unwrap();
    let odd = tree(repo, &[("a.py".to_owned(), "100777", blob)]);
    let first = commit(repo, small(repo), &[], "Add a setting to a.py\n");
    set_main(repo, commit(repo, odd, &[first], "Add another setting to a.py\n"));
}

fn long_message(repo: &Repository) {
    let message = format!("Add a setting\n\n{}", "why and why not\n".repeat(2 << 20));
    set_main(repo, commit(repo, small(repo), &[], &message));
}

fn many_trailers(repo: &Repository) {
    let trailers: String = (0..200_000).map(|n| format!("Co-authored-by: N{n} <n{n}@x.example>\n")).collect();
    set_main(repo, commit(repo, small(repo), &[], &format!("Add a setting\n\n{trailers}")));
}

fn many_parents(repo: &Repository) {
    let parents: Vec<Oid> =
        (0..2_000).map(|n| commit(repo, small(repo), &[], &format!("Add setting {n} to a.py\n"))).collect();
    set_main(repo, commit(repo, small(repo), &parents, "Merge all\n"));
}

fn many_references(repo: &Repository) {
    let tip = commit(repo, small(repo), &[], "Add a setting to a.py\n");
    set_main(repo, tip);
    let packed: String = (0..100_000).map(|n| format!("{tip} refs/heads/branch-{n:06}\n")).collect();
    let header = "# pack-refs with: peeled fully-peeled sorted \n";
    std::fs::write(repo.path().join("packed-refs"), format!("{header}{packed}")).unwrap();
}

const BOMBS: &[Bomb] = &[
    Bomb {
        name: "a tree of 10^10 files in an earlier commit",
        make: tree_in_an_earlier_commit,
        said: Some("the cap of"),
    },
    Bomb { name: "3,000 folders within each other", make: folders_within_each_other, said: Some("the cap of") },
    Bomb { name: "an entry of mode 100777", make: mode_of_old_programs, said: None },
    Bomb { name: "a message of 32 MB", make: long_message, said: None },
    Bomb { name: "200,000 trailers", make: many_trailers, said: None },
    Bomb { name: "2,000 parents", make: many_parents, said: Some("the cap of") },
    Bomb { name: "100,000 references", make: many_references, said: Some("references") },
];

fn bare(path: &Path) -> Repository {
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).external_template(false).initial_head("main");
    Repository::init_opts(path, &options).unwrap()
}

fn roster(teams: &[&str]) -> String {
    let entry = |team: &&str| {
        format!(
            "[[team]]\nid = \"{team}\"\nrepository = \"{team}.git\"\n[[team.member]]\nname = \"Ada Byron\"\nemails = [\"ada@{team}.example\"]\n"
        )
    };
    teams.iter().map(entry).collect()
}

fn stackmark(folder: &Path, arguments: &[&str]) -> Output {
    Command::cargo_bin("stackmark").unwrap().current_dir(folder).args(arguments).output().unwrap()
}

fn grade(folder: &Path, more: &[&str]) -> Output {
    let arguments = ["grade", "--roster", "roster.toml", "--rubric", "repository", "--out", "out", "--jobs", "1"];
    stackmark(folder, &[&arguments, more].concat())
}

/// What a command that reads the same repositories says; it ends as one that could read them all, or not all.
fn said(folder: &Path, bomb: &Bomb, arguments: &[&str]) -> String {
    let output = stackmark(folder, arguments);
    let words = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 4)), "{}: {arguments:?}: {words}", bomb.name);
    assert!(!words.contains("panicked"), "{}: {arguments:?}: {words}", bomb.name);
    words
}

fn evidence(folder: &Path, team: &str) -> Value {
    let path: PathBuf = folder.join("out/teams").join(team).join("evidence.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_bomb_costs_its_own_team_a_reading_at_most() {
    let (mut graded, mut slowest) = (0, 0.0_f64);
    for bomb in BOMBS {
        let folder = TempDir::new().unwrap();
        (bomb.make)(&bare(&folder.path().join("bomb.git")));
        let good = bare(&folder.path().join("good.git"));
        set_main(&good, commit(&good, small(&good), &[], "Add a setting to a.py\n"));
        std::fs::write(folder.path().join("roster.toml"), roster(&["bomb", "good"])).unwrap();
        let begun = Instant::now();
        let output = grade(folder.path(), &[]);
        let seconds = begun.elapsed().as_secs_f64();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        println!("{seconds:6.1} s  {}", bomb.name);
        assert!(matches!(output.status.code(), Some(0 | 4)), "{}: {words}", bomb.name);
        assert!(!words.contains("panicked"), "{}: {words}", bomb.name);
        let state = |team: &str| evidence(folder.path(), team)["git"]["contribution"]["state"].clone();
        assert_eq!(state("good"), "observed", "{}", bomb.name);
        let all = evidence(folder.path(), "bomb").to_string();
        match bomb.said {
            Some(said) => assert!(all.contains(said), "{}: \"{said}\" is not in the evidence", bomb.name),
            None => assert_eq!(state("bomb"), "observed", "{}", bomb.name),
        }
        let found = said(folder.path(), bomb, &["doctor", "--roster", "roster.toml", "--repositories"]);
        assert!(found.contains("good\n  repository ") && found.contains(" on main"), "{}: {found}", bomb.name);
        let found = said(folder.path(), bomb, &["similar", "--out", "out"]);
        assert!(!found.contains("team good: compared without"), "{}: {found}", bomb.name);
        assert!(folder.path().join("out/teams/good/fingerprints.json").is_file(), "{}: {found}", bomb.name);
        (graded, slowest) = (graded + 1, slowest.max(seconds));
    }
    println!("{graded} of {} bombs within their bounds, the slowest in {slowest:.1} s", BOMBS.len());
    assert!(slowest < 120.0, "{slowest} s");
}

/// What is asked for a team's evidence.
fn of_evidence() -> Value {
    serde_json::json!({
        "team": { "id": "bomb", "name": null, "members": [], "members_from": "history", "folder": null },
        "wanted": ["git.commits"],
    })
}

/// Has the process of a repository read a good one, with so much memory.
fn bounded(what: &str, question: Value, memory: u64) -> Vec<u8> {
    let time = std::time::Duration::from_secs(60);
    let folder = TempDir::new().unwrap();
    let repo = bare(&folder.path().join("bomb.git"));
    set_main(&repo, commit(&repo, small(&repo), &[], "Add a setting to a.py\n"));
    let job = serde_json::json!({
        "source": { "location": folder.path().join("bomb.git"), "branch": null, "commit": null, "base_commit": null,
            "deadline": null, "counts": [], "ignore": [], "in_place": false, "report": null, "allow_private": false,
            "mailmap": [] },
        "question": question,
        "limits": stackmark_collect::Limits {
            repository: stackmark_collect::RepositoryLimits { time, memory, ..Default::default() },
            ..Default::default()
        },
    });
    let output = Command::cargo_bin("stackmark")
        .unwrap()
        .args(["collect-repository", what])
        .env("RUST_BACKTRACE", "0")
        .write_stdin(job.to_string())
        .output();
    output.unwrap().stdout
}

/// All that commands ask of a repository, with a place in the answer where something was read.
fn asked() -> [(&'static str, Value, &'static str); 4] {
    let fingerprints = serde_json::json!({
        "team": { "id": "bomb", "name": null, "members": [], "members_from": "history", "folder": null },
        "handed_out": "", "known": null, "starter": {}, "has_base": true,
    });
    let side = serde_json::json!({ "path": "a.py", "first": 1, "last": 1, "hashes": [], "shown": true });
    let details = serde_json::json!({ "folder": null, "sides": [side] });
    [
        ("evidence", of_evidence(), "/read/git/commits/value"),
        ("lookup", Value::Null, "/Ok/commit"),
        ("fingerprints", fingerprints, "/Ok/stored/commit"),
        ("details", details, "/Ok/sides/0/text"),
    ]
}

#[test]
fn the_process_answers_with_what_it_read() {
    for (what, question, place) in asked() {
        let answer: Value = serde_json::from_slice(&bounded(what, question, 1 << 30)).unwrap();
        assert!(answer.pointer(place).is_some_and(|read| !read.is_null()), "{what}: {answer}");
    }
}

#[test]
fn a_process_without_memory_gives_no_answer() {
    for (what, question, _) in asked() {
        assert!(bounded(what, question, 1 << 20).is_empty(), "{what}");
    }
}

#[test]
fn what_ended_a_process_is_not_walked_into_again() {
    let folder = TempDir::new().unwrap();
    let repo = bare(&folder.path().join("one.git"));
    set_main(&repo, commit(&repo, small(&repo), &[], "Add a setting to a.py\n"));
    std::fs::write(folder.path().join("roster.toml"), roster(&["one"])).unwrap();
    assert_eq!(grade(folder.path(), &[]).status.code(), Some(0));
    // As a run stores it whose process was ended.
    let path = folder.path().join("out/teams/one/evidence.json");
    let mut stored = evidence(folder.path(), "one");
    let detail = "./one.git: the repository ended the process that reads it (more than 2048 MiB of memory)";
    stored["git"]["source"] = serde_json::json!({ "state": "unreadable", "cause": "refused", "detail": detail });
    std::fs::write(&path, stored.to_string()).unwrap();
    let again = grade(folder.path(), &[]);
    let words = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(words.contains("not read again") && words.contains("--fresh"), "{words}");
    // What was read before stays.
    assert_eq!(evidence(folder.path(), "one")["git"]["source"]["state"], "unreadable");
    for more in [&["--fresh"][..], &["one"]] {
        std::fs::write(&path, stored.to_string()).unwrap();
        grade(folder.path(), more);
        assert_eq!(evidence(folder.path(), "one")["git"]["source"]["state"], "observed", "{more:?}");
    }
}
