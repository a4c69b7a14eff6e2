//! A rubric: which checks, for how many points.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;
use sha2::{Digest, Sha256};

use super::check::Check;
use super::criterion::{Checks, by_how_much};
use super::expect::{Spanned, spanned};
use super::extend;
use super::late::Late;
use super::library::Library;
use super::load;
use super::members::Members;
use super::problem::{Problem, Problems, SourceText, did_you_mean};
use super::reader::{Entry, Reader, Table, listed};
use super::scheme::Scheme;
use super::sentences::Sentences;
use super::signs;
use super::words::{self, Words};
use stackmark_evidence::points::Points;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::signs::Look;
use stackmark_language::expression::Engine;
use stackmark_language::load::LoadLimits;

pub use super::criterion::{Criterion, Item};

/// A valid rubric with its checks.
#[derive(Debug, Clone, PartialEq)]
pub struct Rubric {
    /// File name without its ending.
    pub id: String,
    /// As printed.
    pub title: String,
    /// `en`, `fr`, `it`, or a code of the user's.
    pub language: String,
    /// What a perfect team earns.
    pub total: Points,
    /// Which AWS resources belong to a team.
    pub scope: Scope,
    /// How much load its checks may put on a stack.
    pub limits: LoadLimits,
    /// What work after the deadline costs; without, it does not count.
    pub late: Option<Late>,
    /// Whether a member's own factor may move the team's mark.
    pub members: Option<Members>,
    /// Which signs of how the work came about put a team among those to look at.
    pub signs: Look,
    /// In order.
    pub criteria: Vec<Criterion>,
    /// Checks by id.
    pub checks: BTreeMap<String, Arc<Check>>,
    /// What the program itself says in its language.
    pub sentences: Arc<Sentences>,
    /// Its document.
    pub source: Arc<SourceText>,
    /// The rubrics that it extends, with their documents, the nearest first.
    pub bases: Vec<(String, Arc<SourceText>)>,
}

/// Which AWS resources belong to a team.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scope {
    /// Tag keys with templates of their values, over `team`; empty is the whole account.
    pub tags: IndexMap<String, Spanned>,
    /// Where nothing carries the tags, read the whole account.
    pub fallback_to_account: bool,
    /// Regions to read, for teams whose roster names none.
    pub regions: Vec<String>,
}

impl Rubric {
    /// Reads and validates a rubric and every check that it uses.
    pub fn parse(id: &str, source: &Arc<SourceText>, library: &Library, engine: &Engine) -> (Option<Self>, Problems) {
        let mut checks = Checks::new(library, engine);
        let (rubric, mut problems) = Self::parse_with(id, source, &mut checks);
        problems.0.extend(checks.problems.0);
        let mut rubric = rubric.map(|rubric| Self {
            checks: checks.parsed.into_iter().filter_map(|(id, check)| Some((id, check?))).collect(),
            ..rubric
        });
        if let Some(rubric) = &mut rubric {
            problems.0.extend(rubric.take_words(library, engine).0);
        }
        (rubric, problems)
    }

    /// As [`Rubric::parse`], without its checks, which `checks` keeps.
    pub(crate) fn parse_with(id: &str, source: &Arc<SourceText>, checks: &mut Checks<'_>) -> (Option<Self>, Problems) {
        checks.chain.push(id.to_owned());
        let read = Reader::new(source).read(|table| Self::read(id, source, table, checks));
        checks.chain.pop();
        read
    }

    fn read(id: &str, source: &Arc<SourceText>, table: Table<'_>, checks: &mut Checks<'_>) -> Option<Self> {
        let base = match table.get("extends") {
            Some(entry) => Some(base_of(&entry, checks)?),
            None => None,
        };
        let own_or = |key, example| if base.is_some() { table.get(key) } else { table.require(key, example) };
        let title = own_or("title", "\"Assignment 1\"").map(|title| title.text());
        let title = title.unwrap_or_else(|| base.as_ref().map(|base| base.title.clone()));
        let languages = checks.library.languages();
        let language = table.get("language").map(|language| language.one_of(&languages).map(ToOwned::to_owned));
        let inherited = base.as_ref().map_or_else(|| "en".to_owned(), |base| base.language.clone());
        let language = language.unwrap_or(Some(inherited));
        let total = own_or("total", "100");
        let total_points = match &total {
            Some(total) => total.points(false),
            None => base.as_ref().map(|base| base.total),
        };
        let scheme = table.get("scheme").and_then(|entry| Some((scheme_of(&entry, checks.library)?, entry.span)));
        let scope = if table.has("scope") || base.is_none() {
            Scope::read(&table, checks.engine)
        } else {
            base.as_ref().map(|base| base.scope.clone()).unwrap_or_default()
        };
        checks.limits = match &base {
            Some(base) if !table.has("limits") => base.limits,
            _ => load::read_limits(&table),
        };
        let limits = checks.limits;
        let late = match &base {
            Some(base) if !table.has("late") => base.late,
            _ => Late::read(&table),
        };
        let members = match &base {
            Some(base) if !table.has("members") => base.members,
            _ => Members::read(&table),
        };
        let signs = match &base {
            Some(base) if !table.has("signs") => base.signs.clone(),
            _ => signs::read(&table),
        };
        let (criteria, complete) = match &base {
            Some(base) => extend::criteria(&table, &base.id, &base.criteria, checks),
            None => Self::own_criteria(&table, checks),
        };
        if complete && let Some(points) = total_points {
            let sum: Points = criteria.iter().map(|criterion| criterion.points).sum();
            if sum != points {
                let message = format!("the criteria add up to {sum} points, and `total` is {points}");
                let span = total.as_ref().map_or(0..0, |total| total.span.clone());
                table.reader().error(span, message, format!("{}, or set total = {sum}", by_how_much(sum, points)));
            }
        }
        // A criterion that could not be read has its own problem; that the scheme misses it would be a second one.
        if complete && let Some((scheme, span)) = scheme {
            keeps_to(&scheme, span, &criteria, &table);
        }
        table.finish();
        complete.then_some(())?;
        let bases = base.into_iter().flat_map(|base| std::iter::once((base.id, base.source)).chain(base.bases));
        Some(Self {
            id: id.to_owned(),
            title: title?,
            language: language?,
            total: total_points?,
            scope,
            limits,
            late,
            members,
            signs,
            criteria,
            checks: BTreeMap::new(),
            sentences: Arc::default(),
            source: Arc::clone(source),
            bases: bases.collect(),
        })
    }

