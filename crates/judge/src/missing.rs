//! Fields of a reading that could not be read, though the others could.

use std::collections::BTreeMap;

use minijinja::Value;
use serde_json::Value as Json;

use super::gaps::unread;
use super::scorecard::UnreadableReading;
use stackmark_evidence::aws::Gap;
use stackmark_language::expression::value_of;

/// The fields of a reading of AWS that is no table, and why some of them could not be read; `None` where all could.
pub(super) fn fields(evidence: &Json, name: &str) -> Option<(Value, Vec<UnreadableReading>)> {
    let object = evidence.pointer(&format!("/aws/{name}/value"))?.as_object()?;
    let pointer = format!("/aws/gaps/{name}");
    let gaps: Vec<Gap> = serde_json::from_value(evidence.pointer(&pointer)?.clone()).ok()?;
    let mut fields: BTreeMap<String, Value> =
        object.iter().map(|(field, value)| (field.clone(), value_of(value))).collect();
    fields.extend(gaps.iter().flat_map(|gap| &gap.fields).map(|field| (field.clone(), unread())));
    let why = gaps.into_iter().map(|gap| UnreadableReading { pointer: pointer.clone(), failure: gap.failure });
    Some((value_of(&fields), why.collect()))
}
