//! `stackmark try`: one check on stored evidence, with what each of its expressions gives.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use minijinja::Value;
use serde_json::{Value as Json, json};

use super::options::Shared;
use super::output::Output;
use stackmark_class::{Exit, Failure, Voice as _, documents, store};
use stackmark_course::expect::Rule;
use stackmark_course::problem::did_you_mean;
use stackmark_course::reader::Reader;
use stackmark_course::{Check, SourceText, params};
use stackmark_evidence::paths::READING_PATHS;
use stackmark_evidence::{Cause, Evidence, paths, unwritten};
use stackmark_judge::outcome::outcome;
use stackmark_judge::view::View;
use stackmark_language::expression::{Engine, value_of};
use stackmark_language::team_value;
use stackmark_plan::{Filled, fill};
use stackmark_render::json::read_evidence;

/// Options of `stackmark try`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Check, such as aws/instance-types
    check: String,
    /// Team's evidence.json
    #[arg(long, value_name = "FILE")]
    evidence: PathBuf,
    /// Parameter of the check, as TOML, repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<String>,
    /// Change a value first: git.commits.0.lines=9, or page.status=404 for the request "page"
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Treat a reading as unreadable: aws.instances, or a request's name
    #[arg(long, value_name = "PATH")]
    unreadable: Vec<String>,
}

/// The file is not a team's evidence: what it is, and which file beside it was meant.
fn no_evidence(path: &Path, why: &str) -> Failure {
    let beside = path.with_file_name("evidence.json");
    let file = path.display();
    Failure::usage(match beside != path && beside.is_file() {
        true => format!("{file} is not a team's evidence: name {}", beside.display()),
        false => format!("{file} is not a team's evidence: {why}"),
    })
}

/// Runs the command.
pub(super) fn run(args: &Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let library = documents::library(&shared.library)?;
    let engine = Engine::new();
    let Some(source) = library.check(&args.check) else {
        let fix = match did_you_mean(&args.check, library.check_ids()) {
            Some(close) => format!("did you mean \"{close}\"?"),
            None => "`stackmark explain` lists them".to_owned(),
        };
        let own = if shared.library.is_empty() { "; a check of your own needs --library DIR" } else { "" };
        return Err(Failure::usage(format!("there is no check \"{}\": {fix}{own}", args.check)));
    };
    let (check, problems) = Check::parse(&args.check, source, &engine);
    output.problems(&problems);
    let check = documents::sound(check, problems)?;
    let with = parameters(&check, &args.with, output)?;
    let text = store::read(&args.evidence).map_err(|error| Failure::usage(error.to_string()))?;
    let evidence = read_evidence(&text).map_err(|error| no_evidence(&args.evidence, &error.to_string()))?;
    let mut json: Json = serde_json::from_str(&text)?;
    let filled = fill(&check, &with, &team_value(&evidence.team), &engine)
        .map_err(|error| Failure::usage(format!("with these parameters: {error}")))?;
    let answers = answers(&check, &filled);
    for path in &args.unreadable {
        let place = place(path, &answers)?;
        say_if_not_read(&check, &place, &answers, output);
        if place.inside.is_empty() {
            let reading =
                json!({ "state": "unreadable", "cause": Cause::Denied, "detail": "as asked for by --unreadable" });
            set(&mut json, &place.reading, reading).map_err(|error| wrong("--unreadable", path, &error))?;
        } else {
            return Err(wrong("--unreadable", path, "only a whole reading can be unreadable"));
        }
    }
    let mut new_fields = Vec::new();
    for change in &args.set {
        let Some((path, value)) = change.split_once('=') else {
            return Err(wrong("--set", change, "write PATH=VALUE"));
        };
        let place = place(path, &answers)?;
        say_if_not_read(&check, &place, &answers, output);
        let value = serde_json::from_str(value).unwrap_or_else(|_| Json::from(value));
        let pointer: Vec<String> = match place.inside.is_empty() {
            true => place.reading,
            false => place.reading.into_iter().chain(["value".to_owned()]).chain(place.inside.clone()).collect(),
        };
        // A whole reading that is set is observed.
        let value = if place.inside.is_empty() { json!({ "state": "observed", "value": value }) } else { value };
        let known = at(&json, &pointer).is_some();
        set(&mut json, &pointer, value).map_err(|error| wrong("--set", path, &error))?;
        new_fields.extend((!known).then_some((path, pointer)));
    }
    let mut evidence: Evidence = serde_json::from_value(json.clone())
        .map_err(|error| Failure::usage(format!("with the values set, it is not valid evidence: {error}")))?;
    // A field that the evidence does not have would be set for nobody.
    let kept = serde_json::to_value(&evidence)?;
    if let Some((path, pointer)) = new_fields.iter().find(|(_, pointer)| at(&kept, pointer).is_none()) {
        return Err(wrong("--set", path, &no_field(&kept, pointer)));
    }
    // What an older version did not write is not known, here as where it is graded.
    evidence.unwritten = unwritten::pointers(&json, &kept);
    let view = View::new(&evidence)?;
    let judged = outcome(&check, &with, &filled.asked, &view, &engine);
    let context = context(&check, &with, &answers, &evidence, &json);
    let mut text = format!("{}\n", check.id);
    for (what, expression) in expressions(&check) {
        let value = match engine.evaluate(expression, &value_of(with_bindings(&check, &context, &engine))) {
            Ok(value) => shown(&value),
            Err(_) if !judged.unreadable.is_empty() || !args.unreadable.is_empty() => {
                "not known: it rests on what could not be read".to_owned()
            }
            Err(error) => format!("error: {error}"),
        };
        text.push_str(&format!("\n{what}  {expression}\n    = {value}\n"));
    }
    text.push_str(&format!("\n{} ({:.2}): {}\n", judged.verdict.as_str(), judged.ratio, judged.in_full()));
    text.push_str(&format!("expected: {}\nfix: {}\n", judged.expected, judged.fix));
    for missing in &judged.unreadable {
        text.push_str(&format!("unreadable: {}: {}\n", missing.name(), missing.failure));
    }
    output.result(&text)?;
    Ok(Exit::Graded)
}

