//! Statements of Python that no run reaches: after a `return`, or under a condition that is never true.

use std::ops::RangeInclusive;

use tree_sitter::Tree;

use super::syntax::{self, text_of};

/// The one-based lines of such statements.
pub(super) fn in_python(text: &str) -> Vec<RangeInclusive<u64>> {
    let Some(tree) = syntax::python(text) else { return Vec::new() };
    ranges(&tree, text)
}

fn ranges(tree: &Tree, text: &str) -> Vec<RangeInclusive<u64>> {
    let mut found = Vec::new();
    syntax::walk(tree, |node| match node.kind() {
        "return_statement" | "raise_statement" | "continue_statement" | "break_statement" => {
            let next = node.next_named_sibling();
            // The block ends with the last of its statements.
            if let (Some(next), Some(block)) = (next, node.parent()) {
                found.push(syntax::line_of(next)..=block.end_position().row as u64 + 1);
            }
        }
        "if_statement" | "while_statement" => {
            let condition = node.child_by_field_name("condition").map(|condition| text_of(condition, text));
            let body = node.child_by_field_name(if node.kind() == "if_statement" { "consequence" } else { "body" });
            if let (Some("False" | "0" | "None"), Some(body)) = (condition, body) {
                found.push(syntax::line_of(body)..=body.end_position().row as u64 + 1);
            }
        }
        _ => {}
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_after_a_return_or_under_false_is_not_reached() {
        let lines = |text: &str| in_python(text).into_iter().flatten().collect::<Vec<_>>();
        assert_eq!(lines("def f():\n    return 1\n    a()\n    b()\nc()\n"), [3, 4]);
        assert_eq!(lines("if False:\n    a()\nelse:\n    b()\n"), [2]);
        assert_eq!(lines("while 0:\n    a()\nb()\n"), [2]);
        assert_eq!(lines("def f(x):\n    if x:\n        return 1\n    a()\n"), Vec::<u64>::new());
    }
}
