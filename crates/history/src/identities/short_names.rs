//! What members are called for short: a word of the name (`Ben`, `Okafor`), or the initials (`BO`).
//!
//! A word of a name may be a word of the language or of the stack (`Deploy with SAM`, `Open the NAT gateway`), so it counts
//! only where names stand: alone between brackets, before a colon or after one (`[ben]`, `ben: …`, `Authors: ada, ben`);
//! after `@`, `by` and `with`; and with a capital before what people do (`Ben wrote …`). Never in capitals alone, in which
//! initials count, alone or after such a word. What several members are called names none of them.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::names::words_of;
use super::spoken::{Called, note};

/// What a person is, before a colon and a name: `Driver: Ada / Navigator: Ben`.
const ROLES: [&str; 8] = ["driver", "navigator", "author", "authors", "auteur", "auteurs", "autore", "autori"];
/// After these a name follows.
const BY: [&str; 10] = ["avec", "by", "con", "da", "di", "mit", "par", "von", "w", "with"];
/// Between names.
const JOINERS: [&str; 8] = ["and", "e", "ed", "et", "i", "me", "und", "y"];
/// Parts of names that are words of every day.
const LITTLE: [&str; 60] = [
    "ad", "al", "an", "as", "at", "au", "be", "bin", "by", "da", "das", "de", "del", "den", "der", "di", "do", "dos",
    "du", "ed", "el", "en", "et", "go", "he", "ho", "if", "il", "in", "is", "it", "la", "las", "le", "les", "lo",
    "los", "ma", "me", "mi", "my", "ne", "no", "of", "on", "or", "ou", "san", "se", "si", "so", "su", "the", "to",
    "un", "up", "us", "van", "von", "we",
];
/// What a person did, after the name.
const DID: [&str; 12] =
    ["aide", "did", "ecrit", "fait", "fatto", "helped", "made", "paired", "programmed", "scritto", "typed", "wrote"];
/// Between a name and what that person did.
const HELPERS: [&str; 7] = ["a", "also", "and", "ha", "has", "hat", "mostly"];
/// Letters that are no one's initials.
const NO_INITIALS: [&str; 42] = [
    "acl", "ai", "alb", "ami", "api", "app", "aws", "az", "cd", "ci", "cli", "db", "doc", "ec", "ecr", "ecs", "elb",
    "iac", "iam", "id", "ip", "lb", "ml", "nat", "nlb", "ok", "pp", "pr", "qa", "sam", "sdk", "sg", "sh", "sqs", "ssh",
    "ssm", "tf", "tp", "ui", "vm", "vpc", "wip",
];

/// What members are called for short.
#[derive(Debug, Default)]
pub(super) struct ShortNames {
    words: Called,
    initials: Called,
}

impl ShortNames {
    pub(super) fn add(&mut self, name: &[String], member: usize) {
        for word in name.iter().filter(|word| word.chars().count() >= 2 && word.chars().all(char::is_alphabetic)) {
            note(&mut self.words, word.clone(), member);
        }
        let initials: String = name.iter().filter_map(|word| word.chars().next()).collect();
        if name.len() >= 2 && !NO_INITIALS.contains(&initials.as_str()) {
            note(&mut self.initials, initials, member);
        }
    }

