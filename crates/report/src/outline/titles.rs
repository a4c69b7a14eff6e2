//! Lines that a reader takes for headings, and the format does not: `##Results`, `*Results*`, `Results:`, `1. **Results**`.
//!
//! Only one that names a part of the report is taken for one: to read a sentence as a heading costs the section above it.

use std::sync::LazyLock;

use regex::Regex;

use super::super::document::{Content, Format, Line, Shape};
use super::super::words::{Role, scan};
use stackmark_code::markdown::is_bold_title;
use stackmark_code::text::folded_words;

/// Below all others.
pub(super) const LEVEL: usize = 9;
/// Longest title, in words, that only a colon makes a heading.
const COLON_WORDS: usize = 4;
/// So many lines from a picture, a line in italics may be its caption.
const NEAR: usize = 3;

struct Forms {
    /// Whatever stands around it.
    anywhere: Vec<Regex>,
    /// The first line of a paragraph.
    first: Regex,
    /// A paragraph of its own.
    alone: Regex,
    colon: Regex,
    markup: Regex,
}

static FORMS: LazyLock<Option<Forms>> = LazyLock::new(|| {
    let anywhere = [r"^#{1,6}([^#!\s].*)$", r"^\d{1,2}[.)]\s+(?:\*\*|__)([^*]+)(?:\*\*|__)\s*:?$"];
    Some(Forms {
        anywhere: anywhere.iter().map(|form| Regex::new(form)).collect::<Result<_, _>>().ok()?,
        first: Regex::new(r"^[*_]{1,4}([^*]*[^*\s_])[*_]{1,4}\s*:?(?:\\|<br\s*/?>)?$").ok()?,
        alone: Regex::new(r"^[\u{2460}-\u{2473}\u{2776}-\u{2793}]\s*(\S.*)$").ok()?,
        colon: Regex::new(r"^(\S.*[^:\s])\s*:$").ok()?,
        markup: Regex::new(r"<[^<>]{0,400}>|[*`]+").ok()?,
    })
});

/// The title that the line at `number` is, whose visible text is `text`, if it is one.
pub(super) fn unmarked(content: &Content, number: usize, text: &str) -> Option<String> {
    let forms = FORMS.as_ref()?;
    let line = content.lines.get(number)?;
    let has_signs = match content.format {
        Format::Markdown | Format::Notebook | Format::Text => true,
        Format::Docx | Format::Odt => false,
        _ => return None,
    };
    if line.shape != Shape::Text {
        return None;
    }
    let other = |at: Option<usize>| at.and_then(|at| content.lines.get(at)).filter(|other| other.shape == Shape::Text);
    let is_blank = |at: Option<usize>| other(at).is_none_or(|other| other.text.trim().is_empty());
    let begins = !has_signs || is_blank(number.checked_sub(1));
    let is_alone = begins && (!has_signs || is_blank(number.checked_add(1)));
    let text = text.trim();
    let title = if has_signs {
        let of = |form: &Regex| Some(form.captures(text)?.get(1)?.as_str());
        let first = || of(&forms.first).filter(|_| begins && !is_caption(content, number));
        let alone = || of(&forms.alone).filter(|_| is_alone);
        forms.anywhere.iter().find_map(of).or_else(first).or_else(alone)
    } else {
        let in_capitals = text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase);
        in_capitals.then_some(text)
    };
    let with_colon = || {
        let title = forms.colon.captures(text)?.get(1)?.as_str();
        (is_alone && folded_words(title).len() <= COLON_WORDS).then_some(title)
    };
    let title = forms.markup.replace_all(title.or_else(with_colon)?, " ").trim().to_owned();
    let names_a_part = || scan(&folded_words(&title)).iter().any(|hit| matches!(hit.role, Role::Heading(_)));
    (is_bold_title(&title) && names_a_part()).then_some(title)
}

/// Whether what is next to a line in italics is a picture or a table, which it tells of.
fn is_caption(content: &Content, number: usize) -> bool {
    let is_shown = |text: &str| {
        let text = text.trim_start();
        text.starts_with(['|', '!']) || text.contains("![") || text.contains("<img")
    };
    let written = |line: &&Line| !line.text.trim().is_empty();
    let (from, to) = (number.saturating_sub(NEAR), (number + 1 + NEAR).min(content.lines.len()));
    let above = content.lines[from..number].iter().rev().find(written);
    let below = content.lines[(number + 1).min(to)..to].iter().find(written);
    above.into_iter().chain(below).any(|line| is_shown(&line.text))
}
