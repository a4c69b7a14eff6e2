//! Tables with gaps: a check decides where the rows that were read decide, whatever the missing rows hold.
//!
//! No check has to think of it. Each of its expressions is evaluated in several worlds, and holds only where the missing
//! rows cannot change it:
//!
//! - with what is known of the missing rows put in, all of it and each alone, and the rest of their fields missing, so that
//!   asking for one fails: an expression that gives the same as without them does not rest on what is unknown;
//! - otherwise without any row, with every row twice, with one of them once more, with rows that are like nobody's, and with
//!   rows that differ from those at hand in one field: what the rows at hand cause (there is one; one of them is open to the
//!   world), more rows do not undo. A share that they would move is open.
//!
//! Of a reading that could not be read at all, nothing is known: what asks for it fails, and so what an expression gives
//! without asking for it holds whatever it is.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use minijinja::Value;
use serde_json::Value as Json;

use super::interval::Interval;
use super::missing::Lacking;
use super::scorecard::UnreadableReading;
use stackmark_course::Check;
use stackmark_evidence::aws::{Gap, Missing};
use stackmark_language::expression::{Engine, ExpressionError, value_of};

/// Rows that stand for any number of missing ones: more than any check asks for.
const MANY: usize = 32;

/// Rows of a table that are tried once more, each in a world of its own: enough to move a share.
const FEW: usize = 8;

/// A table of which something is missing.
pub(super) struct PartialTable {
    /// As in `aws.NAME`.
    pub(super) name: String,
    /// The rows that were read.
    pub(super) rows: Vec<Json>,
    /// What may stand beside them.
    pub(super) gaps: Vec<Gap>,
    unreadable: Vec<UnreadableReading>,
}

impl PartialTable {
    /// The table of this name, where the evidence lists gaps in it. `types` are those that are looked for in
    /// `aws.resources`: one that could not be read leaves a gap of its own.
    pub(super) fn of(evidence: &Json, name: &str, types: &[String]) -> Option<Self> {
        let rows = evidence.pointer(&format!("/aws/{name}/value"))?.as_array()?.clone();
        let mut table = Self { name: name.to_owned(), rows, gaps: Vec::new(), unreadable: Vec::new() };
        let listed = evidence.pointer(&format!("/aws/gaps/{name}")).cloned().unwrap_or_default();
        for gap in serde_json::from_value::<Vec<Gap>>(listed).unwrap_or_default() {
            table.add(format!("/aws/gaps/{name}"), gap);
        }
        for kind in types.iter().filter(|_| name == "resources") {
            let pointer = format!("/aws/resource_gaps/{kind}");
            let failure = evidence.pointer(&pointer).and_then(|gap| serde_json::from_value(gap.clone()).ok());
            if let Some(failure) = failure {
                let known = [("resource_type".to_owned(), Json::from(kind.as_str()))].into();
                table.add(pointer, Gap::rows(known, failure));
            }
        }
        (!table.gaps.is_empty()).then_some(table)
    }

    fn add(&mut self, pointer: String, gap: Gap) {
        if self.unreadable.iter().all(|known| known.failure != gap.failure) {
            self.unreadable.push(UnreadableReading { pointer, failure: gap.failure.clone() });
        }
        self.gaps.push(gap);
    }

    /// Each cause once.
    pub(super) fn unreadable(&self) -> Vec<UnreadableReading> {
        self.unreadable.clone()
    }

    fn lacking(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.iter().filter(|gap| gap.missing == Missing::Fields)
    }

    /// The rows without the fields that could not be read.
    fn observed(&self) -> Vec<Json> {
        let mut rows = self.rows.clone();
        for gap in self.lacking() {
            for row in rows.iter_mut().filter(|row| fits(row, gap)) {
                if let Some(row) = row.as_object_mut() {
                    row.retain(|field, _| !gap.fields.contains(field));
                }
            }
        }
        rows
    }

    /// The rows of which all is known.
    fn whole(&self) -> Vec<Json> {
        self.rows.iter().filter(|row| !self.lacking().any(|gap| fits(row, gap))).cloned().collect()
    }

    /// The rows, and what is known of those that are missing by these gaps.
    fn filled_from(&self, gaps: &[Gap]) -> Vec<Json> {
        let mut rows = self.observed();
        for gap in gaps {
            let row: Json = gap.known.clone().into_iter().collect::<serde_json::Map<_, _>>().into();
            match gap.missing {
                Missing::Row => rows.push(row),
                Missing::Rows => rows.extend(std::iter::repeat_n(row, MANY)),
                Missing::Fields => {}
            }
        }
        rows
    }

