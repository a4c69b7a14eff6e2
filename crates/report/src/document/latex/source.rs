//! What LaTeX writes, without its commands.

use regex::Captures;
use unicode_normalization::UnicodeNormalization;

use super::Patterns;

/// A file that another includes: the folder that paths in it begin at, and its path there.
pub(super) struct Inclusion {
    pub(super) base: String,
    pub(super) name: String,
}

impl Inclusion {
    pub(super) fn of(found: &Captures<'_>, base: &str) -> Self {
        let text = |number: usize| found.get(number).map(|part| part.as_str().trim());
        let name = text(5).or_else(|| text(1)).or_else(|| text(2)).unwrap_or_default().to_owned();
        // `\subimport` begins at the folder that the file itself was imported from.
        let above = if text(4).is_none() || text(3).is_some() { base } else { "" };
        let base = match text(4).map(|folder| folder.trim_end_matches('/')) {
            None | Some("" | ".") => above.to_owned(),
            Some(folder) => format!("{above}{folder}/"),
        };
        Self { base, name }
    }
}

/// 1 is the document's own.
pub(super) fn level_of(command: &str) -> u8 {
    match command {
        "title" | "part" => 1,
        "chapter" => 2,
        "section" => 3,
        "subsection" => 4,
        "subsubsection" => 5,
        "paragraph" => 6,
        _ => 7,
    }
}

/// What comes behind the arguments of an environment: `{|l|c|}` and `[h]`.
pub(super) fn after_arguments(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(open) = rest.chars().next().filter(|c| matches!(c, '{' | '[')) {
        let close = if open == '{' { '}' } else { ']' };
        let mut depth = 0_u32;
        let end = rest.char_indices().find_map(|(at, c)| {
            depth = if c == open { depth + 1 } else { depth - u32::from(c == close && depth > 0) };
            (depth == 0).then_some(at + c.len_utf8())
        });
        rest = end.map_or("", |end| rest[end..].trim_start());
    }
    rest
}

pub(super) fn plain(patterns: &Patterns, line: &str) -> String {
    let line = patterns.accent.replace_all(line, accented);
    let line = line.replace("\\&", "&").replace("\\_", "_").replace("\\%", "%").replace("\\#", "#");
    let words = patterns.command.replace_all(&line, " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How many columns `{|l|c|p{3cm}|}` says; `{\textwidth}{lX}` has its width first.
pub(super) fn columns_in(arguments: &str) -> u64 {
    let (mut depth, mut columns) = (0_u32, 0);
    for c in arguments.chars() {
        match c {
            '{' => {
                depth += 1;
                if depth == 1 {
                    columns = 0;
                }
            }
            '}' => depth = depth.saturating_sub(1),
            'l' | 'c' | 'r' | 'p' | 'm' | 'b' | 'X' if depth == 1 => columns += 1,
            _ => {}
        }
    }
    columns.max(1)
}

/// `\'e` is `é`.
fn accented(letter: &Captures<'_>) -> String {
    let mark = match letter.get(1).or_else(|| letter.get(2)).map(|mark| mark.as_str()) {
        Some("'") => "\u{301}",
        Some("`") => "\u{300}",
        Some("^") => "\u{302}",
        Some("\"") => "\u{308}",
        Some("~") => "\u{303}",
        Some("c") => "\u{327}",
        Some("v") => "\u{30c}",
        _ => "",
    };
    format!("{}{mark}", letter[3].trim_start_matches('\\')).nfc().collect()
}

/// Up to a `%` that is not escaped.
pub(super) fn without_comment(line: &str) -> &str {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c == '%' && !escaped {
            return &line[..at];
        }
        escaped = c == '\\' && !escaped;
    }
    line
}
