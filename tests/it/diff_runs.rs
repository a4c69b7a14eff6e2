//! `stackmark diff` and `stackmark report --dry-run`: one alias, one decision and one weight changed, and each is named.

use std::collections::BTreeSet;
use std::path::Path;

use stackmark_course::library::embedded_sentences;

use super::languages::{english, seen};
use super::support::history::History;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = assert_cmd::Command::cargo_bin("stackmark")
        .expect("the binary")
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .args(arguments)
        .timeout(std::time::Duration::from_secs(120))
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}

/// Two members, one of whom signs with an address that the first roster lacks; graded twice.
fn graded_twice() -> (tempfile::TempDir, History) {
    let history = History::new();
    for at in 0..4 {
        history.as_author("Ada Rivers", "ada@uni.example").write("a.py", numbered("a", at)).commit("Add a reader of a");
        history.as_author("pc", "pc@laptop.example").write("b.py", numbered("b", at)).commit("Add a reader of b");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let rubric = |readme: u32, tree: u32| {
        format!(
            "title = \"Own\"\ntotal = 10\nscope = \"account\"\n[[criterion]]\nid = \"c\"\ntitle = \"C\"\npoints = 10\n\
             [[criterion.item]]\ncheck = \"git/everyone-commits\"\npoints = 6\n\
             [[criterion.item]]\ncheck = \"code/readme\"\npoints = {readme}\n\
             [[criterion.item]]\ncheck = \"git/clean-tree\"\npoints = {tree}\n"
        )
    };
    let roster = |emails: &str| {
        format!(
            "[[team]]\nid = \"t\"\nrepository = \"{}\"\n[[team.member]]\nname = \"Ada Rivers\"\nemails = \
             [\"ada@uni.example\"]\n[[team.member]]\nname = \"Bo Stone\"\nemails = [{emails}]\n",
            history.path().display()
        )
    };
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    write("v1/own.toml", rubric(2, 2));
    write("v2/own.toml", rubric(3, 1));
    write("one.toml", roster("\"bo@uni.example\""));
    write("two.toml", roster("\"bo@uni.example\", \"pc@laptop.example\""));
    for (roster, rubric, out) in [("one.toml", "v1/own.toml", "a"), ("two.toml", "v2/own.toml", "b")] {
        let (code, _, errors) = run(folder.path(), &["grade", "--roster", roster, "--rubric", rubric, "--out", out]);
        assert_eq!(code, 0, "{errors}");
    }
    write(
        "b/teams/t/overrides.toml",
        "[[override]]\nitem = \"c/clean-tree\"\npoints = 0.5\nreason = \"seen\"\nby = \"TA\"\nwhen = \"today\"\n"
            .to_owned(),
    );
    assert_eq!(run(folder.path(), &["report", "--out", "b"]).0, 0);
    (folder, history)
}

fn numbered(name: &str, at: u32) -> String {
    (0..=at).map(|line| format!("def {name}_{line}(path):\n    return open(path).read() + '{line}'\n\n")).collect()
}

#[test]
fn each_change_is_named_with_its_own_cause() {
    let (folder, _history) = graded_twice();
    let (code, told, errors) = run(folder.path(), &["diff", "a", "b", "--format", "json"]);
    assert_eq!(code, 0, "{errors}");
    let made: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let items = made["teams"][0]["items"].as_array().expect("items");
    let causes: Vec<(&str, Vec<&str>)> = items
        .iter()
        .map(|item| {
            let causes = item["causes"].as_array().expect("causes").iter();
            (
                item["item"].as_str().expect("an id"),
                causes.map(|part| part["cause"].as_str().expect("a cause")).collect(),
            )
        })
        .collect();
    assert_eq!(
        causes,
        [("c/everyone-commits", vec!["evidence"]), ("c/readme", vec!["rubric"]), ("c/clean-tree", vec!["override"])],
        "{told}"
    );
    let (_, told, _) = run(folder.path(), &["diff", "a", "b"]);
    for words in ["decided by TA", "worth 3 instead of 2", "1 team changed", "evidence: 1 item in 1 team"] {
        assert!(told.contains(words), "{words:?} is not in:\n{told}");
    }
    let (_, page, _) = run(folder.path(), &["diff", "a", "b", "--format", "html"]);
    assert!(page.contains("What changed") && page.contains("c/everyone-commits"), "{page}");
    let (_, told, _) = run(folder.path(), &["diff", "a", "a"]);
    assert!(told.contains("0 teams changed; 1 unchanged"), "{told}");
    let (code, _, errors) = run(folder.path(), &["diff", "a", "nowhere"]);
    assert!(code == 2 && errors.contains("no results there"), "{errors}");
}

#[test]
fn what_another_rubric_would_do_is_told_and_not_done() {
    let (folder, _history) = graded_twice();
    let card = || std::fs::read_to_string(folder.path().join("a/teams/t/scorecard.json")).expect("a scorecard");
    let before = card();
    let arguments = ["report", "--out", "a", "--rubric", "v2/own.toml", "--dry-run", "--format", "json"];
    let (code, told, errors) = run(folder.path(), &arguments);
    assert_eq!(code, 0, "{errors}");
    let made: serde_json::Value = serde_json::from_str(&told).expect("JSON");
    let items = made["teams"][0]["items"].as_array().expect("items");
    assert_eq!(items.len(), 2, "{told}");
    assert!(items.iter().all(|item| item["causes"][0]["cause"] == "rubric"), "{told}");
    assert_eq!(card(), before);
    // In the language that is asked for, on the page and in the terminal; the causes stay in English for programs.
    let in_language = |language: &str, format: &str| {
        let asked = ["--dry-run", "--language", language, "--format", format];
        run(folder.path(), &[&["report", "--out", "a", "--rubric", "v2/own.toml"][..], &asked].concat()).1
    };
    assert!(in_language("fr", "json").contains("the item is worth 3 instead of 2"));
    for (language, worth) in [("fr", "l’élément vaut 3 au lieu de 2"), ("it", "la voce vale 3 invece di 2")] {
        let (page, text) = (in_language(language, "html"), in_language(language, "text"));
        assert!(page.contains(&format!("<html lang=\"{language}\">")) && page.contains(worth), "{page}");
        assert_eq!(english(&seen(&page), &BTreeSet::new()), None, "{page}");
        assert!(text.contains(worth), "{text}");
        assert_eq!(english(&text, &BTreeSet::new()), None, "{text}");
    }
}

#[test]
fn each_sentence_of_a_comparison_is_said_in_french_and_italian() {
    for language in ["fr", "it"] {
        let sentences = embedded_sentences(language);
        for text in [
            "was not-applicable (no roster), is now fail (port 80 → 8080)",
            "was undetermined (x), is now manual (x)",
            "version 0.1.0 → 0.2.0: was pass (x), is now partial (x)",
            "the rubric has it now",
            "the rubric has it no more",
            "decided by TA (today): x",
            "the decision was withdrawn",
            "x (decided by TA, today)",
            "withdrawn: x (decided by TA, today)",
            "no points: x (confirmed by TA, today)",
            "the zero was withdrawn",
            "team t could not be judged: no answer in time",
            "published before 2026-11-20: results",
            "rubric own, written nowhere",
        ] {
            let said = sentences.say(text);
            let left = BTreeSet::from(["no roster".to_owned(), "port 80 → 8080".to_owned()]);
            assert_ne!(said, text, "{language}");
            assert_eq!(english(&said, &left), None, "{said}");
            for verdict in ["pass", "partial", "fail", "undetermined", "manual", "not-applicable"] {
                assert!(!said.contains(&format!("{verdict} (")), "{language}: {said}");
            }
        }
    }
}

#[test]
fn last_weeks_reports_are_compared_with_todays() {
    let (folder, _history) = graded_twice();
    let (code, told, errors) = run(folder.path(), &["diff", "b", "--since", "2999-01-01"]);
    assert!(code == 0 && told.contains("0 teams changed; 1 unchanged"), "{told}{errors}");
    let (_, told, _) = run(folder.path(), &["diff", "b", "--since", "2001-01-01"]);
    assert!(told.contains("Only after: t"), "{told}");
    let (code, _, errors) = run(folder.path(), &["diff", "b", "--since", "yesterday"]);
    assert!(code == 2 && errors.contains("expected a day"), "{errors}");
}

#[test]
fn one_repository_that_became_readable_is_said_once() {
    let (folder, history) = graded_twice();
    let away = folder.path().join("away");
    std::fs::rename(history.path(), &away).expect("moved");
    let grade = |out: &str| {
        let rest = ["--roster", "two.toml", "--rubric", "v1/own.toml", "--out", out];
        run(folder.path(), &[&["grade"], &rest[..]].concat())
    };
    let (code, _, errors) = grade("gone");
    assert_eq!(code, 4, "{errors}");
    std::fs::rename(&away, history.path()).expect("moved back");
    assert_eq!(grade("back").0, 0);
    for (before, after, line) in [
        ("gone", "back", "all 3 items were undetermined: unreachable: "),
        ("back", "gone", "all 3 items are undetermined now: unreachable: "),
    ] {
        let (code, told, errors) = run(folder.path(), &["diff", before, after, "--format", "json"]);
        assert_eq!(code, 0, "{errors}");
        let made: serde_json::Value = serde_json::from_str(&told).expect("JSON");
        let team = &made["teams"][0];
        assert!(team["shared"][0].as_str().is_some_and(|said| said.starts_with(line)), "{team}");
        assert_eq!(told.matches("unreachable").count(), 1, "{told}");
        assert!(
            team["items"][0]["causes"][0]["why"].as_str().is_some_and(|why| why.contains("undetermined")),
            "{team}"
        );
        let (_, text, _) = run(folder.path(), &["diff", before, after]);
        assert_eq!(text.matches("unreachable").count(), 1, "{text}");
    }
}
