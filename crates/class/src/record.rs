//! The record of a class run on disk, `run.json`: begun, gone on with, written as teams are done.
//!
//! A run that is killed forgets which teams ended within its last second: they are collected again, and `store_evidence` keeps
//! what was read of them before.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::{Duration, Instant};

use stackmark_course::Rubric;
use stackmark_evidence::Reading;
use stackmark_evidence::files::AtPath as _;
use stackmark_evidence::git::Contribution;
use stackmark_judge::scorecard::RubricStamp;
use stackmark_render::Templates;
use stackmark_render::class::Class;

use crate::copies::{SharedFile, shared};
use crate::documents;
use crate::failure::Failure;
use crate::inputs::ClassRun;
use crate::overview::{self, Known};
use crate::run::{Run, SCHEMA, Status, TeamRun};
use crate::store::Results;
use crate::team;
use crate::voice::Voice;

/// After it was written, the record rests for so many times as long as that took: it has all teams, and is written for each.
const REST: u32 = 20;
/// It rests for no longer, whether or not another team ends: see [`Record::meanwhile`].
const LONGEST_REST: Duration = Duration::from_secs(1);

/// The record of the run that is under way. What was not written yet is when it is dropped, as when a run is stopped.
pub(crate) struct Record {
    run: Run,
    results: Results,
    /// What this run has read of the teams' files; the others' are in their evidence.
    contributions: BTreeMap<String, Contribution>,
    /// How many teams an interrupted run had done; 0 where none is gone on with.
    pub(crate) resumed: usize,
    /// Whether it is written after every team, since it goes on from this machine with each.
    after_each: bool,
    /// When it was written last, and how long that took.
    written: Option<(Instant, Duration)>,
    /// Whether it says more than what was written.
    unsaved: bool,
}

impl Drop for Record {
    fn drop(&mut self) {
        if self.unsaved {
            // Nobody is left to tell; teams that it does not have are collected again.
            let _ = self.save();
        }
    }
}

impl Record {
    /// Goes on with an interrupted run of the same inputs, or begins anew.
    ///
    /// Teams that are named are always graded, and the others then keep their entries, whatever they were graded with.
    pub(crate) fn open(class: &ClassRun, voice: &dyn Voice) -> Result<Self, Failure> {
        let new = begin(class);
        let mut record = Self::joined(new.clone(), class.results.clone());
        record.after_each = class.remote.is_some();
        let Some(earlier) = record.earlier(voice)? else { return Ok(record) };
        let same = earlier.has_inputs_of(&new);
        if class.only.is_empty() {
            // A shard that is run again has nothing left to do, but for what failed: engines do so with all of a class.
            let open = earlier.finished_at.is_none() || class.results.shard().is_some_and(|shard| shard.count() > 1);
            if same && earlier.renews == new.renews && open && !class.fresh {
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
            record.run.renews = earlier.renews;
        } else if record.run.teams.iter().any(|team| is_done(team, false)) {
            // Nothing goes on with a run whose teams were graded with different inputs.
            record.run.finished_at = Some(team::now());
            voice.note(
                "the other teams were graded with another roster, rubric or version; without names, all are graded again",
            );
        }
        Ok(record)
    }

    /// The record of what shards have recorded.
    pub(crate) fn joined(run: Run, results: Results) -> Self {
        Self {
            run,
            results,
            contributions: BTreeMap::new(),
            resumed: 0,
            after_each: false,
            written: None,
            unsaved: false,
        }
    }

    /// The record as it stands.
    pub(crate) fn run(&self) -> &Run {
        &self.run
    }

    /// The record itself.
    pub(crate) fn into_run(self) -> Run {
        self.run.clone()
    }

    /// What stands in `run.json`; a damaged one is set aside and said.
    fn earlier(&self, voice: &dyn Voice) -> Result<Option<Run>, Failure> {
        let path = self.results.run();
        if !path.exists() {
            return Ok(None);
        }
        match Run::read(&path) {
            Ok(run) => Ok(Some(run)),
            Err(why) => {
                let aside = path.with_extension("json.damaged");
                std::fs::rename(&path, &aside).at(&path)?;
                let (why, aside) = (why.message, aside.display());
                voice.note(&format!(
                    "{why}; it is set aside as {aside}, and a new record begun: no team counts as done"
                ));
                Ok(None)
            }
        }
    }

    /// Whether nothing is left to do for a team.
    pub(crate) fn is_done(&self, id: &str, judge: bool) -> bool {
        self.run.teams.iter().any(|team| team.id == id && is_done(team, judge))
    }

    /// When the run began, RFC 3339.
    pub(crate) fn started_at(&self) -> &str {
        &self.run.started_at
    }

    /// Puts a team's entry in, and writes the record if it has rested since it was written last.
    pub(crate) fn set(&mut self, entry: TeamRun) -> Result<(), Failure> {
        if let Some(slot) = self.run.teams.iter_mut().find(|team| team.id == entry.id) {
            *slot = entry;
        }
        self.unsaved = true;
        if self.after_each || self.rest().is_zero() { self.save() } else { Ok(()) }
    }

    /// How long it still rests.
    fn rest(&self) -> Duration {
        let left =
            |(at, took): (Instant, Duration)| took.saturating_mul(REST).min(LONGEST_REST).saturating_sub(at.elapsed());
        self.written.map_or(Duration::ZERO, left)
    }

    /// What `event` brings. What was not written yet is once the record has rested, however long the event lets wait: the last
    /// team may take an hour.
    ///
    /// # Errors
    /// The record cannot be written.
    pub(crate) async fn meanwhile<T>(&mut self, event: impl Future<Output = T>) -> Result<T, Failure> {
        let mut event = pin!(event);
        while self.unsaved {
            match tokio::time::timeout(self.rest(), event.as_mut()).await {
                Ok(brought) => return Ok(brought),
                Err(_) => self.save()?,
            }
        }
        Ok(event.await)
    }

    /// Keeps what the comparison of teams needs of one, whose evidence was at hand.
    pub(crate) fn keep(&mut self, team: &str, contribution: Contribution) {
        self.contributions.insert(team.to_owned(), contribution);
    }

    /// What the teams have in common, from all that is stored of them.
    pub(crate) fn compare(&mut self) -> &[SharedFile] {
        let stored = self.run.teams.iter().filter(|team| matches!(team.status, Status::Graded | Status::Collected));
        for team in stored {
            if !self.contributions.contains_key(&team.id)
                && let Ok(earlier) = team::read_evidence(&self.results, &team.id)
                && let Reading::Observed { value } = earlier.evidence.git.contribution
            {
                self.contributions.insert(team.id.clone(), value);
            }
        }
        let class = self.contributions.iter().map(|(team, contribution)| (team.as_str(), contribution));
        self.run.shared_files = shared(class);
        &self.run.shared_files
    }

    /// Writes the record, with its end where no team is left.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        let ended = |team: &TeamRun| matches!(team.status, Status::Graded | Status::Collected | Status::Failed);
        if self.run.finished_at.is_some() || self.run.teams.iter().all(ended) {
            self.run.finished_at = Some(team::now());
        }
        self.save()
    }

