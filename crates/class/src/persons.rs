//! Who a results folder names, and how names are taken out of texts: for pseudonyms, and for people who are forgotten.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use stackmark_evidence::{Evidence, is_word};
use stackmark_render::escape;

/// One person, by everything that names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// `team/member`, or the address of somebody who is no member.
    pub(crate) key: String,
    /// The member's id; `None` for somebody who is no member.
    pub(crate) member: Option<String>,
    /// The name as printed.
    pub(crate) name: String,
    /// Names, addresses and logins, the name among them.
    pub(crate) called: BTreeSet<String>,
}

/// Everybody whom a bundle names: its members, and whoever wrote or committed anything.
pub(crate) fn of(evidence: &Evidence) -> Vec<Person> {
    let team = &evidence.team.id;
    let mut people: Vec<Person> = Vec::new();
    for member in &evidence.team.members {
        let mut called: BTreeSet<String> = [member.name.clone(), member.id.clone()].into();
        called.extend(member.emails.iter().chain(&member.aliases).chain(&member.login).cloned());
        people.push(Person {
            key: format!("{team}/{}", member.id),
            member: Some(member.id.clone()),
            name: member.name.clone(),
            called,
        });
    }
    let mut strangers: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for commit in evidence.git.commits.value().into_iter().flatten() {
        let of_member = commit.member.as_ref();
        match people.iter_mut().find(|person| of_member.is_some() && person.member.as_ref() == of_member) {
            Some(member) => member.called.extend([commit.author.name.clone(), commit.author.email.clone()]),
            None => add(&mut strangers, &commit.author.name, &commit.author.email),
        }
        add(&mut strangers, &commit.committer.name, &commit.committer.email);
    }
    for author in evidence.git.contribution.value().into_iter().flat_map(|it| &it.unmapped) {
        add(&mut strangers, &author.person.name, &author.person.email);
    }
    for (email, names) in strangers {
        let known = |person: &Person| person.called.iter().any(|it| it.eq_ignore_ascii_case(&email));
        if people.iter().any(known) {
            continue;
        }
        let name = names.iter().next().cloned().unwrap_or_else(|| email.clone());
        let mut called = names;
        called.insert(email.clone());
        people.push(Person { key: email, member: None, name, called });
    }
    people
}

fn add(strangers: &mut BTreeMap<String, BTreeSet<String>>, name: &str, email: &str) {
    strangers.entry(email.to_owned()).or_default().insert(name.to_owned());
}

/// What stands for whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Replacer {
    /// What to look for, the longest first, and what to write instead; by the first letter, in lower case.
    pairs: BTreeMap<char, Vec<(String, String)>>,
    /// Ids of teams, with what stands for each: an id may be a member's login, and it names the team's folder.
    teams: BTreeMap<String, String>,
}

/// Fields that hold names, addresses, logins and ids of people.
const OF_PEOPLE: [&str; 17] = [
    "name",
    "email",
    "emails",
    "alias",
    "aliases",
    "login",
    "id",
    "member",
    "author",
    "committer",
    "reviewer",
    "co_authors",
    "of",
    "to",
    "likely_member",
    "distinct",
    "without_work",
];
/// Fields that hold a team's id, or an object with one.
const OF_TEAMS: [&str; 2] = ["team", "teams"];
/// Shorter names would be found everywhere.
const SHORTEST: usize = 2;

impl Replacer {
    /// Adds a person, who is called `name` from now on, and whose id and address are `id` and `id@blind.invalid`. What another
    /// person is called already stays that person's.
    pub(crate) fn add(&mut self, person: &Person, name: &str, id: &str) {
        for called in &person.called {
            let instead = if person.member.as_deref() == Some(called.as_str()) {
                id.to_owned()
            } else if called.contains('@') {
                format!("{id}@blind.invalid")
            } else if called.contains(' ') || *called == person.name {
                name.to_owned()
            } else {
                id.to_owned()
            };
            // As pages and Markdown write it as well.
            for written in [called.clone(), escape::html(called), escape::markdown(called)] {
                self.pair(written, &instead);
            }
            if !called.contains('@') {
                // A first name alone is how people sign: it has to begin with a capital, or every word would be somebody.
                for part in called.split_whitespace().filter(|part| part.chars().next().is_some_and(char::is_uppercase))
                {
                    self.pair(part.to_owned(), name);
                }
            }
        }
    }

    /// Writes a team's id so wherever it stands as one, whoever is called so.
    pub(crate) fn name_team(&mut self, id: &str, instead: &str) {
        self.teams.insert(id.to_owned(), instead.to_owned());
    }

