//! What is read of files whatever their language: the list of them, the secrets in them, env files.

use super::variables::{is_env_file, of_env_file};
use crate::text::{decode, is_utf16};
use stackmark_collect::redact::find_secrets;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::infrastructure::{Credential, FileEntry, FileTree, Variable};
use stackmark_evidence::{Cause, Unreadable};

/// Entries that are listed.
const MOST_ENTRIES: usize = 20_000;
/// Larger files hold data, not what somebody typed.
const MOST_BYTES: u64 = 1 << 20;
/// Bytes of all files that are looked into for secrets.
const MOST_IN_ALL: u64 = 256 << 20;
/// Secrets that are listed; more than anybody mends one by one.
const MOST_SECRETS: usize = 1_000;

/// Every file with its size.
///
/// # Errors
/// `Malformed` where the repository lacks one, whose size nobody knows.
pub(super) fn list(files: &[TreeFile]) -> Result<FileTree, Unreadable> {
    if let Some(missing) = files.iter().find(|file| file.missing) {
        let detail = format!("{}: the object is missing or damaged; fetch the repository again", missing.path);
        return Err(Unreadable::new(Cause::Malformed, detail));
    }
    let entries = files.iter().take(MOST_ENTRIES).map(|file| FileEntry { path: file.path.clone(), size: file.size });
    Ok(FileTree { files: entries.collect(), total: files.len() as u64, truncated: files.len() > MOST_ENTRIES })
}

/// Text files that are the team's own, small enough to have been typed.
fn own(files: &[TreeFile]) -> impl Iterator<Item = &TreeFile> {
    files.iter().filter(|file| {
        let notebook = file.path.ends_with(".ipynb") && !file.path.contains(".ipynb_checkpoints/");
        !file.link && file.size <= MOST_BYTES && (notebook || file.aside.is_none())
    })
}

/// Secrets at the graded commit, by path and line.
///
/// # Errors
/// `Malformed` where a blob is missing, `Refused` where there is more text than is read.
pub(super) fn credentials(blobs: &dyn Blobs, files: &[TreeFile]) -> Result<Vec<Credential>, Unreadable> {
    let in_all: u64 = own(files).map(|file| file.size).sum();
    if in_all > MOST_IN_ALL {
        let detail = format!("{in_all} bytes of text, more than the {MOST_IN_ALL} that are looked into");
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    let mut found = Vec::new();
    for file in own(files) {
        let bytes = blobs.read(file)?;
        if bytes.contains(&0) && !is_utf16(&bytes) {
            continue;
        }
        for secret in find_secrets(&decode(&bytes)) {
            found.push(Credential {
                kind: secret.kind.to_owned(),
                path: file.path.clone(),
                line: secret.line,
                redacted: secret.redacted,
            });
        }
        if found.len() > MOST_SECRETS {
            found.truncate(MOST_SECRETS);
            break;
        }
    }
    Ok(found)
}

/// The lines of env files, which are no source to anybody else.
pub(super) fn env_variables(blobs: &dyn Blobs, files: &[TreeFile]) -> Result<Vec<Variable>, Unreadable> {
    let mut found = Vec::new();
    for file in own(files).filter(|file| is_env_file(&file.path)) {
        found.extend(of_env_file(&file.path, &decode(&blobs.read(file)?)));
    }
    Ok(found)
}

/// A file by its path, where it is small enough to be a script.
pub(super) fn script(blobs: &dyn Blobs, files: &[TreeFile], path: &str) -> Option<Vec<u8>> {
    let file = files.iter().find(|file| file.path == path && !file.link && file.size <= MOST_BYTES)?;
    blobs.read(file).ok()
}
