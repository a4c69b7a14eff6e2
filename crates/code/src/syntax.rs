//! Syntax trees, with a bound on the work that hostile text may cause.

use std::ops::ControlFlow;

use tree_sitter::{Language, Node, ParseOptions, Parser, Tree};

/// How often the parser may report progress, which it does every hundred steps or so. Counted instead of timed, so that
/// the same text always gives the same tree.
const MAX_PROGRESS_REPORTS: u32 = 2_000_000;

/// The tree of `text`; broken text gives a tree with error nodes in it, and `None` means that the work got too much.
pub fn parse(language: Language, text: &str) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&language).ok()?;
    let mut reports = 0;
    let mut progress = |_: &tree_sitter::ParseState| {
        reports += 1;
        if reports > MAX_PROGRESS_REPORTS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options))
}

/// Of Python.
pub fn python(text: &str) -> Option<Tree> {
    parse(tree_sitter_python::LANGUAGE.into(), text)
}

/// Of shell scripts.
pub fn bash(text: &str) -> Option<Tree> {
    parse(tree_sitter_bash::LANGUAGE.into(), text)
}

/// Of YAML.
pub fn yaml(text: &str) -> Option<Tree> {
    parse(tree_sitter_yaml::LANGUAGE.into(), text)
}

/// Of Rust.
pub fn rust(text: &str) -> Option<Tree> {
    parse(tree_sitter_rust::LANGUAGE.into(), text)
}

/// JavaScript as well, with or without JSX: the grammar holds it whole.
pub fn tsx(text: &str) -> Option<Tree> {
    parse(tree_sitter_typescript::LANGUAGE_TSX.into(), text)
}

/// Of TypeScript without JSX.
pub fn typescript(text: &str) -> Option<Tree> {
    parse(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(), text)
}

/// Of Dockerfiles.
pub fn dockerfile(text: &str) -> Option<Tree> {
    parse(tree_sitter_containerfile::LANGUAGE.into(), text)
}

/// Of Terraform.
pub fn hcl(text: &str) -> Option<Tree> {
    parse(tree_sitter_hcl::LANGUAGE.into(), text)
}

/// Calls `visit` for each node, parents first, in the order of the text. Without recursion: text can nest deeper than a stack.
pub(super) fn walk<'tree>(tree: &'tree Tree, mut visit: impl FnMut(Node<'tree>)) {
    walk_with_depth(tree, |node, _| visit(node));
}

/// As [`walk`], with how many parents a node has.
pub(super) fn walk_with_depth<'tree>(tree: &'tree Tree, mut visit: impl FnMut(Node<'tree>, usize)) {
    let mut cursor = tree.walk();
    let mut depth = 0;
    loop {
        visit(cursor.node(), depth);
        if cursor.goto_first_child() {
            depth += 1;
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return;
            }
            depth -= 1;
        }
    }
}

/// The text of a node.
pub(super) fn text_of<'a>(node: Node<'_>, text: &'a str) -> &'a str {
    text.get(node.byte_range()).unwrap_or_default()
}

/// One-based line on which a node begins.
pub(super) fn line_of(node: Node<'_>) -> u64 {
    node.start_position().row as u64 + 1
}
