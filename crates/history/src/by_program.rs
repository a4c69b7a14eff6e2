//! Work that programs signed, which counts for nobody: `git commit --author` takes any name, a bot's as well.
//!
//! A classroom's bot puts starter code in before the team begins, and commits it itself. What a bot signs later, or what
//! a member committed in its name, may be anybody's. A course may let agents write: they ask where most of the work is theirs.
//! What a pipeline writes down (`terraform-docs` into a README, a table of latencies) is no code that a member could lack.

use std::collections::BTreeSet;

use super::attribution::{Attribution, Substance};
use super::identities::{Program, program};
use super::printed::printable;
use super::record::{Change, History, Record};
use super::signs::places;
use stackmark_evidence::closed::ProgramKind;
use stackmark_evidence::git::Person;
use stackmark_evidence::{Sign, SignKind};

/// Part of the work that bots signed.
const BOTS: f64 = 0.1;
/// Part of the work that coding agents alone signed; as `git/contribution-evenness` has it by default.
const AGENTS: f64 = 0.5;

/// The commits that programs alone signed, where they have so much of the work that points may rest on what is left out.
pub(super) fn sign(history: &History, attributions: &[Attribution]) -> Option<Sign> {
    let pairs = || history.commits.iter().zip(attributions);
    // The newest commits come first.
    let begun = attributions.iter().rposition(|it| it.author_member().is_some())?;
    let found: Vec<(&Record, &Program)> = (pairs().enumerate())
        .filter(|(_, (_, it))| it.substance == Substance::Work && !it.is_of_people())
        .filter_map(|(place, (commit, it))| Some((place, commit, it, it.author_program()?)))
        .filter(|(place, _, it, program)| !(*place > begun && is_free(it, program)))
        .filter(|(_, commit, _, program)| program.kind == ProgramKind::Agent || has_code(&commit.change))
        .map(|(_, commit, _, program)| (commit, program))
        .collect();
    let work_of = |agents: bool| -> f64 {
        let of_kind = found.iter().filter(|(_, program)| (program.kind == ProgramKind::Agent) == agents);
        of_kind.map(|(commit, _)| commit.change.own.work()).sum()
    };
    let (bots, agents) = (work_of(false), work_of(true));
    let people: f64 = pairs().filter(|(_, it)| it.is_of_people()).map(|(commit, _)| commit.change.own.work()).sum();
    let all = bots + agents + people;
    if all <= 0.0 || (bots < BOTS * all && agents < AGENTS * all) {
        return None;
    }
    let names: BTreeSet<String> = found.iter().map(|(commit, program)| name_of(&commit.author, program)).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let percent = (bots + agents) / all * 100.0;
    let says = match found.len() {
        1 => format!("1 commit with {percent:.0}% of the work is signed by a program ({names}) and counts for nobody"),
        n => {
            format!("{n} commits with {percent:.0}% of the work are signed by programs ({names}) and count for nobody")
        }
    };
    let examples = places(found.into_iter().map(|(commit, _)| commit));
    Some(Sign { kind: SignKind::ByProgram, says, asks: true, examples })
}

/// Whether it may be starter code: by no agent, and no member committed it.
fn is_free(attribution: &Attribution, program: &Program) -> bool {
    program.kind != ProgramKind::Agent && attribution.committer.is_none()
}

/// As the commit has it (`github-actions[bot]`), where that names a program; else the program's own.
fn name_of(author: &Person, known: &Program) -> String {
    let by_name = Person { name: author.name.clone(), email: String::new() };
    if program(&by_name).is_some() { printable(author.name.trim()) } else { known.name.clone() }
}

/// Whether it changes a line of what is neither prose nor a table.
fn has_code(change: &Change) -> bool {
    change.files.iter().any(|file| file.added + file.deleted > 0 && !is_prose(&file.path))
}

fn is_prose(path: &str) -> bool {
    const ENDINGS: [&str; 9] = [".md", ".markdown", ".rst", ".adoc", ".txt", ".tex", ".csv", ".tsv", ".svg"];
    let lower = format!("/{}", path.to_ascii_lowercase());
    lower.contains("/docs/") || lower.ends_with("/readme") || ENDINGS.iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pipeline_writes_down_is_no_code() {
        for path in ["README.md", "readme", "modules/vpc/README.md", "docs/index.html", "latency.csv", "CHANGELOG.md"] {
            assert!(is_prose(path), "{path}");
        }
        for path in ["z.py", "infra/main.tf", "docsite/app.py", "mydocs/run.sh", "readme.py"] {
            assert!(!is_prose(path), "{path}");
        }
    }

    #[test]
    fn a_program_is_called_as_it_signs() {
        let name = |name: &str, email: &str| {
            let author = Person { name: name.to_owned(), email: email.to_owned() };
            name_of(&author, &program(&author).expect("a program"))
        };
        let address = "41898282+github-actions[bot]@users.noreply.github.com";
        assert_eq!(name("github-actions[bot]", address), "github-actions[bot]");
        assert_eq!(name("Ada", "noreply@github.com"), "GitHub", "a person's name stays out");
    }
}
