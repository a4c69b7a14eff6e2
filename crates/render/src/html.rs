//! `report.html` for the team and `marker.html` for who marks: one page each, which needs nothing beside it: no script, no
//! file, no address.

use sha2::{Digest, Sha256};

use super::templates::{RenderError, Templates};
use super::view::View;
use stackmark_evidence::Evidence;
use stackmark_judge::Scorecard;

/// The template of the team's view.
const TEAM: &str = "handover.html.j2";
/// The template of the marker's view.
const MARKER: &str = "marker.html.j2";

/// The page that a team gets, in the language of the rubric: no guidance for the marker, no keys of the evidence.
///
/// `markdown` is where `report.md` stands, seen from the page, which leads there for what it leaves out; `None` where there
/// is none.
///
/// # Errors
/// Where the rubric's language is unknown, or a template of the user's own asks for what is not there.
pub fn report(
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
    markdown: Option<&str>,
) -> Result<String, RenderError> {
    page(TEAM, card, evidence, templates, markdown)
}

/// The same for who marks: with guidance, questions, pointers into the evidence and decisions. Not for teams.
///
/// # Errors
/// As [`report`].
pub fn marker(
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
    markdown: Option<&str>,
) -> Result<String, RenderError> {
    page(MARKER, card, evidence, templates, markdown)
}

fn page(
    template: &str,
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
    markdown: Option<&str>,
) -> Result<String, RenderError> {
    let language = &card.rubric.language;
    let view = View { markdown, ..View::new(card, evidence, templates.language(language)?) };
    templates.render(template, language, &view)
}

/// What a content security policy names to let one inline style block through, and no other: `'sha256-…'`.
pub(super) fn style_source(style: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(style.as_bytes())))
}

/// Base64 with padding, as RFC 4648 has it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            text.push(if at > group.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, style_source};

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("\u{fb}\u{ff}", "w7vDvw=="),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xbf]), "+/+/");
    }

    #[test]
    fn a_style_is_named_as_browsers_name_it() {
        assert_eq!(style_source(""), "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='");
    }
}
