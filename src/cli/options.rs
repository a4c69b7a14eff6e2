//! Options that several commands share.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

use crate::collect::{ResolveOverride, Settings};

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
}

impl Network {
    /// As the collectors take it.
    pub(super) fn settings(&self) -> Settings {
        Settings { resolve: self.resolve.clone(), allow_private: self.allow_private, ..Settings::default() }
    }
}
