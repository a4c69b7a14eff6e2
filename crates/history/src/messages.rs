//! Does a message say what changed: specific, readable, relevant?
//!
//! Factors, from 1 down (English, French and Italian):
//!
//! | rule | factor |
//! |---|---|
//! | empty, gibberish | 0 |
//! | no informative word | .08 |
//! | names the file only, with a vague verb or none · precise verb and one file · two | .2 · .6 · .8 |
//! | one informative word (without a verb) · two | .6 (.45) · .85 |
//! | work in progress · imprecise ("some", "various") · no verb | ×.6 · ×.8 · ×.75 |
//! | subject over 72 · over 100 characters | ×.95 · ×.85 |
//! | relation to the diff ([`super::relevance`]) | × (.55 + .45·min(1, rel/.5)) |
//!
//! Bands: poor below .4, fair below .7, good from .7. Source: the project's definition of message quality; AUC .94–.95 of
//! bad against other messages on hand-labelled student commits. Whether a message says *why* is not judged: no rule was
//! found that can.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rayon::prelude::*;
use regex::Regex;

use super::atomicity::note;
use super::attribution::Attribution;
use super::relevance::{self, StemFrequencies, words};
use super::vocabulary::{CHANGE, GENERIC, NOT_VERBS, STOP, VERBS};
use super::walk::{History, Record};
use super::words::fold;
use super::{regex, rounded};
use stackmark_evidence::git::{Messages, Rated};

/// Below this a message is poor.
const FAIR: f64 = 0.4;
/// From here it is good.
const GOOD: f64 = 0.7;
/// Relevance below which the message is told to be unrelated.
const UNRELATED: f64 = 0.25;
const WORST: usize = 10;

static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s*(\[[^\]]{1,30}\]\s*:?\s*|(feat|feature|fix|bugfix|hotfix|docs?|style|refactor|perf|tests?|build|ci|chore|revert|wip|add|update|summary)(\([^)]*\))?\s*!?\s*:\s*|[\w./-]{1,30}:\s+)",
    )
});
/// A type as in Conventional Commits.
static TYPED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s*(feat|feature|fix|bugfix|hotfix|docs?|style|refactor|perf|tests?|build|ci|chore|revert|wip)(\([^)]*\))?\s*!?\s*:",
    )
});
static TICKET: LazyLock<Regex> = LazyLock::new(|| regex(r"#\d+|\b[A-Z]{2,}-\d+\b|https?://\S+|\b[0-9a-f]{7,40}\b"));
static FILE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)[\w-]*\.[A-Za-z][A-Za-z0-9]{0,9}\b|\b(readme|dockerfile|makefile|gitignore|license)\b|[\w.-]+/[\w./-]+|\b(config|configuration|settings|env|environment|requirements) files?\b",
    )
});
static VAGUE_START: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^\W*(updat\w*|chang\w*|modif\w*|edit\w*|fix\w*|maj|mise|mettre|aggiorn\w*|modific\w*|cambi\w*|upload\w*|commit\w*|work\w*|test\w*)\b",
    )
});
static VERB_END: LazyLock<Regex> = LazyLock::new(|| regex(r"(ed|ing|ize|ise|ify|ate|er|re)$"));
static UNFINISHED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)^\W*(wip|work in progress|temp|tmp)\b"));
static IMPRECISE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(some|several|various|misc|few|minor|small|stuff|things|etc|des trucs|varie|quelques|plusieurs|diverses?|alcun[ei]|maybe|probably|hopefully|further|again|works?|working|trying|attempt)\b",
    )
});
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| regex(r"^(tp|lab|v|part|week|day|lot|tpe)?\d+$"));
static TRAILER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?im)^[ \t*>•-]*(?:signed[- ]off[- ]by|co[-_ ]?(?:authored|developed|written)[-_ ]?by|co[- ]?authors?|change-id|(?:reviewed|acked|approved)[- ]by|paired[- ]with)\b.*$",
    )
});

/// What was found of one message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    /// 0..1.
    pub(super) score: f64,
    /// The probability that it belongs to this diff and to no other, 0..1.
    pub(super) relevance: f64,
    /// Why the score is below 1.
    pub(super) reasons: Vec<String>,
}

impl Finding {
    /// As the evidence has it.
    pub(super) fn rated(&self) -> Rated {
        Rated { score: rounded(self.score), reasons: self.reasons.clone() }
    }
}

/// Rates every message; merges rate 1, since git writes theirs.
pub(super) fn rate(history: &History) -> Vec<Finding> {
    let frequencies = StemFrequencies::over(&history.commits);
    history.commits.par_iter().map(|commit| rate_one(commit, &frequencies)).collect()
}