    /// Whether it is a team's id.
    pub(crate) fn is_team(&self, id: &str) -> bool {
        self.teams.contains_key(id)
    }

    /// Leaves the full name and the addresses of a member as they are, whose first name or login somebody else may have as
    /// well; what `shared` holds is given up, but for the printed name.
    pub(crate) fn keep(&mut self, member: &Person, shared: &BTreeSet<String>) {
        for called in member.called.iter().filter(|called| called.contains([' ', '@'])) {
            if *called != member.name && shared.contains(called) {
                continue;
            }
            for written in [called.clone(), escape::html(called), escape::markdown(called)] {
                let same = written.clone();
                self.pair(written, &same);
            }
        }
    }

    fn pair(&mut self, written: String, instead: &str) {
        let long_enough = written.chars().filter(|it| it.is_alphanumeric()).count() >= SHORTEST;
        let Some(first) = first_of(&written).filter(|_| long_enough) else { return };
        let pairs = self.pairs.entry(first).or_default();
        if !pairs.iter().any(|(known, _)| *known == written) {
            let at = pairs.partition_point(|(known, _)| known.len() >= written.len());
            pairs.insert(at, (written, instead.to_owned()));
        }
    }

    /// What stands at the beginning of a text for somebody, the longest first.
    fn at(&self, rest: &str) -> Option<&(String, String)> {
        let pairs = self.pairs.get(&first_of(rest)?)?;
        pairs.iter().find(|(written, _)| stands_at(rest, written))
    }

