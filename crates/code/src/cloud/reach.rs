//! Python that nothing reaches: under a condition that is never true, behind the end of its block, in a function that
//! nothing calls.
//!
//! A call there makes nothing, whatever it is called. It may be a switch that somebody turns, or a function that is
//! called by hand: a person looks, and nothing is taken.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use tokei::LanguageType;
use tree_sitter::{Node, Tree};

use crate::source::Source;
use crate::syntax::{self, line_of, text_of};

const NEVER_TRUE: &str = "under a condition that is never true";
const BEHIND_THE_END: &str = "behind the end of its block";
/// What calls a function by its name from outside of the repository.
const CALLED_FROM_OUTSIDE: [&str; 5] = ["main", "handler", "lambda_handler", "setup", "teardown"];

/// Lines that nothing reaches, by path.
pub(super) struct Reach(BTreeMap<String, Ranges>);

/// Those of one file, in order and apart: there can be as many as the file has lines, and each line is looked up.
#[derive(Default)]
struct Ranges(Vec<Dead>);

impl Ranges {
    /// Of what may lie within each other: what is around speaks for what is within.
    fn of(mut found: Vec<Dead>) -> Self {
        found.sort_by_key(|range| (range.first, Reverse(range.last)));
        let mut apart: Vec<Dead> = Vec::new();
        for mut range in found {
            range.first = range.first.max(apart.last().map_or(0, |before| before.last + 1));
            if range.first <= range.last {
                apart.push(range);
            }
        }
        Self(apart)
    }

    fn at(&self, line: u64) -> Option<&Dead> {
        let behind = self.0.partition_point(|range| range.first <= line);
        self.0.get(behind.checked_sub(1)?).filter(|range| line <= range.last)
    }
}

/// Lines from the first to the last, one-based.
struct Dead {
    first: u64,
    last: u64,
    why: String,
}

impl Dead {
    fn of(node: Node<'_>, why: &str) -> Self {
        Self { first: line_of(node), last: node.end_position().row as u64 + 1, why: why.to_owned() }
    }
}

