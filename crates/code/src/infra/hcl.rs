//! Values of Terraform: literals, variables with one value, locals, and the few functions that only put values together.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tree_sitter::{Node, Tree};

use super::value::{Budget, DEEPEST, is_literal, text_of_scalar, unknown};
use crate::syntax::text_of;

/// One parsed file.
pub(super) struct File<'a> {
    pub(super) path: &'a str,
    pub(super) text: &'a str,
    pub(super) tree: Tree,
}

/// All files of one folder: what Terraform calls a module.
pub(super) struct Module<'a> {
    pub(super) files: &'a [File<'a>],
    /// `var.x` and `local.x`, with the text that they stand in.
    names: BTreeMap<String, (Node<'a>, &'a str)>,
    budget: &'a Budget,
}

impl<'a> Module<'a> {
    pub(super) fn new(files: &'a [File<'a>], budget: &'a Budget) -> Self {
        let mut names = BTreeMap::new();
        for file in files.iter().filter(|file| !file.path.ends_with(".tfvars")) {
            for block in blocks(file.tree.root_node(), file.text) {
                match block.kind {
                    "variable" => {
                        let default = attributes(block.body).find(|(name, _)| text_of(*name, file.text) == "default");
                        if let (Some(label), Some((_, value))) = (block.labels.first(), default) {
                            names.insert(format!("var.{label}"), (value, file.text));
                        }
                    }
                    "locals" => {
                        for (name, value) in attributes(block.body) {
                            names.insert(format!("local.{}", text_of(name, file.text)), (value, file.text));
                        }
                    }
                    _ => {}
                }
            }
        }
        // Values that are assigned come before defaults, those that Terraform reads of itself before others.
        let mut assigned: Vec<&File<'_>> = files.iter().filter(|file| file.path.ends_with(".tfvars")).collect();
        assigned.retain(|file| file.path.ends_with(".auto.tfvars") || file.path.ends_with("terraform.tfvars"));
        assigned.sort_by_key(|file| (file.path.ends_with(".auto.tfvars"), file.path));
        for file in assigned {
            let root = file.tree.root_node();
            for (name, value) in body_of(root).into_iter().flat_map(attributes) {
                names.insert(format!("var.{}", text_of(name, file.text)), (value, file.text));
            }
        }
        Self { files, names, budget }
    }

    /// The value of an `expression` node.
    pub(super) fn value(&self, node: Node<'_>, text: &str) -> Value {
        self.at_depth(node, text, 0)
    }

    fn at_depth(&self, node: Node<'_>, text: &str, depth: u32) -> Value {
        let source = text_of(node, text);
        if depth > DEEPEST || !self.budget.step() {
            return unknown(source);
        }
        match node.kind() {
            "expression" => self.expression(node, text, depth),
            "literal_value" | "collection_value" | "template_expr" => match node.named_child(0) {
                Some(inner) => self.at_depth(inner, text, depth + 1),
                None => unknown(source),
            },
            "numeric_lit" => number(source).unwrap_or_else(|| unknown(source)),
            "bool_lit" => Value::Bool(source == "true"),
            "null_lit" => Value::Null,
            "string_lit" | "quoted_template" | "heredoc_template" => {
                let written = self.template(node, text, depth);
                // A text that is nothing but a reference is one.
                let reference = written.starts_with("${") && written.find('}') == Some(written.len() - 1);
                if reference { unknown(&written) } else { self.budget.literal(&written) }
            }
            "tuple" => Value::Array(
                children(node)
                    .filter(|child| child.kind() == "expression")
                    .map(|child| self.at_depth(child, text, depth + 1))
                    .collect(),
            ),
            "object" => Value::Object(self.object(node, text, depth)),
            "operation" => match source.strip_prefix('-').and_then(|rest| number(rest.trim())) {
                Some(positive) => negated(&positive).unwrap_or_else(|| unknown(source)),
                None => unknown(source),
            },
            "function_call" => self.function(node, text, depth).unwrap_or_else(|| unknown(source)),
            _ => unknown(source),
        }
    }

    fn expression(&self, node: Node<'_>, text: &str, depth: u32) -> Value {
        let source = text_of(node, text);
        let parts: Vec<Node<'_>> = children(node).filter(|child| child.kind() != "comment").collect();
        let [first, rest @ ..] = parts.as_slice() else { return unknown(source) };
        if first.kind() != "variable_expr" {
            return if rest.is_empty() { self.at_depth(*first, text, depth + 1) } else { unknown(source) };
        }
        let Some((attribute, path)) = rest.split_first().filter(|(next, _)| next.kind() == "get_attr") else {
            return unknown(source);
        };
        let name = text_of(*attribute, text).trim_start_matches('.').trim();
        let Some(&(value, of)) = self.names.get(&format!("{}.{name}", text_of(*first, text))) else {
            return unknown(source);
        };
        let mut value = self.at_depth(value, of, depth + 1);
        for step in path {
            let inside = match step.kind() {
                "get_attr" => value.get(text_of(*step, text).trim_start_matches('.').trim()).cloned(),
                "index" => self.index(&value, *step, text, depth),
                _ => None,
            };
            match inside {
                Some(inside) => value = inside,
                None => return unknown(source),
            }
        }
        value
    }

    fn index(&self, value: &Value, step: Node<'_>, text: &str, depth: u32) -> Option<Value> {
        let key = step.named_child(0)?.named_child(0)?;
        match self.at_depth(key, text, depth + 1) {
            Value::Number(index) => value.get(usize::try_from(index.as_u64()?).ok()?).cloned(),
            Value::String(key) => value.get(key).cloned(),
            _ => None,
        }
    }

    /// The text of a quoted string or heredoc, with what is known put in.
    pub(super) fn template(&self, node: Node<'_>, text: &str, depth: u32) -> String {
        let mut written = String::new();
        for part in children(node) {
            match part.kind() {
                "template_literal" if node.kind() == "heredoc_template" => written.push_str(text_of(part, text)),
                "template_literal" => written.push_str(&unescaped(text_of(part, text))),
                "template_interpolation" => {
                    let inner = children(part).find(|child| child.kind() == "expression");
                    let value = inner.map(|inner| self.at_depth(inner, text, depth + 1));
                    match value.as_ref().filter(|value| is_literal(value)).and_then(text_of_scalar) {
                        Some(known) => written.push_str(&known),
                        None => written.push_str(text_of(part, text)),
                    }
                }
                "template_directive" => written.push_str(text_of(part, text)),
                _ => {}
            }
        }
        if node.kind() == "heredoc_template" { dedented(&written) } else { written }
    }

    fn object(&self, node: Node<'_>, text: &str, depth: u32) -> Map<String, Value> {
        let mut fields = Map::new();
        for element in children(node).filter(|child| child.kind() == "object_elem") {
            let (Some(key), Some(value)) = (element.child_by_field_name("key"), element.child_by_field_name("val"))
            else {
                continue;
            };
            let bare = text_of(key, text).trim();
            let is_word = bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
            let key = if is_word {
                bare.to_owned()
            } else {
                text_of_scalar(&self.at_depth(key, text, depth + 1)).unwrap_or_else(|| bare.to_owned())
            };
            fields.insert(key, self.at_depth(value, text, depth + 1));
        }
        fields
    }

    /// Functions that only put values together; what reads files or computes is left as it is written.
    fn function(&self, node: Node<'_>, text: &str, depth: u32) -> Option<Value> {
        let name = text_of(node.named_child(0)?, text);
        let arguments = children(node).find(|child| child.kind() == "function_arguments");
        let mut values = arguments
            .into_iter()
            .flat_map(children)
            .filter(|child| child.kind() == "expression")
            .map(|argument| self.at_depth(argument, text, depth + 1));
        match name {
            "toset" | "tolist" | "tomap" | "tonumber" | "tobool" => values.next(),
            // Given back as it was written: what is encoded is a script that somebody wants to read.
            "base64encode" => values.next().filter(is_text),
            "length" => match values.next()? {
                Value::Array(items) => Some(Value::from(items.len())),
                Value::Object(fields) => Some(Value::from(fields.len())),
                _ => None,
            },
            "tostring" => text_of_scalar(&values.next()?).map(Value::String),
            "lower" => Some(Value::String(values.next().filter(is_literal)?.as_str()?.to_lowercase())),
            "upper" => Some(Value::String(values.next().filter(is_literal)?.as_str()?.to_uppercase())),
            "merge" => {
                let mut merged = Map::new();
                for value in values {
                    // One part that is not known leaves the others: they are in the result unless it replaces them.
                    if let Value::Object(fields) = value {
                        merged.extend(fields);
                    }
                }
                Some(Value::Object(merged))
            }
            "concat" => {
                let mut list = Vec::new();
                for value in values {
                    match value {
                        Value::Array(items) => list.extend(items),
                        _ => return None,
                    }
                }
                Some(Value::Array(list))
            }
            _ => None,
        }
    }
}