    /// The `[[criterion]]` of a rubric that extends none, and whether all could be read.
    fn own_criteria(table: &Table<'_>, checks: &mut Checks<'_>) -> (Vec<Criterion>, bool) {
        let mut criteria = Vec::new();
        let mut complete = true;
        let mut ids = BTreeSet::new();
        for criterion in table.tables("criterion") {
            match Criterion::read(criterion, checks, &mut ids) {
                Some(criterion) => criteria.push(criterion),
                None => complete = false,
            }
        }
        if criteria.is_empty() && complete {
            table.reader().error(0..0, "the rubric has no criterion", "add a [[criterion]] with its items");
        }
        (criteria, complete)
    }

    /// Puts its title, criteria and parts into its language, by the documents beside it and beside what it extends.
    fn take_titles(&mut self, library: &Library) -> Problems {
        let mut problems = Problems::default();
        let ids = std::iter::once(&self.id).chain(self.bases.iter().map(|(id, _)| id));
        let mut tables = Vec::new();
        for source in ids.filter_map(|id| library.rubric_titles(id, &self.language)) {
            let (table, found) = Sentences::parse(source);
            problems.0.extend(found.0);
            tables.extend(table);
        }
        for table in &tables {
            self.title = table.say(&self.title);
            for criterion in &mut self.criteria {
                criterion.title = criterion.title.as_deref().map(|title| table.say(title));
                for item in &mut criterion.items {
                    item.part = item.part.as_deref().map(|part| table.say(part));
                }
            }
        }
        problems
    }

    /// Has its checks speak its language; those that have no words in it keep their own.
    fn take_words(&mut self, library: &Library, engine: &Engine) -> Problems {
        if let Some(spoken) = library.spoken() {
            spoken.clone_into(&mut self.language);
        }
        let mut problems = self.take_titles(library);
        if let Some(source) = library.sentences(&self.language) {
            let (sentences, found) = Sentences::parse(source);
            problems.0.extend(found.0);
            self.sentences = sentences.map(Arc::new).unwrap_or_default();
        }
        // What a rubric fills into sentences alone is said like them.
        for item in self.criteria.iter_mut().flat_map(|criterion| &mut criterion.items) {
            let deciding = self.checks.get(&item.check).map(|check| words::names_that_decide(check, engine));
            let told = |name: &String| deciding.as_ref().is_some_and(|deciding| !deciding.contains(name));
            for (_, value) in item.with.iter_mut().filter(|(name, _)| told(name)) {
                if let Some(text) = value.as_str() {
                    *value = Value::from(self.sentences.say(text));
                }
            }
        }
        for (id, check) in &mut self.checks {
            let Some(source) = library.check_words(id, &self.language) else { continue };
            let (words, found) = Words::parse(source, check, engine);
            problems.0.extend(found.0);
            let Some(words) = words else { continue };
            let items = self.criteria.iter_mut().flat_map(|criterion| &mut criterion.items);
            for item in items.filter(|item| item.check == *id) {
                words.say_defaults(check, &mut item.with);
            }
            *check = Arc::new(words.into_check(check, &self.language));
        }
        problems
    }

