//! Mailmaps: who a name and an address stand for, in the syntax of gitmailmap(5).
//!
//! ```text
//! Proper Name <commit@email>                                # another name for an address
//! <proper@email> <commit@email>                             # another address
//! Proper Name <proper@email> <commit@email>                 # both
//! Proper Name <proper@email> Commit Name <commit@email>     # both, for this name and this address only
//! ```
//!
//! Names and addresses are compared without regard to case. An entry with a commit name comes before one without; of two
//! entries for the same, the later one holds, part by part. An entry is applied once: what it gives is not looked up again.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use stackmark_evidence::git::Person;

/// Who a name and an address stand for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Entries", into = "Entries")]
pub struct Mailmap {
    /// By address and, where the entry has one, name of the commit; lower case.
    entries: BTreeMap<(String, Option<String>), Proper>,
}

/// A mailmap as it is handed to the process that reads a repository: a map of JSON has no pairs for keys.
#[derive(Serialize, Deserialize)]
struct Entries(Vec<((String, Option<String>), Proper)>);

impl From<Mailmap> for Entries {
    fn from(mailmap: Mailmap) -> Self {
        Self(mailmap.entries.into_iter().collect())
    }
}

impl From<Entries> for Mailmap {
    fn from(Entries(entries): Entries) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Proper {
    name: Option<String>,
    email: Option<String>,
}

/// A line that git would pass over without a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailmapProblem {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is wrong: a lowercase fragment.
    pub message: &'static str,
    /// What to do about it.
    pub fix: &'static str,
}

/// What a line says: up to two pairs of name and address.
type Pairs<'t> = Vec<(&'t str, &'t str)>;

const FORMS: &str =
    "write `Proper Name <proper@email> Commit Name <commit@email>`; either name and the first address may be left out";

impl Mailmap {
    /// Reads a mailmap; lines that say nothing are left out and told.
    pub fn parse(text: &str) -> (Self, Vec<MailmapProblem>) {
        let mut mailmap = Self::default();
        let mut problems = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let bare = line.trim();
            let from = start + line.len() - line.trim_start().len();
            start += line.len();
            if bare.is_empty() || bare.starts_with('#') {
                continue;
            }
            if let Err((message, fix)) = pairs_in(bare).and_then(|pairs| mailmap.add(&pairs)) {
                problems.push(MailmapProblem { span: from..from + bare.len(), message, fix });
            }
        }
        (mailmap, problems)
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn add(&mut self, pairs: &Pairs<'_>) -> Result<(), (&'static str, &'static str)> {
        let (proper, commit_name, commit_email) = match pairs[..] {
            [(name, email)] => (Proper { name: some(name), email: None }, None, email),
            [(name, email), (commit_name, commit_email)] => {
                (Proper { name: some(name), email: some(email) }, some(commit_name), commit_email)
            }
            _ => return Err(("more than two addresses in one line", FORMS)),
        };
        if proper == Proper::default() {
            return Err(("this entry has nothing but the commit's address, so it maps nothing", FORMS));
        }
        let key = (commit_email.to_lowercase(), commit_name.map(|name| name.to_lowercase()));
        let entry = self.entries.entry(key).or_default();
        entry.name = proper.name.or(entry.name.take());
        entry.email = proper.email.or(entry.email.take());
        Ok(())
    }

    /// Who this person is by the mailmap; `None` where no entry is about them.
    pub fn resolve(&self, person: &Person) -> Option<Person> {
        if self.entries.is_empty() {
            return None;
        }
        let email = person.email.trim().to_lowercase();
        let exact = (email, Some(person.name.trim().to_lowercase()));
        let proper = self.entries.get(&exact).or_else(|| self.entries.get(&(exact.0, None)))?;
        Some(Person {
            name: proper.name.clone().unwrap_or_else(|| person.name.clone()),
            email: proper.email.clone().unwrap_or_else(|| person.email.clone()),
        })
    }

