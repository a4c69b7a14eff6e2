//! Text, headings, figures, tables and links out of Word documents.

mod package;
mod run;
mod styles;

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use package::{pages, relations};
use run::{Run, is_filled};
use styles::{Named, Style, is_foreign, rgb, style};

use super::super::words::{Role, scan};
use super::archive::{self, malformed};
use super::xml::{character, value};
use super::{
    Content, Figure, Format, Line, Link, Listing, MAX_LINES, Place, Shape, Table, addresses, is_bold_title, keep,
    too_long, words_in,
};
use stackmark_code::markdown::count_words;
use stackmark_code::text::folded_words;
use stackmark_evidence::Unreadable;

/// A cell with more words holds a page's text, and its table only lays the page out.
pub(super) const LONGEST_CELL: u64 = 40;

pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut archive = archive::open(bytes, "DOCX file")?;
    let Some(xml) = archive::text(&mut archive, "word/document.xml")? else {
        return Err(malformed("no word/document.xml in the archive"));
    };
    // What its links and images are is worth less than its text.
    let targets = archive::text(&mut archive, "word/_rels/document.xml.rels").ok().flatten();
    let mut body = Body::new(targets.map(|xml| relations(&xml)).unwrap_or_default());
    body.styles = archive::text(&mut archive, "word/styles.xml")
        .ok()
        .flatten()
        .map(|xml| styles::defined(&xml))
        .unwrap_or_default();
    let mut content = body.read(&xml)?;
    content.words = words_in(&content.lines);
    content.pages = archive::text(&mut archive, "docProps/app.xml").ok().flatten().and_then(|xml| pages(&xml));
    for link in addresses(&content.lines) {
        if !content.links.contains(&link) {
            keep(&mut content.links, link);
        }
    }
    Ok(content)
}

/// Whether a short line has the name of a part.
fn names_a_part(text: &str) -> bool {
    let hits = || scan(&folded_words(text));
    is_bold_title(text) && hits().iter().any(|hit| matches!(hit.role, Role::Heading(_)))
}

/// Below all headings that a style makes.
const BOLD_LEVEL: u8 = 9;

/// Up to where the body was read.
#[derive(Default)]
struct Body {
    targets: BTreeMap<String, String>,
    styles: BTreeMap<String, Named>,
    content: Content,
    text: String,
    style: Style,
    in_text: bool,
    /// Word writes some content twice, the second time for old readers.
    in_fallback: u32,
    /// What was moved elsewhere, with changes tracked.
    in_moved: u32,
    /// Text boxes have a colour of their own.
    in_box: u32,
    /// `None` outside of runs, where properties are the paragraph's.
    run: Option<Run>,
    /// The paragraph has a background.
    shaded: bool,
    /// The colour behind its letters.
    fill: Option<[u8; 3]>,
    /// Its style hides it.
    hidden: bool,
    /// Its style makes its letters pale.
    pale: bool,
    /// Links are underlined and coloured.
    in_link: u32,
    /// In what only a program that nobody has would show.
    in_foreign: u32,
    /// Letters of the paragraph, and those of them in bold, and those that stand out.
    letters: (u64, u64, u64),
    /// Images in the paragraph.
    figures: u64,
    /// Paragraphs so far, those in tables as well.
    paragraphs: u64,
    /// Open tables, the innermost last, each with the cells of its row so far.
    tables: Vec<(Table, u64)>,
    /// The row of the outermost table: the paragraphs of each cell.
    row: Vec<Vec<(Line, Style)>>,
    /// How many these are.
    row_lines: usize,
    /// The paragraph before this one was code.
    after_code: bool,
    /// An item all in bold: a heading with a number, unless another item comes next.
    bold_item: Option<Line>,
}

impl Body {
    fn new(targets: BTreeMap<String, String>) -> Self {
        let content =
            Content { format: Format::Docx, figures: Some(0), tables: Some(Vec::new()), ..Content::default() };
        Self { targets, content, ..Self::default() }
    }

