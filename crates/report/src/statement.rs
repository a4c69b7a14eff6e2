//! Whether a document is an assignment's own, or a report that quotes it.

use super::candidates::statement_phrases;
use super::outline::Section;
use stackmark_code::text::folded_words;

/// So many phrases beside the quoted paragraphs, and these are no quotation.
const NOT_QUOTED: usize = 3;

/// How many phrases of assignment statements a document has, whose words are `words`. Where `sections`, without the paragraphs
/// in which the assignment speaks, are most of it and hardly say such a thing, those paragraphs are quoted and do not count.
pub(super) fn phrases_in(words: &[String], sections: &[Section]) -> usize {
    let all = statement_phrases(words);
    if all < NOT_QUOTED {
        return all;
    }
    let mut kept: Vec<String> = Vec::new();
    for section in sections {
        kept.extend(section.heading.iter().flat_map(|heading| folded_words(&heading.text)));
        kept.extend(section.units.iter().flat_map(|unit| unit.words.iter().cloned()));
    }
    let beside = statement_phrases(&kept);
    if beside >= NOT_QUOTED || kept.len() * 2 < words.len() || !speaks_of_its_authors(&kept) { all } else { beside }
}

/// Whether the authors speak to a reader no more often than of themselves: an assignment says what "you" have to do.
fn speaks_of_its_authors(words: &[String]) -> bool {
    const AUTHORS: [&str; 15] = [
        "we", "our", "us", "i", "my", "nous", "notre", "nos", "je", "abbiamo", "nostro", "nostra", "nostri", "nostre",
        "ho",
    ];
    const READERS: [&str; 11] =
        ["you", "your", "yours", "vous", "votre", "vos", "voi", "vostro", "vostra", "vostri", "vostre"];
    let count = |of: &[&str]| words.iter().filter(|word| of.contains(&word.as_str())).count();
    count(&AUTHORS) >= count(&READERS)
}
