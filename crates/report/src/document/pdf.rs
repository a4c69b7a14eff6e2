//! Text out of PDF files, whose parsers trust their input more than this program may.

mod letters;
mod traps;
mod unseen;

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use pdf_extract::{Document, ObjectId, PlainTextOutput};

use letters::{as_meant, share_unknown};
use traps::{empty_circular_drawings, empty_images, refuse_bombs, refuse_circular_pages};

use super::{Content, Figure, Format, Line, Link, Place, Shape, addresses, keep, words_in};
use stackmark_evidence::{Cause, Unreadable};

const MAX_PAGES: usize = 500;
/// What can be done about a damaged file.
const ANEW: &str = "export it again from the program that it was written in";
/// With more letters unknown, what was not found may be there; a share of all.
const MOST_UNKNOWN: f64 = 0.1;

/// Reads all pages.
pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    if !bytes[..bytes.len().min(1024)].windows(5).any(|window| window == b"%PDF-") {
        return Err(malformed("not a PDF file, whatever its name says"));
    }
    refuse_bombs(bytes)?;
    read_pages(bytes)
}

fn malformed(detail: impl Into<String>) -> Unreadable {
    Unreadable::new(Cause::Malformed, detail)
}

fn read_pages(bytes: &[u8]) -> Result<Content, Unreadable> {
    let mut document = Document::load_mem(bytes)
        .map_err(|error| malformed(format!("the PDF is damaged or encrypted ({error}); {ANEW}")))?;
    let encrypted = || malformed("the PDF is encrypted and opens with a password only; save it without one");
    let was_encrypted = document.trailer.has(b"Encrypt") || document.is_encrypted();
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err(encrypted());
    }
    let pages = document.get_pages();
    if pages.is_empty() && was_encrypted {
        return Err(encrypted());
    }
    if pages.is_empty() {
        return Err(malformed(format!("the PDF is damaged: it has no pages; {ANEW}")));
    }
    if pages.len() > MAX_PAGES {
        let detail = format!("{} pages, more than the {MAX_PAGES} that are read", pages.len());
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    refuse_circular_pages(&document, &pages)?;
    let figures = empty_images(&mut document);
    empty_circular_drawings(&mut document);

    let mut content =
        Content { format: Format::Pdf, pages: Some(pages.len() as u64), figures: Some(figures), ..Content::default() };
    let mut failed = Vec::new();
    let mut without_text = 0;
    for (&number, &id) in &pages {
        let before = content.lines.len();
        match page_text(&document, number) {
            Some(text) => append_page(&mut content, u64::from(number), &text)?,
            None => failed.push(number.to_string()),
        }
        without_text += u64::from(content.lines.len() == before);
        let unseen = catch_unwind(AssertUnwindSafe(|| unseen::share(&document, id))).ok().flatten().unwrap_or(0.0);
        if unseen > 0.0 {
            let words = words_in(&content.lines[before..]);
            content.unseen.add_words((words as f64 * unseen).round() as u64);
        }
        links(&document, id, u64::from(number), &mut content.links);
    }
    if !failed.is_empty() {
        // What stands there might be the very part that would be found missing.
        let detail = format!("page {} of {} could not be read; {ANEW}", failed.join(", "), pages.len());
        return Err(malformed(detail));
    }
    drop_table_of_contents(&mut content);
    drop_running_heads(&mut content);
    join_hyphens(&mut content.lines);
    captions(&mut content);
    for link in addresses(&content.lines) {
        let is_marked = |known: &Link| known.place == link.place && known.target.starts_with(&link.target);
        if !content.links.iter().any(is_marked) {
            keep(&mut content.links, link);
        }
    }
    content.words = words_in(&content.lines);
    let unknown = share_unknown(content.lines.iter().map(|line| line.text.as_str()));
    if unknown > MOST_UNKNOWN {
        let percent = (unknown * 100.0).round();
        return Err(malformed(format!(
            "{percent} % of its letters have no name in the file, and cannot be read; {ANEW}"
        )));
    }
    // A cover may be typed where the rest is scanned.
    if content.words < 10 * pages.len() as u64 && 2 * without_text >= pages.len() as u64 {
        return Err(malformed(if figures > 0 {
            format!(
                "{without_text} of {} pages hold pictures and no text, as a scan does; export the report from the program \
                 that it was written in, or run text recognition on it",
                pages.len()
            )
        } else {
            format!("{without_text} of {} pages hold no text; {ANEW}", pages.len())
        }));
    }
    Ok(content)
}

