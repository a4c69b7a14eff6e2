//! Wrong input of every kind, given to the program itself: what it says, how it ends, and what of the mark stays.

use crate::support::hostile;
use std::path::Path;
use std::time::Duration;

use crate::support::fake_aws::{FakeAws, Reply, ec2_error, identity, query_error};
use crate::support::history::History;
use crate::support::moto::Moto;
use serde_json::Value as Json;
use tempfile::TempDir;

/// Four points by the repository, three by the account, three by the load balancer.
const RUBRIC: &str = r#"
title = "Three sources"
total = 10

[[criterion]]
id = "version-control"
points = 4
  [[criterion.item]]
  check = "git/commit-messages"
  points = 4
  with = { full = 0.1, zero = 0 }

[[criterion]]
id = "concepts"
points = 3
  [[criterion.item]]
  check = "aws/instance-count"
  points = 3
  with = { type = "t2.micro", count = 1 }

[[criterion]]
id = "works"
points = 3
  [[criterion.item]]
  check = "http/answers"
  points = 3
  with = { path = "/cluster1" }
"#;

/// A folder to run in, with a team's repository that has nothing wrong.
struct Class {
    folder: TempDir,
    repository: History,
}

/// How a run ended.
struct Ended {
    code: i32,
    said: String,
    card: Json,
    report: String,
}

impl Class {
    fn new() -> Self {
        let repository = History::new();
        repository.write("deploy.py", "client.run_instances(MinCount=5)\n").commit("Start the instances of deploy.py");
        repository.as_author("Léo Petit", "leo@uni.example");
        repository.write("balance.py", "client.create_listener(Port=80)\n").commit("Create the listener in balance.py");
        Self { folder: TempDir::new().unwrap(), repository }
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The program in an environment of its own: no configuration, no credentials but dummies, no proxy.
    fn stackmark(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = assert_cmd::Command::cargo_bin("stackmark")
            .unwrap()
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .timeout(Duration::from_secs(120))
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// Grades one team with [`RUBRIC`]; `entries` are lines of its entry in the roster.
    fn grade(&self, entries: &str, options: &[&str]) -> Ended {
        self.grade_repository(self.repository.path(), entries, options)
    }

    fn grade_repository(&self, repository: &Path, entries: &str, options: &[&str]) -> Ended {
        self.write("rubric.toml", RUBRIC);
        self.write(
            "roster.toml",
            &format!(
                "[[team]]\nid = \"one\"\nrepository = '{}'\n{entries}\n\
                 [[team.member]]\nname = \"Ana García\"\nemails = [\"ana@uni.example\"]\n\
                 [[team.member]]\nname = \"Léo Petit\"\nemails = [\"leo@uni.example\"]\n",
                repository.display()
            ),
        );
        let (code, _, said) = self.stackmark(&[&["grade", "--rubric", "rubric.toml", "--fresh"], options].concat());
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join("results/teams/one").join(name));
        let card = read("scorecard.json").map_or(Json::Null, |text| serde_json::from_str(&text).unwrap());
        Ended { code, said, card, report: read("report.md").unwrap_or_default() }
    }
}

impl Ended {
    fn outcome(&self, check: &str) -> &Json {
        let criteria = self.card["criteria"].as_array().unwrap_or_else(|| panic!("no scorecard: {}", self.said));
        let items = criteria.iter().flat_map(|criterion| criterion["items"].as_array().unwrap());
        &items.clone().find(|item| item["check"] == check).unwrap()["outcome"]
    }

    fn verdict(&self, check: &str) -> &str {
        self.outcome(check)["verdict"].as_str().unwrap()
    }

    /// What is said of an item, in the scorecard and in the report.
    fn actual(&self, check: &str) -> &str {
        self.outcome(check)["actual"].as_str().unwrap()
    }

    fn mark(&self) -> (f64, f64) {
        (self.card["mark"]["low"].as_f64().unwrap(), self.card["mark"]["high"].as_f64().unwrap())
    }

