//! `results.json` of a Gradescope autograder.

use serde_json::{Value, json};

use super::json::pretty_value;
use super::told::{self, State, Told};
use stackmark_judge::Scorecard;

/// The score is what is certain; there is no third status, so that what is open says so in its output.
pub fn results(card: &Scorecard) -> String {
    let tests: Vec<Value> = told::items(card).iter().map(test).collect();
    pretty_value(&json!({
        "score": card.mark.low,
        "output": told::total(card),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": { "stackmark": {
            "evidence_sha256": card.evidence_sha256,
            "rubric_sha256": card.rubric.sha256,
            "low": card.mark.low,
            "high": card.mark.high,
            "of": card.mark.of,
        } },
        "tests": tests,
    }))
}

fn test(item: &Told<'_>) -> Value {
    let passed = matches!(item.state, State::Passed | State::NotApplicable);
    let output = match item.state {
        State::Undetermined => format!("Undetermined, and not counted as lost: {}", item.message()),
        _ => item.message(),
    };
    json!({
        "name": item.title,
        "number": format!("{}.{}", item.number.0, item.number.1),
        "score": item.mark.low,
        "max_score": item.mark.of,
        "status": if passed { "passed" } else { "failed" },
        "output": output,
        "tags": [item.check],
        "visibility": "visible",
    })
}
