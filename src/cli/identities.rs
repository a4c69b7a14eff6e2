//! `stackmark identities`: who signs the commits, whose that is, and who the unknown may be.

use std::path::{Path, PathBuf};

use super::check::folder_name;
use super::options::{RESULTS, limits, parse_object_id};
use super::output::Output;
use super::proposals::{self, Named, Proposals};
use stackmark_class::inputs::refuse_unknown;
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Given, TeamJob, Voice as _, documents, worker};
use stackmark_collect::redact::redact;
use stackmark_collect::{Progress, SharedProgress};
use stackmark_course::Roster;
use stackmark_course::roster::TeamEntry;
use stackmark_evidence::identities::{IdentityReport, SCHEMA, TeamIdentities};
use stackmark_evidence::{Member, MembersFrom, Reading, Team};
use stackmark_history::repo::{choose_head, find_folder, obtain, without_credentials};
use stackmark_history::{Listed, Mailmap, list, members_from_history_with, strangers_in};
use stackmark_render::identities;

/// The roster's usual name.
const ROSTER: &str = "roster.toml";

/// Options of `stackmark identities`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Working copy, or a folder in it (default: the current folder, if there is no roster)
    path: Option<PathBuf>,
    /// Roster with members and repositories; without PATH, the repositories are cloned
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// Team id, repeatable (default: all teams of the roster)
    #[arg(long, value_name = "ID", requires = "roster")]
    team: Vec<String>,
    /// Mailmap for authors missing from the roster (default: the roster's `mailmap`)
    #[arg(long, value_name = "FILE")]
    mailmap: Option<PathBuf>,
    /// Folder of the repository to read
    #[arg(long, value_name = "DIR", conflicts_with = "roster")]
    folder: Option<String>,
    /// Last commit of the starter code, as a full object id; its lines are not counted
    #[arg(long, value_name = "COMMIT", value_parser = parse_object_id, conflicts_with = "roster")]
    base_commit: Option<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text
    Terminal,
    /// Everything, in JSON
    Json,
    /// Mailmap, with suggestions as comments
    Mailmap,
    /// The roster's [[team]] table, with suggestions as comments
    Roster,
}

/// Runs the command.
pub(super) fn run(args: Args, output: &Output) -> Result<Exit, Failure> {
    let roster: Option<(&Path, Roster)> = match &args.roster {
        Some(path) => Some((path, documents::roster(path, output)?.0)),
        None => None,
    };
    let document = roster.as_ref().map(|(path, roster)| (*path, roster));
    let (mailmap, _) = documents::mailmap(args.mailmap.as_deref(), document, output)?;
    let jobs = jobs(&args, document, &mailmap)?;
    let mut report = IdentityReport { schema: SCHEMA.to_owned(), teams: Vec::new() };
    let mut exit = Exit::Graded;
    let mut proposed = Vec::new();
    for job in jobs {
        let id = job.team.id.clone();
        let (progress, ended) = output.line(&id);
        let listed = one(job, progress);
        drop(ended);
        match listed {
            Ok((team, proposals)) => {
                report.teams.push(team);
                proposed.push((id, proposals));
            }
            Err(message) => {
                output.error(&format!("team {id}: {message}"));
                if args.roster.is_none() && args.path.is_none() && Path::new(ROSTER).is_file() {
                    output.note(&format!("for the teams of {ROSTER}: stackmark identities --roster {ROSTER}"));
                }
                exit = exit.worse(Exit::Unreadable);
            }
        }
    }
    say_unmatched(&args, document, &mailmap, &report, output);
    // What a class may have to name, nobody asks of one working copy.
    if document.is_some() {
        proposals::say(&proposed, report.teams.len(), output);
    }
    if !report.teams.is_empty() {
        let text = match args.format {
            Format::Terminal => identities::terminal(&report, output.style()),
            Format::Json => identities::json(&report)?,
            Format::Mailmap => identities::mailmap(&report),
            Format::Roster => identities::roster(&report),
        };
        // A name or an address is whatever somebody put there.
        output.result(&redact(&text).0)?;
    }
    Ok(exit)
}

