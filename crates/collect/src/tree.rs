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

impl TreeFile {
    /// Whether it may be a document that the team wrote: it is set aside for its format alone, or not at all.
    pub fn may_be_a_document(&self) -> bool {
        !self.link && self.aside.is_none_or(|reason| matches!(reason, "binary" | "notebook"))
    }
}

/// Where the contents of files come from: the object database of a repository, or memory in a test.
pub trait Blobs {
    /// The bytes of a file.
    ///
    /// # Errors
    /// `Malformed` where the object is missing or damaged.
    fn read(&self, file: &TreeFile) -> Result<Vec<u8>, Unreadable>;
}

/// Whether the file at `path` stands in a folder that holds `folder`, at any depth: the root of the repository holds all.
pub fn stands_above(path: &str, folder: &str) -> bool {
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    parent.is_empty() || folder.trim_matches('/').strip_prefix(parent).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_set_aside_for_its_format_and_not_for_its_place() {
        let file =
            |aside| TreeFile { path: "a.pdf".to_owned(), id: [0; 20], size: 1, link: false, missing: false, aside };
        assert!(file(None).may_be_a_document() && file(Some("binary")).may_be_a_document());
        assert!(!file(Some("vendored")).may_be_a_document());
    }

    #[test]
    fn the_folders_above_are_those_that_hold_it() {
        for above in ["README.md", "course/README.md"] {
            assert!(stands_above(above, "course/TP1/"), "{above}");
        }
        for other in ["course/TP1/README.md", "course/TP2/README.md", "cours/README.md"] {
            assert!(!stands_above(other, "course/TP1"), "{other}");
        }
    }
}
