//! `stackmark doctor`: a preflight of credentials and permissions, or of what the roster names in the repositories.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::options::{RESULTS, Shared, limits};
use super::output::Output;
use super::runtime;
use stackmark_aws::doctor::{Checkup, SessionEnd, examine};
use stackmark_class::inputs::refuse_unknown;
use stackmark_class::lookup::{Found, look_up};
use stackmark_class::schedule::aws_readings;
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Given, TeamJob, Voice as _, documents};
use stackmark_collect::Limits;
use stackmark_evidence::Reading;
use stackmark_history::Mailmap;
use stackmark_language::expression::Engine;
use stackmark_plan::plan;

/// Options of `stackmark doctor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Rubric, by name or path of a .toml file (default: the roster's `rubric`)
    #[arg(long)]
    rubric: Option<String>,
    /// Roster with the teams' AWS accounts
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
    /// Team of the roster to check
    #[arg(long, value_name = "ID")]
    team: Option<String>,
    /// AWS profile
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// AWS region of the stack
    #[arg(long)]
    region: Option<String>,
    /// Endpoint URL for all AWS services, for emulators
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Look up each team's repository, branch, commit and folder instead of AWS
    #[arg(long, requires = "roster")]
    repositories: bool,
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    if let (true, Some(roster)) = (args.repositories, &args.roster) {
        return repositories(roster, args.team.as_deref(), output);
    }
    let mut library = documents::library(&shared.library)?;
    let engine = Engine::new();
    let roster = match &args.roster {
        Some(path) => Some(documents::roster(path, output)?.0),
        None => None,
    };
    let of_roster = args.roster.as_deref().zip(roster.as_ref());
    let rubric = documents::rubric_of(args.rubric.as_deref(), of_roster, &mut library, &engine, output)?;
    let given = Given {
        profile: args.profile.clone(),
        region: args.region.clone(),
        endpoint_url: args.endpoint_url.clone(),
        ..Given::default()
    };
    let mailmap = Mailmap::default();
    let jobs: Vec<TeamJob> = match (roster, &args.roster) {
        (Some(roster), Some(path)) => {
            refuse_unknown(args.team.as_slice(), &roster)?;
            let entries = roster.teams.iter().filter(|entry| args.team.as_ref().is_none_or(|id| *id == entry.id));
            let base = documents::folder_of(path);
            entries.map(|entry| TeamJob::of_entry(entry, base, &mailmap, &given)).collect()
        }
        _ => {
            let id = args.team.clone().unwrap_or_else(|| "team".to_owned());
            vec![TeamJob::without_roster(id, &mailmap, &given)]
        }
    };
    let mut planned = Vec::new();
    for job in jobs {
        let plan = plan(&rubric, &job.team, &job.tags, &engine)
            .map_err(|error| Failure { exit: Exit::BadCourse, message: format!("{}: {error}", rubric.source.name) })?;
        let wanted = aws_readings(&plan, job.base_url.as_deref());
        planned.push((job, plan, wanted));
    }
    if planned.iter().all(|(_, _, wanted)| wanted.is_empty()) {
        output.list(&format!("{}: this rubric needs no AWS account\n", rubric.id))?;
        return Ok(Exit::Graded);
    }
    let runtime = runtime()?;
    let mut exit = Exit::Graded;
    let mut alike = Alike::default();
    for (job, plan, mut wanted) in planned {
        if wanted.is_empty() {
            alike.add(job.team.id, "  needs no AWS account\n".to_owned(), output)?;
            continue;
        }
        wanted.insert("aws.caller".to_owned());
        let (progress, ended) = output.line(&job.team.id);
        let limits = Limits::default();
        let examining = examine(&job.aws, &plan.scope, &wanted, &limits, progress.as_ref());
        let found = runtime.block_on(examining);
        drop(ended);
        let text = told(&found, job.aws.expected_account.as_deref(), SystemTime::now());
        alike.add(job.team.id, text, output)?;
        if !found.unread.is_empty() || !found.missing.is_empty() {
            exit = exit.worse(Exit::Unreadable);
        }
    }
    alike.print(output)?;
    Ok(exit)
}

/// Teams one after the other of which the same is told: it is printed once, below all of them.
#[derive(Debug, Default)]
struct Alike {
    teams: Vec<String>,
    text: String,
}

impl Alike {
    fn add(&mut self, team: String, text: String, output: &Output) -> Result<(), Failure> {
        if text != self.text {
            self.print(output)?;
            self.text = text;
        }
        self.teams.push(team);
        Ok(())
    }

    fn print(&mut self, output: &Output) -> Result<(), Failure> {
        let teams = std::mem::take(&mut self.teams);
        let heading = match teams.len() {
            0 => return Ok(()),
            1 => teams.concat(),
            count => format!("{} ({count} teams)", teams.join(", ")),
        };
        Ok(output.list(&format!("{heading}\n{}", self.text))?)
    }
}

/// What could not be read, once for all readings that failed alike; nothing for those that failed as the caller did, of which
/// it is told already.
fn unread(found: &Checkup) -> Vec<String> {
    let mut alike: Vec<(String, Vec<&str>)> = Vec::new();
    for (path, failure) in found.unread.iter().filter(|(_, failure)| found.caller.failure() != Some(*failure)) {
        let why = failure.to_string();
        match alike.iter_mut().find(|(known, _)| *known == why) {
            Some((_, paths)) => paths.push(path),
            None => alike.push((why, vec![path.as_str()])),
        }
    }
    alike.into_iter().map(|(why, paths)| format!("{}: {why}", paths.join(", "))).collect()
}

