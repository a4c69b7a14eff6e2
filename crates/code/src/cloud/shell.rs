//! `aws SERVICE COMMAND` in scripts, and in whatever holds lines of shell: pipelines, Dockerfiles, user data.

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
        calls.extend(commands(&pending).map(|operation| (operation, CallTool::AwsCli, first_line)));
        pending.clear();
    }
    calls.extend(commands(&pending).map(|operation| (operation, CallTool::AwsCli, first_line)));
    calls
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
    inner.split([';', '|', '&', '(', ')', '`', '{', '}', '\n']).filter_map(operation)
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
