//! The history of a repository, as a marker would notice it: who did what, what counts, and what could not be read.

mod support;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::Command;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use stackmark::collect::git::{measure, members_from_history};
use stackmark::collect::repo::{choose_head, obtain};
use stackmark::collect::{Limits, Progress, RepositorySource, Silent};
use stackmark::evidence::git::{Contribution, GitEvidence, Head};
use stackmark::evidence::{Cause, Member, MembersFrom, Reading, Team, Unreadable};
use support::history::{History, START};

fn source(location: &std::path::Path) -> RepositorySource {
    RepositorySource { location: location.to_string_lossy().into_owned(), ..RepositorySource::default() }
}

fn member(id: &str, name: &str, email: &str) -> Member {
    Member { id: id.to_owned(), name: name.to_owned(), emails: vec![email.to_owned()], aliases: vec![], login: None }
}

fn team() -> Team {
    Team {
        id: "team-1".to_owned(),
        name: None,
        members: vec![
            member("ana", "Ana García", "ana@uni.example"),
            member("leo", "Léo Petit", "leo@uni.example"),
            member("mia", "Mia Rossi", "mia@uni.example"),
        ],
        members_from: MembersFrom::Roster,
        folder: None,
    }
}

fn head_of(history: &History) -> Head {
    let head = choose_head(history.repository(), &source(history.path()));
    head.value().expect("a head").clone()
}

fn measured(history: &History, team: &Team) -> GitEvidence {
    measure(history.repository(), &head_of(history), team, None, &Silent)
}

fn contribution(history: &History, team: &Team) -> Contribution {
    measured(history, team).contribution.value().expect("a contribution").clone()
}

fn lines(prefix: &str, count: usize) -> String {
    (0..count).map(|n| format!("{prefix}_{n} = launch({n})\n")).collect()
}

/// Git itself, without anybody's configuration.
fn git(history: &History, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "-c", "core.quotepath=off", "--git-dir"])
        .arg(history.path())
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn added_and_deleted_lines_equal_those_of_git() {
    let history = History::new();
    history.write("src/app.py", lines("instance", 40)).write("README.md", "# Cluster\n\nHow to deploy.\n");
    history.commit("Launch the instances");
    history.as_author("Léo Petit", "leo@uni.example");
    history.write("src/app.py", lines("instance", 40).replace("launch(7)", "launch(70)").replace(" = ", "="));
    history.commit("Launch instance 7 as 70");
    history.rename("src/app.py", "src/cluster/début été.py").write("src/alb.py", lines("listener", 12));
    history.commit("Move the launcher into the cluster package");
    history.as_author("Mia Rossi", "mia@uni.example");
    let shorter = lines("instance", 40).lines().skip(5).collect::<Vec<_>>().join("\n");
    history.write("src/cluster/début été.py", shorter).remove("src/alb.py");
    history.commit("Remove the listener");

    let mut of_git: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut author = String::new();
    for line in git(&history, &["log", "--numstat", "-M", "-w", "--no-merges", "--format=author %ae", "main"]).lines() {
        if let Some(email) = line.strip_prefix("author ") {
            author = email.to_owned();
        } else if let [added, deleted, _] = line.split('\t').collect::<Vec<_>>()[..] {
            let sums = of_git.entry(author.clone()).or_default();
            sums.0 += added.parse::<u64>().expect("a number");
            sums.1 += deleted.parse::<u64>().expect("a number");
        }
    }
    let members = contribution(&history, &team()).members;
    let ours: BTreeMap<String, (u64, u64)> =
        members.iter().map(|m| (format!("{}@uni.example", m.member), (m.added, m.deleted))).collect();
    assert_eq!(ours, of_git);
    assert_eq!(of_git["leo@uni.example"], (13, 1), "the fixture holds a rename and a change of white space");
}

