//! The chrome's words, one TOML file a language: labels, sentences, and how numbers look.

use std::collections::{BTreeMap, BTreeSet};

/// What every other language is held against.
pub(super) const REFERENCE: &str = "en";

/// The words of one language, by key: `summary.heading`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Language {
    code: String,
    labels: BTreeMap<String, Label>,
}

/// A text with `{named}` places, or one for each grammatical number.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Label {
    Text(String),
    /// Chosen by the value of the place `{n}`.
    Counted {
        one: String,
        other: String,
    },
}

impl Label {
    fn forms(&self) -> [&str; 2] {
        match self {
            Self::Text(text) => [text, text],
            Self::Counted { one, other } => [one, other],
        }
    }

    /// Names of its places; the forms of a counted label together.
    fn places(&self) -> BTreeSet<&str> {
        self.forms().into_iter().flat_map(|form| parts(form).filter_map(Result::err)).collect()
    }

    /// Whether one of its forms has this place.
    fn has_place(&self, name: &str) -> bool {
        self.forms().into_iter().flat_map(parts).any(|part| part == Err(name))
    }

    fn is_counted(&self) -> bool {
        matches!(self, Self::Counted { .. })
    }
}

/// Splits a label into text (`Ok`) and the names of its places (`Err`).
fn parts(label: &str) -> impl Iterator<Item = Result<&str, &str>> {
    label
        .split('{')
        .enumerate()
        .flat_map(|(at, piece)| match piece.split_once('}') {
            Some((place, text)) if at > 0 => [Some(Err(place)), Some(Ok(text))],
            _ => [Some(Ok(piece)), None],
        })
        .flatten()
}

impl Language {
    /// Reads the words of language `code`, laid over `base` where the file only changes some.
    ///
    /// # Errors
    /// Everything that is wrong with the file, one sentence each.
    pub(super) fn parse(code: &str, text: &str, base: Option<&Self>) -> Result<Self, Vec<String>> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| vec![error.to_string()])?;
        let (mut labels, mut problems) = (BTreeMap::new(), Vec::new());
        flatten("", &table, &mut labels, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut language =
            Self { code: code.to_owned(), labels: base.map(|base| base.labels.clone()).unwrap_or_default() };
        language.labels.extend(labels);
        Ok(language)
    }

    /// What this language lacks, has too much or asks for differently from `reference`, one sentence each.
    pub(super) fn differences(&self, reference: &Self) -> Vec<String> {
        let mut problems = Vec::new();
        for (key, expected) in &reference.labels {
            match self.labels.get(key) {
                None => problems.push(format!("`{key}` is missing")),
                Some(label) if label.is_counted() != expected.is_counted() => {
                    let wanted = if expected.is_counted() { "one text each for `one` and `other`" } else { "one text" };
                    problems.push(format!("`{key}` wants {wanted}"));
                }
                Some(label) if label.places() != expected.places() => {
                    problems.push(format!("`{key}` has the places {:?}, not {:?}", label.places(), expected.places()));
                }
                Some(_) => {}
            }
        }
        let unknown = self.labels.keys().filter(|key| !reference.labels.contains_key(*key));
        problems.extend(unknown.map(|key| format!("`{key}` is used nowhere")));
        problems
    }

    /// `en`, `fr`, `it`, or a code of the user's.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Every key, sorted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.labels.keys().map(String::as_str)
    }

    /// The text at `key` without its places filled; `None` where there is none or it needs a number.
    pub fn label(&self, key: &str) -> Option<&str> {
        match self.labels.get(key)? {
            Label::Text(text) => Some(text),
            Label::Counted { .. } => None,
        }
    }

    /// The labels of a table by their keys in it, as JSON that may stand in a page's script; a counted one has `one` and
    /// `other`.
    pub fn script(&self, table: &str) -> String {
        let of_table = |(key, label): (&String, &Label)| {
            let key = key.strip_prefix(table)?.strip_prefix('.')?;
            let label = match label {
                Label::Text(text) => serde_json::Value::from(text.as_str()),
                Label::Counted { one, other } => serde_json::json!({ "one": one, "other": other }),
            };
            Some((key.to_owned(), label))
        };
        let labels: serde_json::Map<String, serde_json::Value> = self.labels.iter().filter_map(of_table).collect();
        // Nothing in it ends the script.
        serde_json::Value::Object(labels).to_string().replace('<', "\\u003c")
    }

    /// The text at `key` with its places filled, in the grammatical number of `count`.
    ///
    /// # Errors
    /// A key that is not there, a place without a value or a value without a place: a sentence.
    pub fn say(&self, key: &str, count: Option<f64>, values: &BTreeMap<&str, String>) -> Result<String, String> {
        self.say_in(key, count, values, str::to_owned)
    }

    /// [`Self::say`] with the label's own words, between the places, put into a format by `own`.
    pub(super) fn say_in(
        &self,
        key: &str,
        count: Option<f64>,
        values: &BTreeMap<&str, String>,
        own: impl Fn(&str) -> String,
    ) -> Result<String, String> {
        let label = self.labels.get(key).ok_or_else(|| format!("language {} has no label `{key}`", self.code))?;
        if let Some(unused) = values.keys().find(|name| **name != "n" && !label.has_place(name)) {
            return Err(format!("label `{key}` has no place for `{unused}`"));
        }
        let [one, other] = label.forms();
        let form = match count {
            None if label.is_counted() => return Err(format!("label `{key}` wants a number `n`")),
            Some(count) if self.is_singular(count) => one,
            _ => other,
        };
        parts(form)
            .map(|part| match part {
                Ok(text) => Ok(own(text)),
                Err(place) => values.get(place).cloned().ok_or(place),
            })
            .collect::<Result<String, &str>>()
            .map_err(|place| format!("label `{key}` wants a value for `{place}`"))
    }

    /// French counts everything below two as one; English and Italian only one itself.
    fn is_singular(&self, count: f64) -> bool {
        if self.code == "fr" { count.abs() < 2.0 } else { (count - 1.0).abs() < 1e-9 }
    }

    /// At most two decimals, no trailing zeros, the language's decimal sign: `71.25`, `71,5`, `71`.
    pub fn number(&self, value: f64) -> String {
        // Adding zero turns the negative zero of a tiny loss into plain zero.
        let rounded = (value * 100.0).round() / 100.0 + 0.0;
        let text = format!("{rounded:.2}");
        let text = text.trim_end_matches('0').trim_end_matches('.');
        text.replace('.', self.label("number.decimal").unwrap_or("."))
    }

    /// A ratio of 0..1 in per cent without decimals: `62%`, `62 %`. Only a true zero and a true whole read 0 and 100.
    pub fn percent(&self, ratio: f64) -> String {
        let whole = (ratio * 100.0).round();
        let whole = if ratio > 0.0 && ratio < 1.0 { whole.clamp(1.0, 99.0) } else { whole };
        self.label("number.percent").unwrap_or("{n}%").replace("{n}", &format!("{:.0}", whole + 0.0))
    }
}

