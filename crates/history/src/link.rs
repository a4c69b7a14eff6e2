//! How likely two units of change belong to one concern.
//!
//! `P = σ(B + Σ weight · feature)`; `idf(w) = ln((N+1)/(df+1))` over the N commits of the history (at least 10 are
//! assumed, so that a young repository has rare words, too).
//!
//! | feature | what it is |
//! |---|---|
//! | same file · same folder | 1 or 0; the folder where the file is another |
//! | likeness | square root of the tf-idf cosine of identifier parts of changed lines, path and header |
//! | rarest | highest idf of a shared changed identifier ÷ ln(N+1) |
//! | own words | ln(1 + identifiers that both have and no other commit does) |
//! | named | 1 where the name of the one's file stands among the other's words |
//! | same edit | idf of the identifiers that both gain or both lose ÷ that of the unit which gains and loses less |
//! | changed together | other commits that changed both files ÷ (1 + those that changed the rarer one) |
//! | folders together | the same for their folders, 2 in place of 1; 0 where the folder is the same |
//! | same kind of file | 1 where another file has the same extension; its words are shared by chance more often |
//! | formatting | 1 where both units change form alone |
//! | comments | 1 where both units change comments alone, in files that are no prose |
//! | moved | 1 where both are files that were renamed, or both files that were deleted |
//! | new | 1 where both files are new |
//! | scaffold | 1 where both are what a forge puts into a new repository (README, licence, ignore file) and this is the first commit |
//!
//! Source of the weights: logistic regression over pairs of units of one commit and of squashed commits of nine groups of
//! public repositories, each pair weighed so that no commit with many units outvotes the others. Those of the scaffold and
//! of comments, moved and new files are set by hand and held against whole commits of the same groups. See
//! [`super::atomicity`] for what had no part in it.

use std::collections::HashMap;

use super::diff::Status;
use super::record::{History, Record};
use super::units::Unit;
use super::words::{Bag, Word, hash};

const BIAS: f64 = -2.47;
const SAME_FILE: f64 = 1.81;
const SAME_FOLDER: f64 = 1.09;
const LIKENESS: f64 = 3.30;
const RAREST: f64 = 1.13;
const SAME_EDIT: f64 = 1.07;
const OWN_WORDS: f64 = 0.55;
const NAMED: f64 = 0.29;
const TOGETHER: f64 = 1.96;
const FOLDERS_TOGETHER: f64 = 1.65;
const SAME_KIND: f64 = -0.61;
const FORMATTING: f64 = 2.23;
const SCAFFOLD: f64 = 3.0;
const COMMENTS: f64 = 2.0;
const MOVED: f64 = 1.0;
const NEW: f64 = 0.5;

/// Commits assumed where the history has fewer.
const MIN_COMMITS: f64 = 10.0;
/// A commit that changes more files than this says nothing of which of them belong together.
const MAX_TOGETHER: usize = 50;

/// Commits of one file that are looked at for which others changed with it.
const MAX_LOOKED_AT: usize = 200;

/// What the whole history says of words and files.
#[derive(Debug, Default)]
pub(super) struct Frequencies {
    commits: f64,
    /// In how many commits each identifier stands.
    identifiers: HashMap<Word, u32>,
    /// In how many each part of one does.
    parts: HashMap<Word, u32>,
    /// Positions of the commits that changed each file, ascending.
    files: HashMap<Word, Vec<usize>>,
    /// The same for each folder that a file of it was changed in.
    folders: HashMap<Word, Vec<usize>>,
}

impl Frequencies {
    /// Of all commits but merges.
    pub(super) fn of(history: &History) -> Self {
        let mut all = Self::default();
        let mut count = 0_u32;
        for (position, commit) in history.commits.iter().enumerate().filter(|(_, commit)| !commit.is_merge()) {
            count += 1;
            for word in &commit.change.identifiers {
                *all.identifiers.entry(*word).or_default() += 1;
            }
            for word in &commit.change.identifier_parts {
                *all.parts.entry(*word).or_default() += 1;
            }
            if commit.change.files.len() <= MAX_TOGETHER {
                for file in &commit.change.files {
                    all.files.entry(hash(&file.path)).or_default().push(position);
                    let folder = all.folders.entry(hash(folder_of(&file.path))).or_default();
                    if folder.last() != Some(&position) {
                        folder.push(position);
                    }
                }
            }
        }
        all.commits = f64::from(count).max(MIN_COMMITS);
        all
    }

    fn idf(&self, among: &HashMap<Word, u32>, word: Word) -> f64 {
        let df = among.get(&word).copied().unwrap_or(0);
        ((self.commits + 1.0) / (f64::from(df) + 1.0)).ln()
    }

