//! `--blind`: a copy of the results in which nobody is named. Pseudonyms are stable; who is who stands in `pseudonyms.json` of
//! the results themselves, apart from the copy.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use stackmark_course::Rubric;
use stackmark_evidence::Evidence;
use stackmark_evidence::files::AtPath as _;
use stackmark_render::{Templates, json};

use crate::documents::store_course;
use crate::failure::Failure;
use crate::late;
use crate::persons::{self, Person, Replacer};
use crate::regrade::{Regrade, Regraded, regrade};
use crate::run::Run;
use crate::store::{self, Results};
use crate::stored::read_evidence_file;
use crate::voice::Voice;

/// The map, in the results folder.
pub const MAP: &str = "pseudonyms.json";
/// The format of the map.
const SCHEMA: &str = "stackmark/pseudonyms/v1";

/// Who is who.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Pseudonyms {
    schema: String,
    /// Numbers by `team/member`, or by the address of somebody who is no member.
    people: BTreeMap<String, u64>,
}

impl Pseudonyms {
    fn read(results: &Results) -> Result<Self, Failure> {
        let path = results.root().join(MAP);
        if !path.is_file() {
            return Ok(Self { schema: SCHEMA.to_owned(), people: BTreeMap::new() });
        }
        let wrong = |what: String| Failure::unexpected(format!("{}: {what}", path.display()));
        let map: Self = serde_json::from_str(&store::read(&path)?).map_err(|error| wrong(error.to_string()))?;
        if map.schema == SCHEMA { Ok(map) } else { Err(wrong(format!("its format is not {SCHEMA}"))) }
    }

    /// The number of a person: the next one for somebody new.
    fn of(&mut self, person: &Person) -> u64 {
        let next = self.people.values().max().map_or(1, |last| last + 1);
        *self.people.entry(person.key.clone()).or_insert(next)
    }

    fn write(&self, results: &Results) -> Result<(), Failure> {
        Ok(store::write(&results.root().join(MAP), &format!("{}\n", serde_json::to_string_pretty(self)?))?)
    }
}

/// Takes the people of one team out of what is shown of it, without a copy: for marking in the browser.
#[derive(Debug, Clone)]
pub struct Names(Replacer);

impl Names {
    /// Of everybody whom a bundle names: `member 1` and so on in the roster's order, and `person 1` who is no member.
    pub fn of(evidence: &Evidence) -> Self {
        let (mut replacer, mut members, mut strangers) = (Replacer::default(), 0, 0);
        for person in persons::of(evidence) {
            let (kind, number) = match person.member {
                Some(_) => ("member", &mut members),
                None => ("person", &mut strangers),
            };
            *number += 1;
            replacer.add(&person, &format!("{kind} {number}"), &format!("{kind}-{number}"));
        }
        Self(replacer)
    }

    /// Text without their names.
    pub fn hide(&self, text: &str) -> String {
        self.0.text(text)
    }
}

/// Where the copy of some results goes: beside them.
pub fn place(results: &Results) -> PathBuf {
    let mut name = results.root().as_os_str().to_owned();
    name.push("-blind");
    PathBuf::from(name)
}

