//! A candidate's bytes into what it says.

use unicode_normalization::UnicodeNormalization;

use super::claimed_files::joined;
use super::document::{self, Content, Raw};
use super::{reader, sha256};
use stackmark_code::text::decode;
use stackmark_collect::Limits;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::{Cause, Unreadable};

/// The graded tree, and how much of it may be read.
#[derive(Clone, Copy)]
pub(super) struct Tree<'a> {
    pub(super) blobs: &'a dyn Blobs,
    pub(super) files: &'a [TreeFile],
    /// Files of the commit outside of the graded folder.
    pub(super) beside: &'a [TreeFile],
    pub(super) limits: &'a Limits,
}

/// A document that was read.
pub(super) struct Document {
    /// Path of the file or the folder.
    pub(super) path: String,
    /// The files that it is made of, where it is not that one alone.
    pub(super) made_of: Vec<String>,
    pub(super) sha256: String,
    pub(super) content: Content,
}

/// Why a document was not read.
pub(super) enum Failed {
    /// It is nobody's report.
    Rejected(String),
    /// It may be one.
    Unreadable(Unreadable),
}

/// First line of what Git LFS leaves in place of a file.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

impl<'a> Tree<'a> {
    /// The bytes of a file.
    ///
    /// # Errors
    /// `Refused` where it is too large, or stands in Git LFS; `Malformed` where the object is damaged. The detail names
    /// the file.
    pub(super) fn bytes_of(&self, file: &TreeFile) -> Result<Vec<u8>, Unreadable> {
        let most = self.limits.file_bytes;
        if file.size > most {
            let detail = format!("{}: {} bytes, more than the {most} that are read", file.path, file.size);
            return Err(Unreadable::new(Cause::Refused, detail));
        }
        let bytes = self.blobs.read(file)?;
        if bytes.starts_with(LFS_POINTER) {
            let detail = format!(
                "{}: the repository holds only a pointer to Git LFS, whose files are not fetched; commit the file itself",
                file.path
            );
            return Err(Unreadable::new(Cause::Refused, detail));
        }
        Ok(bytes)
    }

    /// Reads one file as its extension says; `chapters` too, which alone are no document.
    pub(super) fn open(&self, file: &TreeFile, extension: &str, chapters: bool) -> Result<Document, Failed> {
        let bytes = self.bytes_of(file).map_err(Failed::Unreadable)?;
        let sha256 = sha256(&bytes);
        let content = if extension == "tex" {
            let source = decode(&bytes);
            if !chapters && !document::is_main_latex(&source) {
                return Err(Failed::Rejected("a chapter of another LaTeX document".to_owned()));
            }
            document::latex(&source, &|path| self.included(&file.path, path)).map(Raw::clean)
        } else {
            reader::read(extension, bytes, &self.limits.documents)
        };
        match content {
            Ok(content) => {
                let made_of = content.member.iter().map(|member| format!("{}/{member}", file.path)).collect();
                Ok(Document { path: file.path.clone(), made_of, sha256, content })
            }
            Err(failure) if failure.cause == Cause::NotCollected => Err(Failed::Rejected(failure.detail)),
            Err(failure) => {
                let detail = format!("{}: {}", file.path, failure.detail);
                Err(Failed::Unreadable(Unreadable::new(failure.cause, detail)))
            }
        }
    }

    /// A file that a LaTeX document includes, relative to the document's folder.
    fn included(&self, main: &str, path: &str) -> Option<String> {
        let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = joined(folder, path.trim())?;
        let with_extension = format!("{path}.tex");
        let file = self.all().find(|file| !file.link && (file.path == path || file.path == with_extension))?;
        self.bytes_of(file).ok().map(|bytes| decode(&bytes))
    }

    /// The file at a path that a person wrote: accents may be composed otherwise there.
    pub(super) fn find(&self, path: &str) -> Option<&'a TreeFile> {
        let wanted: String = path.trim_start_matches("./").trim_matches('/').nfc().collect();
        self.all().find(|file| file.path == wanted || file.path.nfc().eq(wanted.chars()))
    }

    /// The graded files, then those outside of the graded folder.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a TreeFile> + use<'a> {
        self.files.iter().chain(self.beside)
    }

    /// The file that a link inside of the tree leads to; nothing outside of it is followed.
    pub(super) fn target(&self, link: &TreeFile) -> Option<&'a TreeFile> {
        const LONGEST: u64 = 4096;
        let written = (link.size <= LONGEST).then(|| self.blobs.read(link).ok())??;
        let written = String::from_utf8(written).ok()?;
        if written.starts_with('/') {
            return None;
        }
        let mut parts: Vec<&str> = link.path.split('/').collect();
        parts.pop();
        for part in written.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                name => parts.push(name),
            }
        }
        self.find(&parts.join("/")).filter(|file| !file.link)
    }
}
