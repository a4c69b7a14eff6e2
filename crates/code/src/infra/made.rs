//! A row for what a call makes, whichever tool calls it.

use crate::text::pascal_case;
use std::collections::BTreeMap;

use serde_json::Value;

use super::kinds;
use super::value::tags_of;
use stackmark_evidence::closed::DeclaredTool;
use stackmark_evidence::infrastructure::Declared;

/// The row of an operation.
pub(super) fn made(
    tool: DeclaredTool,
    path: &str,
    line: u64,
    operation: &str,
    kind: kinds::Kind,
    arguments: BTreeMap<String, Value>,
) -> Declared {
    let tags = tags_of(&arguments);
    let name = kinds::name_argument(&kind.kind, &arguments).or_else(|| tags.get("Name").map(String::as_str));
    Declared {
        tool,
        resource_type: format!("{}:{}", kind.service, pascal_case(operation)),
        name: name.unwrap_or_default().to_owned(),
        service: kind.service,
        kind: kind.kind,
        label: None,
        path: path.to_owned(),
        line,
        count: count(&arguments),
        unreachable: None,
        arguments,
        tags,
    }
}

/// `run_instances` is the one call that makes several at once.
fn count(arguments: &BTreeMap<String, Value>) -> Option<u64> {
    match arguments.get("max_count").or_else(|| arguments.get("count")).or_else(|| arguments.get("min_count")) {
        // The command line has `min:max`.
        Some(Value::String(range)) => range.rsplit(':').next().and_then(|max| max.parse().ok()),
        Some(count) => count.as_u64(),
        None => Some(1),
    }
}
