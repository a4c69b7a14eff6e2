//! A part of a class on one of many machines: `--shard I/N`, `--out s3://…`, `--roster s3://…`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stackmark_class::grade::grade_class;
use stackmark_class::members::FACTORS;
use stackmark_class::{ClassRun, Exit, Failure, Shard, Voice as _, shard};

use super::merge;
use super::output::Output;

/// Which part of the class.
#[derive(Debug, Clone, Copy, clap::Args)]
#[command(next_help_heading = "On many machines")]
pub(super) struct Part {
    /// Grade part I of N of the class, such as 3/8 (default: the index of an AWS Batch array job, an indexed Kubernetes
    /// Job or a Slurm array); exits with 0 once all its teams are recorded
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Number of parts, if the engine gives only the index
    #[arg(long, value_name = "N", conflicts_with = "shard")]
    shards: Option<usize>,
}

impl Part {
    /// The shard of this process, from the command line or its environment.
    pub(super) fn given(self) -> Result<Option<Shard>, Failure> {
        Shard::given(self.shard, self.shards, |name| std::env::var(name).ok())
    }
}

/// The shard of a run: the one that was given; the whole class if the results go to S3.
pub(super) fn of_run(given: Option<Shard>, class: &ClassRun) -> Option<Shard> {
    given.or(class.remote.is_some().then_some(Shard::WHOLE))
}

/// Grades one shard. A class that is whole is joined at once.
pub(super) async fn grade(
    class: ClassRun,
    shard: Shard,
    library: &[PathBuf],
    output: &Output,
) -> Result<Exit, Failure> {
    let (results, remote) = (class.results.clone(), class.remote.clone());
    let (roster, roster_sha256) = (class.roster.clone(), class.roster_sha256.clone());
    let folders = match &remote {
        Some(remote) => remote.folders("shards").await?,
        None => results.shards()?,
    };
    shard::refuse_other_division(shard, folders.iter().map(String::as_str))?;
    let class = shard::narrow(class, shard, output)?;
    let own = class.results.run().parent().map(Path::to_owned).unwrap_or_default();
    if let Some(remote) = &remote {
        let asked = class.roster.teams.iter().filter(|team| class.only.is_empty() || class.only.contains(&team.id));
        let mut prefixes: Vec<String> = asked.map(|team| format!("teams/{}/", team.id)).collect();
        prefixes.push(format!("shards/{}/", shard.folder()));
        prefixes.push(FACTORS.to_owned());
        remote.pull(&prefixes, |_| true).await?;
    }
    // What could not be read, and what failed, is recorded: an engine that runs this again would change nothing.
    grade_class(class, Arc::new(output.clone())).await?;
    if let Some(remote) = &remote {
        remote.push(&own).await?;
    }
    if shard == Shard::WHOLE {
        let class = merge::Class { roster: &roster, roster_sha256: &roster_sha256, library };
        return merge::join_all(class, &results, remote.as_ref(), output).await;
    }
    let name = results.name();
    output.note(&format!("shard {shard} is recorded; once all are, `stackmark merge --out {name}` joins them"));
    Ok(Exit::Graded)
}
