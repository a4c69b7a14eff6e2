//! The scorecard: criteria → items → outcomes → points, then adjustments.

use serde::{Deserialize, Serialize};

use super::picture::LoadPicture;
use stackmark_course::Rubric;
use stackmark_evidence::points::Points;
use stackmark_evidence::{Tool, Unreadable};

/// The format of `scorecard.json`; a reader refuses any other.
pub const SCHEMA: &str = "stackmark/scorecard/v1";

/// One team's marks, complete: renderers derive nothing again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    /// Which format this is, with its version.
    pub schema: String,
    /// The program that judged.
    pub tool: Tool,
    /// The team's id.
    pub team: String,
    /// The rubric that weighed.
    pub rubric: RubricStamp,
    /// SHA-256 of `evidence.json`, as stored.
    pub evidence_sha256: String,
    /// SHA-256 of `overrides.toml`, where there is one.
    pub overrides_sha256: Option<String>,
    /// The mark.
    pub mark: Mark,
    /// In the rubric's order.
    pub criteria: Vec<CriterionScore>,
    /// Added to the sum of the criteria, each its own line.
    pub adjustments: Vec<Adjustment>,
    /// Overrides that were not applied: made for another rubric, or of items that this one does not have.
    pub unmatched_overrides: Vec<String>,
    /// Why the mark is zero, whatever the criteria and the adjustments add up to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zero: Option<Zero>,
    /// The other commit that was graded under the late policy, and that counts for less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<OtherCommit>,
}

/// A commit that was graded as well and does not count: the last one in time beside a later one, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherCommit {
    /// Full object id; `None` if nothing was there in time.
    pub commit: Option<String>,
    /// When it was made, as the evidence has it.
    pub committed_at: Option<String>,
    /// Whether it is the one in time.
    pub in_time: bool,
    /// What it gives, deduction included.
    pub mark: Mark,
}

/// A zero that the course's policy asks for, confirmed by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zero {
    /// Why.
    pub reason: String,
    /// Who confirmed it.
    pub by: String,
    /// When, as written in the file.
    pub when: String,
}

/// Which rubric it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RubricStamp {
    /// File name without its ending.
    pub id: String,
    /// As printed.
    pub title: String,
    /// `en`, `fr` or `it`.
    pub language: String,
    /// Over the rubric and every check that it uses.
    pub sha256: String,
}

impl RubricStamp {
    /// Of a valid rubric.
    pub fn of(rubric: &Rubric) -> Self {
        Self {
            id: rubric.id.clone(),
            title: rubric.title.clone(),
            language: rubric.language.clone(),
            sha256: rubric.sha256(),
        }
    }
}

/// Points as an interval: equal ends where nothing is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// If every open item earns no more than what is sure of it.
    pub low: Points,
    /// If every open item earns all that it still can.
    pub high: Points,
    /// What can be earned.
    pub of: Points,
    /// Items undetermined or waiting for a human.
    pub open: u64,
}

/// One criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CriterionScore {
    /// As in the rubric.
    pub id: String,
    /// As printed; `None` takes the language's own title for a built-in criterion.
    pub title: Option<String>,
    /// Sum of the items.
    pub mark: Mark,
    /// In the rubric's order.
    pub items: Vec<ItemScore>,
}

/// One item: a check, weighed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemScore {
    /// `criterion/name`, unique in the rubric.
    pub id: String,
    /// `family/name`.
    pub check: String,
    /// Subtotal that it belongs to, where the rubric names one.
    pub part: Option<String>,
    /// What it earns.
    pub mark: Mark,
    /// What was measured.
    pub outcome: Outcome,
    /// What a person decided instead.
    pub settled: Option<Settled>,
}

/// The six outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything that is expected is there.
    Pass,
    /// A part of it.
    Partial,
    /// Nothing of it, or the gate was shut.
    Fail,
    /// What it rests on could not be read.
    Undetermined,
    /// A person has to look.
    Manual,
    /// The check says that it does not apply to this team; it counts in full.
    NotApplicable,
}

impl Verdict {
    /// The word used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Partial => "partial",
            Self::Fail => "fail",
            Self::Undetermined => "undetermined",
            Self::Manual => "manual",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Whether the points are still open.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Undetermined | Self::Manual)
    }
}

