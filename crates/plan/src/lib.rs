//! What has to be read for a team: from the rubric's checks, deduplicated. Nothing is fetched that no check reads.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use minijinja::Value;
use serde::{Deserialize, Serialize};
use stackmark_course::{Check, Rubric};
use stackmark_evidence::asked::{Asked, AskedFor};
use stackmark_evidence::request::{RecoveryRequest, ScopeRequest};
use stackmark_evidence::{Evidence, MembersFrom, Team};
use stackmark_language::expression::{Engine, ExpressionError, value_of};
use stackmark_language::load::{LoadLimits, LoadRequest};
use stackmark_language::request::HttpRequest;
use stackmark_language::team_value;

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
    /// Which of it each item needs.
    pub asked: AskedFor,
}

/// What one check asks for, filled in for a team.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filled {
    /// By keys, for the judge.
    pub asked: Asked,
    /// In the order of its steps.
    pub requests: Vec<HttpRequest>,
    /// The load, if it sends one.
    pub load: Option<LoadRequest>,
    /// The instance to end, if it asks for that.
    pub recovery: Option<RecoveryRequest>,
}

/// Fills in what a check with these parameters asks for. The one place in which a template of a request is filled in.
///
/// # Errors
/// A template that fails; the message names the part of the check.
pub fn fill(
    check: &Check,
    with: &IndexMap<String, Value>,
    team: &Value,
    engine: &Engine,
) -> Result<Filled, ExpressionError> {
    let mut context: BTreeMap<&str, Value> = with.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    context.insert("team", team.clone());
    context.insert("scope", Value::from("the team's tags"));
    let context = value_of(&context);
    let of = |part: &'static str| {
        move |error: ExpressionError| ExpressionError { message: format!("{part}{}", error.message), range: None }
    };
    let resource_types = check.types_looked_for(engine, &context).map_err(of("resource_types: "))?;
    let recovery = match &check.recovery {
        Some(step) => Some(step.fill(engine, &context).map_err(of("recovery: "))?),
        None => None,
    };
    let requests = check.fill_requests(engine, &context).map_err(of(""))?;
    let load = match &check.load {
        Some(spec) => Some(spec.fill(engine, &context).map_err(of(""))?),
        None => None,
    };
    let asked = Asked {
        readings: check.reads.clone(),
        resource_types,
        requests: requests.iter().map(|request| request.key.clone()).collect(),
        load: load.as_ref().map(|load| load.key.clone()),
    };
    Ok(Filled { asked, requests, load, recovery })
}

/// What `rubric` asks for on stored evidence: as it was recorded, or planned anew for evidence that was collected with
/// another rubric or by an older version.
///
/// # Errors
/// As [`plan`].
pub fn asked_for(rubric: &Rubric, evidence: &Evidence, engine: &Engine) -> Result<AskedFor, ExpressionError> {
    if evidence.asked.rubric_sha256 == rubric.sha256() {
        return Ok(evidence.asked.clone());
    }
    let mut team = evidence.team.clone();
    if team.members_from == MembersFrom::History {
        // When requests were planned, nobody had read the history yet.
        team.members.clear();
    }
    Ok(plan(rubric, &team, &BTreeMap::new(), engine)?.asked)
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
    let asked = AskedFor { rubric_sha256: rubric.sha256(), ..AskedFor::default() };
    let scope = rubric.scope.request(engine, &team, own_tags)?;
    let mut plan = Plan { asked, scope, load_limits: rubric.limits, ..Plan::default() };
    for item in rubric.items() {
        let Some(check) = rubric.checks.get(&item.check) else { continue };
        let filled = fill(check, &item.with, &team, engine).map_err(|error| ExpressionError {
            message: format!("item {}, {}", item.id, error.message),
            range: None,
        })?;
        plan.readings.extend(filled.asked.readings.iter().cloned());
        plan.scope.resource_types.extend(filled.asked.resource_types.iter().cloned());
        if let Some(recovery) = filled.recovery {
            add_recovery(&mut plan, recovery, &item.id)?;
        }
        for request in filled.requests {
            if !plan.requests.iter().any(|known| known.key == request.key) {
                plan.requests.push(request);
            }
        }
        if let Some(load) = filled.load {
            if let Some(above) = load.above(&plan.load_limits) {
                let message = format!("item {}: it sends {above}", item.id);
                return Err(ExpressionError { message, range: None });
            }
            if !plan.loads.iter().any(|known| known.key == load.key) {
                plan.loads.push(load);
            }
        }
        plan.asked.items.insert(item.id.clone(), filled.asked);
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
