//! `stackmark forget`: a person, or all before a day. Personal data go; marks and hashes stay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use stackmark_course::problem::did_you_mean;
use stackmark_evidence::files::AtPath as _;
use stackmark_render::json;

use crate::blind::MAP;
use crate::failure::Failure;
use crate::history;
use crate::late;
use crate::measures;
use crate::members::{self, FACTORS, SUGGESTED};
use crate::persons::{self, Person, Replacer};
use crate::run::Run;
use crate::similar;
use crate::store::{self, Results};
use crate::team::now;

/// What was done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Files in which names were replaced.
    pub changed: Vec<PathBuf>,
    /// Files that are gone.
    pub removed: Vec<PathBuf>,
    /// How many people.
    pub people: usize,
    /// Ids of teams that hold a name, login or id of theirs, and stay.
    pub ids: Vec<String>,
}

/// Takes a person out of all that is stored: every name, address and login of theirs becomes `forgotten`.
///
/// # Errors
/// Nobody, or several people, are called so; a file that cannot be written.
pub fn person(results: &Results, called: &str, dry_run: bool) -> Result<Forgotten, Failure> {
    let mut found: Vec<(String, Person)> = Vec::new();
    let mut others: Vec<Person> = Vec::new();
    for team in results.teams()? {
        for person in people(results, &team)? {
            let is = |text: &String| text.to_lowercase() == called.to_lowercase();
            if !person.called.iter().any(is) {
                others.push(person);
            } else if !found.iter().any(|(_, known)| known.key == person.key) {
                found.push((team.clone(), person));
            }
        }
    }
    let members: Vec<&str> = found.iter().map(|(_, person)| person.key.as_str()).collect();
    if found.is_empty() {
        let place = results.root().display();
        let close = nearly_called(called, &others);
        let close = close.map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default();
        return Err(Failure::usage(format!("{place}: nobody is called \"{called}\"{close}")));
    }
    let names: BTreeSet<&str> = found.iter().map(|(_, person)| person.name.as_str()).collect();
    if names.len() > 1 {
        let message = format!("\"{called}\" is more than one person: {}; give an address", members.join(", "));
        return Err(Failure::usage(message));
    }
    let mut replacer = Replacer::default();
    let shared: BTreeSet<String> = found.iter().flat_map(|(_, person)| person.called.iter().cloned()).collect();
    let named = |other: &&Person| other.member.is_some() && !names.contains(other.name.as_str());
    others.iter().filter(named).for_each(|other| replacer.keep(other, &shared));
    for (at, (_, person)) in found.iter().enumerate() {
        add(&mut replacer, person, at);
    }
    let mut done = Forgotten { people: 1, ids: keep_ids(results, &mut replacer)?, ..Forgotten::default() };
    for (team, person) in &found {
        // Names in it cannot be replaced; `report --pdf` makes it again.
        for path in reports(results, team, &[".pdf"])? {
            remove(&path, dry_run, &mut done)?;
        }
        if let Some(id) = &person.member {
            for ending in ["md", "json"] {
                remove(&results.team(team, "members").join(format!("{id}.{ending}")), dry_run, &mut done)?;
            }
        }
    }
    for path in texts(results)? {
        replace(&path, &replacer, dry_run, &mut done)?;
    }
    Ok(done)
}

