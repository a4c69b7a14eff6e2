//! A rubric's `[members]`: whether a member's own factor may move the team's mark, and how far.

use super::reader::Table;

/// Bounds of a member's factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Members {
    /// The lowest, at most 1.
    pub lowest: f64,
    /// The highest, at least 1.
    pub highest: f64,
}

impl Members {
    /// Reads `[members]`; `None` if there is none or it cannot be read.
    pub(crate) fn read(table: &Table<'_>) -> Option<Self> {
        let fields = table.table("members")?;
        let bound = |key: &'static str, example: &str, from: f64, to: f64| {
            let entry = fields.require(key, example)?;
            let value = entry.number()?;
            if !(from..=to).contains(&value) {
                entry.error(format!("`{key}` is {value}"), format!("write a factor from {from} to {to}"));
                return None;
            }
            Some(value)
        };
        let (lowest, highest) = (bound("lowest", "0.8", 0.0, 1.0), bound("highest", "1.2", 1.0, 2.0));
        fields.finish();
        Some(Self { lowest: lowest?, highest: highest? })
    }

    /// A factor within the bounds.
    pub fn bounded(&self, factor: f64) -> f64 {
        factor.clamp(self.lowest, self.highest)
    }
}
