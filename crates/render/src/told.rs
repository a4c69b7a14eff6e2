//! What the formats of other tools say of an item: one sentence for all of them, so that no two differ.

use super::escape::clean;
use super::gains::{self, Placed};
use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::{ItemScore, Mark, Scorecard, Verdict};

/// How an item stands, for tools that know less than six outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// All points.
    Passed,
    /// Points are surely lost.
    Lost,
    /// It could not be read.
    Undetermined,
    /// It waits for a person.
    Manual,
    /// It does not apply, and counts in full.
    NotApplicable,
}

impl State {
    /// Whether the points are still open.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Self::Undetermined | Self::Manual)
    }
}

/// An item in words, each on one line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told<'a> {
    /// `criterion/name`.
    pub(crate) id: &'a str,
    /// `family/name`.
    pub(crate) check: &'a str,
    /// Id of the criterion.
    pub(crate) criterion: &'a str,
    /// One-based: criterion, then item in it.
    pub(crate) number: (usize, usize),
    /// What was expected.
    pub(crate) title: String,
    /// What was found, or what stands in the way.
    pub(crate) found: String,
    /// What to do, where points are lost or something could not be read.
    pub(crate) fix: Option<String>,
    pub(crate) state: State,
    pub(crate) mark: Mark,
}

impl Told<'_> {
    /// What was found and what to do about it.
    pub(crate) fn message(&self) -> String {
        match &self.fix {
            Some(fix) => format!("{} Next step: {fix}", sentence(&self.found)),
            None => self.found.clone(),
        }
    }

    /// `id: title`, unique and the same from run to run.
    pub(crate) fn name(&self) -> String {
        format!("{}: {}", self.id, self.title)
    }
}

/// Every item, in the rubric's order.
pub(crate) fn items(card: &Scorecard) -> Vec<Told<'_>> {
    let of_criterion = card.criteria.iter().enumerate();
    of_criterion
        .flat_map(|(at, criterion)| {
            criterion.items.iter().enumerate().map(move |(place, item)| told(&criterion.id, (at + 1, place + 1), item))
        })
        .collect()
}

fn told<'a>(criterion: &'a str, number: (usize, usize), item: &'a ItemScore) -> Told<'a> {
    let state = state(item);
    let outcome = &item.outcome;
    let found = match &item.settled {
        Some(settled) => format!("decided by {}: {}", settled.by, settled.reason),
        None if state == State::Manual => format!("waits for a person: {}", outcome.actual),
        None => outcome.actual.clone(),
    };
    let fix = (item.settled.is_none() && state == State::Lost && !outcome.fix.trim().is_empty())
        .then(|| clean(outcome.fix.trim()));
    Told {
        id: &item.id,
        check: &item.check,
        criterion,
        number,
        title: clean(outcome.expected.trim()),
        found: clean(found.trim()),
        fix,
        state,
        mark: item.mark,
    }
}

fn state(item: &ItemScore) -> State {
    if item.mark.open > 0 {
        return if item.outcome.verdict == Verdict::Manual { State::Manual } else { State::Undetermined };
    }
    match item.mark.lost() > Points::ZERO {
        true => State::Lost,
        false if item.settled.is_none() && item.outcome.verdict == Verdict::NotApplicable => State::NotApplicable,
        false => State::Passed,
    }
}

/// `71.3 of 100; 2 items open`.
pub(crate) fn total(card: &Scorecard) -> String {
    match card.mark.open {
        0 => card.mark.to_string(),
        1 => format!("{}; 1 item open", card.mark),
        open => format!("{}; {open} items open", card.mark),
    }
}

/// Whether nothing at all could be determined, and not one item waits for a person only.
pub(crate) fn nothing_read(card: &Scorecard) -> bool {
    let mut items = gains::items(card).peekable();
    items.peek().is_some() && items.all(|Placed { item, .. }| state(item) == State::Undetermined)
}

fn sentence(text: &str) -> String {
    if text.is_empty() || text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
