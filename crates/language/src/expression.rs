//! Expressions and templates of checks: minijinja, strict on undefined names, with fuel and a recursion limit.
//!
//! A check's author is trusted less than the program and more than a student: an expression can compute, and cannot
//! read a file, call out, or run for ever.

use std::collections::BTreeSet;
use std::ops::Range;

use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use regex::Regex;

use super::filters;
use super::numbers::{self, Numbers};
pub use super::value::value_of;

/// Instructions that one expression or template may use; a rubric's worst expression needs a few thousand.
const FUEL: u64 = 2_000_000;
/// Depth of nested calls.
const RECURSION: usize = 64;

/// Compiles and evaluates expressions.
pub struct Engine {
    environment: Environment<'static>,
    filter_use: Regex,
    test_use: Regex,
}

/// Why an expression does not compile, or failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExpressionError {
    /// What is wrong: a lowercase fragment.
    pub message: String,
    /// Bytes of the expression's own text.
    pub range: Option<Range<usize>>,
}

/// The names that an expression or template takes from its context.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Names {
    /// First parts: `aws`, `min`.
    pub roots: BTreeSet<String>,
    /// With attributes as far as they are constant: `aws.instances`, `min`.
    pub paths: BTreeSet<String>,
}

impl Names {
    fn extend(&mut self, more: Self) {
        self.roots.extend(more.roots);
        self.paths.extend(more.paths);
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// With minijinja's own filters and tests and those of [`filters`].
    pub fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(RECURSION);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        filters::register(&mut environment);
        Self {
            environment,
            filter_use: Regex::new(r"\|\s*([A-Za-z_]\w*)").expect("a constant pattern"),
            test_use: Regex::new(r"\bis\s+(?:not\s+)?([A-Za-z_]\w*)").expect("a constant pattern"),
        }
    }

    /// As [`Engine::new`], for sentences: templates write numbers as this language does. Expressions give the same values.
    pub fn speaking(numbers: &Numbers) -> Self {
        let mut engine = Self::new();
        numbers::speak(&mut engine.environment, numbers);
        engine
    }

    /// Compiles an expression and tells the names that it uses.
    ///
    /// # Errors
    /// A syntax error, or a filter or test that does not exist.
    pub fn expression_names(&self, text: &str) -> Result<Names, ExpressionError> {
        let compiled = self.environment.compile_expression_owned(text.to_owned()).map_err(|error| described(&error))?;
        self.known_filters_and_tests(text)?;
        let mut names = self.names(compiled.undeclared_variables(false), compiled.undeclared_variables(true));
        let without_slices = without_slices(text);
        if without_slices != text {
            names.extend(self.expression_names(&without_slices)?);
        }
        Ok(names)
    }

    /// Compiles a template and tells the names that it uses.
    ///
    /// # Errors
    /// A syntax error, or a filter or test that does not exist.
    pub fn template_names(&self, text: &str) -> Result<Names, ExpressionError> {
        let template = self.environment.template_from_str(text).map_err(|error| described(&error))?;
        for inside in text.split("{{").skip(1).filter_map(|rest| rest.split("}}").next()) {
            self.known_filters_and_tests(inside).map_err(|error| ExpressionError { range: None, ..error })?;
        }
        let mut names = self.names(template.undeclared_variables(false), template.undeclared_variables(true));
        let mut parts = text.split("{{");
        let mut without_slices = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (inside, rest) = part.split_at(part.find("}}").unwrap_or_default());
            without_slices.extend(["{{", &self::without_slices(inside), rest]);
        }
        if without_slices != text {
            names.extend(self.template_names(&without_slices)?);
        }
        Ok(names)
    }

    /// Evaluates an expression.
    ///
    /// # Errors
    /// An undefined name or attribute, a wrong type, fuel used up.
    pub fn evaluate(&self, text: &str, context: &Value) -> Result<Value, ExpressionError> {
        let compiled = self.environment.compile_expression_owned(text.to_owned()).map_err(|error| described(&error))?;
        let value = compiled.eval(context.clone()).map_err(|error| described(&error))?;
        if value.is_undefined() {
            return Err(ExpressionError { message: format!("`{text}` is undefined"), range: None });
        }
        Ok(value)
    }

    /// Renders a template to plain text.
    ///
    /// # Errors
    /// As for [`Engine::evaluate`].
    pub fn render(&self, text: &str, context: &Value) -> Result<String, ExpressionError> {
        self.environment.render_str(text, context.clone()).map_err(|error| described(&error))
    }

    #[expect(clippy::iter_over_hash_type, reason = "the order is lost in the sorted sets that it fills")]
    fn names(&self, roots: std::collections::HashSet<String>, paths: std::collections::HashSet<String>) -> Names {
        let is_global = |name: &str| self.environment.globals().any(|(global, _)| global == name);
        let mut names = Names::default();
        for root in roots {
            if !is_global(&root) {
                names.roots.insert(root);
            }
        }
        for path in paths {
            if !is_global(path.split('.').next().unwrap_or_default()) {
                names.paths.insert(path);
            }
        }
        names
    }

    /// minijinja resolves filters and tests only when it runs them; a rubric's author wants to know before.
    fn known_filters_and_tests(&self, text: &str) -> Result<(), ExpressionError> {
        let blanked = without_strings(text);
        for found in self.filter_use.captures_iter(&blanked).filter_map(|captures| captures.get(1)) {
            let result = self.environment.empty_state().apply_filter(found.as_str(), &[]);
            if result.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter) {
                return Err(ExpressionError {
                    message: format!("there is no filter `{}`", found.as_str()),
                    range: Some(found.range()),
                });
            }
        }
        for found in self.test_use.captures_iter(&blanked).filter_map(|captures| captures.get(1)) {
            let result = self.environment.empty_state().perform_test(found.as_str(), &[]);
            if result.is_err_and(|error| error.kind() == ErrorKind::UnknownTest) {
                return Err(ExpressionError {
                    message: format!("there is no test `{}`", found.as_str()),
                    range: Some(found.range()),
                });
            }
        }
        Ok(())
    }
}

