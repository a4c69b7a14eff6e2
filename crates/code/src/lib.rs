//! The files at the graded commit: line counts, documentation, cloud calls.
//!
//! Everything comes from the object database: a path that tempts to read the disk has no disk to read.

pub mod as_markdown;
mod builders;
mod cdk;
mod cloud;
mod commented_out;
mod definitions;
mod documentation;
mod gather;
mod infra;
mod lines;
pub mod markdown;
#[cfg(test)]
mod memory;
mod names;
mod notebook;
mod packed;
mod readme;
mod signs;
mod source;
mod starter;
pub mod syntax;
mod template_readme;
pub mod text;
mod unread;

use std::collections::BTreeSet;

use stackmark_collect::Limits;
use stackmark_collect::tree::Blobs;
use stackmark_evidence::code::{CodeEvidence, Documentation};
use stackmark_evidence::unread::{CodeSetAside, UnreadFiles, WhyUnread};
use stackmark_evidence::{Cause, Reading, Unreadable};

use cloud::reach::WhenAsked;
use gather::Sources;
pub use readme::beside as readme_beside;
pub use starter::Graded;

/// Reads what the graded tree says of the code and its documentation.
///
/// Lines, documentation, README, cloud calls and what was set aside are always read; the rest where `wanted` names it
/// (`code.declared`). A blob that is missing or damaged makes all readings but the README's unreadable: counts over a
/// part of the files would pass for counts over all.
pub fn read(blobs: &dyn Blobs, graded: &Graded<'_>, wanted: &BTreeSet<String>, limits: &Limits) -> CodeEvidence {
    let mut code = CodeEvidence {
        readme: readme::read(blobs, graded, limits),
        starter: starter::read(graded),
        ..CodeEvidence::default()
    };
    let given = starter::unchanged(graded);
    match Sources::gather(blobs, graded.files, &given, limits) {
        Ok(Sources { files: sources, counted, left_out, mut set_aside }) => {
            set_aside.groups.extend(in_other_repositories(graded.elsewhere));
            let own = &sources[..counted];
            let lines: Vec<_> = own.iter().map(lines::count).collect();
            code.documentation = match starter::parts(blobs, graded, own, limits) {
                Ok(parts) => {
                    let (documentation, told) = documentation::measure(own, &lines, &parts);
                    if !told.is_empty() {
                        code.signs.insert("documentation".to_owned(), told);
                    }
                    or_set_aside(documentation, &set_aside)
                }
                Err(failure) => Reading::Unreadable(failure),
            };
            // What was found in a folder of doubtful origin was found.
            let reach = WhenAsked::of(&sources);
            code.cloud_calls = Reading::observed(cloud::find(&sources, &reach));
            code.files = Reading::observed(lines);
            code.left_out = Reading::observed(left_out);
            code.set_aside = Reading::observed(set_aside);
            infra::read(blobs, graded.files, &sources, &reach, wanted, &mut code);
            if let Reading::Observed { value } = &mut code.tree {
                (value.packed, value.closed) = packed::names(blobs, graded.files, &given, limits);
            }
            signs::add(&mut code);
        }
        Err(failure) => {
            code.files = unreadable(&failure);
            code.left_out = unreadable(&failure);
            code.set_aside = unreadable(&failure);
            code.documentation = unreadable(&failure);
            code.cloud_calls = unreadable(&failure);
            infra::fail(&failure, wanted, &mut code);
        }
    }
    code
}

/// How many submodules and embedded repositories there are; of their files nothing is known.
fn in_other_repositories(paths: &[String]) -> Option<UnreadFiles> {
    let examples = paths.iter().take(5).cloned().collect();
    let files = paths.len() as u64;
    let group = UnreadFiles { kind: WhyUnread::OtherRepository, files, bytes: 0, examples, readings: Vec::new() };
    (files > 0).then_some(group)
}

/// Where there is no source beside what was set aside, its documentation is not known.
fn or_set_aside(documentation: Reading<Documentation>, set_aside: &CodeSetAside) -> Reading<Documentation> {
    let aside = set_aside.of_reading("code.documentation");
    if aside.is_empty() || !matches!(documentation, Reading::Absent { .. }) {
        return documentation;
    }
    let told: Vec<String> = aside.iter().map(ToString::to_string).collect();
    Reading::unreadable(Cause::Refused, format!("no source was read: {}", told.join("; ")))
}

fn unreadable<T>(failure: &Unreadable) -> Reading<T> {
    Reading::Unreadable(failure.clone())
}
