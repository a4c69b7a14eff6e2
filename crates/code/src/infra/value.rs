//! Values as all tools share them: JSON, in which what only a run would tell is the text `${…}`.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::cloud::operations::snake_case;
use crate::text;
use stackmark_collect::redact::beginning;

/// Longest expression that is kept of a value that is not literal, in characters.
const LONGEST_EXPRESSION: usize = 200;
/// Longest argument that is kept, in characters.
const LONGEST_ARGUMENT: usize = 1_000;
/// Longest literal text that is looked at, in bytes: a long script.
const LONGEST_TEXT: usize = 64 << 10;

/// Nesting of values, and of names that stand for names.
pub(super) const DEEPEST: u32 = 24;

/// Work that the values of one repository may cause: `a = [b, b]`, `b = [c, c]`, … doubles with every line.
pub(super) struct Budget {
    steps: Cell<u32>,
    bytes: Cell<usize>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { steps: Cell::new(400_000), bytes: Cell::new(64 << 20) }
    }

    /// Takes one step; `false` when there are none left.
    pub(super) fn step(&self) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(1));
        left > 0
    }

    /// Takes bytes for a text; `false` when there are not enough left.
    pub(super) fn holds(&self, bytes: usize) -> bool {
        let left = self.bytes.get();
        self.bytes.set(left.saturating_sub(bytes));
        left >= bytes
    }

    /// A literal text.
    pub(super) fn literal(&self, text: &str) -> Value {
        if !self.holds(text.len()) {
            return unknown("…");
        }
        let mut end = text.len().min(LONGEST_TEXT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Value::String(text[..end].to_owned())
    }

    /// A word of a command line, or a CloudFormation text: both write numbers and booleans as text.
    pub(super) fn scalar(&self, word: &str) -> Value {
        let digits = word.strip_prefix('-').unwrap_or(word);
        let plain = !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
        match word {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            _ if plain && (digits == "0" || !digits.starts_with('0')) => {
                word.parse::<i64>().map_or_else(|_| self.literal(word), Value::from)
            }
            _ => self.literal(word),
        }
    }
}

/// Cuts texts to what is kept of an argument.
pub(super) fn shorten(value: &mut Value) {
    match value {
        Value::String(text) => {
            if text.char_indices().nth(LONGEST_ARGUMENT).is_some() {
                *text = beginning(text, LONGEST_ARGUMENT);
                text.push('…');
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shorten),
        Value::Object(fields) => fields.values_mut().for_each(shorten),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What only a run would tell, by its expression.
pub(crate) fn unknown(expression: &str) -> Value {
    Value::String(unknown_text(expression))
}

pub(super) fn unknown_text(expression: &str) -> String {
    // Nested expressions are told one by one: each may be as long as the file.
    let end = expression.char_indices().nth(4 * LONGEST_EXPRESSION).map_or(expression.len(), |(at, _)| at);
    let expression = text::one_line(&expression[..end], LONGEST_EXPRESSION);
    format!("${{{}}}", expression.trim_start_matches("${").trim_end_matches('}').trim())
}

/// Whether no part of the value hangs on a run.
pub(super) fn is_literal(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains("${"),
        Value::Array(items) => items.iter().all(is_literal),
        Value::Object(fields) => fields.values().all(is_literal),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

/// The text of a scalar, as it would be put into a longer text.
pub(super) fn text_of_scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Keys that begin with a capital in snake_case, at every depth; the keys of `Tags` maps and of environments are data.
pub(super) fn snake_keys(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(snake_keys).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, value)| snake_pair(&key, value)).collect())
        }
        other => other,
    }
}

fn snake_pair(key: &str, value: Value) -> (String, Value) {
    let name = if key.starts_with(|c: char| c.is_ascii_uppercase()) { snake_case(key) } else { key.to_owned() };
    let is_data = value.is_object() && matches!(name.as_str(), "tags" | "variables" | "environment_variables");
    (name, if is_data { value } else { snake_keys(value) })
}

