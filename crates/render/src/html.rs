//! `report.html` for the team and `marker.html` for who marks: one page each, which needs nothing beside it: no script, no
//! file, no address.

use super::places::without_path;
use super::templates::{RenderError, Templates};
use super::view::View;
use stackmark_evidence::Evidence;
use stackmark_judge::Scorecard;

/// The template of the team's view.
const TEAM: &str = "handover.html.j2";
/// The template of the marker's view.
const MARKER: &str = "marker.html.j2";

/// The page that a team gets, in the language of the rubric: no guidance for the marker, no keys of the evidence.
///
/// `markdown` is where `report.md` stands, seen from the page, which leads there for what it leaves out; `None` where there
/// is none.
///
/// # Errors
/// Where the rubric's language is unknown, or a template of the user's own asks for what is not there.
pub fn report(
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
    markdown: Option<&str>,
) -> Result<String, RenderError> {
    match without_path(card, evidence) {
        Some((card, evidence)) => page(TEAM, &card, &evidence, templates, markdown),
        None => page(TEAM, card, evidence, templates, markdown),
    }
}

/// The same for who marks: with guidance, questions, pointers into the evidence and decisions. Not for teams.
///
/// # Errors
/// As [`report`].
pub fn marker(
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
    markdown: Option<&str>,
) -> Result<String, RenderError> {
    page(MARKER, card, evidence, templates, markdown)
}

fn page(
    template: &str,
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
    markdown: Option<&str>,
) -> Result<String, RenderError> {
    let language = &card.rubric.language;
    let view = View { markdown, ..View::new(card, evidence, templates.language(language)?) };
    templates.render(template, language, &view)
}