#[test]
fn what_is_nobodys_own_work_earns_nothing() {
    let history = History::new();
    history.write("app.py", lines("a", 60)).commit("Write the application");
    history.as_author("Léo Petit", "leo@uni.example");
    history.write("app.py", lines("a", 60).replace(" = ", "   =   ").replace('\n', "\r\n")).commit("Reformat");
    history.rename("app.py", "src/app.py").commit("Move the application");
    let text = lines("a", 60);
    let halves: Vec<&str> = text.split_inclusive('\n').collect();
    let swapped = halves[30..].concat() + &halves[..30].concat();
    history.write("src/app.py", swapped).commit("Swap the halves");
    history
        .write("venv/lib/site.py", lines("v", 900))
        .write("package-lock.json", lines("p", 900))
        .write("data.csv", lines("d", 900))
        .write("logo.png", b"\x89PNG\0\0")
        .write("gen.py", format!("# Code generated by tool. DO NOT EDIT.\n{}", lines("g", 900)))
        .commit("Add libraries and data");

    let contribution = contribution(&history, &team());
    let [ana, leo, mia] = &contribution.members[..] else { panic!("three members") };
    assert!((ana.share - 1.0).abs() < 1e-9, "{contribution:?}");
    assert_eq!((leo.commits, leo.work.lines), (4, 0.0));
    assert_eq!((mia.commits, mia.share), (0, 0.0), "an absent member counts with zero");
    assert!(contribution.evenness.abs() < 1e-9);
    let reasons: Vec<(&str, u64)> = contribution.excluded.iter().map(|e| (e.reason.as_str(), e.files)).collect();
    assert_eq!(reasons, [("binary", 1), ("data", 1), ("generated", 1), ("lock file", 1), ("vendored", 1)]);
}

#[test]
fn co_authors_share_and_strangers_stay_apart() {
    let history = History::new();
    history.write("a.py", lines("a", 100));
    history.commit("Add the cluster (#4)\n\nCo-authored-by: LEO PETIT <leo@home.example>\nCo-authored-by: Copilot <copilot@forge.example>");
    history.as_author("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal").write("b.py", lines("b", 100));
    history.commit("Add the balancer");

    let evidence = measured(&history, &team());
    let contribution = evidence.contribution.value().expect("a contribution");
    let [ana, leo, _] = &contribution.members[..] else { panic!("three members") };
    assert_eq!((ana.work.lines, leo.work.lines), (50.0, 50.0));
    assert_eq!((leo.commits, leo.co_authored), (0, 1));
    assert_eq!(contribution.unmapped.len(), 1);
    assert!((contribution.unmapped_share - 0.5).abs() < 1e-9);
    let commits = evidence.commits.value().expect("commits");
    assert_eq!((commits[0].member.as_deref(), commits[1].member.as_deref()), (None, Some("ana")));
    assert_eq!(commits[1].co_authors, ["leo"]);
    let coordination = evidence.coordination.value().expect("a coordination");
    assert_eq!((coordination.members_active, coordination.co_authored, coordination.pull_requests), (2, 1, 1));
}

#[test]
fn work_of_unknown_authors_alone_is_not_an_uneven_team() {
    let history = History::new();
    history.as_author("x", "x@y.example").write("a.py", lines("a", 10)).commit("Add a");
    let failure = measured(&history, &team()).contribution.failure().cloned().expect("a failure");
    assert!(failure.detail.contains("could be matched to a member"), "{failure}");
}

#[test]
fn the_mailmap_of_a_team_is_not_obeyed() {
    let history = History::new();
    history.write(".mailmap", "Mia Rossi <mia@uni.example> <ana@uni.example>\n").write("a.py", lines("a", 10));
    history.commit("Add a");
    let contribution = contribution(&history, &team());
    assert_eq!(contribution.members[0].commits, 1);
    assert_eq!(contribution.members[2].commits, 0);
}

