//! What a run prints: one team's summary, and a class's table.

use std::collections::BTreeSet;

use anstyle::{AnsiColor, Style as Paint};

use super::escape::clean;
use super::gains::{self, Placed};
use super::language::{Language, REFERENCE};
use super::layout::{left, right, width, wrap};
use super::{templates, view};
use crate::evidence::Evidence;
use crate::evidence::git::Head;
use crate::judge::Points;
use crate::judge::scorecard::{Mark, Scorecard, Verdict};

/// How the terminal is, as values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns; what is below 40 is taken for 40.
    pub width: usize,
    /// Whether to paint. Without it, no escape sequence is written.
    pub color: bool,
    /// Whether bars and signs may be more than ASCII. A team's own text keeps its letters either way.
    pub unicode: bool,
}

impl Default for Style {
    /// 80 columns, without colour, in Unicode.
    fn default() -> Self {
        Self { width: 80, color: false, unicode: true }
    }
}

impl Style {
    fn paint(&self, paint: Paint, text: &str) -> String {
        if self.color && !paint.is_plain() && !text.is_empty() {
            format!("{paint}{text}{paint:#}")
        } else {
            text.to_owned()
        }
    }

    fn dash(&self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }

    fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    fn mark(&self, mark: Mark) -> String {
        mark.to_string().replace('–', self.dash())
    }
}

/// One team in a class's table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassRow {
    /// The team's id or name.
    pub team: String,
    /// `None` where the team could not be graded; the note says why.
    pub mark: Option<Mark>,
    /// The graded commit.
    pub commit: Option<String>,
    /// Title of the criterion with the most points surely lost.
    pub worst: Option<String>,
    /// Anything worth a look: late, unmapped authors, why it was not graded.
    pub note: String,
}

/// Title of the criterion with the most points surely lost, the first of several; `None` where nothing is lost.
pub fn worst_criterion(card: &Scorecard) -> Option<String> {
    let language = templates::embedded_language(REFERENCE);
    let lost = card.criteria.iter().filter(|criterion| criterion.mark.lost() > Points::ZERO);
    // The last of several maxima is taken, hence the reversal.
    let worst = lost.rev().max_by_key(|criterion| criterion.mark.lost())?;
    Some(clean(view::criterion_title(worst, &language)))
}

const BOLD: Paint = Paint::new().bold();
const DIM: Paint = Paint::new().dimmed();
const GREEN: Paint = AnsiColor::Green.on_default();
const YELLOW: Paint = AnsiColor::Yellow.on_default();
const RED: Paint = AnsiColor::Red.on_default();
const CYAN: Paint = AnsiColor::Cyan.on_default();

/// Columns of a bar.
const BAR: usize = 20;
/// Columns of the words before a finding's texts.
const LABEL: usize = 10;

/// A team's result: mark, criteria, findings by points lost, what is open, and what would earn the most.
pub fn summary(card: &Scorecard, evidence: &Evidence, style: Style) -> String {
    // The summary is in English, whatever the report's language.
    let language = templates::embedded_language(REFERENCE);
    let mut page = Page::new(style);
    header(&mut page, card, evidence);
    criteria(&mut page, card, &language);
    findings(&mut page, card);
    open(&mut page, card, &language);
    decided(&mut page, card);
    best(&mut page, card);
    page.text
}

