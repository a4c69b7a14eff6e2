//! The class's page and table follow the decisions: they are made of every team's evidence, so that they are written once
//! the marker pauses, and not at each decision.

use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

use stackmark_class::{Failure, renew_class, store};
use stackmark_evidence::files::AtPath as _;

use crate::desk::Desk;

/// There from a decision until the class's page has it, so that a kill in between is made up for at the next start.
const WAITS: &str = ".review.class-waits";

impl Desk {
    /// Notes that the class's page lacks a decision. Needs the lock.
    pub(crate) fn class_lacks(&self) -> std::io::Result<()> {
        self.waiting.begin(Instant::now());
        let waits = self.waits();
        File::create(&waits).at(&waits).map(drop)
    }

    /// Whether it is time to write the class's page.
    pub(crate) fn class_waits(&self) -> bool {
        self.waiting.is_over(Instant::now())
    }

    /// Why the class's page lacks what was decided, if it could not be written.
    pub(crate) fn class_failed(&self) -> Option<String> {
        self.waiting.state().failed.clone()
    }

    /// Writes the class's page and table, if a decision was made since they were written, by this process or another one.
    ///
    /// # Errors
    /// A file that cannot be read or written, or a template of the user's own that fails.
    pub fn renew_class(&self) -> Result<(), Failure> {
        let waits = self.waits();
        if !waits.exists() {
            self.waiting.state().since = None;
            return Ok(());
        }
        let _lock = self.lock()?;
        // What is decided from now on waits for the lock.
        self.waiting.state().since = None;
        let renewed = renew_class(&self.results, &self.rubric, &self.templates)
            .and_then(|()| store::remove(&waits).map_err(Failure::from));
        self.waiting.state().failed = renewed.as_ref().err().map(|failure| failure.message.clone());
        renewed
    }

    fn waits(&self) -> PathBuf {
        self.results.root().join(WAITS)
    }
}
