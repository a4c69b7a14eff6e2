//! The members of a roster with their teams' marks, as the stored scorecards have them.

use std::collections::BTreeMap;

use serde::Deserialize;

use stackmark_course::Roster;
use stackmark_evidence::points::Points;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::Mark;
use stackmark_render::json;

use crate::failure::Failure;
use crate::import::person::Person;
use crate::members::times;
use crate::store::{self, Results};

/// One member with the mark that goes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The team's id.
    pub team: String,
    /// The member's id in the roster, unique in the team.
    pub member: String,
    /// Who it is, with everything that identifies the person at the learning platform.
    pub person: Person,
    /// `None` where the team is not graded.
    pub mark: Option<Mark>,
    /// Whether something was deducted from the mark.
    pub deducted: bool,
    /// Whether the mark is the member's own, and not the team's.
    pub own: bool,
    /// Another team that has the same person.
    pub also_in: Option<String>,
    /// Why the stored mark is not the last word; `None` where it is.
    pub stale: Option<String>,
}

impl Entry {
    /// As printed.
    pub fn name(&self) -> &str {
        &self.person.name
    }
}

/// The stored scorecard of a team; `None` where there is none.
///
/// # Errors
/// It cannot be read, or is another team's.
pub fn scorecard(results: &Results, team: &str) -> Result<Option<Scorecard>, Failure> {
    let path = results.team(team, "scorecard.json");
    if !path.is_file() {
        return Ok(None);
    }
    let text = store::read(&path)?;
    let wrong = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
    let card = json::read_scorecard(&text).map_err(|error| wrong(error.to_string()))?;
    if card.team != team {
        return Err(wrong(format!("this is the scorecard of team {:?}, not of \"{team}\"", card.team)));
    }
    Ok(Some(card))
}

/// Files of a team that can hold the evidence of a scorecard: the commit in time, and the late one.
const EVIDENCE: [&str; 2] = ["evidence.json", "evidence-late.json"];

/// The text of the evidence that a scorecard is of; `None` where it is not the stored one any more.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn judged(results: &Results, card: &Scorecard) -> Result<Option<String>, Failure> {
    for file in EVIDENCE {
        let path = results.team(&card.team, file);
        if path.is_file() {
            let text = store::read(&path)?;
            if json::sha256_hex(text.as_bytes()) == card.evidence_sha256 {
                return Ok(Some(text));
            }
        }
    }
    Ok(None)
}

/// What changed since a scorecard was made, with what to do; `None` where it is of what is stored.
///
/// # Errors
/// A file that is there and cannot be read.
pub fn stale(results: &Results, card: &Scorecard) -> Result<Option<String>, Failure> {
    let path = results.team(&card.team, "overrides.toml");
    let overrides = if path.is_file() { Some(json::sha256_hex(store::read(&path)?.as_bytes())) } else { None };
    let changed = if results.team(&card.team, "evidence.json").is_file() && judged(results, card)?.is_none() {
        "the evidence is newer than the report"
    } else if overrides != card.overrides_sha256 {
        "overrides.toml was changed after the report"
    } else {
        return Ok(None);
    };
    Ok(Some(format!("{changed}; run `stackmark report`")))
}

/// A member's own mark, as `members/<id>.json` has it.
#[derive(Deserialize)]
struct Own {
    team: String,
    member: String,
    of_team: Mark,
    factor: f64,
    mark: Mark,
}

impl Own {
    /// The mark, where the team's is at least `certain`: it is lifted before the factor, as the team's is.
    fn lifted(&self, certain: Mark) -> Mark {
        let low = self.mark.low.max(times(certain, self.factor).low).min(self.mark.high);
        Mark { low, ..self.mark }
    }
}

