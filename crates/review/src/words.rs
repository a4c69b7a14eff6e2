//! What the program itself says to a marker, in the language of the course.

use std::collections::BTreeMap;

use stackmark_render::language::Language;

use crate::desk::Desk;

/// A label with its places filled. Every language has every label, so that the key itself is never seen.
pub(crate) fn label(words: &Language, key: &str, count: Option<u64>, places: &[(&str, &str)]) -> String {
    let mut values: BTreeMap<&str, String> = places.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    values.extend(count.map(|count| ("n", count.to_string())));
    words.say(key, count.map(|count| count as f64), &values).unwrap_or_else(|_| key.to_owned())
}

impl Desk {
    /// A sentence of the program's own; as it is if the course's language has none for it.
    pub(crate) fn said(&self, english: &str) -> String {
        self.rubric.sentences.say(english)
    }
}
