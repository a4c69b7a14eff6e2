//! The files at the graded commit: line counts, documentation, cloud calls.
