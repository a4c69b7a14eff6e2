//! The same work in several teams, and in past years. Pure: texts come in, pairs with their places go out.
//!
//! | module | holds |
//! |---|---|
//! | [`kind`] | how a file is read, by its name |
//! | [`prints`] | a file's and a team's fingerprints |
//! | [`index`] | fingerprints of a past class, without any text |
//! | [`compare`](mod@compare) | pairs of teams: how much of each is in the other |
//! | [`cut`] | from where on a pair is worth a look |
//! | [`regions`] | the longest common regions of a pair, with lines |
//! | [`clusters`] | groups of teams that hang together |
//! | [`appearance`] | when a region first appeared in a history |
//! | [`findings`] [`picture`] | what was found, as plain data, and how it is drawn |
//!
//! Nothing here is a verdict. A pair is a question, and only a person confirms that work was copied.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod appearance;
pub mod clusters;
pub mod compare;
pub mod cut;
pub mod findings;
pub mod index;
pub mod kind;
mod lexer;
pub mod picture;
pub mod prints;
mod prose;
pub mod regions;
mod syntax;
mod token;
mod winnow;

pub use compare::{Class, Comparison, Pair, compare};
pub use kind::{Channel, Kind};
pub use prints::{FilePrints, Print, TeamPrints};
