//! From the lists of a course to a roster: lists of people, of groups and of repositories, joined on what identifies a
//! person. Nothing is merged on a guess: what a person has to settle is listed, with what to do.
//!
//! | module | holds |
//! |---|---|
//! | [`person`] | what a list says of a person, and when two lists speak of the same one |
//! | [`lists`] | each tool's file → records |
//! | [`join`] | records → people |
//! | [`teams`] | people → teams, with their repositories |
//! | [`write`](mod@write) | the roster's text |

pub mod join;
pub mod lists;
pub mod person;
pub mod teams;
pub mod write;

use crate::failure::Failure;

/// A file as it was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path as the user typed it.
    pub name: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// What the command line adds.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Repositories by a pattern: `https://git.example.org/{group}`.
    pub repository: Option<String>,
    /// The roster's rubric.
    pub rubric: Option<String>,
    /// The roster's title.
    pub title: Option<String>,
}

/// What became of the files.
#[derive(Debug, Clone)]
pub struct Imported {
    /// In order of their ids.
    pub teams: Vec<teams::ImportedTeam>,
    /// What has to be settled, each with what to do.
    pub problems: Vec<String>,
    /// What was done and may surprise.
    pub notes: Vec<String>,
    /// The text of `roster.toml`.
    pub roster: String,
}

/// Reads the files in the order given: where they name teams differently, the first one's names are kept.
///
/// # Errors
/// A file that is none of the known lists, or no team at all.
pub fn import(sources: &[Source], options: &Options) -> Result<Imported, Failure> {
    let (mut records, mut notes, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for (number, source) in sources.iter().enumerate() {
        let list = lists::read(source, number).map_err(|what| Failure::course(format!("{}: {what}", source.name)))?;
        notes.push(format!("{}: {}, {} rows", source.name, list.kind, list.records.len()));
        notes.extend(list.notes.into_iter().map(|note| format!("{}: {note}", source.name)));
        records.extend(list.records);
    }
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    let people = join::join(records, &names);
    notes.extend(people.notes);
    problems.extend(people.problems);
    let built = teams::build(&people.people, &people.repositories, &names, options);
    notes.extend(built.notes);
    problems.extend(built.problems);
    if built.teams.is_empty() {
        let fix = "give a list with a group or a repository for each person as well";
        return Err(Failure::course(format!("no team is in {}: {fix}", names.join(", "))));
    }
    let roster = write::roster(&built.teams, &problems, options);
    Ok(Imported { teams: built.teams, problems, notes, roster })
}
