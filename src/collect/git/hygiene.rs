//! What should never have been committed, at the graded commit.

use std::collections::BTreeMap;

use git2::{Oid, Repository};

use super::diff::MAX_FILE_BYTES;
use super::walk::printable;
use crate::collect::classify::{junk_kind, why_excluded};
use crate::collect::redact::find_secrets;
use crate::collect::tree::{self, TreeFile};
use crate::evidence::git::{Hygiene, Junk, Secret};
use crate::evidence::{Cause, Reading, Unreadable};

const EXAMPLES: usize = 5;
/// Where a NUL byte makes a file binary, as for git.
const BINARY_BYTES: usize = 8_000;

/// Looks at every file of the graded tree below `folder`.
///
/// Secrets are looked for in text files up to 5 MB that are not other people's libraries; generated files and data are
/// looked into, because a Terraform state or a notebook's output gives keys away as well as code does. `Absent` where the
/// folder is not in the tree.
pub(super) fn measure(repo: &Repository, head: &str, folder: Option<&str>) -> Reading<Hygiene> {
    match Oid::from_str(head) {
        Ok(head) => measure_at(repo, head, folder).unwrap_or_else(Reading::Unreadable),
        Err(error) => Reading::unreadable(Cause::Malformed, format!("graded commit {head}: {}", error.message())),
    }
}

fn measure_at(repo: &Repository, head: Oid, folder: Option<&str>) -> Result<Reading<Hygiene>, Unreadable> {
    let files = tree::list(repo, head, folder)?;
    if let (true, Some(folder)) = (files.is_empty(), folder) {
        return Ok(Reading::absent(format!("there is no folder {folder} at the graded commit")));
    }
    let mut secrets = Vec::new();
    let mut junk: BTreeMap<&str, Junk> = BTreeMap::new();
    for file in &files {
        if let Some(kind) = junk_kind(&file.path) {
            let entry = junk.entry(kind).or_insert_with(|| Junk { kind: kind.to_owned(), files: 0, examples: vec![] });
            entry.files += 1;
            if entry.examples.len() < EXAMPLES {
                entry.examples.push(printable(&file.path));
            }
        }
        if is_searched(file) {
            let content = tree::read(repo, file)?;
            let text = match text_of(&content) {
                Some(text) => text,
                None => continue,
            };
            secrets.extend(find_secrets(&text).into_iter().map(|hit| Secret {
                kind: hit.kind.to_owned(),
                path: printable(&file.path),
                line: hit.line,
                redacted: hit.redacted,
            }));
        }
    }
    Ok(Reading::observed(Hygiene { secrets, junk: junk.into_values().collect() }))
}

fn is_searched(file: &TreeFile) -> bool {
    let of_others = matches!(why_excluded(&file.path, None), Some("vendored" | "lock file"));
    !file.link && file.size <= MAX_FILE_BYTES && !of_others
}

/// Text in UTF-8, or in UTF-16 with its mark; `None` for anything binary.
fn text_of(content: &[u8]) -> Option<String> {
    match content {
        [0xff, 0xfe, rest @ ..] => Some(from_utf16(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some(from_utf16(rest, u16::from_be_bytes)),
        _ if content[..content.len().min(BINARY_BYTES)].contains(&0) => None,
        _ => Some(String::from_utf8_lossy(content).into_owned()),
    }
}

fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
