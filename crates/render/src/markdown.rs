//! `report.md`: the handover-format report, in the course's language.

use super::places::without_path;
use super::templates::{RenderError, Templates};
use super::view::View;
use stackmark_evidence::Evidence;
use stackmark_judge::Scorecard;

/// The template that speaks.
const TEMPLATE: &str = "handover.md.j2";

/// The report of one team, in the language of the rubric.
///
/// # Errors
/// Where the rubric's language is unknown, or a template of the user's own asks for what is not there.
pub fn report(card: &Scorecard, evidence: &Evidence, templates: &Templates) -> Result<String, RenderError> {
    report_in(&card.rubric.language, card, evidence, templates)
}

/// The report of one team, in a language of the reader's choice.
///
/// # Errors
/// As [`report`].
pub fn report_in(
    language: &str,
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
) -> Result<String, RenderError> {
    let without = without_path(card, evidence);
    let (card, evidence) = without.as_ref().map_or((card, evidence), |(card, evidence)| (card, evidence));
    let view = View::new(card, evidence, templates.language(language)?);
    templates.render(TEMPLATE, language, &view)
}
