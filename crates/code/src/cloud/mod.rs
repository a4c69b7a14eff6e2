//! Where the code makes, changes or reads cloud resources. `operations.toml` says which words mean which operation.
//!
//! Commented-out code and text that is only printed or documents something do not count.

pub(super) mod boto3;
mod cdktf;
mod cloudformation;
mod operations;
mod sdk;
mod shell;
mod terraform;

pub(super) use operations::snake_case;
use tokei::LanguageType;

use super::source::Source;
use stackmark_evidence::code::CloudCall;

/// A call's operation, the tool it was written for, and its line.
type Call = (String, &'static str, u64);

/// All calls in `sources`, by path and line.
pub(super) fn find(sources: &[Source]) -> Vec<CloudCall> {
    // A wrapper's methods are often called in files that do not import boto3 themselves.
    let uses_boto3 = use_boto3(sources);
    let mut calls: Vec<CloudCall> = sources
        .iter()
        .flat_map(|source| {
            calls_of(source, uses_boto3).into_iter().map(|(operation, tool, line)| CloudCall {
                operation,
                tool: tool.to_owned(),
                path: source.path.clone(),
                line,
            })
        })
        .collect();
    calls.sort_by(|a, b| (&a.path, a.line, &a.operation).cmp(&(&b.path, b.line, &b.operation)));
    calls
}

/// Whether any of the Python files imports the SDK.
pub(super) fn use_boto3(sources: &[Source]) -> bool {
    sources.iter().any(|source| match source.language {
        LanguageType::Python => boto3::imports(&source.text),
        LanguageType::Jupyter => boto3::imports(&notebook_code(&source.text)),
        _ => false,
    })
}

fn calls_of(source: &Source, uses_boto3: bool) -> Vec<Call> {
    let text = source.text.as_str();
    match source.language {
        LanguageType::Python => boto3::calls(text, uses_boto3),
        LanguageType::Jupyter => boto3::calls(&notebook_code(text), uses_boto3),
        LanguageType::Hcl => terraform::calls(text),
        LanguageType::Json => cloudformation::calls(text),
        LanguageType::Yaml => {
            let mut calls = cloudformation::calls(text);
            calls.extend(shell::calls(text));
            calls
        }
        LanguageType::Sh
        | LanguageType::Bash
        | LanguageType::Zsh
        | LanguageType::Fish
        | LanguageType::PowerShell
        | LanguageType::Batch
        | LanguageType::Makefile
        | LanguageType::Dockerfile => shell::calls(text),
        LanguageType::JavaScript
        | LanguageType::Jsx
        | LanguageType::TypeScript
        | LanguageType::Tsx
        | LanguageType::Go
        | LanguageType::Java
        | LanguageType::Kotlin
        | LanguageType::CSharp
        | LanguageType::Rust
        | LanguageType::Ruby => sdk::calls(text),
        _ => Vec::new(),
    }
}

/// Operations that one line of shell calls.
pub(super) fn shell_operations(line: &str) -> Vec<String> {
    shell::calls(line).into_iter().map(|(operation, ..)| operation).collect()
}

/// Operations that a module of Terraform's public registry stands for.
pub(super) fn terraform_module_operations(source: &str) -> &'static [String] {
    operations::OPERATIONS.of_terraform_module(source)
}

/// The code cells of a notebook, one after the other; its lines are counted from the first cell's first.
pub(super) fn notebook_code(json: &str) -> String {
    let Ok(notebook) = serde_json::from_str::<serde_json::Value>(json) else { return String::new() };
    let cells = notebook.get("cells").and_then(|cells| cells.as_array()).map(Vec::as_slice).unwrap_or_default();
    cells
        .iter()
        .filter(|cell| cell.get("cell_type").is_some_and(|kind| kind == "code"))
        .filter_map(|cell| match cell.get("source")? {
            serde_json::Value::String(source) => Some(source.clone()),
            serde_json::Value::Array(lines) => Some(lines.iter().filter_map(|line| line.as_str()).collect()),
            _ => None,
        })
        .map(|source| source + "\n")
        .collect()
}

#[cfg(test)]
mod tests;
