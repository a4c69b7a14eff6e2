//! `class.html`: the class on one page, which needs no script and no other file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::reasons::About;
use super::summary::{Standing, Summary};
use super::whole::Class;
use crate::language::Language;
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
    criteria: &'a [(String, String)],
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
    /// What is certain and what is open of the mark, in parts of what can be earned, 0..100. What is drawn or sorted by is
    /// text, so that no language writes it its own way.
    bar: Option<(String, String)>,
    /// Middle of the mark, 0..100; sorts the table.
    middle: String,
    heat: Vec<Cell<'a>>,
    shares: Vec<Share<'a>>,
    nobody: Share<'a>,
}

/// What a team loses of a criterion.
#[derive(Debug, Serialize)]
struct Cell<'a> {
    title: &'a str,
    /// `None` if the team has no such criterion.
    mark: Option<Mark>,
    /// What is surely lost, from 0 (nothing) to 4 (all); `None` if that is unknown.
    step: Option<u8>,
}

/// A part of a team's work.
#[derive(Debug, Serialize)]
struct Share<'a> {
    /// The member's.
    name: &'a str,
    /// 0..1.
    part: f64,
    /// Where it begins, 0..100.
    x: String,
    /// How wide it is, 0..100.
    width: String,
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
    /// Heights and upper edges, 0..100 of the highest.
    certain_height: String,
    certain_y: String,
    open_height: String,
    open_y: String,
}

#[derive(Debug, Serialize)]
struct ItemView<'a> {
    id: &'a str,
    title: &'a str,
    /// What it can earn in each team.
    of: Points,
    lost: Points,
    /// The same, to sort by.
    order: String,
    /// 0..1 of what all teams could earn with it.
    share: f64,
    /// The same, 0..100, to sort by.
    part: String,
    /// Teams that lose half of it or more.
    losing: u64,
    /// Teams in which it is decided.
    decided: u64,
    /// Nearly everybody fails it.
    suspect: bool,
}

/// The page in a language, or in English where nothing speaks it, with `report` links to `teams/<id>/report.html`.
///
/// # Errors
/// A template of the user's own asks for what is not there.
pub fn html(class: &Class, language: &str, templates: &Templates) -> Result<String, RenderError> {
    let language = templates.known(language);
    let criteria = titles(class, templates.language(language)?);
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
        criteria: &criteria,
    };
    templates.render(TEMPLATE, language, &view)
}

/// Ids of the criteria with their titles in the language.
fn titles(class: &Class, words: &Language) -> Vec<(String, String)> {
    let titled = |(id, title): (String, Option<String>)| {
        let built_in = || words.label(&format!("criteria.{id}")).map(str::to_owned);
        let title = title.or_else(built_in).unwrap_or_else(|| id.clone());
        (id, title)
    };
    class.criteria().into_iter().map(titled).collect()
}

/// A coordinate, or what is sorted by.
fn plain(value: f64) -> String {
    // Adding zero turns a negative zero into plain zero.
    format!("{}", (value * 10.0).round() / 10.0 + 0.0)
}

fn percent(points: Points, of: Points) -> f64 {
    if of > Points::ZERO { (points.as_f64() / of.as_f64() * 1_000.0).round() / 10.0 } else { 0.0 }
}

fn middle(mark: Mark) -> f64 {
    (percent(mark.low, mark.of) + percent(mark.high, mark.of)) / 2.0
}

impl<'a> TeamView<'a> {
    fn of(team: &'a Summary, criteria: &'a [(String, String)]) -> Self {
        let heat = criteria.iter().map(|(id, title)| {
            let mark = team.criteria.iter().find(|criterion| criterion.id == *id).map(|known| known.mark);
            Cell { title, mark, step: mark.and_then(step) }
        });
        let share = |name, part: f64, at: f64| Share { name, part, x: plain(at), width: plain(part * 100.0) };
        let mut at = 0.0;
        let shares = team.members.iter().map(|member| {
            let part = member.share * (1.0 - team.nobody);
            let begin = at;
            at += part * 100.0;
            share(member.name.as_str(), part, begin)
        });
        Self {
            of: team,
            bar: team
                .mark
                .map(|mark| (plain(percent(mark.low, mark.of)), plain(percent(mark.high - mark.low, mark.of)))),
            middle: plain(team.mark.map_or(-1.0, middle)),
            heat: heat.collect(),
            shares: shares.collect(),
            nobody: share("", team.nobody, 100.0 - team.nobody * 100.0),
        }
    }
}

/// What a criterion surely loses, in steps; of one that is open as a whole, nobody knows.
fn step(mark: Mark) -> Option<u8> {
    if mark.of > Points::ZERO && mark.low == Points::ZERO && mark.high == mark.of {
        return None;
    }
    let lost = percent(mark.lost(), mark.of);
    Some(if lost <= 0.0 { 0 } else { (lost / 25.0).ceil().clamp(1.0, 4.0) as u8 })
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
        let (certain, open) = (bar.certain as f64 / highest * 100.0, bar.open as f64 / highest * 100.0);
        bar.certain_height = plain(certain);
        bar.certain_y = plain(100.0 - certain);
        bar.open_height = plain(open);
        bar.open_y = plain(100.0 - certain - open);
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
                order: String::new(),
                share: 0.0,
                part: String::new(),
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
        view.order = view.lost.to_string();
        view.share = if total > Points::ZERO { view.lost.as_f64() / total.as_f64() } else { 0.0 };
        view.part = plain(view.share * 100.0);
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
