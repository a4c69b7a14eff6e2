//! Constructs in TypeScript and JavaScript, and the values of their properties as far as they are literal.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tree_sitter::{Node, Tree};

use super::{Found, class_of, in_loop, makes, method_makes};
use crate::cloud::operations::snake_case;
use crate::infra::value::unknown;
use crate::syntax::{self, line_of, text_of};

/// Nesting of values that is followed.
const DEEPEST: u32 = 16;

/// What a file makes, in the order of the text.
pub(crate) fn found<'t>(tree: &'t Tree, text: &'t str) -> Vec<Found<'t>> {
    if !text.contains("aws-cdk") {
        return Vec::new();
    }
    let names = imports(tree, text);
    if names.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    syntax::walk(tree, |node| match node.kind() {
        "new_expression" => found.extend(of_class(node, text, &names)),
        "call_expression" => found.extend(of_method(node, text)),
        _ => {}
    });
    found
}

/// `aws_cdk.aws_ec2` for `aws-cdk-lib/aws-ec2` and for `@aws-cdk/aws-ec2`.
fn module_of(source: &str) -> Option<String> {
    let source = source.trim_matches(['"', '\'', '`']);
    let rest = match source.strip_prefix("aws-cdk-lib") {
        Some(rest) => rest.trim_start_matches('/'),
        None => source.strip_prefix("@aws-cdk/").map(|rest| if rest == "core" { "" } else { rest })?,
    };
    let module = rest.split('/').next().unwrap_or_default().replace('-', "_");
    Some(if module.is_empty() { "aws_cdk".to_owned() } else { format!("aws_cdk.{module}") })
}

/// What the file's names of the CDK stand for.
fn imports<'t>(tree: &Tree, text: &'t str) -> BTreeMap<&'t str, String> {
    let mut names: BTreeMap<&'t str, String> = BTreeMap::new();
    syntax::walk(tree, |node| match node.kind() {
        "import_statement" => {
            let mut cursor = node.walk();
            let clause = node.named_children(&mut cursor).find(|child| child.kind().ends_with("clause"));
            let Some(clause) = clause else { return };
            let source = node.child_by_field_name("source").or_else(|| clause.child_by_field_name("source"));
            let Some(module) = source.and_then(|source| module_of(text_of(source, text))) else { return };
            bind(clause, text, &module, &mut names);
        }
        "variable_declarator" => {
            let (name, value) = (node.child_by_field_name("name"), node.child_by_field_name("value"));
            let (Some(name), Some(value)) = (name, value) else { return };
            let function = value.child_by_field_name("function").map(|function| text_of(function, text));
            let source = value.child_by_field_name("arguments").and_then(|arguments| arguments.named_child(0));
            if value.kind() == "call_expression"
                && function == Some("require")
                && let Some(module) = source.and_then(|source| module_of(text_of(source, text)))
            {
                bind(name, text, &module, &mut names);
            }
        }
        _ => {}
    });
    names
}

/// Names within an import clause or a pattern: all of the module, or what is taken out of it.
fn bind<'t>(clause: Node<'_>, text: &'t str, module: &str, names: &mut BTreeMap<&'t str, String>) {
    if clause.kind() == "identifier" {
        names.insert(text_of(clause, text), module.to_owned());
        return;
    }
    let mut cursor = clause.walk();
    for child in clause.named_children(&mut cursor) {
        match child.kind() {
            "identifier" => {
                names.insert(text_of(child, text), module.to_owned());
            }
            "namespace_import" => bind(child, text, module, names),
            "named_imports" => bind(child, text, module, names),
            "import_specifier" => {
                let Some(name) = child.child_by_field_name("name") else { continue };
                let alias = child.child_by_field_name("alias").unwrap_or(name);
                names.insert(text_of(alias, text), format!("{module}.{}", text_of(name, text)));
            }
            "shorthand_property_identifier_pattern" => {
                let name = text_of(child, text);
                names.insert(name, format!("{module}.{name}"));
            }
            "pair_pattern" => {
                let (key, value) = (child.child_by_field_name("key"), child.child_by_field_name("value"));
                if let (Some(key), Some(value)) = (key, value) {
                    names.insert(text_of(value, text), format!("{module}.{}", text_of(key, text)));
                }
            }
            _ => {}
        }
    }
}

