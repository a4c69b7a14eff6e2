//! Python that only looks like a call of AWS: on a name that is given something else than a client, over a name that is
//! always empty, or without what AWS asks for.

use std::collections::{BTreeMap, HashMap, HashSet};

use tree_sitter::{Node, Tree};

use super::Dead;
use crate::syntax::{self, text_of};

const NO_CLIENT: &str = "on a name that is given something else than a client";
const WITH_NOTHING: &str = "with nothing in an argument that AWS requires";
/// Methods that AWS refuses where one of these is empty.
const REQUIRED: [(&str, &str); 6] = [
    ("create_listener", "DefaultActions"),
    ("create_rule", "Actions"),
    ("create_rule", "Conditions"),
    ("deregister_targets", "Targets"),
    ("get_metric_data", "MetricDataQueries"),
    ("register_targets", "Targets"),
];
/// What tests put in the place of a client.
const STAND_INS: [&str; 3] = ["Mock", "MagicMock", "SimpleNamespace"];
/// What a class has to do with a client that is more than a stand-in.
const OF_A_CLIENT: [&str; 5] = ["boto", "client", "session", "resource", "subprocess"];

/// Calls that AWS does not get, or refuses.
pub(super) fn calls(tree: &Tree, text: &str) -> Vec<Dead> {
    let mut own: HashMap<&str, bool> = HashMap::new();
    syntax::walk(tree, |node| {
        if node.kind() == "class_definition"
            && let Some(name) = node.child_by_field_name("name")
        {
            let written = text_of(node, text).to_ascii_lowercase();
            let is_stand_in = !OF_A_CLIENT.iter().any(|word| written.contains(word));
            own.entry(text_of(name, text)).and_modify(|known| *known &= is_stand_in).or_insert(is_stand_in);
        }
    });
    let mut is_stand_in: BTreeMap<&str, bool> = BTreeMap::new();
    let mut dead = Vec::new();
    syntax::walk(tree, |node| match node.kind() {
        "assignment" => {
            let sides = (node.child_by_field_name("left"), node.child_by_field_name("right"));
            let (Some(left), Some(right)) = sides else { return };
            let is_always = || node.parent().and_then(|it| it.parent()).is_some_and(|it| it.kind() == "module");
            is_stand_in.insert(text_of(left, text), makes_stand_in(right, text, &own) && is_always());
        }
        "call" => {
            let function = node.child_by_field_name("function").filter(|it| it.kind() == "attribute");
            let Some(function) = function else { return };
            let parts = (function.child_by_field_name("object"), function.child_by_field_name("attribute"));
            let (Some(object), Some(method)) = parts else { return };
            if is_stand_in.get(text_of(object, text)) == Some(&true) {
                dead.push(Dead::of(node, NO_CLIENT));
            }
            let method = text_of(method, text);
            let mut asked = REQUIRED.iter().filter(|(name, _)| *name == method);
            if asked.any(|(_, argument)| is_given_nothing(node, argument, text)) {
                dead.push(Dead::of(node, WITH_NOTHING));
            }
        }
        _ => {}
    });
    dead
}

/// A mock, or a thing of a class of the file's own that has nothing to do with a client.
fn makes_stand_in(value: Node<'_>, text: &str, own: &HashMap<&str, bool>) -> bool {
    let Some(function) = value.child_by_field_name("function").filter(|_| value.kind() == "call") else { return false };
    let is_given_any = value.child_by_field_name("arguments").is_some_and(|it| it.named_child_count() > 0);
    let name = text_of(function, text);
    let last = name.rsplit('.').next().unwrap_or(name);
    !is_given_any && (own.get(name) == Some(&true) || STAND_INS.contains(&last))
}

fn is_given_nothing(call: Node<'_>, argument: &str, text: &str) -> bool {
    let Some(arguments) = call.child_by_field_name("arguments") else { return false };
    let mut cursor = arguments.walk();
    arguments.named_children(&mut cursor).filter(|it| it.kind() == "keyword_argument").any(|it| {
        let is_it = it.child_by_field_name("name").is_some_and(|name| text_of(name, text) == argument);
        is_it && it.child_by_field_name("value").is_some_and(|value| is_empty(value, text))
    })
}

/// `[]`, `()`, `{}`, `list()`, `range(0)`.
pub(super) fn is_empty(value: Node<'_>, text: &str) -> bool {
    match value.kind() {
        "list" | "tuple" | "dictionary" => {
            let mut cursor = value.walk();
            value.named_children(&mut cursor).all(|child| child.kind() == "comment")
        }
        "call" => matches!(text_of(value, text), "list()" | "tuple()" | "dict()" | "set()" | "range(0)"),
        _ => false,
    }
}

/// Names of a file that are given something empty once, and then only walked over or asked: what else touches one may
/// fill it.
pub(super) fn always_empty<'t>(tree: &Tree, text: &'t str) -> HashSet<&'t str> {
    // By name: how often it is given something empty, how often it is walked over or asked, and how often it is there.
    let mut uses: HashMap<&str, (usize, usize, usize)> = HashMap::new();
    let named = |node: Option<Node<'_>>| node.filter(|it| it.kind() == "identifier").map(|it| text_of(it, text));
    syntax::walk(tree, |node| match node.kind() {
        "identifier" => uses.entry(text_of(node, text)).or_default().2 += 1,
        "assignment" => {
            let is_nothing = node.child_by_field_name("right").is_some_and(|right| is_empty(right, text));
            if let Some(name) = named(node.child_by_field_name("left").filter(|_| is_nothing)) {
                uses.entry(name).or_default().0 += 1;
            }
        }
        kind => {
            let asked = match kind {
                "for_statement" | "for_in_clause" => node.child_by_field_name("right"),
                "if_statement" | "elif_clause" | "while_statement" => node.child_by_field_name("condition"),
                "not_operator" => node.child_by_field_name("argument"),
                _ => None,
            };
            if let Some(name) = named(asked) {
                uses.entry(name).or_default().1 += 1;
            }
        }
    });
    let is_always = |(given, asked, all): (usize, usize, usize)| given == 1 && given + asked == all;
    uses.into_iter().filter(|(_, uses)| is_always(*uses)).map(|(name, _)| name).collect()
}
