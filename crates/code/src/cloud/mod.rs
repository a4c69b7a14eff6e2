//! Where the code makes, changes or reads cloud resources. `operations.toml` says which words mean which operation.
//!
//! Commented-out code and text that is only printed or documents something do not count; a call that nothing reaches is
//! told with the reason.

pub(super) mod boto3;
mod cdktf;
mod cloudformation;
pub(super) mod operations;
mod own;
pub(super) mod reach;
mod sdk;
mod shell;
mod terraform;

pub(super) use boto3::Clients;
pub(super) use shell::WITH_VALUE;
use tokei::LanguageType;
use tree_sitter::Tree;

use self::reach::WhenAsked;
use super::source::Source;
use super::{cdk, syntax};
use stackmark_evidence::closed::CallTool;
use stackmark_evidence::code::CloudCall;

/// A call's operation, the tool it was written for, and its line.
type Call = (String, CallTool, u64);

/// All calls in `sources`, by path and line.
pub(super) fn find(sources: &[Source], reach: &WhenAsked<'_>) -> Vec<CloudCall> {
    // A wrapper's methods are often called in files that do not import boto3 themselves.
    let clients = clients(sources);
    let mut calls: Vec<CloudCall> = sources
        .iter()
        .flat_map(|source| {
            calls_of(source, &clients).into_iter().chain(own::calls(&source.text)).map(|(operation, tool, line)| {
                CloudCall { operation, tool, path: source.path.clone(), line, unreachable: None }
            })
        })
        .collect();
    for call in &mut calls {
        call.unreachable = reach.why_not(&call.path, call.line);
    }
    calls.sort_by(|a, b| (&a.path, a.line, &a.operation).cmp(&(&b.path, b.line, &b.operation)));
    calls
}

/// What the Python files know of the SDK.
pub(super) fn clients(sources: &[Source]) -> Clients {
    let python = sources.iter().filter(|source| source.language == LanguageType::Python);
    Clients::of(python.map(|source| source.text.as_str()))
}

fn calls_of(source: &Source, clients: &Clients) -> Vec<Call> {
    let text = source.text.as_str();
    match source.language {
        LanguageType::Python => {
            let mut calls = boto3::calls(text, clients);
            calls.extend(constructs(syntax::python, cdk::in_python, text));
            calls
        }
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
        LanguageType::JavaScript | LanguageType::Jsx | LanguageType::Tsx => {
            let mut calls = sdk::calls(text);
            calls.extend(constructs(syntax::tsx, cdk::in_braced, text));
            calls
        }
        LanguageType::TypeScript => {
            let mut calls = sdk::calls(text);
            calls.extend(constructs(syntax::typescript, cdk::in_braced, text));
            calls
        }
        LanguageType::Go
        | LanguageType::Java
        | LanguageType::Kotlin
        | LanguageType::CSharp
        | LanguageType::Rust
        | LanguageType::Ruby => sdk::calls(text),
        _ => Vec::new(),
    }
}

/// What a file's constructs of the CDK make.
fn constructs(
    parse: fn(&str) -> Option<Tree>,
    found: for<'t> fn(&'t Tree, &'t str) -> Vec<cdk::Found<'t>>,
    text: &str,
) -> Vec<Call> {
    // Most files have nothing of it, and need no second tree.
    if !text.contains("aws_cdk") && !text.contains("aws-cdk") {
        return Vec::new();
    }
    let Some(tree) = parse(text) else { return Vec::new() };
    let made = found(&tree, text).into_iter().flat_map(|construct| {
        let line = construct.line;
        construct.makes.operations.into_iter().map(move |operation| (operation, CallTool::Cdk, line))
    });
    made.collect()
}

/// Operations that one line of shell calls.
pub(super) fn shell_operations(line: &str) -> Vec<String> {
    shell::calls(line).into_iter().map(|(operation, ..)| operation).collect()
}

/// Whether a script calls AWS by a name (`$AWS ec2 run-instances`) of which it does not say what it stands for.
pub(super) fn has_calls_by_a_name(text: &str) -> bool {
    shell::has_calls_by_a_name(text)
}

/// Whether Python calls a client's method, or a command of `aws`, by a name that it does not say where it calls it.
pub(super) fn has_python_calls_by_a_name(text: &str) -> bool {
    boto3::has_calls_by_a_name(text)
}

/// Operations that a text calls by an SDK of another language than Python.
pub(super) fn sdk_operations(text: &str) -> Vec<String> {
    sdk::calls(text).into_iter().map(|(operation, ..)| operation).collect()
}

/// Operations that a module of Terraform's public registry stands for.
pub(super) fn terraform_module_operations(source: &str) -> &'static [String] {
    operations::OPERATIONS.of_terraform_module(source)
}

#[cfg(test)]
mod tests;
