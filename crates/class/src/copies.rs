//! Files that several teams have.
//!
//! A fact for the instructor and no judgement: it costs no points by itself, and no team's report names another team.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use stackmark_evidence::git::Contribution;

/// In a class of fewer teams, what half of them have is no sign of having been handed out.
const MIN_CLASS: usize = 4;

/// One content that stands in several teams' repositories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedFile {
    /// Lines, blank ones and starter code aside.
    pub lines: u64,
    /// Where it stands, by team, then path.
    pub places: Vec<SharedPlace>,
}

/// A file of one team.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SharedPlace {
    /// The team's id.
    pub team: String,
    /// Path in its repository.
    pub path: String,
}

/// Files that are the same but for white space in two teams or more, the longest first. What more than half of a class
/// of four teams or more has was handed out to it, and is left out.
pub fn shared<'e>(class: impl IntoIterator<Item = (&'e str, &'e Contribution)>) -> Vec<SharedFile> {
    let mut by_content: BTreeMap<&str, SharedFile> = BTreeMap::new();
    let mut size = 0;
    for (team, contribution) in class {
        size += 1;
        for file in &contribution.files {
            let shared = by_content
                .entry(&file.content_sha256)
                .or_insert_with(|| SharedFile { lines: file.lines, places: Vec::new() });
            shared.places.push(SharedPlace { team: team.to_owned(), path: file.path.clone() });
        }
    }
    let mut found: Vec<SharedFile> = by_content.into_values().filter(|file| is_telling(file, size)).collect();
    for file in &mut found {
        file.places.sort();
    }
    found.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| a.places.cmp(&b.places)));
    found
}

fn is_telling(file: &SharedFile, class: usize) -> bool {
    let mut teams: Vec<&str> = file.places.iter().map(|place| place.team.as_str()).collect();
    teams.sort_unstable();
    teams.dedup();
    teams.len() > 1 && (class < MIN_CLASS || teams.len() * 2 <= class)
}
