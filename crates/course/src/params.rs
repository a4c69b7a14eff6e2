//! A check's parameters, and the values that a rubric gives them.

use std::ops::Range;

use indexmap::IndexMap;
use minijinja::Value;
use minijinja::value::ValueKind;

use super::problem::did_you_mean;
use super::reader::{Entry, Table, listed, with_article};
use super::request::{NAME_FIX, is_identifier};

/// The type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// Text.
    String,
    /// True or false.
    Boolean,
    /// A list of scalars.
    List,
}

/// Names of the types, as a check writes them.
const KINDS: [(&str, Kind); 5] = [
    ("integer", Kind::Integer),
    ("number", Kind::Number),
    ("string", Kind::String),
    ("boolean", Kind::Boolean),
    ("list", Kind::List),
];

/// A parameter of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Param {
    /// Its type.
    pub kind: Kind,
    /// Its value where a rubric gives none; without one, a rubric must.
    pub default: Option<Value>,
    /// What it means.
    pub about: Option<String>,
    /// Place of its name in the check.
    pub span: Range<usize>,
}

impl Kind {
    /// As a check writes it.
    pub fn as_str(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Integer => value.kind() == ValueKind::Number && value.as_i64().is_some() && value.is_integer(),
            Self::Number => value.kind() == ValueKind::Number,
            Self::String => value.kind() == ValueKind::String,
            Self::Boolean => value.kind() == ValueKind::Bool,
            Self::List => value.kind() == ValueKind::Seq,
        }
    }
}

/// Reads `[params]`.
pub fn read(table: &Table<'_>) -> IndexMap<String, Param> {
    let mut params = IndexMap::new();
    for (name, span, entry) in table.entries() {
        if !is_identifier(&name) {
            table.reader().error(span.clone(), format!("`{name}` is no variable name"), NAME_FIX);
        }
        let Some(fields) = entry.table() else { continue };
        let words: Vec<&'static str> = KINDS.iter().map(|(word, _)| *word).collect();
        let kind = fields.require("type", "\"integer\"").and_then(|kind| kind.one_of(&words));
        let kind = kind.and_then(|word| KINDS.iter().find(|(known, _)| *known == word)).map(|(_, kind)| *kind);
        let default = fields.get("default");
        let about = fields.string("about");
        if let Some(kind) = kind {
            let default = default.and_then(|default| typed(&default, kind));
            params.insert(name, Param { kind, default, about, span });
        }
        fields.finish();
    }
    params
}

fn typed(entry: &Entry<'_>, kind: Kind) -> Option<Value> {
    let value = entry.scalar()?;
    if kind.fits(&value) {
        return Some(value);
    }
    entry.error(
        format!("`{}` is {}, expected {}", entry.name, with_article(entry.type_name()), with_article(kind.as_str())),
        format!("write a value of type {}", kind.as_str()),
    );
    None
}

/// Fits a rubric's `with` table to a check's parameters; defaults fill what it leaves out.
///
/// `place` is where the item stands in the rubric, for what is missing.
pub fn bind(
    params: &IndexMap<String, Param>,
    with: Option<&Table<'_>>,
    check: &str,
    reader: &super::reader::Reader,
    place: Range<usize>,
) -> IndexMap<String, Value> {
    bind_over(params, with, &IndexMap::new(), check, reader, place)
}

/// As [`bind`]; values of `under` come before the defaults.
pub(crate) fn bind_over(
    params: &IndexMap<String, Param>,
    with: Option<&Table<'_>>,
    under: &IndexMap<String, Value>,
    check: &str,
    reader: &super::reader::Reader,
    place: Range<usize>,
) -> IndexMap<String, Value> {
    let mut bound = IndexMap::new();
    let mut seen = Vec::new();
    for (name, span, entry) in with.into_iter().flat_map(Table::entries) {
        let Some(param) = params.get(&name) else {
            let names: Vec<&str> = params.keys().map(String::as_str).collect();
            let fix = match did_you_mean(&name, names.iter().copied()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("it takes {}", listed(&names)),
            };
            reader.error(span, format!("check \"{check}\" has no parameter `{name}`"), fix);
            continue;
        };
        if let Some(value) = typed(&entry, param.kind) {
            bound.insert(name.clone(), value);
        }
        seen.push(name);
    }
    for (name, param) in params {
        if seen.contains(name) {
            continue;
        }
        match under.get(name).or(param.default.as_ref()) {
            Some(default) => {
                bound.insert(name.clone(), default.clone());
            }
            None => reader.error(
                place.clone(),
                format!("check \"{check}\" needs the parameter `{name}`"),
                format!("add with = {{ {name} = … }}, a value of type {}", param.kind.as_str()),
            ),
        }
    }
    bound
}
