//! Rubrics, checks, rosters and overrides: raw TOML → valid, all problems at once, with spans.
//!
//! [`reader`] walks a parsed document and collects every problem instead of stopping at the first; the other files each
//! turn one kind of document into its valid type. Only [`library`]'s loader touches the file system.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod appeals;
pub mod check;
mod constants;
mod criterion;
pub mod expect;
mod extend;
mod fields;
pub mod formats;
pub mod late;
pub mod library;
mod lint;
pub mod load;
pub mod members;
mod names;
pub mod overrides;
pub mod params;
pub mod problem;
pub mod reader;
pub mod recovery;
pub mod request;
pub mod roster;
pub mod rubric;
mod scenario;
pub mod scheme;
pub mod sentences;
mod shape;
mod signs;
mod syntax;
pub mod upload;
pub mod words;

pub use appeals::Appeals;
pub use check::Check;
pub use late::Late;
pub use library::Library;
pub use overrides::Overrides;
pub use problem::{Parsed, Problem, Problems, SourceText};
pub use roster::Roster;
pub use rubric::Rubric;
pub use sentences::Sentences;
