//! Fingerprints on disk: those of each team beside its evidence, and the indices of past classes.

use std::path::Path;

use serde::{Deserialize, Serialize};
use stackmark_code::text::decode;
use stackmark_evidence::files::AtPath as _;
use stackmark_history::RepositorySource;
use stackmark_render::json::sha256_hex;
use stackmark_similar::TeamPrints;
use stackmark_similar::index::Index;
use stackmark_similar::prints::VERSION;

use crate::failure::Failure;
use crate::store;

/// The file of a team's fingerprints, beside its evidence.
pub const FINGERPRINTS: &str = "fingerprints.json";

/// The fingerprints of a team, and what they were made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    /// Of all that they depend on: another key, and they are made again.
    pub(super) key: String,
    /// The commit that was read.
    pub(super) commit: String,
    /// Starter code aside.
    pub(super) prints: TeamPrints,
    /// What could not be read, in words.
    pub(super) unread: Vec<String>,
}

/// Over everything that a team's fingerprints depend on, the program that reads the files included.
pub(super) fn key(source: &RepositorySource, folder: Option<&str>, commit: &str, handed_out: &str) -> String {
    let parts = serde_json::json!([
        VERSION,
        env!("CARGO_PKG_VERSION"),
        commit,
        folder,
        source.base_commit,
        source.report,
        source.counts,
        source.ignore,
        handed_out,
    ]);
    sha256_hex(parts.to_string().as_bytes())
}

/// The stored fingerprints; `None` if there are none that can be read, and they are made again.
pub(super) fn read(path: &Path) -> Option<Stored> {
    serde_json::from_str(&store::read(path).ok()?).ok()
}

/// Stores a team's fingerprints.
pub(super) fn write(path: &Path, stored: &Stored) -> Result<(), String> {
    let text = serde_json::to_string(stored).map_err(|error| error.to_string())?;
    store::write(path, &text).map_err(|error| error.to_string())
}

/// Files of what was handed out, beside the repositories' own base commits.
const MOST_HANDED_OUT: usize = 5_000;

/// The files below a folder that was handed out: path and text. Links are not followed, and `.git` is left aside.
///
/// # Errors
/// The folder cannot be read, or holds too much to have been handed out; the message names it.
pub fn handed_out(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let wrong = |error: std::io::Error| Failure::usage(error.to_string());
    let mut waiting = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).at(&next).map_err(wrong)? {
            let entry = entry.at(&next).map_err(wrong)?;
            let (path, kind) = (entry.path(), entry.file_type().at(&next).map_err(wrong)?);
            if kind.is_dir() && entry.file_name() != ".git" {
                waiting.push(path);
            } else if kind.is_file() {
                let shown = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
                let bytes = store::read_bytes(&path).map_err(wrong)?;
                files.push((shown, decode(&bytes)));
            }
            if files.len() > MOST_HANDED_OUT {
                let message = format!(
                    "{}: more than {MOST_HANDED_OUT} files; name the starter code's own folder",
                    folder.display()
                );
                return Err(Failure::usage(message));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Reads the index of a past class.
///
/// # Errors
/// It cannot be read, is no index, or one of another version; the message names the file.
pub fn read_index(path: &Path) -> Result<Index, Failure> {
    let text = store::read(path).map_err(|error| Failure::usage(error.to_string()))?;
    Index::read(&text).map_err(|why| Failure::usage(format!("{}: {why}", path.display())))
}
