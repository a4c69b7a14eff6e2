//! One file a command.

mod author;
mod check;
mod commits;
mod completions;
mod demo;
mod doctor;
mod explain;
mod grade;
mod gradebook;
mod identities;
mod init;
mod options;
mod output;
mod policy;
mod publish;
mod read_document;
mod readings;
mod report;
mod roster;
mod rubric;
mod schema;
mod simulate;
mod try_check;

use clap::{Parser, Subcommand};

use output::Output;
use stackmark_class::exit;
use stackmark_class::{Exit, Failure, Voice as _};

/// Grades team assignments of cloud and DevOps courses.
///
/// Measures a team's git history, code, report, deployed AWS stack and live answers, weighs them by a rubric, and writes
/// a report in which every lost point names its evidence and its fix.
#[derive(Debug, Parser)]
#[command(name = "stackmark", version, after_help = exit::TABLE, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    shared: options::Shared,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Grade a working copy, in the terminal: what a student runs before submitting
    Check(Box<check::Args>),
    /// Begin a course: a roster to fill in
    Init(init::Args),
    /// Make a roster from the course's lists
    #[command(subcommand)]
    Roster(roster::Command),
    /// Collect, judge and render every team of a roster, or those named
    Grade(grade::Args),
    /// Collect evidence only, to be judged later
    Collect(grade::CollectArgs),
    /// Judge and render again from stored evidence, offline
    Report(report::Args),
    /// Fill the marks into the file that a learning platform exported
    #[command(subcommand)]
    Gradebook(gradebook::Command),
    /// Give the reports to the teams by Moodle, mail or GitHub; a dry run without --send
    Publish(Box<publish::Args>),
    /// List who signs the commits, whose that is, and who the unknown may be
    Identities(identities::Args),
    /// List, show, lint, begin or test rubrics and checks
    #[command(subcommand)]
    Rubric(rubric::Command),
    /// Judge one check on stored evidence, and show what each of its expressions gives
    Try(try_check::Args),
    /// Check credentials and permissions before grading: who asks, until when, what is missing
    Doctor(doctor::Args),
    /// Print the least-privilege IAM policy for a rubric
    Policy(policy::Args),
    /// Explain a check, or what checks can read and compute
    Explain(explain::Args),
    /// Print the JSON Schema of a format, for editors
    Schema(schema::Args),
    /// Print what the history's measures say of each commit, one JSON line a commit
    Commits(commits::Args),
    /// Grade a small class made on the spot, with no account and no network
    Demo(demo::Args),
    /// Print completions for a shell
    Completions(completions::Args),
    /// Read one document from standard input, within bounds
    #[command(hide = true)]
    ReadDocument(read_document::Args),
}

/// Parses the command line, runs the command, and tells how it ended.
pub fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe while printing the help is no failure.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Graded };
        }
    };
    let output = Output::new(cli.shared.color, cli.shared.quiet);
    output::start_logging(cli.shared.verbose);
    let result = match cli.command {
        Command::Check(args) => check::run(*args, &cli.shared, &output),
        Command::Init(args) => init::run(&args, &cli.shared, &output),
        Command::Roster(command) => roster::run(command, &output),
        Command::Grade(args) => grade::run(args, &cli.shared, &output),
        Command::Collect(args) => grade::run_collect(args, &cli.shared, &output),
        Command::Report(args) => report::run(args, &cli.shared, &output),
        Command::Gradebook(command) => gradebook::run(command, &output),
        Command::Publish(args) => publish::run(&args, &output),
        Command::Identities(args) => identities::run(args, &output),
        Command::Rubric(command) => rubric::run(command, &cli.shared, &output),
        Command::Try(args) => try_check::run(&args, &cli.shared, &output),
        Command::Doctor(args) => doctor::run(args, &cli.shared, &output),
        Command::Policy(args) => policy::run(&args, &cli.shared, &output),
        Command::Explain(args) => explain::run(args, &cli.shared, &output),
        Command::Schema(args) => schema::run(&args, &output),
        Command::Commits(args) => commits::run(&args, &output),
        Command::Demo(args) => demo::run(args, &cli.shared, &output),
        Command::Completions(args) => completions::run(args),
        Command::ReadDocument(args) => read_document::run(&args),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            if !failure.message.is_empty() {
                output.error(&failure.message);
            }
            failure.exit
        }
    }
}

/// A runtime for the commands that use the network.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()
        .map_err(Failure::unexpected)
}
