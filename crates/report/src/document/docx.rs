//! Text, headings, figures, tables and links out of Word documents.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::archive::{self, malformed};
use super::{Content, Figure, Format, Line, Link, Listing, Place, Table, addresses, keep, words_in};
use stackmark_evidence::Unreadable;

pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut archive = archive::open(bytes, "DOCX file")?;
    let Some(xml) = archive::text(&mut archive, "word/document.xml")? else {
        return Err(malformed("no word/document.xml in the archive"));
    };
    // What its links and images are is worth less than its text.
    let targets = archive::text(&mut archive, "word/_rels/document.xml.rels").ok().flatten();
    let mut content = Body::new(targets.map(|xml| relations(&xml)).unwrap_or_default()).read(&xml)?;
    content.words = words_in(&content.lines);
    content.pages = archive::text(&mut archive, "docProps/app.xml").ok().flatten().and_then(|xml| pages(&xml));
    for link in addresses(&content.lines) {
        if !content.links.contains(&link) {
            keep(&mut content.links, link);
        }
    }
    Ok(content)
}

/// What Word last counted.
fn pages(app_xml: &str) -> Option<u64> {
    let (_, rest) = app_xml.split_once("<Pages>")?;
    rest.split_once("</Pages>")?.0.trim().parse().ok().filter(|&pages| pages > 0)
}

