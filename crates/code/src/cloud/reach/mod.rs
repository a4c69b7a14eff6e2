//! Code that nothing reaches: under a condition that is never true, behind the end of its block, in a function that nothing
//! which runs calls. One notion of it for all languages: each says what is dead by itself, which functions somebody has to
//! call, and where a name is no call, as in a comment; who calls whom is followed through the whole repository.
//!
//! A call there makes nothing, whatever it is called. It may be a switch that somebody turns, or a function that is
//! called by hand: a person looks, and nothing is taken. What cannot be told is reached.

mod braced;
mod flags;
mod literals;
mod prose;
mod python;
mod shell;
mod stand_ins;
mod switches;
mod templates;

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use tokei::LanguageType;
use tree_sitter::Node;

use self::literals::Skipped;
use self::switches::{Switched, Turned};
use crate::source::Source;
use crate::syntax::{self, line_of, text_of};

const NEVER_TRUE: &str = "under a condition that is never true";
const BEHIND_THE_END: &str = "behind the end of its block";
const LOOPS_OVER_NOTHING: &str = "in a loop over nothing";
const NONE_OF_IT: &str = "with a count of 0";
const READ_BY_NOTHING: &str = "in a text that no command reads";
const WITHOUT_ITS_SWITCH: &str = "under a switch that nothing in the repository sets";
/// What AWS Lambda calls unless it is told otherwise. Every other name has to be said by something: a call, a template, a
/// command of the README.
const CALLED_BY_LAMBDA: &str = "lambda_handler";

/// Lines that nothing reaches, by path.
struct Reach(BTreeMap<String, Ranges>);

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
        Self { first: line_of(node), last: last_line_of(node), why: why.to_owned() }
    }
}

/// Where a node ends with its line, the line after it is none of it.
fn last_line_of(node: Node<'_>) -> u64 {
    let end = node.end_position();
    let last = end.row as u64 + u64::from(end.column > 0);
    last.max(line_of(node))
}

/// A function that runs where somebody calls it.
struct Function<'t> {
    name: &'t str,
    bytes: Range<usize>,
    first: u64,
    last: u64,
}

impl<'t> Function<'t> {
    /// `None` where a call of it would not be known, as of `create-vpc` in a script.
    fn of(node: Node<'_>, name: Node<'_>, text: &'t str) -> Option<Self> {
        let name = text_of(name, text);
        let is_known = !name.is_empty() && name.chars().all(is_of_word);
        let (first, last) = (line_of(node), last_line_of(node));
        is_known.then(|| Self { name, bytes: node.byte_range(), first, last })
    }
}

/// What one file shows.
#[derive(Default)]
struct Seen<'t> {
    /// What is never reached, whoever calls what.
    dead: Vec<Dead>,
    /// What is reached where a switch is turned.
    switched: Vec<Switched<'t>>,
    /// What a function does not reach unless another file calls it otherwise.
    skipped: Vec<Skipped<'t>>,
    /// Outer ones first, in the order of the text.
    functions: Vec<Function<'t>>,
    /// Where a name calls nothing: comments, docstrings, the name of a definition.
    silent: Vec<Range<usize>>,
}

impl<'t> Seen<'t> {
    fn of(source: &'t Source) -> Self {
        let text = source.text.as_str();
        let seen = match source.language {
            LanguageType::Python => syntax::python(text).map(|tree| python::look(&tree, text)),
            LanguageType::Sh | LanguageType::Bash | LanguageType::Zsh => {
                syntax::bash(text).map(|tree| shell::look(&tree, text))
            }
            LanguageType::JavaScript | LanguageType::Jsx | LanguageType::Tsx => {
                syntax::tsx(text).map(|tree| braced::look(&tree, text))
            }
            LanguageType::TypeScript => syntax::typescript(text).map(|tree| braced::look(&tree, text)),
            LanguageType::Hcl => syntax::hcl(text).map(|tree| templates::terraform(&tree, text)),
            LanguageType::Yaml | LanguageType::Json => Some(templates::cloudformation(text)),
            LanguageType::Markdown => Some(Seen { silent: prose::of(text), ..Seen::default() }),
            _ => Some(Seen { silent: comment_lines(text), ..Seen::default() }),
        };
        seen.unwrap_or_default()
    }
}

