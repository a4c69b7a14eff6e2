//! What is read of files whatever their language: the list of them, the secrets in them, env files, short texts.

use super::variables::{is_env_file, of_env_file};
use crate::source::file_name;
use crate::text::{decode, is_utf16};
use stackmark_collect::classify::is_lfs_pointer;
use stackmark_collect::redact::find_secrets;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::infrastructure::{Credential, FileEntry, FileTree, ShortText, Variable};
use stackmark_evidence::{Cause, Unreadable};

/// Entries that are listed.
const MOST_ENTRIES: usize = 20_000;
/// Larger files hold data, not what somebody typed.
const MOST_BYTES: u64 = 1 << 20;
/// Bytes of all files that are looked into for secrets.
const MOST_IN_ALL: u64 = 256 << 20;
/// Secrets that are listed; more than anybody mends one by one.
const MOST_SECRETS: usize = 1_000;

/// Bytes of a text that is kept as a whole.
const SHORT: u64 = 1 << 10;
/// Short texts that are kept; a repository with more of them is none of a course's.
const MOST_SHORT: usize = 2_000;

/// Larger files are not looked into for whether something stands in them.
const MOST_BLANK: u64 = 256;

/// Every file with its size. What archives hold is filled in by who knows of them.
///
/// # Errors
/// `Malformed` where the repository lacks one, whose size nobody knows.
pub(super) fn list(blobs: &dyn Blobs, files: &[TreeFile]) -> Result<FileTree, Unreadable> {
    if let Some(missing) = files.iter().find(|file| file.missing) {
        let detail = format!("{}: the object is missing or damaged; fetch the repository again", missing.path);
        return Err(Unreadable::new(Cause::Malformed, detail));
    }
    let mut entries = Vec::with_capacity(files.len().min(MOST_ENTRIES));
    for file in files.iter().take(MOST_ENTRIES) {
        entries.push(FileEntry { path: file.path.clone(), size: file.size, blank: is_blank(blobs, file)? });
    }
    let (total, truncated) = (files.len() as u64, files.len() > MOST_ENTRIES);
    Ok(FileTree { files: entries, total, truncated, packed: Vec::new(), closed: Vec::new() })
}

/// Nothing but white space. Some files say what they say by being there.
fn is_blank(blobs: &dyn Blobs, file: &TreeFile) -> Result<bool, Unreadable> {
    if file.link || file.size > MOST_BLANK || matches!(file_name(&file.path), "__init__.py" | "py.typed") {
        return Ok(false);
    }
    Ok(file.size == 0 || decode(&blobs.read(file)?).trim().is_empty())
}

/// Text files that are the team's own, small enough to have been typed.
fn own(files: &[TreeFile]) -> impl Iterator<Item = &TreeFile> {
    files.iter().filter(|file| {
        let notebook = file.path.ends_with(".ipynb") && !file.path.contains(".ipynb_checkpoints/");
        !file.link && file.size <= MOST_BYTES && (notebook || file.aside.is_none())
    })
}

/// Secrets at the graded commit that are leaks where they are, by path and line.
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
        for secret in find_secrets(&decode(&bytes)).into_iter().filter(|secret| secret.is_leak_in(&file.path)) {
            found.push(Credential {
                kind: secret.kind.to_owned(),
                path: file.path.clone(),
                line: secret.line,
                redacted: secret.redacted,
                marked: secret.marked,
            });
        }
        if found.len() > MOST_SECRETS {
            found.truncate(MOST_SECRETS);
            break;
        }
    }
    Ok(found)
}

/// What short text files say, by path.
///
/// # Errors
/// `Malformed` where a blob is missing, `Refused` where there are more of them than are kept.
pub(super) fn short_texts(blobs: &dyn Blobs, files: &[TreeFile]) -> Result<Vec<ShortText>, Unreadable> {
    let mut found = Vec::new();
    for file in own(files).filter(|file| file.missing || file.size <= SHORT) {
        let bytes = blobs.read(file)?;
        if (bytes.contains(&0) && !is_utf16(&bytes)) || is_lfs_pointer(&bytes) {
            continue;
        }
        if found.len() == MOST_SHORT {
            let detail = format!("more than the {MOST_SHORT} short text files that are kept");
            return Err(Unreadable::new(Cause::Refused, detail));
        }
        found.push(ShortText { path: file.path.clone(), text: decode(&bytes).trim().to_owned() });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    fn file(path: &str, size: u64) -> TreeFile {
        TreeFile { path: path.to_owned(), id: [0; 20], size, link: false, missing: false, aside: None }
    }

    fn texts(content: &'static [u8], aside: Option<&'static str>) -> Vec<String> {
        let file = TreeFile { aside, ..file("ex02/os_name.txt", content.len() as u64) };
        short_texts(&Memory(content), &[file]).unwrap().into_iter().map(|it| it.text).collect()
    }

    #[test]
    fn short_texts_are_kept_and_nothing_else() {
        assert_eq!(texts(b"Amazon Linux 2\r\n", None), ["Amazon Linux 2"]);
        assert_eq!(texts(b" \n", None), [""], "a file that says nothing is there");
        assert_eq!(texts(b"caf\xe9", None), ["caf\u{e9}"]);
        let others: [(&'static [u8], Option<&'static str>); 4] = [
            (b"\x7fELF\0\0", None),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", None),
            (&[b'x'; 1025], None),
            (b"Amazon Linux 2", Some("vendored")),
        ];
        for (content, aside) in others {
            assert_eq!(texts(content, aside), [""; 0]);
        }
    }

    #[test]
    fn more_short_texts_than_are_kept_are_not_cut() {
        let files: Vec<TreeFile> = (0..=MOST_SHORT).map(|number| file(&format!("{number:05}.txt"), 1)).collect();
        assert_eq!(short_texts(&Memory(b"x"), &files).unwrap_err().cause, Cause::Refused);
        assert_eq!(short_texts(&Memory(b"x"), &files[1..]).unwrap().len(), MOST_SHORT);
    }
}
