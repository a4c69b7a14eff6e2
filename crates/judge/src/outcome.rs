//! One check on one team's evidence → an outcome.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use minijinja::Value;

use super::decide::{Decided, decide};
use super::exchanges;
use super::gaps::{PartialTable, Worlds, unread};
use super::interval::Interval;
use super::missing::{self, Lacking};
use super::older;
use super::routing;
use super::scorecard::{Outcome, UnreadableReading, Verdict};
use super::set_aside;
use super::signs;
use super::strangers;
use super::view::{Missing, View, pointer_of};
use stackmark_course::Check;
use stackmark_course::expect::Spanned;
use stackmark_evidence::asked::Asked;
use stackmark_evidence::{Cause, Unreadable};
use stackmark_language::expression::{Engine, ExpressionError, value_of};

/// Judges one check with its parameters.
///
/// `asked` names the requests and the load that the check needs; a request that it does not name was not collected.
pub fn outcome(check: &Check, with: &IndexMap<String, Value>, asked: &Asked, view: &View, engine: &Engine) -> Outcome {
    let mut outcome = judged(check, with, asked, view, engine);
    if let Some((strange, json)) = strangers::set_aside(check, asked, &view.json) {
        let rest = judged(check, with, asked, &view.with(json), engine);
        strangers::leave_to_a_person(&strange, &rest, &mut outcome);
    }
    view.say(&mut outcome);
    outcome
}

fn judged(check: &Check, with: &IndexMap<String, Value>, asked: &Asked, view: &View, engine: &Engine) -> Outcome {
    let mut context: BTreeMap<String, Value> = with.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    context.insert("team".to_owned(), view.team.clone());
    context.insert("scope".to_owned(), Value::from(view.said_scope(check)));
    let fixed = value_of(&context);
    let words =
        |template: &Spanned| view.words.render(&template.text, &fixed).unwrap_or_else(|_| template.text.clone());
    let mut outcome = Outcome {
        verdict: Verdict::Undetermined,
        ratio: 0.0,
        at_least: None,
        at_most: None,
        expected: words(&check.title),
        actual: String::new(),
        for_marker: None,
        why: words(&check.why),
        fix: words(&check.fix),
        next_step: false,
        expectations: Vec::new(),
        evidence: check.reads.iter().map(|path| pointer_of(path)).collect(),
        unreadable: Vec::new(),
        pictures: Vec::new(),
    };
    let Gathered { absent, mut unreadable, families, partial, as_read, between } =
        gather(check, asked, view, &mut context, &mut outcome);
    if !absent.is_empty() {
        // Whatever could not be read beside it.
        outcome.verdict = Verdict::Fail;
        outcome.actual = absent.join("; ");
        if let Some(fix) = view.fix_without_commit(check) {
            outcome.fix = fix.to_owned();
        }
    } else {
        let nobody = view.unknown_members(check);
        let lacking = Lacking { unread: !unreadable.is_empty() || nobody.is_some(), as_read, between };
        let worlds = match Worlds::new(check, engine, &context, &families, &partial, lacking) {
            Ok(worlds) => worlds,
            Err(failure) => return undetermined_by_check(outcome, check, &failure, view),
        };
        let speech = view.speech();
        match decide(check, engine, &speech, &worlds, &mut outcome) {
            // An empty one earns nothing, whatever applies.
            Ok(Decided::Yes)
                if outcome.verdict == Verdict::NotApplicable && !unreadable.is_empty() && view.may_be_empty(check) =>
            {
                outcome.leave_open(Verdict::Undetermined, 0.0, 1.0);
                not_without(unreadable, &partial, "", &mut outcome);
            }
            Ok(Decided::Yes) => {}
            Ok(Decided::NotWithout(said)) => {
                // What keeps the members unknown keeps the history's measures unknown, and is told of these.
                let nobody = nobody.filter(|_| unreadable.is_empty() && partial.is_empty());
                unreadable.extend(nobody);
                not_without(unreadable, &partial, &said.join(speech.between), &mut outcome);
            }
            Err(failure) => return undetermined_by_check(outcome, check, &failure, view),
        }
    }
    let mut outcome = in_doubt(outcome, check, view);
    older::leave_what_was_not_written(check, &view.json, &view.unwritten, &mut outcome);
    set_aside::leave_a_doubtful_loss_to_a_person(check, &view.json, &mut outcome);
    exchanges::leave_unread_bodies_to_a_person(check, asked, &view.json, engine, &mut outcome);
    routing::leave_to_a_person(check, asked, &view.json, &mut outcome);
    signs::leave_a_doubtful_gain_to_a_person(check, &view.json, &mut outcome);
    outcome
}