impl Reach {
    /// Of all sources: a function is often called in another file than its own.
    pub(super) fn of(sources: &[Source]) -> Self {
        let python = || sources.iter().filter(|source| source.language == LanguageType::Python);
        let trees: Vec<(&Source, Tree)> =
            python().filter_map(|source| Some((source, syntax::python(&source.text)?))).collect();
        let mut dead: BTreeMap<String, Ranges> = BTreeMap::new();
        for (source, tree) in &trees {
            dead.insert(source.path.clone(), Ranges::of(by_itself(tree, &source.text)));
        }
        let is_live = |path: &str, line: u64| dead.get(path).and_then(|ranges| ranges.at(line)).is_none();
        // What only code that is never reached calls is not called.
        let mut words: HashMap<&str, usize> = HashMap::new();
        for source in sources {
            for (number, line) in (1..).zip(source.text.lines()) {
                if !is_live(&source.path, number) {
                    continue;
                }
                for word in line.split(|c: char| !c.is_alphanumeric() && c != '_') {
                    *words.entry(word).or_default() += 1;
                }
            }
        }
        // By the same lines: a second definition that is never reached takes no call from the first.
        let mut defined: HashMap<&str, usize> = HashMap::new();
        let mut functions: Vec<(&str, Node<'_>, &str)> = Vec::new();
        for (source, tree) in &trees {
            syntax::walk(tree, |node| {
                if node.kind() != "function_definition" {
                    return;
                }
                let Some(name) = node.child_by_field_name("name") else { return };
                let (line, name) = (line_of(name), text_of(name, &source.text));
                if is_live(&source.path, line) {
                    *defined.entry(name).or_default() += 1;
                }
                if !is_called_from_outside(node, name) {
                    functions.push((source.path.as_str(), node, name));
                }
            });
        }
        let mut uncalled: BTreeMap<&str, Vec<Dead>> = BTreeMap::new();
        for (path, node, name) in functions {
            let count = |table: &HashMap<&str, usize>| table.get(name).copied().unwrap_or(0);
            if count(&words) <= count(&defined) {
                let range = Dead::of(node, &format!("in {name}, which nothing calls"));
                uncalled.entry(path).or_default().push(range);
            }
        }
        for (path, mut found) in uncalled {
            let ranges = dead.entry(path.to_owned()).or_default();
            found.append(&mut ranges.0);
            *ranges = Ranges::of(found);
        }
        Self(dead)
    }

    /// Why nothing reaches a line; `None` where something may.
    pub(super) fn why_not(&self, path: &str, line: u64) -> Option<String> {
        Some(self.0.get(path)?.at(line)?.why.clone())
    }
}

/// A decorator may register it, a base class may call it, and so may whoever starts the program.
fn is_called_from_outside(function: Node<'_>, name: &str) -> bool {
    let mut around = function.parent();
    if around.is_some_and(|parent| parent.kind() == "decorated_definition") {
        return true;
    }
    while let Some(node) = around {
        if node.kind() == "class_definition" && node.child_by_field_name("superclasses").is_some() {
            return true;
        }
        around = node.parent();
    }
    name.starts_with("__") || name.starts_with("test") || CALLED_FROM_OUTSIDE.contains(&name)
}

/// What the file itself shows to be never reached.
fn by_itself(tree: &Tree, text: &str) -> Vec<Dead> {
    let constants = constants(tree, text);
    let mut dead = Vec::new();
    syntax::walk(tree, |node| match node.kind() {
        "if_statement" | "elif_clause" | "while_statement" => {
            let holds = node.child_by_field_name("condition").and_then(|condition| truth(condition, text, &constants));
            let body = node.child_by_field_name("consequence").or_else(|| node.child_by_field_name("body"));
            if holds == Some(false) {
                dead.extend(body.map(|body| Dead::of(body, NEVER_TRUE)));
            }
            if holds == Some(true) && node.kind() == "if_statement" {
                let mut cursor = node.walk();
                dead.extend(
                    node.children_by_field_name("alternative", &mut cursor).map(|other| Dead::of(other, NEVER_TRUE)),
                );
            }
        }
        "block" | "module" => {
            let mut cursor = node.walk();
            let rest = node.named_children(&mut cursor).skip_while(|statement| !leaves(*statement, text)).skip(1);
            dead.extend(rest.filter(|it| it.kind() != "comment").map(|it| Dead::of(it, BEHIND_THE_END)));
        }
        _ => {}
    });
    dead
}

/// Whether nothing behind a statement of the same block is reached.
fn leaves(statement: Node<'_>, text: &str) -> bool {
    match statement.kind() {
        "return_statement" | "raise_statement" | "continue_statement" | "break_statement" => true,
        "expression_statement" => {
            let call = statement.named_child(0).filter(|call| call.kind() == "call");
            let function = call.and_then(|call| call.child_by_field_name("function"));
            function
                .is_some_and(|function| matches!(text_of(function, text), "sys.exit" | "exit" | "quit" | "os._exit"))
        }
        _ => false,
    }
}

/// Names of a file that are given a value once, and one that is always true or always false.
fn constants<'t>(tree: &Tree, text: &'t str) -> HashMap<&'t str, bool> {
    let mut given: HashMap<&str, (usize, Option<bool>)> = HashMap::new();
    let none = HashMap::new();
    syntax::walk(tree, |node| match node.kind() {
        "assignment" | "augmented_assignment" | "named_expression" => {
            let left = node.child_by_field_name("left").or_else(|| node.child_by_field_name("name"));
            let value = node.child_by_field_name("right").filter(|_| node.kind() == "assignment");
            let Some(left) = left else { return };
            let known = given.entry(text_of(left, text)).or_default();
            known.0 += 1;
            known.1 = value.and_then(|value| truth(value, text, &none));
        }
        // Whoever calls it gives the value, or it is one of several that are given at once.
        "parameters"
        | "lambda_parameters"
        | "global_statement"
        | "nonlocal_statement"
        | "for_statement"
        | "for_in_clause"
        | "with_item"
        | "as_pattern_target"
        | "pattern_list"
        | "tuple_pattern"
        | "list_pattern"
        | "import_from_statement"
        | "aliased_import" => {
            let mut cursor = node.walk();
            for name in node.named_children(&mut cursor) {
                let inner = name.child_by_field_name("name").or_else(|| name.named_child(0));
                let name = inner.unwrap_or(name);
                given.entry(text_of(name, text)).or_default().0 += 2;
            }
        }
        _ => {}
    });
    given.into_iter().filter_map(|(name, (times, truth))| Some((name, truth.filter(|_| times == 1)?))).collect()
}

