//! Functions, classes and methods of JavaScript and TypeScript.

use tree_sitter::{Node, Tree};

use super::{Comments, Definition, Kind};
use crate::syntax::{self, line_of, text_of};

pub(super) fn definitions(tree: &Tree, text: &str, comments: &Comments) -> Vec<Definition> {
    let mut found = Vec::new();
    // Depth and first row of the statement around a definition: `export default`, `const f =`.
    let mut outer: Option<(usize, usize)> = None;
    syntax::walk_with_depth(tree, |node, depth| {
        let row = node.start_position().row;
        let around = outer.filter(|(at, _)| at + 1 == depth);
        let kind = match node.kind() {
            "export_statement" | "lexical_declaration" | "variable_declaration" => {
                outer = Some((depth, around.map_or(row, |(_, row)| row)));
                return;
            }
            "function_declaration" | "generator_function_declaration" | "method_definition" => Kind::Function,
            "class_declaration" | "abstract_class_declaration" | "interface_declaration" => Kind::Class,
            // A constant that is a function with a body of its own; short arrows explain themselves.
            "variable_declarator" if is_function(node) => Kind::Function,
            _ => return,
        };
        let name = node.child_by_field_name("name").map(|name| text_of(name, text)).unwrap_or_default();
        let first = around.map_or(row, |(_, row)| row);
        found.push(Definition {
            name: name.to_owned(),
            kind,
            line: line_of(node),
            lines: (node.end_position().row - row + 1) as u64,
            words: comments.above(first).or_else(|| comments.above(row)),
        });
    });
    found
}

fn is_function(declarator: Node<'_>) -> bool {
    let Some(value) = declarator.child_by_field_name("value") else { return false };
    match value.kind() {
        "function_expression" | "generator_function" => true,
        "arrow_function" => {
            let body = value.child_by_field_name("body");
            body.is_some_and(|body| {
                body.kind() == "statement_block" && body.end_position().row > body.start_position().row
            })
        }
        _ => false,
    }
}
