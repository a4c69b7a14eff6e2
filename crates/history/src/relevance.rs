//! Does a message speak of what was changed?
//!
//! `rel = σ(1.56 − 0.62·cov + 1.13·covp + 2.35·ln(1+Σidf of hits) + 0.40·(intents met − missed) − 0.47·ln(1+diff words) −
//! 1.61·ln(1+message words))`: a long message hits by chance more often. Words are accent-folded, split at case and
//! underscores, and cut to five letters, which carries over between English, French and Italian; a literal, as `t2.micro`
//! or `8080`, counts where it stands on a changed line. `cov` is the idf part of the message's words that stand in paths
//! or on changed lines, `covp` in paths alone; `idf(w) = ln((N+1)/(df+1))` over the N commits of the history, at least 10.
//! Intents are what the subject says was done (add, remove, rename, test, document, dependency, typo), checked against the
//! diff.
//!
//! Source: fitted on commits' own messages against other commits' of the same repositories. Over five of these: AUC .917
//! against any other message (.899 without the message's length), .848 against a neighbour's (.827).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use regex::Regex;

use super::diff::{CommitDiff, LineKind, Status};
use super::regex;
use super::role::Role;
use super::vocabulary::STOP;
use super::walk::Record;
use super::words::{Bag, Word, clipped, fold, hash_lower, is_comment, parts};

/// Letters that words are cut to.
const STEM: usize = 5;
/// Lines of one file whose words are read.
const MAX_LINES_PER_FILE: usize = 3_000;
/// Different literals of one commit that are kept.
const MAX_LITERALS: usize = 4_000;
/// Shorter ones stand on any line.
const MIN_LITERAL: usize = 3;
/// Paths of files that do not count whose words are read.
const MAX_EXCLUDED_PATHS: usize = 200;
/// Commits assumed where the history has fewer.
const MIN_COMMITS: f64 = 10.0;

/// Words and facts of a diff that a message is held against.
#[derive(Debug, Default)]
pub(super) struct DiffWords {
    paths: Bag,
    lines: Bag,
    /// Words with a digit on changed lines, as they are written there; ascending.
    literals: Vec<Word>,
    facts: Facts,
}

#[derive(Debug, Default)]
struct Facts {
    added: u64,
    deleted: u64,
    any_added_file: bool,
    any_deleted_file: bool,
    any_renamed_file: bool,
    any_test: bool,
    any_doc: bool,
    any_config: bool,
    any_comment: bool,
}

impl DiffWords {
    /// Of one commit.
    pub(super) fn of(diff: &CommitDiff) -> Self {
        let (mut paths, mut lines, mut facts) = (Vec::new(), Vec::new(), Facts::default());
        let mut found_literals = Vec::new();
        for file in &diff.files {
            words(&file.path, |word| paths.push(stem(word)));
            if file.old_path != file.path {
                words(&file.old_path, |word| paths.push(stem(word)));
            }
            facts.see(&file.path, file.status);
            let mut seen = 0;
            for line in file.hunks.iter().flat_map(|hunk| hunk.lines.iter()) {
                match line.kind {
                    LineKind::Added => facts.added += 1,
                    LineKind::Deleted => facts.deleted += 1,
                    LineKind::Context => {}
                }
                seen += 1;
                if line.kind != LineKind::Context && seen <= MAX_LINES_PER_FILE {
                    words(clipped(line.text), |word| lines.push(stem(word)));
                    if found_literals.len() < MAX_LITERALS {
                        literals(clipped(line.text), |literal| found_literals.push(literal));
                    }
                    facts.any_comment |= is_comment(line.text);
                }
            }
        }
        let excluded = || diff.excluded.iter().filter(|file| !file.is_rest_of_counted());
        for file in excluded() {
            facts.see(&file.path, file.status);
        }
        for file in excluded().take(MAX_EXCLUDED_PATHS) {
            words(&file.path, |word| paths.push(stem(word)));
        }
        let literals = super::words::distinct(found_literals);
        Self { paths: Bag::of(paths), lines: Bag::of(lines), literals, facts }
    }

    fn has_in_path(&self, word: Word) -> bool {
        self.paths.0.binary_search_by_key(&word, |(word, _)| *word).is_ok()
    }

    fn has(&self, word: Word) -> bool {
        self.has_in_path(word) || self.lines.0.binary_search_by_key(&word, |(word, _)| *word).is_ok()
    }

    fn line_words(&self) -> u64 {
        self.lines.0.iter().map(|(_, count)| u64::from(*count)).sum()
    }
}

