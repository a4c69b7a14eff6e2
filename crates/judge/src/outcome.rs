//! One check on one team's evidence → an outcome.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;
use serde_json::Value as Json;

use super::exchanges;
use super::gaps::{PartialTable, Worlds};
use super::older;
use super::picture::LoadPicture;
use super::scorecard::{Expectation, Outcome, UnreadableReading, Verdict};
use super::set_aside;
use super::signs;
use super::told;
use stackmark_course::expect::{Expect, Rule, Spanned};
use stackmark_course::{Check, Sentences};
use stackmark_evidence::asked::Asked;
use stackmark_evidence::aws::Scope;
use stackmark_evidence::closed::FoundBy;
use stackmark_evidence::unread::{CodeSetAside, UnreadFiles};
use stackmark_evidence::{Cause, Evidence, Unreadable, unwritten};
use stackmark_language::expression::{Engine, ExpressionError, value_of};

/// The evidence as expressions see it.
pub struct View {
    json: Json,
    team: Value,
    scope: Option<Scope>,
    /// What of the code was not read.
    code_set_aside: CodeSetAside,
    /// What the program itself says, in the language of the report.
    sentences: Arc<Sentences>,
    /// What an older version did not write.
    unwritten: Vec<String>,
}

/// What stands in the way of judging.
enum Missing {
    /// Looked for and not there.
    Absent(String),
    /// Not readable.
    Unreadable(UnreadableReading),
}

impl View {
    /// Of a team's bundle.
    ///
    /// # Errors
    /// The bundle does not serialize, which is a defect.
    pub fn new(evidence: &Evidence) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::to_value(evidence)?;
        // What an older version did not write is not collected: it is undefined to a check, and not zero.
        evidence.unwritten.iter().for_each(|pointer| unwritten::remove(&mut json, pointer));
        let team = stackmark_language::team_value(&evidence.team);
        let code_set_aside = evidence.code.set_aside.value().cloned().unwrap_or_default();
        let (scope, unwritten) = (evidence.aws.scope.value().cloned(), evidence.unwritten.clone());
        Ok(Self { json, team, scope, code_set_aside, sentences: Arc::default(), unwritten })
    }

    /// In the language of these sentences.
    #[must_use]
    pub fn speaking(mut self, sentences: &Arc<Sentences>) -> Self {
        told::say_in_checks(&mut self.json, sentences);
        self.sentences = Arc::clone(sentences);
        self
    }

    /// What the program said of it in English, in the language of the report.
    fn say(&self, outcome: &mut Outcome) {
        let said = |text: &mut String| *text = self.sentences.say(text);
        said(&mut outcome.actual);
        said(&mut outcome.fix);
        outcome.expectations.iter_mut().filter_map(|expectation| expectation.says.as_mut()).for_each(said);
        outcome.unreadable.iter_mut().for_each(|reading| said(&mut reading.failure.detail));
    }

    /// The reading at a JSON pointer.
    fn reading(&self, pointer: &str) -> Result<Value, Missing> {
        let unreadable = |failure| Missing::Unreadable(UnreadableReading { pointer: pointer.to_owned(), failure });
        let Some(reading) = self.json.pointer(pointer) else {
            // Requests that were never sent have the reason at their target.
            let of_http = pointer.starts_with("/http/exchanges/") || pointer.starts_with("/http/loads/");
            if let Some(failure) = self.json.pointer("/http/target").filter(|_| of_http)
                && failure["state"] == "unreadable"
                && let Ok(failure) = serde_json::from_value(failure.clone())
            {
                return Err(unreadable(failure));
            }
            let detail = "the stored evidence has no such reading: collect it with this rubric";
            return Err(unreadable(Unreadable::new(Cause::NotCollected, detail)));
        };
        match reading.get("state").and_then(Json::as_str) {
            Some("observed") => Ok(value_of(reading.get("value").unwrap_or(&Json::Null))),
            Some("absent") => {
                let note = reading.get("note").and_then(Json::as_str).unwrap_or("it is not there");
                Err(Missing::Absent(note.to_owned()))
            }
            _ => {
                let failure = serde_json::from_value(reading.clone());
                Err(unreadable(failure.unwrap_or_else(|_| Unreadable::new(Cause::Malformed, "not a reading"))))
            }
        }
    }
}

impl View {
    /// The drawing of the load at a JSON pointer, where it was sent.
    fn picture(&self, pointer: &str, key: &str) -> Option<LoadPicture> {
        let load = self.json.pointer(pointer)?.get("value")?;
        Some(LoadPicture::of(key, serde_json::from_value(load.clone()).ok()?))
    }
}

