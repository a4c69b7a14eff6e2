//! Options that several commands share.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use stackmark_collect::Limits;
use stackmark_collect::ResolveOverride;
use stackmark_collect::Settings;

/// For every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct Shared {
    /// Folder with checks/, rubrics/ or templates/ of your own; comes before what is built in, the last one first
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) library: Vec<PathBuf>,
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(super) color: Color,
    /// Say more on standard error; twice for the AWS SDK's own words
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Show no progress
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
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
    /// Connect to ADDR where a URL says HOST:PORT, as in curl; ADDR may carry a port of its own, HOST may be *
    #[arg(long, value_name = "HOST:PORT:ADDR", value_parser = ResolveOverride::from_str)]
    pub(super) resolve: Vec<ResolveOverride>,
    /// Let HTTP requests go to private, loopback and link-local addresses (metadata addresses stay refused)
    #[arg(long)]
    pub(super) allow_private: bool,
    /// Wait so long for CloudWatch to have counted a load, which takes it some minutes
    #[arg(long, value_name = "SECONDS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=1800))]
    pub(super) wait_metrics: u64,
}

/// For the commands that may end an instance of a team's.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Recovery")]
pub(super) struct Disruptive {
    /// Where the rubric asks for it, end one instance of the Auto Scaling group and watch it heal; a roster has to allow
    /// it as well (allow_disruptive = true)
    #[arg(long)]
    pub(super) allow_disruptive: bool,
    /// With --allow-disruptive: say which instance would be ended, and end none
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