fn is_text(value: &Value) -> bool {
    value.is_string()
}

fn number(source: &str) -> Option<Value> {
    source.parse::<i64>().map(Value::from).ok().or_else(|| source.parse::<f64>().ok().map(Value::from))
}

fn negated(value: &Value) -> Option<Value> {
    value.as_i64().map(|number| Value::from(-number)).or_else(|| value.as_f64().map(|number| Value::from(-number)))
}

fn unescaped(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    text.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"").replace("\\\\", "\\")
}

/// Without the indent that all lines share, as `<<-` takes it off; for plain heredocs it changes nothing that matters.
pub(super) fn dedented(text: &str) -> String {
    let indent = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let mut lines: Vec<&str> = text.lines().map(|line| line.get(indent..).unwrap_or_default()).collect();
    while lines.first().is_some_and(|line| line.trim().is_empty()) {
        lines.remove(0);
    }
    lines.join("\n")
}

/// A block with its labels.
pub(crate) struct Block<'a> {
    pub(crate) node: Node<'a>,
    pub(crate) kind: &'a str,
    pub(crate) labels: Vec<&'a str>,
    pub(crate) body: Option<Node<'a>>,
}

/// Named children, in order.
pub(crate) fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        while more {
            let child = cursor.node();
            more = cursor.goto_next_sibling();
            if child.is_named() {
                return Some(child);
            }
        }
        None
    })
}

fn body_of(root: Node<'_>) -> Option<Node<'_>> {
    children(root).find(|child| child.kind() == "body")
}

/// The blocks directly in a file's root or in another block.
pub(crate) fn blocks<'a>(parent: Node<'a>, text: &'a str) -> Vec<Block<'a>> {
    let Some(body) = body_of(parent) else { return Vec::new() };
    children(body)
        .filter(|child| child.kind() == "block")
        .map(|node| {
            let mut kind = "";
            let mut labels = Vec::new();
            for child in children(node) {
                match child.kind() {
                    "identifier" if kind.is_empty() => kind = text_of(child, text),
                    "identifier" | "string_lit" => labels.push(text_of(child, text).trim().trim_matches('"')),
                    _ => {}
                }
            }
            Block { node, kind, labels, body: body_of(node) }
        })
        .collect()
}

/// Name and value of each attribute of a body.
pub(crate) fn attributes<'a>(body: impl Into<Option<Node<'a>>>) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
    body.into()
        .into_iter()
        .flat_map(children)
        .filter(|child| child.kind() == "attribute")
        .filter_map(|attribute| Some((attribute.named_child(0)?, attribute.named_child(1)?)))
}
