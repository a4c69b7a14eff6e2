//! Tables with gaps: a check decides where the rows that were read decide, whatever the missing rows hold.
//!
//! No check has to think of it. Each of its expressions is evaluated in several worlds, and holds only where the missing
//! rows cannot change it:
//!
//! - with what is known of the missing rows put in, all of it and each alone, and the rest of their fields missing, so that
//!   asking for one fails: an expression that gives the same as without them does not rest on what is unknown;
//! - otherwise without any row, with every row twice, with one of them once more, with rows that are like nobody's, with
//!   rows that differ from those at hand in one field, and with a row that has in one field what the check looks for: what the
//!   rows at hand cause (there is one; one of them is open to the world), more rows do not undo. A share that they would move
//!   is open, and so is what too many worlds would have to be made for.
//!
//! Of a reading that could not be read at all, nothing is known: what asks for it fails, and so what an expression gives
//! without asking for it holds whatever it is.

use std::collections::BTreeMap;

use minijinja::Value;

use super::interval::Interval;
use super::missing::Lacking;
pub(super) use super::partial::{PartialTable, unread};
use super::sought::Sought;
use super::variants::{Other, Rows, Variants};
use stackmark_course::Check;
use stackmark_language::expression::{Engine, ExpressionError, value_of};

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
    variants: Variants,
}