    /// Holds an unreadable source to the promise: said with its cause, costs nothing, takes nothing else with it.
    #[track_caller]
    fn left_open(&self, check: &str, words: &[&str], mark: (f64, f64)) {
        assert_eq!(self.code, 4, "{}", self.said);
        assert_eq!(self.verdict(check), "undetermined");
        let actual = self.actual(check);
        for word in words {
            assert!(actual.contains(word), "{word:?} is not in: {actual}");
        }
        assert_eq!(self.mark(), mark, "{actual}");
        assert!(self.report.contains("could not be read"), "{}", self.report);
    }
}

#[track_caller]
fn says(text: &str, words: &[&str]) {
    let flat = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(flat.contains(word), "{word:?} is not in:\n{text}");
    }
}

/// The account answers nothing of use, and nobody is asked over HTTP.
const NOWHERE: &str =
    "base_url = \"http://127.0.0.1:9/\"\naws = { region = \"us-east-1\", endpoint_url = \"http://127.0.0.1:9\" }";

fn aws_at(endpoint: &str) -> String {
    format!("base_url = \"http://127.0.0.1:9/\"\naws = {{ region = \"us-east-1\", endpoint_url = \"{endpoint}\" }}")
}

fn stack_at(url: &str) -> String {
    format!("base_url = \"{url}\"\naws = {{ region = \"us-east-1\", endpoint_url = \"http://127.0.0.1:9\" }}")
}

#[test]
fn a_misspelt_key_of_a_rubric_is_named_with_its_line_and_the_key_that_was_meant() {
    let class = Class::new();
    class.write("typo.toml", &RUBRIC.replacen("points = 4", "poimts = 4", 1));
    let (code, _, said) = class.stackmark(&["rubric", "lint", "typo.toml"]);
    assert_eq!(code, 3);
    says(&said, &["typo.toml:7: unknown key `poimts` in [criterion]", "did you mean `points`?"]);

    class.write("roster.toml", "[[team]]\nid = \"one\"\nrepository = \"x\"\n[[team.member]]\nname = \"Ana\"\n");
    let (code, _, said) = class.stackmark(&["grade", "--rubric", "typo.toml"]);
    assert_eq!(code, 3, "grading stops at the rubric as well");
    says(&said, &["unknown key `poimts`"]);
    assert!(!class.folder.path().join("results").exists(), "nothing is written");
}

#[test]
fn points_that_do_not_add_up_are_said_with_the_difference() {
    let class = Class::new();
    class.write("sum.toml", &RUBRIC.replacen("points = 4", "points = 5", 1));
    let (code, _, said) = class.stackmark(&["rubric", "lint", "sum.toml"]);
    assert_eq!(code, 3);
    says(
        &said,
        &[
            "sum.toml:7: the items of \"version-control\" add up to 4 points, and the criterion has 5",
            "1 point is missing, or set points = 4",
            "sum.toml:3: the criteria add up to 11 points, and `total` is 10",
            "1 point is too many, or set total = 11",
        ],
    );
}

#[test]
fn an_unknown_name_in_an_expression_is_named_and_is_the_only_problem() {
    let class = Class::new();
    let check = "title = \"Zones\"\nwhy = \"w\"\nfix = \"f\"\nreads = [\"aws.instances\"]\n\n[let]\n\
                 running = \"aws.instances | where('state', 'eq', 'running')\"\n\n\
                 [[expect]]\nthat = \"runing | length >= 1\"\nsays = \"none runs\"\n";
    class.write("own/checks/aws/instance-count.toml", check);
    class.write("rubric.toml", &RUBRIC.replace("  with = { type = \"t2.micro\", count = 1 }\n", ""));
    let (code, _, said) = class.stackmark(&["rubric", "lint", "rubric.toml", "--library", "own"]);
    assert_eq!(code, 3);
    says(&said, &["instance-count.toml:10: unknown name `runing`", "did you mean `running`?"]);
    assert_eq!(said.matches("unknown name").count(), 1, "{said}");

    // A criterion whose check is broken is not missing from the scheme besides.
    class.write("zones/checks/aws/availability-zones.toml", check);
    let (code, _, said) = class.stackmark(&["rubric", "lint", "log8415-a1", "--library", "zones"]);
    assert_eq!((code, said.contains("needs the criterion")), (3, false), "{said}");
}

