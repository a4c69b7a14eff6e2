//! Resources that a template declares and never makes.

use tree_sitter::{Node, Tree};

use super::{Dead, NEVER_TRUE, NONE_OF_IT, Seen, comment_lines};
use crate::infra::yaml::{Data, Yaml};
use crate::syntax::{self, text_of};

/// Blocks of Terraform of which there are none.
pub(super) fn terraform<'t>(tree: &Tree, text: &'t str) -> Seen<'t> {
    let mut seen = Seen::default();
    syntax::walk(tree, |node| match node.kind() {
        "comment" => seen.silent.push(node.byte_range()),
        "block" => {
            let keyword = node.named_child(0).map(|keyword| text_of(keyword, text));
            if matches!(keyword, Some("resource" | "module")) && is_none(node, text) {
                seen.dead.push(Dead::of(node, NONE_OF_IT));
            }
        }
        _ => {}
    });
    seen
}

/// `count = 0`, `for_each = {}`; what a variable says is a switch.
fn is_none(block: Node<'_>, text: &str) -> bool {
    let mut cursor = block.walk();
    let Some(body) = block.named_children(&mut cursor).find(|child| child.kind() == "body") else { return false };
    let mut cursor = body.walk();
    body.named_children(&mut cursor).filter(|child| child.kind() == "attribute").any(|attribute| {
        let (Some(name), Some(value)) = (attribute.named_child(0), attribute.named_child(1)) else { return false };
        let value: String = text_of(value, text).split_whitespace().collect();
        match text_of(name, text) {
            "count" => matches!(value.as_str(), "0" | "false?1:0" | "true?0:1"),
            "for_each" => matches!(value.as_str(), "{}" | "toset([])"),
            _ => false,
        }
    })
}

/// Resources of CloudFormation under a condition that never holds, and what is no name in any other YAML and JSON.
pub(super) fn cloudformation(text: &str) -> Seen<'_> {
    Seen { dead: never_made(text).unwrap_or_default(), silent: comment_lines(text), ..Seen::default() }
}

fn never_made(text: &str) -> Option<Vec<Dead>> {
    if !["Conditions", "Resources", "AWS::"].iter().all(|word| text.contains(word)) {
        return None;
    }
    let template = Yaml::parse(text)?;
    let conditions = template.get("Conditions")?;
    let resources = template.get("Resources")?.entries();
    let mut dead = Vec::new();
    for (place, (_, resource)) in resources.iter().enumerate() {
        let condition = resource.get("Condition").and_then(Yaml::text).and_then(|name| conditions.get(name));
        if condition.and_then(|condition| holds(condition, 0)) != Some(false) {
            continue;
        }
        let last = last_line(resource);
        // In a template of one line, a line is not one resource's.
        let is_apart = resources.get(place + 1).is_none_or(|(_, next)| next.line > last)
            && place.checked_sub(1).is_none_or(|before| last_line(&resources[before].1) < resource.line);
        if is_apart {
            dead.push(Dead { first: resource.line, last, why: NEVER_TRUE.to_owned() });
        }
    }
    Some(dead)
}

fn last_line(node: &Yaml) -> u64 {
    let inner = match &node.data {
        Data::List(items) => items.iter().map(last_line).max(),
        Data::Map(entries) => entries.iter().map(|(_, value)| last_line(value)).max(),
        Data::Scalar(..) | Data::Null => None,
    };
    node.line.max(inner.unwrap_or(0))
}

/// Whether a condition always holds or never does: `!Equals [yes, no]`. A parameter is a switch.
fn holds(condition: &Yaml, depth: u32) -> Option<bool> {
    const DEEPEST: u32 = 8;
    if depth > DEEPEST {
        return None;
    }
    let (name, items) = match (&condition.tag, &condition.data) {
        (Some(tag), Data::List(items)) => (tag.as_str(), items),
        (None, Data::Map(entries)) => match entries.as_slice() {
            [(name, Yaml { data: Data::List(items), .. })] => (name.trim_start_matches("Fn::"), items),
            _ => return None,
        },
        _ => return None,
    };
    let literal = |item: &Yaml| item.text().filter(|_| item.tag.is_none()).map(str::to_owned);
    match (name, items.as_slice()) {
        ("Equals", [left, right]) => Some(literal(left)? == literal(right)?),
        ("Not", [inner]) => holds(inner, depth + 1).map(|inner| !inner),
        ("And", all) => all.iter().any(|item| holds(item, depth + 1) == Some(false)).then_some(false),
        ("Or", all) => all.iter().all(|item| holds(item, depth + 1) == Some(false)).then_some(false),
        _ => None,
    }
}
