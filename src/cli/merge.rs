//! `stackmark merge`: the shards of a class become one.

use std::path::PathBuf;
use std::sync::Arc;

use stackmark_class::join::{Joining, course_of, join};
use stackmark_class::members::{FACTORS, SUGGESTED};
use stackmark_class::run::{Run, Status};
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Remote, Voice as _, documents};
use stackmark_course::Roster;
use stackmark_language::expression::Engine;

use super::options::Shared;
use super::output::Output;
use super::places::{self, Course};
use super::runtime;

/// Options of `stackmark merge`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Roster of the shards, or its s3:// address
    #[arg(long, value_name = "FILE", default_value = "roster.toml")]
    roster: PathBuf,
    /// Results folder, or s3://BUCKET/PREFIX
    #[arg(short, long, alias = "results", value_name = "DIR", default_value = "results")]
    out: PathBuf,
}

/// Runs the command.
pub(super) fn run(args: &Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let runtime = runtime()?;
    let course = runtime.block_on(Course::of(&args.roster, &shared.library))?;
    let (roster, sha256) = documents::roster(&course.roster, output)?;
    let (results, remote) = runtime.block_on(places::open(&args.out))?;
    let class = Class { roster: &roster, roster_sha256: &sha256, library: &course.library };
    runtime.block_on(join_all(class, &results, remote.as_ref(), output))
}

/// What is joined, but for the results.
#[derive(Debug, Clone, Copy)]
pub(super) struct Class<'a> {
    pub(super) roster: &'a Roster,
    pub(super) roster_sha256: &'a str,
    /// Folders of the library, for templates.
    pub(super) library: &'a [PathBuf],
}

/// Joins what is stored, in S3 as well, and prints how the class stands.
pub(super) async fn join_all(
    class: Class<'_>,
    results: &Results,
    remote: Option<&Arc<Remote>>,
    output: &Output,
) -> Result<Exit, Failure> {
    if let Some(remote) = remote {
        remote
            .pull(&["shards/", "teams/", "course/", "class.", "factors", "run.json"].map(str::to_owned), is_needed)
            .await?;
    }
    let (course, rubric) = course_of(results, output)?;
    let mut library = documents::library(class.library)?;
    library.add_folder(&course)?;
    let rubric = documents::rubric(&rubric, &mut library, &Engine::new(), output)?;
    let templates = documents::templates(&library)?;
    let Class { roster, roster_sha256, .. } = class;
    let asked = Joining { roster, roster_sha256, results, rubric: &rubric, templates: &templates };
    let joined = join(&asked, output)?;
    if let Some(remote) = remote {
        // The record last: it tells of the others.
        for path in
            [results.course(), results.class("csv"), results.class("html"), results.of_class(SUGGESTED), results.run()]
        {
            remote.push(&path).await?;
        }
    }
    output.result(&standing(&joined.run))?;
    for line in failures(&joined.run) {
        output.note(&line);
    }
    if !joined.unfinished.is_empty() {
        let shards: Vec<String> = joined.unfinished.iter().map(ToString::to_string).collect();
        output.note(&format!("not all teams are recorded; run these shards again: {}", shards.join(", ")));
    }
    output.note(&format!("record: {}/run.json", results.name()));
    Ok(joined.exit)
}

/// The objects that joining reads or replaces.
fn is_needed(key: &str) -> bool {
    matches!(
        key.split('/').collect::<Vec<_>>().as_slice(),
        ["teams", _, "evidence.json" | "evidence-late.json" | "scorecard.json"]
            | ["shards", _, "run.json"]
            | ["shards", _, "course", ..]
            | ["course", ..]
            | ["run.json" | "class.csv" | "class.html" | FACTORS | SUGGESTED]
    )
}

/// How the class stands, in a line.
fn standing(run: &Run) -> String {
    let count = |status: Status| run.teams.iter().filter(|team| team.status == status).count();
    let mut parts = Vec::new();
    for (status, word) in [
        (Status::Graded, "graded"),
        (Status::Collected, "collected"),
        (Status::Failed, "failed"),
        (Status::Pending, "not done"),
    ] {
        let teams = count(status);
        if teams > 0 {
            parts.push(format!("{teams} {word}"));
        }
    }
    let unread = run.teams.iter().filter(|team| team.undetermined > 0).count();
    let unread = if unread > 0 { format!("; {unread} with evidence that could not be read") } else { String::new() };
    let teams = if run.teams.len() == 1 { "1 team".to_owned() } else { format!("{} teams", run.teams.len()) };
    format!("{teams}: {}{unread}\n", parts.join(", "))
}

/// The first teams that failed, with why.
fn failures(run: &Run) -> impl Iterator<Item = String> {
    const SHOWN: usize = 20;
    let failed = run.teams.iter().filter(|team| team.status == Status::Failed);
    failed.take(SHOWN).map(|team| format!("team {}: {}", team.id, team.error.as_deref().unwrap_or("it failed")))
}
