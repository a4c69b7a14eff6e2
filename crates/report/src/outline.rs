//! A document as sections of sentences, without what is no content: tables of contents, comments, placeholders, the
//! assignment's own words, heaps of keywords, words for the marker.

mod titles;
mod unit;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

pub(super) use unit::{Kind, Section, Unit};

use super::document::{Content, Format, Line, Place, Shape};
use super::fences::{is_fence, starts_anew, without_comments};
use super::words::{Role, Sign, scan};
use stackmark_code::text::folded_words;

/// Most sentences of one document that are looked at; real reports have some hundreds.
const MAX_UNITS: usize = 20_000;

struct Patterns {
    tag: Regex,
    item: Regex,
    image: Regex,
    entry: Regex,
    sentence_end: Regex,
    number: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        tag: Regex::new(r"</?[a-zA-Z][^<>]{0,400}>").ok()?,
        item: Regex::new(r"^\s*(?:[-*+•◦▪–—]|\(?\d{1,2}[.)]|[a-z]\))\s+").ok()?,
        image: Regex::new(r"!\[[^\]]*\]\([^)]*\)|<img\b").ok()?,
        entry: Regex::new(
            r"(?:\.\s?){4,}\s*\d{1,3}\s*$|…{2,}\s*\d{1,3}\s*$|^\s*(?:[-*+]|\d+\.)\s+\[[^\]]*\]\(#[^)]*\)\s*$",
        )
        .ok()?,
        sentence_end: Regex::new(r"[.!?;]['”»\u{22}*`)]*\s+").ok()?,
        number: Regex::new(r"^\s*(\d+(?:\.\d+)*)\.?\s").ok()?,
    })
});

/// Takes a document apart.
pub(super) fn outline(content: &Content) -> Vec<Section> {
    let Some(patterns) = PATTERNS.as_ref() else { return Vec::new() };
    let mut builder = Builder {
        content,
        patterns,
        sections: vec![Section::default()],
        open: Vec::new(),
        is_row: false,
        block: 0,
        count: 0,
    };
    let mut next_heading = 0;
    let (mut in_comment, mut in_contents) = (false, false);
    let mut fence: Option<(char, usize)> = None;
    for (number, line) in content.lines.iter().enumerate() {
        let markdown = matches!(content.format, Format::Markdown | Format::Notebook);
        let mut text = line.text.clone();
        match line.shape {
            Shape::Code => {
                builder.unit(Kind::Code, &text, &line.place);
                continue;
            }
            Shape::Figure => {
                builder.end_block();
                let shown = if text.trim().is_empty() { "[figure]" } else { text.as_str() };
                builder.unit(Kind::Figure, shown, &line.place);
                builder.end_block();
                continue;
            }
            Shape::Text | Shape::Heading(_) | Shape::Item | Shape::Row => {}
        }
        // What one file or cell leaves open does not go on in the next.
        if number > 0 && starts_anew(&content.lines[number - 1].place, &line.place) {
            (fence, in_comment) = (None, false);
        }
        if markdown && !in_comment && is_fence(&text, &mut fence) {
            builder.end_block();
            continue;
        }
        if fence.is_some() {
            builder.unit(Kind::Code, &text, &line.place);
            continue;
        }
        if markdown {
            text = without_comments(&text, &mut in_comment);
            let bare = text.to_ascii_lowercase().replace(' ', "");
            if bare.contains("display:none") || bare.contains("visibility:hidden") || bare.contains("font-size:0") {
                continue;
            }
        }
        if patterns.entry.is_match(&text) {
            continue;
        }
        let ahead = &content.headings[next_heading.min(content.headings.len())..];
        let found = ahead.iter().take(8).position(|heading| stands_at(heading, line, content.format));
        if let Some(skipped) = found.filter(|_| !text.trim().is_empty()) {
            next_heading += skipped + 1;
            let heading = &content.headings[next_heading - 1];
            builder.heading(heading, level_of(line, heading, patterns));
            in_contents = is_contents(&heading.text);
            // LaTeX may go on behind the section in the same line.
            if content.format == Format::Latex {
                builder.line(&text.replacen(&heading.text, " ", 1), line);
            }
            continue;
        }
        if in_contents && is_entry_like(&text) {
            continue;
        }
        in_contents &= text.trim().is_empty();
        if let Some(title) = titles::unmarked(content, number, &text) {
            builder.heading(&Line::new(title, line.place.clone()), Some(titles::LEVEL));
            continue;
        }
        builder.line(&text, line);
    }
    builder.end_block();
    let mut sections = builder.sections;
    drop_statement(&mut sections);
    for section in &mut sections {
        let (told, rest): (Vec<Unit>, Vec<Unit>) =
            std::mem::take(&mut section.units).into_iter().partition(Unit::is_content);
        section.units = told;
        section.terse = rest.into_iter().filter(Unit::is_list_in_a_line).collect();
    }
    sections
}