    /// Every row twice.
    fn twice(&self) -> Vec<Json> {
        let rows = self.whole();
        [rows.clone(), rows].concat()
    }

    /// The rows, and one of them once more.
    fn with_one_again(&self, position: usize) -> Vec<Json> {
        let mut rows = self.whole();
        let again = rows.get(position).cloned();
        rows.extend(again);
        rows
    }

    /// The rows, and others that are like them but for this field.
    fn with_another(&self, field: &str) -> Vec<Json> {
        let mut rows = self.whole();
        let changed = |row: &Json, flag: bool| {
            let mut row = row.clone();
            let value = row.get_mut(field)?;
            *value = other(value, flag);
            Some(row)
        };
        let others: Vec<Json> =
            rows.iter().flat_map(|row| [changed(row, false), changed(row, true)]).flatten().collect();
        rows.extend(others);
        rows
    }

    /// The rows, and two that have nothing in their fields.
    fn with_strangers(&self) -> Vec<Json> {
        let mut rows = self.whole();
        if let Some(row) = rows.first().cloned() {
            rows.extend([false, true].map(|flag| blank(&row, flag)));
        }
        rows
    }
}

/// Stands for what could not be read: an expression that asks for it fails.
pub(super) fn unread() -> Value {
    Value::from(minijinja::Error::new(minijinja::ErrorKind::UndefinedError, "it could not be read"))
}

fn fits(row: &Json, gap: &Gap) -> bool {
    gap.known.iter().all(|(field, value)| row.get(field) == Some(value))
}

/// A value of the same shape with nothing in it.
fn blank(value: &Json, flag: bool) -> Json {
    match value {
        Json::Null => Json::Null,
        Json::Bool(_) => Json::Bool(flag),
        Json::Number(_) => Json::from(0_i64),
        Json::String(_) => Json::from(""),
        Json::Array(_) => Json::Array(Vec::new()),
        Json::Object(fields) => {
            let inner = |(field, value): (&String, &Json)| match field.as_str() {
                "tags" => (field.clone(), Json::Object(serde_json::Map::new())),
                _ => (field.clone(), blank(value, flag)),
            };
            Json::Object(fields.iter().map(inner).collect())
        }
    }
}

/// A value of the same shape that it may have in another row: nothing, or what is beyond any bound.
fn other(value: &Json, flag: bool) -> Json {
    match value {
        Json::Number(_) if flag => Json::from(1_000_000_i64),
        Json::Array(elements) if flag => elements.first().map(|first| blank(first, false)).into_iter().collect(),
        _ => blank(value, flag),
    }
}

/// The rows of each table in one world, in the tables' order.
type Rows = Vec<Vec<Json>>;

/// What else the tables may hold.
struct Variants {
    filled: Rows,
    /// What is known of one missing row alone, where there are several.
    parts: Vec<Rows>,
    whole: Rows,
    empty: Rows,
    /// The rows at hand and others beside them.
    more: Vec<Rows>,
}

impl Variants {
    fn of(partial: &[PartialTable]) -> Self {
        let each = |rows: &dyn Fn(&PartialTable) -> Vec<Json>| -> Rows { partial.iter().map(rows).collect() };
        let whole = each(&PartialTable::whole);
        let longest = whole.iter().map(Vec::len).max().unwrap_or_default();
        let fields: BTreeSet<&String> =
            whole.iter().flatten().filter_map(Json::as_object).flat_map(|row| row.keys()).collect();
        let mut more = vec![each(&PartialTable::twice), each(&PartialTable::with_strangers)];
        more.extend((0..longest.min(FEW)).map(|position| each(&|table| table.with_one_again(position))));
        more.extend(fields.into_iter().map(|field| each(&|table| table.with_another(field))));
        let gaps: Vec<(usize, &Gap)> = (partial.iter().enumerate())
            .flat_map(|(at, table)| table.gaps.iter().map(move |gap| (at, gap)))
            .take(MANY)
            .collect();
        let alone = |(at, gap): &(usize, &Gap)| -> Rows {
            let rows = |(position, table): (usize, &PartialTable)| {
                if position == *at { table.filled_from(std::slice::from_ref(*gap)) } else { table.observed() }
            };
            partial.iter().enumerate().map(rows).collect()
        };
        Self {
            filled: each(&|table| table.filled_from(&table.gaps)),
            parts: if gaps.len() < 2 { Vec::new() } else { gaps.iter().map(alone).collect() },
            empty: each(&|_| Vec::new()),
            more,
            whole,
        }
    }
}

