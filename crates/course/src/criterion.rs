//! A rubric's criteria and their items, and the checks that they name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;

use super::check::Check;
use super::constants;
use super::library::Library;
use super::load;
use super::params;
use super::problem::{Problems, did_you_mean};
use super::reader::{Reader, Table};
use super::scheme::{BUILT_IN, Scheme};
use stackmark_evidence::points::Points;
use stackmark_language::expression::Engine;
use stackmark_language::load::LoadLimits;

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

/// Parses each check once.
pub(crate) struct Checks<'l> {
    pub(crate) library: &'l Library,
    pub(crate) engine: &'l Engine,
    /// The rubric's, once they are read.
    pub(crate) limits: LoadLimits,
    pub(crate) parsed: BTreeMap<String, Option<Arc<Check>>>,
    pub(crate) problems: Problems,
    /// Rubrics that are being read, each extended by the one before it.
    pub(crate) chain: Vec<String>,
    /// Ids of the criteria that every language names itself.
    named: Vec<String>,
}

impl<'l> Checks<'l> {
    pub(crate) fn new(library: &'l Library, engine: &'l Engine) -> Self {
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
        let mut names = BTreeMap::new();
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

/// Whose an item of a criterion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// Of the rubric that is read.
    Own,
    /// Of the rubric that it extends.
    Base,
}

impl Item {
    pub(crate) fn read(
        table: Table<'_>,
        criterion: &str,
        checks: &mut Checks<'_>,
        names: &mut BTreeMap<String, Whose>,
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
                    if given.len() == check.params.len() {
                        let mut wrong =
                            check.judging().filter_map(|it| constants::wrong(&it.text, &given, checks.engine));
                        if let Some((wrong, fix)) = wrong.next() {
                            reader.error(check_span.clone(), format!("check \"{check_id}\": {wrong}"), fix);
                        }
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
            && let Some(whose) = names.insert(name.clone(), Whose::Own)
        {
            let span = own_id.as_ref().map_or(check_span, |own| own.span.clone());
            let message = format!("item \"{name}\" is there twice in \"{criterion}\"");
            let fix = match whose {
                Whose::Own => "give it an id of its own: id = \"…\"".to_owned(),
                Whose::Base => format!(
                    "change that of the base, [[change]] item = \"{criterion}/{name}\", or give this one an id: id = \"…\""
                ),
            };
            table.reader().error(span, message, fix);
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

/// How far a sum is from what it should be, in words.
pub(crate) fn by_how_much(sum: Points, wanted: Points) -> String {
    let (by, what) = if sum < wanted { (wanted - sum, "missing") } else { (sum - wanted, "too many") };
    if by == Points::from_hundredths(100) { format!("1 point is {what}") } else { format!("{by} points are {what}") }
}