struct Builder<'a> {
    content: &'a Content,
    patterns: &'a Patterns,
    sections: Vec<Section>,
    /// Lines of the paragraph that is being read.
    open: Vec<(String, Place, Kind)>,
    /// It is a row of a table.
    is_row: bool,
    block: usize,
    count: usize,
}

impl Builder<'_> {
    fn heading(&mut self, heading: &Line, level: Option<usize>) {
        self.end_block();
        let hits = scan(&folded_words(&heading.text));
        self.sections.push(Section { heading: Some(heading.clone()), hits, level, ..Section::default() });
    }

    fn line(&mut self, text: &str, line: &Line) {
        let trimmed = text.trim();
        let underline = !trimmed.is_empty() && !trimmed.chars().any(char::is_alphanumeric);
        if trimmed.is_empty() || (underline && !trimmed.contains("->")) {
            self.end_block();
            return;
        }
        let markup = matches!(self.content.format, Format::Markdown | Format::Notebook);
        if markup && self.patterns.image.is_match(trimmed) {
            self.end_block();
            self.unit(Kind::Figure, trimmed, &line.place);
            self.end_block();
            return;
        }
        let is_row = line.shape == Shape::Row || (trimmed.starts_with('|') && trimmed.len() > 1);
        let is_item = line.shape == Shape::Item || self.patterns.item.is_match(text);
        // Each paragraph of a Word document is a line of its own.
        if is_row || is_item || matches!(self.content.format, Format::Docx | Format::Odt) {
            self.flush();
        }
        let kind = if is_row || is_item { Kind::Item } else { Kind::Prose };
        let mut plain = self.patterns.tag.replace_all(trimmed, " ").into_owned();
        if markup {
            plain = plain.trim_start_matches(['-', '*', '+', ' ']).replace("**", "");
        }
        self.open.push((plain, line.place.clone(), kind));
        self.is_row = is_row;
        if is_row || matches!(self.content.format, Format::Docx | Format::Odt) {
            self.flush();
        }
    }

    fn end_block(&mut self) {
        self.flush();
        self.block += 1;
    }

    /// Cuts what is open into sentences; an item of a list stays in one piece.
    fn flush(&mut self) {
        let open = std::mem::take(&mut self.open);
        let Some((_, _, kind)) = open.first() else { return };
        let kind = *kind;
        let mut text = String::new();
        let mut starts: Vec<(usize, &Place)> = Vec::new();
        for (line, place, _) in &open {
            if !text.is_empty() {
                text.push(' ');
            }
            starts.push((text.len(), place));
            text.push_str(line);
        }
        let place_at =
            |at: usize| starts.iter().rev().find(|(start, _)| *start <= at).map(|(_, place)| (*place).clone());
        let mut from = 0;
        let ends: Vec<usize> = if kind == Kind::Prose {
            let ends =
                self.patterns.sentence_end.find_iter(&text).filter(|end| !is_initial(&text, end.start(), end.end()));
            ends.map(|end| end.end()).chain([text.len()]).collect()
        } else {
            vec![text.len()]
        };
        for end in ends {
            let sentence = &text[from..end];
            if let Some(place) = place_at(from).filter(|_| !sentence.trim().is_empty()) {
                let is_row = kind == Kind::Item && self.is_row;
                self.push(Unit { is_row, ..Unit::new(kind, sentence, place, self.block) });
            }
            from = end;
        }
    }

    fn unit(&mut self, kind: Kind, text: &str, place: &Place) {
        if !text.trim().is_empty() {
            self.push(Unit::new(kind, text, place.clone(), self.block));
        }
    }

    fn push(&mut self, unit: Unit) {
        self.count += 1;
        if self.count <= MAX_UNITS
            && let Some(section) = self.sections.last_mut()
        {
            section.units.push(unit);
        }
    }
}

