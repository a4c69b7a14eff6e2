//! Text, headings and figures out of each format.

mod archive;
mod clean;
mod docx;
mod latex;
mod markdown;
mod notebook;
mod odt;
mod pdf;
mod unseen;
mod xml;
mod zipped;

use std::fmt;
use std::sync::{LazyLock, Once};

use regex::Regex;
use serde::{Deserialize, Serialize};

pub(super) use clean::Raw;
pub(super) use latex::is_main as is_main_latex;
pub(super) use stackmark_evidence::closed::DocumentFormat as Format;

use unseen::Unseen;

use stackmark_code::as_markdown::{ENDINGS, as_markdown};
use stackmark_code::markdown::{count_words, is_bold_title, plain_outline, shown};
use stackmark_code::text::{decode, folded_words};
use stackmark_evidence::{Cause, Unreadable};

/// What a document says.
///
/// Lists end at [`MAX_ITEMS`]; `None` says that the format does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) format: Format,
    /// All text, line by line; of DOCX, paragraph by paragraph.
    pub(super) lines: Vec<Line>,
    pub(super) headings: Vec<Line>,
    pub(super) words: u64,
    pub(super) pages: Option<u64>,
    /// How many figures; [`Content::figure_list`] has those that a caption or a path tells of.
    pub(super) figures: Option<u64>,
    pub(super) figure_list: Vec<Figure>,
    pub(super) tables: Option<Vec<Table>>,
    /// Blocks of code that the format marks as such.
    pub(super) listings: Option<Vec<Listing>>,
    /// Addresses and files that the document refers to; targets as the document writes them.
    pub(super) links: Vec<Link>,
    /// Text that a reader may not see; it is among the rest.
    #[serde(default)]
    pub(super) unseen: Unseen,
    /// Path inside of the archive that it was read from.
    pub(super) member: Option<String>,
    /// How many secrets were taken out of it.
    #[serde(default)]
    pub(super) secrets: u64,
    /// Of all lines.
    #[serde(skip)]
    text_bytes: usize,
}

/// A figure with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Figure {
    /// Its caption, or the text that stands for it.
    pub(super) caption: Option<String>,
    /// Path or address of the image.
    pub(super) target: Option<String>,
    pub(super) place: Place,
}

/// A table; the text of its cells stands among the lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    /// The head's included.
    pub(super) rows: u64,
    /// Of the widest row.
    pub(super) columns: u64,
    pub(super) place: Place,
}

/// A block of code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listing {
    /// As the document names it: `sh`, `python`.
    pub(super) language: Option<String>,
    pub(super) text: String,
    pub(super) place: Place,
}

/// Something that the document refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Link {
    pub(super) target: String,
    pub(super) place: Place,
}

/// A thesis has half of this; what reads the text further on takes its time with each word.
pub(super) const MAX_TEXT_BYTES: usize = 1 << 20;
pub(super) const MAX_LINES: usize = 200_000;

impl Content {
    /// Adds a line of text.
    ///
    /// # Errors
    /// `Refused` where there is more text than a report has.
    fn push(&mut self, line: Line) -> Result<(), Unreadable> {
        self.text_bytes += line.text.len();
        if self.text_bytes > MAX_TEXT_BYTES || self.lines.len() >= MAX_LINES {
            return Err(too_long());
        }
        self.lines.push(line);
        Ok(())
    }
}