/// Makes the copy anew, and judges and renders it.
///
/// # Errors
/// Results that cannot be read, or a copy that cannot be written.
pub fn copy(
    results: &Results,
    rubric: &Rubric,
    course: &BTreeMap<String, String>,
    templates: &Templates,
    voice: &dyn Voice,
) -> Result<Regraded, Failure> {
    let target = Results::at(place(results));
    let mut map = Pseudonyms::read(results)?;
    let teams = results.teams()?;
    let mut everybody = Replacer::default();
    let mut shown_ids: Vec<String> = Vec::new();
    for team in &teams {
        let mut of_team = Replacer::default();
        let mut bundles = Vec::new();
        for name in ["evidence.json", late::FILE] {
            let path = results.team(team, name);
            if !path.is_file() {
                bundles.push((name, None));
                continue;
            }
            let stored = read_evidence_file(&path, team)?;
            for person in persons::of(&stored.evidence) {
                let number = map.of(&person);
                for replacer in [&mut of_team, &mut everybody] {
                    replacer.add(&person, &format!("Person {number}"), &format!("person-{number}"));
                }
            }
            bundles.push((name, Some(stored.evidence)));
        }
        let shown = shown_id(team, &of_team, |id| teams.iter().chain(&shown_ids).any(|known| known == id));
        for replacer in [&mut of_team, &mut everybody] {
            replacer.name_team(team, &shown);
        }
        for (name, evidence) in bundles {
            let copy = target.team(&shown, name);
            match evidence {
                Some(evidence) => store::write(&copy, &json::evidence(&blinded(&evidence, &shown, &of_team)?))?,
                None if copy.is_file() => store::remove(&copy)?,
                None => {}
            }
        }
        let decisions = results.team(team, "overrides.toml");
        if decisions.is_file() {
            store::write(&target.team(&shown, "overrides.toml"), &of_team.text(&store::read(&decisions)?))?;
        }
        // A copy of an earlier version has the id.
        let named = target.root().join("teams").join(team);
        if shown != *team && named.is_dir() {
            std::fs::remove_dir_all(&named).at(&named)?;
        }
        shown_ids.push(shown);
    }
    map.write(results)?;
    store_course(&target, course)?;
    let run = if results.run().is_file() { Some(Run::read(&results.run())?) } else { None };
    for entry in run.iter().flat_map(|run| &run.teams).filter(|entry| !teams.contains(&entry.id)) {
        everybody.name_team(&entry.id, &entry.id);
    }
    let run = run.map(|run| of_nobody(run, &everybody)).transpose()?;
    if let Some(run) = &run {
        run.write(&target.run())?;
        // Teams whose evidence was removed keep their marks, in which nobody is named any more.
        for entry in run.teams.iter().filter(|entry| !shown_ids.contains(&entry.id)) {
            for name in ["evidence.json", late::FILE] {
                store::remove(&target.team(&entry.id, name))?;
            }
            for name in ["scorecard.json", store::REMOVED] {
                let path = results.team(&entry.id, name);
                if path.is_file() {
                    store::write(&target.team(&entry.id, name), &everybody.text(&store::read(&path)?))?;
                }
            }
        }
    }
    regrade(Regrade { results: &target, teams: &shown_ids, rubric, course, templates, run }, voice, |_, _| Ok(()))
}

/// A team's id without anybody's name in it, which is no other team's.
fn shown_id(team: &str, replacer: &Replacer, is_taken: impl Fn(&str) -> bool) -> String {
    let without = replacer.text(team);
    if without == team {
        return without;
    }
    let plain = without.to_lowercase().replace(' ', "-");
    let others = (2..).map(|number: u32| format!("{plain}-{number}"));
    std::iter::once(plain.clone()).chain(others).find(|id| !is_taken(id)).unwrap_or(plain)
}

/// A bundle that names nobody; what was asked, and where the repository is, is not shown either.
fn blinded(evidence: &Evidence, shown: &str, replacer: &Replacer) -> Result<Evidence, Failure> {
    let mut bundle = serde_json::to_value(evidence)?;
    // The judge finds requests by these very keys, and they hold nothing of a person's.
    let asked = bundle.get_mut("asked").map(serde_json::Value::take);
    replacer.json(&mut bundle);
    if let Some(asked) = asked {
        bundle["asked"] = asked;
        bundle["asked"]["work_sha256"] = serde_json::Value::Null;
    }
    bundle["team"]["name"] = serde_json::Value::Null;
    for member in bundle["team"]["members"].as_array_mut().into_iter().flatten() {
        member["login"] = serde_json::Value::Null;
        member["aliases"] = serde_json::json!([]);
    }
    if let Some(source) = bundle.pointer_mut("/git/source/value/location") {
        *source = serde_json::Value::from(format!("the repository of {shown}"));
    }
    Ok(serde_json::from_value(bundle)?)
}

fn of_nobody(run: Run, replacer: &Replacer) -> Result<Run, Failure> {
    let mut record = serde_json::to_value(&run)?;
    replacer.json(&mut record);
    Ok(serde_json::from_value(record)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_of_a_team_shows_who_its_members_are() {
        let person = |id: &str, name: &str| Person {
            key: format!("t/{id}"),
            member: Some(id.to_owned()),
            name: name.to_owned(),
            called: [id, name].map(str::to_owned).into(),
        };
        let mut replacer = Replacer::default();
        replacer.add(&person("ada-rivers", "Ada Rivers"), "Person 3", "person-3");
        for (id, taken, shown) in [
            ("ada-rivers", "", "person-3"),
            ("lab1-ada-rivers", "", "lab1-person-3"),
            ("ada-rivers", "person-3", "person-3-2"),
            ("team-07", "team-07", "team-07"),
        ] {
            assert_eq!(shown_id(id, &replacer, |known| known == taken), shown, "{id}");
        }
    }
}
