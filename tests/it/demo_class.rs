//! The repositories of the demo's class: the same everywhere, and what each team is meant to show.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use git2::{Commit, Repository, Sort};
use stackmark::demo::class::{DemoTeam, make, roster};
use stackmark_course::problem::SourceText;
use stackmark_course::roster::Roster;

fn class() -> (tempfile::TempDir, Vec<DemoTeam>) {
    let folder = tempfile::tempdir().unwrap();
    let teams = make(folder.path()).unwrap();
    (folder, teams)
}

fn commits(repository: &Repository) -> Vec<Commit<'_>> {
    let mut walk = repository.revwalk().unwrap();
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).unwrap();
    walk.push_head().unwrap();
    walk.map(|id| repository.find_commit(id.unwrap()).unwrap()).collect()
}

fn open(teams: &[DemoTeam], id: &str) -> Repository {
    Repository::open_bare(&teams.iter().find(|team| team.id == id).unwrap().repository).unwrap()
}

/// Author → commits that are no merges, and added lines ÷ all added lines.
fn work(repository: &Repository) -> BTreeMap<String, (usize, f64)> {
    let mut work: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    for commit in commits(repository).iter().filter(|commit| commit.parent_count() < 2) {
        let parent = commit.parent(0).ok().map(|parent| parent.tree().unwrap());
        let diff = repository.diff_tree_to_tree(parent.as_ref(), Some(&commit.tree().unwrap()), None).unwrap();
        let entry = work.entry(commit.author().email().unwrap().to_owned()).or_default();
        entry.0 += 1;
        entry.1 += diff.stats().unwrap().insertions() as f64;
    }
    let all: f64 = work.values().map(|(_, lines)| lines).sum();
    work.values_mut().for_each(|(_, lines)| *lines /= all);
    work
}

fn text(repository: &Repository, path: &str) -> String {
    let tree = repository.head().unwrap().peel_to_tree().unwrap();
    let blob = tree.get_path(Path::new(path)).unwrap().to_object(repository).unwrap().peel_to_blob().unwrap();
    String::from_utf8(blob.content().to_owned()).unwrap()
}

#[test]
fn two_runs_make_the_same_commits() {
    let ((_first, first), (_second, second)) = (class(), class());
    assert_eq!(first.len(), second.len());
    for (one, other) in first.iter().zip(&second) {
        let ids = |team: &DemoTeam| {
            let repository = Repository::open_bare(&team.repository).unwrap();
            commits(&repository).iter().map(Commit::id).collect::<Vec<_>>()
        };
        assert_eq!(ids(one), ids(other), "{}", one.id);
    }
}

#[test]
fn every_repository_is_bare_with_main_as_its_only_branch() {
    let (_folder, teams) = class();
    assert_eq!(teams.iter().map(|team| team.id.as_str()).collect::<Vec<_>>(), ["falcon", "heron", "osprey"]);
    for team in &teams {
        let repository = Repository::open(&team.repository).unwrap();
        assert!(repository.is_bare());
        assert_eq!(repository.head().unwrap().name(), Ok("refs/heads/main"), "{}", team.id);
        assert_eq!(repository.branches(None).unwrap().count(), 1, "{}", team.id);
    }
}

#[test]
fn a_repository_that_is_already_there_is_left_alone() {
    let (folder, teams) = class();
    let before = open(&teams, "falcon").head().unwrap().target();
    make(folder.path()).unwrap_err();
    assert_eq!(open(&teams, "falcon").head().unwrap().target(), before);
}

#[test]
fn no_commit_is_older_than_its_parent() {
    let (_folder, teams) = class();
    for team in &teams {
        let repository = Repository::open(&team.repository).unwrap();
        for commit in commits(&repository) {
            assert_eq!(commit.author().when().seconds(), commit.committer().when().seconds());
            for parent in commit.parents() {
                assert!(parent.time().seconds() <= commit.time().seconds(), "{} {}", team.id, commit.id());
            }
        }
    }
}

