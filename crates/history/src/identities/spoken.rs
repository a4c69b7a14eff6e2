//! Members whom a message names in words, wherever that is: `pair programming with Ben Okafor`, `(ben@uni.example)`,
//! `@ben-okafor`.
//!
//! No trailer says what they did. It earns nothing, and it is no proof of idleness either.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization;

use super::names::{address_in, is_unspaced, logins_of, unspaced, words_of};
use super::programs::program;
use super::short_names::ShortNames;
use super::trailers::{bare, names_no_author};
use stackmark_evidence::Member;
use stackmark_evidence::git::Person;

/// Words of the longest name that is looked for.
const MAX_WORDS: usize = 6;

/// What members are called → the member; `None` where several are called so.
pub(super) type Called = BTreeMap<String, Option<usize>>;

/// What members are called in running text.
#[derive(Debug, Default)]
pub(super) struct Spoken {
    /// Full names, in any place.
    names: Called,
    /// The first words of them.
    beginnings: BTreeSet<String>,
    /// First names and the like, as names are written.
    short: ShortNames,
    /// Names, in full and without the family's, of scripts that set no spaces: they are a part of other words.
    unspaced: Called,
    addresses: Called,
    logins: Called,
}

impl Spoken {
    pub(super) fn of(members: &[Member]) -> Self {
        let mut spoken = Self::default();
        for (index, member) in members.iter().enumerate() {
            for name in std::iter::once(&member.name).chain(&member.aliases) {
                spoken.add_name(words_of(name), index);
                let unspaced = called_unspaced(name);
                // A word alone as an alias is a login.
                if unspaced.is_empty() && (*name == member.name || words_of(name).len() > 1) {
                    spoken.short.add(&words_of(name), index);
                }
                unspaced.into_iter().for_each(|name| note(&mut spoken.unspaced, name, index));
            }
            for address in member.emails.iter().flat_map(|email| email.split_whitespace()).filter_map(address_in) {
                logins_of(&address).into_iter().for_each(|login| note(&mut spoken.logins, login, index));
                note(&mut spoken.addresses, address, index);
            }
            if let Some(login) = &member.login {
                note(&mut spoken.logins, login.trim().to_lowercase(), index);
            }
        }
        spoken
    }

    fn add_name(&mut self, words: Vec<String>, member: usize) {
        if !(2..=MAX_WORDS).contains(&words.len()) {
            return;
        }
        let mut last_first = words.clone();
        last_first.rotate_right(1);
        for order in [words, last_first] {
            note(&mut self.names, order.join(" "), member);
            self.beginnings.extend(order.into_iter().next());
        }
    }

    /// The members whom `message` names, each once with the line that does.
    pub(super) fn named_in<'m>(&self, message: &'m str) -> Vec<(usize, &'m str)> {
        let mut found: Vec<(usize, &str)> = Vec::new();
        for (number, line) in message.lines().enumerate() {
            // `Fixes the probe` is a subject as well as the beginning of a trailer.
            if number > 0 && names_no_author(line) {
                continue;
            }
            for member in self.named_in_line(line) {
                if found.iter().all(|(known, _)| *known != member) {
                    found.push((member, bare(line)));
                }
            }
        }
        found
    }

    fn named_in_line(&self, line: &str) -> BTreeSet<usize> {
        // `Claude <noreply@…>` is not the member whose first name that is.
        let mut members = if signs_a_program(line) { BTreeSet::new() } else { self.short.named_in(line) };
        if !self.unspaced.is_empty() && line.contains(is_unspaced) {
            let text: String = line.nfkc().filter(|c| !c.is_whitespace()).collect();
            members.extend(self.unspaced.iter().filter_map(|(name, member)| member.filter(|_| text.contains(name))));
        }
        let words = words_of(line);
        for (start, first) in words.iter().enumerate().filter(|(_, first)| self.beginnings.contains(*first)) {
            let mut name = first.clone();
            for word in words[start + 1..].iter().take(MAX_WORDS - 1) {
                name.push(' ');
                name.push_str(word);
                members.extend(self.names.get(&name).copied().flatten());
            }
        }
        for token in line.split(|c: char| c.is_whitespace() || "()<>,;\"'`".contains(c)) {
            if let Some(address) = address_in(token) {
                members.extend(self.addresses.get(&address).copied().flatten());
                members.extend(logins_of(&address).iter().filter_map(|login| *self.logins.get(login)?));
                continue;
            }
            let token = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '@').to_lowercase();
            let login = token.trim_start_matches('@');
            // A login that could be a word of the language says nothing without its sign.
            if login.len() < token.len() || login.contains(|c: char| !c.is_alphabetic()) {
                members.extend(self.logins.get(login).copied().flatten());
            }
        }
        members
    }
}

