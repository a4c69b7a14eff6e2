//! What a report claims of the stack, set beside what was read of it.
//!
//! Pure: a claim is compared only with tables that were read and hold something; a stack that is gone contradicts nobody.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value as Json;

/// A claim beside its fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// As in the claim.
    pub kind: String,
    /// In words: `5 m4.large`, `port 80`, `us-east-1`.
    pub claim: String,
    /// In words: `3 m4.large`, `ports 80, 8000`.
    pub fact: String,
    /// Whether they agree.
    pub agrees: bool,
    /// The document.
    pub path: String,
    /// Where it says so.
    pub place: String,
    /// The words.
    pub quote: String,
}

/// Sets claims beside `tables`, an object of tables of AWS under their names; claims that nothing was read for are left out.
///
/// Where a document gives several numbers for one type, one that is right is enough: it also tells of how things were.
pub fn beside(claims: &[Json], tables: &Json) -> Vec<Compared> {
    let facts = Facts::of(tables);
    let mut compared: Vec<Compared> = claims.iter().filter_map(|claim| facts.compare(claim)).collect();
    let right: BTreeSet<(String, String)> =
        compared.iter().filter(|it| it.agrees).map(|it| (it.kind.clone(), subject(it))).collect();
    compared.retain(|it| it.agrees || !right.contains(&(it.kind.clone(), subject(it))));
    compared
}

/// What two claims have to share to be about the same: the type for numbers; all ports, and all regions, are one.
fn subject(it: &Compared) -> String {
    match it.kind.as_str() {
        "instances" => it.claim.split_whitespace().last().unwrap_or_default().to_owned(),
        "region" => String::new(),
        _ => it.claim.clone(),
    }
}

/// What was read, as far as claims speak of it.
struct Facts {
    /// Types of instances that run, with their number; `None` where none was read.
    types: Option<Vec<String>>,
    ports: Option<BTreeSet<i64>>,
    /// From which to which a security group lets in.
    ranges: Vec<(i64, i64)>,
    regions: Option<BTreeSet<String>>,
}

fn rows<'a>(tables: &'a Json, table: &str) -> impl Iterator<Item = &'a Json> {
    tables.get(table).and_then(Json::as_array).into_iter().flatten()
}

fn text(row: &Json, field: &str) -> Option<String> {
    row.get(field)?.as_str().map(str::to_owned)
}

impl Facts {
    fn of(tables: &Json) -> Self {
        let alive = || {
            rows(tables, "instances")
                .filter(|row| !matches!(row["state"].as_str(), Some("terminated" | "shutting-down")))
        };
        let types: Vec<String> = alive().filter_map(|row| text(row, "instance_type")).collect();
        let ports: BTreeSet<i64> = ["listeners", "target_groups"]
            .iter()
            .flat_map(|table| rows(tables, table))
            .filter_map(|row| row.get("port")?.as_i64())
            .collect();
        let permissions = rows(tables, "security_groups").flat_map(|group| rows(group, "ingress"));
        let ranges = permissions.filter_map(|it| Some((it.get("from_port")?.as_i64()?, it.get("to_port")?.as_i64()?)));
        let mut regions: BTreeSet<String> =
            alive().filter_map(|row| text(row, "region")).filter(|region| !region.is_empty()).collect();
        regions.extend(
            rows(tables, "load_balancers").filter_map(|row| text(row, "region")).filter(|region| !region.is_empty()),
        );
        Self {
            types: (!types.is_empty()).then_some(types),
            ports: (!ports.is_empty()).then_some(ports),
            ranges: ranges.collect(),
            regions: (!regions.is_empty()).then_some(regions),
        }
    }

    fn compare(&self, claim: &Json) -> Option<Compared> {
        let kind = text(claim, "kind")?;
        let value = text(claim, "value")?;
        let (said, fact, agrees) = match kind.as_str() {
            "instances" => {
                let types = self.types.as_ref()?;
                let count = claim.get("count")?.as_u64()?;
                let found = types.iter().filter(|kind| **kind == value).count();
                (format!("{count} {value}"), format!("{found} {value}"), found as u64 == count)
            }
            "instance-type" => {
                let types = self.types.as_ref()?;
                let known: BTreeSet<&str> = types.iter().map(String::as_str).collect();
                let known: Vec<&str> = known.into_iter().collect();
                // A type in passing, as one that was not taken, contradicts nothing.
                known.contains(&value.as_str()).then(|| (value.clone(), known.join(", "), true))?
            }
            "port" => {
                let ports = self.ports.as_ref()?;
                let port: i64 = value.parse().ok()?;
                let open = self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&port));
                // SSH and what an application speaks inside itself need no listener.
                let known: Vec<String> = ports.iter().map(i64::to_string).collect();
                (
                    format!("port {value}"),
                    format!("ports {}", known.join(", ")),
                    ports.contains(&port) || open || port == 22,
                )
            }
            "region" => {
                let regions = self.regions.as_ref()?;
                let known: Vec<&str> = regions.iter().map(String::as_str).collect();
                (value.clone(), known.join(", "), regions.contains(&value))
            }
            _ => return None,
        };
        let field = |name: &str| text(claim, name).unwrap_or_default();
        Some(Compared {
            kind,
            claim: said,
            fact,
            agrees,
            path: field("path"),
            place: field("place"),
            quote: field("quote"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claim(kind: &str, value: &str, count: Option<u64>) -> Json {
        json!({ "kind": kind, "value": value, "count": count, "path": "report.md", "place": "line 3", "quote": "…" })
    }

    fn told(claims: &[Json], tables: &Json) -> Vec<String> {
        beside(claims, tables).into_iter().map(|it| format!("{} / {} {}", it.claim, it.fact, it.agrees)).collect()
    }

    fn tables() -> Json {
        json!({
            "instances": [
                { "instance_type": "m4.large", "state": "running", "region": "us-east-1" },
                { "instance_type": "m4.large", "state": "running", "region": "us-east-1" },
                { "instance_type": "m4.large", "state": "terminated", "region": "us-east-1" },
            ],
            "listeners": [{ "port": 80 }],
            "security_groups": [{ "ingress": [{ "from_port": 8000, "to_port": 8010 }, { "from_port": null, "to_port": null }] }],
        })
    }

    #[test]
    fn both_sides_are_shown() {
        let claims = [
            claim("instances", "m4.large", Some(5)),
            claim("port", "8005", None),
            claim("port", "443", None),
            claim("region", "eu-west-1", None),
        ];
        assert_eq!(
            told(&claims, &tables()),
            [
                "5 m4.large / 2 m4.large false",
                "port 8005 / ports 80 true",
                "port 443 / ports 80 false",
                "eu-west-1 / us-east-1 false"
            ]
        );
    }

    #[test]
    fn one_right_number_is_enough_and_a_type_in_passing_is_no_contradiction() {
        let claims = [
            claim("instances", "m4.large", Some(1)),
            claim("instances", "m4.large", Some(2)),
            claim("instance-type", "t2.micro", None),
        ];
        assert_eq!(told(&claims, &tables()), ["2 m4.large / 2 m4.large true"]);
    }

    #[test]
    fn a_stack_that_is_gone_contradicts_nobody() {
        let claims =
            [claim("instances", "m4.large", Some(5)), claim("port", "80", None), claim("region", "us-east-1", None)];
        assert_eq!(told(&claims, &json!({ "instances": [], "listeners": [] })), [""; 0]);
    }
}
