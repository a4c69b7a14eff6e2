//! A document without its secrets: nothing else leaves [`super`], so that no quote, link or claim has one.
//!
//! Secrets are taken out of the text while it is whole. A line of a key tells nothing by itself, and a claim that quotes it, or
//! cuts it, would be stored as it is.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use stackmark_collect::redact::{Redacted, redact};

use super::{Content, Place};

/// Lines of one place with a secret in them: more tell of whatever stands there that it is one.
const MOST_AT_A_PLACE: usize = 500;
/// Bytes of them, with and without their secrets: each heading and link of the place is searched in all of them.
const MOST_BYTES_AT_A_PLACE: usize = 32 << 10;
/// Stands for what is a piece of a secret.
const A_PIECE: &str = "…[redacted]";

/// What a parser read, its secrets among it.
#[derive(Debug, Serialize, Deserialize)]
pub(in super::super) struct Raw(pub(super) Content);

impl Raw {
    /// The document that may be quoted.
    pub(in super::super) fn clean(self) -> Content {
        let Self(mut content) = self;
        let touched = Touched::out_of(&mut content);
        for heading in &mut content.headings {
            let clean = touched.line(&heading.text).or_else(|| touched.piece(&heading.text, &heading.place));
            heading.text = clean.unwrap_or_else(|| A_PIECE.to_owned());
        }
        // An address has its secret in it and leads to the same place; a path would lead to another.
        let leads = |target: &str, place: &Place| {
            touched.piece(target, place).filter(|clean| clean == target || clean.contains("://"))
        };
        content.links.retain_mut(|link| match leads(&link.target, &link.place) {
            Some(clean) => {
                link.target = clean;
                true
            }
            None => false,
        });
        for figure in &mut content.figure_list {
            let place = &figure.place;
            figure.caption = figure.caption.as_deref().and_then(|caption| touched.piece(caption, place));
            figure.target = figure.target.as_deref().and_then(|target| leads(target, place));
        }
        for listing in content.listings.iter_mut().flatten() {
            listing.text = touched.listing(&listing.text);
        }
        content
    }
}

/// The lines with a secret in them.
#[derive(Default)]
struct Touched {
    at: HashMap<Place, AtAPlace>,
    /// Each without its secret, by its text.
    texts: HashMap<String, String>,
}

#[derive(Default)]
struct AtAPlace {
    /// As it was, and without its secret.
    lines: Vec<(String, String)>,
    bytes: usize,
}

impl Touched {
    /// Takes the secrets out of the lines of `content`.
    fn out_of(content: &mut Content) -> Self {
        let lines: Vec<&str> = content.lines.iter().map(|line| line.text.as_str()).collect();
        let clean = Redacted::of(&lines.join("\n"));
        content.secrets += clean.secrets();
        let mut touched = Self::default();
        if clean.secrets() == 0 {
            return touched;
        }
        let mut left = clean.as_str().split('\n');
        for line in &mut content.lines {
            // A paragraph of a Word document has line breaks in it.
            let breaks = line.text.matches('\n').count();
            let own: Vec<&str> = left.by_ref().take(breaks + 1).collect();
            let own = own.join("\n");
            if own != line.text {
                let text = std::mem::replace(&mut line.text, own.clone());
                touched.texts.insert(text.trim().to_owned(), own.trim().to_owned());
                let here = touched.at.entry(line.place.clone()).or_default();
                here.bytes += text.len() + own.len();
                here.lines.push((text, own));
            }
        }
        touched
    }

    /// What is left of a line that is all `text`.
    fn line(&self, text: &str) -> Option<String> {
        self.texts.get(text.trim()).cloned()
    }

    /// What is left of a piece of a line; `None` if that line tells that it is one of a secret, or there are too many to ask.
    fn piece(&self, text: &str, place: &Place) -> Option<String> {
        let here = self.at.get(place);
        if here.is_some_and(|here| here.lines.len() > MOST_AT_A_PLACE || here.bytes > MOST_BYTES_AT_A_PLACE) {
            return None;
        }
        let clean = redact(text).0;
        let lines = here.map_or(&[][..], |here| here.lines.as_slice());
        let of_a_secret = |(line, left): &(String, String)| line.contains(text) && !left.contains(&clean);
        (!lines.iter().any(of_a_secret)).then_some(clean)
    }

