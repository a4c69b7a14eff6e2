//! scorecard + evidence → each format, one file a format. Pure.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]
