//! Which two items of a rubric moved together on the class graded last: often one fact that is weighed twice.

use std::collections::BTreeMap;

use super::told::counted;
use stackmark_class::Failure;
use stackmark_class::gradebook::marks::scorecard;
use stackmark_class::run::Run;
use stackmark_class::store::Results;
use stackmark_judge::scorecard::Scorecard;

/// Teams in which both items are settled; with fewer, much moves together by chance.
const TEAMS: usize = 4;
/// Pairs that are named.
const SHOWN: usize = 10;

/// Of each item that is settled, what it earns of its points, in hundredths of a percent.
type Shares = BTreeMap<String, i64>;

/// The pairs of a class graded by this rubric, for people; nothing if there is no such class.
///
/// # Errors
/// The run record or a scorecard cannot be read.
pub(super) fn told(rubric: &str, results: &Results) -> Result<String, Failure> {
    if !results.run().is_file() {
        return Ok(String::new());
    }
    let run = Run::read(&results.run())?;
    if run.rubric.id != rubric {
        return Ok(String::new());
    }
    let mut teams = Vec::new();
    for team in &run.teams {
        teams.extend(scorecard(results, &team.id)?.as_ref().map(shares));
    }
    let class = format!("of the {} in {}", counted(teams.len(), "team"), results.root().display());
    if teams.len() < TEAMS {
        return Ok(format!("  too few {class} to tell which items move together: {TEAMS} are needed\n"));
    }
    let pairs = pairs(&teams);
    if pairs.is_empty() {
        return Ok(format!("  no two items earn the same share in each {class}\n"));
    }
    let mut text: String = pairs
        .iter()
        .take(SHOWN)
        .map(|(one, other)| {
            format!("  {one} and {other} earn the same share in each {class}: do both measure one fact?\n")
        })
        .collect();
    if pairs.len() > SHOWN {
        text.push_str(&format!("  and {} more pairs\n", pairs.len() - SHOWN));
    }
    Ok(text)
}

fn shares(card: &Scorecard) -> Shares {
    let items = card.criteria.iter().flat_map(|criterion| &criterion.items);
    let settled = items.filter(|item| item.mark.low == item.mark.high && item.mark.of.hundredths() > 0);
    settled.map(|item| (item.id.clone(), item.mark.low.hundredths() * 10_000 / item.mark.of.hundredths())).collect()
}

/// Items that earn the same share in each team where both are settled, and not always the same one.
fn pairs(teams: &[Shares]) -> Vec<(&str, &str)> {
    let mut items: Vec<&str> = teams.iter().flat_map(Shares::keys).map(String::as_str).collect();
    items.sort_unstable();
    items.dedup();
    let mut pairs = Vec::new();
    for (position, one) in items.iter().enumerate() {
        for other in items.iter().skip(position + 1) {
            let both: Vec<(i64, i64)> =
                teams.iter().filter_map(|team| Some((*team.get(*one)?, *team.get(*other)?))).collect();
            let varies = both.windows(2).any(|two| two[0].0 != two[1].0);
            if both.len() >= TEAMS && varies && both.iter().all(|(one, other)| one == other) {
                pairs.push((*one, *other));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(shares: &[(&str, i64)]) -> Shares {
        shares.iter().map(|(item, share)| ((*item).to_owned(), *share)).collect()
    }

    #[test]
    fn what_always_earns_the_same_share_moves_together() {
        let row = |a, b, c| team(&[("w/a", a), ("w/b", b), ("w/c", c), ("w/full", 10_000), ("w/whole", 10_000)]);
        let mut teams = vec![row(0, 0, 5_000), row(10_000, 10_000, 10_000), row(5_000, 5_000, 0)];
        assert!(pairs(&teams).is_empty(), "three teams are too few");
        // What could not be settled in a team says nothing of it.
        teams.push(team(&[("w/a", 0), ("w/c", 10_000)]));
        assert!(pairs(&teams).is_empty());
        teams.push(row(0, 0, 0));
        assert_eq!(pairs(&teams), [("w/a", "w/b")]);
    }
}
