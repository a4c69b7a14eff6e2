//! Shell that nothing reaches.

use tree_sitter::{Node, Tree};

use super::{BEHIND_THE_END, Dead, Function, NEVER_TRUE, READ_BY_NOTHING, Seen};
use crate::syntax::{self, text_of};

pub(super) fn look<'t>(tree: &Tree, text: &'t str) -> Seen<'t> {
    let mut seen = Seen::default();
    // `"$@"` calls whatever it is given.
    let mut calls_anything = false;
    syntax::walk(tree, |node| match node.kind() {
        "comment" => seen.silent.push(node.byte_range()),
        "function_definition" => {
            let Some(name) = node.child_by_field_name("name") else { return };
            seen.silent.push(name.byte_range());
            // A shell calls no `main` by itself.
            seen.functions.extend(Function::of(node, name, text));
        }
        "command_name" => {
            let name = text_of(node, text);
            calls_anything |= name.contains('$') || matches!(name, "eval" | "source" | ".");
        }
        "if_statement" => seen.dead.extend(branches(node, text)),
        "while_statement" => {
            let (Some(keyword), Some(body)) = (node.child(0), node.child_by_field_name("body")) else { return };
            let holds = text.get(keyword.end_byte()..body.start_byte()).and_then(truth);
            if holds == Some(text_of(keyword, text) == "until") {
                seen.dead.push(Dead::of(body, NEVER_TRUE));
            }
        }
        "list" => seen.dead.extend(short_cut(node, text)),
        "redirected_statement" if is_read_by_nothing(node, text) => seen.dead.push(Dead::of(node, READ_BY_NOTHING)),
        "program" | "compound_statement" | "do_group" | "else_clause" => {
            let is_group = node.kind() == "compound_statement";
            let leaves = |statement: &Node<'_>| {
                let name = statement.child_by_field_name("name").filter(|_| statement.kind() == "command");
                name.is_some_and(|name| match text_of(name, text) {
                    "exit" => true,
                    "return" => is_group,
                    _ => false,
                })
            };
            let mut cursor = node.walk();
            let rest = node.named_children(&mut cursor).skip_while(|statement| !leaves(statement)).skip(1);
            seen.dead.extend(rest.filter(|it| it.kind() != "comment").map(|it| Dead::of(it, BEHIND_THE_END)));
        }
        _ => {}
    });
    if calls_anything {
        seen.functions.clear();
    }
    seen
}

/// The branch of an `if` that is never taken.
fn branches(node: Node<'_>, text: &str) -> Vec<Dead> {
    let mut cursor = node.walk();
    let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
    let Some(then) = children.iter().position(|child| child.kind() == "then") else { return Vec::new() };
    let condition = text.get(children[0].end_byte()..children[then].start_byte());
    let Some(holds) = condition.and_then(truth) else { return Vec::new() };
    let is_other = |kind: &str| matches!(kind, "elif_clause" | "else_clause");
    let inner = children[then + 1..].iter().filter(|child| child.is_named() && child.kind() != "comment");
    inner.filter(|child| is_other(child.kind()) == holds).map(|child| Dead::of(*child, NEVER_TRUE)).collect()
}

/// `false && aws …`, `true || aws …`: the command is on the same line as what keeps it from being run.
fn short_cut(list: Node<'_>, text: &str) -> Option<Dead> {
    let is_part = list.parent().is_some_and(|parent| parent.kind() == "list");
    let (left, operator) = (list.child(0)?, list.child(1)?);
    let decides = match text_of(operator, text) {
        "&&" => false,
        "||" => true,
        _ => return None,
    };
    (!is_part && truth(text_of(left, text)) == Some(decides)).then(|| Dead::of(list, NEVER_TRUE))
}

/// `: <<'EOF'`, as people comment out many lines; without the quotes, what is in `$(…)` is run.
fn is_read_by_nothing(node: Node<'_>, text: &str) -> bool {
    let does_nothing = node.child_by_field_name("body").is_some_and(|body| matches!(text_of(body, text), ":" | "true"));
    let written = text_of(node, text);
    let is_quoted = written
        .split_once("<<")
        .is_some_and(|(_, rest)| rest.trim_start_matches('-').trim_start().starts_with(['\'', '"', '\\']));
    does_nothing && written.contains("<<") && (is_quoted || !written.contains(['$', '`']))
}

/// Whether a condition always holds or never does; `None` where that depends on anything.
fn truth(condition: &str) -> Option<bool> {
    let mut written = condition.trim().trim_end_matches(';').trim_end();
    let mut is_turned = false;
    while let Some(rest) = written.strip_prefix("! ") {
        written = rest.trim_start();
        is_turned = !is_turned;
    }
    let within = |open: &str, close: &str| written.strip_prefix(open)?.strip_suffix(close).map(str::trim);
    let holds = match written {
        "false" => false,
        "true" | ":" => true,
        _ => match within("((", "))") {
            Some(number) => number.parse::<i64>().ok()? != 0,
            None => is_true_of_itself(within("[[", "]]").or_else(|| within("[", "]"))?)?,
        },
    };
    Some(holds != is_turned)
}

/// `1 -eq 2`, `"a" = "b"`: two constants that are written out.
fn is_true_of_itself(test: &str) -> Option<bool> {
    let words: Vec<&str> = test.split_whitespace().collect();
    let [left, operator, right] = words.as_slice() else { return None };
    let plain = |word: &str| {
        let inner = word.trim_matches(['"', '\'']);
        inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')).then(|| inner.to_owned())
    };
    let (left, right) = (plain(left)?, plain(right)?);
    match *operator {
        "=" | "==" => Some(left == right),
        "!=" => Some(left != right),
        "-eq" => Some(left.parse::<i64>().ok()? == right.parse::<i64>().ok()?),
        "-ne" => Some(left.parse::<i64>().ok()? != right.parse::<i64>().ok()?),
        _ => None,
    }
}
