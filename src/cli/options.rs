//! Options that several commands share.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::output::{Color, Output};
use stackmark_class::pdf::{Print, Printer};
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Voice as _};
use stackmark_collect::Limits;
use stackmark_collect::ResolveOverride;
use stackmark_collect::Settings;
use stackmark_render::terminal::ClassRow;

/// Where `grade` writes to by default. `identities` and `doctor` look there for when a commit was first seen.
pub(super) const RESULTS: &str = "results";

/// For every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Shared {
    /// Folder with your own checks/, rubrics/ or templates/, repeatable; the last one comes first, the built-in files last
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) library: Vec<PathBuf>,
    /// Use colour; NO_COLOR is respected
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Log to standard error; -vv includes the AWS SDK
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Hide progress
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Print to standard error what took how long, by step; steps of teams that were graded side by side add up
    #[arg(long, global = true, hide = true)]
    pub(super) timings: bool,
}

/// For the commands that write reports.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct Pdf {
    /// Also write report.pdf with WeasyPrint or Chromium, reproducible byte for byte
    #[arg(long)]
    pub(super) pdf: bool,
}

impl Pdf {
    /// The program that makes PDFs, where they are asked for.
    pub(super) fn printer(self) -> Result<Option<Printer>, Failure> {
        self.pdf.then(|| Printer::find(std::env::var_os("PATH").as_deref())).transpose()
    }
}

/// Prints the report of each team that has one as a PDF, the one in `language` if that is not the team's own. How far it is is
/// said, since a page takes seconds; what goes wrong with one team is said, and the others go on.
pub(super) fn print_reports(
    printer: Option<&Printer>,
    teams: &[String],
    results: &Results,
    language: Option<&str>,
    output: &Output,
) -> Exit {
    let Some(printer) = printer else { return Exit::Graded };
    let epoch = std::env::var("SOURCE_DATE_EPOCH").ok();
    let page = language.map_or_else(|| "report.html".to_owned(), |code| format!("report.{code}.html"));
    // A team that could not be judged, or whose evidence was removed, has none.
    let has_one = |team: &&str| results.team(team, &page).is_file();
    let teams: Vec<&str> = teams.iter().map(String::as_str).filter(has_one).collect();
    let (mut exit, mut printed, of) = (Exit::Graded, Vec::new(), teams.len());
    let begins = |at: usize, team: &str| output.progress(&format!("printing {at} of {of}: {team}"));
    let made = Print { results, language, printer, epoch: epoch.as_deref() }.all(&teams, &begins);
    for (team, made) in teams.iter().zip(made) {
        match made {
            Ok(path) => printed.push(path),
            Err(failure) => {
                output.error(&format!("team {team}: {}", failure.message));
                exit = exit.worse(failure.exit);
            }
        }
    }
    match printed.as_slice() {
        [] => {}
        [one] => output.note(&format!("pdf: {}", one.display())),
        several => {
            let all = results.team("*", &page.replace(".html", ".pdf"));
            output.note(&format!("pdf: {} files, {}", several.len(), all.display()));
        }
    }
    exit
}

/// The teams of these lines that have a mark.
pub(super) fn with_marks(rows: &[ClassRow]) -> Vec<String> {
    rows.iter().filter(|row| row.mark.is_some()).map(|row| row.team.clone()).collect()
}

/// A full object id, in lower case.
pub(super) fn parse_object_id(text: &str) -> Result<String, String> {
    match text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err("expected a full object id: 40 hexadecimal digits, as `git rev-parse` prints them".to_owned()),
    }
}

/// An address that requests can go to.
pub(super) fn parse_base_url(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(text.to_owned()),
        _ => Err("expected http://HOST or http://HOST:PORT".to_owned()),
    }
}

/// The caps, with this very program to read repositories and documents.
pub(super) fn limits() -> Limits {
    let mut limits = Limits::default();
    // Without it every document says that it could not be read, and why.
    limits.documents.program = std::env::current_exe().ok();
    limits.repository.program.clone_from(&limits.documents.program);
    limits
}

/// For the commands that send requests.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Requests")]
pub(super) struct Network {
    /// Connect to ADDR instead of HOST:PORT, as in curl; ADDR may include a port, HOST may be *
    #[arg(long, value_name = "HOST:PORT:ADDR", value_parser = ResolveOverride::from_str)]
    pub(super) resolve: Vec<ResolveOverride>,
    /// Allow HTTP requests to private, loopback and link-local addresses, except metadata services
    #[arg(long)]
    pub(super) allow_private: bool,
    /// Seconds to wait for CloudWatch's request counts after a load
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=1800))]
    pub(super) wait_metrics: u64,
}

/// For the commands that may end an instance of a team's.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Recovery")]
pub(super) struct Disruptive {
    /// Terminate one instance of the Auto Scaling group and watch the recovery, if rubric and roster allow it
    /// (`allow_disruptive = true`)
    #[arg(long)]
    pub(super) allow_disruptive: bool,
    /// Print the instance that --allow-disruptive would terminate, without terminating it
    #[arg(long, requires = "allow_disruptive")]
    pub(super) dry_run: bool,
}

impl Disruptive {
    /// As a class run takes it.
    pub(super) fn given(self) -> stackmark_class::Disruptive {
        stackmark_class::Disruptive { allowed: self.allow_disruptive, dry_run: self.dry_run }
    }
}

impl Network {
    /// As the collectors take it.
    pub(super) fn settings(&self) -> Settings {
        Settings {
            resolve: self.resolve.clone(),
            allow_private: self.allow_private,
            wait_metrics: std::time::Duration::from_secs(self.wait_metrics),
            limits: limits(),
            ..Settings::default()
        }
    }
}
