//! The longest common regions of a pair, with their lines on both sides.

use serde::{Deserialize, Serialize};

use crate::compare::Comparison;
use crate::kind::Channel;
use crate::prints::{Print, TeamPrints};

/// Between two fingerprints of one region at most so many tokens lie: a few lines that were put in between.
const GAP: u32 = 80;
/// Of a fingerprint that a file repeats, only so many places are looked at.
const MOST_PLACES: usize = 8;
/// Regions that are kept of a pair.
const MOST_REGIONS: usize = 40;

/// A stretch of two files that is the same but for names, literals, comments and layout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// In the one team.
    pub a: Side,
    /// In the other.
    pub b: Side,
    /// Hashes of its fingerprints, sorted, each once.
    #[serde(skip)]
    pub hashes: Vec<u64>,
    /// How many fingerprints hang together.
    pub prints: u64,
}

/// One team's side of a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Place of the file among the team's.
    pub file: usize,
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub first: u32,
    /// One-based, the last of them.
    pub last: u32,
}

impl Region {
    /// Lines of its longer side.
    pub fn lines(&self) -> u32 {
        self.a.lines().max(self.b.lines())
    }
}

impl Side {
    fn lines(&self) -> u32 {
        self.last.saturating_sub(self.first) + 1
    }
}

/// A chain of matches that is still growing.
struct Chain {
    files: (usize, usize),
    matches: Vec<(Print, Print)>,
}

/// The regions that two teams have in common, the longest first; what most of the class has is none.
pub fn regions(a: &TeamPrints, b: &TeamPrints, channel: Channel, comparison: &Comparison) -> Vec<Region> {
    let places = places(b, channel, comparison);
    let mut found = Vec::new();
    for (file, prints) in a.of_channel(channel) {
        let mut open: Vec<Chain> = Vec::new();
        for print in &prints.prints {
            let start = places.partition_point(|(hash, ..)| *hash < print.hash);
            let same = places[start..].iter().take_while(|(hash, ..)| *hash == print.hash);
            for (_, other, there) in same.take(MOST_PLACES) {
                extend(&mut open, (file, *other), *print, *there);
            }
        }
        found.extend(open.into_iter().filter_map(|chain| region(chain, a, b)));
    }
    longest(found)
}

/// Where each fingerprint of a team is: hash, file, print; sorted.
fn places(team: &TeamPrints, channel: Channel, comparison: &Comparison) -> Vec<(u64, usize, Print)> {
    let mut places: Vec<(u64, usize, Print)> = Vec::new();
    for (file, prints) in team.of_channel(channel) {
        let own = prints.prints.iter().filter(|print| !comparison.is_common(print.hash));
        places.extend(own.map(|print| (print.hash, file, *print)));
    }
    places.sort_unstable_by_key(|(hash, file, print)| (*hash, *file, print.at));
    places
}

/// Adds a match to the chain that it goes on with best, or begins one.
fn extend(open: &mut Vec<Chain>, files: (usize, usize), here: Print, there: Print) {
    let mut best: Option<(u32, usize)> = None;
    // Later chains end nearer to this place.
    for (at, chain) in open.iter().enumerate().rev().take(256) {
        let Some((last_here, last_there)) = chain.matches.last().filter(|_| chain.files == files) else { continue };
        if here.at <= last_here.at || there.at <= last_there.at {
            continue;
        }
        let (step, other) = (here.at - last_here.at, there.at - last_there.at);
        if step <= GAP && other <= GAP && best.is_none_or(|(drift, _)| step.abs_diff(other) < drift) {
            best = Some((step.abs_diff(other), at));
        }
    }
    match best {
        Some((_, at)) => open[at].matches.push((here, there)),
        None => open.push(Chain { files, matches: vec![(here, there)] }),
    }
}

fn region(chain: Chain, a: &TeamPrints, b: &TeamPrints) -> Option<Region> {
    let (first, last) = (chain.matches.first()?, chain.matches.last()?);
    let side = |team: &TeamPrints, file: usize, first: &Print, last: &Print| {
        let path = team.files.get(file)?.path.clone();
        Some(Side { file, path, first: first.first, last: last.last.max(first.last) })
    };
    let mut hashes: Vec<u64> = chain.matches.iter().map(|(here, _)| here.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    Some(Region {
        a: side(a, chain.files.0, &first.0, &last.0)?,
        b: side(b, chain.files.1, &first.1, &last.1)?,
        hashes,
        prints: chain.matches.len() as u64,
    })
}

/// The longest, without those that lie within a longer one on either side.
fn longest(mut found: Vec<Region>) -> Vec<Region> {
    found.sort_by(|one, other| {
        let place = |region: &Region| (region.a.file, region.a.first, region.b.file, region.b.first);
        other.prints.cmp(&one.prints).then(other.lines().cmp(&one.lines())).then(place(one).cmp(&place(other)))
    });
    let mut kept: Vec<Region> = Vec::new();
    for region in found {
        let within = |inner: &Side, outer: &Side| {
            inner.file == outer.file && inner.first >= outer.first && inner.last <= outer.last
        };
        if !kept.iter().any(|other| within(&region.a, &other.a) || within(&region.b, &other.b)) {
            kept.push(region);
        }
        if kept.len() == MOST_REGIONS {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prints::FilePrints;

    fn part(n: u32) -> String {
        let signs = ["+", "-", "*", "%", "<", ">"];
        let sign = |at: u32| signs[((n >> at) % 6) as usize];
        format!(
            "def step(a, b):\n    c = a {} b {} a\n    while c {} b:\n        c = [c {} a for d in b if d {} c]\n    return c\n\n",
            sign(0),
            sign(3),
            sign(6),
            sign(9),
            sign(12)
        )
    }

    fn team(parts: &[u32]) -> TeamPrints {
        let text: String = parts.iter().map(|n| part(n.wrapping_mul(2_654_435_761) >> 8)).collect();
        TeamPrints { files: vec![FilePrints::of("a.py", &text).unwrap()], handed_out: 0 }
    }

    #[test]
    fn a_region_has_its_lines_on_both_sides() {
        let (one, other) = (team(&[1, 2, 10, 11, 12, 13, 3]), team(&[4, 10, 11, 12, 13]));
        let regions = regions(&one, &other, Channel::Code, &Comparison::default());
        let longest = &regions[0];
        assert!(longest.prints >= 3, "{longest:?}");
        // Six lines a part: the common ones begin after two parts here, and after one there.
        assert!((11..=16).contains(&longest.a.first) && (5..=10).contains(&longest.b.first), "{longest:?}");
        assert_eq!(longest.a.first - longest.b.first, 6);
        assert!(longest.lines() >= 15, "{longest:?}");
    }

    #[test]
    fn parts_in_another_order_are_regions_of_their_own() {
        let (one, other) = (team(&[10, 11, 12, 20, 21, 22]), team(&[20, 21, 22, 10, 11, 12]));
        let regions = regions(&one, &other, Channel::Code, &Comparison::default());
        assert!(regions.len() >= 2, "{regions:?}");
    }
}
