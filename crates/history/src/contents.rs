//! Contents of files, each inflated once where commits that follow each other need it.

use std::collections::HashMap;

use git2::{Blob, Oid, Repository};

/// Bytes that are kept; beyond it all are let go.
const KEPT_BYTES: usize = 16 << 20;

/// Reads contents, and keeps the last ones: what a commit changed is what the commit before it had.
pub(super) struct Contents<'r> {
    repo: &'r Repository,
    kept: HashMap<Oid, Blob<'r>>,
    bytes: usize,
}

impl<'r> Contents<'r> {
    pub(super) fn of(repo: &'r Repository) -> Self {
        Self { repo, kept: HashMap::new(), bytes: 0 }
    }

    /// The content with this id.
    ///
    /// # Errors
    /// Where it is missing or damaged.
    pub(super) fn read(&mut self, id: Oid) -> Result<Blob<'r>, git2::Error> {
        if let Some(blob) = self.kept.get(&id) {
            return Ok(blob.clone());
        }
        let blob = self.repo.find_blob(id)?;
        self.bytes += blob.size();
        if self.bytes > KEPT_BYTES {
            self.kept.clear();
            self.bytes = blob.size();
        }
        self.kept.insert(id, blob.clone());
        Ok(blob)
    }
}
