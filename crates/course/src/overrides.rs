//! What a TA decided by hand: survives every regrade, shown as its own line.

use std::ops::Range;
use std::sync::Arc;

use super::Rubric;
use super::late::Deduction;
use super::problem::{Parsed, Problem, Problems, SourceText, did_you_mean};
use super::reader::{Entry, Reader, Table};
use stackmark_evidence::points::Points;

/// A valid `overrides.toml`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// Id of the rubric that the decisions were made for, where the document names it.
    pub rubric: Option<String>,
    /// One an item.
    pub items: Vec<Override>,
    /// Points outside the criteria.
    pub adjustments: Vec<Override>,
    /// Decisions made for another rubric, and so not applied: ids of items, and adjustments in words.
    pub set_aside: Vec<String>,
    /// No points at all, whatever else was decided.
    pub zero: Option<PolicyZero>,
    /// What being late costs; no document says it, the rubric's `[late]` and the graded commit do.
    pub late: Option<Deduction>,
}

/// A zero that the course's policy asks for and a person confirmed, as for plagiarism.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyZero {
    /// Why.
    pub reason: String,
    /// Who confirmed it.
    pub by: String,
    /// When, as written.
    pub when: String,
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
    /// Text of the request that it answers, if it answers one; never of an adjustment.
    pub appeal: Option<String>,
    /// Place of the item's id; of an adjustment its own.
    pub item_span: Range<usize>,
    /// Place of the points.
    pub points_span: Range<usize>,
}

impl Overrides {
    /// Reads and validates `overrides.toml`.
    pub fn parse(source: &Arc<SourceText>) -> Parsed<Self> {
        Parsed::new(Reader::new(source).read(|table| {
            let rubric = table.get("rubric").map(|entry| entry.text());
            let items = read_all(&table, "override", true);
            let adjustments = read_all(&table, "adjustment", false);
            let zero = table.table("policy").map(read_policy);
            table.finish();
            let (items, adjustments) = (items?, adjustments?);
            let rubric = match rubric {
                Some(rubric) => Some(rubric?),
                None => None,
            };
            let zero = match zero {
                Some(zero) => Some(zero?),
                None => None,
            };
            Some(Self { rubric, items, adjustments, set_aside: Vec::new(), zero, late: None })
        }))
    }

    /// None of the decisions applies: they were made for another rubric, whose points are on another scale. A zero is a
    /// zero on every scale.
    pub fn all_set_aside(self) -> Self {
        let items = self.items.into_iter().map(|decision| decision.item);
        let adjustments = self.adjustments.into_iter().map(|it| format!("adjustment of {} points", it.points));
        Self { rubric: self.rubric, zero: self.zero, set_aside: items.chain(adjustments).collect(), ..Self::default() }
    }

    /// What is wrong with decisions read from `source` for teams that `rubric` grades: more points than the item has, as
    /// nobody can know what was meant; and an item that the rubric does not have, as its decision would quietly be lost.
    pub fn against(&self, source: &Arc<SourceText>, rubric: &Rubric) -> Problems {
        let problem = |decision: &Override| match rubric.items().find(|item| item.id == decision.item) {
            Some(item) if decision.points > item.points => {
                let message = format!("`points` is {}, and item \"{}\" has {}", decision.points, item.id, item.points);
                let fix = format!("write {} at most; what goes beyond an item is an [[adjustment]]", item.points);
                Some(Problem::error(source, Some(decision.points_span.clone()), message).fix(fix))
            }
            Some(_) => None,
            None => {
                let message = format!("rubric \"{}\" has no item \"{}\"", rubric.id, decision.item);
                let fix = match did_you_mean(&decision.item, rubric.items().map(|item| item.id.as_str())) {
                    Some(close) => format!("did you mean \"{close}\"?"),
                    None => format!(
                        "`stackmark rubric show {}` lists its items; decisions for another rubric name it above all \
                         tables: rubric = \"…\"",
                        rubric.id
                    ),
                };
                Some(Problem::error(source, Some(decision.item_span.clone()), message).fix(fix))
            }
        };
        Problems(self.items.iter().filter_map(problem).collect())
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

fn read_policy(table: Table<'_>) -> Option<PolicyZero> {
    let text = |key, example| table.require(key, example).and_then(|entry: Entry<'_>| entry.text());
    let by = text("confirmed_by", "\"initials\"");
    let when = text("on", "\"2026-11-20\"");
    let reason = text("reason", "\"plagiarism: the report is that of another team\"");
    table.finish();
    Some(PolicyZero { reason: reason?, by: by?, when: when? })
}

fn read_one(table: Table<'_>, of_item: bool) -> Option<Override> {
    let (item, item_span) = if of_item {
        let item = table.require("item", "\"concepts/asg-size\"");
        let span = item.as_ref().map_or_else(|| table.span(), |item| item.span.clone());
        (item.and_then(|item| item.text()), span)
    } else {
        (Some(String::new()), table.span())
    };
    let points = table.require("points", "4.5");
    let points_span = points.as_ref().map_or_else(|| table.span(), |points| points.span.clone());
    let points = points.and_then(|points| points.points(!of_item));
    let text = |key, example| table.require(key, example).and_then(|entry: Entry<'_>| entry.text());
    let reason = text("reason", "\"the group was resized during the demonstration\"");
    let by = text("by", "\"initials\"");
    let when = text("when", "\"2026-11-20\"");
    let appeal = match of_item.then(|| table.get("appeal")).flatten() {
        Some(entry) => Some(entry.text()?),
        None => None,
    };
    table.finish();
    Some(Override {
        item: item?,
        points: points?,
        reason: reason?,
        by: by?,
        when: when?,
        appeal,
        item_span,
        points_span,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_may_answer_a_request_and_an_adjustment_answers_none() {
        let rest =
            "points = 4\nreason = \"seen\"\nby = \"TA\"\nwhen = \"2026-11-20\"\nappeal = \"please look again\"\n";
        let read = |text: String| Overrides::parse(&SourceText::new("overrides.toml", text)).sound();
        let (overrides, _) = read(format!("[[override]]\nitem = \"c/i\"\n{rest}")).unwrap();
        assert_eq!(overrides.items[0].appeal.as_deref(), Some("please look again"));
        let problems = read(format!("[[adjustment]]\n{rest}")).unwrap_err();
        assert!(!problems.0[0].warning && problems.0[0].message.contains("unknown key `appeal`"), "{problems:?}");
    }

    #[test]
    fn nothing_is_taken_from_a_broken_document() {
        let decided =
            "[[override]]\nitem = \"c/i\"\npoints = 4\nreason = \"seen\"\nby = \"TA\"\nwhen = \"2026-11-20\"\n";
        for broken in [format!("{decided}{decided}"), format!("{decided}mood = \"bad\"\n"), format!("{decided}x = [")] {
            let read = Overrides::parse(&SourceText::new("overrides.toml", broken.as_str())).sound();
            assert!(read.is_err_and(|problems| problems.has_errors()), "{broken}");
        }
    }
}
