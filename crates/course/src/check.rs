//! A check: what it reads, what it expects, what to say, how to mend it.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;

use super::expect::{Rule, Spanned, spanned};
use super::fields::{self, Wrong};
use super::load::LoadSpec;
use super::names;
use super::params::{self, Param};
use super::problem::{Problem, Problems, SourceText, did_you_mean};
use super::reader::{Reader, Table, listed};
use super::recovery::RecoveryStep;
use super::request::{NAME_FIX, RequestStep, is_identifier};
use super::shape::{Shape, Shapes};
use stackmark_evidence::paths::{self, READING_PATHS};
use stackmark_evidence::schema;
use stackmark_language::expression::{Engine, ExpressionError, Names};

/// Variables that every expression of a check may use beside its own.
pub const COMMON_NAMES: [&str; 2] = ["team", "scope"];

/// A valid check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// `family/name`: its file, its test cases, its heading in the documentation.
    pub id: String,
    /// A template over the parameters: what is expected.
    pub title: Spanned,
    /// A template over the parameters: why it matters.
    pub why: Spanned,
    /// A template over the parameters: what to do about it.
    pub fix: Spanned,
    /// Readings that it needs.
    pub reads: Vec<String>,
    /// Those of them that may be absent; expressions then see `none`.
    pub optional: Vec<String>,
    /// CloudFormation's names of the types that it looks for in `aws.resources`: `AWS::DynamoDB::Table`; templates over
    /// the parameters.
    pub resource_types: Vec<Spanned>,
    /// Parameters, in the document's order.
    pub params: IndexMap<String, Param>,
    /// It holds where nothing is found: what was not read leaves a pass in doubt, and never a loss.
    pub forbids: bool,
    /// Where it does not hold, the check does not apply to the team.
    pub applies: Option<Applies>,
    /// Names for expressions, in the document's order; a later one may use an earlier one.
    pub bindings: IndexMap<String, Spanned>,
    /// Requests that it needs.
    pub requests: Vec<RequestStep>,
    /// One instance ended, and watched how its group heals.
    pub recovery: Option<RecoveryStep>,
    /// The load that it needs.
    pub load: Option<LoadSpec>,
    /// A template: what was seen, for the reader of a report, whatever the verdict.
    pub shows: Option<Spanned>,
    /// Where it holds, a measurement would mislead and a person has to look.
    pub unsure: Option<Unsure>,
    /// How it judges.
    pub rule: Rule,
    /// Code of the language of its sentences, where they are not those of its own document.
    pub language: Option<String>,
    /// Its document.
    pub source: Arc<SourceText>,
}

/// Whether a check applies to a team.
#[derive(Debug, Clone, PartialEq)]
pub struct Applies {
    /// An expression that gives true or false.
    pub that: Spanned,
    /// A template: what is said where it gives false.
    pub otherwise: Spanned,
}

/// When a check asks a person instead of judging.
#[derive(Debug, Clone, PartialEq)]
pub struct Unsure {
    /// An expression that gives true or false.
    pub that: Spanned,
    /// A template: what to look at.
    pub says: Spanned,
}

impl Check {
    /// Reads and validates a check; `id` is its place in the library.
    pub fn parse(id: &str, source: &Arc<SourceText>, engine: &Engine) -> (Option<Self>, Problems) {
        let (check, mut problems) = Reader::new(source).read(|table| Self::read(id, source, table));
        if let Some(check) = &check {
            problems.0.extend(check.lint(engine));
        }
        (check, problems)
    }

