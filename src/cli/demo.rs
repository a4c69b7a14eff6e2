//! `stackmark demo`: a small class, graded from end to end on a machine with only Rust.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::grade::grade;
use super::options::{Shared, limits};
use super::output::Output;
use super::{Signals, runtime};
use crate::demo::aws_replay::{self, Recordings, ReplayServer};
use crate::demo::class;
use crate::demo::load_balancer::{self, RunningLoadBalancer};
use crate::demo::stack;
use stackmark_aws;
use stackmark_aws::AwsAccess;
use stackmark_class::store::{self, Results};
use stackmark_class::{ClassRun, Exit, Failure, Voice as _, documents};
use stackmark_collect::Limits;
use stackmark_collect::ResolveOverride;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_course::{Library, Roster, SourceText};
use stackmark_evidence::files::AtPath as _;
use stackmark_evidence::request::ScopeRequest;
use stackmark_language::expression::Engine;
use stackmark_render::json::sha256_hex;

/// The rubric that the class is graded by.
const RUBRIC: &str = "log8415-a1";
/// Where the recorded load balancers listen.
const PORT: u16 = 80;

/// Folder of the class's repositories, relative to its roster.
const REPOSITORIES: &str = "repositories";
/// Marks a folder as the demo's own, which it may make anew.
const MARKER: &str = ".stackmark-demo";

/// Options of `stackmark demo`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Folder for the repositories, the roster and the results
    #[arg(short, long, value_name = "DIR", default_value = "stackmark-demo")]
    out: PathBuf,
}

/// One team's account and service, alive for as long as the demo grades.
struct Stack {
    replay: ReplayServer,
    balancer: RunningLoadBalancer,
    resolve: Vec<ResolveOverride>,
}

/// Runs the command.
pub(super) fn run(args: Args, _shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let out = &args.out;
    clear(out)?;
    output.note(&format!("generating a class of three teams in {}", out.display()));
    let repositories = out.join(REPOSITORIES);
    std::fs::create_dir_all(&repositories).at(&repositories)?;
    let teams = class::make(&repositories).map_err(Failure::unexpected)?;
    let mut library = Library::embedded();
    let rubric = documents::rubric(RUBRIC, &mut library, &Engine::new(), output)?;
    let templates = documents::templates(&library)?;
    runtime()?.block_on(async {
        let mut stacks = Vec::new();
        for team in &teams {
            stacks.push(start(&team.id).await?);
        }
        let endpoints: BTreeMap<String, String> = teams
            .iter()
            .zip(&stacks)
            .map(|(team, stack)| (team.id.clone(), stack.replay.endpoint_url().to_owned()))
            .collect();
        let roster_text = class::roster(Path::new(REPOSITORIES), &endpoints).map_err(Failure::unexpected)?;
        let roster_path = out.join("roster.toml");
        store::write(&roster_path, &roster_text)?;
        let source = SourceText::new(roster_path.display().to_string(), roster_text.clone());
        let (roster, problems) = Roster::parse(&source);
        let (roster, _) = problems.or_else(roster).map_err(Failure::unexpected)?;
        for (team, stack) in teams.iter().zip(&stacks) {
            output.note(&format!(
                "{}: recorded AWS replies at {}, load balancer with {} back ends at http://{}",
                team.id,
                stack.replay.endpoint_url(),
                stack.balancer.backends().len(),
                stack.balancer.address()
            ));
        }
        let class = ClassRun {
            roster,
            roster_sha256: sha256_hex(roster_text.as_bytes()),
            mailmap: Default::default(),
            base: out.clone(),
            only: Vec::new(),
            course: library.documents_of(&rubric),
            rubric,
            templates,
            results: Results::at(out.join("results")),
            remote: None,
            jobs: 2,
            fresh: true,
            judge: true,
            renew: stackmark_class::Renewal::default(),
            settings: Settings {
                resolve: stacks.iter().flat_map(|stack| stack.resolve.clone()).collect(),
                limits: limits(),
                ..Settings::default()
            },
            disruptive: stackmark_class::Disruptive::default(),
        };
        grade(class, false, None, output, Signals::listen()).await
    })
}

/// Takes an earlier demo away; anything else in the folder is somebody's, and left alone.
fn clear(out: &Path) -> Result<(), Failure> {
    let marker = out.join(MARKER);
    let occupied = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if occupied && !marker.is_file() {
        let message = format!("{} is not empty and has no earlier demo: choose another --out", out.display());
        return Err(Failure::usage(message));
    }
    for folder in [REPOSITORIES, "results"] {
        let folder = out.join(folder);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).at(&folder)?;
        }
    }
    Ok(store::write(&marker, "This folder is made anew by each `stackmark demo`.\n")?)
}

/// Serves a team's recorded AWS replies, and the load balancer that they describe.
async fn start(team: &str) -> Result<Stack, Failure> {
    let recordings = Recordings::of(team).map_err(Failure::unexpected)?;
    let replay = aws_replay::serve(recordings).await?;
    let access = AwsAccess { endpoint_url: Some(replay.endpoint_url().to_owned()), ..AwsAccess::default() };
    let wanted: BTreeSet<String> = ["load_balancers", "listeners", "rules", "target_groups", "target_health"]
        .map(|table| format!("aws.{table}"))
        .into();
    let scope = ScopeRequest { tags: tags(team).collect(), fallback_to_account: true, ..ScopeRequest::default() };
    let read = stackmark_aws::collect(&access, &scope, &wanted, &Limits::default(), &Silent).await;
    let balancer = load_balancer::serve(stack::live(&read)).await?;
    let address: SocketAddr = balancer.address();
    let names = read.load_balancers.value().into_iter().flatten();
    let resolve =
        names.map(|known| ResolveOverride { host: known.dns_name.to_lowercase(), port: PORT, address }).collect();
    Ok(Stack { replay, balancer, resolve })
}

fn tags(team: &str) -> impl Iterator<Item = (String, String)> {
    [("project".to_owned(), RUBRIC.to_owned()), ("team".to_owned(), team.to_owned())].into_iter()
}