/// Takes away what was collected before a day (`2026-11-13`): evidence, reports and members' pages go, and in what stays nobody
/// is named any more.
///
/// # Errors
/// A file that cannot be read or written.
pub fn before(results: &Results, day: &str, dry_run: bool) -> Result<Forgotten, Failure> {
    let mut done = Forgotten::default();
    let mut everybody = Replacer::default();
    for team in results.teams()? {
        let path = results.team(&team, "evidence.json");
        let evidence = json::read_evidence(&store::read(&path)?)
            .map_err(|error| Failure::unexpected(format!("{}: {error}", path.display())))?;
        if evidence.collected_at.as_str() >= day {
            continue;
        }
        let mut of_team = Replacer::default();
        of_team.name_team(&team, &team);
        for (at, person) in people(results, &team)?.iter().enumerate() {
            add(&mut of_team, person, at);
            add(&mut everybody, person, at);
            done.people += 1;
        }
        let kept = ["evidence.json", late::FILE, measures::FILE, "marker.html", similar::FINGERPRINTS, similar::ENDED];
        for name in kept {
            remove(&results.team(&team, name), dry_run, &mut done)?;
        }
        for path in reports(results, &team, &[".md", ".html", ".pdf"])? {
            remove(&path, dry_run, &mut done)?;
        }
        if !dry_run {
            let day = now();
            store::write(&results.team(&team, store::REMOVED), &format!("{}\n", day.get(..10).unwrap_or(&day)))?;
        }
        for path in files(&results.team(&team, "members"))? {
            remove(&path, dry_run, &mut done)?;
        }
        for path in files(&results.history(&team, ""))? {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with("evidence-") || name.starts_with("report.") {
                remove(&path, dry_run, &mut done)?;
            }
        }
        for path in files(&results.root().join("teams").join(&team))? {
            if !done.removed.contains(&path) {
                replace(&path, &of_team, dry_run, &mut done)?;
            }
        }
    }
    // They show lines of the teams' files, and are made again from what is left.
    if done.people > 0 {
        for name in [similar::DATA, similar::PAGE] {
            remove(&results.root().join(name), dry_run, &mut done)?;
        }
    }
    done.ids = keep_ids(results, &mut everybody)?;
    for path in of_class(results) {
        if done.removed.contains(&path) {
            continue;
        }
        replace(&path, &everybody, dry_run, &mut done)?;
    }
    Ok(done)
}

/// Somebody who is called a little else: by a part of the name, or by a slip.
fn nearly_called<'a>(called: &str, people: &'a [Person]) -> Option<&'a str> {
    let has_part = |name: &&str| name.split_whitespace().any(|part| part.to_lowercase() == called.to_lowercase());
    let names = || people.iter().map(|person| person.name.as_str());
    names().find(has_part).or_else(|| did_you_mean(called, names()))
}

/// A team's id names its folder, its entry in the run and in the roster: it stays, or the team would be none of the results'
/// any more. Returned are those that the replacer would change.
fn keep_ids(results: &Results, replacer: &mut Replacer) -> Result<Vec<String>, Failure> {
    let mut ids: BTreeSet<String> = results.teams()?.into_iter().collect();
    // Teams whose evidence was removed are in the record still.
    if results.run().is_file() {
        ids.extend(Run::read(&results.run())?.teams.into_iter().map(|team| team.id));
    }
    for id in &ids {
        replacer.name_team(id, id);
    }
    ids.retain(|id| replacer.text(id) != *id);
    Ok(ids.into_iter().collect())
}

/// A number keeps apart the members of one team: each is still somebody.
fn add(replacer: &mut Replacer, person: &Person, at: usize) {
    replacer.add(person, &format!("forgotten {}", at + 1), &format!("forgotten-{}", at + 1));
}

/// Everybody whom a team's evidence names, now and earlier.
fn people(results: &Results, team: &str) -> Result<Vec<Person>, Failure> {
    let mut people: Vec<Person> = Vec::new();
    let mut bundles = vec![results.team(team, "evidence.json"), results.team(team, late::FILE)];
    bundles
        .extend(history::read(results, team)?.iter().map(|it| history::evidence(results, team, &it.evidence_sha256)));
    for path in bundles.into_iter().filter(|path| path.is_file()) {
        let Ok(evidence) = json::read_evidence(&store::read(&path)?) else { continue };
        for person in persons::of(&evidence) {
            match people.iter_mut().find(|known| known.key == person.key) {
                Some(known) => known.called.extend(person.called),
                None => people.push(person),
            }
        }
    }
    Ok(people)
}

/// Every text of a results folder that may name somebody; not the rubric and its checks.
fn texts(results: &Results) -> Result<Vec<PathBuf>, Failure> {
    let mut paths: Vec<PathBuf> = files(&results.root().join("teams"))?;
    paths.extend(of_class(results));
    Ok(paths)
}

