//! Mark schemes: criteria that a rubric can promise to keep to. Each is a document, `schemes/<name>.toml`.

use std::sync::Arc;

use stackmark_evidence::points::Points;

use super::problem::{Problems, SourceText};
use super::reader::{Reader, Table};

/// The scheme whose criteria every language names itself.
pub const BUILT_IN: &str = "handover-100";

/// A fixed list of criteria.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// As a rubric names it: its file without the ending.
    pub id: String,
    /// Criterion ids with their points, in order.
    pub criteria: Vec<(String, Points)>,
}

impl Scheme {
    /// Reads a scheme's document.
    pub fn parse(id: &str, source: &Arc<SourceText>) -> (Option<Self>, Problems) {
        Reader::new(source).read(|table| {
            let mut criteria = Vec::new();
            let tables = table.tables("criterion");
            if tables.is_empty() {
                table.reader().error(0..0, "the scheme has no criterion", "add a [[criterion]] with id and points");
            }
            for fields in tables {
                criteria.extend(Self::criterion(&fields));
                fields.finish();
            }
            table.finish();
            Some(Self { id: id.to_owned(), criteria })
        })
    }

    fn criterion(fields: &Table<'_>) -> Option<(String, Points)> {
        let id = fields.require("id", "\"concepts\"").and_then(|id| id.text());
        let points = fields.require("points", "40").and_then(|points| points.points(false));
        Some((id?, points?))
    }
}
