//! Whose export a gradebook is, and where in it people and marks are.
//!
//! Columns are told by their titles where the tool writes them in one language, and by their place and content where it
//! does not: Moodle writes titles in the language of whoever exports.

use crate::table::Table;

/// The tools whose gradebooks are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// Canvas' gradebook, one column an assignment.
    Canvas,
    /// Moodle's offline grading worksheet of one assignment.
    Moodle,
    /// Brightspace, one column an item.
    Brightspace,
    /// Blackboard, one column an item.
    Blackboard,
}

impl Export {
    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Canvas => "gradebook of Canvas",
            Self::Moodle => "grading worksheet of Moodle",
            Self::Brightspace => "gradebook of Brightspace",
            Self::Blackboard => "gradebook of Blackboard",
        }
    }
}

/// What a row says of its person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keys {
    /// As written.
    pub name: String,
    /// The platform's own number.
    pub lms_id: Option<String>,
    /// Student number.
    pub sis_id: Option<String>,
    /// Login at the platform.
    pub login: Option<String>,
    /// Address.
    pub email: Option<String>,
}

fn header(table: &Table) -> Vec<String> {
    table.cells(0)
}

/// The column of this title, without case.
pub(crate) fn titled(table: &Table, title: &str) -> Option<usize> {
    header(table).iter().position(|cell| cell.eq_ignore_ascii_case(title))
}

/// Whose export it is; `None` where it is none of them.
pub fn recognise(table: &Table) -> Option<Export> {
    let header = header(table);
    let cell = |at: usize| header.get(at).map_or("", String::as_str);
    let canvas = (cell(0).contains("Student") && cell(1) == "ID") || (cell(0) == "LastName" && cell(2) == "ID");
    if canvas && header.iter().any(|title| title == "Section") {
        return Some(Export::Canvas);
    }
    if header.iter().any(|title| title == "End-of-Line Indicator") && matches!(cell(0), "OrgDefinedId" | "Username") {
        return Some(Export::Brightspace);
    }
    let blackboard = ["Last Name", "First Name", "Username", "Student ID"];
    if blackboard.iter().enumerate().all(|(at, title)| cell(at) == *title) {
        return Some(Export::Blackboard);
    }
    (header.len() >= 6 && identified(table) && moodle_maximum(table).is_some()).then_some(Export::Moodle)
}

/// Whether each row begins as Moodle's do: a word in some language, and the participant's number.
fn identified(table: &Table) -> bool {
    let mut rows = (1..table.height()).filter(|row| !table.is_blank(*row)).peekable();
    rows.peek().is_some() && rows.all(|row| participant(&table.cell(row, 0)).is_some())
}

/// The number at the end of Moodle's identifier.
pub fn participant(identifier: &str) -> Option<&str> {
    let (word, number) = identifier.rsplit_once([' ', '\u{a0}'])?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !word.trim().is_empty()).then_some(number)
}

/// A number as gradebooks write it: `72.5`, `72,5`, `1.000,50`, with or without a final `%`. As in Canvas, the last
/// separator is the decimal point.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches('%').trim();
    let all = text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == ',');
    if !all || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    match text.rfind(['.', ',']) {
        Some(at) => {
            let whole: String = text[..at].chars().filter(char::is_ascii_digit).collect();
            format!("{whole}.{}", &text[at + 1..]).parse().ok()
        }
        None => text.parse().ok(),
    }
}

/// Moodle's column with the maximum: the first one titled so, else the first in which each row has the same number.
pub(crate) fn moodle_maximum(table: &Table) -> Option<usize> {
    const TITLES: [&str; 6] = [
        "Maximum Grade",
        "Note maximale",
        "Valutazione massima",
        "Beste Bewertung",
        "Calificación máxima",
        "Maximumcijfer",
    ];
    if let Some(at) = TITLES.iter().find_map(|title| titled(table, title)) {
        return Some(at);
    }
    let rows: Vec<usize> = people(table, Export::Moodle);
    (2..table.width(0)).find(|column| {
        let first = rows.first().map(|row| table.cell(*row, *column)).unwrap_or_default();
        number(&first).is_some_and(|maximum| maximum > 0.0) && rows.iter().all(|row| table.cell(*row, *column) == first)
    })
}

/// Rows of people: neither titles, nor what stands between them and the people, nor blanks.
pub fn people(table: &Table, export: Export) -> Vec<usize> {
    let start = 1;
    (start..table.height())
        .filter(|row| !table.is_blank(*row))
        .filter(|row| export != Export::Canvas || !is_canvas_heading(table, *row))
        .collect()
}

/// The rows between Canvas' header and its students: how grades are posted, and the points.
fn is_canvas_heading(table: &Table, row: usize) -> bool {
    let cells = table.cells(row);
    let posting = |cell: &String| {
        let cell = cell.to_lowercase();
        cell.is_empty() || cell == "muted" || cell.starts_with("manual posting")
    };
    is_points_row(table, row) || cells.iter().all(posting)
}

