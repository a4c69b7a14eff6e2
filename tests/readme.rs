//! The README tells the truth: its picture and its usage are what the program prints.

use std::path::Path;

use stackmark::course::{Library, Overrides, Rubric};
use stackmark::evidence::Tool;
use stackmark::judge::expression::Engine;
use stackmark::judge::judge;
use stackmark::judge::weigh::Stamps;
use stackmark::render::json;
use stackmark::render::terminal::{Style, summary};

/// Writes what the test expects where `UPDATE=1` is set; else compares.
fn same(path: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).expect("written");
    }
    let present = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(present == text, "{} is out of date; UPDATE=1 cargo test --test readme renews it", path.display());
}

#[test]
fn the_picture_is_a_graded_team() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/checks/base.json")).expect("base");
    let evidence = json::read_evidence(&text).expect("evidence");
    let (library, engine) = (Library::embedded(), Engine::new());
    let source = library.rubric("log8415-a1").expect("embedded");
    let rubric = Rubric::parse("log8415-a1", source, &library, &engine).0.expect("valid");
    let stamps = Stamps {
        tool: Tool { name: "stackmark".into(), version: "0".into() },
        evidence_sha256: json::sha256_hex(text.as_bytes()),
        overrides_sha256: None,
    };
    let card = judge(&evidence, &rubric, &Overrides::default(), stamps, &engine).expect("judged");
    let painted = summary(&card, &evidence, Style { width: 100, color: true, unicode: true });
    same("docs/terminal.svg", &format!("{}\n", anstyle_svg::Term::new().render_svg(&painted)));
}

#[test]
fn the_usage_in_the_readme_is_the_help() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_stackmark")).arg("-h").output().expect("help");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let commands: Vec<&str> =
        help.lines().skip_while(|line| *line != "Commands:").take_while(|line| !line.is_empty()).collect();
    assert!(commands.len() > 5, "{help}");
    let shown = commands.join("\n");
    assert!(readme.contains(&shown), "the README's list of commands is not that of --help:\n{shown}");
}
