//! `stackmark similar`: the same work in several teams and past years; fingerprints of a class for later years.

use std::path::{Path, PathBuf};

use super::options::{Shared, limits};
use super::output::Output;
use stackmark_class::run::Run;
use stackmark_class::similar::{Asked, Gathered, findings, gather, handed_out, index, read_index, store as store_page};
use stackmark_class::store::{self, Results};
use stackmark_class::team::now;
use stackmark_class::{Exit, Failure, Voice as _, documents};
use stackmark_similar::findings::{Findings, PairFinding, Part};

/// Options of `stackmark similar`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    class: Class,
    /// Index of a past class, from `similar index`, repeatable
    #[arg(long, value_name = "FILE")]
    past: Vec<PathBuf>,
    /// Language of the page (default: the graded rubric's)
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write an index of this class's fingerprints for later years, or remove a team from one
    Index(IndexArgs),
}

#[derive(Debug, clap::Args)]
struct Class {
    /// Roster
    #[arg(long, value_name = "FILE", default_value = "roster.toml")]
    roster: PathBuf,
    /// Results folder
    #[arg(short, long, alias = "results", value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Folder with starter code, besides each team's base commit, repeatable
    #[arg(long, value_name = "DIR")]
    starter: Vec<PathBuf>,
    /// Read every repository again
    #[arg(long)]
    fresh: bool,
}

#[derive(Debug, clap::Args)]
struct IndexArgs {
    /// Index file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    class: Class,
    /// Name of the class, such as "2026 autumn" (default: the file's name)
    #[arg(long)]
    label: Option<String>,
    /// Replace team names with numbers, for sharing
    #[arg(long)]
    numbered: bool,
    /// Remove this team from an existing index, repeatable
    #[arg(long, value_name = "TEAM", conflicts_with_all = ["roster", "out", "starter", "fresh", "label", "numbered"])]
    forget: Vec<String>,
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    super::ask_for_threads()?;
    if let Some(Command::Index(args)) = args.command {
        return if args.forget.is_empty() { write_index(&args, output) } else { forget(&args, output) };
    }
    let results = Results::at(&args.class.out);
    let language = args.language.clone().or_else(|| Some(Run::read(&results.run()).ok()?.rubric.language));
    let language = language.unwrap_or_else(|| "en".to_owned());
    let library = documents::library(&shared.library)?;
    let templates = documents::templates(&library)?;
    let sentences = documents::sentences(&library, &language, output)?;
    let mut asked = asked(&args.class, &results, output)?;
    asked.past = args.past.iter().map(|path| read_index(path)).collect::<Result<_, _>>()?;
    let gathered = gather(&asked, output);
    let (found, exit) = findings(&asked, gathered, output)?;
    let page = store_page(&results, &found, (&language, &sentences), &templates)?;
    for team in &found.not_compared {
        output.note(&format!("team {}: {}", team.team, team.why));
    }
    if exit == Exit::Unreadable {
        output.note(&next(&args.class.roster));
    }
    output.list(&told(&found))?;
    output.note(&format!("page: {}", page.display()));
    Ok(exit)
}

fn asked<'r>(class: &Class, results: &'r Results, output: &Output) -> Result<Asked<'r>, Failure> {
    let (roster, _) = documents::roster(&class.roster, output)?;
    let base = documents::folder_of(&class.roster);
    let mut asked = Asked::of_roster(results, &roster, base, limits(), now());
    asked.fresh = class.fresh;
    for folder in &class.starter {
        asked.handed_out.extend(handed_out(folder)?);
    }
    Ok(asked)
}

fn exit_of(asked: &Asked<'_>, gathered: &Gathered) -> Exit {
    if gathered.teams.len() < asked.jobs.len() { Exit::Unreadable } else { Exit::Graded }
}

fn write_index(args: &IndexArgs, output: &Output) -> Result<Exit, Failure> {
    let results = Results::at(&args.class.out);
    let asked = asked(&args.class, &results, output)?;
    let gathered = gather(&asked, output);
    for team in &gathered.not_compared {
        output.error(&format!("team {}: {}", team.team, team.why));
    }
    let exit = exit_of(&asked, &gathered);
    if exit == Exit::Unreadable {
        output.note(&next(&args.class.roster));
    }
    let label = args.label.clone().unwrap_or_else(|| stem(&args.file));
    let index = index(&gathered, &label, args.numbered);
    store::write(&args.file, &index.to_text()?)?;
    output.note(&format!("{}: {} teams of \"{label}\", fingerprints only", args.file.display(), index.teams.len()));
    Ok(exit)
}

/// What to do about teams that could not be read.
fn next(roster: &Path) -> String {
    format!(
        "not every team could be read: look the teams up with `stackmark doctor --roster {} --repositories`, then run this \
         command again; teams that have not changed are not read again",
        roster.display()
    )
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn forget(args: &IndexArgs, output: &Output) -> Result<Exit, Failure> {
    let mut index = read_index(&args.file)?;
    for team in &args.forget {
        if !index.forget(team) {
            let known: Vec<&str> = index.teams.iter().map(|team| team.team.as_str()).collect();
            let file = args.file.display();
            return Err(Failure::usage(format!("{file} has no team \"{team}\"; it has {}", known.join(", "))));
        }
    }
    store::write(&args.file, &index.to_text()?)?;
    output.note(&format!("{}: {} teams left", args.file.display(), index.teams.len()));
    Ok(Exit::Graded)
}

/// The pairs above the cut, for the terminal.
fn told(found: &Findings) -> String {
    let above: Vec<&PairFinding> = found.pairs.iter().filter(|pair| pair.above_cut).collect();
    let compared: u64 = found.channels.iter().map(|channel| channel.compared).max().unwrap_or_default();
    let mut text = match above.len() {
        0 if compared == 0 => "There is no pair to compare: fewer than two teams could be read.\n".to_owned(),
        0 => format!("No pair of {compared} is above the suggested cut.\n"),
        1 => format!("1 pair of {compared} is worth a look; nobody loses points by it:\n"),
        count => format!("{count} pairs of {compared} are worth a look; nobody loses points by it:\n"),
    };
    for pair in above {
        let part = |part: Option<Part>| match part {
            Some(part) => format!("{:>3.0}% / {:>3.0}%", part.of_a * 100.0, part.of_b * 100.0),
            None => "–".to_owned(),
        };
        let longest = pair.regions.first().map_or_else(String::new, |region| {
            format!(
                "  {} lines: {}:{} = {}:{}",
                region.lines, region.a.path, region.a.first, region.b.path, region.b.first
            )
        });
        text.push_str(&format!(
            "  {} · {}  code {}  infrastructure {}  prose {}{longest}\n",
            pair.a.name(),
            pair.b.name(),
            part(pair.code),
            part(pair.infrastructure),
            part(pair.prose)
        ));
    }
    text
}