/// Targets of links and images by id.
fn relations(xml: &str) -> BTreeMap<String, String> {
    let mut targets = BTreeMap::new();
    let mut reader = Reader::from_str(xml);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "Relationship" => {
                targets.extend(value(&tag, "Id").zip(value(&tag, "Target")));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    targets
}

/// An attribute by its local name.
pub(super) fn value(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let value = attribute.value.replace("&amp;", "&").trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// What `&name;` stands for.
pub(super) fn character(name: &BytesRef<'_>) -> char {
    match name.resolve_char_ref() {
        Ok(Some(c)) => c,
        _ => match &*name.xml10_content() {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => ' ',
        },
    }
}

/// What a paragraph's style makes of it.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Style {
    #[default]
    Text,
    Heading,
    Caption,
    Code,
}

/// Up to where the body was read.
struct Body {
    targets: BTreeMap<String, String>,
    content: Content,
    text: String,
    style: Style,
    in_text: bool,
    /// Word writes some content twice, the second time for old readers.
    in_fallback: u32,
    /// Open tables, the innermost last, each with the cells of its row so far.
    tables: Vec<(Table, u64)>,
    /// The paragraph before this one was code.
    after_code: bool,
}

impl Body {
    fn new(targets: BTreeMap<String, String>) -> Self {
        let content =
            Content { format: Format::Docx, figures: Some(0), tables: Some(Vec::new()), ..Content::default() };
        Self {
            targets,
            content,
            text: String::new(),
            style: Style::Text,
            in_text: false,
            in_fallback: 0,
            tables: Vec::new(),
            after_code: false,
        }
    }

    fn read(mut self, xml: &str) -> Result<Content, Unreadable> {
        let mut reader = Reader::from_str(xml);
        loop {
            let event = reader.read_event().map_err(|error| malformed(format!("word/document.xml: {error}")))?;
            let shown = self.in_text && self.in_fallback == 0;
            match event {
                Event::Start(tag) => self.start(&tag),
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "pStyle" | "outlineLvl" => self.style = style(&tag, self.style),
                    "tab" | "br" | "cr" => self.text.push(' '),
                    "noBreakHyphen" => self.text.push('-'),
                    "drawing" | "pict" => {}
                    _ => self.start(&tag),
                },
                Event::End(tag) => self.end(tag.local_name().as_ref())?,
                Event::Text(piece) if shown => self.text.push_str(&piece.xml10_content()),
                Event::CData(piece) if shown => self.text.push_str(&piece.xml10_content()),
                Event::GeneralRef(name) if shown => self.text.push(character(&name)),
                Event::Eof => return Ok(self.content),
                _ => {}
            }
        }
    }

    /// Where the paragraph under way will stand.
    fn place(&self) -> Place {
        Place::Paragraph(self.content.lines.len() as u64 + 1)
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().as_ref() {
            "Fallback" => self.in_fallback += 1,
            "t" => self.in_text = true,
            "pStyle" | "outlineLvl" => self.style = style(tag, self.style),
            "drawing" | "pict" if self.in_fallback == 0 => {
                self.content.figures = self.content.figures.map(|figures| figures + 1);
                let figure = Figure { caption: None, target: None, place: self.place() };
                keep(&mut self.content.figure_list, figure);
            }
            "docPr" if self.in_fallback == 0 => {
                let text = value(tag, "descr");
                if let Some(figure) = self.content.figure_list.last_mut() {
                    figure.caption = figure.caption.take().or(text);
                }
            }
            "blip" if self.in_fallback == 0 => {
                let target = value(tag, "embed").and_then(|id| self.targets.get(&id).cloned());
                if let Some(figure) = self.content.figure_list.last_mut() {
                    figure.target = figure.target.take().or(target);
                }
            }
            "hyperlink" => {
                let target = value(tag, "id").and_then(|id| self.targets.get(&id).cloned());
                if let Some(target) = target {
                    let place = self.place();
                    keep(&mut self.content.links, Link { target, place });
                }
            }
            // Far deeper than anybody nests tables, and only those that are counted are kept.
            "tbl" if self.tables.len() < 100 => {
                self.tables.push((Table { rows: 0, columns: 0, place: self.place() }, 0));
            }
            "tr" => {
                if let Some((table, cells)) = self.tables.last_mut() {
                    table.rows += 1;
                    *cells = 0;
                }
            }
            "tc" => {
                if let Some((table, cells)) = self.tables.last_mut() {
                    *cells += 1;
                    table.columns = table.columns.max(*cells);
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> Result<(), Unreadable> {
        match name {
            "Fallback" => self.in_fallback = self.in_fallback.saturating_sub(1),
            "t" => self.in_text = false,
            "tbl" => {
                if let (Some((table, _)), Some(tables)) = (self.tables.pop(), &mut self.content.tables) {
                    keep(tables, table);
                }
            }
            "p" => self.paragraph()?,
            _ => {}
        }
        Ok(())
    }

    fn paragraph(&mut self) -> Result<(), Unreadable> {
        let text = std::mem::take(&mut self.text);
        let line = Line { text: text.trim().to_owned(), place: self.place() };
        let style = std::mem::take(&mut self.style);
        if !line.text.is_empty() {
            match style {
                Style::Heading => self.content.headings.push(line.clone()),
                Style::Caption => {
                    // Under its figure, or above one that comes later and is given none.
                    if let Some(figure) = self.content.figure_list.last_mut() {
                        figure.caption.get_or_insert_with(|| line.text.clone());
                    }
                }
                Style::Code => self.code(text.trim_end(), &line.place),
                Style::Text => {}
            }
        }
        self.after_code = style == Style::Code;
        self.content.push(line)
    }

    fn code(&mut self, text: &str, place: &Place) {
        let listings = self.content.listings.get_or_insert_default();
        match listings.last_mut().filter(|_| self.after_code) {
            Some(listing) => {
                listing.text.push('\n');
                listing.text.push_str(text);
            }
            None => keep(listings, Listing { language: None, text: text.to_owned(), place: place.clone() }),
        }
    }
}

/// Word names its styles in the language that it was installed in.
fn style(tag: &BytesStart<'_>, known: Style) -> Style {
    if tag.local_name().as_ref() == "outlineLvl" {
        return Style::Heading;
    }
    let style = value(tag, "val").unwrap_or_default().to_lowercase();
    let says = |names: &[&str]| names.iter().any(|name| style.contains(name));
    if says(&["heading", "titre", "titolo", "title", "berschrift"]) {
        Style::Heading
    } else if says(&["caption", "legende", "lgende", "légende", "didascalia"]) {
        Style::Caption
    } else if says(&["code", "preformat", "verbatim"]) {
        Style::Code
    } else {
        known
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::archive::MAX_XML_BYTES;
    use super::*;
    use stackmark_evidence::Cause;

    fn docx(document: &str) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
        archive.write_all(document.as_bytes()).unwrap();
        archive.start_file("word/_rels/document.xml.rels", SimpleFileOptions::default()).unwrap();
        archive.write_all(br#"<Relationships><Relationship Id="r1" Target="https://example.org/?a=1&amp;b=2"/><Relationship Id="r2" Target="media/cpu.png"/></Relationships>"#).unwrap();
        archive.start_file("docProps/app.xml", SimpleFileOptions::default()).unwrap();
        archive.write_all(b"<Properties><Pages>3</Pages></Properties>").unwrap();
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn paragraphs_headings_and_figures_are_read() {
        let xml = r#"<w:document xmlns:w="w"><w:body>
            <w:p><w:pPr><w:pStyle w:val="Titre1"/></w:pPr><w:r><w:t>R&amp;D</w:t><w:tab/><w:t>&#233;t&#xe9;</w:t></w:r></w:p>
            <w:p><w:r><w:t xml:space="preserve">one </w:t></w:r><w:r><w:t>two</w:t><w:drawing/></w:r></w:p>
            <w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing><w:x/></w:drawing></mc:Choice><mc:Fallback><w:pict><w:t>old</w:t></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>
            </w:body></w:document>"#;
        let content = read(&docx(xml)).unwrap();
        assert_eq!(content.headings, [Line { text: "R&D été".into(), place: Place::Paragraph(1) }]);
        assert_eq!(content.lines[1].text, "one two");
        assert_eq!((content.words, content.pages, content.figures), (4, Some(3), Some(1)));
    }

    #[test]
    fn a_bomb_is_refused_and_a_damaged_file_is_malformed() {
        let bomb = docx(&" ".repeat((MAX_XML_BYTES + 1) as usize));
        assert!(bomb.len() < 1 << 20);
        assert_eq!(read(&bomb).unwrap_err().cause, Cause::Refused);
        assert_eq!(read(b"\xd0\xcf\x11\xe0 old word").unwrap_err().cause, Cause::Malformed);
        let cut = docx("<w:document><w:p>");
        assert_eq!(read(&cut[..cut.len() / 2]).unwrap_err().cause, Cause::Malformed);
        assert_eq!(read(&docx("<w:p><w:t>a</w:q>")).unwrap_err().cause, Cause::Malformed);
    }

    #[test]
    fn tables_links_captions_and_code_are_told() {
        let xml = r#"<w:document><w:body>
            <w:tbl><w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:t>b</w:t></w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:t>c</w:t></w:p></w:tc></w:tr></w:tbl>
            <w:p><w:hyperlink r:id="r1"><w:r><w:t>the site</w:t></w:r></w:hyperlink> <w:t>https://example.org/x.</w:t></w:p>
            <w:p><w:drawing><wp:docPr name="Picture 1"/><a:blip r:embed="r2"/></w:drawing></w:p>
            <w:p><w:pPr><w:pStyle w:val="Lgende"/></w:pPr><w:t>Figure 1: CPU</w:t></w:p>
            <w:p><w:pPr><w:pStyle w:val="SourceCode"/></w:pPr><w:t>for x in y:</w:t></w:p>
            <w:p><w:pPr><w:pStyle w:val="SourceCode"/></w:pPr><w:t xml:space="preserve">    print(x)</w:t></w:p>
            </w:body></w:document>"#;
        let content = read(&docx(xml)).unwrap();
        assert_eq!(content.tables.unwrap(), [Table { rows: 2, columns: 2, place: Place::Paragraph(1) }]);
        let links: Vec<&str> = content.links.iter().map(|link| link.target.as_str()).collect();
        assert_eq!(links, ["https://example.org/?a=1&b=2", "https://example.org/x"]);
        let figure = &content.figure_list[0];
        assert_eq!(
            (figure.caption.as_deref(), figure.target.as_deref()),
            (Some("Figure 1: CPU"), Some("media/cpu.png"))
        );
        assert_eq!(content.listings.unwrap()[0].text, "for x in y:\n    print(x)");
    }
}
