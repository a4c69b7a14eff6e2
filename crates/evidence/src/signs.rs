//! Signs of how something came about: facts for a person to weigh, and no guess at motives.
//!
//! A script that makes one day's dump look like a term of teamwork leaves such facts behind, and so now and then does an
//! honest team. None of them costs a point. Some are rare enough among people that the points which rest on the reading
//! wait until a person has looked: these ask.

use serde::{Deserialize, Serialize};

use crate::Evidence;
use crate::git::Pace;

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
    /// Commits that add piece after piece, of files that are written one by one, by members in turn.
    PieceByPiece,
    /// Members who committed nothing themselves, and whose work another member committed.
    CommittedByAnother,
    /// Commits that name another author than whoever committed them within five minutes.
    AnotherAuthor,
    /// Work that programs signed after the members had begun, or that a member committed in a program's name.
    ByProgram,
    /// Files that say that a generator wrote them, beside nothing that one reads.
    ClaimedGenerated,
    /// Authors who are a member's by the repository's own mailmap alone, and resemble that member in nothing.
    OwnMailmap,
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
    /// Text of a report that a reader may not see.
    HiddenText,
}

impl SignKind {
    /// All of them, in the order in which they compare.
    pub const ALL: [Self; 16] = [
        Self::Burst,
        Self::EvenGaps,
        Self::OnlyAdded,
        Self::PieceByPiece,
        Self::CommittedByAnother,
        Self::AnotherAuthor,
        Self::ByProgram,
        Self::ClaimedGenerated,
        Self::OwnMailmap,
        Self::NumbersWithoutForge,
        Self::OneTemplate,
        Self::RepeatedComments,
        Self::Unreachable,
        Self::InstallInComment,
        Self::ThinReport,
        Self::HiddenText,
    ];

    /// The word, as evidence and rubrics have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Burst => "burst",
            Self::EvenGaps => "even-gaps",
            Self::OnlyAdded => "only-added",
            Self::PieceByPiece => "piece-by-piece",
            Self::CommittedByAnother => "committed-by-another",
            Self::AnotherAuthor => "another-author",
            Self::ByProgram => "by-program",
            Self::ClaimedGenerated => "claimed-generated",
            Self::OwnMailmap => "own-mailmap",
            Self::NumbersWithoutForge => "numbers-without-forge",
            Self::OneTemplate => "one-template",
            Self::RepeatedComments => "repeated-comments",
            Self::Unreachable => "unreachable",
            Self::InstallInComment => "install-in-comment",
            Self::ThinReport => "thin-report",
            Self::HiddenText => "hidden-text",
        }
    }
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

/// Which signs put a team among those to look at; no points hang on it.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// The facts that count.
    pub facts: Vec<SignKind>,
    /// So many different ones it takes: one alone has many an honest reason. Commits in a team-mate's name are enough by
    /// themselves: whose the work is, the history then says by the word of another.
    pub at_least: usize,
    /// Whether only facts count that leave points to a person.
    pub only_asking: bool,
    /// From this part of the work on, in percent, a burst counts.
    pub burst_percent: f64,
    /// Up to this variation, in percent of their mean, even gaps count.
    pub gap_variation_percent: f64,
}

impl Default for Look {
    /// Whatever is told of, and two of it.
    fn default() -> Self {
        Self {
            facts: SignKind::ALL.to_vec(),
            at_least: 2,
            only_asking: false,
            burst_percent: 0.0,
            gap_variation_percent: 100.0,
        }
    }
}

impl Look {
    /// The facts that put a team among those to look at, each once; none where they are too few.
    pub fn at<'e>(&self, evidence: &'e Evidence) -> Vec<&'e Sign> {
        let pace = evidence.git.coordination.value().and_then(|it| it.pace.as_ref());
        let listed = [&evidence.git.signs, &evidence.code.signs, &evidence.report.signs];
        let mut told: Vec<&Sign> = Vec::new();
        for sign in listed.into_iter().flat_map(|signs| signs.values()).flatten() {
            if self.counts(sign, pace) && told.iter().all(|known| known.kind != sign.kind) {
                told.push(sign);
            }
        }
        if told.len() < self.at_least && told.iter().all(|sign| sign.kind != SignKind::AnotherAuthor) {
            told.clear();
        }
        told
    }

    /// Whether a fact counts; what was not measured does not keep it from counting.
    fn counts(&self, sign: &Sign, pace: Option<&Pace>) -> bool {
        let is_enough = match sign.kind {
            SignKind::Burst => pace.is_none_or(|it| it.within_a_minute_share * 100.0 >= self.burst_percent),
            SignKind::EvenGaps => pace
                .and_then(|it| it.gap_variation)
                .is_none_or(|variation| variation * 100.0 <= self.gap_variation_percent),
            _ => true,
        };
        self.facts.contains(&sign.kind) && (sign.asks || !self.only_asking) && is_enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_one_word_and_a_place_among_all() {
        for (place, kind) in SignKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(SignKind::ALL.len(), SignKind::HiddenText as usize + 1);
    }

    #[test]
    fn a_sign_is_told_with_its_places() {
        let says = "2 calls that nothing reaches".to_owned();
        let mut sign = Sign { kind: SignKind::Unreachable, says, asks: true, examples: Vec::new() };
        assert_eq!(sign.in_words(), "2 calls that nothing reaches");
        sign.examples = vec!["a.py:3".to_owned(), "a.py:4".to_owned()];
        assert_eq!(sign.in_words(), "a.py:3, a.py:4: 2 calls that nothing reaches");
    }
}
