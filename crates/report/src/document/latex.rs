//! Text and sections out of LaTeX sources.

mod conditions;
mod macros;
mod patterns;
mod source;
mod unseen;

use conditions::Conditions;
use macros::Macros;
use patterns::{PATTERNS, Patterns};
use source::{Inclusion, after_arguments, columns_in, level_of, plain, without_comment};

use super::{
    Content, Figure, Format, Line, Link, Listing, MAX_TEXT_BYTES, Place, Shape, Table, is_bold_title, keep, too_long,
    words_in,
};
use stackmark_code::markdown::count_words;
use stackmark_evidence::{Cause, Unreadable};

/// Files that include one another in a circle end here.
const MAX_DEPTH: u32 = 5;
/// Each is read anew from the repository.
const MAX_INCLUDED: usize = 200;
/// Below all headings of a command's.
const BOLD_LEVEL: u8 = 9;
/// Of all files of a document, comments included.
const MAX_SOURCE_BYTES: usize = 4 << 20;

/// A document of its own, not a chapter of another.
pub(in super::super) fn is_main(source: &str) -> bool {
    source.contains("\\documentclass") || source.contains("\\begin{document}")
}

/// Reads `source`; `included` gives the text of another file of the same document by the path that the document writes.
///
/// # Errors
/// `Refused` where there is more text than a report has; `Malformed` where a chapter cannot be read.
pub(super) fn latex(source: &str, included: &dyn Fn(&str) -> Option<String>) -> Result<Content, Unreadable> {
    let content = Content {
        format: Format::Latex,
        figures: Some(0),
        tables: Some(Vec::new()),
        listings: Some(Vec::new()),
        ..Content::default()
    };
    let Some(patterns) = PATTERNS.as_ref() else { return Ok(content) };
    let mut reader = Reader {
        patterns,
        included,
        content,
        inclusions: 0,
        source_bytes: 0,
        conditions: Conditions::default(),
        macros: Macros::default(),
        watch: unseen::Watch::default(),
        listing: None,
        table: None,
        row: String::new(),
        float: None,
        in_drawing: false,
    };
    reader.append(source, None, "", 0)?;
    // Of a table that nothing ended.
    let place = reader.content.lines.last().map_or(Place::Line(1), |line| line.place.clone());
    reader.end_row(&place)?;
    let mut content = reader.content;
    content.unseen.add_words(reader.watch.words());
    content.words = words_in(&content.lines);
    Ok(content)
}

/// A `figure` or a `table` under way.
struct Float {
    /// How many figures there were before it.
    figures: usize,
    is_figure: bool,
    caption: String,
}

/// Up to where a document was read.
struct Reader<'a> {
    patterns: &'static Patterns,
    included: &'a dyn Fn(&str) -> Option<String>,
    content: Content,
    inclusions: usize,
    /// Of all files so far.
    source_bytes: usize,
    conditions: Conditions,
    macros: Macros,
    watch: unseen::Watch,
    /// The listing under way and the environment that ends it.
    listing: Option<(Listing, String)>,
    table: Option<Table>,
    /// Of the table: what came since its last row ended.
    row: String,
    float: Option<Float>,
    in_drawing: bool,
}

