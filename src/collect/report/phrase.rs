//! Phrases of the keyword tables, and where they stand in a text.

use serde::Deserialize;

use crate::collect::code::text::folded_words;

/// Words in a row, compared without accents and case; a word that ends in `*` may go on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(super) struct Phrase {
    words: Vec<(String, bool)>,
}

impl From<String> for Phrase {
    fn from(written: String) -> Self {
        let words = written
            .split_whitespace()
            .flat_map(|word| {
                let open = word.ends_with('*');
                folded_words(word).into_iter().map(move |word| (word, open))
            })
            .collect();
        Self { words }
    }
}

impl Phrase {
    /// Whether it stands at the beginning of `words`.
    fn begins(&self, words: &[String]) -> bool {
        !self.words.is_empty()
            && words.len() >= self.words.len()
            && self.words.iter().zip(words).all(|((expected, open), word)| {
                if *open { word.starts_with(expected.as_str()) } else { word == expected }
            })
    }

    /// Whether it stands anywhere in `words`.
    pub(super) fn is_in(&self, words: &[String]) -> bool {
        (0..words.len()).any(|at| self.begins(&words[at..]))
    }
}

/// The first place in `words` at which any of `phrases` stands.
pub(super) fn first_of(phrases: &[Phrase], words: &[String]) -> Option<usize> {
    (0..words.len()).find(|&at| phrases.iter().any(|phrase| phrase.begins(&words[at..])))
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
        assert_eq!(first_of(&["bruts".to_owned().into(), "de".to_owned().into()], &words), Some(2));
    }
}
