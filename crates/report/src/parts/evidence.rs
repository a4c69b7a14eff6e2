//! What below a heading makes it certain that it is the part that the heading names.

use super::super::outline::{Kind, Unit};
use super::super::signs::{Told, around, different, has_digit, has_measure, has_path, is_command, paths};
use super::super::words::{Role, Sign};
use super::{Document, quote};

impl Document<'_> {
    /// What makes it certain that `units`, below a heading for it, are this part.
    pub(super) fn evidence<'u>(&self, part: usize, id: &str, units: &[&'u Unit]) -> Option<Evidence<'u>> {
        // The sentence that is most about it, the first of them.
        let about = |unit: &Unit| unit.count(Role::Cue(part)) + unit.count(Role::Text(part));
        let cue = || units.iter().copied().filter(|unit| about(unit) > 0).rev().max_by_key(|unit| about(unit));
        let command = || units.iter().copied().find(|unit| is_command(unit));
        match id {
            "purpose" => {
                let unit = cue()?;
                let finished = units.iter().any(|unit| unit.has(Sign::Finished));
                let (holds, lacks) = if finished { (vec!["status"], vec![]) } else { (vec![], vec!["status"]) };
                Some(Evidence { unit, what: "what it is for".into(), holds, lacks })
            }
            "architecture" => {
                let components = different(units, Role::Sign(Sign::Component));
                let figure = units.iter().any(|unit| unit.kind == Kind::Figure);
                let unit = units.iter().copied().max_by_key(|unit| unit.count(Role::Sign(Sign::Component)))?;
                let what = format!("{components} kinds of components");
                (components >= 2 || (figure && components >= 1)).then(|| Evidence {
                    unit,
                    what,
                    holds: vec!["components"],
                    lacks: vec![],
                })
            }
            "map" => {
                let paths = paths(units);
                let unit = units.iter().copied().find(|unit| has_path(unit))?;
                (paths >= 2).then(|| Evidence::of(unit, format!("{paths} paths")))
            }
            "results" => {
                let is_measured = |unit: &&Unit| has_measure(unit) && unit.count(Role::Cue(part)) > 0;
                let figures = units.iter().copied().find(is_measured);
                let is_cell = |unit: &Unit| (unit.is_row && has_digit(unit)) || has_measure(unit);
                let table = || units.iter().copied().find(|unit| unit.kind == Kind::Item && is_cell(unit));
                let came_of_it =
                    || different(units, Role::Cue(part)) >= 2 && different(units, Role::Sign(Sign::Outcome)) >= 1;
                match figures.or_else(table) {
                    Some(unit) => Some(Evidence::of(unit, "figures".into())),
                    None if came_of_it() => Some(Evidence::of(cue()?, "what came of it".into())),
                    None => None,
                }
            }
            "decisions" => {
                let (unit, told) = self.decision(part, units, true)?;
                told.is_complete().then(|| Evidence {
                    unit,
                    what: "an alternative and a reason".into(),
                    holds: vec!["alternative", "reason"],
                    lacks: vec![],
                })
            }
            "contributions" => {
                let unit = self.told_of_members(units)?;
                Some(Evidence::of(unit, "who did what".into()))
            }
            "deployment" | "teardown" | "prerequisites" | "running" => match (cue(), command()) {
                (None, Some(unit)) => Some(Evidence::of(unit, "a command".into())),
                (Some(unit), Some(_)) => Some(Evidence::of(unit, "how it is done, with a command".into())),
                // The name of the part alone says that it is there: `A clean teardown process ensures`.
                (Some(unit), None) => {
                    let tells = units.iter().any(|unit| unit.count(Role::Cue(part)) > 0);
                    tells.then(|| Evidence::of(unit, "how it is done".into()))
                }
                (None, None) => None,
            },
            _ => Some(Evidence::of(cue()?, "what is asked".into())),
        }
    }

    /// The first sentence with an alternative and a reason near it, else the first with either.
    fn decision<'u>(&self, part: usize, units: &[&'u Unit], headed: bool) -> Option<(&'u Unit, Told)> {
        let mut first = None;
        for (at, unit) in units.iter().copied().enumerate() {
            let own = Told::of(&[unit]);
            if !(headed && (own.alternative || own.reason) || unit.count(Role::Text(part)) > 0) {
                continue;
            }
            let told = Told::of(&around(units, at));
            if told.is_complete() {
                return Some((unit, told));
            }
            first.get_or_insert((unit, told));
        }
        first
    }

    /// Whether this sentence is one of those that tell what a member did.
    pub(in super::super) fn tells_of_member(&self, unit: &Unit) -> bool {
        let (text, place) = (quote(&unit.text), unit.place.to_string());
        let same = |it: &stackmark_evidence::report::MemberWork| {
            it.quote.as_deref() == Some(text.as_str()) && it.place.as_deref() == Some(place.as_str())
        };
        self.who_did_what.members.iter().any(same)
    }

    /// Below a heading for it: a sentence on a member, or where the names are a history's, on anybody.
    fn told_of_members<'u>(&self, units: &[&'u Unit]) -> Option<&'u Unit> {
        let own = units.iter().copied().find(|unit| self.tells_of_member(unit));
        let from_roster = self.who_did_what.members_from == stackmark_evidence::MembersFrom::Roster;
        if own.is_some() || (from_roster && !self.who_did_what.members.is_empty()) {
            return own;
        }
        let anybody = |unit: &&Unit| unit.has(Sign::Verb) && unit.words.len() >= 3;
        let told: Vec<&Unit> = units.iter().copied().filter(anybody).collect();
        (told.len() >= 2).then(|| told[0])
    }
}

/// What was found below a heading.
pub(super) struct Evidence<'a> {
    pub(super) unit: &'a Unit,
    pub(super) what: String,
    pub(super) holds: Vec<&'static str>,
    pub(super) lacks: Vec<&'static str>,
}

impl<'a> Evidence<'a> {
    fn of(unit: &'a Unit, what: String) -> Self {
        Self { unit, what, holds: Vec::new(), lacks: Vec::new() }
    }
}
