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
        if let Some(value) = rest.pointer_mut(&format!("{place}/value")) {
            take_away(value, field, &is_strange);
        }
        strangers.extend(strange.into_iter().cloned());
    }
    Some((strangers, rest?))
}

/// Leaves the answers of strangers without a name.
fn take_away(value: &mut Json, field: &str, is_strange: &dyn Fn(&str) -> bool) {
    let Some(ids) = value.get_mut(field).and_then(Json::as_object_mut) else { return };
    let before = ids.len();
    let mut unnamed = 0;
    ids.retain(|id, count| {
        let strange = is_strange(id);
        unnamed += if strange { count.as_u64().unwrap_or_default() } else { 0 };
        !strange
    });
    let gone = (before - ids.len()) as u64;
    if let Some(distinct) = value.get("distinct").and_then(Json::as_u64) {
        value["distinct"] = Json::from(distinct.saturating_sub(gone));
    }
    if let Some(unlabelled) = value.get("unlabelled").and_then(Json::as_u64) {
        value["unlabelled"] = Json::from(unlabelled + unnamed);
    }
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

/// Where `rest`, without the answers of `strangers`, would earn less, says so and asks; of addresses, where it would earn
/// anything else. What was open for another reason stays so, with nothing sure that rests on them.
pub(crate) fn leave_to_a_person(strangers: &BTreeSet<String>, rest: &Outcome, outcome: &mut Outcome) {
    let addresses: Vec<&str> = strangers.iter().map(String::as_str).filter(|name| is_address(name)).collect();
    let ((least, most), (rest_least, rest_most)) = (outcome.ends(), rest.ends());
    let differs = |one: f64, other: f64| (one - other).abs() >= f64::EPSILON;
    let (is_open, applies) = (outcome.verdict.is_open(), outcome.verdict != Verdict::NotApplicable);
    let earns_less = rest_least < least || (!is_open && least > 0.0 && rest.verdict == Verdict::NotApplicable);
    let is_other =
        differs(rest_least, least) || differs(rest_most, most) || (!is_open && rest.verdict != outcome.verdict);
    // Of what is open from nothing to all, nothing is sure.
    let is_sure = least > 0.0 || most < 1.0 || !is_open;
    let rests_on_them = applies && is_sure && if addresses.is_empty() { earns_less } else { is_other };
    if !rests_on_them {
        return;
    }
    let measured = std::mem::take(&mut outcome.actual);
    let told = |names: &[&str]| {
        let more = if names.len() > MOST_TOLD { ", …" } else { "" };
        format!("{}{more}", names[..names.len().min(MOST_TOLD)].join(", "))
    };
    let most = if addresses.is_empty() {
        let ids = told(&strangers.iter().map(String::as_str).collect::<Vec<_>>());
        outcome.actual = format!("{measured}; AWS has no such instance: {ids}; look before points are given");
        // What was lost stays lost.
        most
    } else {
        let ids = told(&addresses);
        outcome.actual =
            format!("{measured}; no known instance has this address: {ids}; look which instances answered");
        1.0
    };
    if !is_open {
        (outcome.fix, outcome.next_step) = (NEXT_STEP.to_owned(), true);
    }
    let least = if is_open { least.min(rest_least) } else { 0.0 };
    outcome.leave_open(Verdict::Manual, least, most);
    outcome.expectations.clear();
    outcome.evidence.push("/aws/instances".to_owned());
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use stackmark_course::SourceText;
    use stackmark_language::expression::Engine;

    use super::*;

    fn outcome(verdict: Verdict, ratio: f64, at_least: Option<f64>, at_most: Option<f64>) -> Outcome {
        Outcome {
            verdict,
            ratio,
            at_least,
            at_most,
            expected: String::new(),
            actual: "seen".to_owned(),
            for_marker: None,
            why: String::new(),
            fix: "fix".to_owned(),
            next_step: false,
            expectations: Vec::new(),
            evidence: Vec::new(),
            unreadable: Vec::new(),
            pictures: Vec::new(),
        }
    }

    #[test]
    fn nothing_that_rests_on_strangers_is_sure() {
        use Verdict::{Fail, Manual, NotApplicable, Partial, Pass, Undetermined};
        let settled = |verdict, ratio| outcome(verdict, ratio, None, None);
        let open = |least, most| outcome(Undetermined, 0.0, least, most);
        let (id, address) = ("i-0fffffffffffffff0", "172.17.0.2");
        for (stranger, before, rest, verdict, ends) in [
            (id, settled(Pass, 1.0), settled(Fail, 0.0), Manual, (0.0, 1.0)),
            (id, settled(Partial, 0.5), settled(Fail, 0.0), Manual, (0.0, 0.5)),
            (id, settled(Fail, 0.0), settled(Pass, 1.0), Fail, (0.0, 0.0)),
            (id, settled(Pass, 1.0), settled(NotApplicable, 1.0), Manual, (0.0, 1.0)),
            (id, settled(Pass, 1.0), settled(Pass, 1.0), Pass, (1.0, 1.0)),
            (id, open(Some(0.5), Some(0.8)), open(None, Some(0.8)), Undetermined, (0.0, 0.8)),
            (address, settled(Fail, 0.0), settled(Pass, 1.0), Manual, (0.0, 1.0)),
            (address, settled(Partial, 0.5), settled(Fail, 0.0), Manual, (0.0, 1.0)),
            (address, settled(Pass, 1.0), settled(Pass, 1.0), Pass, (1.0, 1.0)),
            (address, open(None, Some(0.5)), open(None, None), Undetermined, (0.0, 1.0)),
            (address, open(None, None), settled(Fail, 0.0), Undetermined, (0.0, 1.0)),
            (address, open(Some(0.2), Some(0.5)), open(Some(0.2), Some(0.8)), Undetermined, (0.2, 1.0)),
            (address, open(Some(0.2), Some(0.5)), open(Some(0.2), Some(0.5)), Undetermined, (0.2, 0.5)),
        ] {
            let mut after = before.clone();
            leave_to_a_person(&BTreeSet::from([stranger.to_owned()]), &rest, &mut after);
            let told = format!("{stranger}: {before:?} without it {rest:?}");
            assert_eq!((after.verdict, after.ends()), (verdict, ends), "{told}");
            assert_eq!(after.actual.contains(stranger), after != before, "{told}");
        }
    }

    #[test]
    fn the_answers_of_strangers_name_nobody() {
        let text = "title = \"t\"\nwhy = \"w\"\nfix = \"f\"\n[load]\npath = \"/\"\nrequests = 10\nconcurrency = 4\n[[expect]]\n\
                    that = \"load.distinct >= 1\"\nsays = \"s\"\n";
        let (check, problems) = Check::parse("http/own", &SourceText::new("own.toml", text.to_owned()), &Engine::new());
        let check = check.unwrap_or_else(|| panic!("{problems}"));
        let value = json!({ "spread": { "172.17.0.2": 6, "i-1": 3 }, "distinct": 2, "unlabelled": 1 });
        let evidence = json!({
            "aws": { "instances": { "state": "observed", "value": [{ "instance_id": "i-1" }] } },
            "http": { "loads": { "/": { "state": "observed", "value": value } } },
        });
        let asked = Asked { load: Some("/".to_owned()), ..Asked::default() };
        let (strangers, rest) = set_aside(&check, &asked, &evidence).expect("a stranger");
        assert_eq!(strangers, BTreeSet::from(["172.17.0.2".to_owned()]));
        let left = json!({ "spread": { "i-1": 3 }, "distinct": 1, "unlabelled": 7 });
        assert_eq!(rest.pointer("/http/loads/~1/value"), Some(&left));
    }
}
