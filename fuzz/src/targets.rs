//! Every parser of hostile or human bytes that runs in one process, by the crates' public functions that reach it.
//!
//! `tests/it/fuzzed.rs` feeds the same list with what is nearly right, without libFuzzer. Seeds are in `tests/corpus/`.

use std::collections::BTreeSet;
use std::str::FromStr as _;

use stackmark_class::import::{Source, lists};
use stackmark_class::table::Table;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_collect::{Limits, ResolveOverride, Silent, packed, redact};
use stackmark_course::{Check, Library, Overrides, Roster, Rubric, SourceText};
use stackmark_evidence::paths::READING_PATHS;
use stackmark_evidence::{Member, MembersFrom, Team, Unreadable};
use stackmark_history::{Mailmap, RepositorySource, measure, repo};
use stackmark_language::expression::Engine;
use stackmark_render::json::read_evidence;

/// A parser's name, which is its corpus' as well, and what feeds it.
pub(crate) type Target = (&'static str, fn(&[u8]));

/// All of them.
pub(crate) const TARGETS: &[Target] = &[
    ("terraform", |bytes| code("main.tf", bytes)),
    ("cloudformation", |bytes| code("template.yaml", bytes)),
    ("python", |bytes| code("app.py", bytes)),
    ("notebook", |bytes| {
        code("a.ipynb", bytes);
        report("report.ipynb", bytes);
    }),
    ("markdown", |bytes| {
        code("README.md", bytes);
        report("report.md", bytes);
    }),
    ("dockerfile", |bytes| code("Dockerfile", bytes)),
    ("compose", |bytes| code("docker-compose.yml", bytes)),
    ("shell", |bytes| code("run.sh", bytes)),
    ("typescript", |bytes| code("lib/stack.ts", bytes)),
    ("latex", |bytes| report("report.tex", bytes)),
    ("mailmap", |bytes| drop(Mailmap::parse(&text(bytes)))),
    ("trailers", |bytes| history(&text(bytes), b"a = 1\n", b"a = 2\n")),
    ("patches", |bytes| {
        let middle = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len() / 2);
        let (before, after) = bytes.split_at(middle);
        history("Change a file", before, after.get(1..).unwrap_or_default());
    }),
    ("roster", |bytes| drop(Roster::parse(&SourceText::new("roster.toml", text(bytes))))),
    ("overrides", |bytes| drop(Overrides::parse(&SourceText::new("overrides.toml", text(bytes))))),
    ("check", |bytes| drop(Check::parse("aws/x", &SourceText::new("x.toml", text(bytes)), &Engine::new()))),
    ("rubric", |bytes| {
        let source = SourceText::new("x.toml", text(bytes));
        drop(Rubric::parse("x", &source, &Library::embedded(), &Engine::new()));
    }),
    ("lists", |bytes| {
        drop(lists::read(&Source { name: "people.csv".to_owned(), bytes: bytes.to_vec() }, 0));
        drop(Table::read(bytes));
    }),
    ("evidence", |bytes| drop(read_evidence(&text(bytes)))),
    ("secrets", |bytes| {
        let clean = redact::redact(&text(bytes)).0;
        assert_eq!(redact::redact(&clean).1, 0, "redacting twice changes nothing");
    }),
    ("archive", |bytes| {
        let mut allowance = packed::MOST_UNPACKED;
        drop(packed::list(bytes, &mut allowance));
    }),
    ("resolve", |bytes| drop(ResolveOverride::from_str(&text(bytes)))),
];

/// One file in memory.
struct One(Vec<u8>);

impl Blobs for One {
    fn read(&self, _file: &TreeFile) -> Result<Vec<u8>, Unreadable> {
        Ok(self.0.clone())
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn file(path: &str, bytes: &[u8]) -> TreeFile {
    TreeFile { path: path.to_owned(), id: [7; 20], size: bytes.len() as u64, link: false, missing: false, aside: None }
}

fn team() -> Team {
    let member = |name: &str, email: &str| Member {
        id: name.to_lowercase(),
        name: name.to_owned(),
        emails: vec![email.to_owned()],
        aliases: Vec::new(),
        login: None,
    };
    Team {
        id: "a".to_owned(),
        name: None,
        members: vec![member("Ada Rivers", "ada@uni.example"), member("Ben Okafor", "ben@uni.example")],
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    }
}

fn code(path: &str, bytes: &[u8]) {
    let wanted: BTreeSet<String> = READING_PATHS.iter().map(|reading| reading.path.to_owned()).collect();
    let files = [file(path, bytes)];
    let graded = stackmark_code::Graded::all_own(&files);
    stackmark_code::read(&One(bytes.to_vec()), &graded, &wanted, &Limits::default());
}

fn report(path: &str, bytes: &[u8]) {
    stackmark_report::read(&One(bytes.to_vec()), &[file(path, bytes)], &team(), &Limits::default());
}

/// Two commits, the second with this message, of a file that has first one content and then another.
fn history(message: &str, before: &[u8], after: &[u8]) {
    let made = || -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let repository = git2::Repository::init_bare(folder.path())?;
        let signature = git2::Signature::new("Ada Rivers", "ada@uni.example", &git2::Time::new(1_725_264_000, 0))?;
        let mut last = None;
        for (message, content) in [("Add a file", before), (message, after)] {
            let mut tree = repository.treebuilder(None)?;
            tree.insert("a.py", repository.blob(content)?, 0o100_644)?;
            let tree = repository.find_tree(tree.write()?)?;
            let parent = last.map(|id| repository.find_commit(id)).transpose()?;
            let parents: Vec<&git2::Commit<'_>> = parent.iter().collect();
            last = Some(repository.commit(Some("HEAD"), &signature, &signature, message, &tree, &parents)?);
        }
        let location = folder.path().to_string_lossy().into_owned();
        let source = RepositorySource { location, ..RepositorySource::default() };
        if let Some(head) = repo::choose_head(&repository, &source).value() {
            measure(&repository, head, &team(), None, &Silent);
        }
        Ok(())
    };
    // What git itself refuses, as a NUL in a message, is nothing to read.
    drop(made());
}
