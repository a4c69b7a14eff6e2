//! Who committed in which week.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::Serialize;

use stackmark_evidence::git::Contribution;

/// Weeks that are shown; what is before them is summed up.
const WEEKS: usize = 26;
/// Up to so many weeks, a table of numbers is read more easily than signs.
const NUMBERS: usize = 10;
const SIGNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Commits by week, members in the order of the contribution.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Timeline {
    /// Mondays of the weeks, ascending without a gap.
    pub(crate) weeks: Vec<String>,
    /// Whether there are so few weeks that their numbers fit a table.
    pub(crate) as_numbers: bool,
    /// The most commits of one member in one week.
    pub(crate) most: u64,
    /// One row a member.
    pub(crate) rows: Vec<Row>,
    /// Whether anyone committed before the first week shown.
    pub(crate) has_earlier: bool,
    /// Dates that are no dates, as given.
    pub(crate) unplaced: Vec<String>,
}

/// One member's weeks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Row {
    /// The member's name.
    pub(crate) name: String,
    /// Commits before the first week shown.
    pub(crate) earlier: u64,
    /// Commits by week.
    pub(crate) commits: Vec<u64>,
    /// The same, a sign a week: `·` for none, then `▁` to `█` for the most of anyone.
    pub(crate) signs: String,
}

/// The weeks of a contribution; `None` where nobody committed on a day that can be read.
pub(crate) fn of(contribution: &Contribution) -> Option<Timeline> {
    let mut unplaced = Vec::new();
    let by_member: Vec<(&str, BTreeMap<Date, u64>)> = contribution
        .members
        .iter()
        .map(|member| {
            let mut weeks = BTreeMap::new();
            for day in &member.days {
                match day.date.parse::<Date>().ok().and_then(monday) {
                    Some(week) => *weeks.entry(week).or_default() += day.commits,
                    None => unplaced.push(day.date.clone()),
                }
            }
            (member.name.as_str(), weeks)
        })
        .collect();
    let last = by_member.iter().filter_map(|(_, weeks)| weeks.last_key_value()).map(|(week, _)| *week).max()?;
    let first = by_member.iter().filter_map(|(_, weeks)| weeks.first_key_value()).map(|(week, _)| *week).min()?;
    let mut weeks = Vec::new();
    let mut week = last;
    while week >= first && weeks.len() < WEEKS {
        weeks.push(week);
        let Ok(before) = week.checked_sub(1.week()) else { break };
        week = before;
    }
    weeks.reverse();
    let start = weeks.first().copied()?;
    let most = by_member.iter().flat_map(|(_, by_week)| by_week.range(start..)).map(|(_, commits)| *commits).max();
    let most = most.unwrap_or(0);
    let rows: Vec<Row> = by_member
        .iter()
        .map(|(name, by_week)| {
            let commits: Vec<u64> = weeks.iter().map(|week| by_week.get(week).copied().unwrap_or(0)).collect();
            let signs = commits.iter().map(|commits| sign(*commits, most)).collect();
            let earlier = by_week.range(..start).map(|(_, commits)| commits).sum();
            Row { name: (*name).to_owned(), earlier, commits, signs }
        })
        .collect();
    Some(Timeline {
        as_numbers: weeks.len() <= NUMBERS,
        weeks: weeks.iter().map(Date::to_string).collect(),
        most,
        has_earlier: rows.iter().any(|row| row.earlier > 0),
        rows,
        unplaced,
    })
}

fn monday(date: Date) -> Option<Date> {
    if date.weekday() == Weekday::Monday { Some(date) } else { date.nth_weekday(-1, Weekday::Monday).ok() }
}

fn sign(commits: u64, most: u64) -> char {
    if commits == 0 {
        return '·';
    }
    // The last sign is for the most alone.
    let step = commits.saturating_mul(SIGNS.len() as u64 - 1) / most.max(1);
    SIGNS[(step as usize).min(SIGNS.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::of;
    use stackmark_evidence::git::{Contribution, Day, MemberShare, Surviving, Work};

    fn member(name: &str, days: &[(&str, u64)]) -> MemberShare {
        MemberShare {
            member: name.to_owned(),
            name: name.to_owned(),
            commits: days.iter().map(|(_, commits)| commits).sum(),
            co_authored: 0,
            added: 0,
            deleted: 0,
            surviving: Surviving::default(),
            work: Work::default(),
            share: 0.0,
            by_trailers: None,
            set_aside_lines: None,
            active_days: days.len() as u64,
            active_weeks: 0,
            days: days.iter().map(|(date, commits)| Day { date: (*date).to_owned(), commits: *commits }).collect(),
        }
    }

    fn contribution(members: Vec<MemberShare>) -> Contribution {
        Contribution {
            members,
            unmapped: vec![],
            unmapped_share: 0.0,
            programs: vec![],
            agent_share: None,
            starter_lines: 0,
            files: vec![],
            remapped: vec![],
            other_committers: vec![],
            evenness: 1.0,
            evenness_by_hand: None,
            evenness_with_set_aside: None,
            would_change_hands: 0.0,
            excluded: vec![],
        }
    }

    #[test]
    fn weeks_run_without_a_gap_and_start_on_mondays() {
        let members = vec![
            member("a", &[("2026-09-20", 2), ("2026-09-21", 8), ("2026-10-07", 1)]),
            member("b", &[]),
            member("c", &[("2026-10-05", 4)]),
        ];
        let timeline = of(&contribution(members)).unwrap();
        assert_eq!(timeline.weeks, ["2026-09-14", "2026-09-21", "2026-09-28", "2026-10-05"]);
        let rows: Vec<_> = timeline.rows.iter().map(|row| (row.commits.as_slice(), row.signs.as_str())).collect();
        assert_eq!(rows, [(&[2, 8, 0, 1][..], "▂█·▁"), (&[0, 0, 0, 0][..], "····"), (&[0, 0, 0, 4][..], "···▄")]);
        assert!(timeline.as_numbers);
    }

    #[test]
    fn a_commit_dated_decades_ago_is_counted_without_decades_of_columns() {
        let members = vec![member("a", &[("1970-01-01", 3), ("2026-10-07", 1), ("not a date", 1)])];
        let timeline = of(&contribution(members)).unwrap();
        assert_eq!(timeline.weeks.len(), 26);
        assert_eq!(timeline.rows[0].earlier, 3);
        assert!(timeline.has_earlier);
        assert_eq!(timeline.unplaced, ["not a date"]);
        assert!(of(&contribution(vec![member("a", &[])])).is_none());
    }
}
