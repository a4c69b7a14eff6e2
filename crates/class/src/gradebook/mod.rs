//! The marks into the file that a learning platform exported: one row a member, our cells only.
//!
//! | module | holds |
//! |---|---|
//! | [`layout`] | whose export it is, and where in it people and marks are |
//! | [`target`] | the column to fill, and what may not be written there |
//! | [`marks`] | the members of a roster with their teams' marks |
//! | [`matching`] | which row is whose |

pub mod layout;
pub mod marks;
pub mod matching;
pub mod target;

use std::collections::BTreeSet;

use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::Mark;

use crate::failure::Failure;
use crate::table::Table;
use layout::Export;
use marks::Entry;
use matching::{Match, match_rows};
use target::Target;

/// What to do with a mark of which items are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Open {
    /// Leave the cell, and list it.
    #[default]
    Skip,
    /// Write what is certain.
    Low,
    /// Write what it is if every open item earns all.
    High,
}

/// How to fill.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// For marks with open items.
    pub open: Open,
    /// Convert where the column's maximum is another than the rubric's.
    pub scale: bool,
    /// Keep every row and column, also where the tool wants those that change only.
    pub whole: bool,
}

/// A cell with a new value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose.
    pub name: String,
    /// The team that earned it.
    pub team: String,
    /// The row.
    pub row: usize,
    /// Before; empty where there was none.
    pub old: String,
    /// After.
    pub new: String,
}

/// What became of an export.
#[derive(Debug, Clone, Default)]
pub struct Filled {
    /// The file to hand to the platform.
    pub bytes: Vec<u8>,
    /// Every cell that is another now, in the file's order.
    pub changes: Vec<Change>,
    /// Rows whose cell has this mark already.
    pub same: usize,
    /// Members whose mark was not written, with the reason; somebody has to see to it.
    pub left_out: Vec<String>,
    /// Cells that the platform's own state protects.
    pub protected: Vec<String>,
    /// Rows that are nobody's in the roster.
    pub strangers: Vec<String>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// Row of each member whose mark can go out, with the team; for feedback files.
    pub rows: Vec<(usize, String)>,
}

/// Fills the column of an export.
///
/// # Errors
/// The file is no known export, the column is not there or not to be filled, or has another maximum than the rubric.
pub fn fill(table: &mut Table, column: Option<&str>, entries: &[Entry], options: Options) -> Result<Filled, Failure> {
    let export = layout::recognise(table).ok_or_else(|| {
        Failure::course("this is not a gradebook exported from Canvas, Moodle, Brightspace or Blackboard")
    })?;
    let target = Target::find(table, export, column).map_err(Failure::course)?;
    refuse_other_scale(entries, &target, options)?;
    let mut filled = Filled { notes: notes(table, export, entries, &target), ..Filled::default() };
    let matches = match_rows(table, export, entries);
    let mut seen = BTreeSet::new();
    for (row, found) in matches {
        match found {
            Match::Member { entry, by_name } => {
                seen.insert(entry);
                let Some(entry) = entries.get(entry) else { continue };
                if by_name {
                    filled.notes.push(format!("line {}: {} is matched by name alone", table.line(row), entry.name()));
                }
                one(table, row, entry, &target, options, &mut filled);
            }
            Match::Nobody(who) => filled.strangers.push(format!("line {}: {who}", table.line(row))),
            Match::Unclear { entries: several, why } => {
                seen.extend(several);
                filled.left_out.push(format!("line {}: {why}", table.line(row)));
            }
        }
    }
    for (_, entry) in entries.iter().enumerate().filter(|(at, _)| !seen.contains(at)) {
        filled.left_out.push(format!("{} of {}: no row of the export is theirs", entry.name(), entry.team));
    }
    filled.bytes = if options.whole { table.bytes() } else { target.part(table, export) };
    Ok(filled)
}

