//! `stackmark roster`: from a course's lists to a roster.

use std::path::{Path, PathBuf};

use super::options::Shared;
use super::output::Output;
use super::told::counted;
use stackmark_class::import::{self, Options, Source};
use stackmark_class::{Exit, Failure, Voice as _, documents, store};
use stackmark_course::{Problems, Roster, SourceText};
use stackmark_language::expression::Engine;

/// The commands of `stackmark roster`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a roster from the course's lists: CSV, Canvas, Moodle, GitHub Classroom, Classroom50, RepoSense, addresses
    Import(ImportArgs),
}

/// Options of `stackmark roster import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// Downloaded lists; team names come from the first list with teams
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Roster to write
    #[arg(short, long, value_name = "FILE", default_value = "roster.toml")]
    out: PathBuf,
    /// Repository URL pattern, with {group} for the team: https://git.example.org/a1-{group}
    #[arg(long, value_name = "PATTERN", value_parser = parse_pattern)]
    repository: Option<String>,
    /// Rubric of the roster
    #[arg(long)]
    rubric: Option<String>,
    /// Title of the roster
    #[arg(long)]
    title: Option<String>,
    /// Replace an existing roster
    #[arg(long)]
    force: bool,
}

fn parse_pattern(text: &str) -> Result<String, String> {
    if text.contains("{group}") { Ok(text.to_owned()) } else { Err("expected {group} in the pattern".to_owned()) }
}

/// Runs the command.
pub(super) fn run(command: Command, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Import(args) => run_import(&args, shared, output),
    }
}

fn run_import(args: &ImportArgs, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    refuse_existing(&args.out, args.force, "name another file with --out")?;
    if let Some(rubric) = &args.rubric {
        // What is wrong with the rubric itself is said by `rubric lint` and `grade`.
        documents::parse_rubric(rubric, &mut documents::library(&shared.library)?, &Engine::new()).map(drop)?;
    }
    let mut sources = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        let bytes = store::read_bytes(path).map_err(|error| Failure::usage(error.to_string()))?;
        sources.push(Source { name, bytes });
    }
    let options =
        Options { repository: args.repository.clone(), rubric: args.rubric.clone(), title: args.title.clone() };
    let imported = import::import(&sources, &options)?;
    store::write(&args.out, &imported.roster)?;
    for note in &imported.notes {
        output.note(note);
    }
    let members: usize = imported.teams.iter().map(|team| team.members.len()).sum();
    let (teams, members) = (counted(imported.teams.len(), "team"), counted(members, "member"));
    output.result(&format!("{}: {teams}, {members}\n", args.out.display()))?;
    if !imported.problems.is_empty() {
        for problem in &imported.problems {
            output.error(problem);
        }
        let count = imported.problems.len();
        let what = if count == 1 { "1 thing is".to_owned() } else { format!("{count} things are") };
        return Err(Failure::course(format!("{what} to be settled, see above and the top of {}", args.out.display())));
    }
    // What was written has to be what `grade` takes.
    let (roster, problems): (Option<Roster>, Problems) =
        Roster::parse(&SourceText::new(args.out.display().to_string(), imported.roster));
    output.problems(&problems);
    documents::sound(roster, problems)?;
    output.note(&format!(
        "next: `stackmark identities --roster {0}` lists commit authors who match no member, then `stackmark grade --roster {0}`",
        args.out.display()
    ));
    Ok(Exit::Graded)
}

/// Refuses to write over what somebody may have written by hand; `otherwise` is how to name another place.
pub(super) fn refuse_existing(path: &Path, force: bool, otherwise: &str) -> Result<(), Failure> {
    if path.exists() && !force {
        let message = format!("{} exists: {otherwise}, or give --force", path.display());
        return Err(Failure::usage(message));
    }
    Ok(())
}
