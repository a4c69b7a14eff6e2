//! What changed between two runs: for each item the points before and after, and the cause.

use std::collections::{BTreeMap, BTreeSet};

use anstyle::Style as Paint;
use serde::Serialize;

use crate::escape::clean;
use crate::language::{Language, REFERENCE};
use crate::page::{BOLD, DIM, Page, Style};
use crate::templates::{self, RenderError, Templates};
use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::Mark;
use stackmark_judge::{Sentences, embedded_sentences};

/// The format of the JSON.
pub const SCHEMA: &str = "stackmark/diff/v1";
/// The template of the page.
const TEMPLATE: &str = "diff.html.j2";

/// What changed between two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diff {
    /// Which format this is, with its version.
    pub schema: String,
    /// Where the first is, in words.
    pub before: String,
    /// Where the second is, in words.
    pub after: String,
    /// The language of the second's reports. Page and text speak it; the words in the JSON are in English.
    #[serde(skip)]
    pub language: String,
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
    /// What kept several of its items open on one side, once for all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<String>,
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
    /// What the program says in it, in the language of these sentences.
    #[must_use]
    pub fn speaking(mut self, sentences: &Sentences) -> Self {
        let say = |text: &mut String| *text = sentences.say(text);
        for team in &mut self.teams {
            team.shared.iter_mut().for_each(say);
            team.items.iter_mut().flat_map(|item| &mut item.causes).for_each(|part| say(&mut part.why));
            team.adjustments.iter_mut().for_each(|line| say(&mut line.why));
        }
        self.notes.iter_mut().for_each(say);
        say(&mut self.before);
        say(&mut self.after);
        self
    }

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

/// As a page in the language of the reports, or in English where nothing speaks it.
///
/// # Errors
/// A template of the user's own asks for what is not there.
pub fn html(diff: &Diff, sentences: &Sentences, templates: &Templates) -> Result<String, RenderError> {
    #[derive(Serialize)]
    struct View<'a> {
        diff: &'a Diff,
        causes: Vec<(&'static str, u64, u64)>,
    }
    let causes = diff.causes().into_iter().map(|(cause, (items, teams))| (cause.as_str(), items, teams)).collect();
    let language = templates.known(&diff.language);
    let said = diff.clone().speaking(sentences);
    templates.render(TEMPLATE, language, &View { diff: &said, causes })
}

/// For a terminal, in the language of the reports if it is an embedded one.
pub fn text(diff: &Diff, style: Style) -> String {
    // A language of the user's own has its words in the reports alone, as for the terminal's other texts.
    let code = if templates::is_embedded(&diff.language) { diff.language.as_str() } else { REFERENCE };
    let (words, sentences) = (Words(templates::embedded_language(code)), embedded_sentences(code));
    let diff = &diff.clone().speaking(&sentences);
    let mut page = Page::speaking(style, sentences);
    let sides = [("before", clean(&diff.before)), ("after", clean(&diff.after))];
    page.paragraph(DIM, "", &words.say("sides", &sides));
    page.line("");
    for team in &diff.teams {
        let moved = format!("{}  {} → {}", clean(&team.team), page.mark(team.before), page.mark(team.after));
        page.heading(&ascii(&moved, style));
        for line in &team.shared {
            page.paragraph(Paint::new(), "  ", &ascii(&clean(line), style));
        }
        for item in &team.items {
            let end = |mark: Option<Mark>| mark.map_or_else(|| style.dash().to_owned(), |mark| page.mark(mark));
            let line = format!("{}: {} → {}", clean(&item.item), end(item.before), end(item.after));
            page.paragraph(Paint::new(), "  ", &ascii(&line, style));
            for part in &item.causes {
                let moved = words.by(part.low, part.high);
                let line = words.of(&format!("{} {moved}", words.cause(part.cause)), &clean(&part.why));
                page.paragraph(DIM, "      ", &ascii(&line, style));
            }
        }
        for line in &team.adjustments {
            let what =
                format!("{} {} ({})", words.say("adjustment", &[]), words.signed(line.points), words.cause(line.cause));
            page.paragraph(Paint::new(), "  ", &words.of(&what, &clean(&line.why)));
        }
        page.line("");
    }
    for (key, teams) in [("only_before", &diff.only_before), ("only_after", &diff.only_after)] {
        if !teams.is_empty() {
            page.paragraph(Paint::new(), "", &words.say(key, &[("teams", clean(&teams.join(", ")))]));
        }
    }
    for note in &diff.notes {
        page.paragraph(Paint::new(), "", &clean(note));
    }
    let causes: Vec<String> = diff
        .causes()
        .into_iter()
        .map(|(cause, (items, teams))| {
            let counts = [("items", words.count("items", items)), ("teams", words.count("teams", teams))];
            words.say("of_cause", &[&[("cause", words.cause(cause))][..], &counts].concat())
        })
        .collect();
    let moved = words.count("moved", diff.teams.len() as u64);
    let summary = std::iter::once(moved).chain(causes).collect::<Vec<_>>().join(", ");
    page.paragraph(BOLD, "", &format!("{summary}; {}", words.count("unchanged", diff.unchanged)));
    page.text
}

/// The labels below `diff.` of an embedded language, which a test holds to have each of them.
struct Words(Language);

impl Words {
    fn said(&self, key: &str, count: Option<f64>, values: BTreeMap<&str, String>) -> String {
        self.0.say(&format!("diff.{key}"), count, &values).unwrap_or_default()
    }

    fn say(&self, key: &str, values: &[(&str, String)]) -> String {
        self.said(key, None, values.iter().cloned().collect())
    }

    fn count(&self, key: &str, count: u64) -> String {
        self.said(key, Some(count as f64), BTreeMap::from([("n", count.to_string())]))
    }

    fn cause(&self, cause: Cause) -> String {
        self.say(&format!("cause_{}", cause.as_str()), &[])
    }

    /// What something is, and what is said of it.
    fn of(&self, what: &str, value: &str) -> String {
        let values = BTreeMap::from([("what", what.to_owned()), ("value", value.to_owned())]);
        self.0.say("class.said", None, &values).unwrap_or_default()
    }

    /// `+2`, or both ends if they moved differently.
    fn by(&self, low: Points, high: Points) -> String {
        if low == high {
            return self.signed(low);
        }
        self.say("ends", &[("low", self.signed(low)), ("high", self.signed(high))])
    }

    fn signed(&self, points: Points) -> String {
        let number = self.0.number(points.as_f64());
        if points > Points::ZERO { format!("+{number}") } else { number }
    }
}

fn ascii(text: &str, style: Style) -> String {
    if style.unicode { text.to_owned() } else { text.replace('→', "->") }
}
