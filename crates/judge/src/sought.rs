//! What a check looks for: a missing row may have it.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde_json::Value as Json;

use super::partial::PartialTable;
use stackmark_course::Check;
use stackmark_course::expect::Rule;

/// A field of a row, or one in an object or in each element of a list in it.
pub(super) type Path = Vec<String>;

/// Values of one field that other rows have.
const FEW: usize = 16;
/// Characters of a text that is looked for: longer ones are patterns and scripts.
const LONGEST: usize = 80;
/// Tests, which expressions name in quotes.
const TESTS: [&str; 10] = ["eq", "ne", "lt", "le", "gt", "ge", "in", "true", "false", "none"];

/// What a check looks for.
#[derive(Debug, Default)]
pub(super) struct Sought {
    /// In any field of their type: values of its parameters, texts in its expressions.
    values: Vec<Json>,
    /// Ids and ARNs that readings have, by the field that has them.
    ids: BTreeMap<String, BTreeSet<String>>,
}

impl Sought {
    /// By its parameters in `context`, by its expressions, and by what else was read.
    pub(super) fn by(
        check: &Check,
        context: &BTreeMap<String, Value>,
        families: &BTreeMap<&str, BTreeMap<&str, Value>>,
        partial: &[PartialTable],
    ) -> Self {
        let params = check.params.keys().filter_map(|name| serde_json::to_value(context.get(name)?).ok());
        let mut sought = Self::of(params.collect());
        let mut names = BTreeSet::new();
        let read = families.get("aws").into_iter().flat_map(BTreeMap::values);
        let read = read.filter_map(|reading| serde_json::to_value(reading).ok());
        for rows in read.chain(partial.iter().map(|table| Json::Array(table.rows.clone()))) {
            sought.note(&rows, None, &mut names);
        }
        let is_field = |text: &str| names.contains(text.split('.').next().unwrap_or_default());
        let texts = expressions(check).into_iter().flat_map(quoted).flat_map(|text| plain(&text));
        for text in texts.filter(|text| !TESTS.contains(&text.as_str()) && !is_field(text)) {
            sought.add(Json::String(text));
        }
        sought
    }

    /// These values; a list stands for itself and for each of its elements.
    pub(super) fn of(values: Vec<Json>) -> Self {
        let mut sought = Self::default();
        for value in values {
            if let Json::Array(elements) = &value {
                elements.iter().for_each(|element| sought.add(element.clone()));
            }
            sought.add(value);
        }
        sought
    }

    fn add(&mut self, value: Json) {
        let is_nothing = match &value {
            Json::String(text) => text.is_empty() || text.chars().count() > LONGEST,
            Json::Array(elements) => elements.len() < 2,
            Json::Null | Json::Object(_) => true,
            Json::Bool(_) | Json::Number(_) => false,
        };
        if !is_nothing && !self.values.contains(&value) {
            self.values.push(value);
        }
    }

