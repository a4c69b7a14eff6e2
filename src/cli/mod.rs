//! One file a command.

mod author;
mod check;
mod collect_repository;
mod commits;
mod completions;
mod demo;
mod diff;
mod doctor;
mod explain;
mod forget;
mod grade;
mod gradebook;
mod identities;
mod init;
mod merge;
mod options;
mod output;
mod places;
mod policy;
mod proposals;
mod publish;
mod read_document;
mod readings;
mod report;
mod review;
mod roster;
mod rubric;
mod schema;
mod shard;
mod similar;
mod simulate;
mod timings;
mod together;
mod told;
mod try_check;

use clap::{Parser, Subcommand};

use output::Output;
use stackmark_class::exit;
use stackmark_class::{Exit, Failure, Voice as _};
use stackmark_collect::{scratch, stop};

/// Grades team assignments of cloud and DevOps courses.
///
/// Measures a team's git history, code, report, AWS stack and live HTTP answers, weighs them by a rubric, and writes a
/// report. Each lost point has its evidence and its fix.
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
    /// Grade a working copy in the terminal
    Check(Box<check::Args>),
    /// Start a course with a roster to fill in
    Init(init::Args),
    /// Make a roster from the course's lists
    #[command(subcommand)]
    Roster(roster::Command),
    /// Grade every team of a roster, or the teams named
    Grade(grade::Args),
    /// Collect evidence only, to judge it later
    Collect(grade::CollectArgs),
    /// Judge and render stored evidence again, offline
    Report(report::Args),
    /// Join the shards of a class into one record
    Merge(merge::Args),
    /// Fill marks into a gradebook exported from a learning platform
    #[command(subcommand)]
    Gradebook(gradebook::Command),
    /// Send reports to teams by Moodle, mail or GitHub; without --send, a dry run
    Publish(Box<publish::Args>),
    /// Show what changed between two runs, and why
    Diff(diff::Args),
    /// Remove a person's data, or data before a date, from stored results; marks stay
    Forget(forget::Args),
    /// Decide what waits for a person, in the browser
    Review(review::Args),
    /// List commit authors, map them to members, suggest matches for the rest
    Identities(identities::Args),
    /// List, show, lint, start or test rubrics and checks
    #[command(subcommand)]
    Rubric(rubric::Command),
    /// Judge one check on stored evidence, and show the value of each expression
    Try(try_check::Args),
    /// Check AWS credentials and permissions before grading
    Doctor(doctor::Args),
    /// Print the least-privilege IAM policy for a rubric
    Policy(policy::Args),
    /// Explain a check, or list what checks can read and compute
    Explain(explain::Args),
    /// Print the JSON Schema of a format, for editors
    Schema(schema::Args),
    /// Compare the work of teams and of past years; for markers only
    Similar(Box<similar::Args>),
    /// Print the scores of each commit as JSON Lines
    Commits(commits::Args),
    /// Grade a small generated class, without account or network
    Demo(demo::Args),
    /// Print shell completions
    Completions(completions::Args),
    /// Read one document from standard input, within bounds
    #[command(hide = true)]
    ReadDocument(read_document::Args),
    /// Read one repository, as a job on standard input says, within bounds
    #[command(hide = true)]
    CollectRepository(collect_repository::Args),
}

