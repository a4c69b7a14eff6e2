//! What has to be read for a team: from the rubric's checks, deduplicated. Nothing is fetched that no check reads.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod capture;
pub mod load;
pub mod scenario;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde::{Deserialize, Serialize};

use crate::course::Rubric;
use crate::evidence::Team;
use crate::judge::expression::{Engine, ExpressionError, value_of};
use crate::judge::outcome::team_value;

use load::{LoadLimits, LoadRequest};

/// Everything that the collectors are asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Paths of [`crate::evidence::paths::READING_PATHS`].
    pub readings: BTreeSet<String>,
    /// Requests by key, in the order in which the checks name them.
    pub requests: Vec<HttpRequest>,
    /// Loads by key, in the order in which the checks name them.
    pub loads: Vec<LoadRequest>,
    /// What no load may exceed.
    pub load_limits: LoadLimits,
    /// Which AWS resources belong to the team.
    pub scope: ScopeRequest,
    /// One instance ended, and watched how its group heals.
    pub recovery: Option<RecoveryRequest>,
}

/// One instance of the team's Auto Scaling group ended, and a path asked for until the group is whole again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryRequest {
    /// Path and query, starting with `/`.
    pub path: String,
    /// Milliseconds between two requests.
    pub every_ms: u64,
    /// Milliseconds after which watching ends.
    pub within_ms: u64,
}

/// Which AWS resources belong to the team.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScopeRequest {
    /// All of these tags, with these values; empty reads the whole account.
    pub tags: BTreeMap<String, String>,
    /// Where nothing carries the tags, read the whole account instead.
    pub fallback_to_account: bool,
    /// Regions that the rubric names, for teams whose roster names none; empty leaves it to the profile.
    #[serde(default)]
    pub regions: Vec<String>,
    /// CloudFormation's names of the types that `aws.resources` holds: `AWS::DynamoDB::Table`.
    #[serde(default)]
    pub resource_types: BTreeSet<String>,
}

/// One request to the load balancer, sent `repeat` times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRequest {
    /// Names the exchange in the evidence; made by [`HttpRequest::key_of`].
    pub key: String,
    /// `GET`, `HEAD`, `POST`, `PUT` or `DELETE`.
    pub method: String,
    /// Path and query, starting with `/`.
    pub path: String,
    /// Header names and values.
    pub headers: BTreeMap<String, String>,
    /// Body, as text.
    pub body: Option<String>,
    /// How many times, one after the other, each on a new connection; 1 or more.
    pub repeat: u32,
    /// For one attempt, milliseconds.
    pub timeout_ms: u64,
    /// Redirects followed, each hop through the address guard; 0 follows none.
    pub max_redirects: u32,
    /// What makes it more than a plain request, and a step of a scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Box<scenario::Step>>,
}

impl HttpRequest {
    /// The same request always has the same key, so that two checks share one exchange.
    pub fn key_of(&self) -> String {
        let mut key = format!("{} {}", self.method, self.path);
        for (name, value) in &self.headers {
            key.push_str(&format!(" {name}:{value}"));
        }
        if let Some(body) = &self.body {
            key.push_str(&format!(" body:{body}"));
        }
        if self.max_redirects > 0 {
            key.push_str(&format!(" redirects:{}", self.max_redirects));
        }
        key.push_str(&format!(" timeout:{}ms ×{}", self.timeout_ms, self.repeat));
        key
    }
}

impl Plan {
    /// Whether any reading of `family` is asked for.
    pub fn wants_family(&self, family: &str) -> bool {
        self.readings.iter().any(|path| path.split('.').next() == Some(family))
            || (family == "http" && !(self.requests.is_empty() && self.loads.is_empty() && self.recovery.is_none()))
    }

    /// Whether the reading at `path` is asked for.
    pub fn wants(&self, path: &str) -> bool {
        self.readings.contains(path)
    }
}

/// Makes the plan for one team from the checks that a rubric uses.
///
/// # Errors
/// A request, a load or a tag whose template fails, or a load above the rubric's limits; the message names the item.
pub fn plan(
    rubric: &Rubric,
    team: &Team,
    own_tags: &BTreeMap<String, String>,
    engine: &Engine,
) -> Result<Plan, ExpressionError> {
    let team = team_value(team);
    let mut plan =
        Plan { scope: rubric.scope.request(engine, &team, own_tags)?, load_limits: rubric.limits, ..Plan::default() };
    for item in rubric.items() {
        let Some(check) = rubric.checks.get(&item.check) else { continue };
        plan.readings.extend(check.reads.iter().cloned());
        let mut context: BTreeMap<&str, Value> =
            item.with.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        context.insert("team", team.clone());
        context.insert("scope", Value::from("the team's tags"));
        let context = value_of(&context);
        let types = check.types_looked_for(engine, &context).map_err(|error| ExpressionError {
            message: format!("item {}, resource_types: {}", item.id, error.message),
            range: None,
        })?;
        plan.scope.resource_types.extend(types);
        if let Some(step) = &check.recovery {
            let asked = step.fill(engine, &context).map_err(|error| ExpressionError {
                message: format!("item {}, recovery: {}", item.id, error.message),
                range: None,
            })?;
            add_recovery(&mut plan, asked, &item.id)?;
        }
        let requests = check.fill_requests(engine, &context).map_err(|error| ExpressionError {
            message: format!("item {}, {}", item.id, error.message),
            range: None,
        })?;
        for request in requests {
            if !plan.requests.iter().any(|known| known.key == request.key) {
                plan.requests.push(request);
            }
        }
        if let Some(spec) = &check.load {
            let wrong = |message| ExpressionError { message: format!("item {}: {message}", item.id), range: None };
            let load = spec.fill(engine, &context).map_err(|error| wrong(error.message))?;
            if let Some(above) = load.above(&plan.load_limits) {
                return Err(wrong(format!("it sends {above}")));
            }
            if !plan.loads.iter().any(|known| known.key == load.key) {
                plan.loads.push(load);
            }
        }
    }
    Ok(plan)
}

/// A run ends one instance of a team's, not one for each check.
fn add_recovery(plan: &mut Plan, asked: RecoveryRequest, item: &str) -> Result<(), ExpressionError> {
    match &plan.recovery {
        Some(known) if *known != asked => Err(ExpressionError {
            message: format!(
                "item {item}: another item ends an instance already, with other settings; give both the same"
            ),
            range: None,
        }),
        _ => {
            plan.recovery = Some(asked);
            Ok(())
        }
    }
}