#[test]
fn what_is_wrong_with_a_check_is_said_once_and_in_the_documents_order() {
    let class = Class::new();
    let check = "title = \"Zones\"\nwhy = 3\nfix = \"f\"\nreads = []\n\n[params]\n\
                 zones = { type = \"integer\", default = \"two\" }\n\n\
                 [[expect]]\nthat = \"zones >= nowhere\"\nsays = \"none\"\n";
    class.write("own/checks/aws/instance-count.toml", check);
    let rubric = RUBRIC.replace("  with = { type = \"t2.micro\", count = 1 }\n", "");
    class.write("one.toml", &rubric);
    // A second item with the same check, and points that do not add up at the top of the file.
    let twice = rubric.replace("total = 10", "total = 11").replacen(
        "check = \"http/answers\"",
        "check = \"aws/instance-count\"",
        1,
    );
    class.write("two.toml", &twice.replace("with = { path = \"/cluster1\" }", "parts = \"works\""));
    let (code, _, said) = class.stackmark(&["rubric", "lint", "one.toml", "two.toml", "--library", "own"]);
    assert_eq!(code, 3);
    says(&said, &["`why` is an integer, expected a string", "`params.zones.default` is a string, expected an integer"]);
    assert_eq!(said.matches("`why` is an integer").count(), 1, "{said}");
    let at = |words: &str| said.find(words).unwrap_or_else(|| panic!("{words:?} is not in:\n{said}"));
    assert!(at("instance-count.toml:2:") < at("instance-count.toml:7:"), "{said}");
}

#[test]
fn a_repository_that_does_not_exist_costs_nothing() {
    let class = Class::new();
    let ended = class.grade_repository(Path::new("no/such/place"), NOWHERE, &[]);
    ended.left_open(
        "git/commit-messages",
        &["unreachable", "no/such/place: no such file or directory", "correct the path in the roster"],
        (0.0, 10.0),
    );

    let ended = class.grade_repository(Path::new("https://127.0.0.1:9/team/one.git"), NOWHERE, &[]);
    ended.left_open("git/commit-messages", &["unreachable", "https://127.0.0.1:9/team/one.git"], (0.0, 10.0));
}

#[test]
fn what_the_roster_has_wrong_is_told_for_the_class_before_grading() {
    let class = Class::new();
    class.repository.write("TP-01/app.py", "print(1)\n").commit("Add the application in TP-01");
    let team = |id: &str, entries: &str| {
        format!("[[team]]\nid = \"{id}\"\nrepository = '{}'\n{entries}\n", class.repository.path().display())
    };
    let member = "[[team.member]]\nname = \"Ana García\"\nemails = [\"ana@uni.example\"]\n";
    let entries = [("one", "folder = \"TP1\""), ("two", "folder = \"TP2\""), ("three", "branch = \"final\"")];
    let teams: Vec<String> = entries.into_iter().map(|(id, entries)| team(id, entries) + member).collect();
    class.write("roster.toml", &teams.concat());
    let (code, found, _) = class.stackmark(&["doctor", "--roster", "roster.toml", "--repositories"]);
    assert_eq!(code, 4, "{found}");
    says(&found, &["folder TP-01; folder \"TP1\" is \"TP-01\"", "no folder \"TP2\"; it has TP-01", "no branch final"]);
    says(&found, &["2 of 3 teams cannot be graded as roster.toml has them: two, three"]);
    let (code, found, _) = class.stackmark(&["doctor", "--roster", "roster.toml", "--repositories", "--team", "one"]);
    assert_eq!(code, 0, "{found}");
}

#[test]
fn a_branch_or_commit_that_only_the_roster_knows_costs_nothing() {
    let class = Class::new();
    let ended = class.grade(&format!("branch = \"final\"\n{NOWHERE}"), &[]);
    ended.left_open("git/commit-messages", &["unreachable", "has no branch final; it has main"], (0.0, 10.0));

    let commit = "0123456789abcdef0123456789abcdef01234567";
    let ended = class.grade(&format!("commit = \"{commit}\"\n{NOWHERE}"), &[]);
    let told = format!("commit {commit} is not in");
    ended.left_open("git/commit-messages", &["unreachable", &told, "correct it in the roster"], (0.0, 10.0));
}

