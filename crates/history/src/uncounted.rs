//! How much of each member's work may be in files that are not counted, at a guess by their size.
//!
//! Documents and data are nobody's lines: a program may have written them, and their size says little. But a member who
//! wrote the report in a word processor, or the stack's description as JSON in `data/`, did not do nothing, whether or not
//! a line of the README came with it. The guess gives nobody anything; it tells what a person has to look at.

use std::collections::BTreeMap;

use stackmark_collect::classify::UNDECODABLE;
use stackmark_collect::counting::FOLDER_NAME;
use stackmark_collect::notebook;

use super::attribution::{Attribution, Holder};
use super::diff::{ExcludedFile, Status};
use super::record::History;

/// What a line of text has, at a guess.
const LINE_BYTES: u64 = 40;
/// The same in a document: packed, with fonts and pictures.
const DOCUMENT_LINE_BYTES: u64 = 160;
/// One change of one file is no more than this, whatever its size: programs write faster than people.
const MOST_LINES: u64 = 100;
/// Of a file that did not grow, this part was rewritten.
const REWRITTEN: u64 = 10;

/// Binary files that people write; pictures and archives are none.
const DOCUMENTS: [&str; 11] =
    [".pdf", ".doc", ".docx", ".odt", ".xls", ".xlsx", ".ods", ".ppt", ".pptx", ".odp", ".pages"];

/// Lines of each of `members`, by place in the roster.
pub(super) fn lines_of_members(history: &History, attributions: &[Attribution], members: usize) -> Vec<f64> {
    let mut lines = vec![0.0; members];
    let mut largest: BTreeMap<&str, u64> = BTreeMap::new();
    // Oldest first: of a file that grows, only what is new is this commit's.
    for (commit, attribution) in history.commits.iter().zip(attributions).rev() {
        let files = commit.change.excluded.iter().filter(|file| file.status != Status::Deleted);
        let mut of_commit = 0;
        for file in files {
            let Some(line_bytes) = line_bytes(file) else { continue };
            // A file whose object is gone may have held much, so the most is assumed: a person is asked, and no point is lost.
            let Some(bytes) = file.bytes else {
                of_commit += MOST_LINES;
                continue;
            };
            let before = largest.entry(file.path.as_str()).or_default();
            let changed = bytes.saturating_sub(*before).max(bytes / REWRITTEN);
            *before = bytes.max(*before);
            of_commit += changed.div_ceil(line_bytes).min(MOST_LINES);
        }
        if of_commit == 0 {
            continue;
        }
        let holders = attribution.holders(commit);
        for holder in &holders {
            if let Holder::Member(member) = holder {
                lines[*member] += of_commit as f64 / holders.len() as f64;
            }
        }
    }
    lines
}

/// What a line of a file takes that people may have written; `None` of the others.
fn line_bytes(file: &ExcludedFile) -> Option<u64> {
    let path = file.path.to_ascii_lowercase();
    match file.reason {
        "data" | FOLDER_NAME | UNDECODABLE | notebook::UNREADABLE => Some(LINE_BYTES),
        "binary" if DOCUMENTS.iter().any(|end| path.ends_with(end)) => Some(DOCUMENT_LINE_BYTES),
        _ => None,
    }
}
