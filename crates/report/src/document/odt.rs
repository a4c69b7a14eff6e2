//! Text, headings, figures, tables and links out of OpenDocument text, as LibreOffice writes it.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::archive::{self, malformed};
use super::docx::LONGEST_CELL;
use super::xml::{character, value};
use super::{
    Content, Figure, Format, Line, Link, MAX_LINES, Place, Shape, Table, addresses, is_bold_title, keep, too_long,
    words_in,
};
use stackmark_code::markdown::count_words;
use stackmark_evidence::Unreadable;

pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut archive = archive::open(bytes, "ODT file")?;
    let manifest = archive::text(&mut archive, "META-INF/manifest.xml").ok().flatten().unwrap_or_default();
    if manifest.contains("encryption-data") {
        return Err(malformed("it is encrypted and opens with a password only; save it without one"));
    }
    let Some(xml) = archive::text(&mut archive, "content.xml")? else {
        return Err(malformed("no content.xml in the archive"));
    };
    let mut body = Body::new();
    body.read(&xml)?;
    let mut content = body.content;
    content.words = words_in(&content.lines);
    content.pages = archive::text(&mut archive, "meta.xml").ok().flatten().and_then(|xml| pages(&xml));
    for link in addresses(&content.lines) {
        if !content.links.contains(&link) {
            keep(&mut content.links, link);
        }
    }
    Ok(content)
}

fn pages(meta: &str) -> Option<u64> {
    let (_, rest) = meta.split_once("page-count=\"")?;
    rest.split_once('"')?.0.parse().ok().filter(|&pages| pages > 0)
}

/// What a style makes of letters.
#[derive(Default, Clone, Copy)]
struct Look {
    bold: bool,
    hidden: bool,
}

/// Below all headings that a style makes.
const BOLD_LEVEL: u8 = 9;

/// Up to where the body was read.
#[derive(Default)]
struct Body {
    content: Content,
    text: String,
    /// Styles of the document's own, and the one that is being read.
    looks: BTreeMap<String, Look>,
    style: Option<String>,
    /// Of the open paragraphs and spans, the innermost last.
    open: Vec<Look>,
    /// Letters of the paragraph, and those of them in bold.
    letters: (u64, u64),
    /// Of the heading under way.
    level: Option<u8>,
    /// Inside so many paragraphs: a note or a text box stands in another.
    paragraphs: u32,
    /// Inside so many items of lists.
    items: u32,
    /// What was deleted, with changes tracked.
    deleted: u32,
    /// Paragraphs so far, those in tables as well.
    count: u64,
    table: Option<(Table, u64)>,
    /// Its row: the paragraphs of each cell.
    row: Vec<Vec<Line>>,
    /// How many these are.
    row_lines: usize,
}

impl Body {
    fn new() -> Self {
        let content = Content { format: Format::Odt, figures: Some(0), tables: Some(Vec::new()), ..Content::default() };
        Self { content, ..Self::default() }
    }

