//! Results on disk: written to a temporary name and renamed, readable by their owner only.

use std::io::{Error, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use stackmark_evidence::files::AtPath as _;
pub use stackmark_evidence::files::named;

use crate::part::Shard;

/// What teams ask to be looked at again, in a results folder.
pub const APPEALS: &str = "appeals.toml";
/// When `forget --before` removed a team's evidence, in the team's folder: a day.
pub(crate) const REMOVED: &str = "evidence-removed.txt";
/// What a second marker decided, in a results folder; no mark depends on it.
pub const SPOT_CHECKS: &str = "spot-checks.toml";

/// Reads a file that somebody named, in whatever encoding it is.
///
/// # Errors
/// It cannot be read; the message names the path and what to do.
pub fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(path).at(path)
}

/// Removes a file; one that is not there is no failure.
///
/// # Errors
/// It cannot be removed; the message names the path and what to do.
pub fn remove(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other.at(path),
    }
}

/// Writes `text` to `path`, whole or not at all, mode 0600 where the system knows modes; a file that holds it already stays.
///
/// # Errors
/// The folder cannot be made, or the file not written; the message names the path.
pub fn write(path: &Path, text: &str) -> std::io::Result<()> {
    write_bytes(path, text.as_bytes())
}

/// The same for what is not text, or in another encoding.
///
/// # Errors
/// As [`write()`].
pub fn write_bytes(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let named = |error: Error| named(path, &error);
    if std::fs::read(path).is_ok_and(|known| known == bytes) {
        return Ok(());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(named)?;
    // tempfile makes it 0600 and removes it again should anything below fail.
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(named)?;
    file.write_all(bytes).map_err(named)?;
    file.as_file().sync_all().map_err(named)?;
    file.persist(path).map_err(|error| named(error.error))?;
    Ok(())
}

/// How the files begin that have no name yet.
const BEGUN: &str = ".tmp";
/// A younger one may be another command's, which is about to name it.
const YOUNG: Duration = Duration::from_secs(60);

/// Removes the files that killed runs had begun to write in `folder` and below, and tells how many those were.
pub(crate) fn sweep(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let removed = entries.filter_map(Result::ok).map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => sweep(&entry.path()),
        Ok(kind) if kind.is_file() && is_left(&entry) => usize::from(std::fs::remove_file(entry.path()).is_ok()),
        _ => 0,
    });
    removed.sum()
}

fn is_left(entry: &std::fs::DirEntry) -> bool {
    let name = entry.file_name();
    let random = name.to_str().and_then(|name| name.strip_prefix(BEGUN));
    let made = || entry.metadata().and_then(|metadata| metadata.modified());
    random.is_some_and(|random| random.len() == 6 && random.chars().all(|c| c.is_ascii_alphanumeric()))
        && made().is_ok_and(|made| made.elapsed().is_ok_and(|age| age >= YOUNG))
}

/// Reads a text file; a mark of UTF-8 at its beginning is left out.
///
/// # Errors
/// It is not there or not UTF-8; the message names the path, the line, and what to do.
pub fn read(path: &Path) -> std::io::Result<String> {
    let bytes = read_bytes(path)?;
    let invalid = |what: String| {
        let text = format!("{}{what}: save the file as UTF-8", path.display());
        Err(std::io::Error::new(std::io::ErrorKind::InvalidData, text))
    };
    if bytes.starts_with(&[0xff, 0xfe])
        || bytes.starts_with(&[0xfe, 0xff])
        || bytes.iter().take(64).any(|byte| *byte == 0)
    {
        return invalid(": this is no UTF-8, but UTF-16 by its look".to_owned());
    }
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes);
    match std::str::from_utf8(text) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let line = text[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            let byte = text[error.valid_up_to()];
            invalid(format!(":{line}: byte {byte:#04x} is no UTF-8, but Latin-1 or another encoding"))
        }
    }
}

/// The layout of a results folder.
#[derive(Debug, Clone)]
pub struct Results {
    root: PathBuf,
    /// Folder of what is about all teams: the root, or a shard's own.
    of_class: PathBuf,
    /// Which part of the class is graded, if it is one.
    shard: Option<Shard>,
    /// As printed, if that is not the root's path.
    name: Option<String>,
}

