//! Resources that `aws` commands make.

use std::collections::BTreeMap;

use serde_json::Value;

use super::kinds;
use super::made::made;
use super::shell::{Variables, commands, without_prefixes};
use super::value::{Budget, snake_keys};
use crate::cloud::WITH_VALUE;
use crate::source::{Source, file_name};
use crate::syntax::{self, line_of};
use stackmark_evidence::closed::DeclaredTool;
use stackmark_evidence::infrastructure::Declared;

/// What the scripts make; a script that is sourced gives its variables.
pub(super) fn declared(sources: &[&Source], budget: &Budget) -> Vec<Declared> {
    let parsed: Vec<_> = sources.iter().filter_map(|source| Some((*source, syntax::bash(&source.text)?))).collect();
    let mut found = Vec::new();
    for (source, tree) in &parsed {
        if !source.text.contains("aws") {
            continue;
        }
        let mut variables = Variables::new(budget);
        let mut sourced: Vec<String> = Vec::new();
        commands(tree, &source.text, &variables, |_, words, _| {
            if let [command, file, ..] = words.as_slice()
                && matches!(command.as_str(), "." | "source")
            {
                sourced.push(file_name(file).to_owned());
            }
        });
        for (other, tree) in &parsed {
            if sourced.iter().any(|name| name == file_name(&other.path)) {
                variables.add(tree, &other.text);
            }
        }
        variables.add(tree, &source.text);
        commands(tree, &source.text, &variables, |node, words, in_loop| {
            if let Some(mut declared) = declared_by(&source.path, line_of(node), &words, budget) {
                if in_loop {
                    declared.count = None;
                }
                found.push(declared);
            }
        });
    }
    found
}

/// What a script within another file makes; its first line comes after line `before`.
pub(super) fn declared_in(path: &str, script: &str, before: u64, budget: &Budget) -> Vec<Declared> {
    let Some(tree) = syntax::bash(script) else { return Vec::new() };
    let mut variables = Variables::new(budget);
    variables.add(&tree, script);
    let mut found = Vec::new();
    commands(&tree, script, &variables, |node, words, _| {
        found.extend(declared_by(path, before + line_of(node), &words, budget));
    });
    found
}

/// What one command makes, if it makes something.
pub(super) fn declared_by(path: &str, line: u64, words: &[String], budget: &Budget) -> Option<Declared> {
    let command = parse(words, budget)?;
    if command.service == "s3" && command.operation == "mb" {
        let bucket = command.positional.first()?.trim_start_matches("s3://").to_owned();
        let arguments = BTreeMap::from([("bucket".to_owned(), Value::from(bucket))]);
        let kind = kinds::of_operation("create_bucket", Some("s3"), &arguments)?;
        return Some(made(DeclaredTool::Cli, path, line, "create_bucket", kind, arguments));
    }
    let kind = kinds::of_operation(&command.operation, Some(&command.service), &command.options)?;
    Some(made(DeclaredTool::Cli, path, line, &command.operation, kind, command.options))
}

/// `aws SERVICE OPERATION --options`.
pub(super) struct Command {
    pub(super) service: String,
    /// In snake_case.
    pub(super) operation: String,
    pub(super) options: BTreeMap<String, Value>,
    positional: Vec<String>,
}

pub(super) fn parse(words: &[String], budget: &Budget) -> Option<Command> {
    let words = without_prefixes(words);
    let (program, mut rest) = words.split_first()?;
    if program != "aws" && !program.ends_with("/aws") {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    while names.len() < 2 {
        let (word, more) = rest.split_first()?;
        rest = more;
        if WITH_VALUE.contains(&word.as_str()) {
            rest = rest.get(1..)?;
        } else if !word.starts_with('-') {
            names.push(word);
        }
    }
    let (service, name) = (names[0], names[1]);
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_name(service) || !is_name(name) || name == "wait" {
        return None;
    }
    let mut options = BTreeMap::new();
    let mut positional = Vec::new();
    let mut key: Option<String> = None;
    let mut values: Vec<Value> = Vec::new();
    let mut close = |key: &mut Option<String>, values: &mut Vec<Value>| {
        if let Some(key) = key.take() {
            let value = match values.len() {
                0 => Value::Bool(true),
                1 => values.remove(0),
                _ => Value::Array(std::mem::take(values)),
            };
            options.insert(key, value);
        }
        values.clear();
    };
    for word in rest {
        if let Some(option) = word.strip_prefix("--").filter(|option| !option.is_empty()) {
            close(&mut key, &mut values);
            let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
            key = Some(name.replace('-', "_"));
            values.extend(value.map(|value| argument(value, budget)));
        } else if key.is_some() {
            values.push(argument(word, budget));
        } else {
            positional.push(word.clone());
        }
    }
    close(&mut key, &mut values);
    Some(Command { service: service.to_owned(), operation: name.replace('-', "_"), options, positional })
}

/// JSON where it is JSON; a number, a boolean or a text otherwise.
fn argument(word: &str, budget: &Budget) -> Value {
    if word.starts_with(['{', '['])
        && word.len() <= 64 << 10
        && let Ok(json) = serde_json::from_str::<Value>(word)
    {
        return snake_keys(json);
    }
    budget.scalar(word)
}
