//! The language of checks: expressions over evidence, their filters, and the kinds of requests that a check can name.
//!
//! It knows the evidence and nothing of rubrics, rosters or marks; it does no I/O and has no clock. What a template asks
//! for (a request, a load, a scenario's steps, a capture) is plain data here; the collectors send it.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod capture;
pub mod claims;
mod clusters;
mod code_filters;
mod drift;
pub mod expression;
pub mod filters;
pub mod load;
pub mod numbers;
pub mod request;
pub mod routes;
mod row_filters;
pub mod scenario;
mod scripts;
mod stack_filters;
mod team;
mod tools;
mod value;

pub use team::{team_of_unknown, team_value};