/// Where a check's tables were looked for: what stands for `scope` in its sentences.
fn scope_words(scope: Option<&Scope>, check: &Check) -> String {
    let Some(scope) = scope else { return "the team's tags".to_owned() };
    if scope.tags.is_empty() {
        return "any tags or none, in the whole account".to_owned();
    }
    let listed = |tags: &BTreeMap<String, String>| {
        let tags: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
        tags.join(", ")
    };
    let tags = listed(&scope.tags);
    let mut tables = check.reads.iter().filter_map(|path| scope.found_by.get(path.strip_prefix("aws.")?)).peekable();
    if tables.peek().is_some() && tables.all(|found| *found == FoundBy::Account) {
        return format!("any tags or none, in the whole account (nothing there carries the tags {tags})");
    }
    match scope.meant.is_empty() {
        true => format!("the tags {tags}"),
        false => format!("the tags {} (expected {tags})", listed(&scope.meant)),
    }
}

/// Judges one check with its parameters.
///
/// `asked` names the requests and the load that the check needs; a request that it does not name was not collected.
pub fn outcome(check: &Check, with: &IndexMap<String, Value>, asked: &Asked, view: &View, engine: &Engine) -> Outcome {
    let mut outcome = judged(check, with, asked, view, engine);
    view.say(&mut outcome);
    outcome
}

fn judged(check: &Check, with: &IndexMap<String, Value>, asked: &Asked, view: &View, engine: &Engine) -> Outcome {
    let mut context: BTreeMap<String, Value> = with.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    context.insert("team".to_owned(), view.team.clone());
    context.insert("scope".to_owned(), Value::from(view.sentences.say(&scope_words(view.scope.as_ref(), check))));
    let fixed = value_of(&context);
    let words = |template: &Spanned| engine.render(&template.text, &fixed).unwrap_or_else(|_| template.text.clone());
    let mut outcome = Outcome {
        verdict: Verdict::Undetermined,
        ratio: 0.0,
        at_most: None,
        expected: words(&check.title),
        actual: String::new(),
        why: words(&check.why),
        fix: words(&check.fix),
        expectations: Vec::new(),
        evidence: check.reads.iter().map(|path| pointer_of(path)).collect(),
        unreadable: Vec::new(),
        pictures: Vec::new(),
    };
    let Gathered { absent, unreadable, families, partial } = gather(check, asked, view, &mut context, &mut outcome);
    if !unreadable.is_empty() {
        let told: Vec<String> =
            unreadable.iter().map(|missing| format!("{}: {}", missing.name(), missing.failure)).collect();
        outcome.actual = format!("could not be read: {}", told.join("; "));
        if let Some(fix) = exchanges::fix_of_unread(&unreadable) {
            outcome.fix = fix.to_owned();
        }
        outcome.unreadable = unreadable;
        return outcome;
    }
    if !absent.is_empty() {
        outcome.verdict = Verdict::Fail;
        outcome.actual = absent.join("; ");
    } else {
        let worlds = match Worlds::new(check, engine, &context, &families, &partial) {
            Ok(worlds) => worlds,
            Err(failure) => return undetermined_by_check(outcome, check, &failure, view),
        };
        match decide(check, engine, &worlds, &mut outcome) {
            Ok(Decided::Yes) => {}
            Ok(Decided::NotWithout) => return undecided(outcome, &partial),
            Err(failure) => return undetermined_by_check(outcome, check, &failure, view),
        }
    }
    let mut outcome = in_doubt(outcome, check, view);
    older::leave_what_was_not_written(check, &view.json, &view.unwritten, &mut outcome);
    set_aside::leave_a_doubtful_loss_to_a_person(check, &view.json, &mut outcome);
    exchanges::leave_unread_bodies_to_a_person(check, asked, &view.json, engine, &mut outcome);
    signs::leave_a_doubtful_gain_to_a_person(check, &view.json, &mut outcome);
    outcome
}

/// What was set aside is never absent: a verdict that it could turn waits for a person.
fn in_doubt(mut outcome: Outcome, check: &Check, view: &View) -> Outcome {
    let could_turn = match outcome.verdict {
        Verdict::Fail | Verdict::Partial => !check.forbids,
        Verdict::Pass => check.forbids,
        _ => false,
    };
    let mut groups: Vec<&UnreadFiles> = Vec::new();
    for group in check.reads.iter().flat_map(|path| view.code_set_aside.of_reading(path)) {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    if !could_turn || groups.is_empty() {
        return outcome;
    }
    let told: Vec<String> = groups.iter().map(ToString::to_string).collect();
    outcome.verdict = Verdict::Manual;
    outcome.ratio = 0.0;
    outcome.expectations.clear();
    outcome.actual = format!("not all of the code was read: {}; in the rest: {}", told.join("; "), outcome.actual);
    outcome
}

/// What a check reads.
struct Gathered<'a> {
    /// Notes of what was looked for and is not there.
    absent: Vec<String>,
    unreadable: Vec<UnreadableReading>,
    /// Readings by family, then name.
    families: BTreeMap<&'a str, BTreeMap<&'a str, Value>>,
    /// Tables among them of which something is missing.
    partial: Vec<PartialTable>,
}

