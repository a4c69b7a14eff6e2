//! Keeps what is said while one team is judged again, for the page.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use stackmark_class::Voice;
use stackmark_collect::{SharedProgress, Silent};
use stackmark_course::Problems;

/// What was said, in order.
#[derive(Debug, Default)]
pub(crate) struct Heard(Mutex<Vec<String>>);

impl Heard {
    /// All of it.
    pub(crate) fn take(self) -> Vec<String> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, text: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }
}

impl Voice for Heard {
    fn note(&self, text: &str) {
        self.keep(text.to_owned());
    }

    fn error(&self, text: &str) {
        self.keep(text.to_owned());
    }

    fn problems(&self, problems: &Problems) {
        if !problems.0.is_empty() {
            self.keep(problems.render(false, true, 100));
        }
    }

    fn line(&self, _team: &str) -> (SharedProgress, Box<dyn Any + Send>) {
        (Arc::new(Silent), Box::new(()))
    }
}
