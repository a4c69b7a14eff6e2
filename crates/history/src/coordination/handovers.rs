//! Files that went from one member's hands into another's.
//!
//! A file is handed over when a member changes it and its last change before that was another member's; a commit's
//! members are its author and co-authors, and a commit that one of the last members made hands nothing over; nor does one
//! that is no person's work. Renames are followed. Commits are taken in the order of the history, parents before children: of two that were made side by side
//! on different branches, the one that comes later there counts as built on the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::attribution::Attribution;
use super::super::diff::Status;
use super::super::printed::EXAMPLES;
use super::super::record::History;
use stackmark_evidence::git::Handover;

/// From member to member, how often and in which files.
#[derive(Debug, Default)]
pub(super) struct Handovers {
    pairs: BTreeMap<(usize, usize), BTreeMap<String, u64>>,
}

impl Handovers {
    /// Of the whole history.
    pub(super) fn of(history: &History, attributions: &[Attribution]) -> Self {
        let mut last: HashMap<String, Vec<usize>> = HashMap::new();
        let mut found = Self::default();
        for (commit, attribution) in history.commits.iter().zip(attributions).rev() {
            let members: Vec<usize> = attribution.members().collect();
            // All that moved is taken out before anything is put in: two files may have changed places.
            let moved: Vec<Option<Vec<usize>>> = (commit.change.files.iter())
                .map(|file| if file.status == Status::Renamed { last.remove(&file.old_path) } else { None })
                .collect();
            for (file, before) in commit.change.files.iter().zip(moved) {
                if file.status == Status::Deleted {
                    last.remove(&file.path);
                    continue;
                }
                let before = before.or_else(|| last.remove(&file.path)).unwrap_or_default();
                let changes_nothing = file.added + file.deleted == 0 || !attribution.is_work();
                if changes_nothing && !before.is_empty() {
                    last.insert(file.path.clone(), before);
                    continue;
                }
                if !before.iter().any(|member| members.contains(member)) {
                    // One pair, the first of each: a co-authored commit hands a file over once.
                    if let (Some(from), Some(to)) = (before.first(), members.first()) {
                        *found.pairs.entry((*from, *to)).or_default().entry(file.path.clone()).or_default() += 1;
                    }
                }
                last.insert(file.path.clone(), members.clone());
            }
        }
        found
    }

    /// How often in all.
    pub(super) fn times(&self) -> u64 {
        self.pairs.values().flat_map(BTreeMap::values).sum()
    }

    /// How often a member took a file over, and how often another took one from the member.
    pub(super) fn of_member(&self, member: usize) -> (u64, u64) {
        let sum = |is: &dyn Fn(usize, usize) -> bool| {
            let pairs = self.pairs.iter().filter(|((from, to), _)| is(*from, *to));
            pairs.flat_map(|(_, files)| files.values()).sum()
        };
        (sum(&|_, to| to == member), sum(&|from, _| from == member))
    }

    /// From member to member, most first.
    pub(super) fn listed(&self, id: impl Fn(usize) -> String) -> Vec<Handover> {
        let mut listed: Vec<Handover> = (self.pairs.iter())
            .map(|((from, to), files)| {
                let paths: BTreeSet<(std::cmp::Reverse<u64>, &String)> =
                    files.iter().map(|(path, times)| (std::cmp::Reverse(*times), path)).collect();
                Handover {
                    from: id(*from),
                    to: id(*to),
                    times: files.values().sum(),
                    files: files.len() as u64,
                    examples: paths.iter().take(EXAMPLES).map(|(_, path)| (*path).clone()).collect(),
                }
            })
            .collect();
        listed.sort_by_key(|handover| std::cmp::Reverse(handover.times));
        listed
    }
}
