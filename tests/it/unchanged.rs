//! A class of which nothing has changed: nothing is read, judged or written again, and whatever has changed is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value as Json;

use super::support::history::History;

const README: &str = include_str!("../../README.md");

/// One team with a rubric, a library and a repository of its own.
struct Class {
    folder: tempfile::TempDir,
    history: History,
}

impl Class {
    fn new() -> Self {
        let history = History::new();
        history.write("a.py", "print(1)\n").commit("Print a one");
        history.write("README.md", README).commit("Tell how to run it");
        let class = Self { folder: tempfile::tempdir().expect("a folder"), history };
        class.write(
            "own.toml",
            "title = \"Own\"\ntotal = 10\nscope = \"account\"\n\n[[criterion]]\nid = \"c\"\ntitle = \"C\"\npoints = 10\n\
             [[criterion.item]]\ncheck = \"code/readme\"\npoints = 10\n",
        );
        class.write("library/templates/lang/en.toml", "[summary]\nheading = \"In short\"\n");
        class.write(
            "roster.toml",
            &format!(
                "[[team]]\nid = \"t\"\nrepository = {:?}\n[[team.member]]\nname = \"Ana García\"\n\
                 emails = [\"ana@uni.example\"]\n",
                class.history.path().display().to_string()
            ),
        );
        class
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    fn grade(&self, more: &[&str]) {
        let output = assert_cmd::Command::cargo_bin("stackmark")
            .expect("the binary")
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .args(["grade", "--rubric", "own.toml", "--library", "library"])
            .args(more)
            .timeout(Duration::from_secs(120))
            .output()
            .expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn team(&self, name: &str) -> PathBuf {
        self.folder.path().join("results/teams/t").join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.team(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn json(&self, name: &str) -> Json {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }
}

/// All files of a folder.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).expect("a file");
            found.insert(path, bytes);
        }
    }
    found
}

#[test]
fn what_is_read_again_of_a_repository_stands_with_its_date() {
    let class = Class::new();
    class.grade(&[]);
    let first = files(&class.team(""));
    let collected = || class.json("evidence.json")["collected_at"].clone();
    let then = collected();
    // The date has seconds.
    std::thread::sleep(Duration::from_millis(1100));
    class.grade(&[]);
    let again = files(&class.team(""));
    assert_eq!(first.keys().collect::<Vec<_>>(), again.keys().collect::<Vec<_>>());
    for (path, bytes) in &first {
        assert!(*bytes == again[path], "{} is written again", path.display());
    }
    class.grade(&["--fresh"]);
    assert_ne!(collected(), then, "--fresh reads it now");
    let then = collected();
    std::thread::sleep(Duration::from_millis(1100));
    class.history.write("b.py", "print(2)\n").commit("Print a two");
    class.grade(&[]);
    assert_ne!(collected(), then, "other work is of now");
    assert_eq!(class.json("history/index.json")["reports"].as_array().map(Vec::len), Some(3));
}
