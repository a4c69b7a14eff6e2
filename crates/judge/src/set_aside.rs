//! What was set aside is never "not there": a loss that it could have turned is left to a person.
//!
//! This holds for every check by what it reads, and no check has to ask for it. Points that are earned without what was
//! set aside stay earned, of an item that loses others as well.

use serde_json::Value as Json;
use stackmark_course::Check;
use stackmark_evidence::SetAside;

use super::scorecard::{Outcome, Verdict};

/// Readings in which what is found costs points, and which nothing that was not looked into can take back.
const OF_WHAT_IS_FOUND: [&str; 2] = ["git.hygiene", "code.credentials"];

/// Where a check lost points over readings of which enough was set aside, says so and asks.
pub(crate) fn leave_a_doubtful_loss_to_a_person(check: &Check, evidence: &Json, outcome: &mut Outcome) {
    if !outcome.loses() {
        return;
    }
    let doubts = doubts(check, evidence);
    let Some(first) = doubts.first() else { return };
    let told: Vec<String> = doubts.iter().map(SetAside::in_words).collect();
    let measured = std::mem::take(&mut outcome.actual);
    outcome.actual = format!("{measured}; not measured: {}; look at it before points are lost", told.join("; "));
    outcome.fix = first.kind.next_step().to_owned();
    // What was open before asks the marker something of its own.
    outcome.next_step = !outcome.verdict.is_open();
    outcome.leave_the_loss_open(Verdict::Manual);
    outcome.expectations.clear();
}

/// What was set aside of the readings of a check, and is enough to change what it says; each once.
fn doubts(check: &Check, evidence: &Json) -> Vec<SetAside> {
    let mut found: Vec<SetAside> = Vec::new();
    for path in check.reads.iter().filter(|path| !OF_WHAT_IS_FOUND.contains(&path.as_str())) {
        let Some((family, name)) = path.split_once('.') else { continue };
        let mut pointers = vec![format!("/{family}/set_aside/{name}")];
        if matches!(family, "git" | "code" | "report") {
            // All of these are read at the graded commit.
            pointers.push("/git/head/value/set_aside".to_owned());
        }
        let listed = pointers.iter().filter_map(|pointer| evidence.pointer(pointer));
        for set_aside in listed.filter_map(|list| serde_json::from_value::<Vec<SetAside>>(list.clone()).ok()).flatten()
        {
            if set_aside.is_doubtful() && !found.contains(&set_aside) {
                found.push(set_aside);
            }
        }
    }
    found
}
