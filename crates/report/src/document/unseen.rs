//! Text of a document that a reader may not see: white, tiny, transparent, off the page, never set.
//!
//! What certainly nobody sees is left out where a format is read. What may be seen all the same, as white letters on a dark
//! cover, stays, and is a question.

use serde::{Deserialize, Serialize};

use stackmark_code::markdown::count_words;

/// Fewer words are a title on a cover, or the head of a table.
const FEWEST_WORDS: u64 = 20;
/// From here on, a colour on white paper cannot be read.
const PALE: f64 = 0.95;

/// How much text it is, in words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Unseen(u64);

impl Unseen {
    pub(super) fn add(&mut self, text: &str) {
        self.0 += count_words(text);
    }

    pub(super) fn add_words(&mut self, words: u64) {
        self.0 += words;
    }

    pub(super) fn append(&mut self, other: Self) {
        self.0 += other.0;
    }

    /// The words, if they are more than a title.
    pub(in super::super) fn words(self) -> Option<u64> {
        (self.0 >= FEWEST_WORDS).then_some(self.0)
    }
}

/// Whether a colour of red, green and blue, each 0..1, is nearly white.
pub(super) fn is_pale(rgb: [f64; 3]) -> bool {
    let [red, green, blue] = rgb;
    0.2126 * red + 0.7152 * green + 0.0722 * blue > PALE
}

/// The same of six digits of HTML.
pub(super) fn is_pale_hex(digits: &str) -> bool {
    let digits = digits.trim().trim_start_matches('#');
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok().map(|part| f64::from(part) / 255.0);
    let rgb = || Some([part(0)?, part(2)?, part(4)?]);
    digits.len() == 6 && rgb().is_some_and(is_pale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_white_is_white() {
        for pale in ["FFFFFF", "#fefefe", "FFFFF0"] {
            assert!(is_pale_hex(pale), "{pale}");
        }
        for dark in ["000000", "auto", "808080", "", "FFé0", "FFFF00"] {
            assert!(!is_pale_hex(dark), "{dark}");
        }
    }

    #[test]
    fn a_title_is_no_report() {
        let mut unseen = Unseen::default();
        unseen.add("A title");
        assert_eq!(unseen.words(), None);
        unseen.add_words(18);
        assert_eq!(unseen.words(), Some(20));
    }
}
