//! Is this commit one change?
//!
//! 1. Units of change and their words ([`super::units`]), and how likely each two belong to one concern
//!    ([`super::link`]).
//! 2. Tests, docs and changelogs follow the code that they go with, and leave ([`super::split`]).
//! 3. Maximum spanning tree of the rest: `weak` = 1 − its lowest link, `mean` the mean of 1 − its links (where all are
//!    weak, words are scarce and say less), `parted` = max over its links of (1−P)·√(2·smaller side's part), a unit
//!    weighing ln(1+lines). That link parts the two groups which the finding names.
//! 4. `P(tangled) = σ(−2.87 + 2.60·weak + 4.08·parted − 1.51·mean + 0.48·ln(1+lines) − 0.28·ln(1+files) +
//!    1.0·min(2, signs))`; `signs` counts those in the message that it does several things, and one where a file
//!    that nobody wrote comes along with lines that somebody did: a state file, bytecode, a table of results. The score is
//!    1 − P(tangled).
//!
//! Source: both sets of weights are logistic regressions on single commits of public repositories against squashes of two
//! to four of them (pytest, notifications-api, flaskbb, govuk-frontend, express, jj, ripgrep, govuk-aws and six
//! repositories of cloud courses), sizes as they occur counting four times those matched on size. The weight of a sign is
//! set by hand, since a squash has the message of one of its parts. Fitted on two thirds of these repositories and measured
//! on the last third: AUC .89 over sizes as they occur, .79 where single and squashed commits have the same size, .65 where
//! the squashed ones are neighbours by one author as well. Ten other courses' repositories had no part in the weights;
//! the constant was moved by .2 so that .62 parts their 56 hand-labelled commits best, and two rules, for new repositories
//! and for stray files, were written after reading errors on them: AUC .94. Beside it stands the dump measure: the largest commit's part of all added lines (median of student repositories .16).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rayon::prelude::*;
use regex::Regex;

use super::attribution::Attribution;
use super::diff::Status;
use super::link::{Frequencies, Links, sigmoid};
use super::split::{self, Structure};
use super::units::Unit;
use super::walk::{History, Record};
use super::words::fold;
use super::{concerns, regex, rounded};
use stackmark_collect::classify::junk_kind;
use stackmark_evidence::git::{Atomicity, CommitNote, Rated};

/// P(tangled) from which a commit is called several changes.
const TANGLED: f64 = 0.62;
/// P(tangled) from which the doubt is worth a word.
const DOUBTFUL: f64 = 0.4;
const BIAS: f64 = -2.87;
const WEAK: f64 = 2.60;
const PARTED: f64 = 4.08;
const MEAN_WEAK: f64 = -1.51;
const LINES: f64 = 0.48;
const FILES: f64 = -0.28;
const SIGN: f64 = 1.0;
const MAX_SIGNS: u32 = 2;
/// Commits named in the findings.
const WORST: usize = 10;

const VERB: &str = r"(?:add|fix|remov|updat|chang|refactor|renam|mov|improv|clean|implement|creat|delet|replac|made|mak|us|support|allow|enabl|disabl|extract|introduc|convert|rewr|document|test|drop|correct|resolv|prevent|handl|tweak|simplif|switch|relocat|upgrad|bump|start|ajout|supprim|corrig|modif|aggiun|corrett|rimoss|sistemat)\w*";
static TWO_VERBS: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?i)\b{VERB}\b[^.;\n]*?(?:,|;|\band\b|&|\+|\bet\b|\be\b|\bplus\b|\bthen\b|\balso\b|\. )\s*(?:also |then |puis |poi |some |minor |small )?{VERB}\b"
    ))
});
static BULLET: LazyLock<Regex> = LazyLock::new(|| regex(r"(?m)^\s*([-*•]|\d+[.)])\s+\S"));
static SEVERAL: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(also|various|misc|several|aussi|inoltre|plusieurs|varie|some (fixes|changes|refactoring))\b")
});
static TICKET: LazyLock<Regex> = LazyLock::new(|| regex(r"#\d+|\b[A-Z]{2,}-\d+"));

