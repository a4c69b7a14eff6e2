//! Pairs of teams: how much of each is in the other.

use crate::kind::Channel;
use crate::prints::TeamPrints;

/// In a smaller class, what more than half of the teams have is no sign of having been handed out.
pub const MIN_CLASS: usize = 8;
/// With fewer fingerprints of its own a team has too little to be compared.
pub const MIN_OWN: u64 = 20;

/// A team to compare.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Its fingerprints, starter code aside.
    pub prints: &'a TeamPrints,
    /// Whether it is of a past class: two of those are never compared, and they make nothing common.
    pub past: bool,
}

/// The teams of a class, and those of past ones.
#[derive(Debug, Clone, Default)]
pub struct Class<'a> {
    /// In the order in which pairs name them.
    pub entries: Vec<Entry<'a>>,
}

/// Two teams that have something in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Place of the one team in the class; less than the other's.
    pub a: usize,
    /// Place of the other.
    pub b: usize,
    /// Fingerprints in both, each as often as in the one that has it less often.
    pub shared: u64,
    /// Part of the one team's own that is in the other, 0 to 1.
    pub of_a: f64,
    /// Part of the other team's own that is in the one, 0 to 1.
    pub of_b: f64,
}

impl Pair {
    /// The larger part: half of a work within a larger one counts by the half.
    pub fn score(&self) -> f64 {
        self.of_a.max(self.of_b)
    }
}

/// What the comparison of one channel gave.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Pairs with anything in common, the most alike first.
    pub pairs: Vec<Pair>,
    /// Fingerprints of each team's own: neither starter code nor what most of the class has.
    pub own: Vec<u64>,
    /// Fingerprints of each team that most of the class has.
    pub common: Vec<u64>,
    /// Hashes of what most of the class has, sorted.
    pub common_hashes: Vec<u64>,
    /// How many pairs were compared, those without anything in common with them.
    pub compared: u64,
}

impl Comparison {
    /// Whether a team has too little of its own to be compared.
    pub fn is_too_small(&self, team: usize) -> bool {
        self.own.get(team).is_none_or(|own| *own < MIN_OWN)
    }

    /// Whether a fingerprint is of what most of the class has.
    pub fn is_common(&self, hash: u64) -> bool {
        self.common_hashes.binary_search(&hash).is_ok()
    }
}

/// Compares all teams with each other in one channel.
pub fn compare(class: &Class<'_>, channel: Channel) -> Comparison {
    let teams = class.entries.len();
    let current = class.entries.iter().filter(|entry| !entry.past).count();
    let mut postings: Vec<(u64, u32)> = Vec::new();
    for (team, entry) in class.entries.iter().enumerate() {
        let prints = entry.prints.of_channel(channel).flat_map(|(_, file)| &file.prints);
        postings.extend(prints.map(|print| (print.hash, team as u32)));
    }
    postings.sort_unstable();
    let mut found = Comparison { own: vec![0; teams], common: vec![0; teams], ..Comparison::default() };
    let mut shared = Triangle::new(teams);
    let mut counts: Vec<(usize, u64)> = Vec::new();
    for run in postings.chunk_by(|one, other| one.0 == other.0) {
        counts.clear();
        for of_team in run.chunk_by(|one, other| one.1 == other.1) {
            counts.push((of_team[0].1 as usize, of_team.len() as u64));
        }
        let having = counts.iter().filter(|(team, _)| !class.entries[*team].past).count();
        if current >= MIN_CLASS && having * 2 > current {
            found.common_hashes.push(run[0].0);
            for (team, count) in &counts {
                found.common[*team] += count;
            }
            continue;
        }
        for (at, (a, of_a)) in counts.iter().enumerate() {
            found.own[*a] += of_a;
            for (b, of_b) in &counts[at + 1..] {
                if !(class.entries[*a].past && class.entries[*b].past) {
                    shared.add(*a, *b, *of_a.min(of_b));
                }
            }
        }
    }
    found.collect(class, &shared);
    found
}

