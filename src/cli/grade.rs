//! `stackmark grade` and `stackmark collect`: every team of a roster.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;

use super::options::{Disruptive, Network, Shared};
use super::output::Output;
use super::record::Record;
use super::team::Stored;
use super::{Exit, Failure, course, runtime, team};
use stackmark_aws::AwsAccess;
use stackmark_class::copies::SharedFile;
use stackmark_class::run::{Status, TeamRun};
use stackmark_class::schedule::TeamJob;
use stackmark_class::store::Results;
use stackmark_collect::Disruption;
use stackmark_collect::Settings;
use stackmark_course::Rubric;
use stackmark_course::roster::{Roster, TeamEntry};
use stackmark_evidence::{Evidence, MembersFrom, Team};
use stackmark_history::Mailmap;
use stackmark_history::RepositorySource;
use stackmark_language::expression::Engine;
use stackmark_render::{Templates, terminal};

/// Options of `stackmark grade`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    run: RunArgs,
}

/// Options of `stackmark collect`.
#[derive(Debug, clap::Args)]
pub(super) struct CollectArgs {
    #[command(flatten)]
    run: RunArgs,
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// Ids of the teams, which are then read anew; all of the roster where none is given
    teams: Vec<String>,
    /// The roster
    #[arg(long, value_name = "FILE", default_value = "roster.toml")]
    roster: PathBuf,
    /// Name of a rubric, or path of a .toml file; the roster's where it is not given
    #[arg(long)]
    rubric: Option<String>,
    /// Mailmap that tells whose the authors are that the roster does not know; the roster's where it is not given
    #[arg(long, value_name = "FILE")]
    mailmap: Option<PathBuf>,
    /// Folder for the results
    #[arg(short, long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Teams at the same time
    #[arg(short, long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: u16,
    /// Start anew, even where an earlier run of the same inputs was interrupted
    #[arg(long)]
    fresh: bool,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    disruptive: Disruptive,
}

/// What a class run is made of; `stackmark demo` makes one of its own.
pub(super) struct ClassRun {
    /// The valid roster.
    pub(super) roster: Roster,
    /// SHA-256 of its text.
    pub(super) roster_sha256: String,
    /// The instructor's mailmap, with the SHA-256 of its text.
    pub(super) mailmap: (Mailmap, Option<String>),
    /// Paths of repositories in the roster start here.
    pub(super) base: PathBuf,
    /// Ids of the teams; all where it is empty.
    pub(super) only: Vec<String>,
    /// The valid rubric.
    pub(super) rubric: Rubric,
    /// Templates, the user's before the built-in ones.
    pub(super) templates: Templates,
    /// Where results go.
    pub(super) results: Results,
    /// Teams at the same time.
    pub(super) jobs: usize,
    /// Forget an interrupted run.
    pub(super) fresh: bool,
    /// Judge and render as well.
    pub(super) judge: bool,
    /// For the collectors.
    pub(super) settings: Settings,
    /// Whether instances may be ended, where the roster allows it.
    pub(super) disruptive: Disruptive,
}

/// Runs `stackmark grade`.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    start(args.run, true, shared, output)
}

/// Runs `stackmark collect`.
pub(super) fn run_collect(args: CollectArgs, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    start(args.run, false, shared, output)
}

fn start(args: RunArgs, judge: bool, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let mut library = course::library(shared)?;
    let (roster, roster_sha256) = course::roster(&args.roster, output)?;
    let name = args.rubric.clone().or_else(|| roster.rubric.clone()).ok_or_else(|| {
        Failure::usage(
            "no rubric: give --rubric NAME, or put rubric = \"…\" into the roster; `stackmark rubric list` lists them",
        )
    })?;
    let rubric = course::rubric(&name, &mut library, &Engine::new(), output)?;
    let templates = team::templates(&library)?;
    let mailmap = course::mailmap(args.mailmap.as_deref(), Some((&args.roster, &roster)), output)?;
    let base = course::folder_of(&args.roster).to_owned();
    let class = ClassRun {
        roster,
        roster_sha256,
        mailmap,
        base,
        only: args.teams,
        rubric,
        templates,
        results: Results::at(args.out),
        jobs: usize::from(args.jobs),
        fresh: args.fresh,
        judge,
        settings: args.network.settings(),
        disruptive: args.disruptive,
    };
    runtime()?.block_on(grade_class(class, output))
}

