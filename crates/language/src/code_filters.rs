//! Filters and functions over what the code says: paths by globs, optional fields, drift.

use globset::{GlobBuilder, GlobMatcher};
use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use super::claims;
use super::drift;
use super::value::{attribute, invalid, sequence, unread, value_of};

/// Adds them to an environment.
pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("having", |list: Value, field: String| {
        let mut kept = Vec::new();
        for element in sequence("having", &list)? {
            match field_of(&element, &field).map(|value| value.kind()) {
                Some(ValueKind::Invalid) => return Err(unread("having", &field)),
                Some(_) => kept.push(element),
                None => {}
            }
        }
        Ok(kept)
    });
    environment.add_filter("fitting", |paths: Value, globs: Value| {
        let globs = matchers("fitting", &globs)?;
        let fits = |path: &Value| path.as_str().is_some_and(|path| globs.iter().any(|(_, glob)| glob.is_match(path)));
        Ok::<_, Error>(sequence("fitting", &paths)?.into_iter().filter(fits).collect::<Vec<_>>())
    });
    environment.add_filter("unfilled_by", |globs: Value, paths: Value| {
        let paths = sequence("unfilled_by", &paths)?;
        let unfilled = matchers("unfilled_by", &globs)?
            .into_iter()
            .filter(|(_, glob)| !paths.iter().any(|path| path.as_str().is_some_and(|path| glob.is_match(path))));
        Ok::<_, Error>(unfilled.map(|(text, _)| text).collect::<Vec<_>>())
    });
    environment.add_filter("in_files", |list: Value, globs: Value| by_file("in_files", &list, &globs, true));
    environment.add_filter("outside_files", |list: Value, globs: Value| by_file("outside_files", &list, &globs, false));
    environment.add_filter("unmatched_in", |patterns: Value, texts: Value| {
        let texts = sequence("unmatched_in", &texts)?;
        let mut unmatched = Vec::new();
        for pattern in sequence("unmatched_in", &patterns)? {
            let compiled = regex::RegexBuilder::new(pattern.as_str().unwrap_or_default())
                .size_limit(1 << 20)
                .build()
                .map_err(|error| invalid(format!("`unmatched_in`: {error}")))?;
            if !texts.iter().any(|text| text.as_str().is_some_and(|text| compiled.is_match(text))) {
                unmatched.push(pattern);
            }
        }
        Ok::<_, Error>(unmatched)
    });
    environment.add_filter("given", |list: Value, field: String, values: Value| {
        let values: Vec<String> = sequence("given", &values)?.iter().map(text_of).collect();
        let is_given =
            |element: &Value| field_of(element, &field).is_some_and(|value| values.contains(&text_of(&value)));
        Ok::<_, Error>(sequence("given", &list)?.into_iter().filter(is_given).collect::<Vec<_>>())
    });
    environment.add_filter("left_open", |list: Value, field: String| {
        let is_open = |element: &Value| field_of(element, &field).is_some_and(|value| value.to_string().contains("${"));
        Ok::<_, Error>(sequence("left_open", &list)?.into_iter().filter(is_open).collect::<Vec<_>>())
    });
    environment.add_function("drift", |declared: Value, aws: Value| {
        Ok::<_, Error>(value_of(drift::differences(&rows(&declared)?, &json(&aws)?)))
    });
    environment.add_function("beside", |claims: Value, aws: Value| {
        Ok::<_, Error>(value_of(claims::beside(&rows(&claims)?, &json(&aws)?)))
    });
    environment.add_function("made_by_hand", |declared: Value, aws: Value| {
        Ok::<_, Error>(value_of(drift::made_by_hand(&rows(&declared)?, &json(&aws)?)))
    });
}

/// A value as TOML and the tools write it: `true`, where expressions print `True`, and `10`, where AWS says 10.0.
fn text_of(value: &Value) -> String {
    match value.kind() {
        ValueKind::Bool => value.is_true().to_string(),
        ValueKind::Number => {
            let text = value.to_string();
            text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
        }
        _ => value.to_string(),
    }
}

/// A field that may be missing, or hold nothing; numbers between the dots count in lists.
fn field_of(element: &Value, field: &str) -> Option<Value> {
    field.split('.').try_fold(element.clone(), |value, part| {
        let inner = match part.parse::<usize>() {
            Ok(index) => value.get_item_by_index(index),
            Err(_) => value.get_attr(part),
        };
        inner.ok().filter(|value| !value.is_undefined() && !value.is_none())
    })
}

