//! Constructs in Python.

use std::collections::BTreeMap;

use tree_sitter::{Node, Tree};

use super::{Found, class_of, in_loop, makes, method_makes};
use crate::infra::scope::aliased;
use crate::syntax::{self, line_of, text_of};

/// What a file makes, in the order of the text.
pub(crate) fn found<'t>(tree: &'t Tree, text: &'t str) -> Vec<Found<'t>> {
    if !text.contains("aws_cdk") {
        return Vec::new();
    }
    let names = imports(tree, text);
    if names.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    syntax::walk(tree, |node| {
        if node.kind() == "call" {
            found.extend(of_call(node, text, &names));
        }
    });
    found
}

/// What the file's names of the CDK stand for: `ec2` for `aws_cdk.aws_ec2`.
fn imports<'t>(tree: &Tree, text: &'t str) -> BTreeMap<&'t str, String> {
    let mut names = BTreeMap::new();
    syntax::walk(tree, |node| {
        let of_module = match node.kind() {
            "import_statement" => "",
            "import_from_statement" => match node.child_by_field_name("module_name") {
                Some(module) => text_of(module, text),
                None => return,
            },
            _ => return,
        };
        let mut cursor = node.walk();
        for name in node.children_by_field_name("name", &mut cursor) {
            let (imported, alias) = aliased(name, text);
            let full = if of_module.is_empty() { imported.to_owned() } else { format!("{of_module}.{imported}") };
            if full == "aws_cdk" || full.starts_with("aws_cdk.") {
                // `import aws_cdk.aws_ec2` binds the root alone.
                match alias.split_once('.') {
                    Some((root, _)) => names.insert(root, root.to_owned()),
                    None => names.insert(alias, full),
                };
            }
        }
    });
    names
}

fn of_call<'t>(call: Node<'t>, text: &str, names: &BTreeMap<&str, String>) -> Option<Found<'t>> {
    let function = call.child_by_field_name("function")?;
    let arguments = call.child_by_field_name("arguments").filter(|list| list.kind() == "argument_list")?;
    let mut cursor = arguments.walk();
    let positional: Vec<Node<'_>> = arguments
        .named_children(&mut cursor)
        .filter(|argument| !matches!(argument.kind(), "keyword_argument" | "comment" | "dictionary_splat"))
        .collect();
    let written: String = text_of(function, text).split_whitespace().collect();
    let (root, rest) = written.split_once('.').unwrap_or((&written, ""));
    let full = names.get(root).map(|full| if rest.is_empty() { full.clone() } else { format!("{full}.{rest}") });
    if let Some((module, class)) = full.as_deref().and_then(class_of) {
        let id = match positional.as_slice() {
            [_, id, ..] => written_text(*id, text),
            // Scope and id by their names.
            _ => keyword(arguments, "id", text).or_else(|| keyword(arguments, "construct_id", text))?,
        };
        let makes = makes(&module, &class);
        let name = if module.is_empty() { class } else { format!("aws_{module}.{class}") };
        return Some(Found { name, service: module, id, makes, call, line: line_of(call), in_loop: in_loop(call) });
    }
    let method = function.child_by_field_name("attribute").filter(|_| function.kind() == "attribute")?;
    let method = text_of(method, text);
    let makes = method_makes(method, text_of(arguments, text))?;
    let id = positional.first().map(|id| written_text(*id, text)).unwrap_or_default();
    let line = function.end_position().row as u64 + 1;
    Some(Found { name: method.to_owned(), service: String::new(), id, makes, call, line, in_loop: in_loop(call) })
}

fn keyword(arguments: Node<'_>, name: &str, text: &str) -> Option<String> {
    let mut cursor = arguments.walk();
    let found = arguments.named_children(&mut cursor).find(|argument| {
        argument.kind() == "keyword_argument"
            && argument.child_by_field_name("name").is_some_and(|field| text_of(field, text) == name)
    })?;
    found.child_by_field_name("value").map(|value| written_text(value, text))
}

/// A string's content, `${…}` for what only a run would tell.
fn written_text(node: Node<'_>, text: &str) -> String {
    if node.kind() != "string" {
        return format!("${{{}}}", text_of(node, text));
    }
    let mut written = String::new();
    let mut cursor = node.walk();
    for part in node.named_children(&mut cursor) {
        match part.kind() {
            "string_content" => written.push_str(text_of(part, text)),
            "interpolation" => {
                let inner = part.child_by_field_name("expression").map_or("", |inner| text_of(inner, text));
                written.push_str(&format!("${{{inner}}}"));
            }
            _ => {}
        }
    }
    written
}
