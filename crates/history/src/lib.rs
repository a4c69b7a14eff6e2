//! The history: identities, contribution, atomicity, messages, coordination, hygiene.
//!
//! Every commit is read and diffed once (`walk`); each measure then works on what was kept of it.

mod archives;
mod aside;
mod atomicity;
mod attribution;
mod blame;
mod by_program;
mod claimed;
mod commits;
mod concerns;
mod contents;
mod contribution;
mod coordination;
mod counted;
pub(crate) mod dates;
mod diff;
mod diff_words;
mod form;
mod home;
mod hunk;
mod hunks;
mod hygiene;
mod identities;
mod imports;
mod lack;
mod languages;
mod ledgers;
mod lines;
mod link;
mod measure;
mod merge;
mod messages;
mod modes;
mod moves;
mod outside;
pub(crate) mod paths;
mod pieces;
mod printed;
mod provenance;
mod record;
mod relevance;
mod rename;
pub mod repo;
mod role;
mod signs;
mod slips;
mod source;
mod split;
mod standing;
mod substitution;
pub mod tree;
mod uncounted;
mod units;
mod unpacked;
mod versions;
mod vocabulary;
mod walk;
mod walked;
mod web_flow;
mod wording;
mod words;

pub use commits::{CommitScores, score_commits};
pub use counted::counting;
pub use identities::{Listed, Mailmap, MailmapProblem, doubles_in_roster, list, strangers_in};
pub use measure::{measure, measure_with, members_from_history, members_from_history_with};
pub use slips::slip;
pub use source::{RepositorySource, Seen};
pub use versions::{Version, Versions, versions};
pub use walked::Walked;

/// To four decimals, as all figures of the evidence are.
fn rounded(value: f64) -> f64 {
    // The zero turns −0, which an empty sum is, into 0.
    (value * 10_000.0).round() / 10_000.0 + 0.0
}

/// A pattern that is a constant of the program.
#[expect(clippy::expect_used, reason = "the patterns are constants, and the tests compile them")]
fn regex(pattern: &str) -> regex::Regex {
    regex::Regex::new(pattern).expect("a constant pattern")
}
