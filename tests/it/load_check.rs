//! A check's `[load]` and a rubric's `[limits]`: what is read, what is refused, what is planned and judged.

use crate::support::keep_alive;
use std::collections::BTreeMap;
use std::sync::Arc;

use stackmark_course::problem::SourceText;
use stackmark_course::{Check, Library, Problems, Rubric};
use stackmark_evidence::{Cause, Evidence, MembersFrom, Reading, Team, Tool};
use stackmark_judge::outcome::outcome;
use stackmark_judge::scorecard::{Outcome, Verdict};
use stackmark_judge::view::View;
use stackmark_language::expression::Engine;
use stackmark_language::load::{LoadLabel, LoadStep, LoadWork};
use stackmark_language::team_value;
use stackmark_plan::plan;
use stackmark_plan::{Plan, fill};

const HEAD: &str = "title = \"t\"\nwhy = \"w\"\nfix = \"f\"\n[[expect]]\nthat = \"load.answered >= 1\"\nsays = \"s\"\n";

fn check(load: &str) -> (Option<Check>, Problems) {
    Check::parse("http/own", &SourceText::new("own.toml", format!("{HEAD}{load}")), &Engine::new())
}

fn told(load: &str) -> String {
    check(load).1.to_string()
}

fn rubric(check: &str, limits: &str, with: &str) -> (Option<Rubric>, Problems) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("checks/http")).unwrap();
    std::fs::write(folder.path().join("checks/http/own.toml"), check).unwrap();
    let mut library = Library::embedded();
    library.add_folder(folder.path()).unwrap();
    let text = format!(
        "title = \"R\"\ntotal = 1\n{limits}\n[[criterion]]\nid = \"works\"\npoints = 1\n[[criterion.item]]\n\
         check = \"http/own\"\npoints = 1\n{with}\n"
    );
    Rubric::parse("r", &SourceText::new("r.toml", text), &library, &Engine::new())
}

fn team() -> Team {
    Team {
        id: "falcon".to_owned(),
        name: None,
        members: Vec::new(),
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    }
}

fn planned(rubric: &Rubric) -> Plan {
    plan(rubric, &team(), &BTreeMap::new(), &Engine::new()).unwrap()
}

fn evidence() -> Evidence {
    Evidence {
        schema: String::new(),
        tool: Tool { name: String::new(), version: String::new() },
        collected_at: String::new(),
        team: team(),
        asked: Default::default(),
        git: Default::default(),
        code: Default::default(),
        report: Default::default(),
        aws: Default::default(),
        http: Default::default(),
        redactions: 0,
        unwritten: Vec::new(),
        due: None,
        ledger: Default::default(),
    }
}

const SIZED: &str = "title = \"t {{ n }}\"\nwhy = \"w\"\nfix = \"f\"\n[params]\nn = { type = \"integer\", default = 100 }\n\
    [load]\npath = \"/{{ team.id }}\"\nrequests = \"{{ n }}\"\nconcurrency = 4\n\
    [[expect]]\nthat = \"load.answered >= n\"\nsays = \"{{ load.answered }}\"\n";

#[test]
fn a_load_is_filled_in_and_planned_once() {
    let (rubric, problems) = rubric(SIZED, "", "with = { n = 250 }");
    assert!(!problems.has_errors(), "{problems}");
    let plan = planned(&rubric.unwrap());
    let [load] = plan.loads.as_slice() else { panic!("{:?}", plan.loads) };
    assert_eq!(load.key, "/falcon ×250 by 4 keep-alive timeout:10000ms");
    assert_eq!(load.label, LoadLabel::InstanceId);
    assert!(plan.wants_family("http"));
}

#[test]
fn the_courses_pattern_is_written_as_threads() {
    let load = "[load]\npaths = [\"/cluster1\", \"\"]\nreuse = false\nlabel = { header = \"X-Served-By\" }\n\
        [[load.thread]]\nsteps = [{ requests = 1000 }]\n\
        [[load.thread]]\npath = \"/cluster2\"\nsteps = [{ requests = 500 }, { pause = 60 }, { requests = 1000 }]\n";
    let (check, problems) = check(load);
    assert!(problems.0.is_empty(), "{problems}");
    let spec = check.unwrap().load.unwrap();
    assert_eq!(spec.words(), "/cluster1 × 1000 | /cluster2 × 500, pause 60 s, × 1000");
    let load = spec.fill(&Engine::new(), &minijinja::Value::from(())).unwrap();
    let LoadWork::Threads { threads } = &load.work else { panic!("{load:?}") };
    assert_eq!(
        (threads[0].paths.as_slice(), threads[1].paths.as_slice()),
        (&["/cluster1".to_owned()][..], &["/cluster2".to_owned()][..])
    );
    assert_eq!(threads[1].steps, [LoadStep::Requests(500), LoadStep::Pause(60_000), LoadStep::Requests(1000)]);
    assert_eq!(load.label, LoadLabel::Header { name: "x-served-by".to_owned() });
    assert!(!load.reuse);
}

