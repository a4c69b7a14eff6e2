//! Commands of a source's own that stand for a heading: `\newcommand{\partie}[1]{\section{#1}}`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// A longer line defines no heading: each definition is followed to its end.
const LONGEST_LINE: usize = 16_000;
/// Most commands of a source's own that are kept.
const MAX_KNOWN: usize = 50;
/// Longest text of a command, and of what it makes of a line.
const MAX_BYTES: usize = 2_000;
/// Most lines over which a heading or a definition goes on.
pub(super) const MAX_LINES: usize = 8;

struct Patterns {
    definition: Regex,
    alias: Regex,
    sectioning: Regex,
    call: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        definition: Regex::new(
            r"\\(?:(?:re|provide)?newcommand|providecommand|DeclareRobustCommand)\*?\s*\{?\s*\\([A-Za-z@]+)\s*\}?\s*(\[1\])?\s*\{|\\(?:long\s*\\)?def\s*\\([A-Za-z@]+)\s*(#1)?\s*\{",
        )
        .ok()?,
        alias: Regex::new(r"\\let\s*\\([A-Za-z@]+)\s*=?\s*(\\(?:part|chapter|(?:sub){0,2}section|(?:sub)?paragraph))\b").ok()?,
        sectioning: Regex::new(r"\\(?:title|part|chapter|(?:sub){0,2}section|(?:sub)?paragraph)\b\*?").ok()?,
        call: Regex::new(r"\\([A-Za-z@]+)\*?").ok()?,
    })
});

#[derive(Default)]
pub(super) struct Macros {
    /// What each stands for, with `#1` for its argument; without one, it is a heading's command by another name.
    known: BTreeMap<String, String>,
}

impl Macros {
    /// Whether a heading or a definition goes on in the next line.
    pub(super) fn is_open(&self, line: &str) -> bool {
        if line.len() > LONGEST_LINE {
            return false;
        }
        let Some(patterns) = PATTERNS.as_ref() else { return false };
        let own = |name: &str| self.known.contains_key(name);
        let calls = patterns.call.captures_iter(line).filter_map(|call| {
            let whole = call.get(0)?;
            (patterns.sectioning.find(whole.as_str()).is_some_and(|found| found.end() == whole.as_str().len())
                || own(&call[1]))
            .then_some(whole.end())
        });
        let defines = patterns.definition.find_iter(line).last();
        defines.is_some_and(|found| argument(&line[found.end() - 1..]).is_none())
            || calls.last().is_some_and(|end| heading_is_open(&line[end..]))
    }

    /// The line with what its commands stand for, and without what defines them.
    pub(super) fn expand(&mut self, line: &str) -> String {
        if line.len() > LONGEST_LINE {
            return line.to_owned();
        }
        let Some(patterns) = PATTERNS.as_ref() else { return line.to_owned() };
        let line = self.learn(patterns, line);
        if self.known.is_empty() {
            return line;
        }
        let mut kept = String::with_capacity(line.len());
        let mut rest = line.as_str();
        while let Some((whole, body)) = patterns.call.captures_iter(rest).find_map(|call| self.body_of(&call)) {
            kept.push_str(&rest[..whole.start]);
            rest = &rest[whole.end..];
            if !body.contains("#1") {
                kept.push_str(body);
            } else if let Some((text, length)) = argument(rest) {
                kept.push_str(&body.replace("#1", text));
                rest = &rest[length..];
            }
            if kept.len() > MAX_BYTES + line.len() {
                break;
            }
        }
        kept.push_str(rest);
        kept
    }

    fn body_of(&self, call: &Captures<'_>) -> Option<(std::ops::Range<usize>, &str)> {
        Some((call.get(0)?.range(), self.known.get(&call[1])?.as_str()))
    }