#[test]
fn no_points_are_certain_of_a_repository_that_nobody_could_read() {
    let class = Class::new();
    let rubric =
        "title = \"Alone\"\ntotal = 3\nscope = \"account\"\n[[criterion]]\nid = \"c\"\ntitle = \"C\"\npoints = 3\n";
    let checks = ["everyone-commits", "working-together", "contribution-evenness"];
    let items = checks.map(|check| format!("[[criterion.item]]\ncheck = \"git/{check}\"\npoints = 1\n"));
    class.write("alone.toml", &format!("{rubric}{}", items.concat()));
    let mark = |repository: &Path| {
        let member = "[[team.member]]\nname = \"Ana García\"\nemails = [\"ana@uni.example\"]\n";
        let team = format!("[[team]]\nid = \"t\"\nrepository = \"{}\"\n{member}", repository.display());
        class.write("alone-roster.toml", &team);
        let (_, _, said) =
            class.stackmark(&["grade", "--rubric", "alone.toml", "--roster", "alone-roster.toml", "--out", "alone"]);
        let card = std::fs::read_to_string(class.folder.path().join("alone/teams/t/scorecard.json"));
        let card: Json = serde_json::from_str(&card.unwrap_or_else(|error| panic!("{error}: {said}"))).unwrap();
        (card["mark"]["low"].as_f64().unwrap(), card["mark"]["high"].as_f64().unwrap())
    };
    // An empty one earns nothing, and a team of one has nobody to work with.
    assert_eq!(mark(&class.folder.path().join("no-such.git")), (0.0, 3.0));
    assert_eq!(mark(History::new().path()), (0.0, 0.0));
    assert_eq!(mark(class.repository.path()), (3.0, 3.0));
}

#[test]
fn an_empty_repository_is_read_and_earns_nothing() {
    let class = Class::new();
    let empty = History::new();
    let ended = class.grade_repository(empty.path(), NOWHERE, &[]);
    assert_eq!(ended.verdict("git/commit-messages"), "fail", "there is nothing unreadable about it");
    let said = format!("{} has no commit yet; commit and push the work", empty.path().display());
    assert_eq!(ended.actual("git/commit-messages"), said);
    assert_eq!(ended.mark(), (0.0, 6.0));
    says(&ended.report, &["No commit could be read", "has no commit yet; commit and push the work**"]);
    says(&ended.report, &["Commit the work and push it."]);
    assert!(!ended.report.contains("Revoke every") && !ended.report.contains("remaining work"), "{}", ended.report);
    let folder = empty.path().parent().unwrap().display().to_string();
    assert!(!ended.report.contains(&format!("{folder}/")), "a folder of the instructor's: {}", ended.report);
}

#[test]
fn a_report_names_no_folder_of_the_instructors_machine() {
    let class = Class::new();
    let gone = tempfile::tempdir().unwrap().path().join("team-7");
    let history = History::new();
    history.write("a.py", "print(1)\n").commit("Print a one");
    for repository in [gone.as_path(), history.path()] {
        let ended = class.grade_repository(repository, NOWHERE, &[]);
        let folder = repository.parent().unwrap().display().to_string();
        assert!(!ended.report.contains(&format!("{folder}/")), "{}", ended.report);
        says(&ended.report, &[&repository.file_name().unwrap().to_string_lossy()]);
    }
}

#[test]
fn a_repository_whose_members_all_commit_has_nothing_open() {
    let class = Class::new();
    class.repository.as_author("somebody", "some@where.example").write("x.py", "x = 1\n").commit("Add x.py");
    let path = class.repository.path().to_string_lossy().into_owned();
    let (code, shown, said) = class.stackmark(&["check", &path]);
    assert_eq!(code, 0, "{shown}{said}");
    assert!(!shown.contains("open"), "{shown}");
}

