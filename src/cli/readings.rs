//! What checks can read, as `stackmark explain --readings` prints it: all of it from the schema of the evidence and the
//! declarations of the tables.

use serde_json::Value as Json;

use stackmark_aws::operations_for;
use stackmark_class::Failure;
use stackmark_course::problem::did_you_mean;
use stackmark_evidence::paths::{READING_PATHS, find};
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::schema::{self, Held, held, meaning};

/// Evidence that the checks' own cases begin with: of a good team, and of a small stack.
const SAMPLES: [&str; 2] =
    [include_str!("../../tests/checks/base.json"), include_str!("../../tests/checks/stack.json")];
/// How deep fields in fields are listed.
const DEEPEST: usize = 3;

/// Every reading, in a few words.
pub(super) fn list() -> String {
    let mut text = String::new();
    for known in READING_PATHS {
        text.push_str(&format!("{:<26} {}\n", known.path, known.holds));
    }
    text.push_str(
        "\nWith its name, the fields of each: `stackmark explain --readings aws.instances`; beside these there are\n\
         `request`, `load` and `recovery`, for what a check's own requests give.\n",
    );
    text
}

/// The fields of one reading, and a sample of it.
///
/// # Errors
/// There is no such reading.
pub(super) fn one(name: &str) -> Result<String, Failure> {
    let (schema, holds) = match name {
        "request" => (schema::exchange(), "the answer to a `[[request]]`, by its name"),
        "load" => (schema::load(), "what a `[load]` measured, by its name"),
        "recovery" => (schema::recovery(), "what a `[recovery]` saw, by its name"),
        _ => (schema::reading(name), find(name).map_or("", |known| known.holds)),
    };
    let Some(schema) = schema.filter(|_| !holds.is_empty()) else {
        let known = READING_PATHS.iter().map(|known| known.path).chain(["request", "load", "recovery"]);
        let fix = match did_you_mean(name, known) {
            Some(close) => format!("did you mean {close}?"),
            None => "`stackmark explain --readings` lists them".to_owned(),
        };
        return Err(Failure::usage(format!("there is no reading \"{name}\"; {fix}")));
    };
    let mut text = format!("{name}: {holds}\n\n");
    fields(schema, "", 0, &mut text);
    if name.starts_with("aws.") {
        let actions = operations_for(&[name.to_owned()].into(), &ScopeRequest::default());
        let actions: Vec<String> = actions.into_iter().collect();
        text.push_str(&format!("\nPermissions: {}\n", actions.join(", ")));
    }
    if let Some(sample) = sample(name) {
        text.push_str(&format!("\nA sample:\n{}\n", serde_json::to_string_pretty(&sample)?));
    }
    Ok(text)
}

fn fields(schema: &'static Json, before: &str, depth: usize, text: &mut String) {
    match held(schema) {
        Held::Fields(all) if depth < DEEPEST => {
            for (name, field) in all {
                let path = format!("{before}{name}");
                text.push_str(&format!("  {path:<34} {:<18} {}\n", kind(field), meaning(field)));
                fields(field, &format!("{path}."), depth + 1, text);
            }
        }
        Held::List(each) => fields(each, &format!("{}[].", before.trim_end_matches('.')), depth, text),
        Held::Keyed(each) => fields(each, &format!("{before}KEY."), depth, text),
        _ => {}
    }
}

fn kind(field: &'static Json) -> String {
    match held(field) {
        Held::Fields(_) => "fields:".to_owned(),
        other => other.words(),
    }
}

/// A sample: the first element of a list.
fn sample(name: &str) -> Option<Json> {
    let (family, reading) = name.split_once('.')?;
    let value = SAMPLES.iter().find_map(|text| {
        let evidence: Json = serde_json::from_str(text).ok()?;
        evidence.get(family)?.get(reading)?.get("value").cloned()
    })?;
    match value {
        Json::Array(rows) => rows.into_iter().next(),
        other => Some(other),
    }
}
