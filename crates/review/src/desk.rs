//! The results folder as markers see and change it.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use stackmark_class::appeals;
pub(crate) use stackmark_class::appeals::waiting;
use stackmark_class::run::{Run, TeamRun};
use stackmark_class::store::{self, Results};
use stackmark_class::{Failure, Regrade, regrade_record};
use stackmark_course::appeals::{Appeal, State};
use stackmark_course::rubric::Item;
use stackmark_course::{Overrides, Problems, Rubric, SourceText};
use stackmark_evidence::files::AtPath as _;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::RubricStamp;
use stackmark_render::Templates;
use stackmark_render::json::{self, sha256_hex};
use stackmark_render::language::Language;

use crate::change::Change;
use crate::edit;
use crate::heard::Heard;
use crate::pause::Waiting;
use crate::words;

/// One writer at a time on a results folder, in this process and in any other.
const LOCK: &str = ".review.lock";

/// What a desk is opened with.
pub struct Opening {
    /// The results folder.
    pub results: Results,
    /// The rubric of its run.
    pub rubric: Rubric,
    /// The rubric's documents, by their path in a library's folder.
    pub course: BTreeMap<String, String>,
    /// Templates, the user's before the built-in ones.
    pub templates: Templates,
    /// Who decides, as it is written into `overrides.toml`.
    pub marker: String,
    /// Show no names.
    pub blind: bool,
    /// Size of the sample for a second marker.
    pub spot: Option<usize>,
}

/// An open results folder.
pub struct Desk {
    pub(crate) results: Results,
    pub(crate) rubric: Rubric,
    pub(crate) templates: Templates,
    /// The labels of the course's language, or English ones.
    pub(crate) words: Arc<Language>,
    pub(crate) marker: String,
    pub(crate) blind: bool,
    pub(crate) spot: Option<usize>,
    /// Ids, in the order in which they are shown; the page knows places in this list only.
    pub(crate) teams: Vec<String>,
    /// The same in the order in which they are numbered where names are hidden.
    shuffled: Vec<String>,
    course: BTreeMap<String, String>,
    stamp: RubricStamp,
    /// Texts of overrides that pages were shown, by their SHA-256: what a change underneath is compared with.
    seen: Mutex<BTreeMap<String, String>>,
    done: Mutex<Vec<Change>>,
    /// Whether the class's page lacks a decision.
    pub(crate) waiting: Waiting,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// There is no such team or item.
    #[error("{0}")]
    NotThere(String),
    /// What was asked for cannot be written.
    #[error("{0}")]
    Wrong(String),
    /// The file is not the one that the page was shown.
    #[error("overrides.toml of {} was changed by somebody else; nothing was written", .0.team)]
    Changed(Box<Changed>),
    /// The disk, or a defect.
    #[error("{0}")]
    Failed(String),
}

/// What stands in a file that was changed underneath.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The team, as it is shown.
    pub team: String,
    /// SHA-256 of what stands there now; `None` if the file is gone.
    pub now: Option<String>,
    /// Lines that were not there.
    pub added: Vec<String>,
    /// Lines that are gone.
    pub removed: Vec<String>,
}

/// One team as it stands.
pub(crate) struct TeamNow {
    pub(crate) card: Scorecard,
    /// SHA-256 of `overrides.toml`.
    pub(crate) sha: Option<String>,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.message)
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<edit::EditError> for Refusal {
    fn from(error: edit::EditError) -> Self {
        Self::Wrong(format!("overrides.toml: {error}"))
    }
}

impl Desk {
    /// Opens a results folder, and judges again whatever was decided since it was last judged.
    ///
    /// # Errors
    /// There is no run, or no team in it. What is wrong with one team is told when that team is shown.
    pub fn open(opening: Opening) -> Result<Self, Failure> {
        let Opening { results, rubric, course, templates, marker, blind, spot } = opening;
        let run = Run::read(&results.run())?;
        let mut teams = results.teams()?;
        if teams.is_empty() {
            let message =
                format!("{}: no team has stored evidence; run `stackmark grade` first", results.root().display());
            return Err(Failure::usage(message));
        }
        // An order that tells nothing, and stays the same over restarts.
        let mut shuffled = teams.clone();
        shuffled.sort_by_key(|team| sha256_hex(format!("{}/{team}", run.roster_sha256).as_bytes()));
        if blind {
            teams.clone_from(&shuffled);
        }
        let stamp = RubricStamp::of(&rubric);
        let (seen, done, waiting) = (Mutex::default(), Mutex::default(), Waiting::default());
        let words = Arc::clone(templates.language_or_english(&rubric.language).map_err(Failure::unexpected)?);
        let desk = Self {
            results,
            rubric,
            templates,
            words,
            marker,
            blind,
            spot,
            teams,
            shuffled,
            course,
            stamp,
            seen,
            done,
            waiting,
        };
        // Whatever is wrong with a team is told when it is shown.
        let cards: BTreeMap<&String, Scorecard> =
            desk.teams.iter().filter_map(|team| Some((team, desk.team(team).ok()?.card))).collect();
        let run = Run::read(&desk.results.run())?;
        for (team, card) in cards {
            // A kill between two files of a decision leaves the later one behind.
            let entry = run.teams.iter().find(|entry| entry.id == *team);
            if entry.is_some_and(|entry| *entry != TeamRun::graded(&card)) {
                let _lock = desk.lock()?;
                desk.judge_again(team)?;
            }
        }
        desk.renew_class()?;
        if desk.spot.is_some() {
            desk.draw()?;
        }
        Ok(desk)
    }

