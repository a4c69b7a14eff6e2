//! Who did how much: equal to git where the definitions coincide, and no way to look busier than one was.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::support::history::History;
use crate::support::people::{ANA, LEO, lines, member, team_of};
use stackmark_class::copies::shared;
use stackmark_collect::Limits;
use stackmark_collect::Silent;
use stackmark_collect::classify::why_excluded;
use stackmark_collect::tree::{Blobs as _, TreeFile};
use stackmark_evidence::git::{Contribution, GitEvidence, MemberShare};
use stackmark_evidence::{MembersFrom, Team};
use stackmark_history::RepositorySource;
use stackmark_history::repo::{choose_head, obtain};
use stackmark_history::tree::{self, ObjectDatabase};
use stackmark_history::{measure, members_from_history};

fn team() -> Team {
    team_of(vec![member("ana", ANA), member("leo", LEO)])
}

fn source(path: &Path) -> RepositorySource {
    RepositorySource { location: path.to_string_lossy().into_owned(), in_place: true, ..RepositorySource::default() }
}

fn contribution_after(history: &History, base: Option<&str>) -> Contribution {
    let head = choose_head(history.repository(), &source(history.path()));
    let head = head.value().expect("a head");
    let evidence = measure(history.repository(), head, &team(), base, &Silent);
    evidence.contribution.value().unwrap_or_else(|| panic!("{:?}", evidence.contribution)).clone()
}

fn contribution(history: &History) -> Contribution {
    contribution_after(history, None)
}

fn ana(history: &History) -> &History {
    history.as_author("Ana García", "ana@uni.example")
}

fn leo(history: &History) -> &History {
    history.as_author("Léo Petit", "leo@uni.example")
}

fn of<'c>(contribution: &'c Contribution, id: &str) -> &'c MemberShare {
    contribution.members.iter().find(|member| member.member == id).expect("a member")
}

