//! What waits for a person, decided in the browser: a small server on loopback over one results folder.
//!
//! | module | holds |
//! |---|---|
//! | [`desk`] | the results folder as markers see and change it: read, compare, write, judge again |
//! | [`queue`] | what waits, for the page and for `--list` |
//! | [`item`] | one item of one team with everything that it rests on |
//! | `follow` `pause` | the class's page, once the marker pauses |
//! | [`decide`] | decisions, their undoing, reasons that are used again |
//! | [`spot`] [`agreement`] | a second marker's sample, and how far both agree |
//! | [`edit`] | changes to hand-written TOML that keep comments and order |
//! | [`shown`] [`blind`] | evidence as plain tables, with or without names |
//! | `words` | what the program says to a marker, in the language of the course |
//! | [`server`] | loopback, token, Host and Origin, content security policy |
//!
//! No mark is computed here: a decision goes into `overrides.toml`, and the class judges the team again.

pub mod agreement;
pub mod blind;
mod change;
pub mod decide;
pub mod desk;
pub mod edit;
mod follow;
mod heard;
pub mod item;
mod pause;
pub mod queue;
mod random;
pub mod server;
pub mod shown;
pub mod spot;
mod words;

pub use desk::{Desk, Opening, Refusal};
