//! Calls of boto3's clients and resources, and `aws` commands that Python runs.

use std::collections::BTreeMap;

use tree_sitter::{Node, Tree};

use super::operations::OPERATIONS;
use super::{Call, cdktf, shell};
use crate::syntax::{self, line_of, text_of};

/// Whether the file imports one of the SDK's packages.
pub(crate) fn imports(text: &str) -> bool {
    text.lines().map(str::trim_start).any(|line| {
        (line.starts_with("import ") || line.starts_with("from "))
            && ["boto3", "botocore", "aioboto3", "aiobotocore"].iter().any(|package| line.contains(package))
    })
}

pub(super) fn calls(text: &str, uses_boto3: bool) -> Vec<Call> {
    let Some(tree) = syntax::python(text) else { return Vec::new() };
    let mut commands: Vec<Call> = Vec::new();
    let mut constructs = cdktf::Constructs::default();
    syntax::walk(&tree, |node| match node.kind() {
        "import_from_statement" => constructs.import(node, text),
        "call" => commands.extend(constructs.call(node, text)),
        "string" => commands.extend(commands_in_string(node, text)),
        "list" | "tuple" => commands.extend(command_of_words(node, text)),
        _ => {}
    });
    let mut calls: Vec<Call> =
        methods(&tree, text, uses_boto3).into_iter().map(|found| (found.operation, "boto3", found.line)).collect();
    calls.extend(commands);
    calls
}

/// A method of the SDK that is called.
pub(crate) struct Method<'t> {
    pub(crate) operation: String,
    /// The client's service (`elbv2`), where the file makes the client.
    pub(crate) service: Option<&'t str>,
    pub(crate) call: Node<'t>,
    pub(crate) line: u64,
}

/// Every call of a client's or resource's method, in the order of the text.
pub(crate) fn methods<'t>(tree: &'t Tree, text: &'t str, uses_boto3: bool) -> Vec<Method<'t>> {
    let mut clients: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    let mut called: Vec<(Node<'_>, Node<'_>, &str)> = Vec::new();
    syntax::walk(tree, |node| match node.kind() {
        "assignment" => {
            if let (Some(left), Some(right)) = (node.child_by_field_name("left"), node.child_by_field_name("right"))
                && makes_client(right, text)
            {
                clients.insert(text_of(left, text), first_string(right, text));
            }
        }
        "call" => {
            let function = node.child_by_field_name("function").filter(|function| function.kind() == "attribute");
            let parts =
                function.and_then(|f| Some((f.child_by_field_name("object")?, f.child_by_field_name("attribute")?)));
            if let Some((object, method)) = parts {
                called.push((node, object, text_of(method, text)));
            }
        }
        _ => {}
    });
    called
        .into_iter()
        .filter_map(|(call, object, method)| {
            let line = call.child_by_field_name("function").map_or(line_of(call), |f| f.end_position().row as u64 + 1);
            let name = text_of(object, text);
            let operation = operation(call, name, method, text, &clients, uses_boto3)?;
            let made_here = || first_string(object, text).filter(|_| makes_client(object, text));
            let service = clients.get(name).copied().flatten().or_else(made_here);
            Some(Method { operation, service, call, line })
        })
        .collect()
}

/// The first argument of a call, where it is a string.
fn first_string<'a>(call: Node<'_>, text: &'a str) -> Option<&'a str> {
    string_content(call.child_by_field_name("arguments")?.named_child(0)?, text)
}

/// `boto3.client(…)`, `boto3.resource(…)`, and the same of a session.
fn makes_client(value: Node<'_>, text: &str) -> bool {
    let Some(function) = value.child_by_field_name("function").filter(|_| value.kind() == "call") else { return false };
    let (Some(object), Some(method)) =
        (function.child_by_field_name("object"), function.child_by_field_name("attribute"))
    else {
        return false;
    };
    let object = text_of(object, text).to_ascii_lowercase();
    matches!(text_of(method, text), "client" | "resource") && (object.contains("boto") || object.contains("session"))
}

fn operation(
    call: Node<'_>,
    object: &str,
    method: &str,
    text: &str,
    clients: &BTreeMap<&str, Option<&str>>,
    uses_boto3: bool,
) -> Option<String> {
    let on_client =
        clients.contains_key(object) || object.starts_with("boto3.client(") || object.starts_with("boto3.resource(");
    if matches!(method, "get_paginator" | "get_waiter" | "can_paginate" | "close" | "generate_presigned_url") {
        let first = call.child_by_field_name("arguments").and_then(|arguments| arguments.named_child(0))?;
        let name = string_content(first, text)?;
        return (method == "get_paginator" && (on_client || uses_boto3))
            .then(|| OPERATIONS.of_method(name).map(str::to_owned))?;
    }
    if on_client {
        let snake =
            method.contains('_') && method.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit());
        return snake.then(|| OPERATIONS.unalias(method).to_owned());
    }
    // `self.create_security_group()` is a method of the team's own, in which the call proper will be found.
    if !uses_boto3 || matches!(object, "self" | "cls" | "super()") {
        return None;
    }
    OPERATIONS.of_method(method).map(str::to_owned)
}

/// Without its quotes and prefix; `None` for what is no string.
pub(crate) fn string_content<'a>(node: Node<'_>, text: &'a str) -> Option<&'a str> {
    if node.kind() != "string" {
        return None;
    }
    let whole = text_of(node, text);
    let quoted = whole.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    Some(quoted.trim_matches(if quoted.starts_with('"') { '"' } else { '\'' }))
}

/// `aws` commands in a string that is neither a docstring nor only shown to somebody.
fn commands_in_string(node: Node<'_>, text: &str) -> Vec<Call> {
    let Some(content) = string_content(node, text).filter(|content| content.contains("aws ")) else {
        return Vec::new();
    };
    if is_shown(node, text) {
        return Vec::new();
    }
    let first_line = line_of(node);
    // `\n` written out separates commands as well, but not lines of the file.
    shell::calls(&content.replace("\\n", ";"))
        .into_iter()
        .map(|(operation, tool, line)| (operation, tool, first_line + line - 1))
        .collect()
}

pub(crate) fn is_shown(string: Node<'_>, text: &str) -> bool {
    let mut node = string;
    while let Some(parent) = node.parent() {
        match parent.kind() {
            "expression_statement" | "raise_statement" => return node.kind() != "assignment" && node.kind() != "call",
            "call" => {
                let function = parent.child_by_field_name("function").map(|f| text_of(f, text)).unwrap_or_default();
                let name = function.rsplit('.').next().unwrap_or(function);
                return matches!(
                    name,
                    "print" | "debug" | "info" | "warning" | "error" | "exception" | "exit" | "echo"
                );
            }
            "assignment" | "list" | "block" | "module" => return false,
            _ => node = parent,
        }
    }
    false
}

/// `["aws", "ec2", "run-instances", …]`.
fn command_of_words(node: Node<'_>, text: &str) -> Vec<Call> {
    let mut cursor = node.walk();
    let words: Vec<&str> =
        node.named_children(&mut cursor).take(12).map(|word| string_content(word, text).unwrap_or("?")).collect();
    if words.first() != Some(&"aws") {
        return Vec::new();
    }
    let line = line_of(node);
    shell::calls(&words.join(" ")).into_iter().map(|(operation, tool, _)| (operation, tool, line)).collect()
}