/// A line a team, in the order given, then how many there are.
pub fn class_table(rows: &[ClassRow], style: Style) -> String {
    let mut page = Page::new(style);
    let mark = |row: &ClassRow| row.mark.map_or_else(|| style.dash().to_owned(), |mark| style.mark(mark));
    let longest = |texts: &mut dyn Iterator<Item = String>, most: usize| {
        texts.map(|text| width(&text)).max().unwrap_or(0).clamp(5, most)
    };
    let team = longest(&mut rows.iter().map(|row| clean(&row.team)), 24);
    let marks = longest(&mut rows.iter().map(mark), 24);
    let worst = longest(&mut rows.iter().map(|row| clean(row.worst.as_deref().unwrap_or_default())), 24);
    let commit = 8;
    let before = team + 2 + marks + 2 + 4 + 2 + commit + 2 + worst + 2;
    let heading = format!(
        "{}  {}  {}  {}  {}  Note",
        left("Team", team, ""),
        right("Mark", marks),
        right("Open", 4),
        left("Commit", commit, ""),
        left("Worst", worst, ""),
    );
    page.line(&page.style.paint(BOLD, &heading));
    for row in rows {
        let open = row.mark.map_or(0, |mark| mark.open);
        let shade = if row.mark.is_none() { RED } else { Paint::new() };
        let start = format!(
            "{}  {}  {}  {}  {}",
            left(&clean(&row.team), team, page.style.ellipsis()),
            page.style.paint(shade, &right(&mark(row), marks)),
            page.style.paint(CYAN, &right(&if open > 0 { open.to_string() } else { String::new() }, 4)),
            page.style.paint(DIM, &left(&clean(row.commit.as_deref().unwrap_or(page.style.dash())), commit, "")),
            left(&clean(row.worst.as_deref().unwrap_or_default()), worst, page.style.ellipsis()),
        );
        let notes = wrap(&clean(&row.note), page.width.saturating_sub(before).max(16));
        for (at, note) in notes.iter().enumerate() {
            let line = if at == 0 { format!("{start}  {note}") } else { " ".repeat(before) + note };
            page.line(line.trim_end());
        }
    }
    page.line("");
    let count = |number: usize, one: &str, other: &str| format!("{number} {}", if number == 1 { one } else { other });
    let open = rows.iter().filter(|row| row.mark.is_some_and(|mark| mark.open > 0)).count();
    let missing = rows.iter().filter(|row| row.mark.is_none()).count();
    let mut counts = vec![count(rows.len(), "team", "teams")];
    counts.extend((open > 0).then(|| format!("{open} with open items")));
    counts.extend((missing > 0).then(|| format!("{missing} not graded")));
    page.line(&counts.join(", "));
    page.text
}

fn header(page: &mut Page, card: &Scorecard, evidence: &Evidence) {
    let name = evidence.team.name.as_deref().map(clean).filter(|name| *name != card.team);
    let team = name.map_or_else(|| clean(&card.team), |name| format!("{name} ({})", clean(&card.team)));
    page.paragraph(BOLD, "", &team);
    page.paragraph(Paint::new(), "", &clean(&card.rubric.title));
    let commit = match evidence.git.head.value() {
        Some(head) => graded(head),
        None => match evidence.git.head.failure() {
            Some(failure) => format!("no commit could be read ({failure})"),
            None => "no commit to grade".to_owned(),
        },
    };
    page.paragraph(DIM, "", &clean(&commit));
    page.line("");
    let open = card.mark.open;
    let mut mark = page.style.paint(BOLD, &page.style.mark(card.mark));
    if open > 0 {
        mark.push_str(&page.style.paint(CYAN, &format!(", {open} {} open", if open == 1 { "item" } else { "items" })));
    }
    page.line(&format!("  {mark}"));
    page.line("");
}

fn graded(head: &Head) -> String {
    let id: String = head.commit.chars().take(10).collect();
    let branch = head.branch.as_ref().map(|branch| format!(" on {branch}")).unwrap_or_default();
    let why = match (head.chosen_by.as_str(), &head.deadline) {
        ("deadline", Some(deadline)) => format!(", the last one before {}", templates::moment(deadline)),
        ("pinned", _) => ", named by the instructor".to_owned(),
        ("tip", _) => ", the newest".to_owned(),
        (other, _) => format!(", chosen by {other}"),
    };
    let late = match head.commits_after_deadline {
        0 => String::new(),
        1 => "; 1 later commit is not graded".to_owned(),
        more => format!("; {more} later commits are not graded"),
    };
    format!("commit {id}{branch}{why}{late}")
}

