//! All teams of a run, beside each other.

use serde::Serialize;
use stackmark_evidence::Tool;
use stackmark_judge::Sentences;
use stackmark_judge::scorecard::RubricStamp;

use super::reasons::{About, Reason};
use super::summary::{Standing, Summary};
use crate::escape::clean;

/// A class, as its page and its table show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Class {
    /// The program.
    pub tool: Tool,
    /// The rubric that most teams were judged by.
    pub rubric: RubricStamp,
    /// When the run began, RFC 3339, UTC.
    pub started_at: String,
    /// When it ended; `None` while teams are left.
    pub finished_at: Option<String>,
    /// In the roster's order.
    pub teams: Vec<Summary>,
    /// What stands in the way of all teams alike, in words, and is said once.
    pub common: Vec<String>,
    /// Files that several teams have: lines, then team and path of each.
    pub shared: Vec<(u64, Vec<(String, String)>)>,
}

impl Class {
    /// Takes what all teams have in common out of their reasons: an expired session is one line, not forty.
    pub fn say_once(&mut self) {
        let graded: Vec<&Summary> = self.teams.iter().filter(|team| team.standing == Standing::Graded).collect();
        let Some((first, others)) = graded.split_first().filter(|(_, others)| !others.is_empty()) else { return };
        let of_all = |reason: &&Reason| {
            matches!(reason.about, About::Aws(_) | About::Evidence)
                && others.iter().all(|team| team.reasons.iter().any(|other| other.is_like(reason)))
        };
        let common: Vec<Reason> = first.reasons.iter().filter(of_all).cloned().collect();
        let count = graded.len();
        self.common.extend(common.iter().map(|reason| format!("all {count} teams: {}", reason.text)));
        for team in &mut self.teams {
            team.reasons.retain(|reason| !common.iter().any(|known| known.is_like(reason)));
        }
    }

    /// What the program says of the teams, in the language of these sentences. After [`Self::say_once`], which compares the
    /// words.
    #[must_use]
    pub fn speaking(mut self, sentences: &Sentences) -> Self {
        let reasons = self.teams.iter_mut().flat_map(|team| &mut team.reasons).map(|reason| &mut reason.text);
        for text in reasons.chain(&mut self.common) {
            *text = clean(&sentences.say(text));
        }
        self
    }

    /// Id of each criterion that any team has, in the order in which they come, with the title that the rubric gives it.
    pub(super) fn criteria(&self) -> Vec<(String, Option<String>)> {
        let mut criteria: Vec<(String, Option<String>)> = Vec::new();
        for criterion in self.teams.iter().flat_map(|team| &team.criteria) {
            if !criteria.iter().any(|(id, _)| *id == criterion.id) {
                criteria.push((criterion.id.clone(), criterion.title.clone()));
            }
        }
        criteria
    }
}