impl Facts {
    fn see(&mut self, path: &str, status: Status) {
        match status {
            Status::Added => self.any_added_file = true,
            Status::Deleted => self.any_deleted_file = true,
            Status::Renamed => self.any_renamed_file = true,
            Status::Modified => {}
        }
        match Role::of(path) {
            Role::Test => self.any_test = true,
            Role::Doc => self.any_doc = true,
            Role::Config => self.any_config = true,
            Role::Other => {}
        }
    }
}

/// Calls `found` with each part of a word that has three letters or more, accents off, case as it is.
pub(super) fn words(text: &str, mut found: impl FnMut(&str)) {
    for word in fold(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut any = false;
        parts(word, |part| {
            if part.is_ascii() {
                any = true;
                if part.len() >= 3 && !part.starts_with(|c: char| c.is_ascii_digit()) {
                    found(part);
                }
            }
        });
        if !any && word.chars().count() >= 3 && !word.chars().all(char::is_numeric) {
            found(word);
        }
    }
}

/// Calls `found` with each word that has a digit, its dots, dashes and slashes with it: `t2.micro`, `10.0.0.0/16`, `8080`.
fn literals(text: &str, mut found: impl FnMut(Word)) {
    for run in text.split(|c: char| !(c.is_ascii_alphanumeric() || "._-/:".contains(c))) {
        let literal = run.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if literal.len() >= MIN_LITERAL && literal.bytes().any(|byte| byte.is_ascii_digit()) {
            found(hash_lower(literal));
        }
    }
}

fn stem(word: &str) -> Word {
    let end = word.char_indices().nth(STEM).map_or(word.len(), |(end, _)| end);
    hash_lower(&word[..end])
}

static TRAILER_LINE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?im)^(signed-off-by|co-authored-by|change-id|reviewed-by|closes?|fixes|refs?|see|cc)\b.*$")
});
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| regex(r"https?://\S+|\b[0-9a-f]{7,40}\b|#\d+|\b[A-Z]{2,}-\d+"));

/// The stems and the literals of a message, each once; stop words, trailers and references are left out.
fn words_of_message(message: &str) -> (Vec<Word>, Vec<Word>) {
    let message = TRAILER_LINE.replace_all(message, "");
    let message = REFERENCE.replace_all(&message, " ");
    let (mut stems, mut found_literals) = (Vec::new(), Vec::new());
    words(&message, |word| {
        if !STOP.contains(word.to_lowercase().as_str()) {
            stems.push(stem(word));
        }
    });
    literals(&message, |literal| found_literals.push(literal));
    (super::words::distinct(stems), super::words::distinct(found_literals))
}

/// In how many commits of the history a stem stands in paths or on changed lines.
#[derive(Debug)]
pub(super) struct StemFrequencies {
    commits: f64,
    of: HashMap<Word, u32>,
}

impl StemFrequencies {
    /// Over all commits but merges.
    pub(super) fn over(commits: &[Record]) -> Self {
        let mut of: HashMap<Word, u32> = HashMap::new();
        let mut count = 0_u32;
        for commit in commits.iter().filter(|commit| !commit.is_merge()) {
            count += 1;
            let words = &commit.change.words;
            let stems = words.paths.0.iter().chain(&words.lines.0).map(|(word, _)| *word);
            let both: HashSet<Word> = stems.chain(words.literals.iter().copied()).collect();
            #[expect(clippy::iter_over_hash_type, reason = "each word adds one to its own count")]
            for word in both {
                *of.entry(word).or_default() += 1;
            }
        }
        Self { commits: f64::from(count).max(MIN_COMMITS), of }
    }

    fn idf(&self, word: Word) -> f64 {
        let df = self.of.get(&word).copied().unwrap_or(0);
        ((self.commits + 1.0) / (f64::from(df) + 1.0)).ln()
    }
}

/// How a message fits its diff.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Relevance {
    /// 0..1.
    pub(super) score: f64,
    /// What the subject says was done and the diff does not show, in words.
    pub(super) missed: Vec<&'static str>,
    /// How many of the message's literals stand on changed lines.
    pub(super) literals: usize,
}

