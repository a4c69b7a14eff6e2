//! What changed between two runs: for each item the points before and after, and the cause.

use std::collections::{BTreeMap, BTreeSet};

use anstyle::Style as Paint;
use serde::Serialize;

use crate::escape::clean;
use crate::language::REFERENCE;
use crate::page::{BOLD, DIM, Page, Style};
use crate::templates::{RenderError, Templates};
use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::Mark;

/// The format of the JSON.
pub const SCHEMA: &str = "stackmark/diff/v1";
/// The template of the page.
const TEMPLATE: &str = "diff.html.j2";

/// What changed between two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// [`SCHEMA`].
    pub schema: String,
    /// Where the first is, in words.
    pub before: String,
    /// Where the second is, in words.
    pub after: String,
    /// Teams with a changed mark or item, in the order of their ids.
    pub teams: Vec<TeamDiff>,
    /// Teams of which nothing changed.
    pub unchanged: u64,
    /// Teams that only the first has.
    pub only_before: Vec<String>,
    /// Teams that only the second has.
    pub only_after: Vec<String>,
    /// What cannot be told, and why.
    pub notes: Vec<String>,
}

/// What changed for one team.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TeamDiff {
    /// Its id.
    pub team: String,
    /// Its mark before.
    pub before: Mark,
    /// Its mark after.
    pub after: Mark,
    /// In the rubric's order; those that only the first has come last.
    pub items: Vec<ItemDiff>,
    /// Lines outside the criteria that came, went or changed.
    pub adjustments: Vec<AdjustmentDiff>,
}

/// What changed of one item.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemDiff {
    /// Its id.
    pub item: String,
    /// What is expected.
    pub title: String,
    /// What it earned; `None` if it was not there.
    pub before: Option<Mark>,
    /// What it earns; `None` if it is not there.
    pub after: Option<Mark>,
    /// Why, with what each part moved: together they are the whole move.
    pub causes: Vec<CausePart>,
}

/// A part of a move.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CausePart {
    /// What it is due to.
    pub cause: Cause,
    /// By how much the low end moved.
    pub low: Points,
    /// By how much the high end moved.
    pub high: Points,
    /// In words.
    pub why: String,
}

/// A line outside the criteria that came or went.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdjustmentDiff {
    /// What it is due to.
    pub cause: Cause,
    /// By how much the mark moved.
    pub points: Points,
    /// Its reason, and who decided it.
    pub why: String,
}

/// What a change is due to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Something else was read.
    Evidence,
    /// The rubric or a check of it changed.
    Rubric,
    /// A person decided.
    Override,
    /// Another version of the program judged.
    Tool,
}

impl Cause {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Rubric => "rubric",
            Self::Override => "override",
            Self::Tool => "tool",
        }
    }
}

impl Diff {
    /// How many items and teams each cause moved.
    pub fn causes(&self) -> BTreeMap<Cause, (u64, u64)> {
        let mut causes: BTreeMap<Cause, (u64, u64)> = BTreeMap::new();
        for team in &self.teams {
            let mut seen = BTreeSet::new();
            let of_items = team.items.iter().flat_map(|item| item.causes.iter().map(|part| part.cause));
            for cause in of_items.chain(team.adjustments.iter().map(|it| it.cause)) {
                let entry = causes.entry(cause).or_default();
                entry.0 += 1;
                entry.1 += u64::from(seen.insert(cause));
            }
        }
        causes
    }
}

/// As JSON, with a newline at the end.
pub fn json(diff: &Diff) -> String {
    crate::json::pretty(diff)
}

/// As a page.
///
/// # Errors
/// A template of the user's own asks for what is not there.
pub fn html(diff: &Diff, templates: &Templates) -> Result<String, RenderError> {
    #[derive(Serialize)]
    struct View<'a> {
        diff: &'a Diff,
        causes: Vec<(&'static str, u64, u64)>,
    }
    let causes = diff.causes().into_iter().map(|(cause, (items, teams))| (cause.as_str(), items, teams)).collect();
    templates.render(TEMPLATE, REFERENCE, &View { diff, causes })
}

/// For a terminal.
pub fn text(diff: &Diff, style: Style) -> String {
    let mut page = Page::new(style);
    page.paragraph(DIM, "", &format!("before: {}; after: {}", clean(&diff.before), clean(&diff.after)));
    page.line("");
    for team in &diff.teams {
        let moved = format!("{}  {} → {}", clean(&team.team), style.mark(team.before), style.mark(team.after));
        page.heading(&ascii(&moved, style));
        for item in &team.items {
            let end = |mark: Option<Mark>| mark.map_or_else(|| style.dash().to_owned(), |mark| style.mark(mark));
            let line = format!("{}: {} → {}", clean(&item.item), end(item.before), end(item.after));
            page.paragraph(Paint::new(), "  ", &ascii(&line, style));
            for part in &item.causes {
                let line = format!("{} {}: {}", part.cause.as_str(), by(part.low, part.high), clean(&part.why));
                page.paragraph(DIM, "      ", &ascii(&line, style));
            }
        }
        for line in &team.adjustments {
            let points = signed(line.points);
            page.paragraph(
                Paint::new(),
                "  ",
                &format!("adjustment {points} ({}): {}", line.cause.as_str(), clean(&line.why)),
            );
        }
        page.line("");
    }
    for (what, teams) in [("only before", &diff.only_before), ("only after", &diff.only_after)] {
        if !teams.is_empty() {
            page.paragraph(Paint::new(), "", &format!("{what}: {}", clean(&teams.join(", "))));
        }
    }
    for note in &diff.notes {
        page.paragraph(Paint::new(), "", &clean(note));
    }
    let causes: Vec<String> = diff
        .causes()
        .into_iter()
        .map(|(cause, (items, teams))| {
            let items = if items == 1 { "1 item".to_owned() } else { format!("{items} items") };
            let teams = if teams == 1 { "1 team".to_owned() } else { format!("{teams} teams") };
            format!("{}: {items} in {teams}", cause.as_str())
        })
        .collect();
    let moved =
        if diff.teams.len() == 1 { "1 team moved".to_owned() } else { format!("{} teams moved", diff.teams.len()) };
    let summary = std::iter::once(moved).chain(causes).collect::<Vec<_>>().join(", ");
    page.paragraph(BOLD, "", &format!("{summary}; {} unchanged", diff.unchanged));
    page.text
}

fn ascii(text: &str, style: Style) -> String {
    if style.unicode { text.to_owned() } else { text.replace('→', "->") }
}

/// `+2`, or both ends if they moved differently.
fn by(low: Points, high: Points) -> String {
    if low == high { signed(low) } else { format!("low {}, high {}", signed(low), signed(high)) }
}

fn signed(points: Points) -> String {
    if points > Points::ZERO { format!("+{points}") } else { points.to_string() }
}