#[test]
fn only_the_folder_and_what_follows_the_base_count() {
    let history = History::new();
    history.write("TP1/starter.py", lines("starter", 200));
    let base = history.commit("Add starter code").to_string();
    history.write("TP1/own.py", lines("own", 10)).write("TP10/other.py", lines("other", 50)).commit("Add own");
    let team = Team { folder: Some("TP1".to_owned()), ..team() };
    let evidence = measure(history.repository(), &head_of(&history), &team, Some(&base), &Silent);
    let contribution = evidence.contribution.value().expect("a contribution");
    assert_eq!(contribution.members[0].added, 10);
    assert_eq!(contribution.excluded[0].reason, "outside the folder");

    let unknown = measure(history.repository(), &head_of(&history), &team, Some("deadbeef"), &Silent);
    assert!(unknown.contribution.failure().expect("a failure").detail.contains("base commit deadbeef"));
}

#[test]
fn commits_of_another_assignment_are_not_this_ones() {
    let history = History::new();
    history.write("TP1/deploy.py", lines("deploy", 20)).commit("Add the deployment");
    history.switch("second").as_author("Mia Rossi", "mia@uni.example");
    history.write("TP2/map.py", lines("map", 20)).write("TP2/plot.png", "png").commit("Add the mapper");
    history.switch("main").merge("second", "Merge branch 'second'");
    history.switch("first").as_author("Léo Petit", "leo@uni.example");
    history.write("TP1/alb.py", lines("alb", 20)).commit("Add the load balancer");
    history.switch("main").merge("first", "Merge branch 'first'");
    let team = Team { folder: Some("TP1".to_owned()), ..team() };
    let evidence = measured(&history, &team);
    let commits = evidence.commits.value().expect("commits");
    let subjects: Vec<&str> = commits.iter().map(|commit| commit.subject.as_str()).collect();
    assert_eq!(subjects, ["Merge branch 'first'", "Add the load balancer", "Add the deployment"]);
    let coordination = evidence.coordination.value().expect("coordination");
    assert_eq!((coordination.merges, coordination.members_active), (1, 2), "Mia did nothing for TP1");
    let excluded = &evidence.contribution.value().expect("a contribution").excluded;
    assert_eq!((excluded.len(), excluded[0].reason.as_str(), excluded[0].files), (1, "outside the folder", 2));
}

#[test]
fn work_that_was_moved_into_the_folder_counts_for_who_wrote_it() {
    let history = History::new();
    history.write("deploy.py", lines("deploy", 40)).write("notes.md", "Bring cake.\n").commit("Add the deployment");
    history.as_author("Mia Rossi", "mia@uni.example");
    history.rename("deploy.py", "src/create.py").commit("Move the deployment into src");
    history.write("src/create.py", lines("deploy", 40) + &lines("more", 20)).commit("Create more");
    history.as_author("Léo Petit", "leo@uni.example");
    history.rename("src/create.py", "TP1/src/create.py").commit("Make room for the next assignment");
    // The same path again, for the next assignment: not TP1's.
    history.write("src/create.py", lines("second", 30)).commit("Begin the second assignment");
    let team = Team { folder: Some("TP1".to_owned()), ..team() };
    let contribution = contribution(&history, &team);
    let added: Vec<u64> = contribution.members.iter().map(|member| member.added).collect();
    assert_eq!(added, [40, 0, 20], "who moved it did not write it");
    let outside: Vec<&str> = contribution.excluded[0].examples.iter().map(String::as_str).collect();
    assert_eq!(
        (contribution.excluded[0].reason.as_str(), outside),
        ("outside the folder", vec!["src/create.py", "notes.md"])
    );
}

#[test]
fn a_commit_of_two_things_scores_below_one_of_one() {
    let history = History::new();
    for step in 0..12 {
        history.write(&format!("svc{step}/main.py"), lines(&format!("unrelated{step}"), 5));
        history.commit(&format!("Add service {step}"));
    }
    let balancer = "def create_listener(balancer_arn, target_group):\n    return forward(balancer_arn, target_group)\n";
    let caller = "listener = create_listener(balancer_arn, target_group)\n";
    history.write("infra/balancer.py", balancer).write("infra/deploy.py", caller).commit("Create the listener");
    history
        .write("plots/latency.py", "def draw_histogram(samples):\n    axis.hist(samples, bins=fifty)\n".repeat(9))
        .write("auth/tokens.go", "package auth\nfunc RotateSigningKey(vault Vault) { vault.Rotate() }\n".repeat(9))
        .commit("Add the latency histogram and change signing keys");
    let evidence = measured(&history, &team());
    let commits = evidence.commits.value().expect("commits");
    let (two, one) = (&commits[0].atomic, &commits[1].atomic);
    assert!(two.score < 0.38 && one.score > 0.7, "{two:?} {one:?}");
    assert!(two.reasons[0].contains("plots/latency.py") && two.reasons[0].contains("auth/tokens.go"), "{two:?}");
    assert!(two.reasons.iter().any(|reason| reason.contains("message itself")));
    assert!(one.reasons.is_empty());
    let atomicity = evidence.atomicity.value().expect("an atomicity");
    assert_eq!(atomicity.worst[0].commit, commits[0].id);
}