    /// Who decides.
    pub fn marker(&self) -> &str {
        &self.marker
    }

    /// A team as it is shown.
    pub(crate) fn label(&self, team: usize) -> String {
        match self.teams.get(team) {
            Some(id) if !self.blind => id.clone(),
            _ => self.number(team),
        }
    }

    /// How a team is called where names are hidden, whether they are now or not.
    pub(crate) fn number(&self, team: usize) -> String {
        let place = self.shuffled.iter().position(|id| Some(id) == self.teams.get(team));
        words::label(&self.words, "review.blind_team", Some(place.unwrap_or(team) as u64 + 1), &[])
    }

    /// A team's id and an item, by their places.
    pub(crate) fn named(&self, team: usize, item: usize) -> Result<(&str, &Item), Refusal> {
        let id = self.teams.get(team).ok_or_else(|| Refusal::NotThere(format!("there is no team {team}")))?;
        let item =
            self.rubric.items().nth(item).ok_or_else(|| Refusal::NotThere(format!("there is no item {item}")))?;
        Ok((id.as_str(), item))
    }

    /// Waits until nobody else writes; writing ends when the file is dropped.
    pub(crate) fn lock(&self) -> std::io::Result<File> {
        let path = self.results.root().join(LOCK);
        let file = File::options().create(true).truncate(false).write(true).open(&path).at(&path)?;
        file.lock().at(&path)?;
        Ok(file)
    }