fn git(repository: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "-c", "core.quotepath=off", "-C"])
        .arg(repository)
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .expect("git runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Lines that `git blame -w -M` gives to each member, over the files that count.
fn blamed_by_git(repository: &Path, head: &str, evidence: &GitEvidence) -> BTreeMap<String, u64> {
    let commits = evidence.commits.value().expect("commits");
    let member_of: BTreeMap<&str, &str> =
        commits.iter().filter_map(|commit| Some((commit.id.as_str(), commit.member.as_deref()?))).collect();
    let opened = git2::Repository::open(repository).expect("a repository");
    let files = tree::list(&opened, git2::Oid::from_str(head).expect("an id"), None).expect("a tree");
    let counts = |file: &&TreeFile| {
        let content = ObjectDatabase(&opened).read(file).expect("a content");
        !file.link && file.size <= 5 << 20 && why_excluded(&file.path, Some(&content)).is_none()
    };
    let mut blamed = BTreeMap::new();
    for file in files.iter().filter(counts) {
        let path = &file.path;
        let said = git(repository, &["--no-pager", "blame", "-w", "-M", "-l", "-s", "--root", head, "--", path]);
        for line in said.split_terminator('\n') {
            let id = line.get(..40).unwrap_or_default();
            if let Some(member) = member_of.get(id) {
                *blamed.entry((*member).to_owned()).or_default() += 1;
            }
        }
    }
    blamed
}

fn assert_equal_to_git(repository: &Path) {
    let obtained = obtain(&source(repository), &Limits::default(), &Silent).expect("opens");
    let head = choose_head(&obtained.repository, &source(repository)).value().expect("a head").clone();
    let members = members_from_history(&obtained.repository, &head, None).expect("members");
    let team = Team { members, members_from: MembersFrom::History, ..team() };
    let evidence = measure(&obtained.repository, &head, &team, None, &Silent);
    let contribution = evidence.contribution.value().expect("a contribution");
    let ours: BTreeMap<String, u64> = (contribution.members.iter())
        .map(|member| (member.member.clone(), member.surviving.blamed))
        .filter(|(_, lines)| *lines > 0)
        .collect();
    assert_eq!(ours, blamed_by_git(repository, &head.commit, &evidence), "{}", repository.display());
}

#[test]
fn the_lines_that_stand_equal_git_blame() {
    let history = History::new();
    ana(&history).write("src/app.py", lines("instance", 60)).write("README.md", "# Cluster\n\nHow to deploy.\n");
    history.commit("Launch the instances");
    let functions: Vec<String> =
        (0..6).map(|n| format!("def start_{n}():\n{}\n", lines(&format!("    s{n}"), 6))).collect();
    leo(&history).write("src/tools.py", functions.concat()).commit("Start each cluster");
    history.switch("rules");
    history.write("src/app.py", lines("instance", 60).replace("launch(7,", "launch(70,").replace(" = ", "="));
    history.commit("Launch instance 7 as 70");
    history.switch("main");
    ana(&history).write("notes.md", "# Notes\n").commit("Start the notes");
    history.merge("rules", "Merge branch 'rules'");
    let moved =
        [&functions[3], &functions[0], &functions[1], &functions[2], &functions[5]].map(String::as_str).concat();
    ana(&history).write("src/tools.py", moved).commit("Put the third start first");
    history.rename("src/app.py", "src/cluster/début été.py").commit("Move the launcher");
    leo(&history)
        .write("src/cluster/début été.py", lines("instance", 55) + &lines("alb", 9))
        .commit("Add the balancer");
    history.write("src/half.py", lines("instance", 40)).write("src/other.py", lines("instance", 30));
    history.remove("src/cluster/début été.py").commit("Cut the launcher in two");
    assert_equal_to_git(history.path());
}

/// Not part of every run, since it needs repositories: their paths, with `:` between them, in
/// `STACKMARK_TEST_REPOSITORIES`.
#[test]
#[ignore = "needs repositories, named in STACKMARK_TEST_REPOSITORIES"]
fn the_lines_that_stand_equal_git_blame_in_real_repositories() {
    let named = std::env::var_os("STACKMARK_TEST_REPOSITORIES").expect("STACKMARK_TEST_REPOSITORIES");
    for repository in std::env::split_paths(&named) {
        assert_equal_to_git(&repository);
    }
}

#[test]
fn both_ledgers_make_the_share() {
    let history = History::new();
    ana(&history).write("app.py", lines("first", 60)).commit("Launch");
    leo(&history).write("app.py", lines("second", 40)).commit("Launch otherwise");
    let found = contribution(&history);
    let (ana, leo) = (of(&found, "ana"), of(&found, "leo"));
    assert_eq!((ana.surviving.lines, leo.surviving.lines), (0.0, 40.0));
    assert_eq!((ana.work.lines, leo.work.lines), (60.0, 70.0), "half of the sixty lines that went count as well");
    assert_eq!(ana.work.replaced_by_others, 60, "the report says where her lines are");
    assert!((leo.share - (0.5 + 0.5 * 70.0 / 130.0)).abs() < 1e-4, "{leo:?}");
}

#[test]
fn laying_everything_out_anew_does_not_pay() {
    let history = History::new();
    let call = |n: usize| format!("start(cluster_{n}, kind='m4.large', count={n})\n");
    ana(&history).write("app.py", (0..40).map(call).collect::<String>()).commit("Start the clusters");
    let anew = |n: usize| format!("start(\n    cluster_{n},\n    kind=\"m4.large\",\n    count={n},\n)\n");
    leo(&history).write("app.py", (0..40).map(anew).collect::<String>()).commit("Run the formatter");
    let found = contribution(&history);
    let leo = of(&found, "leo");
    assert_eq!((leo.work.lines, leo.surviving.lines, leo.share), (0.0, 0.0, 0.0), "{leo:?}");
    assert_eq!((leo.work.reformatted, leo.surviving.blamed), (200, 200), "what git says is shown beside it");
}

#[test]
fn wrapping_ones_own_lines_does_not_pay() {
    let total = |n: usize| format!("total_{n} = price_{n} * {n} + tax_{n}\n");
    let head = |n: usize| format!("def start_{n}(cluster_{n}, count={n}):\n    pass\n");
    let plain: String = (0..20).map(|n| head(n) + &total(n)).collect();
    let in_brackets: String = (0..20)
        .map(|n| {
            format!(
                "def start_{n}(\n    cluster_{n},\n    count={n}):\n    pass\ntotal_{n} = (\n    price_{n}\n    * {n}\n    + tax_{n}\n)\n"
            )
        })
        .collect();
    let by_backslash: String = (0..20)
        .map(|n| {
            format!(
                "def start_{n}(\n    cluster_{n}\n    ,\n    count={n}\n    )\\\n    :\n    pass\ntotal_{n} \\\n    = price_{n} \\\n    * {n} \\\n    + tax_{n}\n"
            )
        })
        .collect();
    for wrapped in [in_brackets, by_backslash] {
        let history = History::new();
        ana(&history).write("app.py", lines("a", 60)).commit("Launch");
        leo(&history).write("start.py", &plain).commit("Start the clusters");
        let before = contribution(&history);
        leo(&history).write("start.py", wrapped).commit("Run the formatter");
        let after = contribution(&history);
        let (ledger, then) = (of(&after, "leo"), of(&before, "leo"));
        assert!((ledger.work.lines - then.work.lines).abs() < 0.01, "{ledger:?}");
        assert!((ledger.surviving.lines - then.surviving.lines).abs() < 0.01, "{ledger:?}");
        assert!((after.evenness - before.evenness).abs() < 1e-3, "{after:?}");
    }
}

#[test]
fn moving_code_does_not_pay() {
    let history = History::new();
    ana(&history).write("app.py", lines("a", 60) + &lines("b", 60)).commit("Launch");
    leo(&history).rename("app.py", "src/app.py").commit("Move the launcher");
    history.write("src/app.py", lines("a", 60)).write("src/rest.py", lines("b", 60)).commit("Cut it in two");
    history.write("src/app.py", lines("a", 30)).commit("Take a half out");
    history.write("src/more.py", lines("a", 60).lines().skip(30).collect::<Vec<_>>().join("\n") + "\n");
    history.commit("Put the half elsewhere");
    let found = contribution(&history);
    let (ana, leo) = (of(&found, "ana"), of(&found, "leo"));
    assert_eq!((ana.surviving.lines, leo.surviving.lines), (120.0, 0.0));
    assert_eq!((ana.work.lines, ana.work.taken_back), (120.0, 0));
    assert!(leo.work.lines <= 15.0, "at most the deleting counts, of which nothing was known yet: {leo:?}");
}

#[test]
fn adding_and_deleting_does_not_pay() {
    let history = History::new();
    ana(&history).write("app.py", lines("a", 50)).commit("Launch");
    leo(&history);
    for round in 0..5 {
        history.write("junk.py", lines(&format!("junk{round}"), 90)).commit("Try");
        history.remove("junk.py").commit("Stop trying");
    }
    history.write("notes.py", lines("kept", 10)).commit("Keep notes");
    let found = contribution(&history);
    let leo = of(&found, "leo");
    assert_eq!((leo.work.lines, leo.surviving.lines), (10.0, 10.0));
    assert_eq!(leo.work.taken_back, 450);
}

#[test]
fn work_that_comes_back_is_work_again() {
    let history = History::new();
    ana(&history).write("app.py", lines("a", 50)).write("b.py", lines("b", 5)).commit("Launch");
    history.remove("app.py").commit("Take the launcher out");
    leo(&history).write("app.py", lines("a", 50)).commit("Bring the launcher back");
    let found = contribution(&history);
    assert_eq!((of(&found, "ana").work.lines, of(&found, "leo").work.lines), (55.0, 0.0));
    assert_eq!((of(&found, "ana").surviving.lines, of(&found, "leo").surviving.lines), (55.0, 0.0));
}

#[test]
fn copying_a_team_mates_file_does_not_pay() {
    let history = History::new();
    ana(&history).write("app.py", lines("a", 50)).commit("Launch");
    leo(&history).write("mine.py", lines("a", 50) + &lines("own", 10)).commit("Write my launcher");
    let found = contribution(&history);
    let (ana, leo) = (of(&found, "ana"), of(&found, "leo"));
    assert_eq!((leo.work.lines, leo.work.held_before, leo.surviving.lines), (10.0, 50, 10.0));
    assert_eq!((ana.surviving.lines, ana.surviving.blamed), (100.0, 50), "both copies are hers");
}

#[test]
fn who_replaces_a_name_everywhere_writes_no_line() {
    let history = History::new();
    ana(&history).write("app.py", lines("photo", 40)).write("web.py", lines("page", 4)).commit("Launch");
    leo(&history).write("app.py", lines("image", 40)).commit("Rename photos to images");
    let found = contribution(&history);
    let (ana_, leo_) = (of(&found, "ana"), of(&found, "leo"));
    assert_eq!((ana_.surviving.lines, leo_.surviving.lines), (44.0, 0.0), "followed through the new name");
    assert_eq!((ana_.work.lines, leo_.work.lines, leo_.work.reformatted), (44.0, 0.0, 40));
    assert_eq!(leo_.surviving.blamed, 40, "git's own figure");

    leo(&history).write("web.py", lines("site", 4)).commit("Rename the page");
    let found = contribution(&history);
    assert_eq!((of(&found, "leo").work.lines, of(&found, "leo").surviving.lines), (6.0, 4.0), "an edit of four lines");
}

#[test]
fn what_nobody_wrote_does_not_pay() {
    let history = History::new();
    ana(&history).write("app.py", lines("a", 20)).commit("Launch");
    leo(&history)
        .write("node_modules/x/index.js", lines("v", 900))
        .write("node_modules/x/package.json", "{}\n")
        .write("package-lock.json", lines("l", 900))
        .write("LICENSE", lines("clause", 600))
        .write(
            "legal.txt",
            "Apache License\nTERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION\n".to_owned()
                + &lines("t", 200),
        )
        .write(".gitignore", lines("ignored", 150))
        .write("results/latency.csv", lines("d", 900))
        .write("api_pb2.py", lines("g", 900))
        .write("client.py", "# This file was generated by swagger\n".to_owned() + &lines("c", 900))
        .write("tp1.ipynb", lines("n", 900))
        .commit("Add the data");
    let found = contribution(&history);
    assert_eq!((of(&found, "leo").work.lines, of(&found, "leo").surviving.lines), (0.0, 0.0));
    let reasons: Vec<&str> = found.excluded.iter().map(|kind| kind.reason.as_str()).collect();
    assert_eq!(reasons, ["boilerplate", "data", "generated", "lock file", "unreadable notebook", "vendored"]);
}

#[test]
fn fifty_commits_weigh_what_one_does() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 400)).commit("Launch");
    leo(&history);
    for n in 1..=50 {
        history.write("b.py", lines("b", 8 * n)).commit("Launch some more");
    }
    let found = contribution(&history);
    assert!((found.evenness - 1.0).abs() < 1e-9, "{found:?}");
}

