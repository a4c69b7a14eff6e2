//! evidence + rubric + overrides → scorecard. Pure: no clock, no network, no file. Same input, same bytes.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod claims;
mod code_filters;
mod drift;
pub mod expression;
pub mod filters;
pub mod outcome;
pub mod picture;
pub mod points;
pub mod scorecard;
mod stack_filters;
pub mod weigh;

pub use points::Points;
pub use scorecard::Scorecard;
pub use weigh::judge;
