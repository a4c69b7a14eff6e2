//! What a page did last.

/// A decision that can be undone.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) page: String,
    pub(crate) team: usize,
    pub(crate) item: usize,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) answered: Option<String>,
}
