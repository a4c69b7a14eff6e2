//! Temporary folders that go away with their value, and those of killed runs, which are removed by the next run.
//!
//! Each holds a locked file for as long as its owner lives; the system takes the lock away from a process that was
//! killed, which is how a left folder is told from one in use, whatever process ids say.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

/// How the folders are named.
const PREFIX: &str = "stackmark-";
/// The file that is locked.
const LOCK: &str = "in-use";
/// A folder without the file may be about to get it.
const YOUNG: Duration = Duration::from_secs(60);

/// A folder of our own, removed with this value.
#[derive(Debug)]
pub struct Scratch {
    // Removed before the lock is given up.
    folder: TempDir,
    _lock: File,
}

impl Scratch {
    /// Makes a folder, readable by its owner only.
    ///
    /// # Errors
    /// The temporary folder of this machine cannot be written; the message names it and what to do.
    pub fn new() -> std::io::Result<Self> {
        let named = |error: std::io::Error| {
            let text = format!(
                "{}: {error}; make room there, or set TMPDIR to a folder that can be written",
                std::env::temp_dir().display()
            );
            std::io::Error::new(error.kind(), text)
        };
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir().map_err(named)?;
        let lock = File::create(folder.path().join(LOCK)).map_err(named)?;
        // Where a file system knows no locks, a left folder stays: better than one that is removed while in use.
        let _ = lock.try_lock();
        Ok(Self { folder, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes what killed runs left in the temporary folder of this machine, and tells how many folders that were.
pub fn sweep() -> usize {
    sweep_in(&std::env::temp_dir())
}

fn sweep_in(root: &Path) -> usize {
    let Ok(entries) = fs::read_dir(root) else { return 0 };
    let left = entries.filter_map(Result::ok).filter(|entry| {
        // A link in a folder that everyone can write may lead anywhere.
        entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.file_type().is_ok_and(|kind| kind.is_dir())
            && is_left(&entry.path())
    });
    left.filter(|entry| fs::remove_dir_all(entry.path()).is_ok()).count()
}

/// Whether nobody holds the lock. A folder without one is older than this rule, or somebody else's: it stays.
fn is_left(folder: &Path) -> bool {
    let Ok(lock) = File::open(folder.join(LOCK)) else { return false };
    let is_young = lock
        .metadata()
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|made| made.elapsed().is_ok_and(|age| age < YOUNG));
    lock.try_lock().is_ok() && !is_young
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(file: &Path) {
        let old = std::time::SystemTime::now() - 2 * YOUNG;
        File::options().write(true).open(file).unwrap().set_modified(old).unwrap();
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_is_in_use_stays() {
        let root = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = root.path().join(name);
            fs::create_dir(&folder).unwrap();
            let lock = File::create(folder.join(LOCK)).unwrap();
            aged(&folder.join(LOCK));
            lock
        };
        drop(folder("stackmark-left"));
        let used = folder("stackmark-used");
        used.try_lock().unwrap();
        drop(folder("other-left"));
        fs::create_dir(root.path().join("stackmark-without-a-lock")).unwrap();
        drop(folder("stackmark-young"));
        File::create(root.path().join("stackmark-young").join(LOCK)).unwrap();
        assert_eq!(sweep_in(root.path()), 1);
        assert!(!root.path().join("stackmark-left").exists());
        for stays in ["stackmark-used", "other-left", "stackmark-without-a-lock", "stackmark-young"] {
            assert!(root.path().join(stays).exists(), "{stays}");
        }
    }

    #[test]
    fn a_folder_goes_away_with_its_value() {
        let scratch = Scratch::new().unwrap();
        let path = scratch.path().to_owned();
        assert!(path.is_dir() && !is_left(&path));
        drop(scratch);
        assert!(!path.exists());
    }
}
