//! What a roster may have to name, as the repositories of a class suggest it: starter code, the graded folder, the report.

use std::collections::BTreeMap;

use super::output::Output;
use serde::{Deserialize, Serialize};
use stackmark_class::Voice as _;
use stackmark_history::tree;
use stackmark_report::{assignment_folders, report_files};

/// Fewer repositories that begin alike may do so by chance.
const FEWEST: usize = 3;

/// What one repository suggests for its entry of the roster.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Proposals {
    /// The commit with which the history begins, where the roster names no starter code.
    beginning: Option<Beginning>,
    /// Folders of several assignments, where the roster names none.
    folders: Vec<String>,
    /// Several files that say they are the report, where the roster names none.
    reports: Vec<String>,
}

/// What the roster names already.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub(super) base_commit: bool,
    pub(super) folder: bool,
    pub(super) report: bool,
}

/// The commit with which a history begins, and the content that it has.
#[derive(Debug, Serialize, Deserialize)]
struct Beginning {
    commit: String,
    tree: String,
}

impl Proposals {
    /// Of the commit `head` of a repository, below its graded folder; a tree that is damaged suggests nothing.
    pub(super) fn of(repository: &git2::Repository, head: &str, folder: Option<&str>, named: Named) -> Self {
        let files = tree::files(repository, head, folder).unwrap_or_default();
        let folders = if named.folder { Vec::new() } else { assignment_folders(&files) };
        // Each assignment has a report of its own: the folder comes first.
        let reports = if named.report || !folders.is_empty() { Vec::new() } else { report_files(&files) };
        let beginning = if named.base_commit { None } else { beginning(repository, head) };
        Self { beginning, folders, reports }
    }
}

/// Says what the repositories of `teams` teams suggest, by team; what is found in many is said once.
pub(super) fn say(proposals: &[(String, Proposals)], teams: usize, output: &Output) {
    say_starter_code(proposals, teams, output);
    let with = |many: usize| match many {
        1 => "1 repository has".to_owned(),
        many => format!("{many} of {teams} repositories have"),
    };
    let folders: Vec<_> = proposals.iter().filter(|(_, it)| !it.folders.is_empty()).collect();
    if !folders.is_empty() {
        output.note(&format!(
            "{} folders of several assignments. Write the graded one into the roster, for the class or a team:",
            with(folders.len())
        ));
    }
    for (team, proposal) in folders {
        output.note(&format!("  {team}: folder = {}", either(&proposal.folders)));
    }
    let reports: Vec<_> = proposals.iter().filter(|(_, it)| !it.reports.is_empty()).collect();
    if !reports.is_empty() {
        output.note(&format!(
            "{} several files named as a report. Write the one that counts into the roster:",
            with(reports.len())
        ));
    }
    for (team, proposal) in reports {
        output.note(&format!("  {team}: report = {}", either(&proposal.reports)));
    }
}

/// `"a" or "b"`, a few of many.
fn either(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let more = if names.len() > SHOWN { " or another" } else { "" };
    // A name is whatever a team gave it.
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("{name:?}")).collect();
    format!("{}{more}", shown.join(" or "))
}

/// The first commit along first parents; `None` if it has no file, or is further away than any course's history.
fn beginning(repository: &git2::Repository, head: &str) -> Option<Beginning> {
    const FURTHEST: usize = 100_000;
    let mut commit = repository.find_commit(git2::Oid::from_str(head).ok()?).ok()?;
    for _ in 0..FURTHEST {
        match commit.parent(0) {
            Ok(parent) => commit = parent,
            Err(_) if commit.parent_count() > 0 || commit.tree().ok()?.is_empty() => return None,
            Err(_) => return Some(Beginning { commit: commit.id().to_string(), tree: commit.tree_id().to_string() }),
        }
    }
    None
}

/// One content that most repositories begin with was likely handed out: then it is nobody's work.
fn say_starter_code(proposals: &[(String, Proposals)], teams: usize, output: &Output) {
    let mut by_tree: BTreeMap<&str, Vec<(&str, &Beginning)>> = BTreeMap::new();
    for (team, proposal) in proposals {
        if let Some(beginning) = &proposal.beginning {
            by_tree.entry(&beginning.tree).or_default().push((team.as_str(), beginning));
        }
    }
    let Some(most) = by_tree.values().max_by_key(|same| same.len()) else { return };
    if most.len() < FEWEST || most.len() * 2 <= teams {
        return;
    }
    output.note(&format!(
        "{} of {teams} repositories begin with the same content. If you handed it out, write it into the roster:",
        most.len()
    ));
    for (team, beginning) in most {
        output.note(&format!("  {team}: base_commit = \"{}\"", beginning.commit));
    }
}
