//! Conditions on a variable of the environment or on an argument of the command line; [`super::flags`] has those that
//! `argparse` reads.
//!
//! Where something in the repository sets it (a command in the README, a script, a template, a usage text), what is under
//! it may run. Where nothing does, nobody but the author knows that it can.

use std::collections::{HashMap, HashSet};

use tokei::LanguageType;
use tree_sitter::Node;

use super::flags::{Declared, Set};
use super::{Dead, words};
use crate::cloud::boto3::string_content;
use crate::source::{Source, file_name};
use crate::syntax::text_of;

/// What a machine, a pipeline or AWS sets by itself.
const SET_FROM_OUTSIDE: [&str; 16] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "HOME",
    "PATH",
    "USER",
    "VIRTUAL_ENV",
];
/// Nobody types more.
const MOST_ARGUMENTS: usize = 64;
/// So much of a line says whether a name is in a text; a line can be as long as its file.
const LONGEST_SENTENCE: usize = 200;
/// Conditions within each other that are followed.
const DEEPEST: usize = 16;

/// What has to be set, for a condition to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Switch<'t> {
    /// A variable of the environment.
    Variable(&'t str),
    /// A word among the arguments, and the byte at which the condition says it.
    Word(&'t str, usize),
    /// So many arguments.
    Arguments(usize),
    /// One of these options of a parser.
    Flag(Vec<Declared<'t>>),
}

/// Lines that are reached where a switch is turned.
pub(super) struct Switched<'t> {
    pub(super) dead: Dead,
    pub(super) switch: Switch<'t>,
}

/// The switch that has to be turned for a condition to hold; `None` where it may hold without one.
pub(super) fn of<'t>(condition: Node<'_>, text: &'t str, named: &HashMap<&str, Switch<'t>>) -> Option<Switch<'t>> {
    at_depth(condition, text, named, DEEPEST)
}

fn at_depth<'t>(node: Node<'_>, text: &'t str, named: &HashMap<&str, Switch<'t>>, depth: usize) -> Option<Switch<'t>> {
    let depth = depth.checked_sub(1)?;
    let side = |name: &str| at_depth(node.child_by_field_name(name)?, text, named, depth);
    match node.kind() {
        "parenthesized_expression" => at_depth(node.named_child(0)?, text, named, depth),
        "identifier" | "attribute" => named.get(text_of(node, text)).cloned(),
        "boolean_operator" => match text_of(node.child_by_field_name("operator")?, text) {
            "and" => side("left").or_else(|| side("right")),
            // Each of two is enough, and one name is looked for.
            _ => side("left").filter(|left| side("right").as_ref() == Some(left)),
        },
        "comparison_operator" => compared(node, text),
        "call" | "subscript" => variable(node, text, depth)
            .or_else(|| matches!(text_of(node, text), "sys.argv[1:]" | "argv[1:]").then_some(Switch::Arguments(1))),
        _ => None,
    }
}

/// `os.environ.get("X")`, `os.getenv("X")`, `os.environ["X"]`, and the same in `int(…)` or lower case.
fn variable<'t>(node: Node<'_>, text: &'t str, depth: usize) -> Option<Switch<'t>> {
    let depth = depth.checked_sub(1)?;
    if node.kind() == "subscript" {
        let of = text_of(node.child_by_field_name("value")?, text);
        let name = string_content(node.child_by_field_name("subscript")?, text)?;
        return matches!(of, "os.environ" | "environ").then_some(Switch::Variable(name));
    }
    let function = node.child_by_field_name("function").filter(|_| node.kind() == "call")?;
    let arguments = node.child_by_field_name("arguments")?;
    match text_of(function, text) {
        "os.environ.get" | "os.getenv" | "environ.get" | "getenv" => {
            // What holds where nobody sets it is no switch.
            if arguments.named_child(1).is_some_and(|otherwise| !is_nothing(otherwise, text)) {
                return None;
            }
            Some(Switch::Variable(string_content(arguments.named_child(0)?, text)?))
        }
        "bool" | "int" | "str" => variable(arguments.named_child(0)?, text, depth),
        _ => {
            let method = function.child_by_field_name("attribute").map(|it| text_of(it, text))?;
            let object = function.child_by_field_name("object")?;
            matches!(method, "lower" | "upper" | "strip").then(|| variable(object, text, depth))?
        }
    }
}

