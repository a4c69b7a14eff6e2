//! A table of which something is missing: the rows that were read, and what may stand beside them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};
use serde_json::Value as Json;

use super::scorecard::UnreadableReading;
use super::sought::{self, Path};
use stackmark_evidence::aws::{Gap, Missing};
use stackmark_language::expression::value_of;

/// Rows that stand for any number of missing ones: more than any check asks for.
const MANY: usize = 32;

/// Rows, and gaps, that others are made after.
const FEW: usize = 8;

/// Key of a row that says which fields of it were not read: these, or (`true`) all that it does not have.
const UNREAD: &str = "\u{0}unread";

/// A table of which something is missing.
pub(super) struct PartialTable {
    /// As in `aws.NAME`.
    pub(super) name: String,
    /// The rows that were read.
    pub(super) rows: Vec<Json>,
    /// What may stand beside them.
    pub(super) gaps: Vec<Gap>,
    pub(super) unreadable: Vec<UnreadableReading>,
}

impl PartialTable {
    /// The table of this name, where the evidence lists gaps in it. `types` are those that are looked for in
    /// `aws.resources`: one that could not be read leaves a gap of its own.
    pub(super) fn of(evidence: &Json, name: &str, types: &[String]) -> Option<Self> {
        let rows = evidence.pointer(&format!("/aws/{name}/value"))?.as_array()?.clone();
        let mut table = Self { name: name.to_owned(), rows, gaps: Vec::new(), unreadable: Vec::new() };
        let listed = evidence.pointer(&format!("/aws/gaps/{name}")).cloned().unwrap_or_default();
        for gap in serde_json::from_value::<Vec<Gap>>(listed).unwrap_or_default() {
            table.add(format!("/aws/gaps/{name}"), gap);
        }
        for kind in types.iter().filter(|_| name == "resources") {
            let pointer = format!("/aws/resource_gaps/{kind}");
            let failure = evidence.pointer(&pointer).and_then(|gap| serde_json::from_value(gap.clone()).ok());
            if let Some(failure) = failure {
                let known = [("resource_type".to_owned(), Json::from(kind.as_str()))].into();
                table.add(pointer, Gap::rows(known, failure));
            }
        }
        (!table.gaps.is_empty()).then_some(table)
    }

    pub(super) fn add(&mut self, pointer: String, gap: Gap) {
        if self.unreadable.iter().all(|known| known.failure != gap.failure) {
            self.unreadable.push(UnreadableReading { pointer, failure: gap.failure.clone() });
        }
        self.gaps.push(gap);
    }

    /// Each cause once.
    pub(super) fn unreadable(&self) -> Vec<UnreadableReading> {
        self.unreadable.clone()
    }

    fn lacking(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| gap.missing == Missing::Fields)
    }

    /// The rows without the fields that could not be read.
    fn observed(&self) -> Vec<Json> {
        let mut rows = self.rows.clone();
        for gap in self.lacking() {
            for row in rows.iter_mut().filter(|row| fits(row, gap)) {
                if let Some(row) = row.as_object_mut() {
                    row.retain(|field, _| !gap.fields.contains(field));
                    let unread = row.entry(UNREAD).or_insert_with(|| Json::Array(Vec::new())).as_array_mut();
                    unread
                        .into_iter()
                        .for_each(|names| names.extend(gap.fields.iter().map(|field| Json::from(field.as_str()))));
                }
            }
        }
        rows
    }

    /// Rows that may be missing, as far as the rows at hand tell what one looks like, each with the fields that are known of it.
    fn examples(&self, whole: &[Json]) -> Vec<(Json, BTreeSet<String>)> {
        let mut examples = Vec::new();
        for gap in self.gaps.iter().filter(|gap| gap.missing != Missing::Fields).take(FEW) {
            for row in whole.iter().take(FEW) {
                let mut row = row.clone();
                if let Some(fields) = row.as_object_mut() {
                    fields.extend(gap.known.iter().map(|(field, value)| (field.clone(), value.clone())));
                }
                examples.push((row, gap.known.keys().cloned().collect()));
            }
        }
        for gap in self.lacking().take(FEW) {
            for row in self.rows.iter().filter(|row| fits(row, gap)).take(FEW) {
                let names = row.as_object().into_iter().flat_map(|fields| fields.keys());
                let known = names.filter(|field| !gap.fields.contains(*field)).cloned();
                examples.push((row.clone(), known.collect()));
            }
        }
        examples
    }
}

