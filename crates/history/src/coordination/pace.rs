//! How fast commits followed each other: facts that a marker can weigh, and no guess at motives.
//!
//! A script that splits a day's work writes its commits within seconds, or at even gaps, and signs for several people from
//! one machine; so does somebody who sorts a long day with `git add -p`, rebases, or commits for a team-mate beside them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::attribution::Attribution;
use super::super::identities::program;
use super::super::record::{History, Record};
use super::super::rounded;
use stackmark_evidence::git::Pace;

/// Nobody writes, tests and commits a change in less.
const FAST_SECONDS: i64 = 60;
/// Of fewer gaps, how even they are says nothing.
const MIN_GAPS: usize = 5;

/// Of the commits that are people's work, in the order of their author dates.
pub(super) fn of(history: &History, attributions: &[Attribution]) -> Pace {
    let pairs = history.commits.iter().zip(attributions).filter(|(_, attribution)| attribution.is_work());
    let mut commits: Vec<(&Record, &Attribution)> = pairs.collect();
    // Stable: commits of one second stay in the order of the history, which puts children first.
    commits.reverse();
    commits.sort_by_key(|(commit, _)| commit.authored.seconds());
    // Git stores any number.
    let seconds = |commit: &Record| commit.authored.seconds();
    let gaps: Vec<i64> = commits.windows(2).map(|pair| seconds(pair[1].0).saturating_sub(seconds(pair[0].0))).collect();
    let (mut fast, mut fast_work) = (0, 0.0);
    for ((commit, _), _) in commits.iter().skip(1).zip(&gaps).filter(|(_, gap)| **gap < FAST_SECONDS) {
        fast += 1;
        fast_work += commit.change.own.work();
    }
    let work: f64 = commits.iter().map(|(commit, _)| commit.change.own.work()).sum();
    let mut authors_of: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    // A forge commits for whoever clicks.
    for (commit, attribution) in commits.iter().filter(|(commit, _)| program(&commit.committer).is_none()) {
        authors_of.entry(commit.committer.email.to_lowercase()).or_default().extend(attribution.author_member());
    }
    Pace {
        within_a_minute: fast,
        within_a_minute_share: if work > 0.0 { rounded(fast_work / work) } else { 0.0 },
        gap_variation: variation(&gaps).map(rounded),
        authors_of_one_committer: authors_of.values().map(BTreeSet::len).max().unwrap_or(0) as u64,
    }
}

/// Standard deviation ÷ mean: 0 where all are equal, about 1 where they come at random.
fn variation(gaps: &[i64]) -> Option<f64> {
    let count = gaps.len() as f64;
    let mean = gaps.iter().map(|gap| *gap as f64).sum::<f64>() / count;
    if gaps.len() < MIN_GAPS || mean <= 0.0 {
        return None;
    }
    let squares = gaps.iter().map(|gap| (*gap as f64 - mean).powi(2)).sum::<f64>();
    Some((squares / count).sqrt() / mean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_gaps_vary_little() {
        assert_eq!(variation(&[3_600; 4]), None);
        assert_eq!(variation(&[0; 9]), None);
        assert!(variation(&[3_600; 9]).is_some_and(|value| value < 1e-9));
        assert!(variation(&[60, 90_000, 300, 7_200, 15, 400_000]).is_some_and(|value| value > 1.0));
    }
}
