//! Who did how much, and how evenly: two ledgers side by side.
//!
//! **Surviving ledger** `S_m`: lines of files that count, blank ones aside, that stand at the graded commit and are m's.
//! [`super::blame`] follows each line to its commit; [`super::provenance`] goes on to whoever wrote it first, where the
//! commit only moved it, copied it or brought it back. A co-authored line is shared, and lines on which one line was laid out
//! anew weigh together as much as it did.
//!
//! **Work ledger** `W_m`: over the history, lines added + ½ · lines deleted, without those that were moved, laid out
//! anew, held by the repository before, or taken back by the same person ([`super::provenance`]). A commit is capped: up
//! to 500 it counts as it is, above that `500 + 100·ln(1 + (work − 500)/100)`, so that one dump does not outweigh weeks.
//! A merge has only the lines that stand in none of its parents.
//!
//! A commit is shared in equal parts by its people, as [`super::attribution`] says them. What falls to someone who is no
//! member, or to a program, is nobody's: shown, and kept out of the shares. Starter code is nobody's, too, whether it comes
//! with the base commit or a classroom's bot put it in.
//!
//! **Share** `s_m = ½·S_m/ΣS + ½·W_m/ΣW` over the members; where one of the ledgers is empty, the other alone.
//! **Evenness** `E = 1 − (½·Σ|s_m − 1/n|) / (1 − 1/n)` over the roster's n members, absent ones with 0; 1 for a team of
//! one. ½·Σ|s_m − 1/n| is the part of the work that would have had to change hands. *Evenness by hand* is the same where
//! trailers name nobody and each commit is its author's, or its committer's where the author never committed anything: how
//! much of the evenness rests on what somebody else wrote. *Evenness with what was set aside* adds, in both ledgers, the lines
//! that documents and data may hold ([`super::uncounted`]).
//!
//! Source: the project's definition of contribution. Three figures are git's own, over the files that count and by
//! author alone: `added` and `deleted` are those of `git log --numstat -M -w --no-merges`, `blamed` is that of
//! `git blame -w -M`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::attribution::Attribution;
use super::blame::{Standing, Survivor};
use super::ledgers::Ledgers;
use super::lines::line_hash;
use super::printed::{EXAMPLES, printable};
use super::provenance::Provenance;
use super::record::History;
use super::{attribution, rounded, uncounted};
use stackmark_evidence::closed::ProgramKind;
use stackmark_evidence::git::{
    Contribution, Day, Excluded, MemberShare, ProgramShare, StandingFile, Surviving, UnmappedAuthor, Work,
};
use stackmark_evidence::{Cause, Reading, Team};

/// Shorter files are alike by chance.
const MIN_COMPARED_LINES: u64 = 10;

/// What the ledgers are made from.
pub(super) struct Sources<'h> {
    pub(super) history: &'h History,
    /// By commit.
    pub(super) attributions: &'h [Attribution],
    pub(super) provenance: &'h Provenance,
    /// Files that count at the graded commit.
    pub(super) standing: &'h [Standing],
    pub(super) survivors: &'h [Survivor<'h>],
}

