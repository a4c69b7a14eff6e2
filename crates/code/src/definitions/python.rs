//! Python's functions, classes and docstrings.

use tree_sitter::{Node, Tree};

use super::{Comments, Definition, Kind};
use crate::syntax::{self, line_of, text_of};

/// All functions and classes, methods and nested ones too. Lambdas have no name and do not count.
///
/// A docstring documents, and so does a comment directly above the definition or its decorators.
pub(super) fn definitions(tree: &Tree, text: &str, comments: &Comments) -> Vec<Definition> {
    let mut found = Vec::new();
    let mut first_row = None;
    syntax::walk(tree, |node| match node.kind() {
        "decorated_definition" => {
            let definition = node.child_by_field_name("definition").map(|definition| definition.id());
            first_row = definition.map(|id| (id, node.start_position().row));
        }
        "function_definition" | "class_definition" => {
            let row = first_row.filter(|(id, _)| *id == node.id()).map_or(node.start_position().row, |(_, row)| row);
            let docstring = node
                .child_by_field_name("body")
                .and_then(|body| docstring(body, text))
                .map(|string| text_of(string, text));
            let says = docstring.filter(|docstring| docstring.chars().any(char::is_alphabetic)).map(str::to_owned);
            found.push(Definition {
                name: node.child_by_field_name("name").map(|name| text_of(name, text)).unwrap_or_default().to_owned(),
                kind: if node.kind() == "class_definition" { Kind::Class } else { Kind::Function },
                line: line_of(node),
                lines: (node.end_position().row - node.start_position().row + 1) as u64,
                words: says.or_else(|| comments.above(row)),
            });
        }
        _ => {}
    });
    found
}

/// The string that the file begins with.
pub(super) fn module_docstring(tree: &Tree, text: &str) -> Option<String> {
    let string = text_of(docstring(tree.root_node(), text)?, text);
    string.chars().any(char::is_alphabetic).then(|| string.to_owned())
}

/// Modules, classes and functions, and those of them that have a docstring: as `interrogate` counts.
pub(crate) fn docstrings(text: &str) -> (u64, u64) {
    let Some(tree) = syntax::python(text) else { return (0, 0) };
    let (mut definitions, mut documented) = (0, 0);
    syntax::walk(&tree, |node| {
        let body = match node.kind() {
            "module" => Some(node),
            "function_definition" | "class_definition" => node.child_by_field_name("body"),
            _ => return,
        };
        definitions += 1;
        let string = body.and_then(|body| docstring(body, text)).map(|string| text_of(string, text));
        documented += u64::from(string.is_some_and(|string| !is_empty(string)));
    });
    (definitions, documented)
}

fn is_empty(string: &str) -> bool {
    let quoted = string.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '(');
    quoted.trim_matches(['"', '\'', ')']).trim().is_empty()
}

/// The string that a body, or a module, begins with; Python keeps neither bytes nor formatted strings as docstrings.
fn docstring<'t>(body: Node<'t>, text: &str) -> Option<Node<'t>> {
    let mut cursor = body.walk();
    let first = body.named_children(&mut cursor).find(|child| child.kind() != "comment")?;
    let mut expression = first.named_child(0).filter(|_| first.kind() == "expression_statement")?;
    while expression.kind() == "parenthesized_expression" {
        expression = expression.named_child(0)?;
    }
    let plain = match expression.kind() {
        "string" => is_plain(expression, text),
        "concatenated_string" => {
            let mut cursor = expression.walk();
            expression.named_children(&mut cursor).all(|part| is_plain(part, text))
        }
        _ => false,
    };
    plain.then_some(expression)
}

/// Nothing but `r` or `u` stands before the quote.
fn is_plain(string: Node<'_>, text: &str) -> bool {
    let written = text_of(string, text);
    let quote = written.find(['"', '\'']).unwrap_or(0);
    !written[..quote].contains(['f', 'F', 'b', 'B', 't', 'T'])
}

/// How many lines hold nothing but docstrings of modules, classes and functions.
pub(crate) fn docstring_lines(text: &str) -> u64 {
    let Some(tree) = syntax::python(text) else { return 0 };
    let lines: Vec<&str> = text.lines().collect();
    let mut count = 0;
    syntax::walk(&tree, |node| {
        let body = match node.kind() {
            "module" => Some(node),
            "function_definition" | "class_definition" => node.child_by_field_name("body"),
            _ => None,
        };
        if let Some(string) = body.and_then(|body| docstring(body, text)) {
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
    use tokei::LanguageType;

    use super::*;
    use crate::source::Source;

    fn definitions(text: &str) -> Vec<Definition> {
        let source = Source { path: "f.py".into(), language: LanguageType::Python, text: text.into() };
        super::super::of(&source).split_off(1)
    }

    fn named(text: &str) -> Vec<(String, bool)> {
        definitions(text).into_iter().map(|found| (found.name.clone(), found.is_documented())).collect()
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
    fn docstrings_are_those_that_python_keeps() {
        let text = "\"\"\"Module.\"\"\"\ndef a():\n    r'raw'\ndef b():\n    f'formatted'\ndef c():\n    b'bytes'\ndef d():\n    ('in ' 'brackets')\ndef e():\n    '  '\n# above\ndef f(): pass\n";
        assert_eq!(docstrings(text), (7, 3));
    }

    #[test]
    fn text_may_nest_deeper_than_the_stack() {
        let deep = format!("x = {}1{}\n", "(".repeat(50_000), ")".repeat(50_000));
        assert_eq!(definitions(&deep), []);
    }
}
