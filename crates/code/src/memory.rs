//! Files without a repository, for tests.

use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::Unreadable;

/// Each file has this content.
pub(crate) struct Memory(pub(crate) &'static [u8]);

impl Blobs for Memory {
    fn read(&self, _: &TreeFile) -> Result<Vec<u8>, Unreadable> {
        Ok(self.0.to_vec())
    }
}
