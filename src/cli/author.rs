//! `stackmark rubric new|new-check|test`: a course of one's own.

use std::path::{Path, PathBuf};

use super::options::Shared;
use super::output::Output;
use super::roster::refuse_existing;
use stackmark_class::cases::{Case, cases_of, run as run_case};
use stackmark_class::{Exit, Failure, Voice as _, documents, store};
use stackmark_course::Check;
use stackmark_language::expression::Engine;

/// A commented rubric.
const RUBRIC: &str = include_str!("start/rubric.toml");
/// A commented check.
const CHECK: &str = include_str!("start/check.toml");
/// Its cases, one of each kind.
const CASES: [(&str, &str); 5] = [
    ("pass", include_str!("start/cases/pass.toml")),
    ("fail", include_str!("start/cases/fail.toml")),
    ("absent", include_str!("start/cases/absent.toml")),
    ("unreadable", include_str!("start/cases/unreadable.toml")),
    ("hostile", include_str!("start/cases/hostile.toml")),
];

/// How to name another place.
const OTHERWISE: &str = "name another folder with --into";

/// Where to write.
#[derive(Debug, clap::Args)]
pub(super) struct Target {
    /// Library folder, created if missing
    #[arg(long, value_name = "DIR", default_value = ".")]
    into: PathBuf,
    /// Replace existing files
    #[arg(long)]
    force: bool,
}

/// Writes `rubrics/NAME.toml`.
pub(super) fn new_rubric(name: &str, into: &Target, output: &Output) -> Result<Exit, Failure> {
    plain(name, "a rubric's name")?;
    let path = into.into.join("rubrics").join(format!("{name}.toml"));
    refuse_existing(&path, into.force, OTHERWISE)?;
    store::write(&path, RUBRIC)?;
    output.result(&format!("{}\n", path.display()))?;
    output.note(&format!("next: `stackmark rubric lint {name} --library {}`", into.into.display()));
    Ok(Exit::Graded)
}

/// Writes `checks/FAMILY/NAME.toml` and its cases.
pub(super) fn new_check(id: &str, into: &Target, output: &Output) -> Result<Exit, Failure> {
    let Some((family, name)) = id.split_once('/') else {
        return Err(Failure::usage(format!("\"{id}\" is no check's name: write FAMILY/NAME, such as own/{id}")));
    };
    plain(family, "a family")?;
    plain(name, "a check's name")?;
    let check = into.into.join("checks").join(family).join(format!("{name}.toml"));
    let cases = into.into.join("cases").join(family).join(name);
    refuse_existing(&check, into.force, OTHERWISE)?;
    for (case, _) in CASES {
        refuse_existing(&cases.join(format!("{case}.toml")), into.force, OTHERWISE)?;
    }
    store::write(&check, CHECK)?;
    output.result(&format!("{}\n", check.display()))?;
    for (case, text) in CASES {
        let path = cases.join(format!("{case}.toml"));
        store::write(&path, text)?;
        output.result(&format!("{}\n", path.display()))?;
    }
    output.note(&format!("next: `stackmark rubric test {}`", into.into.display()));
    Ok(Exit::Graded)
}

/// Names are parts of paths.
fn plain(name: &str, what: &str) -> Result<(), Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(Failure::usage(format!("\"{name}\" is not {what}: use letters, digits, - and _")))
}

/// Runs the cases of every check of a library's folder.
pub(super) fn test(folder: &Path, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let mut library = documents::library(&shared.library)?;
    library.add_folder(folder).map_err(Failure::course)?;
    let engine = Engine::new();
    let (root, cases_folder) = (folder.join("checks"), folder.join("cases"));
    let own: Vec<String> =
        library.check_ids().filter(|id| root.join(format!("{id}.toml")).is_file()).map(ToOwned::to_owned).collect();
    if own.is_empty() {
        let message = format!("{} has no check; `stackmark rubric new-check FAMILY/NAME` writes one", root.display());
        return Err(Failure::usage(message));
    }
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for id in &own {
        let Some(source) = library.check(id) else { continue };
        let (check, problems) = Check::parse(id, source, &engine);
        output.problems(&problems);
        let Ok(check) = documents::sound(check, problems) else {
            failed += 1;
            continue;
        };
        let cases = cases_of(&cases_folder, id).map_err(Failure::course)?;
        for case in &cases {
            let told = case.path.strip_prefix(&cases_folder).unwrap_or(&case.path).display();
            match run_case(&check, case, &engine) {
                Ok(()) => passed += 1,
                Err(error) => {
                    failed += 1;
                    output.result(&format!("{told}: {error}\n"))?;
                }
            }
        }
        for missing in missing(&cases) {
            output.result(&format!("{id}: no case {missing}\n"))?;
            failed += 1;
        }
    }
    let checks = if own.len() == 1 { "1 check".to_owned() } else { format!("{} checks", own.len()) };
    output.result(&format!("{passed} passed, {failed} failed, of {checks}\n"))?;
    match failed {
        0 => Ok(Exit::Graded),
        _ => Err(Failure { exit: Exit::BadCourse, message: String::new() }),
    }
}

/// Kinds of cases that a check lacks, of those that `new-check` writes: each has to earn, lose, meet nothing, say that it does
/// not know, and print hostile text as it is.
fn missing(cases: &[Case]) -> Vec<&'static str> {
    let has = |verdicts: &[&str]| cases.iter().any(|case| verdicts.contains(&case.expects()));
    // What only a person can tell loses nothing by itself.
    let is_a_persons = has(&["manual"]) && !has(&["pass"]);
    let mut missing = Vec::new();
    if !has(&["pass", "manual"]) {
        missing.push("expects \"pass\"");
    }
    if !is_a_persons && !has(&["fail", "partial"]) {
        missing.push("expects \"fail\" or \"partial\"");
    }
    if !has(&["undetermined"]) {
        missing.push("expects \"undetermined\": what if it could not be read?");
    }
    let is_there = |kind: &str, sets: fn(&toml::Value) -> bool| {
        cases.iter().any(|case| {
            let named = case.path.file_stem().is_some_and(|stem| stem.to_string_lossy().contains(kind));
            named || case.toml.get("set").is_some_and(sets)
        })
    };
    if !is_a_persons && !is_there("absent", empties) && !cases.iter().any(|case| case.toml.contains_key("null")) {
        missing.push("sets a reading to { state = \"absent\", note = \"…\" }: what if it is not there?");
    }
    if !is_a_persons && !is_there("hostile", is_hostile) {
        missing.push("sets hostile text, such as \"{{ 7 * 7 }}\" or \"<b>\": is it printed, and not run?");
    }
    missing
}

/// Whether a case's values say that something was looked for and is not there.
fn empties(value: &toml::Value) -> bool {
    match value {
        toml::Value::String(text) => text == "absent",
        toml::Value::Array(items) => items.is_empty() || items.iter().any(empties),
        toml::Value::Table(fields) => fields.values().any(empties),
        _ => false,
    }
}

/// Whether text among a case's values is of the kind that a template or a page might run.
fn is_hostile(value: &toml::Value) -> bool {
    match value {
        toml::Value::String(text) => {
            ["{{", "{%", "<", "](", "$("].iter().any(|sign| text.contains(sign)) || text.chars().any(char::is_control)
        }
        toml::Value::Array(items) => items.iter().any(is_hostile),
        toml::Value::Table(fields) => fields.values().any(is_hostile),
        _ => false,
    }
}
