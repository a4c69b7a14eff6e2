//! Code that was commented out: it explains nothing, so it is no comment. Only where that is clear.

use std::sync::LazyLock;

use regex::Regex;
use tokei::LanguageType;
use tree_sitter::Node;

use super::source::Source;
use super::{cloud, syntax};

/// How many lines of `source` are comments that hold code.
pub(super) fn lines(source: &Source) -> u64 {
    if source.language == LanguageType::Python {
        return comment_lines(&source.text, "#").filter(|comment| is_python(comment)).count() as u64
            + strings_of_code(&source.text);
    }
    let markers = source.language.line_comments();
    let Some(marker) = ["#", "//", "--"].into_iter().find(|marker| markers.contains(marker)) else { return 0 };
    let looks_like_code: fn(&str) -> bool = match source.language {
        LanguageType::Sh
        | LanguageType::Bash
        | LanguageType::Zsh
        | LanguageType::Dockerfile
        | LanguageType::Makefile => is_shell,
        LanguageType::Hcl => is_terraform,
        LanguageType::Yaml => is_yaml,
        _ if marker == "//" => is_braced,
        _ => return 0,
    };
    comment_lines(&source.text, marker).filter(|comment| looks_like_code(comment)).count() as u64
}

/// Whether one comment, its marks still on, holds code that was commented out.
pub(super) fn is_code(language: LanguageType, comment: &str) -> bool {
    // Documentation comments show code as an example.
    if comment.starts_with("///") || comment.starts_with("//!") || comment.starts_with("/**") {
        return false;
    }
    let bare = comment.trim_start_matches(['#', '/', '-']).trim();
    match language {
        LanguageType::Python => is_python(bare),
        LanguageType::Sh | LanguageType::Bash | LanguageType::Zsh | LanguageType::Dockerfile => is_shell(bare),
        LanguageType::Hcl => is_terraform(bare),
        LanguageType::Yaml => is_yaml(bare),
        _ => is_braced(bare),
    }
}

/// The text after the marker of each line that is a comment and nothing else.
fn comment_lines<'a>(text: &'a str, marker: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .filter_map(move |line| line.trim().strip_prefix(marker))
        // `///` and `//!` are documentation, with examples of code in it.
        .filter(move |comment| marker != "//" || !comment.starts_with(['/', '!']))
        .map(|comment| comment.trim_start_matches(['#', '/']).trim())
}

/// Whether one line, its marker taken off, is a Python statement that nobody would write as prose.
pub(super) fn is_python(line: &str) -> bool {
    static START: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"^(?:(?:from|import|return|raise|assert|del|with|if|elif|for|while|def|class|try|else|except|finally)\b|@\w|[\w.]+(?:\[[^\]]*\])?\s*[-+*/]?=|[\w.]+\()").ok()
    });
    if !START.as_ref().is_some_and(|start| start.is_match(line)) || line.len() > 500 {
        return false;
    }
    let complete = if line.ends_with(':') {
        if !line.contains(['(', ')', '[', '=', '<', '>', '.']) && !matches!(line, "try:" | "else:" | "finally:") {
            return false;
        }
        // The branches of a statement stand alone only after its head.
        match line.split(|c: char| !c.is_alphanumeric()).next() {
            Some("elif" | "else") => format!("if x:\n  pass\n{line}\n  pass\n"),
            Some("except" | "finally") => format!("try:\n  pass\n{line}\n  pass\n"),
            Some("try") => "try:\n  pass\nfinally:\n  pass\n".to_owned(),
            _ => format!("{line}\n  pass\n"),
        }
    } else {
        line.to_owned()
    };
    // A call that goes on in the next line, as in `client.run_instances(`.
    let opened = line.ends_with(['(', '[', '{']) && line.contains(['=', '.']);
    opened || parses_as_code(&complete)
}

fn parses_as_code(text: &str) -> bool {
    let Some(tree) = syntax::python(text) else { return false };
    let root = tree.root_node();
    if root.has_error() || root.named_child_count() == 0 {
        return false;
    }
    let mut cursor = root.walk();
    root.named_children(&mut cursor).all(|statement| is_statement(statement))
}

fn is_statement(statement: Node<'_>) -> bool {
    match statement.kind() {
        "expression_statement" => statement.named_child(0).is_some_and(|expression| match expression.kind() {
            // `TODO: retry` parses as a declaration without a value.
            "assignment" => expression.child_by_field_name("right").is_some(),
            "call" | "augmented_assignment" | "await" => true,
            _ => false,
        }),
        "comment" | "ERROR" => false,
        // `return the value` is prose, `return` with one word could be either.
        "return_statement" => statement.named_child(0).is_some_and(|value| value.kind() != "identifier"),
        _ => true,
    }
}

/// Lines of the multi-line strings that stand where a statement would, document nothing, and hold code.
fn strings_of_code(text: &str) -> u64 {
    let Some(tree) = syntax::python(text) else { return 0 };
    let mut lines = 0;
    syntax::walk(&tree, |node| {
        let string =
            node.named_child(0).filter(|child| node.kind() == "expression_statement" && child.kind() == "string");
        let Some(string) = string else { return };
        let rows = string.end_position().row - string.start_position().row + 1;
        let documents = node.prev_named_sibling().is_none_or(|before| before.kind() == "comment");
        if rows < 3 || documents {
            return;
        }
        let inner = syntax::text_of(string, text).trim_matches(['"', '\'', 'r', 'u', 'b']);
        if parses_as_code(&dedent(inner)) {
            lines += rows as u64;
        }
    });
    lines
}

fn dedent(text: &str) -> String {
    let indent = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    text.lines().map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn matches(regex: &LazyLock<Option<Regex>>, line: &str) -> bool {
    regex.as_ref().is_some_and(|regex| regex.is_match(line))
}

fn is_shell(line: &str) -> bool {
    static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"^(?:sudo \S|apt(?:-get)? (?:install|update)\b|pip3? install\b|echo ["'$]|export \w+=|\w+=\S*$|\w+=["$`]|(?:fi|done|then|esac)$|[A-Z]+ \S.* \\$)|(?:\s\\|;|&&)$"#,
        )
        .ok()
    });
    matches(&CODE, line) || !cloud::shell_operations(line).is_empty()
}

fn is_terraform(line: &str) -> bool {
    static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"^(?:(?:resource|data|module|variable|output|provider) "|[a-z_]+ +=+ *["\[{\w]|[a-z_]+ \{$|[}\]],?$)"#,
        )
        .ok()
    });
    matches(&CODE, line)
}

fn is_yaml(line: &str) -> bool {
    static CODE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"^(?:- )?[a-z_]+(?:-[a-z]+)*: ["'\d/$\[{]\S*$|^- ["'/$]\S+$"#).ok());
    matches(&CODE, line)
}

fn is_braced(line: &str) -> bool {
    static CODE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"[;{]$|^[})\]]+[;,]?$|^(?:const|let|var|import) .*=").ok());
    matches(&CODE, line)
}