/// A member's own mark where the rubric gives one; `Err` is why it cannot be told.
fn own(results: &Results, card: &Scorecard, member: &str) -> Result<Option<Own>, String> {
    let path = results.team(&card.team, "members").join(format!("{member}.json"));
    if !path.is_file() {
        return Ok(None);
    }
    let wrong = |what: String| format!("{}: {what}", path.display());
    let text = store::read(&path).map_err(|error| error.to_string())?;
    let own: Own = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if own.team != card.team || own.member != member {
        return Err(wrong("this is another member's".to_owned()));
    }
    if own.of_team != card.mark {
        return Err(wrong("it is of another mark of the team; run `stackmark report`".to_owned()));
    }
    Ok(Some(own))
}

/// The team's mark: while it is open, no lower than what the other commit earns for certain, for the better one counts.
fn certain(mark: Mark, other: Option<Mark>) -> Mark {
    let other = other.map_or(mark.low, |other| other.low);
    Mark { low: mark.low.max(other).min(mark.high), ..mark }
}

/// Every member of the roster, in its order.
///
/// # Errors
/// As [`scorecard`].
pub fn entries(roster: &Roster, results: &Results) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    for team in &roster.teams {
        let card = scorecard(results, &team.id)?;
        let mark = card.as_ref().map(|card| card.mark);
        let other = card.as_ref().and_then(|card| card.other.as_ref()).map(|other| other.mark);
        let certain = mark.map(|mark| certain(mark, other));
        let stale = match &card {
            Some(card) => stale(results, card)?,
            None => None,
        };
        let deducted = card.iter().flat_map(|card| &card.adjustments).any(|it| it.points < Points::ZERO);
        for (at, member) in team.members.iter().enumerate() {
            let account = team.accounts.get(at).cloned().unwrap_or_default();
            let person = Person {
                name: member.name.clone(),
                emails: member.emails.clone(),
                sis_id: account.sis_id,
                lms_id: account.lms_id,
                lms_login: account.lms_login,
                // At the forge: another person may have it at the learning platform.
                login: None,
                identifier: None,
            };
            let (team, member) = (team.id.clone(), member.id.clone());
            let found = card.as_ref().map_or(Ok(None), |card| own(results, card, &member));
            let (own, stale) = match found {
                Ok(own) => (own.zip(certain).map(|(own, certain)| own.lifted(certain)), stale.clone()),
                Err(why) => (None, Some(stale.clone().unwrap_or(why))),
            };
            let (mark, own) = (own.or(certain), own.is_some_and(|own| Some(own) != certain));
            entries.push(Entry { team, member, person, mark, deducted, own, also_in: None, stale });
        }
    }
    mark_doubled(&mut entries);
    Ok(entries)
}

/// Tells each person of two teams about the other one.
fn mark_doubled(entries: &mut [Entry]) {
    let mut owners: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        for key in entry.person.keys() {
            owners.entry(key).or_default().push(at);
        }
    }
    for several in owners.values().filter(|several| several.len() > 1) {
        let teams: Vec<String> = several.iter().map(|at| entries[*at].team.clone()).collect();
        for (at, own) in several.iter().zip(&teams) {
            if let Some(other) = teams.iter().find(|team| *team != own) {
                entries[*at].also_in = Some(other.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_other_commit_earns_for_certain_is_certain() {
        let mark = |low: i64, high: i64| Mark {
            low: Points::whole(low),
            high: Points::whole(high),
            of: Points::whole(100),
            open: u64::from(low < high),
        };
        for (counts, other, low) in [
            (mark(40, 90), None, 40),
            (mark(40, 90), Some(mark(50, 50)), 50),
            (mark(40, 90), Some(mark(20, 80)), 40),
            (mark(0, 0), Some(mark(50, 50)), 0),
        ] {
            let found = certain(counts, other);
            assert_eq!((found.low, found.high), (Points::whole(low), counts.high), "{counts:?} {other:?}");
            for (factor, expected) in [(1.0, low), (0.5, low / 2)] {
                let (team, member) = ("t".to_owned(), "m".to_owned());
                let own = Own { team, member, of_team: counts, factor, mark: times(counts, factor) };
                let lifted = own.lifted(found);
                let high = times(counts, factor).high;
                assert_eq!((lifted.low, lifted.high), (Points::whole(expected), high), "{counts:?} {other:?} {factor}");
            }
        }
    }
}
