//! How much an expression gives at least and at most, where a part of it rests on what could not be read.
//!
//! It is taken apart where its operators alone tell what its parts decide: a part of an `and` that is false decides it, so
//! does a part of an `or` that is true, and a sum gives what its terms give. Whatever else is not decided may be anything.

use minijinja::Value;
use minijinja::value::ValueKind;

/// The value of an expression, whatever could not be read holds; `None` where that may change it.
type Decided<'a> = dyn Fn(&str) -> Option<Value> + 'a;

/// The least and the most of the points that an expression gives, as shares of them.
pub(super) fn least_and_most(text: &str, decided: &Decided<'_>) -> (f64, f64) {
    let (least, most) = between(text, decided).unwrap_or((0.0, 1.0));
    (least.clamp(0.0, 1.0), most.clamp(0.0, 1.0))
}

/// Whether an expression holds, if its parts tell.
pub(super) fn truth(text: &str, decided: &Decided<'_>) -> Option<bool> {
    if let Some(value) = decided(text) {
        return (value.kind() == ValueKind::Bool).then(|| value.is_true());
    }
    let text = bare(text);
    let outside = Outside::of(text);
    if outside.has("if") {
        return None;
    }
    for (word, deciding) in [("or", true), ("and", false)] {
        let parts = outside.parts(word);
        if parts.len() > 1 {
            let told: Vec<Option<bool>> = parts.iter().map(|part| truth(part, decided)).collect();
            let all_told = told.iter().all(Option::is_some).then_some(!deciding);
            return if told.contains(&Some(deciding)) { Some(deciding) } else { all_told };
        }
    }
    let negated = text.strip_prefix("not").filter(|rest| rest.starts_with([' ', '(']))?;
    truth(negated, decided).map(|holds| !holds)
}

/// Between which numbers an expression lies; `None` where it may be anything.
fn between(text: &str, decided: &Decided<'_>) -> Option<(f64, f64)> {
    if let Some(value) = decided(text) {
        let number = match value.kind() {
            ValueKind::Bool => f64::from(u8::from(value.is_true())),
            ValueKind::Number => f64::try_from(value).ok().filter(|number| number.is_finite())?,
            _ => return None,
        };
        return Some((number, number));
    }
    let text = bare(text);
    let outside = Outside::of(text);
    if let Some((then, rest)) = outside.at_first("if") {
        let (condition, otherwise) = Outside::of(rest).at_first("else")?;
        return match truth(condition, decided) {
            Some(true) => between(then, decided),
            Some(false) => between(otherwise, decided),
            None => {
                let (one, other) = (between(then, decided)?, between(otherwise, decided)?);
                Some((one.0.min(other.0), one.1.max(other.1)))
            }
        };
    }
    if ["or", "and", "not", "in", "is"].iter().any(|word| outside.has(word)) {
        let number = f64::from(u8::from(truth(text, decided)?));
        return Some((number, number));
    }
    if ["=", "<", ">", "!", "~", "-", "/", "%", "**"].iter().any(|sign| outside.has(sign)) {
        return None;
    }
    let terms = outside.parts("+");
    if terms.len() > 1 {
        let sum = |one: (f64, f64), other: (f64, f64)| (one.0 + other.0, one.1 + other.1);
        let all = terms.into_iter().map(|term| between(term, decided));
        return all.fold(Some((0.0, 0.0)), |all, term| Some(sum(all?, term?)));
    }
    let factors = outside.parts("*");
    if factors.len() > 1 {
        let product = |one: (f64, f64), other: (f64, f64)| {
            let ends = [one.0 * other.0, one.0 * other.1, one.1 * other.0, one.1 * other.1];
            (ends.into_iter().fold(f64::INFINITY, f64::min), ends.into_iter().fold(f64::NEG_INFINITY, f64::max))
        };
        let all = factors.into_iter().map(|factor| between(factor, decided));
        return all.fold(Some((1.0, 1.0)), |all, factor| Some(product(all?, factor?)));
    }
    // A ratio is a share, whatever it is of.
    let arguments = text.strip_prefix("ratio").filter(|rest| rest.starts_with('('))?;
    Outside::of(arguments).is_nothing().then_some((0.0, 1.0))
}

/// Without blanks and brackets around all of it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    match inside {
        Some(inside) if Outside::of(text).is_nothing() => bare(inside),
        _ => text,
    }
}

/// What of an expression stands outside of brackets and quotes.
struct Outside<'t> {
    text: &'t str,
    /// Of each byte whether it does; brackets and quotes belong to what they hold.
    bytes: Vec<bool>,
}

impl<'t> Outside<'t> {
    fn of(text: &'t str) -> Self {
        let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
        let mut bytes = Vec::with_capacity(text.len());
        for byte in text.bytes() {
            let is_outside = match (quote, byte) {
                (Some(open), _) => {
                    if !escaped && byte == open {
                        quote = None;
                    }
                    escaped = !escaped && byte == b'\\';
                    false
                }
                (None, b'\'' | b'"') => {
                    quote = Some(byte);
                    false
                }
                (None, b'(' | b'[' | b'{') => {
                    depth += 1;
                    false
                }
                (None, b')' | b']' | b'}') => {
                    depth = depth.saturating_sub(1);
                    false
                }
                (None, _) => depth == 0,
            };
            bytes.push(is_outside);
        }
        Self { text, bytes }
    }

    fn is_nothing(&self) -> bool {
        self.bytes.iter().all(|is_outside| !is_outside)
    }