impl Results {
    /// At `root`; nothing is made yet.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self { of_class: root.clone(), root, shard: None, name: None }
    }

    /// The same, printed under another name.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..self }
    }

    /// As printed: the folder, or its address in S3.
    pub fn name(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.root.display().to_string())
    }

    /// The same teams, with what is about all of them in the shard's own folder, which no other shard writes to.
    #[must_use]
    pub fn of_shard(&self, shard: Shard) -> Self {
        Self { of_class: self.root.join("shards").join(shard.folder()), shard: Some(shard), ..self.clone() }
    }

    /// Which part of the class is graded, if it is one.
    pub fn shard(&self) -> Option<Shard> {
        self.shard
    }

    /// Names of the folders of shards, sorted; none if no shard was graded here.
    ///
    /// # Errors
    /// The folder cannot be read; the message names it.
    pub fn shards(&self) -> std::io::Result<Vec<String>> {
        let folder = self.root.join("shards");
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&folder).at(&folder)? {
            names.push(entry.at(&folder)?.file_name().to_string_lossy().into_owned());
        }
        names.sort();
        Ok(names)
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file about all teams: at the root, or in the shard's own folder.
    pub fn of_class(&self, file: &str) -> PathBuf {
        self.of_class.join(file)
    }

    /// The run's own record.
    pub fn run(&self) -> PathBuf {
        self.of_class.join("run.json")
    }

    /// The class on one page (`html`) or in one table (`csv`).
    pub fn class(&self, ending: &str) -> PathBuf {
        self.of_class.join(format!("class.{ending}"))
    }

    /// Rubric and checks as they were used, so that a later regrade needs nothing else.
    pub fn course(&self) -> PathBuf {
        self.of_class.join("course")
    }

    /// A file of one team.
    pub fn team(&self, team: &str, file: &str) -> PathBuf {
        self.root.join("teams").join(team).join(file)
    }

    /// A file or folder of a team's history.
    pub fn history(&self, team: &str, name: &str) -> PathBuf {
        self.root.join("teams").join(team).join("history").join(name)
    }

    /// Ids of the teams with stored evidence, sorted.
    ///
    /// # Errors
    /// The folder cannot be read; the message names it.
    pub fn teams(&self) -> std::io::Result<Vec<String>> {
        let folder = self.root.join("teams");
        let entries = std::fs::read_dir(&folder).at(&folder)?;
        let mut teams = Vec::new();
        for entry in entries {
            let name = entry.at(&folder)?.file_name().to_string_lossy().into_owned();
            if self.team(&name, "evidence.json").is_file() {
                teams.push(name);
            }
        }
        teams.sort();
        Ok(teams)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("teams/a/evidence.json");
        write(&path, "first, and longer").unwrap();
        write(&path, "second").unwrap();
        assert_eq!(read(&path).unwrap(), "second");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no temporary file stays");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_a_killed_run_had_begun_to_write_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("course/checks");
        std::fs::create_dir_all(&below).unwrap();
        let old = std::time::SystemTime::now() - 2 * YOUNG;
        for name in [".tmpAb12Cd", ".tmp", ".tmpAb12Cd.toml", "old.toml"] {
            let file = std::fs::File::create(below.join(name)).unwrap();
            file.set_modified(old).unwrap();
        }
        std::fs::File::create(below.join(".tmpYoung1")).unwrap();
        assert_eq!(sweep(folder.path()), 1);
        assert!(!below.join(".tmpAb12Cd").exists() && below.join(".tmpYoung1").exists());
        assert_eq!(std::fs::read_dir(&below).unwrap().count(), 4);
    }

    #[test]
    fn another_encoding_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("roster.toml");
        for (bytes, told) in [
            (&b"a = 1\nname = \"Lef\xe8vre\"\n"[..], "roster.toml:2: byte 0xe8 is no UTF-8"),
            (b"\xff\xfea\0", "UTF-16"),
            (b"a\0 \0=\0", "UTF-16"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = read(&path).unwrap_err().to_string();
            assert!(error.contains(told) && error.ends_with("save the file as UTF-8"), "{error}");
        }
        std::fs::write(&path, "\u{feff}a = 1\n").unwrap();
        assert_eq!(read(&path).unwrap(), "a = 1\n");
    }

    #[test]
    fn a_shard_writes_nothing_that_another_one_writes() {
        let results = Results::at("results");
        let (one, other) = (Shard::new(0, 2).unwrap(), Shard::new(1, 2).unwrap());
        let (one, other) = (results.of_shard(one), results.of_shard(other));
        assert_eq!(one.run(), Path::new("results/shards/1-of-2/run.json"));
        assert!(one.run() != other.run() && one.course() != other.course());
        assert_eq!(one.team("a", "evidence.json"), results.team("a", "evidence.json"));
        assert_eq!(results.shards().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn errors_name_the_path_and_what_to_do_and_no_number() {
        let missing = Path::new("no/such/evidence.json");
        let told = "no/such/evidence.json: there is no such file or folder; check the path";
        assert_eq!(read(missing).unwrap_err().to_string(), told);
        let folder = tempfile::tempdir().unwrap();
        assert!(!read(folder.path()).unwrap_err().to_string().contains("os error"));
        let full = named(Path::new("a.csv"), &Error::from_raw_os_error(28)).to_string();
        assert!(full.starts_with("a.csv: ") && !full.contains("os error"), "{full}");
    }
}
