//! Walks a parsed TOML document and keeps every problem with its span, instead of stopping at the first as serde does.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Problems, SourceText, did_you_mean};
use super::syntax;
use stackmark_evidence::points::Points;

/// Reads one document.
pub struct Reader {
    source: Arc<SourceText>,
    problems: RefCell<Vec<Problem>>,
}

/// A table being read; [`Table::finish`] reports the keys that nobody asked for.
pub struct Table<'r> {
    reader: &'r Reader,
    name: String,
    entries: &'r DeTable<'r>,
    span: Range<usize>,
    asked: RefCell<Vec<&'static str>>,
}

/// A value with its place.
pub struct Entry<'r> {
    reader: &'r Reader,
    /// How messages name it.
    pub name: String,
    value: &'r DeValue<'r>,
    /// Bytes of the value.
    pub span: Range<usize>,
}

impl Reader {
    /// For `source`.
    pub fn new(source: &Arc<SourceText>) -> Self {
        Self { source: Arc::clone(source), problems: RefCell::default() }
    }

    /// Keeps a problem at `span` and returns it for a fix.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>, fix: impl Into<String>) {
        self.push(Problem::error(&self.source, Some(span), message).fix(fix));
    }

    /// Keeps a warning at `span`.
    pub fn warning(&self, span: Range<usize>, message: impl Into<String>, fix: impl Into<String>) {
        self.push(Problem::error(&self.source, Some(span), message).fix(fix).warn());
    }

    /// Keeps a problem.
    pub fn push(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// The document that is read.
    pub fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    /// Parses the document and hands the root table to `read`. One with syntax errors is not read: what it lacks then mostly
    /// follows from them.
    pub fn read<T>(self, read: impl for<'r> FnOnce(Table<'r>) -> Option<T>) -> (Option<T>, Problems) {
        let (root, errors) = DeTable::parse_recoverable(&self.source.text);
        if !errors.is_empty() {
            return (None, Problems(syntax::problems(&self.source, &errors)));
        }
        let span = root.span();
        let value = read(Table {
            reader: &self,
            name: String::new(),
            entries: root.get_ref(),
            span,
            asked: RefCell::default(),
        });
        drop(root);
        (value, Problems(self.problems.into_inner()))
    }
}

impl<'r> Table<'r> {
    /// The reader, to keep problems of one's own.
    pub fn reader(&self) -> &'r Reader {
        self.reader
    }

    /// Bytes of the table.
    pub fn span(&self) -> Range<usize> {
        // An array-of-tables element spans its header line only; an implicit root spans everything.
        if self.name.is_empty() { 0..0 } else { self.span.clone() }
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// The value at `key`, if it is there.
    pub fn get(&self, key: &'static str) -> Option<Entry<'r>> {
        self.asked.borrow_mut().push(key);
        let value = self.entries.get(key)?;
        Some(Entry { reader: self.reader, name: self.path(key), value: value.get_ref(), span: value.span() })
    }

    /// Whether there is anything at `key`.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.get(key).is_some()
    }

    /// The text at `key` if it is one; no problem is kept.
    pub(crate) fn peek(&self, key: &str) -> Option<&'r str> {
        self.entries.get(key)?.get_ref().as_str()
    }

    /// The value at `key`; a problem where it is missing, with `example` in the fix.
    pub fn require(&self, key: &'static str, example: &str) -> Option<Entry<'r>> {
        let entry = self.get(key);
        if entry.is_none() {
            self.reader.error(self.span(), self.lacks(key), format!("add `{key} = {example}`"));
        }
        entry
    }

    fn lacks(&self, key: &str) -> String {
        let place = if self.name.is_empty() { String::new() } else { format!(" in [{}]", self.name) };
        format!("`{key}` is missing{place}")
    }

    /// A string, if it is there.
    pub fn string(&self, key: &'static str) -> Option<String> {
        self.get(key)?.string()
    }

    /// Every entry, in the order of the document; for tables with free keys.
    pub fn entries(&self) -> impl Iterator<Item = (String, Range<usize>, Entry<'r>)> + '_ {
        self.entries.iter().map(|(key, value)| {
            let name = key.get_ref().to_string();
            let entry =
                Entry { reader: self.reader, name: self.path(&name), value: value.get_ref(), span: value.span() };
            (name, key.span(), entry)
        })
    }

    /// The tables of an array of tables; empty where the key is missing.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'r>> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        let Some(array) = entry.value.as_array() else {
            entry.wrong_type("an array of tables", &format!("write [[{}]]", entry.name));
            return Vec::new();
        };
        array.iter().filter_map(|element| entry.element(element).table()).collect()
    }

    /// A table, if it is there.
    pub fn table(&self, key: &'static str) -> Option<Table<'r>> {
        self.get(key)?.table()
    }

    /// Reports the keys that nobody asked for.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        for (key, _) in self.entries {
            let name = key.get_ref().as_ref();
            if asked.contains(&name) {
                continue;
            }
            let place = if self.name.is_empty() { "this file".to_owned() } else { format!("[{}]", self.name) };
            let fix = match did_you_mean(name, asked.iter().copied()) {
                Some(close) => {
                    // It is there, under another name.
                    let (lacks, span) = (self.lacks(close), Some(self.span()));
                    let is_it = |problem: &Problem| problem.message == lacks && problem.span == span;
                    self.reader.problems.borrow_mut().retain(|problem| !is_it(problem));
                    format!("did you mean `{close}`?")
                }
                None => format!("remove it; {place} has {}", listed(&asked)),
            };
            self.reader.error(key.span(), format!("unknown key `{name}` in {place}"), fix);
        }
    }
}

