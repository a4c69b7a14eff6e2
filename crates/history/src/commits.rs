//! The measures of single commits, unrounded, for holding them against labels from elsewhere.

use std::collections::BTreeMap;

use git2::Repository;
use serde::Serialize;

use super::dates::rfc3339;
use super::record::{History, Record};
use super::walk;
use super::{atomicity, counted, messages, provenance, standing};
use stackmark_collect::counting::Counting;
use stackmark_collect::{Progress, redact};
use stackmark_evidence::Unreadable;
use stackmark_evidence::git::Head;

/// Decimals of a probability: enough to rank tens of thousands of commits without ties.
const DECIMALS: i32 = 9;

/// What was measured of one commit. Merges are not measured: what they hold was committed elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CommitScores {
    /// Full object id.
    pub sha: String,
    /// Name, as written in the commit.
    pub author: String,
    /// Address, as written in the commit.
    pub email: String,
    /// Author date, RFC 3339 with its offset.
    pub authored_at: String,
    /// First line of the message.
    pub subject: String,
    /// How many.
    pub parents: u64,
    /// Files changed that count.
    pub files: u64,
    /// Lines added in them.
    pub added: u64,
    /// Lines deleted in them.
    pub deleted: u64,
    /// The probability that it holds several changes; `None` for merges and where no line counts.
    pub tangled: Option<f64>,
    /// Why, in words, where there is doubt.
    pub tangled_reasons: Vec<String>,
    /// How good the message is, 0..1; `None` for merges and where its language is not judged.
    pub message: Option<f64>,
    /// Why it is below 1, or why there is none.
    pub message_reasons: Vec<String>,
    /// The probability that the message belongs to this diff and to no other; `None` where `message` is.
    pub rel: Option<f64>,
}

impl CommitScores {
    /// As one line of JSON, secrets taken out.
    ///
    /// # Errors
    /// Where it cannot be written as JSON, which its types rule out.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        redact::redact_json(&mut value);
        Ok(format!("{value}\n"))
    }
}

/// Scores every commit that is reachable from `head` and not from `base_commit`, newest first; beside them the ids of
/// those that cannot be read, each with what is wrong.
///
/// # Errors
/// `Malformed` where the history is cut, or the base commit is not in it.
pub fn score_commits(
    repo: &Repository,
    head: &Head,
    base_commit: Option<&str>,
    folder: Option<&str>,
    progress: &dyn Progress,
) -> Result<(Vec<CommitScores>, Vec<String>), Unreadable> {
    let counting = counted::at(repo, &head.commit, folder, Counting::default());
    let (history, failures) = walk::read_what_is_there(repo, &head.commit, base_commit, folder, &counting, progress)?;
    let tangled = atomicity::rate(&history);
    // Where the starter code is damaged, it is as if there were none.
    let starter = standing::starter_lines(repo, base_commit, folder, &counting).unwrap_or_default();
    let tallies = provenance::trace(&history, &authors(&history), &starter).tallies;
    let messages = messages::rate(&history, &tallies);
    let scored = history.commits.iter().zip(tangled).zip(messages);
    let scores = scored.map(|((commit, tangled), message)| scores_of(commit, tangled, message)).collect();
    Ok((scores, failures.iter().map(|(id, error)| format!("{id}: {}", error.message())).collect()))
}

/// Tells the authors apart by their addresses alone, as there is no roster here.
fn authors(history: &History) -> Vec<usize> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let authors = history.commits.iter().map(|commit| {
        let next = numbers.len();
        *numbers.entry(commit.author.email.to_lowercase()).or_insert(next)
    });
    authors.collect()
}

fn scores_of(commit: &Record, tangled: atomicity::Finding, message: messages::Finding) -> CommitScores {
    let precise = |value: f64| (value * 10_f64.powi(DECIMALS)).round() / 10_f64.powi(DECIMALS);
    let judged = !commit.is_merge() && message.judged;
    CommitScores {
        sha: commit.id.to_string(),
        author: commit.author.name.clone(),
        email: commit.author.email.clone(),
        authored_at: rfc3339(commit.authored),
        subject: commit.subject.clone(),
        parents: commit.parents.len() as u64,
        files: commit.change.files.len() as u64,
        added: commit.change.added(),
        deleted: commit.change.deleted(),
        tangled: atomicity::is_measured(commit).then(|| precise(tangled.tangled)),
        tangled_reasons: tangled.reasons,
        message: judged.then(|| precise(message.score)),
        message_reasons: message.reasons,
        rel: judged.then(|| precise(message.relevance)),
    }
}
