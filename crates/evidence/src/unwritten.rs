//! Fields that an older version did not write.
//!
//! Reading old evidence fills them in with zero, false, nothing or `null`, and none of that was measured. They are found by
//! comparing what stands in the file with what this version would write of it, so that no list of fields has to be kept.

use serde_json::Value;

/// JSON pointers of the fields that are in `now` and not in `raw`, and that say zero, false, nothing or `null` there.
///
/// What was filled in otherwise is what the older version meant by leaving it out.
pub fn pointers(raw: &Value, now: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(raw, now, &mut String::new(), &mut found);
    found
}

fn compare(raw: &Value, now: &Value, at: &mut String, found: &mut Vec<String>) {
    let length = at.len();
    match (raw, now) {
        (Value::Object(raw), Value::Object(now)) => {
            for (key, value) in now {
                at.push('/');
                at.push_str(&key.replace('~', "~0").replace('/', "~1"));
                match raw.get(key) {
                    Some(raw) => compare(raw, value, at, found),
                    None if says_nothing(value) => found.push(at.clone()),
                    None => {}
                }
                at.truncate(length);
            }
        }
        (Value::Array(raw), Value::Array(now)) => {
            for (place, (raw, now)) in raw.iter().zip(now).enumerate() {
                at.push_str(&format!("/{place}"));
                compare(raw, now, at, found);
                at.truncate(length);
            }
        }
        _ => {}
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is) => !is,
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() < f64::EPSILON),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// Takes a field out; nothing where there is none. A `null` stays, since it may say itself that it is not known.
pub fn remove(json: &mut Value, pointer: &str) {
    if json.pointer(pointer).is_some_and(Value::is_null) {
        return;
    }
    if let Some((parent, key)) = pointer.rsplit_once('/')
        && let Some(Value::Object(fields)) = json.pointer_mut(parent)
    {
        fields.shift_remove(&key.replace("~1", "/").replace("~0", "~"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_filled_in_with_nothing_is_found() {
        let raw = json!({ "rows": [{ "id": "a" }, { "id": "b", "count": 0 }], "state": "observed" });
        let now = json!({
            "rows": [
                { "id": "a", "count": 0, "a/b": "", "note": null, "judged": true },
                { "id": "b", "count": 0, "a/b": [], "note": null, "judged": true },
            ],
            "state": "observed",
        });
        let found = pointers(&raw, &now);
        assert_eq!(found, ["/rows/0/count", "/rows/0/a~1b", "/rows/0/note", "/rows/1/a~1b", "/rows/1/note"]);
        let mut left = now.clone();
        found.iter().for_each(|pointer| remove(&mut left, pointer));
        assert_eq!(left["rows"][0], json!({ "id": "a", "note": null, "judged": true }));
        assert_eq!(pointers(&now, &now), [""; 0]);
    }
}
