//! `stackmark check`: a student's own working copy, with the same engine and the same rubric.

use std::path::{Path, PathBuf};

use super::options::{Disruptive, Network, Shared, limits, parse_base_url, parse_object_id};
use super::output::Output;
use super::{NO_THREAD, until_stopped};
use stackmark_class::inputs::refuse_unknown;
use stackmark_class::{Exit, Failure, Given, TeamJob, Voice as _, documents, store, team, worker};
use stackmark_course::{Overrides, Roster};
use stackmark_evidence::Unreadable;
use stackmark_evidence::files::AtPath as _;
use stackmark_evidence::points::Points;
use stackmark_history::RepositorySource;
use stackmark_history::repo::{WorkingCopy, working_copy, working_copy_root};
use stackmark_judge::told::evidence_in;
use stackmark_language::expression::Engine;
use stackmark_render::{classroom50, github, gradescope, html, json, junit, markdown, prairielearn, terminal};

/// What is graded where no rubric is named: all that a repository alone can show.
const DEFAULT_RUBRIC: &str = "repository";

/// Options of `stackmark check`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Working copy, or a folder in it; uncommitted changes are not graded
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Rubric, by name or path of a .toml file (default: the roster's `rubric`, else `repository`)
    #[arg(long)]
    rubric: Option<String>,
    /// Folder to grade, relative to the repository's root
    #[arg(long, value_name = "DIR")]
    folder: Option<String>,
    /// Report, a file or a folder of Markdown files, relative to the repository's root (default: found by name and
    /// content)
    #[arg(long, value_name = "PATH")]
    report: Option<String>,
    /// Last commit of the starter code, as a full object id; its lines are not counted
    #[arg(long, value_name = "COMMIT", value_parser = parse_object_id)]
    base_commit: Option<String>,
    /// Roster with the team's members, deadline, branch, tags and account
    #[arg(long, value_name = "FILE", requires = "team")]
    roster: Option<PathBuf>,
    /// Team id, as in the roster and in tags (default: the folder's name)
    #[arg(long, value_name = "ID")]
    team: Option<String>,
    /// Mailmap for authors missing from the roster (default: the roster's `mailmap`)
    #[arg(long, value_name = "FILE")]
    mailmap: Option<PathBuf>,
    /// Exit with code 5 below this many certain points
    #[arg(long, value_name = "N", value_parser = parse_points)]
    fail_under: Option<Points>,
    /// Output language: en, fr, it or a code of your own (default: the rubric's)
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// Output format
    #[arg(long, value_name = "FORMAT", default_value = "terminal")]
    format: Format,
    /// Write to this file instead of standard output; missing folders are created
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    live: Live,
    #[command(flatten)]
    network: Network,
    #[command(flatten)]
    disruptive: Disruptive,
}

#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "The deployed stack")]
struct Live {
    /// Read the deployed stack and send HTTP requests to it
    #[arg(long)]
    live: bool,
    /// AWS profile
    #[arg(long, value_name = "NAME", requires = "live")]
    profile: Option<String>,
    /// AWS region of the stack
    #[arg(long, requires = "live")]
    region: Option<String>,
    /// Endpoint URL for all AWS services, for emulators
    #[arg(long, value_name = "URL", requires = "live")]
    endpoint_url: Option<String>,
    /// URL of the stack (default: the load balancer found in AWS)
    #[arg(long, value_name = "URL", requires = "live", value_parser = parse_base_url)]
    base_url: Option<String>,
    /// Tag of the stack's resources, repeatable (default: the rubric's tags)
    #[arg(long, value_name = "KEY=VALUE", requires = "live", value_parser = parse_tag)]
    tag: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Summary in the terminal
    Terminal,
    /// Report in Markdown
    Report,
    /// Report as an HTML page
    Html,
    /// Scorecard in JSON
    Scorecard,
    /// Evidence in JSON
    Evidence,
    /// Annotations for GitHub Actions; the report goes to the step's summary
    Github,
    /// JUnit XML, for GitLab, Jenkins and others
    Junit,
    /// results.json for a Gradescope autograder
    Gradescope,
    /// result.json for Classroom50, with what its runner puts into the environment
    Classroom50,
    /// results.json for PrairieLearn's external grader
    Prairielearn,
}

impl Format {
    /// Whether whoever reads it takes another exit code than 0 for a crash, and throws the result away.
    fn is_read_by_a_runner(self) -> bool {
        matches!(self, Self::Gradescope | Self::Classroom50 | Self::Prairielearn)
    }
}

