//! Python that nothing reaches.

use std::collections::{HashMap, HashSet};

use tree_sitter::{Node, Tree};

use super::flags;
use super::literals;
use super::switches::{self, Switch, Switched};
use super::{
    BEHIND_THE_END, Dead, Function, LOOPS_OVER_NOTHING, NEVER_TRUE, Seen, WITHOUT_ITS_SWITCH, last_line_of, stand_ins,
};
use crate::syntax::{self, text_of};

pub(super) fn look<'t>(tree: &Tree, text: &'t str) -> Seen<'t> {
    let mut seen = Seen { dead: by_itself(tree, text), switched: switched(tree, text), ..Seen::default() };
    seen.dead.extend(stand_ins::calls(tree, text));
    seen.skipped = literals::skipped(tree, text);
    let any_may_be_called = calls_any_function(tree, text);
    syntax::walk(tree, |node| match node.kind() {
        "function_definition" => {
            let Some(name) = node.child_by_field_name("name") else { return };
            seen.silent.push(name.byte_range());
            if !any_may_be_called && !is_called_from_outside(node, text_of(name, text)) {
                seen.functions.extend(Function::of(node, name, text));
            }
        }
        "comment" => seen.silent.push(node.byte_range()),
        // A docstring, or a text that nobody reads.
        "expression_statement" => {
            let only = node.named_child(0).filter(|_| node.named_child_count() == 1);
            if only.is_some_and(|only| matches!(only.kind(), "string" | "concatenated_string")) {
                seen.silent.push(node.byte_range());
            }
        }
        // Who imports a function has not called it yet; under another name it may be called as that.
        "import_from_statement" => {
            let mut cursor = node.walk();
            let names = node.children_by_field_name("name", &mut cursor).filter(|name| name.kind() == "dotted_name");
            seen.silent.extend(names.map(|name| name.byte_range()));
        }
        _ => {}
    });
    seen
}

/// `fire.Fire()`, `globals()[sys.argv[1]]()`: whoever runs the file says which of its functions it calls.
fn calls_any_function(tree: &Tree, text: &str) -> bool {
    if !["Fire(", "globals()", "locals()", "vars()", "sys.modules"].iter().any(|name| text.contains(name)) {
        return false;
    }
    let is_table = |node: Node<'_>| matches!(text_of(node, text), "globals()" | "locals()" | "vars()");
    let mut found = false;
    syntax::walk(tree, |node| match node.kind() {
        "call" => {
            let Some(function) = node.child_by_field_name("function") else { return };
            let is_get = function.child_by_field_name("attribute").is_some_and(|name| text_of(name, text) == "get");
            found |= matches!(text_of(function, text), "fire.Fire" | "Fire")
                || (is_get && function.child_by_field_name("object").is_some_and(is_table));
        }
        "subscript" => {
            found |= node.child_by_field_name("value").is_some_and(is_table)
                || text_of(node, text) == "sys.modules[__name__]";
        }
        _ => {}
    });
    found
}

/// A decorator may register it, a base class may call it, and so may a test's runner.
fn is_called_from_outside(function: Node<'_>, name: &str) -> bool {
    let mut around = function.parent();
    if around.is_some_and(|parent| parent.kind() == "decorated_definition") {
        return true;
    }
    while let Some(node) = around {
        if node.kind() == "class_definition" && node.child_by_field_name("superclasses").is_some() {
            return true;
        }
        around = node.parent();
    }
    name.starts_with("__") || name.starts_with("test")
}

/// What the file itself shows to be never reached.
fn by_itself(tree: &Tree, text: &str) -> Vec<Dead> {
    let constants = constants(tree, text);
    let empty = stand_ins::always_empty(tree, text);
    let mut dead = Vec::new();
    syntax::walk(tree, |node| match node.kind() {
        "if_statement" | "elif_clause" | "while_statement" => {
            let holds = node.child_by_field_name("condition").and_then(|condition| truth(condition, text, &constants));
            let body = node.child_by_field_name("consequence").or_else(|| node.child_by_field_name("body"));
            if holds == Some(false) {
                dead.extend(body.map(|body| Dead::of(body, NEVER_TRUE)));
            }
            if holds == Some(true) && node.kind() == "if_statement" {
                let mut cursor = node.walk();
                dead.extend(
                    node.children_by_field_name("alternative", &mut cursor).map(|other| Dead::of(other, NEVER_TRUE)),
                );
            }
        }
        "for_statement" if is_over_nothing(node, text, &empty) => {
            dead.extend(node.child_by_field_name("body").map(|body| Dead::of(body, LOOPS_OVER_NOTHING)));
        }
        // `[make(name) for name in []]`
        "list_comprehension" | "set_comprehension" | "dictionary_comprehension" | "generator_expression" => {
            let mut cursor = node.walk();
            let mut over = node.named_children(&mut cursor).filter(|child| child.kind() == "for_in_clause");
            if over.any(|clause| is_over_nothing(clause, text, &empty)) {
                dead.push(Dead::of(node, LOOPS_OVER_NOTHING));
            }
        }
        // `False and make()`: the call is on the same line as what keeps it from being made.
        "expression_statement" => {
            let short = node.named_child(0).filter(|it| it.kind() == "boolean_operator");
            let parts =
                short.and_then(|it| Some((it.child_by_field_name("left")?, it.child_by_field_name("operator")?)));
            if let Some((left, operator)) = parts.filter(|(left, _)| !text_of(*left, text).contains('('))
                && truth(left, text, &constants) == Some(text_of(operator, text) == "or")
            {
                dead.push(Dead::of(node, NEVER_TRUE));
            }
        }
        "block" | "module" => {
            let mut cursor = node.walk();
            let rest =
                node.named_children(&mut cursor).skip_while(|it| !leaves_for_sure(*it, text, &constants)).skip(1);
            dead.extend(rest.filter(|it| it.kind() != "comment").map(|it| Dead::of(it, BEHIND_THE_END)));
        }
        _ => {}
    });
    dead
}

