//! Where a commit comes apart: the maximum spanning tree over its units, cut where it parts them best.
//!
//! A test or a document that goes with the code is no part of its own, and yet it may hold two parts together: the tree
//! spans them as well, and only what hangs on it as companions alone is cut off again.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::link::{Links, is_scaffold};
use super::regex;
use super::role::{Role, is_ignore_list};
use super::units::Unit;
use super::words::Word;

/// Likeness to code from which a test goes with it: more than the words of a shared folder.
const TEST_FOLLOWS: f64 = 0.1;
/// The same for documentation.
const DOC_FOLLOWS: f64 = 0.05;
/// Lines up to which an ignore list goes with whatever work is at hand.
const IGNORE_FOLLOWS: u64 = 20;

static CHANGELOG: LazyLock<Regex> =
    LazyLock::new(|| regex("(?i)change(s|log)|history|news|whatsnew|release|contributors|authors"));

/// What a commit's changes say, before the message is asked.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Structure {
    /// 1 − the weakest link that holds the commit together.
    pub(super) weak: f64,
    /// The mean of 1 − each link that holds it.
    pub(super) mean_weak: f64,
    /// Highest over these links of (1 − link)·√(2·smaller side's part), a unit weighing ln(1 + its lines).
    pub(super) parted: f64,
    /// How much the units differ in adding or taking away: the deviation of (added + 1) ÷ (lines + 2) over them.
    pub(super) spread: f64,
    /// Whether a changelog was written along: its author had the whole change in mind.
    pub(super) has_changelog: bool,
    /// The units on the one side of that link, ascending; empty where there is nothing to part.
    pub(super) side: Vec<usize>,
    /// Those on the other.
    pub(super) rest: Vec<usize>,
}

/// Tests, documentation and changelogs follow the code that they go with; the rest is held together by its best links.
/// In the `first` commit of a history, so does what a forge puts into a new repository.
pub(super) fn structure_of(units: &[Unit], links: &Links, first: bool) -> Structure {
    let kept = without_companions(units, &links.likeness, first);
    let spanned: Vec<usize> =
        (0..units.len()).filter(|unit| kept.contains(unit) || holds_parts(&units[*unit], first)).collect();
    let mut structure = spanning_tree(units, &spanned, &kept, &links.link);
    structure.spread = spread_of(units, &kept);
    structure.has_changelog = units.iter().any(is_changelog);
    if structure.side.is_empty() {
        return structure;
    }
    // Who would split the commit takes each of the others along with what it is most like.
    for companion in (0..units.len()).filter(|unit| !spanned.contains(unit)) {
        let nearest = |side: &[usize]| side.iter().map(|unit| links.link[companion][*unit]).fold(0.0, f64::max);
        let joins_side = nearest(&structure.side) > nearest(&structure.rest);
        if joins_side { &mut structure.side } else { &mut structure.rest }.push(companion);
    }
    structure.side.sort_unstable();
    structure.rest.sort_unstable();
    structure
}

/// What the message says of both parts alike, of all that it says of either: each word by its rarity, 0 where there is
/// nothing to part. Words that it has for one part alone speak for two changes, in whatever order it names them.
pub(super) fn told_of_both(
    units: &[Unit],
    structure: &Structure,
    message: &[Word],
    rarity: impl Fn(Word) -> f64,
) -> f64 {
    let has = |part: &[usize], word: Word| part.iter().any(|unit| units[*unit].parts.has(word));
    let (mut both, mut either) = (0.0, 0.0);
    for word in message {
        let (side, rest) = (has(&structure.side, *word), has(&structure.rest, *word));
        if side || rest {
            either += rarity(*word);
        }
        if side && rest {
            both += rarity(*word);
        }
    }
    if either > 0.0 { both / either } else { 0.0 }
}

fn is_changelog(unit: &Unit) -> bool {
    unit.role == Role::Doc && CHANGELOG.is_match(&unit.path)
}

/// Whether it goes with any work: an ignore list, and in the `first` commit what a forge puts into a new repository.
fn leaves(unit: &Unit, first: bool) -> bool {
    (unit.lines <= IGNORE_FOLLOWS && is_ignore_list(&unit.path)) || (first && is_scaffold(&unit.path))
}

/// Whether it can show that two parts are one change although it is none of its own: a changelog names all changes alike.
fn holds_parts(unit: &Unit, first: bool) -> bool {
    matches!(unit.role, Role::Test | Role::Doc) && !is_changelog(unit) && !leaves(unit, first)
}

/// Indices of the units that stay when tests, docs and changelogs have followed the code that they go with.
fn without_companions(units: &[Unit], likeness: &[Vec<f64>], first: bool) -> Vec<usize> {
    let is_code = |index: usize| !matches!(units[index].role, Role::Test | Role::Doc) && !leaves(&units[index], first);
    let all = 0..units.len();
    if !all.clone().any(is_code) {
        return all.collect();
    }
    // What only reformats the code says nothing that documentation could be held against.
    let reformats = all.clone().filter(|index| is_code(*index)).all(|index| units[index].formatting);
    all.filter(|index| {
        if leaves(&units[*index], first) {
            return false;
        }
        let to_code = |other: &usize| *other != *index && is_code(*other);
        let nearest = (0..units.len()).filter(to_code).map(|other| likeness[*index][other]).fold(0.0, f64::max);
        match units[*index].role {
            Role::Test => nearest < TEST_FOLLOWS,
            Role::Doc => !is_changelog(&units[*index]) && nearest < DOC_FOLLOWS && !reformats,
            _ => true,
        }
    })
    .collect()
}

