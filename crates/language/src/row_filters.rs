//! Filters that keep several conditions on one row: what one resource meets, and not what two meet between them.

use std::cmp::Reverse;

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, State, Value, context};

use super::filters::ratio;
use super::value::{attribute, invalid, sequence};

/// Adds them to an environment.
pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("closest", |list: Value, meeting: Rest<Value>| {
        let meeting: Vec<Vec<Value>> =
            meeting.iter().map(|list| sequence("closest", list)).collect::<Result<_, Error>>()?;
        first_with_most(sequence("closest", &list)?, |element| {
            Ok(meeting.iter().filter(|list| list.contains(element)).count())
        })
    });
    environment.add_filter("most_of", |list: Value, field: String, wanted: Value| {
        let wanted = sequence("most_of", &wanted)?;
        first_with_most(sequence("most_of", &list)?, |element| {
            let own = inner("most_of", element, &field)?;
            Ok(own.iter().filter(|value| wanted.contains(value)).count())
        })
    });
    environment.add_filter("fullest", |texts: Value, words: Value, patterns: Option<Value>| {
        let words = sequence("fullest", &words)?;
        let patterns = patterns.map_or_else(|| Ok(Vec::new()), |patterns| sequence("fullest", &patterns))?;
        let patterns = patterns.iter().map(compiled).collect::<Result<Vec<_>, Error>>()?;
        first_with_most(sequence("fullest", &texts)?, |text| {
            let text = text.as_str().unwrap_or_default();
            let small = text.to_lowercase();
            let held = words.iter().filter_map(|word| word.as_str()).filter(|word| names(&small, word)).count();
            Ok(held + patterns.iter().filter(|pattern| pattern.is_match(text)).count())
        })
    });
    environment.add_filter("unnamed_in", |words: Value, text: String| {
        let (words, small) = (sequence("unnamed_in", &words)?.into_iter(), text.to_lowercase());
        let is_missing = |word: &Value| word.as_str().is_some_and(|word| !names(&small, word));
        Ok::<_, Error>(words.filter(is_missing).collect::<Vec<_>>())
    });
    environment.add_filter("sharing", |list: Value, field: String, values: Value| {
        let values = sequence("sharing", &values)?;
        let mut kept = Vec::new();
        for element in sequence("sharing", &list)? {
            if inner("sharing", &element, &field)?.iter().any(|value| values.contains(value)) {
                kept.push(element);
            }
        }
        Ok::<_, Error>(kept)
    });
    environment.add_filter("compared", |state: &mut State, list: Value, field: String, test: String, other: String| {
        let mut kept = Vec::new();
        for element in sequence("compared", &list)? {
            let sides = [attribute("compared", &element, &field)?, attribute("compared", &element, &other)?];
            if state.perform_test(&test, &sides)? {
                kept.push(element);
            }
        }
        Ok::<_, Error>(kept)
    });
    environment.add_filter("with_at_least", |list: Value, field: String, least: i64| {
        let mut kept = Vec::new();
        for element in sequence("with_at_least", &list)? {
            let length = inner("with_at_least", &element, &field)?.len();
            if i64::try_from(length).is_ok_and(|length| length >= least) {
                kept.push(element);
            }
        }
        Ok::<_, Error>(kept)
    });
    environment.add_filter("by_length", |list: Value, field: String| {
        let mut measured = Vec::new();
        for element in sequence("by_length", &list)? {
            measured.push((inner("by_length", &element, &field)?.len(), element));
        }
        // Equal ones keep their order.
        measured.sort_by_key(|(length, _)| Reverse(*length));
        Ok::<_, Error>(measured.into_iter().map(|(_, element)| element).collect::<Vec<_>>())
    });
    environment
        .add_filter("grouped", |list: Value, field: String, of: Option<String>| grouped(&list, &field, of.as_deref()));
    environment.add_filter("shares", |list: Value, part: String, whole: String, among: Option<Value>| {
        let among = among.map(|among| sequence("shares", &among)).transpose()?;
        let mut shares = Vec::new();
        for element in sequence("shares", &list)? {
            let part = amount(&attribute("shares", &element, &part)?, among.as_deref())?;
            let whole = amount(&attribute("shares", &element, &whole)?, None)?;
            shares.push(ratio(part, whole));
        }
        Ok::<_, Error>(shares)
    });
}