/// What a check said of the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which of the six.
    pub verdict: Verdict,
    /// Share of the points earned, 0..1; for open outcomes 0.
    pub ratio: f64,
    /// For open outcomes, the share of the points that is earned whatever is found; `None` where none is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// For open outcomes, the share of the points that a person may still give, where the rest is lost whatever is found;
    /// `None` where all of them are open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// What was expected: the check's title with its parameters.
    pub expected: String,
    /// What was seen; for open outcomes, what stands in the way or what to look at.
    pub actual: String,
    /// What only whoever decides reads beside it, as how the work came about; the team's report never has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_marker: Option<String>,
    /// Why it matters.
    pub why: String,
    /// What to do about it.
    pub fix: String,
    /// Whether an item is open by what is known of its evidence, and not by a question of its check: then `fix` is the team's
    /// next step, and the team reads `actual`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub next_step: bool,
    /// Each expectation, in order; empty for metrics and manual checks.
    pub expectations: Vec<Expectation>,
    /// JSON pointers into `evidence.json`.
    pub evidence: Vec<String>,
    /// What could not be read, for undetermined outcomes.
    pub unreadable: Vec<UnreadableReading>,
    /// What is worth a drawing beside the item: the loads that it judges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<LoadPicture>,
}

impl Outcome {
    /// Shares of the points that are earned at least, and at most.
    pub fn ends(&self) -> (f64, f64) {
        match self.verdict.is_open() {
            true => (self.at_least.unwrap_or(0.0), self.at_most.unwrap_or(1.0)),
            false => (self.ratio, self.ratio),
        }
    }

    /// What was seen, as whoever decides reads it.
    pub fn in_full(&self) -> String {
        match &self.for_marker {
            Some(more) => format!("{}; {more}", self.actual),
            None => self.actual.clone(),
        }
    }

    /// Whether some of the points are surely lost, so far.
    pub(crate) fn loses(&self) -> bool {
        match self.verdict {
            Verdict::Fail | Verdict::Partial => true,
            Verdict::Undetermined | Verdict::Manual => self.at_most.is_some(),
            Verdict::Pass | Verdict::NotApplicable => false,
        }
    }

    /// Whether some of the points are surely earned by what was found, so far.
    pub(crate) fn gives(&self) -> bool {
        match self.verdict {
            Verdict::Pass => true,
            Verdict::Partial => self.ratio > 0.0,
            Verdict::Undetermined | Verdict::Manual => self.at_least.is_some(),
            Verdict::Fail | Verdict::NotApplicable => false,
        }
    }

    /// Leaves open what is lost so far: what is earned stays earned. What was open for another reason stays so.
    pub(crate) fn leave_the_loss_open(&mut self, verdict: Verdict) {
        let (least, _) = self.ends();
        self.leave_open(verdict, least, 1.0);
    }

    /// Leaves open what is earned so far: what is lost stays lost. What was open for another reason stays so.
    pub(crate) fn leave_the_gain_open(&mut self, verdict: Verdict) {
        let (_, most) = self.ends();
        self.leave_open(verdict, 0.0, most);
    }

    /// Leaves open what lies between two shares of the points.
    pub(crate) fn leave_open(&mut self, verdict: Verdict, least: f64, most: f64) {
        if !self.verdict.is_open() {
            self.verdict = verdict;
        }
        self.ratio = 0.0;
        self.at_least = (least > 0.0).then_some(least);
        self.at_most = (most < 1.0).then_some(most);
    }
}

/// One expectation of a check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// Whether it was met; `None` where a shut gate left it unasked, and where rows that could not be read may decide it.
    pub met: Option<bool>,
    /// What the check says of it when it is not met.
    pub says: Option<String>,
    /// Its part of the weights, 0..1; a gate weighs nothing.
    pub share: f64,
}

/// A reading that an outcome needed and that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadableReading {
    /// JSON pointer into `evidence.json`.
    pub pointer: String,
    /// Why.
    pub failure: Unreadable,
}