    /// Notes the names of all fields, and the ids in them.
    fn note(&mut self, value: &Json, field: Option<&str>, names: &mut BTreeSet<String>) {
        match value {
            Json::Object(fields) => {
                for (name, value) in fields {
                    names.insert(name.clone());
                    self.note(value, Some(name), names);
                }
            }
            Json::Array(elements) => elements.iter().for_each(|element| self.note(element, field, names)),
            Json::String(id) => {
                let Some(field) = field.map(singular).filter(|field| field.ends_with("_id") || field.ends_with("_arn"))
                else {
                    return;
                };
                let ids = self.ids.entry(field.to_owned()).or_default();
                if ids.len() < FEW {
                    ids.insert(id.clone());
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// Each field of rows like these, with each value of its type that is looked for.
    pub(super) fn in_fields_of(&self, rows: &[Json]) -> Vec<(Path, Json)> {
        let (mut found, mut known) = (Vec::new(), BTreeSet::new());
        for row in rows {
            self.walk(row, &mut Vec::new(), &mut |path: &Path, value: Json| {
                if known.insert((path.clone(), value.to_string())) {
                    found.push((path.clone(), value));
                }
            });
        }
        found
    }

    fn walk(&self, value: &Json, path: &mut Path, found: &mut dyn FnMut(&Path, Json)) {
        match value {
            Json::Object(_) if path.last().is_some_and(|field| field == "tags") => {
                let tags = self.values.iter().filter_map(Json::as_str).filter_map(|tag| tag.split_once('='));
                for (key, value) in tags.filter(|(key, _)| !key.is_empty()) {
                    path.push(key.to_owned());
                    found(path, Json::from(value));
                    path.pop();
                }
            }
            Json::Object(fields) => {
                for (name, value) in fields {
                    path.push(name.clone());
                    self.walk(value, path, found);
                    path.pop();
                }
            }
            Json::Array(elements)
                if elements.first().is_some_and(|element| element.is_object() || element.is_array()) =>
            {
                elements.iter().for_each(|element| self.walk(element, path, found));
            }
            Json::Array(elements) => {
                let first = elements.first().unwrap_or(&Json::Null);
                for value in self.values.iter().chain(&self.ids_for(path)) {
                    match value {
                        Json::Array(_) => found(path, value.clone()),
                        _ if alike(first, value) => found(path, Json::Array(vec![value.clone()])),
                        _ => {}
                    }
                }
            }
            _ => {
                for other in self.values.iter().chain(&self.ids_for(path)) {
                    if alike(value, other) && value != other {
                        found(path, other.clone());
                    }
                }
            }
        }
    }

    /// Ids that belong into a field: a `vpc_id`, a group's id in `security_group_ids`.
    fn ids_for(&self, path: &Path) -> Vec<Json> {
        let Some(field) = path.last().map(|field| singular(field)) else { return Vec::new() };
        let fits = |name: &str| {
            let is_end = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|rest| rest.ends_with('_'));
            name == field || is_end(field, name) || is_end(name, field)
        };
        let ids = self.ids.iter().filter(|(name, _)| fits(name)).flat_map(|(_, ids)| ids);
        ids.take(FEW).map(|id| Json::from(id.as_str())).collect()
    }
}

fn singular(field: &str) -> &str {
    field.strip_suffix('s').unwrap_or(field)
}

/// Whether a field that holds the one may hold the other.
fn alike(held: &Json, other: &Json) -> bool {
    match (held, other) {
        (_, Json::Array(_) | Json::Object(_) | Json::Null) => false,
        (Json::Null, _) | (Json::String(_), Json::String(_)) | (Json::Number(_), Json::Number(_)) => true,
        (Json::Bool(_), Json::Bool(_)) => true,
        _ => false,
    }
}

/// Puts a value into a field of a row; whether there is such a place.
pub(super) fn set(row: &mut Json, path: &[String], value: &Json) -> bool {
    let Some((first, rest)) = path.split_first() else { return false };
    match row {
        Json::Array(elements) => elements.iter_mut().fold(false, |any, element| set(element, path, value) | any),
        Json::Object(fields) if rest.is_empty() => {
            fields.insert(first.clone(), value.clone());
            true
        }
        Json::Object(fields) => fields.get_mut(first).is_some_and(|inner| set(inner, rest, value)),
        _ => false,
    }
}

/// All that a check evaluates.
fn expressions(check: &Check) -> Vec<&str> {
    let mut texts: Vec<&str> = check.bindings.values().map(|binding| binding.text.as_str()).collect();
    texts.extend(check.applies.iter().map(|applies| applies.that.text.as_str()));
    texts.extend(check.unsure.iter().map(|unsure| unsure.that.text.as_str()));
    match &check.rule {
        Rule::Expects(expects) => texts.extend(expects.iter().map(|expect| expect.that.text.as_str())),
        Rule::Score { score, .. } => texts.push(&score.text),
        Rule::Manual(_) => {}
    }
    texts
}

/// The texts in quotes.
fn quoted(expression: &str) -> Vec<String> {
    let (mut texts, mut open): (Vec<String>, Option<(char, String)>) = (Vec::new(), None);
    let mut characters = expression.chars();
    while let Some(character) = characters.next() {
        open = match open {
            None => matches!(character, '\'' | '"').then(|| (character, String::new())),
            Some((quote, text)) if character == quote => {
                texts.push(text);
                None
            }
            Some((quote, mut text)) => {
                // A regular expression's own stays; of a quote, the quote does.
                if character == '\\' {
                    match characters.next() {
                        Some(next @ ('\\' | '\'' | '"')) => text.push(next),
                        Some(next) => text.extend([character, next]),
                        None => {}
                    }
                } else {
                    text.push(character);
                }
                Some((quote, text))
            }
        };
    }
    texts
}

/// A text, or what a simple pattern fits: `^a[.]b$|^c$` fits `a.b` and `c`. Other patterns give nothing.
fn plain(text: &str) -> Vec<String> {
    let text = text.strip_prefix("(?i)").unwrap_or(text);
    let parts: Vec<String> = text
        .split('|')
        .map(|part| part.trim_start_matches('^').trim_end_matches('$').replace("[.]", ".").replace("\\.", "."))
        .collect();
    let is_plain = |part: &String| !part.contains(['^', '$', '*', '+', '?', '(', ')', '[', ']', '{', '}', '\\']);
    if parts.iter().all(is_plain) { parts } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_in_quotes_and_simple_patterns_are_looked_for() {
        assert_eq!(
            quoted(r#"rows | where('state', "eq", 'it\'s') | matching('a\\.b')"#),
            ["state", "eq", "it's", "a\\.b"]
        );
        assert_eq!(plain("^t2[.]micro$|t3"), ["t2.micro", "t3"]);
        assert_eq!(plain("[a-z]+|x"), Vec::<String>::new());
    }

    #[test]
    fn each_field_takes_the_values_of_its_type() {
        let sought = Sought::of(vec![json!("t2"), json!(["P1", "P2"]), json!(22), json!("team=a"), json!("")]);
        let row =
            json!({ "kind": "t3", "port": 80, "role": null, "open": true, "tags": {}, "in": [{ "groups": ["P1"] }] });
        let found: Vec<String> =
            sought.in_fields_of(&[row]).iter().map(|(path, value)| format!("{} {value}", path.join("."))).collect();
        for expected in [
            "kind \"t2\"",
            "port 22",
            "role \"t2\"",
            "role 22",
            "tags.team \"a\"",
            "in.groups [\"P2\"]",
            "in.groups [\"P1\",\"P2\"]",
        ] {
            assert!(found.iter().any(|found| found == expected), "{expected}: {found:?}");
        }
        assert!(!found.iter().any(|found| found.starts_with("open") || found == "port \"t2\""), "{found:?}");
    }

    #[test]
    fn ids_of_other_readings_belong_into_fields_of_their_name() {
        let mut sought = Sought::default();
        let rows = json!([{ "group_id": "sg-1", "vpc_id": "vpc-1", "name": "web" }]);
        sought.note(&rows, None, &mut BTreeSet::new());
        let found = sought.in_fields_of(&[json!({ "security_group_ids": [], "vpc_id": "vpc-0", "name": "x" })]);
        let path = |name: &str| vec![name.to_owned()];
        assert_eq!(found, [(path("security_group_ids"), json!(["sg-1"])), (path("vpc_id"), json!("vpc-1"))]);
    }

    #[test]
    fn a_value_is_put_where_its_path_leads() {
        let mut row = json!({ "versions": [{ "type": "a" }, { "type": "b" }], "name": "x" });
        assert!(set(&mut row, &["versions".to_owned(), "type".to_owned()], &json!("c")));
        assert_eq!(row, json!({ "versions": [{ "type": "c" }, { "type": "c" }], "name": "x" }));
        assert!(!set(&mut row, &["name".to_owned(), "first".to_owned()], &json!("c")));
    }
}