/// How many signs the message itself gives that the commit does several things.
fn declares(subject: &str, body: &str) -> u32 {
    let (subject, body) = (fold(subject), fold(body));
    let tickets: BTreeSet<&str> = TICKET.find_iter(&subject).map(|ticket| ticket.as_str()).collect();
    [
        TWO_VERBS.is_match(&subject),
        subject.contains(';'),
        BULLET.find_iter(&body).count() >= 2,
        SEVERAL.is_match(&subject) || SEVERAL.is_match(&body),
        tickets.len() >= 2,
    ]
    .into_iter()
    .map(u32::from)
    .sum()
}

/// What was found of one commit.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Finding {
    /// The probability that it holds several changes, 0..1.
    pub(super) tangled: f64,
    /// Why, where there is doubt.
    pub(super) reasons: Vec<String>,
    /// What it touches, the most first.
    concerns: Vec<String>,
    /// The two commits that it could have been.
    split: Vec<Vec<String>>,
}

impl Finding {
    /// As the evidence has it.
    pub(super) fn rated(&self) -> Rated {
        Rated { score: rounded(1.0 - self.tangled), reasons: self.reasons.clone() }
    }
}

/// Judges every commit; merges and commits without changes that count are one change.
pub(super) fn rate(history: &History) -> Vec<Finding> {
    let frequencies = Frequencies::of(history);
    let judge = |(position, commit)| judge_one(commit, position, &frequencies);
    history.commits.par_iter().enumerate().map(judge).collect()
}

fn judge_one(commit: &Record, position: usize, frequencies: &Frequencies) -> Finding {
    if !is_measured(commit) {
        return Finding::default();
    }
    let units = &commit.change.units;
    let structure = split::structure_of(units, &Links::of(commit, position, frequencies));
    let declared = declares(&commit.subject, &commit.body);
    let stray = stray_file(commit);
    let signs = declared + u32::from(stray.is_some());
    let z = BIAS
        + WEAK * structure.weak
        + PARTED * structure.parted
        + MEAN_WEAK * structure.mean_weak
        + LINES * (commit.change.lines() as f64).ln_1p()
        + FILES * (commit.change.files.len() as f64).ln_1p()
        + SIGN * f64::from(signs.min(MAX_SIGNS));
    let tangled = sigmoid(z);
    if tangled < DOUBTFUL {
        return Finding { tangled, ..Finding::default() };
    }
    let mut reasons = vec![reason(tangled, &structure, units, commit.change.lines())];
    if declared > 0 {
        reasons.push("the message itself names several changes".to_owned());
    }
    if let Some((path, kind)) = stray {
        reasons.push(format!("commits {path} ({kind}) along with it"));
    }
    Finding { tangled, reasons, concerns: concerns::of(units), split: split::parts_of(units, &structure) }
}

/// A file that nobody wrote and that came along, with what it is: the first by path. Generated files and data may change
/// with the work that they stem from; a state file or bytecode never belongs to it.
fn stray_file(commit: &Record) -> Option<(String, &'static str)> {
    let mut excluded = commit.change.excluded.iter().filter(|file| file.status != Status::Deleted);
    let stray = excluded.find(|file| match file.reason {
        "generated" | "data" | "vendored" => file.status == Status::Added || junk_kind(&file.path).is_some(),
        _ => false,
    })?;
    Some((super::walk::printable(&stray.path), stray.reason))
}

/// How the structure speaks against one change.
fn reason(tangled: f64, structure: &Structure, units: &[Unit], lines: u64) -> String {
    let verb = if tangled >= TANGLED { "holds" } else { "may hold" };
    if structure.side.is_empty() {
        return format!("changes {lines} lines at once");
    }
    let paths = |part: &[usize]| part.iter().map(|unit| units[*unit].path.as_str()).collect::<BTreeSet<_>>();
    let (one, other) = (paths(&structure.side), paths(&structure.rest));
    if one == other {
        return format!("{verb} two changes in separate places of {}", named(&one));
    }
    format!("{verb} two changes that share few words: {} beside {}", named(&one), named(&other))
}

fn named(paths: &BTreeSet<&str>) -> String {
    const SHOWN: usize = 3;
    let shown = paths.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if paths.len() > SHOWN { format!("{shown} and {} more", paths.len() - SHOWN) } else { shown }
}

