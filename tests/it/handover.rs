//! The parts of a handover document, found in a set of labelled documents: good and thin ones, other kinds, hostile ones;
//! in English, French and Italian; Markdown, text, LaTeX, PDF and Word.
//!
//! `cargo test --test handover -- --nocapture` prints precision and recall of each part and language, for the documents
//! that the words were tuned on, those held out before, and fresh ones. `tests/handover/labels.toml` has what a reader finds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{Repository, Signature};
use serde::Deserialize;
use stackmark_collect::DocumentLimits;
use stackmark_collect::Limits;
use stackmark_evidence::report::{PARTS, Part, ReportEvidence};
use stackmark_evidence::{Member, MembersFrom, Team};
use stackmark_history::tree::{self, ObjectDatabase};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Labels {
    document: Vec<Document>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    file: String,
    language: String,
    kind: String,
    /// Its name in the repository, where the name matters.
    path: Option<String>,
    #[serde(default = "yes")]
    is_report: bool,
    #[serde(default)]
    present: Vec<String>,
    #[serde(default)]
    either: Vec<String>,
}

fn yes() -> bool {
    true
}

/// What was found beside what is there.
#[derive(Default, Clone, Copy)]
struct Tally {
    right: u32,
    wrong: u32,
    missed: u32,
    /// Of the missed ones: left to a person.
    left: u32,
    /// Left to a person although nothing is there.
    idle: u32,
}

impl Tally {
    fn precision(self) -> f64 {
        share(self.right, self.right + self.wrong)
    }

    fn recall(self) -> f64 {
        share(self.right, self.right + self.missed)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            right: self.right + other.right,
            wrong: self.wrong + other.wrong,
            missed: self.missed + other.missed,
            left: self.left + other.left,
            idle: self.idle + other.idle,
        }
    }
}

fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover")
}

fn labels() -> Vec<Document> {
    toml::from_str::<Labels>(&std::fs::read_to_string(root().join("labels.toml")).unwrap()).unwrap().document
}

fn team() -> Team {
    let member = |name: &str| Member {
        id: name.to_lowercase().replace(' ', "-"),
        name: name.to_owned(),
        emails: Vec::new(),
        aliases: Vec::new(),
        login: None,
    };
    Team {
        id: "seven".into(),
        name: None,
        members: ["Nadir Quellmann", "Oriane Teskey", "Tobia Verlasco"].map(member).to_vec(),
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    }
}

/// What is read of a repository that holds this document alone.
fn read(document: &Document) -> ReportEvidence {
    let mut bytes = std::fs::read(root().join(&document.file)).unwrap();
    if let Ok(text) = std::str::from_utf8(&bytes) {
        // Nothing that looks like a secret stands in this repository.
        let text = text.replace("@@KEY@@", "Q3EGRIPT7LM2ZW4X").replace("@@ESC@@", "\u{1b}[2J\u{0}");
        bytes = text.replace("@@SECRET@@", "wJq9/x2LmN4pR7sT0vY3zA6bC8dE1fG5hK+jUoXi").into_bytes();
    }
    let extension = document.file.rsplit('.').next().unwrap();
    let path = document.path.clone().unwrap_or_else(|| format!("report.{extension}"));
    let folder = tempfile::tempdir().unwrap();
    let repo = Repository::init_bare(folder.path()).unwrap();
    let mut builder = repo.treebuilder(None).unwrap();
    builder.insert(path.as_str(), repo.blob(&bytes).unwrap(), 0o100_644).unwrap();
    let tree = repo.find_tree(builder.write().unwrap()).unwrap();
    let who = Signature::new("a", "a@example.org", &git2::Time::new(1_700_000_000, 0)).unwrap();
    let commit = repo.commit(None, &who, &who, "work", &tree, &[]).unwrap();
    let files = tree::list(&repo, commit, None).unwrap();
    let program = Some(assert_cmd::cargo::cargo_bin("stackmark"));
    let limits = Limits { documents: DocumentLimits { program, ..DocumentLimits::default() }, ..Limits::default() };
    stackmark_report::read(&ObjectDatabase(&repo), &files, &team(), &limits)
}

fn tally(document: &Document, id: &str, part: Option<&Part>) -> Tally {
    let found = part.map_or("missing", |part| part.found.as_str());
    let stated = matches!(found, "heading" | "text");
    let (mut tally, weak) = (Tally::default(), found == "weak");
    if document.either.iter().any(|either| either == id) {
        return tally;
    }
    match (document.present.iter().any(|present| present == id), stated) {
        (true, true) => tally.right = 1,
        (true, false) => (tally.missed, tally.left) = (1, u32::from(weak)),
        (false, true) => tally.wrong = 1,
        (false, false) => tally.idle = u32::from(weak),
    }
    tally
}

