//! Phrases of the keyword tables, and where they stand in a text.

use std::collections::HashMap;

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

    /// Whether it stands anywhere in `words`.
    pub(super) fn is_in(&self, words: &[String]) -> bool {
        (0..words.len()).any(|at| self.begins(&words[at..]))
    }
}

/// Phrases by their first word, each with what it stands for: a word of a text is held against few of them.
pub(super) struct Index<T> {
    /// By the first word.
    whole: HashMap<&'static str, Vec<Listed<T>>>,
    /// Those whose first word may go on, by its first byte.
    open: HashMap<u8, Vec<Listed<T>>>,
    listed: usize,
}

/// A phrase with its place among all that were added.
type Listed<T> = (usize, T, &'static Phrase);

impl<T: Copy> Index<T> {
    pub(super) fn new() -> Self {
        Self { whole: HashMap::new(), open: HashMap::new(), listed: 0 }
    }

    pub(super) fn add(&mut self, stands_for: T, phrase: &'static Phrase) {
        let Some((first, is_open)) = phrase.words.first() else { return };
        let listed = (self.listed, stands_for, phrase);
        self.listed += 1;
        match first.bytes().next().filter(|_| *is_open) {
            Some(byte) => self.open.entry(byte).or_default().push(listed),
            None => self.whole.entry(first.as_str()).or_default().push(listed),
        }
    }

    /// The phrases that stand at the beginning of `words`, in the order in which they were added.
    pub(super) fn beginning(&self, words: &[String]) -> Vec<(T, &'static Phrase)> {
        let Some(first) = words.first() else { return Vec::new() };
        let whole = self.whole.get(first.as_str());
        let open = first.bytes().next().and_then(|byte| self.open.get(&byte));
        let listed = whole.into_iter().chain(open).flatten();
        let mut found: Vec<&Listed<T>> = listed.filter(|(_, _, phrase)| phrase.begins(words)).collect();
        found.sort_unstable_by_key(|(place, ..)| *place);
        found.into_iter().map(|(_, stands_for, phrase)| (*stands_for, *phrase)).collect()
    }
}

#[cfg(test)]
impl Phrase {
    /// Its words as a text may have them: those that may go on do so by `ending`.
    pub(super) fn said(&self, ending: &str) -> Vec<String> {
        self.words.iter().map(|(word, open)| if *open { format!("{word}{ending}") } else { word.clone() }).collect()
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