fn arguments_of<'t>(call: Node<'t>) -> Option<Vec<Node<'t>>> {
    let list = call.child_by_field_name("arguments").filter(|list| list.kind() == "arguments")?;
    let mut cursor = list.walk();
    Some(list.named_children(&mut cursor).filter(|argument| argument.kind() != "comment").collect())
}

fn of_class<'t>(call: Node<'t>, text: &str, names: &BTreeMap<&str, String>) -> Option<Found<'t>> {
    let written: String = text_of(call.child_by_field_name("constructor")?, text).split_whitespace().collect();
    let (root, rest) = written.split_once('.').unwrap_or((&written, ""));
    let full = names.get(root).map(|full| if rest.is_empty() { full.clone() } else { format!("{full}.{rest}") })?;
    let (module, class) = class_of(&full)?;
    let arguments = arguments_of(call)?;
    let [_, id, ..] = arguments.as_slice() else { return None };
    let id = text_value(*id, text);
    let makes = makes(&module, &class);
    let name = if module.is_empty() { class } else { format!("aws_{module}.{class}") };
    Some(Found { name, service: module, id, makes, call, line: line_of(call), in_loop: in_loop(call) })
}

fn of_method<'t>(call: Node<'t>, text: &str) -> Option<Found<'t>> {
    let function = call.child_by_field_name("function").filter(|function| function.kind() == "member_expression")?;
    let method = snake_case(text_of(function.child_by_field_name("property")?, text));
    let arguments = call.child_by_field_name("arguments")?;
    let makes = method_makes(&method, text_of(arguments, text))?;
    let id = arguments.named_child(0).map(|id| text_value(id, text)).unwrap_or_default();
    let line = function.end_position().row as u64 + 1;
    Some(Found { name: method, service: String::new(), id, makes, call, line, in_loop: in_loop(call) })
}

fn text_value(node: Node<'_>, text: &str) -> String {
    match value(node, text, 0) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A literal as JSON, keys in snake_case; what only a run would tell is `${…}`.
pub(crate) fn value(node: Node<'_>, text: &str, depth: u32) -> Value {
    let source = text_of(node, text);
    if depth > DEEPEST {
        return unknown(source);
    }
    let mut cursor = node.walk();
    match node.kind() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" | "undefined" => Value::Null,
        "number" => source.parse::<i64>().map(Value::from).unwrap_or_else(|_| unknown(source)),
        "string" | "template_string" => {
            let mut written = String::new();
            for part in node.named_children(&mut cursor) {
                match part.kind() {
                    "string_fragment" => written.push_str(text_of(part, text)),
                    "escape_sequence" => written.push_str(match text_of(part, text) {
                        "\\n" => "\n",
                        "\\t" => "\t",
                        other => other.trim_start_matches('\\'),
                    }),
                    "template_substitution" => written.push_str(text_of(part, text)),
                    _ => {}
                }
            }
            Value::String(written)
        }
        "array" => {
            let items = node.named_children(&mut cursor).filter(|item| item.kind() != "comment");
            Value::Array(items.map(|item| value(item, text, depth + 1)).collect())
        }
        "object" => {
            let mut fields = Map::new();
            for field in node.named_children(&mut cursor) {
                match field.kind() {
                    "pair" => {
                        let (key, inner) = (field.child_by_field_name("key"), field.child_by_field_name("value"));
                        if let (Some(key), Some(inner)) = (key, inner) {
                            let key = text_of(key, text).trim_matches(['"', '\'']);
                            fields.insert(snake_case(key), value(inner, text, depth + 1));
                        }
                    }
                    "shorthand_property_identifier" => {
                        let name = text_of(field, text);
                        fields.insert(snake_case(name), unknown(name));
                    }
                    _ => {}
                }
            }
            Value::Object(fields)
        }
        // `new ec2.InstanceType('t3.micro')` and `Duration.seconds(30)` are what they hold.
        "new_expression" | "call_expression" => {
            let function = node.child_by_field_name("constructor").or_else(|| node.child_by_field_name("function"));
            let name = function.map(|function| text_of(function, text)).unwrap_or_default();
            let first = arguments_of(node).and_then(|arguments| arguments.first().copied());
            match first.filter(|_| name.ends_with("InstanceType") || name.ends_with("Duration.seconds")) {
                Some(first) => value(first, text, depth + 1),
                None => unknown(source),
            }
        }
        "as_expression" | "parenthesized_expression" | "satisfies_expression" => match node.named_child(0) {
            Some(inner) => value(inner, text, depth + 1),
            None => unknown(source),
        },
        _ => unknown(source),
    }
}
