//! `result.json` of Classroom50. Its schema knows no key but its own, and whole numbers only: points are hundredths.

use serde_json::{Value, json};

use super::json::pretty_value;
use super::told::{self, State, Told};
use stackmark_evidence::Evidence;
use stackmark_evidence::points::Points;
use stackmark_judge::Scorecard;

/// Whose submission it is; only the runner knows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Submission {
    /// `CLASSROOM`.
    pub classroom: String,
    /// `ASSIGNMENT`.
    pub assignment: String,
    /// `ASSIGNMENT_TYPE`: `individual` or `group`.
    pub assignment_type: String,
    /// `OWNER`.
    pub owner: String,
    /// `SUBMISSION_TAG`: `submit/…`.
    pub submission: String,
    /// `COMMIT_URL`.
    pub commit: String,
    /// `RELEASE_URL`.
    pub release: String,
    /// `REVIEW_URL`.
    pub review: String,
}

/// The result: 71.3 of 100 points are 7130 of 10000, so that nothing is lost by rounding.
pub fn result(card: &Scorecard, evidence: &Evidence, submission: &Submission) -> String {
    let committed = evidence.git.head.value().map_or(&evidence.collected_at, |head| &head.committed_at);
    let tests: Vec<Value> = told::items(card).iter().map(test).collect();
    pretty_value(&json!({
        "schema": "classroom50/result/v1",
        "classroom": submission.classroom,
        "assignment": submission.assignment,
        "assignment_type": submission.assignment_type,
        "owner": submission.owner,
        "submission": submission.submission,
        "commit": submission.commit,
        "release": submission.release,
        "review": submission.review,
        "datetime": utc(committed),
        "score": whole(card.mark.low),
        "max-score": whole(card.mark.of),
        "tests": tests,
    }))
}

/// The mark on one line, for the runner's summary.
pub fn summary(card: &Scorecard) -> String {
    told::total(card)
}

fn test(item: &Told<'_>) -> Value {
    let message = match item.state {
        State::Undetermined => format!("undetermined, and not counted as lost: {}", item.message()),
        _ => item.message(),
    };
    json!({
        "test-name": item.name(),
        "passed": matches!(item.state, State::Passed | State::NotApplicable),
        "score": whole(item.mark.low),
        "max-score": whole(item.mark.of),
        "message": format!("{} points: {message}", item.mark),
    })
}

fn whole(points: Points) -> i64 {
    points.hundredths().max(0)
}

/// With `Z` instead of an offset; as it is where it is no time.
fn utc(moment: &str) -> String {
    match moment.parse::<jiff::Timestamp>() {
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => moment.to_owned(),
    }
}
