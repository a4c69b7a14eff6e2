//! The files of one commit, wherever they are stored.

use stackmark_evidence::Unreadable;

/// SHA-1 of a blob, as git names it.
pub type BlobId = [u8; 20];

/// A file of the graded tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeFile {
    /// Path in the repository, `/` between its parts, invalid UTF-8 replaced.
    pub path: String,
    /// Blob id.
    pub id: BlobId,
    /// Bytes.
    pub size: u64,
    /// A symbolic link: its content is a path, never followed.
    pub link: bool,
    /// The repository lacks the object, or it is damaged: its size is not known, and reading it fails.
    pub missing: bool,
    /// Why it is not the team's own work, as far as its path and what is known of its folder tell.
    pub aside: Option<&'static str>,
}

/// Where the contents of files come from: the object database of a repository, or memory in a test.
pub trait Blobs {
    /// The bytes of a file.
    ///
    /// # Errors
    /// `Malformed` where the object is missing or damaged.
    fn read(&self, file: &TreeFile) -> Result<Vec<u8>, Unreadable>;
}
