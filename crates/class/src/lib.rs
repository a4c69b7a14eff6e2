//! Running a class: one team's job from roster to stored report, and what needs more than one team.
//!
//! It knows every other room. It prints nothing and ends nothing: what is said on the way goes to a [`stackmark_collect::Progress`]
//! or comes back as a value, and the binary shows it.

pub mod copies;
mod recovery;
pub mod run;
pub mod schedule;
pub mod store;