#[test]
fn messages_are_held_against_the_changes() {
    let history = History::new();
    let script = "def create_target_group(name, port):\n    client.create_target_group(Name=name, Port=port)\n";
    history.write("src/alb.py", script).commit("Create the target group of the load balancer");
    history.write("src/alb.py", format!("{script}print(name)\n")).commit("update alb.py");
    history.write("src/alb.py", script).commit("asdfgh");
    let evidence = measured(&history, &team());
    let scores: Vec<f64> = evidence.commits.value().expect("commits").iter().map(|c| c.message.score).collect();
    assert!(scores[2] > 0.7 && scores[1] < 0.3 && scores[0] < 1e-9, "{scores:?}");
    let messages = evidence.messages.value().expect("messages");
    assert_eq!((messages.commits, messages.poor, messages.fair, messages.good), (3, 2, 0, 1));
    assert_eq!(messages.worst[0].reasons, ["is gibberish"]);
}

#[test]
fn merges_and_branches_show_how_a_team_worked() {
    let history = History::new();
    history.write("a.py", lines("a", 5)).commit("Add a");
    history.switch("alb").as_author("Léo Petit", "leo@uni.example");
    history.write("alb.py", lines("alb", 5)).commit("Add the balancer");
    history.switch("main").as_author("Ana García", "ana@uni.example");
    history.merge("alb", "Merge branch 'alb'");
    history.at(START + 14 * 86_400, 120).write("alb.py", lines("alb", 9)).commit("Extend the balancer");
    let evidence = measured(&history, &team());
    let coordination = evidence.coordination.value().expect("a coordination");
    assert_eq!((coordination.commits, coordination.merges, coordination.merges_of_others), (3, 1, 1));
    assert_eq!(coordination.branches, ["alb", "main"]);
    assert_eq!((coordination.active_days, coordination.active_weeks, coordination.span_days), (2, 2, 15));
    assert!((coordination.shared_files_share - 1.0).abs() < 1e-9);
    assert_eq!(coordination.last_day_share, Some(0.2857), "{coordination:?}");
    let commits = evidence.commits.value().expect("commits");
    assert_eq!(commits[0].authored_at, "2024-09-16T10:00:00+02:00");
    let again = measured(&history, &team());
    assert_eq!(again, evidence, "the same history gives the same evidence");
}

#[test]
fn junk_and_odd_names_are_reported_without_harm() {
    let history = History::new();
    history
        .write(".idea/workspace.xml", "<x/>\n")
        .write("venv/bin/activate", "x\n")
        .write("tp1 & été #1.py", lines("x", 3))
        .link("evil", "/etc/passwd")
        .commit("Add \u{1b}[31mred\u{7} files");
    let evidence = measured(&history, &team());
    let hygiene = evidence.hygiene.value().expect("a hygiene");
    let kinds: Vec<&str> = hygiene.junk.iter().map(|junk| junk.kind.as_str()).collect();
    assert_eq!(kinds, ["editor settings", "virtual environment"]);
    let subject = &evidence.commits.value().expect("commits")[0].subject;
    assert!(!subject.contains('\u{1b}') && subject.contains("red"), "{subject:?}");
    let elsewhere = Team { folder: Some("TP9".to_owned()), ..team() };
    assert!(matches!(measured(&history, &elsewhere).hygiene, Reading::Absent { .. }));
}