/// The addresses that a page's areas lead to.
fn links(document: &Document, page: ObjectId, number: u64, links: &mut Vec<Link>) {
    let resolved = |object| document.dereference(object).ok().map(|(_, object)| object);
    let areas =
        document.get_dictionary(page).ok().and_then(|page| resolved(page.get(b"Annots").ok()?)?.as_array().ok());
    for area in areas.into_iter().flatten() {
        let action = resolved(area).and_then(|area| resolved(area.as_dict().ok()?.get(b"A").ok()?)?.as_dict().ok());
        let address = action.and_then(|action| resolved(action.get(b"URI").ok()?)?.as_str().ok());
        if let Some(address) = address {
            let target = String::from_utf8_lossy(address).trim().to_owned();
            let link = Link { target, place: Place::Page(number) };
            // An address that goes on in the next line has two areas.
            if links.last() != Some(&link) {
                keep(links, link);
            }
        }
    }
}

/// A heading that comes back on page after page is the head or the foot of the pages.
fn drop_running_heads(content: &mut Content) {
    const PAGES: usize = 3;
    let plain = |text: &str| -> String { text.chars().filter(|c| !c.is_ascii_digit()).collect() };
    let mut pages: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
    for heading in &content.headings {
        if let Place::Page(number) = heading.place {
            pages.entry(plain(&heading.text)).or_default().insert(number);
        }
    }
    let mut seen = BTreeSet::new();
    content.headings.retain(|heading| {
        let text = plain(&heading.text);
        pages.get(&text).is_none_or(|pages| pages.len() < PAGES) || seen.insert(text)
    });
}

/// Puts the words together that were divided at the end of a line; `load-` and `balancer` keep their hyphen where each
/// stands alone elsewhere, and nowhere both as one.
fn join_hyphens(lines: &mut [Line]) {
    const HYPHENS: [char; 3] = ['-', '\u{2010}', '\u{ad}'];
    let mut words = BTreeSet::new();
    let mut divided = false;
    for line in lines.iter() {
        // What is left of a divided word is no word.
        let text = if divided { line.text.split_once(' ').map_or("", |(_, rest)| rest) } else { &line.text };
        divided = line.text.ends_with(HYPHENS);
        let text = if divided { text.rsplit_once(' ').map_or("", |(rest, _)| rest) } else { text };
        words.extend(text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1).map(str::to_lowercase));
    }
    for at in 1..lines.len() {
        let (above, below) = lines.split_at_mut(at);
        let (Some(above), Some(below)) = (above.last_mut(), below.first_mut()) else { continue };
        let Some(first) = above.text.strip_suffix(HYPHENS) else { continue };
        let first = first.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
        let (rest, after) = below.text.split_once(' ').unwrap_or((below.text.as_str(), ""));
        let second = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let letters = |word: &str| !word.is_empty() && word.chars().all(char::is_alphabetic);
        if above.place != below.place || !letters(&first) || !letters(second) || !second.starts_with(char::is_lowercase)
        {
            continue;
        }
        let one = words.contains(&format!("{first}{second}"));
        if one || !(words.contains(&first) && words.contains(second)) {
            above.text.pop();
        }
        above.text.push_str(rest);
        below.text = after.to_owned();
    }
}

/// Lines that say `Figure 3: …`, each once: a list of figures says the same.
fn captions(content: &mut Content) {
    const WORDS: [&str; 3] = ["figure", "fig", "figura"];
    for line in &content.lines {
        let mut words = line.text.split_whitespace();
        let first = words.next().unwrap_or_default().trim_end_matches('.').to_lowercase();
        let numbered = words.next().is_some_and(|word| word.starts_with(|c: char| c.is_ascii_digit()));
        let listed = line.text.contains("...") || line.text.contains(". . ");
        if !WORDS.contains(&first.as_str()) || !numbered || listed || words.next().is_none() {
            continue;
        }
        if !content.figure_list.iter().any(|figure| figure.caption.as_ref() == Some(&line.text)) {
            let figure = Figure { caption: Some(line.text.clone()), target: None, place: line.place.clone() };
            keep(&mut content.figure_list, figure);
        }
    }
}

/// With the extractor that knows fonts and layout, or where it fails with the parser's own.
fn page_text(document: &Document, number: u32) -> Option<String> {
    let laid_out = catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::new();
        let mut output = PlainTextOutput::new(&mut text);
        pdf_extract::output_doc_page(document, &mut output, number).ok()?;
        Some(text)
    }));
    laid_out
        .ok()
        .flatten()
        .or_else(|| catch_unwind(AssertUnwindSafe(|| document.extract_text(&[number]).ok())).ok().flatten())
}

fn append_page(content: &mut Content, number: u64, text: &str) -> Result<(), Unreadable> {
    let mut lines: Vec<(String, bool)> = Vec::new();
    let mut after_blank = true;
    for line in text.lines() {
        let line = as_meant(&line.split_whitespace().collect::<Vec<_>>().join(" "));
        if !line.is_empty() {
            lines.push((line, after_blank));
            after_blank = false;
        } else {
            after_blank = true;
        }
    }
    for (at, (text, after_blank)) in lines.iter().enumerate() {
        let line = Line::new(text, Place::Page(number));
        if looks_like_heading(text, *after_blank) && !is_list_item(&lines, at) && !goes_on(&lines, at) {
            content.headings.push(line.clone());
            content.push(line)?;
            continue;
        }
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| lines.get(at));
        let shape = if is_caption(text) {
            Shape::Figure
        } else if is_row(text) && beside.into_iter().any(|(other, _)| is_row(other)) {
            Shape::Row
        } else {
            Shape::Text
        };
        content.push(line.shaped(shape))?;
    }
    Ok(())
}

