//! What the code says of the cloud: parsed by grammars, never run, and only as far as one file or a constant tells.
//!
//! Bounded for hostile text: the parsers stop by themselves, nesting and references have a depth, values a budget of
//! steps for the whole repository, and lists a length beyond which the reading is refused rather than cut.

mod boto3;
mod calls;
mod cdk;
mod cli;
mod cloudformation;
mod deliveries;
mod files;
pub(super) mod hcl;
mod images;
mod installs;
pub(super) mod kinds;
mod made;
mod python;
pub(super) mod scope;
mod scripts;
mod services;
mod shell;
mod terraform;
mod user_data;
pub(super) mod value;
mod variables;
pub(super) mod yaml;

use std::collections::BTreeSet;

use tokei::LanguageType;

use super::cloud;
use super::cloud::reach::WhenAsked;
use super::source::Source;
pub(super) use calls::are_unlisted as calls_are_unlisted;
use python::{Parsed, Project};
use stackmark_collect::redact::Opens;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::closed::VariableKind;
use stackmark_evidence::code::CodeEvidence;
use stackmark_evidence::infrastructure::{Credential, Declared, UserData};
use stackmark_evidence::{Cause, Reading, Unreadable};
use value::Budget;

/// Longest list; no course's work comes near it.
const MOST_ROWS: usize = 20_000;
/// Source of one language that is held parsed at once, in bytes.
const MOST_PARSED: usize = 24 << 20;

/// Fills the readings of `code` that `wanted` names.
pub(super) fn read(
    blobs: &dyn Blobs,
    tree: &[TreeFile],
    sources: &[Source],
    reach: &WhenAsked<'_>,
    wanted: &BTreeSet<String>,
    code: &mut CodeEvidence,
) {
    let wants = |name: &str| wanted.contains(name);
    if wants("code.tree") {
        code.tree = files::list(blobs, tree).into();
    }
    if wants("code.credentials") {
        code.credentials = files::credentials(blobs, tree).map(|found| with_defaults(found, sources)).into();
    }
    if wants("code.declared") {
        code.declared = declared(sources, reach);
    }
    if wants("code.calls") {
        let budget = Budget::new();
        let mut found: Vec<_> = sources.iter().flat_map(|source| calls::of(source, &budget)).collect();
        found.sort_by(|a, b| (&a.path, a.line, &a.name).cmp(&(&b.path, b.line, &b.name)));
        code.calls = at_most(found, "calls").into();
    }
    if wants("code.variables") {
        code.variables = files::env_variables(blobs, tree)
            .and_then(|env| {
                let mut found = variables::find(sources);
                found.extend(env);
                found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
                at_most(found, "variables")
            })
            .into();
    }
    if wants("code.user_data") {
        code.user_data = user_data(blobs, tree, sources, reach).into();
    }
    if wants("code.services") {
        code.services = services::find(blobs, tree, sources, reach).and_then(|found| at_most(found, "services")).into();
    }
    if wants("code.short_texts") {
        code.short_texts = files::short_texts(blobs, tree).into();
    }
    if wants("code.images") {
        code.images = at_most(images::find(sources), "Dockerfiles").into();
    }
}

/// Scripts that instances run at start, and the other ways by which software gets onto machines.
fn user_data(
    blobs: &dyn Blobs,
    tree: &[TreeFile],
    sources: &[Source],
    reach: &WhenAsked<'_>,
) -> Result<Vec<UserData>, Unreadable> {
    let budget = Budget::new();
    let resources = resources(sources)?;
    let mut named = named_scripts(sources, &budget)?;
    for source in sources {
        let found = scripts::addresses(source).into_iter();
        named.extend(found.map(|(line, address)| (source.path.clone(), line, serde_json::Value::from(address))));
    }
    let is_read = |path: &str| sources.iter().any(|source| source.path == path);
    let paths: Vec<&str> = tree
        .iter()
        .filter(|file| !file.link && (file.aside.is_none() || is_read(&file.path)))
        .map(|file| file.path.as_str())
        .collect();
    let mut found = user_data::find(&resources, &named, sources, &paths, &|path| files::script(blobs, tree, path));
    found.extend(deliveries::find(sources));
    let known: BTreeSet<String> = found.iter().map(|row| row.path.clone()).collect();
    found.extend(scripts::mentioned(sources, &known));
    for row in &mut found {
        let why_not = reach.why_not(&row.path, row.line);
        row.unreachable = row.unreachable.take().or(why_not);
    }
    found.sort_by(|a, b| (&a.path, a.line, &a.script).cmp(&(&b.path, b.line, &b.script)));
    Ok(found)
}

/// Whether an operation makes a resource of a kind that all tools share.
pub(super) fn makes(operation: &str) -> bool {
    kinds::of_operation(operation, None, &std::collections::BTreeMap::new()).is_some()
}

/// With the passwords that are a variable's default: there the name and the value stand on lines of their own.
fn with_defaults(mut found: Vec<Credential>, sources: &[Source]) -> Vec<Credential> {
    for variable in variables::find(sources).into_iter().filter(|variable| variable.kind == VariableKind::Variable) {
        let Some(value) = variable.value else { continue };
        let kind = value.split_once("[redacted ").and_then(|(_, rest)| rest.split_once(']')).map(|(kind, _)| kind);
        let known = found.iter().any(|secret| secret.path == variable.path && secret.line == variable.line);
        if let Some(kind) = kind.filter(|kind| !known && Opens::of_kind(kind).is_leak_in(&variable.path)) {
            let (kind, redacted) = (kind.to_owned(), value.trim_matches('"').to_owned());
            found.push(Credential { kind, path: variable.path, line: variable.line, redacted, marked: false });
        }
    }
    found.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    found
}