#[test]
fn code_that_is_not_there_is_a_loss_and_not_a_gap() {
    let class = Class::new();
    let rubric = RUBRIC.replace("aws/instance-count", "code/made-by-code").replace(
        "{ type = \"t2.micro\", count = 1 }",
        "{ what = \"load balancer\", calls = [\"create_load_balancer\"] }",
    );
    class.write("code.toml", &rubric);
    let path = class.repository.path().to_string_lossy().into_owned();
    let (code, card, said) = class.stackmark(&["check", &path, "--rubric", "code.toml", "--format", "scorecard"]);
    assert_eq!(code, 0, "{said}");
    let ended = Ended { code, said, card: serde_json::from_str(&card).unwrap(), report: String::new() };
    assert_eq!(ended.verdict("code/made-by-code"), "fail");
    says(ended.actual("code/made-by-code"), &["no create_load_balancer in the code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_credentials_are_said_and_leave_the_account_open() {
    let expired = "The security token included in the request is expired";
    let actions = ["DescribeInstances", "DescribeTags", "DescribeSecurityGroups"];
    let mut script = vec![query_error("GetCallerIdentity", 403, "ExpiredToken", expired)];
    script.extend(actions.map(|action| ec2_error(action, 400, "RequestExpired", expired)));
    let aws = FakeAws::start(script).await;
    let ended = Class::new().grade(&aws_at(&aws.endpoint), &[]);
    ended.left_open("aws/instance-count", &["expired", "aws.instances"], (4.0, 10.0));
    assert_eq!(ended.verdict("git/commit-messages"), "pass");
}

#[test]
fn wrong_credentials_are_said_and_leave_the_account_open() {
    let moto = Moto::with(&[]);
    moto.check_rights();
    let ended = Class::new().grade(&aws_at(moto.endpoint()), &[]);
    ended.left_open("aws/instance-count", &["denied", "aws.instances"], (4.0, 10.0));
    assert_eq!(ended.verdict("git/commit-messages"), "pass");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_does_not_answer_is_given_up_in_time() {
    let refused = Class::new().grade(NOWHERE, &[]);
    refused.left_open("aws/instance-count", &["unreachable", "aws.instances"], (4.0, 10.0));

    let silent = FakeAws::start(vec![identity(), ("DescribeInstances", Reply::Silence)]).await;
    let began = std::time::Instant::now();
    let ended = Class::new().grade(&aws_at(&silent.endpoint), &[]);
    assert!(began.elapsed() < Duration::from_secs(100), "{:?}", began.elapsed());
    ended.left_open("aws/instance-count", &["timeout", "aws.instances"], (4.0, 10.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_that_fails_is_a_fact_and_not_a_gap() {
    let server = hostile::reply(hostile::response("500 Internal Server Error", "", b"boom")).await;
    let ended = Class::new().grade(&stack_at(&server.url()), &["--allow-private"]);
    assert_eq!(ended.verdict("http/answers"), "fail");
    assert_eq!(ended.actual("http/answers"), "status 500, expected 200");
    assert_eq!(ended.mark(), (4.0, 7.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_that_hangs_is_given_up_in_time() {
    let server = hostile::hang().await;
    let began = std::time::Instant::now();
    let ended = Class::new().grade(&stack_at(&server.url()), &["--allow-private"]);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    ended.left_open("http/answers", &["could not be read: GET /cluster1", "timeout"], (4.0, 10.0));
    assert!(server.requests().len() <= 3, "it is not asked for ever");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_that_redirects_to_the_metadata_service_is_not_followed() {
    let location = "location: http://169.254.169.254/latest/meta-data/iam/security-credentials/\r\n";
    let server = hostile::reply(hostile::response("302 Found", location, b"")).await;
    let ended = Class::new().grade(&stack_at(&server.url()), &["--allow-private"]);
    ended.left_open("http/answers", &["refused", "169.254.169.254"], (4.0, 10.0));
    assert!(server.requests().len() <= 3, "{:?}", server.requests());
}

#[test]
fn an_address_of_this_machine_is_asked_only_where_the_instructor_allows_it() {
    let ended = Class::new().grade(&stack_at("http://127.0.0.1:9/"), &[]);
    ended.left_open("http/answers", &["refused", "--allow-private"], (4.0, 10.0));
}

#[test]
fn a_wrong_option_is_wrong_usage_and_not_damaged_evidence() {
    let class = Class::new();
    let here = class.repository.path().to_str().unwrap();
    for (arguments, word) in [
        (&["check", here, "--base-commit", "abc"][..], "40 hexadecimal digits"),
        (&["check", here, "--live", "--base-url", "notaurl"], "http://HOST"),
        (&["check", here, "--dry-run"], "--allow-disruptive"),
        (&["commits", here, "--rev", "nosuch"], "no such commit, branch or tag"),
        (&["commits", here, "--base-commit", "HEAD"], "40 hexadecimal digits"),
        (&["commits", "nope"], "nope"),
        (&["identities", here, "--base-commit", "HEAD"], "40 hexadecimal digits"),
    ] {
        let (code, _, said) = class.stackmark(arguments);
        assert_eq!(code, 2, "{arguments:?}: {said}");
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}
