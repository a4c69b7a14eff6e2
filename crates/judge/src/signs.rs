//! Points that rest on what a script can make wait for a person, where facts speak for one.
//!
//! This holds for every check by what it reads, as it does for what was set aside, and no check has to ask for it. A loss
//! stays a loss, and what asks costs nothing: a person who finds the work honest gives the points.

use serde_json::Value as Json;
use stackmark_course::Check;
use stackmark_evidence::Sign;

use super::scorecard::{Outcome, Verdict};

/// What a team can do about a fact, which is no fault.
const NEXT_STEP: &str = "Tell the instructor how this work came about.";

/// Where a check gave points over readings that carry signs of how they came about, says so and asks. Whoever is asked for
/// another reason is told of them as well: that person gives the points.
pub(crate) fn leave_a_doubtful_gain_to_a_person(check: &Check, evidence: &Json, outcome: &mut Outcome) {
    let is_asked = outcome.gives() || outcome.verdict == Verdict::Manual;
    let signs = if is_asked { asking(check, evidence) } else { Vec::new() };
    if signs.is_empty() {
        return;
    }
    let told: Vec<String> = signs.iter().map(Sign::in_words).collect();
    // No word of it is for the team: nobody guesses at motives, and others' names may be among the facts.
    outcome.for_marker = Some(format!("how it came about: {}; look before points are given", told.join("; ")));
    // What is open for another reason keeps the next step of that.
    if !outcome.verdict.is_open() {
        (outcome.fix, outcome.next_step) = (NEXT_STEP.to_owned(), true);
    }
    outcome.leave_the_gain_open(Verdict::Manual);
    outcome.expectations.clear();
}

/// The signs of the readings of a check that ask, each once; what a check reads beside its own subject asks nothing.
fn asking(check: &Check, evidence: &Json) -> Vec<Sign> {
    let mut found: Vec<Sign> = Vec::new();
    for path in check.reads.iter().filter(|path| !check.optional.contains(path)) {
        let Some((family, name)) = path.split_once('.') else { continue };
        let listed = evidence.pointer(&format!("/{family}/signs/{name}"));
        let listed = listed.and_then(|list| serde_json::from_value::<Vec<Sign>>(list.clone()).ok());
        for sign in listed.into_iter().flatten().filter(|sign| sign.asks) {
            if !found.contains(&sign) {
                found.push(sign);
            }
        }
    }
    found
}
