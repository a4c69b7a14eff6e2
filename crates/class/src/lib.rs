//! Running a class: one team's job from roster to stored report, and what needs more than one team.
//!
//! | module | holds |
//! |---|---|
//! | [`documents`] | loads library, rubric, roster, mailmap and overrides, and says what is wrong with them |
//! | [`job`] | a roster's entry and the command line become one job, here and nowhere else |
//! | [`schedule`] | one team's collecting, in stages |
//! | [`worker`] | the process that reads one team's repository |
//! | [`team`] | one team: collect, judge, render, store |
//! | [`grade`] [`regrade`] | a class run; the same from stored evidence |
//! | [`run`] | `run.json` |
//! | [`copies`] | files that several teams have |
//! | [`store`] | the layout of a results folder |
//! | [`voice`] [`failure`] [`exit`] | what is said on the way, and how it ended |
//!
//! It knows every other room. It prints nothing and ends nothing: what is said on the way goes to a [`Voice`], and the
//! binary decides where it is heard.

pub mod copies;
pub mod documents;
pub mod exit;
pub mod failure;
pub mod grade;
pub mod inputs;
pub mod job;
mod record;
mod recovery;
pub mod regrade;
pub mod run;
pub mod schedule;
pub mod store;
pub mod team;
pub mod voice;
pub mod worker;

pub use exit::Exit;
pub use failure::Failure;
pub use grade::grade_class;
pub use inputs::{ClassRun, Disruptive};
pub use job::{Given, TeamJob};
pub use regrade::{Regrade, regrade};
pub use voice::Voice;