/// The elements by what they have in a field, in the order in which it comes up first: `key`, and in `rows` the elements, or the
/// different values that they have in another field, be it below lists.
fn grouped(list: &Value, field: &str, of: Option<&str>) -> Result<Vec<Value>, Error> {
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for element in sequence("grouped", list)? {
        let key = attribute("grouped", &element, field)?;
        let at = groups.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            groups.push((key, Vec::new()));
            groups.len() - 1
        });
        let Some((_, rows)) = groups.get_mut(at) else { continue };
        match of {
            None => rows.push(element),
            Some(of) => {
                for value in laid_out(vec![element], of)? {
                    if !rows.contains(&value) {
                        rows.push(value);
                    }
                }
            }
        }
    }
    Ok(groups.into_iter().map(|(key, rows)| context! { key, rows }).collect())
}

/// What elements have below a field; each list on the way is laid out.
fn laid_out(mut elements: Vec<Value>, field: &str) -> Result<Vec<Value>, Error> {
    for part in field.split('.') {
        let mut below = Vec::new();
        for element in elements {
            let value = attribute("grouped", &element, part)?;
            match value.kind() {
                ValueKind::Seq | ValueKind::Iterable => below.extend(sequence("grouped", &value)?),
                _ => below.push(value),
            }
        }
        elements = below;
    }
    Ok(elements)
}

/// A list of the one element with the highest count, the first of several.
fn first_with_most(elements: Vec<Value>, count: impl Fn(&Value) -> Result<usize, Error>) -> Result<Vec<Value>, Error> {
    let mut best: Option<(usize, Value)> = None;
    for element in elements {
        let count = count(&element)?;
        if best.as_ref().is_none_or(|(most, _)| count > *most) {
            best = Some((count, element));
        }
    }
    Ok(best.into_iter().map(|(_, element)| element).collect())
}

/// The list that is a field of an element.
fn inner(filter: &str, element: &Value, field: &str) -> Result<Vec<Value>, Error> {
    sequence(filter, &attribute(filter, element, field)?)
}

/// A number, or how many elements a list has, of those that count.
fn amount(value: &Value, among: Option<&[Value]>) -> Result<f64, Error> {
    if value.kind() == ValueKind::Number {
        return f64::try_from(value.clone());
    }
    let elements = sequence("shares", value)?;
    Ok(elements.iter().filter(|element| among.is_none_or(|among| among.contains(element))).count() as f64)
}

fn compiled(pattern: &Value) -> Result<regex::Regex, Error> {
    let pattern = pattern.as_str().unwrap_or_default();
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| invalid(format!("`fullest`: {error}")))
}

