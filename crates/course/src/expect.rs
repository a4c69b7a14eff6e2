//! How a check turns evidence into a share of the points.

use std::ops::Range;

use super::reader::{Entry, Table};

/// Text with its place, so that a problem found later still points at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned {
    /// An expression or a template.
    pub text: String,
    /// Bytes of the document, quotes included.
    pub span: Range<usize>,
}

/// One `[[expect]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// An expression that gives true, false or a share from 0 to 1.
    pub that: Spanned,
    /// A template: what is to be said where it is not met in full.
    pub says: Spanned,
    /// Where it is not met at all, nothing after it counts and the check fails.
    pub gate: bool,
    /// Its weight among the expectations; a gate has none unless it says so.
    pub weight: f64,
}

/// The rule of a check: exactly one of the three.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// The share of the weights that is met, each in proportion.
    Expects(Vec<Expect>),
    /// A measure mapped to 0..1, and what is said of it below 1.
    Score {
        /// An expression that gives a number; it is clamped to 0..1.
        score: Spanned,
        /// A template.
        says: Spanned,
    },
    /// A template: what the marker has to look at.
    Manual(Spanned),
}

impl Rule {
    /// Reads `[[expect]]`, `score` with `says`, or `manual`.
    pub fn read(table: &Table<'_>) -> Option<Self> {
        let expects = table.tables("expect");
        let (score, says, manual) = (table.get("score"), table.get("says"), table.get("manual"));
        let given = usize::from(!expects.is_empty()) + usize::from(score.is_some()) + usize::from(manual.is_some());
        if given != 1 {
            let message = if given == 0 { "the check judges nothing" } else { "the check judges in two ways" };
            let fix =
                "give it exactly one of [[expect]] tables, `score = \"<expression>\"` or `manual = \"<guidance>\"`";
            table.reader().error(table.span(), message, fix);
            return None;
        }
        if let (Some(says), None) = (&says, &score) {
            says.error("`says` belongs to `score` here", "put it into its [[expect]]");
        }
        if let Some(score) = score {
            let says = match says {
                Some(says) => Some(says),
                None => table.require("says", "\"… is {{ … }}\""),
            };
            return Some(Self::Score { score: spanned(&score)?, says: spanned(&says?)? });
        }
        if let Some(manual) = manual {
            return Some(Self::Manual(spanned(&manual)?));
        }
        let count = expects.len();
        let read: Vec<Expect> = expects.into_iter().filter_map(expect).collect();
        (read.len() == count).then_some(Self::Expects(read))
    }
}

fn expect(table: Table<'_>) -> Option<Expect> {
    let that = table.require("that", "\"groups | length >= 1\"").and_then(|that| spanned(&that));
    let says = table.require("says", "\"…\"").and_then(|says| spanned(&says));
    let gate = table.get("gate").map_or(Some(false), |gate| gate.boolean());
    let weight = table.get("weight");
    let value = weight.as_ref().map(Entry::number);
    if let (Some(weight), Some(Some(number))) = (&weight, value)
        && !(number > 0.0 && number <= 1000.0)
    {
        weight.error(format!("`{}` is {number}", weight.name), "a weight is above 0 and at most 1000");
    }
    table.finish();
    let gate = gate?;
    let weight = match value {
        Some(number) => number?,
        None if gate => 0.0,
        None => 1.0,
    };
    Some(Expect { that: that?, says: says?, gate, weight })
}

/// The text of `entry`, not blank, with its place.
pub fn spanned(entry: &Entry<'_>) -> Option<Spanned> {
    Some(Spanned { text: entry.text()?, span: entry.span.clone() })
}
