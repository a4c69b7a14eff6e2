//! evidence + rubric + overrides → scorecard. Pure: no clock, no network, no file. Same input, same bytes.
//!
//! It knows rubrics, checks and the expression language; it may not know how evidence is read, nor how a scorecard is shown.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod addresses;
mod bounds;
mod decide;
mod exchanges;
mod gaps;
mod interval;
mod missing;
mod older;
pub mod outcome;
mod partial;
pub mod picture;
mod routing;
pub mod scorecard;
mod set_aside;
mod signs;
mod sought;
mod strangers;
pub mod told;
mod variants;
pub mod view;
pub mod weigh;

pub use scorecard::Scorecard;
pub use stackmark_course::Sentences;
pub use stackmark_course::library::embedded_sentences;
pub use weigh::judge;
