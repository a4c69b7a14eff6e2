//! Stackmark grades team assignments of cloud and DevOps courses.
//!
//! **src measures, checks judge, rubrics weigh, templates speak.** Data flows one way:
//!
//! ```text
//! course ──► plan ──► collectors ──► evidence ──► judge ──► scorecard ──► render
//!                     all I/O        plain data   pure                    pure
//! ```
//!
//! Each room is a crate of the workspace, and Cargo's graph is the layering: `docs/architecture.md` has the table, and a
//! test holds it against the manifests. This package is the thin binary: arguments → class, and the demo.

pub mod cli;
pub mod demo;