/// Whether it is asked at all if the commit is one change.
pub(super) fn is_measured(commit: &Record) -> bool {
    !commit.is_merge() && commit.change.lines() > 0
}

/// Sums the findings up; `None` where no commit is a person's work.
pub(super) fn summary(history: &History, attributions: &[Attribution], findings: &[Finding]) -> Option<Atomicity> {
    let measured: Vec<(&Record, &Finding)> = (history.commits.iter().zip(attributions).zip(findings))
        .filter(|((commit, attribution), _)| is_measured(commit) && attribution.is_work())
        .map(|((commit, _), found)| (commit, found))
        .collect();
    if measured.is_empty() {
        return None;
    }
    let added: u64 = measured.iter().map(|(commit, _)| commit.change.added()).sum();
    // Of equals the earliest, which is last here.
    let largest = measured.iter().max_by_key(|(commit, _)| commit.change.added());
    let largest_share = |commit: &Record| if added == 0 { 0.0 } else { commit.change.added() as f64 / added as f64 };
    let mut worst = measured.clone();
    worst.sort_by(|a, b| b.1.tangled.total_cmp(&a.1.tangled));
    Some(Atomicity {
        commits: measured.len() as u64,
        score: rounded(weighed_mean(measured.iter().map(|(commit, found)| (1.0 - found.tangled, weight(commit))))),
        largest_share: rounded(largest.map_or(0.0, |(commit, _)| largest_share(commit))),
        largest: largest.map(|(commit, _)| {
            let share = rounded(largest_share(commit));
            let words = format!("{} of the {added} lines that were ever added", commit.change.added());
            note(commit, share, vec![words])
        }),
        median_files: median(measured.iter().map(|(commit, _)| commit.change.files.len() as u64).collect()),
        median_lines: median(measured.iter().map(|(commit, _)| commit.change.lines()).collect()),
        worst: worst
            .iter()
            .filter(|(_, found)| !found.reasons.is_empty())
            .take(WORST)
            .map(|(commit, found)| CommitNote {
                concerns: found.concerns.clone(),
                split: found.split.clone(),
                ..note(commit, rounded(1.0 - found.tangled), found.reasons.clone())
            })
            .collect(),
    })
}

/// A hundred lines weigh ten times as much as one: a dump does not hide behind a handful of small fixes, and one large
/// commit does not outweigh weeks.
fn weight(commit: &Record) -> f64 {
    commit.change.own.work().max(1.0).sqrt()
}

/// The mean of values with their weights, which are not all zero.
fn weighed_mean(values: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (sum, weights) =
        values.fold((0.0, 0.0), |(sum, weights), (value, weight)| (sum + value * weight, weights + weight));
    sum / weights
}

/// A commit as findings name it.
pub(super) fn note(commit: &Record, score: f64, reasons: Vec<String>) -> CommitNote {
    CommitNote {
        commit: commit.id.to_string(),
        subject: commit.subject.clone(),
        files: commit.change.files.len() as u64,
        lines: commit.change.lines(),
        score,
        reasons,
        concerns: Vec::new(),
        split: Vec::new(),
    }
}

fn median(mut values: Vec<u64>) -> f64 {
    values.sort_unstable();
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[middle] as f64,
        _ => (values[middle - 1] + values[middle]) as f64 / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_name_several_changes_are_noticed() {
        for (subject, body, signs) in [
            ("Add the load balancer", "", 0),
            ("Fix login and add dark mode", "", 1),
            ("Ajoute le cluster et corrige le README", "", 1),
            ("Fix typo; bump boto3", "", 2),
            ("Deploy", "- vpc\n- alb\n", 1),
            ("Close #12 and #13", "", 1),
        ] {
            assert_eq!(declares(subject, body), signs, "{subject}");
        }
    }

    #[test]
    fn a_dump_does_not_hide_behind_small_fixes() {
        let small = std::iter::repeat_n((0.97, 2.0_f64.sqrt()), 7);
        let mean = weighed_mean(small.chain([(0.05, 777.0_f64.sqrt())]));
        assert!((0.2..0.4).contains(&mean), "{mean}");
    }

    #[test]
    fn medians_of_even_and_odd_counts() {
        assert!((median(vec![3, 1, 2]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4, 1, 2, 3]) - 2.5).abs() < 1e-9);
    }
}
