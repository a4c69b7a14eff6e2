//! Text and headings out of Word documents.

use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::{Content, Format, Line, Place, words_in};
use crate::evidence::{Cause, Unreadable};

/// Real documents have some tens of entries.
const MAX_ENTRIES: usize = 10_000;
/// Real documents have some hundred kilobytes of XML; what unpacks to more is a bomb.
const MAX_XML_BYTES: u64 = 32 << 20;

pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        malformed(format!("not a readable DOCX file, perhaps encrypted or in Word's old format ({error})"))
    })?;
    if archive.len() > MAX_ENTRIES {
        let detail = format!("{} entries in the archive, more than the {MAX_ENTRIES} allowed", archive.len());
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    let Some(xml) = entry(&mut archive, "word/document.xml")? else {
        return Err(malformed("no word/document.xml in the archive"));
    };
    let mut content = paragraphs(&xml)?;
    content.words = words_in(&content.lines);
    content.pages = entry(&mut archive, "docProps/app.xml").ok().flatten().and_then(|xml| pages(&xml));
    Ok(content)
}

fn malformed(detail: impl Into<String>) -> Unreadable {
    Unreadable::new(Cause::Malformed, detail)
}

/// The text of one entry, `None` where there is no such entry.
fn entry(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Option<String>, Unreadable> {
    let file = match archive.by_name(name) {
        Ok(file) => file,
        Err(zip::result::ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(malformed(format!("{name}: {error}"))),
    };
    let mut xml = Vec::new();
    // The size in the archive's directory may lie: what counts is what comes out.
    file.take(MAX_XML_BYTES + 1).read_to_end(&mut xml).map_err(|error| malformed(format!("{name}: {error}")))?;
    if xml.len() as u64 > MAX_XML_BYTES {
        let detail = format!("{name} unpacks to more than {} MiB", MAX_XML_BYTES >> 20);
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    String::from_utf8(xml).map(Some).map_err(|_| malformed(format!("{name} is not UTF-8")))
}

/// What Word last counted.
fn pages(app_xml: &str) -> Option<u64> {
    let (_, rest) = app_xml.split_once("<Pages>")?;
    rest.split_once("</Pages>")?.0.trim().parse().ok().filter(|&pages| pages > 0)
}

fn paragraphs(xml: &str) -> Result<Content, Unreadable> {
    let mut content = Content { format: Format::Docx, figures: Some(0), ..Content::default() };
    let mut reader = Reader::from_str(xml);
    let mut text = String::new();
    let mut is_heading = false;
    let mut in_text = false;
    // Word writes some content twice, the second time for old readers.
    let mut in_fallback = 0_u32;
    loop {
        let event = reader.read_event().map_err(|error| malformed(format!("word/document.xml: {error}")))?;
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "Fallback" => in_fallback += 1,
                "t" => in_text = true,
                "drawing" | "pict" => count_figure(&mut content, in_fallback),
                "pStyle" | "outlineLvl" => is_heading |= marks_heading(&tag),
                _ => {}
            },
            Event::Empty(tag) => match tag.local_name().as_ref() {
                "pStyle" | "outlineLvl" => is_heading |= marks_heading(&tag),
                "tab" | "br" | "cr" => text.push(' '),
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "Fallback" => in_fallback = in_fallback.saturating_sub(1),
                "t" => in_text = false,
                "p" => {
                    let line = Line {
                        text: std::mem::take(&mut text).trim().to_owned(),
                        place: Place::Paragraph(content.lines.len() as u64 + 1),
                    };
                    if is_heading && !line.text.is_empty() {
                        content.headings.push(line.clone());
                    }
                    content.push(line)?;
                    is_heading = false;
                }
                _ => {}
            },
            Event::Text(piece) if in_text && in_fallback == 0 => text.push_str(&piece.xml10_content()),
            Event::CData(piece) if in_text && in_fallback == 0 => text.push_str(&piece.xml10_content()),
            Event::GeneralRef(name) if in_text && in_fallback == 0 => {
                text.push(match name.resolve_char_ref() {
                    Ok(Some(c)) => c,
                    _ => match &*name.xml10_content() {
                        "lt" => '<',
                        "gt" => '>',
                        "amp" => '&',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => ' ',
                    },
                });
            }
            Event::Eof => return Ok(content),
            _ => {}
        }
    }
}

fn count_figure(content: &mut Content, in_fallback: u32) {
    if in_fallback == 0 {
        content.figures = content.figures.map(|figures| figures + 1);
    }
}

/// Word names its heading styles in the language that it was installed in.
fn marks_heading(tag: &BytesStart<'_>) -> bool {
    if tag.local_name().as_ref() == "outlineLvl" {
        return true;
    }
    tag.attributes().flatten().filter(|attribute| attribute.key.local_name().as_ref() == "val").any(|attribute| {
        let style = attribute.value.to_lowercase();
        ["heading", "titre", "titolo", "title", "berschrift"].iter().any(|name| style.contains(name))
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn docx(document: &str) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
        archive.write_all(document.as_bytes()).unwrap();
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
}