/// The rows of a table of which something is missing, as expressions see them. Each is one value, in however many worlds it
/// stands: a world is made of what differs in it.
pub(super) struct SharedRows {
    gaps: Vec<Gap>,
    /// Without the fields that could not be read.
    pub(super) observed: Vec<Value>,
    /// Those of which all is known, and the same as data.
    pub(super) whole: Vec<Value>,
    pub(super) plain: Vec<Json>,
    /// Rows that may be missing, each with the fields that are known of it.
    pub(super) examples: Vec<(Json, BTreeSet<String>)>,
}

impl SharedRows {
    pub(super) fn of(table: &PartialTable) -> Self {
        let observed: Vec<Value> = table.observed().iter().map(seen).collect();
        let is_whole = |(_, row): &(usize, &Json)| !table.lacking().any(|gap| fits(row, gap));
        let whole: Vec<(usize, &Json)> = table.rows.iter().enumerate().filter(is_whole).collect();
        let plain: Vec<Json> = whole.iter().map(|(_, row)| (*row).clone()).collect();
        Self {
            gaps: table.gaps.clone(),
            whole: whole.into_iter().map(|(at, _)| observed[at].clone()).collect(),
            examples: table.examples(&plain),
            observed,
            plain,
        }
    }

    /// How many gaps it has.
    pub(super) fn gaps(&self) -> usize {
        self.gaps.len()
    }

    /// The rows, and what is known of those that are missing by all of its gaps, or by one of them.
    pub(super) fn filled(&self, only: Option<usize>) -> Vec<Value> {
        let mut rows = self.observed.clone();
        for (_, gap) in self.gaps.iter().enumerate().filter(|(at, _)| only.is_none_or(|only| only == *at)) {
            let known = gap.known.clone().into_iter().chain([(UNREAD.to_owned(), Json::Bool(true))]);
            let row: Json = known.collect::<serde_json::Map<_, _>>().into();
            match gap.missing {
                Missing::Row => rows.push(seen(&row)),
                Missing::Rows => rows.extend(std::iter::repeat_n(seen(&row), MANY)),
                Missing::Fields => {}
            }
        }
        rows
    }

    /// Every row twice.
    pub(super) fn twice(&self) -> Vec<Value> {
        self.whole.iter().chain(&self.whole).cloned().collect()
    }

    /// The rows, and one of them once more.
    pub(super) fn with_one_again(&self, position: usize) -> Vec<Value> {
        self.whole.iter().chain(self.whole.get(position)).cloned().collect()
    }

    /// The rows, and others that are like them but for this field.
    pub(super) fn with_another(&self, field: &str) -> Vec<Value> {
        let changed = |row: &Json, shared: &Value, shape: Shape| {
            let value = value_of(other(row.get(field)?, shape)?);
            let of = |name: &str| if name == field { value.clone() } else { shared.get_attr(name).unwrap_or_default() };
            let fields = row.as_object()?.keys().map(|name| (name.as_str(), of(name)));
            Some(made(Value::from_pairs(fields)))
        };
        let rows = self.plain.iter().zip(&self.whole);
        let others = rows.flat_map(|(row, shared)| Shape::ALL.map(|shape| changed(row, shared, shape))).flatten();
        self.whole.iter().cloned().chain(others).collect()
    }

    /// The rows of which all is known, and those that may be missing with this value in this field.
    pub(super) fn with_sought(&self, path: &Path, value: &Json) -> Vec<Value> {
        let with = |(row, known): &(Json, BTreeSet<String>)| {
            let free = path.first().is_some_and(|field| !known.contains(field));
            let mut row = free.then(|| row.clone())?;
            sought::set(&mut row, path, value).then(|| seen(&row))
        };
        self.whole.iter().cloned().chain(self.examples.iter().filter_map(with)).collect()
    }

