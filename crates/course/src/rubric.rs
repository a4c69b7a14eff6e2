//! A rubric: which checks, for how many points.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;
use sha2::{Digest, Sha256};

use super::check::Check;
use super::expect::{Spanned, spanned};
use super::extend;
use super::late::Late;
use super::library::Library;
use super::load;
use super::members::Members;
use super::params;
use super::problem::{Problem, Problems, SourceText, did_you_mean};
use super::reader::{Entry, Reader, Table, listed};
use super::scheme::{BUILT_IN, Scheme};
use super::sentences::Sentences;
use super::words::{self, Words};
use stackmark_evidence::points::Points;
use stackmark_evidence::request::ScopeRequest;
use stackmark_language::expression::Engine;
use stackmark_language::load::LoadLimits;

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

/// One criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct Criterion {
    /// Unique in the rubric.
    pub id: String,
    /// As printed; `None` for a built-in criterion, which each language names itself.
    pub title: Option<String>,
    /// What its items add up to.
    pub points: Points,
    /// In order.
    pub items: Vec<Item>,
}

/// A check with its points and parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// `criterion/name`, unique in the rubric.
    pub id: String,
    /// Id of the check.
    pub check: String,
    /// What it can earn.
    pub points: Points,
    /// All parameters of the check, defaults filled in.
    pub with: IndexMap<String, Value>,
    /// Subtotal that it belongs to.
    pub part: Option<String>,
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
            Some(entry) => Some(extend::base(&entry, checks)?),
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
        let (criteria, complete) = match &base {
            Some(base) => extend::criteria(&table, base, checks),
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

/// Parses each check once.
pub(crate) struct Checks<'l> {
    pub(crate) library: &'l Library,
    engine: &'l Engine,
    /// The rubric's, once they are read.
    limits: LoadLimits,
    parsed: BTreeMap<String, Option<Arc<Check>>>,
    pub(crate) problems: Problems,
    /// Rubrics that are being read, each extended by the one before it.
    pub(crate) chain: Vec<String>,
    /// Ids of the criteria that every language names itself.
    named: Vec<String>,
}

impl<'l> Checks<'l> {
    fn new(library: &'l Library, engine: &'l Engine) -> Self {
        let built_in = library.scheme(BUILT_IN).and_then(|source| Scheme::parse(BUILT_IN, source).0);
        let named = built_in.into_iter().flat_map(|scheme| scheme.criteria).map(|(id, _)| id).collect();
        Self {
            library,
            engine,
            limits: LoadLimits::default(),
            parsed: BTreeMap::new(),
            problems: Problems::default(),
            chain: Vec::new(),
            named,
        }
    }

