//! The letters that a PDF means, where it draws them by parts or does not name them.

use unicode_normalization::UnicodeNormalization;

/// Stands for what a font draws and does not name.
const UNKNOWN: char = char::REPLACEMENT_CHARACTER;

/// A line with its accents on their letters and its ligatures taken apart.
pub(super) fn as_meant(text: &str) -> String {
    with_ligatures(with_accents(text))
}

/// Puts the accents back on their letters: TeX sets them as characters of their own, before the letter (`´e`), and the
/// cedilla after it (`c¸`).
fn with_accents(text: &str) -> String {
    let mut composed = String::with_capacity(text.len());
    let mut pending = None;
    for c in text.chars() {
        let mark = match c {
            '´' => Some('\u{301}'),
            '¨' => Some('\u{308}'),
            'ˆ' => Some('\u{302}'),
            '˜' => Some('\u{303}'),
            // Elsewhere it quotes code.
            '`' if composed.ends_with(char::is_alphabetic) => Some('\u{300}'),
            _ => None,
        };
        if c == '¸' && composed.ends_with(char::is_alphabetic) {
            composed.push('\u{327}');
        } else if let Some((sign, mark)) = pending.take() {
            if c.is_alphabetic() {
                composed.extend([if c == 'ı' { 'i' } else { c }, mark]);
            } else {
                composed.extend([sign, c]);
            }
        } else if let Some(mark) = mark {
            pending = Some((c, mark));
        } else {
            composed.push(c);
        }
    }
    composed.extend(pending.map(|(sign, _)| sign));
    composed.nfc().collect()
}

/// Office programs draw `ti` as one sign and often leave it without a name, as no other pair of letters: between small
/// letters it is taken for that. Where it was another (`tt`, `ft`), the word is no worse to read.
fn with_ligatures(text: String) -> String {
    if !text.contains(UNKNOWN) {
        return text;
    }
    let letters: Vec<char> = text.chars().collect();
    let is_small = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|c| c.is_lowercase());
    let mut whole = String::with_capacity(text.len());
    for (at, &letter) in letters.iter().enumerate() {
        if letter == UNKNOWN && is_small(at.checked_sub(1)) && is_small(Some(at + 1)) {
            whole.push_str("ti");
        } else {
            whole.push(letter);
        }
    }
    whole
}

/// The share of letters that nobody knows, among all letters.
pub(super) fn share_unknown<'t>(lines: impl Iterator<Item = &'t str>) -> f64 {
    let (mut unknown, mut known) = (0_u64, 0_u64);
    for letter in lines.flat_map(str::chars) {
        unknown += u64::from(letter == UNKNOWN);
        known += u64::from(letter.is_alphabetic());
    }
    if unknown == 0 { 0.0 } else { unknown as f64 / (unknown + known) as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_stand_on_their_letters() {
        assert_eq!(as_meant("D´eploiement, probl`eme, Franc¸ois, na¨ıf"), "Déploiement, problème, François, naïf");
        assert_eq!(as_meant("run `make` ´"), "run `make` ´");
    }

    #[test]
    fn a_sign_without_a_name_is_the_ligature_of_office_programs() {
        assert_eq!(
            as_meant("Instruc\u{fffd}ons, configura\u{fffd}on, x \u{fffd} y"),
            "Instructions, configuration, x \u{fffd} y"
        );
    }

    #[test]
    fn letters_that_nobody_knows_are_counted() {
        assert!((share_unknown(["ab\u{fffd}", "c 1"].into_iter()) - 0.25).abs() < 1e-9);
        assert!(share_unknown(["", "abc"].into_iter()) < 1e-9);
    }
}
