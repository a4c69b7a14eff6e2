//! A bundle's readings as plain JSON: which there are, what became of each, and how one is put in another's place.
//!
//! Over JSON, and not over the types, so that a reading or a table that is added later is merged without a change here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

/// The five families of readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The history.
    Git,
    /// The files of the graded commit.
    Code,
    /// The team's report.
    Report,
    /// The stack.
    Aws,
    /// What the stack answers.
    Http,
}

/// Several of them.
pub type Families = BTreeSet<Family>;

impl Family {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Git, Self::Code, Self::Report, Self::Aws, Self::Http];
    /// Those of the repository: of one commit.
    pub const REPOSITORY: [Self; 3] = [Self::Git, Self::Code, Self::Report];

    /// Its name in `evidence.json` and in a reading's path.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Code => "code",
            Self::Report => "report",
            Self::Aws => "aws",
            Self::Http => "http",
        }
    }
}

impl std::str::FromStr for Family {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|family| family.as_str() == name);
        known.ok_or_else(|| "expected git, code, report, aws or http".to_owned())
    }
}

/// What became of a reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// Nobody asked for it.
    NotAsked,
    /// It could not be read.
    Unreadable,
    /// It was looked for and is not there.
    Absent,
    /// It was read, and holds nothing.
    Empty,
    /// It was read, and holds something.
    Full,
}

impl State {
    /// Of a reading, or of what is no reading at all.
    pub(crate) fn of(reading: Option<&Json>) -> Self {
        let Some(reading) = reading else { return Self::NotAsked };
        match reading.get("state").and_then(Json::as_str) {
            Some("observed") if reading.get("value").is_none_or(is_nothing) => Self::Empty,
            Some("observed") => Self::Full,
            Some("absent") => Self::Absent,
            Some("unreadable") if reading["cause"] == "not-collected" => Self::NotAsked,
            Some("unreadable") => Self::Unreadable,
            _ => Self::NotAsked,
        }
    }
}

fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(rows) => rows.is_empty(),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

fn is_reading(value: &Json) -> bool {
    value.get("state").is_some_and(Json::is_string)
}

/// Where the readings of requests are, by their keys.
const KEYED: [&str; 2] = ["exchanges", "loads"];

/// States of a family's readings by path; of an exchange or a load, `http.exchanges` and its key.
pub(crate) fn states(bundle: &Json, family: Family) -> BTreeMap<String, State> {
    let mut states = BTreeMap::new();
    let family = family.as_str();
    for (name, value) in bundle.get(family).and_then(Json::as_object).into_iter().flatten() {
        if is_reading(value) {
            states.insert(format!("{family}.{name}"), State::of(Some(value)));
        } else if KEYED.contains(&name.as_str()) {
            for (key, reading) in value.as_object().into_iter().flatten() {
                states.insert(format!("{family}.{name} {key}"), State::of(Some(reading)));
            }
        }
    }
    states
}

/// Whether rows of a table, or of a reading that is none what it counts, could not be read, though others could.
pub(crate) fn lacks_rows(bundle: &Json, path: &str) -> bool {
    let Some((family, name)) = path.split_once('.') else { return false };
    let gaps = bundle.get(family).and_then(|family| family.get("gaps")?.get(name)?.as_array());
    let of_types = name == "resources" && bundle[family]["resource_gaps"].as_object().is_some_and(|it| !it.is_empty());
    // Of a table's row, fields may be missing for good.
    let is_table = bundle.get(family).is_some_and(|family| family[name]["value"].is_array());
    of_types || gaps.is_some_and(|gaps| gaps.iter().any(|gap| gap["missing"] != "fields" || !is_table))
}

/// The reading at a path of [`states`].
pub(crate) fn reading<'j>(bundle: &'j Json, path: &str) -> Option<&'j Json> {
    let (family, name) = path.split_once('.')?;
    let family = bundle.get(family)?;
    match name.split_once(' ') {
        Some((table, key)) => family.get(table)?.get(key),
        None => family.get(name),
    }
}

/// Puts the reading of `from` in the place of the one in `into`, and with it what stands beside it: how much was set aside
/// of it, which of its rows could not be read.
pub(crate) fn put(into: &mut Json, from: &Json, path: &str) {
    let Some((family, name)) = path.split_once('.') else { return };
    let Some(value) = reading(from, path) else { return };
    let Some(fields) = into.get_mut(family).and_then(Json::as_object_mut) else { return };
    if let Some((table, key)) = name.split_once(' ') {
        let table = fields.entry(table).or_insert_with(|| Json::Object(Map::new()));
        if let Some(table) = table.as_object_mut() {
            table.insert(key.to_owned(), value.clone());
        }
        return;
    }
    fields.insert(name.to_owned(), value.clone());
    let nothing = Map::new();
    let source = from.get(family).and_then(Json::as_object).unwrap_or(&nothing);
    let tables: BTreeSet<String> = fields
        .iter()
        .chain(source)
        .filter(|(table, value)| !is_reading(value) && !KEYED.contains(&table.as_str()))
        .map(|(table, _)| table.clone())
        .collect();
    for table in tables {
        carry_beside(fields, source, &table, name);
    }
}