    /// The text with everybody replaced; whole words only.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut before: Option<char> = None;
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let begins = !before.is_some_and(char::is_alphanumeric);
            let found = if begins { self.at(rest) } else { None };
            match found {
                Some((written, instead)) => {
                    out.push_str(instead);
                    before = written.chars().next_back();
                    rest = &rest[written.len()..];
                }
                None => {
                    out.push(character);
                    before = Some(character);
                    rest = &rest[character.len_utf8()..];
                }
            }
        }
        out
    }

    /// The same in every string of a document, and in keys that are somebody's id, address or login. A word of the format
    /// stays, whoever is called so, but where the field is about people.
    pub(crate) fn json(&self, value: &mut Json) {
        self.field("", value);
    }

    fn field(&self, name: &str, value: &mut Json) {
        match value {
            Json::String(text) if OF_TEAMS.contains(&name) && self.teams.contains_key(text.as_str()) => {
                *text = self.teams[text.as_str()].clone();
            }
            Json::String(text) => {
                let clean = self.text(text);
                if clean != *text && (OF_PEOPLE.contains(&name) || !is_word(text)) {
                    *text = clean;
                }
            }
            Json::Array(rows) => rows.iter_mut().for_each(|row| self.field(name, row)),
            Json::Object(fields) => {
                // A field of the format is one word in lower case: nobody's name takes its place.
                let may_be = |key: &&String| key.contains(['@', '-', ' ']);
                let renamed: Vec<(String, String)> = fields
                    .keys()
                    .filter(may_be)
                    .filter_map(|key| {
                        let (written, instead) = self.at(key)?;
                        (written.len() == key.len()).then(|| (key.clone(), instead.clone()))
                    })
                    .collect();
                for (key, instead) in renamed {
                    if let Some(value) = fields.shift_remove(&key) {
                        fields.insert(instead, value);
                    }
                }
                let is_team = OF_TEAMS.contains(&name);
                for (key, value) in fields.iter_mut() {
                    self.field(if is_team && key == "id" { name } else { key.as_str() }, value);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
}

fn first_of(text: &str) -> Option<char> {
    text.chars().next().and_then(|first| first.to_lowercase().next())
}

/// Whether `rest` begins with the word; capitals make no difference but for single words, of which the first one has to be as
/// written.
fn stands_at(rest: &str, written: &str) -> bool {
    let Some(start) = rest.get(..written.len()) else { return false };
    let same = if written.contains(['@', ' ']) { start.eq_ignore_ascii_case(written) } else { start == written };
    same && !rest[written.len()..].chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ada() -> Replacer {
        let called = ["Ada Rivers", "ada-rivers", "ada@uni.example", "arivers"].map(str::to_owned).into();
        let person = Person {
            key: "t/ada-rivers".to_owned(),
            member: Some("ada-rivers".to_owned()),
            name: "Ada Rivers".to_owned(),
            called,
        };
        let mut replacer = Replacer::default();
        replacer.add(&person, "Person 1", "person-1");
        replacer
    }

    #[test]
    fn whole_words_are_replaced_whatever_the_case_of_a_full_name() {
        for (text, expected) in [
            ("ADA RIVERS wrote it", "Person 1 wrote it"),
            ("Ada said so", "Person 1 said so"),
            ("an ada compiler for Adaptive trees", "an ada compiler for Adaptive trees"),
            ("ask ada@uni.example or @arivers", "ask person-1@blind.invalid or @person-1"),
            ("été: Ada Rivers", "été: Person 1"),
        ] {
            assert_eq!(ada().text(text), expected);
        }
    }

    #[test]
    fn whoever_shares_a_first_name_or_signed_for_the_other_keeps_the_own_name() {
        let person = |name: &str, called: &[&str]| Person {
            key: format!("t/{name}"),
            member: Some(name.to_lowercase().replace(' ', "-")),
            name: name.to_owned(),
            called: called.iter().chain(&[name]).map(|it| (*it).to_owned()).collect(),
        };
        // Ada's address signed under the name of Ben, and Ben's under hers.
        let ada = person("Ada Rivers", &["ada@uni.example", "ada", "Ben Stone"]);
        let others =
            [person("Ada Stone", &["ada.stone@uni.example"]), person("Ben Stone", &["ben@x.example", "Ada Rivers"])];
        let mut replacer = Replacer::default();
        others.iter().for_each(|other| replacer.keep(other, &ada.called));
        replacer.add(&ada, "forgotten 1", "forgotten-1");
        for (text, expected) in [
            ("Ada Stone, ada.stone@uni.example and Ben Stone", "Ada Stone, ada.stone@uni.example and Ben Stone"),
            ("Ada Rivers and Ada", "forgotten 1 and forgotten 1"),
            ("ada@uni.example or @ada", "forgotten-1@blind.invalid or @forgotten-1"),
        ] {
            assert_eq!(replacer.text(text), expected);
        }
    }

    #[test]
    fn a_team_that_is_called_as_a_member_keeps_its_id_everywhere() {
        let mut replacer = ada();
        let record = || {
            json!({
                "team": { "id": "ada-rivers", "members": [{ "id": "ada-rivers", "name": "Ada Rivers" }] },
                "teams": [{ "id": "ada-rivers" }, { "id": "x.ada-rivers" }],
                "shared_files": [{ "teams": ["ada-rivers", "b"] }], "rows": [{ "team": "ada-rivers" }],
            })
        };
        for (shown, fork) in [("ada-rivers", "x.ada-rivers"), ("person-1", "x.person-1")] {
            replacer.name_team("ada-rivers", shown);
            replacer.name_team("x.ada-rivers", fork);
            let mut value = record();
            replacer.json(&mut value);
            let expected = json!({
                "team": { "id": shown, "members": [{ "id": "person-1", "name": "Person 1" }] },
                "teams": [{ "id": shown }, { "id": fork }],
                "shared_files": [{ "teams": [shown, "b"] }], "rows": [{ "team": shown }],
            });
            assert_eq!(value, expected);
        }
    }

    #[test]
    fn keys_that_are_a_person_are_replaced_as_well() {
        let mut value = json!({ "ada-rivers": { "author": "Ada Rivers" }, "path": ["ada.py"] });
        ada().json(&mut value);
        assert_eq!(value, json!({ "person-1": { "author": "Person 1" }, "path": ["ada.py"] }));
    }

    #[test]
    fn words_of_the_format_stay_whoever_is_called_so() {
        let called = ["terraform", "absent", "t@uni.example"].map(str::to_owned).into();
        let member = Some("absent".to_owned());
        let person = Person { key: "t/absent".to_owned(), member, name: "terraform".to_owned(), called };
        let mut replacer = Replacer::default();
        replacer.add(&person, "Person 1", "person-1");
        let mut value = json!({ "state": "absent", "note": "absent did it", "member": "absent",
            "co_authors": ["absent"], "likely_member": "absent", "distinct": ["absent"],
            "without_work": ["absent"], "rows": [{ "tool": "terraform", "name": "terraform" }] });
        replacer.json(&mut value);
        let expected = json!({ "state": "absent", "note": "person-1 did it", "member": "person-1",
            "co_authors": ["person-1"], "likely_member": "person-1", "distinct": ["person-1"],
            "without_work": ["person-1"], "rows": [{ "tool": "terraform", "name": "Person 1" }] });
        assert_eq!(value, expected);
    }
}
