//! The README tells the truth: its picture and its usage are what the program prints.

use std::path::Path;
use std::process::Command;

/// Writes what the test expects where `UPDATE=1` is set; else compares.
fn same(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).expect("written");
    }
    let present = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(present == text, "{} is out of date; UPDATE=1 cargo test --test readme renews it", path.display());
}

/// Lines of the picture: what fits one screen.
const LINES: usize = 41;

#[test]
fn the_picture_is_a_graded_team() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
        command.current_dir(folder.path()).env_clear().env("HOME", folder.path()).env("LANG", "C.UTF-8");
        command.args(arguments).output().expect("the binary runs")
    };
    assert!(run(&["demo"]).status.success());
    let output = run(&["report", "osprey", "--details", "--color", "always", "--out", "stackmark-demo/results"]);
    let painted = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(painted.lines().count() > LINES, "{painted}");
    let screen: Vec<&str> = painted.lines().take(LINES).collect();
    let shown = format!("$ stackmark report osprey --details\n{}\n", screen.join("\n"));
    same("docs/terminal.svg", &format!("{}\n", anstyle_svg::Term::new().render_svg(&shown)));
}

#[test]
fn the_usage_in_the_readme_is_the_help() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README");
    let output = Command::new(env!("CARGO_BIN_EXE_stackmark")).arg("-h").output().expect("help");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let commands: Vec<&str> =
        help.lines().skip_while(|line| *line != "Commands:").take_while(|line| !line.is_empty()).collect();
    assert!(commands.len() > 5, "{help}");
    let shown = commands.join("\n");
    assert!(readme.contains(&shown), "the README's list of commands is not that of --help:\n{shown}");
}
