//! Whose were the lines first?
//!
//! One pass over the history, oldest commit first, that knows every line the repository ever held:
//!
//! - *Held before*: three lines in a row, blank ones aside, that stood so in an earlier commit (or in the starter code)
//!   are no new work wherever they are added: a file copied from a team-mate, a block moved in two steps, work that
//!   comes back by a squash or a revert. They stay the work of whoever wrote them first.
//! - *Taken back*: what a person adds and later deletes without replacing it is no work of theirs, neither the adding nor
//!   the deleting. If the lines come back, so does the work.
//! - *Moved* and *reformatted* lines ([`super::lines`]) keep their owner. So do lines that are copied in one commit and
//!   deleted in a later one, there or here: taking one of two copies away is the other half of a move.
//!
//! Source: the project's definition of the work ledger.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use super::hunk::LineKind;
use super::lines::{Block, Line, Passage};
use super::record::History;

/// Lines in a row that are known again.
const WINDOW: usize = 3;

/// What is a line's hash already needs no other.
#[derive(Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }

    fn write_u64(&mut self, hash: u64) {
        // The lowest bits are flags and zero in a line's hash; a table wants them to differ.
        self.0 = hash ^ (hash >> 32);
    }
}

type ByHash<V> = HashMap<u64, V, BuildHasherDefault<AsItIs>>;

/// Who wrote a line first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The commit at this place in [`History::commits`].
    Commit(usize),
    /// The starter code, which is nobody's.
    Starter,
}

/// Lines of a commit, sorted by what they are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Added, and work.
    pub(super) added: u64,
    /// Deleted, and work.
    pub(super) deleted: u64,
    /// Added, but moved from elsewhere in the same commit.
    pub(super) moved: u64,
    /// Added, but only laid out anew, or with other names throughout.
    pub(super) reformatted: u64,
    /// Added, but held by the repository before.
    pub(super) held_before: u64,
    /// Added, and taken back later by the same person.
    pub(super) taken_back: u64,
    /// Added, and replaced or deleted later by someone else.
    pub(super) replaced_by_others: u64,
    /// Written, taken out, moved or renamed by the commit, whatever became of it later: none, and it is no work.
    pub(super) acts: u64,
}

/// The pass over the history, done.
#[derive(Debug, Default)]
pub(super) struct Provenance {
    /// By place in [`History::commits`].
    pub(super) tallies: Vec<Tally>,
    /// Added lines that are someone else's first, by commit: place of the file, line, owner; ascending.
    inherited: Vec<Vec<(u32, u32, Origin)>>,
}

impl Provenance {
    /// Who wrote a line first that blame gives to a commit: `line` counts from zero in the commit's version of `path`.
    pub(super) fn origin(&self, history: &History, commit: usize, path: &str, line: u32) -> Origin {
        let inherited = &self.inherited[commit];
        if inherited.is_empty() {
            return Origin::Commit(commit);
        }
        let change = &history.commits[commit].change;
        let file = if change.merged.is_empty() {
            change.files.iter().position(|file| file.path == path)
        } else {
            change.merged.iter().position(|file| file.path == path)
        };
        let found = file.and_then(|file| {
            let key = (file as u32, line);
            inherited.binary_search_by_key(&key, |(file, line, _)| (*file, *line)).ok()
        });
        found.map_or(Origin::Commit(commit), |at| inherited[at].2)
    }
}

/// Goes through the history. `authors` tells people apart, by place of the commit; `starter` has the lines of each file
/// of the starter code, as [`super::lines::line_hash`] knows them.
pub(super) fn trace(history: &History, authors: &[usize], starter: &[Vec<u64>]) -> Provenance {
    let mut pass = Pass {
        authors,
        tallies: vec![Tally::default(); history.commits.len()],
        inherited: vec![Vec::new(); history.commits.len()],
        ..Pass::default()
    };
    for file in starter {
        let lines: Vec<u64> = file.iter().copied().filter(|hash| *hash != 0).collect();
        for line in &lines {
            pass.first.entry(*line).or_insert(Origin::Starter);
        }
        pass.held.extend(lines.windows(WINDOW).map(window_hash));
    }
    for (place, commit) in history.commits.iter().enumerate().rev() {
        let own_of_merge: Vec<Vec<Passage>> =
            commit.change.merged.iter().map(|file| file.own_lines().into_iter().collect()).collect();
        pass.commit(place, if commit.is_merge() { &own_of_merge } else { &commit.change.passages });
    }
    Provenance { tallies: pass.tallies, inherited: pass.inherited }
}