fn parse_points(text: &str) -> Result<Points, String> {
    Points::parse(text).ok_or_else(|| "expected points with two decimals at most, such as 60 or 72.5".to_owned())
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let mut library = documents::library(&shared.library)?;
    if let Some(language) = &args.language {
        documents::speak(language, &mut library)?;
    }
    let roster: Option<Roster> = match &args.roster {
        Some(path) => Some(documents::roster(path, output)?.0),
        None => None,
    };
    let of_roster = args.roster.as_deref().zip(roster.as_ref());
    let is_named = of_roster.is_some_and(|(_, roster)| roster.rubric.is_some());
    let given = args.rubric.as_deref().or((!is_named).then_some(DEFAULT_RUBRIC));
    let rubric = documents::rubric_of(given, of_roster, &mut library, &Engine::new(), output)?;
    output.speak(&rubric.sentences);
    // Few formats speak in templates. The user's own are held to be right before anything is read, the built-in ones are.
    let templates = || documents::templates(&library);
    if !library.templates().is_empty() {
        templates()?;
    }
    let folder = args.folder.as_deref().map(|folder| folder.trim_start_matches("./").trim_matches('/'));
    let folder = folder.filter(|folder| !folder.is_empty() && *folder != ".");
    let root = working_copy_root(&args.path).map_err(|missing| Failure::usage(missing.detail))?;
    let job = job(&args, of_roster, folder, &root, output)?;
    let settings = args.network.settings();
    let id = job.team.id.clone();
    let task = task_of(&args.path, folder);
    // Beside the rest: it waits for nothing of it, and nothing for it.
    let state = std::thread::Builder::new().spawn(move || ask(&task));
    let state = state.map_err(|error| Failure::usage(format!("{NO_THREAD} ({error})")))?;
    let (progress, ended) = output.line(&id);
    let evidence = until_stopped(team::collect(job, &rubric, &settings, progress), "run the same command again")?;
    drop(ended);
    let copy = state.join().map_err(|_| Failure::unexpected("looking into the working copy failed unexpectedly"))?;
    let copy = copy.map_err(|missing| Failure::usage(missing.detail))?;
    if let (Some(head), Some(last)) = (evidence.git.head.value(), &copy.head)
        && head.commit != *last
    {
        let short = |commit: &str| commit.chars().take(10).collect::<String>();
        output.note(&format!(
            "the roster has commit {} graded, not this working copy's last one, {}",
            short(&head.commit),
            short(last)
        ));
    }
    if copy.uncommitted > 0 {
        let files = if copy.uncommitted == 1 { "1 file is" } else { &format!("{} files are", copy.uncommitted) };
        output.note(&format!("{files} changed or new and not committed: the last commit is graded"));
    }
    let card = team::score(
        &evidence,
        json::sha256_hex(json::evidence(&evidence).as_bytes()),
        &rubric,
        &Overrides::default(),
        None,
    )?;
    let told = evidence_in(&evidence, &rubric.sentences)?;
    let report =
        || -> Result<String, Failure> { markdown::report(&card, &told, &templates()?).map_err(Failure::unexpected) };
    let text = match args.format {
        Format::Terminal => terminal::summary(&card, &told, output.style()),
        Format::Report => report()?,
        Format::Html => html::report(&card, &told, &templates()?, None).map_err(Failure::unexpected)?,
        Format::Scorecard => json::scorecard(&card),
        Format::Evidence => json::evidence(&evidence),
        Format::Github => {
            if let Some(summary) = variable("GITHUB_STEP_SUMMARY") {
                append(Path::new(&summary), &github::summary(&report()?))?;
            }
            github::annotations(&card)
        }
        Format::Junit => junit::report(&card, &evidence),
        Format::Gradescope => gradescope::results(&card),
        Format::Classroom50 => classroom50::result(&card, &evidence, &submission()?),
        Format::Prairielearn => prairielearn::results(&card),
    };
    match &args.output {
        Some(path) => store::write(path, &text)?,
        None => output.result(&text)?,
    }
    if args.format.is_read_by_a_runner() {
        return Ok(Exit::Graded);
    }
    if args.fail_under.is_some_and(|threshold| card.mark.low < threshold) {
        return Ok(Exit::BelowThreshold);
    }
    Ok(team::exit_of(&card))
}

