//! The people of a history, for use where there is no roster.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Signed, logins_of, normal_name};
use super::nobody::{is_nobodys_name, is_of_a_machine, joining_keys};
use super::programs::is_bot;
use crate::words::fold;
use stackmark_evidence::Member;
use stackmark_evidence::git::Person;

/// One member for each person that the identities show, by name: for use where there is no roster.
///
/// Identities are one person's where they share an address, a login or a name; addresses and names that machines give
/// (`root`, `ubuntu@ip-10-…`) join nobody. Bots are left out, and so are identities that a machine gave as a whole, unless
/// there is no other: whose they are, the history does not tell. `seen` may repeat an identity; the most frequent name is
/// the one that is printed.
pub(crate) fn members_among(seen: &[Person]) -> Vec<Member> {
    let mut count: BTreeMap<(&str, String), (Signed, u64)> = BTreeMap::new();
    for person in seen.iter().filter(|person| !is_bot(person)) {
        let identity = (person.name.trim(), person.email.trim().to_lowercase());
        count.entry(identity).or_insert_with(|| (Signed::of(person), 0)).1 += 1;
    }
    let (people, machines): (Vec<_>, Vec<_>) =
        count.into_values().partition(|(signed, _)| !joining_keys(signed).is_empty());
    let identities = if people.is_empty() { machines } else { people };
    let mut group: Vec<usize> = (0..identities.len()).collect();
    let mut first_with: BTreeMap<String, usize> = BTreeMap::new();
    for (index, (signed, _)) in identities.iter().enumerate() {
        for key in joining_keys(signed) {
            match first_with.get(&key) {
                Some(first) => join(&mut group, *first, index),
                None => drop(first_with.insert(key, index)),
            }
        }
    }
    let mut people: BTreeMap<usize, Vec<&(Signed, u64)>> = BTreeMap::new();
    for (index, identity) in identities.iter().enumerate() {
        people.entry(root(&group, index)).or_default().push(identity);
    }
    let mut members: Vec<Member> = people.values().map(|identities| member_from(identities)).collect();
    members.sort_by(|a, b| (normal_name(&a.name), &a.emails).cmp(&(normal_name(&b.name), &b.emails)));
    number_equal_ids(&mut members);
    members
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

fn member_from(identities: &[&(Signed, u64)]) -> Member {
    let mut by_name: BTreeMap<&str, u64> = BTreeMap::new();
    for (signed, count) in identities {
        for name in &signed.names {
            *by_name.entry(name.as_str()).or_default() += count;
        }
    }
    let addresses: BTreeSet<&str> =
        identities.iter().flat_map(|(signed, _)| &signed.addresses).map(String::as_str).collect();
    // As an alias, `Ubuntu` would claim what others did on such a machine; as an address, so would `ubuntu@ip-10-…`.
    let of_people: Vec<&str> = addresses.iter().copied().filter(|address| !is_of_a_machine(address)).collect();
    if !of_people.is_empty() || !by_name.keys().all(|name| is_nobodys_name(name)) {
        by_name.retain(|name, _| !is_nobodys_name(name));
    }
    let known = !of_people.is_empty() || by_name.keys().any(|name| !is_nobodys_name(name));
    let emails = if known { of_people } else { addresses.into_iter().collect() };
    // Full names before logins, then the more frequent, then the alphabet.
    let name = (by_name.iter())
        .max_by_key(|(name, count)| (name.contains(' '), **count, std::cmp::Reverse(**name)))
        .map(|(name, _)| (*name).to_owned())
        .or_else(|| emails.first().map(|email| (*email).to_owned()))
        .unwrap_or_default();
    Member {
        id: id_from(&name),
        aliases: by_name.keys().filter(|alias| **alias != name).map(|alias| (*alias).to_owned()).collect(),
        login: emails.iter().find_map(|email| logins_of(email).pop()),
        emails: emails.into_iter().map(str::to_owned).collect(),
        name,
    }
}

/// `Ana García` is `ana-garcia`.
pub(super) fn id_from(name: &str) -> String {
    let folded = fold(name).to_lowercase();
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id = words.collect::<Vec<_>>().join("-");
    if id.is_empty() { "member".to_owned() } else { id }
}

fn number_equal_ids(members: &mut [Member]) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    // Where the last one with the same beginning stopped: a message can name a hundred thousand people alike.
    let mut next: BTreeMap<String, usize> = BTreeMap::new();
    for member in members {
        let mut id = member.id.clone();
        let number = next.entry(member.id.clone()).or_insert(2);
        while !used.insert(id.clone()) {
            id = format!("{}-{number}", member.id);
            *number += 1;
        }
        member.id = id;
    }
}
