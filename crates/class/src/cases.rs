//! Cases of checks: evidence, changed in a few places, and what has to come out. Ours and an author's run by the same code.
//!
//! A case is `<family>/<name>/<case>.toml`:
//!
//! ```toml
//! expect = "fail"                     # a verdict
//! ratio = 0.5                         # optional: part of the points
//! at_least = 0.5                      # optional: part of them that is earned whatever a person decides; `at_most` as well
//! says = "no Auto Scaling group"      # part of what is found; optional for a pass
//! base = "stack"                      # optional: the readings of stack.json come before those of base.json
//! with = { min = 2 }                  # parameters of the check
//! null = ["/code/readme/value/path"]  # pointers to what shall be nothing
//! [set]                               # pointers and values; `*` is every element or key, `<name>` the answer to a request
//! "/aws/auto_scaling_groups/value/*/min_size" = 0
//! ```
//!
//! The changed evidence is read back as the typed bundle, so that a case cannot drift from what the collectors write.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use stackmark_course::reader::Reader;
use stackmark_course::{Check, Sentences, SourceText, params};
use stackmark_evidence::Evidence;
use stackmark_judge::outcome::outcome;
use stackmark_judge::scorecard::Outcome;
use stackmark_judge::view::View;
use stackmark_language::expression::Engine;
use stackmark_language::team_value;
use stackmark_plan::fill;

use crate::store;

/// The evidence of a good team.
const BASE: &str = include_str!("../../../tests/checks/base.json");
/// A small stack, with a row or two of every table.
const STACK: &str = include_str!("../../../tests/checks/stack.json");
/// A load.
const LOAD: &str = include_str!("../../../tests/checks/load.json");

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its file.
    pub path: PathBuf,
    /// Its document.
    pub toml: toml::Table,
}

impl Case {
    /// Reads a case.
    ///
    /// # Errors
    /// The file cannot be read or is not TOML, or says no verdict; the message names it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let named = |what: String| format!("{}: {what}", path.display());
        let text = store::read(path).map_err(|error| error.to_string())?;
        let toml: toml::Table = text.parse().map_err(|error: toml::de::Error| named(error.to_string()))?;
        if toml.get("expect").and_then(toml::Value::as_str).is_none() {
            return Err(named("it says no verdict; add expect = \"pass\"".to_owned()));
        }
        Ok(Self { path: path.to_owned(), toml })
    }

    /// The verdict that has to come out.
    pub fn expects(&self) -> &str {
        self.toml.get("expect").and_then(toml::Value::as_str).unwrap_or_default()
    }
}

/// The cases of a check in a folder of cases, sorted; none where it has no folder there.
///
/// # Errors
/// A case that cannot be read; the message names it.
pub fn cases_of(folder: &Path, check: &str) -> Result<Vec<Case>, String> {
    let Ok(entries) = std::fs::read_dir(folder.join(check)) else { return Ok(Vec::new()) };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    paths.iter().map(|path| Case::read(path)).collect()
}

/// The outcome of a case, its evidence changed once more.
///
/// # Errors
/// A case that does not fit the check or the evidence; the message says how.
pub fn outcome_of(
    check: &Check,
    case: &Case,
    engine: &Engine,
    change: impl FnOnce(&mut Json),
) -> Result<Outcome, String> {
    outcome_in(check, case, engine, &Arc::default(), change)
}

/// As [`outcome_of`], in the language of these sentences.
///
/// # Errors
/// A case that does not fit the check or the evidence; the message says how.
pub fn outcome_in(
    check: &Check,
    case: &Case,
    engine: &Engine,
    sentences: &Arc<Sentences>,
    change: impl FnOnce(&mut Json),
) -> Result<Outcome, String> {
    let json_of = |text: &str| serde_json::from_str::<Json>(text).map_err(|error| error.to_string());
    let base = json_of(BASE)?;
    let with_text = case.toml.get("with").map(toml::to_string).transpose().map_err(|error| error.to_string())?;
    let with_text = with_text.unwrap_or_default();
    let source = SourceText::new("with", with_text);
    let (with, problems) = Reader::new(&source)
        .read(|table| Some(params::bind(&check.params, Some(&table), &check.id, table.reader(), 0..0)));
    if !problems.0.is_empty() {
        return Err(problems.to_string());
    }
    let with = with.unwrap_or_default();
    let team = serde_json::from_value(base["team"].clone()).map_err(|error| error.to_string())?;
    let filled = fill(check, &with, &team_value(&team), engine).map_err(|error| error.to_string())?;
    let mut pointers: Vec<(String, String)> = check
        .requests
        .iter()
        .zip(&filled.requests)
        .map(|(step, request)| {
            let pointer = format!("/http/exchanges/{}", request.key.replace('~', "~0").replace('/', "~1"));
            (format!("<{}>", step.name.text), pointer)
        })
        .collect();
    let mut json = base;
    if let Some(name) = case.toml.get("base") {
        if name.as_str() != Some("stack") {
            return Err(format!("there is no base {name}; leave it out, or write \"stack\""));
        }
        let over = json_of(STACK)?;
        for (family, readings) in over.as_object().into_iter().flatten() {
            for (reading, value) in readings.as_object().into_iter().flatten() {
                json[family][reading] = value.clone();
            }
        }
    }
    if let Some((spec, load)) = check.load.as_ref().zip(filled.load.as_ref()) {
        json["http"]["loads"][&load.key] = json_of(LOAD)?;
        let pointer = format!("/http/loads/{}", load.key.replace('~', "~0").replace('/', "~1"));
        pointers.push((format!("<{}>", spec.name.text), pointer));
    }
    // TOML has no null.
    let nulls = case.toml.get("null").and_then(toml::Value::as_array).into_iter().flatten();
    let nulls = nulls.filter_map(|pointer| Some((pointer.as_str()?.to_owned(), Json::Null)));
    let values = case.toml.get("set").and_then(toml::Value::as_table).into_iter().flatten();
    let values = values.map(|(pointer, value)| (pointer.clone(), serde_json::to_value(value).unwrap_or_default()));
    for (pointer, value) in nulls.chain(values) {
        let pointer = pointers.iter().fold(pointer, |pointer, (name, at)| pointer.replace(name, at));
        let parts: Vec<String> =
            pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        set(&mut json, &parts, &value).map_err(|message| format!("{pointer}: {message}"))?;
    }
    change(&mut json);
    let evidence: Evidence = serde_json::from_value(json).map_err(|error| format!("not evidence any more: {error}"))?;
    let view = View::new(&evidence).map_err(|error| error.to_string())?.speaking(sentences);
    Ok(outcome(check, &with, &filled.asked, &view, engine))
}

