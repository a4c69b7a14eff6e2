//! How a language writes the numbers in its sentences.
//!
//! Only what a sentence writes itself follows the language: a number that a template fills in, a percentage, a count with
//! its noun, the number in a place of a sentence. Text stays as it is, whatever digits it has: ids, versions, addresses.

use minijinja::value::ValueKind;
use minijinja::{Environment, Value};

/// Signs and forms of one language; the default is English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// Between units and tenths: `.`, `,`.
    pub decimal: String,
    /// Between thousands, where a number has them apart.
    pub thousands: String,
    /// A percentage, `{n}` for its number: `{n}%`.
    pub percent: String,
    /// Whether zero takes the noun's singular, as in French.
    pub zero_is_singular: bool,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { decimal: ".".to_owned(), thousands: ",".to_owned(), percent: "{n}%".to_owned(), zero_is_singular: false }
    }
}

impl Numbers {
    /// A ratio of 0..1 in per cent without decimals: only a true zero and a true whole read 0 and 100.
    pub fn percent(&self, ratio: f64) -> String {
        let whole = (ratio * 100.0).round();
        let whole = if ratio > 0.0 && ratio < 1.0 { whole.clamp(1.0, 99.0) } else { whole };
        // Adding zero turns negative zero into plain zero.
        self.percent.replace("{n}", &format!("{:.0}", whole + 0.0))
    }

    /// A number with its noun in the right form.
    pub fn counted(&self, count: i64, one: &str, many: &str) -> String {
        let is_singular = count == 1 || (count == 0 && self.zero_is_singular);
        format!("{count} {}", if is_singular { one } else { many })
    }

    /// A number in English, or an interval of two, in this language; anything else as it is.
    pub fn say(&self, english: &str) -> String {
        let all: Vec<String> = english.split('–').map(|number| self.one(number)).collect();
        all.join("–")
    }

    fn one(&self, english: &str) -> String {
        let (whole, tenths) = match english.split_once('.') {
            Some((whole, tenths)) => (whole, Some(tenths)),
            None => (english, None),
        };
        let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let groups: Vec<&str> = whole.strip_prefix('-').unwrap_or(whole).split(',').collect();
        let are_thousands = groups.iter().skip(1).all(|group| group.len() == 3);
        if !are_thousands || !groups.iter().all(|group| is_digits(group)) || !tenths.is_none_or(is_digits) {
            return english.to_owned();
        }
        let whole = whole.replace(',', &self.thousands);
        match tenths {
            Some(tenths) => format!("{whole}{}{tenths}", self.decimal),
            None => whole,
        }
    }
}

/// Has templates write numbers, percentages and counts in this language.
pub(super) fn speak(environment: &mut Environment<'static>, numbers: &Numbers) {
    let own = numbers.clone();
    environment.add_filter("percent", move |ratio: f64| own.percent(ratio));
    let own = numbers.clone();
    environment.add_filter("counted", move |count: i64, one: String, many: Option<String>| {
        let many = many.unwrap_or_else(|| format!("{one}s"));
        own.counted(count, &one, &many)
    });
    let own = numbers.clone();
    environment.set_formatter(move |output, state, value: &Value| {
        if value.kind() == ValueKind::Number {
            return output.write_str(&own.say(&value.to_string())).map_err(minijinja::Error::from);
        }
        minijinja::escape_formatter(output, state, value)
    });
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::Numbers;
    use crate::expression::Engine;

    fn french() -> Numbers {
        Numbers {
            decimal: ",".to_owned(),
            thousands: "\u{202f}".to_owned(),
            percent: "{n}\u{a0}%".to_owned(),
            zero_is_singular: true,
        }
    }

    #[test]
    fn a_number_is_said_and_what_only_has_digits_is_not() {
        for (english, said) in [
            ("0.02", "0,02"),
            ("-1.5", "-1,5"),
            ("1,234.5", "1\u{202f}234,5"),
            ("69.72–74.22", "69,72–74,22"),
            ("12", "12"),
            ("0.1.0", "0.1.0"),
            ("54.214.0.1", "54.214.0.1"),
            ("1,2", "1,2"),
            ("t2.micro", "t2.micro"),
            ("", ""),
        ] {
            assert_eq!(french().say(english), said);
            assert_eq!(Numbers::default().say(english), english);
        }
    }

    #[test]
    fn a_template_writes_numbers_of_the_language_and_leaves_texts() {
        let values = context! { x => 0.8, n => 3, zero => 0, version => "1.24" };
        let text = "{{ x }} {{ 0.124 | percent }} {{ n }} {{ version }} {{ x | string }} \
                    {{ n | counted('fichier') }} {{ zero | counted('fichier') }}";
        let said = |engine: Engine| engine.render(text, &values).unwrap();
        assert_eq!(said(Engine::speaking(&french())), "0,8 12\u{a0}% 3 1.24 0.8 3 fichiers 0 fichier");
        assert_eq!(said(Engine::new()), "0.8 12% 3 1.24 0.8 3 fichiers 0 fichiers");
        assert_eq!(said(Engine::speaking(&Numbers::default())), said(Engine::new()));
    }
}
