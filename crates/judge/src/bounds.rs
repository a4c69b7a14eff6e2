//! How much an expression gives at least and at most, where a part of it rests on what could not be read.
//!
//! It is taken apart where its operators alone tell what its parts decide: a part of an `and` that is false decides it, so
//! does a part of an `or` that is true, and a sum, a difference, a product, a quotient, a `ratio`, a `scale` and the larger or
//! smaller of several lie between what their parts make of it at the ends. A count is no less than nothing. Whatever else is
//! not decided may be anything.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::interval::Interval;

/// The value of an expression, whatever could not be read holds; `None` where that may change it.
type Decided<'a> = dyn Fn(&str) -> Option<Value> + 'a;

/// Between which numbers a name lies that could not be read, if that is known.
type Lies<'a> = dyn Fn(&str) -> Option<Interval> + 'a;

/// The least and the most of the points that an expression gives, as shares of them.
pub(super) fn least_and_most(text: &str, decided: &Decided<'_>, lies: &Lies<'_>) -> (f64, f64) {
    let Interval { least, most } = between(text, decided, lies).unwrap_or(Interval::SHARE).within(Interval::SHARE);
    (least, most)
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

/// Between which numbers an expression lies; `None` where it may be anything, also what is no number.
fn between(text: &str, decided: &Decided<'_>, lies: &Lies<'_>) -> Option<Interval> {
    if let Some(value) = decided(text) {
        let number = match value.kind() {
            ValueKind::Bool => f64::from(u8::from(value.is_true())),
            ValueKind::Number => f64::try_from(value).ok().filter(|number| number.is_finite())?,
            _ => return None,
        };
        return Some(Interval::exactly(number));
    }
    let text = bare(text);
    if let Some(interval) = lies(text) {
        return Some(interval);
    }
    let outside = Outside::of(text);
    if let Some((then, rest)) = outside.at_first("if") {
        let (condition, otherwise) = Outside::of(rest).at_first("else")?;
        return match truth(condition, decided) {
            Some(true) => between(then, decided, lies),
            Some(false) => between(otherwise, decided, lies),
            None => Some(between(then, decided, lies)?.or(between(otherwise, decided, lies)?)),
        };
    }
    if ["or", "and", "not", "in", "is"].iter().any(|word| outside.has(word)) {
        let number = f64::from(u8::from(truth(text, decided)?));
        return Some(Interval::exactly(number));
    }
    if ["=", "<", ">", "!", "~", "%", "**", "//"].iter().any(|sign| outside.has(sign)) {
        return None;
    }
    let (first, terms) = outside.operands(&["+", "-"]);
    if !terms.is_empty() {
        return terms.into_iter().try_fold(between(first, decided, lies)?, |sum, (sign, term)| {
            let term = between(term, decided, lies)?;
            Some(if sign == "-" { sum - term } else { sum + term })
        });
    }
    let (first, factors) = outside.operands(&["*", "/"]);
    if !factors.is_empty() {
        return factors.into_iter().try_fold(between(first, decided, lies)?, |product, (sign, factor)| {
            let factor = between(factor, decided, lies)?;
            if sign == "/" { product.over(factor) } else { Some(product * factor) }
        });
    }
    let filters = outside.parts("|");
    if let [of @ .., last] = filters.as_slice()
        && !of.is_empty()
    {
        return match (last.trim(), of) {
            // However long what it counts is.
            ("length" | "count", _) => Some(Interval::COUNT),
            ("max", [list]) => of_all(list, decided, lies, Interval::larger),
            ("min", [list]) => of_all(list, decided, lies, Interval::smaller),
            _ => None,
        };
    }
    if let Some(negated) = text.strip_prefix('-') {
        return between(negated, decided, lies).map(|number| -number);
    }
    let any = |text: &str| between(text, decided, lies).unwrap_or(Interval::ANY);
    let arguments = |function: &str| text.strip_prefix(function).and_then(|rest| listed(rest, '('));
    if let Some([part, whole]) = arguments("ratio").as_deref() {
        return Some(Interval::ratio(any(part), any(whole)));
    }
    let of_scale = arguments("scale")?;
    let (x, points) = of_scale.split_first()?;
    let (points, []) = points.as_chunks::<2>() else { return None };
    let points: Option<Vec<(Interval, Interval)>> =
        points.iter().map(|[at, height]| Some((any(at), between(height, decided, lies)?))).collect();
    Interval::scale(any(x), &points?)
}

/// The elements of a list, folded.
fn of_all(
    list: &str,
    decided: &Decided<'_>,
    lies: &Lies<'_>,
    fold: fn(Interval, Interval) -> Interval,
) -> Option<Interval> {
    let all = listed(list, '[')?.into_iter().map(|element| between(element, decided, lies));
    all.reduce(|all, element| Some(fold(all?, element?))).flatten()
}

/// What stands between brackets that hold all of a text, at its commas.
fn listed(text: &str, open: char) -> Option<Vec<&str>> {
    let text = text.trim();
    let inside = text.strip_prefix(open)?.strip_suffix([')', ']'])?;
    Outside::of(text).is_one_bracket().then(|| Outside::of(inside).parts(","))
}

/// Without blanks and brackets around all of it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    match inside {
        Some(inside) if Outside::of(text).is_one_bracket() => bare(inside),
        _ => text,
    }
}

