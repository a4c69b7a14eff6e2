//! Lines of a PDF that begin with the name of a part: rows of a table, which a PDF does not tell from other text.

use super::super::document::{Content, Format, Line, Shape};
use super::super::words::{Hit, Role, scan};
use super::{Document, Seen, Strength};
use stackmark_code::text::folded_words;
use stackmark_evidence::report::PARTS;

impl Document<'_> {
    /// Leaves to a person the missing parts that a row may tell.
    pub(super) fn look_at_rows_of_a_pdf(&self, content: &Content, seen: &mut [Option<Seen>]) {
        if content.format != Format::Pdf || seen.iter().all(Option::is_some) {
            return;
        }
        let named: Vec<Vec<usize>> = content.lines.iter().map(|line| named_first(line, content)).collect();
        for (part, &(id, _)) in PARTS.iter().enumerate().take(seen.len()) {
            if seen[part].is_some() {
                continue;
            }
            // Names one below the other are a list of what there is.
            let is_told = |at: usize| {
                let words = folded_words(&content.lines[at].text).len();
                words > 3 || named.get(at + 1).is_some_and(Vec::is_empty)
            };
            let Some(at) = (0..named.len()).find(|&at| named[at].contains(&part) && is_told(at)) else { continue };
            let line = &content.lines[at];
            let mut found = Seen {
                strength: Strength::Weak,
                quote: line.text.clone(),
                place: line.place.to_string(),
                because: "a line of the PDF begins with its name, as the row of a table would".to_owned(),
                holds: Vec::new(),
                lacks: Vec::new(),
                substance: 0,
            };
            self.tell_of_the_whole(id, &mut found);
            seen[part] = Some(found);
        }
    }
}

/// The parts with whose names a line begins; none of a heading, whose text is known, and of an entry of the contents.
fn named_first(line: &Line, content: &Content) -> Vec<usize> {
    let begins = line.text.trim_start().starts_with(char::is_uppercase);
    let is_entry = line.text.contains("...") || line.text.contains(". . .") || line.text.contains('…');
    if line.shape != Shape::Text || !begins || is_entry {
        return Vec::new();
    }
    let part = |hit: &Hit| match hit.role {
        Role::Heading(part) if hit.from == 0 => Some(part),
        Role::Heading(_) | Role::Text(_) | Role::Cue(_) | Role::Sign(_) => None,
    };
    let parts: Vec<usize> = scan(&folded_words(&line.text)).iter().filter_map(part).collect();
    let is_heading = || content.headings.iter().any(|heading| heading.place == line.place && heading.text == line.text);
    if parts.is_empty() || is_heading() { Vec::new() } else { parts }
}
