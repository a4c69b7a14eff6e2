//! Words of shell scripts, variables that are set once put in.

use std::collections::BTreeMap;

use tree_sitter::{Node, Tree};

use super::hcl::children;
use super::value::{Budget, unknown_text};
use crate::syntax::{self, text_of};

/// References to references.
const DEEPEST: u32 = 12;
/// Longest text of one word.
const LONGEST: usize = 64 << 10;

/// The variables of a script.
pub(super) struct Variables<'a> {
    /// `None` where a name is set more than once, in a branch, or by what only a run would tell.
    values: BTreeMap<&'a str, Option<(Node<'a>, &'a str)>>,
    budget: &'a Budget,
}

impl<'a> Variables<'a> {
    pub(super) fn new(budget: &'a Budget) -> Self {
        Self { values: BTreeMap::new(), budget }
    }

    pub(super) fn add(&mut self, tree: &'a Tree, text: &'a str) {
        // Depth of the branch or loop that the walk is in.
        let mut branch: Option<usize> = None;
        syntax::walk_with_depth(tree, |node, depth| {
            branch = branch.filter(|at| depth > *at);
            match node.kind() {
                "variable_assignment" => {
                    let (name, value) = (node.child_by_field_name("name"), node.child_by_field_name("value"));
                    let Some(name) = name.filter(|name| name.kind() == "variable_name") else { return };
                    let value = value.filter(|_| branch.is_none()).map(|value| (value, text));
                    self.values.entry(text_of(name, text)).and_modify(|known| *known = None).or_insert(value);
                }
                "for_statement" => {
                    if let Some(name) = node.child_by_field_name("variable") {
                        self.values.insert(text_of(name, text), None);
                    }
                    branch = branch.or(Some(depth));
                }
                "if_statement" | "while_statement" | "case_statement" | "list" => branch = branch.or(Some(depth)),
                "command" => {
                    let name = node.child_by_field_name("name").map(|name| text_of(name, text));
                    if name == Some("read") {
                        let mut cursor = node.walk();
                        for argument in node.children_by_field_name("argument", &mut cursor) {
                            self.values.insert(text_of(argument, text), None);
                        }
                    }
                }
                _ => {}
            }
        });
    }

    /// The text of a word, as the shell would make it; what only a run would tell is `${…}`.
    pub(super) fn word(&self, node: Node<'_>, text: &str) -> String {
        let mut written = String::new();
        self.write(node, text, 0, &mut written);
        written
    }

    fn write(&self, node: Node<'_>, text: &str, depth: u32, written: &mut String) {
        let source = text_of(node, text);
        if depth > DEEPEST || written.len() > LONGEST || !self.budget.step() || !self.budget.holds(source.len()) {
            written.push_str(&unknown_text(source));
            return;
        }
        match node.kind() {
            "raw_string" => written.push_str(source.trim_matches('\'')),
            "ansi_c_string" => {
                written.push_str(&source.trim_start_matches('$').trim_matches('\'').replace("\\n", "\n"));
            }
            "string" => {
                // White space between the parts has no node of its own.
                let mut end = node.start_byte() + 1;
                for part in children(node) {
                    written.push_str(text.get(end..part.start_byte()).unwrap_or_default());
                    self.write(part, text, depth + 1, written);
                    end = part.end_byte();
                }
                let rest = text.get(end..node.end_byte()).unwrap_or_default();
                written.push_str(rest.strip_suffix('"').unwrap_or(rest));
            }
            "string_content" => written.push_str(&source.replace("\\\"", "\"").replace("\\$", "$").replace("\\\n", "")),
            "concatenation" | "command_name" => {
                children(node).for_each(|part| self.write(part, text, depth + 1, written));
            }
            "simple_expansion" | "expansion" => self.expand(node, text, depth, written),
            "command_substitution" | "process_substitution" | "arithmetic_expansion" => {
                written.push_str(&unknown_text(source));
            }
            _ => written.push_str(&source.replace("\\\n", "")),
        }
    }

    fn expand(&self, node: Node<'_>, text: &str, depth: u32, written: &mut String) {
        let source = text_of(node, text);
        let plain = node.named_child(0).filter(|name| name.kind() == "variable_name");
        // `${X:-5}` takes the environment's first.
        let plain = plain.filter(|name| matches!(source.len() - text_of(*name, text).len(), 1 | 3));
        let value = plain.and_then(|name| self.values.get(text_of(name, text)).copied().flatten());
        match value {
            Some((value, of)) => self.write(value, of, depth + 1, written),
            None => written.push_str(&unknown_text(source.trim_start_matches('$').trim_matches(['{', '}']))),
        }
    }
}

/// Every command with its words, in the order of the text; prefixes like `sudo` are words.
pub(super) fn commands<'a>(
    tree: &'a Tree,
    text: &'a str,
    variables: &Variables<'_>,
    mut visit: impl FnMut(Node<'a>, Vec<String>, bool),
) {
    let mut looped: Option<usize> = None;
    syntax::walk_with_depth(tree, |node, depth| {
        looped = looped.filter(|at| depth > *at);
        match node.kind() {
            "for_statement" | "while_statement" | "c_style_for_statement" => looped = looped.or(Some(depth)),
            "command" => {
                let mut words = Vec::new();
                for child in children(node) {
                    match child.kind() {
                        "variable_assignment" | "file_redirect" | "herestring_redirect" | "comment" => {}
                        "heredoc_redirect" => {}
                        // `$AWS ec2 …`, where it is `aws --profile lab`: outside of quotes, the shell cuts it into words.
                        "command_name" if text_of(child, text).starts_with('$') => {
                            words.extend(variables.word(child, text).split_whitespace().map(str::to_owned));
                        }
                        _ => words.push(variables.word(child, text)),
                    }
                }
                visit(node, words, looped.is_some());
            }
            _ => {}
        }
    });
}

/// Words that run the command after them.
pub(super) fn without_prefixes(words: &[String]) -> &[String] {
    let mut rest = words;
    while let Some((first, more)) = rest.split_first() {
        let prefix = matches!(first.as_str(), "sudo" | "time" | "nohup" | "exec" | "command" | "env" | "eval" | "!");
        let option = rest.len() < words.len() && (first.starts_with('-') || is_assignment(first));
        if !prefix && !option {
            break;
        }
        // `sudo -u user command`.
        rest = if option && matches!(first.as_str(), "-u" | "-g" | "--user") {
            more.get(1..).unwrap_or_default()
        } else {
            more
        };
    }
    rest
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}