    /// The people whom entries lead to, as far as the entries say it, each once.
    pub fn targets(&self) -> Vec<Person> {
        let mut targets = Vec::new();
        for ((commit_email, _), proper) in &self.entries {
            let email = proper.email.as_ref().unwrap_or(commit_email).clone();
            let person = Person { name: proper.name.clone().unwrap_or_default(), email };
            if !targets.contains(&person) {
                targets.push(person);
            }
        }
        targets
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// `Name <address>` once or more; a `#` after an address begins a comment.
fn pairs_in(mut text: &str) -> Result<Pairs<'_>, (&'static str, &'static str)> {
    let mut pairs = Vec::new();
    loop {
        text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            break;
        }
        let Some((name, rest)) = text.split_once('<') else {
            let message = if pairs.is_empty() { "no address in <…>" } else { "text after the last address" };
            return Err((message, FORMS));
        };
        let (email, after) = rest.split_once('>').ok_or(("`<` without its `>`", "close the address with `>`"))?;
        if email.is_empty() && pairs.is_empty() {
            return Err(("the first address is empty", FORMS));
        }
        pairs.push((name.trim(), email));
        text = after;
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, email: &str) -> Person {
        Person { name: name.to_owned(), email: email.to_owned() }
    }

    #[test]
    fn each_form_maps_what_it_names() {
        let text = "# the team\n\
                    Ana García <ana@home.example> # at home\n\
                    <leo@uni.example> <leo@old.example>\r\n\
                    Mia Rossi <mia@uni.example> <mia@old.example>\n\
                    \n  # shared laptop\n\
                    Léo Petit <leo@uni.example> leo <shared@lab.example>\n\
                    Mia Rossi <mia@uni.example> MIA <Shared@Lab.example>\n";
        let (mailmap, problems) = Mailmap::parse(text);
        assert_eq!(problems, []);
        for (from, to) in [
            (person("x", "Ana@HOME.example"), Some(person("Ana García", "Ana@HOME.example"))),
            (person("x", "leo@old.example"), Some(person("x", "leo@uni.example"))),
            (person("x", "mia@old.example"), Some(person("Mia Rossi", "mia@uni.example"))),
            (person("LEO", "shared@lab.example"), Some(person("Léo Petit", "leo@uni.example"))),
            (person("mia", "shared@lab.example"), Some(person("Mia Rossi", "mia@uni.example"))),
            (person("ana", "shared@lab.example"), None),
            (person("Ana García", "ana@uni.example"), None),
        ] {
            assert_eq!(mailmap.resolve(&from), to, "{from:?}");
        }
    }

    #[test]
    fn a_later_entry_holds_part_by_part_and_nothing_is_looked_up_twice() {
        let (mailmap, _) = Mailmap::parse(
            "Old Name <b@x.example> <a@x.example>\nNew Name <a@x.example>\nSomebody Else <c@x.example> <b@x.example>\n",
        );
        assert_eq!(mailmap.resolve(&person("x", "a@x.example")), Some(person("New Name", "b@x.example")));
    }

    #[test]
    fn lines_that_map_nothing_are_told_with_their_place() {
        let text = "Ana <ana@x.example>\nAna García\nAna <ana@x.example\n<> <a@x>\n<a@x>\nA <a@x> B <b@x> C <c@x>\nA <a@x> B\n";
        let (mailmap, problems) = Mailmap::parse(text);
        let told: Vec<(&str, &str)> =
            problems.iter().map(|problem| (&text[problem.span.clone()], problem.message)).collect();
        assert_eq!(
            told,
            [
                ("Ana García", "no address in <…>"),
                ("Ana <ana@x.example", "`<` without its `>`"),
                ("<> <a@x>", "the first address is empty"),
                ("<a@x>", "this entry has nothing but the commit's address, so it maps nothing"),
                ("A <a@x> B <b@x> C <c@x>", "more than two addresses in one line"),
                ("A <a@x> B", "text after the last address"),
            ]
        );
        assert_eq!(mailmap.entries.len(), 1);
    }
}