/// A variable of the environment that is not empty.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Adds to a file that a runner keeps for all of its steps.
fn append(path: &Path, text: &str) -> Result<(), Failure> {
    use std::io::Write as _;
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).at(path)?;
    Ok(file.write_all(text.as_bytes()).at(path)?)
}

/// Whose submission Classroom50's runner says it is.
fn submission() -> Result<classroom50::Submission, Failure> {
    let mut missing = Vec::new();
    let mut required = |name: &'static str| {
        variable(name).unwrap_or_else(|| {
            missing.push(name);
            String::new()
        })
    };
    let commit = required("COMMIT_URL");
    let submission = classroom50::Submission {
        classroom: required("CLASSROOM"),
        assignment: required("ASSIGNMENT"),
        // The runner writes its own over these two.
        assignment_type: variable("ASSIGNMENT_TYPE").unwrap_or_else(|| "individual".to_owned()),
        owner: variable("OWNER").or_else(|| variable("USERNAME")).unwrap_or_else(|| required("OWNER")),
        submission: required("SUBMISSION_TAG"),
        release: required("RELEASE_URL"),
        review: variable("REVIEW_URL").unwrap_or_else(|| commit.clone()),
        commit,
    };
    if missing.is_empty() {
        return Ok(submission);
    }
    Err(Failure::usage(format!(
        "the environment lacks {}: --format classroom50 runs as an autograder of Classroom50",
        missing.join(", ")
    )))
}

/// The folder of a working copy, to be looked into in a process of its own.
pub(super) type Task = worker::Task<Option<String>>;

fn task_of(path: &Path, folder: Option<&str>) -> Task {
    let location = path.to_string_lossy().into_owned();
    let source = RepositorySource { location, in_place: true, ..RepositorySource::default() };
    Task { source, limits: limits(), question: folder.map(ToOwned::to_owned) }
}

fn ask(task: &Task) -> Result<WorkingCopy, Unreadable> {
    match worker::ask("working-copy", task, None) {
        Ok(asked) => asked.unwrap_or_else(|| state(task)),
        // It serves a hint: what cannot be read of it is said by what is graded.
        Err(_) => Ok(WorkingCopy { head: None, uncommitted: 0 }),
    }
}

/// Looks into the working copy within this process.
pub(super) fn state(task: &Task) -> Result<WorkingCopy, Unreadable> {
    working_copy(Path::new(&task.source.location), task.question.as_deref())
}

/// What to collect: from the roster's entry if there is one, else from the working copy alone.
fn job(
    args: &Args,
    document: Option<(&Path, &Roster)>,
    folder: Option<&str>,
    root: &Path,
    output: &Output,
) -> Result<TeamJob, Failure> {
    let mailmap = documents::mailmap(args.mailmap.as_deref(), document, output)?.0;
    let live = &args.live;
    let given = Given {
        working_copy: Some(root.to_string_lossy().trim_end_matches('/').to_owned()),
        folder: folder.map(ToOwned::to_owned),
        base_commit: args.base_commit.clone(),
        report: args.report.clone(),
        profile: live.profile.clone(),
        region: live.region.clone(),
        endpoint_url: live.endpoint_url.clone(),
        base_url: live.base_url.clone(),
        tags: live.tag.iter().cloned().collect(),
    };
    let id = args.team.clone().unwrap_or_else(|| folder_name(root));
    // Without a roster it is one's own stack.
    let (job, may_disrupt) = match document {
        Some((path, roster)) => {
            refuse_unknown(std::slice::from_ref(&id), roster)?;
            let entry = (roster.teams.iter())
                .find(|entry| entry.id == id)
                .ok_or_else(|| Failure::usage(format!("{} has no team \"{id}\"", path.display())))?;
            (TeamJob::of_entry(entry, documents::folder_of(path), &mailmap, &given), entry.allow_disruptive)
        }
        None => (TeamJob::without_roster(id, &mailmap, &given), true),
    };
    Ok(TeamJob { live: live.live, disruption: args.disruptive.given().of(may_disrupt), ..job })
}

/// The name of the working copy's root folder, as an id; of a bare repository without its ending.
pub(super) fn folder_name(root: &Path) -> String {
    let absolute = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    let name = absolute.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let id: String = name
        .strip_suffix(".git")
        .unwrap_or(&name)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' })
        .collect();
    if id.is_empty() { "working-copy".to_owned() } else { id }
}