#[test]
fn without_a_roster_the_history_names_the_members() {
    let history = History::new();
    history.write("a.py", "x = 1\n").commit("Add a\n\nCo-authored-by: Mia Rossi <mia@uni.example>");
    history.as_author("ana", "ANA@uni.example").write("a.py", "x = 2\n").commit("Change a");
    let members = members_from_history(history.repository(), &head_of(&history), None).expect("members");
    let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    assert_eq!(ids, ["ana-garcia", "mia-rossi"]);
}

#[test]
fn the_head_is_pinned_or_before_the_deadline_or_the_tip() {
    let history = History::new();
    let first = history.write("a.py", "1\n").commit("Add a");
    let second = history.write("a.py", "2\n").commit("Change a");
    history.write("a.py", "3\n").commit("Change a again");
    let choose = |change: &dyn Fn(&mut RepositorySource)| {
        let mut source = source(history.path());
        change(&mut source);
        choose_head(history.repository(), &source)
    };
    let before = choose(&|source| source.deadline = Some(START + 3_600));
    let before = before.value().expect("a head");
    assert_eq!((before.commit.as_str(), before.chosen_by.as_str()), (second.to_string().as_str(), "deadline"));
    assert_eq!((before.commits_after_deadline, before.branch.as_deref()), (1, Some("main")));
    let pinned = choose(&|source| source.commit = Some(first.to_string()[..10].to_owned()));
    assert_eq!(pinned.value().map(|head| head.commit.clone()), Some(first.to_string()));

    let late = choose(&|source| source.deadline = Some(START - 1));
    let Reading::Absent { note } = late else { panic!("{late:?}") };
    assert!(note.contains("every commit of branch main is after the deadline"), "{note}");
    // What the roster got wrong is no loss of the team's.
    for (reading, told) in [
        (choose(&|source| source.branch = Some("dev".to_owned())), "no branch dev; it has main"),
        (choose(&|source| source.commit = Some("0123456789".to_owned())), "commit 0123456789 is not in"),
    ] {
        let failure = reading.failure().expect("unreadable");
        assert!(failure.cause == Cause::Unreachable && failure.detail.contains(told), "{failure}");
    }
    let empty = History::new();
    let Reading::Absent { note } = choose_head(empty.repository(), &source(empty.path())) else { panic!("absent") };
    assert!(note.contains("has no commit yet"), "{note}");
}

#[derive(Default)]
struct Lines(Mutex<Vec<String>>);

impl Progress for Lines {
    fn step(&self, what: &str) {
        self.0.lock().expect("a lock").push(what.to_owned());
    }
}

#[test]
fn a_path_is_cloned_bare_with_all_branches() {
    let history = History::new();
    history.write("a.py", "1\n").commit("Add a");
    history.switch("dev").write("b.py", "2\n").commit("Add b");
    let shown = Lines::default();
    for location in [history.path().to_string_lossy().into_owned(), format!("file://{}", history.path().display())] {
        let source = RepositorySource { location: location.clone(), ..RepositorySource::default() };
        let obtained = obtain(&source, &Limits::default(), &shown).expect("a clone");
        assert!(obtained.repository.is_bare() && obtained.repository.path() != history.path());
        assert_eq!((obtained.source.kind.as_str(), obtained.source.location.as_str()), ("clone", location.as_str()));
        assert_eq!(obtained.source.branches, ["dev", "main"]);
        let head = choose_head(&obtained.repository, &source);
        assert_eq!(head.value().and_then(|head| head.branch.as_deref()), Some("main"));
        let path = obtained.repository.path().to_owned();
        drop(obtained);
        assert!(!path.exists(), "the clone goes away");
    }
    let shown = shown.0.into_inner().expect("lines");
    assert!(shown.iter().any(|line| line.starts_with("cloning: ") && line.contains(" objects, ")), "{shown:?}");
}

fn refused(source: &RepositorySource, limits: &Limits) -> Unreadable {
    obtain(source, limits, &Silent).expect_err("it is refused")
}