    /// `Err` where there is no such check.
    pub(crate) fn get(&mut self, id: &str) -> Result<Option<Arc<Check>>, ()> {
        if let Some(check) = self.parsed.get(id) {
            return Ok(check.clone());
        }
        let source = self.library.check(id).ok_or(())?;
        let (check, problems) = Check::parse(id, source, self.engine);
        let valid = !problems.has_errors();
        self.problems.0.extend(problems.0);
        let check = check.filter(|_| valid).map(Arc::new);
        self.parsed.insert(id.to_owned(), check.clone());
        Ok(check)
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

impl Criterion {
    pub(crate) fn read(table: Table<'_>, checks: &mut Checks<'_>, ids: &mut BTreeSet<String>) -> Option<Self> {
        let id = table.require("id", "\"concepts\"");
        let id_span = id.as_ref().map(|id| id.span.clone());
        let id = id.and_then(|id| id.text());
        let title = table.get("title").and_then(|title| title.text());
        let points = table.require("points", "40");
        let value = points.as_ref().and_then(|points| points.points(false));
        let known = id.as_ref().is_some_and(|id| checks.named.contains(id));
        if let (Some(id), Some(span)) = (&id, &id_span) {
            if !ids.insert(id.clone()) {
                table.reader().error(span.clone(), format!("criterion \"{id}\" is there twice"), "give it another id");
            }
            if !known && title.is_none() {
                let fix = "add title = \"…\", as the report shows it";
                table.reader().error(span.clone(), format!("criterion \"{id}\" has no title"), fix);
            }
        }
        let tables = table.tables("item");
        let expected = tables.len();
        let mut items = Vec::new();
        let mut names = BTreeSet::new();
        for item in tables {
            items.extend(Item::read(item, id.as_deref().unwrap_or("?"), checks, &mut names));
        }
        let all_read = items.len() == expected;
        if let (Some(points), Some(value), Some(id), true) = (&points, value, &id, all_read) {
            adds_up(id, &items, value, points.span.clone(), table.reader());
        }
        table.finish();
        Some(Self { id: id?, title, points: value?, items }).filter(|_| all_read)
    }
}

impl Item {
    pub(crate) fn read(
        table: Table<'_>,
        criterion: &str,
        checks: &mut Checks<'_>,
        names: &mut BTreeSet<String>,
    ) -> Option<Self> {
        let check = table.require("check", "\"aws/asg-size\"");
        let points = table.require("points", "6").and_then(|points| points.points(false));
        let part = table.get("part").and_then(|part| part.text());
        let own_id = table.get("id");
        let with = table.table("with");
        let check_span = check.as_ref().map_or(0..0, |check| check.span.clone());
        let check_id = check.and_then(|check| check.text());
        let mut bound = None;
        if let Some(check_id) = &check_id {
            match checks.get(check_id) {
                Ok(Some(check)) => {
                    let reader = table.reader();
                    let given = params::bind(&check.params, with.as_ref(), check_id, reader, check_span.clone());
                    // A parameter that is missing is a problem already.
                    if let Some(spec) = check.load.as_ref().filter(|_| given.len() == check.params.len())
                        && let Some((wrong, fix)) = load::lint_item(spec, &given, &checks.limits, checks.engine)
                    {
                        reader.error(check_span.clone(), format!("check \"{check_id}\": {wrong}"), fix);
                    }
                    bound = Some(given);
                }
                Ok(None) => {
                    // Its own problems are reported; saying more here would say them twice.
                }
                Err(()) => {
                    let known: Vec<&str> = checks.library.check_ids().collect();
                    let fix = match did_you_mean(check_id, known.iter().copied()) {
                        Some(close) => format!("did you mean \"{close}\"?"),
                        None => "`stackmark explain` lists the checks; your own are in checks/ of a --library folder"
                            .to_owned(),
                    };
                    table.reader().error(check_span.clone(), format!("there is no check \"{check_id}\""), fix);
                }
            }
        }
        let name = match &own_id {
            Some(own) => own.text(),
            None => check_id.as_ref().map(|id| id.rsplit('/').next().unwrap_or(id).to_owned()),
        };
        if let Some(name) = &name
            && !names.insert(name.clone())
        {
            let span = own_id.as_ref().map_or(check_span, |own| own.span.clone());
            let message = format!("item \"{name}\" is there twice in \"{criterion}\"");
            table.reader().error(span, message, "give it an id of its own: id = \"…\"");
        }
        table.finish();
        Some(Self { id: format!("{criterion}/{}", name?), check: check_id?, points: points?, with: bound?, part })
    }
}

/// A problem where the items of a criterion do not add up to its points.
pub(crate) fn adds_up(criterion: &str, items: &[Item], points: Points, span: Range<usize>, reader: &Reader) {
    let sum: Points = items.iter().map(|item| item.points).sum();
    if sum != points {
        let message = format!("the items of \"{criterion}\" add up to {sum} points, and the criterion has {points}");
        reader.error(span, message, format!("{}, or set points = {sum}", by_how_much(sum, points)));
    }
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

fn by_how_much(sum: Points, wanted: Points) -> String {
    let (by, what) = if sum < wanted { (wanted - sum, "missing") } else { (sum - wanted, "too many") };
    if by == Points::from_hundredths(100) { format!("1 point is {what}") } else { format!("{by} points are {what}") }
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
