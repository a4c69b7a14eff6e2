//! Outcomes + points + overrides → the scorecard.

use super::outcome::outcome;
use super::scorecard::{
    Adjustment, CriterionScore, ItemScore, Mark, Outcome, RubricStamp, SCHEMA, Scorecard, Settled, Zero,
};
use super::view::View;
use stackmark_course::late::Deduction;
use stackmark_course::overrides::Override;
use stackmark_course::rubric::{Criterion, Item};
use stackmark_course::{Overrides, Rubric};
use stackmark_evidence::asked::{Asked, AskedFor};
use stackmark_evidence::points::Points;
use stackmark_evidence::{Evidence, Tool};
use stackmark_language::expression::Engine;

/// What comes in beside the evidence; hashes are values, so that judging reads no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamps {
    /// The program that judges.
    pub tool: Tool,
    /// SHA-256 of `evidence.json`.
    pub evidence_sha256: String,
    /// SHA-256 of `overrides.toml`, where there is one.
    pub overrides_sha256: Option<String>,
}

/// Judges one team; `asked` is what the rubric asked for on this evidence.
///
/// # Errors
/// The evidence does not serialize, which is a defect.
pub fn judge(
    evidence: &Evidence,
    rubric: &Rubric,
    asked: &AskedFor,
    overrides: &Overrides,
    stamps: Stamps,
    engine: &Engine,
) -> Result<Scorecard, serde_json::Error> {
    let view = View::new(evidence)?.speaking(&rubric.sentences);
    let criteria: Vec<CriterionScore> = rubric
        .criteria
        .iter()
        .map(|criterion| score_criterion(criterion, rubric, asked, overrides, &view, engine))
        .collect();
    let mut mark: Mark = criteria.iter().map(|criterion| criterion.mark).sum();
    let late = overrides.late.as_ref().map(|late| deduct(&mut mark, late));
    let decided = overrides.adjustments.iter().map(|adjustment| Adjustment {
        points: adjustment.points,
        reason: adjustment.reason.clone(),
        by: adjustment.by.clone(),
        when: adjustment.when.clone(),
    });
    let decided: Vec<Adjustment> = decided.collect();
    let adjusted: Points = decided.iter().map(|adjustment| adjustment.points).sum();
    let adjustments: Vec<Adjustment> = late.into_iter().chain(decided).collect();
    // Neither a bonus above the total nor a mark below zero.
    mark.low = (mark.low + adjusted).clamp(Points::ZERO, mark.of);
    mark.high = (mark.high + adjusted).clamp(Points::ZERO, mark.of);
    let zero = overrides.zero.as_ref().map(|zero| Zero {
        reason: zero.reason.clone(),
        by: zero.by.clone(),
        when: zero.when.clone(),
    });
    if zero.is_some() {
        mark = Mark::certain(Points::ZERO, mark.of);
    }
    let unmatched_overrides = overrides
        .items
        .iter()
        .filter(|decision| !rubric.items().any(|item| item.id == decision.item))
        .map(|decision| decision.item.clone())
        .chain(overrides.set_aside.iter().cloned())
        .collect();
    Ok(Scorecard {
        schema: SCHEMA.to_owned(),
        tool: stamps.tool,
        team: evidence.team.id.clone(),
        rubric: RubricStamp::of(rubric),
        evidence_sha256: stamps.evidence_sha256,
        overrides_sha256: stamps.overrides_sha256,
        mark,
        criteria,
        adjustments,
        unmatched_overrides,
        zero,
        other: None,
    })
}

/// Takes off what being late costs, at each end no further than to the floor; the line says what the upper end lost.
fn deduct(mark: &mut Mark, late: &Deduction) -> Adjustment {
    let less = |points: Points| (points - late.points).max(points.min(late.floor));
    let before = mark.high;
    (mark.low, mark.high) = (less(mark.low), less(mark.high));
    Adjustment {
        points: mark.high - before,
        reason: late.reason.clone(),
        by: "[late]".to_owned(),
        when: late.when.clone(),
    }
}

fn score_criterion(
    criterion: &Criterion,
    rubric: &Rubric,
    asked: &AskedFor,
    overrides: &Overrides,
    view: &View,
    engine: &Engine,
) -> CriterionScore {
    let nothing = Asked::default();
    let items: Vec<ItemScore> = criterion
        .items
        .iter()
        .filter_map(|item| {
            let check = rubric.checks.get(&item.check)?;
            let decision = overrides.items.iter().find(|decision| decision.item == item.id);
            let asked = asked.items.get(&item.id).unwrap_or(&nothing);
            Some(weigh(item, outcome(check, &item.with, asked, view, engine), decision))
        })
        .collect();
    CriterionScore {
        id: criterion.id.clone(),
        title: criterion.title.clone(),
        mark: items.iter().map(|item| item.mark).sum(),
        items,
    }
}

fn weigh(item: &Item, outcome: Outcome, decision: Option<&Override>) -> ItemScore {
    let measured = if outcome.verdict.is_open() {
        let (least, most) = outcome.ends();
        Mark::open_between(item.points.times(least), item.points.times(most), item.points)
    } else {
        Mark::certain(item.points.times(outcome.ratio), item.points)
    };
    let settled = decision.map(|decision| Settled {
        points: decision.points.min(item.points),
        measured,
        reason: decision.reason.clone(),
        by: decision.by.clone(),
        when: decision.when.clone(),
        appeal: decision.appeal.clone(),
    });
    ItemScore {
        id: item.id.clone(),
        check: item.check.clone(),
        part: item.part.clone(),
        mark: settled.as_ref().map_or(measured, |settled| Mark::certain(settled.points, item.points)),
        outcome,
        settled,
    }
}
