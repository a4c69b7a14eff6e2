//! Is this commit one change?
//!
//! 1. Units of change and their words ([`super::units`]), and how likely each two belong to one concern
//!    ([`super::link`]).
//! 2. Tests, docs and changelogs follow the code that they go with, and leave ([`super::split`]).
//! 3. Maximum spanning tree of the rest, held together by the tests and docs that left where these go with both sides:
//!    `weak` = 1 − its lowest link, `mean` the mean of 1 − its links (where all are weak, words are scarce and say less),
//!    `parted` = max over its links of (1−P)·√(2·smaller side's part), a unit weighing ln(1+lines). That link parts the two
//!    groups which the finding names. `spread` is how much the units differ in adding or taking away, `told` how much of
//!    what the message says of these groups it says of both ([`split::told_of_both`]).
//! 4. `P(tangled) = σ(−3.67 + 1.89·weak + 4.36·parted − 0.81·mean + 0.51·ln(1+lines) + 1.05·spread − 0.71·changelog −
//!    0.60·told + 1.0·min(2, signs))`; `signs` counts those in the message that it does several things, and one where
//!    a file of a junk kind comes along with the work: a state file, bytecode, an editor's settings. A picture, a table or
//!    a snapshot that came with its code is no sign. The score is 1 − P(tangled).
//! 5. **The team's score** weighs each commit by its work as the work ledger has it ([`super::contribution`]): fully up to
//!    500 lines and little beyond. One dump among seven one-line fixes is most of the work, and most of the score.
//!
//! Source: both sets of weights are logistic regressions on single commits of public repositories against squashes of two
//! to four of them (pytest, notifications-api, flaskbb, govuk-frontend, express, jj, ripgrep, govuk-aws and six
//! repositories of cloud courses), sizes as they occur counting six times those matched on size. The weight of a sign is
//! set by hand, since a squash has the message of one of its parts; `told` is as high under the messages of all parts in
//! a row, which what the message says of one side alone is not. Left out one repository at a time: AUC .90 over sizes as
//! they occur, .82 where single and squashed commits have the same size, .66 where the squashed ones are neighbours by one
//! author as well.
//!
//! The constant is .2 lower than fitted, and .55 the threshold: set on 151 commits of fifteen course repositories that
//! were labelled by hand (`benches/atomicity.md`), drawn alike from doubtful and from clear commits and weighed here as
//! commits occur. There the probability says too much rather than too little; on 53 other labelled commits it fits:
//!
//! | P(tangled) from | 0 | .2 | .4 | .6 | .8 |
//! |---|---|---|---|---|---|
//! | several changes, 53 labels | .00 | .25 | .43 | .75 | 1.00 |
//! | several changes, 151 labels | .07 | .08 | .27 | .32 | .50 |
//!
//! AUC .96 and F1 .86 at the threshold over the 53, which were looked at while features were chosen; .78 and .44 over the
//! 151, whose reader asks for two commits more seldom. Beside it stands the dump measure: the largest commit's part of all
//! added lines (median of student repositories .16).
//!
//! Tried, and no better on repositories left out: the links' weights fitted anew through the tree, 23 further features of a
//! pair (nearness, context, definitions and uses, containment, the sizes of both), links between whole files or between the
//! two sides as wholes, the second and third best cut, and counts of files, folders and kinds. What the message says more of
//! one side than of the other gains as much, and only under the messages that squashes have here.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rayon::prelude::*;
use regex::Regex;

use super::attribution::Attribution;
use super::diff::{OUTSIDE, Status};
use super::link::{Frequencies, Links, sigmoid};
use super::record::{History, Record};
use super::split::{self, Structure};
use super::units::{Unit, parts_of_text};
use super::words::fold;
use super::{concerns, form, regex, rounded};
use stackmark_collect::classify::junk_kind;
use stackmark_evidence::git::{Atomicity, CommitNote, Rated};

/// P(tangled) from which a commit is called several changes.
const TANGLED: f64 = 0.55;
/// P(tangled) from which the doubt is worth a word.
const DOUBTFUL: f64 = 0.38;
const BIAS: f64 = -3.67;
const WEAK: f64 = 1.89;
const PARTED: f64 = 4.36;
const MEAN_WEAK: f64 = -0.81;
const LINES: f64 = 0.51;
const SPREAD: f64 = 1.05;
const CHANGELOG: f64 = -0.71;
const TOLD_OF_BOTH: f64 = -0.60;
const SIGN: f64 = 1.0;
const MAX_SIGNS: u32 = 2;
/// Commits named in the findings.
const WORST: usize = 10;

