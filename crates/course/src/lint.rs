//! What is wrong in a check's expressions and templates, and what of it reaches nothing.

use std::collections::BTreeSet;

use super::check::{COMMON_NAMES, Check};
use super::expect::{Rule, Spanned};
use super::fields::{self, Wrong};
use super::load::LoadSpec;
use super::names;
use super::problem::{Problem, SourceText, did_you_mean};
use super::reader::listed;
use super::shape::{Shape, Shapes};
use stackmark_evidence::paths::{self, READING_PATHS};
use stackmark_evidence::schema;
use stackmark_language::expression::{Engine, ExpressionError, Names};
use stackmark_language::filters::{DOCUMENTED, OF_MINIJINJA};

/// The filter or test that an error about an unknown one was likely meant to be.
fn close_to(message: &str) -> Option<String> {
    let name = message.strip_prefix("there is no filter `").or_else(|| message.strip_prefix("there is no test `"))?;
    let known = DOCUMENTED.iter().map(|documented| documented.name).chain(OF_MINIJINJA.iter().copied());
    did_you_mean(name.trim_end_matches('`'), known).map(|close| format!("did you mean `{close}`?"))
}

impl Check {
    /// Names used, names unknown, things that reach nothing.
    pub(super) fn lint(&self, engine: &Engine) -> Vec<Problem> {
        let requests = self.requests.iter().map(|step| (step.name.text.as_str(), schema::exchange()));
        let loads = self.load.iter().map(|load| (load.name.text.as_str(), schema::load()));
        let recoveries = self.recovery.iter().map(|step| (step.name.text.as_str(), schema::recovery()));
        let shapes = names::shapes(&self.params, requests.chain(loads).chain(recoveries));
        let mut lint = Lint { check: self, engine, shapes, used: BTreeSet::new(), problems: Vec::new() };
        let parameters: Vec<&str> = self.params.keys().map(String::as_str).collect();
        let fixed: Vec<&str> = parameters.iter().copied().chain(COMMON_NAMES).collect();
        for template in [&self.title, &self.why, &self.fix] {
            lint.template(template, &fixed, false);
        }
        for template in self.resource_types.iter().chain(self.recovery.iter().map(|it| &it.path)) {
            lint.template(template, &fixed, false);
        }
        lint.problems.extend(self.lint_captures(engine));
        // How the stack was found is known only afterwards, and would give the request another key.
        let asked: Vec<&str> = parameters.iter().copied().chain(["team"]).collect();
        let captured: Vec<&str> = self.captured_names().chain(asked.iter().copied()).collect();
        for step in &self.requests {
            for template in step.templates() {
                lint.template(template, &captured, false);
            }
            if let Some(eventually) = &step.eventually {
                let own: Vec<&str> = asked.iter().copied().chain([step.name.text.as_str()]).collect();
                let result = engine.expression_names(&eventually.that.text);
                if lint.keep(&eventually.that, result, &own, false) {
                    let wrong = fields::of_expression(&eventually.that.text, &lint.shapes).1;
                    lint.wrong(&eventually.that, wrong);
                    lint.doubt(&eventually.that);
                }
            }
        }
        for template in self.load.iter().flat_map(LoadSpec::templates) {
            lint.template(template, &fixed, false);
        }
        let steps = self.requests.iter().map(|step| &step.name).chain(self.load.iter().map(|load| &load.name));
        let steps = steps.chain(self.recovery.iter().map(|step| &step.name));
        let steps = steps.map(|name| name.text.as_str());
        let mut names: Vec<&str> = fixed.iter().copied().chain(steps).collect();
        for (name, expression) in &self.bindings {
            let shape = lint.expression(expression, &names);
            lint.shapes.insert(name.clone(), shape);
            names.push(name);
        }
        if let Some(applies) = &self.applies {
            lint.condition(&applies.that, &names);
            lint.template(&applies.otherwise, &names, true);
        }
        if let Some(unsure) = &self.unsure {
            lint.condition(&unsure.that, &names);
            lint.template(&unsure.says, &names, true);
        }
        if let Some(shows) = &self.shows {
            lint.template(shows, &names, true);
        }
        match &self.rule {
            Rule::Expects(expects) => {
                for expect in expects {
                    lint.condition(&expect.that, &names);
                    lint.template(&expect.says, &names, true);
                }
            }
            Rule::Score { score, says } => {
                lint.expression(score, &names);
                lint.template(says, &names, true);
            }
            Rule::Manual(guidance) => lint.template(guidance, &names, true),
        }
        lint.unused();
        lint.problems
    }
}

