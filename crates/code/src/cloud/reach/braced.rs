//! JavaScript and TypeScript that nothing reaches.

use tree_sitter::{Node, Tree};

use super::{BEHIND_THE_END, Dead, Function, NEVER_TRUE, Seen};
use crate::syntax::{self, text_of};

pub(super) fn look<'t>(tree: &Tree, text: &'t str) -> Seen<'t> {
    let mut seen = Seen::default();
    syntax::walk(tree, |node| match node.kind() {
        "comment" => seen.silent.push(node.byte_range()),
        "import_specifier" if node.child_by_field_name("alias").is_none() => seen.silent.push(node.byte_range()),
        "function_declaration" | "generator_function_declaration" => add(&mut seen, node, node, text),
        "variable_declarator" => {
            let value = node.child_by_field_name("value").map(|value| value.kind());
            let declaration = node.parent();
            if let (Some("arrow_function" | "function_expression" | "generator_function"), Some(declaration)) =
                (value, declaration)
            {
                add(&mut seen, node, declaration, text);
            }
        }
        "if_statement" => {
            let holds = node.child_by_field_name("condition").and_then(|condition| truth(condition, text));
            let never = holds.map(|holds| if holds { "alternative" } else { "consequence" });
            let never = never.and_then(|field| node.child_by_field_name(field));
            seen.dead.extend(never.map(|branch| Dead::of(branch, NEVER_TRUE)));
        }
        "while_statement" => {
            let holds = node.child_by_field_name("condition").and_then(|condition| truth(condition, text));
            let body = node.child_by_field_name("body").filter(|_| holds == Some(false));
            seen.dead.extend(body.map(|body| Dead::of(body, NEVER_TRUE)));
        }
        "expression_statement" => seen.dead.extend(short_cut(node, text)),
        "statement_block" | "program" => {
            let mut cursor = node.walk();
            let rest = node.named_children(&mut cursor).skip_while(|statement| !leaves(*statement, text)).skip(1);
            // A function is known before its line is reached.
            let rest = rest.filter(|it| !matches!(it.kind(), "comment" | "function_declaration" | "export_statement"));
            seen.dead.extend(rest.map(|it| Dead::of(it, BEHIND_THE_END)));
        }
        _ => {}
    });
    seen
}

/// A function that somebody in the repository has to call: what is exported may be called from outside.
fn add<'t>(seen: &mut Seen<'t>, node: Node<'_>, declaration: Node<'_>, text: &'t str) {
    let Some(name) = node.child_by_field_name("name") else { return };
    let is_exported = declaration.parent().is_some_and(|parent| parent.kind() == "export_statement");
    seen.silent.push(name.byte_range());
    if !is_exported {
        seen.functions.extend(Function::of(node, name, text));
    }
}

fn leaves(statement: Node<'_>, text: &str) -> bool {
    match statement.kind() {
        "return_statement" | "throw_statement" | "continue_statement" | "break_statement" => true,
        "expression_statement" => {
            let call = statement.named_child(0).filter(|call| call.kind() == "call_expression");
            let function = call.and_then(|call| call.child_by_field_name("function"));
            function.is_some_and(|function| text_of(function, text) == "process.exit")
        }
        _ => false,
    }
}

/// `false && make()`: the call is on the same line as what keeps it from being made.
fn short_cut(statement: Node<'_>, text: &str) -> Option<Dead> {
    let short = statement.named_child(0).filter(|it| it.kind() == "binary_expression")?;
    let (left, operator) = (short.child_by_field_name("left")?, short.child_by_field_name("operator")?);
    let decides = match text_of(operator, text) {
        "&&" => false,
        "||" => true,
        _ => return None,
    };
    let is_plain = !text_of(left, text).contains('(');
    (is_plain && truth(left, text) == Some(decides)).then(|| Dead::of(statement, NEVER_TRUE))
}

/// Whether a condition is always true or always false; `None` where that depends on anything.
fn truth(condition: Node<'_>, text: &str) -> Option<bool> {
    const DEEPEST: usize = 16;
    let (mut node, mut is_turned) = (condition, false);
    for _ in 0..DEEPEST {
        let holds = match node.kind() {
            "parenthesized_expression" => {
                node = node.named_child(0)?;
                continue;
            }
            "unary_expression" if text_of(node, text).starts_with('!') => {
                node = node.child_by_field_name("argument")?;
                is_turned = !is_turned;
                continue;
            }
            "binary_expression" => of_two(node, text)?,
            _ => plain(node, text)?,
        };
        return Some(holds != is_turned);
    }
    None
}

fn plain(node: Node<'_>, text: &str) -> Option<bool> {
    let written = text_of(node, text);
    match node.kind() {
        "true" => Some(true),
        "false" | "null" | "undefined" => Some(false),
        "number" if written.bytes().all(|byte| byte.is_ascii_digit()) => Some(written.bytes().any(|byte| byte != b'0')),
        "string" => Some(written.len() > 2),
        _ => None,
    }
}

/// `1 === 2` of two constants; `a && false`, whatever the other side is.
fn of_two(node: Node<'_>, text: &str) -> Option<bool> {
    let part = |field: &str| node.child_by_field_name(field);
    let (left, operator, right) = (part("left")?, part("operator")?, part("right")?);
    let is_same = || {
        let is_written_out = |it: Node<'_>| matches!(it.kind(), "number" | "string" | "true" | "false" | "null");
        let unquoted = |it: Node<'_>| text_of(it, text).replace('\'', "\"");
        // `1 == "1"` holds, and `1 === "1"` does not.
        (is_written_out(left) && left.kind() == right.kind()).then(|| unquoted(left) == unquoted(right))
    };
    let decided = |by: bool| (plain(left, text) == Some(by) || plain(right, text) == Some(by)).then_some(by);
    match text_of(operator, text) {
        "==" | "===" => is_same(),
        "!=" | "!==" => is_same().map(|same| !same),
        "&&" => decided(false),
        "||" => decided(true),
        _ => None,
    }
}