#[test]
fn a_dump_does_not_outweigh_weeks_and_a_squash_is_shared() {
    let history = History::new();
    ana(&history).write("dump.py", lines("a", 5_000)).commit("Everything");
    leo(&history);
    for n in 1..=10 {
        history.write("b.py", lines("b", 60 * n)).commit("Launch some more");
    }
    let found = contribution(&history);
    assert!(of(&found, "ana").work.share < 0.65, "{found:?}");

    let history = History::new();
    ana(&history).write("a.py", lines("a", 80));
    history.commit("Launch the cluster (#3)\n\nCo-authored-by: Léo Petit <leo@uni.example>");
    let found = contribution(&history);
    assert_eq!((of(&found, "ana").share, of(&found, "leo").share), (0.5, 0.5));
    assert_eq!((of(&found, "leo").co_authored, of(&found, "leo").surviving.lines), (1, 40.0));
}

#[test]
fn starter_code_is_nobodys_wherever_it_goes() {
    let history = History::new();
    let base =
        history.as_author("Teacher", "teacher@uni.example").write("app.py", lines("given", 80)).commit("Starter");
    ana(&history).write("app.py", lines("given", 80) + &lines("a", 20)).commit("Launch");
    leo(&history).write("mine.py", lines("given", 80) + &lines("l", 10)).commit("Launch as well");
    let found = contribution_after(&history, Some(&base.to_string()));
    let (ana, leo) = (of(&found, "ana"), of(&found, "leo"));
    assert_eq!((ana.surviving.lines, leo.surviving.lines, found.starter_lines), (20.0, 10.0, 160));
    assert_eq!((ana.work.lines, leo.work.lines), (20.0, 10.0));
}

