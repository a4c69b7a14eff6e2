//! Modes of a tree's entries, whatever number stands there.
//!
//! Git takes any mode by its kind: 100777, as old programs wrote it, is a plain file. git2 knows seven numbers and panics
//! over the others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use git2::{DiffFile, FileMode, ObjectType, Odb};

/// What the file is; by its object where git2 does not know the number.
pub(super) fn of(odb: &Odb<'_>, file: &DiffFile<'_>) -> FileMode {
    catch_unwind(AssertUnwindSafe(|| file.mode())).unwrap_or_else(|_| match odb.read_header(file.id()) {
        Ok((_, ObjectType::Blob)) => FileMode::Blob,
        Ok((_, ObjectType::Tree)) => FileMode::Tree,
        // A submodule's commit is not in this repository.
        _ => FileMode::Commit,
    })
}
