//! What is wrong in an expression, each with its place in the text.

use std::ops::Range;

use minijinja::machinery::Span;
use stackmark_evidence::schema::{self, Held};

use super::super::problem::did_you_mean;
use super::super::shape::{Kind, Shape, kind, words};

/// Something that can never be right, with its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wrong {
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) fix: String,
}

/// The findings of one text.
pub(super) struct Findings<'t> {
    pub(super) text: &'t str,
    pub(super) wrong: Vec<Wrong>,
}

impl<'t> Findings<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, wrong: Vec::new() }
    }

    /// Keeps what is wrong, once.
    pub(super) fn say(&mut self, range: Range<usize>, message: impl Into<String>, fix: impl Into<String>) {
        let wrong = Wrong { range, message: message.into(), fix: fix.into() };
        if !self.wrong.contains(&wrong) {
            self.wrong.push(wrong);
        }
    }

    /// What the field of a value is; says so where there is none of that name.
    pub(super) fn field(&mut self, of: &Shape, name: &str, range: Range<usize>, told: &str) -> Shape {
        let known: Vec<&str> = match of {
            Shape::Unknown | Shape::Never => return Shape::Unknown,
            Shape::Family(family) => {
                return schema::reading(&format!("{family}.{name}")).map_or(Shape::Unknown, Shape::Held);
            }
            Shape::Keys(keys) if keys.iter().any(|key| key == name) => return Shape::Unknown,
            Shape::Keys(keys) => keys.iter().map(String::as_str).collect(),
            Shape::Held(schema) => match schema::held(schema) {
                Held::Any => return Shape::Unknown,
                Held::Keyed(each) => return Shape::Held(each),
                Held::Fields(fields) => match fields.get(name) {
                    Some(field) => return Shape::Held(field),
                    None => fields.keys().map(String::as_str).collect(),
                },
                Held::List(_) | Held::Text(_) | Held::Number | Held::Boolean => Vec::new(),
            },
            Shape::Text | Shape::Number | Shape::Boolean | Shape::List(_) => Vec::new(),
        };
        let close = did_you_mean(name, known.iter().copied());
        let fix = match (close, kind(of)) {
            (Some(close), _) => format!("did you mean `{close}`?"),
            (None, Kind::List) => format!("take one element: `| first`, or the field of each: `| pluck('{name}')`"),
            (None, _) if known.is_empty() => format!("it is {}", words(of)),
            (None, _) => format!("it has {}", known.join(", ")),
        };
        let message = match kind(of) {
            Kind::List => format!("`{told}` is a list, and has no field `{name}`"),
            _ => format!("`{told}` has no field `{name}`"),
        };
        self.say(range, message, fix);
        Shape::Unknown
    }

    /// The place of a span; the whole text where it has none.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let (start, end) = (span.start_offset as usize, span.end_offset as usize);
        if start < end && self.text.get(start..end).is_some() { start..end } else { 0..self.text.len() }
    }

    /// A string without its quotes.
    pub(super) fn inside(&self, span: Span) -> Range<usize> {
        let range = self.range(span);
        match self.text[range.clone()].starts_with(['\'', '"']) && range.len() >= 2 {
            true => range.start + 1..range.end - 1,
            false => range,
        }
    }

    /// The word that a span ends with.
    pub(super) fn last_word(&self, span: Span, word: &str) -> Range<usize> {
        let range = self.range(span);
        match self.text[range.clone()].rfind(word) {
            Some(at) => range.start + at..range.start + at + word.len(),
            None => range,
        }
    }

    /// The first such word of a span.
    pub(super) fn word(&self, span: Span, word: &str) -> Range<usize> {
        let range = self.range(span);
        match self.text[range.clone()].find(word) {
            Some(at) => range.start + at..range.start + at + word.len(),
            None => range,
        }
    }
}