#[test]
fn everything_that_is_wrong_with_a_load_is_told_at_once_with_its_fix() {
    let said = told(
        "[load]\nname = \"not\"\npath = \"/\"\nrequests = true\ntimeout = 500\nreuse = \"yes\"\n\
         label = { json = \"instance_id\" }\nconcurency = 3\n",
    );
    for words in [
        "load name \"not\" is not a valid variable name",
        "`load.requests` is a boolean",
        "`load.timeout` is 500 s",
        "`load.reuse` is a string",
        "write a JSON pointer: \"/instance_id\"",
        "did you mean `concurrency`?",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    for (load, words) in [
        ("[load]\nrequests = 5\n", "`path` is missing in [load]"),
        ("[load]\npath = \"/\"\n", "`requests` is missing in [load]"),
        ("[load]\npath = \"/\"\nrequests = 5\nlabel = { body = \"no group\" }\n", "has not exactly one group"),
        ("[load]\npath = \"/\"\nrequests = 5\nlabel = { body = \"(\" }\n", "is not a valid regular expression"),
        ("[load]\npath = \"/\"\nrequests = 5\nlabel = { json = \"/a\", header = \"b\" }\n", "from one place"),
        ("[load]\npath = \"/\"\nrequests = 5\n[[load.thread]]\nsteps = [{ pause = 1 }]\n", "cannot be combined"),
        (
            "[load]\npath = \"/\"\n[[load.thread]]\nsteps = [{ pause = 1, requests = 2 }]\n",
            "either requests or a pause",
        ),
        ("[load]\npath = \"/\"\n[[load.thread]]\n", "`steps` is missing"),
        (
            "[load]\nrequests = 5\npaths = [\"/\", \"/\", \"/\", \"/\", \"/\", \"/\", \"/\", \"/\", \"/\", \"/\", \"/\"]\n",
            "at most 10",
        ),
        ("[load]\npath = \"/{{ nobody }}\"\nrequests = 5\n", "unknown name `nobody`"),
        ("[load]\nname = \"burst\"\npath = \"/\"\nrequests = 5\n", "unknown name `load`"),
    ] {
        let said = told(load);
        assert!(said.contains(words), "{words}\n{said}");
    }
}

#[test]
fn a_load_that_nothing_looks_at_is_told() {
    let source = "title = \"t\"\nwhy = \"w\"\nfix = \"f\"\nmanual = \"m\"\n[load]\npath = \"/\"\nrequests = 5\n";
    let (_, problems) = Check::parse("http/own", &SourceText::new("own.toml", source), &Engine::new());
    assert!(problems.to_string().contains("load \"load\" is never looked at"), "{problems}");
}

#[test]
fn a_rubrics_ceiling_holds_for_every_check_and_has_one_of_its_own() {
    let (_, problems) = rubric(SIZED, "", "with = { n = 3001 }");
    let said = problems.to_string();
    assert!(said.contains("check \"http/own\": sends 3001 requests, and load_requests is 3000"), "{said}");
    assert!(said.contains("[limits]"), "{said}");
    let (allowed, problems) = rubric(SIZED, "[limits]\nload_requests = 5000", "with = { n = 3001 }");
    assert!(!problems.has_errors(), "{problems}");
    assert_eq!(planned(&allowed.unwrap()).load_limits.requests, 5000);
    let (_, problems) = rubric(SIZED, "[limits]\nload_concurrency = 3", "");
    assert!(problems.to_string().contains("4 requests at once, and load_concurrency is 3"), "{problems}");
    let (_, problems) = rubric(SIZED, "[limits]\nload_requests = 50000\nload_second = 4", "");
    let said = problems.to_string();
    assert!(said.contains("it is from 1 to 20000") && said.contains("did you mean `load_seconds`?"), "{said}");
    let (_, problems) = rubric(SIZED, "[limits]\nload_requests = 20000", "with = { n = 20001 }");
    assert!(problems.to_string().contains("expected a whole number from 1 to 20000"), "{problems}");
}

fn judged(check: &Check, evidence: &Evidence) -> Outcome {
    let (with, engine) = (Default::default(), Engine::new());
    let asked = fill(check, &with, &team_value(&evidence.team), &engine).unwrap().asked;
    outcome(check, &with, &asked, &View::new(evidence).unwrap(), &engine)
}

#[test]
fn a_load_that_was_not_sent_is_undetermined_with_the_targets_own_reason() {
    let check = Arc::new(check("[load]\npath = \"/\"\nrequests = 5\n").0.unwrap());
    let mut evidence = evidence();
    let judged = |evidence: &Evidence| judged(&check, evidence);
    evidence.http.target = Reading::unreadable(Cause::Denied, "elasticloadbalancing:DescribeLoadBalancers");
    let out = judged(&evidence);
    assert_eq!(out.verdict, Verdict::Undetermined);
    assert!(out.actual.contains("denied"), "{}", out.actual);
    let key = "/ ×5 by 1 keep-alive timeout:10000ms";
    evidence.http.loads.insert(key.to_owned(), Reading::unreadable(Cause::Timeout, "load of http://lb/: no response"));
    let out = judged(&evidence);
    assert_eq!((out.verdict, out.unreadable[0].name().as_str()), (Verdict::Undetermined, key));
    evidence.http.loads.insert(key.to_owned(), Reading::absent("no load balancer to send requests to"));
    let out = judged(&evidence);
    assert_eq!((out.verdict, out.actual.as_str()), (Verdict::Fail, "no load balancer to send requests to"));
}

#[test]
fn an_item_that_judges_a_load_carries_its_picture() {
    let check = check("[load]\npath = \"/cluster1\"\nrequests = 5\n").0.unwrap();
    let mut evidence = evidence();
    let load = serde_json::from_str(include_str!("../checks/load.json")).unwrap();
    evidence.http.loads.insert("/cluster1 ×5 by 1 keep-alive timeout:10000ms".to_owned(), load);
    let out = judged(&check, &evidence);
    assert_eq!(out.verdict, Verdict::Pass);
    let [picture] = out.pictures.as_slice() else { panic!("{:?}", out.pictures) };
    assert_eq!((picture.answered, picture.bins.len(), picture.spread["/cluster1"].back_ends.len()), (200, 4, 3));
    assert!((picture.p95_ms - 90.2).abs() < 1e-9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_is_graded_at_once_is_loaded_one_after_the_other() {
    let server = keep_alive::serve(|_, _| async {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        keep_alive::ok("Instance i-0123456789abcdef0 is responding now!")
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let teams: String = ["falcon", "osprey", "kestrel"]
        .iter()
        .map(|id| {
            format!(
                "[[team]]\nid = \"{id}\"\nrepository = \"nowhere\"\nbase_url = \"{}\"\n\
                 [[team.member]]\nname = \"Ana\"\nemails = [\"{id}@uni.example\"]\n",
                server.url()
            )
        })
        .collect();
    write("roster.toml", &teams);
    write("own/checks/http/own.toml", SIZED);
    write(
        "rubric.toml",
        "title = \"R\"\ntotal = 2\n[[criterion]]\nid = \"works\"\npoints = 2\n[[criterion.item]]\n\
         check = \"http/own\"\npoints = 1\nwith = { n = 40 }\n[[criterion.item]]\ncheck = \"http/load-spread\"\n\
         points = 1\nwith = { path = \"/\", requests = 20, concurrency = 1, min = 1 }\n",
    );
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_stackmark"));
    command.current_dir(folder.path()).env_clear().env("HOME", folder.path());
    command.args(["grade", "--rubric", "rubric.toml", "--library", "own", "--jobs", "3", "--allow-private"]);
    let ran = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(0), "{said}");
    let seen = &server.seen;
    assert_eq!(seen.count(), 3 * (40 + 20));
    let most = seen.most_at_once.load(std::sync::atomic::Ordering::SeqCst);
    assert!(most <= 4, "the load of one team has four requests under way, three teams would have twelve: {most}");
    let card = std::fs::read_to_string(folder.path().join("results/teams/osprey/scorecard.json")).unwrap();
    let card: serde_json::Value = serde_json::from_str(&card).unwrap();
    let item = &card["criteria"][0]["items"][1]["outcome"];
    assert_eq!(item["verdict"], "pass", "{item}");
    assert_eq!(item["pictures"][0]["spread"]["/"]["back_ends"]["i-0123456789abcdef0"], 20);
    let report = std::fs::read_to_string(folder.path().join("results/teams/osprey/report.md")).unwrap();
    assert!(report.contains("i-0123456789abcdef0"), "{report}");
    assert!(!said.contains("load:"), "no bar where nobody looks: {said}");
}

/// The grader is a process of its own, for the limit on descriptors is a process's.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_lack_of_descriptors_is_the_graders_and_never_the_teams_loss() {
    let server = keep_alive::serve(|_, _| async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        keep_alive::ok("ok")
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let roster = format!(
        "[[team]]\nid = \"falcon\"\nrepository = \"nowhere\"\nbase_url = \"{}\"\n\
         [[team.member]]\nname = \"Ana\"\nemails = [\"a@uni.example\"]\n",
        server.url()
    );
    std::fs::write(folder.path().join("roster.toml"), roster).unwrap();
    let rubric = "title = \"R\"\ntotal = 1\n[limits]\nload_concurrency = 200\n[[criterion]]\nid = \"works\"\npoints = 1\n[[criterion.item]]\n\
         check = \"http/load\"\npoints = 1\nwith = { path = \"/\", requests = 1000, concurrency = 140 }\n";
    std::fs::write(folder.path().join("rubric.toml"), rubric).unwrap();
    let program = env!("CARGO_BIN_EXE_stackmark");
    let mut command = std::process::Command::new("/bin/sh");
    command.current_dir(folder.path()).env_clear().env("HOME", folder.path());
    command.args(["-c", "ulimit -n 145; exec \"$0\" grade --rubric rubric.toml --allow-private", program]);
    let ran = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(2), "{said}");
    assert!(said.contains("open files") && said.contains("raise the limits"), "{said}");
    assert!(!folder.path().join("results/teams/falcon/scorecard.json").exists(), "a mark without its load");
}
