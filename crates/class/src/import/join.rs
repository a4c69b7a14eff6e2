//! Records → people: joined on ids, logins and addresses, and on a name only if it is unique in every list.

use std::collections::{BTreeMap, BTreeSet};

use super::person::{Key, Person, name_key};

/// What a list says of a person's team.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Membership {
    /// It does not speak of teams.
    #[default]
    Silent,
    /// It says that the person has none.
    Teamless,
    /// The team, as the list calls it.
    In(String),
}

/// A row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// Number of its file.
    pub file: usize,
    /// One-based line in it.
    pub line: usize,
    /// `None` where the row is a repository's only.
    pub person: Option<Person>,
    /// The team.
    pub team: Membership,
    /// Address of the repository.
    pub repository: Option<String>,
    /// The branch to grade.
    pub branch: Option<String>,
    /// The folder to grade.
    pub folder: Option<String>,
}

/// A repository with what else its row says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    /// Address or path.
    pub location: String,
    /// The branch to grade.
    pub branch: Option<String>,
    /// The folder to grade.
    pub folder: Option<String>,
}

/// A person with everything that the lists say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Joined {
    /// Who it is.
    pub person: Person,
    /// Teams by file; an empty set is a list that says there is none.
    pub teams: BTreeMap<usize, BTreeSet<String>>,
    /// Repositories of the person's rows.
    pub repositories: BTreeSet<Repository>,
    /// The files that have the person.
    pub files: BTreeSet<usize>,
}

/// What became of the records.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// In the order of their first record.
    pub people: Vec<Joined>,
    /// Rows with a repository and no person.
    pub repositories: Vec<(Repository, Membership)>,
    /// What has to be settled.
    pub problems: Vec<String>,
    /// Joins by name.
    pub notes: Vec<String>,
}

impl Joined {
    fn take(&mut self, record: &Record) {
        self.files.insert(record.file);
        match &record.team {
            Membership::Silent => {}
            Membership::Teamless => {
                self.teams.entry(record.file).or_default();
            }
            Membership::In(team) => {
                self.teams.entry(record.file).or_default().insert(team.clone());
            }
        }
        self.repositories.extend(repository(record));
    }

    fn absorb(&mut self, other: Self) {
        for (file, teams) in other.teams {
            self.teams.entry(file).or_default().extend(teams);
        }
        self.repositories.extend(other.repositories);
        self.files.extend(other.files);
    }
}

fn repository(record: &Record) -> Option<Repository> {
    let location = record.repository.clone()?;
    Some(Repository { location, branch: record.branch.clone(), folder: record.folder.clone() })
}

/// Joins the records; `files` are the names of their files.
pub fn join(records: Vec<Record>, files: &[&str]) -> People {
    let mut found = People::default();
    let mut owners: BTreeMap<Key, usize> = BTreeMap::new();
    let mut slots: Vec<Option<Joined>> = Vec::new();
    for record in &records {
        let Some(person) = &record.person else {
            found.repositories.extend(repository(record).map(|repository| (repository, record.team.clone())));
            continue;
        };
        let keys = person.keys();
        let mut known: Vec<usize> = keys.iter().filter_map(|key| owners.get(key).copied()).collect();
        known.sort_unstable();
        known.dedup();
        let at = match settle(&mut slots, &known, person) {
            Ok(at) => at,
            Err(what) => {
                found.problems.push(format!(
                    "{}, line {}: {} shares an id or address with another person, but not all of them ({what}): \
                     correct one of the lists",
                    files.get(record.file).copied().unwrap_or_default(),
                    record.line,
                    person.called(),
                ));
                slots.push(Some(Joined { person: person.clone(), ..Joined::default() }));
                slots.len() - 1
            }
        };
        for moved in known.iter().filter(|moved| **moved != at) {
            for owner in owners.values_mut().filter(|owner| **owner == *moved) {
                if slots[*moved].is_none() {
                    *owner = at;
                }
            }
        }
        for key in keys {
            owners.entry(key).or_insert(at);
        }
        if let Some(joined) = slots.get_mut(at).and_then(Option::as_mut) {
            joined.take(record);
        }
    }
    by_name(&mut slots, files, &mut found);
    found.people = slots.into_iter().flatten().collect();
    found
}

/// The slot that a person belongs to: a new one, or the one of the people known by the same keys, who become one.
fn settle(slots: &mut Vec<Option<Joined>>, known: &[usize], person: &Person) -> Result<usize, String> {
    let Some((first, others)) = known.split_first() else {
        slots.push(Some(Joined { person: person.clone(), ..Joined::default() }));
        return Ok(slots.len() - 1);
    };
    let Some(mut joined) = slots.get(*first).cloned().flatten() else {
        return Err("a list contradicts itself".to_owned());
    };
    joined.person.merge(person)?;
    for other in others {
        if let Some(more) = slots.get(*other).cloned().flatten() {
            joined.person.merge(&more.person)?;
            joined.absorb(more);
        }
    }
    for other in others {
        slots[*other] = None;
    }
    slots[*first] = Some(joined);
    Ok(*first)
}