/// The contexts in which a check's expressions are evaluated.
pub(super) struct Worlds<'a> {
    /// What was read: what is said comes from here.
    observed: Value,
    /// Whether a reading is missing as a whole, or a field of one.
    unread: bool,
    /// With the fields that could not be read as they are as far as they were.
    as_read: Option<Value>,
    /// Between which numbers fields lie that could not be read.
    between: BTreeMap<String, Interval>,
    /// Where something is missing of a table.
    others: Option<Others<'a>>,
}

/// What else may be the case.
struct Others<'a> {
    /// The context in which the tables hold these rows.
    world: Box<dyn Fn(&Rows) -> Value + 'a>,
    filled: Other,
    parts: Vec<Other>,
    whole: Other,
    empty: Other,
    more: Vec<Other>,
}

/// A context that is made when it is looked at: most expressions are decided before all of them are.
struct Other {
    rows: Rows,
    made: OnceCell<Value>,
}

impl Other {
    fn of(rows: Rows) -> Self {
        Self { rows, made: OnceCell::new() }
    }
}

impl<'a> Others<'a> {
    fn of(variants: Variants, world: Box<dyn Fn(&Rows) -> Value + 'a>) -> Self {
        let all = |variants: Vec<Rows>| variants.into_iter().map(Other::of).collect();
        Self {
            world,
            filled: Other::of(variants.filled),
            parts: all(variants.parts),
            whole: Other::of(variants.whole),
            empty: Other::of(variants.empty),
            more: all(variants.more),
        }
    }

    fn context<'s>(&'s self, other: &'s Other) -> &'s Value {
        other.made.get_or_init(|| (self.world)(&other.rows))
    }
}

