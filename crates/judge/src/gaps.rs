//! Tables with gaps: a check decides where the rows that were read decide, whatever the missing rows hold.
//!
//! No check has to think of it. Each of its expressions is evaluated in several worlds, and holds only where the missing
//! rows cannot change it:
//!
//! - with what is known of the missing rows put in, and the rest of their fields missing, so that asking for one fails: an
//!   expression that gives the same as without them does not rest on what is unknown;
//! - otherwise without any row, with every row twice, and with rows that are like nobody's: what the rows at hand cause
//!   (there is one; one of them is open to the world), more rows do not undo.

use std::collections::BTreeMap;

use minijinja::Value;
use serde_json::Value as Json;

use super::scorecard::UnreadableReading;
use stackmark_course::Check;
use stackmark_evidence::aws::{Gap, Missing};
use stackmark_language::expression::{Engine, ExpressionError, value_of};

/// Rows that stand for any number of missing ones: more than any check asks for.
const MANY: usize = 32;

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

    /// The rows, and what is known of the missing ones.
    fn filled(&self) -> Vec<Json> {
        let mut rows = self.observed();
        for gap in &self.gaps {
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

    /// The rows, and two that have nothing in their fields.
    fn with_strangers(&self) -> Vec<Json> {
        let mut rows = self.whole();
        if let Some(row) = rows.first().cloned() {
            rows.extend([false, true].map(|flag| blank(&row, flag)));
        }
        rows
    }
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

/// The contexts in which a check's expressions are evaluated.
pub(super) struct Worlds {
    /// What was read: what is said comes from here.
    observed: Value,
    /// Where something is missing.
    others: Option<Others>,
}

/// What else may be the case.
struct Others {
    filled: Value,
    whole: Value,
    empty: Value,
    twice: Value,
    strangers: Value,
}

impl Worlds {
    /// `context` holds everything but the readings of `families`, of which those of `aws` may be `partial`; the check's
    /// bindings are added.
    ///
    /// # Errors
    /// A binding fails although nothing is missing. Where something is, a binding that rests on it has no value, and
    /// neither has what uses it.
    pub(super) fn new(
        check: &Check,
        engine: &Engine,
        context: &BTreeMap<String, Value>,
        families: &BTreeMap<&str, BTreeMap<&str, Value>>,
        partial: &[PartialTable],
    ) -> Result<Self, ExpressionError> {
        let world = |rows: Option<fn(&PartialTable) -> Vec<Json>>| -> Result<Value, ExpressionError> {
            let mut context = context.clone();
            for (family, readings) in families {
                let mut readings: BTreeMap<&str, Value> = readings.clone();
                if let Some(rows) = rows
                    && *family == "aws"
                {
                    readings.extend(partial.iter().map(|table| (table.name.as_str(), value_of(rows(table)))));
                }
                context.insert((*family).to_owned(), value_of(&readings));
            }
            for (name, expression) in &check.bindings {
                match engine.evaluate(&expression.text, &value_of(&context)) {
                    Ok(value) => {
                        context.insert(name.clone(), value);
                    }
                    Err(_) if rows.is_some() => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(value_of(&context))
        };
        if partial.is_empty() {
            return Ok(Self { observed: world(None)?, others: None });
        }
        let others = Others {
            filled: world(Some(PartialTable::filled))?,
            whole: world(Some(PartialTable::whole))?,
            empty: world(Some(|_| Vec::new()))?,
            twice: world(Some(PartialTable::twice))?,
            strangers: world(Some(PartialTable::with_strangers))?,
        };
        Ok(Self { observed: world(Some(PartialTable::observed))?, others: Some(others) })
    }

    /// What `of` gives, whatever the missing rows hold; `None` where they may change it.
    ///
    /// # Errors
    /// It fails although nothing is missing.
    pub(super) fn settled<T: PartialEq>(
        &self,
        of: impl Fn(&Value) -> Result<T, ExpressionError>,
    ) -> Result<Option<T>, ExpressionError> {
        let Some(others) = &self.others else { return of(&self.observed).map(Some) };
        if let (Ok(observed), Ok(filled)) = (of(&self.observed), of(&others.filled)) {
            return Ok((observed == filled).then_some(observed));
        }
        let Ok(whole) = of(&others.whole) else { return Ok(None) };
        let same = |world: &Value| of(world).is_ok_and(|value| value == whole);
        let caused = of(&others.empty).is_ok_and(|value| value != whole);
        Ok((caused && same(&others.twice) && same(&others.strangers)).then_some(whole))
    }

    /// A text about what was read.
    ///
    /// # Errors
    /// It fails although nothing is missing; where something is, the rows of which all is known are told.
    pub(super) fn told(
        &self,
        of: impl Fn(&Value) -> Result<String, ExpressionError>,
    ) -> Result<String, ExpressionError> {
        let told = of(&self.observed);
        match &self.others {
            Some(others) if told.is_err() => of(&others.whole),
            _ => told,
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

    /// What an expression over `rows` gives where `gaps` are missing.
    fn settled(expression: &str, rows: Json, gaps: Vec<Gap>) -> Option<bool> {
        let engine = Engine::new();
        let partial = table(rows, gaps);
        let world = |rows: Vec<Json>| value_of(json!({ "rows": rows }));
        let others = Others {
            filled: world(partial.filled()),
            whole: world(partial.whole()),
            empty: world(Vec::new()),
            twice: world(partial.twice()),
            strangers: world(partial.with_strangers()),
        };
        let worlds = Worlds { observed: world(partial.observed()), others: Some(others) };
        worlds.settled(|context| engine.evaluate(expression, context).map(|value| value.is_true())).unwrap()
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
    fn each_cause_is_told_once() {
        let gaps = vec![Gap::rows(BTreeMap::new(), denied()), Gap::row(known(json!({ "name": "x" })), denied())];
        assert_eq!(table(json!([]), gaps).unreadable().len(), 1);
    }
}