impl Content {
    /// Goes on with another file of the same document; `placed` tells where what stands in that file stands in the whole.
    ///
    /// # Errors
    /// `Refused` where there is more text than a report has.
    pub(super) fn append(&mut self, other: Self, placed: impl Fn(Place) -> Place) -> Result<(), Unreadable> {
        for line in other.lines {
            self.push(Line { place: placed(line.place), ..line })?;
        }
        self.headings.extend(other.headings.into_iter().map(|line| Line { place: placed(line.place), ..line }));
        self.words += other.words;
        self.secrets += other.secrets;
        self.unseen.append(other.unseen);
        if let Some(more) = other.figures {
            *self.figures.get_or_insert_default() += more;
        }
        for figure in other.figure_list {
            keep(&mut self.figure_list, Figure { place: placed(figure.place), ..figure });
        }
        for link in other.links {
            keep(&mut self.links, Link { place: placed(link.place), ..link });
        }
        if let Some(more) = other.tables {
            let tables = self.tables.get_or_insert_default();
            more.into_iter().for_each(|table| keep(tables, Table { place: placed(table.place), ..table }));
        }
        if let Some(more) = other.listings {
            let listings = self.listings.get_or_insert_default();
            more.into_iter().for_each(|listing| keep(listings, Listing { place: placed(listing.place), ..listing }));
        }
        Ok(())
    }
}

/// The refusal of a document with more text than is read.
pub(super) fn too_long() -> Unreadable {
    let detail = format!("it has more text than the {} MiB that are read of a report", MAX_TEXT_BYTES >> 20);
    Unreadable::new(Cause::Refused, detail)
}

/// Most figures, tables, listings and links of one document that are kept, of each.
const MAX_ITEMS: usize = 1000;

/// Adds to a list that has an end.
fn keep<T>(list: &mut Vec<T>, item: T) {
    if list.len() < MAX_ITEMS {
        list.push(item);
    }
}

/// A piece of text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) place: Place,
    /// What the format says that it is.
    #[serde(default)]
    pub(super) shape: Shape,
}

impl Line {
    pub(super) fn new(text: impl Into<String>, place: Place) -> Self {
        Self { text: text.into(), place, shape: Shape::Text }
    }

    /// The same line as another kind of content.
    pub(super) fn shaped(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }
}

/// What a format says of a line. Markdown and plain text say it by signs within the line, which the outline reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Shape {
    #[default]
    Text,
    /// Of this level; 1 is the top.
    Heading(u8),
    /// Of a list.
    Item,
    /// Of a table, its cells between `|`.
    Row,
    /// The text is the caption, or nothing.
    Figure,
    Code,
}

/// Where a piece of text stands, one-based.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Place {
    Line(u64),
    Page(u64),
    Paragraph(u64),
    /// Of a notebook.
    Cell(u64),
    LineOf(u64, String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Page(number) => write!(f, "page {number}"),
            Self::Paragraph(number) => write!(f, "paragraph {number}"),
            Self::Cell(number) => write!(f, "cell {number}"),
            Self::LineOf(number, file) => write!(f, "line {number} of {file}"),
        }
    }
}

/// Whether the format is read line by line, by nothing that a file could lead astray.
pub(super) fn is_plain(extension: &str) -> bool {
    ENDINGS.contains(&extension) || matches!(extension, "rst" | "txt") || unread(extension).is_some()
}

/// What to do about a format that is not read.
fn unread(extension: &str) -> Option<&'static str> {
    match extension {
        "doc" => Some("Word's old format is not read; save it as PDF or DOCX, and commit that"),
        "pages" => Some("a Pages document is not read; export it as PDF, and commit that"),
        "rtf" => Some("rich text is not read; save it as PDF or DOCX, and commit that"),
        "html" | "htm" => Some("HTML is not read; print it to a PDF, and commit that"),
        "pdf" | "docx" | "odt" | "tex" | "rst" | "txt" | "ipynb" | "zip" => None,
        "pptx" | "ppt" | "odp" | "key" => Some("slides are not read; export them as PDF, and commit that"),
        ending if ENDINGS.contains(&ending) => None,
        _ => Some("a format that is not read; save it as PDF, and commit that"),
    }
}

/// Reads `bytes` as the format that the path's extension tells; LaTeX has [`latex`].
///
/// # Errors
/// `Malformed` where the file is damaged, encrypted or holds no text; `Refused` where it would unpack to too much. The
/// detail does not name the file.
pub(super) fn read(extension: &str, bytes: Vec<u8>) -> Result<Raw, Unreadable> {
    parsed(extension, bytes).map(Raw)
}