    /// A block of code, of which some lines may be lines of the text.
    fn listing(&self, text: &str) -> String {
        let clean = Redacted::of(text);
        let line = |line: &str| self.texts.get(line.trim()).cloned().unwrap_or_else(|| line.to_owned());
        let lines: Vec<String> = clean.as_str().split('\n').map(line).collect();
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Figure, Format, Line, Link, Listing};
    use super::*;

    /// Put together here: no scanner takes this file for a leak.
    fn key() -> String {
        let line = ["MIIEpAIBAAKCAQEAx7Zr1kQ7yVnT0xPqLmW3s", "HdJ5uGfE9aCoXiR2Nb8Zr1kQ7yV"].concat();
        format!("-----BEGIN {0}-----\n{line}\n{line}\n-----END {0}-----", "RSA PRIVATE KEY")
    }

    fn token() -> String {
        ["ghp_", "Zr1kQ7yVnT0xPqLmW3sHdJ5uGfE9aCoXiR2N"].concat()
    }

    /// Each field of a document that has text has a piece of a key that only the whole text tells.
    #[test]
    fn no_field_of_a_document_keeps_a_piece_of_a_key() {
        let lines: Vec<Line> =
            (1..).zip(key().lines()).map(|(number, text)| Line::new(text, Place::Line(number))).collect();
        let piece = lines[1].clone();
        let in_a_listing = Listing { language: None, text: piece.text.clone(), place: Place::Line(1) };
        let content = Content {
            format: Format::Markdown,
            headings: vec![piece.clone()],
            figure_list: vec![Figure {
                caption: Some(piece.text.clone()),
                target: Some(piece.text.clone()),
                place: piece.place.clone(),
            }],
            listings: Some(vec![in_a_listing]),
            links: vec![Link { target: piece.text.clone(), place: piece.place.clone() }],
            lines,
            ..Content::default()
        };
        let clean = Raw(content).clean();
        assert_eq!((clean.secrets, clean.lines.len()), (1, 4));
        assert!(!format!("{clean:?}").contains("MIIEpAIB"), "{clean:?}");
    }

    #[test]
    fn what_only_stands_beside_a_secret_stays() {
        let secret = token();
        let text = format!("# Access\n\nSee [the key](docs/key.md): {secret}\n\n![plan](img/plan.png)\n");
        let clean = super::super::markdown(&text);
        assert_eq!(clean.secrets, 1, "{clean:?}");
        assert_eq!((clean.links[0].target.as_str(), clean.headings[0].text.as_str()), ("docs/key.md", "Access"));
        assert_eq!(clean.figure_list[0].target.as_deref(), Some("img/plan.png"));
        assert!(!format!("{clean:?}").contains(&secret), "{clean:?}");
    }

    #[test]
    fn an_address_is_followed_without_its_password() {
        let secret = token();
        let link = |target: String| Link { target, place: Place::Page(1) };
        let links = vec![link(format!("https://x:{secret}@git.example/a")), link(format!("keys/{secret}.txt"))];
        let clean = Raw(Content { links, ..Content::default() }).clean();
        assert_eq!(clean.links.len(), 1, "{clean:?}");
        assert!(clean.links[0].target.contains("git.example") && !clean.links[0].target.contains(&secret), "{clean:?}");
    }

    /// Each heading of a page is searched in what the page has: a hostile page has both without end.
    #[test]
    fn in_more_than_can_be_searched_a_piece_may_be_of_a_secret() {
        let at = |words: usize| {
            let line = Line::new(format!("{} {}", token(), "word ".repeat(words)), Place::Page(1));
            let headings = [1, 2].map(|page| Line::new("word word", Place::Page(page)));
            let content = Content { lines: vec![line], headings: headings.into(), ..Content::default() };
            Raw(content).clean().headings.into_iter().map(|heading| heading.text).collect::<Vec<_>>()
        };
        assert_eq!(at(100), ["word word", "word word"]);
        assert_eq!(at(MOST_BYTES_AT_A_PLACE / 5), [A_PIECE, "word word"]);
    }
}
