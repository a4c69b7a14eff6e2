//! `class.html`: the class on one page, which needs no script and no other file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::reasons::About;
use super::summary::{Standing, Summary};
use super::whole::Class;
use crate::language::REFERENCE;
use crate::templates::{RenderError, Templates};
use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::Mark;

/// The template that speaks.
const TEMPLATE: &str = "class.html.j2";
/// Teams below which an item that all of them lose says nothing about the item.
const ENOUGH: u64 = 5;
/// From this part of the judged teams on that lose half an item or more, the check itself is suspect.
const NEARLY_ALL: f64 = 0.8;
/// Bars of the distribution.
const BARS: usize = 10;

/// The context of `class.html.j2`.
#[derive(Debug, Serialize)]
struct View<'a> {
    class: &'a Class,
    teams: Vec<TeamView<'a>>,
    /// Ids and titles, in the rubric's order.
    criteria: Vec<(String, String)>,
    /// Teams with something more urgent than items that wait for a person, the most urgent first.
    look: Vec<&'a Summary>,
    counts: Counts,
    distribution: Vec<Bar>,
    /// The most points lost first.
    items: Vec<ItemView<'a>>,
    /// Why items are open: cause, items, teams.
    open: Vec<(&'a str, u64, u64)>,
}

#[derive(Debug, Serialize)]
struct TeamView<'a> {
    of: &'a Summary,
    /// What is certain and what is open of the mark, in parts of what can be earned, 0..100.
    bar: Option<(f64, f64)>,
    /// Middle of the mark, 0..100; sorts the table.
    middle: f64,
    /// For each criterion: the part that is surely lost in steps of 0 (none) to 4 (all), `None` if the team has none; and
    /// what is said of it.
    heat: Vec<(Option<u8>, String)>,
    /// The members' parts: name, and where it begins and how wide it is, 0..100.
    shares: Vec<(&'a str, f64, f64)>,
    nobody: f64,
}

#[derive(Debug, Default, Serialize)]
struct Counts {
    teams: u64,
    graded: u64,
    with_open: u64,
    failed: u64,
    pending: u64,
    /// Of the settled and the open marks' middles, in parts of what can be earned, 0..100.
    median: Option<f64>,
}

/// Marks between two tenths.
#[derive(Debug, Default, Serialize)]
struct Bar {
    from: u64,
    to: u64,
    /// Marks with nothing open.
    certain: u64,
    /// The others, by their middle.
    open: u64,
    /// Heights, 0..100 of the highest.
    certain_height: f64,
    open_height: f64,
}

#[derive(Debug, Serialize)]
struct ItemView<'a> {
    id: &'a str,
    title: &'a str,
    /// What it can earn in each team.
    of: Points,
    lost: Points,
    /// 0..100 of what all teams could earn with it.
    share: f64,
    /// Teams that lose half of it or more.
    losing: u64,
    /// Teams in which it is decided.
    decided: u64,
    /// Nearly everybody fails it.
    suspect: bool,
}

/// The page, with `report` links to `teams/<id>/report.html`.
///
/// # Errors
/// A template of the user's own asks for what is not there.
pub fn html(class: &Class, templates: &Templates) -> Result<String, RenderError> {
    let criteria = class.criteria();
    let teams = class.teams.iter().map(|team| TeamView::of(team, &criteria)).collect();
    let urgent = |team: &&Summary| team.reasons.iter().any(|reason| reason.about < About::Manual);
    let mut look: Vec<&Summary> = class.teams.iter().filter(urgent).collect();
    look.sort_by_key(|team| team.reasons.first().map(|reason| reason.about));
    let view = View {
        class,
        teams,
        look,
        counts: counts(class),
        distribution: distribution(class),
        items: items(class),
        open: open(class),
        criteria,
    };
    templates.render(TEMPLATE, REFERENCE, &view)
}

fn percent(points: Points, of: Points) -> f64 {
    if of > Points::ZERO { (points.as_f64() / of.as_f64() * 1_000.0).round() / 10.0 } else { 0.0 }
}

fn middle(mark: Mark) -> f64 {
    (percent(mark.low, mark.of) + percent(mark.high, mark.of)) / 2.0
}