    /// The members whom a line names so.
    pub(super) fn named_in(&self, line: &str) -> BTreeSet<usize> {
        let line: String = line.nfc().collect();
        let tokens = tokens(&line);
        let mut members = BTreeSet::new();
        for part in tokens.chunk_by(|a, b| !parts(&line[a.end..b.start])) {
            let is_word = |it: &Token<'_>| self.words.contains_key(&it.word) && !is_in_capitals(it.text);
            let is_name = |it: &Token<'_>| is_word(it) || self.initials.contains_key(&it.word);
            if part.iter().all(|it| is_name(it) || JOINERS.contains(&&*it.word) || BY.contains(&&*it.word)) {
                let called = |it: &Token<'_>| *self.words.get(&it.word).filter(|_| is_word(it))?;
                members.extend(part.iter().filter_map(called));
                members.extend(part.iter().filter_map(|it| *self.initials.get(&it.word)?));
            }
        }
        // The last word that is marked as a name: `with Ada and Ben`.
        let mut marked: Option<usize> = None;
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let gap = &line[before.map_or(0, |before| before.end)..token.start];
            let word_before = |back: usize| at.checked_sub(back).map_or("", |at| &*tokens[at].word);
            let is_after_by = (BY.contains(&word_before(1)) || (word_before(2), word_before(1)) == ("behalf", "of"))
                && !gap.contains(['.', '_', '-']);
            let is_little = LITTLE.contains(&&*token.word);
            let is_capital = token.text.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase());
            let is_at = gap.strip_suffix('@').is_some_and(|gap| before.is_none() || !gap.is_empty());
            let is_next = marked.is_some_and(|last| match at - last {
                1 => gap.contains([',', '/', '+', '&']),
                2 => JOINERS.contains(&word_before(1)),
                _ => false,
            });
            let is_role = gap.contains(':') && ROLES.contains(&word_before(1));
            let is_written_so = match (is_capital, is_after_by || is_at) {
                (true, true) => true,
                (false, marked) => marked && !is_little,
                (true, false) => !is_little && (is_next || is_role || is_before_deed(&tokens[at + 1..])),
            };
            if is_written_so
                && !is_in_capitals(token.text)
                && !is_of_code(&line, token)
                && let Some(called) = self.words.get(&token.word)
            {
                marked = Some(at);
                members.extend(*called);
            }
            if is_after_by && is_in_capitals(token.text) {
                members.extend(self.initials.get(&token.word).copied().flatten());
            }
        }
        members
    }
}

struct Token<'l> {
    text: &'l str,
    /// Lower case, accents off.
    word: String,
    start: usize,
    end: usize,
}

fn tokens(line: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = 0;
    while let Some(from) = line[rest..].find(char::is_alphanumeric) {
        let start = rest + from;
        let end = line[start..].find(|c: char| !c.is_alphanumeric()).map_or(line.len(), |length| start + length);
        let text = &line[start..end];
        tokens.push(Token { text, word: words_of(text).concat(), start, end });
        rest = end;
    }
    tokens
}

/// Whether what stands between two words parts a line.
fn parts(gap: &str) -> bool {
    gap.contains(|c: char| "()[]{}:：;|–—".contains(c)) || gap.contains(" - ")
}

/// Whether a word is in capitals, as abbreviations are: `SAM`, `NAT`.
fn is_in_capitals(word: &str) -> bool {
    word.chars().all(char::is_uppercase)
}