pub(crate) fn is_points_row(table: &Table, row: usize) -> bool {
    table.cell(row, 0).contains("Points Possible")
}

/// The column up to which Canvas describes the student; the assignments, and columns of the course's own, come after.
pub(crate) fn canvas_section(table: &Table) -> Option<usize> {
    header(table).iter().position(|title| title == "Section")
}

/// What the row says of its person.
pub fn keys(table: &Table, export: Export, row: usize) -> Keys {
    let text = |title: &str| titled(table, title).map(|column| table.cell(row, column)).filter(|text| !text.is_empty());
    let both = |first: &str, last: &str| {
        let parts: Vec<String> = [text(first), text(last)].into_iter().flatten().collect();
        parts.join(" ")
    };
    match export {
        Export::Canvas => Keys {
            name: text("Student").unwrap_or_else(|| both("FirstName", "LastName")),
            lms_id: text("ID"),
            sis_id: text("SIS User ID"),
            login: text("SIS Login ID"),
            email: None,
        },
        Export::Moodle => {
            let email = moodle_email(table);
            Keys {
                name: moodle_name(table, email).map(|column| table.cell(row, column)).unwrap_or_default(),
                email: email.map(|column| table.cell(row, column)).filter(|text| text.contains('@')),
                sis_id: text("ID number").or_else(|| text("Numéro d'identification")),
                ..Keys::default()
            }
        }
        Export::Brightspace => {
            // Exported values carry a sign that keeps spreadsheets from taking them for numbers.
            let bare = |text: String| text.trim_start_matches('#').to_owned();
            Keys {
                name: both("First Name", "Last Name"),
                sis_id: text("OrgDefinedId").map(bare),
                login: text("Username").map(bare),
                email: text("Email"),
                lms_id: None,
            }
        }
        Export::Blackboard => Keys {
            name: both("First Name", "Last Name"),
            sis_id: text("Student ID"),
            login: text("Username"),
            ..Keys::default()
        },
    }
}

/// The column of addresses: one in which a row has an `@`, before the grade.
fn moodle_email(table: &Table) -> Option<usize> {
    let before = moodle_maximum(table)?;
    let rows = people(table, Export::Moodle);
    (1..before).find(|column| rows.iter().any(|row| is_address(&table.cell(*row, *column))))
}

fn is_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !text.contains(' '))
}

/// The column of names. A worksheet of blind marking has none, and then its second column is the status, which says
/// more than a name does.
fn moodle_name(table: &Table, email: Option<usize>) -> Option<usize> {
    const TITLES: [&str; 5] = ["Full name", "Nom complet", "Nome completo", "Vollständiger Name", "Nombre completo"];
    let titled = TITLES.iter().find_map(|title| titled(table, title));
    titled.or_else(|| email.filter(|column| *column == 2).map(|_| 1))
}

/// Whether Moodle's worksheet hides who is who.
pub(crate) fn is_blind(table: &Table) -> bool {
    let email = moodle_email(table);
    email.is_none() && moodle_name(table, email).is_none()
}

/// The team that the row names; `None` where the export has no teams.
pub fn team(table: &Table, export: Export, row: usize) -> Option<String> {
    const TITLES: [&str; 6] = ["Group", "Groupe", "Gruppo", "Gruppe", "Grupo", "Groep"];
    if export != Export::Moodle {
        return None;
    }
    let column = TITLES.iter().find_map(|title| titled(table, title))?;
    Some(table.cell(row, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_canvas_does() {
        for (text, value) in [("72,5", 72.5), ("1,000", 1.0), ("1.000,50", 1000.5), ("71.30", 71.3), ("90%", 90.0)] {
            assert!(number(text).is_some_and(|read| (read - value).abs() < 1e-9), "{text}");
        }
        for text in ["EX", "N/A", "", "-", "1a", "."] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn exports_are_told_by_content_in_any_language() {
        let french = "Identifiant,\"Nom complet\",\"Adresse de courriel\",Statut,Groupe,Note,\"Note max\",Modifiable,x\n\
                      \"Participant 4711\",\"Ada Rivers\",ada@example.org,Remis,\"Équipe 07\",,\"100,00\",Oui,-\n";
        let table = Table::read(french.as_bytes()).unwrap();
        assert_eq!((recognise(&table), moodle_maximum(&table)), (Some(Export::Moodle), Some(6)));
        let keys = keys(&table, Export::Moodle, 1);
        assert_eq!((keys.name.as_str(), keys.email.as_deref()), ("Ada Rivers", Some("ada@example.org")));
        assert_eq!(team(&table, Export::Moodle, 1).as_deref(), Some("Équipe 07"));
        let plain =
            Table::read(b"team,name,email,login,repository,branch\nteam-07,Ada,a@x.org,a,https://x/y,main\n").unwrap();
        assert_eq!(recognise(&plain), None);
        assert_eq!((participant("Teilnehmer/in 12"), participant("team-12")), (Some("12"), None));
    }
}
