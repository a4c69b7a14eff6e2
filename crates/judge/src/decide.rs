//! The rule of a check, evaluated: whether it applies, what it expects, how much of that is met.

use minijinja::Value;

use super::gaps::Worlds;
use super::scorecard::{Expectation, Outcome, Verdict};
use stackmark_course::Check;
use stackmark_course::expect::{Expect, Rule, Spanned};
use stackmark_language::expression::{Engine, ExpressionError};

/// Whether what was read is enough to judge.
pub(super) enum Decided {
    Yes,
    /// What is missing of a table may change the outcome; what is said of the expectations that are surely not met.
    NotWithout(Vec<String>),
}

/// Evaluates the rule of a check; fills in the verdict, the ratio, the expectations and what was seen.
///
/// `words` renders what is said, in the language of the report.
///
/// # Errors
/// An expression fails on this evidence, which is the check's defect.
pub(super) fn decide(
    check: &Check,
    engine: &Engine,
    words: &Engine,
    worlds: &Worlds<'_>,
    outcome: &mut Outcome,
) -> Result<Decided, ExpressionError> {
    let told = |text: &str| worlds.told(|context| words.render(text, context));
    let holds = |expression: &Spanned| worlds.settled(|context| boolean(engine, expression, context));
    // Only for what it is printed with: what a check shows need not be there where it fails.
    let shown = || check.shows.as_ref().map(|shows| told(&shows.text)).transpose();
    if let Some(applies) = &check.applies {
        match holds(&applies.that)? {
            None => return Ok(Decided::NotWithout(Vec::new())),
            Some(true) => {}
            Some(false) => {
                outcome.verdict = Verdict::NotApplicable;
                outcome.ratio = 1.0;
                outcome.actual = told(&applies.otherwise.text)?;
                return Ok(Decided::Yes);
            }
        }
    }
    if let Some(unsure) = &check.unsure {
        match holds(&unsure.that)? {
            None => return Ok(Decided::NotWithout(Vec::new())),
            Some(false) => {}
            Some(true) => {
                outcome.verdict = Verdict::Manual;
                outcome.actual = told(&unsure.says.text)?;
                return Ok(Decided::Yes);
            }
        }
    }
    match &check.rule {
        Rule::Manual(guidance) => {
            outcome.verdict = Verdict::Manual;
            outcome.actual = told(&guidance.text)?;
        }
        Rule::Score { score, says } => {
            let ratio_in = |context: &Value| {
                let value = engine.evaluate(&score.text, context)?;
                let wrong =
                    || ExpressionError { message: format!("`score` gives {value}, expected a number"), range: None };
                ratio_of(&value).ok_or_else(wrong)
            };
            let Some(ratio) = worlds.settled(ratio_in)? else { return Ok(Decided::NotWithout(Vec::new())) };
            outcome.ratio = ratio;
            let said = told(&says.text)?;
            let shown = if outcome.ratio >= 1.0 { shown()? } else { None };
            outcome.actual = shown.unwrap_or(said);
        }
        Rule::Expects(expects) => {
            let part = |expression: &Spanned| worlds.settled(|context| share(engine, expression, context));
            let Met { said, open } = expectations(expects, &part, &told, outcome)?;
            if open {
                return Ok(Decided::NotWithout(said));
            }
            outcome.actual =
                if said.is_empty() { shown()?.unwrap_or_else(|| "as expected".to_owned()) } else { said.join("; ") };
        }
    }
    if outcome.verdict == Verdict::Undetermined {
        outcome.verdict = match outcome.ratio {
            ratio if ratio >= 1.0 => Verdict::Pass,
            ratio if ratio > 0.0 => Verdict::Partial,
            _ => Verdict::Fail,
        };
    }
    Ok(Decided::Yes)
}

/// What became of the expectations.
struct Met {
    /// Of those that are not met.
    said: Vec<String>,
    /// Whether what is missing of a table may decide one of them.
    open: bool,
}

/// Fills in the ratio and the expectations. Where some are open, those that are decided say how much is earned at least
/// and at most.
fn expectations(
    expects: &[Expect],
    part: &impl Fn(&Spanned) -> Result<Option<f64>, ExpressionError>,
    told: &impl Fn(&str) -> Result<String, ExpressionError>,
    outcome: &mut Outcome,
) -> Result<Met, ExpressionError> {
    let total: f64 = expects.iter().map(|expect| expect.weight).sum();
    let weight = |expect: &Expect| if total > 0.0 { expect.weight / total } else { 0.0 };
    let (mut earned, mut said, mut shut, mut open) = (0.0, Vec::new(), false, false);
    // Weights that are not decided, and whether a gate is among them.
    let (mut waiting, mut may_shut) = (0.0, false);
    for expect in expects {
        if shut {
            outcome.expectations.push(Expectation { met: None, says: None, share: rounded(weight(expect)) });
            continue;
        }
        let Some(met_part) = part(&expect.that)? else {
            outcome.expectations.push(Expectation { met: None, says: None, share: rounded(weight(expect)) });
            open = true;
            waiting += expect.weight;
            may_shut |= expect.gate;
            continue;
        };
        let met = met_part >= 1.0;
        let says = if met { None } else { Some(told(&expect.says.text)?) };
        earned += expect.weight * met_part;
        shut = expect.gate && met_part <= 0.0;
        said.extend(says.clone());
        outcome.expectations.push(Expectation { met: Some(met), says, share: rounded(weight(expect)) });
    }
    outcome.ratio = match (shut, total > 0.0) {
        (true, _) => 0.0,
        (false, true) => rounded(earned / total),
        // Gates alone, all of them open.
        (false, false) => 1.0,
    };
    // A gate that is surely shut takes everything, whatever else is not known.
    let open = open && !shut;
    if open {
        let part = |weights: f64, of_gates: f64| if total > 0.0 { rounded(weights / total) } else { of_gates };
        let least = if may_shut { 0.0 } else { part(earned, 0.0) };
        outcome.leave_open(Verdict::Undetermined, least, part(earned + waiting, 1.0));
    }
    Ok(Met { said, open })
}

