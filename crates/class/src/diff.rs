//! What changed between two runs, and why: item by item, by judging in between.
//!
//! Four things make a mark: the evidence, the rubric, a person's decision and the program. From the first run to the second one
//! is changed at a time, and what moves an item at a step is due to what was changed there:
//!
//! ```text
//! stored A ─tool─► evidence A, rubric A ─rubric─► evidence A, rubric B ─evidence─► evidence B, rubric B ─tool─► stored B
//! ```
//!
//! A person's decision comes before what is measured: where one was made, taken back or changed, it alone is the cause.

mod shared;
mod side;

use stackmark_course::{Overrides, Rubric};
use stackmark_evidence::Evidence;
use stackmark_evidence::points::Points;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::{Adjustment, ItemScore, Mark};
use stackmark_render::diff::{AdjustmentDiff, Cause, CausePart, Diff, ItemDiff, SCHEMA, TeamDiff};

use crate::documents::tool;
use crate::failure::Failure;
use crate::overview::without_evidence;
use crate::store::Results;
use crate::stored::read_evidence;
use crate::team::{judge_best, score};
use crate::voice::Voice;

use shared::Shared;
use side::Rubrics;
pub use side::{Judged, Side};

/// Compares two runs.
///
/// # Errors
/// A folder without results, or a scorecard that cannot be read.
pub fn diff(before: &Side, after: &Side) -> Result<Diff, Failure> {
    let (first, second) = (before.teams()?, after.teams()?);
    let mut rubrics = Rubrics::default();
    let mut made = empty(before.words(), after.words());
    made.only_before = first.difference(&second).cloned().collect();
    made.only_after = second.difference(&first).cloned().collect();
    for team in first.intersection(&second) {
        match (before.read(team, &mut rubrics)?, after.read(team, &mut rubrics)?) {
            (Some(one), Some(other)) => add(&mut made, &one, &other)?,
            (None, Some(_)) => made.only_after.push(team.clone()),
            (Some(_), None) => made.only_before.push(team.clone()),
            (None, None) => {}
        }
    }
    Ok(made)
}

/// An empty comparison of two places.
pub fn empty(before: String, after: String) -> Diff {
    Diff {
        schema: SCHEMA.to_owned(),
        before,
        after,
        language: String::new(),
        teams: Vec::new(),
        unchanged: 0,
        only_before: Vec::new(),
        only_after: Vec::new(),
        notes: Vec::new(),
    }
}

/// Adds one team.
///
/// # Errors
/// A rubric that fails on this evidence.
pub fn add(made: &mut Diff, before: &Judged, after: &Judged) -> Result<(), Failure> {
    let steps = Steps::between(before, after)?;
    made.language.clone_from(&after.card.rubric.language);
    if let Some(note) = &steps.untold
        && !made.notes.contains(note)
    {
        made.notes.push(note.clone());
    }
    let team = team_diff(before, after, &steps);
    if team.items.is_empty() && team.adjustments.is_empty() && team.before == team.after {
        made.unchanged += 1;
    } else {
        made.teams.push(team);
    }
    Ok(())
}

/// The scorecards in between, without anybody's decisions; `None` stands for the one before it.
#[derive(Default)]
struct Steps {
    first_again: Option<Scorecard>,
    crossed: Option<Scorecard>,
    second_again: Option<Scorecard>,
    /// Why a cause cannot be told apart.
    untold: Option<String>,
}

impl Steps {
    fn between(before: &Judged, after: &Judged) -> Result<Self, Failure> {
        let (first, second) = (&before.card, &after.card);
        let same_rubric = first.rubric.sha256 == second.rubric.sha256;
        let same_evidence = first.evidence_sha256 == second.evidence_sha256;
        let mut steps = Self::default();
        let now = tool();
        if let (Some(evidence), Some(rubric)) = (&before.evidence, &before.rubric)
            && first.tool != now
        {
            steps.first_again = Some(judged(evidence, rubric)?);
        }
        if let (Some(evidence), Some(rubric)) = (&after.evidence, &after.rubric)
            && second.tool != now
        {
            steps.second_again = Some(judged(evidence, rubric)?);
        }
        if same_rubric || same_evidence {
            return Ok(steps);
        }
        match (&before.evidence, &after.rubric) {
            (Some(evidence), Some(rubric)) => steps.crossed = Some(judged(evidence, rubric)?),
            _ => {
                steps.untold = Some(format!(
                    "evidence and rubric both changed, and the {} is not stored any more: what moved because of the rubric \
                     may be told as the evidence's",
                    if before.evidence.is_none() { "earlier evidence" } else { "later rubric" }
                ));
            }
        }
        Ok(steps)
    }
}

fn judged(evidence: &Evidence, rubric: &Rubric) -> Result<Scorecard, Failure> {
    score(evidence, String::new(), rubric, &Overrides::default(), None)
}

