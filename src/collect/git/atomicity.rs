//! Is this commit one change?
//!
//! 1. Units of change and their words ([`super::units`]); `idf(w) = ln((N+1)/(df+1))` over the N commits of the history
//!    (at least 10 are assumed, so that a young repository has rare words, too).
//! 2. Link of two units: `P = σ(−0.45 + 1.5·same_file + 0.8·same_dir + 4.5·subcos + 2.1·best)`; `subcos` is the tf-idf
//!    cosine of identifier parts of changed lines, path and header, `best` the highest idf of a shared identifier
//!    ÷ ln(N+1).
//! 3. Tests (subcos to code ≥ .03), docs (≥ .10) and changelogs follow the code that they go with, and leave.
//! 4. Maximum spanning tree of the rest: `weak` = 1 − its lowest edge; `bal` = max over its edges of
//!    (1−P)·2·(smaller side's part), a unit weighing ln(1+lines). That edge parts the two groups which the finding names.
//! 5. `P(tangled) = σ(−2.6 + 3.7·weak + 3.5·bal + 0.42·ln(1+lines) + 1.0·min(2, declares))`; `declares` counts signs in
//!    the message itself. The score is 1 − P(tangled).
//!
//! Source: the coefficients were fitted on squashed and on single commits of public repositories; AUC .86–.90 on
//! repositories that had no part in it, .95–.96 on hand-labelled student commits. Beside it stands the dump measure: the
//! largest commit's part of all added lines (median of student repositories .16).

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use rayon::prelude::*;
use regex::Regex;

use super::role::Role;
use super::units::Unit;
use super::walk::{History, Record};
use super::words::{Bag, Word, fold};
use super::{regex, rounded};
use crate::evidence::git::{Atomicity, CommitNote, Rated};

/// P(tangled) from which a commit is called several changes.
const TANGLED: f64 = 0.62;
/// P(tangled) from which the doubt is worth a word.
const DOUBTFUL: f64 = 0.4;
/// Commits assumed where the history has fewer.
const MIN_COMMITS: f64 = 10.0;
const TEST_FOLLOWS: f64 = 0.03;
const DOC_FOLLOWS: f64 = 0.10;
/// Commits named in the findings.
const WORST: usize = 10;

/// In how many commits each word stands.
#[derive(Debug, Default)]
struct Frequencies {
    commits: f64,
    identifiers: HashMap<Word, u32>,
    parts: HashMap<Word, u32>,
}

impl Frequencies {
    fn of(history: &History) -> Self {
        let mut all = Self::default();
        let mut count = 0_u32;
        for commit in history.commits.iter().filter(|commit| !commit.is_merge()) {
            count += 1;
            for word in &commit.change.identifiers {
                *all.identifiers.entry(*word).or_default() += 1;
            }
            for word in &commit.change.identifier_parts {
                *all.parts.entry(*word).or_default() += 1;
            }
        }
        all.commits = f64::from(count).max(MIN_COMMITS);
        all
    }

    fn idf(&self, among: &HashMap<Word, u32>, word: Word) -> f64 {
        let df = among.get(&word).copied().unwrap_or(0);
        ((self.commits + 1.0) / (f64::from(df) + 1.0)).ln()
    }
}

/// A unit with its tf-idf vector.
struct Weighed<'u> {
    unit: &'u Unit,
    vector: Vec<(Word, f64)>,
    length: f64,
}

impl<'u> Weighed<'u> {
    fn of(unit: &'u Unit, frequencies: &Frequencies) -> Self {
        let weigh = |(word, count): &(Word, u32)| {
            (*word, (1.0 + f64::from(*count).ln()) * frequencies.idf(&frequencies.parts, *word))
        };
        let vector: Vec<(Word, f64)> = unit.parts.0.iter().map(weigh).collect();
        let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        Self { unit, vector, length }
    }

