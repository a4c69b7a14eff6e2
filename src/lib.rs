//! Stackmark grades team assignments of cloud and DevOps courses.
//!
//! **src measures, checks judge, rubrics weigh, templates speak.** Data flows one way:
//!
//! ```text
//! course ──► plan ──► collect ──► evidence ──► judge ──► scorecard ──► render
//!                     all I/O     plain data   pure                    pure
//! ```
//!
//! | module | may use | may not use |
//! |---|---|---|
//! | [`evidence`] | nothing of this crate | I/O, clock |
//! | [`course`] | `judge`'s expressions and points, `plan`'s scope, `evidence` | I/O but for its `library` loader |
//! | [`plan`] | `course`, `evidence`, `judge`'s expressions | I/O, clock |
//! | [`collect`] | `evidence`, `plan`, `judge`'s expressions for the steps of a scenario | `course`'s files, `render` |
//! | [`judge`] | `course`, `evidence` | I/O, clock |
//! | [`render`] | `judge`'s scorecard, `evidence` | I/O, clock |
//! | [`class`] | all of the above | – |
//! | [`demo`] | `course`, `evidence` | `judge`, `render` |
//! | [`cli`] | everything | – |
//!
//! Clippy's `disallowed_methods` and `disallowed_types` hold the pure modules to it.

pub mod class;
pub mod cli;
pub mod collect;
pub mod course;
pub mod demo;
pub mod evidence;
pub mod exit;
pub mod judge;
pub mod plan;
pub mod render;
