//! Work that programs signed, which counts for nobody: `git commit --author` takes any name, a bot's as well.
//!
//! A classroom's bot puts starter code in before the team begins, and commits it itself. What a bot signs later, or what
//! a member committed in its name, may be anybody's. A course may let agents write: they ask where most of the work is theirs.

use std::collections::BTreeSet;

use super::attribution::{Attribution, Substance};
use super::identities::Program;
use super::record::{History, Record};
use super::signs::places;
use stackmark_evidence::closed::ProgramKind;
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
    let names: BTreeSet<&str> = found.iter().map(|(_, program)| program.name.as_str()).collect();
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