/// Brings what a side table says of reading `name` from one family to the other.
fn carry_beside(fields: &mut Map<String, Json>, source: &Map<String, Json>, table: &str, name: &str) {
    // Its rows are by type of resource, and all of one reading.
    if table == "resource_gaps" {
        if name == "resources" {
            match source.get(table) {
                Some(gaps) => drop(fields.insert(table.to_owned(), gaps.clone())),
                None => drop(fields.shift_remove(table)),
            }
        }
        return;
    }
    let either = source.get(table).or_else(|| fields.get(table));
    let (is_object, is_list) = (either.is_some_and(Json::is_object), either.is_some_and(Json::is_array));
    match (is_object, is_list) {
        (true, _) => {
            let row = source.get(table).and_then(|rows| rows.get(name)).cloned();
            let known = fields.get(table).is_some_and(|rows| rows.get(name).is_some());
            if row.is_none() && !known {
                return;
            }
            let rows = fields.entry(table).or_insert_with(|| Json::Object(Map::new()));
            let Some(rows) = rows.as_object_mut() else { return };
            match row {
                Some(row) => drop(rows.insert(name.to_owned(), row)),
                None => drop(rows.shift_remove(name)),
            }
        }
        (_, true) => {
            let of_reading = |row: &&Json| ["table", "reading"].iter().any(|key| row[*key] == name);
            let list = |rows: Option<&Json>| rows.and_then(Json::as_array).cloned().unwrap_or_default();
            let mut rows: Vec<Json> = list(fields.get(table));
            let before = rows.len();
            rows.retain(|row| !of_reading(&row));
            let added: Vec<Json> = list(source.get(table)).iter().filter(of_reading).cloned().collect();
            if before != rows.len() || !added.is_empty() {
                rows.extend(added);
                fields.insert(table.to_owned(), Json::Array(rows));
            }
        }
        (false, false) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_read_is_told_from_nothing_there() {
        let state = |reading: Json| State::of(Some(&reading));
        assert_eq!(state(json!({ "state": "observed", "value": [1] })), State::Full);
        assert_eq!(state(json!({ "state": "observed", "value": 0 })), State::Full);
        for nothing in [json!([]), json!({}), json!(""), json!(null)] {
            assert_eq!(state(json!({ "state": "observed", "value": nothing })), State::Empty);
        }
        assert_eq!(state(json!({ "state": "absent", "note": "x" })), State::Absent);
        assert_eq!(state(json!({ "state": "unreadable", "cause": "denied" })), State::Unreadable);
        assert_eq!(state(json!({ "state": "unreadable", "cause": "not-collected" })), State::NotAsked);
        assert_eq!(State::of(None), State::NotAsked);
    }

    #[test]
    fn a_reading_brings_what_stands_beside_it_and_nothing_else() {
        let observed = |value: Json| json!({ "state": "observed", "value": value });
        let earlier = json!({ "code": {
            "files": observed(json!([1])), "readme": observed(json!([2])),
            "set_aside": { "files": ["three notebooks"], "readme": ["too long"] },
            "gaps": [{ "table": "files", "why": "a" }, { "table": "readme", "why": "b" }],
        }});
        let mut now = json!({ "code": {
            "files": { "state": "unreadable", "cause": "timeout", "detail": "" }, "readme": observed(json!([3])),
            "gaps": [{ "table": "files", "why": "c" }],
        }});
        put(&mut now, &earlier, "code.files");
        assert_eq!(now["code"]["files"], observed(json!([1])));
        assert_eq!(now["code"]["readme"], observed(json!([3])));
        assert_eq!(now["code"]["set_aside"], json!({ "files": ["three notebooks"] }));
        assert_eq!(now["code"]["gaps"], json!([{ "table": "files", "why": "a" }]));
        // And a reading beside which nothing stood takes away what stands there.
        let plain = json!({ "code": { "files": observed(json!([4])) } });
        put(&mut now, &plain, "code.files");
        assert_eq!(now["code"]["set_aside"], json!({}));
        assert_eq!(now["code"]["gaps"], json!([]));
    }

    #[test]
    fn requests_are_put_by_their_keys() {
        let earlier = json!({ "http": { "exchanges": { "GET /a b": { "state": "observed", "value": 1 } } } });
        let mut now = json!({ "http": {} });
        assert_eq!(states(&earlier, Family::Http).keys().collect::<Vec<_>>(), ["http.exchanges GET /a b"]);
        put(&mut now, &earlier, "http.exchanges GET /a b");
        assert_eq!(now, earlier);
    }
}