/// A person's decision about an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The points given.
    pub points: Points,
    /// What the measurement alone gave.
    pub measured: Mark,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When, as written in the file.
    pub when: String,
    /// Text of the request that the decision answers, if it answers one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<String>,
}

/// Points outside the criteria.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// May be negative.
    pub points: Points,
    /// Why.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// When, as written in the file.
    pub when: String,
}

impl UnreadableReading {
    /// Its pointer as people write it: `/aws/instances` is `aws.instances`, an exchange or a load what it sent.
    pub fn name(&self) -> String {
        if let Some(kind) = self.pointer.strip_prefix("/aws/resource_gaps/") {
            return format!("aws.resources of type {kind}");
        }
        if let Some(table) = self.pointer.strip_prefix("/aws/gaps/") {
            return format!("a part of aws.{table}");
        }
        let named = ["/http/exchanges/", "/http/loads/"].iter().find_map(|place| self.pointer.strip_prefix(place));
        match named {
            Some(request) => request.replace("~1", "/").replace("~0", "~"),
            None => self.pointer.trim_start_matches('/').replace('/', "."),
        }
    }
}

impl Mark {
    /// A mark with nothing open.
    pub fn certain(points: Points, of: Points) -> Self {
        Self { low: points, high: points, of, open: 0 }
    }

    /// A mark of which everything is open.
    pub fn open(of: Points) -> Self {
        Self { low: Points::ZERO, high: of, of, open: 1 }
    }

    /// A mark of which `least` is earned, no more than `most` can be, and what lies between is open.
    pub fn open_between(least: Points, most: Points, of: Points) -> Self {
        Self { low: least.min(most), high: most, ..Self::open(of) }
    }

    /// Points that are open: neither earned nor lost.
    pub fn at_stake(self) -> Points {
        self.high - self.low
    }

    /// Points that are surely lost.
    pub fn lost(self) -> Points {
        self.of - self.high
    }
}

impl std::iter::Sum for Mark {
    fn sum<I: Iterator<Item = Self>>(marks: I) -> Self {
        marks.fold(Self::certain(Points::ZERO, Points::ZERO), |sum, mark| Self {
            low: sum.low + mark.low,
            high: sum.high + mark.high,
            of: sum.of + mark.of,
            open: sum.open + mark.open,
        })
    }
}

impl std::fmt::Display for Mark {
    /// `81 of 100`, or `71–81 of 100`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.low == self.high {
            write!(f, "{} of {}", self.low, self.of)
        } else {
            write!(f, "{}–{} of {}", self.low, self.high, self.of)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn outcome(ratio: f64) -> Outcome {
        let verdict = match ratio {
            ratio if ratio >= 1.0 => Verdict::Pass,
            ratio if ratio > 0.0 => Verdict::Partial,
            _ => Verdict::Fail,
        };
        let (verdict, none) = (serde_json::to_value(verdict).expect("a word"), Vec::<String>::new());
        // As an older version stored it, without ends.
        let stored = json!({
            "verdict": verdict, "ratio": ratio, "expected": "", "actual": "", "why": "", "fix": "", "expectations": none,
            "evidence": none, "unreadable": none,
        });
        serde_json::from_value(stored).expect("an outcome")
    }

    proptest! {
        /// Doubts in whatever order: each widens the interval on its own side alone.
        #[test]
        fn a_doubt_opens_its_own_side_only(ratio in 0..5_u8, doubts in prop::collection::vec(any::<bool>(), 0..5)) {
            let ratio = f64::from(ratio) / 4.0;
            let mut outcome = outcome(ratio);
            for over_the_loss in &doubts {
                match over_the_loss {
                    true if outcome.loses() => outcome.leave_the_loss_open(Verdict::Manual),
                    false if outcome.gives() => outcome.leave_the_gain_open(Verdict::Manual),
                    _ => {}
                }
            }
            let least = if doubts.contains(&false) { 0.0 } else { ratio };
            let most = if doubts.contains(&true) { 1.0 } else { ratio };
            let (low, high) = outcome.ends();
            prop_assert!((low - least).abs() < 1e-9 && (high - most).abs() < 1e-9, "{low}..{high} of {ratio}");
        }
    }
}