/// Whether what was read is enough to judge.
enum Decided {
    Yes,
    /// What is missing of a table may change the outcome.
    NotWithout,
}

/// Rows that were not read may change the outcome: nothing is earned and nothing lost.
fn undecided(mut outcome: Outcome, partial: &[PartialTable]) -> Outcome {
    outcome.verdict = Verdict::Undetermined;
    outcome.ratio = 0.0;
    outcome.unreadable = partial.iter().flat_map(PartialTable::unreadable).collect();
    let told: Vec<String> =
        outcome.unreadable.iter().map(|missing| format!("{}: {}", missing.name(), missing.failure)).collect();
    outcome.actual = format!("could not be read: {}", told.join("; "));
    outcome
}

/// Puts every reading and exchange into the context; tells what is absent and what is unreadable.
fn gather<'a>(
    check: &'a Check,
    asked: &Asked,
    view: &View,
    context: &mut BTreeMap<String, Value>,
    outcome: &mut Outcome,
) -> Gathered<'a> {
    let mut families: BTreeMap<&str, BTreeMap<&str, Value>> = BTreeMap::new();
    let (mut absent, mut unreadable, mut partial) = (Vec::new(), Vec::new(), Vec::new());
    for path in &check.reads {
        let Some((family, name)) = path.split_once('.') else { continue };
        let value = match view.reading(&pointer_of(path)) {
            Ok(value) => value,
            Err(Missing::Absent(note)) => {
                if !check.optional.contains(path) {
                    absent.push(note);
                }
                Value::from(())
            }
            Err(Missing::Unreadable(missing)) => {
                unreadable.push(missing);
                continue;
            }
        };
        if family == "aws" {
            partial.extend(PartialTable::of(&view.json, name, &asked.resource_types));
        }
        families.entry(family).or_default().insert(name, value);
    }
    let mut answer = |name: &str, pointer: String, optional: bool, beside: bool| {
        match view.reading(&pointer) {
            Ok(value) => {
                context.insert(name.to_owned(), value);
            }
            Err(Missing::Absent(_)) if optional || beside => {
                context.insert(name.to_owned(), Value::from(()));
            }
            // It speaks for itself only.
            Err(Missing::Unreadable(_)) if beside => {
                context.insert(name.to_owned(), Value::from(()));
            }
            Err(Missing::Absent(note)) => absent.push(note),
            // What no request was sent for is said once.
            Err(Missing::Unreadable(missing)) if unreadable.iter().any(|known| known.failure == missing.failure) => {}
            Err(Missing::Unreadable(missing)) => unreadable.push(missing),
        }
        outcome.evidence.push(pointer);
    };
    for (position, step) in check.requests.iter().enumerate() {
        let key = asked.requests.get(position).map(String::as_str).unwrap_or_default();
        answer(&step.name.text, exchanges::pointer(&view.json, key), step.optional, step.beside);
    }
    if let Some(step) = &check.recovery {
        answer(&step.name.text, "/http/recovery".to_owned(), false, false);
    }
    if let Some(spec) = &check.load {
        let key = asked.load.as_deref().unwrap_or_default();
        let pointer = exchanges::keyed("loads", key);
        answer(&spec.name.text, pointer.clone(), false, false);
        outcome.pictures.extend(view.picture(&pointer, key));
    }
    absent.dedup();
    let asks = !check.requests.is_empty() || check.load.is_some() || check.recovery.is_some();
    if let Some(fix) = exchanges::fix_without_target(&view.json, Some(scope_words(view.scope.as_ref(), check).as_str()))
        .filter(|_| asks && !absent.is_empty())
    {
        outcome.fix = fix;
    }
    Gathered { absent, unreadable, families, partial }
}

fn decide(
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

/// A check that fails on real evidence is the check's defect, never the student's loss.
fn undetermined_by_check(mut outcome: Outcome, check: &Check, error: &ExpressionError, view: &View) -> Outcome {
    let is_taken_out = |pointer: &&String| view.json.pointer(pointer).is_none() && older::is_of(pointer, &outcome);
    if let Some(pointer) = view.unwritten.iter().find(is_taken_out) {
        older::not_collected(&mut outcome, pointer);
        return outcome;
    }
    let detail =
        format!("check {} could not be evaluated on this evidence: {error}; fix {}", check.id, check.source.name);
    outcome.verdict = Verdict::Undetermined;
    outcome.ratio = 0.0;
    outcome.actual.clone_from(&detail);
    outcome.expectations.clear();
    let pointer = outcome.evidence.first().cloned().unwrap_or_default();
    outcome.unreadable.push(UnreadableReading { pointer, failure: Unreadable::new(Cause::Malformed, detail) });
    outcome
}

fn pointer_of(path: &str) -> String {
    format!("/{}", path.replace('.', "/"))
}

/// Six decimals: more than any point needs, and free of the last bit's noise.
fn rounded(ratio: f64) -> f64 {
    (ratio * 1e6).round() / 1e6
}
