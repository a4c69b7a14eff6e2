//! Syntax trees, with a bound on the work that hostile text may cause.

use std::collections::HashSet;
use std::ops::ControlFlow;

use tokei::LanguageType;
use tree_sitter::{Language, Node, ParseOptions, Parser, Tree};

/// How often the parser may report progress, which it does every hundred steps or so. Counted instead of timed, so that
/// the same text always gives the same tree.
const MAX_PROGRESS_REPORTS: u32 = 2_000_000;

/// Columns at which blocks of a text begin. Two grammars keep each open block in 1,024 bytes, four bytes for one of YAML, of
/// which two may begin at one column, and two for one of Python; what is more ends the process.
const MOST_COLUMNS_OF_YAML: usize = 120;
const MOST_COLUMNS_OF_PYTHON: usize = 380;
/// As Python counts it.
const TAB: usize = 8;

/// Whether blocks of a text may be nested deeper than its grammar can hold. No hand writes such a text.
pub fn is_nested_too_deep(language: LanguageType, text: &str) -> bool {
    match language {
        LanguageType::Yaml => columns(text, true) > MOST_COLUMNS_OF_YAML,
        LanguageType::Python => columns(text, false) > MOST_COLUMNS_OF_PYTHON,
        _ => false,
    }
}

/// How many columns there are at which a line's first word begins, and what stands behind the marks of YAML before it: no two
/// blocks that are open at once begin at the same one.
fn columns(text: &str, marks: bool) -> usize {
    let mut found = HashSet::new();
    for line in text.lines() {
        let mut column = 0;
        let mut rest = line.as_bytes();
        loop {
            let blank = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
            column += rest[..blank].iter().map(|byte| if *byte == b'\t' { TAB } else { 1 }).sum::<usize>();
            rest = &rest[blank..];
            if rest.is_empty() {
                break;
            }
            found.insert(column);
            let word = rest.iter().take_while(|byte| !matches!(byte, b' ' | b'\t')).count();
            let is_mark = matches!(&rest[..word], b"-" | b"?" | b":") || matches!(rest[0], b'!' | b'&');
            if !(marks && is_mark) {
                break;
            }
            column += word;
            rest = &rest[word..];
        }
    }
    found.len()
}

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
    if is_nested_too_deep(LanguageType::Python, text) {
        return None;
    }
    parse(tree_sitter_python::LANGUAGE.into(), text)
}

/// Of shell scripts.
pub fn bash(text: &str) -> Option<Tree> {
    parse(tree_sitter_bash::LANGUAGE.into(), text)
}

/// Of YAML.
pub fn yaml(text: &str) -> Option<Tree> {
    if is_nested_too_deep(LanguageType::Yaml, text) {
        return None;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_deeper_than_a_grammar_holds_give_no_tree() {
        for mark in ["- ", "? ", ": ", "- !t ", "- &a "] {
            assert!(yaml(&format!("{}x\n", mark.repeat(600))).is_none(), "{mark}");
        }
        let steps =
            |most: usize, line: &str| (0..most).map(|at| format!("{}{line}\n", " ".repeat(at))).collect::<String>();
        assert!(yaml(&steps(300, "a:")).is_none() && yaml(&steps(100, "a:")).is_some());
        assert!(python(&steps(600, "if a:")).is_none() && python(&steps(90, "if a:")).is_some());
    }

    #[test]
    fn what_is_long_is_not_deep() {
        let long = "a: b: c - d ? e\n- x\n".repeat(5_000);
        assert!(yaml(&long).is_some());
        assert!(yaml(&format!("{{{}}}\n", "\"a\": 1, ".repeat(2_000))).is_some());
        assert!(python(&"if a:\n        b = [1,\n  2]\n".repeat(3_000)).is_some());
    }
}