/// What somebody is called whose name is of a script that sets no spaces: 李明, and of 김민준 or 김 민준 also 민준.
fn called_unspaced(name: &str) -> Vec<String> {
    let Some(whole) = unspaced(name) else { return Vec::new() };
    let mut called: Vec<String> = name.split_whitespace().filter_map(unspaced).collect();
    let letters: Vec<char> = whole.chars().collect();
    // Family names are of one character, and in Japan mostly of two.
    if (3..=4).contains(&letters.len()) {
        called.push(letters[letters.len() - 2..].iter().collect());
    }
    called.push(whole);
    called.sort_unstable();
    called.dedup();
    called
}

/// Whether a line has a program's address between brackets, as trailers do.
fn signs_a_program(line: &str) -> bool {
    let email = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(email, _)| email.to_owned());
    email.is_some_and(|email| program(&Person { name: String::new(), email }).is_some())
}

/// Takes in what a member is called.
pub(super) fn note(called: &mut Called, name: String, member: usize) {
    let known = called.entry(name).or_insert(Some(member));
    if *known != Some(member) {
        *known = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members() -> Vec<Member> {
        let member = |id: &str, name: &str, login: &str| Member {
            id: id.to_owned(),
            name: name.to_owned(),
            emails: vec![format!("{id}@uni.example")],
            aliases: vec![],
            login: Some(login.to_owned()),
        };
        vec![member("ana", "Ana García", "ana"), member("leo", "Léo Petit", "leo-petit")]
    }

    #[test]
    fn a_member_is_found_in_words_wherever_they_stand() {
        let spoken = Spoken::of(&members());
        for (message, line) in [
            (
                "Register targets with Léo Petit (pair programming)",
                "Register targets with Léo Petit (pair programming)",
            ),
            ("Register targets\n\nWritten with Leo (leo@uni.example)", "Written with Leo (leo@uni.example)"),
            ("Register targets\n\nPETIT Leo wrote half of it.", "PETIT Leo wrote half of it."),
            ("Register targets w/ @leo-petit", "Register targets w/ @leo-petit"),
            ("Register targets\n\n- by leo-petit, too", "by leo-petit, too"),
            ("[leo] Register targets", "[leo] Register targets"),
            ("Register targets\n\n* LP: first version", "LP: first version"),
        ] {
            assert_eq!(spoken.named_in(message), [(1, line)], "{message}");
        }
    }

    #[test]
    fn a_name_without_spaces_is_found_within_other_words() {
        let called = |names: &[&str]| -> Vec<Member> {
            names.iter().map(|name| Member { name: (*name).to_owned(), ..members().remove(0) }).collect()
        };
        let spoken = Spoken::of(&called(&["Ada Lovelace", "李明", "김 민준", "田中太郎"]));
        for (message, member) in [
            ("添加监控（和李明一起完成）", 1),
            ("添加监控（和 李 明 一起完成）", 1),
            ("Add the probe with 李明", 1),
            ("김민준과 함께 작성", 2),
            ("민준이와 함께 작성", 2),
            ("太郎と一緒に書いた", 3),
        ] {
            assert_eq!(spoken.named_in(message), [(member, message)], "{message}");
        }
        for message in ["添加监控", "Add the probe", "明天再写", "김 교수님의 틀"] {
            assert!(spoken.named_in(message).is_empty(), "{message}: {:?}", spoken.named_in(message));
        }
        let brothers = Spoken::of(&called(&["김민준", "박민준"]));
        assert!(brothers.named_in("민준이와 함께 작성").is_empty(), "two members are called so");
    }

    #[test]
    fn other_words_name_nobody() {
        let spoken = Spoken::of(&members());
        for message in [
            "Register ana and leo",
            "Use the petit instance",
            "Register targets\n\nReviewed-by: Léo Petit <leo@uni.example>",
            "Register targets\n\nReported-by: @leo-petit",
            "Add leo@uni.example.org to the alarm",
        ] {
            assert!(spoken.named_in(message).is_empty(), "{message}: {:?}", spoken.named_in(message));
        }
        let claude = [Member { name: "Claude Petit".to_owned(), ..members().remove(1) }];
        let message = "Register targets\n\nCo-Authored-By: Claude <noreply@anthropic.com>";
        assert!(Spoken::of(&claude).named_in(message).is_empty(), "an agent is no member");
        let twins: Vec<Member> =
            members().into_iter().map(|member| Member { name: "Kim Lee".to_owned(), ..member }).collect();
        assert!(Spoken::of(&twins).named_in("Pair with Kim Lee").is_empty(), "two members are called so");
    }
}
