//! Text, headings, figures, tables and links out of OpenDocument text, as LibreOffice writes it.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::archive::{self, malformed};
use super::docx::{character, value};
use super::{Content, Figure, Format, Line, Link, Place, Table, addresses, keep, words_in};
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
    let mut body = Body::default();
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

/// Up to where the body was read.
struct Body {
    content: Content,
    text: String,
    /// Inside so many paragraphs: a note or a text box stands in another.
    paragraphs: u32,
    /// What was deleted, with changes tracked.
    deleted: u32,
    table: Option<(Table, u64)>,
}

impl Default for Body {
    fn default() -> Self {
        let content = Content { format: Format::Odt, figures: Some(0), tables: Some(Vec::new()), ..Content::default() };
        Self { content, text: String::new(), paragraphs: 0, deleted: 0, table: None }
    }
}

impl Body {
    fn read(&mut self, xml: &str) -> Result<(), Unreadable> {
        let mut reader = Reader::from_str(xml);
        loop {
            let event = reader.read_event().map_err(|error| malformed(format!("content.xml: {error}")))?;
            let shown = self.paragraphs > 0 && self.deleted == 0;
            match event {
                Event::Start(tag) => {
                    match tag.local_name().as_ref() {
                        "p" | "h" => self.paragraphs += 1,
                        "tracked-changes" => self.deleted += 1,
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
                        self.paragraph(name == "h")?;
                    }
                    "tracked-changes" => self.deleted = self.deleted.saturating_sub(1),
                    "table" => {
                        if let (Some((table, _)), Some(tables)) = (self.table.take(), &mut self.content.tables) {
                            keep(tables, table);
                        }
                    }
                    _ => {}
                },
                Event::Text(piece) if shown => self.text.push_str(&piece.xml10_content()),
                Event::CData(piece) if shown => self.text.push_str(&piece.xml10_content()),
                Event::GeneralRef(name) if shown => self.text.push(character(&name)),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn item(&mut self, tag: &BytesStart<'_>) {
        let place = Place::Paragraph(self.content.lines.len() as u64 + 1);
        match tag.local_name().as_ref() {
            "a" => {
                if let Some(target) = value(tag, "href") {
                    keep(&mut self.content.links, Link { target, place });
                }
            }
            "image" => {
                self.content.figures = self.content.figures.map(|figures| figures + 1);
                keep(&mut self.content.figure_list, Figure { caption: None, target: value(tag, "href"), place });
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
                }
            }
            _ => {}
        }
    }

    fn paragraph(&mut self, is_heading: bool) -> Result<(), Unreadable> {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        let line = Line { text, place: Place::Paragraph(self.content.lines.len() as u64 + 1) };
        if is_heading && !line.text.is_empty() {
            self.content.headings.push(line.clone());
        }
        self.content.push(line)
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
        assert_eq!(lines, ["", "R&D", "See it", "a"]);
        assert_eq!(content.headings[0].text, "R&D");
        assert_eq!((content.words, content.pages, content.figures), (4, Some(4), Some(1)));
        assert_eq!(content.links[0].target, "https://example.org");
        assert_eq!(content.tables.unwrap(), [Table { rows: 1, columns: 2, place: Place::Paragraph(4) }]);
    }

    #[test]
    fn an_encrypted_one_says_so() {
        let failure = read(&odt("<manifest:encryption-data/>", "\u{1}")).unwrap_err();
        assert!(failure.detail.contains("encrypted"), "{failure}");
    }
}
