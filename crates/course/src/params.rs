//! A check's parameters, and the values that a rubric gives them.

use std::ops::Range;

use indexmap::IndexMap;
use minijinja::Value;
use minijinja::value::ValueKind;

use super::problem::did_you_mean;
use super::reader::{Entry, Table, listed, with_article};
use super::request::{NAME_FIX, is_identifier};
use stackmark_evidence::vocabulary::{Vocabulary, operation};

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
    /// What its words are, where they have to be known: a word that no reading knows would fail every team.
    pub of: Option<Vocabulary>,
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
            table.reader().error(span.clone(), format!("`{name}` is not a valid variable name"), NAME_FIX);
        }
        let Some(fields) = entry.table() else { continue };
        let words: Vec<&'static str> = KINDS.iter().map(|(word, _)| *word).collect();
        let word = fields.peek("type").map(ToOwned::to_owned);
        let kind = fields.require("type", "\"integer\"").and_then(|kind| kind.one_of(&words));
        let kind = kind.and_then(|word| KINDS.iter().find(|(known, _)| *known == word)).map(|(_, kind)| *kind);
        let default = fields.get("default");
        let about = fields.string("about");
        let vocabularies: Vec<&'static str> = Vocabulary::ALL.iter().map(|(word, _)| *word).collect();
        let of = fields.get("of").and_then(|of| of.one_of(&vocabularies));
        let of = of.and_then(|word| Vocabulary::ALL.iter().find(|(known, _)| *known == word)).map(|(_, of)| *of);
        if let Some(kind) = kind {
            let default = default.and_then(|default| {
                let value = typed(&default, kind)?;
                of.into_iter().for_each(|of| known_words(&default, of));
                Some(value)
            });
            params.insert(name, Param { kind, default, about, of, span });
        } else {
            // Its name is known all the same: that expressions use it is not wrong.
            let default = default.and_then(|default| default.scalar());
            let kind = meant(word.as_deref(), default.as_ref());
            params.insert(name, Param { kind, default: default.filter(|value| kind.fits(value)), about, of, span });
        }
        fields.finish();
    }
    params
}

/// The type that a wrong word was meant to be, or that of the default.
fn meant(word: Option<&str>, default: Option<&Value>) -> Kind {
    let close = word.and_then(|word| did_you_mean(word, KINDS.iter().map(|(known, _)| *known)));
    let by_word = KINDS.iter().find(|(known, _)| Some(*known) == close);
    let by_default = || KINDS.iter().find(|(_, kind)| default.is_some_and(|value| kind.fits(value)));
    by_word.or_else(by_default).map_or(Kind::String, |(_, kind)| *kind)
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

/// A problem for each word that is none of `of`: an error, or a warning where other words may mean something too.
fn known_words(entry: &Entry<'_>, of: Vocabulary) {
    let words = match entry.type_name() {
        "array" => entry.spanned_strings(),
        _ => entry.string().map(|word| (word, entry.span.clone())).into_iter().collect(),
    };
    for (word, span) in words.into_iter().filter(|(word, _)| !of.holds(word)) {
        let message = format!("`{}` has \"{word}\", which is no known {}", entry.name, of.noun());
        let known = of.words();
        let fix = match did_you_mean(&word, known.iter().copied()) {
            Some(close) => format!("did you mean \"{close}\"?"),
            None if known.len() <= 60 => format!("one of {}", listed(&known)),
            None => "write it as boto3 does: \"run_instances\"".to_owned(),
        };
        if of.is_open() {
            entry.reader().warning(span, message, fix);
        } else {
            entry.reader().error(span, message, fix);
        }
    }
}

/// Operations under AWS's own name, each once: readings know `create_instances` as `run_instances`.
fn canonical(value: &Value) -> Value {
    let name = |word: &Value| match word.as_str().and_then(operation) {
        Some(operation) => Value::from(operation),
        None => word.clone(),
    };
    let words = if value.kind() == ValueKind::Seq { value.try_iter().ok() } else { None };
    let Some(words) = words else { return name(value) };
    let mut once: Vec<Value> = Vec::new();
    for word in words.map(|word| name(&word)) {
        if !once.contains(&word) {
            once.push(word);
        }
    }
    Value::from(once)
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
            param.of.into_iter().for_each(|of| known_words(&entry, of));
            let renamed = param.of == Some(Vocabulary::Operation);
            bound.insert(name.clone(), if renamed { canonical(&value) } else { value });
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

#[cfg(test)]
mod tests {
    use super::super::problem::{Problem, SourceText};
    use super::super::reader::Reader;
    use super::*;

    /// The problems of `with`, given to a check with this one parameter.
    fn problems(param: &str, with: &str) -> Vec<Problem> {
        let (params, unread) = Reader::new(&SourceText::new("check.toml", param)).read(|table| Some(read(&table)));
        assert!(unread.0.is_empty(), "{unread}");
        let params = params.expect("parameters");
        let (_, problems) = Reader::new(&SourceText::new("rubric.toml", with))
            .read(|table| Some(bind(&params, Some(&table), "code/x", table.reader(), 0..0)));
        problems.0
    }

    #[test]
    fn a_parameter_of_a_wrong_type_is_still_a_name() {
        let text = "title = 'x'\nwhy = 'x'\nfix = 'x'\nreads = ['code.readme']\n[params]\n\
                    words = { type = 'int', default = 3 }\n[[expect]]\nthat = 'code.readme.words > words'\n\
                    says = '{{ words }}'\n";
        let source = crate::SourceText::new("c.toml", text);
        let (_, problems) = crate::Check::parse("own/c", &source, &stackmark_language::expression::Engine::new());
        let told: Vec<&str> = problems.0.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, ["`params.words.type` is \"int\""]);
    }

    #[test]
    fn a_word_that_no_reading_knows_is_refused_with_the_near_one() {
        let operations = "calls = { type = \"list\", of = \"operation\" }";
        assert!(problems(operations, "calls = [\"run_instances\", \"get_metric_widget_image\"]").is_empty());
        let told = problems(operations, "calls = [\"get_metric_widget_imgae\"]");
        assert!(!told[0].warning && told[0].message.contains("get_metric_widget_imgae"), "{:?}", told[0]);
        assert!(told[0].fix.as_ref().is_some_and(|fix| fix.contains("\"get_metric_widget_image\"")), "{:?}", told[0]);
        assert!(problems(operations, "calls = [\"create_instances\"]").is_empty());
        let both = Value::from(vec!["create_instances", "run_instances"]);
        assert_eq!(canonical(&both), Value::from(vec!["run_instances"]));
        let told = problems("tools = { type = \"list\", of = \"tool\" }", "tools = [\"pulumi\"]");
        assert!(told[0].fix.as_ref().is_some_and(|fix| fix.contains("terraform")), "{:?}", told[0]);
    }

    #[test]
    fn a_type_of_ones_own_is_a_warning_only() {
        let told = problems("kinds = { type = \"list\", of = \"resource-kind\" }", "kinds = [\"sfn_state_machine\"]");
        assert!(told.len() == 1 && told[0].warning, "{told:?}");
    }
}
