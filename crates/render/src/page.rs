//! Lines for a terminal: how it is, and how names, marks, bars and texts are laid out on it.

use anstyle::{AnsiColor, Style as Paint};

use super::escape::clean;
use super::gains::Placed;
use super::layout::{left, right, width, wrap};
use stackmark_evidence::points::Points;
use stackmark_judge::Sentences;
use stackmark_judge::scorecard::{Mark, Verdict};

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
    pub(super) fn paint(&self, paint: Paint, text: &str) -> String {
        if self.color && !paint.is_plain() && !text.is_empty() {
            format!("{paint}{text}{paint:#}")
        } else {
            text.to_owned()
        }
    }

    pub(super) fn dash(&self) -> &'static str {
        if self.unicode { "–" } else { "-" }
    }

    pub(super) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }

    pub(super) fn mark(&self, mark: Mark) -> String {
        mark.to_string().replace('–', self.dash())
    }
}

pub(super) const BOLD: Paint = Paint::new().bold();
pub(super) const DIM: Paint = Paint::new().dimmed();
pub(super) const GREEN: Paint = AnsiColor::Green.on_default();
pub(super) const YELLOW: Paint = AnsiColor::Yellow.on_default();
pub(super) const RED: Paint = AnsiColor::Red.on_default();
pub(super) const CYAN: Paint = AnsiColor::Cyan.on_default();

/// Columns of a bar.
pub(super) const BAR: usize = 20;
/// Lines under way, with how the terminal is.
pub(super) struct Page {
    /// How the terminal is.
    pub(super) style: Style,
    /// Columns, 40 or more.
    pub(super) width: usize,
    /// What is laid out already.
    pub(super) text: String,
    /// Its own words in the language of the reader.
    said: Sentences,
}

impl Page {
    pub(super) fn new(style: Style) -> Self {
        Self::speaking(style, Sentences::default())
    }

    /// In the language of these sentences.
    pub(super) fn speaking(style: Style, said: Sentences) -> Self {
        Self { style, width: style.width.max(40), text: String::new(), said }
    }

    /// Its own words, in the language of the reader.
    pub(super) fn say(&self, english: &str) -> String {
        self.said.say(english)
    }

    /// `71–81 of 100`, in the language of the reader.
    pub(super) fn mark(&self, mark: Mark) -> String {
        self.say(&self.style.mark(mark))
    }

    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.line(&self.style.paint(BOLD, &self.say(text)));
    }

    pub(super) fn paragraph(&mut self, paint: Paint, indent: &str, text: &str) {
        for line in wrap(text, self.width - width(indent)) {
            self.line(&format!("{indent}{}", self.style.paint(paint, &line)));
        }
    }

    /// A name, its mark and its bar.
    pub(super) fn marked(&mut self, name: &str, mark: Mark, names: usize, marks: usize, bars: bool) {
        let bar = if bars { format!("  {}", self.bar(mark)) } else { String::new() };
        let name = left(name, names, self.style.ellipsis());
        self.line(&format!("  {name}  {}{bar}", right(&self.mark(mark), marks)));
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

    pub(super) fn sign(&self, placed: &Placed<'_>) -> (&'static str, Paint) {
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
    pub(super) fn item(&mut self, sign: &str, paint: Paint, expected: &str, mark: &str) {
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

    /// An item that is open, with its interval.
    pub(super) fn open_item(&mut self, placed: &Placed<'_>) {
        let (sign, paint) = self.sign(placed);
        self.item(sign, paint, &placed.item.outcome.expected, &self.mark(placed.item.mark));
    }

    /// A word, and a text wrapped beside it.
    pub(super) fn labelled(&mut self, paint: Paint, indent: usize, label: &str, columns: usize, text: &str) {
        let room = self.width.saturating_sub(indent + columns).max(16);
        let said = self.say(label);
        for (at, line) in wrap(text, room).iter().enumerate() {
            let label = if at == 0 { said.as_str() } else { "" };
            let padding = " ".repeat(columns.saturating_sub(width(label)).max(usize::from(at == 0)));
            self.line(format!("{}{}{padding}{line}", " ".repeat(indent), self.style.paint(paint, label)).trim_end());
        }
    }
}
