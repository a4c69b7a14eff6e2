//! A better message for a poor one, in the words of its own diff: what was defined, taken away or worked on, and where.
//!
//! It is an example of form, not of what the author meant, and none is given where the diff names nothing.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use git2::Repository;
use regex::Regex;

use super::contents::Contents;
use super::diff::{self, CommitDiff, Status};
use super::hunk::LineKind;
use super::printed::printable;
use super::record::{History, Record};
use super::{form, regex};
use stackmark_collect::counting::Counting;
use stackmark_evidence::git::Messages;

/// Messages that get an example.
const EXAMPLES: usize = 2;
/// Messages that are looked at for it.
const TRIED: usize = 5;
/// A commit of more files is not read a second time.
const MAX_FILES: usize = 500;
/// Names and files in one message.
const NAMES: usize = 2;
/// An example has to rate as well as this itself.
const GOOD: f64 = 0.7;
/// A subject is no longer than this.
const MAX_CHARS: usize = 72;

/// `def name`, `class Name`, `fn name`, `function name`, `resource "kind" "name"` and their kin.
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"^\s*(?:(?:pub(?:\([^)]*\))?|async|export|default|static|public|private|protected|abstract|final)\s+)*(?:def|class|fn|func|function|interface|struct|enum|trait|resource\s+"[\w-]+"|module|variable|output)\s+"?(?P<name>[A-Za-z_][\w-]*)"#,
    )
});

/// Puts a better message beside the worst ones that the diff has words for.
pub(super) fn add_examples(repo: &Repository, history: &History, counting: &Counting, messages: &mut Messages) {
    let mut given = 0;
    for note in messages.worst.iter_mut().take(TRIED) {
        if given == EXAMPLES {
            return;
        }
        let record = history.commits.iter().find(|commit| commit.id.to_string() == note.commit);
        let record = record.filter(|record| record.change.files.len() + record.change.excluded.len() <= MAX_FILES);
        // What cannot be read again was told when it was read first.
        note.better = record.and_then(|record| changes_of(repo, record, counting).ok()).and_then(|diff| example(&diff));
        given += usize::from(note.better.is_some());
    }
}

fn changes_of(repo: &Repository, record: &Record, counting: &Counting) -> Result<CommitDiff, git2::Error> {
    let old = record.parents.first().map(|parent| repo.find_commit(*parent)?.tree()).transpose()?;
    let new = repo.find_commit(record.id)?.tree()?;
    let paths: BTreeSet<&str> = record.change.files.iter().map(|file| file.path.as_str()).collect();
    diff::between(repo, &mut Contents::of(repo), old.as_ref(), &new, counting, |path| paths.contains(path))
}

fn example(diff: &CommitDiff) -> Option<String> {
    let names_in = |kind: LineKind| {
        let lines = diff.files.iter().flat_map(|file| &file.hunks).flat_map(|hunk| hunk.lines.iter());
        named(lines.filter(move |line| line.kind == kind).map(|line| line.text))
    };
    let (added, deleted) = (names_in(LineKind::Added), names_in(LineKind::Deleted));
    let gained: Vec<String> = added.iter().filter(|name| !deleted.contains(name)).cloned().collect();
    let lost: Vec<String> = deleted.iter().filter(|name| !added.contains(name)).cloned().collect();
    let (verb, names, place) = if !gained.is_empty() {
        ("Add", gained, "to")
    } else if !lost.is_empty() {
        ("Remove", lost, "from")
    } else {
        let headers = diff.files.iter().flat_map(|file| &file.hunks).map(|hunk| hunk.header.as_str());
        let worked_on = if added.is_empty() { named(headers) } else { added };
        ("Change", worked_on, "in")
    };
    let files: Vec<&str> = (diff.files.iter())
        .filter(|file| file.status != Status::Deleted || verb == "Remove")
        .map(|file| file.path.rsplit('/').next().unwrap_or(&file.path))
        .take(NAMES)
        .collect();
    let shown: Vec<&str> = names.iter().map(String::as_str).take(NAMES).collect();
    if shown.is_empty() || files.is_empty() {
        return None;
    }
    let message = printable(&format!("{verb} {} {place} {}", shown.join(" and "), files.join(" and ")));
    (message.chars().count() <= MAX_CHARS && form::rate(&message, "", 0).score >= GOOD).then_some(message)
}

/// What the lines define, each once, in their order.
fn named<'t>(lines: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in lines.filter_map(|line| DEFINITION.captures(line)?.name("name")) {
        if !found.iter().any(|known| known == name.as_str()) {
            found.push(name.as_str().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::diff::FileDiff;
    use super::super::hunk::{Hunk, Lines};
    use super::*;

    fn diff(path: &str, header: &str, lines: &[&str]) -> CommitDiff {
        let mut of_hunk = Lines::default();
        for line in lines {
            let kind = match line.chars().next() {
                Some('+') => LineKind::Added,
                Some('-') => LineKind::Deleted,
                _ => LineKind::Context,
            };
            of_hunk.push(kind, &line.as_bytes()[1..]);
        }
        let hunk = Hunk { start: 1, old_start: 1, header: header.to_owned(), lines: of_hunk };
        let file = FileDiff {
            path: path.to_owned(),
            old_path: path.to_owned(),
            status: Status::Modified,
            old_id: None,
            hunks: vec![hunk],
            likeness: None,
        };
        CommitDiff { files: vec![file], ..CommitDiff::default() }
    }

    #[test]
    fn an_example_speaks_in_the_words_of_the_diff() {
        for (path, header, lines, message) in [
            (
                "app/alb.py",
                "",
                &["+def create_listener(arn):", "+    return arn"][..],
                Some("Add create_listener to alb.py"),
            ),
            (
                "main.tf",
                "",
                &["+resource \"aws_lb\" \"public_front\" {", "+resource \"aws_vpc\" \"campus\" {"],
                Some("Add public_front and campus to main.tf"),
            ),
            ("app.py", "", &["-class OldProxy:", "-    pass"], Some("Remove OldProxy from app.py")),
            (
                "app.py",
                "def wait_for_targets(arn):",
                &["-    sleep(3)", "+    sleep(30)"],
                Some("Change wait_for_targets in app.py"),
            ),
            ("run.sh", "", &["-sleep 3", "+sleep 30"], None),
        ] {
            assert_eq!(example(&diff(path, header, lines)).as_deref(), message, "{path} {lines:?}");
        }
    }
}