impl Others<'_> {
    /// What `of` gives in one of the worlds.
    fn look<T>(&self, other: &Other, of: impl FnOnce(&Value) -> T) -> T {
        self.variants.look(other, &self.world, of)
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
                    readings.extend(
                        tables.map(|(table, rows)| (table.name.as_str(), rows.iter().cloned().collect::<Value>())),
                    );
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
        let variants = Variants::of(partial, &Sought::by(check, context, families, partial));
        let observed = world(Some(&variants.observed()), &nothing)?;
        // A binding that fails where something is missing is not known, so that a world itself never fails.
        let of_rows = move |rows: &Rows| world(Some(rows), &BTreeMap::new()).unwrap_or(Value::UNDEFINED);
        let others = Some(Others { world: Box::new(of_rows), variants });
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
        let Variants { filled, parts, whole, empty, more, all, .. } = &others.variants;
        let same = |other: &Other, as_here: &T| others.look(other, &of).is_ok_and(|value| value == *as_here);
        if let (Ok(observed), Ok(filled)) = (of(&self.observed), others.look(filled, &of)) {
            let agreed = observed == filled && parts.iter().all(|part| same(part, &observed));
            return Ok(agreed.then_some(observed));
        }
        let Ok(whole) = others.look(whole, &of) else { return Ok(None) };
        let caused = others.look(empty, &of).is_ok_and(|value| value != whole);
        Ok((caused && *all && more.iter().all(|other| same(other, &whole))).then_some(whole))
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
            (Err(_), Some(others)) => Ok(others.look(&others.variants.whole, &of).ok()),
            (Err(_), None) if self.unread => Ok(self.as_read.as_ref().and_then(|read| of(read).ok())),
            (Err(error), None) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::partial::MADE;
    use super::super::variants::MOST_SOUGHT;
    use super::*;
    use stackmark_evidence::aws::Gap;
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
        sought_worlds(rows, gaps, &[])
    }

    fn sought_worlds(rows: Json, gaps: Vec<Gap>, sought: &[Json]) -> Worlds<'static> {
        let world = |rows: &Rows| value_of(BTreeMap::from([("rows", rows[0].iter().cloned().collect::<Value>())]));
        let variants = Variants::of(&[table(rows, gaps)], &Sought::of(sought.to_vec()));
        let observed = world(&variants.observed());
        let others = Some(Others { world: Box::new(world), variants });
        Worlds { observed, unread: false, as_read: None, between: BTreeMap::new(), others }
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
    fn a_missing_row_that_has_what_is_looked_for_opens_a_loss() {
        let engine = Engine::new();
        let share = |expression: &str, rows: Json, sought: Json| {
            let of = |context: &Value| engine.evaluate(expression, context).map(|value| value.to_string());
            let sought = sought.as_array().cloned().unwrap();
            sought_worlds(rows, vec![Gap::rows(BTreeMap::new(), denied())], &sought).settled(of).unwrap()
        };
        let kinds = "ratio(['stop', 'start'] | select('in', rows | pluck('kind')) | list | length, 2)";
        let stopped = || json!([{ "kind": "stop" }]);
        assert_eq!(share(kinds, stopped(), json!(["stop", "start"])), None, "the missing row may be the start");
        assert_eq!(share(kinds, stopped(), json!([])).as_deref(), Some("0.5"), "as nothing is looked for");
        let inner = "rows | pluck('versions') | flatten | pluck('kind') | select('in', ['t2', 't3']) | unique | length";
        assert_eq!(share(inner, json!([{ "versions": [{ "kind": "t3" }] }]), json!(["t2"])), None);
        let most = "rows | most_of('policies', ['P1', 'P2', 'P3']) | pluck('policies') | flatten | length";
        let both = json!([{ "policies": ["P1", "P2"] }]);
        assert_eq!(share(most, both, json!([["P1", "P2", "P3"]])), None, "one row may have the whole list");
        let open = "rows | all('cidr', 'ne', '0.0.0.0/0')";
        let to_all = json!([{ "cidr": "0.0.0.0/0" }, { "cidr": "10.0.0.0/8" }]);
        assert_eq!(share(open, to_all, json!(["0.0.0.0/0"])).as_deref(), Some("False"), "what is open stays open");
        let many: Vec<String> = (0..=MOST_SOUGHT).map(|n| format!("value-{n}")).collect();
        assert_eq!(share(kinds, stopped(), json!(many)), None, "not every world was looked at");
    }

    #[test]
    fn a_field_that_was_not_read_is_not_one_with_nothing_in_it() {
        let rows = || json!([{ "name": "a", "policy": "slow" }]);
        let another = || vec![Gap::row(known(json!({ "name": "b" })), denied())];
        let fast = "rows | having('policy') | any('policy', 'eq', 'fast')";
        assert_eq!(settled(fast, rows(), another()), None);
        let its_own = vec![Gap::fields(known(json!({ "name": "a" })), &["policy"], denied())];
        assert_eq!(settled("rows | having('policy') | length == 0", rows(), its_own), None);
        assert_eq!(settled("rows | having('name') | length >= 1", rows(), another()), Some(true));
    }

    /// 300 APIs with one gap took 50 s, and 1,000 instances 695 MB: each world made all rows for itself, and kept them.
    #[test]
    fn worlds_share_the_rows_and_keep_few() {
        let engine = Engine::new();
        let sought: Vec<Json> = (0..10).map(|n| json!(format!("value-{n}"))).collect();
        let of = |count: usize| {
            let rows: Vec<Json> = (0..count).map(|n| json!({ "name": format!("api-{n}"), "timeout": n })).collect();
            sought_worlds(Json::Array(rows), vec![Gap::rows(BTreeMap::new(), denied())], &sought)
        };
        let made = |worlds: &Worlds<'_>| {
            let before = MADE.get();
            let there = |context: &Value| engine.evaluate("rows | where('timeout', 'eq', 4) | length >= 1", context);
            let settled = worlds.settled(|context| there(context).map(|value| value.is_true())).unwrap();
            assert_eq!(settled, Some(true), "every world was looked at");
            MADE.get() - before
        };
        MADE.set(0);
        let large = of(300);
        assert_eq!(MADE.get(), 300, "each row is made once");
        // Two fields, of which each row has two other values; eight examples with ten values; a stranger or two.
        assert!(made(&large) <= 300 * 2 * 2 + 8 * 10 + 3, "{}", MADE.get());
        assert!(made(&large) >= 300, "no world of a large table is kept");
        let small = of(5);
        assert!(made(&small) > 0);
        assert_eq!(made(&small), 0, "each world of a small one is");
    }

    #[test]
    fn elements_of_lists_count_as_well() {
        let settled = |elements: usize| {
            let engine = Engine::new();
            let rows = ["a", "b"].map(|name| json!({ "name": name, "versions": vec![1; elements] }));
            let gaps = vec![Gap::rows(BTreeMap::new(), denied())];
            let worlds = sought_worlds(Json::Array(rows.into()), gaps, &[json!("c"), json!("d")]);
            let there = |context: &Value| engine.evaluate("rows | where('name', 'eq', 'a') | length >= 1", context);
            worlds.settled(|context| there(context).map(|value| value.is_true())).unwrap()
        };
        assert_eq!(settled(10), Some(true));
        assert_eq!(settled(60_000), None, "too many worlds for lists of this length");
    }

    #[test]
    fn each_cause_is_told_once() {
        let gaps = vec![Gap::rows(BTreeMap::new(), denied()), Gap::row(known(json!({ "name": "x" })), denied())];
        assert_eq!(table(json!([]), gaps).unreadable().len(), 1);
    }
}
