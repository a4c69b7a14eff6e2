//! Running a class: one team's job from roster to stored report, and what needs more than one team.
//!
//! | module | holds |
//! |---|---|
//! | [`documents`] | loads library, rubric, roster, mailmap and overrides, and says what is wrong with them |
//! | [`inputs`] | what a class run is made of |
//! | [`job`] | a roster's entry and the command line become one job, here and nowhere else |
//! | [`lookup`] | what the roster names, found in the repository before grading |
//! | [`schedule`] | one team's collecting, in stages |
//! | [`worker`] `repository` | the process that reads one team's repository; what is read there |
//! | `gap` | what stands in place of readings that could not be taken |
//! | `measures` | what it read, kept while nothing has changed |
//! | `merge` | two collections of one team become one |
//! | `stamp` | what a team was judged from, and what came of it: judged again only where either has changed |
//! | `late` | work after the deadline, if the rubric lets it count |
//! | `recovery` | ends one instance, and watches how its group heals |
//! | [`team`] | one team: collect, judge, render, store |
//! | [`grade`](mod@grade) [`regrade`](mod@regrade) | a class run; the same from stored evidence |
//! | `at_once` | work on many teams at once, told in their order |
//! | [`run`] | `run.json` |
//! | [`pdf`] | reports as PDF, through a program that is installed |
//! | [`cases`] | cases of checks, ours and an author's |
//! | `overview` | `class.html`, `class.csv`, and the record's marks: all of it from the teams' scorecards |
//! | [`copies`] | files that several teams have |
//! | `machine` | what the machine gives, against what a class needs |
//! | [`import`] | a course's lists → a roster |
//! | [`gradebook`] | marks → the file that a learning platform exported |
//! | [`publish`] | reports → feedback files, forges, mail |
//! | [`table`] | delimited tables, kept byte for byte |
//! | [`readings`] [`renewal`] | a bundle's readings, and which of them a run collects anew |
//! | [`appeals`] | requests of teams for another look |
//! | [`history`] | every report that was given out |
//! | [`diff`] | what changed between two runs, and why |
//! | [`members`] | each member's own mark |
//! | `persons` [`blind`] [`forget`] | who a results folder names; pseudonyms; personal data that go |
//! | [`similar`] | the same work in several teams and past years |
//! | [`store`] [`stored`] | the layout of a results folder; a team's evidence in it |
//! | [`part`] [`shard`] [`join`] | a part of a class for one of many machines; its teams; the parts become one |
//! | [`remote`] | results in S3 |
//! | [`voice`] [`failure`] [`exit`] | what is said on the way, and how it ended |
//!
//! It knows every other room. It prints nothing and ends nothing: what is said on the way goes to a [`Voice`], and the
//! binary decides where it is heard.

pub mod appeals;
mod at_once;
pub mod blind;
pub mod cases;
pub mod copies;
pub mod diff;
pub mod documents;
pub mod exit;
pub mod failure;
mod first_seen;
pub mod forget;
mod gap;
pub mod grade;
pub mod gradebook;
pub mod history;
pub mod import;
pub mod inputs;
pub mod job;
pub mod join;
mod late;
pub mod lookup;
mod machine;
mod measures;
pub mod members;
mod merge;
mod overview;
pub mod part;
pub mod pdf;
mod persons;
pub mod publish;
pub mod readings;
mod record;
mod recovery;
pub mod regrade;
pub mod remote;
pub mod renewal;
mod repository;
pub mod run;
pub mod schedule;
pub mod shard;
pub mod similar;
mod stamp;
pub mod store;
pub mod stored;
mod strays;
pub mod table;
pub mod team;
pub mod voice;
pub mod worker;

pub use exit::Exit;
pub use failure::Failure;
pub use grade::grade_class;
pub use inputs::{ClassRun, Disruptive};
pub use job::{Given, TeamJob};
pub use machine::{panic_within_the_limits, room_to_begin};
pub use part::Shard;
pub use regrade::{Regrade, Regraded, regrade, regrade_beside, regrade_record, renew_class};
pub use remote::Remote;
pub use renewal::Renewal;
pub use voice::Voice;