impl Comparison {
    fn collect(&mut self, class: &Class<'_>, shared: &Triangle) {
        for a in 0..class.entries.len() {
            for b in a + 1..class.entries.len() {
                if (class.entries[a].past && class.entries[b].past) || self.is_too_small(a) || self.is_too_small(b) {
                    continue;
                }
                self.compared += 1;
                let count = shared.get(a, b);
                if count > 0 {
                    let part = |own: u64| count as f64 / own as f64;
                    let (of_a, of_b) = (part(self.own[a]), part(self.own[b]));
                    self.pairs.push(Pair { a, b, shared: count, of_a, of_b });
                }
            }
        }
        self.pairs.sort_by(|one, other| {
            other
                .score()
                .total_cmp(&one.score())
                .then(other.shared.cmp(&one.shared))
                .then((one.a, one.b).cmp(&(other.a, other.b)))
        });
    }
}

/// A number for each pair of teams: 2 MB for a thousand of them.
struct Triangle {
    teams: usize,
    values: Vec<u32>,
}

impl Triangle {
    fn new(teams: usize) -> Self {
        Self { teams, values: vec![0; teams * teams.saturating_sub(1) / 2] }
    }

    /// The place of a pair, `a` less than `b`.
    fn at(&self, a: usize, b: usize) -> usize {
        a * (2 * self.teams - a - 1) / 2 + (b - a - 1)
    }

    fn add(&mut self, a: usize, b: usize, count: u64) {
        let at = self.at(a, b);
        self.values[at] = self.values[at].saturating_add(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn get(&self, a: usize, b: usize) -> u64 {
        u64::from(self.values[self.at(a, b)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::prints::{FilePrints, Print};

    fn team(hashes: impl IntoIterator<Item = u64>) -> TeamPrints {
        let prints = hashes.into_iter().enumerate();
        let prints = prints.map(|(at, hash)| Print { hash, at: at as u32, first: 1, last: 1 }).collect();
        let file = FilePrints { path: "a.py".to_owned(), kind: Kind::Python, tokens: 1, prints };
        TeamPrints { files: vec![file], handed_out: 0 }
    }

    fn class(teams: &[TeamPrints]) -> Class<'_> {
        Class { entries: teams.iter().map(|prints| Entry { prints, past: false }).collect() }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn each_side_has_its_own_part() {
        let teams = [team(0..20), team((0..20).chain(100..180)), team(200..240)];
        let found = compare(&class(&teams), Channel::Code);
        assert_eq!((found.pairs.len(), found.compared), (1, 3));
        let pair = found.pairs[0];
        assert!(near(pair.of_a, 1.0) && near(pair.of_b, 0.2) && near(pair.score(), 1.0), "{pair:?}");
    }

    #[test]
    fn what_most_have_counts_on_neither_side() {
        let mut teams: Vec<TeamPrints> = (1..9).map(|n| team((0..50).chain(n * 1000..n * 1000 + 30))).collect();
        teams.push(team((0..50).chain(1000..1030)));
        let found = compare(&class(&teams), Channel::Code);
        assert_eq!(found.own, [30; 9]);
        assert_eq!(found.common, [50; 9]);
        assert_eq!(found.pairs.len(), 1);
        assert!(near(found.pairs[0].of_a, 1.0) && near(found.pairs[0].of_b, 1.0));
        assert!(found.is_common(7) && !found.is_common(1000));
    }

    #[test]
    fn what_one_team_repeats_is_one_copy() {
        let teams = [team((0..20).chain([5; 80])), team(0..20)];
        let pair = compare(&class(&teams), Channel::Code).pairs[0];
        assert!(near(pair.of_a, 0.2) && near(pair.of_b, 1.0), "{pair:?}");
    }

    #[test]
    fn past_teams_are_compared_with_the_class_only() {
        let teams = [team(0..20), team(0..20), team(0..20)];
        let mut class = class(&teams);
        class.entries[1].past = true;
        class.entries[2].past = true;
        let found = compare(&class, Channel::Code);
        assert_eq!(found.pairs.iter().map(|pair| (pair.a, pair.b)).collect::<Vec<_>>(), [(0, 1), (0, 2)]);
    }

    #[test]
    fn too_little_is_not_compared() {
        let teams = [team(0..3), team(0..3)];
        let found = compare(&class(&teams), Channel::Code);
        assert!(found.pairs.is_empty() && found.is_too_small(0) && found.compared == 0);
    }
}