fn boolean(engine: &Engine, expression: &Spanned, context: &Value) -> Result<bool, ExpressionError> {
    let value = engine.evaluate(&expression.text, context)?;
    match value.kind() {
        minijinja::value::ValueKind::Bool => Ok(value.is_true()),
        // `green and red` of two lists is one of them: whether it has anything.
        minijinja::value::ValueKind::Seq | minijinja::value::ValueKind::Iterable => Ok(value.is_true()),
        kind => Err(ExpressionError {
            message: format!("`{}` gives a {kind}, expected true or false", expression.text),
            range: None,
        }),
    }
}

/// How much of an expectation is met, 0..1: true is all of it, false nothing, a number the share.
fn share(engine: &Engine, expression: &Spanned, context: &Value) -> Result<f64, ExpressionError> {
    let value = engine.evaluate(&expression.text, context)?;
    let kind = value.kind();
    let met = match kind {
        minijinja::value::ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        minijinja::value::ValueKind::Number => ratio_of(&value),
        _ => None,
    };
    met.ok_or_else(|| ExpressionError {
        message: format!("`{}` gives a {kind}, expected true, false or a share from 0 to 1", expression.text),
        range: None,
    })
}

/// A number as a part of the points.
fn ratio_of(value: &Value) -> Option<f64> {
    let ratio = f64::try_from(value.clone()).ok().filter(|ratio| ratio.is_finite())?;
    Some(rounded(ratio.clamp(0.0, 1.0)))
}

/// Six decimals: more than any point needs, and free of the last bit's noise.
fn rounded(ratio: f64) -> f64 {
    (ratio * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An expectation by its weight, whether it is a gate, how much of it is met, and whether that can be told.
    type Given = (u8, bool, u8, bool);

    /// What the expectations leave: the least and the most that is earned.
    fn ends(given: &[Given]) -> (f64, f64) {
        let text = |text: &str| Spanned { text: text.to_owned(), span: 0..0 };
        let expects: Vec<Expect> = given
            .iter()
            .enumerate()
            .map(|(at, (weight, gate, _, _))| Expect {
                that: text(&at.to_string()),
                says: text("missing"),
                gate: *gate,
                weight: f64::from(*weight),
            })
            .collect();
        let mut outcome = Outcome {
            verdict: Verdict::Undetermined,
            ratio: 0.0,
            at_least: None,
            at_most: None,
            expected: String::new(),
            actual: String::new(),
            why: String::new(),
            fix: String::new(),
            expectations: Vec::new(),
            evidence: Vec::new(),
            unreadable: Vec::new(),
            pictures: Vec::new(),
        };
        let part = |that: &Spanned| {
            let (_, _, met, known) = given[that.text.parse::<usize>().expect("a number")];
            Ok(known.then_some(f64::from(met) / 4.0))
        };
        let met = expectations(&expects, &part, &|says: &str| Ok(says.to_owned()), &mut outcome).expect("no failure");
        if met.open { outcome.ends() } else { (outcome.ratio, outcome.ratio) }
    }

    fn given() -> impl Strategy<Value = Vec<Given>> {
        prop::collection::vec((0..4_u8, prop::bool::weighted(0.2), 0..5_u8, any::<bool>()), 1..7)
    }

    /// More than what rounding moves.
    const NOISE: f64 = 2e-6;

    proptest! {
        /// Whatever the unread rows say, the mark lies between the ends.
        #[test]
        fn the_interval_contains_the_mark_without_what_is_missing(given in given()) {
            let (least, most) = ends(&given);
            let known: Vec<Given> = given.iter().map(|(weight, gate, met, _)| (*weight, *gate, *met, true)).collect();
            let (mark, _) = ends(&known);
            prop_assert!(least <= mark + NOISE && mark <= most + NOISE, "{mark} is not in {least}..{most}");
        }

        /// What is told of one expectation more takes nothing from what was sure.
        #[test]
        fn knowing_more_never_widens_the_interval(given in given(), at in 0..6_usize) {
            let (least, most) = ends(&given);
            let mut more = given.clone();
            if let Some(told) = more.get_mut(at) {
                told.3 = true;
            }
            let (least_then, most_then) = ends(&more);
            prop_assert!(least <= least_then + NOISE && most_then <= most + NOISE);
        }

        /// Without a gate that may be shut, what is surely met is earned, however much is missing beside it.
        #[test]
        fn what_is_met_is_earned_whatever_is_missing_beside_it(given in given()) {
            let given: Vec<Given> = given.into_iter().map(|(weight, _, met, known)| (weight, false, met, known)).collect();
            let total: f64 = given.iter().map(|(weight, ..)| f64::from(*weight)).sum();
            let met = given.iter().filter(|(.., known)| *known).map(|(weight, _, met, _)| f64::from(weight * met) / 4.0);
            let earned = met.sum::<f64>();
            prop_assume!(total > 0.0);
            prop_assert!((ends(&given).0 - earned / total).abs() < NOISE);
        }
    }
}
