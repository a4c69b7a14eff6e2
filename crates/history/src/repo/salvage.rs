//! A repository on this machine, copied as plain files.
//!
//! A team hands its folder in with its `.git`, and one line in it can lead to another team's repository: a `gitdir:` file,
//! `commondir`, alternates, a link. What leads elsewhere is refused; of the rest only plain files of the names that git
//! gives are taken, and no configuration. A damaged repository is read the same way: what does not need a missing object
//! can still be read.

use std::fs::{self, DirEntry};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use git2::Repository;

use super::clone::in_bytes;
use super::failure;
use super::location::without_credentials;
use super::obtained::{Obtained, branch_names, new_bare, temporary_directory};
use super::open::SHALLOW;
use super::references::{self, MAX_REFERENCES};
use crate::RepositorySource;
use stackmark_collect::{Limits, Progress};
use stackmark_evidence::closed::SourceKind;
use stackmark_evidence::files::{AtPath as _, lack_of};
use stackmark_evidence::git::Source;
use stackmark_evidence::{Cause, Unreadable};

/// A larger list of references is not taken.
pub(super) const MAX_REFERENCES_BYTES: u64 = 32 << 20;
/// Of a file that says where something else is, or how the repository is stored.
const MAX_SMALL_BYTES: u64 = 64 << 10;
/// Folders within `refs`.
pub(super) const MAX_DEPTH: usize = 10;

/// Copies what the repository at `path` holds into a temporary bare one.
///
/// # Errors
/// `Refused` where it leads elsewhere or a cap of `limits` is passed, `Timeout` where it takes too long, `Unreachable`
/// where there is no repository, `Malformed` where it is stored in a way that is not read.
pub(super) fn copy(
    source: &RepositorySource,
    path: &Path,
    limits: &Limits,
    progress: &dyn Progress,
) -> Result<Obtained, Unreadable> {
    let location = source.location.as_str();
    let printable = without_credentials(location);
    let fail = |cause, what: String| Unreadable::new(cause, format!("{printable}: {what}"));
    progress.step("copying the repository");
    let from = git_folder(path).map_err(|(cause, what)| fail(cause, what))?;
    let directory = temporary_directory()?;
    let damaged = |error: git2::Error| failure::of_transfer(&error, location);
    new_bare(directory.path()).map_err(damaged)?;
    let mut salvage = Salvage {
        to: directory.path().to_owned(),
        files: 0,
        bytes: 0,
        start: Instant::now(),
        limits,
        references: 0,
        kept: None,
    };
    let copied = salvage.all(&from, source.branch.as_deref());
    copied.map_err(|stopped| match stopped {
        Stopped::Late => fail(
            Cause::Timeout,
            format!("not copied within the cap of {} s (clone_time)", limits.clone_time.as_secs_f64()),
        ),
        Stopped::Over(cap) => fail(Cause::Refused, format!("not copied: more than the cap of {cap}")),
        Stopped::NoneGradable(count) => {
            fail(Cause::Refused, format!("not copied: {}", references::none_gradable(count)))
        }
        Stopped::Disk(error) => fail(Cause::Unreachable, error.to_string()).lacking(lack_of(&error)),
    })?;
    let notes = references::note(salvage.references).into_iter().collect();
    let repository = Repository::open_bare(directory.path()).map_err(damaged)?;
    let branches = branch_names(&repository).map_err(damaged)?;
    let source = Source { location: printable, kind: SourceKind::Clone, branches };
    Ok(Obtained { repository, source, notes, offered: None, _guard: Some(directory) })
}

