//! Resources, outputs and start scripts of the AWS CDK.

use std::collections::BTreeMap;

use serde_json::Value;
use tokei::LanguageType;
use tree_sitter::{Node, Tree};

use super::hcl::children;
use super::kinds;
use super::python::{At, Project};
use super::value::{snake_arguments, tags_of, unknown};
use crate::cdk::{self, Found};
use crate::source::Source;
use crate::syntax::{self, line_of, text_of};
use stackmark_evidence::closed::DeclaredTool;
use stackmark_evidence::infrastructure::Declared;

/// What one Python file makes.
pub(super) fn in_python(project: &Project<'_>, index: usize) -> Vec<Declared> {
    let file = &project.files[index];
    let mut found = Vec::new();
    for construct in cdk::in_python(file.tree, file.text) {
        let at = At { file: index, scope: super::scope::around(construct.call) };
        let mut arguments = snake_arguments(project.keywords(construct.call, at));
        for value in arguments.values_mut() {
            unwrap_types(value);
        }
        found.extend(rows(&construct, arguments, file.path));
    }
    found
}

/// The same of a TypeScript or JavaScript file; nothing for other languages.
pub(super) fn in_braced(source: &Source) -> Vec<Declared> {
    let Some(tree) = tree_of(source) else { return Vec::new() };
    let mut found = Vec::new();
    for construct in cdk::in_braced(&tree, &source.text) {
        found.extend(rows(&construct, properties(construct.call, &source.text), &source.path));
    }
    found
}

fn tree_of(source: &Source) -> Option<Tree> {
    if !source.text.contains("aws-cdk") {
        return None;
    }
    match source.language {
        LanguageType::JavaScript | LanguageType::Jsx | LanguageType::Tsx => syntax::tsx(&source.text),
        LanguageType::TypeScript => syntax::typescript(&source.text),
        _ => None,
    }
}

/// The last argument, where it is an object.
fn properties(call: Node<'_>, text: &str) -> BTreeMap<String, Value> {
    let list = call.child_by_field_name("arguments");
    let last = list.and_then(|list| children(list).filter(|argument| argument.kind() == "object").last());
    match last.map(|object| cdk::braced_value(object, text, 0)) {
        Some(Value::Object(fields)) => fields.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}

/// One row for each kind that a construct makes.
fn rows(construct: &Found<'_>, mut arguments: BTreeMap<String, Value>, path: &str) -> Vec<Declared> {
    if construct.makes.kinds.iter().any(|kind| kind == "auto_scaling_group") {
        for (own, known) in [("min_capacity", "min_size"), ("max_capacity", "max_size")] {
            if let Some(value) = arguments.remove(own) {
                arguments.insert(known.to_owned(), value);
            }
        }
    }
    let tags = tags_of(&arguments);
    let mut rows = Vec::new();
    for kind in &construct.makes.kinds {
        let kind = kinds::of_kind(kind, &construct.service);
        let name = kinds::name_argument(&kind.kind, &arguments).unwrap_or(&construct.id).to_owned();
        // A network's subnets are as many as its zones.
        let is_one = !construct.in_loop && (kind.kind != "subnet" || construct.name.ends_with("Subnet"));
        rows.push(Declared {
            tool: DeclaredTool::Cdk,
            resource_type: construct.name.clone(),
            service: kind.service,
            name,
            kind: kind.kind,
            label: Some(construct.id.clone()),
            path: path.to_owned(),
            line: construct.line,
            arguments: arguments.clone(),
            tags: tags.clone(),
            count: is_one.then_some(1),
            unreachable: None,
        });
    }
    rows
}

/// `ec2.InstanceType("t3.micro")` and `Duration.seconds(30)` are what they hold.
fn unwrap_types(value: &mut Value) {
    let Some(text) = value.as_str() else { return };
    let Some(inner) = text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) else { return };
    let Some((function, rest)) = inner.split_once('(') else { return };
    let held = rest.strip_suffix(')').unwrap_or(rest).trim().trim_matches(['"', '\'']);
    if function.ends_with("InstanceType") && !held.contains(['(', ',']) {
        *value = Value::from(held);
    } else if function.ends_with("Duration.seconds")
        && let Ok(seconds) = held.parse::<i64>()
    {
        *value = Value::from(seconds);
    }
}

/// An output: its line, name, expression and whether it is described.
pub(super) struct Output {
    pub(super) line: u64,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) described: bool,
}

