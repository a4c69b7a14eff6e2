//! Whose commit is it?
//!
//! An author is a member where one of these holds for exactly one member, tried in this order:
//!
//! 1. the address is one of the member's, without regard to case;
//! 2. the address is a forge's private one, `123+login@users.noreply.<forge>`, of the member's login;
//! 3. the name is the member's name, one of the aliases or the login, without regard to case, accents and punctuation;
//!    of names of two words or more, the order is free.
//!
//! Nothing else makes an author a member's: no likeness of names, no shared machine, and no `.mailmap` of the repository,
//! which the team itself could change. An author who fits nobody, or two members, is nobody's.

use std::collections::{BTreeMap, BTreeSet};

use super::words::fold;
use crate::evidence::Member;
use crate::evidence::git::Person;

/// Who the members are, ready to be asked.
#[derive(Debug)]
pub(super) struct Identities {
    /// Key → indices of the members that have it.
    keys: BTreeMap<Key, BTreeSet<usize>>,
    ids: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Email(String),
    Login(String),
    Name(String),
}

impl Identities {
    /// Of a team's members, in the roster's order.
    pub(super) fn new(members: &[Member]) -> Self {
        let mut keys: BTreeMap<Key, BTreeSet<usize>> = BTreeMap::new();
        for (index, member) in members.iter().enumerate() {
            let mut add = |key: Key| {
                keys.entry(key).or_default().insert(index);
            };
            for email in &member.emails {
                add(Key::Email(email.trim().to_lowercase()));
                if let Some(login) = login_of(email) {
                    add(Key::Login(login));
                }
            }
            if let Some(login) = &member.login {
                add(Key::Login(login.trim().to_lowercase()));
            }
            for name in std::iter::once(&member.name).chain(&member.aliases).chain(&member.login) {
                let name = normal_name(name);
                if !name.is_empty() {
                    add(Key::Name(name));
                }
            }
        }
        Self { keys, ids: members.iter().map(|member| member.id.clone()).collect() }
    }

    /// The index of the member who `person` is.
    pub(super) fn member_of(&self, person: &Person) -> Option<usize> {
        let mut asked = vec![Key::Email(person.email.trim().to_lowercase())];
        asked.extend(login_of(&person.email).map(Key::Login));
        asked.push(Key::Name(normal_name(&person.name)));
        // Where a name stands in the field for the address, it is a name.
        if !person.email.contains('@') {
            asked.push(Key::Name(normal_name(&person.email)));
        }
        let known = asked.iter().find_map(|key| self.keys.get(key))?;
        if known.len() == 1 { known.first().copied() } else { None }
    }

    /// The id of the member at `index`.
    pub(super) fn id(&self, index: usize) -> String {
        self.ids[index].clone()
    }
}

/// Lower case, accents and punctuation off, words in order of the alphabet: `García-López, Ana` is `ana garcia lopez`.
pub(super) fn normal_name(name: &str) -> String {
    let folded = fold(name).to_lowercase();
    let mut words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.join(" ")
}

/// The login in a forge's private address: `123+login@users.noreply.<forge>` or `login@users.noreply.<forge>`.
pub(super) fn login_of(email: &str) -> Option<String> {
    let email = email.trim().to_lowercase();
    let (local, host) = email.split_once('@')?;
    if !host.starts_with("users.noreply.") {
        return None;
    }
    let login = match local.split_once('+') {
        Some((number, login)) if number.bytes().all(|byte| byte.is_ascii_digit()) => login,
        _ => local,
    };
    Some(login.to_owned()).filter(|login| !login.is_empty())
}

/// Whether a program, not a person, signs so.
pub(super) fn is_bot(person: &Person) -> bool {
    const NAMES: [&str; 10] = [
        "dependabot",
        "dependabot preview",
        "renovate",
        "renovate bot",
        "github actions",
        "github classroom",
        "gitlab bot",
        "copilot",
        "semantic release bot",
        "github",
    ];
    const ADDRESSES: [&str; 4] =
        ["noreply@github.com", "actions@github.com", "action@github.com", "noreply@anthropic.com"];
    let email = person.email.trim().to_lowercase();
    let name = person.name.trim().to_lowercase().replace(['-', '_'], " ");
    name.ends_with("[bot]")
        || email.contains("[bot]@")
        || NAMES.contains(&name.as_str())
        || ADDRESSES.contains(&email.as_str())
}