/// Both ledgers of all members, and what is nobody's.
///
/// `Absent` where no work counts at all; `Unreadable` where there is work and none of it is a member's, because then it
/// is the identities that are unknown, or who told an agent what to do, not the work that is missing.
pub(super) fn measure(sources: &Sources<'_>, team: &Team) -> Reading<Contribution> {
    let Sources { history, attributions, provenance, standing, survivors } = *sources;
    let mut ledgers = Ledgers::new(history, attributions, team.members.len(), standing.len());
    for place in 0..history.commits.len() {
        ledgers.work(place, provenance);
    }
    let hashes: Vec<Vec<u64>> = (standing.iter())
        .map(|file| file.content.split_inclusive(|byte| *byte == b'\n').map(line_hash).collect())
        .collect();
    for (lines, weight) in survivors.iter().zip(weights(survivors, &hashes)) {
        ledgers.surviving(lines, weight, &hashes[lines.file], provenance);
    }
    let Ledgers { members: ledgers, by_hand, unmapped, programs, starter_lines, own_lines, .. } = ledgers;

    let work_of_members: f64 = ledgers.iter().map(|ledger| ledger.work.lines).sum();
    let lines_of_members: f64 = ledgers.iter().map(|ledger| ledger.surviving).sum();
    let work_of_nobody: f64 = unmapped.values().map(|author| author.work).sum();
    let lines_of_nobody: f64 = unmapped.values().map(|author| author.surviving).sum();
    let of_agents = |part: fn(&ProgramShare) -> f64| -> f64 {
        programs.values().filter(|program| program.kind == ProgramKind::Agent).map(part).sum()
    };
    let (lines_of_agents, work_of_agents) = (of_agents(|agent| agent.surviving), of_agents(|agent| agent.work));
    if work_of_members + lines_of_members <= 0.0 {
        if let Some(failure) = attribution::by_nobody_known(attributions) {
            return Reading::Unreadable(failure);
        }
        return without_members_work(work_of_nobody + lines_of_nobody, unmapped.values(), !programs.is_empty());
    }
    let part = |part: f64, all: f64| if all > 0.0 { part / all } else { 0.0 };
    let both = |lines: f64, all_lines: f64, work: f64, all_work: f64| match (all_lines > 0.0, all_work > 0.0) {
        (true, true) => 0.5 * (lines / all_lines) + 0.5 * (work / all_work),
        _ => part(lines, all_lines) + part(work, all_work),
    };
    let shares: Vec<f64> = (ledgers.iter())
        .map(|ledger| both(ledger.surviving, lines_of_members, ledger.work.lines, work_of_members))
        .collect();
    let (even, would_change_hands) = evenness(&shares);
    let (lines_by_hand, work_by_hand): (f64, f64) =
        (by_hand.iter().map(|hand| hand.surviving).sum(), by_hand.iter().map(|hand| hand.work).sum());
    let shares_by_hand: Vec<f64> =
        (by_hand.iter()).map(|hand| both(hand.surviving, lines_by_hand, hand.work, work_by_hand)).collect();
    // Where no hand is a member's, nothing is left that could be even.
    let even_by_hand = if lines_by_hand + work_by_hand > 0.0 { evenness(&shares_by_hand).0 } else { 0.0 };
    let aside = uncounted::lines_of_members(history, attributions, team.members.len());
    let all_aside: f64 = aside.iter().sum();
    let (lines_with, work_with) = (lines_of_members + all_aside, work_of_members + all_aside);
    let shares_with: Vec<f64> = (ledgers.iter().zip(&aside))
        .map(|(ledger, aside)| both(ledger.surviving + aside, lines_with, ledger.work.lines + aside, work_with))
        .collect();
    let members = (team.members.iter().zip(&ledgers).zip(shares.iter().zip(&aside)))
        .map(|((member, ledger), (share, aside))| MemberShare {
            member: member.id.clone(),
            name: member.name.clone(),
            commits: ledger.commits,
            co_authored: ledger.co_authored,
            added: ledger.added,
            deleted: ledger.deleted,
            surviving: Surviving {
                lines: rounded(ledger.surviving),
                share: rounded(part(ledger.surviving, lines_of_members)),
                blamed: ledger.blamed,
            },
            work: Work {
                lines: rounded(ledger.work.lines),
                share: rounded(part(ledger.work.lines, work_of_members)),
                ..ledger.work.clone()
            },
            share: rounded(*share),
            by_trailers: Some(rounded(part(
                both(ledger.surviving_named, lines_of_members, ledger.work_named, work_of_members),
                *share,
            ))),
            set_aside_lines: Some(aside.round() as u64),
            active_days: ledger.days.len() as u64,
            active_weeks: ledger.weeks.len() as u64,
            days: ledger.days.iter().map(|(date, commits)| Day { date: date.clone(), commits: *commits }).collect(),
        })
        .collect();
    let (all_lines, all_work) = (lines_of_members + lines_of_nobody, work_of_members + work_of_nobody);
    let (with_agents, work_with_agents) = (all_lines + lines_of_agents, all_work + work_of_agents);
    let mut programs: Vec<ProgramShare> = programs.into_values().collect();
    // Stable, so that equals stay in the order of their names.
    programs.sort_by_key(|program| std::cmp::Reverse(program.commits + program.co_authored));
    for program in &mut programs {
        program.work = rounded(program.work);
        program.surviving = rounded(program.surviving);
    }
    let mut unmapped: Vec<UnmappedAuthor> = unmapped.into_values().collect();
    // Stable, so that equals stay in the order of their names.
    unmapped.sort_by(|a, b| (b.work + b.surviving).total_cmp(&(a.work + a.surviving)));
    for author in &mut unmapped {
        author.work = rounded(author.work);
        author.surviving = rounded(author.surviving);
    }
    Reading::observed(Contribution {
        members,
        unmapped,
        unmapped_share: rounded(both(lines_of_nobody, all_lines, work_of_nobody, all_work)),
        programs,
        agent_share: Some(rounded(both(lines_of_agents, with_agents, work_of_agents, work_with_agents))),
        starter_lines,
        files: standing_files(standing, &hashes, &own_lines),
        // Facts of the identities, which `measure` adds.
        remapped: Vec::new(),
        other_committers: Vec::new(),
        evenness: rounded(even),
        evenness_by_hand: Some(rounded(even_by_hand)),
        evenness_with_set_aside: Some(rounded(evenness(&shares_with).0)),
        would_change_hands: rounded(would_change_hands),
        excluded: excluded(history),
    })
}