impl Reader<'_> {
    /// Reads a file; `base` is the folder that `\import` gave, or nothing.
    fn append(&mut self, source: &str, file: Option<&str>, base: &str, depth: u32) -> Result<(), Unreadable> {
        self.source_bytes += source.len();
        if source.len() > MAX_TEXT_BYTES || self.source_bytes > MAX_SOURCE_BYTES {
            return Err(too_long());
        }
        // A heading that has not ended: its lines so far, and where it begins.
        let mut held: Option<(String, Place, usize)> = None;
        for (number, line) in (1..).zip(source.lines()) {
            let place = match file {
                None => Place::Line(number),
                Some(file) => Place::LineOf(number, file.to_owned()),
            };
            if held.is_none() && self.is_in_listing(line) {
                self.content.push(Line::new(line.trim(), place).shaped(Shape::Code))?;
                continue;
            }
            let shown = self.conditions.shown(without_comment(line));
            let ends = shown.trim().is_empty() && line.trim().is_empty();
            let (text, place, count) = match held.take() {
                Some((before, place, count)) => (macros::joined(&before, &shown), place, count + 1),
                None => (shown, place, 1),
            };
            if !ends && count < macros::MAX_LINES && self.macros.is_open(&text) {
                held = Some((text, place, count));
                continue;
            }
            if self.line(&text, place, file, base, depth)? {
                return Ok(());
            }
        }
        if let Some((text, place, _)) = held {
            self.line(&text, place, file, base, depth)?;
        }
        Ok(())
    }

    /// Reads what is set of a line; `true` if the document ends there.
    fn line(
        &mut self,
        line: &str,
        place: Place,
        file: Option<&str>,
        base: &str,
        depth: u32,
    ) -> Result<bool, Unreadable> {
        let line = self.macros.expand(line);
        let is_unsure = self.conditions.is_unsure();
        // What comes behind it is not set, in a chapter that is a document of its own as well.
        let (line, is_last) = match line.split_once("\\end{document}") {
            Some((before, _)) => (before, true),
            None => (line.as_str(), false),
        };
        // TeX reads no further than the line that says so.
        let is_last = is_last || line.contains("\\endinput");
        self.watch.line(line, count_words(&plain(self.patterns, line)), is_unsure);
        let in_table = self.table.is_some();
        self.marks(line, &place);
        self.text(line, in_table, &place)?;
        for other in self.patterns.include.captures_iter(line).filter(|_| depth < MAX_DEPTH) {
            self.inclusions += 1;
            if self.inclusions > MAX_INCLUDED {
                break;
            }
            self.include(&Inclusion::of(&other, base), file, depth)?;
        }
        Ok(is_last)
    }

    fn include(&mut self, other: &Inclusion, file: Option<&str>, depth: u32) -> Result<(), Unreadable> {
        let name = other.name.as_str();
        // From the folder of `\import`, from the main document's, or beside the file that says it.
        let beside = file.and_then(|file| file.rsplit_once('/')).map(|(folder, _)| format!("{folder}/{name}"));
        let paths = [Some(format!("{}{name}", other.base)), Some(name.to_owned()), beside];
        for path in paths.into_iter().flatten() {
            if let Some(text) = (self.included)(&path) {
                return self.append(&text, Some(&path), &other.base, depth + 1);
            }
        }
        // A chapter that is not there is not one that was not written.
        if !name.contains('.') || name.ends_with(".tex") {
            let detail = format!("it includes {}{name}, which cannot be read in the repository", other.base);
            return Err(Unreadable::new(Cause::Malformed, detail));
        }
        Ok(())
    }

    /// The text of a line: cells of a table, items of a list, what a float is captioned, or a paragraph's.
    fn text(&mut self, line: &str, in_table: bool, place: &Place) -> Result<(), Unreadable> {
        let line = if in_table {
            let end = ["\\end{tab", "\\end{longtable"].iter().filter_map(|end| line.find(end)).min();
            self.cells(&line[..end.unwrap_or(line.len())], place)?;
            if self.table.is_some() {
                return Ok(());
            }
            self.end_row(place)?;
            &line[end.unwrap_or(line.len())..]
        } else if self.table.is_some() {
            // It begins here; what its arguments say of its columns is no text.
            let begins = self.patterns.begin.captures_iter(line).filter(|begin| begin[1].contains("tab"));
            let begin = begins.filter(|begin| &begin[1] != "table").last().and_then(|begin| begin.get(0));
            let (start, end) = begin.map_or((line.len(), line.len()), |whole| (whole.start(), whole.end()));
            self.row.push_str(after_arguments(&line[end..]));
            self.row.push(' ');
            &line[..start]
        } else {
            line
        };
        self.paragraph(line, place)?;
        if line.contains("\\end{figure") || line.contains("\\end{table") {
            self.end_float(place)?;
        }
        Ok(())
    }

    /// Text outside of tables.
    fn paragraph(&mut self, line: &str, place: &Place) -> Result<(), Unreadable> {
        let patterns = self.patterns;
        let is_captioned = self.float.as_ref().is_some_and(|float| float.is_figure);
        let text = if is_captioned { patterns.caption.replace_all(line, " ") } else { line.into() };
        let shape = if self.in_drawing { Shape::Figure } else { Shape::Text };
        self.in_drawing &= !line.contains("\\end{tikzpicture}");
        let mut from = 0;
        let mut label: Option<String> = None;
        for item in patterns.item.captures_iter(&text) {
            let Some(whole) = item.get(0) else { continue };
            self.piece(&text[from..whole.start()], label.take(), shape, place)?;
            label = Some(item.get(1).map(|label| label.as_str().to_owned()).unwrap_or_default());
            from = whole.end();
        }
        if from > 0 {
            self.piece(&text[from..], label, shape, place)?;
        } else {
            // An empty line ends a paragraph.
            self.content.push(Line::new(plain(patterns, &text), place.clone()).shaped(shape))?;
        }
        if self.float.is_none() && patterns.image.is_match(line) {
            self.content.push(Line::new("", place.clone()).shaped(Shape::Figure))?;
        }
        Ok(())
    }

    /// A figure with its caption, where its first image stands.
    fn end_float(&mut self, place: &Place) -> Result<(), Unreadable> {
        let Some(float) = self.float.take().filter(|float| float.is_figure) else { return Ok(()) };
        let first = self.content.figure_list.get(float.figures);
        let shape = if first.is_some() { Shape::Figure } else { Shape::Text };
        let place = first.map_or_else(|| place.clone(), |figure| figure.place.clone());
        if first.is_none() && float.caption.is_empty() {
            return Ok(());
        }
        self.content.push(Line::new(float.caption, place).shaped(shape))
    }

    /// Takes cells of the table under way, and adds the rows that end among them.
    fn cells(&mut self, line: &str, place: &Place) -> Result<(), Unreadable> {
        let mut from = 0;
        for end in self.patterns.row_end.find_iter(line) {
            self.row.push_str(&line[from..end.start()]);
            self.end_row(place)?;
            from = end.end();
        }
        self.row.push_str(&line[from..]);
        self.row.push(' ');
        Ok(())
    }

    /// Adds the row that has come to its end, its cells as Markdown writes them.
    fn end_row(&mut self, place: &Place) -> Result<(), Unreadable> {
        let row = std::mem::take(&mut self.row).replace("\\&", "\u{1}");
        let row = self.patterns.rule.replace_all(&row, " ");
        let cells: Vec<String> =
            row.split('&').map(|cell| plain(self.patterns, &cell.replace('\u{1}', "\\&"))).collect();
        if cells.iter().all(String::is_empty) {
            return Ok(());
        }
        self.content.push(Line::new(format!("| {} |", cells.join(" | ")), place.clone()).shaped(Shape::Row))
    }

    /// What stands before an item, or the item that a `label` begins.
    fn piece(&mut self, text: &str, label: Option<String>, shape: Shape, place: &Place) -> Result<(), Unreadable> {
        let shape = if label.is_some() { Shape::Item } else { shape };
        let text = plain(self.patterns, &format!("{} {text}", label.unwrap_or_default()));
        if text.is_empty() { Ok(()) } else { self.content.push(Line::new(text, place.clone()).shaped(shape)) }
    }

    /// Takes a line of code into the listing under way, or ends it.
    fn is_in_listing(&mut self, line: &str) -> bool {
        let Some((listing, environment)) = &mut self.listing else { return false };
        if !line.contains(&format!("\\end{{{environment}")) {
            listing.text.push_str(line);
            listing.text.push('\n');
            return true;
        }
        if let (Some((listing, _)), Some(listings)) = (self.listing.take(), &mut self.content.listings) {
            keep(listings, listing);
        }
        false
    }

    /// Headings, figures, tables, links and the begin of a listing.
    fn marks(&mut self, line: &str, place: &Place) {
        let patterns = self.patterns;
        for heading in patterns.section.captures_iter(line) {
            let text = plain(patterns, &heading[2]);
            if !text.is_empty() {
                let heading = Line::new(text, place.clone()).shaped(Shape::Heading(level_of(&heading[1])));
                self.content.headings.push(heading);
            }
        }
        let bold = patterns.bold.captures(line).filter(|_| self.table.is_none() && self.float.is_none());
        if let Some(title) = bold.as_ref().and_then(|bold| bold.get(1).or_else(|| bold.get(2))) {
            let title = plain(patterns, title.as_str());
            if is_bold_title(&title) {
                self.content.headings.push(Line::new(title, place.clone()).shaped(Shape::Heading(BOLD_LEVEL)));
            }
        }
        for begin in patterns.begin.captures_iter(line) {
            let behind = begin.get(0).map_or("", |whole| &line[whole.end()..]);
            match &begin[1] {
                name @ ("figure" | "table") => {
                    let figures = self.content.figure_list.len();
                    self.float = Some(Float { figures, is_figure: name == "figure", caption: String::new() });
                }
                name if name.starts_with("tab") || name == "longtable" => {
                    let columns = columns_in(&behind[..behind.len() - after_arguments(behind).len()]);
                    self.table = Some(Table { rows: 0, columns, place: place.clone() });
                }
                name => {
                    let language = patterns.argument.find(behind).filter(|_| name == "minted");
                    let language = language.map(|found| found.as_str().trim_matches(['{', '}']).to_owned());
                    let listing = Listing { language, text: String::new(), place: place.clone() };
                    self.listing = Some((listing, name.to_owned()));
                }
            }
        }
        self.row(line);
        let images = patterns.image.captures_iter(line).map(|image| Some(image[1].trim().to_owned()));
        let drawings = line.matches("\\begin{tikzpicture}").map(|_| None);
        for target in images.chain(drawings) {
            self.content.figures = self.content.figures.map(|figures| figures + 1);
            keep(&mut self.content.figure_list, Figure { caption: None, target, place: place.clone() });
        }
        self.in_drawing |= line.contains("\\begin{tikzpicture}");
        // A caption says the same of each image in its float.
        if let (Some(float), Some(caption)) = (&mut self.float, patterns.caption.captures(line)) {
            float.caption = plain(patterns, &caption[1]);
            for figure in self.content.figure_list.iter_mut().skip(float.figures) {
                figure.caption.get_or_insert_with(|| float.caption.clone());
            }
        }
        for link in patterns.link.captures_iter(line) {
            keep(&mut self.content.links, Link { target: link[1].trim().to_owned(), place: place.clone() });
        }
    }

    fn row(&mut self, line: &str) {
        let Some(table) = &mut self.table else { return };
        table.rows += line.matches("\\\\").count() as u64;
        if ["\\end{tab", "\\end{longtable"].iter().any(|end| line.contains(end))
            && let (Some(table), Some(tables)) = (self.table.take(), &mut self.content.tables)
        {
            keep(tables, table);
        }
    }
}

#[cfg(test)]
mod tests;