#[test]
fn everybody_is_invented() {
    let (_folder, teams) = class();
    for team in &teams {
        let repository = Repository::open(&team.repository).unwrap();
        for commit in commits(&repository) {
            let author = commit.author();
            let email = author.email().unwrap();
            assert!(email.ends_with(".example.org") || email.ends_with(".ec2.internal"), "{email}");
        }
        assert!(team.members.iter().flat_map(|member| &member.emails).all(|email| email.ends_with(".example.org")));
    }
}

#[test]
fn falcon_shares_its_work_and_merges_what_others_wrote() {
    let (_folder, teams) = class();
    let repository = open(&teams, "falcon");
    let all = commits(&repository);
    let merges: Vec<_> = all.iter().filter(|commit| commit.parent_count() == 2).collect();
    assert_eq!((all.len() - merges.len(), merges.len()), (42, 6));
    for merge in merges {
        let merged = merge.parent(1).unwrap();
        assert_ne!(merge.author().email().unwrap(), merged.author().email().unwrap());
    }
    let mut work = work(&repository);
    let (commits, lines) = work.remove("rafi@laptop.example.org").unwrap();
    let rafi = work.get_mut("rafi@falcon.example.org").unwrap();
    *rafi = (rafi.0 + commits, rafi.1 + lines);
    assert_eq!(work.len(), 4);
    assert!(work.values().all(|(commits, lines)| *commits >= 8 && (0.2..0.3).contains(lines)), "{work:?}");
}

#[test]
fn heron_is_one_members_dump() {
    let (_folder, teams) = class();
    let repository = open(&teams, "heron");
    let work = work(&repository);
    assert_eq!(work.keys().collect::<Vec<_>>(), ["kenji@heron.example.org", "petra@heron.example.org"]);
    assert_eq!(teams[1].members.len(), 3);
    assert!(work["petra@heron.example.org"].1 > 0.85, "{work:?}");
}

#[test]
fn osprey_holds_a_key_that_stands_nowhere_in_our_own_files() {
    let (_folder, teams) = class();
    let env = text(&open(&teams, "osprey"), ".env");
    let key = env.lines().find_map(|line| line.strip_prefix("AWS_ACCESS_KEY_ID=")).unwrap();
    assert!(key.len() == 20 && key.starts_with("AKIA") && key.bytes().all(|byte| byte.is_ascii_uppercase()), "{key}");
    for file in embedded_files() {
        assert!(!std::fs::read_to_string(&file).unwrap().contains(key), "{}", file.display());
    }
}

#[test]
fn all_files_of_the_class_are_small() {
    let bytes: u64 = embedded_files().iter().map(|file| file.metadata().unwrap().len()).sum();
    assert!(bytes < 200_000, "{bytes}");
}

fn embedded_files() -> Vec<std::path::PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("src/demo/class.rs")];
    let mut waiting: Vec<_> = ["falcon", "heron", "osprey"].map(|team| root.join("examples/demo").join(team)).into();
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { &mut waiting } else { &mut files }.push(path);
        }
    }
    files
}

#[test]
fn the_roster_names_the_repositories_and_only_given_endpoints() {
    let folder = Path::new("/tmp/a \"class\"");
    let endpoints = BTreeMap::from([("heron".to_owned(), "http://127.0.0.1:4566".to_owned())]);
    let source: Arc<SourceText> = SourceText::new("roster.toml", roster(folder, &endpoints).unwrap());
    let (roster, _) = Roster::parse(&source);
    let teams = roster.unwrap().teams;
    assert_eq!(teams[0].repository, "/tmp/a \"class\"/falcon.git");
    assert_eq!(teams[0].aws.endpoint_url, None);
    assert_eq!(teams[1].aws.endpoint_url.as_deref(), Some("http://127.0.0.1:4566"));
}

#[test]
fn every_author_but_the_instance_is_a_member() {
    let (_folder, teams) = class();
    let mut strangers = BTreeSet::new();
    for team in &teams {
        let repository = Repository::open(&team.repository).unwrap();
        for commit in commits(&repository) {
            let email = commit.author().email().unwrap().to_owned();
            if !team.members.iter().any(|member| member.emails.contains(&email)) {
                strangers.insert(email);
            }
        }
    }
    assert_eq!(strangers.into_iter().collect::<Vec<_>>(), ["ubuntu@ip-172-31-20-14.ec2.internal"]);
}