    /// All items, in order.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.criteria.iter().flat_map(|criterion| &criterion.items)
    }

    /// SHA-256, in hexadecimal, over the rubric's text, those that it extends, and every check's: any change of one changes
    /// it.
    pub fn sha256(&self) -> String {
        let mut hasher = Sha256::new();
        let documents = std::iter::once(("rubric", &self.source))
            .chain(self.bases.iter().map(|(id, source)| (id.as_str(), source)))
            .chain(self.checks.iter().map(|(id, check)| (id.as_str(), &check.source)));
        for (id, source) in documents {
            hasher.update((id.len() as u64).to_le_bytes());
            hasher.update(id.as_bytes());
            hasher.update((source.text.len() as u64).to_le_bytes());
            hasher.update(source.text.as_bytes());
        }
        hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Scope {
    fn read(table: &Table<'_>, engine: &Engine) -> Self {
        let mut scope = Self::default();
        let Some(entry) = table.get("scope") else { return scope };
        if entry.type_name() == "string" {
            entry.one_of(&["account"]);
            return scope;
        }
        let Some(fields) = entry.table() else { return scope };
        scope.fallback_to_account = fields.get("fallback").is_some_and(|entry| entry.one_of(&["account"]).is_some());
        scope.regions = fields.get("regions").and_then(|entry| entry.strings()).unwrap_or_default();
        for (key, _, value) in fields.table("tags").iter().flat_map(Table::entries) {
            let Some(template) = spanned(&value) else { continue };
            match engine.template_names(&template.text) {
                Ok(names) => {
                    for root in names.roots.iter().filter(|root| *root != "team") {
                        value.error(
                            format!("unknown name `{root}`"),
                            "a tag's value may use `team`, as in {{ team.id }}",
                        );
                    }
                }
                Err(error) => value.error(error.message, "write a text, or {{ team.id }}"),
            }
            scope.tags.insert(key, template);
        }
        if scope.tags.is_empty() && scope.regions.is_empty() {
            entry.error("the scope names no tag", "add tags = { project = \"…\" }, or write scope = \"account\"");
        }
        fields.finish();
        scope
    }

    /// The tags for one team; the roster's own tags for it come instead of the rubric's.
    ///
    /// # Errors
    /// A template that fails.
    pub fn request(
        &self,
        engine: &Engine,
        team: &Value,
        own: &BTreeMap<String, String>,
    ) -> Result<ScopeRequest, stackmark_language::expression::ExpressionError> {
        let mut tags = own.clone();
        if tags.is_empty() {
            for (key, template) in &self.tags {
                let context = minijinja::context! { team => team };
                tags.insert(key.clone(), engine.render(&template.text, &context)?);
            }
        }
        Ok(ScopeRequest {
            tags,
            fallback_to_account: self.fallback_to_account,
            regions: self.regions.clone(),
            ..ScopeRequest::default()
        })
    }
}

/// The rubric that `extends` names.
fn base_of(entry: &Entry<'_>, checks: &mut Checks<'_>) -> Option<Rubric> {
    let id = entry.text()?;
    if checks.chain.contains(&id) {
        entry.error(format!("rubric \"{id}\" extends itself"), "extend another one, or none");
        return None;
    }
    let Some(source) = checks.library.rubric(&id).cloned() else {
        let fix = match did_you_mean(&id, checks.library.rubric_ids()) {
            Some(close) => format!("did you mean \"{close}\"?"),
            None => "`stackmark rubric list` lists them".to_owned(),
        };
        entry.error(format!("there is no rubric \"{id}\" to extend"), fix);
        return None;
    };
    let (base, problems) = Rubric::parse_with(&id, &source, checks);
    let wrong = problems.has_errors();
    checks.problems.0.extend(problems.0);
    base.filter(|_| !wrong)
}

/// The scheme that a rubric names.
fn scheme_of(entry: &Entry<'_>, library: &Library) -> Option<Scheme> {
    let known: Vec<&str> = library.scheme_ids().collect();
    let id = entry.one_of(&known)?;
    let (scheme, problems) = Scheme::parse(id, library.scheme(id)?);
    for problem in problems.0 {
        entry.reader().push(problem);
    }
    scheme
}

fn keeps_to(scheme: &Scheme, span: Range<usize>, criteria: &[Criterion], table: &Table<'_>) {
    for (id, points) in &scheme.criteria {
        let message = match criteria.iter().find(|criterion| criterion.id == *id) {
            None => format!("scheme \"{}\" needs the criterion \"{id}\" with {points} points", scheme.id),
            Some(criterion) if criterion.points != *points => {
                format!("scheme \"{}\" gives \"{id}\" {points} points, this rubric {}", scheme.id, criterion.points)
            }
            Some(_) => continue,
        };
        table.reader().error(span.clone(), message, "keep to the scheme, or remove `scheme`");
    }
    let known: Vec<&str> = scheme.criteria.iter().map(|(id, _)| id.as_str()).collect();
    for criterion in criteria.iter().filter(|criterion| !known.contains(&criterion.id.as_str())) {
        let message = format!("scheme \"{}\" has no criterion \"{}\"", scheme.id, criterion.id);
        table.reader().error(span.clone(), message, format!("it has {}", listed(&known)));
    }
}

/// A problem that is about a whole document that is missing.
pub fn missing(name: &str, fix: impl Into<String>) -> Problems {
    let source = SourceText::new(name, "");
    Problems(vec![Problem::error(&source, None, "there is no such rubric").fix(fix)])
}
