//! A class run: collect, judge and render, team by team; one team's failure never stops the rest.

use std::sync::Arc;
use std::time::Instant;

use stackmark_collect::Settings;
use stackmark_collect::gate::Slot;
use stackmark_course::roster::TeamEntry;
use stackmark_evidence::git::Contribution;
use stackmark_evidence::{Evidence, Unreadable};
use stackmark_render::class::Summary;
use stackmark_render::terminal::ClassRow;
use tokio::sync::Semaphore;

use crate::appeals;
use crate::at_once;
use crate::copies::SharedFile;
use crate::documents::store_course;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::first_seen;
use crate::inputs::{ClassRun, refuse_unknown};
use crate::job::{Given, TeamJob};
use crate::late;
use crate::machine::{self, Machine};
use crate::measures;
use crate::members;
use crate::overview::{self, Known};
use crate::readings::{Families, Family};
use crate::record::Record;
use crate::run::{Status, TeamRun};
use crate::stamp::Basis;
use crate::store;
use crate::strays;
use crate::team::{self, Stored};
use crate::voice::Voice;
use crate::worker;

/// How a class run ended.
#[derive(Debug)]
pub struct Graded {
    /// A line for each team that was asked for, in the roster's order; empty if evidence was only collected.
    pub rows: Vec<ClassRow>,
    /// What stands in the way of all teams alike, in words.
    pub common: Vec<String>,
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
pub async fn grade_class(mut class: ClassRun, voice: Arc<dyn Voice>) -> Result<Graded, Failure> {
    refuse_unknown(&class.only, &class.roster)?;
    class.jobs = machine::fitting(&class, &Machine::here(), voice.as_ref())?;
    if class.judge {
        let ids: Vec<&str> = class.roster.teams.iter().map(|team| team.id.as_str()).collect();
        members::check(&class.results, &class.rubric, &ids, voice.as_ref())?;
        if class.results.shard().is_none() {
            let strays = strays::told(&class.results, &ids).into_iter().chain(strays::gone(&class.results, &ids));
            strays.for_each(|stray| voice.note(&stray));
        }
    }
    let mut record = Record::open(&class, voice.as_ref())?;
    if record.resumed > 0 {
        let done = if record.resumed == 1 {
            "1 team is done".to_owned()
        } else {
            format!("{} teams are done", record.resumed)
        };
        voice.note(&format!("going on with the run of {}: {done} (--fresh starts again)", record.started_at()));
    }
    store::sweep(class.results.root());
    store_course(&class.results, &class.course)?;
    let asked: Vec<TeamEntry> = class
        .roster
        .teams
        .iter()
        .filter(|team| class.only.is_empty() || class.only.contains(&team.id))
        .cloned()
        .collect();
    record.save()?;
    let basis = Basis::of(&class);
    let mut done = Done { known: Known::new(), notes: Vec::new(), exit: Exit::Graded };
    let mut waiting = Vec::new();
    for entry in &asked {
        match stored_before(&class, &record, &entry.id, voice.as_ref()) {
            Some(stored) if class.judge => {
                let made = Made::of(&class, &basis, &entry.id, Ok(stored), voice.as_ref());
                done.record(&mut record, &entry.id, made, voice.as_ref())?;
                class.publish(&entry.id).await?;
            }
            Some(_) => {}
            None => {
                let families = class.renew.of(&class.results, &entry.id);
                if families.is_empty() {
                    let stored = team::read_evidence(&class.results, &entry.id);
                    let made = Made::of(&class, &basis, &entry.id, stored, voice.as_ref());
                    done.record(&mut record, &entry.id, made, voice.as_ref())?;
                    class.publish(&entry.id).await?;
                } else {
                    waiting.push((entry.clone(), families));
                }
            }
        }
    }
    let mut pace = Pace::new(asked.len(), waiting.len());
    let slots = Arc::new(Semaphore::new(class.jobs));
    let class = Arc::new(class);
    let mut tasks = tokio::task::JoinSet::new();
    for (entry, families) in waiting {
        let (class, slots, voice) = (Arc::clone(&class), Arc::clone(&slots), Arc::clone(&voice));
        tasks.spawn(async move {
            let slot = Slot::take(slots).await;
            let id = entry.id.clone();
            let (progress, ended) = voice.line(&id);
            // A task of its own, so that even a panic costs one team only.
            let wanted = families.clone();
            let inner =
                tokio::spawn(
                    async move { collect_entry(&class, &entry, &wanted, slot, progress, voice.as_ref()).await },
                );
            let result = match inner.await {
                Ok(result) => result,
                Err(error) => Err(Failure::unexpected(format!("stackmark itself failed: {error}"))),
            };
            drop(ended);
            (id, families, result)
        });
    }
    while let Some(first) = record.meanwhile(tasks.join_next()).await? {
        let mut ended = vec![first.map_err(Failure::unexpected)?];
        // Where teams end faster than one processor judges them, several are judged at once; in S3 no record may tell of a
        // team before its files are there.
        while class.remote.is_none()
            && let Some(more) = tasks.try_join_next()
        {
            ended.push(more.map_err(Failure::unexpected)?);
        }
        let ids: Vec<String> = ended.iter().map(|(id, ..)| id.clone()).collect();
        let work = |(id, families, result): Ended, voice: &dyn Voice| {
            let stored = result.and_then(|(evidence, later)| store(&class, evidence, later, &families, voice));
            let made = Made::of(&class, &basis, &id, stored, voice);
            (id, made)
        };
        at_once::each(ended, voice.as_ref(), work, |(id, made)| done.record(&mut record, &id, made, voice.as_ref()))?;
        for id in &ids {
            class.publish(id).await?;
            pace.step(voice.as_ref());
        }
    }
    done.say_notes(voice.as_ref());
    let shared = record.compare().to_vec();
    record.finish()?;
    // The pages of a class are made when it is whole.
    if !class.judge || class.results.shard().is_some() {
        return Ok(Graded { rows: Vec::new(), common: Vec::new(), shared, exit: done.exit });
    }
    let seen = record.overview(done.known, &class.rubric, &class.templates)?;
    let teams: Vec<String> = class.roster.teams.iter().map(|team| team.id.clone()).collect();
    done.exit = done.exit.worse(appeals::tell(&class.results, &teams, &class.rubric, voice.as_ref()));
    let ids: Vec<String> = asked.into_iter().map(|entry| entry.id).collect();
    Ok(Graded { rows: overview::rows(&seen, &ids), common: seen.common, shared, exit: done.exit })
}

/// How fast teams are done.
struct Pace {
    of: usize,
    left: usize,
    done_now: u32,
    begun: Instant,
}

impl Pace {
    fn new(of: usize, left: usize) -> Self {
        Self { of, left, done_now: 0, begun: Instant::now() }
    }

