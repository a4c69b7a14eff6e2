//! One item of one team with everything that it rests on.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use stackmark_class::team::{read_evidence, read_judged};
use stackmark_evidence::Evidence;
use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::{ItemScore, Scorecard, Settled};
use stackmark_judge::told::evidence_in;
use stackmark_render::language::Language;
use stackmark_render::templates::moment;

use crate::blind::Blind;
use crate::desk::{Desk, Refusal, waiting};
use crate::queue::{Kind, kind_of};
use crate::shown::{Shown, shown};
use crate::words::label;

/// What the page shows of an item.
#[derive(Debug, Clone, Serialize)]
pub struct ItemPage {
    /// Place of the team.
    pub team: usize,
    /// Place of the item.
    pub item: usize,
    /// The team as it is shown.
    pub label: String,
    /// `criterion/name`.
    pub id: String,
    /// Why it is in the queue.
    pub kind: Kind,
    /// What it is worth.
    pub of: Points,
    /// What is expected.
    pub question: String,
    /// What was seen, or what to look at.
    pub guidance: String,
    /// Why it matters.
    pub why: String,
    /// What the team is told to do.
    pub fix: String,
    /// What the measurement alone gives: `2`, or `0–4`.
    pub measured: String,
    /// Each expectation that is not met.
    pub unmet: Vec<String>,
    /// What it rests on.
    pub evidence: Vec<Shown>,
    /// What git and AWS say of the team.
    pub facts: Vec<(String, String)>,
    /// What a person decided; not shown to a second marker.
    pub settled: Option<Settled>,
    /// The request that waits.
    pub appeal: Option<Request>,
    /// The same item of other teams.
    pub others: Vec<Other>,
    /// Reasons that were given for this item, the most used first.
    pub reasons: Vec<Reason>,
    /// SHA-256 of `overrides.toml`.
    pub sha: Option<String>,
}

/// A request to look again.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// In the team's words.
    pub text: String,
    /// Who asks; empty where names are hidden.
    pub by: String,
    /// Until when an answer is due.
    pub until: Option<String>,
}

/// Another team's decision about the same item.
#[derive(Debug, Clone, Serialize)]
pub struct Other {
    /// The team as it is shown.
    pub label: String,
    /// What it earns.
    pub points: Points,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: String,
}

/// A reason that was given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// In words.
    pub text: String,
    /// The points that it was given with most recently.
    pub points: Points,
    /// How many teams it was given.
    pub used: usize,
}

/// Hides names, or nothing.
pub(crate) type Hide = Box<dyn Fn(&str) -> String>;

impl Desk {
    /// One item of one team.
    ///
    /// # Errors
    /// There is none; its evidence cannot be read, or the team cannot be judged.
    pub fn item(&self, team: usize, item: usize) -> Result<ItemPage, Refusal> {
        let (id, asked) = self.named(team, item)?;
        let now = self.team(id).map_err(Refusal::Failed)?;
        let score = score_of(&now.card, &asked.id).ok_or_else(|| {
            Refusal::NotThere(format!("the scorecard of {} has no item {}", self.label(team), asked.id))
        })?;
        let stored = read_judged(&self.results, id, &now.card.evidence_sha256)?;
        let hide = self.hiding_in(&stored.evidence, team);
        let told = evidence_in(&stored.evidence, &self.rubric.sentences);
        let evidence = told.and_then(serde_json::to_value).map_err(|error| Refusal::Failed(error.to_string()))?;
        let (appeals, _) = self.appeals();
        let appeal = waiting(&appeals, id, score);
        let secret = self.sample().iter().any(|spot| spot.pending() && spot.team == id && spot.item == asked.id);
        let wanted: Vec<String> = asked.with.values().filter_map(|value| value.as_str().map(str::to_owned)).collect();
        let outcome = &score.outcome;
        let measured = score.settled.as_ref().map_or(score.mark, |settled| settled.measured);
        let (others, reasons) = self.others(team, &asked.id, secret);
        let missing = outcome.unreadable.iter().map(|missing| &missing.pointer);
        let mut pointers: Vec<&String> = outcome.evidence.iter().chain(missing).collect();
        // A reading that could not be read is in both lists.
        let mut seen = BTreeSet::new();
        pointers.retain(|pointer| seen.insert(*pointer));
        Ok(ItemPage {
            team,
            item,
            label: self.label(team),
            id: asked.id.clone(),
            kind: kind_of(self, score, appeal),
            of: asked.points,
            question: hide(&outcome.expected),
            guidance: hide(&outcome.in_full()),
            why: outcome.why.clone(),
            fix: hide(&outcome.fix),
            measured: if measured.low == measured.high {
                measured.low.to_string()
            } else {
                format!("{}–{}", measured.low, measured.high)
            },
            unmet: outcome.expectations.iter().filter_map(|it| it.says.as_deref().map(&hide)).collect(),
            evidence: pointers
                .into_iter()
                .map(|pointer| shown(&evidence, pointer, &wanted, &*hide))
                .map(|reading| Shown { note: self.said(&reading.note), ..reading })
                .collect(),
            facts: facts(&evidence, &self.words).into_iter().map(|(name, value)| (name, hide(&value))).collect(),
            settled: if secret { None } else { score.settled.clone() },
            appeal: appeal.map(|appeal| Request {
                text: hide(&appeal.text),
                by: if self.blind { String::new() } else { appeal.by.clone() },
                until: appeal.until.clone(),
            }),
            others,
            reasons,
            sha: now.sha,
        })
    }

