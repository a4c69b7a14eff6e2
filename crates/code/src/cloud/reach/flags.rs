//! Switches that `argparse` declares: off, unless a command sets them.
//!
//! The parser's own help names each of them, and so does a README: that turns nothing on. A command line does that calls the
//! program with it, in a document as well; so does whatever else than a document says the option, as a script or a template.

use std::collections::{HashMap, HashSet};

use tokei::LanguageType;
use tree_sitter::{Node, Tree};

use super::python::given_once;
use super::switches::{Switch, is_nothing};
use crate::cloud::boto3::string_content;
use crate::names::is_prose;
use crate::source::{Source, file_name};
use crate::syntax::{self, text_of};

/// An option, as `--net` or `-n`, and the byte at which the parser declares it.
pub(super) type Declared<'t> = (&'t str, usize);

/// The switches of a file, by what its conditions say: `args.net`.
pub(super) fn named<'t>(tree: &Tree, text: &'t str) -> HashMap<&'t str, Switch<'t>> {
    let mut named = HashMap::new();
    if !text.contains("store_true") || text.contains("set_defaults") {
        return named;
    }
    // Where somebody gives it its arguments, these say what is set.
    let read = |value: Node<'_>| {
        let function = value.child_by_field_name("function").filter(|_| value.kind() == "call")?;
        let is_given_none = value.child_by_field_name("arguments")?.named_child_count() == 0;
        (is_given_none && text_of(function, text).ends_with(".parse_args")).then_some(())
    };
    let spaces = given_once(tree, text, read);
    let mut flags: HashMap<String, Vec<Declared<'t>>> = HashMap::new();
    syntax::walk(tree, |node| {
        if let Some((name, options)) = declared(node, text) {
            flags.entry(name).or_default().extend(options);
        }
    });
    let mut set: HashSet<&str> = HashSet::new();
    syntax::walk(tree, |node| {
        let parts = (node.child_by_field_name("object"), node.child_by_field_name("attribute"));
        let (Some(object), Some(attribute)) = parts else { return };
        if node.kind() != "attribute" || !spaces.contains_key(text_of(object, text)) {
            return;
        }
        let Some(options) = flags.get(text_of(attribute, text)) else { return };
        let around = node.parent().filter(|around| matches!(around.kind(), "assignment" | "augmented_assignment"));
        if around.and_then(|around| around.child_by_field_name("left")).is_some_and(|left| left == node) {
            set.insert(text_of(node, text));
        }
        named.entry(text_of(node, text)).or_insert_with(|| Switch::Flag(options.clone()));
    });
    named.retain(|said, _| !set.contains(said));
    named
}

/// The name and the options of a switch that a call declares: `parser.add_argument("--net", action="store_true")`.
fn declared<'t>(call: Node<'_>, text: &'t str) -> Option<(String, Vec<Declared<'t>>)> {
    let function = call.child_by_field_name("function").filter(|_| call.kind() == "call")?;
    if !text_of(function, text).ends_with(".add_argument") {
        return None;
    }
    let arguments = call.child_by_field_name("arguments")?;
    let (mut options, mut name, mut is_switch) = (Vec::new(), None, false);
    let mut cursor = arguments.walk();
    for argument in arguments.named_children(&mut cursor) {
        match argument.kind() {
            "string" => {
                let option = string_content(argument, text).filter(|option| option.starts_with('-'))?;
                options.push((option, argument.start_byte() + text_of(argument, text).find(option)?));
            }
            "keyword_argument" => {
                let value = argument.child_by_field_name("value")?;
                match text_of(argument.child_by_field_name("name")?, text) {
                    "action" => is_switch = string_content(value, text)? == "store_true",
                    "dest" => name = Some(string_content(value, text)?.to_owned()),
                    "default" if !is_nothing(value, text) => return None,
                    _ => {}
                }
            }
            "comment" => {}
            _ => return None,
        }
    }
    let long = options.iter().find(|(option, _)| option.starts_with("--")).or(options.first());
    let name = name.or_else(|| Some(long?.0.trim_start_matches('-').replace('-', "_")))?;
    (is_switch && !options.is_empty()).then_some((name, options))
}

