//! Phrases of the keyword tables, and where they stand in a text.

use serde::Deserialize;

use stackmark_code::text::folded_words;

/// Words in a row, compared without accents and case; a word that ends in `*` may go on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) struct Phrase {
    words: Vec<(String, bool)>,
    /// Nothing else may stand beside it.
    whole: bool,
}

impl From<String> for Phrase {
    fn from(written: String) -> Self {
        let whole = written.starts_with('=');
        let words = written
            .split_whitespace()
            .flat_map(|word| {
                let open = word.ends_with('*');
                folded_words(word).into_iter().map(move |word| (word, open))
            })
            .collect();
        Self { words, whole }
    }
}

impl Phrase {
    /// Whether it stands at the beginning of `words`.
    pub(super) fn begins(&self, words: &[String]) -> bool {
        !self.words.is_empty()
            && words.len() >= self.words.len()
            && self.words.iter().zip(words).all(|((expected, open), word)| {
                if *open { word.starts_with(expected.as_str()) } else { word == expected }
            })
    }

    /// Whether it may stand at `at` among `words`: one that is to be the whole has at most a number before it.
    pub(super) fn fits(&self, at: usize, words: &[String]) -> bool {
        let is_number = |word: &String| word.chars().all(|c| c.is_ascii_digit());
        !self.whole || (words[..at].iter().all(is_number) && at + self.len() == words.len())
    }

    /// How many words it has.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// Of its first word.
    pub(super) fn first_byte(&self) -> Option<u8> {
        self.words.first()?.0.bytes().next()
    }

    /// Whether it stands anywhere in `words`.
    pub(super) fn is_in(&self, words: &[String]) -> bool {
        (0..words.len()).any(|at| self.begins(&words[at..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_match_whole_words_unless_open() {
        let words = folded_words("Le Déploiement de l'équipe, résultats bruts");
        assert!(Phrase::from("deploiement".to_owned()).is_in(&words));
        assert!(Phrase::from("resultat*".to_owned()).is_in(&words));
        assert!(Phrase::from("l equipe".to_owned()).is_in(&words));
        assert!(!Phrase::from("brut".to_owned()).is_in(&words));
        assert!(!Phrase::from("equipe bruts".to_owned()).is_in(&words));
    }
}