/// Whether the dot at `dot` belongs to a name, as in `Ada Q. wrote`: one capital letter before it, and no sentence after it.
fn is_initial(text: &str, dot: usize, next: usize) -> bool {
    let mut before = text[..dot].chars().rev();
    let is_capital = before.next().is_some_and(char::is_uppercase) && before.next().is_none_or(char::is_whitespace);
    is_capital && text[dot..].starts_with('.') && text[next..].starts_with(char::is_lowercase)
}

/// Whether `heading` is `line`, or stands in it: LaTeX may have both a section and text in one line.
///
/// Of Markdown the parser has told. Elsewhere all lines of a page have the same place: a sentence that only has the heading's
/// words is none.
fn stands_at(heading: &Line, line: &Line, format: Format) -> bool {
    heading.place == line.place && {
        let is_marked = matches!(line.shape, Shape::Heading(_));
        let (heading, line) = (folded_words(&heading.text), folded_words(&line.text));
        match format {
            Format::Markdown => !heading.is_empty() && is_marked,
            // A cell may have several.
            Format::Notebook => is_marked && heading.iter().any(|word| line.contains(word)),
            Format::Latex => {
                !heading.is_empty()
                    && line.len() >= heading.len()
                    && line.windows(heading.len()).any(|words| words == heading)
            }
            _ => !heading.is_empty() && line == heading,
        }
    }
}

/// As the format says, or by the number before the heading.
fn level_of(line: &Line, heading: &Line, patterns: &Patterns) -> Option<usize> {
    if let Shape::Heading(level) = line.shape {
        return Some(level.into());
    }
    if let Shape::Heading(level) = heading.shape {
        return Some(level.into());
    }
    let number = patterns.number.captures(&heading.text)?;
    Some(number[1].split('.').count())
}

fn is_contents(heading: &str) -> bool {
    let words = folded_words(heading);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        ["table", "of", "contents"]
            | ["contents"]
            | ["toc"]
            | ["table", "des", "matieres"]
            | ["sommaire"]
            | ["indice"]
            | ["sommario"]
    )
}

/// A line of a table of contents: short, no sentence.
fn is_entry_like(text: &str) -> bool {
    let trimmed = text.trim();
    !trimmed.is_empty() && folded_words(trimmed).len() <= 10 && !trimmed.ends_with('.')
}

/// Takes out paragraphs in which the assignment speaks to its students, or somebody to the marker.
fn drop_statement(sections: &mut [Section]) {
    for section in sections {
        let mut phrases: BTreeMap<usize, usize> = BTreeMap::new();
        let mut dropped: BTreeSet<usize> = BTreeSet::new();
        for unit in &section.units {
            // A quotation's first sentence begins with its sign, and then one phrase is enough.
            let quoted = usize::from(unit.text.starts_with('>'));
            let told = phrases.entry(unit.block).or_default();
            *told += unit.count(Role::Sign(Sign::Statement)) + quoted;
            if *told >= 2 || unit.has(Sign::ToTheMarker) {
                dropped.insert(unit.block);
            }
        }
        section.units.retain(|unit| unit.kind == Kind::Code || !dropped.contains(&unit.block));
    }
}
