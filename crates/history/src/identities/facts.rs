//! What the report has to show of how authors became members': mailmaps that decided, and committers who are someone else.

use std::collections::BTreeMap;

use git2::{ObjectType, Oid, Repository};

use super::mailmap::Mailmap;
use super::matching::{By, Identities};
use super::trailers::co_authors_in;
use crate::printed::printable;
use crate::record::{History, Record};
use stackmark_evidence::closed::MailmapOf;
use stackmark_evidence::git::{OtherCommitter, Person, Remap};

/// A larger `.mailmap` is nobody's work.
const MAX_BYTES: usize = 1 << 20;

/// The `.mailmap` at the root of the graded commit; empty where there is none. A link is not followed, as in git.
pub(crate) fn mailmap_at(repo: &Repository, commit: &str) -> Mailmap {
    let read = || -> Result<String, git2::Error> {
        let tree = repo.find_commit(Oid::from_str(commit)?)?.tree()?;
        let Some(entry) = tree.get_name(".mailmap") else { return Ok(String::new()) };
        let is_file = entry.kind() == Some(ObjectType::Blob) && entry.filemode() != 0o120_000;
        if !is_file || repo.odb()?.read_header(entry.id())?.0 > MAX_BYTES {
            return Ok(String::new());
        }
        Ok(printable(&String::from_utf8_lossy(repo.find_blob(entry.id())?.content())))
    };
    // What cannot be read maps nobody: its authors are then shown as nobody's.
    read().map(|text| Mailmap::parse(&text).0).unwrap_or_default()
}

/// The authors and co-authors whom a mailmap made a member's, the most commits first.
pub(crate) fn remaps(history: &History, identities: &Identities) -> Vec<Remap> {
    if !identities.have_mailmaps() {
        return Vec::new();
    }
    let mut found: BTreeMap<(String, String), Option<Remap>> = BTreeMap::new();
    let mut note = |person: &Person, authored: bool| {
        let entry = found.entry((person.name.clone(), person.email.to_lowercase())).or_insert_with(|| {
            let matched = identities.find(person)?;
            let (by, to) = match matched.by {
                By::Instructor(to) => (MailmapOf::Instructor, to),
                By::Repository(to) => (MailmapOf::Repository, to),
                By::Address | By::Login | By::Name => return None,
            };
            let member = identities.id(matched.member);
            Some(Remap { from: person.clone(), to, member, by, commits: 0, co_authored: 0 })
        });
        if let Some(remap) = entry {
            *(if authored { &mut remap.commits } else { &mut remap.co_authored }) += 1;
        }
    };
    for commit in &history.commits {
        note(&commit.author, true);
        let known = |person: &Person| identities.member_of(person).is_some();
        co_authors_in(&commit.message(), &known).iter().for_each(|person| note(person, false));
    }
    let mut remaps: Vec<Remap> = found.into_values().flatten().collect();
    // Stable, so that equals stay in the order of their names.
    remaps.sort_by_key(|remap| std::cmp::Reverse((remap.commits, remap.co_authored)));
    remaps
}

/// Commits, merges left out, whose author is one member and whose committer is another, by the two, most first.
pub(crate) fn other_committers(history: &History, identities: &Identities) -> Vec<OtherCommitter> {
    let pair = |commit: &Record| {
        // Who signs both needs no looking up.
        let differ = commit.author != commit.committer;
        let author = differ.then(|| identities.member_of(&commit.author)).flatten()?;
        let committer = identities.member_of(&commit.committer).filter(|committer| *committer != author)?;
        Some((author, committer))
    };
    let mut counts: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for pair in history.commits.iter().filter(|commit| !commit.is_merge()).filter_map(pair) {
        *counts.entry(pair).or_default() += 1;
    }
    let mut found: Vec<OtherCommitter> = (counts.into_iter())
        .map(|((author, committer), commits)| OtherCommitter {
            author: identities.id(author),
            committer: identities.id(committer),
            commits,
        })
        .collect();
    // Stable, so that equals stay in the order of the roster.
    found.sort_by_key(|pair| std::cmp::Reverse(pair.commits));
    found
}
