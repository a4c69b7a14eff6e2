//! Loads the instructor's documents, and says everything that is wrong with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use stackmark_course::problem::{Problem, did_you_mean};
use stackmark_course::roster::TeamEntry;
use stackmark_course::{Library, Overrides, Problems, Roster, Rubric, Sentences, SourceText};
use stackmark_evidence::Tool;
use stackmark_history::{Mailmap, MailmapProblem, doubles_in_roster};
use stackmark_language::expression::Engine;
use stackmark_render::Templates;
use stackmark_render::json::sha256_hex;

use crate::failure::Failure;
use crate::store::{self, Results};
use crate::voice::Voice;

/// The program, as it stands in every file that it writes.
pub fn tool() -> Tool {
    Tool { name: "stackmark".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// The embedded library with the user's folders before it.
pub fn library(folders: &[PathBuf]) -> Result<Library, Failure> {
    let mut library = Library::embedded();
    for folder in folders {
        library.add_folder(folder).map_err(|error| Failure::course(format!("--library {error}")))?;
    }
    Ok(library)
}

/// Has every rubric that is read from the library speak a language, whatever its own is.
///
/// # Errors
/// No report can be written in it; the message lists the languages.
pub fn speak(language: &str, library: &mut Library) -> Result<(), Failure> {
    let known = library.languages();
    if !known.contains(&language) {
        return Err(Failure::usage(format!("there is no language \"{language}\"; there are {}", known.join(", "))));
    }
    library.speak(language);
    Ok(())
}

/// Reports the problems; gives the value where none is an error.
fn accept<T>(value: Option<T>, problems: Problems, voice: &dyn Voice) -> Result<T, Failure> {
    voice.problems(&problems);
    sound(value, problems)
}

/// The value where no problem is an error; they are shown already.
pub fn sound<T>(value: Option<T>, problems: Problems) -> Result<T, Failure> {
    match problems.or_else(value) {
        Ok((value, _)) => Ok(value),
        Err(problems) => {
            let count = problems.0.iter().filter(|problem| !problem.warning).count();
            let message =
                if count == 1 { "1 problem, see above".to_owned() } else { format!("{count} problems, see above") };
            Err(Failure::course(message))
        }
    }
}

fn looks_like_path(name: &str) -> bool {
    name.ends_with(".toml") || name.contains(std::path::is_separator)
}

/// The id in the library of a rubric that is named by its id or by the path of its file.
fn id_of(name: &str) -> String {
    if !looks_like_path(name) {
        return name.to_owned();
    }
    Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A rubric by name, or by the path of its file.
pub fn rubric(name: &str, library: &mut Library, engine: &Engine, voice: &dyn Voice) -> Result<Rubric, Failure> {
    let (rubric, problems) = parse_rubric(name, library, engine)?;
    accept(rubric, problems, voice)
}

/// The rubric that the command line names, else the roster's. A name that only the roster has is an error at its line.
///
/// # Errors
/// None is named, there is none of that name, or it is not sound.
pub fn rubric_of(
    given: Option<&str>,
    roster: Option<(&Path, &Roster)>,
    library: &mut Library,
    engine: &Engine,
    voice: &dyn Voice,
) -> Result<Rubric, Failure> {
    if let Some(name) = given {
        return rubric(name, library, engine, voice);
    }
    let named = roster.and_then(|(path, roster)| Some((path, roster.rubric.as_deref()?)));
    let Some((path, name)) = named else {
        return Err(Failure::usage(
            "no rubric: give --rubric NAME, or put rubric = \"…\" into the roster; `stackmark rubric list` lists them",
        ));
    };
    if library.rubric(&id_of(name)).is_none() && !looks_like_path(name) {
        let text = store::read(path).unwrap_or_default();
        let is_it = |line: &str| {
            line.trim_start().strip_prefix("rubric").is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        let line = text.lines().position(is_it).map_or_else(String::new, |at| format!(":{}", at + 1));
        return rubric(name, library, engine, voice).map_err(|failure| {
            let message = format!("{}{line}: {}", path.display(), failure.message);
            Failure { message, ..failure }
        });
    }
    rubric(name, library, engine, voice)
}

/// A rubric by name, or by the path of its file, with what is wrong with it, which nobody has been told yet.
pub fn parse_rubric(name: &str, library: &mut Library, engine: &Engine) -> Result<(Option<Rubric>, Problems), Failure> {
    let id = id_of(name);
    if looks_like_path(name) {
        let path = Path::new(name);
        let text = store::read(path).map_err(Failure::course)?;
        library.add_rubric(&id, SourceText::new(name, text));
        add_titles_beside(path, &id, library)?;
    }
    let Some(source) = library.rubric(&id).cloned() else {
        let known: Vec<&str> = library.rubric_ids().collect();
        let fix = match did_you_mean(&id, known.iter().copied()) {
            Some(close) => format!("did you mean \"{close}\"?"),
            None => "`stackmark rubric list` lists them; or name a file that ends in .toml".to_owned(),
        };
        return Err(Failure::course(format!("there is no rubric \"{id}\"; {fix}")));
    };
    Ok(Rubric::parse(&id, &source, library, engine))
}

/// What a rubric that is named by its path says in other languages: `exam.fr.toml` beside `exam.toml`. A rubric of that
/// name has no such table, and is none of this one's.
fn add_titles_beside(path: &Path, id: &str, library: &mut Library) -> Result<(), Failure> {
    let languages: Vec<String> = library.languages().into_iter().map(str::to_owned).collect();
    for language in languages {
        let beside = path.with_file_name(format!("{id}.{language}.toml"));
        if !beside.is_file() {
            continue;
        }
        let text = store::read(&beside).map_err(Failure::course)?;
        if text.lines().any(|line| line.trim() == "[said]") {
            library.add_titles(id, &language, SourceText::new(beside.display().to_string(), text));
        }
    }
    Ok(())
}

/// A roster with the SHA-256 of its text.
pub fn roster(path: &Path, voice: &dyn Voice) -> Result<(Roster, String), Failure> {
    let text = store::read(path).map_err(|error| {
        let fix = "write one as docs/roster.md shows, or name it with --roster";
        match error.kind() {
            std::io::ErrorKind::NotFound => {
                Failure::course(format!("{}: there is no such file; {fix}", path.display()))
            }
            _ => Failure::course(error),
        }
    })?;
    let hash = sha256_hex(text.as_bytes());
    let (roster, problems) = Roster::parse(&SourceText::new(path.display().to_string(), text));
    let roster = accept(roster, problems, voice)?;
    for note in far_off(&roster, jiff::Timestamp::now()).into_iter().chain(doubled(&roster)) {
        voice.note(&format!("{}: {note}", path.display()));
    }
    Ok((roster, hash))
}

/// Deadlines that are years away, each once: most often a year was mistyped.
fn far_off(roster: &Roster, now: jiff::Timestamp) -> Vec<String> {
    const YEAR_SECONDS: i64 = 366 * 86_400;
    let (oldest, latest) = (now.as_second() - 10 * YEAR_SECONDS, now.as_second() + 2 * YEAR_SECONDS);
    let mut teams: BTreeMap<jiff::Timestamp, Vec<&str>> = BTreeMap::new();
    for entry in &roster.teams {
        if let Some(deadline) = entry.deadline.filter(|moment| !(oldest..=latest).contains(&moment.as_second())) {
            teams.entry(deadline).or_default().push(&entry.id);
        }
    }
    let told = |(deadline, teams): (jiff::Timestamp, Vec<&str>)| {
        let more = if teams.len() > 3 { format!(" and {} more teams", teams.len() - 3) } else { String::new() };
        let away = if deadline > now { "more than two years ahead" } else { "more than ten years ago" };
        format!("the deadline {deadline} of {}{more} is {away}: check its year", teams[..teams.len().min(3)].join(", "))
    };
    teams.into_iter().map(told).collect()
}

/// Members of one team who are very likely one person, each pair once.
fn doubled(roster: &Roster) -> Vec<String> {
    let of_team = |entry: &TeamEntry| -> Vec<String> {
        let name = |id: &str| entry.members.iter().find(|it| it.id == id).map_or(id, |it| &it.name).to_owned();
        let doubles = doubles_in_roster(&entry.members, &entry.distinct).into_iter();
        doubles
            .map(|it| {
                format!(
                    "{} and {} of {} are very likely one person: keep one, with the other's name in `aliases` and \
                     addresses in `emails`; if they are two people, write `distinct = true` for both",
                    name(&it.of),
                    name(&it.member),
                    entry.id
                )
            })
            .collect()
    };
    roster.teams.iter().flat_map(of_team).collect()
}

/// The instructor's mailmap with the SHA-256 of its text: the one that `--mailmap` names, else the one that the roster does.
pub fn mailmap(
    option: Option<&Path>,
    roster: Option<(&Path, &Roster)>,
    voice: &dyn Voice,
) -> Result<(Mailmap, Option<String>), Failure> {
    let of_roster = || {
        let (path, roster) = roster?;
        Some(folder_of(path).join(roster.mailmap.as_ref()?))
    };
    let Some(path) = option.map(Path::to_owned).or_else(of_roster) else { return Ok((Mailmap::default(), None)) };
    let text = store::read(&path).map_err(Failure::course)?;
    let hash = sha256_hex(text.as_bytes());
    let (mailmap, found) = Mailmap::parse(&text);
    let source = SourceText::new(path.display().to_string(), text);
    let problem = |it: MailmapProblem| Problem::error(&source, Some(it.span), it.message).fix(it.fix);
    let problems = Problems(found.into_iter().map(problem).collect());
    Ok((accept(Some(mailmap), problems, voice)?, Some(hash)))
}

/// The folder of a document, from which its relative paths start.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A team's overrides of `rubric`'s items, with the SHA-256 of their text; none where there is no such file.
///
/// Where they name no rubric, they were written for `of_run`, the rubric of the stored run; those of another rubric than
/// the one that judges are set aside, and said.
pub fn overrides(
    path: &Path,
    rubric: &Rubric,
    of_run: Option<&str>,
    voice: &dyn Voice,
) -> Result<(Overrides, Option<String>), Failure> {
    if !path.is_file() {
        return Ok((Overrides::default(), None));
    }
    let text = store::read(path).map_err(Failure::course)?;
    let hash = sha256_hex(text.as_bytes());
    let source = SourceText::new(path.display().to_string(), text);
    let made_for = |overrides: &Overrides| overrides.rubric.clone().or_else(|| of_run.map(str::to_owned));
    let is_other = |overrides: &Overrides| made_for(overrides).filter(|other| *other != rubric.id);
    let parsed = Overrides::parse(&source).checked(|overrides| match is_other(overrides) {
        Some(_) => Problems::default(),
        None => overrides.against(&source, rubric),
    });
    let overrides = match parsed.sound() {
        Ok((overrides, warnings)) => accept(Some(overrides), warnings, voice)?,
        Err(problems) => {
            voice.problems(&problems);
            return Err(Failure::course(in_short(&problems, "overrides.toml")));
        }
    };
    let Some(other) = is_other(&overrides) else { return Ok((overrides, Some(hash))) };
    voice.note(&format!(
        "{}: these decisions were made for rubric \"{other}\" and are not applied to \"{}\"",
        path.display(),
        rubric.id
    ));
    Ok((overrides.all_set_aside(), Some(hash)))
}

/// What is wrong with a team's document, in one line: it stands in the record and on the class's page as well, where the
/// problems themselves are not.
fn in_short(problems: &Problems, name: &str) -> String {
    let errors: Vec<&Problem> = problems.0.iter().filter(|problem| !problem.warning).collect();
    let first = errors.first().map_or_else(String::new, |problem| match problem.line() {
        Some(line) => format!("line {line}: {}", problem.message),
        None => problem.message.clone(),
    });
    match errors.len() {
        1 => format!("1 problem in {name}: {first}"),
        count => format!("{count} problems in {name}, the first: {first}"),
    }
}

/// Templates, the user's before the built-in ones.
pub fn templates(library: &Library) -> Result<Templates, Failure> {
    let own: Vec<(String, String)> =
        library.templates().iter().map(|(name, text)| (name.clone(), text.clone())).collect();
    Templates::with_overrides(&own).map_err(Failure::course)
}

/// What the program itself says in a language; in English where the library has no table of it.
///
/// # Errors
/// A table of the user's own that is wrong.
pub fn sentences(library: &Library, language: &str, voice: &dyn Voice) -> Result<Sentences, Failure> {
    let Some(source) = library.sentences(language) else { return Ok(Sentences::default()) };
    let (sentences, problems) = Sentences::parse(source);
    accept(sentences, problems, voice)
}

/// Stores the documents of a rubric, by their path in a library's folder, so that a later regrade uses the very same.
pub(crate) fn store_course(results: &Results, documents: &BTreeMap<String, String>) -> Result<(), Failure> {
    for (path, text) in documents {
        store::write(&results.course().join(path), text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rubric_named_by_its_path_speaks_with_the_titles_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("exam.toml", "");
        write("exam.fr.toml", "[said]\n\"Exam\" = \"Examen\"\n");
        write("exam.it.toml", "title = \"Esame\"\n");
        let mut library = Library::embedded();
        let path = folder.path().join("exam.toml").display().to_string();
        assert!(parse_rubric(&path, &mut library, &Engine::new()).is_ok());
        assert!(library.rubric_titles("exam", "fr").is_some());
        assert!(library.rubric_titles("exam", "it").is_none(), "a rubric of its own");
    }

    #[test]
    fn one_person_twice_in_a_team_is_named_until_the_roster_says_that_they_are_two() {
        let notes = |more: &str| {
            let text = format!(
                "[[team]]\nid = \"a\"\nrepository = \"r\"\n\
                 [[team.member]]\nname = \"Ana García\"\nemails = [\"ana@uni.example\"]\n{more}\
                 [[team.member]]\nname = \"Ana María García\"\nlogin = \"anagarcia\"\n{more}\
                 [[team.member]]\nname = \"Léo Petit\"\nemails = [\"leo@uni.example\"]\n"
            );
            let (roster, problems) = Roster::parse(&SourceText::new("roster.toml", text));
            doubled(&roster.unwrap_or_else(|| panic!("{problems}")))
        };
        let told = notes("");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("Ana García and Ana María García of a are very likely one person"), "{told:?}");
        assert_eq!(notes("distinct = true\n"), Vec::<String>::new());
    }

    #[test]
    fn a_deadline_years_away_is_named_once() {
        let team = |id: &str, year: u16| {
            format!(
                "[[team]]\nid = \"{id}\"\nrepository = \"r-{id}\"\ndeadline = \"{year}-10-01T10:00:00Z\"\n\
                 [[team.member]]\nname = \"Ana {id}\"\nemails = [\"{id}@uni.example\"]\n"
            )
        };
        let text = [team("a", 2062), team("b", 2062), team("c", 2026), team("d", 1999)].concat();
        let (roster, problems) = Roster::parse(&SourceText::new("roster.toml", text));
        let roster = roster.unwrap_or_else(|| panic!("{problems}"));
        let notes = far_off(&roster, "2026-11-01T00:00:00Z".parse().unwrap());
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert!(notes[0].contains("1999-10-01T10:00:00Z of d is more than ten years ago"), "{notes:?}");
        assert!(notes[1].contains("2062-10-01T10:00:00Z of a, b is more than two years ahead"), "{notes:?}");
    }
}