    /// The rows, and two that have nothing in their fields.
    pub(super) fn with_strangers(&self) -> Vec<Value> {
        let first = self.plain.first();
        let strangers = [false, true].into_iter().filter_map(|flag| first.map(|row| seen(&blank(row, flag))));
        self.whole.iter().cloned().chain(strangers).collect()
    }
}

/// Stands for what could not be read: an expression that asks for it fails.
pub(super) fn unread() -> Value {
    Value::from(minijinja::Error::new(minijinja::ErrorKind::UndefinedError, "it could not be read"))
}

/// A row as expressions see it: asking for a field that was not read fails, by whatever filter.
fn seen(row: &Json) -> Value {
    made(match row.as_object() {
        Some(fields) if fields.contains_key(UNREAD) => Value::from_object(Part::of(fields)),
        _ => value_of(row),
    })
}

#[cfg(test)]
thread_local! {
    /// How many rows were made into values.
    pub(super) static MADE: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// A row that was made into a value: tests count them.
fn made(row: Value) -> Value {
    #[cfg(test)]
    MADE.set(MADE.get() + 1);
    row
}

/// A row that was read in part.
#[derive(Debug)]
struct Part {
    known: BTreeMap<String, Value>,
    /// Those that were not read; `None` if nothing else was.
    unread: Option<BTreeSet<String>>,
}

impl Part {
    fn of(fields: &serde_json::Map<String, Json>) -> Self {
        let known = fields.iter().filter(|(field, _)| field.as_str() != UNREAD);
        let names = fields.get(UNREAD).and_then(Json::as_array);
        Self {
            known: known.map(|(field, value)| (field.clone(), value_of(value))).collect(),
            unread: names.map(|names| names.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        }
    }
}

impl Object for Part {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let is_unread = || self.unread.as_ref().is_none_or(|unread| unread.contains(key));
        self.known.get(key).cloned().or_else(|| is_unread().then(unread))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.known.keys().map(|key| Value::from(key.as_str())).collect())
    }
}

fn fits(row: &Json, gap: &Gap) -> bool {
    gap.known.iter().all(|(field, value)| row.get(field) == Some(value))
}

/// A value of the same shape with nothing in it.
fn blank(value: &Json, flag: bool) -> Json {
    match value {
        Json::Null => Json::Null,
        Json::Bool(_) => Json::Bool(flag),
        Json::Number(_) => Json::from(0_i64),
        Json::String(_) => Json::from(""),
        Json::Array(_) => Json::Array(Vec::new()),
        Json::Object(fields) => {
            let inner = |(field, value): (&String, &Json)| match field.as_str() {
                "tags" => (field.clone(), Json::Object(serde_json::Map::new())),
                _ => (field.clone(), blank(value, flag)),
            };
            Json::Object(fields.iter().map(inner).collect())
        }
    }
}

/// How a field of another row may differ.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// There is nothing in it.
    Nothing,
    /// It is beyond any bound.
    Beyond,
    /// It holds what is there and more: longer than any check asks for.
    Longer,
}

impl Shape {
    const ALL: [Self; 3] = [Self::Nothing, Self::Beyond, Self::Longer];
}

/// A value of the same kind that it may have in another row; `None` if it cannot have that shape.
fn other(value: &Json, shape: Shape) -> Option<Json> {
    match (value, shape) {
        (Json::Array(elements), Shape::Longer) => {
            let more = (0..MANY).map(|number| match elements.first() {
                None | Some(Json::String(_)) => Json::from(format!("\0{number}")),
                Some(first) => blank(first, false),
            });
            Some(elements.iter().cloned().chain(more).collect())
        }
        (_, Shape::Longer) => None,
        (Json::Number(_), Shape::Beyond) => Some(Json::from(1_000_000_i64)),
        (Json::Array(elements), Shape::Beyond) => {
            Some(elements.first().map(|first| blank(first, false)).into_iter().collect())
        }
        _ => Some(blank(value, matches!(shape, Shape::Beyond))),
    }
}