/// Runs a case.
///
/// # Errors
/// What came out instead, in words.
pub fn run(check: &Check, case: &Case, engine: &Engine) -> Result<(), String> {
    let outcome = outcome_of(check, case, engine, |_| {})?;
    let verdict = case.expects();
    if outcome.verdict.as_str() != verdict {
        return Err(format!("{} instead of {verdict}: {}", outcome.verdict.as_str(), outcome.actual));
    }
    if let Some(ratio) = number(&case.toml, "ratio")?
        && (outcome.ratio - ratio).abs() > 0.005
    {
        return Err(format!("ratio {} instead of {ratio}: {}", outcome.ratio, outcome.actual));
    }
    let (least, most) = outcome.ends();
    for (key, end) in [("at_least", least), ("at_most", most)] {
        let expected = number(&case.toml, key)?;
        if let Some(expected) = expected.filter(|expected| (end - expected).abs() > 0.005) {
            return Err(format!("{key} {end} instead of {expected}: {}", outcome.actual));
        }
    }
    let says = case.toml.get("says").and_then(toml::Value::as_str);
    match says {
        Some(says) if !outcome.in_full().contains(says) => {
            Err(format!("says “{}”, without “{says}”", outcome.in_full()))
        }
        None if verdict != "pass" => Err("a case that is no pass needs `says`".to_owned()),
        _ => Ok(()),
    }
}

/// A number of the case, with a point or without; whatever else stands there is told, since it would hold nothing.
fn number(case: &toml::Table, key: &str) -> Result<Option<f64>, String> {
    let read = |value: &toml::Value| match value {
        toml::Value::Float(number) => Ok(*number),
        toml::Value::Integer(number) => Ok(*number as f64),
        other => Err(format!("`{key}` is {other}, which is no number: write 0.5 or 1")),
    };
    case.get(key).map(read).transpose()
}

/// Replaces what stands at the pointer; `*` is every element or key.
fn set(json: &mut Json, parts: &[String], value: &Json) -> Result<(), String> {
    let Some((part, rest)) = parts.split_first() else {
        *json = value.clone();
        return Ok(());
    };
    match json {
        Json::Array(elements) if part == "*" => elements.iter_mut().try_for_each(|element| set(element, rest, value)),
        Json::Array(elements) => {
            let index: usize = part.parse().map_err(|_| format!("{part} is no index"))?;
            set(elements.get_mut(index).ok_or_else(|| format!("there is no element {part}"))?, rest, value)
        }
        Json::Object(fields) if part == "*" => fields.values_mut().try_for_each(|field| set(field, rest, value)),
        Json::Object(fields) if rest.is_empty() => {
            fields.insert(part.clone(), value.clone());
            Ok(())
        }
        Json::Object(fields) => set(fields.get_mut(part).ok_or_else(|| format!("there is no {part}"))?, rest, value),
        _ => Err(format!("{part} is below a scalar")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_held_as_one_with_a_point_is() {
        let read = |text: &str| number(&text.parse().expect("TOML"), "at_least");
        assert_eq!(read("at_least = 0"), Ok(Some(0.0)));
        assert_eq!(read("at_least = 0.5"), Ok(Some(0.5)));
        assert_eq!(read("ratio = 1"), Ok(None));
        assert!(read("at_least = \"half\"").unwrap_err().contains("`at_least` is \"half\""));
    }
}