/// People named by `Co-authored-by: Name <address>` trailers, in order, each once.
pub(super) fn co_authors_in(message: &str) -> Vec<Person> {
    const TRAILER: &str = "co-authored-by:";
    let mut people: Vec<Person> = Vec::new();
    for line in message.lines() {
        let line = line.trim();
        let Some(rest) = line.get(..TRAILER.len()).filter(|start| start.eq_ignore_ascii_case(TRAILER)) else {
            continue;
        };
        let rest = line[rest.len()..].trim();
        let (name, email) = match rest.split_once('<') {
            Some((name, email)) => (name.trim(), email.trim_end_matches('>').trim()),
            None => (rest, ""),
        };
        let person = Person { name: name.to_owned(), email: email.to_owned() };
        let is_empty = person.name.is_empty() && person.email.is_empty();
        if !is_empty && !people.contains(&person) {
            people.push(person);
        }
    }
    people
}

/// One member for each person that the identities show, by name: for use where there is no roster.
///
/// Identities are one person's where they share an address, a login or a name; addresses and names that machines give
/// (`root`, `ubuntu@ip-10-…`) join nobody. Bots are left out. `seen` may repeat an identity; the most frequent name is
/// the one that is printed.
pub(super) fn members_among(seen: &[Person]) -> Vec<Member> {
    let mut count: BTreeMap<(String, String), u64> = BTreeMap::new();
    for person in seen.iter().filter(|person| !is_bot(person)) {
        *count.entry((person.name.trim().to_owned(), person.email.trim().to_lowercase())).or_default() += 1;
    }
    let identities: Vec<(&(String, String), u64)> = count.iter().map(|(identity, count)| (identity, *count)).collect();
    let mut group: Vec<usize> = (0..identities.len()).collect();
    let mut first_with: BTreeMap<String, usize> = BTreeMap::new();
    for (index, ((name, email), _)) in identities.iter().enumerate() {
        for key in joining_keys(name, email) {
            match first_with.get(&key) {
                Some(first) => join(&mut group, *first, index),
                None => drop(first_with.insert(key, index)),
            }
        }
    }
    let mut people: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..identities.len() {
        people.entry(root(&group, index)).or_default().push(index);
    }
    let mut members: Vec<Member> = (people.values())
        .map(|indices| {
            let of_person: Vec<_> = indices.iter().map(|index| identities[*index]).collect();
            member_from(&of_person)
        })
        .collect();
    members.sort_by(|a, b| (normal_name(&a.name), &a.emails).cmp(&(normal_name(&b.name), &b.emails)));
    number_equal_ids(&mut members);
    members
}

fn joining_keys(name: &str, email: &str) -> Vec<String> {
    let mut keys = Vec::new();
    if email.contains('@') && !is_of_a_machine(email) {
        keys.push(format!("email {email}"));
    }
    let names = [Some(name.to_owned()), login_of(email), (!email.contains('@')).then(|| email.to_owned())];
    for name in names.into_iter().flatten() {
        let name = normal_name(&name);
        if !name.is_empty() && !is_nobodys_name(&name) {
            keys.push(format!("name {name}"));
        }
    }
    keys
}

fn is_of_a_machine(email: &str) -> bool {
    let (local, host) = email.split_once('@').unwrap_or((email, ""));
    is_nobodys_name(local)
        || host.is_empty()
        || !host.contains('.')
        || [".local", ".internal", ".localdomain", ".lan", ".home"].iter().any(|end| host.ends_with(end))
        || host.starts_with("ip-")
        || host == "example.com"
}

fn is_nobodys_name(name: &str) -> bool {
    const NAMES: [&str; 16] = [
        "root",
        "ubuntu",
        "ec2 user",
        "ec2-user",
        "admin",
        "user",
        "administrator",
        "unknown",
        "name your",
        "your name",
        "vagrant",
        "codespace",
        "vscode",
        "git",
        "student",
        "you",
    ];
    NAMES.contains(&name)
}

fn root(group: &[usize], mut index: usize) -> usize {
    while group[index] != index {
        index = group[index];
    }
    index
}

fn join(group: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(group, a), root(group, b));
    group[a.max(b)] = a.min(b);
}

