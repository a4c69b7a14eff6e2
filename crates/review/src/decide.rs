//! Decisions, their undoing, and reasons that are used again. Each is written at once, and the team is judged again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use stackmark_class::store;
use stackmark_class::team::now;
use stackmark_course::appeals::State;
use stackmark_evidence::points::Points;
use stackmark_render::json::sha256_hex;

use crate::change::Change;
use crate::desk::{Desk, Refusal};
use crate::edit::{self, Decided};

/// What a page asks to be written about one item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decide {
    /// Place of the team.
    pub team: usize,
    /// Place of the item.
    pub item: usize,
    /// Points as typed; `None` takes an earlier decision back.
    pub points: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// SHA-256 of the `overrides.toml` that the page was shown; `None` where there was none.
    pub expected: Option<String>,
    /// Which page asks, so that each undoes its own.
    pub page: String,
}

/// A reason in other words, wherever it was used for an item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reword {
    /// Place of the item.
    pub item: usize,
    /// The reason as it stands.
    pub from: String,
    /// The reason as it is to be.
    pub to: String,
    /// For each team, by its place, the SHA-256 of what the page was shown; empty only asks which teams it would change.
    #[serde(default)]
    pub expected: BTreeMap<usize, String>,
}

/// What was written.
#[derive(Debug, Clone, Serialize)]
pub struct Written {
    /// Place of the team.
    pub team: usize,
    /// Place of the item.
    pub item: usize,
    /// SHA-256 of `overrides.toml` as it is now; `None` if it is gone.
    pub sha: Option<String>,
    /// What was said while the team was judged again.
    pub notes: Vec<String>,
}

/// What [`Desk::reword`] would change, or has changed.
#[derive(Debug, Clone, Serialize)]
pub struct Reworded {
    /// Whether it is done.
    pub done: bool,
    /// The teams as they are shown.
    pub labels: Vec<String>,
    /// For each team, by its place, the SHA-256 of its file as it stands.
    pub files: BTreeMap<usize, String>,
    /// Teams whose file is left as it was, since it is broken, each with what is wrong.
    pub left: Vec<String>,
}

/// Points as a person types them: a comma is a point.
pub(crate) fn typed(points: &str, of: Points) -> Result<Points, Refusal> {
    let text = points.trim().replace(',', ".");
    let text = if text.starts_with('.') { format!("0{text}") } else { text };
    match Points::parse(&text) {
        Some(points) if points < Points::ZERO => Err(Refusal::Wrong("points are not negative".to_owned())),
        Some(points) if points > of => {
            Err(Refusal::Wrong(format!("the item has {of} points; what goes beyond is an [[adjustment]]")))
        }
        Some(points) => Ok(points),
        None => Err(Refusal::Wrong(format!("\"{points}\" is not a number of points with two decimals at most"))),
    }
}

/// A reason that is not blank.
pub(crate) fn reasoned(reason: &str) -> Result<&str, Refusal> {
    match reason.trim() {
        "" => Err(Refusal::Wrong("a reason is needed: the team reads it".to_owned())),
        reason => Ok(reason),
    }
}

impl Desk {
    /// Writes a decision, or takes one back.
    ///
    /// # Errors
    /// Points or reason that cannot be written; a file that is not the one that the page was shown.
    pub fn decide(&self, asked: &Decide) -> Result<Written, Refusal> {
        let (team, item) = self.named(asked.team, asked.item)?;
        let decided = match &asked.points {
            Some(points) => Some((typed(points, item.points)?, reasoned(&asked.reason)?)),
            None => None,
        };
        let _lock = self.lock()?;
        let before = self.overrides(team)?;
        self.unchanged(asked.team, before.as_deref(), asked.expected.as_deref())?;
        let mut answered = None;
        let after = match decided {
            Some((points, reason)) => {
                let appeal = self.request(team, &item.id, before.as_deref())?;
                answered = appeal.as_ref().filter(|appeal| appeal.1).map(|appeal| appeal.0.clone());
                let appeal = appeal.as_ref().map(|appeal| appeal.0.as_str());
                let when = now();
                let decided = Decided { item: &item.id, points, reason, by: &self.marker, when: &when, appeal };
                edit::decide(before.as_deref(), &self.rubric.id, &decided)?
            }
            None => match &before {
                Some(before) => edit::withdraw(before, &item.id)?,
                None => return Err(Refusal::Wrong("nothing is decided about this item".to_owned())),
            },
        };
        self.sound(team, &after)?;
        store::write(&self.results.team(team, "overrides.toml"), &after)?;
        let sha = self.remember(Some(after));
        let change = Change {
            page: asked.page.clone(),
            team: asked.team,
            item: asked.item,
            before,
            after: sha.clone(),
            answered,
        };
        let mut notes = self.answer(&change, State::Answered);
        self.done().push(change);
        notes.extend(self.follow(team));
        Ok(Written { team: asked.team, item: asked.item, sha, notes })
    }