/// Looks up what the roster names in each repository; what is not there is one error, before anything is graded.
fn repositories(path: &Path, team: Option<&str>, output: &Output) -> Result<Exit, Failure> {
    let roster = documents::roster(path, output)?.0;
    refuse_unknown(team.map(str::to_owned).as_slice(), &roster)?;
    let (base, limits) = (documents::folder_of(path), limits());
    let (mailmap, given, results) = (Mailmap::default(), Given::default(), Results::at(RESULTS));
    let (mut looked_at, mut wrong) = (0_usize, Vec::new());
    for entry in roster.teams.iter().filter(|entry| team.is_none_or(|id| *id == entry.id)) {
        let job = TeamJob::of_entry(entry, base, &mailmap, &given).seen_in(&results);
        let (progress, ended) = output.line(&entry.id);
        let found = look_up(&job, &limits, progress);
        drop(ended);
        looked_at += 1;
        let line = match found {
            Ok(found) => led_to(&found),
            Err(failure) => {
                wrong.push(entry.id.as_str());
                failure.to_string()
            }
        };
        output.list(&format!("{}\n  repository {line}\n", entry.id))?;
    }
    if wrong.is_empty() {
        return Ok(Exit::Graded);
    }
    output.list(&format!(
        "{} of {looked_at} teams cannot be graded as {} has them: {}; correct it before grading\n",
        wrong.len(),
        path.display(),
        wrong.join(", ")
    ))?;
    Ok(Exit::Unreadable)
}

/// Commit, branch and folder, and what is written otherwise than the roster has it.
fn led_to(found: &Found) -> String {
    let mut text: String = found.commit.chars().take(10).collect();
    if let Some(branch) = &found.branch {
        text.push_str(&format!(" on {branch}"));
    }
    if let Some(folder) = &found.folder {
        text.push_str(&format!(", folder {folder}"));
    }
    for note in &found.notes {
        text.push_str(&format!("; {note}"));
    }
    text
}

/// What was found, line by line.
fn told(found: &Checkup, expected: Option<&str>, now: SystemTime) -> String {
    let mut lines = Vec::new();
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<9} {text}\n"));
    match &found.caller {
        Reading::Observed { value } => {
            line("caller", value.arn.clone());
            line(
                "account",
                match expected {
                    Some(expected) if expected == value.account => format!("{expected}, as expected"),
                    Some(expected) => format!("{}, and the roster expects {expected}: nothing is read", value.account),
                    None => format!("{}; the roster expects no account in particular", value.account),
                },
            );
            line("region", value.regions.join(", "));
        }
        Reading::Absent { note } => line("caller", note.clone()),
        Reading::Unreadable(failure) => line("caller", failure.to_string()),
    }
    if found.caller.value().is_some() {
        line("session", ends(found.session, now));
    }
    line("readings", format!("{} of {} can be made", found.tried - found.unread.len(), found.tried));
    for text in unread(found) {
        line("", text);
    }
    for (action, paths) in &found.missing {
        line("missing", format!("{action} (for {})", paths.join(", ")));
    }
    match &found.writes {
        Reading::Observed { value } if value.is_empty() => line("writes", "none that were asked about".to_owned()),
        Reading::Observed { value } => {
            line("writes", format!("warning: the key can change the account: {}", value.join(", ")));
            line("", "give a key that only reads: `stackmark policy` prints what it needs".to_owned());
        }
        Reading::Absent { note } => line("writes", note.clone()),
        Reading::Unreadable(failure) if found.caller.failure() == Some(failure) => {
            line("writes", "not known".to_owned())
        }
        Reading::Unreadable(failure) => line("writes", format!("not known: {failure}")),
    }
    lines.concat()
}

fn ends(session: SessionEnd, now: SystemTime) -> String {
    match session {
        SessionEnd::Never => "a long-lived key, which does not end by itself".to_owned(),
        SessionEnd::NotTold => {
            "temporary, and nothing says until when (learner labs: four hours after their start)".to_owned()
        }
        SessionEnd::At(end) => {
            let at = jiff::Timestamp::try_from(end).map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            let at = at.unwrap_or_else(|error| error.to_string());
            match end.duration_since(now) {
                Ok(left) => format!("ends {at}, in {} min", left.as_secs() / 60),
                Err(_) => format!("ended {at}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use stackmark_evidence::{Cause, Unreadable};

    use super::*;

    #[test]
    fn one_reason_is_told_once() {
        let denied = |what: &str| Unreadable::new(Cause::Denied, what);
        let failed = |rows: &[(&str, &str)]| rows.iter().map(|(path, why)| ((*path).to_owned(), denied(why))).collect();
        let mut found = Checkup {
            caller: Reading::Unreadable(denied("no credentials")),
            session: SessionEnd::Never,
            unread: failed(&[("aws.caller", "no credentials"), ("aws.subnets", "no credentials")]),
            tried: 2,
            missing: Default::default(),
            writes: Reading::Unreadable(denied("no credentials")),
        };
        let text = told(&found, None, SystemTime::UNIX_EPOCH);
        assert_eq!(text.matches("no credentials").count(), 1, "{text}");
        assert!(text.contains("0 of 2 can be made"), "{text}");
        found.unread = failed(&[("aws.caller", "x"), ("aws.images", "y"), ("aws.subnets", "x")]);
        let [x, y] = ["x", "y"].map(|why| denied(why).to_string());
        assert_eq!(unread(&found), [format!("aws.caller, aws.subnets: {x}"), format!("aws.images: {y}")]);
    }

    #[test]
    fn a_sessions_end_is_told() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let soon = SessionEnd::At(now + Duration::from_secs(3600));
        assert_eq!(ends(soon, now), "ends 2027-01-15T09:00:00Z, in 60 min");
        assert!(ends(SessionEnd::At(now - Duration::from_secs(1)), now).starts_with("ended"));
    }
}