/// Replaces the content of string literals by blanks, byte for byte, so that ranges stay right.
fn without_strings(text: &str) -> String {
    let mut quote = None;
    let blanked = text.bytes().map(|byte| match quote {
        Some(open) if byte == open => {
            quote = None;
            byte
        }
        Some(_) => b' ',
        None => {
            if byte == b'\'' || byte == b'"' {
                quote = Some(byte);
            }
            byte
        }
    });
    String::from_utf8_lossy(&blanked.collect::<Vec<u8>>()).into_owned()
}

/// Replaces each slice that holds no other, `[1:3]`, by one element, `[0]`: minijinja does not tell the names of what a slice is taken of.
fn without_slices(text: &str) -> String {
    let (mut open, mut slices) = (Vec::new(), Vec::new());
    for (at, byte) in without_strings(text).bytes().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => open.push((at, false)),
            b':' => {
                if let Some((_, has_colon)) = open.last_mut() {
                    *has_colon = true;
                }
            }
            b')' | b']' | b'}' => match open.pop() {
                Some((from, true)) if byte == b']' => slices.push(from + 1..at),
                _ => {}
            },
            _ => {}
        }
    }
    let mut text = text.to_owned();
    // The last first, so that places stay right; of one within another the inner one, whose names the outer one would hide.
    slices.sort_by_key(|slice| std::cmp::Reverse(slice.start));
    let mut innermost: Vec<Range<usize>> = Vec::new();
    for slice in slices {
        if innermost.last().is_none_or(|known| slice.end < known.start) {
            innermost.push(slice);
        }
    }
    for slice in innermost {
        text.replace_range(slice, "0");
    }
    text
}

fn described(error: &minijinja::Error) -> ExpressionError {
    let message = match error.kind() {
        ErrorKind::OutOfFuel => "it runs too long".to_owned(),
        kind => match error.detail() {
            Some(detail) => format!("{kind}: {detail}"),
            None => kind.to_string(),
        },
    };
    ExpressionError { message, range: error.range() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    #[test]
    fn names_are_those_of_the_context_without_functions() {
        let names = Engine::new().expression_names("ratio(aws.instances | length, min)").unwrap();
        assert_eq!(names.roots.iter().map(String::as_str).collect::<Vec<_>>(), ["aws", "min"]);
        assert!(names.paths.contains("aws.instances"), "{names:?}");
    }

    #[test]
    fn names_of_what_a_slice_is_taken_of_are_told() {
        let roots = |names: Names| names.roots.into_iter().collect::<Vec<_>>().join(" ");
        let engine = Engine::new();
        for (text, expected) in [
            ("((apart or all) | sort)[:1]", "all apart"),
            ("a[from:to] + b[c[1:2]:] + d['x:y']", "a b c d from to"),
            ("{'a': b[:1]}", "b"),
        ] {
            assert_eq!(roots(engine.expression_names(text).unwrap()), expected, "{text}");
        }
        let template = "it's {{ shown[:3] | join(', ') }} of {{ all | length }} [a:b]";
        assert_eq!(roots(engine.template_names(template).unwrap()), "all shown");
    }

    #[test]
    fn unknown_filters_and_tests_are_found_before_they_run() {
        let engine = Engine::new();
        let error = engine.expression_names("false and (x | lenght > 1)").unwrap_err();
        assert_eq!(error.message, "there is no filter `lenght`");
        for name in crate::filters::OF_MINIJINJA {
            assert!(Engine::new().expression_names(&format!("x | {name}")).is_ok(), "there is no {name}");
        }
        assert_eq!(error.range, Some(15..21));
        assert!(engine.expression_names("x is evenn").is_err());
        assert!(engine.expression_names("x == 'a | nofilter'").is_ok());
        assert!(engine.template_names("{{ x | lenght }}").is_err());
    }

    #[test]
    fn undefined_names_and_endless_work_are_errors() {
        let engine = Engine::new();
        assert!(engine.evaluate("missing", &context! {}).is_err());
        assert!(engine.evaluate("a.b", &context! { a => context! {} }).is_err());
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}";
        assert_eq!(engine.render(endless, &context! {}).unwrap_err().message, "it runs too long");
    }
}