/// Holds a message against what was changed.
pub(super) fn of(message: &str, diff: &DiffWords, frequencies: &StemFrequencies) -> Relevance {
    let (stems, literals) = words_of_message(message);
    let known: Vec<Word> = literals.into_iter().filter(|word| diff.literals.binary_search(word).is_ok()).collect();
    let of_literals: f64 = known.iter().map(|word| frequencies.idf(*word)).sum();
    let sum = |among: &dyn Fn(Word) -> bool| -> f64 {
        stems.iter().filter(|word| among(**word)).map(|word| frequencies.idf(*word)).sum()
    };
    let total = (sum(&|_| true) + of_literals).max(1e-9);
    let hits = sum(&|word| diff.has(word)) + of_literals;
    let hits_in_paths = sum(&|word| diff.has_in_path(word));
    let (met, missed) = intents(message, &diff.facts);
    let z = 1.56 - 0.62 * hits / total
        + 1.13 * hits_in_paths / total
        + 2.35 * hits.ln_1p()
        + 0.40 * (met as f64 - missed.len() as f64)
        - 0.47 * (diff.line_words() as f64).ln_1p()
        - 1.61 * (stems.len() as f64).ln_1p();
    Relevance { score: 1.0 / (1.0 + (-z).exp()), missed, literals: known.len() }
}

static INTENTS: LazyLock<BTreeMap<&str, Regex>> = LazyLock::new(|| {
    [
        ("add", r"\b(add(s|ed|ing)?|new|creat\w+|introduc\w+|implement\w*|ajout\w*|cre(e|er|ation)\b|aggiun\w+|creat[oa]|inseri\w+)\b"),
        ("remove", r"\b(remov\w+|delet\w+|drop(s|ped)?|supprim\w*|suppress\w*|retir\w*|enlev\w*|rimoss\w*|rimozion\w*|elimin\w+|tolt[oa])\b"),
        ("rename", r"\b(renam\w+|mov(e|ed|es|ing)|renomm\w*|deplac\w*|rinomin\w*|spost\w+)\b"),
        ("test", r"\b(tests?|testing|spec|specs)\b"),
        ("document", r"\b(docs?|document\w*|readme|changelog|rapport|report|relazione|comment(s|ed|aire\w*|i)?)\b"),
        ("dependency", r"\b(bump\w*|upgrad\w*|depend\w*|deps|version|dipendenz\w*)\b"),
        ("typo", r"\b(typos?|spelling|coquille|faute|refuso)\b"),
    ]
    .into_iter()
    .map(|(intent, pattern)| (intent, regex(&format!("(?i){pattern}"))))
    .collect()
});

fn intents(message: &str, facts: &Facts) -> (usize, Vec<&'static str>) {
    let subject = fold(message.lines().next().unwrap_or_default()).to_lowercase();
    let changed = facts.added + facts.deleted;
    let (mut met, mut missed) = (0, Vec::new());
    for (intent, pattern) in INTENTS.iter() {
        if !pattern.is_match(&subject) {
            continue;
        }
        let (shows, complaint) = match *intent {
            "add" => (facts.added > facts.deleted || facts.any_added_file, "says that something was added"),
            "remove" => (facts.deleted > facts.added || facts.any_deleted_file, "says that something was removed"),
            "rename" => {
                let balanced = facts.added > 0
                    && facts.deleted > 0
                    && facts.added.abs_diff(facts.deleted) as f64 <= 0.35 * changed as f64;
                (facts.any_renamed_file || balanced, "says that something was renamed or moved")
            }
            "test" => (facts.any_test, "speaks of tests"),
            "document" => (facts.any_doc || facts.any_comment, "speaks of documentation"),
            "dependency" => (facts.any_config, "speaks of dependencies or versions"),
            _ => (changed <= 30, "speaks of a typo"),
        };
        if shows {
            met += 1;
        } else {
            missed.push(complaint);
        }
    }
    (met, missed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_meet_across_languages_and_accents() {
        assert_eq!(stem("configuration"), stem("Configurazione"));
        let mut found = Vec::new();
        words("Équilibreur de charge: targetGroup2 (port 8080)", |word| found.push(word.to_owned()));
        assert_eq!(found, ["Equilibreur", "charge", "target", "Group", "port"]);
    }

    #[test]
    fn literals_keep_their_signs_and_lose_what_is_around_them() {
        let of = |text: &str| {
            let mut found = Vec::new();
            literals(text, |literal| found.push(literal));
            found
        };
        let named = |names: &[&str]| names.iter().map(|name| hash_lower(name)).collect::<Vec<_>>();
        assert_eq!(of("Change `T2.micro` to m4.large, port 8080."), named(&["t2.micro", "m4.large", "8080"]));
        assert_eq!(of("cidr_block = \"10.0.0.0/16\" # 2 of them"), named(&["10.0.0.0/16"]));
    }
}