/// Collects, judges and renders; one team's failure never stops the rest.
pub(super) async fn grade_class(class: ClassRun, output: &Output) -> Result<Exit, Failure> {
    refuse_unknown(&class.only, &class.roster)?;
    let mut record = Record::open(&class, output)?;
    if record.resumed > 0 {
        let done = if record.resumed == 1 {
            "1 team is done".to_owned()
        } else {
            format!("{} teams are done", record.resumed)
        };
        output.note(&format!("going on with the run of {}: {done} (--fresh starts anew)", record.started_at()));
    }
    team::store_course(&class.results, &class.rubric)?;
    let asked: Vec<TeamEntry> = class
        .roster
        .teams
        .iter()
        .filter(|team| class.only.is_empty() || class.only.contains(&team.id))
        .cloned()
        .collect();
    record.save()?;
    let mut exit = Exit::Graded;
    let mut waiting = Vec::new();
    for entry in &asked {
        match regraded(&class, &record, &entry.id, output) {
            Some(Ok(done)) => record.set(done)?,
            Some(Err(failure)) => {
                exit = exit.worse(failure.exit);
                record.set(failed(&entry.id, &failure, output))?;
            }
            None if !class.judge && record.is_done(&entry.id, false) => {}
            None => waiting.push(entry.clone()),
        }
    }
    let slots = Arc::new(Semaphore::new(class.jobs));
    let class = Arc::new(class);
    let mut tasks = tokio::task::JoinSet::new();
    for entry in waiting {
        let (class, slots) = (Arc::clone(&class), Arc::clone(&slots));
        let lines = output.progress.clone();
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            let id = entry.id.clone();
            let (progress, ended) = lines.line(&id);
            // A task of its own, so that even a panic costs one team only.
            let inner = tokio::spawn(async move { grade_team(&class, &entry, progress).await });
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
        let stored = result.and_then(|evidence| team::store_evidence(&class.results, evidence, output));
        let entry = stored.and_then(|stored| judged(&class, &stored, output)).unwrap_or_else(|failure| {
            exit = exit.worse(failure.exit);
            failed(&id, &failure, output)
        });
        record.set(entry)?;
    }
    let shared = told(record.compare());
    record.finish()?;
    let asked: Vec<&str> = asked.iter().map(|team| team.id.as_str()).collect();
    let exit = finish(&class, &record.teams(&asked), exit, output)?;
    for line in shared {
        output.note(&line);
    }
    Ok(exit)
}

/// Files that teams share, for the terminal.
fn told(shared: &[SharedFile]) -> Vec<String> {
    const SHOWN: usize = 5;
    if shared.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![format!(
        "the same file stands in several repositories ({} in all, listed in run.json; nobody loses points by it):",
        shared.len()
    )];
    lines.extend(shared.iter().take(SHOWN).map(|file| {
        let places: Vec<String> = file.places.iter().map(|place| format!("{} {}", place.team, place.path)).collect();
        format!("  {} lines: {}", file.lines, places.join(" = "))
    }));
    lines
}

/// Refuses ids that the roster does not have.
pub(super) fn refuse_unknown(only: &[String], roster: &Roster) -> Result<(), Failure> {
    for id in only {
        if !roster.teams.iter().any(|team| team.id == *id) {
            let known: Vec<&str> = roster.teams.iter().map(|team| team.id.as_str()).collect();
            let close = stackmark_course::problem::did_you_mean(id, known.iter().copied());
            let fix =
                close.map_or(format!("it has {}", known.join(", ")), |close| format!("did you mean \"{close}\"?"));
            return Err(Failure::usage(format!("the roster has no team \"{id}\"; {fix}")));
        }
    }
    Ok(())
}

/// A team that an interrupted run had graded, judged again from what is stored, since a person may have decided
/// something in between; `None` where it has to be collected.
fn regraded(class: &ClassRun, record: &Record, id: &str, output: &Output) -> Option<Result<TeamRun, Failure>> {
    if !class.judge || !record.is_done(id, true) {
        return None;
    }
    match team::read_evidence(&class.results, id) {
        Ok(stored) => Some(judged(class, &stored, output)),
        Err(failure) => {
            output.note(&format!("team {id} is collected again: {}", failure.message));
            None
        }
    }
}

