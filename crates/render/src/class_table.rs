//! A class as a table in the terminal.

use std::collections::BTreeMap;

use anstyle::Style as Paint;

use super::escape::clean;
use super::language::Language;
use super::layout::{left, right, width, wrap};
use super::page::{BOLD, CYAN, DIM, Page, RED, Style};
use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::Mark;

/// One team in a class's table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassRow {
    /// The team's id or name.
    pub team: String,
    /// `None` where the team could not be graded; the note says why.
    pub mark: Option<Mark>,
    /// The graded commit.
    pub commit: Option<String>,
    /// What to look at, in words, the most urgent first.
    pub note: String,
}

/// Lines beside a team of what to look at; what is longer is below it, over the whole width.
const LONGEST_NOTE: usize = 4;

/// A line a team, in the order given, then how many there are. Its own words are those of the class's page.
pub fn class_table(rows: &[ClassRow], language: &Language, style: Style) -> String {
    let mut page = Page::new(style);
    let mark = |row: &ClassRow| match row.mark {
        Some(mark) => in_language(mark, language).replace('–', style.dash()),
        None => style.dash().to_owned(),
    };
    let label = |key: &str| language.label(key).unwrap_or(key).to_owned();
    let longest = |texts: &mut dyn Iterator<Item = String>, most: usize| {
        texts.map(|text| width(&text)).max().unwrap_or(0).clamp(5, most)
    };
    let [of_team, of_mark, of_open, of_commit, look_at] =
        ["class.team", "class.mark", "class.open", "checked.commit", "class.look_at"].map(label);
    let marks = longest(&mut rows.iter().map(mark).chain([of_mark.clone()]), 24);
    let (open_items, commit) = (width(&of_open), width(&of_commit).max(8));
    // What is left of the line beside the other columns, and a word or two of the notes.
    let room = page.width.saturating_sub(2 + marks + 2 + open_items + 2 + commit + 2 + 16).clamp(5, 24);
    let team = longest(&mut rows.iter().map(|row| clean(&row.team)).chain([of_team.clone()]), room);
    let before = team + 2 + marks + 2 + open_items + 2 + commit + 2;
    let heading = format!(
        "{}  {}  {}  {}  {look_at}",
        left(&of_team, team, ""),
        right(&of_mark, marks),
        right(&of_open, open_items),
        left(&of_commit, commit, ""),
    );
    page.line(&page.style.paint(BOLD, &heading));
    for row in rows {
        let open = row.mark.map_or(0, |mark| mark.open);
        let shade = if row.mark.is_none() { RED } else { Paint::new() };
        let start = format!(
            "{}  {}  {}  {}",
            left(&clean(&row.team), team, page.style.ellipsis()),
            page.style.paint(shade, &right(&mark(row), marks)),
            page.style.paint(CYAN, &right(&if open > 0 { open.to_string() } else { String::new() }, open_items)),
            page.style.paint(DIM, &left(&clean(row.commit.as_deref().unwrap_or(page.style.dash())), commit, "")),
        );
        let note = clean(&row.note);
        let beside = wrap(&note, page.width.saturating_sub(before).max(16));
        if beside.len() > LONGEST_NOTE {
            page.line(start.trim_end());
            page.paragraph(Paint::new(), "    ", &note);
            continue;
        }
        for (at, note) in beside.iter().enumerate() {
            let line = if at == 0 { format!("{start}  {note}") } else { " ".repeat(before) + note };
            page.line(line.trim_end());
        }
    }
    page.line("");
    let count = |key: &str, number: usize| {
        let values = BTreeMap::from([("n", number.to_string())]);
        language.say(key, Some(number as f64), &values).unwrap_or_else(|_| number.to_string())
    };
    let open = rows.iter().filter(|row| row.mark.is_some_and(|mark| mark.open > 0)).count();
    let missing = rows.iter().filter(|row| row.mark.is_none()).count();
    let mut counts = vec![count("class.teams", rows.len())];
    counts.extend((open > 0).then(|| count("class.with_open", open)));
    counts.extend((missing > 0).then(|| count("class.not_graded", missing)));
    page.line(&counts.join(", "));
    page.text
}

/// `71,5–81 sur 100`.
fn in_language(mark: Mark, language: &Language) -> String {
    let points = |points: Points| language.number(points.as_f64());
    let earned = match (points(mark.low), points(mark.high)) {
        (low, high) if low == high => low,
        (low, high) => format!("{low}–{high}"),
    };
    let values = BTreeMap::from([("mark", earned), ("of", points(mark.of))]);
    language.say("class.of", None, &values).unwrap_or_else(|_| mark.to_string())
}