    /// Where a word or sign stands outside.
    fn places(&self, what: &str) -> Vec<usize> {
        let is_letter = |at: Option<usize>| {
            let byte = at.and_then(|at| self.text.as_bytes().get(at));
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        let is_word = what.bytes().all(|byte| byte.is_ascii_alphabetic());
        let places = self.text.match_indices(what).map(|(at, _)| at);
        let outside = places.filter(|at| self.bytes.get(*at) == Some(&true));
        let whole =
            outside.filter(|at| !is_word || !(is_letter(at.checked_sub(1)) || is_letter(Some(at + what.len()))));
        whole.collect()
    }

    fn has(&self, what: &str) -> bool {
        !self.places(what).is_empty()
    }

    /// The text before the first such word, and the text after it.
    fn at_first(&self, word: &str) -> Option<(&'t str, &'t str)> {
        let at = *self.places(word).first()?;
        Some((self.text.get(..at)?, self.text.get(at + word.len()..)?))
    }

    /// What stands between these words or signs: all of it where there is none.
    fn parts(&self, what: &str) -> Vec<&'t str> {
        let (mut parts, mut from) = (Vec::new(), 0);
        for at in self.places(what) {
            parts.extend(self.text.get(from..at));
            from = at + what.len();
        }
        parts.extend(self.text.get(from..));
        parts
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use stackmark_language::expression::{Engine, value_of};

    use super::super::gaps::unread;
    use super::*;

    /// `a` is 1, `t` is true, `f` is false, and nobody knows `x`.
    fn context() -> Value {
        let known = [("a", Value::from(1)), ("t", Value::from(true)), ("f", Value::from(false)), ("x", unread())];
        value_of(BTreeMap::from(known))
    }

    #[test]
    fn a_sum_gives_what_its_known_terms_give() {
        let (engine, context) = (Engine::new(), context());
        for (text, least, most) in [
            ("0.4 * ratio(a, 2) + 0.4 * ratio(x, 2) + 0.2", 0.4, 0.8),
            ("0.5 * (ratio(x, 2) + ratio(a, 1))", 0.5, 1.0),
            ("0.25 + (0.5 if x else 0.25)", 0.5, 0.75),
            ("ratio(x, 2) if t else 1", 0.0, 1.0),
            ("ratio(x, 2) if f else 0.5", 0.5, 0.5),
            ("0.5 if f and x else ratio(x, 2) if t else 1", 0.0, 1.0),
            ("1 if x and f else 0.25", 0.25, 0.25),
            ("1 if 'a + b' == x else 0.25", 0.25, 1.0),
            ("0.5 + x", 0.0, 1.0),
            ("1 - 0.5 * ratio(x, 2)", 0.0, 1.0),
            ("0.5 * ratio(x, 2) | round", 0.0, 1.0),
            ("ratio(x, 1) + ratio(a, 1)", 1.0, 1.0),
        ] {
            let (low, high) = least_and_most(text, &|part: &str| engine.evaluate(part, &context).ok());
            assert!((low - least).abs() < 1e-9 && (high - most).abs() < 1e-9, "{text}: {low}..{high}");
        }
    }

    #[test]
    fn one_part_decides_where_the_operator_says_so() {
        let (engine, context) = (Engine::new(), context());
        for (text, holds) in [
            ("x and f", Some(false)),
            ("x and t", None),
            ("x or t", Some(true)),
            ("x or f", None),
            ("not (x or t)", Some(false)),
            ("(x and f) or f", Some(false)),
            ("x or (t and a == 1)", Some(true)),
            ("x == 'and f'", None),
            ("x | length >= 1 and a == 2", Some(false)),
            ("f if x else f", None),
            ("notable and f", Some(false)),
        ] {
            let told = truth(text, &|part: &str| engine.evaluate(part, &context).ok());
            assert_eq!(told, holds, "{text}");
        }
    }

    /// Expressions over `a`, `b` and `c`, some of them in brackets.
    fn expression() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            prop::sample::select(vec!["ratio(a, 2)", "ratio(b, 2)", "ratio(c, 2)", "0.5", "0.25"])
                .prop_map(str::to_owned),
            prop::sample::select(vec!["a", "b", "c"]).prop_map(|name| format!("(1 if {name} >= 1 else 0.5)")),
        ];
        leaf.prop_recursive(3, 12, 2, |inner| {
            let condition = prop::sample::select(vec!["a >= 1 and b >= 1", "a >= 1 or c >= 2", "not c >= 1", "b == 2"]);
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("{one} + {other}")),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) * ({other})")),
                (inner.clone(), condition, inner)
                    .prop_map(|(one, when, other)| format!("({one} if {when} else {other})")),
            ]
        })
    }

    proptest! {
        /// Whatever an unread name holds, the value lies between the ends.
        #[test]
        fn the_ends_contain_the_value(
            text in expression(),
            values in [0..4_i64, 0..4_i64, 0..4_i64],
            lacks in [any::<bool>(), any::<bool>(), any::<bool>()],
        ) {
            let engine = Engine::new();
            let names = ["a", "b", "c"];
            let all: BTreeMap<&str, Value> = names.into_iter().zip(values.map(Value::from)).collect();
            let mut some = all.clone();
            some.extend(names.into_iter().zip(lacks).filter(|(_, lacks)| *lacks).map(|(name, _)| (name, unread())));
            let value = f64::try_from(engine.evaluate(&text, &value_of(&all)).expect("an expression")).expect("a number");
            let context = value_of(&some);
            let (least, most) = least_and_most(&text, &|part: &str| engine.evaluate(part, &context).ok());
            let value = value.clamp(0.0, 1.0);
            prop_assert!(least <= value + 1e-9 && value <= most + 1e-9, "{text}: {value} is not in {least}..{most}");
        }
    }
}
