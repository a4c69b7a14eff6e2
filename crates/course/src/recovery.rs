//! A check's `[recovery]`: end one instance of the team's Auto Scaling group, and watch it heal.

use minijinja::Value;

use super::expect::{Spanned, spanned};
use super::reader::Table;
use super::request::{NAME_FIX, is_identifier};
use stackmark_evidence::request::RecoveryRequest;
use stackmark_language::expression::{Engine, ExpressionError};

/// Seconds between two requests.
const INTERVALS: std::ops::RangeInclusive<f64> = 0.2..=60.0;
/// Seconds that a group is watched, at most.
const LONGEST: f64 = 1800.0;

/// What a check asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct RecoveryStep {
    /// A variable in the check's expressions.
    pub name: Spanned,
    /// A template: path and query that is asked all the while.
    pub path: Spanned,
    /// Milliseconds between two requests.
    pub every_ms: u64,
    /// Milliseconds after which watching ends.
    pub within_ms: u64,
}

impl RecoveryStep {
    /// Reads `[recovery]`.
    pub fn read(table: Table<'_>) -> Option<Self> {
        let name = match table.get("name") {
            Some(entry) => spanned(&entry),
            None => Some(Spanned { text: "recovery".to_owned(), span: table.span() }),
        };
        if let Some(name) = &name
            && !is_identifier(&name.text)
        {
            let message = format!("recovery name \"{}\" is not a valid variable name", name.text);
            table.reader().error(name.span.clone(), message, NAME_FIX);
        }
        let path = table.require("path", "\"/\"").and_then(|path| spanned(&path));
        let seconds = |key, default: f64, allowed: std::ops::RangeInclusive<f64>| {
            let Some(entry) = table.get(key) else { return Some(default) };
            let seconds = entry.number()?;
            if !allowed.contains(&seconds) {
                let fix = format!("give {} to {} seconds", allowed.start(), allowed.end());
                entry.error(format!("`{}` is {seconds} s", entry.name), fix);
            }
            Some(seconds)
        };
        let every = seconds("every", 1.0, INTERVALS);
        let within = seconds("within", 600.0, 10.0..=LONGEST);
        table.finish();
        let milliseconds = |seconds: f64| (seconds * 1000.0).round() as u64;
        Some(Self { name: name?, path: path?, every_ms: milliseconds(every?), within_ms: milliseconds(within?) })
    }

    /// The request with its template filled in.
    ///
    /// # Errors
    /// A template that fails, a path without its leading `/`.
    pub fn fill(&self, engine: &Engine, context: &Value) -> Result<RecoveryRequest, ExpressionError> {
        let path = engine.render(&self.path.text, context)?;
        if !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ') {
            let message = format!("recovery path \"{path}\" does not start with `/`, or has blanks in it");
            return Err(ExpressionError { message, range: None });
        }
        Ok(RecoveryRequest { path, every_ms: self.every_ms, within_ms: self.within_ms })
    }
}
