//! The two runs that are compared: each team's scorecard with the evidence and the rubric that it was made from.

use std::collections::BTreeSet;

use stackmark_course::{Library, Rubric};
use stackmark_evidence::Evidence;
use stackmark_judge::Scorecard;
use stackmark_language::expression::Engine;
use stackmark_render::json;

use crate::failure::Failure;
use crate::history;
use crate::store::{self, Results};
use crate::stored::read_judged;

/// One of the two runs.
#[derive(Debug, Clone)]
pub struct Side {
    /// The results folder.
    pub results: Results,
    /// What was given out last before this moment, instead of what stands: RFC 3339, UTC.
    pub until: Option<String>,
}

/// One team of one of the runs.
#[derive(Debug)]
pub struct Judged {
    /// Its scorecard.
    pub card: Scorecard,
    /// What was judged; `None` if it is not stored any more.
    pub evidence: Option<Evidence>,
    /// The rubric, if it is the very one that the scorecard names.
    pub rubric: Option<std::sync::Arc<Rubric>>,
}

impl Side {
    /// In words.
    pub(super) fn words(&self) -> String {
        let place = self.results.root().display();
        self.until.as_ref().map_or_else(|| place.to_string(), |until| format!("published before {until}: {place}"))
    }

    pub(super) fn teams(&self) -> Result<BTreeSet<String>, Failure> {
        let judged = |team: &String| self.results.team(team, "scorecard.json").is_file();
        Ok(self.results.teams()?.into_iter().filter(judged).collect())
    }

    /// A team's scorecard, and what it was made from; `None` if nothing was given out then.
    pub(super) fn read(&self, team: &str, rubrics: &mut Rubrics) -> Result<Option<Judged>, Failure> {
        let path = match &self.until {
            None => self.results.team(team, "scorecard.json"),
            Some(until) => {
                let given = history::read(&self.results, team)?;
                let before = |it: &&history::GivenOut| it.at.as_ref().is_none_or(|at| at < until);
                let Some(last) = given.iter().rfind(before) else { return Ok(None) };
                self.results.history(team, &last.folder).join("scorecard.json")
            }
        };
        let text = store::read(&path)?;
        let wrong = |error: json::ReadError| Failure::unexpected(format!("{}: {error}", path.display()));
        let card = json::read_scorecard(&text).map_err(wrong)?;
        let evidence = self.evidence(team, &card.evidence_sha256);
        let rubric = rubrics.of(&self.results, &card);
        Ok(Some(Judged { card, evidence, rubric }))
    }

    /// The evidence with this hash: the one that stands, or an earlier one.
    fn evidence(&self, team: &str, sha256: &str) -> Option<Evidence> {
        read_judged(&self.results, team, sha256).ok().map(|stored| stored.evidence)
    }
}

/// Rubrics as stored with the results, each read once.
#[derive(Default)]
pub(super) struct Rubrics {
    read: Vec<(std::path::PathBuf, String, Option<std::sync::Arc<Rubric>>)>,
}

impl Rubrics {
    fn of(&mut self, results: &Results, card: &Scorecard) -> Option<std::sync::Arc<Rubric>> {
        let (folder, id) = (results.course(), &card.rubric.id);
        if !self.read.iter().any(|(known, name, _)| *known == folder && name == id) {
            let mut library = Library::embedded();
            let rubric = library.add_folder(&folder).ok().and_then(|()| {
                let source = library.rubric(id)?.clone();
                let (rubric, problems) = Rubric::parse(id, &source, &library, &Engine::new());
                rubric.filter(|_| !problems.has_errors()).map(std::sync::Arc::new)
            });
            self.read.push((folder.clone(), id.clone(), rubric));
        }
        let found = self.read.iter().find(|(known, name, _)| *known == folder && name == id);
        // A rubric that was changed since is not the one that judged.
        found.and_then(|(_, _, rubric)| rubric.clone()).filter(|rubric| rubric.sha256() == card.rubric.sha256)
    }
}