/// Lines that are a comment in most languages.
fn comment_lines(text: &str) -> Vec<Range<usize>> {
    let mut at = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if line.trim_start().starts_with('#') || line.trim_start().starts_with("//") {
            found.push(at..end);
        }
        at = end;
    }
    found
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Calls `each` for each word of a text, with its first byte and its line.
fn words<'t>(text: &'t str, mut each: impl FnMut(usize, u64, &'t str)) {
    let (mut line, mut start) = (1, None);
    for (at, c) in text.char_indices().chain(std::iter::once((text.len(), '\n'))) {
        match (is_of_word(c), start) {
            (true, None) => start = Some(at),
            (false, Some(first)) => {
                each(first, line, &text[first..at]);
                start = None;
            }
            _ => {}
        }
        line += u64::from(c == '\n');
    }
}

/// Takes the functions away that end before a place, of those that lie within each other.
fn leave(around: &mut Vec<usize>, functions: &[Function<'_>], at: usize) {
    while around.last().is_some_and(|function| functions[*function].bytes.end <= at) {
        around.pop();
    }
}

/// Who calls whom. Names and functions are numbers here.
#[derive(Default)]
struct Calls {
    /// By name: the functions that it may mean.
    called: Vec<Vec<usize>>,
    /// By name: whether anything that is no comment says it.
    is_said: Vec<bool>,
    /// Names that are said outside of all functions.
    outside: Vec<usize>,
    /// By function: its name, the function around it, the names that it says.
    functions: Vec<(usize, Option<usize>, Vec<usize>)>,
}

impl Calls {
    /// By function: whether it is called by something that runs.
    fn reached(&self) -> Vec<bool> {
        let mut within = vec![Vec::new(); self.functions.len()];
        for (function, (_, around, _)) in self.functions.iter().enumerate() {
            if let Some(around) = around {
                within[*around].push(function);
            }
        }
        let mut is_called = vec![false; self.called.len()];
        let mut reached = vec![false; self.functions.len()];
        let mut names = self.outside.clone();
        while let Some(name) = names.pop() {
            if std::mem::replace(&mut is_called[name], true) {
                continue;
            }
            let mut functions = self.called[name].clone();
            while let Some(function) = functions.pop() {
                let (_, around, says) = &self.functions[function];
                if reached[function] || around.is_some_and(|around| !reached[around]) {
                    continue;
                }
                reached[function] = true;
                names.extend(says);
                functions.extend(within[function].iter().filter(|inner| is_called[self.functions[**inner].0]));
            }
        }
        reached
    }
}

/// Whether a file has to do with AWS Lambda, by its name or its text; `lambda` alone is a word of Python.
fn speaks_of_lambda(source: &Source) -> bool {
    const LAMBDA: &str = "lambda";
    let is_python = source.language == LanguageType::Python;
    let mut says = source.path.to_ascii_lowercase().contains(LAMBDA);
    words(&source.text, |at, _, word| {
        let is_name = word != CALLED_BY_LAMBDA && word.to_ascii_lowercase().contains(LAMBDA);
        let is_keyword = is_python && word == LAMBDA && !source.text[..at].ends_with(['"', '\'']);
        says |= is_name && !is_keyword;
    });
    says
}

impl Reach {
    /// Of all sources: a function is often called in another file than its own.
    fn of(sources: &[Source]) -> Self {
        let mut seen: Vec<Seen<'_>> = sources.iter().map(Seen::of).collect();
        let switches: Vec<Vec<Switched<'_>>> = seen.iter_mut().map(|seen| std::mem::take(&mut seen.switched)).collect();
        let turned = Turned::of(sources, &switches);
        let skipped: Vec<Vec<Skipped<'_>>> = seen.iter_mut().map(|seen| std::mem::take(&mut seen.skipped)).collect();
        let elsewhere = literals::named_elsewhere(sources, &skipped);
        for (seen, skipped) in seen.iter_mut().zip(skipped) {
            let never = skipped.into_iter().filter(|it| !elsewhere.contains(it.function));
            seen.dead.extend(never.map(|it| it.dead));
        }
        let mut dead: BTreeMap<String, Ranges> = BTreeMap::new();
        for ((source, seen), switched) in sources.iter().zip(&mut seen).zip(switches) {
            let never = switched.into_iter().filter(|it| !turned.is_turned(source, &it.switch));
            seen.dead.extend(never.map(|it| it.dead));
            dead.insert(source.path.clone(), Ranges::of(std::mem::take(&mut seen.dead)));
        }
        let mut calls = Calls::default();
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        // The number of each file's first function.
        let mut first_of = Vec::with_capacity(seen.len());
        for seen in &seen {
            let first = calls.functions.len();
            first_of.push(first);
            let mut around: Vec<usize> = Vec::new();
            for (index, function) in seen.functions.iter().enumerate() {
                leave(&mut around, &seen.functions, function.bytes.start);
                let name = *numbers.entry(function.name).or_insert_with(|| {
                    calls.called.push(Vec::new());
                    calls.called.len() - 1
                });
                calls.called[name].push(first + index);
                calls.functions.push((name, around.last().map(|outer| first + outer), Vec::new()));
                around.push(index);
            }
        }
        calls.is_said = vec![false; calls.called.len()];
        for ((source, seen), first) in sources.iter().zip(&seen).zip(&first_of) {
            let ranges = dead.get(&source.path);
            let (mut silent, mut next) = (0, 0);
            let mut around: Vec<usize> = Vec::new();
            words(&source.text, |at, line, word| {
                let Some(name) = numbers.get(word).copied() else { return };
                while seen.silent.get(silent).is_some_and(|range| range.end <= at) {
                    silent += 1;
                }
                while let Some(function) = seen.functions.get(next).filter(|function| function.bytes.start <= at) {
                    leave(&mut around, &seen.functions, function.bytes.start);
                    around.push(next);
                    next += 1;
                }
                leave(&mut around, &seen.functions, at);
                if seen.silent.get(silent).is_some_and(|range| range.contains(&at)) {
                    return;
                }
                calls.is_said[name] = true;
                // What only code that is never reached calls is not called.
                if ranges.is_some_and(|ranges| ranges.at(line).is_some()) {
                    return;
                }
                match around.last() {
                    Some(function) => calls.functions[first + function].2.push(name),
                    None => calls.outside.push(name),
                }
            });
        }
        if let Some(name) = numbers.get(CALLED_BY_LAMBDA).copied().filter(|_| sources.iter().any(speaks_of_lambda)) {
            calls.outside.push(name);
        }
        let reached = calls.reached();
        for ((source, seen), first) in sources.iter().zip(&seen).zip(&first_of) {
            let uncalled = seen.functions.iter().enumerate().filter(|(index, _)| !reached[first + index]);
            let mut found: Vec<Dead> = uncalled
                .map(|(index, function)| {
                    let is_said = calls.is_said[calls.functions[first + index].0];
                    let who = if is_said { "nothing that runs calls" } else { "nothing calls" };
                    let why = format!("in {}, which {who}", function.name);
                    Dead { first: function.first, last: function.last, why }
                })
                .collect();
            if !found.is_empty() {
                let ranges = dead.entry(source.path.clone()).or_default();
                found.append(&mut ranges.0);
                *ranges = Ranges::of(found);
            }
        }
        Self(dead)
    }

    /// Why nothing reaches a line; `None` where something may.
    fn why_not(&self, path: &str, line: u64) -> Option<String> {
        Some(self.0.get(path)?.at(line)?.why.clone())
    }
}

/// The same of these sources once something asks: most repositories have a reading that does, and it is made once for all.
pub(crate) struct WhenAsked<'s> {
    sources: &'s [Source],
    reach: OnceCell<Reach>,
}

impl<'s> WhenAsked<'s> {
    pub(crate) fn of(sources: &'s [Source]) -> Self {
        Self { sources, reach: OnceCell::new() }
    }

    /// Why nothing reaches a line; `None` where something may.
    pub(crate) fn why_not(&self, path: &str, line: u64) -> Option<String> {
        self.reach.get_or_init(|| Reach::of(self.sources)).why_not(path, line)
    }
}

#[cfg(test)]
mod tests;
