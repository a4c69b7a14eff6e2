//! Whether a merge only joins what its parents hold.
//!
//! `git merge --no-commit` lets anything into a merge, a whole day's work under a date after the deadline. What a merge
//! may bring by itself is what settling a conflict takes: a few lines that stand on none of its sides.

use std::collections::{BTreeSet, HashSet};

use git2::{Delta, FileMode, Oid, Repository};

use super::compare;
use crate::diff::MAX_FILE_BYTES;
use crate::modes;

/// Lines that settling conflicts may need; a file that is no text, or too large to be read, is more.
pub(super) const MOST_OWN_LINES: usize = 20;

/// How many lines of a merge stand in no version that its parents had of what it changed, blank ones aside; counting ends
/// above [`MOST_OWN_LINES`].
///
/// A line is looked for in every file that the merge left otherwise than one of its parents had it, so that a file which
/// one side renamed and the other changed brings nothing new.
///
/// # Errors
/// Where an object is missing or damaged.
pub(super) fn own_lines(repo: &Repository, merge: Oid) -> Result<usize, git2::Error> {
    let merge = repo.find_commit(merge)?;
    let tree = merge.tree()?;
    let parents = merge.parents().map(|parent| parent.tree()).collect::<Result<Vec<_>, _>>()?;
    let odb = repo.odb()?;
    // What is not as the first parent had it, and as no other parent has it either.
    let mut mixed: Option<BTreeSet<Oid>> = None;
    let (mut before, mut is_unread) = (BTreeSet::new(), HashSet::new());
    for parent in &parents {
        let mut changed = BTreeSet::new();
        for delta in compare(repo, Some(parent), Some(&tree), None)?.deltas() {
            if delta.status() != Delta::Added && modes::of(&odb, &delta.old_file()) != FileMode::Commit {
                before.insert(delta.old_file().id());
            }
            let new = delta.new_file();
            if delta.status() == Delta::Deleted {
                continue;
            }
            changed.insert(new.id());
            if modes::of(&odb, &new) == FileMode::Commit {
                is_unread.insert(new.id());
            }
        }
        mixed = Some(match mixed {
            None => changed,
            Some(mixed) => mixed.intersection(&changed).copied().collect(),
        });
    }
    let mixed = mixed.unwrap_or_default();
    // Most merges hold nothing but what one side has, and then nothing has to be read, however much they join.
    if mixed.is_empty() {
        return Ok(0);
    }
    let mut known: HashSet<Vec<u8>> = HashSet::new();
    for id in before {
        known.extend(lines_of(repo, id)?.unwrap_or_default());
    }
    let mut own = 0;
    for id in mixed {
        let lines = if is_unread.contains(&id) { None } else { lines_of(repo, id)? };
        own += match lines {
            Some(lines) => lines.iter().filter(|line| !known.contains(*line)).count(),
            None => MOST_OWN_LINES + 1,
        };
        if own > MOST_OWN_LINES {
            break;
        }
    }
    Ok(own)
}

/// The lines of a content without white space around them, blank ones aside; `None` where it is no text or too large.
fn lines_of(repo: &Repository, id: Oid) -> Result<Option<Vec<Vec<u8>>>, git2::Error> {
    if repo.odb()?.read_header(id)?.0 as u64 > MAX_FILE_BYTES {
        return Ok(None);
    }
    let blob = repo.find_blob(id)?;
    if blob.is_binary() {
        return Ok(None);
    }
    let lines = blob.content().split(|byte| *byte == b'\n').map(|line| line.trim_ascii().to_vec());
    Ok(Some(lines.filter(|line| !line.is_empty()).collect()))
}
