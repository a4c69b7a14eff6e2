//! The column to fill, and the cells of it that may not be written.

use std::collections::BTreeSet;

use stackmark_course::problem::did_you_mean;
use stackmark_evidence::points::Points;

use super::layout::{self, Export};
use crate::table::Table;

/// Titles that Canvas computes; its importer takes a column with one of them for no assignment, and says nothing.
const COMPUTED: [&str; 9] = [
    "Current Score",
    "Current Points",
    "Current Grade",
    "Final Score",
    "Final Points",
    "Final Grade",
    "Override Score",
    "Override Grade",
    "Override Status",
];

/// What Moodle writes where a grade can be changed, and where it cannot, in the languages that it is most exported in.
const YES: [&str; 14] =
    ["yes", "oui", "sì", "si", "sí", "ja", "sim", "tak", "да", "ano", "evet", "是", "はい", "kyllä"];
const NO: [&str; 13] = ["no", "non", "nein", "nee", "não", "nej", "nie", "нет", "ne", "hayır", "否", "いいえ", "ei"];

/// The column to fill.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its place.
    pub column: usize,
    /// Its title, as it is in the file.
    pub title: String,
    /// The most that it takes; `None` where the file does not say.
    pub maximum: Option<Points>,
    export: Export,
    /// Moodle's column that says whether a grade can be changed.
    changeable: Option<usize>,
}

impl Target {
    /// Finds the column by its title or the part of it that an instructor knows; Moodle's worksheet has only one.
    ///
    /// # Errors
    /// There is no such column, several, or one that is not to be filled.
    pub fn find(table: &Table, export: Export, asked: Option<&str>) -> Result<Self, String> {
        if export == Export::Moodle {
            return Self::of_moodle(table);
        }
        let first = match export {
            Export::Canvas => layout::canvas_section(table).map_or(0, |section| section + 1),
            _ => 0,
        };
        let titles: Vec<(usize, String)> = table.cells(0).into_iter().enumerate().skip(first).collect();
        let items: Vec<&(usize, String)> = titles.iter().filter(|(_, title)| is_item(export, title)).collect();
        let listed = || {
            let known: Vec<String> = items.iter().map(|(_, title)| format!("\"{title}\"")).collect();
            if known.is_empty() { "the export has no column of marks".to_owned() } else { known.join(", ") }
        };
        let Some(asked) = asked.map(str::trim) else {
            return Err(format!("name the column with --column: {}", listed()));
        };
        if export == Export::Canvas && COMPUTED.iter().any(|title| asked.contains(title)) {
            return Err(format!(
                "Canvas computes \"{asked}\" and takes no mark there: name the assignment's own column"
            ));
        }
        let exact: Vec<_> = items.iter().filter(|(_, title)| title == asked).collect();
        let short: Vec<_> = items.iter().filter(|(_, title)| item(export, title) == asked).collect();
        let found = if exact.is_empty() { short } else { exact };
        match found.as_slice() {
            [(column, title)] => Self::checked(table, export, *column, title),
            [] => {
                let close = did_you_mean(asked, items.iter().map(|(_, title)| title.as_str()));
                let fix = close.map_or_else(listed, |close| format!("did you mean \"{close}\"?"));
                Err(format!("there is no column \"{asked}\"; {fix}"))
            }
            _ => Err(format!("several columns are called \"{asked}\": give the whole title, one of {}", listed())),
        }
    }

    fn checked(table: &Table, export: Export, column: usize, title: &str) -> Result<Self, String> {
        let points = match export {
            Export::Canvas => {
                let row = (1..table.height()).find(|row| layout::is_points_row(table, *row));
                let cell = row.map(|row| table.cell(row, column)).unwrap_or_default();
                if cell.contains("read only") {
                    return Err(format!("Canvas computes \"{title}\" and takes no mark there: name another column"));
                }
                layout::number(&cell)
            }
            // `<Numeric MaxPoints:100 Weight:40 …>` and `[Total Pts: 100 Score] |118854`.
            Export::Brightspace => after(title, "MaxPoints:"),
            Export::Blackboard => after(title, "Total Pts:"),
            Export::Moodle => None,
        };
        Ok(Self { column, title: title.to_owned(), maximum: points.map(hundredths), export, changeable: None })
    }

