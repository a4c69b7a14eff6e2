//! What a class page shows of one team.

use serde::Serialize;

use super::reasons::{self, About, Reason};
use crate::gains;
use stackmark_evidence::points::Points;
use stackmark_evidence::signs::Look;
use stackmark_evidence::{Cause, Evidence};
use stackmark_judge::scorecard::{ItemScore, Mark, Scorecard, Verdict};

/// How far a team is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Judged.
    Graded,
    /// Read, not judged.
    Collected,
    /// Stackmark itself failed on it.
    Failed,
    /// Not done yet.
    Pending,
}

impl Standing {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Graded => "graded",
            Self::Collected => "collected",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }
}

/// One team.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Its id.
    pub team: String,
    /// A name to print, where the roster has one.
    pub name: Option<String>,
    /// How far it is.
    pub standing: Standing,
    /// Its mark, once judged.
    pub mark: Option<Mark>,
    /// In the rubric's order.
    pub criteria: Vec<CriterionMark>,
    /// In the rubric's order.
    pub items: Vec<ItemMark>,
    /// Points outside the criteria, added up.
    pub adjusted: Points,
    /// The members' parts of the work.
    pub members: Vec<MemberPart>,
    /// Part of the work that is nobody's, 0..1.
    pub nobody: f64,
    /// The graded commit.
    pub commit: Option<String>,
    /// Commits after the deadline.
    pub late: u64,
    /// When its evidence was collected, RFC 3339, UTC.
    pub collected_at: Option<String>,
    /// SHA-256 of its evidence.
    pub evidence_sha256: Option<String>,
    /// What to look at, the most urgent first.
    pub reasons: Vec<Reason>,
}

/// A criterion's mark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CriterionMark {
    /// Its id.
    pub id: String,
    /// Where the rubric gives it one; a built-in criterion has its title in each language.
    pub title: Option<String>,
    /// What it earns.
    pub mark: Mark,
}

/// An item's mark.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemMark {
    /// Its id.
    pub id: String,
    /// What is expected.
    pub title: String,
    /// What it earns.
    pub mark: Mark,
    /// Why it is open: a cause of the evidence's, or `manual`.
    pub open: Option<String>,
}

/// A member's part of the work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MemberPart {
    /// The member's name.
    pub name: String,
    /// 0..1.
    pub share: f64,
}

impl Summary {
    /// Of a team that was judged; `look` says which signs are among what to look at.
    pub fn graded(card: &Scorecard, evidence: &Evidence, look: &Look) -> Self {
        let contribution = evidence.git.contribution.value();
        let members = contribution.into_iter().flat_map(|it| &it.members);
        let head = evidence.git.head.value();
        Self {
            name: evidence.team.name.clone().filter(|name| *name != card.team),
            members: members.map(|it| MemberPart { name: it.name.clone(), share: it.share }).collect(),
            nobody: contribution.map_or(0.0, |it| it.unmapped_share),
            commit: head.map(|head| head.commit.clone()),
            late: head.map_or(0, |head| head.commits_after_deadline),
            collected_at: Some(evidence.collected_at.clone()),
            reasons: reasons::of(card, evidence, look),
            ..Self::of_mark(card)
        }
    }

    /// Of a team that was judged, and whose evidence was removed since, on that day where somebody noted it: its mark stays.
    pub fn without_evidence(card: &Scorecard, day: Option<&str>) -> Self {
        let text = match day {
            Some(day) => format!("evidence removed on {day}: the mark is that of the last report"),
            None => "evidence removed: the mark is that of the last report".to_owned(),
        };
        Self { reasons: vec![Reason::new(About::Evidence, &text)], ..Self::of_mark(card) }
    }

    /// Of a team that was judged, by its scorecard alone.
    pub fn of_mark(card: &Scorecard) -> Self {
        let criteria = card.criteria.iter().map(|criterion| CriterionMark {
            id: criterion.id.clone(),
            title: criterion.title.clone(),
            mark: criterion.mark,
        });
        let items = gains::items(card).map(|placed| ItemMark {
            id: placed.item.id.clone(),
            title: placed.item.outcome.expected.clone(),
            mark: placed.item.mark,
            open: why_open(placed.item),
        });
        Self {
            mark: Some(card.mark),
            criteria: criteria.collect(),
            items: items.collect(),
            adjusted: card.adjustments.iter().map(|it| it.points).sum(),
            evidence_sha256: Some(card.evidence_sha256.clone()),
            ..Self::not_judged(&card.team, Standing::Graded)
        }
    }

    /// Of a team that was not judged.
    pub fn not_judged(team: &str, standing: Standing) -> Self {
        Self {
            team: team.to_owned(),
            name: None,
            standing,
            mark: None,
            criteria: Vec::new(),
            items: Vec::new(),
            adjusted: Points::ZERO,
            members: Vec::new(),
            nobody: 0.0,
            commit: None,
            late: 0,
            collected_at: None,
            evidence_sha256: None,
            reasons: Vec::new(),
        }
    }

    /// Of a team on which Stackmark itself failed.
    pub fn failed(team: &str, error: &str) -> Self {
        Self { reasons: vec![Reason::failed(error)], ..Self::not_judged(team, Standing::Failed) }
    }

    /// What to look at, in one line; empty where there is nothing.
    pub fn told(&self) -> String {
        let texts: Vec<&str> = self.reasons.iter().map(|reason| reason.text.as_str()).collect();
        texts.join("; ")
    }
}

/// Why an item's points are open, where they are.
fn why_open(item: &ItemScore) -> Option<String> {
    if item.mark.open == 0 {
        return None;
    }
    if item.outcome.verdict == Verdict::Manual {
        return Some("manual".to_owned());
    }
    let causes = item.outcome.unreadable.iter().map(|missing| missing.failure.cause);
    // What somebody can mend comes before what nobody asked for.
    let told = causes.clone().find(|cause| *cause != Cause::NotCollected).or_else(|| causes.clone().next());
    Some(told.map_or_else(|| "undetermined".to_owned(), |cause| cause.to_string()))
}