/// Whether a text in small letters has a word, in whatever letters it is written.
fn names(small: &str, word: &str) -> bool {
    small.contains(&word.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::expression::{Engine, ExpressionError};
    use minijinja::{Value, context};

    fn eval(text: &str) -> Result<Value, ExpressionError> {
        let group = |name: &'static str, min: i64, max: i64, subnets: &[&'static str]| {
            context! { name => name, min_size => min, max_size => max, subnets => subnets.to_vec(), none => () }
        };
        let context = context! {
            groups => [group("a", 2, 2, &["s1"]), group("b", 1, 4, &["s2", "s3"]), group("c", 4, 0, &["s3", "s1"])],
            texts => ["flask", "flask nohup", "gunicorn"],
            empty => Vec::<i64>::new(),
        };
        Engine::new().evaluate(text, &context)
    }

    /// The names of the groups that an expression leaves.
    fn names(filters: &str) -> String {
        eval(&format!("groups | {filters} | pluck('name') | join(',')")).unwrap().to_string()
    }

    #[test]
    fn conditions_are_met_by_one_element_together() {
        let (two, b) = ("groups | where('min_size', 'eq', 2)", "groups | where('name', 'eq', 'b')");
        assert_eq!(names(&format!("closest({b})")), "b");
        assert_eq!(names(&format!("closest({two}, {b})")), "a", "the first where several meet as many");
        assert_eq!(names(&format!("closest({two}, {b}, groups | where('min_size', 'lt', 2))")), "b");
        assert_eq!(eval("empty | closest(empty) | length").unwrap().to_string(), "0");
    }

    #[test]
    fn one_element_has_the_most_of_what_is_wanted() {
        assert_eq!(names("most_of('subnets', ['s3', 's1'])"), "c");
        assert_eq!(names("most_of('subnets', ['s3'])"), "b", "the first of several");
        assert_eq!(names("most_of('subnets', [])"), "a");
        assert!(eval("groups | most_of('subnet', ['s1'])").is_err());
        assert!(eval("groups | most_of('none', ['s1'])").is_err(), "what is not told is no empty list");
    }

    #[test]
    fn one_text_has_the_most_words_and_patterns() {
        let fullest = |asked: &str| eval(&format!("texts | fullest({asked}) | join(',')")).unwrap().to_string();
        assert_eq!(fullest("['flask', 'nohup']"), "flask nohup");
        assert_eq!(fullest("['flask', 'gunicorn']"), "flask", "two texts together are none that has both");
        assert_eq!(fullest("[], ['^gun', 'n$']"), "gunicorn");
        assert_eq!(fullest("['Flask', 'NOHUP']"), "flask nohup", "in whatever letters");
        let missing =
            |text: &str| eval(&format!("['Flask', 'nohup'] | unnamed_in('{text}') | join")).unwrap().to_string();
        assert_eq!(
            (missing("pip install flask"), missing("NOHUP pip install Flask")),
            ("nohup".to_owned(), String::new())
        );
        assert!(eval("texts | fullest([], ['('])").is_err());
    }

    #[test]
    fn a_list_of_any_length_is_looked_at_whole() {
        assert_eq!(names("sharing('subnets', ['s1'])"), "a,c");
        assert_eq!(names("sharing('subnets', [])"), "");
        assert_eq!(names("with_at_least('subnets', 2)"), "b,c");
        assert_eq!(names("with_at_least('subnets', 0)"), "a,b,c");
        assert_eq!(names("by_length('subnets')"), "b,c,a");
        for wrong in ["sharing('subnet', [])", "sharing('none', [])", "with_at_least('name', 1)", "by_length('none')"] {
            assert!(eval(&format!("groups | {wrong}")).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_elements_have_is_told_by_group() {
        let told = |asked: &str| {
            let each = "{% for it in groups | ASKED %}{{ it.key }}: {{ it.rows | join(',') }}; {% endfor %}";
            let context = context! {
                groups => [
                    context! { name => "a", of => "x", subnets => ["s1"], parts => [context! { at => ["p", "q"] }] },
                    context! { name => "b", of => "y", subnets => ["s2", "s3"], parts => [context! { at => ["p"] }] },
                    context! { name => "c", of => "x", subnets => ["s3", "s1"], parts => Vec::<Value>::new() },
                ],
            };
            Engine::new().render(&each.replace("ASKED", asked), &context).unwrap()
        };
        assert_eq!(told("grouped('of', 'name')"), "x: a,c; y: b; ");
        assert_eq!(told("grouped('of', 'subnets')"), "x: s1,s3; y: s2,s3; ", "each once");
        assert_eq!(told("grouped('of', 'parts.at')"), "x: p,q; y: p; ");
        assert_eq!(names("grouped('name') | pluck('rows') | flatten"), "a,b,c");
        assert_eq!(
            eval("groups | grouped('name', 'subnets') | by_length('rows') | pluck('key') | join(',')")
                .unwrap()
                .to_string(),
            "b,c,a"
        );
        assert_eq!(eval("empty | grouped('name') | length").unwrap().to_string(), "0");
        assert!(eval("groups | grouped('nome')").is_err() && eval("groups | grouped('name', 'subnet')").is_err());
    }

    #[test]
    fn two_fields_of_one_element_are_compared() {
        assert_eq!(names("compared('max_size', 'gt', 'min_size')"), "b");
        assert_eq!(names("compared('max_size', 'ge', 'min_size')"), "a,b");
        assert!(eval("groups | compared('max_size', 'gt', 'minimum')").is_err());
        assert!(eval("groups | compared('max_size', 'gtt', 'min_size')").is_err());
    }

    #[test]
    fn a_surplus_of_one_element_is_no_share_of_another() {
        let shares = |asked: &str| eval(&format!("groups | shares({asked}) | join(' ')")).unwrap().to_string();
        assert_eq!(shares("'max_size', 'min_size'"), "1.0 1.0 0.0");
        assert_eq!(shares("'subnets', 'min_size'"), "0.5 1.0 0.5");
        assert_eq!(shares("'subnets', 'min_size', ['s3']"), "0.0 1.0 0.25");
        assert_eq!(
            shares("'min_size', 'max_size'"),
            "1.0 0.25 0.0",
            "of nothing wanted, nothing is met, as with `ratio`"
        );
        assert!(eval("groups | shares('name', 'min_size')").is_err());
    }
}