const VERB: &str = r"(?:add|fix|remov|updat|chang|refactor|renam|mov|improv|clean|implement|creat|delet|replac|made|mak|us|support|allow|enabl|disabl|extract|introduc|convert|rewr|document|test|drop|correct|resolv|prevent|handl|tweak|simplif|switch|relocat|upgrad|bump|start|ajout|supprim|corrig|modif|aggiun|corrett|rimoss|sistemat)\w*";
static TWO_VERBS: LazyLock<Regex> = LazyLock::new(|| {
    regex(&format!(
        r"(?i)\b{VERB}\b(?:[^.;\n]|\.\w)*?(?:,|;|\band\b|&|\+|\bet\b|\be\b|\bplus\b|\bthen\b|\balso\b|\. )\s*(?:also |then |puis |poi |some |minor |small )?{VERB}\b"
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
        Rated { score: rounded(1.0 - self.tangled), reasons: self.reasons.clone(), judged: true }
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
    let structure = split::structure_of(units, &Links::of(commit, position, frequencies), commit.parents.is_empty());
    let message = parts_of_text(&format!("{}\n{}", commit.subject, form::without_trailers(&commit.body)));
    let told = split::told_of_both(units, &structure, &message, |word| frequencies.rarity_of_part(word));
    let declared = declares(&commit.subject, &commit.body);
    let stray = stray_file(commit);
    let signs = declared + u32::from(stray.is_some());
    let z = BIAS
        + WEAK * structure.weak
        + PARTED * structure.parted
        + MEAN_WEAK * structure.mean_weak
        + LINES * (commit.change.lines() as f64).ln_1p()
        + SPREAD * structure.spread
        + CHANGELOG * f64::from(u8::from(structure.has_changelog))
        + TOLD_OF_BOTH * told
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

/// A file of a junk kind that came along, with its kind: the first by path. A picture, a table of results, a lock file or
/// a generated client may change with the work that it belongs to; a state file or bytecode never belongs to any.
fn stray_file(commit: &Record) -> Option<(String, &'static str)> {
    let excluded = commit.change.excluded.iter();
    let mut home = excluded.filter(|file| file.status != Status::Deleted && file.reason != OUTSIDE);
    home.find_map(|file| junk_kind(&file.path).map(|kind| (super::printed::printable(&file.path), kind)))
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

/// What a commit weighs in the team's score: its work, capped. Where all its lines were only moved or brought back, it
/// still is a commit.
fn weight(commit: &Record) -> f64 {
    commit.change.own.work().max(1.0)
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
    // A merge holds as many lines as stand in none of its parents: a dump is one there as well.
    let in_merges = history.commits.iter().zip(attributions);
    let in_merges = in_merges.filter(|(commit, attribution)| commit.is_merge() && attribution.is_writing(commit));
    let by_size: Vec<(&Record, u64)> = (in_merges.map(|(commit, _)| (commit, commit.change.own.added)))
        .chain(measured.iter().map(|(commit, _)| (*commit, commit.change.added())))
        .collect();
    let added: u64 = by_size.iter().map(|(_, lines)| lines).sum();
    // Of equals the earliest, which is last here.
    let largest = by_size.iter().max_by_key(|(_, lines)| *lines);
    let share_of = |lines: u64| if added == 0 { 0.0 } else { lines as f64 / added as f64 };
    let all_work: f64 = measured.iter().map(|(commit, _)| weight(commit)).sum();
    let part = |commit: &Record| weight(commit) / all_work;
    let score: f64 = measured.iter().map(|(commit, found)| part(commit) * (1.0 - found.tangled)).sum();
    let plain = measured.iter().map(|(_, found)| 1.0 - found.tangled).sum::<f64>() / measured.len() as f64;
    let mut worst = measured.clone();
    // What costs the team's score most.
    worst.sort_by(|a, b| (part(b.0) * b.1.tangled).total_cmp(&(part(a.0) * a.1.tangled)));
    Some(Atomicity {
        commits: measured.len() as u64,
        score: rounded(score),
        unweighed: Some(rounded(plain)),
        largest_share: rounded(largest.map_or(0.0, |(_, lines)| share_of(*lines))),
        largest: largest.map(|(commit, lines)| {
            let words = format!("{lines} of the {added} lines that were ever added");
            let note = note(commit, rounded(share_of(*lines)), vec![words]);
            if commit.is_merge() {
                let own = commit.change.merged.iter().filter(|file| file.own_lines().is_some());
                CommitNote { files: own.count() as u64, lines: *lines, ..note }
            } else {
                note
            }
        }),
        median_files: median(measured.iter().map(|(commit, _)| commit.change.files.len() as u64).collect()),
        median_lines: median(measured.iter().map(|(commit, _)| commit.change.lines()).collect()),
        worst: worst
            .iter()
            .filter(|(_, found)| !found.reasons.is_empty())
            .take(WORST)
            .map(|(commit, found)| CommitNote {
                weight: Some(rounded(part(commit))),
                concerns: found.concerns.clone(),
                split: found.split.clone(),
                ..note(commit, rounded(1.0 - found.tangled), found.reasons.clone())
            })
            .collect(),
    })
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
        weight: None,
        better: None,
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
            ("Updated README.md, fixed src/cloudwatch.py errors", "", 1),
            ("Update README.md for boto3 1.34. And so on", "", 0),
        ] {
            assert_eq!(declares(subject, body), signs, "{subject}");
        }
    }

    #[test]
    fn medians_of_even_and_odd_counts() {
        assert!((median(vec![3, 1, 2]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4, 1, 2, 3]) - 2.5).abs() < 1e-9);
    }
}
