//! Text and sections out of LaTeX sources.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Content, Format, Line, MAX_TEXT_BYTES, Place, too_long, words_in};
use crate::evidence::Unreadable;

/// Files that include one another in a circle end here.
const MAX_DEPTH: u32 = 5;
const MAX_LINES: usize = 200_000;

struct Patterns {
    section: Regex,
    include: Regex,
    accent: Regex,
    command: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        section: Regex::new(r"\\(?:title|chapter|(?:sub){0,2}section|paragraph)\*?(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}").ok()?,
        include: Regex::new(r"\\(?:input|include|subfile)\{([^{}]+)\}").ok()?,
        accent: Regex::new(r#"\\(?:['`^"~=.]|[cuvH](?:\s|\{))\{?(\\?[A-Za-z])\}?"#).ok()?,
        command: Regex::new(r"\\(?:begin|end|usepackage|documentclass|label|ref|cite|includegraphics)\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})?|\\[A-Za-z]+\*?(?:\[[^\]]*\])?|[{}$~]|\\\\").ok()?,
    })
});

/// A document of its own, not a chapter of another.
pub(in super::super) fn is_main(source: &str) -> bool {
    source.contains("\\documentclass") || source.contains("\\begin{document}")
}

/// Reads `source`; `included` gives the text of another file of the same document by the path that the document writes.
pub(in super::super) fn latex(source: &str, included: &dyn Fn(&str) -> Option<String>) -> Result<Content, Unreadable> {
    if source.len() > MAX_TEXT_BYTES {
        return Err(too_long());
    }
    let mut content = Content { format: Format::Latex, figures: Some(0), ..Content::default() };
    if let Some(patterns) = PATTERNS.as_ref() {
        append(&mut content, patterns, source, None, included, 0);
    }
    content.words = words_in(&content.lines);
    Ok(content)
}

fn append(
    content: &mut Content,
    patterns: &Patterns,
    source: &str,
    file: Option<&str>,
    included: &dyn Fn(&str) -> Option<String>,
    depth: u32,
) {
    for (number, line) in (1..).zip(source.lines()) {
        if content.lines.len() >= MAX_LINES {
            return;
        }
        let line = without_comment(line);
        let place = match file {
            None => Place::Line(number),
            Some(file) => Place::LineOf(number, file.to_owned()),
        };
        for heading in patterns.section.captures_iter(line) {
            let text = plain(patterns, &heading[1]);
            if !text.is_empty() {
                content.headings.push(Line { text, place: place.clone() });
            }
        }
        if line.contains("\\includegraphics") || line.contains("\\begin{tikzpicture}") {
            content.figures = content.figures.map(|figures| figures + 1);
        }
        let text = plain(patterns, line);
        content.lines.push(Line { text, place });
        for other in patterns.include.captures_iter(line).filter(|_| depth < MAX_DEPTH) {
            if let Some(text) = included(&other[1]) {
                append(content, patterns, &text, Some(&other[1]), included, depth + 1);
            }
        }
    }
}

fn plain(patterns: &Patterns, line: &str) -> String {
    let line = patterns.accent.replace_all(line, |letter: &Captures<'_>| letter[1].trim_start_matches('\\').to_owned());
    let line = line.replace("\\&", "&").replace("\\_", "_").replace("\\%", "%").replace("\\#", "#");
    let words = patterns.command.replace_all(&line, " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Up to a `%` that is not escaped.
fn without_comment(line: &str) -> &str {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c == '%' && !escaped {
            return &line[..at];
        }
        escaped = c == '\\' && !escaped;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_text_and_included_files_are_read() {
        let source = "\\documentclass{article}\n\\begin{document}\n\\section*{D\\'eploiement {\\it du} service}\n\
                      50\\% done % not \\section{this}\n\\input{parts/end}\n\\includegraphics[width=1cm]{a.png}\n\\end{document}\n";
        let included =
            |path: &str| (path == "parts/end").then(|| "\\subsection{Résultats}\n\\input{parts/end}\n".to_owned());
        let content = latex(source, &included).unwrap();
        let headings: Vec<String> = content.headings.iter().map(|h| format!("{} @ {}", h.text, h.place)).collect();
        assert_eq!(headings[0], "Deploiement du service @ line 3");
        assert_eq!(headings[1], "Résultats @ line 1 of parts/end");
        assert_eq!(headings.len(), 1 + MAX_DEPTH as usize, "a file that includes itself ends");
        assert_eq!(content.figures, Some(1));
        assert!(content.lines.iter().any(|line| line.text == "50% done"));
        assert!(is_main(source) && !is_main("\\section{A}"));
    }
}