pub(super) fn snake_arguments(fields: Map<String, Value>) -> BTreeMap<String, Value> {
    fields.into_iter().map(|(key, value)| snake_pair(&key, value)).collect()
}

/// Tags wherever the tools put them: a map, a list of keys with values, tag specifications, shorthand of the CLI.
pub(super) fn tags_of(arguments: &BTreeMap<String, Value>) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for name in ["tags_all", "tag_set", "tags", "tag", "tag_specifications"] {
        if let Some(value) = arguments.get(name) {
            add_tags(&mut tags, value, 0);
        }
    }
    tags
}

fn add_tags(tags: &mut BTreeMap<String, String>, value: &Value, depth: u32) {
    match value {
        Value::Array(items) if depth < 4 => items.iter().for_each(|item| add_tags(tags, item, depth + 1)),
        Value::Object(fields) => {
            if let Some(inner) = fields.get("tags").filter(|_| depth < 4) {
                add_tags(tags, inner, depth + 1);
                return;
            }
            let pair = [("key", "value"), ("Key", "Value")]
                .into_iter()
                .find_map(|(key, value)| Some((fields.get(key)?.as_str()?, text_of_scalar(fields.get(value)?)?)));
            match pair {
                Some((key, value)) => {
                    tags.insert(key.to_owned(), value);
                }
                None if depth == 0 => {
                    tags.extend(fields.iter().filter_map(|(key, value)| Some((key.clone(), text_of_scalar(value)?))))
                }
                None => {}
            }
        }
        Value::String(shorthand) => tags.extend(shorthand_tags(shorthand)),
        _ => {}
    }
}

/// `ResourceType=instance,Tags=[{Key=Name,Value=web}]` and `Key=Name,Value=web`.
fn shorthand_tags(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.split("Key=").skip(1).filter_map(|rest| {
        let (key, rest) = rest.split_once(',')?;
        let value = rest.trim_start().strip_prefix("Value=")?;
        let end = value.find([',', '}', ']']).unwrap_or(value.len());
        // A reference ends in a brace of its own.
        let end = if value[..end].contains("${") { (end + 1).min(value.len()) } else { end };
        let unquoted = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
        Some((unquoted(key), unquoted(&value[..end])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tags(arguments: Value) -> Value {
        let Value::Object(fields) = arguments else { panic!("no object") };
        json!(tags_of(&snake_arguments(fields)))
    }

    #[test]
    fn tags_are_found_in_every_shape() {
        let expected = json!({"Name": "web", "n": "2"});
        for arguments in [
            json!({"tags": {"Name": "web", "n": 2}}),
            json!({"Tags": [{"Key": "Name", "Value": "web"}, {"Key": "n", "Value": "2"}]}),
            json!({"TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}, {"Key": "n", "Value": "2"}]}]}),
            json!({"tag": [{"key": "Name", "value": "web", "propagate_at_launch": true}, {"key": "n", "value": "2"}]}),
            json!({"tag_specifications": "ResourceType=instance,Tags=[{Key=Name,Value=web},{Key=n,Value=2}]"}),
        ] {
            assert_eq!(tags(arguments.clone()), expected, "{arguments}");
        }
    }

    #[test]
    fn words_become_numbers_only_where_nothing_is_lost() {
        let scalar = |word: &str| Budget::new().scalar(word);
        assert_eq!(scalar("2"), json!(2));
        assert_eq!(scalar("012345678901"), json!("012345678901"));
        assert_eq!(scalar("10.0.0.0/16"), json!("10.0.0.0/16"));
        assert_eq!(scalar("-1"), json!(-1));
    }

    #[test]
    fn keys_of_data_are_left_alone() {
        let value = snake_keys(json!({"MinSize": 1, "Tags": {"Name": "a"}, "Nested": [{"VpcId": "b"}]}));
        assert_eq!(value, json!({"min_size": 1, "tags": {"Name": "a"}, "nested": [{"vpc_id": "b"}]}));
    }
}
