//! What `action.yml` runs in a student's repository, as a runner runs it.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::history::History;
use crate::support::people::{ANA, LEO};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/.github/action/check");

/// A working copy in the folder `work`.
fn working_copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let history = History::new();
    for (number, (name, email)) in [ANA, LEO, ANA].into_iter().enumerate() {
        history
            .as_author(name, email)
            .write(&format!("deploy_{number}.py"), "import boto3\n\n\nprint(boto3.__version__)\n");
        history.commit(&format!("Print the version in script {number}"));
    }
    git2::Repository::clone(history.path().to_str().unwrap(), folder.path().join("work")).unwrap();
    folder
}

fn act(folder: &Path, inputs: &[(&str, &str)]) -> Output {
    Command::new("bash")
        .arg(SCRIPT)
        .current_dir(folder.join("work"))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", folder)
        .env("GITHUB_STEP_SUMMARY", folder.join("summary.md"))
        .env("INPUT_BINARY", env!("CARGO_BIN_EXE_stackmark"))
        .envs(inputs.iter().copied())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn findings_are_annotations_and_the_report_is_the_summary() {
    let folder = working_copy();
    let output = act(folder.path(), &[]);
    assert!(output.status.success(), "{}", text(&output));
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(shown.lines().count() > 1 && shown.lines().all(|line| line.starts_with("::")), "{shown}");
    assert!(std::fs::read_to_string(folder.path().join("summary.md")).unwrap().contains("\n## "), "the report");
}

#[test]
fn a_threshold_fails_the_job() {
    let folder = working_copy();
    let output = act(folder.path(), &[("INPUT_FAIL_UNDER", "30")]);
    assert!(
        !output.status.success() && text(&output).contains("fewer than 30 points are certain"),
        "{}",
        text(&output)
    );
    assert!(act(folder.path(), &[("INPUT_FAIL_UNDER", "0")]).status.success());
}

#[test]
fn an_input_is_a_value_and_no_command() {
    let folder = working_copy();
    for name in ["INPUT_RUBRIC", "INPUT_FOLDER", "INPUT_TEAM", "INPUT_LIBRARY", "INPUT_PATH"] {
        for value in ["$(touch pwned)", "x; touch pwned", "`touch pwned`", "--help\ntouch pwned"] {
            let output = act(folder.path(), &[(name, value)]);
            assert!(!folder.path().join("work/pwned").exists(), "{name}={value}: {}", text(&output));
        }
    }
}

#[test]
fn a_cut_history_is_refused_and_not_graded() {
    let folder = working_copy();
    let repository = git2::Repository::open(folder.path().join("work")).unwrap();
    let head = repository.head().unwrap().target().unwrap();
    std::fs::write(repository.path().join("shallow"), format!("{head}\n")).unwrap();
    let output = act(folder.path(), &[]);
    assert!(!output.status.success() && text(&output).contains("fetch-depth: 0"), "{}", text(&output));
}

#[test]
fn without_a_release_to_use_it_says_which_to_name() {
    let folder = working_copy();
    let runner = [("INPUT_BINARY", ""), ("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64"), ("ACTION_REF", "main")];
    let output = act(folder.path(), &runner);
    assert!(text(&output).contains("name the release to use"), "{}", text(&output));
    let runner = [("INPUT_BINARY", ""), ("RUNNER_OS", "Plan9"), ("RUNNER_ARCH", "X64")];
    let output = act(folder.path(), &runner);
    assert!(text(&output).contains("there is no release for Plan9"), "{}", text(&output));
}

#[test]
fn every_input_of_the_action_reaches_the_script() {
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let (action, script) = (read("action.yml"), read(".github/action/check"));
    let inputs = action.split("\nruns:").next().unwrap();
    let names = regex::Regex::new(r"(?m)^  ([a-z-]+):$").unwrap();
    let names: Vec<&str> = names.captures_iter(inputs).map(|found| found.get(1).unwrap().as_str()).collect();
    assert!(names.len() > 8, "{names:?}");
    for name in names {
        let variable = format!("INPUT_{}", name.replace('-', "_").to_uppercase());
        assert!(
            action.contains(&format!("{variable}: ${{{{ inputs.{name} }}}}")),
            "{variable} is not set in action.yml"
        );
        assert!(script.contains(&variable), "{variable} is not read by the script");
    }
}