impl<'a> Worlds<'a> {
    /// `context` holds everything but the readings of `families`, of which those of `aws` may be `partial`; the check's
    /// bindings are added. `lacking` says what of it is [`unread`].
    ///
    /// # Errors
    /// A binding fails although nothing is missing. Where something is, a binding that rests on it is not known, and
    /// neither is what uses it.
    pub(super) fn new(
        check: &'a Check,
        engine: &'a Engine,
        context: &'a BTreeMap<String, Value>,
        families: &'a BTreeMap<&'a str, BTreeMap<&'a str, Value>>,
        partial: &'a [PartialTable],
        Lacking { unread, as_read, between }: Lacking<'a>,
    ) -> Result<Self, ExpressionError> {
        let world = move |rows: Option<&Rows>, read: &BTreeMap<&str, Value>| -> Result<Value, ExpressionError> {
            let mut context = context.clone();
            for (family, readings) in families {
                let mut readings: BTreeMap<&str, Value> = readings.clone();
                if *family == "aws" {
                    readings.extend(read.iter().map(|(name, value)| (*name, value.clone())));
                }
                if let Some(rows) = rows
                    && *family == "aws"
                {
                    let tables = partial.iter().zip(rows);
                    readings.extend(tables.map(|(table, rows)| (table.name.as_str(), value_of(rows))));
                }
                context.insert((*family).to_owned(), value_of(&readings));
            }
            for (name, expression) in &check.bindings {
                match engine.evaluate(&expression.text, &value_of(&context)) {
                    Ok(value) => {
                        context.insert(name.clone(), value);
                    }
                    Err(_) if unread || rows.is_some() => {
                        context.insert(name.clone(), self::unread());
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(value_of(&context))
        };
        let nothing = BTreeMap::new();
        if partial.is_empty() {
            let read = if as_read.is_empty() { None } else { Some(world(None, &as_read)?) };
            return Ok(Self { observed: world(None, &nothing)?, unread, as_read: read, between, others: None });
        }
        let observed: Rows = partial.iter().map(PartialTable::observed).collect();
        let observed = world(Some(&observed), &nothing)?;
        // A binding that fails where something is missing is not known, so that a world itself never fails.
        let of_rows = move |rows: &Rows| world(Some(rows), &BTreeMap::new()).unwrap_or(Value::UNDEFINED);
        let others = Some(Others::of(Variants::of(partial), Box::new(of_rows)));
        Ok(Self { observed, unread, as_read: None, between, others })
    }

    /// Between which numbers a field lies that could not be read.
    pub(super) fn between(&self, name: &str) -> Option<Interval> {
        self.between.get(name).copied()
    }

    /// Whether a reading is missing as a whole.
    pub(super) fn lacks_a_reading(&self) -> bool {
        self.unread
    }

    /// What `of` gives, whatever the missing readings and rows hold; `None` where they may change it.
    ///
    /// # Errors
    /// It fails although nothing is missing.
    pub(super) fn settled<T: PartialEq>(
        &self,
        of: impl Fn(&Value) -> Result<T, ExpressionError>,
    ) -> Result<Option<T>, ExpressionError> {
        let Some(others) = &self.others else {
            return match of(&self.observed) {
                Err(_) if self.unread => Ok(None),
                given => given.map(Some),
            };
        };
        let same = |other: &Other, as_here: &T| of(others.context(other)).is_ok_and(|value| value == *as_here);
        if let (Ok(observed), Ok(filled)) = (of(&self.observed), of(others.context(&others.filled))) {
            let agreed = observed == filled && others.parts.iter().all(|part| same(part, &observed));
            return Ok(agreed.then_some(observed));
        }
        let Ok(whole) = of(others.context(&others.whole)) else { return Ok(None) };
        let caused = of(others.context(&others.empty)).is_ok_and(|value| value != whole);
        Ok((caused && others.more.iter().all(|other| same(other, &whole))).then_some(whole))
    }

    /// A text about what was read; `None` where it cannot be said without what is missing.
    ///
    /// # Errors
    /// It fails although nothing is missing; where something is, the rows of which all is known are told, and of a count what
    /// was counted.
    pub(super) fn told(
        &self,
        of: impl Fn(&Value) -> Result<String, ExpressionError>,
    ) -> Result<Option<String>, ExpressionError> {
        match (of(&self.observed), &self.others) {
            (Ok(told), _) => Ok(Some(told)),
            (Err(_), Some(others)) => Ok(of(others.context(&others.whole)).ok()),
            (Err(_), None) if self.unread => Ok(self.as_read.as_ref().and_then(|read| of(read).ok())),
            (Err(error), None) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use stackmark_evidence::{Cause, Unreadable};

    fn table(rows: Json, gaps: Vec<Gap>) -> PartialTable {
        let rows = rows.as_array().cloned().unwrap();
        let mut table = PartialTable { name: "buckets".to_owned(), rows, gaps: Vec::new(), unreadable: Vec::new() };
        gaps.into_iter().for_each(|gap| table.add("/aws/gaps/buckets".to_owned(), gap));
        table
    }

    fn denied() -> Unreadable {
        Unreadable::new(Cause::Denied, "s3:GetBucketTagging: AccessDenied")
    }

    fn known(row: Json) -> BTreeMap<String, Json> {
        row.as_object().unwrap().clone().into_iter().collect()
    }

    fn worlds(rows: Json, gaps: Vec<Gap>) -> Worlds<'static> {
        let partial = [table(rows, gaps)];
        let world = |rows: &Rows| value_of(json!({ "rows": rows[0] }));
        let others = Others::of(Variants::of(&partial), Box::new(world));
        let observed = value_of(json!({ "rows": partial[0].observed() }));
        Worlds { observed, unread: false, as_read: None, between: BTreeMap::new(), others: Some(others) }
    }

    /// What an expression over `rows` gives where `gaps` are missing.
    fn settled(expression: &str, rows: Json, gaps: Vec<Gap>) -> Option<bool> {
        let engine = Engine::new();
        let of = |context: &Value| engine.evaluate(expression, context).map(|value| value.is_true());
        worlds(rows, gaps).settled(of).unwrap()
    }

    #[test]
    fn what_the_rows_at_hand_cause_is_decided() {
        let rows = || json!([{ "name": "a", "open": false }, { "name": "b", "open": true }]);
        let any = || vec![Gap::rows(BTreeMap::new(), denied())];
        for (expression, expected) in [
            ("rows | where('name', 'eq', 'a') | length >= 1", Some(true)),
            ("rows | where('name', 'eq', 'c') | length >= 1", None),
            ("rows | where('open') | length == 0", Some(false)),
            ("rows | where('name', 'eq', 'c') | length == 0", None),
            ("rows | length >= 2", Some(true)),
            ("rows | length >= 3", None),
            ("rows | length == 2", None),
            ("rows | all('open')", Some(false)),
            ("rows | all('name')", None),
        ] {
            assert_eq!(settled(expression, rows(), any()), expected, "{expression}");
        }
        for expression in ["rows | length == 0", "rows | all('open')", "rows | any('open')"] {
            assert_eq!(settled(expression, json!([]), any()), None, "nothing was read: {expression}");
        }
        assert_eq!(settled("true or rows | all('open')", rows(), any()), Some(true), "the rows do not matter");
    }

    #[test]
    fn a_missing_row_that_is_told_apart_by_what_is_known_does_not_matter() {
        let rows = || json!([{ "name": "ours", "open": false }]);
        let strangers = || vec![Gap::row(known(json!({ "name": "theirs" })), denied())];
        let ours = "rows | where('name', 'in', rows | pluck('name') | matching('^ours'))";
        assert_eq!(settled(&format!("{ours} | all('open', 'eq', false)"), rows(), strangers()), Some(true));
        assert_eq!(settled("rows | all('open', 'eq', false)", rows(), strangers()), None, "theirs may be open");
        assert_eq!(settled("rows | any('name', 'eq', 'third')", rows(), strangers()), Some(false));
    }

    #[test]
    fn a_row_that_may_belong_matters_where_it_changes_the_result() {
        let rows = || json!([{ "kind": "m4" }]);
        let doubtful = |kind: &str| vec![Gap::row(known(json!({ "kind": kind })), denied())];
        let found = "rows | where('kind', 'eq', 'm4') | length >= 2";
        assert_eq!(settled(found, rows(), doubtful("m4")), None);
        assert_eq!(settled(found, rows(), doubtful("t2")), Some(false), "of another kind, it does not help");
    }

    #[test]
    fn a_field_that_was_not_read_matters_to_who_asks_for_it() {
        let rows = || json!([{ "name": "a", "block": null }, { "name": "b", "block": true }]);
        let gap = || vec![Gap::fields(known(json!({ "name": "a" })), &["block"], denied())];
        assert_eq!(settled("rows | length == 2", rows(), gap()), Some(true));
        assert_eq!(settled("rows | where('name', 'eq', 'b') | all('block')", rows(), gap()), Some(true));
        assert_eq!(settled("rows | all('block')", rows(), gap()), None, "null stands there, and is not what it is");
    }

    #[test]
    fn a_share_that_a_missing_row_would_move_is_open() {
        let engine = Engine::new();
        let share = |expression: &str, rows: Json| {
            let of = |context: &Value| engine.evaluate(expression, context).map(|value| value.to_string());
            worlds(rows, vec![Gap::rows(BTreeMap::new(), denied())]).settled(of).unwrap()
        };
        let good = "ratio(rows | where('timeout', 'le', 30) | length, rows | length)";
        let rows = |second: i64| json!([{ "name": "a", "timeout": 10 }, { "name": "b", "timeout": second }]);
        assert_eq!(share(good, rows(900)), None, "one of two, and another may be good");
        assert_eq!(share(good, rows(20)), None, "all of two, and another may be bad");
        let running = "ratio(rows | where('state', 'eq', 'running') | where('tags.team', 'eq', 'a') | length, \
                       rows | where('state', 'eq', 'running') | length)";
        let tagged = json!([{ "state": "running", "tags": { "team": "a" } }]);
        assert_eq!(share(running, tagged), None, "another may run without the tag");
        let lists = "ratio(rows | pluck('drivers') | flatten | where('name', 'eq', 'logs') | length, \
                     rows | pluck('drivers') | flatten | length)";
        assert_eq!(share(lists, json!([{ "drivers": [{ "name": "logs" }] }])), None, "another may not log");
        let enough = "ratio(rows | where('timeout', 'le', 30) | length, 2)";
        assert!(share(enough, rows(20)).is_some(), "more than enough is enough");
        assert_eq!(share(enough, rows(900)), None);
    }

    #[test]
    fn one_doubtful_row_alone_may_decide_otherwise_than_all() {
        let doubtful = |size: i64| Gap::row(known(json!({ "size": size })), denied());
        let right = "rows | length >= 1 and rows | all('size', 'eq', 2)";
        assert_eq!(settled(right, json!([]), vec![doubtful(2), doubtful(3)]), None, "the first may be the team's");
        assert_eq!(settled(right, json!([]), vec![doubtful(3), doubtful(4)]), Some(false));
    }

    #[test]
    fn each_cause_is_told_once() {
        let gaps = vec![Gap::rows(BTreeMap::new(), denied()), Gap::row(known(json!({ "name": "x" })), denied())];
        assert_eq!(table(json!([]), gaps).unreadable().len(), 1);
    }
}