async fn grade_team(
    class: &ClassRun,
    entry: &TeamEntry,
    progress: stackmark_collect::SharedProgress,
) -> Result<Evidence, Failure> {
    let disruption = class.disruptive.of(entry.allow_disruptive);
    let job = TeamJob { disruption, ..job(entry, &class.base, &class.mailmap.0) };
    team::collect(job, &entry.tags, &class.rubric, &class.settings, progress).await
}

fn judged(class: &ClassRun, stored: &Stored, output: &Output) -> Result<TeamRun, Failure> {
    if !class.judge {
        return Ok(TeamRun { status: Status::Collected, ..TeamRun::pending(&stored.evidence.team.id) });
    }
    let card = team::judge_and_render(&class.results, stored, &class.rubric, None, &class.templates, output)?;
    Ok(TeamRun::graded(&card))
}

fn failed(id: &str, failure: &Failure, output: &Output) -> TeamRun {
    output.error(&format!("team {id}: {}", failure.message));
    TeamRun::failed(id, failure.message.clone())
}

/// Prints the class and tells the exit code; `exit` is that of the teams that failed.
fn finish(class: &ClassRun, teams: &[&TeamRun], exit: Exit, output: &Output) -> Result<Exit, Failure> {
    let root = class.results.root().display();
    if class.judge {
        let rows: Vec<terminal::ClassRow> = teams.iter().map(|team| team::class_row(&class.results, team)).collect();
        output.result(&terminal::class_table(&rows, output.style()))?;
        if let [team] = teams
            && team.status == Status::Graded
        {
            output.note(&format!("report: {}", class.results.team(&team.id, "report.md").display()));
        } else {
            output.note(&format!("reports: {root}/teams/*/report.md"));
        }
    } else {
        output.note(&format!("evidence: {root}/teams/*/evidence.json; `stackmark report --out {root}` judges it"));
    }
    let unreadable = teams.iter().any(|team| team.undetermined > 0);
    Ok(if unreadable { exit.worse(Exit::Unreadable) } else { exit })
}

/// A roster's entry as the collectors take it.
fn job(entry: &TeamEntry, base: &Path, mailmap: &Mailmap) -> TeamJob {
    TeamJob {
        team: team_of(entry),
        repository: repository_of(entry, base, mailmap),
        aws: access_of(entry),
        base_url: entry.base_url.clone(),
        live: true,
        disruption: Disruption::NotAsked,
    }
}

/// How a roster's entry is reached.
pub(super) fn access_of(entry: &TeamEntry) -> AwsAccess {
    AwsAccess {
        profile: entry.aws.profile.clone(),
        role: entry.aws.role.clone(),
        external_id: entry.aws.external_id.clone(),
        region: entry.aws.region.clone(),
        more_regions: entry.aws.more_regions.clone(),
        endpoint_url: entry.aws.endpoint_url.clone(),
        expected_account: entry.aws.account.clone(),
    }
}

/// Who a roster's entry is about.
pub(super) fn team_of(entry: &TeamEntry) -> Team {
    Team {
        id: entry.id.clone(),
        name: entry.name.clone(),
        members: entry.members.clone(),
        members_from: MembersFrom::Roster,
        folder: entry.folder.clone().filter(|folder| !folder.is_empty()),
        nonce: entry.nonce.clone(),
    }
}

/// Where a roster's entry says that the work is.
pub(super) fn repository_of(entry: &TeamEntry, base: &Path, mailmap: &Mailmap) -> RepositorySource {
    RepositorySource {
        location: located(&entry.repository, base),
        branch: entry.branch.clone(),
        commit: entry.commit.clone(),
        base_commit: entry.base_commit.clone(),
        deadline: entry.deadline.map(jiff::Timestamp::as_second),
        report: entry.report.clone(),
        in_place: false,
        mailmap: mailmap.clone(),
    }
}

/// A relative path is relative to the roster; `scheme://…` and `user@host:path` stay as they are.
fn located(repository: &str, base: &Path) -> String {
    let scp_like = repository.split_once(':').is_some_and(|(host, _)| host.contains('@') && !host.contains('/'));
    if repository.contains("://") || scp_like {
        return repository.to_owned();
    }
    base.join(repository).to_string_lossy().into_owned()
}