    /// Keeps the commands that the line defines, and takes these definitions out.
    fn learn(&mut self, patterns: &Patterns, line: &str) -> String {
        let mut kept = String::with_capacity(line.len());
        let mut rest = line;
        loop {
            let alias = patterns.alias.captures(rest).and_then(|found| {
                let whole = found.get(0)?.range();
                Some((whole, found[1].to_owned(), found[2].to_owned()))
            });
            let defined = patterns.definition.captures_iter(rest).find_map(|found| {
                let whole = found.get(0)?;
                let name = found.get(1).or_else(|| found.get(3))?.as_str();
                let (body, length) = argument(&rest[whole.end() - 1..])?;
                let has_argument = found.get(2).or_else(|| found.get(4)).is_some();
                let heading = patterns.sectioning.find(body)?;
                let fits = if has_argument { body.contains("#1") } else { heading.as_str() == body.trim() };
                let range = whole.start()..whole.end() - 1 + length;
                (fits && body.len() <= MAX_BYTES).then(|| (range, name.to_owned(), body.trim().to_owned()))
            });
            let Some((range, name, body)) = alias.into_iter().chain(defined).min_by_key(|(range, ..)| range.start)
            else {
                kept.push_str(rest);
                return kept;
            };
            // What calls itself, or a heading's own command defined anew, would have no end.
            if self.known.len() < MAX_KNOWN && !patterns.sectioning.is_match(&format!("\\{name}")) {
                self.known.insert(name, body);
            }
            kept.push_str(&rest[..range.start]);
            rest = &rest[range.end..];
        }
    }
}

/// Two lines of one heading as one.
pub(super) fn joined(before: &str, next: &str) -> String {
    let next = next.trim();
    let space = if next.starts_with(['[', '{']) { "" } else { " " };
    format!("{}{space}{next}", before.trim_end())
}

/// The text between the braces that `text` begins with, and how far they reach.
fn argument(text: &str) -> Option<(&str, usize)> {
    let start = text.len() - text.trim_start().len();
    let inner = text[start..].strip_prefix('{')?;
    let mut depth = 1_u32;
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&inner[..at], start + at + 2));
        }
    }
    None
}

/// Whether a heading's argument does not end in what comes behind its command.
fn heading_is_open(behind: &str) -> bool {
    let mut rest = behind.trim_start();
    if let Some(short) = rest.strip_prefix('[') {
        let Some((_, after)) = short.split_once(']') else { return true };
        rest = after.trim_start();
    }
    rest.is_empty() || (rest.starts_with('{') && argument(rest).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_stand_for_a_heading_are_expanded() {
        for (source, expected) in [
            ("\\newcommand{\\partie}[1]{\\section{#1}}\\partie{A {b}} c", "\\section{A {b}} c"),
            ("\\def\\partie#1{\\clearpage\\section{#1}}\\partie{A}", "\\clearpage\\section{A}"),
            ("\\newcommand\\sect{\\section*}\\sect{A}", "\\section*{A}"),
            ("\\let\\sect\\subsection \\sect{A}", " \\subsection{A}"),
            ("\\newcommand{\\aws}{Amazon}\\aws", "\\newcommand{\\aws}{Amazon}\\aws"),
            ("\\renewcommand{\\section}[1]{\\section{#1}}\\section{A}", "\\section{A}"),
        ] {
            assert_eq!(Macros::default().expand(source), expected);
        }
    }

    #[test]
    fn what_goes_on_in_the_next_line_is_open() {
        let mut macros = Macros::default();
        macros.expand("\\newcommand{\\partie}[1]{\\section{#1}}");
        for line in ["\\section", "\\section[a", "\\section[a]", "\\section{a", "\\partie{a", "\\newcommand{\\x}[1]{"] {
            assert!(macros.is_open(line), "{line}");
        }
        for line in ["\\section{a}", "\\section[a]{b} c {", "\\sectionmark", "a {", "\\partie{a}"] {
            assert!(!macros.is_open(line), "{line}");
        }
    }
}
