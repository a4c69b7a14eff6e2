//! What needs more than one team.

pub mod run;