    /// Puts back what stood there before this page's last decision.
    ///
    /// # Errors
    /// Nothing is left to undo; a file that was changed since.
    pub fn undo(&self, page: &str) -> Result<Written, Refusal> {
        let _lock = self.lock()?;
        // The lock keeps every other change of this list away.
        let at = self.done().iter().rposition(|change| change.page == page);
        let found = at.and_then(|at| Some((at, self.done().get(at).cloned()?)));
        let Some((at, change)) = found else {
            return Err(Refusal::Wrong("nothing is left to undo; withdraw an earlier decision at its item".into()));
        };
        let (team, _) = self.named(change.team, change.item)?;
        let now = self.overrides(team)?;
        self.unchanged(change.team, now.as_deref(), change.after.as_deref())?;
        let path = self.results.team(team, "overrides.toml");
        match &change.before {
            Some(before) => store::write(&path, before)?,
            None => store::remove(&path)?,
        }
        let sha = self.remember(change.before.clone());
        self.done().remove(at);
        let mut notes = self.answer(&change, State::Open);
        notes.extend(self.follow(team));
        Ok(Written { team: change.team, item: change.item, sha, notes })
    }

    /// Says one reason in other words wherever it was used for an item; asks first.
    ///
    /// # Errors
    /// A blank reason, or a file that is not the one that the page was shown: then none is changed. A file that is broken
    /// is left as it was, and said.
    pub fn reword(&self, asked: &Reword) -> Result<Reworded, Refusal> {
        let (_, item) = self.named(0, asked.item)?;
        let to = reasoned(&asked.to)?;
        let _lock = self.lock()?;
        let (mut changed, mut files, mut labels) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut left = Vec::new();
        for (at, team) in self.teams.iter().enumerate() {
            match self.reworded(team, &item.id, asked.from.trim(), to) {
                Ok(Some((text, after))) => {
                    labels.push(self.label(at));
                    files.insert(at, sha256_hex(text.as_bytes()));
                    changed.push((at, team, text, after));
                }
                Ok(None) => {}
                Err(refusal) => left.push(format!("{}: {refusal}", self.label(at))),
            }
        }
        if asked.expected.is_empty() {
            return Ok(Reworded { done: false, labels, files, left });
        }
        for (at, _, text, _) in &changed {
            self.unchanged(*at, Some(text.as_str()), asked.expected.get(at).map(String::as_str))?;
        }
        for (at, team, _, after) in changed {
            store::write(&self.results.team(team, "overrides.toml"), &after)?;
            files.extend(self.remember(Some(after)).map(|sha| (at, sha)));
            self.follow(team);
        }
        Ok(Reworded { done: true, labels, files, left })
    }

    /// A team's file as it stands and with the other words; `None` if it does not have that reason for the item.
    fn reworded(&self, team: &str, item: &str, from: &str, to: &str) -> Result<Option<(String, String)>, Refusal> {
        let Some(text) = self.overrides(team)? else { return Ok(None) };
        let read = self.decisions(team, &text)?;
        let Some(used) = read.items.iter().find(|it| it.item == item && it.reason.trim() == from) else {
            return Ok(None);
        };
        let (when, appeal) = (now(), used.appeal.as_deref());
        let decided = Decided { item, points: used.points, reason: to, by: &self.marker, when: &when, appeal };
        let after = edit::decide(Some(&text), &self.rubric.id, &decided)?;
        self.sound(team, &after)?;
        Ok(Some((text, after)))
    }

    /// The text of the request that a decision about this item answers, and whether it still waits; the one that the
    /// earlier decision answered stays.
    fn request(&self, team: &str, item: &str, before: Option<&str>) -> Result<Option<(String, bool)>, Refusal> {
        let (appeals, _) = self.appeals();
        let read = before.map(|text| self.decisions(team, text)).transpose()?;
        let earlier = read.iter().flat_map(|read| &read.items).find(|it| it.item == item);
        let earlier = earlier.and_then(|it| it.appeal.clone());
        let mut open = appeals.iter().filter(|it| it.team == team && it.item == item && it.state == State::Open);
        Ok(match open.find(|it| earlier.as_ref() != Some(&it.text)) {
            Some(appeal) => Some((appeal.text.clone(), true)),
            None => earlier.map(|text| (text, false)),
        })
    }

    /// Brings the state of the request up to date that a change answers. The decision stands already, and names it.
    fn answer(&self, change: &Change, state: State) -> Vec<String> {
        let (Some(request), Ok((team, item))) = (&change.answered, self.named(change.team, change.item)) else {
            return Vec::new();
        };
        self.set_appeal(team, &item.id, request, state).err().into_iter().collect()
    }

    /// Judges the team again. The decision stands whatever comes of it, so that it is told and no failure.
    fn follow(&self, team: &str) -> Vec<String> {
        match self.judge_again(team) {
            Ok(said) => said,
            Err(failure) => {
                vec![format!("the decision is written, and the team could not be judged again: {}", failure.message)]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_taken_as_people_type_them() {
        let of = Points::whole(4);
        for (text, hundredths) in [("3", 300), (" 2,5 ", 250), (".5", 50), ("4", 400), ("0", 0)] {
            assert_eq!(typed(text, of).ok(), Some(Points::from_hundredths(hundredths)), "{text}");
        }
        for text in ["", "5", "-1", "two", "1.005"] {
            assert!(matches!(typed(text, of), Err(Refusal::Wrong(_))), "{text}");
        }
    }

    #[test]
    fn a_blank_reason_is_none() {
        assert!(reasoned(" \n ").is_err());
        assert_eq!(reasoned(" seen ").ok(), Some("seen"));
    }
}