/// Whether a condition is always true or always false; `None` where that depends on anything.
///
/// Without recursion further than a few brackets: text can nest deeper than a stack.
fn truth(condition: Node<'_>, text: &str, constants: &HashMap<&str, bool>) -> Option<bool> {
    const DEEPEST: usize = 16;
    let (mut node, mut is_turned) = (condition, false);
    for _ in 0..DEEPEST {
        let written = text_of(node, text);
        let holds = match node.kind() {
            "parenthesized_expression" => {
                node = node.named_child(0)?;
                continue;
            }
            "not_operator" => {
                node = node.child_by_field_name("argument")?;
                is_turned = !is_turned;
                continue;
            }
            "true" => true,
            "false" | "none" => false,
            // `0xA`, `0e5`, `f"{name}"`: what it comes to is not read.
            "integer" | "float" if written.contains(char::is_alphabetic) => return None,
            "string" if written.contains('{') => return None,
            "integer" | "float" => written.chars().any(|c| ('1'..='9').contains(&c)),
            "string" => !written.trim_start_matches(char::is_alphabetic).trim_matches(['"', '\'']).is_empty(),
            "identifier" => *constants.get(written)?,
            "comparison_operator" => is_true_of_itself(node, text)?,
            // One side that is never true is enough, and the other need not be known.
            "boolean_operator" => {
                let (operator, sides) = (node.child_by_field_name("operator")?, ["left", "right"]);
                let decides = text_of(operator, text) == "or";
                let plain = |side: &str| {
                    let side = node.child_by_field_name(side)?;
                    match side.kind() {
                        "true" => Some(true),
                        "false" | "none" => Some(false),
                        "integer" => Some(text_of(side, text) != "0"),
                        _ => None,
                    }
                };
                if !sides.iter().any(|side| plain(side) == Some(decides)) {
                    return None;
                }
                decides
            }
            _ => return None,
        };
        return Some(holds != is_turned);
    }
    None
}