    fn read(&mut self, xml: &str) -> Result<(), Unreadable> {
        let mut reader = Reader::from_str(xml);
        loop {
            let event = reader.read_event().map_err(|error| malformed(format!("content.xml: {error}")))?;
            let shown = self.paragraphs > 0 && self.deleted == 0 && !self.looks_so(|look| look.hidden);
            match event {
                Event::Start(tag) => {
                    match tag.local_name().as_ref() {
                        name @ ("p" | "h") => {
                            self.paragraphs += 1;
                            self.open.push(self.look_of(&tag));
                            let level =
                                || value(&tag, "outline-level").and_then(|level| level.parse().ok()).unwrap_or(1);
                            self.level = (name == "h").then(level);
                        }
                        "span" => self.open.push(self.look_of(&tag)),
                        "tracked-changes" => self.deleted += 1,
                        "list-item" => self.items += 1,
                        "style" => self.style = value(&tag, "name"),
                        _ => {}
                    }
                    self.item(&tag);
                }
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "s" | "tab" | "line-break" => self.text.push(' '),
                    "p" | "h" => self.paragraph(false)?,
                    _ => self.item(&tag),
                },
                Event::End(tag) => match tag.local_name().as_ref() {
                    name @ ("p" | "h") => {
                        self.paragraphs = self.paragraphs.saturating_sub(1);
                        self.open.pop();
                        self.paragraph(name == "h")?;
                    }
                    "span" => {
                        self.open.pop();
                    }
                    "tracked-changes" => self.deleted = self.deleted.saturating_sub(1),
                    "list-item" => self.items = self.items.saturating_sub(1),
                    "style" => self.style = None,
                    "table-row" => self.end_row()?,
                    "table" => {
                        if let (Some((table, _)), Some(tables)) = (self.table.take(), &mut self.content.tables) {
                            keep(tables, table);
                        }
                    }
                    _ => {}
                },
                Event::Text(piece) if shown => self.add(&piece.xml10_content()),
                Event::CData(piece) if shown => self.add(&piece.xml10_content()),
                Event::GeneralRef(name) if shown => self.add(character(&name).encode_utf8(&mut [0; 4])),
                Event::Eof => return self.end_row(),
                _ => {}
            }
        }
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        let letters = text.chars().filter(|c| c.is_alphanumeric()).count() as u64;
        self.letters.0 += letters;
        if self.looks_so(|look| look.bold) {
            self.letters.1 += letters;
        }
    }

    /// Whether one of the innermost paragraphs and spans looks so.
    fn looks_so(&self, is: impl Fn(&Look) -> bool) -> bool {
        const DEPTH: usize = 32;
        self.open.iter().rev().take(DEPTH).any(is)
    }

    fn look_of(&self, tag: &BytesStart<'_>) -> Look {
        value(tag, "style-name").and_then(|name| self.looks.get(&name).copied()).unwrap_or_default()
    }

    fn place(&self) -> Place {
        Place::Paragraph(self.count + 1)
    }

    fn item(&mut self, tag: &BytesStart<'_>) {
        let place = self.place();
        match tag.local_name().as_ref() {
            "text-properties" => {
                let bold = value(tag, "font-weight").is_some_and(|weight| weight == "bold" || weight == "700");
                let hidden = value(tag, "display").is_some_and(|display| display == "none");
                if let Some(style) = self.style.clone() {
                    self.looks.insert(style, Look { bold, hidden });
                }
            }
            "a" => {
                if let Some(target) = value(tag, "href") {
                    keep(&mut self.content.links, Link { target, place });
                }
            }
            "image" => {
                self.content.figures = self.content.figures.map(|figures| figures + 1);
                let line = Line::new("", place.clone()).shaped(Shape::Figure);
                keep(&mut self.content.figure_list, Figure { caption: None, target: value(tag, "href"), place });
                // It is counted all the same where there are too many lines.
                let _ = self.content.push(line);
            }
            "table" => self.table = Some((Table { rows: 0, columns: 0, place }, 0)),
            "table-row" => {
                if let Some((table, cells)) = &mut self.table {
                    table.rows += 1;
                    *cells = 0;
                }
            }
            "table-cell" => {
                if let Some((table, cells)) = &mut self.table {
                    *cells += 1;
                    table.columns = table.columns.max(*cells);
                    // Far more than any table has.
                    if self.row.len() < MAX_LINES {
                        self.row.push(Vec::new());
                    }
                }
            }
            _ => {}
        }
    }

    fn paragraph(&mut self, is_heading: bool) -> Result<(), Unreadable> {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let (letters, bold) = std::mem::take(&mut self.letters);
        let line = Line::new(text, self.place());
        self.count += 1;
        if self.table.is_some()
            && let Some(cell) = self.row.last_mut()
        {
            self.row_lines += 1;
            if self.row_lines > MAX_LINES {
                return Err(too_long());
            }
            cell.push(line);
            return Ok(());
        }
        let is_title = letters > 0 && bold == letters && self.items == 0 && is_bold_title(&line.text);
        if (is_heading || is_title) && !line.text.is_empty() {
            let level = if is_heading { self.level.take().unwrap_or(1) } else { BOLD_LEVEL };
            self.content.headings.push(line.clone().shaped(Shape::Heading(level)));
        }
        let shape = if self.items > 0 && !is_heading { Shape::Item } else { Shape::Text };
        self.content.push(line.shaped(shape))
    }

    /// Adds the row of a table as one line, or what stands in its cells, where the table only lays the page out.
    fn end_row(&mut self) -> Result<(), Unreadable> {
        let cells = std::mem::take(&mut self.row);
        self.row_lines = 0;
        let words = |cell: &Vec<Line>| cell.iter().map(|line| count_words(&line.text)).sum::<u64>();
        if cells.len() < 2 || cells.iter().any(|cell| words(cell) > LONGEST_CELL) {
            for line in cells.into_iter().flatten() {
                self.content.push(line)?;
            }
            return Ok(());
        }
        let Some(place) = cells.iter().flatten().map(|line| line.place.clone()).next() else { return Ok(()) };
        let texts: Vec<String> = cells
            .iter()
            .map(|cell| cell.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ").trim().to_owned())
            .collect();
        if texts.iter().all(String::is_empty) {
            return Ok(());
        }
        self.content.push(Line::new(format!("| {} |", texts.join(" | ")), place).shaped(Shape::Row))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn odt(manifest: &str, body: &str) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let meta = "<meta:document-statistic meta:page-count=\"4\"/>";
        for (name, text) in [("content.xml", body), ("META-INF/manifest.xml", manifest), ("meta.xml", meta)] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn an_opendocument_text_is_read() {
        let body = "<office:text><text:tracked-changes><text:p>gone</text:p></text:tracked-changes>\
            <text:h>R&amp;D</text:h><text:p>See<text:s/><text:a xlink:href=\"https://example.org\">it</text:a></text:p>\
            <draw:frame><draw:image xlink:href=\"Pictures/a.png\"/></draw:frame>\
            <table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell/>\
            </table:table-row></table:table></office:text>";
        let content = read(&odt("", body)).unwrap();
        let lines: Vec<&str> = content.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["", "R&D", "See it", "", "| a |  |"]);
        assert_eq!(content.headings[0].text, "R&D");
        assert_eq!((content.words, content.pages, content.figures), (4, Some(4), Some(1)));
        assert_eq!(content.links[0].target, "https://example.org");
        assert_eq!(content.tables.unwrap(), [Table { rows: 1, columns: 2, place: Place::Paragraph(4) }]);
    }

    #[test]
    fn what_is_hidden_bold_or_an_item_is_told_by_its_style() {
        let body = "<office:automatic-styles><style:style style:name=\"P1\"><style:text-properties fo:font-weight=\"bold\"/></style:style>\
            <style:style style:name=\"T1\"><style:text-properties text:display=\"none\"/></style:style></office:automatic-styles>\
            <text:p text:style-name=\"P1\">Deployment</text:p><text:p>Seen<text:span text:style-name=\"T1\"> and not</text:span></text:p>\
            <text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>";
        let content = read(&odt("", body)).unwrap();
        assert_eq!(content.headings, [Line::new("Deployment", Place::Paragraph(1)).shaped(Shape::Heading(BOLD_LEVEL))]);
        let lines: Vec<(Shape, &str)> = content.lines.iter().map(|line| (line.shape, line.text.as_str())).collect();
        assert_eq!(lines, [(Shape::Text, "Deployment"), (Shape::Text, "Seen"), (Shape::Item, "one")]);
    }

    #[test]
    fn an_encrypted_one_says_so() {
        let failure = read(&odt("<manifest:encryption-data/>", "\u{1}")).unwrap_err();
        assert!(failure.detail.contains("encrypted"), "{failure}");
    }
}
