//! What else tables with gaps may hold.
//!
//! A world is a word for its rows until it is looked at. Then its rows are the values that every other world has, and what
//! differs; of a large table no world outlives the expression that was evaluated in it.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use minijinja::Value;
use serde_json::Value as Json;

use super::partial::{PartialTable, SharedRows};
use super::sought::{Path, Sought};

/// Gaps of which each is tried alone.
const MANY: usize = 32;

/// Rows of a table that are tried once more, each in a world of its own: enough to move a share.
const FEW: usize = 8;

/// Worlds in which a missing row has what a check looks for.
pub(super) const MOST_SOUGHT: usize = 1024;

/// Rows that all of these hold together: a large table has fewer worlds.
const MOST_ROWS: usize = 10_000;

/// Elements of lists in these rows: a filter goes through them as well.
const MOST_ELEMENTS: usize = 200_000;

/// Rows of the worlds that are kept for the next expression.
const MOST_KEPT: usize = 10_000;

/// The rows of each table in one world, in the tables' order.
pub(super) type Rows = Vec<Vec<Value>>;

/// How the rows of a world differ from those at hand.
enum Change {
    /// With what is known of the missing ones.
    Filled,
    /// With what is known by one gap of one table.
    Alone(usize, usize),
    Whole,
    Empty,
    Twice,
    Strangers,
    Again(usize),
    Another(String),
    Sought(Path, Json),
}

/// A world.
pub(super) struct Other {
    change: Change,
    /// Its context, where it is kept.
    kept: Option<OnceCell<Value>>,
}

/// What else the tables may hold.
pub(super) struct Variants {
    tables: Vec<SharedRows>,
    pub(super) filled: Other,
    /// What is known of one missing row alone, where there are several.
    pub(super) parts: Vec<Other>,
    pub(super) whole: Other,
    pub(super) empty: Other,
    /// The rows at hand and others beside them.
    pub(super) more: Vec<Other>,
    /// Whether these are all that would have to be looked at.
    pub(super) all: bool,
}

impl Variants {
    /// `sought` is what the check looks for.
    pub(super) fn of(partial: &[PartialTable], sought: &Sought) -> Self {
        let tables: Vec<SharedRows> = partial.iter().map(SharedRows::of).collect();
        let rows = || tables.iter().flat_map(|table| &table.plain);
        let longest = tables.iter().map(|table| table.plain.len()).max().unwrap_or_default();
        let fields: BTreeSet<&String> = rows().filter_map(Json::as_object).flat_map(|row| row.keys()).collect();
        let mut more = vec![Change::Twice, Change::Strangers];
        more.extend((0..longest.min(FEW)).map(Change::Again));
        more.extend(fields.into_iter().map(|field| Change::Another(field.clone())));
        let examples: Vec<Json> = tables.iter().flat_map(|table| &table.examples).map(|(row, _)| row.clone()).collect();
        let asked = sought.in_fields_of(&examples);
        let count = rows().count() + examples.len();
        let elements = rows().chain(&examples).map(elements).sum::<usize>();
        let most = (MOST_ROWS / count.max(1)).min(MOST_ELEMENTS / elements.max(1)).min(MOST_SOUGHT);
        let all = asked.len() <= most;
        more.extend(asked.into_iter().take(most).map(|(path, value)| Change::Sought(path, value)));
        let gaps: Vec<(usize, usize)> = (tables.iter().enumerate())
            .flat_map(|(at, table)| (0..table.gaps()).map(move |gap| (at, gap)))
            .take(MANY)
            .collect();
        let parts = if gaps.len() < 2 { Vec::new() } else { gaps };
        // With every field of every row changed in three ways, a world has up to four times the rows at hand.
        let is_small = count.saturating_mul(4).saturating_mul(more.len() + parts.len()) <= MOST_KEPT;
        let of = |change: Change| Other { change, kept: is_small.then(OnceCell::new) };
        let always = |change: Change| Other { change, kept: Some(OnceCell::new()) };
        Self {
            tables,
            filled: always(Change::Filled),
            parts: parts.into_iter().map(|(table, gap)| of(Change::Alone(table, gap))).collect(),
            whole: always(Change::Whole),
            empty: always(Change::Empty),
            more: more.into_iter().map(of).collect(),
            all,
        }
    }

    /// The rows as they were read, without the fields that could not be.
    pub(super) fn observed(&self) -> Rows {
        self.tables.iter().map(|table| table.observed.clone()).collect()
    }

    /// What `of` gives in a world; `context` makes one of its rows.
    pub(super) fn look<T>(&self, other: &Other, context: impl Fn(&Rows) -> Value, of: impl FnOnce(&Value) -> T) -> T {
        let make = || context(&self.rows(&other.change));
        match &other.kept {
            Some(kept) => of(kept.get_or_init(make)),
            None => of(&make()),
        }
    }

    fn rows(&self, change: &Change) -> Rows {
        let each = |rows: &dyn Fn(&SharedRows) -> Vec<Value>| -> Rows { self.tables.iter().map(rows).collect() };
        match change {
            Change::Filled => each(&|table| table.filled(None)),
            Change::Alone(at, gap) => {
                let rows = |(position, table): (usize, &SharedRows)| {
                    if position == *at { table.filled(Some(*gap)) } else { table.observed.clone() }
                };
                self.tables.iter().enumerate().map(rows).collect()
            }
            Change::Whole => each(&|table| table.whole.clone()),
            Change::Empty => each(&|_| Vec::new()),
            Change::Twice => each(&SharedRows::twice),
            Change::Strangers => each(&SharedRows::with_strangers),
            Change::Again(position) => each(&|table| table.with_one_again(*position)),
            Change::Another(field) => each(&|table| table.with_another(field)),
            Change::Sought(path, value) => each(&|table| table.with_sought(path, value)),
        }
    }
}

/// Elements of all lists in a row.
fn elements(value: &Json) -> usize {
    match value {
        Json::Array(inner) => inner.len() + inner.iter().map(elements).sum::<usize>(),
        Json::Object(fields) => fields.values().map(elements).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => 0,
    }
}
