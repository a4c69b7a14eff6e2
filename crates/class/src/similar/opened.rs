//! A team's repository at the commit to compare: its files and their text. Only the process of a repository opens one.

use stackmark_code::text::{decode, is_utf16};
use stackmark_collect::classify::{HEAD_BYTES, LFS_POINTER, UNDECODABLE, why_excluded_by_content};
use stackmark_collect::counting::Counting;
use stackmark_collect::notebook;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_collect::{Limits, Progress};
use stackmark_evidence::Reading;
use stackmark_evidence::git::Head;
use stackmark_history::repo::{self, Obtained};
use stackmark_history::tree::ObjectDatabase;
use stackmark_history::{self as history, RepositorySource};
use stackmark_similar::Kind;

use crate::worker::Unread;

/// Nobody writes a megabyte of source by hand.
const MOST_BYTES: u64 = 1 << 20;

/// A repository at the commit to compare.
pub(super) struct Opened {
    pub(super) obtained: Obtained,
    pub(super) head: Head,
    /// As the repository has it.
    pub(super) folder: Option<String>,
    pub(super) counting: Counting,
}

impl Opened {
    /// What could not be read, in words.
    pub(super) fn of(
        source: &RepositorySource,
        folder: Option<&str>,
        limits: &Limits,
        progress: &dyn Progress,
    ) -> Result<Self, Unread> {
        let obtained = repo::obtain(source, limits, progress)?;
        let head = match repo::choose_head(&obtained.repository, source) {
            Reading::Observed { value } => value,
            Reading::Absent { note } => return Err(note.into()),
            Reading::Unreadable(failure) => return Err(failure.into()),
        };
        let folder = match folder {
            Some(wanted) => repo::find_folder(&obtained.repository, &head.commit, wanted)?.path,
            None => None,
        };
        let counting = history::counting(&obtained.repository, &head, folder.as_deref(), source);
        Ok(Self { obtained, head, folder, counting })
    }

    /// The files of the graded folder.
    pub(super) fn files(&self) -> Result<Vec<TreeFile>, Unread> {
        let repository = &self.obtained.repository;
        let mut files = history::tree::files(repository, &self.head.commit, self.folder.as_deref())?;
        self.counting.mark(&mut files);
        Ok(files)
    }

    /// The contents of the files.
    pub(super) fn blobs(&self) -> ObjectDatabase<'_> {
        ObjectDatabase(&self.obtained.repository)
    }
}

/// The text of a file that is compared; `Ok(None)` if it is none, and an error in words if it may be one.
pub(super) fn text_of(blobs: &dyn Blobs, file: &TreeFile) -> Result<Option<String>, Unread> {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path);
    let may_be = Kind::of(&file.path, "").is_some() || !name.contains('.');
    if file.link || file.aside.is_some() || !may_be {
        return Ok(None);
    }
    let is_notebook = notebook::is_notebook(&file.path);
    if file.size > if is_notebook { notebook::MAX_BYTES } else { MOST_BYTES } {
        return Err(format!("{}: {} bytes are more than anyone writes by hand", file.path, file.size).into());
    }
    let bytes = blobs.read(file)?;
    if is_notebook {
        let cells = notebook::cells(&bytes);
        return cells.map(Some).ok_or_else(|| format!("{}: {}", file.path, notebook::UNREADABLE).into());
    }
    let text = decode(&bytes);
    // UTF-16 is half NUL bytes: binary to git, text to those who wrote it.
    let content = if is_utf16(&bytes) { text.as_bytes() } else { &bytes };
    match why_excluded_by_content(&file.path, &content[..content.len().min(HEAD_BYTES)]) {
        Some(why) if why == LFS_POINTER || why == UNDECODABLE => Err(format!("{}: {why}", file.path).into()),
        Some(_) => Ok(None),
        None => Ok(Some(text)),
    }
}
