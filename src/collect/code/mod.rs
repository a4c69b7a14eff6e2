//! The files at the graded commit: line counts, documentation, cloud calls.
//!
//! Everything comes from the object database: a path that tempts to read the disk has no disk to read.

mod cloud;
mod commented_out;
mod definitions;
mod documentation;
mod infra;
mod lines;
pub(in crate::collect) mod markdown;
mod readme;
mod source;
mod syntax;
pub(in crate::collect) mod text;

use std::collections::BTreeSet;

use git2::Repository;

use super::Limits;
use super::tree::TreeFile;
use crate::evidence::code::CodeEvidence;
use crate::evidence::{Reading, Unreadable};
use source::Sources;

/// Reads what `files`, the graded tree, says of the code and its documentation.
///
/// Lines, documentation, README and cloud calls are always read; the rest where `wanted` names it (`code.declared`).
/// A blob that is missing or damaged makes all readings but the README's unreadable: counts over a part of the files
/// would pass for counts over all.
pub fn read(repo: &Repository, files: &[TreeFile], wanted: &BTreeSet<String>, limits: &Limits) -> CodeEvidence {
    let readme = readme::read(repo, files, limits);
    match Sources::gather(repo, files, limits) {
        Ok(Sources { files: sources, left_out }) => {
            let counted: Vec<_> = sources.iter().map(lines::count).collect();
            let mut code = CodeEvidence {
                documentation: documentation::measure(&sources, &counted),
                cloud_calls: Reading::observed(cloud::find(&sources)),
                files: Reading::observed(counted),
                left_out: Reading::observed(left_out),
                readme,
                ..CodeEvidence::default()
            };
            infra::read(repo, files, &sources, wanted, &mut code);
            code
        }
        Err(failure) => {
            let mut code = CodeEvidence {
                files: unreadable(&failure),
                left_out: unreadable(&failure),
                documentation: unreadable(&failure),
                cloud_calls: unreadable(&failure),
                readme,
                ..CodeEvidence::default()
            };
            infra::fail(&failure, wanted, &mut code);
            code
        }
    }
}

fn unreadable<T>(failure: &Unreadable) -> Reading<T> {
    Reading::Unreadable(failure.clone())
}
