//! The rule of a check, evaluated: whether it applies, what it expects, how much of that is met.

use minijinja::Value;

use super::bounds;
use super::gaps::Worlds;
use super::scorecard::{Expectation, Outcome, Verdict};
use stackmark_course::Check;
use stackmark_course::expect::{Expect, Rule, Spanned};
use stackmark_language::expression::{Engine, ExpressionError};

/// Whether what was read is enough to judge.
pub(super) enum Decided {
    Yes,
    /// What is missing may change the outcome; what is said of the expectations that are surely not met.
    NotWithout(Vec<String>),
}

/// Says what a check says, in the language of the report.
pub(super) struct Speech<'a> {
    pub(super) words: &'a Engine,
    /// What stands between two sentences: French sets a space before its sign.
    pub(super) between: &'a str,
}

impl Speech<'_> {
    fn render(&self, text: &str, context: &Value) -> Result<String, ExpressionError> {
        self.words.render(text, context)
    }
}

/// Evaluates the rule of a check; fills in the verdict, the ratio, the expectations and what was seen.
///
/// `speech` renders what is said, in the language of the report.
///
/// # Errors
/// An expression fails on this evidence, which is the check's defect.
pub(super) fn decide(
    check: &Check,
    engine: &Engine,
    speech: &Speech<'_>,
    worlds: &Worlds<'_>,
    outcome: &mut Outcome,
) -> Result<Decided, ExpressionError> {
    let told = |text: &str| worlds.told(|context| speech.render(text, context));
    let known = |text: &str| worlds.settled(|context| engine.evaluate(text, context)).ok().flatten();
    // A part of it that is decided may decide the whole.
    let holds = |expression: &Spanned| {
        let whole = worlds.settled(|context| boolean(engine, expression, context))?;
        Ok::<_, ExpressionError>(whole.or_else(|| bounds::truth(&expression.text, &known)))
    };
    let applies = match &check.applies {
        None => Some(true),
        Some(applies) => {
            let does = holds(&applies.that)?;
            if does == Some(false) {
                let Some(otherwise) = told(&applies.otherwise.text)? else {
                    outcome.leave_open(Verdict::Undetermined, 1.0, 1.0);
                    return Ok(Decided::NotWithout(Vec::new()));
                };
                outcome.verdict = Verdict::NotApplicable;
                outcome.ratio = 1.0;
                outcome.actual = otherwise;
                return Ok(Decided::Yes);
            }
            does
        }
    };
    if let Some(unsure) = &check.unsure {
        match holds(&unsure.that)? {
            Some(false) => {}
            Some(true) if applies == Some(true) => {
                let Some(says) = told(&unsure.says.text)? else { return Ok(Decided::NotWithout(Vec::new())) };
                if unsure.keeps {
                    return keeping(check, engine, speech, worlds, Some(says), outcome);
                }
                outcome.verdict = Verdict::Manual;
                outcome.actual = says;
                return Ok(Decided::Yes);
            }
            None if unsure.keeps && applies == Some(true) => {
                return keeping(check, engine, speech, worlds, None, outcome);
            }
            Some(true) | None => return Ok(Decided::NotWithout(Vec::new())),
        }
    }
    let decided = by_rule(check, engine, speech, worlds, outcome)?;
    if applies.is_some() || outcome.verdict == Verdict::Pass {
        return Ok(decided);
    }
    // Where it does not apply, nothing is lost.
    let (least, _) = outcome.ends();
    outcome.verdict = Verdict::Undetermined;
    outcome.leave_open(Verdict::Undetermined, least, 1.0);
    outcome.expectations.clear();
    Ok(Decided::NotWithout(Vec::new()))
}

/// Evaluates the rule of a check that is sure of a part: of what it loses, or gains by finding nothing, `says` asks a person.
/// Without it, whether a person has to look rests on what could not be read.
fn keeping(
    check: &Check,
    engine: &Engine,
    speech: &Speech<'_>,
    worlds: &Worlds<'_>,
    says: Option<String>,
    outcome: &mut Outcome,
) -> Result<Decided, ExpressionError> {
    let decided = by_rule(check, engine, speech, worlds, outcome)?;
    let is_open = if check.forbids { outcome.gives() } else { outcome.loses() };
    if !is_open {
        return Ok(decided);
    }
    let verdict = if says.is_some() { Verdict::Manual } else { Verdict::Undetermined };
    match check.forbids {
        true => outcome.leave_the_gain_open(verdict),
        false => outcome.leave_the_loss_open(verdict),
    }
    outcome.expectations.clear();
    match says {
        Some(says) => {
            outcome.actual = says;
            Ok(decided)
        }
        None => Ok(Decided::NotWithout(Vec::new())),
    }
}