#[test]
fn caps_stop_a_clone_and_are_named() {
    let history = History::new();
    for step in 0..20 {
        history.write("a.py", lines(&format!("x{step}"), 200)).commit("Change a");
    }
    let objects = refused(&source(history.path()), &Limits { clone_objects: 10, ..Limits::default() });
    assert!(objects.cause == Cause::Refused && objects.detail.contains("clone_objects"), "{objects}");
    let bytes = refused(&source(history.path()), &Limits { clone_bytes: 1_000, ..Limits::default() });
    assert!(bytes.cause == Cause::Refused && bytes.detail.contains("clone_bytes"), "{bytes}");
}

#[test]
fn a_remote_that_never_answers_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let location = format!("https://user:hunter2@{}/r.git", listener.local_addr().expect("an address"));
    let silent = RepositorySource { location, ..RepositorySource::default() };
    let start = Instant::now();
    let failure = refused(&silent, &Limits { clone_time: Duration::from_millis(300), ..Limits::default() });
    assert!(start.elapsed() < Duration::from_secs(5));
    assert!(failure.cause == Cause::Timeout && failure.detail.contains("clone_time"), "{failure}");
    assert!(!failure.detail.contains("hunter2"), "{failure}");
}

#[test]
fn what_is_no_repository_is_told_with_its_place() {
    let directory = tempfile::tempdir().expect("a directory");
    let empty = refused(&source(directory.path()), &Limits::default());
    assert!(empty.cause == Cause::Unreachable && empty.detail.contains("no git repository there"), "{empty}");
    let missing = refused(&source(&directory.path().join("gone")), &Limits::default());
    assert!(missing.cause == Cause::Unreachable && missing.detail.contains("gone: no such file"), "{missing}");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let location = format!("https://{}/r.git", listener.local_addr().expect("an address"));
    drop(listener);
    let closed = refused(&RepositorySource { location, ..RepositorySource::default() }, &Limits::default());
    assert_eq!(closed.cause, Cause::Unreachable, "{closed}");
}

#[test]
fn a_bundle_is_unpacked_and_a_part_of_one_refused() {
    let history = History::new();
    history.write("a.py", "1\n").commit("Add a");
    let tip = history.write("a.py", "2\n").commit("Change a");
    let directory = tempfile::tempdir().expect("a directory");
    let whole = directory.path().join("whole.bundle");
    git(&history, &["bundle", "create", &whole.to_string_lossy(), "--all", "HEAD"]);
    let obtained = obtain(&source(&whole), &Limits::default(), &Silent).expect("a repository");
    assert_eq!(obtained.source.kind, "bundle");
    let head = choose_head(&obtained.repository, &source(&whole));
    assert_eq!(head.value().map(|head| head.commit.clone()), Some(tip.to_string()));

    let part = directory.path().join("part.bundle");
    git(&history, &["bundle", "create", &part.to_string_lossy(), "main~1..main"]);
    assert!(refused(&source(&part), &Limits::default()).detail.contains("needs commits that are not in it"));
    let mut bytes = std::fs::read(&whole).expect("the bundle");
    let cut = bytes.len() - 30;
    bytes.truncate(cut);
    std::fs::File::create(&part).and_then(|mut file| file.write_all(&bytes)).expect("a cut bundle");
    let damaged = refused(&source(&part), &Limits::default());
    assert!(damaged.cause == Cause::Malformed && damaged.detail.contains("damaged"), "{damaged}");
    let few = refused(&source(&whole), &Limits { clone_objects: 2, ..Limits::default() });
    assert!(few.cause == Cause::Refused && few.detail.contains("clone_objects"), "{few}");
}

#[test]
fn a_working_copy_is_opened_from_any_folder_of_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut options = git2::RepositoryInitOptions::new();
    options.external_template(false).initial_head("main");
    git2::Repository::init_opts(directory.path(), &options).expect("a repository");
    let below = directory.path().join("src/deep");
    std::fs::create_dir_all(&below).expect("folders");
    let here = RepositorySource { in_place: true, ..source(&below) };
    let obtained = obtain(&here, &Limits::default(), &Silent).expect("a repository");
    assert_eq!(obtained.source.kind, "working-copy");
    drop(obtained);
    assert!(below.exists(), "nothing of a working copy is removed");
}

