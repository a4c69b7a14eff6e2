//! Does a message say what changed: specific, readable, relevant?
//!
//! Factors, from 1 down (English, French and Italian):
//!
//! | rule | factor |
//! |---|---|
//! | empty, gibberish | 0 |
//! | no informative word; the text that a tool writes by itself | .08 |
//! | names the file only, with a vague verb or none · precise verb and one file · two | .2 · .6 · .8 |
//! | one informative word (without a verb) · two | .6 (.45) · .85 |
//! | work in progress · imprecise ("some", "various") · no verb | ×.6 · ×.8 · ×.75 |
//! | subject over 72 · over 100 characters | ×.95 · ×.85 |
//! | relation to the diff ([`super::relevance`]) | × (.55 + .45·min(1, rel/.4)) |
//!
//! The rows above the last are [`super::form`]'s. Bands: poor below .4, fair below .7, good from .7. A message in another
//! language is not judged ([`super::languages`]), nor one below good of which no word is in a list or in the diff.
//!
//! Source: the project's definition of message quality; AUC .93 of bad against other messages on hand-labelled student
//! commits. Whether a message says *why* is not judged: no rule was found that can.

use rayon::prelude::*;
use stackmark_collect::classify::BOILERPLATE;

use super::atomicity::note;
use super::attribution::{Attribution, by_nobody_known};
use super::form;
use super::languages::{self, Language};
use super::provenance::Tally;
use super::record::{History, Record};
use super::relevance::{self, StemFrequencies};
use super::rounded;
use stackmark_evidence::git::{Messages, Rated};
use stackmark_evidence::{Cause, Reading};

/// Below this a message is poor.
const FAIR: f64 = 0.4;
/// From here it is good.
const GOOD: f64 = 0.7;
/// Relevance from which the relation to the diff takes nothing off: a quarter of commits' own messages are below.
const RELATED: f64 = 0.4;
/// Relevance below which the message is told to be unrelated: a tenth of commits' own messages are.
const UNRELATED: f64 = 0.15;
const WORST: usize = 10;

/// What was found of one message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    /// 0..1; 1 where it is not judged.
    pub(super) score: f64,
    /// The probability that it belongs to this diff and to no other, 0..1.
    pub(super) relevance: f64,
    /// Whether it is in a language that is judged.
    pub(super) judged: bool,
    /// Why the score is below 1, or why there is none.
    pub(super) reasons: Vec<String>,
}

impl Finding {
    /// As the evidence has it.
    pub(super) fn rated(&self) -> Rated {
        Rated { score: rounded(self.score), reasons: self.reasons.clone(), judged: self.judged }
    }
}

/// Rates every message; merges rate 1, since git writes theirs. `tallies` has what became of each commit's lines.
///
/// Whoever runs a formatter over all files takes no word from the messages of the others: such a commit is left out of how
/// often words occur.
pub(super) fn rate(history: &History, tallies: &[Tally]) -> Vec<Finding> {
    let is_new = |(commit, tally): &(&Record, &Tally)| commit.change.files.is_empty() || tally.acts > 0;
    let commits = history.commits.iter().zip(tallies).filter(is_new).map(|(commit, _)| commit);
    let frequencies = StemFrequencies::over(commits);
    history.commits.par_iter().map(|commit| rate_one(commit, &frequencies)).collect()
}

fn rate_one(commit: &Record, frequencies: &StemFrequencies) -> Finding {
    if commit.is_merge() {
        return Finding { score: 1.0, relevance: 1.0, judged: true, reasons: Vec::new() };
    }
    let message = commit.message();
    // A co-author's name is in no language.
    let text = format!("{}\n{}", commit.subject, form::without_trailers(&commit.body));
    let relevance = relevance::of(&message, &commit.change.words, frequencies);
    let language = match languages::of(&text) {
        Language::Known if !relevance.is_shared && languages::has_no_known_word(&text) => Language::Mixed,
        language => language,
    };
    let mut rated = form::rate(&commit.subject, &commit.body, relevance.literals);
    // What says nothing cannot be unrelated as well, and of a commit of ignore lists and the like no line was read.
    let excluded = &commit.change.excluded;
    let is_unread = commit.change.files.is_empty()
        && !excluded.is_empty()
        && excluded.iter().all(|file| file.reason == BOILERPLATE);
    if rated.informative > 0 && !is_unread {
        rated.score *= 0.55 + 0.45 * (relevance.score / RELATED).min(1.0);
        if relevance.score < UNRELATED {
            rated.reasons.push("almost no word of it occurs in the changed files".to_owned());
        }
        rated.reasons.extend(relevance.missed.iter().map(|claim| format!("{claim}, which the changes do not show")));
    }
    let score = rated.score.clamp(0.0, 1.0);
    if language == Language::Unknown || (language == Language::Mixed && rounded(score) < GOOD) {
        let reasons = vec!["is in a language that is not judged".to_owned()];
        return Finding { score: 1.0, relevance: relevance.score, judged: false, reasons };
    }
    Finding { score, relevance: relevance.score, judged: true, reasons: rated.reasons }
}

/// Sums the ratings up; absent where there is no message but those of merges, of programs, and of what changes nothing;
/// unreadable where none is in a language that is judged.
pub(super) fn summary(history: &History, attributions: &[Attribution], findings: &[Finding]) -> Reading<Messages> {
    let written = (history.commits.iter().zip(attributions).zip(findings))
        .filter(|((_, attribution), _)| attribution.is_act())
        .map(|((commit, _), found)| (commit, found));
    let (mut measured, others): (Vec<(&Record, &Finding)>, Vec<_>) = written.partition(|(_, found)| found.judged);
    if measured.is_empty() && others.is_empty() {
        return by_nobody_known(attributions).map_or_else(
            || Reading::absent("the history has no commit by a person that changed anything, but merges"),
            Reading::Unreadable,
        );
    }
    if measured.is_empty() {
        let count = others.len();
        return Reading::unreadable(
            Cause::Refused,
            format!("none of the {count} messages is in a language that is judged: English, French or Italian"),
        );
    }
    let count =
        |keep: &dyn Fn(f64) -> bool| measured.iter().filter(|(_, found)| keep(rounded(found.score))).count() as u64;
    let (poor, good) = (count(&|score| score < FAIR), count(&|score| score >= GOOD));
    let commits = measured.len() as u64;
    let score = rounded(measured.iter().map(|(_, found)| found.score).sum::<f64>() / commits as f64);
    measured.sort_by(|a, b| a.1.score.total_cmp(&b.1.score));
    Reading::observed(Messages {
        commits,
        not_judged: others.len() as u64,
        score,
        poor,
        fair: commits - poor - good,
        good,
        worst: measured
            .iter()
            .filter(|(_, found)| rounded(found.score) < GOOD)
            .take(WORST)
            .map(|(commit, found)| note(commit, rounded(found.score), found.reasons.clone()))
            .collect(),
    })
}
