//! Resources that boto3 calls make, and those of `aws` commands that Python runs.

use serde_json::Value;
use tree_sitter::Node;

use super::cli;
use super::kinds;
use super::made::made;
use super::python::{At, File, Project};
use super::scope::{self, Place};
use super::value::snake_arguments;
use crate::cloud::Clients;
use crate::cloud::boto3::{is_shown, methods, string_content};
use crate::syntax::{line_of, text_of};
use stackmark_evidence::closed::DeclaredTool;
use stackmark_evidence::infrastructure::Declared;

/// What one file makes.
pub(super) fn declared(project: &Project<'_>, index: usize, clients: &Clients) -> Vec<Declared> {
    let file = &project.files[index];
    let mut calls = methods(file.tree, file.text, clients).into_iter().peekable();
    let mut found = Vec::new();
    scope::walk(file.tree, file.text, |node, place| {
        let at = At { file: index, scope: place.scope };
        match node.kind() {
            "call" => {
                // Both go through the file in the same order.
                while let Some(method) = calls.next_if(|method| method.call.id() == node.id()) {
                    let arguments = snake_arguments(project.keywords(node, at));
                    // A method of the team's own that is called like one of AWS's; AWS's want arguments by name.
                    let may_be_bare =
                        matches!(method.operation.as_str(), "create_internet_gateway" | "allocate_address");
                    if method.service.is_none() && arguments.is_empty() && !may_be_bare {
                        continue;
                    }
                    if let Some(kind) = kinds::of_operation(&method.operation, method.service.as_deref(), &arguments) {
                        let tool = DeclaredTool::Boto3;
                        let mut declared = made(tool, file.path, method.line, &method.operation, kind, arguments);
                        if place.in_loop {
                            declared.count = None;
                        }
                        found.push(declared);
                    }
                }
            }
            "string" => found.extend(in_string(project, file, node, place)),
            "list" => found.extend(of_words(project, node, at, place)),
            _ => {}
        }
    });
    found
}

/// `os.system("aws ec2 …")` and scripts in strings.
fn in_string(project: &Project<'_>, file: &File<'_>, node: Node<'_>, place: Place) -> Vec<Declared> {
    let content = string_content(node, file.text).filter(|content| content.contains("aws "));
    let Some(content) = content.filter(|_| !is_shown(node, file.text)) else { return Vec::new() };
    let mut found = cli::declared_in(file.path, content, line_of(node) - 1, project.budget);
    if place.in_loop {
        found.iter_mut().for_each(|declared| declared.count = None);
    }
    found
}

/// `["aws", "ec2", "run-instances", "--count", str(N)]`.
fn of_words(project: &Project<'_>, node: Node<'_>, at: At, place: Place) -> Option<Declared> {
    let text = project.files[at.file].text;
    let first = node.named_child(0).filter(|first| string_content(*first, text) == Some("aws"))?;
    debug_assert!(!text_of(first, text).is_empty());
    let Value::Array(words) = project.value(node, at) else { return None };
    let words: Vec<String> = words.iter().filter_map(super::value::text_of_scalar).collect();
    let mut declared = cli::declared_by(project.files[at.file].path, line_of(node), &words, project.budget)?;
    if place.in_loop {
        declared.count = None;
    }
    Some(declared)
}

/// Scripts that go by the name of user data: `user_data_web = open("web.sh").read()`, and what a function of that name
/// returns. Many teams hand them on as an argument, where no constant leads back to them.
pub(super) fn named_scripts(project: &Project<'_>, index: usize) -> Vec<(u64, Value)> {
    let file = &project.files[index];
    let mut found = Vec::new();
    // Node ids of the functions that are named so.
    let mut functions = std::collections::BTreeSet::new();
    scope::walk(file.tree, file.text, |node, place| {
        let at = At { file: index, scope: place.scope };
        let value = match node.kind() {
            "function_definition" => {
                if node.child_by_field_name("name").is_some_and(|name| is_user_data(text_of(name, file.text))) {
                    functions.insert(node.id());
                }
                None
            }
            "assignment" => node
                .child_by_field_name("left")
                .filter(|left| is_user_data(text_of(*left, file.text)))
                .and_then(|_| node.child_by_field_name("right")),
            "return_statement" if functions.contains(&place.scope) => node.named_child(0),
            _ => None,
        };
        found.extend(value.map(|value| (line_of(node), project.value(value, at))));
    });
    found
}

fn is_user_data(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect();
    plain.len() < 60 && ["userdata", "startupscript", "bootstrapscript"].iter().any(|word| plain.contains(word))
}