fn member_from(identities: &[(&(String, String), u64)]) -> Member {
    let mut by_name: BTreeMap<&str, u64> = BTreeMap::new();
    for ((name, _), count) in identities {
        *by_name.entry(name.as_str()).or_default() += count;
    }
    // Full names before logins, then the more frequent, then the alphabet.
    let name = (by_name.iter())
        .max_by_key(|(name, count)| (name.contains(' '), **count, std::cmp::Reverse(**name)))
        .map_or("", |(name, _)| *name);
    let emails: BTreeSet<&str> = identities.iter().map(|((_, email), _)| email.as_str()).collect();
    let login = emails.iter().find_map(|email| login_of(email));
    let name = match (name.is_empty(), emails.first()) {
        (true, Some(email)) => (*email).to_owned(),
        _ => name.to_owned(),
    };
    Member {
        id: id_from(&name),
        aliases: by_name.keys().filter(|alias| **alias != name && !alias.is_empty()).map(|a| (*a).to_owned()).collect(),
        emails: emails.into_iter().filter(|email| !email.is_empty()).map(str::to_owned).collect(),
        name,
        login,
    }
}

/// `Ana García` is `ana-garcia`.
fn id_from(name: &str) -> String {
    let folded = fold(name).to_lowercase();
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id = words.collect::<Vec<_>>().join("-");
    if id.is_empty() { "member".to_owned() } else { id }
}

fn number_equal_ids(members: &mut [Member]) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for member in members {
        let mut id = member.id.clone();
        let mut number = 2;
        while !used.insert(id.clone()) {
            id = format!("{}-{number}", member.id);
            number += 1;
        }
        member.id = id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, email: &str) -> Person {
        Person { name: name.to_owned(), email: email.to_owned() }
    }

    fn member(name: &str, emails: &[&str], aliases: &[&str], login: Option<&str>) -> Member {
        let strings = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Member {
            id: id_from(name),
            name: name.to_owned(),
            emails: strings(emails),
            aliases: strings(aliases),
            login: login.map(str::to_owned),
        }
    }

    #[test]
    fn an_author_is_found_by_address_login_or_name() {
        let members = [
            member("Ana García", &["Ana@uni.example"], &["anagar"], Some("ana-dev")),
            member("Léo Petit", &[], &[], Some("leop")),
        ];
        let identities = Identities::new(&members);
        for (name, email, expected) in [
            ("whoever", "ana@UNI.example", Some(0)),
            ("x", "4321+ana-dev@users.noreply.forge.example", Some(0)),
            ("x", "leop@users.noreply.forge.example", Some(1)),
            ("LEO PETIT", "root@laptop.local", Some(1)),
            ("Petit, Léo", "l@p", Some(1)),
            ("anagar", "", Some(0)),
            ("leop", "x@y", Some(1)),
            ("", "Ana Garcia", Some(0)),
            ("Ana Garcia Lopez", "other@uni.example", None),
            ("Ana", "ana@gmail.example", None),
            ("", "", None),
        ] {
            assert_eq!(identities.member_of(&person(name, email)), expected, "{name} <{email}>");
        }
    }

    #[test]
    fn who_fits_two_members_is_nobodys() {
        let twins = [member("Sam Lee", &["a@x.example"], &[], None), member("Lee Sam", &["b@x.example"], &[], None)];
        let identities = Identities::new(&twins);
        assert_eq!(identities.member_of(&person("Sam Lee", "c@x.example")), None);
        assert_eq!(identities.member_of(&person("Sam Lee", "b@x.example")), Some(1));
    }

    #[test]
    fn trailers_name_co_authors_once() {
        let message =
            "Add x\n\nCo-authored-by: Ana <ana@x.example>\nco-Authored-By: Ana <ana@x.example>\nCo-authored-by:\n";
        assert_eq!(co_authors_in(message), [person("Ana", "ana@x.example")]);
    }

    #[test]
    fn identities_of_one_person_become_one_member() {
        let seen = [
            person("Ana García", "ana@uni.example"),
            person("ana-dev", "ana@uni.example"),
            person("Ana Garcia", "ana@home.example"),
            person("x", "12+ana-dev@users.noreply.forge.example"),
            person("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal"),
            person("root", "root@ip-10-0-0-1.ec2.internal"),
            person("Léo", "leo@uni.example"),
            person("dependabot[bot]", "49+dependabot[bot]@users.noreply.forge.example"),
        ];
        let members = members_among(&seen);
        let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
        assert_eq!(ids, ["ana-garcia", "leo", "root", "ubuntu"]);
        assert_eq!(members[0].emails.len(), 3);
        assert_eq!(members[0].login.as_deref(), Some("ana-dev"));
    }
}