/// What a variable is that nobody sets.
pub(super) fn is_nothing(value: Node<'_>, text: &str) -> bool {
    matches!(text_of(value, text), "\"\"" | "''" | "None" | "False" | "0" | "\"0\"" | "'0'")
}

/// One argument, or all of them.
fn is_of_arguments(node: Node<'_>, text: &str) -> bool {
    let written = text_of(node, text);
    let written = written.strip_prefix("sys.").unwrap_or(written);
    written == "argv" || (written.starts_with("argv[") && written.ends_with(']'))
}

fn compared<'t>(comparison: Node<'_>, text: &'t str) -> Option<Switch<'t>> {
    let (left, right) = (comparison.named_child(0)?, comparison.named_child(1)?);
    if comparison.named_child_count() != 2 {
        return None;
    }
    let operator = text.get(left.end_byte()..right.start_byte())?.trim();
    let word = |literal: Node<'_>| {
        let content = string_content(literal, text)?;
        let at = literal.start_byte() + text_of(literal, text).find(content)?;
        let mut last = None;
        words(content, |first, _, word| last = Some(Switch::Word(word, at + first)));
        last
    };
    match operator {
        "in" if matches!(text_of(right, text), "os.environ" | "environ") => {
            Some(Switch::Variable(string_content(left, text)?))
        }
        "in" if is_of_arguments(right, text) => word(left),
        "==" if is_of_arguments(left, text) => word(right),
        // Without the variable, `os.environ.get("X", "0") == "0"` holds.
        "==" => variable(left, text, DEEPEST).filter(|_| !is_nothing(right, text)),
        "is not" => variable(left, text, DEEPEST).filter(|_| text_of(right, text) == "None"),
        ">" | ">=" if text_of(left, text).starts_with("len(") => {
            let of = left.child_by_field_name("arguments")?.named_child(0)?;
            let number: usize = text_of(right, text).parse().ok()?;
            // The first of them is the program's own name.
            let count = if operator == ">" { number } else { number.checked_sub(1)? };
            (is_of_arguments(of, text) && count > 0).then_some(Switch::Arguments(count))
        }
        _ => None,
    }
}

/// What the repository sets of the switches in it. One look at all texts, however many switches there are.
#[derive(Default)]
pub(super) struct Turned<'s> {
    variables: HashSet<&'s str>,
    words: HashSet<&'s str>,
    /// The most arguments that a file of this name is given.
    arguments: HashMap<&'s str, usize>,
    /// Paths of the files that read a `.env`, which is not in the repository.
    with_dotenv: HashSet<&'s str>,
    flags: Set<'s>,
}