/// The outputs of one file.
pub(super) fn outputs(source: &Source) -> Vec<Output> {
    let text = source.text.as_str();
    let output = |construct: &Found<'_>, field: &dyn Fn(&str) -> Option<String>| Output {
        line: construct.line,
        name: construct.id.clone(),
        value: field("value").unwrap_or_default(),
        described: field("description").is_some_and(|words| words.chars().any(char::is_alphanumeric)),
    };
    let mut found = Vec::new();
    if source.language == LanguageType::Python && text.contains("aws_cdk") {
        let Some(tree) = syntax::python(text) else { return Vec::new() };
        for construct in cdk::in_python(&tree, text).iter().filter(|construct| construct.name == "CfnOutput") {
            let list = construct.call.child_by_field_name("arguments");
            let field = |name: &str| {
                let argument = list.into_iter().flat_map(children).find(|argument| {
                    argument.kind() == "keyword_argument"
                        && argument.child_by_field_name("name").is_some_and(|field| text_of(field, text) == name)
                });
                argument?.child_by_field_name("value").map(|value| text_of(value, text).to_owned())
            };
            found.push(output(construct, &field));
        }
    } else if let Some(tree) = tree_of(source) {
        for construct in cdk::in_braced(&tree, text).iter().filter(|construct| construct.name == "CfnOutput") {
            let list = construct.call.child_by_field_name("arguments");
            let object = list.and_then(|list| children(list).find(|argument| argument.kind() == "object"));
            let field = |name: &str| {
                let pair = object.into_iter().flat_map(children).find(|pair| {
                    pair.child_by_field_name("key")
                        .is_some_and(|key| text_of(key, text).trim_matches(['"', '\'']) == name)
                });
                pair?.child_by_field_name("value").map(|value| text_of(value, text).to_owned())
            };
            found.push(output(construct, &field));
        }
    }
    found
}

/// Whether a method gives an instance commands for its start: `add_commands`, `addUserData`, `UserData.custom`.
fn gives_commands(object: &str, method: &str) -> bool {
    let method: String = method.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect();
    matches!(method.as_str(), "addcommands" | "adduserdata") || (method == "custom" && object.ends_with("UserData"))
}

/// What instances of one Python file run at their start: line and script.
pub(super) fn commands_in_python(project: &Project<'_>, index: usize) -> Vec<(u64, Value)> {
    let file = &project.files[index];
    if !file.text.contains("aws_cdk") {
        return Vec::new();
    }
    let mut found = Vec::new();
    super::scope::walk(file.tree, file.text, |node, place| {
        let function = node.child_by_field_name("function").filter(|_| node.kind() == "call");
        let parts =
            function.and_then(|f| Some((f.child_by_field_name("object")?, f.child_by_field_name("attribute")?)));
        let Some((object, method)) = parts else { return };
        if !gives_commands(text_of(object, file.text), text_of(method, file.text)) {
            return;
        }
        let at = At { file: index, scope: place.scope };
        let arguments = node.child_by_field_name("arguments").into_iter().flat_map(children);
        let mut commands = Vec::new();
        for argument in arguments.filter(|argument| argument.kind() != "comment") {
            // `*lines` gives a list.
            let inner = if argument.kind() == "list_splat" { argument.named_child(0) } else { Some(argument) };
            commands.extend(inner.map(|inner| project.value(inner, at)));
        }
        found.extend(script(commands).map(|script| (line_of(node), script)));
    });
    found
}

/// The same of a TypeScript or JavaScript file.
pub(super) fn commands_in_braced(source: &Source) -> Vec<(u64, Value)> {
    let Some(tree) = tree_of(source) else { return Vec::new() };
    let text = source.text.as_str();
    let mut found = Vec::new();
    syntax::walk(&tree, |node| {
        let function = node.child_by_field_name("function").filter(|_| node.kind() == "call_expression");
        let parts = function.and_then(|f| Some((f.child_by_field_name("object")?, f.child_by_field_name("property")?)));
        let Some((object, method)) = parts else { return };
        if !gives_commands(text_of(object, text), text_of(method, text)) {
            return;
        }
        let arguments = node.child_by_field_name("arguments").into_iter().flat_map(children);
        let commands = arguments.filter(|argument| argument.kind() != "comment");
        let commands = commands.map(|argument| cdk::braced_value(argument, text, 0)).collect();
        found.extend(script(commands).map(|script| (line_of(node), script)));
    });
    found
}

/// Commands as one script; one argument that is a file's content stays its expression.
fn script(commands: Vec<Value>) -> Option<Value> {
    let mut lines: Vec<String> = Vec::new();
    for command in commands {
        match command {
            Value::String(line) => lines.push(line),
            Value::Array(more) => lines.extend(more.iter().filter_map(Value::as_str).map(str::to_owned)),
            other => lines.extend(unknown(&other.to_string()).as_str().map(str::to_owned)),
        }
    }
    match lines.as_slice() {
        [] => None,
        [only] if only.starts_with("${") => Some(Value::from(only.as_str())),
        _ => Some(Value::from(format!("{}\n", lines.join("\n")))),
    }
}