    /// Derives the marks from the scorecards and writes the record, `class.csv` and `class.html`.
    pub(crate) fn overview(&mut self, known: Known, rubric: &Rubric, templates: &Templates) -> Result<Class, Failure> {
        let class = overview::renew(&self.results, &mut self.run, known, rubric, templates)?;
        self.save()?;
        Ok(class)
    }

    /// Writes the record.
    pub(crate) fn save(&mut self) -> Result<(), Failure> {
        let begun = Instant::now();
        self.run.write(&self.results.run())?;
        self.written = Some((Instant::now(), begun.elapsed()));
        self.unsaved = false;
        Ok(())
    }
}

fn is_done(team: &TeamRun, judge: bool) -> bool {
    team.status == Status::Graded || (!judge && team.status == Status::Collected)
}

fn begin(class: &ClassRun) -> Run {
    let rubric = &class.rubric;
    Run {
        schema: SCHEMA.to_owned(),
        tool: documents::tool(),
        started_at: team::now(),
        finished_at: None,
        rubric: RubricStamp::of(rubric),
        roster_sha256: class.roster_sha256.clone(),
        mailmap_sha256: class.mailmap.1.clone(),
        renews: class.renew.words(),
        teams: class.roster.teams.iter().map(|team| TeamRun::pending(&team.id)).collect(),
        shared_files: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graded(id: &str) -> TeamRun {
        TeamRun { status: Status::Graded, ..TeamRun::pending(id) }
    }

    fn begun() -> Run {
        Run {
            schema: SCHEMA.to_owned(),
            tool: documents::tool(),
            started_at: team::now(),
            finished_at: None,
            rubric: RubricStamp {
                id: "r".to_owned(),
                title: "R".to_owned(),
                language: "en".to_owned(),
                sha256: String::new(),
            },
            roster_sha256: String::new(),
            mailmap_sha256: None,
            renews: None,
            teams: ["a", "b", "c"].map(TeamRun::pending).into(),
            shared_files: Vec::new(),
        }
    }

    fn statuses(results: &Results) -> Vec<Status> {
        Run::read(&results.run()).unwrap().teams.into_iter().map(|team| team.status).collect()
    }

    #[test]
    fn what_was_not_written_yet_is_when_the_record_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::at(folder.path());
        let written = || statuses(&results);
        let mut record = Record::joined(begun(), results.clone());
        record.set(graded("a")).unwrap();
        assert_eq!(written(), [Status::Graded, Status::Pending, Status::Pending], "nothing was written before");
        // As if it had only just been written, for as long as this test takes.
        record.written = Some((Instant::now() + Duration::from_secs(3600), LONGEST_REST));
        record.set(graded("b")).unwrap();
        assert_eq!(written(), [Status::Graded, Status::Pending, Status::Pending], "it rests");
        record.after_each = true;
        record.set(graded("b")).unwrap();
        assert_eq!(written(), [Status::Graded, Status::Graded, Status::Pending]);
        record.after_each = false;
        record.set(graded("c")).unwrap();
        drop(record);
        assert_eq!(written(), [Status::Graded, Status::Graded, Status::Graded]);
    }

    #[tokio::test]
    async fn what_was_not_written_yet_is_while_the_last_team_lets_wait() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::at(folder.path());
        let mut record = Record::joined(begun(), results.clone());
        record.save().unwrap();
        record.written = Some((Instant::now(), LONGEST_REST));
        record.set(graded("a")).unwrap();
        assert_eq!(statuses(&results)[0], Status::Pending, "it rests");
        let last = async {
            for _ in 0..200 {
                if statuses(&results)[0] == Status::Graded {
                    return "the last team";
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            "nobody wrote it"
        };
        assert_eq!(record.meanwhile(last).await.unwrap(), "the last team");
        // With nothing left to write, it only waits.
        assert_eq!(record.meanwhile(async { 7 }).await.unwrap(), 7);
    }
}