/// `1 == 2`, `"a" != "a"`: two constants that are written out.
fn is_true_of_itself(comparison: Node<'_>, text: &str) -> Option<bool> {
    let is_written_out = |node: &Node<'_>| matches!(node.kind(), "integer" | "string" | "true" | "false" | "none");
    let (left, right) = (comparison.named_child(0)?, comparison.named_child(1)?);
    if comparison.named_child_count() != 2 || !is_written_out(&left) || !is_written_out(&right) {
        return None;
    }
    let is_same = text_of(left, text).replace('\'', "\"") == text_of(right, text).replace('\'', "\"");
    let operator = text.get(left.end_byte()..right.start_byte())?.trim();
    match operator {
        "==" | "is" => Some(is_same),
        "!=" | "is not" => Some(!is_same),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that hold a call named `x` and are not reached.
    fn dead(text: &str) -> Vec<(u64, String)> {
        let source = Source { path: "a.py".into(), language: LanguageType::Python, text: text.into() };
        let reach = Reach::of(&[source]);
        let lines = (1..).zip(text.lines()).filter(|(_, line)| line.contains("x("));
        lines.filter_map(|(line, _)| Some((line, reach.why_not("a.py", line)?))).collect()
    }

    #[test]
    fn what_is_never_true_reaches_nothing() {
        for condition in [
            "False",
            "0",
            "None",
            "\"\"",
            "not True",
            "(False)",
            "1 == 2",
            "a and False",
            "'a' != 'a'",
            "not (1)",
            "OFF",
        ] {
            let text = format!("OFF = False\nif {condition}:\n    x()\nelse:\n    y()\n");
            assert_eq!(dead(&text), [(3, NEVER_TRUE.to_owned())], "{condition}");
        }
        assert_eq!(dead("while 0:\n    x()\n").len(), 1);
        assert_eq!(dead("if True:\n    y()\nelse:\n    x()\n").len(), 1);
        assert_eq!(dead("def f():\n    return 1\n    x()\nf()\n"), [(3, BEHIND_THE_END.to_owned())]);
        assert_eq!(dead("import sys\nsys.exit()\nx()\n").len(), 1);
    }

    #[test]
    fn what_depends_on_anything_may_be_reached() {
        for text in [
            "if __name__ == \"__main__\":\n    x()\n",
            "if args.create:\n    x()\n",
            "DRY = False\nDRY = args.dry\nif DRY:\n    x()\n",
            "def f(DRY):\n    if DRY:\n        x()\nDRY = False\nf(True)\n",
            "if False or a:\n    x()\n",
            "if a == 2:\n    x()\n",
            "def f():\n    if a:\n        return\n    x()\nf()\n",
            "try:\n    raise E\nexcept E:\n    x()\n",
            "while True:\n    x()\n",
            "if 0x0 or True:\n    x()\n",
            "if 0xA:\n    x()\n",
            "name = input()\nif f\"{name}\":\n    y()\nelse:\n    x()\n",
            "OFF = False\nRUN, OFF = True, True\nif OFF:\n    x()\n",
            "OFF = False\nfor name, OFF in steps:\n    if OFF:\n        x()\n",
            "OFF = False\nfrom settings import RUN as OFF\nif OFF:\n    x()\n",
        ] {
            assert_eq!(dead(text), [], "{text}");
        }
    }

    #[test]
    fn what_nothing_calls_is_not_reached() {
        assert_eq!(dead("def make():\n    x()\n"), [(2, "in make, which nothing calls".to_owned())]);
        assert_eq!(dead("def make():\n    x()\nif False:\n    make()\n").len(), 1);
        for text in [
            "def make():\n    x()\nmake()\n",
            "def main():\n    x()\n",
            "@app.get('/')\ndef make():\n    x()\n",
            "class A(Stack):\n    def make(self):\n        x()\n",
            "def make():\n    x()\nsteps = [make]\n",
            "def make():\n    x()\nif False:\n    def make():\n        y()\nmake()\n",
        ] {
            assert_eq!(dead(text), [], "{text}");
        }
    }

    #[test]
    fn what_is_around_speaks_for_what_is_within() {
        let text = "def make():\n    if False:\n        x()\n    x()\n\n\ndef other():\n    x()\nother()\n";
        let why = || "in make, which nothing calls".to_owned();
        assert_eq!(dead(text), [(3, why()), (4, why())]);
    }

    /// Each of these lines was compared with each of these ranges: minutes for one file.
    #[test]
    fn a_file_may_have_as_many_ranges_as_lines() {
        let text = format!("import sys\nsys.exit()\n{}", "x()\n".repeat(40_000));
        assert_eq!(dead(&text).len(), 40_000);
        assert_eq!(dead(&"if 0:\n    x()\n".repeat(20_000)).len(), 20_000);
    }

    #[test]
    fn text_may_nest_deeper_than_the_stack() {
        let deep = format!("if {}0{}:\n    x()\n", "(".repeat(20_000), ")".repeat(20_000));
        assert_eq!(dead(&deep), []);
        assert_eq!(dead(&format!("if {}0:\n    x()\n", "not ".repeat(20_000))), []);
    }
}
