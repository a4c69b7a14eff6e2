//! Python functions that are only ever called with values that are written out, and so always end early, or never take a
//! branch.

use std::collections::{HashMap, HashSet};

use tokei::LanguageType;
use tree_sitter::{Node, Tree};

use super::python::leaves;
use super::{BEHIND_THE_END, Dead, NEVER_TRUE, last_line_of, words};
use crate::source::Source;
use crate::syntax::{self, text_of};

/// A function that is called in more places is not looked into: each of its conditions is, for each call.
const MOST_CALLS: usize = 64;
/// Parameters that are followed.
const MOST_PARAMETERS: usize = 32;

/// Lines that a function does not reach, as its own file calls it.
pub(super) struct Skipped<'t> {
    pub(super) function: &'t str,
    pub(super) dead: Dead,
}

/// What one file shows: another file may call the same function otherwise.
pub(super) fn skipped<'t>(tree: &Tree, text: &'t str) -> Vec<Skipped<'t>> {
    let mut definitions: HashMap<&str, Vec<Node<'_>>> = HashMap::new();
    let mut calls: HashMap<&str, Vec<Vec<Node<'_>>>> = HashMap::new();
    let mut all: HashMap<&str, usize> = HashMap::new();
    syntax::walk(tree, |node| match node.kind() {
        "identifier" => *all.entry(text_of(node, text)).or_default() += 1,
        "function_definition" => {
            let name = node.child_by_field_name("name").map(|name| text_of(name, text));
            definitions.entry(name.unwrap_or_default()).or_default().push(node);
        }
        "call" => {
            let function = node.child_by_field_name("function").filter(|it| it.kind() == "identifier");
            let (Some(function), Some(arguments)) = (function, node.child_by_field_name("arguments")) else { return };
            let mut cursor = arguments.walk();
            let given: Vec<Node<'_>> = arguments.named_children(&mut cursor).collect();
            if given.iter().all(is_written_out) {
                calls.entry(text_of(function, text)).or_default().push(given);
            }
        }
        _ => {}
    });
    let mut found = Vec::new();
    for (name, calls) in sorted(calls) {
        let Some([definition]) = definitions.get(name).map(Vec::as_slice) else { continue };
        let is_plain = definition.parent().is_some_and(|parent| parent.kind() == "module");
        let parameters = definition.child_by_field_name("parameters").and_then(|it| names_of(it, text));
        let (Some(parameters), Some(body)) = (parameters, definition.child_by_field_name("body")) else { continue };
        // Said otherwise than in a call that is known, it may be called with anything.
        let is_known = all.get(name) == Some(&(calls.len() + 1));
        if !is_plain
            || !is_known
            || calls.len() > MOST_CALLS
            || parameters.len() > MOST_PARAMETERS
            || calls.iter().any(|given| given.len() != parameters.len())
        {
            continue;
        }
        let dead = within(body, text, &parameters, &calls);
        found.extend(dead.into_iter().map(|dead| Skipped { function: name, dead }));
    }
    found
}

/// In the order of the names.
fn sorted<T>(calls: HashMap<&str, T>) -> Vec<(&str, T)> {
    let mut calls: Vec<(&str, T)> = calls.into_iter().collect();
    calls.sort_by_key(|(name, _)| *name);
    calls
}

fn is_written_out(node: &Node<'_>) -> bool {
    matches!(node.kind(), "integer" | "string" | "true" | "false" | "none")
}

/// The names of parameters that are nothing but names.
fn names_of<'t>(parameters: Node<'_>, text: &'t str) -> Option<Vec<&'t str>> {
    let mut cursor = parameters.walk();
    let names = parameters.named_children(&mut cursor);
    names.map(|name| (name.kind() == "identifier").then(|| text_of(name, text))).collect()
}

/// What of a function's body none of its calls reaches.
fn within(body: Node<'_>, text: &str, parameters: &[&str], calls: &[Vec<Node<'_>>]) -> Vec<Dead> {
    let mut dead = Vec::new();
    let mut cursor = body.walk();
    let statements: Vec<Node<'_>> = body.named_children(&mut cursor).collect();
    for (place, statement) in statements.iter().enumerate() {
        // What comes before may give a parameter another value.
        if place > 0 && statements[place - 1].kind() != "if_statement" && statements[place - 1].kind() != "comment" {
            break;
        }
        let condition = statement.child_by_field_name("condition").filter(|_| statement.kind() == "if_statement");
        let (Some(condition), Some(branch)) = (condition, statement.child_by_field_name("consequence")) else {
            continue;
        };
        let is_always =
            |holds: bool| calls.iter().all(|given| decided(condition, text, parameters, given) == Some(holds));
        if is_always(false) {
            dead.push(Dead::of(branch, NEVER_TRUE));
        }
        let mut cursor = branch.walk();
        let ends = branch.named_children(&mut cursor).any(|inner| leaves(inner, text));
        if ends && is_always(true) {
            if let Some(next) = statements.get(place + 1) {
                let mut rest = Dead::of(*next, BEHIND_THE_END);
                rest.last = rest.last.max(last_line_of(body));
                dead.push(rest);
            }
            break;
        }
    }
    dead
}

/// Whether a comparison of a parameter with a value that is written out holds in one call.
fn decided(condition: Node<'_>, text: &str, parameters: &[&str], given: &[Node<'_>]) -> Option<bool> {
    if condition.kind() != "comparison_operator" || condition.named_child_count() != 2 {
        return None;
    }
    let (left, right) = (condition.named_child(0)?, condition.named_child(1)?);
    let place = parameters.iter().position(|name| *name == text_of(left, text))?;
    let given = given.get(place)?;
    if !is_written_out(&right) || right.kind() != given.kind() {
        return None;
    }
    let plain = |node: Node<'_>| text_of(node, text).replace('\'', "\"");
    let (value, other) = (plain(*given), plain(right));
    let numbers = || Some((value.parse::<i64>().ok()?, other.parse::<i64>().ok()?));
    match text.get(left.end_byte()..right.start_byte())?.trim() {
        "==" => Some(value == other),
        "!=" => Some(value != other),
        "<" => numbers().map(|(a, b)| a < b),
        "<=" => numbers().map(|(a, b)| a <= b),
        ">" => numbers().map(|(a, b)| a > b),
        ">=" => numbers().map(|(a, b)| a >= b),
        _ => None,
    }
}

/// Of the functions that each source skips parts of: those that another source names, which may call them otherwise.
pub(super) fn named_elsewhere<'s>(sources: &'s [Source], skipped: &[Vec<Skipped<'s>>]) -> HashSet<&'s str> {
    let wanted: HashSet<&str> = skipped.iter().flatten().map(|it| it.function).collect();
    let mut found = HashSet::new();
    if wanted.is_empty() {
        return found;
    }
    for (source, own) in sources.iter().zip(skipped).filter(|(source, _)| source.language != LanguageType::Markdown) {
        let own: HashSet<&str> = own.iter().map(|it| it.function).collect();
        words(&source.text, |_, _, word| {
            if wanted.contains(word) && !own.contains(word) {
                found.insert(word);
            }
        });
    }
    found
}
