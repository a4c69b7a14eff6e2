//! Python's definitions, by a real grammar.

use std::collections::BTreeSet;

use tree_sitter::Node;

use super::commented_out;
use super::syntax::{self, line_of, text_of};

/// A function or a class.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) name: String,
    /// Of its `def` or `class`, one-based.
    pub(super) line: u64,
    /// Lines that it spans.
    pub(super) lines: u64,
    /// It has a docstring, or the line above it, or above its decorators, is a comment.
    pub(super) documented: bool,
}

/// All functions and classes of `text`, in order, methods and nested ones too. Lambdas have no name and do not count.
pub(super) fn definitions(text: &str) -> Vec<Definition> {
    let Some(tree) = syntax::python(text) else { return Vec::new() };
    let lines: Vec<&str> = text.lines().collect();
    let mut comment_rows = BTreeSet::new();
    let mut nodes = Vec::new();
    let mut first_row = None;
    syntax::walk(&tree, |node| match node.kind() {
        "comment" => {
            let row = node.start_position().row;
            let comment = lines.get(row).map(|line| line.trim()).unwrap_or_default();
            let words = comment.trim_start_matches(['#', '-', '=', '*', ' ']);
            if comment.starts_with('#') && !words.is_empty() && !commented_out::is_python(words) {
                comment_rows.insert(row);
            }
        }
        "decorated_definition" => {
            let definition = node.child_by_field_name("definition").map(|definition| definition.id());
            first_row = definition.map(|id| (id, node.start_position().row));
        }
        "function_definition" | "class_definition" => {
            let row = first_row.filter(|(id, _)| *id == node.id()).map_or(node.start_position().row, |(_, row)| row);
            nodes.push((node, row));
        }
        _ => {}
    });
    nodes
        .into_iter()
        .map(|(node, first_row)| Definition {
            name: node.child_by_field_name("name").map(|name| text_of(name, text)).unwrap_or_default().to_owned(),
            line: line_of(node),
            lines: (node.end_position().row - node.start_position().row + 1) as u64,
            documented: has_docstring(node, text)
                || first_row.checked_sub(1).is_some_and(|row| comment_rows.contains(&row)),
        })
        .collect()
}

/// The body begins with a string that says something.
fn has_docstring(definition: Node<'_>, text: &str) -> bool {
    definition
        .child_by_field_name("body")
        .and_then(docstring)
        .is_some_and(|string| text_of(string, text).chars().any(char::is_alphabetic))
}

/// The string that a body, or a module, begins with.
fn docstring(body: Node<'_>) -> Option<Node<'_>> {
    let mut cursor = body.walk();
    let first = body.named_children(&mut cursor).find(|child| child.kind() != "comment")?;
    let expression = first.named_child(0).filter(|_| first.kind() == "expression_statement")?;
    matches!(expression.kind(), "string" | "concatenated_string").then_some(expression)
}

/// How many lines hold nothing but docstrings of modules, classes and functions.
pub(super) fn docstring_lines(text: &str) -> u64 {
    let Some(tree) = syntax::python(text) else { return 0 };
    let lines: Vec<&str> = text.lines().collect();
    let mut count = 0;
    syntax::walk(&tree, |node| {
        let body = match node.kind() {
            "module" => Some(node),
            "function_definition" | "class_definition" => node.child_by_field_name("body"),
            _ => None,
        };
        if let Some(string) = body.and_then(docstring) {
            let (start, end) = (string.start_position(), string.end_position());
            let before = lines.get(start.row).and_then(|line| line.get(..start.column)).unwrap_or_default();
            if before.trim().is_empty() {
                count += (end.row - start.row + 1) as u64;
            }
        }
    });
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<(String, bool)> {
        definitions(text).into_iter().map(|found| (found.name, found.documented)).collect()
    }

    fn expect(pairs: &[(&str, bool)]) -> Vec<(String, bool)> {
        pairs.iter().map(|&(name, documented)| (name.to_owned(), documented)).collect()
    }

    #[test]
    fn docstrings_and_comments_above_document() {
        let text = r#"
def one():
    """Says what."""

# Says what.
@app.get("/")
async def two():
    return 1

def three():
    x = """not a docstring"""

class Four:
    'Single quotes do.'

    def five(self):
        # a comment inside comes too late
        x = 1
        def six():
            ""
            pass
"#;
        assert_eq!(
            named(text),
            expect(&[("one", true), ("two", true), ("three", false), ("Four", true), ("five", false), ("six", false)])
        );
    }

    #[test]
    fn words_in_strings_and_comments_define_nothing() {
        assert_eq!(named("s = '''\ndef no():\n    pass\n'''\n# def neither(): pass\n"), []);
    }

    #[test]
    fn code_or_a_ruler_above_documents_nothing() {
        assert_eq!(
            named("# x = f(1)\ndef a(): pass\n# -------\ndef b(): pass\n"),
            expect(&[("a", false), ("b", false)])
        );
    }

    #[test]
    fn broken_python_still_gives_what_can_be_read() {
        let names = named("def good():\n    \"\"\"Fine.\"\"\"\n    return 1\n\nprint 'python 2'\n\ndef also(:\n");
        assert!(names.contains(&("good".to_owned(), true)), "{names:?}");
    }

    #[test]
    fn spans_and_lines_are_told() {
        let found = definitions("\n@d\ndef f():\n    a = 1\n    return a\n");
        assert_eq!((found[0].line, found[0].lines), (3, 3));
    }

    #[test]
    fn text_may_nest_deeper_than_the_stack() {
        let deep = format!("x = {}1{}\n", "(".repeat(50_000), ")".repeat(50_000));
        assert_eq!(definitions(&deep), []);
    }
}
