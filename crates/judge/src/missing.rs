//! Fields of a reading that could not be read, though the others could.

use std::collections::BTreeMap;

use minijinja::Value;
use serde_json::Value as Json;

use super::gaps::unread;
use super::interval::Interval;
use super::scorecard::UnreadableReading;
use stackmark_evidence::aws::{Between, Gap};
use stackmark_language::expression::value_of;

/// What is missing of readings that are no tables.
pub(super) struct Lacking<'a> {
    /// Whether anything is [`unread`].
    pub(super) unread: bool,
    /// Readings of AWS that lack fields, as they were read.
    pub(super) as_read: BTreeMap<&'a str, Value>,
    /// Between which numbers such fields lie, by their whole name.
    pub(super) between: BTreeMap<String, Interval>,
}

/// A reading of AWS that is no table, and that lacks fields.
pub(super) struct Fields {
    /// With those that could not be read as [`unread`].
    pub(super) known: Value,
    /// As it was read, for what is said of it.
    pub(super) as_read: Value,
    /// Between which numbers those lie that could not be read, by their whole name: `aws.scope.tagged`.
    pub(super) between: Vec<(String, Interval)>,
    /// Why some could not be read.
    pub(super) why: Vec<UnreadableReading>,
}

/// The fields of a reading of AWS that is no table; `None` where all could be read.
pub(super) fn fields(evidence: &Json, name: &str) -> Option<Fields> {
    let value = evidence.pointer(&format!("/aws/{name}/value"))?;
    let pointer = format!("/aws/gaps/{name}");
    let gaps: Vec<Gap> = serde_json::from_value(evidence.pointer(&pointer)?.clone()).ok()?;
    let mut fields: BTreeMap<String, Value> =
        value.as_object()?.iter().map(|(field, value)| (field.clone(), value_of(value))).collect();
    fields.extend(gaps.iter().flat_map(|gap| &gap.fields).map(|field| (field.clone(), unread())));
    let between = gaps.iter().flat_map(|gap| &gap.between);
    let between = between.map(|(field, Between { least, most })| {
        let most = most.map_or(f64::INFINITY, |most| most as f64);
        (format!("aws.{name}.{field}"), Interval::new(*least as f64, most))
    });
    let between = between.collect();
    let why =
        gaps.into_iter().map(|gap| UnreadableReading { pointer: pointer.clone(), failure: gap.failure }).collect();
    Some(Fields { known: value_of(&fields), as_read: value_of(value), between, why })
}