/// Whether a loop, or a part of a comprehension, has nothing to walk over.
fn is_over_nothing(node: Node<'_>, text: &str, empty: &HashSet<&str>) -> bool {
    let over = node.child_by_field_name("right");
    over.is_some_and(|over| stand_ins::is_empty(over, text) || empty.contains(text_of(over, text)))
}

/// What runs where a switch is turned: a branch, or the rest of a block that is left without it.
fn switched<'t>(tree: &Tree, text: &'t str) -> Vec<Switched<'t>> {
    if !["environ", "getenv", "argv", "store_true"].iter().any(|asked| text.contains(asked)) {
        return Vec::new();
    }
    let mut named = flags::named(tree, text);
    let of_names = given_once(tree, text, |value| switches::of(value, text, &named));
    named.extend(of_names);
    let mut found = Vec::new();
    syntax::walk(tree, |node| match node.kind() {
        "if_statement" | "elif_clause" | "while_statement" => {
            let switch = node.child_by_field_name("condition").and_then(|it| switches::of(it, text, &named));
            let body = node.child_by_field_name("consequence").or_else(|| node.child_by_field_name("body"));
            if let (Some(switch), Some(body)) = (switch, body) {
                found.push(Switched { dead: Dead::of(body, WITHOUT_ITS_SWITCH), switch });
            }
        }
        "block" | "module" => {
            let mut cursor = node.walk();
            let mut statements = node.named_children(&mut cursor);
            let guard = statements.find_map(|statement| guards(statement, text, &named));
            if let (Some(switch), Some(next)) = (guard, statements.next()) {
                let mut dead = Dead::of(next, WITHOUT_ITS_SWITCH);
                dead.last = dead.last.max(last_line_of(node));
                found.push(Switched { dead, switch });
            }
        }
        _ => {}
    });
    found
}

/// `if not os.environ.get("X"): return`. Without an argument, most programs say how they are called, and end.
fn guards<'t>(statement: Node<'_>, text: &'t str, named: &HashMap<&str, Switch<'t>>) -> Option<Switch<'t>> {
    let is_alone = statement.kind() == "if_statement" && statement.child_by_field_name("alternative").is_none();
    let condition = statement.child_by_field_name("condition").filter(|it| is_alone && it.kind() == "not_operator")?;
    let switch = switches::of(condition.child_by_field_name("argument")?, text, named)?;
    let body = statement.child_by_field_name("consequence")?;
    let mut cursor = body.walk();
    let ends = body.named_children(&mut cursor).any(|inner| leaves(inner, text));
    (ends && matches!(switch, Switch::Variable(_))).then_some(switch)
}

/// The same as [`leaves`], and an `if` that always holds and leaves.
fn leaves_for_sure(statement: Node<'_>, text: &str, constants: &HashMap<&str, bool>) -> bool {
    let condition = statement.child_by_field_name("condition").filter(|_| statement.kind() == "if_statement");
    let Some(condition) = condition else { return leaves(statement, text) };
    let Some(body) = statement.child_by_field_name("consequence") else { return false };
    let mut cursor = body.walk();
    truth(condition, text, constants) == Some(true) && body.named_children(&mut cursor).any(|inner| leaves(inner, text))
}

/// Whether nothing behind a statement of the same block is reached.
pub(super) fn leaves(statement: Node<'_>, text: &str) -> bool {
    match statement.kind() {
        "assert_statement" => statement.named_child(0).is_some_and(|it| matches!(text_of(it, text), "False" | "0")),
        "expression_statement" if divides_by_nothing(statement, text) => true,
        "return_statement" | "raise_statement" | "continue_statement" | "break_statement" => true,
        "expression_statement" => {
            let call = statement.named_child(0).filter(|call| call.kind() == "call");
            let function = call.and_then(|call| call.child_by_field_name("function"));
            function
                .is_some_and(|function| matches!(text_of(function, text), "sys.exit" | "exit" | "quit" | "os._exit"))
        }
        _ => false,
    }
}