    fn read(mut self, xml: &str) -> Result<Content, Unreadable> {
        let mut reader = Reader::from_str(xml);
        loop {
            let event = reader.read_event().map_err(|error| malformed(format!("word/document.xml: {error}")))?;
            let shown = self.in_text && self.is_shown();
            match event {
                Event::Start(tag) => self.start(&tag),
                Event::Empty(tag) => match tag.local_name().as_ref() {
                    "tab" | "br" | "cr" => self.text.push(' '),
                    "noBreakHyphen" => self.text.push('-'),
                    "drawing" | "pict" | "r" | "txbxContent" | "Fallback" | "moveFrom" | "Choice" | "hyperlink" => {}
                    _ => self.start(&tag),
                },
                Event::End(tag) => self.end(tag.local_name().as_ref())?,
                Event::Text(piece) if shown => self.add(&piece.xml10_content()),
                Event::CData(piece) if shown => self.add(&piece.xml10_content()),
                Event::GeneralRef(name) if shown => self.add(character(&name).encode_utf8(&mut [0; 4])),
                Event::Eof => {
                    self.end_row()?;
                    return Ok(self.content);
                }
                _ => {}
            }
        }
    }

    /// Whether a reader of the document sees the text: white letters need something dark behind them.
    fn is_shown(&self) -> bool {
        let run = self.run.unwrap_or_default();
        self.in_fallback == 0 && self.in_moved == 0 && !self.hidden && !run.hidden && (!run.white || self.is_on_dark())
    }

    fn is_on_dark(&self) -> bool {
        let run = self.run.unwrap_or_default();
        run.shaded || self.shaded || self.in_box > 0 || !self.tables.is_empty()
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
        let run = self.run.unwrap_or_default();
        if self.in_foreign > 0 || run.is_drowned(self.fill) || (run.pale || self.pale) && !self.is_on_dark() {
            self.content.unseen.add(text);
        }
        let letters = text.chars().filter(|c| c.is_alphanumeric()).count() as u64;
        self.letters.0 += letters;
        if run.bold {
            self.letters.1 += letters;
        }
        if run.stands_out() && self.in_link == 0 {
            self.letters.2 += letters;
        }
    }

