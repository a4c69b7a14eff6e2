//! What an older version did not write is not collected, and nothing to lose points over.
//!
//! What reading filled in with zero, false or an empty list is taken out again before a check sees it. A `null` stays: of
//! some fields it says "not known" to every check that reads them (their schema has `x-older`), of others it says "there is
//! none", as a balancer without a certificate has it, and nobody had looked. A loss over one of those is no loss.

use serde_json::Value as Json;
use stackmark_course::Check;
use stackmark_evidence::schema::is_unknown_when_null;
use stackmark_evidence::{Cause, Unreadable};

use super::scorecard::{Outcome, UnreadableReading, Verdict};

/// Where a check lost points, and reads a field that was filled in with `null`, the field is not collected.
pub(crate) fn leave_what_was_not_written(check: &Check, json: &Json, unwritten: &[String], outcome: &mut Outcome) {
    if !outcome.loses() {
        return;
    }
    let is_filled_in = |pointer: &&String| {
        let field = field_of(pointer);
        json.pointer(pointer).is_some_and(Json::is_null)
            && !is_unknown_when_null(field)
            && names(&check.source.text, field)
    };
    let found = unwritten.iter().filter(|pointer| is_of(pointer, outcome)).find(is_filled_in);
    if let Some(pointer) = found.cloned() {
        not_collected(outcome, &pointer);
    }
}

/// Whether a field belongs to a reading of the check.
pub(crate) fn is_of(pointer: &str, outcome: &Outcome) -> bool {
    let mut readings = outcome.evidence.iter();
    readings.any(|reading| pointer.strip_prefix(reading.as_str()).is_some_and(|rest| rest.starts_with('/')))
}

/// Leaves what an outcome loses open for a field that the collecting version did not have.
pub(crate) fn not_collected(outcome: &mut Outcome, pointer: &str) {
    let field = field_of(pointer);
    let detail = format!(
        "the version of stackmark that collected this evidence did not read `{field}` and what belongs to it: collect it again"
    );
    outcome.leave_the_loss_open(Verdict::Undetermined);
    outcome.actual.clone_from(&detail);
    outcome.expectations.clear();
    let failure = Unreadable::new(Cause::NotCollected, detail);
    outcome.unreadable.push(UnreadableReading { pointer: pointer.to_owned(), failure });
}

fn field_of(pointer: &str) -> &str {
    pointer.rsplit('/').next().unwrap_or_default()
}

/// Whether a check's document has a field's name as a word.
fn names(document: &str, field: &str) -> bool {
    document.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_as_a_whole_word() {
        for (document, is) in [
            ("that = \"load.several == 0\"", true),
            ("where('several', 'eq', 0)", true),
            ("that = \"load.several_more == 0\"", false),
            ("", false),
        ] {
            assert_eq!(names(document, "several"), is, "{document}");
        }
    }
}
