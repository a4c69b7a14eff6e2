//! Who signs the commits: what `stackmark identities` prints, one file a format.

mod attention;
mod mailmap;
mod roster;
mod terminal;
mod words;

pub use mailmap::mailmap;
pub use roster::roster;
pub use terminal::terminal;
pub use words::unmatched;

use stackmark_evidence::identities::IdentityReport;

/// The report itself.
pub fn json(report: &IdentityReport) -> Result<String, serde_json::Error> {
    Ok(format!("{}\n", serde_json::to_string_pretty(report)?))
}