/// The folder of git's own files, which is the folder itself or its `.git`, once it is sure that nothing leads out of it.
pub(super) fn git_folder(path: &Path) -> Result<PathBuf, (Cause, String)> {
    let kind = |path: &Path| fs::symlink_metadata(path).ok().map(|metadata| metadata.file_type());
    let refused = |what: String| {
        let advice = "nothing outside of the folder that the roster names is read; make a bundle (git bundle create) or \
                      hand in a full clone";
        Err((Cause::Refused, format!("{what}: {advice}")))
    };
    let inside = path.join(".git");
    let folder = match kind(&inside) {
        Some(kind) if kind.is_symlink() => return refused("its .git is a link".to_owned()),
        Some(kind) if kind.is_dir() => inside,
        Some(_) if kind(&path.join("objects")).is_none() => {
            return refused("its .git is a file that leads to another folder".to_owned());
        }
        _ => path.to_owned(),
    };
    if kind(&folder.join("commondir")).is_some() {
        return refused("commondir leads to another repository".to_owned());
    }
    if let Some(link) = link_in(&folder) {
        let shown = link.strip_prefix(&folder).unwrap_or(&link).display();
        return refused(format!("{shown} is a link"));
    }
    for name in ["alternates", "http-alternates"] {
        let text = small(&folder.join("objects/info").join(name));
        if text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#')) {
            return refused(format!("objects/info/{name} leads to another repository"));
        }
    }
    if !kind(&folder.join("objects")).is_some_and(|kind| kind.is_dir()) || kind(&folder.join("HEAD")).is_none() {
        return Err((Cause::Unreachable, "no git repository there; correct the address".to_owned()));
    }
    if !small(&folder.join("shallow")).trim().is_empty() {
        return Err((Cause::Shallow, SHALLOW.to_owned()));
    }
    let config = small(&folder.join("config")).to_lowercase();
    let sha256 = config.lines().any(|line| line.trim_start().starts_with("objectformat") && line.contains("sha256"));
    if sha256 || kind(&folder.join("reftable")).is_some() {
        let what = if sha256 { "SHA-256 object ids" } else { "references in the reftable format" };
        return Err((Cause::Malformed, format!("{what} are not read; hand in a clone with git's defaults")));
    }
    Ok(folder)
}

/// The first link in the place of a folder or a reference. One in the place of an object is left out, which is then missing.
fn link_in(folder: &Path) -> Option<PathBuf> {
    let names = [("HEAD", 0), ("packed-refs", 0), ("shallow", 0), ("config", 0), ("objects", 1), ("refs", MAX_DEPTH)];
    let mut open: Vec<(PathBuf, usize)> = names.iter().map(|(name, depth)| (folder.join(name), *depth)).collect();
    while let Some((path, depth)) = open.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        if metadata.file_type().is_symlink() {
            return Some(path);
        }
        if metadata.is_dir() && depth > 0 {
            let entries = fs::read_dir(&path).into_iter().flatten().filter_map(Result::ok);
            open.extend(entries.map(|entry| (entry.path(), depth - 1)));
        }
    }
    None
}

/// The beginning of a small file, if it is one.
pub(super) fn small(path: &Path) -> String {
    let mut text = Vec::new();
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())
        && let Ok(file) = fs::File::open(path)
    {
        // What cannot be read says nothing.
        let _ = file.take(MAX_SMALL_BYTES).read_to_end(&mut text);
    }
    String::from_utf8_lossy(&text).into_owned()
}

enum Stopped {
    Late,
    /// The cap, in words.
    Over(String),
    /// There are so many references, and none of those that are taken.
    NoneGradable(usize),
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
    /// How many references there are.
    references: usize,
    /// Of too many, the names of those that are taken.
    kept: Option<Vec<String>>,
}

