//! A check: what it reads, what it expects, what to say, how to mend it.

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;

use super::expect::{Rule, Spanned, spanned};
use super::load::LoadSpec;
use super::params::{self, Param};
use super::problem::{Problems, SourceText, did_you_mean};
use super::reader::{Reader, Table};
use super::recovery::RecoveryStep;
use super::request::{NAME_FIX, RequestStep, is_identifier};
use stackmark_evidence::paths::{self, READING_PATHS};
use stackmark_language::expression::{Engine, ExpressionError};

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
    /// What the rest of the check gives stays earned, and only what it would lose is asked about; of a check that forbids,
    /// what it would lose stays lost.
    pub keeps: bool,
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
            let keeps = fields.get("keeps").and_then(|entry| entry.boolean()).unwrap_or(false);
            fields.finish();
            Some(Unsure { that: that?, says: says?, keeps })
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
        let mut kinds: Vec<String> =
            self.resource_types.iter().map(|kind| engine.render(&kind.text, context)).collect::<Result<_, _>>()?;
        kinds.dedup();
        Ok(kinds)
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
