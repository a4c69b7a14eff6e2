//! Constructs in Python.

use std::collections::{BTreeMap, BTreeSet};

use tree_sitter::{Node, Tree};

use super::{Found, class_of, in_loop, makes, method_makes};
use crate::infra::scope::aliased;
use crate::syntax::{self, line_of, text_of};

/// What a file makes, in the order of the text.
pub(crate) fn found<'t>(tree: &'t Tree, text: &'t str) -> Vec<Found<'t>> {
    if !text.contains("aws_cdk") {
        return Vec::new();
    }
    let names = Names::of(tree, text);
    if names.of_cdk.is_empty() && !names.all_of_core {
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

/// What the names of a file stand for.
struct Names<'t> {
    /// Those of the CDK: `ec2` for `aws_cdk.aws_ec2`, `Output` for `aws_cdk.CfnOutput`.
    of_cdk: BTreeMap<&'t str, String>,
    /// `from aws_cdk import *`: what has no other origin may be of the core.
    all_of_core: bool,
    /// Functions, methods and classes of the file, and what it imports from elsewhere.
    own: BTreeSet<&'t str>,
}

impl<'t> Names<'t> {
    fn of(tree: &Tree, text: &'t str) -> Self {
        let mut names = Self { of_cdk: imports(tree, text), all_of_core: false, own: BTreeSet::new() };
        let mut all_of_others = false;
        syntax::walk(tree, |node| match node.kind() {
            "function_definition" | "class_definition" => {
                let Some(name) = node.child_by_field_name("name") else { return };
                names.own.insert(text_of(name, text));
                // A method of that name hides nothing that is imported.
                let around = node.parent().filter(|parent| parent.kind() == "decorated_definition").unwrap_or(node);
                if around.parent().is_some_and(|parent| parent.kind() == "module") {
                    names.of_cdk.remove(text_of(name, text));
                }
            }
            "import_from_statement" => {
                let module = node.child_by_field_name("module_name").map_or("", |module| text_of(module, text));
                let mut cursor = node.walk();
                let is_all = node.named_children(&mut cursor).any(|child| child.kind() == "wildcard_import");
                names.all_of_core |= is_all && matches!(module, "aws_cdk" | "aws_cdk.core");
                all_of_others |= is_all && !module.starts_with("aws_cdk");
                if !module.starts_with("aws_cdk") {
                    let mut cursor = node.walk();
                    let imported = node.children_by_field_name("name", &mut cursor);
                    names.own.extend(imported.map(|name| aliased(name, text).1));
                }
            }
            // `Output = cdk.CfnOutput`.
            "assignment" => {
                let part = |field: &str, kinds: &[&str]| {
                    node.child_by_field_name(field).filter(|part| kinds.contains(&part.kind()))
                };
                if let Some(left) = part("left", &["identifier"])
                    && let Some(right) = part("right", &["identifier", "attribute"])
                    && let Some(full) = names.imported(text_of(right, text)).filter(|full| class_of(full).is_some())
                {
                    names.of_cdk.insert(text_of(left, text), full);
                }
            }
            _ => {}
        });
        // Nobody knows which of the two a name is of.
        names.all_of_core &= !all_of_others;
        names
    }

    /// The dotted name that a written one stands for by an import.
    fn imported(&self, written: &str) -> Option<String> {
        let written: String = written.split_whitespace().collect();
        let (root, rest) = written.split_once('.').unwrap_or((&written, ""));
        let full = self.of_cdk.get(root)?;
        Some(if rest.is_empty() { full.clone() } else { format!("{full}.{rest}") })
    }

    /// The same where all of the core may be imported.
    fn full(&self, written: &str) -> Option<String> {
        let may_be_core = self.all_of_core && !written.contains('.') && !self.own.contains(written);
        self.imported(written).or_else(|| may_be_core.then(|| format!("aws_cdk.{written}")))
    }
}

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

fn of_call<'t>(call: Node<'t>, text: &str, names: &Names<'_>) -> Option<Found<'t>> {
    let function = call.child_by_field_name("function")?;
    let arguments = call.child_by_field_name("arguments").filter(|list| list.kind() == "argument_list")?;
    let mut cursor = arguments.walk();
    let positional: Vec<Node<'_>> = arguments
        .named_children(&mut cursor)
        .filter(|argument| !matches!(argument.kind(), "keyword_argument" | "comment" | "dictionary_splat"))
        .collect();
    let full = names.full(text_of(function, text));
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
    // A helper of the team's own that is called as one of the CDK's.
    let object = function.child_by_field_name("object").map_or("", |object| text_of(object, text));
    if matches!(object, "self" | "cls") && names.own.contains(method) {
        return None;
    }
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