impl Salvage<'_> {
    fn all(&mut self, from: &Path, wanted: Option<&str>) -> Result<(), Stopped> {
        let objects = from.join("objects");
        for folder in entries(&objects)? {
            let name = name_of(&folder);
            let is_pack = name == "pack";
            if !folder.file_type().at(&folder.path())?.is_dir() || !(is_pack || is_hexadecimal(&name, 2)) {
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
        self.list(from, wanted)?;
        for kind in ["refs/heads", "refs/tags"] {
            self.references(&from.join(kind), kind, 0)?;
        }
        if has_branch(&self.to) {
            return Ok(());
        }
        if self.kept.is_some() {
            return Err(Stopped::NoneGradable(self.references));
        }
        self.references(&from.join("refs"), "refs", 0)
    }

    /// `HEAD` and the packed references, of which few are taken where there are too many in all.
    fn list(&mut self, from: &Path, wanted: Option<&str>) -> Result<(), Stopped> {
        let head = small(&from.join("HEAD"));
        let mut packed = Vec::new();
        for file in entries(from)? {
            let is_short = || file.metadata().is_ok_and(|metadata| metadata.len() <= MAX_REFERENCES_BYTES);
            match name_of(&file).as_str() {
                "HEAD" => self.file(&file, "HEAD")?,
                "packed-refs" if file.file_type()?.is_file() && is_short() => {
                    // What the disk does not give back is as good as missing.
                    packed = fs::read(file.path()).unwrap_or_default();
                }
                _ => {}
            }
        }
        let in_list =
            packed.split(|byte| *byte == b'\n').filter(|line| line.first().is_some_and(u8::is_ascii_hexdigit));
        self.references = in_list.count() + loose(&from.join("refs"), 0);
        if self.references > MAX_REFERENCES {
            let default = head.trim().strip_prefix("ref: ");
            let kept = references::gradable(default, wanted);
            packed = lines_of(&packed, &kept);
            self.kept = Some(kept);
        }
        if !packed.is_empty() {
            let list = self.to.join("packed-refs");
            fs::write(&list, packed).at(&list)?;
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
            let is_kept = self.kept.as_ref().is_none_or(|kept| kept.contains(&name));
            if entry.file_type().at(&entry.path())?.is_dir() {
                self.references(&entry.path(), &name, depth + 1)?;
            } else if is_kept && !is_symbolic(within, &entry) {
                self.file(&entry, &name)?;
            }
        }
        Ok(())
    }

    /// Copies a plain file; a link or a device is left out.
    fn file(&mut self, file: &DirEntry, name: &str) -> Result<(), Stopped> {
        if !file.file_type().at(&file.path())?.is_file() {
            return Ok(());
        }
        if self.start.elapsed() > self.limits.clone_time {
            return Err(Stopped::Late);
        }
        self.files += 1;
        let left = self.limits.clone_bytes.saturating_sub(self.bytes);
        if self.files > self.limits.clone_objects {
            return Err(Stopped::Over(format!("{} files (clone_objects)", self.limits.clone_objects)));
        }
        if file.metadata().at(&file.path())?.len() > left {
            return Err(Stopped::Over(format!("{} (clone_bytes)", in_bytes(self.limits.clone_bytes))));
        }
        let to = self.to.join(name);
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).at(folder)?;
        }
        // An object that the disk does not give back is as good as missing.
        let Ok(from) = fs::File::open(file.path()) else { return Ok(()) };
        match std::io::copy(&mut from.take(left.saturating_add(1)), &mut fs::File::create(&to).at(&to)?) {
            Ok(bytes) => self.bytes += bytes,
            // This machine's own disk is full.
            Err(error) if error.kind() == ErrorKind::StorageFull => return Err(error.into()),
            Err(_) => {}
        }
        Ok(())
    }
}

/// Whether a copied repository has a branch, be it one that cannot be read.
pub(super) fn has_branch(folder: &Path) -> bool {
    let packed = fs::read(folder.join("packed-refs")).unwrap_or_default();
    let is_branch = |line: &[u8]| line.get(40..).is_some_and(|rest| rest.starts_with(b" refs/heads/"));
    loose(&folder.join("refs/heads"), 0) > 0 || packed.split(|byte| *byte == b'\n').any(is_branch)
}

/// Whether a reference that is neither a branch nor a tag only leads to another one, as `refs/remotes/origin/HEAD` does, and
/// perhaps to none.
fn is_symbolic(within: &str, reference: &DirEntry) -> bool {
    let is_other = !["refs/heads", "refs/tags"].iter().any(|kind| within.starts_with(kind));
    is_other && small(&reference.path()).starts_with("ref:")
}

/// The lines of a list of references that name one of `kept`.
fn lines_of(packed: &[u8], kept: &[String]) -> Vec<u8> {
    let text = String::from_utf8_lossy(packed);
    let is_kept = |line: &&str| line.split_once(' ').is_some_and(|(_, name)| kept.iter().any(|kept| kept == name));
    text.lines().filter(is_kept).flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

/// How many loose references there are.
fn loose(folder: &Path, depth: usize) -> usize {
    if depth > MAX_DEPTH {
        return 0;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries
        .map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => loose(&entry.path(), depth + 1),
            Ok(_) => 1,
            Err(_) => 0,
        })
        .sum()
}

fn entries(folder: &Path) -> Result<Vec<DirEntry>, Stopped> {
    let mut entries = fs::read_dir(folder).at(folder)?.collect::<std::io::Result<Vec<DirEntry>>>().at(folder)?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

fn name_of(entry: &DirEntry) -> String {
    entry.file_name().to_string_lossy().into_owned()
}

fn is_hexadecimal(name: &str, length: usize) -> bool {
    name.len() == length && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