#[test]
fn a_cut_history_is_never_counted() {
    let history = History::new();
    history.write("a.py", "1\n").commit("Add a");
    let tip = history.write("a.py", "2\n").commit("Change a");
    let head = head_of(&history);
    std::fs::write(history.path().join("shallow"), format!("{tip}\n")).expect("a mark");
    let repository = git2::Repository::open(history.path()).expect("a repository");
    let evidence = measure(&repository, &head, &team(), None, &Silent);
    for failure in [evidence.commits.failure(), evidence.contribution.failure(), evidence.messages.failure()] {
        let failure = failure.expect("unreadable");
        assert!(failure.cause == Cause::Malformed && failure.detail.contains("--unshallow"), "{failure}");
    }
    assert!(evidence.hygiene.value().is_some(), "the graded tree is whole");
    assert!(refused(&source(history.path()), &Limits::default()).detail.contains("--unshallow"));
}

#[test]
fn a_missing_object_makes_the_history_unreadable_and_names_the_commit() {
    let history = History::new();
    history.write("a.py", lines("old", 9)).write("lib/venv/x.py", "gone = 1\n");
    let damaged = history.commit("Add a");
    history.write("a.py", lines("new", 9)).commit("Rewrite a");
    let repository = history.repository();
    let remove = |path: &str| {
        let tree = repository.find_commit(damaged).and_then(|commit| commit.tree()).expect("a tree");
        let id = tree.get_path(std::path::Path::new(path)).expect("an entry").id().to_string();
        std::fs::remove_file(history.path().join("objects").join(&id[..2]).join(&id[2..])).expect("a loose object");
    };
    let fresh = || git2::Repository::open(history.path()).expect("a repository");

    remove("lib/venv/x.py");
    let evidence = measure(&fresh(), &head_of(&history), &team(), None, &Silent);
    let excluded = &evidence.contribution.value().expect("libraries are not read").excluded[0];
    assert_eq!((excluded.reason.as_str(), excluded.unknown_sizes), ("vendored", 1));

    remove("a.py");
    let evidence = measure(&fresh(), &head_of(&history), &team(), None, &Silent);
    for failure in [evidence.commits.failure(), evidence.contribution.failure(), evidence.atomicity.failure()] {
        let failure = failure.expect("unreadable");
        assert_eq!(failure.cause, Cause::Malformed);
        assert!(failure.detail.contains(&damaged.to_string()) || failure.detail.contains("more commits"), "{failure}");
    }
}

#[test]
fn a_tree_that_stands_for_billions_of_files_is_refused() {
    let history = History::new();
    history.write("a.py", "1\n").commit("Add a");
    let repository = history.repository();
    let blob = repository.blob(b"x").expect("a blob");
    let (mut below, mut mode) = (blob, 0o100_644);
    for _ in 0..10 {
        let mut builder = repository.treebuilder(None).expect("a builder");
        for name in 0..10 {
            builder.insert(format!("f{name}"), below, mode).expect("an entry");
        }
        (below, mode) = (builder.write().expect("a tree"), 0o040_000);
    }
    let signature = git2::Signature::new("x", "x@y.example", &git2::Time::new(START, 0)).expect("a signature");
    let tree = repository.find_tree(below).expect("the tree");
    let parent = repository.find_commit(history.tip().expect("a tip")).expect("a commit");
    repository.commit(Some("refs/heads/main"), &signature, &signature, "Bomb", &tree, &[&parent]).expect("a commit");
    let start = Instant::now();
    let refusal = choose_head(repository, &source(history.path()));
    let refusal = refusal.failure().expect("unreadable");
    assert!(refusal.cause == Cause::Refused && refusal.detail.contains("files"), "{refusal}");
    assert!(start.elapsed() < Duration::from_secs(5));
}