/// Parses the command line, runs the command, and tells how it ended.
pub fn run() -> Exit {
    stackmark_class::panic_within_the_limits();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe while printing the help is no failure.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Graded };
        }
    };
    let output = Output::new(cli.shared.color, cli.shared.quiet, cli.shared.timings);
    output::start_logging(cli.shared.verbose);
    // What the program starts of itself gives up rights by itself, and has no say in those of its parent.
    let of_itself = matches!(cli.command, Command::ReadDocument(_) | Command::CollectRepository(_));
    if !of_itself && let Err(failure) = stackmark_class::room_to_begin() {
        output.error(&failure.message);
        return failure.exit;
    }
    let result = match cli.command {
        Command::Check(args) => check::run(*args, &cli.shared, &output),
        Command::Init(args) => init::run(&args, &cli.shared, &output),
        Command::Roster(command) => roster::run(command, &cli.shared, &output),
        Command::Grade(args) => grade::run(args, &cli.shared, &output),
        Command::Collect(args) => grade::run_collect(args, &cli.shared, &output),
        Command::Report(args) => report::run(args, &cli.shared, &output),
        Command::Merge(args) => merge::run(&args, &cli.shared, &output),
        Command::Gradebook(command) => gradebook::run(command, &output),
        Command::Publish(args) => publish::run(&args, &output),
        Command::Diff(args) => diff::run(args, &cli.shared, &output),
        Command::Forget(args) => forget::run(args, &output),
        Command::Review(args) => review::run(args, &cli.shared, &output),
        Command::Identities(args) => identities::run(args, &output),
        Command::Rubric(command) => rubric::run(command, &cli.shared, &output),
        Command::Try(args) => try_check::run(&args, &cli.shared, &output),
        Command::Doctor(args) => doctor::run(args, &cli.shared, &output),
        Command::Policy(args) => policy::run(&args, &cli.shared, &output),
        Command::Explain(args) => explain::run(args, &cli.shared, &output),
        Command::Similar(args) => similar::run(*args, &cli.shared, &output),
        Command::Schema(args) => schema::run(&args, &output),
        Command::Commits(args) => commits::run(&args, &output),
        Command::Demo(args) => demo::run(args, &cli.shared, &output),
        Command::Completions(args) => completions::run(args, &output),
        Command::ReadDocument(args) => read_document::run(&args),
        Command::CollectRepository(args) => collect_repository::run(&args),
    };
    output.say_timings();
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

/// Runs what collects until it is done, or until the user or the system wants it to stop; then nothing of it stays behind.
///
/// # Errors
/// Those of `work`; or that it was stopped, with `go_on`, what to do next.
fn until_stopped<T>(work: impl Future<Output = Result<T, Failure>>, go_on: &str) -> Result<T, Failure> {
    scratch::sweep();
    let runtime = runtime()?;
    let result = runtime.block_on(async {
        let signals = Signals::listen();
        tokio::select! {
            result = work => result,
            signal = signals.asked() => {
                stop::ask();
                Err(Failure::unexpected(format!("stopped by {signal}: {go_on}")))
            }
        }
    });
    // What reads a repository looks whether to stop, ends its process and removes its clone.
    runtime.shutdown_timeout(std::time::Duration::from_secs(10));
    result
}

/// The signals to stop, listened to from here on: one that comes before anybody waits for it is kept. Until then the system ends
/// the program where it stands, in the middle of a file too.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    /// Within a runtime. One that cannot be listened to ends the program, as it does by itself.
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let to = |kind| signal(kind).ok();
        Self {
            interrupt: to(SignalKind::interrupt()),
            terminate: to(SignalKind::terminate()),
            hangup: to(SignalKind::hangup()),
        }
    }

    /// Waits for one, and gives its name.
    async fn asked(mut self) -> &'static str {
        let heard = async |signal: &mut Option<tokio::signal::unix::Signal>| match signal {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        };
        tokio::select! {
            () = heard(&mut self.interrupt) => "SIGINT",
            () = heard(&mut self.terminate) => "SIGTERM",
            () = heard(&mut self.hangup) => "SIGHUP",
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn asked(self) -> &'static str {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}

/// Bytes of a thread's stack.
const STACK: usize = 8 << 20;
const NO_THREAD: &str =
    "this machine gives no thread to work with: raise the limits of memory and processes (ulimit -v, ulimit -u)";

/// Whether a runtime would get its threads: one that gets some of them panics, and may wait for these for ever.
fn gives_threads() -> bool {
    let wanted = std::thread::available_parallelism().map_or(1, usize::from) + 1;
    let gate = std::sync::Mutex::new(());
    std::thread::scope(|scope| {
        // Held until all were started, so that they are there at once.
        let _held = gate.lock();
        let start = |_| std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || drop(gate.lock())).is_ok();
        (0..wanted).all(start)
    })
}

/// For what starts threads by itself, and panics where it gets none.
///
/// # Errors
/// This machine gives none; the message says which limits to raise.
fn ask_for_threads() -> Result<(), Failure> {
    if gives_threads() { Ok(()) } else { Err(Failure::usage(NO_THREAD)) }
}

/// A runtime for the commands that use the network.
///
/// # Errors
/// This machine gives it no threads.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    ask_for_threads()?;
    let build = || tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build();
    // It panics where a thread cannot be started, and says so by itself.
    match std::panic::catch_unwind(build) {
        Ok(built) => built.map_err(Failure::unexpected),
        Err(_) => Err(Failure::usage(NO_THREAD)),
    }
}
