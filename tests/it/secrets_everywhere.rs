//! A secret in every text that a team can write: in files, paths, messages, names, branches and tags. No file of the results
//! has it, nor has anything that is printed. What a reading adds to the evidence is held by this without being named here: the
//! search goes over all that is stored. The counts are printed by
//! `cargo test --test it secrets_everywhere:: -- --nocapture`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::support::history::{History, START};
use crate::support::people::{ANA, LEO};

/// Put together when the test runs: no scanner takes this file for a leak.
fn secret() -> String {
    ["ghp_", "Zr1kQ7yVnT0xPqLmW3sHdJ5uGfE9aCoXiR2N"].concat()
}

/// Only its first and last lines tell what the others are.
fn key() -> String {
    let line = ["MIIEpAIBAAKCAQEAx7Zr1kQ7yVnT0xPqLmW3s", "HdJ5uGfE9aCoXiR2Nb8Zr1kQ7yV"].concat();
    format!("-----BEGIN {0}-----\n{line}\n{line}\n-----END {0}-----", "RSA PRIVATE KEY")
}

/// Beginnings and ends of both, as a text that was cut has them.
fn pieces() -> [String; 4] {
    let key = key();
    let line = key.lines().nth(1).expect("a line");
    [secret()[..12].to_owned(), secret()[20..].to_owned(), line[..16].to_owned(), line[line.len() - 16..].to_owned()]
}

#[derive(Deserialize)]
struct Files {
    file: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
    text: String,
}

/// With the secrets in their places.
fn filled(text: &str) -> String {
    let (key, secret) = (key(), secret());
    let mut filled = String::new();
    for line in text.replace("KEYJSON", "\u{0}").lines() {
        match line.split_once("KEY") {
            Some((before, after)) => key.lines().for_each(|of_key| filled += &format!("{before}{of_key}{after}\n")),
            None => filled += &format!("{line}\n"),
        }
    }
    filled.replace('\u{0}', &key.replace('\n', "\\n")).replace("SECRET", &secret)
}

/// A team that leaves secrets wherever it writes. The deadline is before its last commit.
fn planted() -> (History, i64) {
    let (key, secret) = (key(), secret());
    let files: Files = toml::from_str(include_str!("../secrets/files.toml")).expect("files");
    let history = History::new();
    for (number, file) in files.file.iter().enumerate() {
        history.write(&file.path.replace("SECRET", &secret), filled(&file.text));
        match number % 3 {
            0 => history.as_author(ANA.0, ANA.1).commit(&format!("Add the key {secret}")),
            1 => history.as_author(LEO.0, LEO.1).commit(&format!("{key}\n\nStart the instances with it")),
            _ => history.as_author(&format!("Mia {secret}"), &format!("{secret}@uni.example")).commit(&format!(
                "Add {number} files\n\n{key}\n\nand thanks to Léo Petit for {secret}\n\n\
                 Co-authored-by: {secret} <{secret}@x.example>\nReviewed-by: Ana {secret}\n"
            )),
        };
    }
    {
        let repository = history.repository();
        let tip = repository.find_object(history.tip().expect("a commit"), None).expect("the commit");
        repository.tag_lightweight(&secret, &tip, false).expect("a tag");
    }
    let branch = format!("feature-{secret}");
    history.switch(&branch).as_author(LEO.0, LEO.1);
    history.write("more.py", format!("x = \"{secret}\"\n")).commit(&format!("Add more {secret}"));
    history.switch("main").as_author(ANA.0, ANA.1).write("less.py", "y = 1\n").commit("Add less");
    history.merge(&branch, &format!("Merge branch '{branch}'"));
    history.switch(&format!("stray-{secret}")).as_author(&format!("Zoe {secret}"), &format!("{secret}@z.example"));
    history.write("stray.py", "z = 1\n".repeat(30)).commit(&format!("{key}\n\nTry {secret}"));
    let deadline = START + 100 * 3_600;
    history.switch("main").at(deadline - 3_600, 0).committed_by(ANA.0, ANA.1, deadline + 3_600);
    history.as_author(ANA.0, ANA.1).write("late.py", "w = 1\n".repeat(30)).commit(&format!("Late {secret}\n\n{key}"));
    (history, deadline)
}

fn files_of(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files_of(&path)) } else { found.push(path) }
    }
    found
}

/// What stands around the first piece of a secret in a text.
fn leak_in(text: &str) -> Option<String> {
    let at = pieces().iter().find_map(|piece| text.find(piece.as_str()))?;
    let (start, end) = (text.floor_char_boundary(at.saturating_sub(160)), text.ceil_char_boundary(at + 80));
    Some(text[start..end].to_owned())
}

#[test]
fn a_secret_in_any_text_of_a_team_is_in_none_of_the_results() {
    let (history, deadline) = planted();
    let folder = tempfile::tempdir().expect("a folder");
    let deadline = jiff::Timestamp::from_second(deadline).expect("a date");
    let member = |(name, email): (&str, &str)| format!("[[team.member]]\nname = \"{name}\"\nemails = [\"{email}\"]\n");
    let roster = format!(
        "deadline = {deadline}\n[[team]]\nid = \"t\"\nrepository = {:?}\n{}{}",
        history.path().display().to_string(),
        member(ANA),
        member(LEO)
    );
    std::fs::write(folder.path().join("roster.toml"), roster).expect("a roster");
    let (mut leaks, mut looked_at) = (Vec::new(), 0);
    for rubric in ["log8415-a1", "infrastructure-code"] {
        let output = assert_cmd::Command::cargo_bin("stackmark")
            .expect("the binary")
            .current_dir(folder.path())
            .env_clear()
            .env("HOME", folder.path())
            .args(["grade", "-v", "--rubric", rubric, "--only", "git,code,report", "--out", rubric])
            .timeout(Duration::from_secs(300))
            .output()
            .expect("it runs");
        let printed = [output.stdout, output.stderr].concat();
        let printed = String::from_utf8_lossy(&printed).into_owned();
        leaks.extend(leak_in(&printed).map(|around| format!("{rubric}: printed: {around}")));
        let stored = files_of(&folder.path().join(rubric));
        let evidence = stored.iter().find(|path| path.ends_with("t/evidence.json"));
        let evidence = evidence.unwrap_or_else(|| panic!("{rubric}: no evidence: {printed}"));
        let text = std::fs::read_to_string(evidence).expect("text");
        assert!(text.contains("[redacted github token]"), "{rubric}: what was planted was read");
        for path in stored {
            looked_at += 1;
            let bytes = std::fs::read(&path).expect("a file");
            leaks.extend(
                leak_in(&String::from_utf8_lossy(&bytes)).map(|around| format!("{}: {around}", path.display())),
            );
        }
    }
    println!("{looked_at} files of results; {} with a piece of a secret", leaks.len());
    assert!(leaks.is_empty(), "{}", leaks.join("\n\n"));
    assert!(looked_at > 10, "only {looked_at} files");
}