/// The files that are of no team alone.
fn of_class(results: &Results) -> Vec<PathBuf> {
    let page = results.class("html");
    let beside = page.parent().and_then(|folder| std::fs::read_dir(folder).ok());
    let beside = beside.into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    // `class.html`, `class.csv`, and the page in other languages.
    let is_class = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("class."));
    let mut of_run: Vec<PathBuf> = beside.filter(is_class).collect();
    of_run.sort();
    of_run.push(results.run());
    let own = [FACTORS, SUGGESTED, MAP, store::APPEALS, store::SPOT_CHECKS, similar::DATA, similar::PAGE];
    let own = own.map(|name| results.root().join(name));
    of_run.into_iter().chain(own).filter(|path| path.is_file()).collect()
}

/// All files below a folder, sorted; none if there is no such folder. Links are not followed.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry.at(&folder)?;
            let kind = entry.file_type().at(&entry.path())?;
            if kind.is_dir() {
                waiting.push(entry.path());
            } else if kind.is_file() {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A team's report in every language, as files with these endings.
fn reports(results: &Results, team: &str, endings: &[&str]) -> Result<Vec<PathBuf>, Failure> {
    let folder = results.team(team, "");
    let is_one = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_here = path.parent() == Some(folder.as_path());
        is_here && name.starts_with("report.") && endings.iter().any(|ending| name.ends_with(ending))
    };
    Ok(files(&folder)?.into_iter().filter(is_one).collect())
}

fn replace(path: &Path, replacer: &Replacer, dry_run: bool, done: &mut Forgotten) -> Result<(), Failure> {
    // What is no text is nothing that this program wrote.
    let Ok(text) = store::read(path) else { return Ok(()) };
    let is = |wanted: &str| path.extension().is_some_and(|ending| ending == wanted);
    let without = if is("json") {
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(mut value) => {
                let before = value.clone();
                replacer.json(&mut value);
                if value == before { text.clone() } else { format!("{}\n", serde_json::to_string_pretty(&value)?) }
            }
            Err(_) => replacer.text(&text),
        }
    } else if is("csv") {
        members::but_teams(&text, |cell| replacer.is_team(cell), |cells| replacer.text(cells))
    } else if is("toml") {
        but_team_lines(&text, replacer)
    } else {
        replacer.text(&text)
    };
    if without != text {
        if !dry_run {
            store::write(path, &without)?;
        }
        done.changed.push(path.to_owned());
    }
    Ok(())
}

/// The text with everybody replaced, but in lines as `team = "t01"`.
fn but_team_lines(text: &str, replacer: &Replacer) -> String {
    let id = |line: &str| {
        let value = line.trim().strip_prefix("team")?.trim_start().strip_prefix('=')?;
        Some(value.trim().trim_matches(['"', '\'']).to_owned())
    };
    let is_team = |line: &&str| id(line).is_some_and(|id| replacer.is_team(&id));
    let (mut out, mut open) = (String::with_capacity(text.len()), String::new());
    // A name may go over the end of a line.
    for line in text.split_inclusive('\n') {
        if is_team(&line) {
            out.push_str(&replacer.text(&std::mem::take(&mut open)));
            out.push_str(line);
        } else {
            open.push_str(line);
        }
    }
    out.push_str(&replacer.text(&open));
    out
}

fn remove(path: &Path, dry_run: bool, done: &mut Forgotten) -> Result<(), Failure> {
    if path.is_file() {
        if !dry_run {
            store::remove(path)?;
        }
        done.removed.push(path.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_a_team_stay() {
        let mut replacer = Replacer::default();
        let person = Person {
            key: "ada/ada".to_owned(),
            member: Some("ada".to_owned()),
            name: "ada".to_owned(),
            called: ["ada".to_owned()].into(),
        };
        add(&mut replacer, &person, 0);
        replacer.name_team("ada", "ada");
        let text = "[[appeal]]\nteam = \"ada\"\nby = \"ada\"\n[[appeal]]\nteam='ada'\nteam = \"ada x\"\n";
        let expected =
            "[[appeal]]\nteam = \"ada\"\nby = \"forgotten-1\"\n[[appeal]]\nteam='ada'\nteam = \"forgotten-1 x\"\n";
        assert_eq!(but_team_lines(text, &replacer).replace("forgotten 1", "forgotten-1"), expected);
    }
}