/// Joins people of different lists who share a name that nobody else has in any list.
fn by_name(slots: &mut [Option<Joined>], files: &[&str], found: &mut People) {
    let mut namesakes: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, joined) in slots.iter().enumerate() {
        let Some(joined) = joined else { continue };
        let key = name_key(&joined.person.name);
        if !key.is_empty() {
            namesakes.entry(key).or_default().push(at);
        }
    }
    for places in namesakes.values().filter(|places| places.len() > 1) {
        let of = |at: usize| slots.get(at).and_then(Option::as_ref);
        let mut seen = BTreeSet::new();
        let unique =
            places.iter().filter_map(|at| of(*at)).flat_map(|joined| &joined.files).all(|file| seen.insert(*file));
        let Some(first) = places.first().and_then(|at| of(*at)).cloned() else { continue };
        if !unique {
            // Two people of one list with one name are two people, and only a third row makes it a question.
            let lists = |at: usize| of(at).map(|joined| joined.files.clone()).unwrap_or_default();
            let apart = places.iter().any(|one| places.iter().any(|other| lists(*one).is_disjoint(&lists(*other))));
            if apart {
                found.problems.push(format!(
                    "{} people are called {}: write the student number or address of each into every list",
                    places.len(),
                    first.person.name
                ));
            }
            continue;
        }
        let mut joined = first.clone();
        let mut why = None;
        for at in places.iter().skip(1) {
            if let Some(other) = of(*at) {
                match joined.person.merge(&other.person) {
                    Ok(()) => joined.absorb(other.clone()),
                    Err(what) => why = Some(what),
                }
            }
        }
        if let Some(what) = why {
            found.problems.push(format!(
                "{} is in several lists, as two people by {what}: correct one of the lists",
                first.person.name
            ));
            continue;
        }
        let lists: Vec<&str> = joined.files.iter().filter_map(|file| files.get(*file).copied()).collect();
        found.notes.push(format!("{}: joined by name alone, from {}", first.person.name, lists.join(" and ")));
        for at in places.iter().skip(1) {
            slots[*at] = None;
        }
        if let Some(at) = places.first() {
            slots[*at] = Some(joined);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(file: usize, name: &str, sis_id: Option<&str>, email: Option<&str>) -> Record {
        let person = Person {
            name: name.to_owned(),
            sis_id: sis_id.map(ToOwned::to_owned),
            emails: email.into_iter().map(ToOwned::to_owned).collect(),
            ..Person::default()
        };
        Record { file, line: 2, person: Some(person), ..Record::default() }
    }

    const FILES: [&str; 3] = ["a.csv", "b.csv", "c.csv"];

    #[test]
    fn a_row_that_knows_both_keys_joins_the_two_that_know_one() {
        let people = join(
            vec![
                record(0, "Ada", Some("S1"), None),
                record(1, "A. Rivers", None, Some("ada@x")),
                record(2, "Ada Rivers", Some("s1"), Some("ADA@x")),
            ],
            &FILES,
        );
        assert_eq!((people.people.len(), people.problems.len()), (1, 0), "{people:?}");
        assert_eq!(people.people[0].files, [0, 1, 2].into());
    }

    #[test]
    fn a_name_joins_only_where_it_is_unique() {
        let people =
            join(vec![record(0, "Rivers, Ada", Some("S1"), None), record(1, "Ada Rivers", None, Some("a@x"))], &FILES);
        assert_eq!((people.people.len(), people.notes.len()), (1, 1), "{people:?}");
        let people = join(
            vec![
                record(0, "Ada Rivers", Some("S1"), None),
                record(0, "Ada Rivers", Some("S2"), None),
                record(1, "Ada Rivers", None, Some("a@x")),
            ],
            &FILES,
        );
        assert_eq!((people.people.len(), people.problems.len()), (3, 1), "{people:?}");
        let namesakes = vec![record(0, "Ada Rivers", Some("S1"), None), record(0, "Ada Rivers", Some("S2"), None)];
        let people = join(namesakes, &FILES);
        assert_eq!((people.people.len(), people.problems.len()), (2, 0), "{people:?}");
    }

    #[test]
    fn contradicting_lists_are_told_and_nobody_is_merged() {
        let people =
            join(vec![record(0, "Ada", Some("S1"), Some("a@x")), record(1, "Ben", Some("S2"), Some("a@x"))], &FILES);
        assert_eq!((people.people.len(), people.problems.len()), (2, 1), "{people:?}");
        assert!(people.problems[0].contains("student number S1 and S2"), "{people:?}");
    }
}
