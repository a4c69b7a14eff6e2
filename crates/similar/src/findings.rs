//! What a comparison found, as plain data: `similar.json`, and what the page shows. For the marker's eyes only: it names
//! teams beside each other, which no team's report ever does.

use serde::{Deserialize, Serialize};

use crate::kind::Channel;

/// The format of `similar.json`.
pub const SCHEMA: &str = "stackmark/similar/v1";

/// All of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Which format this is, with its version.
    pub schema: String,
    /// When it was made, RFC 3339.
    pub made_at: String,
    /// Of each channel that was compared.
    pub channels: Vec<ChannelFindings>,
    /// Pairs that are worth a look, and the nearest below the cut; the most alike first.
    pub pairs: Vec<PairFinding>,
    /// Teams that hang together by pairs that are worth a look, the largest group first.
    pub clusters: Vec<Vec<String>>,
    /// Teams that could not be compared, or only in part.
    pub not_compared: Vec<NotCompared>,
    /// Labels of the past classes that were compared with.
    pub past: Vec<String>,
}

/// How alike the pairs of a class are in one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelFindings {
    /// What was compared.
    pub channel: Channel,
    /// How many pairs were compared.
    pub compared: u64,
    /// From here on a pair is worth a look, 0 to 1.
    pub cut: f64,
    /// Pairs by how alike they are, in equal steps from 0 to 1.
    pub distribution: Vec<u64>,
}

/// Two teams. A question, and no verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairFinding {
    /// Stable: the same two teams have the same id in the next run.
    pub id: String,
    /// The one.
    pub a: Team,
    /// The other.
    pub b: Team,
    /// Of programs and scripts; `None` if it was not compared or has nothing in common.
    pub code: Option<Part>,
    /// Of Terraform, YAML and Dockerfiles.
    pub infrastructure: Option<Part>,
    /// Of reports and READMEs.
    pub prose: Option<Part>,
    /// Whether it is worth a look.
    pub above_cut: bool,
    /// The longest first.
    pub regions: Vec<RegionFinding>,
    /// Commits that both have.
    pub commits: Vec<SharedCommit>,
}

/// A team of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its id.
    pub id: String,
    /// The label of the past class that it is of.
    pub past: Option<String>,
}

impl Team {
    /// As a page shows it.
    pub fn name(&self) -> String {
        match &self.past {
            Some(label) => format!("{} ({label})", self.id),
            None => self.id.clone(),
        }
    }
}

/// How much of each is in the other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Part of the one team's own that is in the other, 0 to 1.
    pub of_a: f64,
    /// Part of the other team's own that is in the one, 0 to 1.
    pub of_b: f64,
    /// Fingerprints in both.
    pub shared: u64,
}

/// A stretch that both have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RegionFinding {
    /// What was compared.
    pub channel: Channel,
    /// Lines of its longer side.
    pub lines: u32,
    /// Fingerprints that hang together in it.
    pub prints: u64,
    /// In the one team.
    pub a: SideFinding,
    /// In the other.
    pub b: SideFinding,
}

/// One side of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SideFinding {
    /// Path in the repository; of a past team the number of the file.
    pub path: String,
    /// One-based.
    pub first: u32,
    /// One-based, the last of them.
    pub last: u32,
    /// The commit that brought it; `None` of a past team, and where it could not be told.
    pub appeared: Option<CommitRef>,
    /// The lines, for the page; never stored.
    #[serde(skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitRef {
    /// Full object id.
    pub commit: String,
    /// Name of its author.
    pub author: String,
    /// Author date, RFC 3339.
    pub at: String,
    /// First line of the message.
    pub subject: String,
}

/// The same change in both repositories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedCommit {
    /// In the one.
    pub a: CommitRef,
    /// In the other.
    pub b: CommitRef,
    /// Whether it is the very same commit, not only the same change.
    pub same_commit: bool,
}

/// Why a team was not compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotCompared {
    /// Its id.
    pub team: String,
    /// In words.
    pub why: String,
}

impl Findings {
    /// Without the lines of the teams' files, which only the page shows.
    #[must_use]
    pub fn without_text(&self) -> Self {
        let mut stored = self.clone();
        for region in stored.pairs.iter_mut().flat_map(|pair| &mut pair.regions) {
            region.a.text = None;
            region.b.text = None;
        }
        stored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_shown_and_not_stored() {
        let side = |text: &str| SideFinding {
            path: "a.py".to_owned(),
            first: 1,
            last: 2,
            appeared: None,
            text: Some(text.to_owned()),
        };
        let region =
            RegionFinding { channel: Channel::Code, lines: 2, prints: 1, a: side("secret one"), b: side("secret two") };
        let team = |id: &str| Team { id: id.to_owned(), past: None };
        let findings = Findings {
            schema: SCHEMA.to_owned(),
            made_at: "2026-11-28T10:00:00Z".to_owned(),
            channels: Vec::new(),
            pairs: vec![PairFinding {
                id: "a--b".to_owned(),
                a: team("a"),
                b: Team { past: Some("2025".to_owned()), ..team("b") },
                code: None,
                infrastructure: None,
                prose: None,
                above_cut: false,
                regions: vec![region],
                commits: Vec::new(),
            }],
            clusters: Vec::new(),
            not_compared: Vec::new(),
            past: Vec::new(),
        };
        assert!(serde_json::to_string(&findings).unwrap().contains("secret one"));
        let stored = serde_json::to_string(&findings.without_text()).unwrap();
        assert!(!stored.contains("secret"), "{stored}");
        assert_eq!(serde_json::from_str::<Findings>(&stored).unwrap(), findings.without_text());
        assert_eq!(findings.pairs[0].b.name(), "b (2025)");
    }
}