impl<'r> Entry<'r> {
    fn element(&self, element: &'r Spanned<DeValue<'r>>) -> Entry<'r> {
        Entry { reader: self.reader, name: self.name.clone(), value: element.get_ref(), span: element.span() }
    }

    /// Where its problems are kept.
    pub fn reader(&self) -> &'r Reader {
        self.reader
    }

    /// Keeps a problem about this value.
    pub fn error(&self, message: impl Into<String>, fix: impl Into<String>) {
        self.reader.error(self.span.clone(), message, fix);
    }

    fn wrong_type(&self, expected: &str, fix: &str) {
        self.error(format!("`{}` is {}, expected {expected}", self.name, with_article(self.type_name())), fix);
    }

    /// A string.
    pub fn string(&self) -> Option<String> {
        let text = self.value.as_str();
        if text.is_none() {
            self.wrong_type("a string", "put it in quotes");
        }
        text.map(ToOwned::to_owned)
    }

    /// A string that is not blank.
    pub fn text(&self) -> Option<String> {
        let text = self.string()?;
        if text.trim().is_empty() {
            self.error(format!("`{}` is empty", self.name), "write a sentence for the reader of the report");
            return None;
        }
        Some(text)
    }

    /// A boolean.
    pub fn boolean(&self) -> Option<bool> {
        let value = self.value.as_bool();
        if value.is_none() {
            self.wrong_type("true or false", "write true or false, without quotes");
        }
        value
    }

    /// A whole number.
    pub fn integer(&self) -> Option<i64> {
        let value =
            self.value.as_integer().and_then(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).ok());
        if value.is_none() {
            self.wrong_type("a whole number", "write a whole number, without quotes");
        }
        value
    }

    /// A finite number.
    pub fn number(&self) -> Option<f64> {
        let value = match self.value {
            DeValue::Integer(_) => self.integer().map(|integer| integer as f64),
            DeValue::Float(float) => float.as_str().parse::<f64>().ok().filter(|number| number.is_finite()),
            _ => None,
        };
        if value.is_none() && !self.value.is_integer() {
            self.wrong_type("a number", "write a number, without quotes");
        }
        value
    }

    /// Points: a number with two decimals at most, not negative unless `signed`.
    pub fn points(&self, signed: bool) -> Option<Points> {
        let text = match self.value {
            DeValue::Integer(_) => self.integer()?.to_string(),
            DeValue::Float(float) => float.as_str().to_owned(),
            _ => {
                self.wrong_type("points", "write a number such as 6 or 2.5, without quotes");
                return None;
            }
        };
        let points = Points::parse(&text).filter(|points| signed || *points >= Points::ZERO);
        if points.is_none() {
            let fix = if signed {
                "write it with two decimals at most"
            } else {
                "write 0 or more, with two decimals at most"
            };
            self.error(format!("`{}` is {text}", self.name), fix);
        }
        points
    }

    /// Strings; a problem for each element that is none.
    pub fn strings(&self) -> Option<Vec<String>> {
        let Some(array) = self.value.as_array() else {
            self.wrong_type("a list of strings", "write it as [\"…\", \"…\"]");
            return None;
        };
        Some(array.iter().filter_map(|element| self.element(element).string()).collect())
    }

    /// Strings with their places.
    pub fn spanned_strings(&self) -> Vec<(String, Range<usize>)> {
        let Some(array) = self.value.as_array() else {
            self.wrong_type("a list of strings", "write it as [\"…\", \"…\"]");
            return Vec::new();
        };
        array.iter().filter_map(|element| Some((self.element(element).string()?, element.span()))).collect()
    }

    /// A table.
    pub fn table(&self) -> Option<Table<'r>> {
        let Some(entries) = self.value.as_table() else {
            self.wrong_type("a table", &format!("write it as [{}]", self.name));
            return None;
        };
        Some(Table {
            reader: self.reader,
            name: self.name.clone(),
            entries,
            span: self.span.clone(),
            asked: RefCell::default(),
        })
    }

    /// One of `words`.
    pub fn one_of<'w>(&self, words: &[&'w str]) -> Option<&'w str> {
        let text = self.string()?;
        let found = words.iter().find(|word| **word == text).copied();
        if found.is_none() {
            let fix = match did_you_mean(&text, words.iter().copied()) {
                Some(close) => format!("did you mean \"{close}\"?"),
                None => format!("one of {}", listed(words)),
            };
            self.error(format!("`{}` is \"{text}\"", self.name), fix);
        }
        found
    }

    /// A date and time with an offset, or a local one where `Err` names what is missing; in seconds since the epoch.
    pub fn timestamp(&self) -> Option<jiff::Timestamp> {
        let text = match self.value {
            DeValue::Datetime(datetime) => datetime.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => {
                self.wrong_type("a date and time", "write it as 2026-10-01T23:59:00-04:00, with its offset");
                return None;
            }
        };
        let timestamp = text.parse::<jiff::Timestamp>().ok();
        if timestamp.is_none() {
            self.error(
                format!("`{}` is {text}, which is not a date and time with an offset", self.name),
                "write it as 2026-10-01T23:59:00-04:00: the offset is required",
            );
        }
        timestamp
    }

    /// Any scalar or list of scalars, as a template value.
    pub fn scalar(&self) -> Option<minijinja::Value> {
        match self.value {
            DeValue::String(text) => Some(minijinja::Value::from(text.as_ref())),
            DeValue::Integer(_) => self.integer().map(minijinja::Value::from),
            DeValue::Float(_) => self.number().map(minijinja::Value::from),
            DeValue::Boolean(value) => Some(minijinja::Value::from(*value)),
            DeValue::Array(elements) => elements
                .iter()
                .map(|element| self.element(element).scalar())
                .collect::<Option<Vec<_>>>()
                .map(Into::into),
            DeValue::Datetime(_) | DeValue::Table(_) => {
                self.wrong_type("a string, number, boolean or list", "write one of those");
                None
            }
        }
    }

    /// The TOML type, in words.
    pub fn type_name(&self) -> &'static str {
        self.value.type_str()
    }
}

/// `a string`, `an integer`.
pub fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// `a`, `b` and `c` in back quotes.
pub fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_with_a_slip_is_not_missing_as_well() {
        let (_, problems) = Reader::new(&SourceText::new("a.toml", "point = 4")).read(|table| {
            let _ = (table.require("points", "6"), table.require("check", "\"a/b\""));
            table.finish();
            None::<()>
        });
        let told: Vec<&str> = problems.0.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, ["`check` is missing", "unknown key `point` in this file"]);
    }

    #[test]
    fn types_are_named_with_their_article() {
        let (_, problems) = Reader::new(&SourceText::new("a.toml", "a = 3\nb = [1]\nc = 2.5")).read(|table| {
            let _ = ["a", "b", "c"].map(|key| table.string(key));
            table.finish();
            None::<()>
        });
        let told: Vec<&str> = problems.0.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            told,
            [
                "`a` is an integer, expected a string",
                "`b` is an array, expected a string",
                "`c` is a float, expected a string"
            ]
        );
    }
}
