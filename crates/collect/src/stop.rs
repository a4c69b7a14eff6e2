//! Whether the user wants this program to stop: what waits for something long looks here, ends it and cleans up.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// Asks everything that waits to stop. There is no way back: the program ends.
pub fn ask() {
    ASKED.store(true, Ordering::Relaxed);
}

/// Whether to stop.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