/// What was set aside is never absent: what it could turn of a verdict waits for a person.
fn in_doubt(mut outcome: Outcome, check: &Check, view: &View) -> Outcome {
    let could_turn = if check.forbids { outcome.gives() } else { outcome.loses() };
    let groups = view.code_set_aside.of_readings(check.reads.iter().map(String::as_str));
    if !could_turn || groups.is_empty() {
        return outcome;
    }
    let told: Vec<String> = groups.iter().map(ToString::to_string).collect();
    match check.forbids {
        true => outcome.leave_the_gain_open(Verdict::Manual),
        false => outcome.leave_the_loss_open(Verdict::Manual),
    }
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
    /// Readings of AWS that lack fields, as they were read.
    as_read: BTreeMap<&'a str, Value>,
    /// Between which numbers fields lie that could not be read.
    between: BTreeMap<String, Interval>,
}

/// What was not read may change the outcome: what it cannot change stays earned and lost.
fn not_without(unreadable: Vec<UnreadableReading>, partial: &[PartialTable], said: &str, outcome: &mut Outcome) {
    if let Some(fix) = exchanges::fix_of_unread(&unreadable) {
        outcome.fix = fix.to_owned();
    }
    outcome.unreadable = unreadable;
    outcome.unreadable.extend(partial.iter().flat_map(PartialTable::unreadable));
    let mut told: Vec<String> = Vec::new();
    for (at, missing) in outcome.unreadable.iter().enumerate() {
        // All that is read of the report is read of one document, and why it is not is said once.
        let is_of_report = |missing: &UnreadableReading| missing.pointer.starts_with("/report/");
        let mut before = outcome.unreadable[..at].iter().filter(|before| is_of_report(before));
        if !is_of_report(missing) || before.all(|before| before.failure != missing.failure) {
            told.push(format!("{}: {}", missing.name(), missing.failure));
        }
    }
    outcome.actual = format!("could not be read: {}", told.join("; "));
    if !said.is_empty() {
        outcome.actual = format!("{}; surely missing: {}", outcome.actual, said);
    }
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
    let (mut as_read, mut between) = (BTreeMap::new(), BTreeMap::new());
    for path in &check.reads {
        let Some((family, name)) = path.split_once('.') else { continue };
        let mut value = match view.reading(&pointer_of(path)) {
            Ok(value) => value,
            Err(Missing::Absent(note)) => {
                if !check.optional.contains(path) {
                    absent.push(note);
                }
                Value::from(())
            }
            Err(Missing::Unreadable(missing)) => {
                unreadable.push(missing);
                unread()
            }
        };
        if family == "aws" {
            if let Some(fields) = missing::fields(&view.json, name) {
                value = fields.known;
                unreadable.extend(fields.why);
                as_read.insert(name, fields.as_read);
                between.extend(fields.between);
            }
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
            Err(Missing::Unreadable(missing)) => {
                context.insert(name.to_owned(), unread());
                // What no request was sent for is said once.
                if unreadable.iter().all(|known| known.failure != missing.failure) {
                    unreadable.push(missing);
                }
            }
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
    if let Some(fix) = exchanges::fix_without_target(&view.json, Some(view.scope_words(check).as_str()))
        .filter(|_| asks && !absent.is_empty())
    {
        outcome.fix = fix;
    }
    Gathered { absent, unreadable, families, partial, as_read, between }
}

/// A check that fails on real evidence is the check's defect, never the student's loss.
fn undetermined_by_check(mut outcome: Outcome, check: &Check, error: &ExpressionError, view: &View) -> Outcome {
    // Whatever was filled in before it failed is no finding.
    (outcome.verdict, outcome.ratio) = (Verdict::Undetermined, 0.0);
    (outcome.at_least, outcome.at_most) = (None, None);
    let is_taken_out = |pointer: &&String| view.json.pointer(pointer).is_none() && older::is_of(pointer, &outcome);
    if let Some(pointer) = view.unwritten.iter().find(is_taken_out) {
        older::not_collected(&mut outcome, pointer);
        return outcome;
    }
    let detail =
        format!("check {} could not be evaluated on this evidence: {error}; fix {}", check.id, check.source.name);
    outcome.actual.clone_from(&detail);
    outcome.expectations.clear();
    let pointer = outcome.evidence.first().cloned().unwrap_or_default();
    outcome.unreadable.push(UnreadableReading { pointer, failure: Unreadable::new(Cause::Malformed, detail) });
    outcome
}