/// The same where the sources could not be read.
pub(super) fn fail(failure: &Unreadable, wanted: &BTreeSet<String>, code: &mut CodeEvidence) {
    let wants = |name: &str| wanted.contains(name);
    let unreadable = || failure.clone();
    if wants("code.tree") {
        code.tree = Reading::Unreadable(unreadable());
    }
    if wants("code.credentials") {
        code.credentials = Reading::Unreadable(unreadable());
    }
    if wants("code.declared") {
        code.declared = Reading::Unreadable(unreadable());
    }
    if wants("code.calls") {
        code.calls = Reading::Unreadable(unreadable());
    }
    if wants("code.variables") {
        code.variables = Reading::Unreadable(unreadable());
    }
    if wants("code.user_data") {
        code.user_data = Reading::Unreadable(unreadable());
    }
    if wants("code.services") {
        code.services = Reading::Unreadable(unreadable());
    }
    if wants("code.short_texts") {
        code.short_texts = Reading::Unreadable(unreadable());
    }
    if wants("code.images") {
        code.images = Reading::Unreadable(unreadable());
    }
}

/// The resources that the code declares, by path and line.
fn declared(sources: &[Source], reach: &WhenAsked<'_>) -> Reading<Vec<Declared>> {
    match resources(sources) {
        Ok(mut found) => {
            for row in &mut found {
                row.unreachable = reach.why_not(&row.path, row.line);
            }
            let values = found.iter_mut().flat_map(|declared| declared.arguments.values_mut());
            values.for_each(value::shorten);
            Reading::observed(found)
        }
        Err(failure) => Reading::Unreadable(failure),
    }
}

/// The same with scripts in full.
fn resources(sources: &[Source]) -> Result<Vec<Declared>, Unreadable> {
    let budget = Budget::new();
    let scripts = of_languages(sources, &[LanguageType::Sh, LanguageType::Bash, LanguageType::Zsh]);
    let terraform = of_languages(sources, &[LanguageType::Hcl]);
    if let Some(failure) = too_much(&scripts).or_else(|| too_much(&terraform)) {
        return Err(failure);
    }
    let mut found = terraform::declared(&terraform, &budget);
    found.extend(cli::declared(&scripts, &budget));
    found.extend(with_python(sources, &budget, |project| {
        let clients = cloud::clients(sources);
        let of_file = |file: usize| {
            let mut found = boto3::declared(project, file, &clients);
            found.extend(cdk::in_python(project, file));
            found
        };
        (0..project.files.len()).flat_map(of_file).collect::<Vec<_>>()
    })?);
    found.extend(sources.iter().flat_map(cdk::in_braced));
    for source in of_languages(sources, &[LanguageType::Yaml, LanguageType::Json]) {
        if let Some(template) = cloudformation::Template::parse(&source.text, &budget) {
            found.extend(template.declared(&source.path));
        }
    }
    found.sort_by(|a, b| (&a.path, a.line, &a.resource_type).cmp(&(&b.path, b.line, &b.resource_type)));
    at_most(found, "resources")
}

/// Path, line and value of what Python calls user data.
fn named_scripts(sources: &[Source], budget: &Budget) -> Result<Vec<(String, u64, serde_json::Value)>, Unreadable> {
    let mut found = with_python(sources, budget, |project| {
        let scripts = |file: usize| {
            let path = project.files[file].path;
            let mut scripts = boto3::named_scripts(project, file);
            scripts.extend(cdk::commands_in_python(project, file));
            scripts.into_iter().map(move |(line, value)| (path.to_owned(), line, value))
        };
        (0..project.files.len()).flat_map(scripts).collect::<Vec<_>>()
    })?;
    for source in sources {
        found.extend(
            cdk::commands_in_braced(source).into_iter().map(|(line, value)| (source.path.clone(), line, value)),
        );
    }
    Ok(found)
}

fn of_languages<'a>(sources: &'a [Source], languages: &[LanguageType]) -> Vec<&'a Source> {
    sources.iter().filter(|source| languages.contains(&source.language)).collect()
}

/// Calls `use_it` with all of the Python.
fn with_python<T>(
    sources: &[Source],
    budget: &Budget,
    use_it: impl FnOnce(&Project<'_>) -> T,
) -> Result<T, Unreadable> {
    let python = of_languages(sources, &[LanguageType::Python]);
    if let Some(failure) = too_much(&python) {
        return Err(failure);
    }
    let parsed: Vec<Parsed<'_>> = python
        .iter()
        .filter_map(|source| {
            Some(Parsed { path: &source.path, text: &source.text, tree: super::syntax::python(&source.text)? })
        })
        .collect();
    Ok(use_it(&Project::new(&parsed, budget)))
}

fn too_much(sources: &[&Source]) -> Option<Unreadable> {
    let bytes: usize = sources.iter().map(|source| source.text.len()).sum();
    let language = sources.first().map_or("", |source| source.language.name());
    (bytes > MOST_PARSED).then(|| {
        let detail = format!("{bytes} bytes of {language}, more than the {MOST_PARSED} that are read");
        Unreadable::new(Cause::Refused, detail)
    })
}

/// A cut list would pass for a whole one.
fn at_most<T>(found: Vec<T>, of: &str) -> Result<Vec<T>, Unreadable> {
    if found.len() > MOST_ROWS {
        return Err(Unreadable::new(Cause::Refused, format!("{} {of}, more than {MOST_ROWS}", found.len())));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