/// Reads Markdown as GitHub does.
pub(super) fn markdown(text: &str) -> Content {
    Raw(markdown::markdown(text)).clean()
}

/// Reads LaTeX; `included` gives the text of another file of the same document by the path that the document writes.
///
/// # Errors
/// `Refused` where there is more text than a report has; `Malformed` where a chapter cannot be read.
pub(super) fn latex(source: &str, included: &dyn Fn(&str) -> Option<String>) -> Result<Raw, Unreadable> {
    latex::latex(source, included).map(Raw)
}

/// What a file says, its secrets among it.
fn parsed(extension: &str, bytes: Vec<u8>) -> Result<Content, Unreadable> {
    if let Some(what_to_do) = unread(extension) {
        return Err(Unreadable::new(Cause::Refused, what_to_do));
    }
    if is_plain(extension) && bytes.len() > MAX_TEXT_BYTES {
        return Err(too_long());
    }
    let content = match extension {
        "pdf" => with_a_large_stack(move || pdf::read(&bytes))?,
        "docx" => docx::read(&bytes)?,
        "odt" => odt::read(&bytes)?,
        "ipynb" => notebook::read(&bytes)?,
        "zip" => zipped::read(&bytes)?,
        ending if ENDINGS.contains(&ending) => markdown::markdown(&as_markdown(ending, &shown(&decode(&bytes)))),
        _ => plain(&decode(&bytes)),
    };
    if content.words == 0 {
        return Err(Unreadable::new(Cause::Malformed, "there is no text in it"));
    }
    Ok(content)
}

/// What the parsers nest into one another is deep in some honest files already.
const STACK_BYTES: usize = 64 << 20;
const THREAD: &str = "document-reader";

/// Runs a parser that panics on what it does not know: a panic is a damaged file.
fn with_a_large_stack(
    read: impl FnOnce() -> Result<Content, Unreadable> + Send + 'static,
) -> Result<Content, Unreadable> {
    silence_panics_of_the_reader();
    std::thread::Builder::new()
        .name(THREAD.to_owned())
        .stack_size(STACK_BYTES)
        .spawn(read)
        .map_err(|error| Unreadable::new(Cause::Refused, format!("no thread to read it in: {error}")))?
        .join()
        .unwrap_or_else(|_| Err(Unreadable::new(Cause::Malformed, "the file is damaged")))
}

/// A panic is handled, and no news for the user.
fn silence_panics_of_the_reader() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let others = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().name() != Some(THREAD) {
                others(info);
            }
        }));
    });
}

fn plain(text: &str) -> Content {
    let outline = plain_outline(text);
    let headings = outline.headings.into_iter().map(|(line, text)| Line::new(text, Place::Line(line))).collect();
    let mut content = Content { lines: numbered(text), headings, words: outline.words, ..Content::default() };
    content.links = addresses(&content.lines);
    content
}

/// The addresses that stand in the text itself, for formats that do not mark them.
fn addresses(lines: &[Line]) -> Vec<Link> {
    static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"https?://[^\s<>()\[\]{}"'`|\\^]+"#).ok());
    let mut links = Vec::new();
    for line in lines {
        for found in ADDRESS.iter().flat_map(|address| address.find_iter(&line.text)) {
            let target = found.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_']).to_owned();
            keep(&mut links, Link { target, place: line.place.clone() });
        }
    }
    links
}

fn numbered(text: &str) -> Vec<Line> {
    (1..).zip(text.lines()).map(|(number, line)| Line::new(line, Place::Line(number))).collect()
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
    /// Whether hardly one of `words`, all of the text, in twenty holds a sentence of these languages together.
    pub(super) fn is_without_stop_words(words: &[String]) -> bool {
        let known = [&STOP_WORDS.en, &STOP_WORDS.fr, &STOP_WORDS.it];
        words.iter().filter(|word| known.iter().any(|list| list.contains(word))).count() * 20 < words.len()
    }

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
