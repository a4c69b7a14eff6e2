//! scorecard + evidence → each format, one file a format. Pure.
//!
//! | module | makes |
//! |---|---|
//! | [`terminal`] | what a run prints: one team's summary, a class's table |
//! | [`markdown`] | `report.md`, in the course's language |
//! | [`html`] | `report.html` for the team, `marker.html` for who marks: the same as pages, with pictures |
//! | [`class`] | `class.html` and `class.csv`, for the instructor |
//! | [`diff`] | what changed between two runs, as text, JSON and a page |
//! | [`json`] | `scorecard.json` and `evidence.json`, and reads them back |
//! | [`github`] [`junit`] [`gradescope`] [`classroom50`] [`prairielearn`] | what other tools read |
//! | [`identities`] | what `stackmark identities` prints: for people, as a mailmap, as a roster |
//! | [`gains`] | which items would earn the most |
//! | [`load`] | the times and back ends of a load, drawn |
//! | [`similar`] | `similar.html`, what several teams have in common |
//! | [`templates`] | the templates and languages, embedded or the user's own |
//! | [`escape`] | what makes a team's text harmless in each format |
//!
//! Nothing here derives a mark again: totals come from the scorecard.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod class;
mod class_table;
pub mod classroom50;
pub mod diff;
pub mod escape;
pub mod gains;
pub mod github;
pub mod gradescope;
pub mod html;
pub mod identities;
pub mod json;
pub mod junit;
pub mod language;
mod layout;
pub mod load;
pub mod markdown;
mod page;
mod places;
pub mod prairielearn;
pub mod similar;
mod source;
mod stack;
mod style;
pub mod templates;
pub mod terminal;
mod timeline;
mod told;
mod view;

pub use layout::wrapped;
pub use templates::{RenderError, Templates};
