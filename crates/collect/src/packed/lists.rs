//! The lists of all archives of one repository, within what they may take together.

use super::{Entry, MOST_READ, MOST_UNPACKED, list};
use crate::content::{is_lfs_pointer, size_in_pointer};
use crate::tree::{Blobs, TreeFile};

/// Lists archives, one after the other.
pub struct Lists<'a> {
    blobs: &'a dyn Blobs,
    largest: u64,
    /// Bytes of archives that are still read, and to which they may still unpack.
    left: u64,
    unpacked: u64,
}

impl std::fmt::Debug for Lists<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lists").field("left", &self.left).field("unpacked", &self.unpacked).finish_non_exhaustive()
    }
}

impl<'a> Lists<'a> {
    /// Archives larger than `largest` bytes are not read.
    pub fn of(blobs: &'a dyn Blobs, largest: u64) -> Self {
        Self { blobs, largest, left: largest.saturating_mul(MOST_READ), unpacked: MOST_UNPACKED }
    }

    /// The entries of an archive. It is read only if its size is within what is left.
    ///
    /// # Errors
    /// Its size, where it cannot be listed.
    pub fn list(&mut self, archive: &TreeFile) -> Result<Vec<Entry>, u64> {
        if archive.missing || archive.size > self.largest.min(self.left) {
            return Err(archive.size);
        }
        self.left -= archive.size;
        let content = self.blobs.read(archive).map_err(|_| archive.size)?;
        if is_lfs_pointer(&content) {
            return Err(size_in_pointer(&content).unwrap_or(archive.size));
        }
        list(&content, &mut self.unpacked).ok_or(archive.size)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::super::zip::tests::{Packed, zip};
    use super::*;
    use stackmark_evidence::Unreadable;

    /// One content for every file, and how often it was read.
    struct Counted(Vec<u8>, Cell<u64>);

    impl Blobs for Counted {
        fn read(&self, _: &TreeFile) -> Result<Vec<u8>, Unreadable> {
            self.1.set(self.1.get() + 1);
            Ok(self.0.clone())
        }
    }

    fn archive(size: u64) -> TreeFile {
        TreeFile { path: "lab.zip".to_owned(), id: [0; 20], size, link: false, missing: false, aside: None }
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let blobs = Counted(zip(&[Packed::of("a.py", b"x = 1\n")]), Cell::new(0));
        let mut lists = Lists::of(&blobs, 1_000);
        assert_eq!((lists.list(&archive(1_001)).unwrap_err(), blobs.1.get()), (1_001, 0));
        for _ in 0..MOST_READ {
            assert_eq!(lists.list(&archive(1_000)).map(|entries| entries.len()), Ok(1));
        }
        assert_eq!((lists.list(&archive(1)).unwrap_err(), blobs.1.get()), (1, MOST_READ), "all of it is spent");
    }

    #[test]
    fn a_pointer_of_git_lfs_tells_the_size() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5000\n";
        let blobs = Counted(pointer.to_vec(), Cell::new(0));
        assert_eq!(Lists::of(&blobs, 1_000).list(&archive(67)), Err(5_000));
    }
}
