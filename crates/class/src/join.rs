//! The shards of a class become one: its record, and what needs more than one team.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stackmark_course::{Roster, Rubric};
use stackmark_evidence::files::AtPath as _;
use stackmark_render::{Templates, json};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::overview::Known;
use crate::part::Shard;
use crate::record::Record;
use crate::run::{Run, Status, TeamRun};
use crate::store::{self, Results};
use crate::voice::Voice;

/// What is joined.
#[derive(Debug)]
pub struct Joining<'a> {
    /// All teams of the class, in order.
    pub roster: &'a Roster,
    /// SHA-256 of its text.
    pub roster_sha256: &'a str,
    /// Results that the shards have written.
    pub results: &'a Results,
    /// The rubric that they were graded by.
    pub rubric: &'a Rubric,
    /// Templates, the user's before the built-in ones.
    pub templates: &'a Templates,
}

/// How a class stands.
#[derive(Debug)]
pub struct Joined {
    /// The record, as written.
    pub run: Run,
    /// Shards that have not recorded all their teams.
    pub unfinished: Vec<Shard>,
    /// The exit code that the teams ask for; unexpected if some are not done.
    pub exit: Exit,
}

/// Joins what the shards have recorded into `run.json`, and compares the teams. No team is graded.
///
/// # Errors
/// No shard is there, they are not of one division, or were graded with different inputs; a file cannot be read or
/// written.
pub fn join(asked: &Joining<'_>, voice: &dyn Voice) -> Result<Joined, Failure> {
    let results = asked.results;
    let (shards, mut parts) = read_parts(results, voice)?;
    let Some((first_shard, first)) = parts.first().cloned() else { return Err(no_shard(results)) };
    if let Some((other, _)) = parts.iter().find(|(_, run)| !run.has_inputs_of(&first)) {
        return Err(Failure::usage(format!(
            "shard {other} was graded with another roster, rubric, mailmap or version than shard {first_shard}: run both \
             again with the same"
        )));
    }
    if first.roster_sha256 != asked.roster_sha256 {
        return Err(Failure::usage(
            "the shards were graded with another roster than this one: name theirs with --roster",
        ));
    }
    let done = |run: &Run| run.finished_at.is_some();
    let unfinished: Vec<Shard> = (0..shards)
        .filter_map(|index| Shard::new(index, shards))
        .filter(|shard| !parts.iter().any(|(known, run)| known == shard && done(run)))
        .collect();
    let started_at = parts.iter().map(|(_, run)| run.started_at.clone()).min().unwrap_or_default();
    let finished_at =
        if unfinished.is_empty() { parts.iter().filter_map(|(_, run)| run.finished_at.clone()).max() } else { None };
    let mut known: BTreeMap<String, TeamRun> =
        parts.iter_mut().flat_map(|(_, run)| run.teams.drain(..)).map(|team| (team.id.clone(), team)).collect();
    let teams = asked.roster.teams.iter().map(|entry| match known.remove(&entry.id) {
        Some(team) => as_it_stands(results, team),
        None => TeamRun::pending(&entry.id),
    });
    let run = Run { started_at, finished_at, teams: teams.collect(), shared_files: Vec::new(), ..first };
    copy_tree(&results.of_shard(first_shard).course(), &results.course())?;
    let mut record = Record::joined(run, results.clone());
    record.compare();
    if judged(&record) {
        record.overview(Known::new(), asked.rubric, asked.templates)?;
    } else {
        record.save()?;
    }
    let run = record.into_run();
    let exit = run.teams.iter().fold(Exit::Graded, |exit, team| {
        exit.worse(match team.status {
            Status::Pending | Status::Failed => Exit::Unexpected,
            Status::Graded if team.undetermined > 0 => Exit::Unreadable,
            Status::Graded | Status::Collected => Exit::Graded,
        })
    });
    Ok(Joined { run, unfinished, exit })
}

/// The folder with the rubric and the checks that the shards have used, and the rubric's id.
///
/// # Errors
/// As [`join`], where no shard is there.
pub fn course_of(results: &Results, voice: &dyn Voice) -> Result<(PathBuf, String), Failure> {
    match read_parts(results, voice)?.1.into_iter().next() {
        Some((shard, run)) => Ok((results.of_shard(shard).course(), run.rubric.id)),
        None => Err(no_shard(results)),
    }
}

fn no_shard(results: &Results) -> Failure {
    Failure::usage(format!("no shard has written a record to {}: grade with --shard I/N first", results.name()))
}

/// Whether a team was graded: evidence that is only collected has no page.
fn judged(record: &Record) -> bool {
    record.run().teams.iter().any(|team| team.status == Status::Graded)
}

/// The number of shards, and the record of each that has one, in order.
fn read_parts(results: &Results, voice: &dyn Voice) -> Result<(usize, Vec<(Shard, Run)>), Failure> {
    let mut shards: Vec<Shard> = results.shards()?.iter().filter_map(|name| Shard::of_folder(name)).collect();
    shards.sort();
    let count = shards.first().map_or(0, |shard| shard.count());
    if let Some(other) = shards.iter().find(|shard| shard.count() != count) {
        return Err(Failure::usage(format!(
            "{} has shards of {count} and of {}: remove those of the division that does not count",
            results.name(),
            other.count()
        )));
    }
    let mut parts = Vec::new();
    for shard in shards {
        match Run::read(&results.of_shard(shard).run()) {
            Ok(run) => parts.push((shard, run)),
            Err(failure) => voice.note(&format!("shard {shard} has no record: {}", failure.message)),
        }
    }
    Ok((count, parts))
}

/// A team's entry with the mark of its scorecard, which somebody may have judged again since.
fn as_it_stands(results: &Results, team: TeamRun) -> TeamRun {
    if team.status != Status::Graded {
        return team;
    }
    let path = results.team(&team.id, "scorecard.json");
    let card = store::read(&path)
        .map_err(|error| error.to_string())
        .and_then(|text| json::read_scorecard(&text).map_err(|error| format!("{}: {error}", path.display())));
    match card {
        Ok(card) => TeamRun::graded(&card),
        Err(message) => TeamRun::failed(&team.id, message),
    }
}

/// Copies the text files below a folder.
fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from).at(from)? {
        let path = entry.at(from)?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            copy_tree(&path, &to.join(name))?;
        } else {
            store::write(&to.join(name), &store::read(&path)?)?;
        }
    }
    Ok(())
}
