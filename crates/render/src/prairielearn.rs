//! `results.json` of a PrairieLearn external grader.

use serde_json::{Value, json};

use super::json::pretty_value;
use super::told::{self, Told};
use stackmark_evidence::points::Points;
use stackmark_judge::Scorecard;

/// The results. Where nothing at all could be read it is not gradable, which costs the student no attempt.
pub fn results(card: &Scorecard) -> String {
    let tests: Vec<Value> = told::items(card).iter().map(test).collect();
    let mut results = json!({
        "gradable": true,
        "score": share(card.mark.low, card.mark.of),
        "message": told::total(card),
        "tests": tests,
    });
    if told::nothing_read(card) {
        results["gradable"] = json!(false);
        results["format_errors"] = json!(["nothing could be read, see the tests; this costs no attempt"]);
    }
    pretty_value(&results)
}

/// Of an open item only what is surely earned can be won; where that is nothing, it is shown as neither right nor wrong.
fn test(item: &Told<'_>) -> Value {
    let open = item.state.is_open();
    let (name, most) = match open {
        true => (format!("{} (open: {} points)", item.title, item.mark.at_stake()), item.mark.low),
        false => (item.title.clone(), item.mark.of),
    };
    json!({
        "name": name,
        "description": item.id,
        "points": item.mark.low,
        "max_points": most,
        "message": item.message(),
    })
}

/// 0..1, to six decimals.
fn share(points: Points, of: Points) -> f64 {
    if of <= Points::ZERO {
        return 0.0;
    }
    let share = (points.as_f64() / of.as_f64()).clamp(0.0, 1.0);
    (share * 1e6).round() / 1e6
}