fn rate_one(commit: &Record, frequencies: &StemFrequencies) -> Finding {
    if commit.is_merge() {
        return Finding { score: 1.0, relevance: 1.0, reasons: Vec::new() };
    }
    let mut rated = rate_form(&commit.subject, &commit.body);
    let relevance = relevance::of(&commit.message(), &commit.change.words, frequencies);
    // What says nothing cannot be unrelated as well.
    if rated.informative > 0 {
        rated.score *= 0.55 + 0.45 * (relevance.score / 0.5).min(1.0);
        if relevance.score < UNRELATED {
            rated.reasons.push("almost no word of it occurs in the changed files".to_owned());
        }
        rated.reasons.extend(relevance.missed.iter().map(|claim| format!("{claim}, which the changes do not show")));
    }
    Finding { score: rated.score.clamp(0.0, 1.0), relevance: relevance.score, reasons: rated.reasons }
}

/// A message's rating before it is held against the diff.
#[derive(Debug, Clone, PartialEq)]
struct Form {
    score: f64,
    reasons: Vec<String>,
    /// Words that say what changed.
    informative: usize,
}

impl Form {
    fn hopeless(score: f64, reason: &str) -> Self {
        Self { score, reasons: vec![reason.to_owned()], informative: 0 }
    }
}

fn rate_form(subject: &str, body: &str) -> Form {
    let body = TRAILER.replace_all(body, "");
    if !subject.chars().chain(body.chars()).any(char::is_alphanumeric) {
        return Form::hopeless(0.0, "is empty");
    }
    let core = core_of(subject);
    let lower = fold(&core.to_lowercase()).into_owned();
    let all: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut long = all.iter().filter(|word| word.chars().count() > 2).peekable();
    if long.peek().is_some() && long.all(|word| is_mashed(word)) {
        return Form::hopeless(0.0, "is gibberish");
    }

    let tokens = lower_words(&core);
    let informative_in =
        |text: &str| lower_words(text).into_iter().filter(|w| is_informative(w)).collect::<BTreeSet<_>>();
    let content = informative_in(&core);
    let in_body = informative_in(&TICKET.replace_all(&body, " "));
    let beside_files = informative_in(&FILE_NAME.replace_all(&core, " "));
    let terms = all.iter().filter(|word| is_technical_term(word)).count();
    let informative = content.len() + terms.min(1) + (in_body.len() / 2).min(3);
    let verb = has_verb(&tokens);

    let mut form = Form { score: 1.0, reasons: Vec::new(), informative };
    let lower_to = |form: &mut Form, score: f64, reason: &str| {
        form.score = score;
        form.reasons.push(reason.to_owned());
    };
    if informative == 0 && TYPED.is_match(subject) {
        lower_to(&mut form, 0.08, "has a prefix and nothing after it that says what changed");
    } else if informative == 0 {
        lower_to(&mut form, 0.08, "says only that something changed");
    } else if FILE_NAME.is_match(&core) && beside_files.is_empty() && in_body.len() < 3 {
        if VAGUE_START.is_match(&lower) || !verb {
            lower_to(&mut form, 0.2, "names the file, not the change");
        } else {
            let files = FILE_NAME.find_iter(&core).count();
            lower_to(&mut form, if files >= 2 { 0.8 } else { 0.6 }, "names only the file");
        }
    } else if informative == 1 {
        lower_to(&mut form, if verb { 0.6 } else { 0.45 }, "has one informative word");
    } else if informative == 2 {
        lower_to(&mut form, 0.85, "is short: two informative words");
    }
    style(&mut form, subject, &lower, verb);
    form
}

fn style(form: &mut Form, subject: &str, lower: &str, verb: bool) {
    let mut times = |factor: f64, reason: String| {
        form.score *= factor;
        form.reasons.push(reason);
    };
    if UNFINISHED.is_match(subject) {
        times(0.6, "is marked as work in progress".to_owned());
    }
    if let Some(word) = IMPRECISE.find(lower) {
        times(0.8, format!("is imprecise: “{}”", word.as_str()));
    }
    if form.score > 0.3 && !verb {
        form.score *= 0.75;
        form.reasons.push("has no verb that says what was done".to_owned());
    }
    let length = subject.chars().count();
    if length > 72 {
        form.score *= if length <= 100 { 0.95 } else { 0.85 };
        form.reasons.push(format!("has a subject of {length} characters, more than 72"));
    }
}

/// The subject without its type, scope and ticket numbers; with them, where nothing else is there.
fn core_of(subject: &str) -> String {
    let once = PREFIX.replace(subject, "");
    let twice = PREFIX.replace(&once, "");
    let core = TICKET.replace_all(&twice, " ");
    if core.trim().is_empty() { TICKET.replace_all(subject, " ").into_owned() } else { core.into_owned() }
}

fn lower_words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    words(text, |word| found.push(word.to_lowercase()));
    found
}

fn is_informative(word: &str) -> bool {
    !STOP.contains(word) && !CHANGE.contains(word) && !GENERIC.contains(word)
}

/// `ec2`, `s3`, `8080`'s neighbours: a digit and a letter, and not `tp2` or `v3`.
fn is_technical_term(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit()) && word.len() >= 2 && !NUMBERED.is_match(word)
}

