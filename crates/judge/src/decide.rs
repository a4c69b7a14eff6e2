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
    /// What is missing of a table may change the outcome.
    NotWithout,
}

/// Evaluates the rule of a check; fills in the verdict, the ratio, the expectations and what was seen.
///
/// # Errors
/// An expression fails on this evidence, which is the check's defect.
pub(super) fn decide(
    check: &Check,
    engine: &Engine,
    worlds: &Worlds<'_>,
    outcome: &mut Outcome,
) -> Result<Decided, ExpressionError> {
    let told = |text: &str| worlds.told(|context| engine.render(text, context));
    let holds = |expression: &Spanned| worlds.settled(|context| boolean(engine, expression, context));
    // Only for what it is printed with: what a check shows need not be there where it fails.
    let shown = || check.shows.as_ref().map(|shows| told(&shows.text)).transpose();
    if let Some(applies) = &check.applies {
        match holds(applies)? {
            None => return Ok(Decided::NotWithout),
            Some(true) => {}
            Some(false) => {
                outcome.verdict = Verdict::NotApplicable;
                outcome.ratio = 1.0;
                outcome.actual = shown()?.unwrap_or_else(|| format!("`{}` does not hold for this team", applies.text));
                return Ok(Decided::Yes);
            }
        }
    }
    if let Some(unsure) = &check.unsure {
        match holds(&unsure.that)? {
            None => return Ok(Decided::NotWithout),
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
            let Some(ratio) = worlds.settled(ratio_in)? else { return Ok(Decided::NotWithout) };
            outcome.ratio = ratio;
            let said = told(&says.text)?;
            let shown = if outcome.ratio >= 1.0 { shown()? } else { None };
            outcome.actual = shown.unwrap_or(said);
        }
        Rule::Expects(expects) => {
            let part = |expression: &Spanned| worlds.settled(|context| share(engine, expression, context));
            let Some(said) = expectations(expects, &part, &told, outcome)? else { return Ok(Decided::NotWithout) };
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

/// Fills in the ratio and the expectations; gives what is said of those that are not met, and `None` where what is
/// missing of a table may decide one of them.
fn expectations(
    expects: &[Expect],
    part: &impl Fn(&Spanned) -> Result<Option<f64>, ExpressionError>,
    told: &impl Fn(&str) -> Result<String, ExpressionError>,
    outcome: &mut Outcome,
) -> Result<Option<Vec<String>>, ExpressionError> {
    let total: f64 = expects.iter().map(|expect| expect.weight).sum();
    let weight = |expect: &Expect| if total > 0.0 { expect.weight / total } else { 0.0 };
    let (mut earned, mut said, mut shut, mut open) = (0.0, Vec::new(), false, false);
    for expect in expects {
        if shut {
            outcome.expectations.push(Expectation { met: None, says: None, share: rounded(weight(expect)) });
            continue;
        }
        let Some(met_part) = part(&expect.that)? else {
            outcome.expectations.push(Expectation { met: None, says: None, share: rounded(weight(expect)) });
            open = true;
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
    Ok((shut || !open).then_some(said))
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
