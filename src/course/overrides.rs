//! What a TA decided by hand: survives every regrade, shown as its own line.

use std::sync::Arc;

use super::problem::{Problem, Problems, SourceText};
use super::reader::{Entry, Reader, Table};
use crate::judge::Points;

/// A valid `overrides.toml`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// One an item.
    pub items: Vec<Override>,
    /// Points outside the criteria.
    pub adjustments: Vec<Override>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// Id of the item; empty for an adjustment.
    pub item: String,
    /// For an item what it earns, at most its points; an adjustment may be negative.
    pub points: Points,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When, as written.
    pub when: String,
    /// Where it stands, for problems found later.
    pub line: Option<usize>,
}

impl Overrides {
    /// Reads and validates `overrides.toml`.
    pub fn parse(source: &Arc<SourceText>) -> (Option<Self>, Problems) {
        Reader::new(source).read(|table| {
            let items = read_all(&table, "override", true);
            let adjustments = read_all(&table, "adjustment", false);
            table.finish();
            let (items, adjustments) = (items?, adjustments?);
            Some(Self { items, adjustments })
        })
    }
}

fn read_all(table: &Table<'_>, key: &'static str, of_item: bool) -> Option<Vec<Override>> {
    let tables = table.tables(key);
    let expected = tables.len();
    let mut read: Vec<Override> = Vec::new();
    for table in tables {
        let span = table.span();
        let reader = table.reader();
        let Some(decision) = read_one(table, of_item) else { continue };
        if of_item && read.iter().any(|earlier| earlier.item == decision.item) {
            let message = format!("item \"{}\" is decided twice", decision.item);
            reader.error(span, message, "keep the one that counts");
        }
        read.push(decision);
    }
    (read.len() == expected).then_some(read)
}

fn read_one(table: Table<'_>, of_item: bool) -> Option<Override> {
    let item = if of_item {
        table.require("item", "\"concepts/asg-size\"").and_then(|item| item.text())
    } else {
        Some(String::new())
    };
    let points = table.require("points", "4.5").and_then(|points| points.points(!of_item));
    let text = |key, example| table.require(key, example).and_then(|entry: Entry<'_>| entry.text());
    let reason = text("reason", "\"the group was resized during the demonstration\"");
    let by = text("by", "\"initials\"");
    let when = text("when", "\"2026-11-20\"");
    let line = Problem::error(table.reader().source(), Some(table.span()), "").line();
    table.finish();
    Some(Override { item: item?, points: points?, reason: reason?, by: by?, when: when?, line })
}
