//! Text, headings and figures out of each format.

mod docx;
mod latex;
mod pdf;

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

pub(super) use latex::{is_main as is_main_latex, latex};

use crate::collect::code::markdown::{self, count_words};
use crate::collect::code::text::{decode, folded_words};
use crate::evidence::{Cause, Unreadable};

/// What a document says.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// `markdown`, `pdf`, `docx`, `latex` or `text`.
    pub(super) format: &'static str,
    /// All text, line by line; of DOCX, paragraph by paragraph.
    pub(super) lines: Vec<Line>,
    pub(super) headings: Vec<Line>,
    pub(super) words: u64,
    pub(super) pages: Option<u64>,
    pub(super) figures: Option<u64>,
}

/// A piece of text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) place: Place,
}

/// Where a piece of text stands, one-based.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Line(u64),
    Page(u64),
    Paragraph(u64),
    LineOf(u64, String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Page(number) => write!(f, "page {number}"),
            Self::Paragraph(number) => write!(f, "paragraph {number}"),
            Self::LineOf(number, file) => write!(f, "line {number} of {file}"),
        }
    }
}

/// Reads `bytes` as the format that the path's extension tells; LaTeX has [`latex`].
///
/// # Errors
/// `Malformed` where the file is damaged, encrypted or holds no text; `Refused` where it would unpack to too much;
/// `Timeout` where reading takes too long. The detail does not name the file.
pub(super) fn read(extension: &str, bytes: Vec<u8>) -> Result<Content, Unreadable> {
    let content = match extension {
        "pdf" => pdf::read(bytes)?,
        "docx" => docx::read(&bytes)?,
        "md" | "markdown" => markdown(&decode(&bytes)),
        _ => plain(&decode(&bytes)),
    };
    if content.words == 0 {
        let why = match extension {
            "pdf" => "there is no text in it; is it a scan?",
            _ => "there is no text in it",
        };
        return Err(Unreadable::new(Cause::Malformed, why));
    }
    Ok(content)
}

pub(super) fn markdown(text: &str) -> Content {
    from_outline("markdown", markdown::outline(text), text)
}

fn plain(text: &str) -> Content {
    from_outline("text", markdown::plain_outline(text), text)
}

fn from_outline(format: &'static str, outline: markdown::Outline, text: &str) -> Content {
    Content {
        format,
        lines: numbered(text),
        headings: outline.headings.into_iter().map(|(line, text)| Line { text, place: Place::Line(line) }).collect(),
        words: outline.words,
        pages: None,
        figures: (format == "markdown").then_some(outline.images),
    }
}

fn numbered(text: &str) -> Vec<Line> {
    (1..).zip(text.lines()).map(|(number, line)| Line { text: line.to_owned(), place: Place::Line(number) }).collect()
}

fn words_in(lines: &[Line]) -> u64 {
    lines.iter().map(|line| count_words(&line.text)).sum()
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct StopWords {
    en: Vec<String>,
    fr: Vec<String>,
    it: Vec<String>,
}

/// A test holds the embedded table to parse.
static STOP_WORDS: LazyLock<StopWords> =
    LazyLock::new(|| toml::from_str(include_str!("../stopwords.toml")).unwrap_or_default());

impl Content {
    /// `en`, `fr` or `it`, by stop words; English where nothing tells.
    pub(super) fn language(&self) -> &'static str {
        let words: Vec<String> = self.lines.iter().flat_map(|line| folded_words(&line.text)).collect();
        let count = |stop_words: &[String]| words.iter().filter(|word| stop_words.contains(word)).count();
        [("fr", count(&STOP_WORDS.fr)), ("it", count(&STOP_WORDS.it))]
            .into_iter()
            .fold(("en", count(&STOP_WORDS.en)), |best, next| if next.1 > best.1 { next } else { best })
            .0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told() {
        assert_eq!(markdown("The cluster is made of five instances.").language(), "en");
        assert_eq!(markdown("La grappe est faite de cinq instances pour le test.").language(), "fr");
        assert_eq!(markdown("Il cluster è fatto di cinque istanze per la prova.").language(), "it");
    }

    #[test]
    fn a_file_without_text_is_not_an_empty_report() {
        let failure = read("md", b"\n\n".to_vec()).unwrap_err();
        assert_eq!(failure.cause, Cause::Malformed);
    }
}
