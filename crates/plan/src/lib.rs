//! What has to be read for a team: from the rubric's checks, deduplicated. Nothing is fetched that no check reads.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde::{Deserialize, Serialize};

use stackmark_course::Rubric;
use stackmark_evidence::Team;
use stackmark_language::expression::{Engine, ExpressionError, value_of};
use stackmark_language::team_value;

use stackmark_evidence::request::{RecoveryRequest, ScopeRequest};
use stackmark_language::load::{LoadLimits, LoadRequest};
use stackmark_language::request::HttpRequest;

/// Everything that the collectors are asked for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Paths of [`stackmark_evidence::paths::READING_PATHS`].
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
