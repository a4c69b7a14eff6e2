//! Resources and registry modules that Terraform declares, each given by the call that makes it.

use tree_sitter::Node;

use super::Call;
use super::operations::OPERATIONS;
use crate::syntax::{self, line_of, text_of};
use stackmark_evidence::closed::CallTool;

pub(super) fn calls(text: &str) -> Vec<Call> {
    let Some(tree) = syntax::hcl(text) else { return Vec::new() };
    let mut calls = Vec::new();
    syntax::walk(&tree, |node| {
        if node.kind() != "block" {
            return;
        }
        let operations = match node.named_child(0).map(|keyword| text_of(keyword, text)) {
            Some("resource") => {
                let label = node.named_child(1).map(|label| unquoted(label, text));
                label.and_then(|label| OPERATIONS.of_terraform(label)).into_iter().collect()
            }
            Some("module") => {
                source_of(node, text).map(|source| OPERATIONS.of_terraform_module(source).to_vec()).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        calls.extend(operations.into_iter().map(|operation| (operation, CallTool::Terraform, line_of(node))));
    });
    calls
}

fn unquoted<'a>(node: Node<'_>, text: &'a str) -> &'a str {
    text_of(node, text).trim().trim_matches('"')
}

/// The `source` of a module block.
fn source_of<'a>(block: Node<'_>, text: &'a str) -> Option<&'a str> {
    let mut cursor = block.walk();
    let body = block.named_children(&mut cursor).find(|child| child.kind() == "body")?;
    let mut cursor = body.walk();
    body.named_children(&mut cursor)
        .filter(|child| child.kind() == "attribute")
        .find(|attribute| attribute.named_child(0).is_some_and(|name| text_of(name, text) == "source"))
        .and_then(|attribute| attribute.named_child(1))
        .map(|value| unquoted(value, text))
}
