//! The record of a class run on disk, `run.json`: begun, gone on with, written after every team.

use super::grade::ClassRun;
use super::output::Output;
use super::{Failure, course, team};
use stackmark_class::copies::{SharedFile, shared};
use stackmark_class::run::{Run, SCHEMA, Status, TeamRun};
use stackmark_class::store::{self, Results};
use stackmark_evidence::Evidence;
use stackmark_judge::scorecard::RubricStamp;

/// The record of the run that is under way.
pub(super) struct Record {
    run: Run,
    results: Results,
    /// How many teams an interrupted run had done; 0 where none is gone on with.
    pub(super) resumed: usize,
}

impl Record {
    /// Goes on with an interrupted run of the same inputs, or begins anew.
    ///
    /// Teams that are named are always graded, and the others then keep their entries, whatever they were graded with.
    pub(super) fn open(class: &ClassRun, output: &Output) -> Result<Self, Failure> {
        let new = begin(class);
        let mut record = Self { run: new.clone(), results: class.results.clone(), resumed: 0 };
        let Some(earlier) = record.earlier(output)? else { return Ok(record) };
        let same = earlier.has_inputs_of(&new);
        if class.only.is_empty() {
            if same && earlier.finished_at.is_none() && !class.fresh {
                record.resumed = earlier.teams.iter().filter(|team| is_done(team, class.judge)).count();
                record.run = earlier;
            }
            return Ok(record);
        }
        for team in record.run.teams.iter_mut().filter(|team| !class.only.contains(&team.id)) {
            if let Some(known) = earlier.teams.iter().find(|known| known.id == team.id) {
                team.clone_from(known);
            }
        }
        if same {
            record.run.started_at = earlier.started_at;
        } else if record.run.teams.iter().any(|team| is_done(team, false)) {
            // Nothing goes on with a run whose teams were graded with different inputs.
            record.run.finished_at = Some(team::now());
            output.note(
                "the other teams were graded with another roster, rubric or version; without names, all are graded again",
            );
        }
        Ok(record)
    }

    /// What stands in `run.json`; a damaged one is set aside and said.
    fn earlier(&self, output: &Output) -> Result<Option<Run>, Failure> {
        let path = self.results.run();
        if !path.exists() {
            return Ok(None);
        }
        let read = store::read(&path).map_err(|error| error.to_string()).and_then(|text| {
            let run: Run = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            let known = run.schema == SCHEMA;
            known.then_some(run).ok_or_else(|| format!("{}: its format is not {SCHEMA}", path.display()))
        });
        match read {
            Ok(run) => Ok(Some(run)),
            Err(why) => {
                let aside = path.with_extension("json.damaged");
                std::fs::rename(&path, &aside)?;
                let aside = aside.display();
                output.note(&format!(
                    "{why}; it is set aside as {aside}, and a new record begun: no team counts as done"
                ));
                Ok(None)
            }
        }
    }

    /// Whether nothing is left to do for a team.
    pub(super) fn is_done(&self, id: &str, judge: bool) -> bool {
        self.run.teams.iter().any(|team| team.id == id && is_done(team, judge))
    }

    /// When the run began, RFC 3339.
    pub(super) fn started_at(&self) -> &str {
        &self.run.started_at
    }

    /// The entries of these teams, in the roster's order.
    pub(super) fn teams(&self, ids: &[&str]) -> Vec<&TeamRun> {
        self.run.teams.iter().filter(|team| ids.contains(&team.id.as_str())).collect()
    }

    /// Puts a team's entry in and writes the record.
    pub(super) fn set(&mut self, entry: TeamRun) -> Result<(), Failure> {
        if let Some(slot) = self.run.teams.iter_mut().find(|team| team.id == entry.id) {
            *slot = entry;
        }
        self.save()
    }

    /// What the teams have in common, from all that is stored of them.
    pub(super) fn compare(&mut self) -> &[SharedFile] {
        let stored: Vec<Evidence> = (self.run.teams.iter())
            .filter(|team| matches!(team.status, Status::Graded | Status::Collected))
            .filter_map(|team| Some(team::read_evidence(&self.results, &team.id).ok()?.evidence))
            .collect();
        let class = stored.iter().filter_map(|one| Some((one.team.id.as_str(), one.git.contribution.value()?)));
        self.run.shared_files = shared(class);
        &self.run.shared_files
    }

    /// Writes the record, with its end where no team is left.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let ended = |team: &TeamRun| matches!(team.status, Status::Graded | Status::Collected | Status::Failed);
        if self.run.finished_at.is_some() || self.run.teams.iter().all(ended) {
            self.run.finished_at = Some(team::now());
        }
        self.save()
    }

    /// Writes the record.
    pub(super) fn save(&self) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(&self.run)?;
        Ok(store::write(&self.results.run(), &format!("{text}\n"))?)
    }
}

fn is_done(team: &TeamRun, judge: bool) -> bool {
    team.status == Status::Graded || (!judge && team.status == Status::Collected)
}

fn begin(class: &ClassRun) -> Run {
    let rubric = &class.rubric;
    Run {
        schema: SCHEMA.to_owned(),
        tool: course::tool(),
        started_at: team::now(),
        finished_at: None,
        rubric: RubricStamp {
            id: rubric.id.clone(),
            title: rubric.title.clone(),
            language: rubric.language.clone(),
            sha256: rubric.sha256(),
        },
        roster_sha256: class.roster_sha256.clone(),
        mailmap_sha256: class.mailmap.1.clone(),
        teams: class.roster.teams.iter().map(|team| TeamRun::pending(&team.id)).collect(),
        shared_files: Vec::new(),
    }
}