fn items(card: &Scorecard) -> impl Iterator<Item = &ItemScore> {
    card.criteria.iter().flat_map(|criterion| &criterion.items)
}

fn item<'a>(card: &'a Scorecard, id: &str) -> Option<&'a ItemScore> {
    items(card).find(|item| item.id == id)
}

/// What was measured, whatever a person decided.
fn measured(item: &ItemScore) -> Mark {
    item.settled.as_ref().map_or(item.mark, |settled| settled.measured)
}

fn team_diff(before: &Judged, after: &Judged, steps: &Steps) -> TeamDiff {
    let (first, second) = (&before.card, &after.card);
    let told = Told { first, second, steps, was: Shared::of(first, second), now: Shared::of(second, first) };
    let mut changed: Vec<ItemDiff> =
        items(second).filter_map(|now| item_diff(&told, item(first, &now.id), Some(now))).collect();
    let gone = items(first).filter(|was| item(second, &was.id).is_none());
    changed.extend(gone.filter_map(|was| item_diff(&told, Some(was), None)));
    let shared = [told.was.told(&changed, true), told.now.told(&changed, false)].concat();
    TeamDiff {
        team: second.team.clone(),
        before: first.mark,
        after: second.mark,
        shared,
        items: changed,
        adjustments: adjustments(first, second),
    }
}

/// The two cards of a team, what is in between, and what is said of several items at once.
struct Told<'a> {
    first: &'a Scorecard,
    second: &'a Scorecard,
    steps: &'a Steps,
    was: Shared,
    now: Shared,
}

fn item_diff(told: &Told<'_>, was: Option<&ItemScore>, now: Option<&ItemScore>) -> Option<ItemDiff> {
    let shown = now.or(was)?;
    let (before, after) = (was.map(|item| item.mark), now.map(|item| item.mark));
    if before == after {
        return None;
    }
    let causes = match (was, now) {
        (Some(was), Some(now)) => causes(told, was, now),
        _ => {
            let none = Mark::certain(Points::ZERO, Points::ZERO);
            let (from, to) = (before.unwrap_or(none), after.unwrap_or(none));
            let why = if now.is_some() { "the rubric has it now" } else { "the rubric has it no more" };
            vec![part(Cause::Rubric, from, to, why.to_owned())]
        }
    };
    Some(ItemDiff { item: shown.id.clone(), title: shown.outcome.expected.clone(), before, after, causes })
}

fn part(cause: Cause, from: Mark, to: Mark, why: String) -> CausePart {
    CausePart { cause, low: to.low - from.low, high: to.high - from.high, why }
}

fn causes(told: &Told<'_>, was: &ItemScore, now: &ItemScore) -> Vec<CausePart> {
    let Told { first, second, steps, .. } = *told;
    let decided = |item: &ItemScore| item.settled.as_ref().map(|it| (it.points, it.reason.clone(), it.by.clone()));
    if was.settled.is_some() || now.settled.is_some() {
        let (one, other) = (decided(was), decided(now));
        if one != other {
            let why = match &now.settled {
                Some(it) => format!("decided by {} ({}): {}", it.by, it.when, it.reason),
                None => "the decision was withdrawn".to_owned(),
            };
            return vec![part(Cause::Override, was.mark, now.mark, why)];
        }
        // The same decision on another scale.
        return vec![part(Cause::Rubric, was.mark, now.mark, points_changed(was, now))];
    }
    // The marks along the way; a step that changes nothing repeats the one before it.
    let along = |card: &Option<Scorecard>| card.as_ref().and_then(|card| item(card, &now.id)).map(measured);
    let stored_first = measured(was);
    let first_again = along(&steps.first_again).unwrap_or(stored_first);
    let stored_second = measured(now);
    let second_again = along(&steps.second_again).unwrap_or(stored_second);
    let same_evidence = first.evidence_sha256 == second.evidence_sha256;
    let same_rubric = first.rubric.sha256 == second.rubric.sha256;
    let crossed = match along(&steps.crossed) {
        Some(crossed) => crossed,
        None if same_evidence && !same_rubric => second_again,
        // Only the scale can be told to be the rubric's.
        None if !same_rubric && was.mark.of != now.mark.of => rescaled(first_again, now.mark.of),
        None => first_again,
    };
    let mut parts = Vec::new();
    let mut add = |cause: Cause, moves: &[(Mark, Mark)], why: String| {
        let low = moves.iter().map(|(from, to)| to.low - from.low).sum::<Points>();
        let high = moves.iter().map(|(from, to)| to.high - from.high).sum::<Points>();
        if (low, high) != (Points::ZERO, Points::ZERO) {
            parts.push(CausePart { cause, low, high, why });
        }
    };
    // The words around the two say which is which to the tables of sentences; an arrow may be in what was seen.
    let found = format!("was {}, is now {}", said(was, &told.was), said(now, &told.now));
    let of_rubric = if was.mark.of == now.mark.of { found.clone() } else { points_changed(was, now) };
    add(Cause::Rubric, &[(first_again, crossed)], of_rubric);
    if !same_evidence {
        add(Cause::Evidence, &[(crossed, second_again)], found.clone());
    }
    let versions = format!("version {} → {}: {found}", first.tool.version, second.tool.version);
    let mut by_tool = vec![(stored_first, first_again), (second_again, stored_second)];
    if same_evidence {
        by_tool.push((crossed, second_again));
    }
    add(Cause::Tool, &by_tool, versions);
    if parts.is_empty() {
        // Only the number of what can be earned differs.
        parts.push(part(Cause::Rubric, was.mark, now.mark, points_changed(was, now)));
    }
    parts
}

