//! A class run: collect, judge and render, team by team; one team's failure never stops the rest.

use std::collections::BTreeMap;
use std::sync::Arc;

use stackmark_course::roster::TeamEntry;
use stackmark_evidence::{Evidence, Unreadable};
use stackmark_render::terminal::ClassRow;
use tokio::sync::Semaphore;

use crate::copies::SharedFile;
use crate::documents::store_course;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs::{ClassRun, refuse_unknown};
use crate::job::{Given, TeamJob};
use crate::record::Record;
use crate::run::{Status, TeamRun};
use crate::team::{self, Stored, class_row, failed_row};
use crate::voice::Voice;
use crate::worker;

/// How a class run ended.
#[derive(Debug)]
pub struct Graded {
    /// A line for each team that was asked for, in the roster's order; empty if evidence was only collected.
    pub rows: Vec<ClassRow>,
    /// Files that several teams have, the longest first.
    pub shared: Vec<SharedFile>,
    /// The exit code that the teams ask for.
    pub exit: Exit,
}

/// Collects, judges and renders the teams of a class.
///
/// # Errors
/// An unknown team, or results that cannot be written. What goes wrong with one team is said and recorded, and the others
/// go on.
pub async fn grade_class(class: ClassRun, voice: Arc<dyn Voice>) -> Result<Graded, Failure> {
    refuse_unknown(&class.only, &class.roster)?;
    let mut record = Record::open(&class, voice.as_ref())?;
    if record.resumed > 0 {
        let done = if record.resumed == 1 {
            "1 team is done".to_owned()
        } else {
            format!("{} teams are done", record.resumed)
        };
        voice.note(&format!("going on with the run of {}: {done} (--fresh starts anew)", record.started_at()));
    }
    store_course(&class.results, &class.course)?;
    let asked: Vec<TeamEntry> = class
        .roster
        .teams
        .iter()
        .filter(|team| class.only.is_empty() || class.only.contains(&team.id))
        .cloned()
        .collect();
    record.save()?;
    let mut done = Done { rows: BTreeMap::new(), exit: Exit::Graded };
    let mut waiting = Vec::new();
    for entry in &asked {
        match stored_before(&class, &record, &entry.id, voice.as_ref()) {
            Some(stored) if class.judge => done.finish(&class, &mut record, &entry.id, Ok(stored), voice.as_ref())?,
            Some(_) => {}
            None => waiting.push(entry.clone()),
        }
    }
    let slots = Arc::new(Semaphore::new(class.jobs));
    let class = Arc::new(class);
    let mut tasks = tokio::task::JoinSet::new();
    for entry in waiting {
        let (class, slots, voice) = (Arc::clone(&class), Arc::clone(&slots), Arc::clone(&voice));
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            let id = entry.id.clone();
            let (progress, ended) = voice.line(&id);
            // A task of its own, so that even a panic costs one team only.
            let inner = tokio::spawn(async move { collect_entry(&class, &entry, progress, voice.as_ref()).await });
            let result = match inner.await {
                Ok(result) => result,
                Err(error) => Err(Failure::unexpected(format!("stackmark itself failed: {error}"))),
            };
            drop(ended);
            (id, result)
        });
    }
    while let Some(joined) = tasks.join_next().await {
        let (id, result) = joined.map_err(Failure::unexpected)?;
        let stored = result.and_then(|evidence| team::store_evidence(&class.results, evidence, voice.as_ref()));
        done.finish(&class, &mut record, &id, stored, voice.as_ref())?;
    }
    let shared = record.compare().to_vec();
    record.finish()?;
    let rows =
        if class.judge { asked.iter().filter_map(|entry| done.rows.remove(&entry.id)).collect() } else { Vec::new() };
    Ok(Graded { rows, shared, exit: done.exit })
}

/// What is known of the teams that this run is done with.
struct Done {
    rows: BTreeMap<String, ClassRow>,
    exit: Exit,
}

impl Done {
    /// Judges what is stored, unless evidence is only collected, and records it.
    fn finish(
        &mut self,
        class: &ClassRun,
        record: &mut Record,
        id: &str,
        stored: Result<Stored, Failure>,
        voice: &dyn Voice,
    ) -> Result<(), Failure> {
        let judged = stored.and_then(|stored| {
            record.keep(&stored.evidence);
            if !class.judge {
                return Ok((TeamRun { status: Status::Collected, ..TeamRun::pending(id) }, None));
            }
            let card = team::judge_and_render(&class.results, &stored, &class.rubric, None, &class.templates, voice)?;
            Ok((TeamRun::graded(&card), Some(class_row(&card, &stored.evidence))))
        });
        let entry = match judged {
            Ok((entry, row)) => {
                self.rows.extend(row.map(|row| (id.to_owned(), row)));
                entry
            }
            Err(failure) => {
                self.exit = self.exit.worse(failure.exit);
                voice.error(&format!("team {id}: {}", failure.message));
                self.rows.insert(id.to_owned(), failed_row(id, &failure.message));
                TeamRun::failed(id, failure.message)
            }
        };
        if entry.undetermined > 0 {
            self.exit = self.exit.worse(Exit::Unreadable);
        }
        record.set(entry)
    }
}

/// What an interrupted run has stored of a team, to be judged again since a person may have decided something in between;
/// `None` if it has to be collected.
fn stored_before(class: &ClassRun, record: &Record, id: &str, voice: &dyn Voice) -> Option<Stored> {
    if !record.is_done(id, class.judge) {
        return None;
    }
    match team::read_evidence(&class.results, id) {
        Ok(stored) => Some(stored),
        Err(failure) => {
            voice.note(&format!("team {id} is collected again: {}", failure.message));
            None
        }
    }
}

/// What ended the process that read a team's repository before; nothing where the user asks for it to be read anew.
fn not_again(class: &ClassRun, job: &TeamJob, voice: &dyn Voice) -> Option<Unreadable> {
    let id = &job.team.id;
    if class.fresh || class.only.contains(id) {
        return None;
    }
    let earlier = team::read_evidence(&class.results, id).ok()?.evidence;
    let failure = worker::stands(&earlier, &job.repository)?.clone();
    voice.note(&format!(
        "team {id}: its repository is not read again, since it could not be on {}; to try it, name the team or use --fresh",
        earlier.collected_at
    ));
    Some(failure)
}

async fn collect_entry(
    class: &ClassRun,
    entry: &TeamEntry,
    progress: stackmark_collect::SharedProgress,
    voice: &dyn Voice,
) -> Result<Evidence, Failure> {
    let disruption = class.disruptive.of(entry.allow_disruptive);
    let mut job = TeamJob { disruption, ..TeamJob::of_entry(entry, &class.base, &class.mailmap.0, &Given::default()) };
    job.not_again = not_again(class, &job, voice);
    team::collect(job, &class.rubric, &class.settings, progress).await
}