impl<'s> Turned<'s> {
    /// Of sources with the switches of each.
    pub(super) fn of(sources: &'s [Source], switches: &[Vec<Switched<'s>>]) -> Self {
        let of_each = switches.iter().map(|switched| switched.iter().map(|it| &it.switch).collect::<Vec<_>>());
        let mut turned = Self { flags: Set::of(sources, of_each), ..Self::default() };
        let [mut variables, mut said, mut files]: [HashSet<&str>; 3] = Default::default();
        for (source, switched) in sources.iter().zip(switches) {
            for it in switched {
                match it.switch {
                    Switch::Variable(name) => variables.insert(name),
                    Switch::Word(word, _) => said.insert(word),
                    Switch::Arguments(_) => files.insert(file_name(&source.path)),
                    Switch::Flag(_) => false,
                };
            }
        }
        if variables.is_empty() && said.is_empty() && files.is_empty() {
            return turned;
        }
        for (source, switched) in sources.iter().zip(switches) {
            if source.text.contains("dotenv") {
                turned.with_dotenv.insert(&source.path);
            }
            let by_itself: HashSet<usize> = (switched.iter())
                .filter_map(|it| if let Switch::Word(_, at) = it.switch { Some(at) } else { None })
                .collect();
            let is_python = source.language == LanguageType::Python;
            words(&source.text, |at, _, word| {
                if variables.contains(word) && (!is_python || sets(&source.text, at, word)) {
                    turned.variables.insert(word);
                }
                if said.contains(word) && !by_itself.contains(&at) {
                    turned.words.insert(word);
                }
            });
            for line in source.text.lines().filter(|line| !files.is_empty() && line.contains(".py")) {
                let mut parts = line.split_whitespace();
                while let Some(part) = parts.next() {
                    let part = part.trim_matches(['"', '\'', '`', ',', '[', ']', '(', ')']);
                    let Some(file) = files.get(file_name(part)).copied() else { continue };
                    let ends = |word: &&str| !matches!(word.chars().next(), Some('#' | '|' | '>' | '&' | ';'));
                    let given: Vec<&str> = parts.clone().take_while(ends).take(MOST_ARGUMENTS).collect();
                    // `"$@"` hands on whatever there is.
                    let is_any = given.len() == MOST_ARGUMENTS || given.iter().any(|word| word.contains(['$', '*']));
                    let count = if is_any { usize::MAX } else { given.len() };
                    let most = turned.arguments.entry(file).or_default();
                    *most = (*most).max(count);
                }
            }
        }
        turned
    }

    pub(super) fn is_turned(&self, source: &Source, switch: &Switch<'_>) -> bool {
        match switch {
            Switch::Variable(name) => {
                let is_from_a_file = self.with_dotenv.contains(source.path.as_str());
                SET_FROM_OUTSIDE.contains(name) || self.variables.contains(name) || is_from_a_file
            }
            Switch::Word(word, _) => self.words.contains(word),
            Switch::Flag(options) => self.flags.is_set(source, options),
            Switch::Arguments(count) => self.arguments.get(file_name(&source.path)).is_some_and(|most| most >= count),
        }
    }
}

/// Whether Python sets a variable, or tells people of it: all but reading it, and a name of its own that is the same.
fn sets(text: &str, at: usize, name: &str) -> bool {
    let (before, after) = (&text[..at], &text[at + name.len()..]);
    if after.starts_with('=') && !after.starts_with("==") && before.ends_with([' ', '"', '\'', '`']) {
        return true;
    }
    if let Some(before) = before.strip_suffix(['"', '\'']) {
        let Some(after) = after.strip_prefix(['"', '\'']) else { return true };
        let (before, after) = (before.trim_end(), after.trim_start());
        let is_read = ["environ.get(", "getenv(", "environ.pop("].iter().any(|read| before.ends_with(read));
        let is_asked = ["in os.environ", "in environ", "not in os.environ", "not in environ"]
            .iter()
            .any(|asked| after.starts_with(asked));
        let is_written = || {
            let rest = after.strip_prefix(']').map(str::trim_start);
            rest.is_some_and(|rest| rest.starts_with('=') && !rest.starts_with("=="))
        };
        return !is_read && !is_asked && (!before.ends_with("environ[") || is_written());
    }
    // In a sentence or a comment: somebody is told of it.
    let (mut quotes, mut apostrophes, mut is_comment) = (0, 0, false);
    for c in before.chars().rev().take(LONGEST_SENTENCE).take_while(|c| *c != '\n') {
        quotes += u32::from(c == '"');
        apostrophes += u32::from(c == '\'');
        is_comment |= c == '#';
    }
    is_comment || quotes % 2 == 1 || apostrophes % 2 == 1
}