/// The same part of other points.
fn rescaled(mark: Mark, of: Points) -> Mark {
    let scale = |points: Points| {
        if mark.of > Points::ZERO { of.times(points.as_f64() / mark.of.as_f64()) } else { Points::ZERO }
    };
    Mark { low: scale(mark.low), high: scale(mark.high), of, open: mark.open }
}

fn points_changed(was: &ItemScore, now: &ItemScore) -> String {
    format!("the item is worth {} instead of {}", now.mark.of, was.mark.of)
}

/// What was seen, in a few words; the verdict alone where the rest is said of several items.
fn said(item: &ItemScore, shared: &Shared) -> String {
    const LONGEST: usize = 160;
    if shared.says(item) {
        return item.outcome.verdict.as_str().to_owned();
    }
    let whole = item.outcome.in_full();
    let mut text: String = whole.chars().take(LONGEST).collect();
    if whole.chars().count() > LONGEST {
        text.push('…');
    }
    format!("{} ({text})", item.outcome.verdict.as_str())
}

fn adjustments(first: &Scorecard, second: &Scorecard) -> Vec<AdjustmentDiff> {
    let mut left: Vec<&Adjustment> = second.adjustments.iter().collect();
    let mut gone: Vec<&Adjustment> = Vec::new();
    for line in &first.adjustments {
        match left.iter().position(|other| *other == line) {
            Some(at) => drop(left.remove(at)),
            None => gone.push(line),
        }
    }
    let mut changed: Vec<AdjustmentDiff> = Vec::new();
    for (lines, taken_back) in [(gone, true), (left, false)] {
        for line in lines {
            let what = if taken_back { "withdrawn: " } else { "" };
            let points = if taken_back { Points::ZERO - line.points } else { line.points };
            // The rubric's own line: it moves with the commit that is graded.
            let cause = if line.by == "[late]" { Cause::Evidence } else { Cause::Override };
            changed.push(AdjustmentDiff {
                cause,
                points,
                why: format!("{what}{} (decided by {}, {})", line.reason, line.by, line.when),
            });
        }
    }
    if first.zero != second.zero {
        let why = match &second.zero {
            Some(zero) => format!("no points: {} (confirmed by {}, {})", zero.reason, zero.by, zero.when),
            None => "the zero was withdrawn".to_owned(),
        };
        changed.push(AdjustmentDiff { cause: Cause::Override, points: second.mark.high - first.mark.high, why });
    }
    changed
}

/// What another rubric would do to stored marks; nothing is written.
///
/// # Errors
/// Results that cannot be read. What goes wrong with one team is said, and the others go on.
pub fn what_if(
    results: &Results,
    teams: &[String],
    rubric: &Rubric,
    of_run: Option<&str>,
    voice: &dyn Voice,
) -> Result<Diff, Failure> {
    let side = Side { results: results.clone(), until: None };
    let mut rubrics = Rubrics::default();
    let mut made = empty(side.words(), format!("rubric {}, written nowhere", rubric.id));
    let rubric = std::sync::Arc::new(rubric.clone());
    for team in teams {
        if !results.team(team, "scorecard.json").is_file() {
            made.only_after.push(team.clone());
            continue;
        }
        if without_evidence(results, team)?.is_some() {
            made.notes.push(format!("team {team}: its evidence was removed, and its mark stays"));
            continue;
        }
        let judged = read_evidence(results, team).and_then(|stored| {
            let best = judge_best(results, &stored, &rubric, of_run, voice)?;
            let evidence = Some(best.late.unwrap_or(stored.evidence));
            Ok(Judged { card: best.card, evidence, rubric: Some(std::sync::Arc::clone(&rubric)) })
        });
        match judged {
            Ok(after) => {
                if let Some(before) = side.read(team, &mut rubrics)? {
                    add(&mut made, &before, &after)?;
                }
            }
            Err(failure) => {
                voice.error(&format!("team {team}: {}", failure.message));
                made.notes.push(format!("team {team} could not be judged: {}", failure.message));
            }
        }
    }
    Ok(made)
}