fn spread_of(units: &[Unit], kept: &[usize]) -> f64 {
    let parts: Vec<f64> = (kept.iter())
        .map(|unit| (units[*unit].added as f64 + 1.0) / (units[*unit].added as f64 + units[*unit].deleted as f64 + 2.0))
        .collect();
    let count = parts.len().max(1) as f64;
    let mean = parts.iter().sum::<f64>() / count;
    (parts.iter().map(|part| (part - mean).powi(2)).sum::<f64>() / count).sqrt()
}

/// Spans the units in `spanned`; a link counts where units that were `kept` stand on both sides of it.
fn spanning_tree(units: &[Unit], spanned: &[usize], kept: &[usize], link: &[Vec<f64>]) -> Structure {
    let Some((first, rest)) = spanned.split_first() else { return Structure::default() };
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
    let total: f64 = spanned.iter().map(|unit| weight(*unit)).sum();
    let mut structure = Structure::default();
    let (mut links, mut weakness) = (0_u32, 0.0);
    for (strength, parent, child) in &edges {
        let side = side_of(*child, *parent, &edges);
        let kept_there = kept.iter().filter(|unit| side.contains(*unit)).count();
        if kept_there == 0 || kept_there == kept.len() {
            continue;
        }
        links += 1;
        weakness += 1.0 - strength;
        structure.weak = structure.weak.max(1.0 - strength);
        let weight_of_side: f64 = side.iter().map(|unit| weight(*unit)).sum();
        let smaller = weight_of_side.min(total - weight_of_side).max(0.0) / total;
        let parted = (1.0 - strength) * (2.0 * smaller).sqrt();
        if parted > structure.parted {
            structure.parted = parted;
            structure.rest = spanned.iter().copied().filter(|unit| !side.contains(unit)).collect();
            structure.side = side.into_iter().collect();
        }
    }
    structure.mean_weak = weakness / f64::from(links.max(1));
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

#[cfg(test)]
mod tests {
    use super::super::diff::Status;
    use super::super::words::{Bag, hash};
    use super::*;

    /// Ten new lines with these words.
    fn unit(file: usize, path: &str, words: &[&str]) -> Unit {
        Unit {
            file,
            path: path.to_owned(),
            role: Role::of(path),
            lines: 10,
            added: 10,
            deleted: 0,
            ranges: vec![(1, 10)],
            formatting: false,
            comments: false,
            status: Status::Modified,
            identifiers: Bag::default(),
            parts: Bag::of(words.iter().map(|word| hash(word)).collect()),
            gained: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Of two modules that have little in common, and a test that is `near` to the one and `far` from the other.
    fn with_a_test(near: f64, far: f64) -> Structure {
        let units = [unit(0, "src/bill.py", &[]), unit(1, "src/cluster.py", &[]), unit(2, "tests/test_all.py", &[])];
        let matrix = |apart| vec![vec![1.0, apart, near], vec![apart, 1.0, far], vec![near, far, 1.0]];
        structure_of(&units, &Links { likeness: matrix(0.0), link: matrix(0.2) }, false)
    }

    fn is(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-9
    }

    #[test]
    fn a_test_of_both_parts_holds_them_together_and_a_test_of_one_does_not() {
        let both = with_a_test(0.9, 0.8);
        assert!(is(both.weak, 0.2) && is(both.mean_weak, 0.15), "{both:?}");
        assert!(is(both.parted, 0.2 * (2.0_f64 / 3.0).sqrt()), "{both:?}");
        assert_eq!((&both.side[..], &both.rest[..]), (&[1][..], &[0, 2][..]));
        let one = with_a_test(0.9, 0.1);
        assert!(is(one.weak, 0.8) && is(one.mean_weak, 0.8), "the link to the test does not count: {one:?}");
        assert!(is(one.parted, 0.8 * (2.0_f64 / 3.0).sqrt()), "{one:?}");
        assert_eq!((&one.side[..], &one.rest[..]), (&[1][..], &[0, 2][..]));
    }

    #[test]
    fn a_changelog_holds_nothing_together() {
        let units = [unit(0, "src/bill.py", &[]), unit(1, "src/cluster.py", &[]), unit(2, "CHANGELOG.md", &[])];
        let matrix = |apart| vec![vec![1.0, apart, 0.9], vec![apart, 1.0, 0.9], vec![0.9, 0.9, 1.0]];
        let structure = structure_of(&units, &Links { likeness: matrix(0.0), link: matrix(0.2) }, false);
        assert!(structure.has_changelog && is(structure.weak, 0.8), "{structure:?}");
    }

    #[test]
    fn words_of_the_message_count_as_told_of_both_only_where_both_parts_have_them() {
        let units = [unit(0, "a.py", &["tariff", "bill"]), unit(1, "b.py", &["tariff", "latency"])];
        let parted = Structure { side: vec![0], rest: vec![1], ..Structure::default() };
        let told = |structure: &Structure, message: &[&str], rarity: f64| {
            let words: Vec<Word> = message.iter().map(|word| hash(word)).collect();
            told_of_both(&units, structure, &words, |word| if word == hash("tariff") { rarity } else { 1.0 })
        };
        assert!(is(told(&parted, &["tariff", "bill", "unsaid"], 3.0), 0.75));
        assert!(is(told(&parted, &["bill", "latency"], 3.0), 0.0));
        assert!(is(told(&parted, &["tariff"], 0.0), 0.0), "a word of every commit says nothing");
        assert!(is(told(&Structure::default(), &["tariff"], 3.0), 0.0), "nothing to part");
    }
}
