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

/// Says another title in the stored scorecard, and has all hashes agree with it: only who takes the scorecard as it is stored
/// leaves it so.
fn forge(class: &Class) {
    use sha2::Digest as _;
    let hash = |text: &str| -> String {
        sha2::Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let card = class.read("scorecard.json");
    let forged = card.replacen("\"title\": \"Own\"", "\"title\": \"Forged\"", 1);
    assert_ne!(card, forged);
    std::fs::write(class.team("scorecard.json"), &forged).expect("written");
    for name in ["history/index.json", "history/judged.json"] {
        let text = class.read(name);
        let with_both = text.replace(&hash(&card), &hash(&forged));
        assert_ne!(text, with_both, "{name} has the scorecard's hash");
        std::fs::write(class.team(name), with_both).expect("written");
    }
}

#[test]
fn a_team_is_judged_again_once_anything_that_it_follows_from_or_that_came_of_it_is_otherwise() {
    let class = Class::new();
    class.grade(&[]);
    let is_forged = || class.read("scorecard.json").contains("Forged");
    forge(&class);
    class.grade(&[]);
    assert!(is_forged(), "nothing has changed, and the stored scorecard counts");
    let record: Json = serde_json::from_str(
        &std::fs::read_to_string(class.folder.path().join("results/run.json")).expect("the record"),
    )
    .expect("JSON");
    assert_eq!(record["teams"][0]["mark"], class.json("scorecard.json")["mark"]);
    class.grade(&["--fresh"]);
    assert!(!is_forged(), "--fresh judges again");

    let decision = "[[adjustment]]\npoints = -3\nreason = \"late\"\nby = \"TA\"\nwhen = \"today\"\n";
    let rubric = std::fs::read_to_string(class.folder.path().join("own.toml")).expect("a rubric");
    let edit = |name: &str| {
        let text = class.read(name);
        std::fs::write(class.team(name), format!("{text}\n")).expect("written");
    };
    let remove = |name: &str| std::fs::remove_file(class.team(name)).expect("removed");
    let changes: [(&str, &dyn Fn()); 14] = [
        ("a decision", &|| std::fs::write(class.team("overrides.toml"), decision).expect("written")),
        ("no decision any more", &|| remove("overrides.toml")),
        ("the rubric", &|| class.write("own.toml", &format!("{rubric}\n# another exam\n"))),
        ("a language file", &|| class.write("library/templates/lang/en.toml", "[summary]\nheading = \"Briefly\"\n")),
        ("the evidence", &|| {
            // Its date has seconds: read anew within one, it would be the evidence that was there.
            std::thread::sleep(Duration::from_millis(1100));
            edit("evidence.json");
        }),
        ("other work", &|| {
            class.history.write("b.py", "print(2)\n").commit("Print a two");
        }),
        ("a report that was edited", &|| edit("report.md")),
        ("a page that was edited", &|| edit("report.html")),
        ("a marker's page that was edited", &|| edit("marker.html")),
        ("a scorecard that was edited", &|| edit("scorecard.json")),
        ("a report that is gone", &|| remove("report.md")),
        ("a page that is gone", &|| remove("report.html")),
        ("a list of reports that is gone", &|| remove("history/index.json")),
        ("hashes that are gone", &|| remove("history/judged.json")),
    ];
    for (what, change) in changes {
        forge(&class);
        change();
        class.grade(&[]);
        assert!(!is_forged(), "{what}: judged again");
        assert!(class.read("report.html").ends_with("</html>\n"), "{what}: the page is whole and no more");
        assert!(class.team("report.md").is_file() && class.team("marker.html").is_file(), "{what}");
        let now = files(&class.team(""));
        class.grade(&[]);
        assert!(now == files(&class.team("")), "{what}: and then it rests");
    }
    assert!(class.read("report.md").contains("Briefly"));
}