/// What follows an imperative and hardly ever a noun that begins a subject.
const AFTER_A_VERB: [&str; 14] =
    ["the", "a", "an", "each", "every", "what", "how", "its", "our", "their", "whether", "more", "only", "no"];

/// Whether a word of change stands in it, a form that verbs have, or a first word that verbs are known or seen to be.
fn has_verb(tokens: &[String]) -> bool {
    let imperative =
        |pair: &[String]| AFTER_A_VERB.contains(&pair[1].as_str()) && !NOT_VERBS.contains(pair[0].as_str());
    tokens.get(..2).is_some_and(imperative)
        || tokens.iter().any(|token| CHANGE.contains(token.as_str()) && !NOT_VERBS.contains(token.as_str()))
        || tokens.iter().take(2).any(|token| VERB_END.is_match(token))
        || tokens.first().is_some_and(|token| VERBS.contains(token.as_str()))
}

/// Keys next to each other, one letter again and again, or no vowel at all.
fn is_mashed(word: &str) -> bool {
    const ROWS: [&str; 6] = ["qwertyuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "wxcvbn"];
    const RUN: usize = 4;
    if !word.chars().all(char::is_alphabetic) {
        return false;
    }
    let letters: Vec<char> = word.chars().collect();
    if letters.windows(RUN).any(|window| window.iter().all(|letter| *letter == window[0])) {
        return true;
    }
    let on_a_row = |window: &[char]| {
        let forth: String = window.iter().collect();
        let back: String = window.iter().rev().collect();
        ROWS.iter().any(|row| row.contains(&forth) || row.contains(&back))
    };
    letters.windows(RUN).any(on_a_row)
        || (letters.len() >= 5 && !letters.iter().any(|letter| "aeiouy".contains(*letter)))
}

/// Sums the ratings up; `None` where there is no message but those of merges, of programs, and of what changes nothing.
pub(super) fn summary(history: &History, attributions: &[Attribution], findings: &[Finding]) -> Option<Messages> {
    let mut measured: Vec<(&Record, &Finding)> = (history.commits.iter().zip(attributions).zip(findings))
        .filter(|((_, attribution), _)| attribution.is_act())
        .map(|((commit, _), found)| (commit, found))
        .collect();
    if measured.is_empty() {
        return None;
    }
    let count =
        |keep: &dyn Fn(f64) -> bool| measured.iter().filter(|(_, found)| keep(rounded(found.score))).count() as u64;
    let (poor, good) = (count(&|score| score < FAIR), count(&|score| score >= GOOD));
    let commits = measured.len() as u64;
    let score = rounded(measured.iter().map(|(_, found)| found.score).sum::<f64>() / commits as f64);
    measured.sort_by(|a, b| a.1.score.total_cmp(&b.1.score));
    Some(Messages {
        commits,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_factors_holds() {
        for (subject, body, low, high) in [
            ("", "", 0.0, 0.0),
            ("...", "", 0.0, 0.0),
            ("asdfgh", "", 0.0, 0.0),
            ("update", "", 0.08, 0.08),
            ("fix bug", "", 0.08, 0.08),
            ("mise à jour", "", 0.08, 0.08),
            ("modifiche varie", "", 0.0, 0.08),
            ("Update run.sh", "", 0.2, 0.2),
            ("update readme.md", "", 0.2, 0.2),
            ("Rename setup.py to deploy.py", "", 0.8, 0.8),
            ("Add benchmark", "", 0.6, 0.6),
            ("wip load balancer listener rules", "", 0.0, 0.6),
            ("Register the instances with both target groups", "", 1.0, 1.0),
            ("Mend the listener rules of both clusters", "", 1.0, 1.0),
            ("Rules and target groups of both clusters", "", 0.75, 0.75),
            ("Ajoute les règles du répartiteur de charge", "", 1.0, 1.0),
            ("Aggiunge il gruppo di sicurezza del bilanciatore", "", 0.7, 1.0),
            ("feat(alb): route /cluster1 to the m4 target group", "", 0.85, 1.0),
        ] {
            let form = rate_form(subject, body);
            assert!((low - 1e-9..=high + 1e-9).contains(&form.score), "{subject}: {form:?}");
        }
    }

    #[test]
    fn trailers_say_nothing_of_the_change() {
        for trailer in [
            "Co-authored-by: Ben Okafor <ben@uni.example>",
            "co authored by: Ben Okafor",
            "* Co-Developed-By : Ben Okafor",
            "Acked-by: Ben Okafor",
        ] {
            assert_eq!(rate_form("update", trailer), rate_form("update", ""), "{trailer}");
        }
    }

    #[test]
    fn long_subjects_and_vague_words_are_told() {
        let long = "Register every instance of the first cluster with the target group that the listener forwards to";
        assert!(rate_form(long, "").reasons.iter().any(|reason| reason.contains("more than 72")));
        let vague = rate_form("Fix some listener rules of the balancer", "");
        assert!(vague.reasons.iter().any(|reason| reason == "is imprecise: “some”"), "{vague:?}");
    }
}
