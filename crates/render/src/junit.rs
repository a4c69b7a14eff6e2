//! JUnit XML, as GitLab, Jenkins and graders of test results read it: a suite a criterion, a case an item.

use super::escape::{clean, html};
use super::told::{self, State, Told};
use stackmark_evidence::Evidence;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::Mark;

/// Points lost are failures, what could not be read is an error, what waits for a person or does not apply is skipped.
pub fn report(card: &Scorecard, evidence: &Evidence) -> String {
    let items = told::items(card);
    let all: Vec<&Told<'_>> = items.iter().collect();
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    xml.push_str(&format!("<testsuites name=\"{}\" {} time=\"0\">\n", text(&card.rubric.id), counts(&all)));
    // Without its offset, which the format does not know.
    let moment = evidence.collected_at.trim_end_matches('Z');
    for criterion in &card.criteria {
        let own: Vec<&Told<'_>> = items.iter().filter(|item| item.criterion == criterion.id).collect();
        xml.push_str(&format!(
            "  <testsuite name=\"{}\" {} timestamp=\"{}\" time=\"0\">\n",
            text(&criterion.id),
            counts(&own),
            text(moment)
        ));
        xml.push_str(&properties(criterion.mark));
        for item in own {
            xml.push_str(&case(item));
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn counts(items: &[&Told<'_>]) -> String {
    let count = |is: &dyn Fn(State) -> bool| items.iter().filter(|item| is(item.state)).count();
    format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        items.len(),
        count(&|state| state == State::Lost),
        count(&|state| state == State::Undetermined),
        count(&|state| matches!(state, State::Manual | State::NotApplicable)),
    )
}

fn properties(mark: Mark) -> String {
    let property = |name: &str, value: String| format!("      <property name=\"{name}\" value=\"{value}\"/>\n");
    format!(
        "    <properties>\n{}{}{}    </properties>\n",
        property("points", mark.low.to_string()),
        property("points_high", mark.high.to_string()),
        property("of", mark.of.to_string())
    )
}

fn case(item: &Told<'_>) -> String {
    let start =
        format!("    <testcase classname=\"{}\" name=\"{}\" time=\"0\"", text(item.criterion), text(&item.name()));
    let found = text(&item.found);
    let inside = match item.state {
        State::Passed => String::new(),
        State::Lost => {
            let fix = item.fix.as_deref().map(text).unwrap_or_default();
            format!("      <failure message=\"{found}\" type=\"{}\">{fix}</failure>\n", item.mark_word())
        }
        State::Undetermined => format!("      <error message=\"{found}\" type=\"undetermined\"/>\n"),
        State::Manual | State::NotApplicable => format!("      <skipped message=\"{found}\"/>\n"),
    };
    let points = text(&item.mark.to_string());
    format!("{start}>\n{inside}      <system-out>{points} points</system-out>\n    </testcase>\n")
}

impl Told<'_> {
    fn mark_word(&self) -> &'static str {
        if self.mark.low.hundredths() > 0 { "partial" } else { "fail" }
    }
}

/// Text of an element or a quoted attribute. XML has no place for two characters that are no control characters.
fn text(text: &str) -> String {
    html(&clean(text).replace(['\u{fffe}', '\u{ffff}'], ""))
}
