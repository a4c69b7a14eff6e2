//! Each tool's list → records. A file is told by its header, never by its name.

use serde::Deserialize;

use super::Source;
use super::join::{Membership, Record};
use super::person::{Person, said_name};
use crate::gradebook::layout::{self, Export};
use crate::table::{Table, decode};

/// What a file holds.
#[derive(Debug, Clone)]
pub struct List {
    /// What it was taken for, as a person would say.
    pub kind: &'static str,
    /// Its rows.
    pub records: Vec<Record>,
    /// What was left out.
    pub notes: Vec<String>,
}

/// Reads a file as the list that its header says it is.
///
/// # Errors
/// It is no text, or none of the known lists; a lowercase fragment.
pub fn read(source: &Source, file: usize) -> Result<List, String> {
    let text = decode(&source.bytes)?;
    let start = text.trim_start();
    if start.starts_with('{') {
        return scores_json(&text, file);
    }
    if let Some(list) = addresses(&text, file) {
        return Ok(list);
    }
    let table = Table::read(&source.bytes)?;
    if let Some(export) = layout::recognise(&table) {
        return Ok(from_export(&table, export, file));
    }
    let columns = Columns::of(&table);
    let mut list = match columns.kind() {
        Some(kind) => List { kind, records: Vec::new(), notes: Vec::new() },
        None => {
            return Err(format!(
                "no known list has the columns {}; expected at least `name` and `team`, or an export of Canvas, Moodle, \
                 Blackboard, GitHub Classroom, Classroom50 or RepoSense as it was downloaded",
                table.cells(0).join(", ")
            ));
        }
    };
    for row in (1..table.height()).filter(|row| !table.is_blank(*row)) {
        columns.read(&table, row, file, &mut list);
    }
    Ok(list)
}

/// `scores.json` of Classroom50.
#[derive(Deserialize)]
struct Scores {
    schema: String,
    assignments: std::collections::BTreeMap<String, Assignment>,
}

#[derive(Deserialize)]
struct Assignment {
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    owner: String,
    #[serde(default)]
    member_usernames: Vec<String>,
    #[serde(default)]
    submissions: Vec<Submission>,
}

#[derive(Deserialize)]
struct Submission {
    #[serde(default)]
    commit: String,
}

fn scores_json(text: &str, file: usize) -> Result<List, String> {
    let scores: Scores =
        serde_json::from_str(text).map_err(|error| format!("not a scores.json of Classroom50: {error}"))?;
    if !scores.schema.starts_with("classroom50/scores/") {
        return Err(format!("its schema is {:?}, expected classroom50/scores/v1", scores.schema));
    }
    let mut assignments = scores.assignments.into_iter();
    let Some((slug, assignment)) = assignments.next() else { return Err("it has no assignment".to_owned()) };
    if let Some((other, _)) = assignments.next() {
        return Err(format!("it has the assignments {slug} and {other}: keep the one whose teams are meant"));
    }
    let mut list = List { kind: "scores.json of Classroom50", records: Vec::new(), notes: Vec::new() };
    for entry in assignment.entries {
        let mut members = entry.member_usernames;
        if members.is_empty() {
            members.push(entry.owner.clone());
        }
        // `https://github.com/org/name/commit/…`
        let commit = entry.submissions.iter().find_map(|it| it.commit.split_once("/commit/"));
        let repository = commit.map(|(repository, _)| repository.to_owned());
        list.records.extend(members.into_iter().map(|login| Record {
            file,
            line: 1,
            person: Some(Person { login: Some(login), ..Person::default() }),
            team: Membership::In(entry.owner.clone()),
            repository: repository.clone(),
            ..Record::default()
        }));
    }
    Ok(list)
}

/// A list of repositories, one address a line; `None` where a line is something else.
fn addresses(text: &str, file: usize) -> Option<List> {
    let mut list = List { kind: "list of repositories", records: Vec::new(), notes: Vec::new() };
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let address = ["https://", "http://", "ssh://", "git@", "file://"].iter().any(|start| line.starts_with(start));
        if !address || line.contains([' ', ',', ';', '\t']) {
            return None;
        }
        list.records.push(Record { file, line: number, repository: Some(line.to_owned()), ..Record::default() });
    }
    (!list.records.is_empty()).then_some(list)
}

