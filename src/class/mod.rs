//! What needs more than one team.

pub mod copies;
pub mod run;