fn one(table: &mut Table, row: usize, entry: &Entry, target: &Target, options: Options, filled: &mut Filled) {
    let who = format!("{} of {}", entry.name(), entry.team);
    if let Some(other) = &entry.also_in {
        filled.left_out.push(format!("{who}: also in {other}; keep the person in one team"));
        return;
    }
    let Some(mark) = entry.mark else {
        filled.left_out.push(format!("{who}: the team has no mark; run `stackmark grade {}`", entry.team));
        return;
    };
    if let Some(why) = &entry.stale {
        filled.left_out.push(format!("{who}: {why}"));
        return;
    }
    // A report says as much as a mark does: it waits where the mark does.
    if mark.low == mark.high || options.open != Open::Skip {
        filled.rows.push((row, entry.team.clone()));
    }
    let old = table.cell(row, target.column);
    if let Some(why) = target.protected(table, row, &old) {
        filled.protected.push(format!("{who}: {why}"));
        return;
    }
    let points = match (mark.low == mark.high, options.open) {
        (true, _) | (false, Open::Low) => mark.low,
        (false, Open::High) => mark.high,
        (false, Open::Skip) => {
            let items = if mark.open == 1 { "1 item is".to_owned() } else { format!("{} items are", mark.open) };
            filled
                .left_out
                .push(format!("{who}: {mark}, {items} open; settle them, or give --open low or --open high"));
            return;
        }
    };
    let points = scaled(points, mark, target);
    let new = two_decimals(points);
    let before = layout::number(&old).map(|number| (number * 100.0).round() as i64);
    if before == Some(points.hundredths()) {
        filled.same += 1;
        return;
    }
    table.set(row, target.column, &new);
    filled.changes.push(Change { name: entry.name().to_owned(), team: entry.team.clone(), row, old, new });
}

/// A mark of 71.3 of 100 is not 71.3 of 20, and nobody but the instructor knows whether it is 14.26.
fn refuse_other_scale(entries: &[Entry], target: &Target, options: Options) -> Result<(), Failure> {
    let Some(maximum) = target.maximum.filter(|_| !options.scale) else { return Ok(()) };
    let other = entries.iter().filter_map(|entry| entry.mark).find(|mark| mark.of != maximum);
    match other {
        Some(mark) => Err(Failure::usage(format!(
            "the marks are of {}, and \"{}\" is of {maximum}: give --scale to convert them, or correct the column's maximum",
            mark.of, target.title
        ))),
        None => Ok(()),
    }
}

fn scaled(points: Points, mark: Mark, target: &Target) -> Points {
    match target.maximum {
        Some(maximum) if maximum != mark.of && mark.of > Points::ZERO => {
            maximum.times(points.as_f64() / mark.of.as_f64())
        }
        _ => points,
    }
}

/// `71.30`: a point in every language, and no thousands.
fn two_decimals(points: Points) -> String {
    let hundredths = points.hundredths().max(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn notes(table: &Table, export: Export, entries: &[Entry], target: &Target) -> Vec<String> {
    let mut notes = Vec::new();
    if target.maximum.is_none() {
        notes.push(format!(
            "\"{}\" does not say its maximum: the marks are written as the rubric counts them",
            target.title
        ));
    }
    if export == Export::Canvas && entries.iter().any(|entry| entry.deducted) {
        notes.push(
            "some marks have a deduction already: Canvas' late policy deducts again for a submission with status Late; turn \
             it off for this assignment, or set the status to None"
                .to_owned(),
        );
    }
    if export == Export::Canvas && entries.iter().any(|entry| entry.own) {
        notes.push(
            "some members have another mark than their team: tick \"Assign Grades to Each Student Individually\" in the \
             assignment's group settings"
                .to_owned(),
        );
    }
    if export == Export::Moodle {
        notes.push("upload the worksheet with Moodle in the language in which it was exported".to_owned());
        if layout::is_blind(table) {
            notes.push(
                "the worksheet is of blind marking and has no names: reveal the identities, and export again"
                    .to_owned(),
            );
        }
    }
    notes
}

/// The lines that tell a person what was done: every change, and everything that was left out.
pub fn told(filled: &Filled) -> String {
    let mut text = String::new();
    let mut section = |title: &str, lines: &mut dyn Iterator<Item = String>| {
        let lines: Vec<String> = lines.collect();
        if !lines.is_empty() {
            text.push_str(&format!("{title} ({})\n", lines.len()));
            for line in lines {
                text.push_str(&format!("  {}\n", stackmark_render::escape::clean(&line)));
            }
        }
    };
    let changed = |change: &Change| {
        let old = if change.old.is_empty() { "empty" } else { &change.old };
        format!("{} of {}: {old} → {}", change.name, change.team, change.new)
    };
    section("Changed", &mut filled.changes.iter().map(changed));
    section("Not written", &mut filled.left_out.iter().cloned());
    section("Protected by the platform, left as they are", &mut filled.protected.iter().cloned());
    section("Rows of nobody in the roster", &mut filled.strangers.iter().cloned());
    section("Notes", &mut filled.notes.iter().cloned());
    let unchanged = if filled.same == 1 { "1 row has".to_owned() } else { format!("{} rows have", filled.same) };
    text.push_str(&format!("{} changed, {unchanged} this mark already\n", filled.changes.len()));
    text
}