fn window_hash(window: &[u64]) -> u64 {
    window.iter().fold(0, |hash: u64, line| hash.rotate_left(21).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ line)
}

#[derive(Default)]
struct Pass<'h> {
    authors: &'h [usize],
    tallies: Vec<Tally>,
    inherited: Vec<Vec<(u32, u32, Origin)>>,
    /// Windows of lines that stood somewhere.
    held: HashSet<u64, BuildHasherDefault<AsItIs>>,
    /// Who added a line first.
    first: ByHash<Origin>,
    /// Who added the copies of a line that stand now, the latest last.
    live: ByHash<Vec<Origin>>,
    /// Whose lines were taken back.
    withdrawn: ByHash<Vec<usize>>,
    /// How many copies of a line stand beside the first.
    copies: ByHash<u32>,
}

impl Pass<'_> {
    fn commit(&mut self, place: usize, files: &[Vec<Passage>]) {
        let held: Vec<HashSet<u32>> = files.iter().map(|passages| self.held_before(passages)).collect();
        for passage in files.iter().flatten() {
            for (block, lines) in passage.blocks() {
                self.delete(place, block, lines);
                self.rename(lines);
            }
        }
        for (file, (passages, held)) in files.iter().zip(&held).enumerate() {
            for passage in passages {
                self.add(place, file as u32, passage, held);
            }
        }
        for passage in files.iter().flatten() {
            let lines: Vec<u64> = after(passage).map(|(line, _)| line.hash()).collect();
            self.held.extend(lines.windows(WINDOW).map(window_hash));
        }
    }

    /// Lines that the commit adds to a file in windows that stood somewhere before.
    fn held_before(&self, passages: &[Passage]) -> HashSet<u32> {
        let mut known = HashSet::new();
        for passage in passages {
            let lines: Vec<(Line, u32)> = after(passage).collect();
            for window in lines.windows(WINDOW) {
                let hashes: Vec<u64> = window.iter().map(|(line, _)| line.hash()).collect();
                let says_something = window.iter().filter(|(line, _)| line.has_substance()).count() * 2 >= WINDOW;
                if says_something && self.held.contains(&window_hash(&hashes)) {
                    let added = window.iter().filter(|(line, _)| line.kind() == LineKind::Added);
                    known.extend(added.map(|(_, number)| *number));
                }
            }
        }
        known
    }

    fn delete(&mut self, place: usize, block: Block, lines: &[Line]) {
        let deleted = || lines.iter().filter(|line| line.kind() == LineKind::Deleted && line.is_own());
        let (mut substantial, mut uncopied, mut taken_back, mut last) = (0_u64, 0_u64, 0_u64, None);
        for line in deleted().filter(|line| line.has_substance()) {
            substantial += 1;
            if block.new_lines == 0 && self.is_one_of_two(line.hash()) {
                uncopied += 1;
                continue;
            }
            self.tallies[place].acts += 1;
            let owner = self.live.get_mut(&line.hash()).and_then(Vec::pop);
            match owner {
                Some(Origin::Commit(owner)) if self.authors[owner] != self.authors[place] => {
                    self.tallies[owner].replaced_by_others += 1;
                }
                Some(Origin::Commit(owner)) if block.new_lines == 0 => {
                    self.take_back(owner, line.hash());
                    taken_back += 1;
                    last = Some(owner);
                    continue;
                }
                _ => {}
            }
            self.tallies[place].deleted += 1;
        }
        // Braces go with the lines around them.
        for line in deleted().filter(|line| !line.has_substance()) {
            if uncopied > 0 && uncopied * 2 >= substantial {
                continue;
            }
            self.tallies[place].acts += 1;
            match last {
                Some(owner) if taken_back * 2 >= substantial => self.take_back(owner, line.hash()),
                _ => self.tallies[place].deleted += 1,
            }
        }
    }

    /// Whether a copy of the line stands as well; then one less does from now on.
    fn is_one_of_two(&mut self, line: u64) -> bool {
        // A copy that was replaced meanwhile stands no more, though it was made.
        if self.stand(line) < 2 {
            return false;
        }
        let Some(left) = self.copies.get_mut(&line).filter(|left| **left > 0) else { return false };
        *left -= 1;
        // Both are the same person's: a copy keeps its owner.
        if let Some(owners) = self.live.get_mut(&line) {
            owners.pop();
        }
        true
    }

    /// How many of a line stand now, as far as they were followed.
    fn stand(&self, line: u64) -> usize {
        self.live.get(&line).map_or(0, Vec::len)
    }

    /// Lines that got other names stay whose they were, and the copies that they were.
    fn rename(&mut self, lines: &[Line]) {
        let side = |kind: LineKind| lines.iter().filter(move |line| line.kind() == kind && line.is_renamed());
        // They are marked by pairs, in order.
        for (old, new) in side(LineKind::Deleted).zip(side(LineKind::Added)) {
            let (old, new) = (old.hash(), new.hash());
            if let Some(owner) = self.live.get_mut(&old).and_then(Vec::pop) {
                self.live.entry(new).or_default().push(owner);
                self.first.entry(new).or_insert(owner);
            }
            if let Some(left) = self.copies.get_mut(&old).filter(|left| **left > 0) {
                *left -= 1;
                *self.copies.entry(new).or_default() += 1;
            }
        }
    }

    fn take_back(&mut self, owner: usize, line: u64) {
        let tally = &mut self.tallies[owner];
        if tally.added > 0 {
            tally.added -= 1;
            tally.taken_back += 1;
            self.withdrawn.entry(line).or_default().push(owner);
        }
    }

    fn add(&mut self, place: usize, file: u32, passage: &Passage, held: &HashSet<u32>) {
        for (line, number) in after(passage).filter(|(line, _)| line.kind() == LineKind::Added) {
            let hash = line.hash();
            let owner = if line.is_moved() {
                self.tallies[place].moved += 1;
                self.tallies[place].acts += 1;
                self.owner_of(hash)
            } else if line.is_reformatted() {
                self.tallies[place].reformatted += 1;
                self.tallies[place].acts += u64::from(line.is_renamed());
                None
            } else if held.contains(&number) {
                self.tallies[place].held_before += 1;
                let back = self.give_back(hash);
                if back.is_none() && line.has_substance() && self.stand(hash) > 0 {
                    *self.copies.entry(hash).or_default() += 1;
                }
                Some(back.or_else(|| self.owner_of(hash)).unwrap_or(Origin::Starter))
            } else {
                self.tallies[place].added += 1;
                self.tallies[place].acts += 1;
                None
            };
            if let Some(owner) = owner {
                self.inherited[place].push((file, number, owner));
            }
            let owner = owner.unwrap_or(Origin::Commit(place));
            self.first.entry(hash).or_insert(owner);
            // A moved line's copy still stands: its deleting was not followed either.
            if line.has_substance() && !line.is_moved() && !line.is_renamed() {
                self.live.entry(hash).or_default().push(owner);
            }
        }
    }

    fn owner_of(&self, line: u64) -> Option<Origin> {
        self.live.get(&line).and_then(|owners| owners.last()).or_else(|| self.first.get(&line)).copied()
    }

    fn give_back(&mut self, line: u64) -> Option<Origin> {
        let owner = self.withdrawn.get_mut(&line)?.pop()?;
        self.tallies[owner].added += 1;
        self.tallies[owner].taken_back -= 1;
        Some(Origin::Commit(owner))
    }
}

/// The lines of a passage as the commit leaves them, blank ones aside, each with its number in the file.
fn after(passage: &Passage) -> impl Iterator<Item = (Line, u32)> {
    let standing = passage.lines.iter().filter(|line| line.kind() != LineKind::Deleted);
    standing.zip(passage.new_start..).map(|(line, number)| (*line, number)).filter(|(line, _)| !line.is_blank())
}