/// `1 / 0`, `x = 1 // 0`: a way to raise.
fn divides_by_nothing(statement: Node<'_>, text: &str) -> bool {
    let value = statement
        .named_child(0)
        .map(|it| it.child_by_field_name("right").filter(|_| it.kind() == "assignment").unwrap_or(it));
    let parts = value
        .filter(|it| it.kind() == "binary_operator")
        .and_then(|it| Some((it.child_by_field_name("operator")?, it.child_by_field_name("right")?)));
    parts.is_some_and(|(operator, right)| {
        matches!(text_of(operator, text), "/" | "//" | "%") && matches!(text_of(right, text), "0" | "0.0")
    })
}

/// Names of a file that are given a value once, and one that is always true or always false.
fn constants<'t>(tree: &Tree, text: &'t str) -> HashMap<&'t str, bool> {
    let none = HashMap::new();
    given_once(tree, text, |value| truth(value, text, &none))
}

/// Names of a file that are given a value once, with what that value is read as.
pub(super) fn given_once<'t, T>(
    tree: &Tree,
    text: &'t str,
    read: impl Fn(Node<'_>) -> Option<T>,
) -> HashMap<&'t str, T> {
    let mut given: HashMap<&str, (usize, Option<T>)> = HashMap::new();
    syntax::walk(tree, |node| match node.kind() {
        "assignment" | "augmented_assignment" | "named_expression" => {
            let left = node.child_by_field_name("left").or_else(|| node.child_by_field_name("name"));
            let value = node.child_by_field_name("right").filter(|_| node.kind() == "assignment");
            let Some(left) = left else { return };
            let known = given.entry(text_of(left, text)).or_default();
            known.0 += 1;
            known.1 = value.and_then(&read);
        }
        // Whoever calls it gives the value, or it is one of several that are given at once.
        "parameters"
        | "lambda_parameters"
        | "global_statement"
        | "nonlocal_statement"
        | "for_statement"
        | "for_in_clause"
        | "with_item"
        | "as_pattern_target"
        | "pattern_list"
        | "tuple_pattern"
        | "list_pattern"
        | "import_from_statement"
        | "aliased_import" => {
            let mut cursor = node.walk();
            for name in node.named_children(&mut cursor) {
                let inner = name.child_by_field_name("name").or_else(|| name.named_child(0));
                let name = inner.unwrap_or(name);
                given.entry(text_of(name, text)).or_default().0 += 2;
            }
        }
        _ => {}
    });
    given.into_iter().filter_map(|(name, (times, value))| Some((name, value.filter(|_| times == 1)?))).collect()
}

/// Whether a condition is always true or always false; `None` where that depends on anything.
///
/// Without recursion further than a few brackets: text can nest deeper than a stack.
fn truth(condition: Node<'_>, text: &str, constants: &HashMap<&str, bool>) -> Option<bool> {
    const DEEPEST: usize = 16;
    let (mut node, mut is_turned) = (condition, false);
    for _ in 0..DEEPEST {
        let written = text_of(node, text);
        let holds = match node.kind() {
            "parenthesized_expression" => {
                node = node.named_child(0)?;
                continue;
            }
            "not_operator" => {
                node = node.child_by_field_name("argument")?;
                is_turned = !is_turned;
                continue;
            }
            "true" => true,
            "false" | "none" => false,
            // `0xA`, `0e5`, `f"{name}"`: what it comes to is not read.
            "integer" | "float" if written.contains(char::is_alphabetic) => return None,
            "string" if written.contains('{') => return None,
            "integer" | "float" => written.chars().any(|c| ('1'..='9').contains(&c)),
            "string" => !written.trim_start_matches(char::is_alphabetic).trim_matches(['"', '\'']).is_empty(),
            "identifier" => *constants.get(written)?,
            "comparison_operator" => is_true_of_itself(node, text)?,
            // One side that is never true is enough, and the other need not be known.
            "boolean_operator" => {
                let (operator, sides) = (node.child_by_field_name("operator")?, ["left", "right"]);
                let decides = text_of(operator, text) == "or";
                let plain = |side: &str| {
                    let side = node.child_by_field_name(side)?;
                    match side.kind() {
                        "true" => Some(true),
                        "false" | "none" => Some(false),
                        "integer" => Some(text_of(side, text) != "0"),
                        _ => None,
                    }
                };
                if !sides.iter().any(|side| plain(side) == Some(decides)) {
                    return None;
                }
                decides
            }
            _ => return None,
        };
        return Some(holds != is_turned);
    }
    None
}

/// `1 == 2`, `"a" != "a"`: two constants that are written out.
fn is_true_of_itself(comparison: Node<'_>, text: &str) -> Option<bool> {
    let is_written_out = |node: &Node<'_>| matches!(node.kind(), "integer" | "string" | "true" | "false" | "none");
    let (left, right) = (comparison.named_child(0)?, comparison.named_child(1)?);
    if comparison.named_child_count() != 2 || !is_written_out(&left) || !is_written_out(&right) {
        return None;
    }
    let is_same = text_of(left, text).replace('\'', "\"") == text_of(right, text).replace('\'', "\"");
    let operator = text.get(left.end_byte()..right.start_byte())?.trim();
    match operator {
        "==" | "is" => Some(is_same),
        "!=" | "is not" => Some(!is_same),
        _ => None,
    }
}
