//! Resources, variables and outputs of Terraform and CloudFormation, stages of Dockerfiles.

use tree_sitter::Tree;

use super::{Comments, Definition, Kind};
use crate::infra::hcl::{attributes, blocks, children};
use crate::infra::yaml::Yaml;
use crate::syntax::{line_of, text_of};

pub(super) fn terraform(tree: &Tree, text: &str, comments: &Comments) -> Vec<Definition> {
    let mut found = Vec::new();
    for block in blocks(tree.root_node(), text) {
        let kind = match block.kind {
            "resource" | "module" => Kind::Resource,
            "variable" => Kind::Variable,
            "output" => Kind::Output,
            _ => continue,
        };
        let (start, end) = (block.node.start_position().row, block.node.end_position().row);
        let described = attributes(block.body)
            .find(|(name, _)| text_of(*name, text) == "description")
            .map(|(_, value)| text_of(value, text).trim_matches('"').to_owned())
            // A security group's description is its own; a variable's is the reader's.
            .filter(|words| kind != Kind::Resource && words.chars().any(char::is_alphanumeric));
        found.push(Definition {
            name: block.labels.join("."),
            kind,
            line: line_of(block.node),
            lines: (end - start + 1) as u64,
            words: described
                .or_else(|| comments.above(start))
                .or_else(|| (end > start).then(|| comments.on(start + 1)).flatten()),
        });
    }
    found
}

pub(super) fn dockerfile(tree: &Tree, text: &str, comments: &Comments) -> Vec<Definition> {
    let mut found: Vec<Definition> = Vec::new();
    for instruction in children(tree.root_node()).filter(|node| node.kind() == "from_instruction") {
        let row = instruction.start_position().row;
        found.push(Definition {
            name: text_of(instruction, text).trim().trim_start_matches("FROM ").to_owned(),
            kind: Kind::Stage,
            line: line_of(instruction),
            lines: 1,
            words: comments.above(row).or_else(|| comments.on(row + 1)),
        });
    }
    // A stage goes on until the next.
    let end = text.lines().count() as u64 + 1;
    for at in 0..found.len() {
        let next = found.get(at + 1).map_or(end, |next| next.line);
        found[at].lines = next.saturating_sub(found[at].line);
    }
    found
}

fn parse(text: &str) -> Option<Yaml> {
    if !text.contains("AWS::") {
        return None;
    }
    Yaml::parse(text).filter(|root| root.get("Resources").is_some())
}

/// Of a CloudFormation template; other YAML has nothing with a name.
pub(super) fn template(text: &str, comments: &Comments) -> Vec<Definition> {
    let Some(root) = parse(text) else { return Vec::new() };
    let mut found = Vec::new();
    for (section, kind) in [("Parameters", Kind::Variable), ("Resources", Kind::Resource), ("Outputs", Kind::Output)] {
        let entries = root.get(section).map(Yaml::entries).unwrap_or_default();
        for (at, (name, entry)) in entries.iter().enumerate() {
            let row = (entry.line - 1) as usize;
            let description = entry.get("Description").and_then(Yaml::text).map(str::to_owned);
            let next = entries.get(at + 1).map_or(entry.line + 1, |(_, next)| next.line);
            found.push(Definition {
                name: name.clone(),
                kind,
                line: entry.line,
                lines: next.saturating_sub(entry.line).max(1),
                words: description.or_else(|| comments.above(row)).or_else(|| comments.on(row + 1)),
            });
        }
    }
    found.sort_by_key(|definition| definition.line);
    found
}

pub(super) fn template_description(text: &str) -> Option<String> {
    parse(text)?.get("Description")?.text().map(str::to_owned)
}