#[test]
fn a_merge_is_worth_its_own_lines_only() {
    let history = History::new();
    ana(&history).write("app.py", lines("a", 30)).commit("Launch");
    history.switch("rules");
    leo(&history).write("app.py", lines("a", 30) + &lines("r", 20)).commit("Add the rules");
    history.switch("main");
    ana(&history).write("top.py", lines("t", 10)).commit("Add the top");
    leo(&history).merge("rules", "Merge branch 'rules'");
    let found = contribution(&history);
    assert_eq!((of(&found, "ana").work.lines, of(&found, "leo").work.lines), (40.0, 20.0));
    assert_eq!(of(&found, "leo").commits, 1);
}

#[test]
fn a_file_copied_from_another_team_is_told() {
    let (one, two, three) = (History::new(), History::new(), History::new());
    ana(&one).write("src/cluster.py", lines("cluster", 40)).write("few.py", lines("few", 9)).commit("Add the cluster");
    // Laid out anew and under another name.
    let copied = lines("cluster", 40).replace(" = ", "=").replace('\n', "\n\n");
    leo(&two).write("few.py", lines("few", 9)).commit("Begin");
    leo(&two).write("code/main.py", copied).commit("Add the code");
    ana(&three).write("src/cluster.py", lines("own", 40)).commit("Add the cluster");
    let class = [("one", &one), ("two", &two), ("three", &three)].map(|(id, history)| (id, contribution(history)));
    let found = shared(class.iter().map(|(id, contribution)| (*id, contribution)));
    let places: Vec<Vec<(&str, &str)>> = (found.iter())
        .map(|file| file.places.iter().map(|place| (place.team.as_str(), place.path.as_str())).collect())
        .collect();
    assert_eq!(places, [[("one", "src/cluster.py"), ("two", "code/main.py")]]);
    assert_eq!(found[0].lines, 40);

    // What was handed out to the class is nobody's, and no copy.
    let base = one.tip().expect("a commit").to_string();
    ana(&one).write("own.py", lines("mine", 12)).commit("Add my own");
    let files = contribution_after(&one, Some(&base)).files;
    assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["own.py"]);
}

#[test]
fn what_half_a_class_has_was_handed_out() {
    let class: Vec<(String, Contribution)> = (0..5)
        .map(|n| {
            let history = History::new();
            ana(&history).write("given.py", lines("given", 30)).write("own.py", lines(&format!("own{}", n / 2), 30));
            history.commit("Add the code");
            (format!("team-{n}"), contribution(&history))
        })
        .collect();
    let found = shared(class.iter().map(|(id, contribution)| (id.as_str(), contribution)));
    assert!(found.len() == 2 && found.iter().flat_map(|file| &file.places).all(|place| place.path == "own.py"));
}