/// What of an expression stands outside of brackets and quotes.
struct Outside<'t> {
    text: &'t str,
    /// Of each byte whether it does; brackets and quotes belong to what they hold.
    bytes: Vec<bool>,
    /// Where the first bracket is closed.
    closed: Option<usize>,
}

impl<'t> Outside<'t> {
    fn of(text: &'t str) -> Self {
        let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
        let (mut bytes, mut closed) = (Vec::with_capacity(text.len()), None);
        for (at, byte) in text.bytes().enumerate() {
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
                    if depth == 0 {
                        closed.get_or_insert(at);
                    }
                    false
                }
                (None, _) => depth == 0,
            };
            bytes.push(is_outside);
        }
        Self { text, bytes, closed }
    }

    /// Whether all of it stands between one bracket and the one that closes it.
    fn is_one_bracket(&self) -> bool {
        self.text.starts_with(['(', '[', '{']) && self.closed.is_some_and(|at| at + 1 == self.text.len())
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

    /// The first operand, and what stands behind each of these signs between two operands.
    fn operands(&self, signs: &[&'static str]) -> (&'t str, Vec<(&'static str, &'t str)>) {
        let mut places: Vec<(usize, &'static str)> =
            signs.iter().flat_map(|sign| self.places(sign).into_iter().map(move |at| (at, *sign))).collect();
        places.retain(|(at, _)| self.is_between_operands(*at));
        places.sort_unstable();
        let ends = places.iter().skip(1).map(|(at, _)| *at).chain([self.text.len()]);
        let behind = places.iter().zip(ends).filter_map(|((at, sign), end)| {
            let operand = self.text.get(at + sign.len()..end)?;
            Some((*sign, operand))
        });
        let first = places.first().map_or(self.text, |(at, _)| self.text.get(..*at).unwrap_or_default());
        (first, behind.collect())
    }

    /// Whether a sign stands behind an operand: the one of a negative number does not, nor that of an exponent.
    fn is_between_operands(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default().trim_end();
        let is_sign = before.is_empty() || before.ends_with(['+', '-', '*', '/']);
        let word =
            before.rsplit(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '.').next();
        let is_exponent = before.len() == at
            && word.is_some_and(|word| {
                word.starts_with(|letter: char| letter.is_ascii_digit()) && word.ends_with(['e', 'E'])
            });
        !is_sign && !is_exponent
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
        let lies = |name: &str| (name == "few").then(|| Interval::new(1.0, 3.0));
        for (text, least, most) in [
            ("ratio(a, few + 1)", 0.25, 0.5),
            ("ratio(few, (few) + 1)", 0.25, 1.0),
            ("0.4 * ratio(a, 2) + 0.4 * ratio(x, 2) + 0.2", 0.4, 0.8),
            ("0.5 * (ratio(x, 2) + ratio(a, 1))", 0.5, 1.0),
            ("0.25 + (0.5 if x else 0.25)", 0.5, 0.75),
            ("ratio(x, 2) if t else 1", 0.0, 1.0),
            ("ratio(x, 2) if f else 0.5", 0.5, 0.5),
            ("0.5 if f and x else ratio(x, 2) if t else 1", 0.0, 1.0),
            ("1 if x and f else 0.25", 0.25, 0.25),
            ("1 if 'a + b' == x else 0.25", 0.25, 1.0),
            ("0.5 + x", 0.0, 1.0),
            ("1 - 0.5 * ratio(x, 2)", 0.5, 1.0),
            ("1 - ratio(x, 2) - 0.25", 0.0, 0.75),
            ("1 - (0.5 - 0.25 * ratio(x, 2))", 0.5, 0.75),
            ("0.5*-ratio(x,2)+1e-1+0.9", 0.5, 1.0),
            ("(1 + ratio(x, 2)) / 4", 0.25, 0.5),
            ("0.5 / (1 + ratio(x, 2)) * a", 0.25, 0.5),
            ("0.5 / ratio(x, 2)", 0.0, 1.0),
            ("(1 + x | length) / 4", 0.25, 1.0),
            ("1 / (2 + x | length)", 0.0, 0.5),
            ("ratio(a, 2 + x | length)", 0.0, 0.5),
            ("ratio(a - x | length, 4)", 0.0, 0.25),
            ("ratio(a, [x, 2] | max)", 0.0, 1.0),
            ("ratio(a, [x | length, 2] | max)", 0.0, 0.5),
            ("ratio(a + [x | length, 2] | min, 4)", 0.25, 0.75),
            ("scale(x, 0, 0.25, 10, 0.75)", 0.25, 0.75),
            ("scale(ratio(x, 2), 0.5, 0, 1, 1)", 0.0, 1.0),
            ("scale(0.5 + 0.25 * ratio(x, 2), 0, 0, 1, 1)", 0.5, 0.75),
            ("scale(0.5 * ratio(x, 2), 0, 0.5, 0.25, 1, 0.5, 0.75)", 0.5, 1.0),
            ("scale(a, 0, 0, x, 0.5)", 0.0, 0.5),
            ("scale(ratio(x, 2), 0, 0)", 0.0, 1.0),
            ("0.5 * [ratio(x, 2)][0]", 0.0, 1.0),
            ("0.5 * ratio(x, 2) | round", 0.0, 1.0),
            ("ratio(x, 1) + ratio(a, 1)", 1.0, 1.0),
        ] {
            let (low, high) = least_and_most(text, &|part: &str| engine.evaluate(part, &context).ok(), &lies);
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

    /// Expressions over `a`, `b` and `c`, and the list `l`, some of them in brackets.
    fn expression() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            prop::sample::select(vec!["ratio(a, 2)", "ratio(b, 2)", "ratio(c, 2)", "0.5", "0.25", "-1", "l | length"])
                .prop_map(str::to_owned),
            prop::sample::select(vec!["ratio(2 - l | length, 4)", "ratio(a, 1 + l | length)", "[l | length, 2] | max"])
                .prop_map(str::to_owned),
            prop::sample::select(vec!["a", "b", "c"]).prop_map(|name| format!("(1 if {name} >= 1 else 0.5)")),
        ];
        leaf.prop_recursive(3, 12, 2, |inner| {
            let condition = prop::sample::select(vec!["a >= 1 and b >= 1", "a >= 1 or c >= 2", "not c >= 1", "b == 2"]);
            let points =
                prop::sample::select(vec!["0, 0, 1, 1", "-1, 1, 0.5, 0", "0, 0, 0.5, 1, 1, 0.25", "0, b, 1, 0.5"]);
            prop_oneof![
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("{one} + {other}")),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("{one} - {other}")),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) * ({other})")),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) / ({other})")),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("{one} * {other}")),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("ratio({one}, {other})")),
                (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("[{one}, {other}] | min")),
                (inner.clone(), points).prop_map(|(one, points)| format!("scale({one}, {points})")),
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
            long in 0..4_usize,
            lacks in any::<[bool; 4]>(),
        ) {
            let engine = Engine::new();
            let mut all: BTreeMap<&str, Value> = ["a", "b", "c"].into_iter().zip(values.map(Value::from)).collect();
            all.insert("l", Value::from(vec![1_i64; long]));
            let mut some = all.clone();
            some.extend(["a", "b", "c", "l"].into_iter().zip(lacks).filter(|(_, lacks)| *lacks).map(|(name, _)| (name, unread())));
            // Nothing can be divided by nothing, which is no mark.
            let given = engine.evaluate(&text, &value_of(&all)).ok().and_then(|value| f64::try_from(value).ok());
            prop_assume!(given.is_some_and(f64::is_finite));
            let value = given.unwrap_or_default().clamp(0.0, 1.0);
            let context = value_of(&some);
            let (least, most) = least_and_most(&text, &|part: &str| engine.evaluate(part, &context).ok(), &|_| None);
            prop_assert!(least <= value + 1e-9 && value <= most + 1e-9, "{text}: {value} is not in {least}..{most}");
        }
    }
}
