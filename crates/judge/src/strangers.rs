//! Instances that answers name and AWS does not have: a script can print any id, so points that rest on them wait for a
//! person. So does what rests on addresses that no known instance has: they may be containers' or the load balancer's.
//!
//! This holds for every check that counts instances by their answers, and no check has to ask for it. A check that compares
//! them with the targets or the instances does so by itself.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use serde_json::Value as Json;
use stackmark_course::Check;
use stackmark_evidence::asked::Asked;

use super::addresses::is_address;
use super::exchanges::{keyed, pointer};
use super::gaps::PartialTable;
use super::scorecard::{Outcome, Verdict};

/// What a team can do about it.
const NEXT_STEP: &str = "Let each answer name the instance that sends it, and give each instance the course's tags.";
/// Readings with which a check compares the ids by itself.
const COMPARED: [&str; 2] = ["aws.instances", "aws.target_health"];
/// Ids that are told of many.
const MOST_TOLD: usize = 5;

/// The instances that AWS does not have, and the evidence as it would be without their answers' ids; `None` if there are
/// none. If the inventory was not read whole, any id may be an instance's.
pub(crate) fn set_aside(check: &Check, asked: &Asked, evidence: &Json) -> Option<(BTreeSet<String>, Json)> {
    let compares = check.reads.iter().any(|path| COMPARED.contains(&path.as_str()));
    if compares || (check.requests.is_empty() && check.load.is_none()) {
        return None;
    }
    // Most answers name nobody, and an account has many rows.
    let all_known = LazyCell::new(|| known(evidence));
    let is_known = |id: &str| all_known.as_ref().map(|known| known.contains(id));
    let is_strange = |id: &str| match id.starts_with("i-") {
        true => is_known(id) == Some(false),
        false => is_address(id) && is_known(id) != Some(true),
    };
    // What stands beside counts for nothing, so that a stranger there takes nothing away.
    let requests = check.requests.iter().zip(&asked.requests).filter(|(step, _)| !step.beside);
    let requests = requests.map(|(_, key)| (pointer(evidence, key), "instance_ids"));
    let load = asked.load.iter().filter(|_| check.load.is_some()).map(|key| (keyed("loads", key), "spread"));
    let (mut strangers, mut rest) = (BTreeSet::new(), None);
    for (place, field) in requests.chain(load) {
        let ids = evidence.pointer(&place).and_then(|reading| reading["value"][field].as_object());
        let strange: Vec<&String> = ids.into_iter().flat_map(|ids| ids.keys()).filter(|id| is_strange(id)).collect();
        if strange.is_empty() {
            continue;
        }
        let rest: &mut Json = rest.get_or_insert_with(|| evidence.clone());
        if let Some(value) = rest.pointer_mut(&format!("{place}/value")).and_then(Json::as_object_mut) {
            if let Some(ids) = value.get_mut(field).and_then(Json::as_object_mut) {
                ids.retain(|id, _| !is_strange(id));
            }
            let distinct = value.get("distinct").and_then(Json::as_u64);
            if let Some(distinct) = distinct {
                let left = distinct.saturating_sub(strange.len() as u64);
                value.insert("distinct".to_owned(), Json::from(left));
            }
        }
        strangers.extend(strange.into_iter().cloned());
    }
    Some((strangers, rest?))
}

/// Every instance that AWS named; `None` if they were not read, or not all of them.
fn known(evidence: &Json) -> Option<BTreeSet<&str>> {
    let rows = |table: &str| {
        let reading = evidence.pointer(&format!("/aws/{table}")).filter(|reading| reading["state"] == "observed");
        reading.and_then(|reading| reading["value"].as_array())
    };
    let instances = rows("instances").filter(|_| PartialTable::of(evidence, "instances", &[]).is_none())?;
    // What carries no tags is known where it is registered or a group has started it.
    let targets = rows("target_health").into_iter().flatten().filter_map(|row| row["target_id"].as_str());
    let groups = rows("auto_scaling_groups").into_iter().flatten().filter_map(|row| row["instance_ids"].as_array());
    let started = groups.flatten().filter_map(Json::as_str);
    Some(instances.iter().filter_map(|row| row["instance_id"].as_str()).chain(targets).chain(started).collect())
}

/// Whether a check gave points, which may rest on strangers.
fn gives(outcome: &Outcome) -> bool {
    matches!(outcome.verdict, Verdict::Pass | Verdict::Partial) && outcome.ratio > 0.0
}

/// Where `rest`, without the answers of `strangers`, would earn less, says so and asks; of addresses, where it would earn
/// anything else.
pub(crate) fn leave_to_a_person(strangers: &BTreeSet<String>, rest: &Outcome, outcome: &mut Outcome) {
    let addresses: Vec<&str> = strangers.iter().map(String::as_str).filter(|name| is_address(name)).collect();
    let earned = matches!(rest.verdict, Verdict::Pass | Verdict::Partial) && rest.ratio >= outcome.ratio;
    let is_settled = matches!(outcome.verdict, Verdict::Pass | Verdict::Partial | Verdict::Fail);
    let is_same = rest.verdict == outcome.verdict && (rest.ratio - outcome.ratio).abs() < f64::EPSILON;
    let rests_on_them = if addresses.is_empty() { gives(outcome) && !earned } else { is_settled && !is_same };
    if !rests_on_them {
        return;
    }
    let measured = std::mem::take(&mut outcome.actual);
    let told = |names: &[&str]| {
        let more = if names.len() > MOST_TOLD { ", …" } else { "" };
        format!("{}{more}", names[..names.len().min(MOST_TOLD)].join(", "))
    };
    if addresses.is_empty() {
        let ids = told(&strangers.iter().map(String::as_str).collect::<Vec<_>>());
        outcome.actual = format!("{measured}; AWS has no such instance: {ids}; look before points are given");
        // What was lost stays lost.
        outcome.at_most = (outcome.verdict == Verdict::Partial).then_some(outcome.ratio);
    } else {
        let ids = told(&addresses);
        outcome.actual =
            format!("{measured}; no known instance has this address: {ids}; look which instances answered");
        outcome.at_most = None;
    }
    outcome.fix = NEXT_STEP.to_owned();
    outcome.verdict = Verdict::Manual;
    outcome.ratio = 0.0;
    outcome.expectations.clear();
    outcome.evidence.push("/aws/instances".to_owned());
}
