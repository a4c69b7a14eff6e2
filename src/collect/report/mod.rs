//! The written report: finding it, reading it, looking for the parts of a handover document.
//!
//! A file is chosen by points, so that the choice can be explained: its name comes first (a README last), then what it
//! says. `names.toml` holds the names and `keywords.toml` the words by which the parts are recognised.

mod candidates;
mod choose;
mod document;
mod members;
mod parts;
mod phrase;
mod reader;

use std::fmt::Write;

use git2::Repository;
use sha2::{Digest, Sha256};

use super::Limits;
use super::code::text::one_line;
use super::redact::redact;
use super::tree::TreeFile;
use crate::evidence::report::{Document, ReportEvidence};
use crate::evidence::{Reading, Team};
use choose::{Choice, Chosen};

pub use reader::{COMMAND as READ_COMMAND, serve};

/// Longest quote and heading, in characters.
const LONGEST_QUOTE: usize = 200;
const MAX_HEADINGS: usize = 200;

/// Finds the report among `files`, the graded tree, and reads it.
pub fn read(repo: &Repository, files: &[TreeFile], team: &Team, limits: &Limits) -> ReportEvidence {
    match choose::choose(repo, files, team, limits) {
        Choice::Found(chosen) => {
            let members_named = if team.members.is_empty() {
                Reading::absent("the team has no members to look for")
            } else {
                Reading::observed(members::find(&chosen.content, team))
            };
            ReportEvidence {
                parts: Reading::observed(chosen.parts.clone()),
                members_named,
                document: Reading::observed(document_of(*chosen)),
            }
        }
        Choice::Unreadable(failure) => ReportEvidence {
            document: Reading::Unreadable(failure.clone()),
            parts: Reading::Unreadable(failure.clone()),
            members_named: Reading::Unreadable(failure),
        },
        Choice::None(note) => ReportEvidence {
            document: Reading::absent(note.clone()),
            parts: Reading::absent(note.clone()),
            members_named: Reading::absent(note),
        },
    }
}

fn document_of(chosen: Chosen) -> Document {
    let Chosen { path, bytes_sha256, content, because, others, .. } = chosen;
    Document {
        path,
        format: content.format.as_str().to_owned(),
        sha256: bytes_sha256,
        pages: content.pages,
        words: content.words,
        figures: content.figures,
        language: content.language().to_owned(),
        headings: content.headings.iter().take(MAX_HEADINGS).map(|heading| quote(&heading.text)).collect(),
        chosen_because: because,
        others,
    }
}

/// Secrets go before the text is cut: a cut secret is not recognised any more.
fn quote(text: &str) -> String {
    one_line(&redact(text).0, LONGEST_QUOTE)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