/// The elements whose `path` fits one of the globs, or none of them.
fn by_file(filter: &str, list: &Value, globs: &Value, wanted: bool) -> Result<Vec<Value>, Error> {
    let globs = matchers(filter, globs)?;
    let mut kept = Vec::new();
    for element in sequence(filter, list)? {
        let path = attribute(filter, &element, "path")?;
        if path.as_str().is_some_and(|path| globs.iter().any(|(_, glob)| glob.is_match(path))) == wanted {
            kept.push(element);
        }
    }
    Ok(kept)
}

fn json(value: &Value) -> Result<serde_json::Value, Error> {
    serde_json::to_value(value).map_err(|error| invalid(error.to_string()))
}

fn rows(declared: &Value) -> Result<Vec<serde_json::Value>, Error> {
    match json(declared)? {
        serde_json::Value::Array(rows) => Ok(rows),
        _ => Err(invalid("the first argument is no list")),
    }
}

/// Globs with their text. They may begin at any folder, at the top only where they begin with `/`; one that ends in `/`
/// is a folder with something in it.
fn matchers(filter: &str, globs: &Value) -> Result<Vec<(String, GlobMatcher)>, Error> {
    let compile = |text: &Value| {
        let written = text.as_str().unwrap_or_default();
        let anchored = written.strip_prefix('/').map_or_else(|| format!("**/{written}"), str::to_owned);
        let whole = if anchored.ends_with('/') { format!("{anchored}**") } else { anchored };
        let glob = GlobBuilder::new(&whole).literal_separator(true).build();
        glob.map(|glob| (written.to_owned(), glob.compile_matcher()))
            .map_err(|error| invalid(format!("`{filter}`: {error}")))
    };
    sequence(filter, globs)?.iter().map(compile).collect()
}

#[cfg(test)]
mod tests {
    use super::super::expression::Engine;
    use minijinja::context;

    fn eval(text: &str) -> String {
        let context = context! {
            paths => ["ex00/a.tf", "TP1/ex01/variables.tf", "README.md"],
            rows => [context! { a => context! { b => 1 }, path => "x/a.tf" }, context! { a => context! { c => () }, path => "b.sh" }],
            open => [context! { a => ["${var.x}"], on => true, rate => 10.0, half => 0.5 }],
        };
        Engine::new().evaluate(text, &context).unwrap().to_string()
    }

    #[test]
    fn globs_begin_at_any_folder() {
        assert_eq!(eval("paths | fitting(['*.tf']) | join(',')"), "ex00/a.tf,TP1/ex01/variables.tf");
        assert_eq!(eval("paths | fitting(['/*.md', '/*.tf']) | join(',')"), "README.md");
        assert_eq!(
            eval("['ex00/', 'ex01/variables.tf', 'ex02/', 'ex0?/a.tf'] | unfilled_by(paths) | join(',')"),
            "ex02/"
        );
    }

    #[test]
    fn elements_are_told_by_their_file() {
        assert_eq!(eval("rows | in_files(['*.tf']) | length"), "1");
        assert_eq!(eval("rows | outside_files(['/*.sh']) | pluck('path') | join"), "x/a.tf");
        assert_eq!(eval("['fl.sk', 'nginx|httpd'] | unmatched_in(['flask', 'curl']) | join(',')"), "nginx|httpd");
    }

    #[test]
    fn a_line_that_a_shell_skips_is_no_word() {
        let texts = r##"['#!/bin/sh\n#include\n  # pip install flask\nls 1 # 2', 7] | without_comments"##;
        assert_eq!(eval(&format!("({texts})[0]")), "#!/bin/sh\n#include\nls 1 # 2");
        assert_eq!(eval(&format!("({texts}) | length")), "2");
    }

    #[test]
    fn fields_that_may_be_missing() {
        assert_eq!(eval("rows | having('a.b') | length"), "1");
        assert_eq!(eval("rows | having('a.c') | length"), "0", "nothing is not something");
        assert_eq!(eval("rows | having('x') | length"), "0");
        assert_eq!(eval("rows | given('a.b', ['2', '1']) | length"), "1");
        assert_eq!(eval("open | given('on', ['true']) | length"), "1");
        assert_eq!(eval("open | given('rate', ['10']) | length"), "1");
        assert_eq!(eval("open | given('rate', [10]) | length"), "1");
        assert_eq!(eval("open | given('half', ['0.5']) | length"), "1");
        assert_eq!(eval("rows | left_open('a.b') | length"), "0");
        assert_eq!(eval("open | left_open('a.0') | length"), "1");
    }
}