    fn read(id: &str, source: &Arc<SourceText>, table: Table<'_>) -> Option<Self> {
        let required = |key, example| table.require(key, example).and_then(|entry| spanned(&entry));
        let title = required("title", "\"Auto Scaling group keeps at least {{ min }} instances\"");
        let why = required("why", "\"A fixed minimum keeps the service up when an instance dies.\"");
        let fix = required("fix", "\"Set min_size on the Auto Scaling group.\"");
        let paths = |key| table.get(key).map(|entry| entry.spanned_strings()).unwrap_or_default();
        let reads = paths("reads");
        for (path, span) in &reads {
            if paths::find(path).is_none() {
                let known = READING_PATHS.iter().map(|known| known.path);
                let fix = match did_you_mean(path, known) {
                    Some(close) => format!("did you mean \"{close}\"?"),
                    None => "`stackmark explain --readings` lists what can be read".to_owned(),
                };
                table.reader().error(span.clone(), format!("there is no reading \"{path}\""), fix);
            }
        }
        let optional = paths("optional");
        for (path, span) in &optional {
            if !reads.iter().any(|(read, _)| read == path) {
                let message = format!("\"{path}\" is optional and not read");
                table.reader().error(span.clone(), message, format!("add \"{path}\" to `reads`"));
            }
        }
        let resource_types = table.get("resource_types").map(|entry| entry.spanned_strings()).unwrap_or_default();
        let reads_resources = reads.iter().any(|(path, _)| path == "aws.resources");
        for (kind, span) in &resource_types {
            let is_type = kind.split("::").filter(|part| !part.is_empty()).count() == 3;
            if !is_type && !kind.contains("{{") {
                let fix = "name it as CloudFormation does: \"AWS::DynamoDB::Table\"";
                table.reader().error(span.clone(), format!("\"{kind}\" is no type of resources"), fix);
            } else if !reads_resources {
                let message = "`resource_types` says what `aws.resources` holds, and that is not read";
                table.reader().error(span.clone(), message, "add \"aws.resources\" to `reads`");
            }
        }
        if let Some((_, span)) = reads.iter().find(|(path, _)| path == "aws.resources" && resource_types.is_empty()) {
            let fix = "add resource_types = [\"AWS::DynamoDB::Table\"], as CloudFormation names them";
            table.reader().error(span.clone(), "`resource_types` is missing", fix);
        }
        let params = table.table("params").map(|params| params::read(&params)).unwrap_or_default();
        let mut bindings = IndexMap::new();
        for (name, span, entry) in table.table("let").iter().flat_map(Table::entries) {
            if !is_identifier(&name) {
                table.reader().error(span, format!("`{name}` is not a valid variable name"), NAME_FIX);
            }
            if let Some(expression) = spanned(&entry) {
                bindings.insert(name, expression);
            }
        }
        let forbids = table.get("forbids").and_then(|entry| entry.boolean()).unwrap_or(false);
        let applies = table.get("applies").map(|that| {
            // An expression says nothing to a student.
            let otherwise = table.get("otherwise");
            if otherwise.is_none() {
                that.error("`applies` has no words for the report", "add otherwise = \"…\": what is so instead");
            }
            Some(Applies { that: spanned(&that)?, otherwise: spanned(&otherwise?)? })
        });
        let steps = table.tables("request");
        let step_count = steps.len();
        let requests: Vec<RequestStep> = steps.into_iter().filter_map(RequestStep::read).collect();
        let recovery = table.table("recovery").map(RecoveryStep::read);
        let load = table.table("load").map(|fields| {
            let load = LoadSpec::read(&fields);
            fields.finish();
            load
        });
        let shows = table.get("shows").and_then(|entry| spanned(&entry));
        let unsure = table.table("unsure").map(|fields| {
            let that = fields.require("that", "\"<expression>\"").and_then(|that| spanned(&that));
            let says = fields.require("says", "\"…\"").and_then(|says| spanned(&says));
            fields.finish();
            Some(Unsure { that: that?, says: says? })
        });
        let rule = Rule::read(&table);
        table.finish();
        (requests.len() == step_count).then_some(())?;
        Some(Self {
            id: id.to_owned(),
            title: title?,
            why: why?,
            fix: fix?,
            reads: reads.into_iter().map(|(path, _)| path).collect(),
            optional: optional.into_iter().map(|(path, _)| path).collect(),
            resource_types: resource_types.into_iter().map(|(text, span)| Spanned { text, span }).collect(),
            params,
            forbids,
            applies: match applies {
                Some(applies) => Some(applies?),
                None => None,
            },
            bindings,
            requests,
            recovery: match recovery {
                Some(recovery) => Some(recovery?),
                None => None,
            },
            load: match load {
                Some(load) => Some(load?),
                None => None,
            },
            shows,
            unsure: match unsure {
                Some(unsure) => Some(unsure?),
                None => None,
            },
            rule: rule?,
            language: None,
            source: Arc::clone(source),
        })
    }

    /// The types that it looks for in `aws.resources`, with its parameters filled in.
    ///
    /// # Errors
    /// A template that fails.
    pub fn types_looked_for(&self, engine: &Engine, context: &Value) -> Result<Vec<String>, ExpressionError> {
        self.resource_types.iter().map(|kind| engine.render(&kind.text, context)).collect()
    }

    /// Names used, names unknown, things that reach nothing.
    fn lint(&self, engine: &Engine) -> Vec<Problem> {
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
            lint.expression(&applies.that, &names);
            lint.template(&applies.otherwise, &names, true);
        }
        if let Some(unsure) = &self.unsure {
            lint.expression(&unsure.that, &names);
            lint.template(&unsure.says, &names, true);
        }
        if let Some(shows) = &self.shows {
            lint.template(shows, &names, true);
        }
        match &self.rule {
            Rule::Expects(expects) => {
                for expect in expects {
                    lint.expression(&expect.that, &names);
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

    /// The expressions by which it judges.
    pub(crate) fn judging(&self) -> impl Iterator<Item = &Spanned> {
        let (score, expects) = match &self.rule {
            Rule::Score { score, .. } => (Some(score), None),
            Rule::Expects(expects) => (None, Some(expects)),
            Rule::Manual(_) => (None, None),
        };
        let expects = expects.into_iter().flatten().map(|expect| &expect.that);
        self.bindings.values().chain(score).chain(expects)
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
                let fix = "`stackmark explain --expressions` lists the filters, tests and functions";
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