    fn cosine(&self, other: &Self) -> f64 {
        let (mut left, mut right, mut dot) = (0, 0, 0.0);
        while let (Some(a), Some(b)) = (self.vector.get(left), other.vector.get(right)) {
            match a.0.cmp(&b.0) {
                std::cmp::Ordering::Less => left += 1,
                std::cmp::Ordering::Greater => right += 1,
                std::cmp::Ordering::Equal => {
                    dot += a.1 * b.1;
                    left += 1;
                    right += 1;
                }
            }
        }
        let lengths = self.length * other.length;
        if lengths > 0.0 { dot / lengths } else { 0.0 }
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn best_shared(a: &Bag, b: &Bag, frequencies: &Frequencies) -> f64 {
    let mut best: f64 = 0.0;
    a.shared(b, |word| best = best.max(frequencies.idf(&frequencies.identifiers, word)));
    best / (frequencies.commits + 1.0).ln()
}

/// What a commit's changes say, before the message is asked.
#[derive(Debug, Default, PartialEq)]
struct Structure {
    weak: f64,
    balance: f64,
    /// The files on either side of the edge that parts the commit best.
    groups: Option<(Vec<String>, Vec<String>)>,
}

fn structure_of(units: &[Unit], frequencies: &Frequencies) -> Structure {
    let weighed: Vec<Weighed<'_>> = units.iter().map(|unit| Weighed::of(unit, frequencies)).collect();
    let count = units.len();
    let mut likeness = vec![vec![0.0; count]; count];
    let mut link = vec![vec![1.0; count]; count];
    for i in 0..count {
        for j in 0..i {
            let (a, b) = (&weighed[i], &weighed[j]);
            let cosine = a.cosine(b);
            let same_file = a.unit.file == b.unit.file;
            let same_folder = !same_file && folder_of(&a.unit.path) == folder_of(&b.unit.path);
            let best = best_shared(&a.unit.identifiers, &b.unit.identifiers, frequencies);
            let z = -0.45
                + 1.5 * f64::from(u8::from(same_file))
                + 0.8 * f64::from(u8::from(same_folder))
                + 4.5 * cosine
                + 2.1 * best;
            (likeness[i][j], likeness[j][i]) = (cosine, cosine);
            let probability = sigmoid(z);
            (link[i][j], link[j][i]) = (probability, probability);
        }
    }
    let kept = without_companions(units, &likeness);
    spanning_tree(units, &kept, &link)
}

/// Indices of the units that stay when tests, docs and changelogs have followed the code that they go with.
fn without_companions(units: &[Unit], likeness: &[Vec<f64>]) -> Vec<usize> {
    let is_code = |index: usize| !matches!(units[index].role, Role::Test | Role::Doc);
    let all = 0..units.len();
    if !all.clone().any(is_code) {
        return all.collect();
    }
    all.filter(|index| {
        let to_code = |other: &usize| *other != *index && is_code(*other);
        let nearest = (0..units.len()).filter(to_code).map(|other| likeness[*index][other]).fold(0.0, f64::max);
        match units[*index].role {
            Role::Test => nearest < TEST_FOLLOWS,
            Role::Doc => !CHANGELOG.is_match(&units[*index].path) && nearest < DOC_FOLLOWS,
            _ => true,
        }
    })
    .collect()
}

static CHANGELOG: LazyLock<Regex> =
    LazyLock::new(|| regex("(?i)change(s|log)|history|news|whatsnew|release|contributors|authors"));

fn spanning_tree(units: &[Unit], kept: &[usize], link: &[Vec<f64>]) -> Structure {
    let Some((first, rest)) = kept.split_first() else { return Structure::default() };
    if rest.is_empty() {
        return Structure::default();
    }
    // Prim: the best link of each unit that is not yet in the tree.
    let mut open: Vec<(usize, f64, usize)> = rest.iter().map(|unit| (*unit, link[*first][*unit], *first)).collect();
    let mut edges: Vec<(f64, usize, usize)> = Vec::new();
    while !open.is_empty() {
        let next = (0..open.len())
            .max_by(|a, b| open[*a].1.total_cmp(&open[*b].1).then(open[*b].0.cmp(&open[*a].0)))
            .unwrap_or(0);
        let (unit, strength, parent) = open.swap_remove(next);
        edges.push((strength, parent, unit));
        for (other, best, from) in &mut open {
            if link[unit][*other] > *best {
                (*best, *from) = (link[unit][*other], unit);
            }
        }
    }
    let weight = |unit: usize| (units[unit].lines as f64).ln_1p();
    let total: f64 = kept.iter().map(|unit| weight(*unit)).sum();
    let weakest = edges.iter().map(|edge| edge.0).fold(1.0, f64::min);
    let mut structure = Structure { weak: 1.0 - weakest, ..Structure::default() };
    for (strength, parent, child) in &edges {
        let side = side_of(*child, *parent, &edges);
        let weight_of_side: f64 = side.iter().map(|unit| weight(*unit)).sum();
        let balance = (1.0 - strength) * 2.0 * weight_of_side.min(total - weight_of_side) / total;
        if balance > structure.balance {
            structure.balance = balance;
            let paths = |keep: &dyn Fn(usize) -> bool| -> Vec<String> {
                let paths = kept.iter().filter(|unit| keep(**unit)).map(|unit| units[*unit].path.clone());
                paths.collect::<BTreeSet<_>>().into_iter().collect()
            };
            structure.groups = Some((paths(&|unit| side.contains(&unit)), paths(&|unit| !side.contains(&unit))));
        }
    }
    structure
}

/// The units on `child`'s side when the edge to `parent` is cut.
fn side_of(child: usize, parent: usize, edges: &[(f64, usize, usize)]) -> BTreeSet<usize> {
    let mut side = BTreeSet::from([child]);
    let mut open = vec![child];
    while let Some(unit) = open.pop() {
        for (_, a, b) in edges {
            let other = match (*a == unit, *b == unit) {
                (true, _) => *b,
                (_, true) => *a,
                _ => continue,
            };
            if !(unit == child && other == parent) && side.insert(other) {
                open.push(other);
            }
        }
    }
    side
}

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

/// Rates every commit; merges and commits without changes that count are one change.
pub(super) fn rate(history: &History) -> Vec<Rated> {
    let frequencies = Frequencies::of(history);
    history.commits.par_iter().map(|commit| rate_one(commit, &frequencies)).collect()
}

fn rate_one(commit: &Record, frequencies: &Frequencies) -> Rated {
    if !is_measured(commit) {
        return Rated { score: 1.0, reasons: Vec::new() };
    }
    let structure = structure_of(&commit.change.units, frequencies);
    let declared = declares(&commit.subject, &commit.body);
    let z = -2.6
        + 3.7 * structure.weak
        + 3.5 * structure.balance
        + 0.42 * (commit.change.lines() as f64).ln_1p()
        + f64::from(declared.min(2));
    let tangled = sigmoid(z);
    Rated { score: rounded(1.0 - tangled), reasons: reasons(tangled, &structure, declared, commit.change.lines()) }
}

fn reasons(tangled: f64, structure: &Structure, declared: u32, lines: u64) -> Vec<String> {
    if tangled < DOUBTFUL {
        return Vec::new();
    }
    let verb = if tangled >= TANGLED { "holds" } else { "may hold" };
    let mut reasons = Vec::new();
    match &structure.groups {
        Some((one, other)) if one == other => {
            reasons.push(format!("{verb} two changes in separate places of {}", named(one)));
        }
        Some((one, other)) => {
            reasons.push(format!("{verb} two changes that share few words: {} beside {}", named(one), named(other)));
        }
        None => reasons.push(format!("changes {lines} lines at once")),
    }
    if declared > 0 {
        reasons.push("the message itself names several changes".to_owned());
    }
    reasons
}

fn named(paths: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = paths.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if paths.len() > SHOWN { format!("{shown} and {} more", paths.len() - SHOWN) } else { shown }
}

fn is_measured(commit: &Record) -> bool {
    !commit.is_merge() && commit.change.lines() > 0
}

/// Sums the ratings up; `None` where no commit changed a line that counts.
pub(super) fn summary(history: &History, ratings: &[Rated]) -> Option<Atomicity> {
    let measured: Vec<(&Record, &Rated)> =
        history.commits.iter().zip(ratings).filter(|(commit, _)| is_measured(commit)).collect();
    if measured.is_empty() {
        return None;
    }
    let added: u64 = measured.iter().map(|(commit, _)| commit.change.added()).sum();
    // Of equals the earliest, which is last here.
    let largest = measured.iter().max_by_key(|(commit, _)| commit.change.added());
    let largest_share = |commit: &Record| if added == 0 { 0.0 } else { commit.change.added() as f64 / added as f64 };
    let mut worst = measured.clone();
    worst.sort_by(|a, b| a.1.score.total_cmp(&b.1.score));
    Some(Atomicity {
        commits: measured.len() as u64,
        score: rounded(measured.iter().map(|(_, rated)| rated.score).sum::<f64>() / measured.len() as f64),
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
            .filter(|(_, rated)| !rated.reasons.is_empty())
            .take(WORST)
            .map(|(commit, rated)| note(commit, rated.score, rated.reasons.clone()))
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
    fn medians_of_even_and_odd_counts() {
        assert!((median(vec![3, 1, 2]) - 2.0).abs() < 1e-9);
        assert!((median(vec![4, 1, 2, 3]) - 2.5).abs() < 1e-9);
    }
}