/// A gradebook's rows of people.
fn from_export(table: &Table, export: Export, file: usize) -> List {
    let mut list = List { kind: export.name(), records: Vec::new(), notes: Vec::new() };
    for row in layout::people(table, export) {
        let keys = layout::keys(table, export, row);
        if export == Export::Canvas && is_test_student(&keys.name) {
            list.notes.push(format!("line {}: {} is left out", table.line(row), keys.name));
            continue;
        }
        let team = match layout::team(table, export, row) {
            None => Membership::Silent,
            Some(team) if no_team(&team) => Membership::Teamless,
            Some(team) => Membership::In(team),
        };
        let person = Person {
            name: said_name(&keys.name),
            emails: keys.email.into_iter().collect(),
            sis_id: keys.sis_id,
            lms_id: keys.lms_id,
            lms_login: keys.login,
            ..Person::default()
        };
        list.records.push(Record { file, line: table.line(row), person: Some(person), team, ..Record::default() });
    }
    list
}

/// The student that Canvas makes up to show an instructor the student's view.
fn is_test_student(name: &str) -> bool {
    name == "Student, Test" || name == "Test Student"
}

/// What Moodle puts where a person has no team: nothing, its default group, or a sentence, in some language.
fn no_team(team: &str) -> bool {
    const DEFAULT: [&str; 9] = [
        "default group",
        "groupe par défaut",
        "gruppo di default",
        "gruppo predefinito",
        "standardgruppe",
        "grupo predeterminado",
        "grupo por defecto",
        "grupo padrão",
        "standaardgroep",
    ];
    let team = team.trim().to_lowercase();
    team.is_empty() || team == "-" || DEFAULT.contains(&team.as_str()) || (team.ends_with('.') && team.contains(' '))
}

/// Where the columns of a plain list are; names are compared without case.
#[derive(Debug, Default)]
struct Columns {
    name: Option<usize>,
    first: Option<usize>,
    last: Option<usize>,
    email: Option<usize>,
    login: Option<usize>,
    sis_id: Option<usize>,
    lms_id: Option<usize>,
    lms_login: Option<usize>,
    identifier: Option<usize>,
    team: Option<usize>,
    repository: Option<usize>,
    branch: Option<usize>,
    folder: Option<usize>,
    role: Option<usize>,
    kind: Option<&'static str>,
}

impl Columns {
    fn of(table: &Table) -> Self {
        let header: Vec<String> =
            table.cells(0).iter().map(|title| title.to_lowercase().replace(['’', '‘'], "'")).collect();
        let at = |names: &[&str]| names.iter().find_map(|name| header.iter().position(|title| title == name));
        let has = |name: &str| header.iter().any(|title| title == name);
        if has("canvas_user_id") || (has("group_name") && has("login_id")) {
            return Self {
                kind: Some("group set of Canvas"),
                name: at(&["name"]),
                lms_id: at(&["canvas_user_id"]),
                sis_id: at(&["user_id"]),
                lms_login: at(&["login_id"]),
                team: at(&["group_name", "canvas_group_id", "group_id"]),
                ..Self::default()
            };
        }
        if has("student_repository_url") && has("github_username") {
            return Self {
                kind: Some("grades of GitHub Classroom"),
                login: at(&["github_username"]),
                identifier: at(&["roster_identifier"]),
                team: at(&["group_name"]),
                repository: at(&["student_repository_url"]),
                ..Self::default()
            };
        }
        if has("identifier") && has("github_username") {
            return Self {
                kind: Some("roster of GitHub Classroom"),
                name: at(&["name"]),
                login: at(&["github_username"]),
                identifier: at(&["identifier"]),
                ..Self::default()
            };
        }
        if has("username") && has("github_id") {
            return Self {
                kind: Some("roster of Classroom50"),
                first: at(&["first_name"]),
                last: at(&["last_name"]),
                email: at(&["email"]),
                login: at(&["username"]),
                role: at(&["role"]),
                ..Self::default()
            };
        }
        if has("repository's location") {
            return Self {
                kind: Some("author-config of RepoSense"),
                name: at(&["author's display name", "author's git author name"]),
                email: at(&["author's emails"]),
                login: at(&["author's git host id", "author's github id"]),
                repository: at(&["repository's location"]),
                branch: at(&["branch"]),
                ..Self::default()
            };
        }
        if has("sid") && has("total score") {
            return Self {
                kind: Some("scores of Gradescope"),
                name: at(&["name"]),
                first: at(&["first name"]),
                last: at(&["last name"]),
                email: at(&["email"]),
                sis_id: at(&["sid"]),
                ..Self::default()
            };
        }
        let mut plain = Self {
            name: at(&["name", "full name", "member", "student", "nom complet", "nome completo"]),
            first: at(&["first_name", "first name", "firstname", "prénom", "nome"]),
            last: at(&["last_name", "last name", "lastname", "surname", "nom", "cognome"]),
            email: at(&["email", "e-mail", "email address", "mail", "courriel"]),
            login: at(&["login", "github_username", "github", "gitlab", "username"]),
            sis_id: at(&["sis_id", "student_id", "student id", "student number", "matricule", "matricola"]),
            lms_id: at(&["lms_id"]),
            lms_login: at(&["lms_login", "login_id"]),
            team: at(&["team", "group", "group_name", "équipe", "groupe", "squadra", "gruppo"]),
            repository: at(&["repository", "repo", "repository_url", "url", "dépôt"]),
            branch: at(&["branch"]),
            folder: at(&["folder"]),
            ..Self::default()
        };
        let named = plain.name.is_some() || (plain.first.is_some() && plain.last.is_some());
        let known = named || plain.email.is_some() || plain.login.is_some();
        let plain_list = known && (plain.team.is_some() || plain.repository.is_some() || named);
        plain.kind = plain_list.then_some("plain list");
        plain
    }

