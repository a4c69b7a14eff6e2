//! Words of a text for people, in English, French and Italian alike.

use stackmark_code::text::folded_words;

use crate::token::Token;

/// Words that carry no content, without accents, in all three languages: a changed article hides nothing.
const SMALL: &[&str] = &[
    "afin", "ainsi", "alla", "allo", "also", "anche", "and", "are", "aux", "avec", "avons", "been", "ces", "cet",
    "cette", "che", "come", "con", "dal", "dalla", "dans", "degli", "dei", "del", "della", "delle", "des", "dont",
    "elle", "est", "etre", "for", "from", "gli", "has", "have", "ils", "into", "its", "les", "leur", "leurs", "mais",
    "nel", "nella", "non", "nos", "notre", "nous", "one", "ont", "our", "par", "pas", "per", "plus", "pour", "puis",
    "quale", "que", "quelle", "qui", "questa", "questo", "quindi", "ses", "siamo", "sono", "son", "sont", "sur",
    "that", "the", "their", "then", "there", "these", "this", "those", "tra", "una", "une", "uno", "was", "were",
    "which", "will", "with", "you",
];

/// The tokens of `text`: words of three letters or more, folded, the small ones aside.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let words = folded_words(line);
        let words = words.iter().filter(|word| word.chars().count() >= 3 && !SMALL.contains(&word.as_str()));
        tokens.extend(words.map(|word| Token::new(word, at as u32 + 1)));
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_small_words_and_line_breaks_do_not_matter() {
        let hashes = |text: &str| tokens(text).iter().map(|token| token.hash).collect::<Vec<_>>();
        assert_eq!(hashes("Nous avons déployé la grappe avec Terraform."), hashes("déploye\ngrappe  (Terraform)"));
        assert_eq!(hashes("We deployed the cluster"), hashes("deployed cluster"));
        assert_eq!(hashes("Abbiamo distribuito il cluster"), hashes("abbiamo distribuito cluster"));
    }
}