    fn of_moodle(table: &Table) -> Result<Self, String> {
        let maximum = layout::moodle_maximum(table)
            .ok_or("the worksheet has no column with the maximum: a scale wants words, and is not filled")?;
        let column =
            maximum.checked_sub(1).filter(|column| *column > 0).ok_or("the worksheet has no column of grades")?;
        let rows = layout::people(table, Export::Moodle);
        let words = |text: &str| text.is_empty() || says(text, &YES) || says(text, &NO);
        let changeable = layout::titled(table, "Grade can be changed").or_else(|| {
            (maximum + 1..table.width(0)).find(|at| {
                let cells: Vec<String> = rows.iter().map(|row| table.cell(*row, *at)).collect();
                cells.iter().any(|cell| !cell.is_empty()) && cells.iter().all(|cell| words(cell))
            })
        });
        for row in &rows {
            if table.width(*row) != table.width(0) {
                return Err(format!(
                    "line {} has {} cells and the header {}: Moodle refuses the whole file; export it again",
                    table.line(*row),
                    table.width(*row),
                    table.width(0)
                ));
            }
        }
        let most = rows.first().and_then(|row| layout::number(&table.cell(*row, maximum)));
        let title = table.cell(0, column);
        Ok(Self { column, title, maximum: most.map(hundredths), export: Export::Moodle, changeable })
    }

    /// Why a cell may not be written; `None` where it may.
    pub fn protected(&self, table: &Table, row: usize, old: &str) -> Option<String> {
        let is_number = layout::number(old).is_some();
        match self.export {
            Export::Canvas if old.eq_ignore_ascii_case("EX") => Some("excused (EX)".to_owned()),
            Export::Canvas if old.eq_ignore_ascii_case("N/A") => Some("not assigned to this student (N/A)".to_owned()),
            Export::Moodle => {
                let word = self.changeable.map(|column| table.cell(row, column)).unwrap_or_default();
                if says(&word, &NO) {
                    return Some(format!("the grade is locked ({word})"));
                }
                let unknown = !word.is_empty() && !says(&word, &YES);
                if unknown {
                    return Some(format!(
                        "whether the grade can be changed is told by \"{word}\", which is not known here"
                    ));
                }
                (!old.is_empty() && old != "-" && !is_number).then(|| format!("it has \"{old}\", which is no number"))
            }
            Export::Blackboard if matches!(old, "Needs Grading" | "In Progress") => None,
            _ => (!old.is_empty() && !is_number).then(|| format!("it has \"{old}\", which is no number")),
        }
    }

    /// The part of the file that the platform should get: what it reads, and the rows that change. A worksheet of Moodle's
    /// is refused unless it is whole.
    pub fn part(&self, table: &Table, export: Export) -> Vec<u8> {
        let info: BTreeSet<usize> = match export {
            Export::Moodle => return table.bytes(),
            Export::Canvas => (0..=layout::canvas_section(table).unwrap_or(0)).collect(),
            Export::Brightspace => columns(table, &["OrgDefinedId", "Username", "End-of-Line Indicator"]),
            Export::Blackboard => {
                columns(table, &["Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability"])
            }
        };
        let people: BTreeSet<usize> = layout::people(table, export).into_iter().collect();
        let changed = table.changed();
        let rows: BTreeSet<usize> = (0..table.height())
            .filter(|row| *row == 0 || changed.contains(row) || (!people.contains(row) && !table.is_blank(*row)))
            .collect();
        table.part(&rows, |column| column == self.column || info.contains(&column))
    }
}

fn columns(table: &Table, titles: &[&str]) -> BTreeSet<usize> {
    titles.iter().filter_map(|title| layout::titled(table, title)).collect()
}

fn says(word: &str, words: &[&str]) -> bool {
    words.contains(&word.trim().to_lowercase().as_str())
}

fn hundredths(number: f64) -> Points {
    Points::from_hundredths((number * 100.0).round() as i64)
}

/// The number behind a word of a title.
fn after(title: &str, word: &str) -> Option<f64> {
    let (_, rest) = title.split_once(word)?;
    let digits: String =
        rest.trim_start().chars().take_while(|c| c.is_ascii_digit() || *c == '.' || *c == ',').collect();
    layout::number(&digits)
}

/// Whether marks can go into a column of this title.
fn is_item(export: Export, title: &str) -> bool {
    match export {
        Export::Canvas => !COMPUTED.iter().any(|computed| title.contains(computed)),
        Export::Brightspace => title.contains("Points Grade"),
        Export::Blackboard => title.contains('|'),
        Export::Moodle => false,
    }
}

/// The part of a title that an instructor knows: without Canvas' id, Brightspace's kind and Blackboard's number.
fn item(export: Export, title: &str) -> &str {
    let short = match export {
        Export::Canvas => title.rsplit_once(" (").filter(|(_, id)| id.ends_with(')')).map(|(name, _)| name),
        Export::Brightspace => title.split_once(" Points Grade").map(|(name, _)| name),
        Export::Blackboard => title.split_once(" [").map(|(name, _)| name),
        Export::Moodle => None,
    };
    short.unwrap_or(title).trim()
}
