//! Where a commit comes apart: the maximum spanning tree over its units, cut where it parts them best.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::link::Links;
use super::regex;
use super::role::Role;
use super::units::Unit;

/// Likeness to code from which a test goes with it.
const TEST_FOLLOWS: f64 = 0.015;
/// The same for documentation.
const DOC_FOLLOWS: f64 = 0.05;

static CHANGELOG: LazyLock<Regex> =
    LazyLock::new(|| regex("(?i)change(s|log)|history|news|whatsnew|release|contributors|authors"));

/// What a commit's changes say, before the message is asked.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Structure {
    /// 1 − the weakest link that holds the commit together.
    pub(super) weak: f64,
    /// The mean of 1 − each link of the tree.
    pub(super) mean_weak: f64,
    /// Highest over the tree's links of (1 − link)·√(2·smaller side's part), a unit weighing ln(1 + its lines).
    pub(super) parted: f64,
    /// The units on the one side of that link, ascending; empty where there is nothing to part.
    pub(super) side: Vec<usize>,
    /// Those on the other.
    pub(super) rest: Vec<usize>,
}

/// Tests, documentation and changelogs follow the code that they go with; the rest is held together by its best links.
pub(super) fn structure_of(units: &[Unit], links: &Links) -> Structure {
    let kept = without_companions(units, &links.likeness);
    let mut structure = spanning_tree(units, &kept, &links.link);
    if structure.side.is_empty() {
        return structure;
    }
    // Who would split the commit takes each companion along with what it is most like.
    for companion in (0..units.len()).filter(|unit| !kept.contains(unit)) {
        let nearest = |side: &[usize]| side.iter().map(|unit| links.link[companion][*unit]).fold(0.0, f64::max);
        let joins_side = nearest(&structure.side) > nearest(&structure.rest);
        if joins_side { &mut structure.side } else { &mut structure.rest }.push(companion);
    }
    structure.side.sort_unstable();
    structure.rest.sort_unstable();
    structure
}

/// Indices of the units that stay when tests, docs and changelogs have followed the code that they go with.
fn without_companions(units: &[Unit], likeness: &[Vec<f64>]) -> Vec<usize> {
    let is_code = |index: usize| !matches!(units[index].role, Role::Test | Role::Doc);
    let all = 0..units.len();
    if !all.clone().any(is_code) {
        return all.collect();
    }
    all.filter(|index| {
        let to_code = |other: &usize| *other != *index && is_code(*other);
        let nearest = (0..units.len()).filter(to_code).map(|other| likeness[*index][other]).fold(0.0, f64::max);
        match units[*index].role {
            Role::Test => nearest < TEST_FOLLOWS,
            Role::Doc => !CHANGELOG.is_match(&units[*index].path) && nearest < DOC_FOLLOWS,
            _ => true,
        }
    })
    .collect()
}

fn spanning_tree(units: &[Unit], kept: &[usize], link: &[Vec<f64>]) -> Structure {
    let Some((first, rest)) = kept.split_first() else { return Structure::default() };
    // Prim: the best link of each unit that is not yet in the tree.
    let mut open: Vec<(usize, f64, usize)> = rest.iter().map(|unit| (*unit, link[*first][*unit], *first)).collect();
    let mut edges: Vec<(f64, usize, usize)> = Vec::new();
    while !open.is_empty() {
        let next = (0..open.len())
            .max_by(|a, b| open[*a].1.total_cmp(&open[*b].1).then(open[*b].0.cmp(&open[*a].0)))
            .unwrap_or(0);
        let (unit, strength, parent) = open.swap_remove(next);
        edges.push((strength, parent, unit));
        for (other, best, from) in &mut open {
            if link[unit][*other] > *best {
                (*best, *from) = (link[unit][*other], unit);
            }
        }
    }
    let weight = |unit: usize| (units[unit].lines as f64).ln_1p();
    let total: f64 = kept.iter().map(|unit| weight(*unit)).sum();
    let weakness: f64 = edges.iter().map(|(strength, ..)| 1.0 - strength).sum();
    let mut structure = Structure { mean_weak: weakness / edges.len().max(1) as f64, ..Structure::default() };
    for (strength, parent, child) in &edges {
        structure.weak = structure.weak.max(1.0 - strength);
        let side = side_of(*child, *parent, &edges);
        let weight_of_side: f64 = side.iter().map(|unit| weight(*unit)).sum();
        let smaller = weight_of_side.min(total - weight_of_side).max(0.0) / total;
        let parted = (1.0 - strength) * (2.0 * smaller).sqrt();
        if parted > structure.parted {
            structure.parted = parted;
            structure.rest = kept.iter().copied().filter(|unit| !side.contains(unit)).collect();
            structure.side = side.into_iter().collect();
        }
    }
    structure
}

/// The units on `child`'s side when the edge to `parent` is cut.
fn side_of(child: usize, parent: usize, edges: &[(f64, usize, usize)]) -> BTreeSet<usize> {
    let mut side = BTreeSet::from([child]);
    let mut open = vec![child];
    while let Some(unit) = open.pop() {
        for (_, a, b) in edges {
            let other = match (*a == unit, *b == unit) {
                (true, _) => *b,
                (_, true) => *a,
                _ => continue,
            };
            if !(unit == child && other == parent) && side.insert(other) {
                open.push(other);
            }
        }
    }
    side
}

/// Entries of one part that are shown.
const SHOWN: usize = 8;

/// The two parts that a commit could have been, the larger first: each a list of `path:12-40, 80-92`, by path.
pub(super) fn parts_of(units: &[Unit], structure: &Structure) -> Vec<Vec<String>> {
    if structure.side.is_empty() {
        return Vec::new();
    }
    let lines = |part: &[usize]| part.iter().map(|unit| units[*unit].lines).sum::<u64>();
    let (side, rest) = (&structure.side, &structure.rest);
    let (first, second) = if lines(side) > lines(rest) { (side, rest) } else { (rest, side) };
    let whole = |path: &str, part: &[usize]| {
        !units.iter().enumerate().any(|(index, unit)| unit.path == path && !part.contains(&index))
    };
    [first, second].map(|part| listed(units, part, |path| whole(path, part))).into()
}

fn listed(units: &[Unit], part: &[usize], is_whole: impl Fn(&str) -> bool) -> Vec<String> {
    let paths: BTreeSet<&str> = part.iter().map(|unit| units[*unit].path.as_str()).collect();
    let mut entries: Vec<String> = Vec::new();
    for path in &paths {
        let mut ranges: Vec<(u64, u64)> = part
            .iter()
            .filter(|unit| units[**unit].path == *path)
            .flat_map(|unit| units[*unit].ranges.clone())
            .collect();
        ranges.sort_unstable();
        // A file that goes to one part as a whole is named alone where its places would fill the line.
        if ranges.is_empty() || (is_whole(path) && ranges.len() > SHOWN) {
            entries.push((*path).to_owned());
            continue;
        }
        let shown: Vec<String> = ranges.iter().take(SHOWN).map(|range| range_in_words(*range)).collect();
        let more = if ranges.len() > SHOWN { format!(", … {} more", ranges.len() - SHOWN) } else { String::new() };
        entries.push(format!("{path}:{}{more}", shown.join(", ")));
    }
    if entries.len() > SHOWN {
        let more = entries.len() - SHOWN;
        entries.truncate(SHOWN);
        entries.push(format!("… {more} more"));
    }
    entries
}

fn range_in_words((first, last): (u64, u64)) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}
