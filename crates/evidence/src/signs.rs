//! Signs of how something came about: facts for a person to weigh, and no guess at motives.
//!
//! A script that makes one day's dump look like a term of teamwork leaves such facts behind, and so now and then does an
//! honest team. None of them costs a point. Some are rare enough among people that the points which rest on the reading
//! wait until a person has looked: these ask.

use serde::{Deserialize, Serialize};

/// What kind of fact it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SignKind {
    /// Commits that follow each other within a minute.
    Burst,
    /// Commits at even gaps.
    EvenGaps,
    /// Lines that were only ever added.
    OnlyAdded,
    /// Members who committed nothing themselves, and whose work another member committed.
    CommittedByAnother,
    /// Commits that name a pull request in nothing but the message.
    NumbersWithoutForge,
    /// Docstrings and comments of one template.
    OneTemplate,
    /// Comment lines that stand in many places word for word.
    RepeatedComments,
    /// Calls that nothing reaches.
    Unreachable,
    /// Words of an installation in the comments of a script.
    InstallInComment,
    /// A report of many parts with little in each that is the repository's own.
    ThinReport,
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Sign {
    /// Its kind.
    pub kind: SignKind,
    /// The fact with its numbers, as a part of a sentence.
    pub says: String,
    /// Whether points that rest on the reading wait for a person.
    pub asks: bool,
    /// Up to five of the places; empty where it is about all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}

impl Sign {
    /// With its places: `deploy.py:12, deploy.py:13: 4 of 9 calls of AWS are reached by nothing`.
    pub fn in_words(&self) -> String {
        match self.examples.is_empty() {
            true => self.says.clone(),
            false => format!("{}: {}", self.examples.join(", "), self.says),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_told_with_its_places() {
        let says = "2 calls that nothing reaches".to_owned();
        let mut sign = Sign { kind: SignKind::Unreachable, says, asks: true, examples: Vec::new() };
        assert_eq!(sign.in_words(), "2 calls that nothing reaches");
        sign.examples = vec!["a.py:3".to_owned(), "a.py:4".to_owned()];
        assert_eq!(sign.in_words(), "a.py:3, a.py:4: 2 calls that nothing reaches");
    }
}