/// Tables become dotted keys; a table of just `one` and `other` is one counted label.
fn flatten(prefix: &str, table: &toml::Table, labels: &mut BTreeMap<String, Label>, problems: &mut Vec<String>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::String(text) => {
                labels.insert(key, Label::Text(text.clone()));
            }
            toml::Value::Table(inner) => match (inner.get("one"), inner.get("other")) {
                (Some(toml::Value::String(one)), Some(toml::Value::String(other))) if inner.len() == 2 => {
                    labels.insert(key, Label::Counted { one: one.clone(), other: other.clone() });
                }
                _ => flatten(&key, inner, labels, problems),
            },
            _ => problems.push(format!("`{key}` is no text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Language;

    fn language(code: &str, text: &str) -> Language {
        Language::parse(code, text, None).unwrap()
    }

    #[test]
    fn picks_the_grammatical_number_of_the_language() {
        let text = "open = { one = '{n} item', other = '{n} items' }";
        for (code, count, said) in [
            ("en", 1.0, "1 item"),
            ("en", 0.0, "0 items"),
            ("en", 1.5, "1.5 items"),
            ("fr", 0.0, "0 item"),
            ("fr", 1.5, "1.5 item"),
            ("it", 2.0, "2 items"),
        ] {
            let language = language(code, text);
            let values = BTreeMap::from([("n", language.number(count))]);
            assert_eq!(language.say("open", Some(count), &values).as_deref(), Ok(said), "{code}");
        }
    }

    #[test]
    fn a_label_without_its_value_is_an_error_not_a_gap() {
        let language = language("en", "a = '{x} of {y}'");
        let x = BTreeMap::from([("x", "1".to_owned())]);
        assert_eq!(language.say("a", None, &x), Err("label `a` wants a value for `y`".to_owned()));
        let z = BTreeMap::from([("z", "1".to_owned())]);
        assert_eq!(language.say("a", None, &z), Err("label `a` has no place for `z`".to_owned()));
        assert_eq!(language.say("b", None, &x), Err("language en has no label `b`".to_owned()));
    }

    #[test]
    fn the_labels_of_a_script_are_those_of_its_table_and_end_nothing() {
        let language = language("en", "[a]\nb = '</script>'\nc = { one = 'x', other = 'y' }\n[ab]\nd = 'z'");
        let script = language.script("a");
        assert_eq!(script, r#"{"b":"\u003c/script>","c":{"one":"x","other":"y"}}"#);
    }

    #[test]
    fn numbers_take_the_languages_signs() {
        let french = language("fr", "[number]\ndecimal = ','\npercent = \"{n}\\u00A0%\"");
        let numbers: Vec<_> = [71.0, 71.5, 71.25, -3.0, -0.001, 100.0].map(|value| french.number(value)).into();
        assert_eq!(numbers, ["71", "71,5", "71,25", "-3", "0", "100"]);
        let shares: Vec<_> = [0.0, 0.001, 0.624, 0.999, 1.0].map(|ratio| french.percent(ratio)).into();
        assert_eq!(shares, ["0\u{a0}%", "1\u{a0}%", "62\u{a0}%", "99\u{a0}%", "100\u{a0}%"]);
    }

    #[test]
    fn every_difference_from_the_reference_is_named() {
        let reference = language("en", "a = 'x'\nb = '{n} y'\nc = { one = '{n}', other = '{n}' }");
        let other = language("de", "b = '{m} y'\nc = 'z'\nd = 'w'");
        let differences = other.differences(&reference).join("; ");
        assert_eq!(
            differences,
            "`a` is missing; `b` has the places {\"m\"}, not {\"n\"}; `c` wants one text each for `one` and `other`; \
             `d` is used nowhere"
        );
    }
}
