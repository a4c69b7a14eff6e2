//! A class on many machines: shards as processes, killed at random and run again, in a folder and in S3.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;

use crate::support::history::History;
use crate::support::moto::Moto;
use crate::support::people::{ANA, LEO};

const TEAMS: usize = 12;
const BUCKET: &str = "class";

/// A class of small repositories and its roster, in a folder.
struct Class {
    folder: tempfile::TempDir,
    _repositories: Vec<History>,
    /// Where the emulator of S3 listens.
    endpoint: Option<String>,
}

impl Class {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut repositories = Vec::new();
        let mut roster = "rubric = \"repository\"\n".to_owned();
        for number in 0..TEAMS {
            let history = History::new();
            for commit in 0..=number % 4 {
                let (name, email) = if commit % 2 == 0 { ANA } else { LEO };
                let content = format!("import boto3\n\n\ndef launch_{commit}():\n    return {number}\n");
                history.as_author(name, email).write(&format!("deploy_{commit}.py"), content);
                history.commit(&format!("Launch instance {commit} of the cluster"));
            }
            roster.push_str(&team(&format!("team-{number:02}"), &history.path().display().to_string()));
            repositories.push(history);
        }
        std::fs::write(folder.path().join("roster.toml"), roster).unwrap();
        // What a killed process leaves behind lies there, and goes with the test.
        std::fs::create_dir(folder.path().join("tmp")).unwrap();
        Self { folder, _repositories: repositories, endpoint: None }
    }

    fn in_s3(moto: &Moto) -> Self {
        Self { endpoint: Some(moto.endpoint().to_owned()), ..Self::new() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
        command.current_dir(self.path()).env_clear().env("HOME", self.path()).env("LANG", "C.UTF-8");
        command.env("TMPDIR", self.path().join("tmp")).args(arguments);
        if let Some(endpoint) = &self.endpoint {
            command.env("AWS_ENDPOINT_URL_S3", endpoint).env("AWS_REGION", "us-east-1");
            command.env("AWS_ACCESS_KEY_ID", "testing").env("AWS_SECRET_ACCESS_KEY", "testing");
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap_or(-1), text)
    }

    fn start(&self, shard: &str, out: &str) -> Child {
        let mut command = self.command(&["grade", "--out", out, "--shard", shard, "--jobs", "2"]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

fn team(id: &str, repository: &str) -> String {
    let member = |(name, email): (&str, &str)| format!("[[team.member]]\nname = \"{name}\"\nemails = [\"{email}\"]\n");
    format!("[[team]]\nid = \"{id}\"\nrepository = {repository:?}\n{}{}", member(ANA), member(LEO))
}

/// Numbers that look random and are the same in every run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Runs shards side by side, kills some of their processes on the way, and runs each again until it is recorded.
fn through_kills(class: &Class, shards: usize, out: &str, seed: u64) {
    let mut dice = Dice(seed);
    let mut left: Vec<String> = (1..=shards).map(|number| format!("{number}/{shards}")).collect();
    let (mut kills, mut runs) = (0, 0);
    while !left.is_empty() {
        assert!(runs < 40 * shards, "{left:?} are not recorded after {runs} runs");
        let mut children: Vec<(String, Child)> =
            left.iter().map(|name| (name.clone(), class.start(name, out))).collect();
        runs += children.len();
        // At first soon, then later, so that some work is under way at each kill, and all of it ends.
        std::thread::sleep(Duration::from_millis(40 + dice.below(120) * (1 + runs as u64 / shards as u64)));
        for (_, child) in &mut children {
            if dice.below(3) < 2 && child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                kills += 1;
            }
        }
        left.clear();
        for (name, child) in children {
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => {}
                None => left.push(name),
                // The last write of a process that was killed may end after it.
                Some(1) if said.contains("another process has written it") => left.push(name),
                code => panic!("shard {name} ended with {code:?}: {said}"),
            }
        }
    }
    println!("{shards} shards: {runs} runs, {kills} kills");
    assert!(kills > 0, "nothing was killed");
}

fn json(path: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .unwrap()
}

/// All files of results by path, but for what two runs never have in common: when a run was, the hash of evidence that
/// says when it was collected, what is kept of earlier runs, the shards' own records, and what a killed process was
/// writing.
pub(crate) fn files(root: &Path) -> BTreeMap<String, String> {
    fn walk(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                if !(name == "history" || (folder == root && name == "shards")) {
                    walk(root, &path, found);
                }
            } else if !name.starts_with("evidence.2") && !name.starts_with(".tmp") {
                found.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(root, root, &mut paths);
    let mut hashes = Vec::new();
    for path in paths.iter().filter(|path| path.ends_with("evidence.json")) {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(std::fs::read(path).unwrap());
        hashes.push(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
    let year = json(&root.join("run.json"))["started_at"].as_str().unwrap()[..4].to_owned();
    let times = regex::Regex::new(&format!(r"{year}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?(Z| UTC)?")).unwrap();
    let mut files = BTreeMap::new();
    for path in paths {
        let mut text = std::fs::read_to_string(&path).unwrap();
        for hash in &hashes {
            for length in [64, 16, 12, 8] {
                text = text.replace(&hash[..length], "HASH");
            }
        }
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        files.insert(name, times.replace_all(&text, "TIME").into_owned());
    }
    files
}

fn same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    for (name, text) in one {
        assert!(*text == other[name], "{name} differs:\n{text}\n\n{}", other[name]);
    }
    let reports = one.keys().filter(|name| name.ends_with("/report.md")).count();
    assert_eq!(reports, TEAMS);
}

#[test]
fn shards_that_are_killed_and_run_again_join_to_what_one_run_writes() {
    let class = Class::new();
    let (code, said) = class.run(&["grade", "--out", "single"]);
    assert!(code == 0, "{said}");
    through_kills(&class, 5, "parts", 8415);
    let (code, said) = class.run(&["merge", "--out", "parts"]);
    assert!(code == 0 && said.contains("12 teams: 12 graded"), "{code} {said}");
    let (single, parts) = (class.path().join("single"), class.path().join("parts"));
    same(&files(&single), &files(&parts));
    // Judging again offline goes on from there as from any other results.
    assert_eq!(class.run(&["report", "--out", "parts"]).0, 0);
    same(&files(&single), &files(&parts));
}

#[test]
fn a_class_in_s3_is_the_same_tree() {
    let moto = Moto::with(&[]);
    let class = Class::in_s3(&moto);
    let (code, said) = class.run(&["grade", "--out", "single"]);
    assert!(code == 0, "{said}");
    s3(&moto, &["bucket", BUCKET]);
    let out = "s3://class/2026/a1";
    through_kills(&class, 3, out, 1517);
    let (code, said) = class.run(&["merge", "--out", out]);
    assert!(code == 0 && said.contains("record: s3://class/2026/a1/run.json"), "{code} {said}");
    let copy = class.path().join("copy");
    s3(&moto, &["download", BUCKET, copy.to_str().unwrap()]);
    same(&files(&class.path().join("single")), &files(&copy.join("2026/a1")));

    // Nothing is left to do, and nothing is written again.
    let before = s3(&moto, &["etags", BUCKET]);
    let (code, said) = class.run(&["merge", "--out", out]);
    assert!(code == 0, "{code} {said}");
    assert_eq!(before, s3(&moto, &["etags", BUCKET]));

    // What a run takes away is gone there as well: evidence of late work would be judged again.
    let extra = class.path().join("extra");
    std::fs::create_dir(&extra).unwrap();
    std::fs::copy(copy.join("2026/a1/teams/team-00/evidence.json"), extra.join("evidence-late.json")).unwrap();
    s3(&moto, &["upload", BUCKET, extra.to_str().unwrap(), "2026/a1/teams/team-00"]);
    assert!(s3(&moto, &["etags", BUCKET]).contains("team-00/evidence-late.json"));
    let (code, said) = class.run(&["grade", "--out", out, "--shard", "1/3", "--fresh"]);
    assert!(code == 0, "{said}");
    assert!(!s3(&moto, &["etags", BUCKET]).contains("evidence-late.json"));
}

#[test]
fn a_roster_in_s3_brings_what_lies_beside_it() {
    let moto = Moto::with(&[]);
    let class = Class::in_s3(&moto);
    s3(&moto, &["bucket", BUCKET]);
    let course = class.path().join("course");
    std::fs::create_dir_all(course.join("rubrics")).unwrap();
    let rubric = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/rubrics/repository.toml")).unwrap();
    std::fs::write(course.join("rubrics/own.toml"), rubric).unwrap();
    let roster = std::fs::read_to_string(class.path().join("roster.toml")).unwrap();
    std::fs::write(course.join("roster.toml"), roster.replace("\"repository\"", "\"own\"")).unwrap();
    s3(&moto, &["upload", BUCKET, course.to_str().unwrap(), "course"]);
    // A whole class is joined at once.
    let arguments = ["grade", "--roster", "s3://class/course/roster.toml", "--out", "s3://class/results"];
    let (code, said) = class.run(&arguments);
    assert!(code == 0 && said.contains("12 teams: 12 graded"), "{code} {said}");
    let copy = class.path().join("copy");
    s3(&moto, &["download", BUCKET, copy.to_str().unwrap()]);
    assert_eq!(json(&copy.join("results/run.json"))["rubric"]["id"], "own");
}

#[test]
fn two_processes_of_one_shard_do_not_overwrite_each_other() {
    let moto = Moto::with(&[]);
    let class = Class::in_s3(&moto);
    s3(&moto, &["bucket", BUCKET]);
    let out = "s3://class/a1";
    let both = [class.start("1/1", out), class.start("1/1", out)];
    let ended: Vec<_> = both.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    let stopped: Vec<String> = ended
        .iter()
        .filter(|output| output.status.code() != Some(0))
        .map(|output| String::from_utf8_lossy(&output.stderr).into_owned())
        .collect();
    assert!(!stopped.is_empty(), "both wrote the same objects");
    for said in &stopped {
        assert!(said.contains("another process has written it"), "{said}");
    }
    let (code, said) = class.run(&["grade", "--out", out, "--shard", "1/1"]);
    assert!(code == 0 && said.contains("12 graded"), "{code} {said}");
}

#[test]
fn a_shard_with_unreadable_teams_is_recorded_and_the_class_says_so() {
    let class = Class::new();
    let path = class.path().join("roster.toml");
    let roster = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, roster + &team("gone", "no/such/repository")).unwrap();
    let (code, said) = class.run(&["grade", "--out", "single"]);
    assert_eq!(code, 4, "{said}");
    for shard in ["1/2", "2/2"] {
        let (code, said) = class.run(&["grade", "--out", "parts", "--shard", shard]);
        assert_eq!(code, 0, "{said}");
    }
    let (code, said) = class.run(&["merge", "--out", "parts"]);
    assert!(code == 4 && said.contains("1 with evidence that could not be read"), "{code} {said}");
}

#[test]
fn a_class_that_is_not_whole_is_joined_and_says_what_is_missing() {
    let class = Class::new();
    let (code, said) = class.run(&["merge", "--out", "parts"]);
    assert!(code == 2 && said.contains("grade with --shard I/N first"), "{code} {said}");
    assert_eq!(class.run(&["grade", "--out", "parts", "--shard", "2/3"]).0, 0);
    let (code, said) = class.run(&["merge", "--out", "parts"]);
    assert!(
        code == 1 && said.contains("12 teams: 4 graded, 8 not done") && said.contains("again: 1/3, 3/3"),
        "{code} {said}"
    );
    assert!(json(&class.path().join("parts/run.json"))["finished_at"].is_null());

    // Another division of the class, or another roster, is not mixed with it.
    let (code, said) = class.run(&["grade", "--out", "parts", "--shard", "1/4"]);
    assert!(code == 2 && said.contains("begun with 3 shards"), "{code} {said}");
    let roster = std::fs::read_to_string(class.path().join("roster.toml")).unwrap();
    std::fs::write(class.path().join("roster.toml"), format!("# mended\n{roster}")).unwrap();
    let (code, said) = class.run(&["merge", "--out", "parts"]);
    assert!(code == 2 && said.contains("graded with another roster"), "{code} {said}");
}

#[test]
fn an_engine_that_numbers_its_tasks_needs_no_option() {
    let class = Class::new();
    let task = |index: &str| {
        let mut command = class.command(&["grade", "--out", "parts"]);
        command.env("AWS_BATCH_JOB_ARRAY_INDEX", index).env("AWS_BATCH_JOB_ARRAY_SIZE", "20");
        command.output().unwrap()
    };
    // More tasks than teams: the last ones have nothing to do, and have done it.
    for index in 0..20 {
        let output = task(&index.to_string());
        assert!(output.status.success(), "{index}: {}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(class.run(&["merge", "--out", "parts"]).0, 0);
    // The same array again finds all of it done, and collects nothing.
    let collected =
        |team: &str| json(&class.path().join("parts/teams").join(team).join("evidence.json"))["collected_at"].clone();
    let before = collected("team-00");
    std::thread::sleep(Duration::from_millis(1100));
    assert!(task("0").status.success());
    assert_eq!(collected("team-00"), before);
    let (code, said) = class.run(&["grade", "--out", "parts", "--shard", "1/20", "--fresh"]);
    assert!(code == 0 && collected("team-00") != before, "{code} {said}");
    let output = task("20");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    let (code, said) = class.run(&["grade", "--out", "parts", "--shard", "1/20", "team-11"]);
    assert!(code == 2 && said.contains("team \"team-11\" belongs to shard 12/20"), "{code} {said}");
}

#[test]
fn the_template_makes_a_queue_that_takes_an_array_of_shards() {
    let moto = Moto::with(&[]);
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/aws-batch/template.yaml");
    let made: Json = serde_json::from_str(&s3(&moto, &["batch", template, "3"])).unwrap();
    assert_eq!(made["job"]["arrayProperties"]["size"], 3);
    assert_eq!(made["job"]["status"], "SUCCEEDED");
    let container = &made["definition"]["containerProperties"];
    let command: Vec<&str> =
        container["command"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    assert_eq!(command[..5], ["grade", "--roster", "Ref::roster", "--out", "Ref::out"]);
    assert_eq!(container["secrets"][0]["name"], "STACKMARK_GIT_TOKEN");
    let retries = made["definition"]["retryStrategy"].to_string();
    assert!(retries.contains("\"onExitCode\":\"3\",\"action\":\"exit\""), "{retries}");
    // The grader writes results and nothing else, and takes the teams' roles and no others.
    let rights = made["roles"]["TaskRole"].to_string();
    for right in ["s3:ListBucket", "s3:GetObject", "s3:PutObject", "/results/*", "arn:aws:iam::*:role/stackmark"] {
        assert!(rights.contains(right), "{right} is not in {rights}");
    }
    for right in ["s3:*", "s3:DeleteBucket", "s3:DeleteObjectVersion", "iam:", "ec2:", "secretsmanager:"] {
        assert!(
            !rights.contains(&format!("\"{right}")) && !rights.contains(&format!("'{right}")),
            "{right} is in {rights}"
        );
    }
}

/// Runs `tests/support/shards.py` and returns what it prints.
fn s3(moto: &Moto, arguments: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/shards.py");
    let output = Command::new(moto.python()).arg(script).arg(moto.endpoint()).args(arguments).output().unwrap();
    assert!(output.status.success(), "shards.py failed:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[cfg(unix)]
#[test]
fn a_machine_with_few_open_files_grades_fewer_at_a_time_or_says_what_it_lacks() {
    let class = Class::new();
    let limited = |files: u32, out: &str| {
        let script = format!("ulimit -n {files} && exec \"$@\"");
        let program = env!("CARGO_BIN_EXE_stackmark");
        let output = Command::new("bash")
            .args(["-c", &script, "bash", program, "grade", "--jobs", "8", "--out", out])
            .current_dir(class.path())
            .env("HOME", class.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = limited(120, "few");
    assert!(code == Some(0) && said.contains("grading 2 at a time instead of 8"), "{code:?} {said}");
    let (code, said) = limited(70, "none");
    assert!(code == Some(2) && said.contains("one team at a time needs 88 open files"), "{code:?} {said}");
    assert!(!class.path().join("none").exists(), "nothing was begun");
    assert_eq!(class.run(&["grade", "--out", "many"]).0, 0);
    same(&files(&class.path().join("few")), &files(&class.path().join("many")));
}
