//! Functions and types of Rust, its tests left out: their names say what they show.

use tree_sitter::{Node, Tree};

use super::{Comments, Definition, Kind};
use crate::syntax::{self, line_of, text_of};

pub(super) fn definitions(tree: &Tree, text: &str, comments: &Comments) -> Vec<Definition> {
    let mut found = Vec::new();
    // Depth of the module of tests that the walk is in.
    let mut tests: Option<usize> = None;
    // Depth and first row of the attributes before the next item, and whether one of them makes it a test.
    let mut attributes: Option<(usize, usize, bool)> = None;
    syntax::walk_with_depth(tree, |node, depth| {
        tests = tests.filter(|at| depth > *at);
        let row = node.start_position().row;
        if node.kind() == "attribute_item" {
            let known = attributes.filter(|(at, ..)| *at == depth);
            let is_test = known.is_some_and(|(.., is_test)| is_test) || text_of(node, text).contains("test");
            attributes = Some((depth, known.map_or(row, |(_, first, _)| first), is_test));
            return;
        }
        let above = attributes.filter(|(at, ..)| *at == depth);
        if above.is_none() || node.kind().ends_with("comment") {
            if !is_item(node) {
                return;
            }
        } else {
            attributes = None;
        }
        let (first, is_test) = above.map_or((row, false), |(_, first, is_test)| (first, is_test));
        let kind = match node.kind() {
            "function_item" => Kind::Function,
            "struct_item" | "enum_item" | "trait_item" | "union_item" => Kind::Class,
            "mod_item" => {
                if is_test && tests.is_none() {
                    tests = Some(depth);
                }
                return;
            }
            _ => return,
        };
        if is_test || tests.is_some() {
            return;
        }
        found.push(Definition {
            name: node.child_by_field_name("name").map(|name| text_of(name, text)).unwrap_or_default().to_owned(),
            kind,
            line: line_of(node),
            lines: (node.end_position().row - row + 1) as u64,
            words: comments.above(first).or_else(|| comments.above(row)),
        });
    });
    found
}

fn is_item(node: Node<'_>) -> bool {
    node.kind().ends_with("_item")
}