fn wrong(option: &str, path: &str, error: &str) -> Failure {
    Failure::usage(format!("{option} {path}: {error}"))
}

/// What is set in a reading that the check never sees changes nothing.
fn say_if_not_read(check: &Check, place: &Place, answers: &BTreeMap<String, Vec<String>>, output: &Output) {
    let name = place.reading.join(".");
    if answers.values().all(|answer| *answer != place.reading) && !check.reads.contains(&name) {
        let reads: Vec<&str> =
            check.reads.iter().map(String::as_str).chain(answers.keys().map(String::as_str)).collect();
        output.note(&format!(
            "{} does not read {name}, so that this changes nothing; it reads {}",
            check.id,
            reads.join(", ")
        ));
    }
}

/// What is at a place.
fn at<'j>(json: &'j Json, parts: &[String]) -> Option<&'j Json> {
    parts.iter().try_fold(json, |json, part| match json {
        Json::Array(elements) => elements.get(part.parse::<usize>().ok()?),
        other => other.get(part.as_str()),
    })
}

/// Why nothing can be set at a place.
fn no_field(json: &Json, pointer: &[String]) -> String {
    let Some((last, parent)) = pointer.split_last() else { return "it names no field".to_owned() };
    let beside = at(json, parent).and_then(Json::as_object).into_iter().flat_map(serde_json::Map::keys);
    match did_you_mean(last, beside.map(String::as_str)) {
        Some(close) => format!("there is no field `{last}`; did you mean `{close}`?"),
        None => format!("there is no field `{last}`; `stackmark explain --readings READING` lists them"),
    }
}

/// The check's parameters: those given, and defaults.
fn parameters(check: &Check, given: &[String], output: &Output) -> Result<IndexMap<String, Value>, Failure> {
    let mut text = String::new();
    for one in given {
        let Some((name, value)) = one.split_once('=') else {
            return Err(wrong("--with", one, "write NAME=VALUE"));
        };
        let line = format!("{name} = {value}\n");
        // A word without quotes is meant as text.
        let is_toml = line.parse::<toml::Table>().is_ok();
        text.push_str(&if is_toml { line } else { format!("{name} = {}\n", toml::Value::from(value)) });
    }
    let source = SourceText::new("--with", text);
    let (with, problems) = Reader::new(&source)
        .read(|table| Some(params::bind(&check.params, Some(&table), &check.id, table.reader(), 0..0)));
    output.problems(&problems);
    documents::sound(with, problems)
}

/// Where the answers of the check's steps are in the evidence, by the step's name.
fn answers(check: &Check, filled: &Filled) -> BTreeMap<String, Vec<String>> {
    let at = |table: &str, key: &str| vec!["http".to_owned(), table.to_owned(), key.to_owned()];
    let mut answers = BTreeMap::new();
    for (step, request) in check.requests.iter().zip(&filled.requests) {
        answers.insert(step.name.text.clone(), at("exchanges", &request.key));
    }
    if let Some((spec, load)) = check.load.as_ref().zip(filled.load.as_ref()) {
        answers.insert(spec.name.text.clone(), at("loads", &load.key));
    }
    if let Some(step) = &check.recovery {
        answers.insert(step.name.text.clone(), vec!["http".to_owned(), "recovery".to_owned()]);
    }
    answers
}

