//! A class: what is seen of each team, `class.csv` and `class.html`.
//!
//! Everything is derived from the teams' scorecards and evidence; no mark is stored here. It is for the instructor alone: it
//! shows the teams beside each other, and no team's own report does that.

mod csv;
mod page;
mod reasons;
mod summary;
mod whole;

pub use csv::{cell, csv};
pub use page::html;
pub use reasons::{About, Reason};
pub use summary::{CriterionMark, ItemMark, MemberPart, Standing, Summary};
pub use whole::Class;