fn criteria(page: &mut Page, card: &Scorecard, language: &Language) {
    let rows: Vec<(String, Mark)> = card
        .criteria
        .iter()
        .map(|criterion| (clean(view::criterion_title(criterion, language)), criterion.mark))
        .collect();
    let parts: Vec<(String, Mark)> = view::parts(card).into_iter().map(|part| (clean(part.name), part.mark)).collect();
    let all = || rows.iter().chain(&parts);
    let marks = all().map(|(_, mark)| width(&page.style.mark(*mark))).max().unwrap_or(0);
    let room = page.width.saturating_sub(2 + 2 + marks + 2 + BAR);
    let names = all().map(|(name, _)| width(name)).max().unwrap_or(0).min(room.max(12));
    let bars = page.width >= 2 + names + 2 + marks + 2 + BAR;
    for (name, mark) in &rows {
        page.marked(name, *mark, names, marks, bars);
    }
    for adjustment in &card.adjustments {
        let points = adjustment.points.to_string();
        let points = if adjustment.points > Points::ZERO { format!("+{points}") } else { points };
        let reason =
            format!("{} (by {}, {})", clean(&adjustment.reason), clean(&adjustment.by), clean(&adjustment.when));
        if bars {
            let label = format!("{}  {}", left("Adjustment", names, page.style.ellipsis()), right(&points, marks));
            page.labelled(Paint::new(), 2, &label, names + 2 + marks + 2, &reason);
        } else {
            page.labelled(Paint::new(), 2, &points, 6, &reason);
        }
    }
    page.line("");
    if !parts.is_empty() {
        page.heading("By part");
        for (name, mark) in &parts {
            page.marked(name, *mark, names, marks, bars);
        }
        page.line("");
    }
}

fn findings(page: &mut Page, card: &Scorecard) {
    let losing = gains::by_points_lost(card);
    if losing.is_empty() {
        return;
    }
    page.heading("Findings");
    for placed in losing {
        let outcome = &placed.item.outcome;
        let (sign, paint) = page.sign(&placed);
        page.item(sign, paint, &outcome.expected, &page.style.mark(placed.item.mark));
        page.labelled(DIM, 4, "found", LABEL, &clean(&outcome.actual));
        if placed.item.settled.is_some() {
            page.labelled(DIM, 4, "decided", LABEL, "by hand, see below");
        }
        page.labelled(DIM, 4, "fix", LABEL, &clean(&outcome.fix));
        page.labelled(DIM, 4, "earns", LABEL, &format!("{} ({})", points(placed.lost()), clean(&placed.item.id)));
        page.line("");
    }
}

fn open(page: &mut Page, card: &Scorecard, language: &Language) {
    let items = gains::open(card);
    if items.is_empty() {
        return;
    }
    page.heading("Open");
    for placed in items {
        let outcome = &placed.item.outcome;
        let (sign, paint) = page.sign(&placed);
        page.item(sign, paint, &outcome.expected, &page.style.mark(placed.item.mark));
        let label = if outcome.verdict == Verdict::Manual { "look at" } else { "why" };
        page.labelled(DIM, 4, label, LABEL, &clean(&outcome.actual));
        for failed in &outcome.unreadable {
            page.labelled(DIM, 4, "unread", LABEL, &clean(&format!("{} ({})", failed.failure, failed.pointer)));
        }
        let causes: BTreeSet<_> = outcome.unreadable.iter().map(|failed| failed.failure.cause).collect();
        for remedy in causes.iter().filter_map(|cause| language.label(&format!("remedy.{cause}"))) {
            page.labelled(DIM, 4, "to do", LABEL, remedy);
        }
        page.line("");
    }
}

fn decided(page: &mut Page, card: &Scorecard) {
    let settled = gains::settled(card);
    if !settled.is_empty() {
        page.heading("Decided by hand");
    }
    for placed in &settled {
        let Some(decision) = &placed.item.settled else { continue };
        let (sign, paint) = page.sign(placed);
        page.item(sign, paint, &placed.item.outcome.expected, &page.style.mark(placed.item.mark));
        page.labelled(DIM, 4, "measured", LABEL, &page.style.mark(decision.measured));
        let reason = format!("{} (by {}, {})", clean(&decision.reason), clean(&decision.by), clean(&decision.when));
        page.labelled(DIM, 4, "reason", LABEL, &reason);
        page.line("");
    }
    for unmatched in &card.unmatched_overrides {
        page.paragraph(YELLOW, "  ", &format!("an override matches no item: {}", clean(unmatched)));
    }
    if !card.unmatched_overrides.is_empty() {
        page.line("");
    }
}

