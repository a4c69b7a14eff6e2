//! `similar.html`: what several teams have in common. For the marker's eyes only, and a page of its own, so that no team's
//! report can name another.

use serde::Serialize;

use super::templates::{RenderError, Templates};

/// The template that speaks.
const TEMPLATE: &str = "similar.html.j2";

/// The page of a class. `view` has `findings`, `distributions`, `graphs` and `timelines`, as the template says.
///
/// # Errors
/// An unknown language, or a template of the user's own that asks for what is not there.
pub fn page(view: &impl Serialize, language: &str, templates: &Templates) -> Result<String, RenderError> {
    templates.render(TEMPLATE, language, view)
}