impl<'a> TeamView<'a> {
    fn of(team: &'a Summary, criteria: &[(String, String)]) -> Self {
        let heat = criteria.iter().map(|(id, title)| {
            let Some(known) = team.criteria.iter().find(|criterion| criterion.id == *id) else {
                return (None, title.clone());
            };
            // Of a criterion that is open as a whole, nobody knows what it loses.
            let mark = known.mark;
            if mark.of > Points::ZERO && mark.low == Points::ZERO && mark.high == mark.of {
                return (None, format!("{title}: {mark}"));
            }
            let lost = percent(mark.lost(), mark.of);
            let step = if lost <= 0.0 { 0 } else { (lost / 25.0).ceil().clamp(1.0, 4.0) as u8 };
            (Some(step), format!("{title}: {mark}"))
        });
        let mut at = 0.0;
        let shares = team.members.iter().map(|member| {
            let width = (member.share * (1.0 - team.nobody) * 1_000.0).round() / 10.0;
            let begin = at;
            at += width;
            (member.name.as_str(), begin, width)
        });
        Self {
            of: team,
            bar: team.mark.map(|mark| (percent(mark.low, mark.of), percent(mark.high - mark.low, mark.of))),
            middle: team.mark.map_or(-1.0, middle),
            heat: heat.collect(),
            shares: shares.collect(),
            nobody: (team.nobody * 1_000.0).round() / 10.0,
        }
    }
}

fn counts(class: &Class) -> Counts {
    let of = |standing: Standing| class.teams.iter().filter(|team| team.standing == standing).count() as u64;
    let marks: Vec<Mark> = class.teams.iter().filter_map(|team| team.mark).collect();
    let mut middles: Vec<f64> = marks.iter().copied().map(middle).collect();
    middles.sort_by(f64::total_cmp);
    let median = match middles.len() {
        0 => None,
        odd if odd % 2 == 1 => middles.get(odd / 2).copied(),
        even => Some((middles[even / 2 - 1] + middles[even / 2]) / 2.0),
    };
    Counts {
        teams: class.teams.len() as u64,
        graded: of(Standing::Graded),
        with_open: marks.iter().filter(|mark| mark.open > 0).count() as u64,
        failed: of(Standing::Failed),
        pending: of(Standing::Pending) + of(Standing::Collected),
        median,
    }
}

fn distribution(class: &Class) -> Vec<Bar> {
    let mut bars: Vec<Bar> =
        (0..BARS as u64).map(|at| Bar { from: at * 10, to: at * 10 + 10, ..Bar::default() }).collect();
    for mark in class.teams.iter().filter_map(|team| team.mark) {
        let at = ((middle(mark) / 10.0).floor().max(0.0) as usize).min(BARS - 1);
        if mark.low == mark.high { bars[at].certain += 1 } else { bars[at].open += 1 }
    }
    let highest = bars.iter().map(|bar| bar.certain + bar.open).max().unwrap_or(0).max(1) as f64;
    for bar in &mut bars {
        bar.certain_height = (bar.certain as f64 / highest * 1_000.0).round() / 10.0;
        bar.open_height = (bar.open as f64 / highest * 1_000.0).round() / 10.0;
    }
    bars
}

fn items(class: &Class) -> Vec<ItemView<'_>> {
    let mut order: Vec<&str> = Vec::new();
    let mut items: BTreeMap<&str, (ItemView<'_>, Points)> = BTreeMap::new();
    for item in class.teams.iter().flat_map(|team| &team.items) {
        let (view, total) = items.entry(&item.id).or_insert_with(|| {
            order.push(&item.id);
            let view = ItemView {
                id: &item.id,
                title: &item.title,
                of: item.mark.of,
                lost: Points::ZERO,
                share: 0.0,
                losing: 0,
                decided: 0,
                suspect: false,
            };
            (view, Points::ZERO)
        });
        view.lost = view.lost + item.mark.lost();
        *total = *total + item.mark.of;
        if item.mark.open == 0 {
            view.decided += 1;
            view.losing +=
                u64::from(item.mark.lost() + item.mark.lost() >= item.mark.of && item.mark.of > Points::ZERO);
        }
    }
    let mut found: Vec<ItemView<'_>> = Vec::new();
    for id in order {
        let Some((mut view, total)) = items.remove(id) else { continue };
        view.share = percent(view.lost, total);
        view.suspect = view.decided >= ENOUGH && view.losing as f64 >= NEARLY_ALL * view.decided as f64;
        if view.lost > Points::ZERO {
            found.push(view);
        }
    }
    found.sort_by_key(|view| std::cmp::Reverse(view.lost));
    found
}

fn open(class: &Class) -> Vec<(&str, u64, u64)> {
    let mut causes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for team in &class.teams {
        let mut of_team: BTreeMap<&str, u64> = BTreeMap::new();
        for cause in team.items.iter().filter_map(|item| item.open.as_deref()) {
            *of_team.entry(cause).or_default() += 1;
        }
        for (cause, count) in of_team {
            let entry = causes.entry(cause).or_default();
            entry.0 += count;
            entry.1 += 1;
        }
    }
    let mut causes: Vec<(&str, u64, u64)> =
        causes.into_iter().map(|(cause, (items, teams))| (cause, items, teams)).collect();
    causes.sort_by_key(|(_, items, _)| std::cmp::Reverse(*items));
    causes
}
