//! YAML, and with it JSON, as a tree that knows its lines. Aliases are not followed: they can multiply without end.

use tree_sitter::Node;

use super::hcl::{children, dedented};
use crate::syntax::{self, line_of, text_of};

/// Nesting that is followed.
const DEEPEST: u32 = 64;

/// A node with its line (one-based) and its tag, as in `!Ref`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Yaml {
    pub(crate) line: u64,
    pub(crate) tag: Option<String>,
    pub(crate) data: Data,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    /// Its text, and whether it stands without quotes: `2` is a number and `"2"` is not.
    Scalar(String, bool),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
    Null,
}

impl Yaml {
    /// The first document; `None` where it cannot be read.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let tree = syntax::yaml(text)?;
        let document = children(tree.root_node()).find(|child| child.kind() == "document")?;
        let node = children(document).find(|child| matches!(child.kind(), "block_node" | "flow_node"))?;
        Some(read(node, text, 0))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(crate) fn entries(&self) -> &[(String, Self)] {
        if let Data::Map(entries) = &self.data { entries } else { &[] }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Data::Scalar(text, _) = &self.data { Some(text) } else { None }
    }
}

fn read(node: Node<'_>, text: &str, depth: u32) -> Yaml {
    let mut tag = None;
    let mut data = Data::Null;
    if depth > DEEPEST {
        return Yaml { line: line_of(node), tag, data };
    }
    for child in children(node) {
        let source = text_of(child, text);
        match child.kind() {
            "tag" => tag = Some(source.trim_start_matches('!').to_owned()),
            "plain_scalar" if matches!(source, "null" | "~") => {}
            "plain_scalar" => data = Data::Scalar(source.split_whitespace().collect::<Vec<_>>().join(" "), true),
            "double_quote_scalar" => data = Data::Scalar(unescaped(source), false),
            "single_quote_scalar" => data = Data::Scalar(unquoted(source).replace("''", "'"), false),
            "block_scalar" => {
                let body = source.split_once('\n').map_or("", |(_, body)| body);
                data = Data::Scalar(dedented(body), false);
            }
            "alias" => data = Data::Scalar(format!("${{{source}}}"), false),
            "block_sequence" | "flow_sequence" => {
                let items = children(child).filter(|item| item.kind() != "comment").map(|item| {
                    let inner = if item.kind() == "block_sequence_item" { item.named_child(0) } else { Some(item) };
                    match inner {
                        Some(inner) => read(inner, text, depth + 1),
                        None => Yaml { line: line_of(item), tag: None, data: Data::Null },
                    }
                });
                data = Data::List(items.collect());
            }
            "block_mapping" | "flow_mapping" => {
                let pairs = children(child).filter(|pair| matches!(pair.kind(), "block_mapping_pair" | "flow_pair"));
                let entries = pairs.filter_map(|pair| {
                    let key = pair.child_by_field_name("key")?;
                    let key_text = read(key, text, DEEPEST).text().map(str::to_owned);
                    let name = key_text.unwrap_or_else(|| unquoted(text_of(key, text)).to_owned());
                    let value = match pair.child_by_field_name("value") {
                        Some(value) => Yaml { line: line_of(key), ..read(value, text, depth + 1) },
                        None => Yaml { line: line_of(key), tag: None, data: Data::Null },
                    };
                    Some((name, value))
                });
                data = Data::Map(entries.collect());
            }
            _ => {}
        }
    }
    Yaml { line: line_of(node), tag, data }
}

fn unquoted(source: &str) -> &str {
    source.trim().trim_matches(|c| c == '"' || c == '\'')
}

fn unescaped(source: &str) -> String {
    let inner = source.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(source);
    inner.replace("\\n", "\n").replace("\\t", "\t").replace("\\\"", "\"").replace("\\/", "/").replace("\\\\", "\\")
}