    pub(crate) fn done(&self) -> MutexGuard<'_, Vec<Change>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn card(&self, team: &str) -> Result<Scorecard, String> {
        let path = self.results.team(team, "scorecard.json");
        let text = store::read(&path).map_err(|error| error.to_string())?;
        json::read_scorecard(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// A team's card as it was last judged, if there is one.
    pub(crate) fn stored_card(&self, team: &str) -> Option<Scorecard> {
        self.card(team).ok()
    }

    /// The text of a team's decisions; `None` where there is no file.
    pub(crate) fn overrides(&self, team: &str) -> std::io::Result<Option<String>> {
        let path = self.results.team(team, "overrides.toml");
        match store::read(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// One team as it stands, judged again where somebody decided something by hand since.
    pub(crate) fn team(&self, team: &str) -> Result<TeamNow, String> {
        let words = |error: std::io::Error| error.to_string();
        let text = self.overrides(team).map_err(words)?;
        let sha = self.remember(text);
        let current = |card: &Scorecard| card.overrides_sha256 == sha && card.rubric == self.stamp;
        if let Ok(card) = self.card(team)
            && current(&card)
        {
            return Ok(TeamNow { card, sha });
        }
        let _lock = self.lock().map_err(words)?;
        let sha = self.remember(self.overrides(team).map_err(words)?);
        self.judge_again(team).map_err(|failure| failure.message)?;
        Ok(TeamNow { card: self.card(team)?, sha })
    }

    /// Keeps a text that a page is shown; gives its SHA-256.
    pub(crate) fn remember(&self, text: Option<String>) -> Option<String> {
        let text = text?;
        let sha = sha256_hex(text.as_bytes());
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).entry(sha.clone()).or_insert(text);
        Some(sha)
    }

    /// Refuses where the text is not the one that the page was shown.
    pub(crate) fn unchanged(&self, team: usize, now: Option<&str>, shown: Option<&str>) -> Result<(), Refusal> {
        let sha = self.remember(now.map(str::to_owned));
        if sha.as_deref() == shown {
            return Ok(());
        }
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let before = shown.and_then(|shown| seen.get(shown)).map(String::as_str).unwrap_or_default();
        let now = now.unwrap_or_default();
        let (added, removed) = (without(now, before), without(before, now));
        Err(Refusal::Changed(Box::new(Changed { team: self.label(team), now: sha, added, removed })))
    }

    /// Whether this text may stand in a team's `overrides.toml`.
    pub(crate) fn sound(&self, team: &str, text: &str) -> Result<(), Refusal> {
        let source = self.source(team, text);
        let is_other = |overrides: &Overrides| overrides.rubric.clone().filter(|other| *other != self.rubric.id);
        let parsed = Overrides::parse(&source).checked(|overrides| match is_other(overrides) {
            Some(_) => Problems::default(),
            None => overrides.against(&source, &self.rubric),
        });
        let (overrides, _) = parsed.sound().map_err(nothing_written)?;
        match is_other(&overrides) {
            None => Ok(()),
            Some(other) => Err(Refusal::Wrong(format!(
                "these decisions are for rubric \"{other}\", and the run is graded by \"{}\": move the file aside or \
                 fix its `rubric`",
                self.rubric.id
            ))),
        }
    }

    /// The decisions that stand in a team's `overrides.toml`, to look something up in.
    ///
    /// # Errors
    /// The file is broken: what it has cannot be told.
    pub(crate) fn decisions(&self, team: &str, text: &str) -> Result<Overrides, Refusal> {
        let parsed = Overrides::parse(&self.source(team, text));
        parsed.sound().map(|(overrides, _)| overrides).map_err(nothing_written)
    }

    /// The text of a team's `overrides.toml` with a name for it: its path, where that may be seen.
    fn source(&self, team: &str, text: &str) -> Arc<SourceText> {
        let place = self.teams.iter().position(|id| id == team).filter(|_| self.blind);
        let name = match place {
            Some(at) => format!("overrides.toml of {}", self.label(at)),
            None => self.results.team(team, "overrides.toml").display().to_string(),
        };
        SourceText::new(name, text)
    }

    /// Judges and renders one team again, and brings `run.json` up to date; gives what was said on the way. The class's page
    /// is left to [`Desk::renew_class`]. Needs the lock.
    pub(crate) fn judge_again(&self, team: &str) -> Result<Vec<String>, Failure> {
        self.class_lacks()?;
        let heard = Heard::default();
        let teams = [team.to_owned()];
        let asked = Regrade {
            results: &self.results,
            teams: &teams,
            rubric: &self.rubric,
            course: &self.course,
            templates: &self.templates,
            run: Some(Run::read(&self.results.run())?),
        };
        let judged = regrade_record(asked, &heard)?;
        // Judging is no pause.
        self.class_lacks()?;
        let said: Vec<String> = heard.take().iter().map(|text| self.said(&self.without_team(team, text))).collect();
        if !judged {
            return Err(Failure::course(said.join("\n")));
        }
        Ok(said)
    }

    /// What was said of a team, without its id where names are hidden: its folder and its lines are named after it.
    fn without_team(&self, team: &str, text: &str) -> String {
        if !self.blind {
            return text.to_owned();
        }
        let folder = self.results.team(team, "").display().to_string();
        text.replace(&folder, "").replace(&format!("team {team}: "), "")
    }

    /// Every request, and what is wrong with the document.
    pub(crate) fn appeals(&self) -> (Vec<Appeal>, Option<String>) {
        appeals::read(&self.results, &self.teams, Some(&self.rubric))
    }

    /// Writes whether a request is answered; gives what is wrong with the document. Needs the lock.
    pub(crate) fn set_appeal(&self, team: &str, item: &str, request: &str, state: State) -> Result<(), String> {
        let path = self.results.root().join(store::APPEALS);
        let text = store::read(&path).map_err(|error| error.to_string())?;
        let changed = edit::answer(&text, team, item, request, state);
        let changed = changed.map_err(|error| format!("{}: {error}", path.display()))?;
        store::write(&path, &changed).map_err(|error| error.to_string())
    }
}

fn nothing_written(problems: Problems) -> Refusal {
    Refusal::Wrong(format!("nothing was written:\n{}", problems.render(false, true, 100)))
}

/// Lines of `text` that `other` does not have as often.
fn without(text: &str, other: &str) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in other.lines() {
        *counts.entry(line).or_default() += 1;
    }
    let mut left = Vec::new();
    for line in text.lines() {
        match counts.get_mut(line) {
            Some(count) if *count > 0 => *count -= 1,
            _ => left.push(line.to_owned()),
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_change_is_told_by_its_lines() {
        let (before, now) = ("a = 1\nb = 2\nb = 2\n", "a = 1\nb = 2\nc = 3\n");
        assert_eq!(without(now, before), ["c = 3"]);
        assert_eq!(without(before, now), ["b = 2"]);
    }
}
