//! `aws SERVICE COMMAND` in scripts, and in whatever holds lines of shell: pipelines, Dockerfiles, user data.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};
use stackmark_evidence::closed::CallTool;

use super::Call;

/// Global options of the command line that take a value.
pub(crate) const WITH_VALUE: [&str; 10] = [
    "--region",
    "--profile",
    "--output",
    "--endpoint-url",
    "--query",
    "--color",
    "--ca-bundle",
    "--cli-read-timeout",
    "--cli-connect-timeout",
    "--cli-binary-format",
];

/// Words that may stand before a command.
const BEFORE: [&str; 19] = [
    "sudo", "time", "then", "do", "else", "if", "while", "until", "!", "-", "run:", "script:", "command:", "cmd:",
    "exec", "nohup", "RUN", "return", "eval",
];

pub(super) fn calls(text: &str) -> Vec<Call> {
    let names = Names::of(text);
    let mut calls = Vec::new();
    let mut pending = String::new();
    let mut first_line = 1;
    for (number, line) in (1..).zip(text.lines()) {
        if pending.is_empty() {
            first_line = number;
        }
        let line = without_comment(line);
        if let Some(start) = line.strip_suffix('\\') {
            pending.push_str(start);
            pending.push(' ');
            continue;
        }
        pending.push_str(line);
        calls.extend(commands(&names.expand(&pending)).map(|operation| (operation, CallTool::AwsCli, first_line)));
        pending.clear();
    }
    calls.extend(commands(&names.expand(&pending)).map(|operation| (operation, CallTool::AwsCli, first_line)));
    calls
}

struct Patterns {
    /// `AWS="aws --profile lab"`, `AWS=(aws --region x)`, `AWS := aws`, `alias a=aws`.
    definition: Regex,
    /// `$AWS`, `"${AWS[@]}"`, `$(AWS)`.
    name: Regex,
    /// A name, a service and what is done there.
    call: Regex,
    /// An option and a name as its value: `--region $REGION`.
    option: Regex,
    /// `${REGION}`, and `$(REGION)` as make writes it; a command of one word in a shell, which is none of `aws`.
    enclosed: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        definition: Regex::new(
            r#"(?m)(?:^|[\s;&|({])([A-Za-z_]\w*)(?:=(?:"([^"\n]*)"|'([^'\n]*)'|\(([^)\n]*)\)|([^\s;&|'"(]+))|[ \t]*(?:[:?]=|[ \t]=[ \t])[ \t]*([^\n#]*))"#,
        )
        .ok()?,
        name: Regex::new(r#""?\$(?:\{([A-Za-z_]\w*)(?:\[[@*]\])?\}|\(([A-Za-z_]\w*)\)|([A-Za-z_]\w*))"?"#).ok()?,
        call: Regex::new(
            r#"(?m)(?:^|[\s;&|({"'])\$[{(]?[A-Za-z_]\w*(?:\[[@*]\])?[})]?"?[ \t]+(?:--[a-z-]+[ =]\S+[ \t]+)*(?:ec2|elb|elbv2|autoscaling|s3api|iam|lambda|ecs|eks|rds|cloudformation|ssm|apigatewayv2?|dynamodb)[ \t]+[a-z]+-[a-z]"#,
        )
        .ok()?,
        option: Regex::new(r#"--[a-z][a-z-]*[ \t=]+["']?\$(?:\{\w+\}|\(\w+\)|\w+)["']?"#).ok()?,
        enclosed: Regex::new(r"\$(?:\((\w+)\)|\{(\w+)\})").ok()?,
    })
});

/// Names that stand for `aws`, options and a service included.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(text: &str) -> Self {
        let Some(patterns) = PATTERNS.as_ref().filter(|_| text.contains("aws")) else { return Self(BTreeMap::new()) };
        let defined = patterns.definition.captures_iter(text).filter_map(|found| {
            let value = (2..=6).find_map(|group| found.get(group))?.as_str().trim();
            // `${AWS:-aws}`
            let value = value.split_once(":-").map_or(value, |(_, fallback)| fallback.trim_end_matches('}'));
            let first = value.split_whitespace().next().filter(|first| *first == "aws" || first.ends_with("/aws"));
            first.map(|_| (found[1].to_owned(), value.to_owned()))
        });
        Self(defined.collect())
    }

    /// The line with what they stand for.
    fn expand<'l>(&self, line: &'l str) -> Cow<'l, str> {
        let Some(patterns) = PATTERNS.as_ref().filter(|_| !self.0.is_empty()) else { return line.into() };
        patterns.name.replace_all(line, |found: &Captures<'_>| {
            let name = (1..=3).find_map(|group| found.get(group)).map_or("", |name| name.as_str());
            self.0.get(name).cloned().unwrap_or_else(|| found[0].to_owned())
        })
    }
}

/// Whether the text calls AWS by a name of which it does not say what it stands for.
pub(super) fn has_calls_by_a_name(text: &str) -> bool {
    let Some(patterns) = PATTERNS.as_ref() else { return false };
    let names = Names::of(text);
    text.lines().any(|line| {
        let line = names.expand(without_comment(line));
        patterns.call.is_match(&patterns.option.replace_all(&line, ""))
    })
}

/// Up to a `#` that begins a word outside of quotes.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return line[..at].trim_end(),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    line.trim_end()
}

/// The operations that one logical line calls.
fn commands(line: &str) -> impl Iterator<Item = String> {
    let shown = ["echo ", "printf ", "@echo "].iter().any(|start| line.trim_start().starts_with(start));
    let inner = if shown { line.find("$(aws ").map_or("", |at| &line[at..]) } else { line };
    let inner = match PATTERNS.as_ref() {
        // Their brackets would end the command.
        Some(patterns) => patterns.enclosed.replace_all(inner, "$$${1}${2}"),
        None => inner.into(),
    };
    let found: Vec<String> =
        inner.split([';', '|', '&', '(', ')', '`', '{', '}', '\n']).filter_map(operation).collect();
    found.into_iter()
}

fn operation(command: &str) -> Option<String> {
    let mut words = command
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'', '@', ',', '[', ']']))
        .skip_while(|word| word.is_empty() || BEFORE.contains(word) || is_assignment(word));
    let program = words.next()?;
    if program != "aws" && !program.ends_with("/aws") {
        return None;
    }
    // Global options and their values may stand before the service and before the command.
    let mut names = Vec::new();
    while names.len() < 2 {
        let word = words.next()?;
        if WITH_VALUE.contains(&word) {
            words.next()?;
        } else if !word.is_empty() && !word.starts_with('-') {
            names.push(word);
        }
    }
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let (service, name) = (names[0], names[1]);
    (is_name(service) && is_name(name) && name.contains('-')).then(|| name.replace('-', "_"))
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}