/// A place in the evidence: the reading, and the way inside of its value.
struct Place {
    reading: Vec<String>,
    inside: Vec<String>,
}

fn place(path: &str, answers: &BTreeMap<String, Vec<String>>) -> Result<Place, Failure> {
    let parts: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
    if let Some(reading) = answers.get(&parts[0]) {
        return Ok(Place { reading: reading.clone(), inside: parts[1..].to_vec() });
    }
    let name = parts.iter().take(2).cloned().collect::<Vec<_>>().join(".");
    if paths::find(&name).is_none() {
        let known = READING_PATHS.iter().map(|known| known.path).chain(answers.keys().map(String::as_str));
        let fix = match did_you_mean(&name, known) {
            Some(close) => format!("did you mean {close}?"),
            None => "`stackmark explain --readings` lists them".to_owned(),
        };
        return Err(Failure::usage(format!("there is no reading or request \"{name}\"; {fix}")));
    }
    Ok(Place { reading: parts[..2].to_vec(), inside: parts[2..].to_vec() })
}

/// Puts a value at a place, which may be new in a table, never in a list.
fn set(json: &mut Json, parts: &[String], value: Json) -> Result<(), String> {
    let Some((part, rest)) = parts.split_first() else {
        *json = value;
        return Ok(());
    };
    match json {
        Json::Array(elements) => {
            let index: usize = part.parse().map_err(|_| format!("{part} is no index of a list"))?;
            let count = elements.len();
            let element =
                elements.get_mut(index).ok_or_else(|| format!("the list has {count} elements, none at {part}"))?;
            set(element, rest, value)
        }
        Json::Object(fields) if rest.is_empty() => {
            fields.insert(part.clone(), value);
            Ok(())
        }
        Json::Object(fields) => match fields.get_mut(part) {
            Some(inner) => set(inner, rest, value),
            None => Err(format!("there is no `{part}` in this evidence")),
        },
        _ => Err(format!("`{part}` is inside of something that has no fields")),
    }
}

/// What the check's expressions see, without its own `let`; what was not observed is `none`.
fn context(
    check: &Check,
    with: &IndexMap<String, Value>,
    answers: &BTreeMap<String, Vec<String>>,
    evidence: &Evidence,
    json: &Json,
) -> BTreeMap<String, Value> {
    let observed = |parts: &[String]| {
        let reading = parts.iter().try_fold(json, |json, part| json.get(part));
        let value = reading.filter(|reading| reading["state"] == "observed").and_then(|reading| reading.get("value"));
        value.map_or_else(|| Value::from(()), value_of)
    };
    let mut context: BTreeMap<String, Value> = with.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    context.insert("team".to_owned(), team_value(&evidence.team));
    context.insert("scope".to_owned(), Value::from("the team's tags"));
    let mut families: BTreeMap<String, BTreeMap<String, Value>> = BTreeMap::new();
    for path in &check.reads {
        if let Some((family, name)) = path.split_once('.') {
            let value = observed(&[family.to_owned(), name.to_owned()]);
            families.entry(family.to_owned()).or_default().insert(name.to_owned(), value);
        }
    }
    context.extend(families.iter().map(|(family, readings)| (family.clone(), value_of(readings))));
    context.extend(answers.iter().map(|(name, parts)| (name.clone(), observed(parts))));
    context
}

/// With those names of `let` that can be computed.
fn with_bindings(check: &Check, context: &BTreeMap<String, Value>, engine: &Engine) -> BTreeMap<String, Value> {
    let mut context = context.clone();
    for (name, expression) in &check.bindings {
        if let Ok(value) = engine.evaluate(&expression.text, &value_of(&context)) {
            context.insert(name.clone(), value);
        }
    }
    context
}

/// Every expression of the check, in the order in which they are asked.
fn expressions(check: &Check) -> Vec<(String, &str)> {
    let bindings = check.bindings.iter().map(|(name, expression)| (format!("let {name}"), expression.text.as_str()));
    let mut all: Vec<(String, &str)> = bindings.collect();
    all.extend(check.applies.iter().map(|applies| ("applies".to_owned(), applies.that.text.as_str())));
    all.extend(check.unsure.iter().map(|unsure| ("unsure".to_owned(), unsure.that.text.as_str())));
    match &check.rule {
        Rule::Expects(expects) => {
            all.extend(expects.iter().map(|expect| ("expect".to_owned(), expect.that.text.as_str())));
        }
        Rule::Score { score, .. } => all.push(("score".to_owned(), score.text.as_str())),
        Rule::Manual(_) => {}
    }
    all
}

/// Characters of a value that are printed.
const LONGEST: usize = 400;

fn shown(value: &Value) -> String {
    let text = serde_json::to_string(value).unwrap_or_else(|_| value.to_string());
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
        None => text,
    }
}
