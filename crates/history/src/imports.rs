//! Commits by which a tool put another repository's content into a folder. Whoever ran it is their author; who wrote the
//! lines, they do not tell: a library, or what the team wrote in a repository of its own before.
//!
//! `git subtree add --squash` says so in trailers (`git-subtree-dir`, `git-subtree-split`), `git subrepo clone` in a block
//! below `subrepo:`. A forge's squash of such commits quotes them: it is one as far as most of its lines are in the folder.

use stackmark_collect::classify::{is_written, why_excluded};
use stackmark_evidence::git::Person;
use stackmark_evidence::{SetAside, SetAsideKind, Team};

use super::aside::LINE_BYTES;
use super::attribution::Attribution;
use super::diff::OUTSIDE;
use super::identities::Identities;
use super::printed::{EXAMPLES, printable};
use super::record::{FileChange, History, Record};
use super::rounded;

const SUBTREE: &str = "git subtree";
const SUBREPO: &str = "git subrepo";
/// Before the folder, in the holder's name.
const INTO: &str = "imported into ";

/// The nobody who holds what a commit put in, where it is such a one: known by the folder, as a roster's alias may name it.
pub(super) fn holder(commit: &Record) -> Option<Person> {
    if commit.is_merge() {
        return None;
    }
    let (tool, folder) = subtree(&commit.body).or_else(|| subrepo(commit))?;
    let lines = |file: &FileChange| file.added + file.deleted;
    let inside: u64 = commit.change.files.iter().filter(|file| is_in(&file.path, folder)).map(lines).sum();
    // What git itself squashed stands at the root; the merge puts it into the folder.
    // A forge's squash may end with what it quotes, but begins with the merge request's title.
    let ends_so = || last_paragraph(&commit.body).contains("git-subtree-split:");
    let is_its_own = tool == SUBTREE && commit.subject.starts_with("Squashed '") && ends_so();
    let is_most = inside > 0 && inside * 2 >= commit.change.lines();
    (is_its_own || is_most).then(|| Person { name: format!("{INTO}{}", printable(folder)), email: tool.to_owned() })
}

fn subtree(body: &str) -> Option<(&'static str, &str)> {
    let value = |key: &str| body.lines().find_map(|line| line.trim().strip_prefix(key)).map(str::trim);
    let folder = value("git-subtree-dir:").filter(|folder| !folder.is_empty())?;
    value("git-subtree-split:").map(|_| (SUBTREE, folder.trim_matches('/')))
}

fn subrepo(commit: &Record) -> Option<(&'static str, &str)> {
    let brings = ["git subrepo clone", "git subrepo pull"].iter().any(|words| commit.subject.contains(words));
    let mut lines = commit.body.lines().map(str::trim).skip_while(|line| *line != "subrepo:");
    let folder = lines.find_map(|line| line.strip_prefix("subdir:")).filter(|_| brings)?;
    Some((SUBREPO, folder.trim().trim_matches('"').trim_matches('/')))
}

fn is_in(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn last_paragraph(body: &str) -> &str {
    let body = body.trim_end();
    body.rsplit_once("\n\n").map_or(body, |(_, last)| last)
}

/// What such commits put into the graded folder, beside the lines of people; none where it is nothing new.
///
/// What git squashed at the root cannot be followed into the folder, and nobody has it: it is told in any case, with the
/// member who wrote it if the roster says so.
pub(super) fn set_aside(
    history: &History,
    attributions: &[Attribution],
    (identities, team): (&Identities, &Team),
) -> Option<SetAside> {
    let folder = team.folder.as_deref();
    let pairs = || history.commits.iter().zip(attributions);
    let imported = pairs()
        .filter_map(|(commit, attribution)| Some((commit, attribution.imported()?.clone(), commit.change.own.added)));
    // At the root, where git squashed it, it is outside of the folder into which the merge puts it.
    let elsewhere = (history.elsewhere.iter())
        .filter_map(|commit| Some((commit, holder(commit)?, lines_outside(commit))))
        .filter(|(_, person, _)| is_graded(person, folder));
    let imported: Vec<(&Record, Person, u64)> = imported.chain(elsewhere).collect();
    let lines: u64 = imported.iter().map(|(_, _, lines)| lines).sum();
    if lines == 0 {
        return None;
    }
    let of_people: u64 =
        pairs().filter(|(_, attribution)| attribution.is_of_people()).map(|(commit, _)| commit.change.own.added).sum();
    let mut examples: Vec<String> = Vec::new();
    for (_, person, _) in &imported {
        let member = identities.member_said(&person.name).map(|member| &team.members[member]);
        let told = member.map_or_else(
            || person.name.clone(),
            |member| format!("{}, written by {}", person.name, printable(&member.name)),
        );
        if !examples.contains(&told) && examples.len() < EXAMPLES {
            examples.push(told);
        }
    }
    let what = match lines {
        1 => "1 line of another repository".to_owned(),
        lines => format!("{lines} lines of another repository"),
    };
    let files_of = |commit: &Record| commit.change.files.len().max(commit.change.excluded.len()) as u64;
    let files = imported.iter().map(|(commit, ..)| files_of(commit)).sum();
    Some(SetAside {
        kind: SetAsideKind::Imported,
        what,
        files,
        commits: imported.len() as u64,
        lines: Some(lines),
        share: Some(rounded(lines as f64 / (lines + of_people) as f64)),
        examples,
    })
}

/// Lines of what a commit has outside of the graded folder, at a guess by their size.
fn lines_outside(commit: &Record) -> u64 {
    let may_be_work = |path: &str| is_written(path) && why_excluded(path, None).is_none();
    let files = commit.change.excluded.iter().filter(|file| file.reason == OUTSIDE && may_be_work(&file.path));
    files.filter_map(|file| file.bytes).map(|bytes| bytes.div_ceil(LINE_BYTES)).sum()
}

/// Whether what somebody holds was put into the graded folder.
fn is_graded(holder: &Person, graded: Option<&str>) -> bool {
    let graded = graded.map(|graded| graded.trim_matches('/')).filter(|graded| !graded.is_empty());
    let into = holder.name.strip_prefix(INTO).unwrap_or_default();
    graded.is_none_or(|graded| into == graded || is_in(into, graded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_write_below_their_commits_is_known() {
        let squashed = "git-subtree-dir: vendor/lib\ngit-subtree-split: 0123abc\n";
        assert_eq!(subtree(squashed), Some((SUBTREE, "vendor/lib")));
        assert_eq!(subtree("git-subtree-dir: vendor/lib\n"), None);
        assert_eq!(subtree("We moved from git-subtree-dir: x to git-subtree-split: y\n"), None);
        assert!(last_paragraph(squashed).contains("git-subtree-split:"));
        let quoted = format!("* Squashed 'vendor/lib/' content\n\n{squashed}\n* Use the library\n");
        assert_eq!(subtree(&quoted), Some((SUBTREE, "vendor/lib")));
        assert!(!last_paragraph(&quoted).contains("git-subtree-split:"), "a forge's squash");
        let into = |folder: &str| Person { name: format!("{INTO}{folder}"), email: SUBTREE.to_owned() };
        assert!(is_graded(&into("TP1/lib"), Some("TP1/")) && is_graded(&into("TP1"), Some("TP1")));
        assert!(is_graded(&into("TP2/lib"), None) && !is_graded(&into("TP2/lib"), Some("TP1")));
        assert!(is_in("vendor/lib/a.py", "vendor/lib") && !is_in("vendor/library.py", "vendor/lib"));
    }
}