fn table(title: &str, rows: &BTreeMap<String, Tally>) {
    println!("\n{title:34} precision  recall   right  wrong  missed (left)  idle");
    let all = rows.values().fold(Tally::default(), |sum, tally| sum.plus(*tally));
    for (name, it) in rows.iter().map(|(name, it)| (name.as_str(), *it)).chain([("all", all)]) {
        println!(
            "  {name:32} {:9.2} {:7.2} {:7} {:6} {:7} ({}) {:6}",
            it.precision(),
            it.recall(),
            it.right,
            it.wrong,
            it.missed,
            it.left,
            it.idle
        );
    }
}

#[test]
fn parts_are_found_where_a_reader_finds_them() {
    let documents = labels();
    assert!(documents.len() >= 40, "{} documents", documents.len());
    let mut wrong = Vec::new();
    for half in ["tuned", "held-out", "fresh"] {
        let (mut by_part, mut by_language) = (BTreeMap::<String, Tally>::new(), BTreeMap::<String, Tally>::new());
        for document in documents.iter().filter(|document| document.file.starts_with(half)) {
            let read = read(document);
            let parts = read.parts.value();
            if parts.is_some() != document.is_report {
                wrong.push(format!("{}: taken for a report: {}: {:?}", document.file, parts.is_some(), read.parts));
            }
            for (id, _) in PARTS {
                let part = parts.map(|parts| &parts[id]);
                let tally = tally(document, id, part);
                if tally.wrong + tally.missed + tally.idle > 0 {
                    let (found, quote) = part.map_or(("missing", ""), |part| {
                        (part.found.as_str(), part.quote.as_deref().unwrap_or_default())
                    });
                    let what = if tally.wrong > 0 {
                        "WRONG"
                    } else if tally.missed > 0 {
                        "MISSED"
                    } else {
                        "idle"
                    };
                    println!("{what:6} {} {id}: {found} “{quote}”", document.file);
                }
                let sum = by_part.entry(id.to_owned()).or_default();
                *sum = sum.plus(tally);
                let sum = by_language.entry(format!("{} {}", document.language, document.kind)).or_default();
                *sum = sum.plus(tally);
            }
        }
        table(&format!("{half}: by part"), &by_part);
        table(&format!("{half}: by language and kind"), &by_language);
        // With some ten documents a part, one miss is worth a tenth: the floors of a part are lower than those of all.
        for (part, it) in by_part.iter().filter(|(_, it)| it.right + it.missed >= 5) {
            if it.precision() < 0.9 || it.recall() < 0.85 {
                wrong.push(format!("{half}: {part}: precision {:.2}, recall {:.2}", it.precision(), it.recall()));
            }
        }
        let all = by_part.values().fold(Tally::default(), |sum, tally| sum.plus(*tally));
        if all.precision() < 0.97 || all.recall() < 0.9 {
            wrong.push(format!("{half}: precision {:.2}, recall {:.2}", all.precision(), all.recall()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_found_is_quoted_with_its_place_and_without_secrets() {
    let mut quotes = 0;
    for document in labels().iter().filter(|document| document.is_report) {
        let read = read(document);
        for (id, part) in read.parts.value().unwrap() {
            let told = part.quote.is_some() && part.place.is_some() && !part.because.is_empty();
            assert_eq!(told, part.found != "missing", "{}: {id}: {part:?}", document.file);
            quotes += usize::from(part.quote.is_some());
            let quote = part.quote.clone().unwrap_or_default();
            assert!(quote.chars().count() <= 200, "{}: {quote}", document.file);
            assert!(!quote.contains("Q3EGRIPT") && !quote.contains("wJq9"), "{}: {quote}", document.file);
            assert!(!quote.chars().any(char::is_control), "{}: {quote:?}", document.file);
        }
    }
    assert!(quotes > 100, "{quotes} quotes");
}

#[test]
fn nothing_is_found_in_what_only_names_the_parts() {
    let empty: Vec<Document> =
        labels().into_iter().filter(|it| it.is_report && it.present.is_empty() && it.either.is_empty()).collect();
    assert!(empty.len() >= 6, "{} documents", empty.len());
    for document in &empty {
        let read = read(document);
        let found: Vec<&String> = read
            .parts
            .value()
            .unwrap()
            .iter()
            .filter(|(_, part)| matches!(part.found.as_str(), "heading" | "text"))
            .map(|(id, _)| id)
            .collect();
        assert!(found.is_empty(), "{}: {found:?}", document.file);
    }
}