    /// One more is done. The first few say nothing of the pace: the quick ones end first.
    fn step(&mut self, voice: &dyn Voice) {
        const FIRST: u32 = 2;
        self.left = self.left.saturating_sub(1);
        self.done_now += 1;
        let left = u32::try_from(self.left).unwrap_or(u32::MAX);
        let each = self.begun.elapsed() / self.done_now;
        let to_go = (self.done_now >= FIRST && self.left > 0).then(|| each.saturating_mul(left));
        voice.done(self.of.saturating_sub(self.left), self.of, to_go);
    }
}

/// What is known of the teams that this run is done with.
struct Done {
    known: Known,
    /// Which readings are of an earlier collection, a line each.
    notes: Vec<String>,
    exit: Exit,
}

impl Done {
    /// Says which earlier readings are used: when AWS is down, it is down for forty teams alike.
    fn say_notes(&self, voice: &dyn Voice) {
        const SHOWN: usize = 6;
        self.notes.iter().take(SHOWN).for_each(|note| voice.note(note));
        let more = self.notes.len().saturating_sub(SHOWN);
        if more > 0 {
            voice.note(&format!("and {more} more earlier readings are used: class.html and the reports say which"));
        }
    }

    /// Records what was made of a team.
    fn record(&mut self, record: &mut Record, id: &str, made: Made, voice: &dyn Voice) -> Result<(), Failure> {
        if let Some(contribution) = made.contribution {
            record.keep(id, contribution);
        }
        self.notes.extend(made.notes);
        if made.unread {
            // The mark rests on an earlier reading; that this run could not read is said all the same.
            self.exit = self.exit.worse(Exit::Unreadable);
        }
        let entry = match made.judged {
            Ok((entry, summary)) => {
                self.known.extend(summary.map(|summary| (id.to_owned(), summary)));
                entry
            }
            Err(failure) => {
                self.exit = self.exit.worse(failure.exit);
                voice.error(&format!("team {id}: {}", failure.message));
                self.known.insert(id.to_owned(), Summary::failed(id, &failure.message));
                TeamRun::failed(id, failure.message)
            }
        };
        if entry.undetermined > 0 {
            self.exit = self.exit.worse(Exit::Unreadable);
        }
        record.set(entry)
    }
}

/// A team that was collected: its id, what was collected anew, and its evidence, in time and late.
type Ended = (String, Families, Result<(Evidence, Option<Evidence>), Failure>);

/// Stores what was collected of a team.
fn store(
    class: &ClassRun,
    evidence: Evidence,
    later: Option<Evidence>,
    families: &Families,
    voice: &dyn Voice,
) -> Result<Stored, Failure> {
    // Late work is counted up to when it was read, and is not in the evidence in time.
    let may_stand = !class.fresh && class.rubric.late.is_none();
    let stored = team::store_evidence(&class.results, evidence, families, (class.renew.newest, may_stand), voice)?;
    for seen in [Some(&stored.evidence), later.as_ref()].into_iter().flatten() {
        first_seen::keep(&class.results, seen)?;
    }
    late::store(&class.results, &stored, later, families, class.renew.newest)?;
    Ok(stored)
}

/// What was made of a team, without its evidence.
struct Made {
    /// What the comparison of teams needs of it.
    contribution: Option<Contribution>,
    /// Which of its readings are of an earlier collection.
    notes: Vec<String>,
    /// Whether this run could not read what an earlier one had read.
    unread: bool,
    judged: Result<(TeamRun, Option<Summary>), Failure>,
}

impl Made {
    /// Judges and renders what is stored, unless evidence is only collected.
    fn of(class: &ClassRun, basis: &Basis, id: &str, stored: Result<Stored, Failure>, voice: &dyn Voice) -> Self {
        let stored = match stored {
            Ok(stored) => stored,
            Err(failure) => return Self { contribution: None, notes: Vec::new(), unread: false, judged: Err(failure) },
        };
        let judge = || -> Result<(TeamRun, Option<Summary>), Failure> {
            if !class.judge {
                return Ok((TeamRun { status: Status::Collected, ..TeamRun::pending(id) }, None));
            }
            let best = team::judge_what_changed(class, &stored, basis, voice)?;
            let seen = best.evidence(&stored.evidence);
            Ok((TeamRun::graded(&best.card), Some(Summary::graded(&best.card, seen, &class.rubric.signs))))
        };
        let judged = judge();
        let contribution = stored.evidence.git.contribution.value().cloned();
        Self { contribution, notes: stored.notes, unread: stored.unread, judged }
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
    if class.fresh || class.renew.unread || class.only.contains(id) {
        return None;
    }
    // Few have any such failure, and all that is read of a team is long.
    let text = store::read(&class.results.team(id, "evidence.json")).ok()?;
    if !worker::may_tell_of_an_end(&text) {
        return None;
    }
    let earlier = team::read_evidence(&class.results, id).ok()?.evidence;
    let failure = worker::stands(&earlier, &job.repository)?.clone();
    voice.note(&format!(
        "team {id}: its repository is not read again, since it could not be on {}; to try it, name the team, or use --unread or --fresh",
        earlier.collected_at
    ));
    Some(failure)
}

/// One team's evidence, and that of the last commit by the cutoff where late work may count.
async fn collect_entry(
    class: &ClassRun,
    entry: &TeamEntry,
    families: &Families,
    slot: Slot,
    progress: stackmark_collect::SharedProgress,
    voice: &dyn Voice,
) -> Result<(Evidence, Option<Evidence>), Failure> {
    let disruption = class.disruptive.of(entry.allow_disruptive);
    let job = TeamJob::of_entry(entry, &class.base, &class.mailmap.0, &Given::default()).seen_in(&class.results);
    let mut job = TeamJob { disruption, ..job };
    job.not_again = not_again(class, &job, voice);
    let due = entry.deadline.map(|due| due.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let measures = class.results.team(&entry.id, measures::FILE);
    if class.fresh {
        // Nothing may be kept, and what cannot be removed is written anew.
        let _ = std::fs::remove_file(&measures);
    }
    let settings = &Settings { slot, measures: Some(measures), ..class.settings.clone() };
    let rubric = &class.rubric;
    let Some(policy) = &rubric.late else {
        let evidence = team::collect_families(job, rubric, families, settings, progress).await?;
        return Ok((Evidence { due, ..evidence }, None));
    };
    let later = late::by_cutoff(&job, policy);
    let job = late::in_time(job, policy);
    let evidence = team::collect_families(job, rubric, families, settings, Arc::clone(&progress)).await?;
    let repository: Families = families.iter().copied().filter(|it| Family::REPOSITORY.contains(it)).collect();
    let later = match later.filter(|_| !repository.is_empty() && late::is_more_after(&evidence)) {
        // Another deadline, which would take the place of what is kept.
        Some(job) => {
            let settings = &Settings { measures: None, ..settings.clone() };
            Some(team::collect_families(job, rubric, &repository, settings, progress).await?)
        }
        None => None,
    };
    let later = later.map(|later| Evidence { due: due.clone(), ..later });
    Ok((Evidence { due, ..evidence }, later))
}