/// What the repository sets of them.
#[derive(Default)]
pub(super) struct Set<'s> {
    /// Options, with the name of the file that a command line calls with them.
    called: HashSet<(&'s str, &'s str)>,
    /// Names of files that a command calls with whatever there is.
    with_any: HashSet<&'s str>,
    /// Options that something else than a document says.
    said: HashSet<&'s str>,
}

impl<'s> Set<'s> {
    /// Of sources, each with the switches in it.
    pub(super) fn of<'a>(sources: &'s [Source], switches: impl Iterator<Item = Vec<&'a Switch<'s>>>) -> Self
    where
        's: 'a,
    {
        let mut wanted: HashMap<&'s str, HashSet<&'s str>> = HashMap::new();
        let mut all: HashSet<&'s str> = HashSet::new();
        let mut declared: HashSet<(&'s str, usize)> = HashSet::new();
        for (source, switches) in sources.iter().zip(switches) {
            for switch in switches {
                let Switch::Flag(options) = switch else { continue };
                for &(option, at) in options {
                    wanted.entry(file_name(&source.path)).or_default().insert(option);
                    all.insert(option);
                    declared.insert((source.path.as_str(), at));
                }
            }
        }
        let mut set = Self::default();
        if all.is_empty() {
            return set;
        }
        for source in sources {
            set.note_commands(&source.text, &wanted);
            if is_prose(source.language) {
                continue;
            }
            tokens(&source.text, |at, token| {
                let Some(option) = all.get(token) else { return };
                // In Python it is a text of its own: not a word of a help's.
                let (before, after) = (&source.text[..at], &source.text[at + token.len()..]);
                let is_whole = before.ends_with(['"', '\'']) && after.starts_with(['"', '\'']);
                let is_said = is_whole || source.language != LanguageType::Python;
                if is_said && !declared.contains(&(source.path.as_str(), at)) {
                    set.said.insert(*option);
                }
            });
        }
        set
    }

    /// Notes `python deploy.py --net`, over several lines as well, and `python -m deploy --net`.
    fn note_commands(&mut self, text: &str, wanted: &HashMap<&'s str, HashSet<&'s str>>) {
        let mut goes_on = None;
        for line in text.lines() {
            let mut file: Option<&'s str> = goes_on.take();
            let mut is_module = false;
            for written in line.split_whitespace() {
                let part = written.trim_matches(['"', '\'', '`', ',', '.', ':', ';', '[', ']', '(', ')']);
                let known = match is_module {
                    true => wanted.get_key_value(format!("{}.py", file_name(&part.replace('.', "/"))).as_str()),
                    false => wanted.get_key_value(file_name(part)),
                };
                is_module = part == "-m";
                let Some((&called, options)) = known.or_else(|| file.and_then(|file| wanted.get_key_value(file)))
                else {
                    continue;
                };
                if written.contains('$') {
                    self.with_any.insert(called);
                }
                self.called.extend(options.get(part).map(|option| (called, *option)));
                // `-vn` sets both.
                if !part.starts_with("--") && part.starts_with('-') {
                    let letters = part.chars().skip(1).map(|letter| format!("-{letter}"));
                    let short = letters.filter_map(|letter| options.get(letter.as_str()).copied());
                    self.called.extend(short.map(|option| (called, option)));
                }
                // The command ends with its mark, or where another begins.
                let is_end = matches!(written, "&&" | "||" | ";" | "|" | "#")
                    || written.trim_end_matches([',', '.', ':', ';', ')']).ends_with('`');
                file = (!is_end).then_some(called);
            }
            goes_on = file.filter(|_| line.trim_end().ends_with('\\'));
        }
    }

    /// Whether something sets one of the options of a switch of this source.
    pub(super) fn is_set(&self, source: &Source, options: &[Declared<'_>]) -> bool {
        let file = file_name(&source.path);
        self.with_any.contains(file)
            || options.iter().any(|(option, _)| self.said.contains(option) || self.called.contains(&(file, *option)))
    }
}

/// Calls `each` for each run of letters, digits, `-` and `_`, with its first byte.
fn tokens<'t>(text: &'t str, mut each: impl FnMut(usize, &'t str)) {
    let mut start = 0;
    for token in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_')) {
        if !token.is_empty() {
            each(start, token);
        }
        // What ended the run before is one character long, of one byte or more.
        let end = start + token.len();
        start = end + text[end..].chars().next().map_or(0, char::len_utf8);
    }
}
