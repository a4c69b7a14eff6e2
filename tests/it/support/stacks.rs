//! Reference stacks in a moto server: each built anew, good or with one thing changed, and graded in-process.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use stackmark_aws::{AwsAccess, OPERATIONS, operations_for};
use stackmark_class::TeamJob;
use stackmark_class::schedule::collect_team;
use stackmark_collect::Disruption;
use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_course::{Library, Overrides, Rubric};
use stackmark_evidence::{Evidence, Team, Tool};
use stackmark_history::RepositorySource;
use stackmark_judge::scorecard::{ItemScore, Verdict};
use stackmark_judge::weigh::{Stamps, judge};
use stackmark_language::expression::Engine;
use stackmark_plan::{Plan, plan};

use super::moto::Moto;

/// A change of a reference stack, and what it has to cost.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mutation {
    /// In words.
    pub(crate) name: String,
    /// Settings of the stack that are other than good.
    pub(crate) change: Json,
    /// Points lost by item; every other item must keep its points.
    pub(crate) loses: BTreeMap<String, f64>,
}

/// `tests/stacks/<rubric>.toml`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    /// Items that rest on AWS, and cannot be shown by the emulator: why.
    #[serde(default)]
    pub(crate) not_shown: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) mutation: Vec<Mutation>,
}

/// The script that builds, and the rubric that judges.
pub(crate) struct Bench {
    /// Killed with the bench.
    _moto: Moto,
    builder: Child,
    orders: ChildStdin,
    replies: BufReader<ChildStdout>,
    /// Where the stacks are read: the server, with what it lacks.
    door: String,
    rubric: Rubric,
    engine: Engine,
}

impl Bench {
    /// A server and a builder for one rubric.
    pub(crate) fn new(id: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let moto = Moto::with_images(&root.join("tests/stacks/images.json"));
        let mut builder = Command::new(moto.python())
            .args(["-B", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/stacks")])
            .arg(moto.endpoint())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python runs");
        let orders = builder.stdin.take().expect("piped");
        let mut replies = BufReader::new(builder.stdout.take().expect("piped"));
        let mut first = String::new();
        replies.read_line(&mut first).expect("the builder begins");
        let first: Json = serde_json::from_str(&first).expect("JSON");
        let door = first["door"].as_str().expect("an address").to_owned();
        let (mut library, engine) = (Library::embedded(), Engine::new());
        // The files as they stand: a change of a check is tested without a build.
        for folder in [root, &root.join("examples/courses")] {
            library.add_folder(folder).expect("the library");
        }
        let source = library.rubric(id).expect("a rubric of ours");
        let rubric = Rubric::parse(id, source, &library, &engine).0.expect("valid");
        Self { _moto: moto, builder, orders, replies, door, rubric, engine }
    }

    /// Builds the stack with a change, reads it, and gives the items that rest on AWS alone.
    pub(crate) async fn grade(&mut self, change: &Json) -> Vec<ItemScore> {
        self.build(change);
        let mut items = self.read(&self.door, &Settings::default()).await;
        items.retain(|item| item.outcome.verdict != Verdict::Manual);
        items
    }

    /// Where the stacks are read.
    pub(crate) fn door(&self) -> &str {
        &self.door
    }

    /// Builds the stack with a change.
    pub(crate) fn build(&mut self, change: &Json) {
        let order = json!({ "stack": self.rubric.id, "change": change });
        writeln!(self.orders, "{order}").expect("the builder listens");
        let mut reply = String::new();
        self.replies.read_line(&mut reply).expect("the builder answers");
        let reply: Json = serde_json::from_str(&reply).expect("JSON");
        assert!(reply["error"].is_null(), "{order}\n{}", reply["error"].as_str().unwrap_or_default());
    }

    /// What the rubric asks of AWS.
    fn plan(&self) -> (Team, Plan) {
        let team = Team::of_roster("heron");
        let mut plan = plan(&self.rubric, &team, &BTreeMap::new(), &self.engine).expect("a plan");
        plan.requests.clear();
        plan.loads.clear();
        plan.readings.retain(|path| path.starts_with("aws."));
        (team, plan)
    }

    /// Collects the evidence for that through an endpoint.
    async fn collect(&self, endpoint: &str, settings: &Settings) -> (Plan, Evidence) {
        let (team, plan) = self.plan();
        let region = if self.rubric.id.starts_with("day02") { "eu-west-1" } else { "us-east-1" };
        let job = TeamJob {
            team,
            repository: RepositorySource::default(),
            aws: AwsAccess {
                endpoint_url: Some(endpoint.to_owned()),
                region: Some(region.to_owned()),
                ..AwsAccess::default()
            },
            tags: BTreeMap::new(),
            base_url: None,
            live: true,
            disruption: Disruption::NotAsked,
            not_again: None,
        };
        let when = "2026-11-20T10:00:00Z".to_owned();
        let evidence = collect_team(job, &plan, settings, tool(), when, Arc::new(Silent)).await;
        (plan, evidence)
    }

    /// Operations that the rubric asks for and that no request sends, whatever the gate does to them.
    pub(crate) async fn unsent(&self, endpoint: &str, settings: &Settings) -> BTreeSet<String> {
        let (plan, evidence) = self.collect(endpoint, settings).await;
        let mut asked = operations_for(&plan.readings, &plan.scope);
        // The rights to the rest are for Cloud Control, which asks in its own name.
        asked.retain(|action| OPERATIONS.iter().any(|operation| operation.action == action));
        asked.retain(|action| !evidence.aws.calls.contains_key(action));
        asked
    }

    /// Reads the stack through an endpoint, and gives the items that rest on AWS alone, open ones too.
    pub(crate) async fn read(&self, endpoint: &str, settings: &Settings) -> Vec<ItemScore> {
        let (plan, evidence) = self.collect(endpoint, settings).await;
        let stamps = Stamps { tool: tool(), evidence_sha256: String::new(), overrides_sha256: None };
        let card = judge(&evidence, &self.rubric, &plan.asked, &Overrides::default(), stamps, &self.engine)
            .expect("plain data");
        let rubric = &self.rubric;
        let by_aws = |item: &ItemScore| {
            let check = &rubric.checks[&item.check];
            let asks_nobody = check.requests.is_empty() && check.load.is_none();
            asks_nobody && check.reads.iter().all(|path| path.starts_with("aws."))
        };
        card.criteria.into_iter().flat_map(|criterion| criterion.items).filter(by_aws).collect()
    }
}

fn tool() -> Tool {
    Tool { name: "stackmark".to_owned(), version: "0".to_owned() }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.builder.kill();
        let _ = self.builder.wait();
    }
}