    /// Where the paragraph under way will stand.
    fn place(&self) -> Place {
        Place::Paragraph(self.paragraphs + 1)
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().as_ref() {
            "Fallback" => self.in_fallback += 1,
            "moveFrom" => self.in_moved += 1,
            "Choice" => self.in_foreign += u32::from(self.in_foreign > 0 || is_foreign(tag)),
            "txbxContent" => self.in_box += 1,
            "t" => self.in_text = true,
            "r" => self.run = Some(Run::default()),
            "pStyle" => {
                let named = value(tag, "val").and_then(|id| self.styles.get(&id));
                self.hidden = named.is_some_and(|named| named.hidden);
                self.pale = named.is_some_and(|named| named.pale);
                self.style = style(tag, named, self.style);
            }
            "outlineLvl" => self.style = style(tag, None, self.style),
            "rStyle" => {
                let named = value(tag, "val").and_then(|id| self.styles.get(&id));
                if let (Some(run), Some(named)) = (&mut self.run, named) {
                    run.hidden |= named.hidden;
                    run.pale |= named.pale;
                }
            }
            "numPr" if self.style == Style::Text => self.style = Style::Item,
            "b" | "u" | "vanish" | "color" | "sz" | "w" | "shd" | "highlight" => self.look(tag),
            "drawing" | "pict" if self.in_fallback == 0 => {
                self.figures += 1;
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
                self.in_link += 1;
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
                if self.tables.len() == 1 {
                    self.row.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    /// A property of letters, of the run or of the paragraph.
    fn look(&mut self, tag: &BytesStart<'_>) {
        let Some(run) = &mut self.run else {
            if tag.local_name().as_ref() == "shd" {
                self.shaded |= is_filled(tag);
                self.fill = value(tag, "fill").and_then(|fill| rgb(&fill));
            }
            return;
        };
        run.look(tag);
    }

    fn end(&mut self, name: &str) -> Result<(), Unreadable> {
        match name {
            "Fallback" => self.in_fallback = self.in_fallback.saturating_sub(1),
            "moveFrom" => self.in_moved = self.in_moved.saturating_sub(1),
            "Choice" => self.in_foreign = self.in_foreign.saturating_sub(1),
            "txbxContent" => self.in_box = self.in_box.saturating_sub(1),
            "hyperlink" => self.in_link = self.in_link.saturating_sub(1),
            "t" => self.in_text = false,
            "r" => self.run = None,
            "tr" if self.tables.len() == 1 => self.end_row()?,
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
        let place = self.place();
        self.paragraphs += 1;
        let (letters, bold, outstanding) = std::mem::take(&mut self.letters);
        let figures = std::mem::take(&mut self.figures);
        (self.shaded, self.hidden, self.pale, self.fill) = (false, false, false, None);
        let mut style = std::mem::take(&mut self.style);
        let is_title = self.tables.is_empty() && letters > 0 && bold == letters && is_bold_title(&text);
        // What stands out in another way is one only if it names a part.
        let is_like_one = || self.tables.is_empty() && letters > 0 && outstanding == letters && names_a_part(&text);
        if style == Style::Text && (is_title || is_like_one()) {
            style = Style::Heading(BOLD_LEVEL);
        }
        // Code keeps its indentation.
        let text = if style == Style::Code { text.trim_end() } else { text.trim() };
        let line = Line::new(text, place.clone());
        if !self.tables.is_empty()
            && let Some(cell) = self.row.last_mut()
        {
            self.row_lines += 1;
            if self.row_lines > MAX_LINES {
                return Err(too_long());
            }
            cell.push((line, style));
        } else {
            let item = (style == Style::Item && is_title).then(|| line.clone().shaped(Shape::Heading(BOLD_LEVEL)));
            self.keep_paragraph(line, style)?;
            self.bold_item = item.or(self.bold_item.take());
        }
        if figures > 0 {
            self.content.push(Line::new("", place).shaped(Shape::Figure))?;
        }
        Ok(())
    }

    /// Adds the row of a table as one line, or what stands in its cells, where the table only lays the page out.
    fn end_row(&mut self) -> Result<(), Unreadable> {
        let cells = std::mem::take(&mut self.row);
        self.row_lines = 0;
        let words = |cell: &Vec<(Line, Style)>| cell.iter().map(|(line, _)| count_words(&line.text)).sum::<u64>();
        if cells.len() < 2 || cells.iter().any(|cell| words(cell) > LONGEST_CELL) {
            for (line, style) in cells.into_iter().flatten() {
                self.keep_paragraph(line, style)?;
            }
            return Ok(());
        }
        let Some(place) = cells.iter().flatten().map(|(line, _)| line.place.clone()).next() else { return Ok(()) };
        let texts: Vec<String> = cells
            .iter()
            .map(|cell| {
                cell.iter()
                    .map(|(line, _)| line.text.trim())
                    .filter(|text| !text.is_empty())
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect();
        if texts.iter().all(String::is_empty) {
            return Ok(());
        }
        self.content.headings.extend(self.bold_item.take());
        self.content.push(Line::new(format!("| {} |", texts.join(" | ")), place).shaped(Shape::Row))
    }

    fn keep_paragraph(&mut self, line: Line, style: Style) -> Result<(), Unreadable> {
        if !line.text.trim().is_empty() {
            let before = self.bold_item.take().filter(|_| style != Style::Item);
            self.content.headings.extend(before);
            match style {
                Style::Heading(level) => self.content.headings.push(line.clone().shaped(Shape::Heading(level))),
                Style::Caption => {
                    // Under its figure, or above one that comes later and is given none.
                    if let Some(figure) = self.content.figure_list.last_mut() {
                        figure.caption.get_or_insert_with(|| line.text.clone());
                    }
                }
                Style::Code => self.code(&line.text, &line.place),
                Style::Item | Style::Text => {}
            }
        }
        self.after_code = style == Style::Code;
        self.content.push(match style {
            Style::Code => Line { text: line.text.trim().to_owned(), ..line }.shaped(Shape::Code),
            Style::Item => line.shaped(Shape::Item),
            Style::Heading(_) | Style::Caption | Style::Text => line,
        })
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

#[cfg(test)]
mod tests;