    fn kind(&self) -> Option<&'static str> {
        self.kind
    }

    fn read(&self, table: &Table, row: usize, file: usize, list: &mut List) {
        let text = |column: Option<usize>| {
            let text = plain(&table.cell(row, column?));
            (!text.is_empty()).then_some(text)
        };
        let line = table.line(row);
        if let Some(role) = text(self.role).filter(|role| !role.eq_ignore_ascii_case("student")) {
            list.notes.push(format!("line {line}: a person of role {role} is left out"));
            return;
        }
        let several = |column| {
            let listed = text(column).unwrap_or_default();
            let parts = listed.split(';').map(str::trim).filter(|part| !part.is_empty());
            parts.map(ToOwned::to_owned).collect::<Vec<String>>()
        };
        let name = match (text(self.name), text(self.first), text(self.last)) {
            (Some(name), _, _) => said_name(&name),
            (None, first, last) => [first, last].into_iter().flatten().collect::<Vec<_>>().join(" "),
        };
        // What is no address would make the roster invalid.
        let (emails, others): (Vec<String>, Vec<String>) =
            several(self.email).into_iter().partition(|email| email.contains('@'));
        for other in others {
            list.notes
                .push(format!("line {line}: \"{other}\" is no address and is left out: write one into the roster"));
        }
        let person = Person {
            name,
            emails,
            login: text(self.login),
            sis_id: text(self.sis_id),
            lms_id: text(self.lms_id),
            lms_login: text(self.lms_login),
            identifier: text(self.identifier),
        };
        let team = match (self.team, text(self.team)) {
            (None, _) => Membership::Silent,
            (Some(_), None) => Membership::Teamless,
            (Some(_), Some(team)) => Membership::In(team),
        };
        // RepoSense writes `url~branch1|branch2`, and several addresses with `;`.
        let locations = several(self.repository);
        let branch = text(self.branch).filter(|branch| branch != "HEAD");
        let known = person != Person::default();
        let record = |location: Option<String>| {
            let (repository, own) = match location.as_deref().and_then(|location| location.split_once('~')) {
                Some((address, branches)) if address.contains("://") => {
                    let branch = branches.split('|').next().filter(|_| !branches.contains('|'));
                    (Some(address.to_owned()), branch.map(ToOwned::to_owned))
                }
                _ => (location.clone(), None),
            };
            Record {
                file,
                line,
                person: known.then(|| person.clone()),
                team: team.clone(),
                repository,
                branch: own.or_else(|| branch.clone()),
                folder: text(self.folder),
            }
        };
        if locations.is_empty() {
            list.records.push(record(None));
        } else {
            list.records.extend(locations.into_iter().map(|location| record(Some(location))));
        }
    }
}

/// A cell without the `'` that keeps spreadsheets from taking it for a formula.
fn plain(text: &str) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest.to_owned(),
        _ => text.to_owned(),
    }
}