fn best(page: &mut Page, card: &Scorecard) {
    let losing = gains::by_points_lost(card);
    if losing.is_empty() {
        page.line("No points were lost.");
        return;
    }
    page.heading("What would earn the most");
    for placed in losing.iter().take(3) {
        page.labelled(GREEN, 2, &format!("+{}", placed.lost()), 6, &clean(&placed.item.outcome.fix));
    }
}

fn points(points: Points) -> String {
    format!("{points} {}", if points == Points::whole(1) { "point" } else { "points" })
}

/// Lines under way, with how the terminal is.
struct Page {
    style: Style,
    width: usize,
    text: String,
}

impl Page {
    fn new(style: Style) -> Self {
        Self { style, width: style.width.max(40), text: String::new() }
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.line(&self.style.paint(BOLD, text));
    }

    fn paragraph(&mut self, paint: Paint, indent: &str, text: &str) {
        for line in wrap(text, self.width - width(indent)) {
            self.line(&format!("{indent}{}", self.style.paint(paint, &line)));
        }
    }

    /// A name, its mark and its bar.
    fn marked(&mut self, name: &str, mark: Mark, names: usize, marks: usize, bars: bool) {
        let bar = if bars { format!("  {}", self.bar(mark)) } else { String::new() };
        let name = left(name, names, self.style.ellipsis());
        self.line(&format!("  {name}  {}{bar}", right(&self.style.mark(mark), marks)));
    }

    /// Earned, open and lost cells; what is not nothing has a cell.
    fn bar(&self, mark: Mark) -> String {
        let of = mark.of.hundredths().max(1);
        let cells = |points: Points| {
            let points = points.hundredths().clamp(0, of);
            let exact = (points * BAR as i64 + of / 2) / of;
            exact.clamp(i64::from(points > 0), BAR as i64 - i64::from(points < of)) as usize
        };
        let earned = cells(mark.low);
        let possible = cells(mark.high).max((earned + usize::from(mark.high > mark.low)).min(BAR));
        let [full, maybe, lost] = if self.style.unicode { ["█", "▒", "░"] } else { ["#", "?", "."] };
        format!(
            "{}{}{}",
            self.style.paint(GREEN, &full.repeat(earned)),
            self.style.paint(CYAN, &maybe.repeat(possible - earned)),
            self.style.paint(DIM, &lost.repeat(BAR - possible)),
        )
    }

    fn sign(&self, placed: &Placed<'_>) -> (&'static str, Paint) {
        let (unicode, ascii, paint) = if placed.item.settled.is_some() {
            ("✎", "*", YELLOW)
        } else {
            match placed.item.outcome.verdict {
                Verdict::Pass | Verdict::NotApplicable => ("✓", "+", GREEN),
                Verdict::Partial => ("◐", "~", YELLOW),
                Verdict::Fail => ("✗", "x", RED),
                Verdict::Undetermined => ("?", "?", CYAN),
                Verdict::Manual => ("☐", "!", CYAN),
            }
        };
        (if self.style.unicode { unicode } else { ascii }, paint)
    }

    /// What is expected, with the mark at the right edge of its first line.
    fn item(&mut self, sign: &str, paint: Paint, expected: &str, mark: &str) {
        let room = self.width.saturating_sub(4 + 2 + width(mark)).max(16);
        for (at, line) in wrap(&clean(expected), room).iter().enumerate() {
            if at == 0 {
                let text = self.style.paint(BOLD, line) + &" ".repeat(room.saturating_sub(width(line)));
                self.line(&format!("  {} {text}  {mark}", self.style.paint(paint, sign)));
            } else {
                self.line(&format!("    {}", self.style.paint(BOLD, line)));
            }
        }
    }

    /// A word, and a text wrapped beside it.
    fn labelled(&mut self, paint: Paint, indent: usize, label: &str, columns: usize, text: &str) {
        let room = self.width.saturating_sub(indent + columns).max(16);
        for (at, line) in wrap(text, room).iter().enumerate() {
            let label = if at == 0 { label } else { "" };
            let padding = " ".repeat(columns.saturating_sub(width(label)).max(usize::from(at == 0)));
            self.line(format!("{}{}{padding}{line}", " ".repeat(indent), self.style.paint(paint, label)).trim_end());
        }
    }
}