/// Evaluates the rule alone: what has to hold where a check applies and is sure.
fn by_rule(
    check: &Check,
    engine: &Engine,
    speech: &Speech<'_>,
    worlds: &Worlds<'_>,
    outcome: &mut Outcome,
) -> Result<Decided, ExpressionError> {
    let told = |text: &str| worlds.told(|context| speech.render(text, context));
    // Only for what it is printed with: what a check shows need not be there where it fails.
    let shown = || check.shows.as_ref().map_or(Ok(None), |shows| told(&shows.text));
    let known = |text: &str| worlds.settled(|context| engine.evaluate(text, context)).ok().flatten();
    let ends = |text: &str| bounds::least_and_most(text, &known, &|name: &str| worlds.between(name));
    match &check.rule {
        Rule::Manual(guidance) => {
            let (false, Some(guidance)) = (worlds.lacks_a_reading(), told(&guidance.text)?) else {
                return Ok(Decided::NotWithout(Vec::new()));
            };
            outcome.verdict = Verdict::Manual;
            outcome.actual = guidance;
        }
        Rule::Score { score, says } => {
            let ratio_in = |context: &Value| {
                let value = engine.evaluate(&score.text, context)?;
                let wrong =
                    || ExpressionError { message: format!("`score` gives {value}, expected a number"), range: None };
                ratio_of(&value).ok_or_else(wrong)
            };
            let (least, most) = match worlds.settled(ratio_in)? {
                Some(ratio) => (ratio, ratio),
                None => ends(&score.text),
            };
            let said = told(&says.text)?;
            let (least, most) = (rounded(least), rounded(most));
            if least < most {
                outcome.leave_open(Verdict::Undetermined, least, most);
                return Ok(Decided::NotWithout(Vec::new()));
            }
            let shown = if least >= 1.0 { shown()?.or_else(|| said.clone()).or_else(as_expected) } else { said };
            // What cannot be said is not lost.
            let Some(actual) = shown else {
                outcome.leave_open(Verdict::Undetermined, least, 1.0);
                return Ok(Decided::NotWithout(Vec::new()));
            };
            (outcome.ratio, outcome.actual) = (least, actual);
        }
        Rule::Expects(expects) => {
            let part = |expression: &Spanned| -> Result<(f64, f64), ExpressionError> {
                let met = worlds.settled(|context| share(engine, expression, context))?;
                Ok(met.map_or_else(|| ends(&expression.text), |met| (met, met)))
            };
            let Met { said, open } = expectations(expects, &part, &told, outcome)?;
            if open {
                return Ok(Decided::NotWithout(said));
            }
            outcome.actual = match said.is_empty() {
                true => shown()?.or_else(as_expected).unwrap_or_default(),
                false => said.join(speech.between),
            };
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

fn as_expected() -> Option<String> {
    Some("as expected".to_owned())
}

/// What became of the expectations.
struct Met {
    /// Of those that are not met.
    said: Vec<String>,
    /// Whether what is missing may decide one of them.
    open: bool,
}

/// Fills in the ratio and the expectations; `part` tells how much of one is met at least and at most. Where some are open,
/// the others say how much is earned at least and at most.
fn expectations(
    expects: &[Expect],
    part: &impl Fn(&Spanned) -> Result<(f64, f64), ExpressionError>,
    told: &impl Fn(&str) -> Result<Option<String>, ExpressionError>,
    outcome: &mut Outcome,
) -> Result<Met, ExpressionError> {
    let total: f64 = expects.iter().map(|expect| expect.weight).sum();
    let weight = |expect: &Expect| if total > 0.0 { expect.weight / total } else { 0.0 };
    let (mut earned, mut reachable, mut said) = (0.0, 0.0, Vec::new());
    // Whether a gate is shut, whether one may be, and whether anything is not decided.
    let (mut shut, mut may_shut, mut open) = (false, false, false);
    for expect in expects {
        if shut {
            outcome.expectations.push(Expectation { met: None, says: None, share: rounded(weight(expect)) });
            continue;
        }
        let (least, mut most) = part(&expect.that)?;
        let is_lost = least >= most && most < 1.0;
        let says = if is_lost { told(&expect.says.text)? } else { None };
        // What cannot be said is not lost.
        if is_lost && says.is_none() {
            most = 1.0;
        }
        earned += expect.weight * least;
        reachable += expect.weight * most;
        let is_open = least < most;
        open |= is_open;
        may_shut |= is_open && expect.gate && least <= 0.0;
        shut = expect.gate && most <= 0.0;
        said.extend(says.clone());
        let met = (!is_open).then_some(least >= 1.0);
        outcome.expectations.push(Expectation { met, says, share: rounded(weight(expect)) });
    }
    // Gates alone, all of them open, give everything.
    let part = |weights: f64, of_gates: f64| if total > 0.0 { rounded(weights / total) } else { of_gates };
    outcome.ratio = if shut { 0.0 } else { part(earned, 1.0) };
    // A gate that is surely shut takes everything, whatever else is not known.
    let open = open && !shut;
    if open {
        let least = if may_shut { 0.0 } else { part(earned, 0.0) };
        outcome.leave_open(Verdict::Undetermined, least, part(reachable, 1.0));
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
            for_marker: None,
            why: String::new(),
            fix: String::new(),
            next_step: false,
            expectations: Vec::new(),
            evidence: Vec::new(),
            unreadable: Vec::new(),
            pictures: Vec::new(),
        };
        let part = |that: &Spanned| {
            let (_, _, met, known) = given[that.text.parse::<usize>().expect("a number")];
            let met = f64::from(met) / 4.0;
            Ok(if known { (met, met) } else { (0.0, 1.0) })
        };
        let met =
            expectations(&expects, &part, &|says: &str| Ok(Some(says.to_owned())), &mut outcome).expect("no failure");
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
