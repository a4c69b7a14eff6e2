//! A rubric that `extends` another: what it changes, removes and adds.

use std::collections::{BTreeMap, BTreeSet};

use super::criterion::{Checks, Criterion, Item, Whose, adds_up};
use super::params;
use super::problem::did_you_mean;
use super::reader::Table;

/// The base's criteria with `remove`, `[[change]]` and `[[criterion]]` applied, and whether all could be read.
pub(crate) fn criteria(
    table: &Table<'_>,
    base: &str,
    of_base: &[Criterion],
    checks: &mut Checks<'_>,
) -> (Vec<Criterion>, bool) {
    let mut criteria = of_base.to_vec();
    let mut complete = true;
    for (id, span) in table.get("remove").map(|entry| entry.spanned_strings()).unwrap_or_default() {
        let before: usize = criteria.iter().map(|criterion| criterion.items.len()).sum();
        criteria.iter_mut().for_each(|criterion| criterion.items.retain(|item| item.id != id));
        criteria.retain(|criterion| criterion.id != id);
        let after: usize = criteria.iter().map(|criterion| criterion.items.len()).sum();
        if before == after {
            table.reader().error(
                span,
                format!("rubric \"{base}\" has no item or criterion \"{id}\""),
                near(&id, base, of_base),
            );
            complete = false;
        }
    }
    for fields in table.tables("change") {
        complete &= change(fields, &mut criteria, (base, of_base), checks).is_some();
    }
    let mut ids = BTreeSet::new();
    for fields in table.tables("criterion") {
        let id = fields.peek("id");
        match id.and_then(|id| criteria.iter_mut().find(|criterion| criterion.id == id)) {
            Some(known) => complete &= add(fields, known, checks).is_some(),
            None => match Criterion::read(fields, checks, &mut ids) {
                Some(criterion) => criteria.push(criterion),
                None => complete = false,
            },
        }
    }
    if complete {
        for criterion in &criteria {
            adds_up(&criterion.id, &criterion.items, criterion.points, 0..0, table.reader());
        }
    }
    (criteria, complete)
}

/// One `[[change]]`: of an item, its id, points, check, parameters or part.
fn change(
    fields: Table<'_>,
    criteria: &mut [Criterion],
    (base, of_base): (&str, &[Criterion]),
    checks: &mut Checks<'_>,
) -> Option<()> {
    let named = fields.require("item", "\"concepts/asg-size\"");
    let (points, part, rename) = (fields.get("points"), fields.get("part"), fields.get("id"));
    let (check, with) = (fields.get("check"), fields.table("with"));
    fields.finish();
    let named = named?;
    let id = named.text()?;
    let Some(item) = criteria.iter_mut().flat_map(|criterion| &mut criterion.items).find(|item| item.id == id) else {
        named.error(format!("rubric \"{base}\" has no item \"{id}\""), near(&id, base, of_base));
        return None;
    };
    let mut renamed = None;
    if let Some(points) = points {
        item.points = points.points(false)?;
    }
    if let Some(part) = part {
        item.part = Some(part.text()?);
    }
    if let Some(rename) = rename {
        let (criterion, _) = id.split_once('/').unwrap_or((&id, ""));
        renamed = Some(format!("{criterion}/{}", rename.text()?));
    }
    if let Some(entry) = &check {
        let other = entry.text()?;
        if other != item.check {
            item.with.clear();
        }
        item.check = other;
    }
    match checks.get(&item.check) {
        Ok(Some(known)) => {
            if let Some(id) = renamed {
                item.id = id;
            }
            let place = check.as_ref().map_or_else(|| named.span.clone(), |check| check.span.clone());
            item.with = params::bind_over(&known.params, with.as_ref(), &item.with, &item.check, named.reader(), place);
            Some(())
        }
        // Its own problems are reported.
        Ok(None) => Some(()),
        Err(()) => {
            let fix = match did_you_mean(&item.check, checks.library.check_ids()) {
                Some(close) => format!("did you mean \"{close}\"?"),
                None => "`stackmark explain` lists the checks".to_owned(),
            };
            named.error(format!("there is no check \"{}\"", item.check), fix);
            None
        }
    }
}

/// A `[[criterion]]` that the base has: other points or title, and more items.
fn add(fields: Table<'_>, known: &mut Criterion, checks: &mut Checks<'_>) -> Option<()> {
    let _ = fields.get("id");
    let (title, points) = (fields.get("title"), fields.get("points"));
    if let Some(title) = title {
        known.title = Some(title.text()?);
    }
    if let Some(points) = points {
        known.points = points.points(false)?;
    }
    let prefix = format!("{}/", known.id);
    let of_base = known.items.iter().filter_map(|item| item.id.strip_prefix(&prefix));
    let mut names: BTreeMap<String, Whose> = of_base.map(|name| (name.to_owned(), Whose::Base)).collect();
    let tables = fields.tables("item");
    let expected = tables.len();
    let items: Vec<Item> =
        tables.into_iter().filter_map(|item| Item::read(item, &known.id, checks, &mut names)).collect();
    fields.finish();
    let complete = items.len() == expected;
    known.items.extend(items);
    complete.then_some(())
}

fn near(id: &str, base: &str, criteria: &[Criterion]) -> String {
    let items = criteria.iter().flat_map(|criterion| &criterion.items);
    match did_you_mean(id, items.map(|item| item.id.as_str())) {
        Some(close) => format!("did you mean \"{close}\"?"),
        None => format!("`stackmark rubric show {base}` lists its items"),
    }
}