/// `Figure 3: the cluster`; a sentence that only begins with a figure's number is none.
fn is_caption(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let named = words
        .next()
        .is_some_and(|word| matches!(word.trim_end_matches('.').to_lowercase().as_str(), "figure" | "fig" | "figura"));
    let Some(number) = words.next().filter(|word| named && word.starts_with(|c: char| c.is_ascii_digit())) else {
        return false;
    };
    let next = words.next().unwrap_or_default();
    let marked = number.ends_with([':', '.', ')']) || matches!(next, ":" | "-" | "–" | "—");
    marked && !next.is_empty() && !text.contains("...") && !text.contains(". . ")
}

/// A row of a table, as text has them: several figures, and few words beside them. One alone is no table.
fn is_row(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_figure = |word: &&&str| {
        let word = word.trim_matches(['%', '(', ')', '±', '~', '<', '>', '=', '$', '€']);
        word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || ".,".contains(c))
    };
    let figures = words.iter().filter(is_figure).count();
    figures >= 2 && figures * 3 >= words.len() && !text.ends_with(['.', ';', ','])
}

/// A heading with a page number after it, where the heading stands alone as well, is the table of contents'.
fn drop_table_of_contents(content: &mut Content) {
    let texts: BTreeSet<String> = content.headings.iter().map(|heading| heading.text.clone()).collect();
    content.headings.retain(|heading| {
        heading.text.rsplit_once(' ').is_none_or(|(title, page)| page.parse::<u32>().is_err() || !texts.contains(title))
    });
}

/// A step of a numbered list: the number before or after it stands a few lines away, and it is more than a title.
fn is_list_item(lines: &[(String, bool)], at: usize) -> bool {
    const NEAR: usize = 4;
    let number = |text: &str| {
        let (number, rest) = text.split_once(['.', ')'])?;
        rest.starts_with(' ').then(|| number.parse::<u32>().ok())?
    };
    let text = &lines[at].0;
    let Some(own) = number(text) else { return false };
    let around = &lines[at.saturating_sub(NEAR)..lines.len().min(at + NEAR + 1)];
    let in_sequence = around.iter().filter_map(|(line, _)| number(line)).any(|other| other.abs_diff(own) == 1);
    in_sequence && text.split_whitespace().count() > 4
}

/// The first line of a paragraph, as in a narrow column: the next begins small. A heading over two lines has little in them.
fn goes_on(lines: &[(String, bool)], at: usize) -> bool {
    const TITLE_WORDS: usize = 7;
    let text = &lines[at].0;
    let Some((next, false)) = lines.get(at + 1) else { return false };
    if text.starts_with(|c: char| c.is_ascii_digit()) || !next.starts_with(char::is_lowercase) {
        return false;
    }
    let words = text.split_whitespace().count() + next.split_whitespace().count();
    let ends = lines.get(at + 2).is_none_or(|(_, after_blank)| *after_blank) && !next.ends_with(['.', ',', ';', ':']);
    !(ends && words <= TITLE_WORDS)
}

/// A PDF does not say what is a heading: short lines that are numbered, or stand apart, begin with a capital, and end
/// without punctuation. Lines of a table of contents end in dots and a page number and are none.
fn looks_like_heading(line: &str, after_blank: bool) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    const CAPTIONS: [&str; 6] = ["figure", "fig.", "table", "tableau", "figura", "tabella"];
    let caption = words.first().is_some_and(|word| CAPTIONS.contains(&word.to_lowercase().as_str()));
    if caption || words.len() > 10 || line.chars().count() > 80 || line.contains("...") || line.contains(". . ") {
        return false;
    }
    let first = words.first().copied().unwrap_or_default();
    let is_number = first.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ')')
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first.len() <= 6;
    let title: Vec<&str> = if is_number { words[1..].to_vec() } else { words.clone() };
    let has_word = title.iter().any(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 3);
    let begins = title.first().is_some_and(|word| word.starts_with(char::is_uppercase));
    let ends_open = line.ends_with(['.', ',', ';', ':', ')', '=', '-', '/', '\\']);
    let numbers = title.iter().filter(|word| word.chars().all(|c| c.is_ascii_digit() || ".,%".contains(c))).count();
    has_word && begins && !ends_open && numbers <= 1 && (is_number || (after_blank && words.len() <= 7))
}

#[cfg(test)]
mod tests;
