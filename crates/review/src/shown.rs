//! What an item rests on, as tables and fields that a page can show: plain text, cut to what a person reads.

use serde::Serialize;
use serde_json::Value as Json;

/// Rows of a table.
const ROWS: usize = 12;
/// Columns of a table.
const COLUMNS: usize = 9;
/// Characters of one value.
const LONGEST: usize = 900;

/// One reading.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    /// As checks name it.
    pub name: String,
    /// `observed`, `absent`, `unreadable` or `missing`.
    pub state: String,
    /// Why it is absent or unreadable; empty otherwise.
    pub note: String,
    /// Name and value.
    pub fields: Vec<(String, String)>,
    /// Lists in it.
    pub tables: Vec<Rows>,
}

/// A list of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rows {
    /// Empty if it is the whole reading.
    pub title: String,
    /// Names of the fields.
    pub columns: Vec<String>,
    /// As many values as there are columns.
    pub rows: Vec<Vec<String>>,
    /// Rows that are left out.
    pub more: usize,
}

/// The reading at a JSON pointer; where rows name one of the `wanted` words, these rows alone.
pub fn shown(evidence: &Json, pointer: &str, wanted: &[String], hide: &dyn Fn(&str) -> String) -> Shown {
    let name = hide(&name_of(pointer));
    let text = |value: &Json| hide(value.as_str().unwrap_or_default());
    let Some(reading) = evidence.pointer(pointer) else {
        return Shown {
            name,
            state: "missing".to_owned(),
            note: String::new(),
            fields: Vec::new(),
            tables: Vec::new(),
        };
    };
    let state = reading.get("state").and_then(Json::as_str).unwrap_or("observed").to_owned();
    let note = match state.as_str() {
        "absent" => text(&reading["note"]),
        "unreadable" => format!("{}: {}", text(&reading["cause"]), text(&reading["detail"])),
        _ => String::new(),
    };
    let mut shown = Shown { name, state, note, fields: Vec::new(), tables: Vec::new() };
    if shown.state == "observed" {
        let value = reading.get("value").unwrap_or(reading);
        unfold(value, "", wanted, hide, &mut shown);
    }
    shown
}

/// `/aws/instances` is `aws.instances`; an exchange is what it sent.
fn name_of(pointer: &str) -> String {
    match ["/http/exchanges/", "/http/loads/"].iter().find_map(|place| pointer.strip_prefix(place)) {
        Some(request) => request.replace("~1", "/").replace("~0", "~"),
        None => pointer.trim_start_matches('/').replace('/', "."),
    }
}

fn unfold(value: &Json, title: &str, wanted: &[String], hide: &dyn Fn(&str) -> String, shown: &mut Shown) {
    match value {
        Json::Array(list) if list.iter().any(Json::is_object) => {
            let rows: Vec<(Option<&str>, &Json)> = list.iter().map(|row| (None, row)).collect();
            shown.tables.push(table(title, &rows, wanted, hide));
        }
        Json::Object(fields) if !fields.is_empty() && fields.values().all(Json::is_object) => {
            let rows: Vec<(Option<&str>, &Json)> = fields.iter().map(|(key, row)| (Some(key.as_str()), row)).collect();
            shown.tables.push(table(title, &rows, wanted, hide));
        }
        Json::Object(fields) if title.is_empty() => {
            for (key, value) in fields {
                unfold(value, key, wanted, hide, shown);
            }
        }
        Json::Null => {}
        other => shown.fields.push((hide(title), cell(other, hide))),
    }
}

fn table(title: &str, rows: &[(Option<&str>, &Json)], wanted: &[String], hide: &dyn Fn(&str) -> String) -> Rows {
    let names = |(key, row): &(Option<&str>, &Json)| {
        let is = |text: &str| wanted.iter().any(|word| word == text);
        key.is_some_and(is) || row.as_object().into_iter().flatten().any(|(_, value)| value.as_str().is_some_and(is))
    };
    let meant: Vec<(Option<&str>, &Json)> = rows.iter().filter(|row| names(row)).copied().collect();
    let rows = if meant.is_empty() { rows } else { meant.as_slice() };
    let keyed = rows.iter().any(|(key, _)| key.is_some());
    let mut columns: Vec<&str> = Vec::new();
    for (_, row) in rows.iter().take(ROWS) {
        for (key, value) in row.as_object().into_iter().flatten() {
            if !value.is_null() && columns.len() < COLUMNS && !columns.contains(&key.as_str()) {
                columns.push(key);
            }
        }
    }
    let cells = |(key, row): &(Option<&str>, &Json)| -> Vec<String> {
        let first = keyed.then(|| hide(key.unwrap_or_default()));
        let rest = columns.iter().map(|column| row.get(*column).map_or_else(String::new, |value| cell(value, hide)));
        first.into_iter().chain(rest).collect()
    };
    Rows {
        title: hide(title),
        columns: keyed.then_some("name").into_iter().chain(columns.iter().copied()).map(str::to_owned).collect(),
        rows: rows.iter().take(ROWS).map(cells).collect(),
        more: rows.len().saturating_sub(ROWS),
    }
}

fn cell(value: &Json, hide: &dyn Fn(&str) -> String) -> String {
    let text = match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(list) if !list.iter().any(|it| it.is_object() || it.is_array()) => list
            .iter()
            .map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let text = hide(&text);
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_that_the_item_is_about_are_shown_alone() {
        let parts =
            json!([{ "part": "purpose", "quote": "a" }, { "part": "running", "quote": "b", "place": "page 3" }]);
        let evidence = json!({ "report": { "parts": { "state": "observed", "value": parts } } });
        let all = shown(&evidence, "/report/parts", &[], &str::to_owned);
        assert_eq!(all.tables[0].rows.len(), 2);
        let one = shown(&evidence, "/report/parts", &["running".to_owned()], &str::to_owned);
        assert_eq!(one.tables[0].rows, [["running", "b", "page 3"]]);
        assert_eq!(one.name, "report.parts");
    }

    #[test]
    fn what_was_not_read_says_why_and_long_lists_say_how_much_is_left_out() {
        let rows: Vec<Json> = (0..20).map(|n| json!({ "id": n, "names": ["a", "b"] })).collect();
        let evidence = json!({
            "aws": {
                "instances": { "state": "unreadable", "cause": "denied", "detail": "no right" },
                "rules": { "state": "observed", "value": rows },
                "scope": { "state": "observed", "value": { "region": "us-east-1", "tagged": rows } },
            }
        });
        let denied = shown(&evidence, "/aws/instances", &[], &str::to_owned);
        assert_eq!((denied.state.as_str(), denied.note.as_str()), ("unreadable", "denied: no right"));
        let rules = &shown(&evidence, "/aws/rules", &[], &str::to_owned).tables[0];
        assert_eq!((rules.rows.len(), rules.more, rules.rows[0][1].as_str()), (12, 8, "a, b"));
        let scope = shown(&evidence, "/aws/scope", &[], &str::to_uppercase);
        assert_eq!(scope.fields, [("REGION".to_owned(), "US-EAST-1".to_owned())]);
        assert_eq!(scope.tables[0].title, "TAGGED");
        assert_eq!(shown(&evidence, "/http/exchanges/GET ~1a", &[], &str::to_owned).name, "GET /a");
    }
}
