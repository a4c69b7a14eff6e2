//! Functions of shell scripts.

use tree_sitter::Tree;

use super::{Comments, Definition, Kind};
use crate::syntax::{self, line_of, text_of};

pub(super) fn definitions(tree: &Tree, text: &str, comments: &Comments) -> Vec<Definition> {
    let mut found = Vec::new();
    syntax::walk(tree, |node| {
        if node.kind() != "function_definition" {
            return;
        }
        let (start, end) = (node.start_position().row, node.end_position().row);
        found.push(Definition {
            name: node.child_by_field_name("name").map(|name| text_of(name, text)).unwrap_or_default().to_owned(),
            kind: Kind::Function,
            line: line_of(node),
            lines: (end - start + 1) as u64,
            // Above it, or as the first thing in its body.
            words: comments.above(start).or_else(|| (end > start).then(|| comments.on(start + 1)).flatten()),
        });
    });
    found
}
