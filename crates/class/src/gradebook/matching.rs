//! Which row is whose: by the platform's id, then student number or login, then address; by name only if it is unique.

use std::collections::{BTreeMap, BTreeSet};

use super::layout::{self, Export};
use super::marks::Entry;
use crate::import::person::{Key, Person, name_key};
use crate::table::Table;

/// Whose a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// One member's.
    Member {
        /// Place in the entries.
        entry: usize,
        /// Nothing but the name says so.
        by_name: bool,
    },
    /// Nobody's in the roster.
    Nobody(String),
    /// A person has to tell.
    Unclear {
        /// Whose it may be.
        entries: BTreeSet<usize>,
        /// What is not clear, with what to do.
        why: String,
    },
}

/// Every row of a person with whose it is.
pub fn match_rows(table: &Table, export: Export, entries: &[Entry]) -> Vec<(usize, Match)> {
    let mut by_key: BTreeMap<Key, BTreeSet<usize>> = BTreeMap::new();
    let mut by_name: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (at, entry) in entries.iter().enumerate() {
        for key in entry.person.keys() {
            by_key.entry(key).or_default().insert(at);
        }
        by_name.entry(name_key(entry.name())).or_default().insert(at);
    }
    let mut rows: Vec<(usize, Person)> = Vec::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for row in layout::people(table, export) {
        let person = person(table, export, row);
        *names.entry(name_key(&person.name)).or_default() += 1;
        if export != Export::Canvas || !is_made_up(&person) {
            rows.push((row, person));
        }
    }
    let mut matches: Vec<(usize, Match)> = Vec::new();
    for (row, person) in rows {
        // In the order of the kinds: the platform's id first.
        let by_keys: Vec<BTreeSet<usize>> =
            person.keys().into_iter().filter_map(|key| by_key.get(&key).cloned()).collect();
        let all: BTreeSet<usize> = by_keys.iter().flatten().copied().collect();
        let known = by_keys.into_iter().next();
        if known.as_ref().is_some_and(|known| known.len() == 1 && all.len() > 1) {
            let whose: Vec<&str> = all.iter().filter_map(|at| entries.get(*at)).map(Entry::name).collect();
            let why = format!("{} has ids of {}; correct the roster", person.called(), whose.join(" and of "));
            matches.push((row, Match::Unclear { entries: all, why }));
            continue;
        }
        let name = name_key(&person.name);
        let namesakes = by_name.get(&name).cloned().unwrap_or_default();
        let found = match known {
            Some(found) => one_of(found, &person, entries, false),
            None if name.is_empty() || namesakes.is_empty() => Match::Nobody(person.called()),
            None if namesakes.len() > 1 || names.get(&name).is_some_and(|count| *count > 1) => Match::Unclear {
                entries: namesakes,
                why: format!(
                    "several people are called {}: write sis_id or lms_id of each into the roster",
                    person.name
                ),
            },
            None => one_of(namesakes, &person, entries, true),
        };
        matches.push((row, found));
    }
    refuse_second_rows(&mut matches, entries);
    matches
}

fn person(table: &Table, export: Export, row: usize) -> Person {
    let keys = layout::keys(table, export, row);
    Person {
        name: keys.name,
        emails: keys.email.into_iter().collect(),
        sis_id: keys.sis_id,
        lms_id: keys.lms_id,
        lms_login: keys.login,
        ..Person::default()
    }
}

/// The student that Canvas makes up to show an instructor the student's view.
fn is_made_up(person: &Person) -> bool {
    person.sis_id.is_none() && name_key(&person.name) == "student test"
}

/// The one member that is meant: doubled people are one person of several teams, and stay so.
fn one_of(found: BTreeSet<usize>, row: &Person, entries: &[Entry], by_name: bool) -> Match {
    let Some(first) = found.first().copied() else { return Match::Nobody(row.called()) };
    let several: Vec<String> = found.iter().filter_map(|at| entries.get(*at)).map(|entry| entry.team.clone()).collect();
    if several.len() > 1 {
        let why = format!("{} is in {}; keep the person in one team", row.called(), several.join(" and "));
        return Match::Unclear { entries: found, why };
    }
    let contradicts = entries.get(first).and_then(|entry| entry.person.clone().merge(row).err());
    match contradicts {
        Some(what) => {
            let why =
                format!("{} and the member of {} differ in {what}; correct the roster", row.called(), several.join(""));
            Match::Unclear { entries: found, why }
        }
        None => Match::Member { entry: first, by_name },
    }
}

/// Two rows of one member are one too many, and nobody knows which.
fn refuse_second_rows(matches: &mut [(usize, Match)], entries: &[Entry]) {
    let mut count: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, found) in matches.iter() {
        if let Match::Member { entry, .. } = found {
            *count.entry(*entry).or_default() += 1;
        }
    }
    for (_, found) in matches.iter_mut() {
        let Match::Member { entry, .. } = found else { continue };
        let entry = *entry;
        if count.get(&entry).is_some_and(|count| *count > 1) {
            let name = entries.get(entry).map_or("?", Entry::name);
            *found = Match::Unclear {
                entries: [entry].into(),
                why: format!("several rows are {name}'s: write sis_id or lms_id of the right one into the roster"),
            };
        }
    }
}