fn jobs(args: &Args, roster: Option<(&Path, &Roster)>, mailmap: &Mailmap) -> Result<Vec<TeamJob>, Failure> {
    let given = |path: Option<&Path>| Given {
        working_copy: path.map(|path| path.to_string_lossy().into_owned()),
        folder: args.folder.clone(),
        base_commit: args.base_commit.clone(),
        ..Given::default()
    };
    let Some((path, roster)) = roster else {
        let path = args.path.as_deref().unwrap_or(Path::new("."));
        return Ok(vec![TeamJob::without_roster(folder_name(path), mailmap, &given(Some(path)))]);
    };
    refuse_unknown(&args.team, roster)?;
    let asked = roster.teams.iter().filter(|entry| args.team.is_empty() || args.team.contains(&entry.id));
    let (base, given) = (documents::folder_of(path), given(args.path.as_deref()));
    let results = Results::at(RESULTS);
    let job = |entry: &TeamEntry| TeamJob::of_entry(entry, base, mailmap, &given).seen_in(&results);
    let jobs: Vec<TeamJob> = asked.map(job).collect();
    if args.path.is_some() && jobs.len() != 1 {
        return Err(Failure::usage("a working copy is one team's: name it with --team"));
    }
    Ok(jobs)
}

/// One team's repository, to be read in a process of its own.
pub(super) type Task = worker::Task<Team>;

/// What was read of one repository; what failed, in words.
type Read = Result<(TeamIdentities, Proposals), worker::Unread>;

fn one(job: TeamJob, progress: SharedProgress) -> Read {
    let task = Task { source: job.repository, limits: limits(), question: job.team };
    let asked = worker::ask("identities", &task, Some(progress.clone()))?;
    asked.unwrap_or_else(|| read(&task, progress.as_ref()))
}

/// Reads one repository within this process.
pub(super) fn read(task: &Task, progress: &dyn Progress) -> Read {
    let Task { source, limits, question: team } = task;
    let mut team = team.clone();
    let obtained = obtain(source, limits, progress)?;
    let repository = &obtained.repository;
    let head = match choose_head(repository, source) {
        Reading::Observed { value } => value,
        Reading::Absent { note } => return Err(note.into()),
        Reading::Unreadable(failure) => return Err(failure.into()),
    };
    let named = Named {
        base_commit: source.base_commit.is_some(),
        folder: team.folder.is_some(),
        report: source.report.is_some(),
    };
    if let Some(wanted) = team.folder.take() {
        team.folder = find_folder(repository, &head.commit, &wanted)?.path;
    }
    let base = source.base_commit.as_deref();
    if team.members_from == MembersFrom::History {
        let folder = team.folder.as_deref();
        team.members = members_from_history_with(repository, &head, base, folder, &source.mailmap)?;
    }
    let location =
        if source.in_place { origin(repository, &source.location) } else { obtained.source.location.clone() };
    let listed = Listed { team: &team, repository: &location, base_commit: base, mailmap: &source.mailmap };
    let listed = list(repository, &head, listed, progress)?;
    Ok((listed, Proposals::of(repository, &head.commit, team.folder.as_deref(), named)))
}

/// Where a working copy was cloned from, for a roster to name; else its own path.
fn origin(repository: &git2::Repository, path: &str) -> String {
    let origin = repository.find_remote("origin").ok();
    let url = origin.and_then(|remote| remote.url().ok().map(without_credentials));
    url.unwrap_or_else(|| {
        std::fs::canonicalize(path).map_or_else(|_| path.to_owned(), |path| path.to_string_lossy().into_owned())
    })
}

/// What the instructor wrote and nothing answers to. On standard output it is only in the formats that have a place for it.
fn say_unmatched(
    args: &Args,
    roster: Option<(&Path, &Roster)>,
    mailmap: &Mailmap,
    report: &IdentityReport,
    output: &Output,
) {
    if matches!(args.format, Format::Mailmap | Format::Roster) {
        for team in &report.teams {
            for it in &team.unmatched {
                output.note(&format!("team {}: no commit has {}", team.team, identities::unmatched(team, it)));
            }
        }
    }
    let Some((_, roster)) = roster else { return };
    let members: Vec<Member> = roster.teams.iter().flat_map(|entry| entry.members.iter().cloned()).collect();
    for person in strangers_in(mailmap, &members) {
        output.note(&format!(
            "the mailmap gives commits to {} <{}>, who is nobody in the roster",
            person.name, person.email
        ));
    }
}