    /// The same item's decisions for other teams, and the reasons that were given for it.
    fn others(&self, team: usize, item: &str, secret: bool) -> (Vec<Other>, Vec<Reason>) {
        let (mut others, mut reasons) = (Vec::new(), Vec::<(String, Reason)>::new());
        for (at, id) in self.teams.iter().enumerate() {
            let Ok(now) = self.team(id) else { continue };
            let Some(settled) = score_of(&now.card, item).and_then(|score| score.settled.clone()) else { continue };
            if at == team && secret {
                continue;
            }
            let text = settled.reason.trim().to_owned();
            match reasons.iter_mut().find(|(_, reason)| reason.text == text) {
                Some((when, reason)) => {
                    reason.used += 1;
                    if settled.when > *when {
                        when.clone_from(&settled.when);
                        reason.points = settled.points;
                    }
                }
                None => reasons.push((settled.when.clone(), Reason { text, points: settled.points, used: 1 })),
            }
            if at != team {
                let (points, reason, by) = (settled.points, settled.reason, settled.by);
                others.push(Other { label: self.label(at), points, reason, by });
            }
        }
        let mut reasons: Vec<Reason> = reasons.into_iter().map(|(_, reason)| reason).collect();
        reasons.sort_by(|a, b| b.used.cmp(&a.used).then_with(|| a.text.cmp(&b.text)));
        (others, reasons)
    }

    /// What hides the names of a team whose evidence is at hand.
    fn hiding_in(&self, evidence: &Evidence, team: usize) -> Hide {
        if !self.blind {
            return Box::new(str::to_owned);
        }
        let blind = Blind::of(evidence, &self.label(team));
        Box::new(move |text: &str| blind.hide(text))
    }

    /// What hides the names of a team.
    pub(crate) fn hiding(&self, id: &str, team: usize) -> Hide {
        if !self.blind {
            return Box::new(str::to_owned);
        }
        match read_evidence(&self.results, id) {
            Ok(stored) => self.hiding_in(&stored.evidence, team),
            // Without the names nothing can be taken out of a text.
            Err(_) => Box::new(|_: &str| "(hidden)".to_owned()),
        }
    }
}

/// An item of a card.
pub(crate) fn score_of<'a>(card: &'a Scorecard, item: &str) -> Option<&'a ItemScore> {
    card.criteria.iter().flat_map(|criterion| &criterion.items).find(|score| score.id == item)
}

/// What git and AWS say of a team, in short.
fn facts(evidence: &Json, words: &Language) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    let mut put = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push((label(words, key, None, &[]), value));
        }
    };
    let text = |pointer: &str| evidence.pointer(pointer).and_then(Json::as_str).unwrap_or_default().to_owned();
    put("review.fact_collected", moment(&text("/collected_at")));
    put("review.fact_commit", text("/git/head/value/commit"));
    put("review.fact_committed", moment(&text("/git/head/value/committed_at")));
    put("review.fact_deadline", moment(&text("/git/head/value/deadline")));
    let late = evidence.pointer("/git/head/value/commits_after_deadline").and_then(Json::as_u64);
    put("review.fact_late", late.filter(|count| *count > 0).map(|count| count.to_string()).unwrap_or_default());
    let members = evidence.pointer("/git/contribution/value/members").and_then(Json::as_array);
    for member in members.into_iter().flatten() {
        let share = words.percent(member["share"].as_f64().unwrap_or_default());
        let name = member["name"].as_str().unwrap_or_default();
        let count = |field: &str, key: &str| label(words, key, Some(member[field].as_u64().unwrap_or_default()), &[]);
        let commits = count("commits", "review.fact_commits");
        let days = count("active_days", "review.fact_days");
        let places = [("name", name), ("share", &share), ("commits", &commits), ("days", &days)];
        put("review.fact_member", label(words, "review.fact_work", None, &places));
    }
    put("review.fact_document", text("/report/document/value/path"));
    let tables = evidence.pointer("/aws").and_then(Json::as_object).into_iter().flatten();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, reading) in tables {
        let rows = reading.get("value").and_then(Json::as_array).map_or(0, Vec::len);
        if rows > 0 {
            counts.insert(name, rows);
        }
    }
    let counted: Vec<String> = counts.iter().map(|(name, rows)| format!("{} {rows}", name.replace('_', " "))).collect();
    put("review.fact_aws", counted.join(", "));
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_in_the_reports() {
        let evidence = serde_json::json!({
            "collected_at": "2026-11-20T10:00:00Z",
            "git": { "head": { "value": { "commit": "abc", "deadline": "2026-11-19T23:59:00-05:00" } } },
        });
        let templates = stackmark_render::Templates::embedded().unwrap();
        let facts = facts(&evidence, templates.language("en").unwrap());
        let shown: Vec<String> = facts.into_iter().map(|(name, value)| format!("{name} {value}")).collect();
        assert_eq!(shown, ["collected 2026-11-20 10:00 UTC", "graded commit abc", "deadline 2026-11-19 23:59 -05:00"]);
    }
}