/// Whether the words that follow say what a person did: `Ben wrote …`, `Ben a écrit …`.
fn is_before_deed(after: &[Token<'_>]) -> bool {
    let did = |at: usize| after.get(at).is_some_and(|it| DID.contains(&&*it.word));
    did(0) || (did(1) && HELPERS.contains(&&*after[0].word))
}

/// Whether a word is part of a file's name, an address or a name in code.
fn is_of_code(line: &str, token: &Token<'_>) -> bool {
    let mut after = line[token.end..].chars();
    let is_joined = match after.next() {
        Some('_' | '@') => true,
        Some('.') => after.next().is_some_and(char::is_alphanumeric),
        _ => false,
    };
    let mut before = line[..token.start].chars().rev();
    is_joined
        || match before.next() {
            Some('_' | '$') => true,
            Some('.' | '@') => before.next().is_some_and(char::is_alphanumeric),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(line: &str) -> Vec<usize> {
        let mut short = ShortNames::default();
        for (member, name) in ["Ada Lovelace", "Ben Okafor", "Mark Max", "An Li"].iter().enumerate() {
            short.add(&words_of(name), member);
        }
        short.named_in(line).into_iter().collect()
    }

    #[test]
    fn words_of_the_stack_name_nobody_who_is_called_so() {
        let mut short = ShortNames::default();
        let team = ["Sam Hill", "Nat Page", "Will Long", "Rita Costa", "Ben Okafor", "Sara Sofia Hall"];
        team.iter().enumerate().for_each(|(member, name)| short.add(&words_of(name), member));
        for line in [
            "Deploy with SAM",
            "SAM: deploy the function",
            "[NAT] Open the gateway",
            "Open the NAT gateway",
            "Add the Long polling",
            "Costa Rica region",
            "Measure as in Ben's benchmark",
            "Deploy with SSH",
            "Page through the Hill climbing results",
        ] {
            assert!(short.named_in(line).is_empty(), "{line}: {:?}", short.named_in(line));
        }
        for (line, member) in
            [("Deploy with Sam", 0), ("[sam] Deploy", 0), ("Nat: open the gateway", 1), ("RC: add", 3)]
        {
            assert_eq!(short.named_in(line).into_iter().collect::<Vec<_>>(), [member], "{line}");
        }
    }

    #[test]
    fn a_short_name_is_read_as_names_are_written() {
        for line in [
            "[Ben] Add the probe",
            "[ben] Add the probe",
            "Ben: add the probe",
            "ben: add the probe",
            "Add the probe (with Ben)",
            "Add the probe by Ben",
            "Add the probe, by ben",
            "Author: Ben",
            "author: ben",
            "PP with Ben",
            "Add the probe w/ ben",
            "Add the probe (made by Ben, committed on my laptop)",
            "Ajoute la sonde, fait avec Ben",
            "Aggiunge la sonda con ben",
            "On behalf of Ben",
            "BO: add the probe",
            "[bo] Add the probe",
            "BO - Add the probe",
            "Add the probe with BO",
            "* Ben: first version",
            "Okafor wrote the probe",
            "Ben also wrote the probe",
            "Ben a écrit la sonde",
            "Ben ha scritto la sonda",
            "Add the probe, @ben",
            "@ben wrote it",
        ] {
            assert_eq!(named(line), [1], "{line}");
        }
        for line in
            ["Authors: Ada, Ben", "authors: ada, ben", "Driver: Ada / Navigator: Ben", "[ada/ben] Add", "Ada+Ben: add"]
        {
            assert_eq!(named(line), [0, 1], "{line}");
        }
        for line in
            ["Add the probe with Ada and Ben", "Fait par Ada, Ben pour la sonde", "Pairing by Ada & Ben at home"]
        {
            assert_eq!(named(line), [0, 1], "{line}");
        }
        assert_eq!(named("Mark: add the probe"), [2]);
        assert_eq!(named("Add the probe with An"), [3]);
    }

    #[test]
    fn other_words_are_no_names() {
        for line in [
            "Mark the target as unhealthy",
            "Read the max size",
            "Move ben.py beside Ben.py",
            "Rename Max_Size",
            "Write to x@Ben.example",
            "An instance fails",
            "Start an instance with an address",
            "Add the bo file",
            "Add the benchmark",
        ] {
            assert_eq!(named(line), [0_usize; 0], "{line}");
        }
    }

    #[test]
    fn what_two_members_are_called_names_none() {
        let mut short = ShortNames::default();
        short.add(&words_of("Ben Okafor"), 0);
        short.add(&words_of("Ben Olsen"), 1);
        for line in ["Ben: add the probe", "BO: add the probe", "Add the probe with Ben"] {
            assert!(short.named_in(line).is_empty(), "{line}");
        }
        assert_eq!(short.named_in("Ben Olsen: add").into_iter().collect::<Vec<_>>(), [1]);
        short.add(&words_of("Carla Ionescu"), 2);
        assert!(short.named_in("CI: run the tests").is_empty());
    }
}
