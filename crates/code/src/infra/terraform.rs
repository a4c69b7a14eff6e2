//! Resources, modules and providers that Terraform declares.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tree_sitter::Node;

use super::hcl::{Block, File, Module, attributes, blocks, children};
use super::kinds;
use super::value::{Budget, tags_of, unknown};
use crate::cloud::terraform_module_operations;
use crate::source::Source;
use crate::syntax::{self, line_of, text_of};
use stackmark_evidence::closed::DeclaredTool;
use stackmark_evidence::infrastructure::Declared;

/// Blocks within blocks.
const DEEPEST_BLOCK: u32 = 12;

/// Calls `visit` for each folder that holds Terraform files.
pub(super) fn modules<'a>(sources: &[&'a Source], budget: &Budget, mut visit: impl FnMut(&Module<'_>)) {
    let mut folders: BTreeMap<&str, Vec<File<'a>>> = BTreeMap::new();
    for source in sources {
        let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if let Some(tree) = syntax::hcl(&source.text) {
            folders.entry(folder).or_default().push(File { path: &source.path, text: &source.text, tree });
        }
    }
    for files in folders.values() {
        visit(&Module::new(files, budget));
    }
}

pub(super) fn declared(sources: &[&Source], budget: &Budget) -> Vec<Declared> {
    let mut found = Vec::new();
    modules(sources, budget, |module| {
        let first = found.len();
        let mut default_tags = BTreeMap::new();
        for file in module.files {
            for block in blocks(file.tree.root_node(), file.text) {
                match block.kind {
                    "resource" => found.extend(resource(module, file, &block)),
                    "module" => found.extend(from_registry(module, file, &block)),
                    "provider" => {
                        let provider = provider(module, file, &block);
                        if let Some(Value::Array(defaults)) = provider.arguments.get("default_tags") {
                            let defaults = defaults.first().and_then(Value::as_object).cloned().unwrap_or_default();
                            default_tags = tags_of(&defaults.into_iter().collect());
                        }
                        found.push(provider);
                    }
                    _ => {}
                }
            }
        }
        for declared in found[first..].iter_mut().filter(|declared| declared.resource_type.starts_with("aws_")) {
            for (key, value) in &default_tags {
                declared.tags.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    });
    found
}

fn resource(module: &Module<'_>, file: &File<'_>, block: &Block<'_>) -> Option<Declared> {
    let [resource_type, label, ..] = block.labels.as_slice() else { return None };
    let kind = kinds::of_terraform(resource_type);
    let mut arguments = body(module, block.node, file.text, 0);
    let count = count(&mut arguments);
    let tags = tags_of(&arguments);
    let name = kinds::name_argument(&kind.kind, &arguments).or_else(|| tags.get("Name").map(String::as_str));
    Some(Declared {
        tool: DeclaredTool::Terraform,
        resource_type: (*resource_type).to_owned(),
        service: kind.service,
        name: name.unwrap_or(label).to_owned(),
        kind: kind.kind,
        label: Some((*label).to_owned()),
        path: file.path.to_owned(),
        line: line_of(block.node),
        tags,
        arguments,
        count,
        unreachable: None,
    })
}

/// `count` and `for_each` taken out of the arguments.
fn count(arguments: &mut BTreeMap<String, Value>) -> Option<u64> {
    match (arguments.remove("count"), arguments.remove("for_each")) {
        (Some(count), _) => count.as_u64(),
        (None, Some(Value::Array(items))) => Some(items.len() as u64),
        (None, Some(Value::Object(fields))) => Some(fields.len() as u64),
        (None, Some(_)) => None,
        (None, None) => Some(1),
    }
}

/// Attributes, and nested blocks as lists: Terraform lets most of them stand more than once.
fn body(module: &Module<'_>, parent: Node<'_>, text: &str, depth: u32) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    if depth > DEEPEST_BLOCK {
        return fields;
    }
    for (name, value) in attributes(children(parent).find(|child| child.kind() == "body")) {
        fields.insert(text_of(name, text).to_owned(), module.value(value, text));
    }
    for block in blocks(parent, text) {
        let (name, value) = match (block.kind, block.labels.first()) {
            // One for each element of a list that is often not known.
            ("dynamic", Some(label)) => ((*label).to_owned(), unknown(text_of(block.node, text))),
            (kind, label) => {
                let mut inner: Map<String, Value> = body(module, block.node, text, depth + 1).into_iter().collect();
                if let Some(label) = label {
                    inner.insert("label".to_owned(), Value::from(*label));
                }
                (kind.to_owned(), Value::Object(inner))
            }
        };
        if name == "lifecycle" {
            fields.insert(name, value);
        } else if let Value::Array(list) = fields.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
            list.push(value);
        }
    }
    fields
}

fn provider(module: &Module<'_>, file: &File<'_>, block: &Block<'_>) -> Declared {
    let name = block.labels.first().copied().unwrap_or_default();
    Declared {
        tool: DeclaredTool::Terraform,
        resource_type: format!("provider.{name}"),
        service: name.to_owned(),
        kind: "provider".to_owned(),
        name: name.to_owned(),
        label: Some(name.to_owned()),
        path: file.path.to_owned(),
        line: line_of(block.node),
        arguments: body(module, block.node, file.text, 0),
        tags: BTreeMap::new(),
        count: Some(1),
        unreachable: None,
    }
}

/// A module of the public registry makes what its name says; one of the team's own is read in its folder.
fn from_registry(module: &Module<'_>, file: &File<'_>, block: &Block<'_>) -> Vec<Declared> {
    let label = block.labels.first().copied().unwrap_or_default();
    let mut arguments = body(module, block.node, file.text, 0);
    let count = count(&mut arguments);
    let tags = tags_of(&arguments);
    let source = arguments.get("source").and_then(Value::as_str).unwrap_or_default().to_owned();
    let made = terraform_module_operations(&source);
    let kinds = made.iter().filter_map(|operation| kinds::of_operation(operation, None, &BTreeMap::new()));
    let own = kinds::Kind { kind: "module".to_owned(), service: String::new() };
    let name = arguments.get("name").and_then(Value::as_str).unwrap_or(label).to_owned();
    std::iter::once(own)
        .chain(kinds)
        .map(|kind| Declared {
            tool: DeclaredTool::Terraform,
            resource_type: format!("module.{source}"),
            service: kind.service,
            kind: kind.kind,
            name: name.clone(),
            label: Some(label.to_owned()),
            path: file.path.to_owned(),
            line: line_of(block.node),
            arguments: arguments.clone(),
            tags: tags.clone(),
            count,
            unreachable: None,
        })
        .collect()
}
