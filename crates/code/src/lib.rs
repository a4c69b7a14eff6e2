//! The files at the graded commit: line counts, documentation, cloud calls.
//!
//! Everything comes from the object database: a path that tempts to read the disk has no disk to read.

mod aside;
mod cloud;
mod commented_out;
mod definitions;
mod documentation;
mod infra;
mod lines;
pub mod markdown;
mod readme;
mod source;
mod syntax;
pub mod text;

use std::collections::BTreeSet;

pub use aside::set_aside;
pub use readme::beside as readme_beside;
use source::Sources;
use stackmark_collect::Limits;
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::code::CodeEvidence;
use stackmark_evidence::{Reading, Unreadable};

/// Reads what `files`, the graded tree, says of the code and its documentation.
///
/// Lines, documentation, README and cloud calls are always read; the rest where `wanted` names it (`code.declared`).
/// A blob that is missing or damaged makes all readings but the README's unreadable: counts over a part of the files
/// would pass for counts over all.
pub fn read(blobs: &dyn Blobs, files: &[TreeFile], wanted: &BTreeSet<String>, limits: &Limits) -> CodeEvidence {
    let readme = readme::read(blobs, files, limits);
    match Sources::gather(blobs, files, limits) {
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
            infra::read(blobs, files, &sources, wanted, &mut code);
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