    /// How rare a part of an identifier is.
    pub(super) fn rarity_of_part(&self, part: Word) -> f64 {
        self.idf(&self.parts, part)
    }

    fn rarity(&self, identifiers: &[Word]) -> f64 {
        identifiers.iter().map(|word| self.idf(&self.identifiers, *word)).sum()
    }

    /// Whether no other commit of the history has this identifier.
    fn is_own(&self, identifier: Word) -> bool {
        self.identifiers.get(&identifier).is_none_or(|commits| *commits <= 1)
    }
}

/// In what part of the commits that changed the rarer one the other was changed as well, the one at `position` aside and
/// `smoothing` commits that did not assumed. Of a long history every n-th commit is looked at.
fn together(one: Option<&Vec<usize>>, other: Option<&Vec<usize>>, position: usize, smoothing: f64) -> f64 {
    let (Some(one), Some(other)) = (one, other) else { return 0.0 };
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let step = short.len().div_ceil(MAX_LOOKED_AT);
    let (mut both, mut looked_at) = (0_u32, 0_u32);
    for commit in short.iter().step_by(step.max(1)).filter(|commit| **commit != position) {
        looked_at += 1;
        both += u32::from(long.binary_search(commit).is_ok());
    }
    f64::from(both) / (f64::from(looked_at) + smoothing)
}

/// A unit with its tf-idf vector.
struct Weighed<'u> {
    unit: &'u Unit,
    vector: Vec<(Word, f64)>,
    length: f64,
    /// Rarity of all identifiers that it gains or loses.
    edits: f64,
    path: Word,
    folder: Word,
    /// The file's name without its extension; `None` where it is too short, or one that any folder has.
    name: Option<Word>,
}

impl<'u> Weighed<'u> {
    fn of(unit: &'u Unit, frequencies: &Frequencies) -> Self {
        let weigh = |(word, count): &(Word, u32)| {
            (*word, (1.0 + f64::from(*count).ln()) * frequencies.idf(&frequencies.parts, *word))
        };
        let vector: Vec<(Word, f64)> = unit.parts.0.iter().map(weigh).collect();
        let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f64>().sqrt();
        let edits = frequencies.rarity(&unit.gained) + frequencies.rarity(&unit.lost);
        let (path, folder) = (hash(&unit.path), hash(folder_of(&unit.path)));
        Self { unit, vector, length, edits, path, folder, name: name_of(&unit.path) }
    }

    fn cosine(&self, other: &Self) -> f64 {
        let (mut left, mut right, mut dot) = (0, 0, 0.0);
        while let (Some(a), Some(b)) = (self.vector.get(left), other.vector.get(right)) {
            match a.0.cmp(&b.0) {
                std::cmp::Ordering::Less => left += 1,
                std::cmp::Ordering::Greater => right += 1,
                std::cmp::Ordering::Equal => {
                    dot += a.1 * b.1;
                    left += 1;
                    right += 1;
                }
            }
        }
        let lengths = self.length * other.length;
        if lengths > 0.0 { dot / lengths } else { 0.0 }
    }
}

/// Square matrices over the units of one commit.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Cosine of their words.
    pub(super) likeness: Vec<Vec<f64>>,
    /// Probability that they belong to one concern.
    pub(super) link: Vec<Vec<f64>>,
}

impl Links {
    /// Between all units of the commit at `position` of the history.
    pub(super) fn of(commit: &Record, position: usize, frequencies: &Frequencies) -> Self {
        let weighed: Vec<Weighed<'_>> = commit.change.units.iter().map(|unit| Weighed::of(unit, frequencies)).collect();
        let count = weighed.len();
        // Units of the same two files share what the history says of these.
        let mut companions: HashMap<(usize, usize), f64> = HashMap::new();
        let mut links = Self { likeness: vec![vec![0.0; count]; count], link: vec![vec![1.0; count]; count] };
        for i in 0..count {
            for j in 0..i {
                let cosine = weighed[i].cosine(&weighed[j]);
                let (a, b) = (&weighed[i], &weighed[j]);
                let mut z = evidence(a, b, cosine, frequencies);
                if a.unit.file != b.unit.file {
                    let files = (a.unit.file, b.unit.file);
                    let known = companions.entry(files);
                    z += *known.or_insert_with(|| companionship(a, b, frequencies, position));
                }
                if commit.parents.is_empty() && [i, j].iter().all(|unit| is_scaffold(&weighed[*unit].unit.path)) {
                    z += SCAFFOLD;
                }
                let link = sigmoid(z);
                (links.likeness[i][j], links.likeness[j][i]) = (cosine, cosine);
                (links.link[i][j], links.link[j][i]) = (link, link);
            }
        }
        links
    }
}

