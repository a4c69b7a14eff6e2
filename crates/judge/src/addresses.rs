//! Private addresses in answers, as the instances that have them: an answer that says `ip-10-0-1-5` names an instance as well
//! as one that says its id.
//!
//! This holds for every check, and no check has to ask for it. An address that no instance has stays one, and
//! `strangers` asks about it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::Value as Json;

/// Whether a back end is named by its address.
pub(crate) fn is_address(name: &str) -> bool {
    name.parse::<Ipv4Addr>().is_ok()
}

/// Puts ids into the evidence where answers name addresses of instances.
pub fn as_ids(evidence: &mut Json) {
    let ids = ids_by_address(evidence);
    for table in ["/http/exchanges", "/http/loads"] {
        let readings = evidence.pointer_mut(table).and_then(Json::as_object_mut);
        for value in readings.into_iter().flat_map(|all| all.values_mut()).filter_map(|it| it.get_mut("value")) {
            rename(value, "instance_ids", &ids);
            rename(value, "spread", &ids);
            let paths = value.get_mut("by_path").and_then(Json::as_object_mut);
            paths.into_iter().flat_map(|all| all.values_mut()).for_each(|path| rename(path, "spread", &ids));
        }
    }
}

/// Of instances with the same address, as two networks may have them, the only one that runs.
fn ids_by_address(evidence: &Json) -> BTreeMap<String, String> {
    let rows = evidence.pointer("/aws/instances").filter(|reading| reading["state"] == "observed");
    let mut all: BTreeMap<&str, Vec<(&str, bool)>> = BTreeMap::new();
    for row in rows.and_then(|reading| reading["value"].as_array()).into_iter().flatten() {
        if let Some((address, id)) = row["private_ip_address"].as_str().zip(row["instance_id"].as_str()) {
            all.entry(address).or_default().push((id, row["state"] == "running"));
        }
    }
    let only = |ids: Vec<(&str, bool)>| match ids[..] {
        [(id, _)] => Some(id.to_owned()),
        _ => {
            let mut running = ids.iter().filter(|(_, runs)| *runs);
            running.next().filter(|_| running.next().is_none()).map(|(id, _)| (*id).to_owned())
        }
    };
    all.into_iter().filter_map(|(address, ids)| Some((address.to_owned(), only(ids)?))).collect()
}

fn rename(value: &mut Json, field: &str, ids: &BTreeMap<String, String>) {
    let Some(counts) = value.get_mut(field).and_then(Json::as_object_mut) else { return };
    if !counts.keys().any(|name| ids.contains_key(name)) {
        return;
    }
    let mut named: BTreeMap<String, u64> = BTreeMap::new();
    for (name, count) in counts.iter() {
        *named.entry(ids.get(name).unwrap_or(name).clone()).or_default() += count.as_u64().unwrap_or_default();
    }
    let twice = (counts.len() - named.len()) as u64;
    *counts = named.into_iter().map(|(name, count)| (name, Json::from(count))).collect();
    if let Some(distinct) = value.get("distinct").and_then(Json::as_u64) {
        value["distinct"] = Json::from(distinct.saturating_sub(twice));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(instances: Json) -> Json {
        let mut evidence = json!({
            "aws": { "instances": instances },
            "http": {
                "exchanges": { "a": { "state": "observed", "value": { "instance_ids": { "10.0.0.4": 2, "i-1": 1, "10.0.9.9": 3 } } } },
                "loads": { "b": { "state": "observed", "value": {
                    "spread": { "10.0.0.4": 5, "10.0.0.5": 6, "i-1": 7 }, "distinct": 3,
                    "by_path": { "/": { "spread": { "10.0.0.5": 6 }, "distinct": 1 } },
                } }, "c": { "state": "unreadable", "cause": "timeout", "detail": "late" } },
            },
        });
        as_ids(&mut evidence);
        evidence["http"].take()
    }

    #[test]
    fn an_address_is_the_instance_that_has_it_and_counts_with_its_id() {
        let row = |id: &str, address: &str, state: &str| json!({ "instance_id": id, "private_ip_address": address, "state": state });
        let rows =
            [row("i-1", "10.0.0.4", "running"), row("i-2", "10.0.0.5", "running"), row("i-3", "10.0.0.5", "stopped")];
        let http = seen(json!({ "state": "observed", "value": rows }));
        assert_eq!(http["exchanges"]["a"]["value"]["instance_ids"], json!({ "i-1": 3, "10.0.9.9": 3 }));
        let load = &http["loads"]["b"]["value"];
        assert_eq!((&load["spread"], &load["distinct"]), (&json!({ "i-1": 12, "i-2": 6 }), &json!(2)));
        assert_eq!(load["by_path"]["/"], json!({ "spread": { "i-2": 6 }, "distinct": 1 }));
        assert_eq!(http["loads"]["c"], json!({ "state": "unreadable", "cause": "timeout", "detail": "late" }));
    }

    #[test]
    fn an_address_of_two_running_instances_or_of_none_stays_one() {
        let row = |id: &str| json!({ "instance_id": id, "private_ip_address": "10.0.0.5", "state": "running" });
        for instances in [
            json!({ "state": "observed", "value": [row("i-2"), row("i-3")] }),
            json!({ "state": "unreadable", "cause": "denied", "detail": "no" }),
        ] {
            let http = seen(instances);
            assert_eq!(http["loads"]["b"]["value"]["spread"], json!({ "10.0.0.4": 5, "10.0.0.5": 6, "i-1": 7 }));
        }
    }
}