struct Lint<'c> {
    check: &'c Check,
    engine: &'c Engine,
    /// What stands behind the names, as far as it is known before there is any evidence.
    shapes: Shapes,
    used: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Lint<'_> {
    /// What the expression gives.
    fn expression(&mut self, expression: &Spanned, names: &[&str]) -> Shape {
        let result = self.engine.expression_names(&expression.text);
        if !self.keep(expression, result, names, true) {
            return Shape::Unknown;
        }
        let (shape, wrong) = fields::of_expression(&expression.text, &self.shapes);
        self.wrong(expression, wrong);
        shape
    }

    /// An expression that is to be true or false.
    fn condition(&mut self, expression: &Spanned, names: &[&str]) {
        self.expression(expression, names);
        self.doubt(expression);
    }

    /// Warns of a condition that gives a list: it is meant to be there, and to have something.
    fn doubt(&mut self, condition: &Spanned) {
        for doubt in fields::of_condition(&condition.text, &self.shapes) {
            let span = narrowed(&self.check.source, condition, Some(&doubt.range));
            self.warn(span, doubt.message, &doubt.fix);
        }
    }

    fn template(&mut self, template: &Spanned, names: &[&str], readings: bool) {
        let result = self.engine.template_names(&template.text);
        if self.keep(template, result, names, readings) {
            let wrong = fields::of_template(&template.text, &self.shapes);
            self.wrong(template, wrong);
        }
    }

    fn wrong(&mut self, place: &Spanned, wrong: Vec<Wrong>) {
        let source = &self.check.source;
        self.problems.extend(wrong.into_iter().map(|wrong| {
            Problem::error(source, Some(narrowed(source, place, Some(&wrong.range))), wrong.message).fix(wrong.fix)
        }));
    }

    /// Keeps the names that are used, and tells whether the text compiles.
    fn keep(
        &mut self,
        place: &Spanned,
        result: Result<Names, ExpressionError>,
        names: &[&str],
        readings: bool,
    ) -> bool {
        let used = match result {
            Ok(used) => used,
            Err(error) => {
                let span = narrowed(&self.check.source, place, error.range.as_ref());
                let fix = close_to(&error.message).unwrap_or_else(|| {
                    "`stackmark explain --expressions` lists the filters, tests and functions".to_owned()
                });
                self.problems.push(Problem::error(&self.check.source, Some(span), error.message).fix(fix));
                return false;
            }
        };
        for root in &used.roots {
            self.used.insert(root.clone());
            if names.contains(&root.as_str()) {
                continue;
            }
            let family = READING_PATHS.iter().any(|known| known.path.split('.').next() == Some(root));
            if family && readings {
                continue;
            }
            let message = format!("unknown name `{root}`");
            let fix = match did_you_mean(root, names.iter().copied()) {
                _ if family => "titles, fixes and requests know no readings, only parameters and `team`".to_owned(),
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("here it may use {}, and what `reads` names", listed(names)),
            };
            let offset = place.text.find(root.as_str());
            let span = narrowed(&self.check.source, place, offset.map(|at| at..at + root.len()).as_ref());
            self.problems.push(Problem::error(&self.check.source, Some(span), message).fix(fix));
        }
        for path in used.paths.iter().filter(|_| readings) {
            self.reading(place, path);
        }
        true
    }

    /// `aws.instances.x` needs `aws.instances` in `reads`; a bare `aws` is all that is read of the family.
    fn reading(&mut self, place: &Spanned, path: &str) {
        let mut parts = path.split('.');
        let (Some(family), reading) = (parts.next(), parts.next()) else { return };
        if !READING_PATHS.iter().any(|known| known.path.split('.').next() == Some(family)) {
            return;
        }
        if reading.is_none() {
            let of_family = |path: &&String| path.split('.').next() == Some(family);
            let read: Vec<String> = self.check.reads.iter().filter(of_family).cloned().collect();
            if !read.is_empty() {
                self.used.extend(read);
                return;
            }
        }
        let wanted = reading.map_or_else(|| family.to_owned(), |reading| format!("{family}.{reading}"));
        self.used.insert(wanted.clone());
        if self.check.reads.contains(&wanted) {
            return;
        }
        let known = paths::find(&wanted).is_some();
        let fix = if known {
            format!("add \"{wanted}\" to `reads`")
        } else {
            let close = did_you_mean(&wanted, READING_PATHS.iter().map(|known| known.path));
            close.map_or_else(
                || "`stackmark explain --readings` lists what can be read".to_owned(),
                |close| format!("did you mean `{close}`?"),
            )
        };
        let message = if known { format!("`{wanted}` is not in `reads`") } else { format!("unknown name `{wanted}`") };
        self.problems.push(Problem::error(&self.check.source, Some(place.span.clone()), message).fix(fix));
    }

    fn unused(&mut self) {
        let check = self.check;
        for (name, param) in &check.params {
            if !self.used.contains(name) {
                self.warn(param.span.clone(), format!("parameter `{name}` is never used"), "use it or remove it");
            }
        }
        for (name, expression) in &check.bindings {
            if !self.used.contains(name) {
                self.warn(expression.span.clone(), format!("`let.{name}` is never used"), "use it or remove it");
            }
        }
        for step in &check.requests {
            if !self.used.contains(&step.name.text) && step.captures.is_empty() {
                let message = format!("the answer to request \"{}\" is never looked at", step.name.text);
                self.warn(step.name.span.clone(), message, "expect something of it, or remove it");
            }
        }
        if let Some(load) = check.load.as_ref().filter(|load| !self.used.contains(&load.name.text)) {
            let message = format!("load \"{}\" is never looked at", load.name.text);
            self.warn(load.name.span.clone(), message, "expect something of it, or remove it");
        }
        for path in &check.reads {
            if !self.used.contains(path) {
                let message = format!("reading \"{path}\" is never used");
                self.warn(0..0, message, "use it or remove it from `reads`: it costs a request");
            }
        }
    }

    fn warn(&mut self, span: std::ops::Range<usize>, message: String, fix: &str) {
        let span = (!span.is_empty()).then_some(span);
        self.problems.push(Problem::error(&self.check.source, span, message).fix(fix).warn());
    }
}

/// A range inside a TOML string as a range of the document: exact where the string has no escapes, else the whole string.
fn narrowed(source: &SourceText, place: &Spanned, inner: Option<&std::ops::Range<usize>>) -> std::ops::Range<usize> {
    let written = source.text.get(place.span.clone()).and_then(|quoted| quoted.find(place.text.as_str()));
    match (inner, written) {
        (Some(inner), Some(at)) if inner.end <= place.text.len() => {
            let start = place.span.start + at;
            start + inner.start..start + inner.end
        }
        _ => place.span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::close_to;

    #[test]
    fn a_slip_in_a_filter_is_told_with_what_was_meant() {
        assert_eq!(close_to("there is no filter `lenght`").as_deref(), Some("did you mean `length`?"));
        assert_eq!(close_to("there is no filter `pluk`").as_deref(), Some("did you mean `pluck`?"));
        assert_eq!(close_to("there is no filter `zzz`"), None);
    }
}