/// The logarithm of the odds that they belong together, by their words.
fn evidence(a: &Weighed<'_>, b: &Weighed<'_>, cosine: f64, frequencies: &Frequencies) -> f64 {
    let (one, other) = (a.unit, b.unit);
    let (rarest, own) = shared(&one.identifiers, &other.identifiers, frequencies);
    let mut z = BIAS
        + LIKENESS * cosine.sqrt()
        + RAREST * rarest
        + OWN_WORDS * own.ln_1p()
        + SAME_EDIT * same_edit(a, b, frequencies);
    if one.formatting && other.formatting {
        z += FORMATTING;
    }
    if one.comments && other.comments {
        z += COMMENTS;
    }
    if one.file == other.file {
        return z + SAME_FILE;
    }
    if names(a, b) || names(b, a) {
        z += NAMED;
    }
    let both = |status: Status| one.status == status && other.status == status;
    if both(Status::Deleted) || (one.is_moved_whole() && other.is_moved_whole()) {
        z += MOVED;
    }
    if both(Status::Added) {
        z += NEW;
    }
    z
}

/// What the files of two units add to that.
fn companionship(a: &Weighed<'_>, b: &Weighed<'_>, frequencies: &Frequencies, position: usize) -> f64 {
    let files = (frequencies.files.get(&a.path), frequencies.files.get(&b.path));
    let mut z = TOGETHER * together(files.0, files.1, position, 1.0);
    if a.folder == b.folder {
        z += SAME_FOLDER;
    } else {
        let folders = (frequencies.folders.get(&a.folder), frequencies.folders.get(&b.folder));
        z += FOLDERS_TOGETHER * together(folders.0, folders.1, position, 2.0);
    }
    if extension_of(&a.unit.path) == extension_of(&b.unit.path) {
        z += SAME_KIND;
    }
    z
}

/// What a forge puts into a new repository.
pub(super) fn is_scaffold(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let known =
        ["readme", "license", "licence", "copying", ".gitignore", ".gitattributes", ".editorconfig", "codeowners"];
    known.iter().any(|start| name.starts_with(start))
}

/// 1 ÷ (1 + e^−z).
pub(super) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// In lower case; the whole name where it has none.
fn extension_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(_, extension)| extension).to_lowercase()
}

/// The name by which other files speak of this one: without folder, extension and the marks of tests, in lower case.
fn name_of(path: &str) -> Option<Word> {
    const ANYWHERE: [&str; 13] = [
        "index",
        "mod",
        "main",
        "init",
        "__init__",
        "lib",
        "variables",
        "outputs",
        "versions",
        "conftest",
        "utils",
        "readme",
        "changelog",
    ];
    const MIN_NAME: usize = 4;
    let name = path.rsplit('/').next().unwrap_or(path).split('.').next().unwrap_or_default().to_lowercase();
    let name = name.trim_start_matches("test_").trim_end_matches("_test").trim_end_matches("-test");
    (name.len() >= MIN_NAME && !ANYWHERE.contains(&name)).then(|| hash(name))
}

/// Whether `a`'s file is named among `b`'s words.
fn names(a: &Weighed<'_>, b: &Weighed<'_>) -> bool {
    a.name.is_some_and(|name| b.unit.parts.has(name))
}

/// Of the identifiers that both have: the highest idf ÷ ln(N+1), and how many no other commit has.
fn shared(a: &Bag, b: &Bag, frequencies: &Frequencies) -> (f64, f64) {
    let (mut best, mut own): (f64, f64) = (0.0, 0.0);
    a.shared(b, |word| {
        best = best.max(frequencies.idf(&frequencies.identifiers, word));
        own += f64::from(u8::from(frequencies.is_own(word)));
    });
    (best / (frequencies.commits + 1.0).ln(), own)
}

fn same_edit(a: &Weighed<'_>, b: &Weighed<'_>, frequencies: &Frequencies) -> f64 {
    let less = a.edits.min(b.edits);
    if less <= 0.0 {
        return 0.0;
    }
    let both = |one: &[Word], other: &[Word]| -> f64 {
        let shared = one.iter().filter(|word| other.binary_search(word).is_ok());
        shared.map(|word| frequencies.idf(&frequencies.identifiers, *word)).sum()
    };
    (both(&a.unit.gained, &b.unit.gained) + both(&a.unit.lost, &b.unit.lost)) / less
}