/// What a line of each of the survivors weighs: lines on which one line was laid out weigh together what it did.
fn weights(survivors: &[Survivor<'_>], hashes: &[Vec<u64>]) -> Vec<f64> {
    let is_of_one = |a: &Survivor<'_>, b: &Survivor<'_>| {
        let source = |it: &Survivor<'_>| (it.file, it.commit, it.at, it.lines);
        a.lines == 1 && source(a) == source(b) && a.path == b.path && a.line + 1 == b.line
    };
    let mut weights = Vec::with_capacity(survivors.len());
    for group in survivors.chunk_by(is_of_one) {
        let written = group.iter().filter(|it| hashes[it.file][it.line as usize] != 0).count();
        let weight = if group.len() > 1 { 1.0 / written.max(1) as f64 } else { 1.0 };
        weights.resize(weights.len() + group.len(), weight);
    }
    weights
}

/// Files that hold more than starter code and a few lines.
fn standing_files(standing: &[Standing], hashes: &[Vec<u64>], own_lines: &[u64]) -> Vec<StandingFile> {
    (standing.iter().zip(hashes).zip(own_lines))
        .filter(|(_, lines)| **lines >= MIN_COMPARED_LINES)
        .map(|((file, hashes), lines)| {
            let mut content = Sha256::new();
            for hash in hashes.iter().filter(|hash| **hash != 0) {
                content.update(hash.to_le_bytes());
            }
            let content_sha256 = content.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            StandingFile { path: file.path.clone(), lines: *lines, content_sha256 }
        })
        .collect()
}

fn without_members_work<'a>(
    of_nobody: f64,
    authors: impl Iterator<Item = &'a UnmappedAuthor>,
    has_programs: bool,
) -> Reading<Contribution> {
    if of_nobody > 0.0 {
        let mut authors: Vec<&UnmappedAuthor> = authors.collect();
        // Stable, so that equals stay in the order of their names.
        authors.sort_by(|a, b| (b.work + b.surviving).total_cmp(&(a.work + a.surviving)));
        let mut names: Vec<&str> = authors.iter().take(EXAMPLES).map(|author| author.person.name.as_str()).collect();
        names.extend((authors.len() > EXAMPLES).then_some("…"));
        Reading::unreadable(
            Cause::Unattributed,
            format!(
                "100% of the work is by authors that no member's identity covers ({}): add their addresses or aliases to \
                 the roster (`stackmark identities` lists them), and grade again",
                names.join(", ")
            ),
        )
    } else if has_programs {
        Reading::absent("no commit by a person changed a line of a file that counts")
    } else {
        Reading::absent("no commit changed a line of a file that counts")
    }
}

/// Evenness of shares that sum to 1, and the part that would have had to change hands.
fn evenness(shares: &[f64]) -> (f64, f64) {
    if shares.len() < 2 {
        return (1.0, 0.0);
    }
    let equal = 1.0 / shares.len() as f64;
    let moved = 0.5 * shares.iter().map(|share| (share - equal).abs()).sum::<f64>();
    (1.0 - moved / (1.0 - equal), moved)
}

fn excluded(history: &History) -> Vec<Excluded> {
    let mut reasons: BTreeMap<&str, BTreeMap<&str, Option<u64>>> = BTreeMap::new();
    let commits = history.commits.iter().chain(&history.elsewhere);
    for file in commits.flat_map(|commit| &commit.change.excluded) {
        let size = reasons.entry(file.reason).or_default().entry(&file.path).or_default();
        *size = (*size).max(file.bytes);
    }
    (reasons.iter())
        .map(|(reason, files)| {
            let mut by_size: Vec<(&str, Option<u64>)> = files.iter().map(|(path, bytes)| (*path, *bytes)).collect();
            by_size.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
            Excluded {
                reason: (*reason).to_owned(),
                files: files.len() as u64,
                bytes: files.values().flatten().sum(),
                unknown_sizes: files.values().filter(|bytes| bytes.is_none()).count() as u64,
                examples: by_size.iter().take(EXAMPLES).map(|(path, _)| printable(path)).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::record::OwnLines;
    use super::*;

    #[test]
    fn a_dump_counts_little_more_than_the_cap() {
        let work = |added, deleted| OwnLines { added, deleted }.work();
        assert!((work(400, 100) - 450.0).abs() < 1e-9);
        assert!((work(500, 0) - 500.0).abs() < 1e-9);
        assert!(work(172_000, 0) < 1_300.0);
        assert!(work(501, 0) > 500.9);
    }

    #[test]
    fn evenness_is_one_for_equals_and_zero_for_a_lone_worker() {
        for (shares, expected, moved) in [
            (vec![0.25; 4], 1.0, 0.0),
            (vec![1.0, 0.0, 0.0, 0.0], 0.0, 0.75),
            (vec![0.5, 0.5, 0.0], 0.5, 1.0 / 3.0),
            (vec![1.0], 1.0, 0.0),
        ] {
            let (evenness, hands) = evenness(&shares);
            assert!((evenness - expected).abs() < 1e-9 && (hands - moved).abs() < 1e-9, "{shares:?}");
        }
    }
}
