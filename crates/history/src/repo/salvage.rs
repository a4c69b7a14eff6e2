//! What is left of a damaged repository on this machine, where a clone of it fails as a whole.
//!
//! One damaged picture is no reason to read nothing: the object files and the references are copied as they are, and
//! what needs a missing object says so when it is read. Only plain files of the names that git gives are taken, from the
//! folder itself: no links, no alternates, no configuration, nothing that leads elsewhere.

use std::fs::{self, DirEntry};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use git2::Repository;

use super::clone::in_bytes;
use super::{Obtained, branch_names, failure, new_bare, temporary_directory, without_credentials};
use stackmark_collect::{Limits, Progress};
use stackmark_evidence::closed::SourceKind;
use stackmark_evidence::git::Source;
use stackmark_evidence::{Cause, Unreadable};

/// A larger list of references is not taken.
const MAX_REFERENCES_BYTES: u64 = 32 << 20;
/// Folders within `refs`.
const MAX_DEPTH: usize = 10;

/// Copies what the repository at `path` holds into a temporary bare one.
///
/// # Errors
/// `Refused` where a cap of `limits` is passed, `Timeout` where it takes too long, `Malformed` where there is nothing
/// that can be read.
pub(super) fn copy(
    location: &str,
    path: &Path,
    limits: &Limits,
    progress: &dyn Progress,
) -> Result<Obtained, Unreadable> {
    let printable = without_credentials(location);
    let fail = |cause, what: String| Unreadable::new(cause, format!("{printable}: {what}"));
    progress.step("the repository is damaged: copying what is left of it");
    let from = git_folder(path).ok_or_else(|| fail(Cause::Malformed, "no folder of objects".to_owned()))?;
    let directory = temporary_directory()?;
    let damaged = |error: git2::Error| failure::of_transfer(&error, location);
    new_bare(directory.path()).map_err(damaged)?;
    let mut salvage = Salvage { to: directory.path().to_owned(), files: 0, bytes: 0, start: Instant::now(), limits };
    salvage.all(&from).map_err(|stopped| match stopped {
        Stopped::Late => fail(
            Cause::Timeout,
            format!("not copied within the cap of {} s (clone_time)", limits.clone_time.as_secs_f64()),
        ),
        Stopped::Over => {
            let cap = in_bytes(limits.clone_bytes);
            fail(Cause::Refused, format!("not copied: more than the cap of {cap} or {} objects", limits.clone_objects))
        }
        Stopped::Disk(error) => fail(Cause::Unreachable, error.to_string()),
    })?;
    let repository = Repository::open_bare(directory.path()).map_err(damaged)?;
    let branches = branch_names(&repository).map_err(damaged)?;
    let source = Source { location: printable, kind: SourceKind::Clone, branches };
    Ok(Obtained { repository, source, _guard: Some(directory) })
}

/// Where the objects lie: in the folder, or in its `.git`, if that is a folder.
fn git_folder(path: &Path) -> Option<PathBuf> {
    let is_folder = |path: &Path| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let inside = path.join(".git");
    let folder = if is_folder(&inside) { inside } else { path.to_owned() };
    is_folder(&folder.join("objects")).then_some(folder)
}

enum Stopped {
    Late,
    Over,
    Disk(std::io::Error),
}

impl From<std::io::Error> for Stopped {
    fn from(error: std::io::Error) -> Self {
        Self::Disk(error)
    }
}

struct Salvage<'l> {
    to: PathBuf,
    files: u64,
    bytes: u64,
    start: Instant,
    limits: &'l Limits,
}

impl Salvage<'_> {
    fn all(&mut self, from: &Path) -> Result<(), Stopped> {
        let objects = from.join("objects");
        for folder in entries(&objects)? {
            let name = name_of(&folder);
            let is_pack = name == "pack";
            if !folder.file_type()?.is_dir() || !(is_pack || is_hexadecimal(&name, 2)) {
                continue;
            }
            for file in entries(&folder.path())? {
                let object = name_of(&file);
                let is_taken = if is_pack {
                    object.starts_with("pack-") && (object.ends_with(".pack") || object.ends_with(".idx"))
                } else {
                    is_hexadecimal(&object, 38)
                };
                if is_taken {
                    self.file(&file, &format!("objects/{name}/{object}"))?;
                }
            }
        }
        for file in entries(from)? {
            let name = name_of(&file);
            if matches!(name.as_str(), "HEAD" | "packed-refs") && file.metadata()?.len() <= MAX_REFERENCES_BYTES {
                self.file(&file, &name)?;
            }
        }
        for kind in ["refs/heads", "refs/tags"] {
            self.references(&from.join(kind), kind, 0)?;
        }
        Ok(())
    }

    fn references(&mut self, from: &Path, within: &str, depth: usize) -> Result<(), Stopped> {
        let is_folder = fs::symlink_metadata(from).is_ok_and(|metadata| metadata.is_dir());
        if !is_folder || depth > MAX_DEPTH {
            return Ok(());
        }
        for entry in entries(from)? {
            let name = format!("{within}/{}", name_of(&entry));
            if !git2::Reference::is_valid_name(&name) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                self.references(&entry.path(), &name, depth + 1)?;
            } else {
                self.file(&entry, &name)?;
            }
        }
        Ok(())
    }

    /// Copies a plain file; a link or a device is left out.
    fn file(&mut self, file: &DirEntry, name: &str) -> Result<(), Stopped> {
        if !file.file_type()?.is_file() {
            return Ok(());
        }
        if self.start.elapsed() > self.limits.clone_time {
            return Err(Stopped::Late);
        }
        self.files += 1;
        let left = self.limits.clone_bytes.saturating_sub(self.bytes);
        if self.files > self.limits.clone_objects || file.metadata()?.len() > left {
            return Err(Stopped::Over);
        }
        let to = self.to.join(name);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        // An object that the disk does not give back is as good as missing.
        let Ok(from) = fs::File::open(file.path()) else { return Ok(()) };
        let mut bytes = Vec::new();
        if from.take(left.saturating_add(1)).read_to_end(&mut bytes).is_err() {
            return Ok(());
        }
        self.bytes += bytes.len() as u64;
        fs::write(to, bytes)?;
        Ok(())
    }
}

fn entries(folder: &Path) -> Result<Vec<DirEntry>, Stopped> {
    let mut entries: Vec<DirEntry> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

fn name_of(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

fn is_hexadecimal(name: &str, length: usize) -> bool {
    name.len() == length && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
