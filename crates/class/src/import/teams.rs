//! People → teams, with their repositories; what is not certain is a problem, with what to do.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::Options;
use super::join::{Joined, Membership, Repository};
use super::person::{Person, name_key};

/// A team as the roster will have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedTeam {
    /// Names its folder in the results.
    pub id: String,
    /// As the list calls it.
    pub name: String,
    /// Who is graded.
    pub members: Vec<Person>,
    /// `None` where no list has it, or several do.
    pub repository: Option<Repository>,
}

/// What became of the people.
#[derive(Debug, Clone, Default)]
pub struct Built {
    /// By id.
    pub teams: Vec<ImportedTeam>,
    /// What has to be settled.
    pub problems: Vec<String>,
    /// What was done and may surprise.
    pub notes: Vec<String>,
}

/// A team under way.
#[derive(Debug, Default)]
struct Draft {
    name: String,
    members: Vec<Person>,
    repositories: BTreeSet<Repository>,
}

/// Makes teams; `files` are the names of the lists.
pub fn build(people: &[Joined], bare: &[(Repository, Membership)], files: &[&str], options: &Options) -> Built {
    let mut built = Built::default();
    let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
    let grouped = people.iter().any(|joined| joined.teams.values().any(|teams| !teams.is_empty()));
    let names = Names::of(people, files, &mut built);
    for joined in people {
        let mut teams = names.teams_of(joined, files, &mut built.problems);
        if teams.is_empty() && !grouped {
            // Everybody's own repository, or one that several share, is a team.
            teams.extend(joined.repositories.iter().map(|repository| last_part(&repository.location)));
        }
        if teams.is_empty() {
            built.problems.push(format!(
                "{} is in no team: add the person to a [[team]] of the roster, or to a group at the source",
                joined.person.called()
            ));
        }
        if teams.len() > 1 {
            let listed: Vec<&str> = teams.iter().map(String::as_str).collect();
            built.problems.push(format!(
                "{} is in {} teams, {}: keep the person in one of them; until then no gradebook takes a mark for the person",
                joined.person.called(),
                teams.len(),
                listed.join(" and ")
            ));
        }
        for team in &teams {
            let draft = drafts.entry(team_id(team)).or_default();
            if draft.name.is_empty() {
                draft.name.clone_from(team);
            } else if draft.name != *team {
                built.notes.push(format!("\"{team}\" and \"{}\" are one team", draft.name));
            }
            draft.members.push(joined.person.clone());
            if teams.len() == 1 {
                draft.repositories.extend(joined.repositories.iter().cloned());
            }
        }
    }
    for (repository, team) in bare {
        let name = match team {
            Membership::In(team) => team.clone(),
            _ => last_part(&repository.location),
        };
        match drafts.get_mut(&team_id(&name)) {
            Some(draft) => {
                draft.repositories.insert(repository.clone());
            }
            None if people.is_empty() || matches!(team, Membership::In(_)) => {
                let draft = Draft { name: name.clone(), members: Vec::new(), repositories: [repository.clone()].into() };
                drafts.insert(team_id(&name), draft);
            }
            None => built.problems.push(format!(
                "{} is the repository of no team: no team is called {name}; write it into the roster, or give --repository \
                 with the pattern of the names",
                repository.location
            )),
        }
    }
    for (id, draft) in &drafts {
        built.notes.extend(same_names(id, &draft.members));
    }
    built.notes.sort();
    built.notes.dedup();
    for (id, draft) in drafts {
        let team = finish(id, draft, options, &mut built.problems);
        built.teams.push(team);
    }
    built.problems.extend(shared_repositories(&built.teams));
    built
}

/// People of a team who have one name between them: no list says whether they are one.
fn same_names(team: &str, members: &[Person]) -> Vec<String> {
    let mut called: BTreeMap<String, Vec<&Person>> = BTreeMap::new();
    for member in members.iter().filter(|member| !member.name.is_empty()) {
        called.entry(name_key(&member.name)).or_default().push(member);
    }
    let several = called.into_values().filter(|people| people.len() > 1);
    several
        .map(|people| {
            let listed: Vec<String> = people.iter().map(|person| person.called()).collect();
            format!(
                "team {team}: {} have the same name: if they are one person, keep one in the roster, with all addresses",
                listed.join(" and ")
            )
        })
        .collect()
}

fn finish(id: String, draft: Draft, options: &Options, problems: &mut Vec<String>) -> ImportedTeam {
    let mut locations = BTreeMap::new();
    for repository in &draft.repositories {
        locations.entry(comparable(&repository.location)).or_insert_with(|| repository.clone());
    }
    let pattern = options.repository.as_ref().map(|pattern| {
        let safe = draft.name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let location = pattern.replace("{group}", if safe { &draft.name } else { &id });
        Repository { location, branch: None, folder: None }
    });
    let mut found: Vec<Repository> = locations.into_values().collect();
    let repository = match (found.len(), pattern) {
        (0, pattern) => pattern,
        (1, _) => found.pop(),
        (count, _) => {
            let listed: Vec<&str> = found.iter().map(|repository| repository.location.as_str()).collect();
            problems.push(format!(
                "team {id} has {count} repositories, {}: write the one to grade into the roster",
                listed.join(" and ")
            ));
            None
        }
    };
    if repository.is_none() && draft.repositories.is_empty() {
        problems.push(format!(
            "team {id} has no repository: give --repository 'https://…/{{group}}', a list that has it, or write it into the \
             roster"
        ));
    }
    if draft.members.is_empty() {
        problems.push(format!("team {id} has no member: give a list of its people, or write them into the roster"));
    }
    ImportedTeam { id, name: draft.name, members: draft.members, repository }
}

/// Repositories that several teams have without a folder of their own.
fn shared_repositories(teams: &[ImportedTeam]) -> Vec<String> {
    type Person = (String, Option<String>, Option<String>);
    let mut owners: BTreeMap<Person, Vec<&str>> = BTreeMap::new();
    for team in teams {
        if let Some(repository) = &team.repository {
            let place = (comparable(&repository.location), repository.branch.clone(), repository.folder.clone());
            owners.entry(place).or_default().push(&team.id);
        }
    }
    let shared = owners.into_iter().filter(|(_, teams)| teams.len() > 1);
    shared
        .map(|((location, _, _), teams)| {
            format!("{} have the same repository, {location}: give each its own, or a folder", teams.join(" and "))
        })
        .collect()
}

/// The names of teams, where lists have different ones: the first list's that has any.
struct Names {
    primary: Option<usize>,
    /// Name in another list → the first list's names for the teams of the same people.
    same: BTreeMap<(usize, String), BTreeSet<String>>,
}

impl Names {
    fn of(people: &[Joined], files: &[&str], built: &mut Built) -> Self {
        let speaks = |joined: &Joined| {
            let speaking = joined.teams.iter().find(|(_, teams)| !teams.is_empty());
            speaking.map(|(file, _)| *file)
        };
        let primary = people.iter().filter_map(speaks).min();
        let mut same: BTreeMap<(usize, String), BTreeSet<String>> = BTreeMap::new();
        for joined in people {
            let Some(own) = primary.and_then(|primary| joined.teams.get(&primary)).filter(|own| own.len() == 1) else {
                continue;
            };
            for (file, teams) in joined.teams.iter().filter(|(file, _)| Some(**file) != primary) {
                for team in teams {
                    same.entry((*file, team.clone())).or_default().extend(own.iter().cloned());
                }
            }
        }
        for ((file, team), own) in &same {
            let name = files.get(*file).copied().unwrap_or_default();
            let listed: Vec<&str> = own.iter().map(String::as_str).collect();
            match listed.as_slice() {
                [one] if team_id(one) == team_id(team) => {}
                [one] => built.notes.push(format!("{name}: \"{team}\" is team \"{one}\", by its members")),
                _ => built.problems.push(format!(
                    "{name}: the people of \"{team}\" are in {} by another list: correct one of the lists",
                    listed.join(" and ")
                )),
            }
        }
        Self { primary, same }
    }

    /// The teams of a person, by the first list's names.
    fn teams_of(&self, joined: &Joined, files: &[&str], problems: &mut Vec<String>) -> BTreeSet<String> {
        let Some(primary) = self.primary else { return BTreeSet::new() };
        if let Some(own) = joined.teams.get(&primary).filter(|own| !own.is_empty()) {
            return own.clone();
        }
        let mut teams = BTreeSet::new();
        for (file, named) in joined.teams.iter().filter(|(file, _)| **file != primary) {
            for team in named {
                match self.same.get(&(*file, team.clone())) {
                    Some(own) if own.len() == 1 => teams.extend(own.iter().cloned()),
                    Some(_) => problems.push(format!(
                        "{}: {} is in \"{team}\", whose people are in several teams: write the person into one of them",
                        files.get(*file).copied().unwrap_or_default(),
                        joined.person.called()
                    )),
                    None => {
                        teams.insert(team.clone());
                    }
                }
            }
        }
        teams
    }
}

/// The last part of an address, without `.git`.
fn last_part(location: &str) -> String {
    let path = location.trim_end_matches('/');
    let last = path.rsplit(['/', ':']).next().unwrap_or(path);
    last.strip_suffix(".git").unwrap_or(last).to_owned()
}

/// An address as two of them are compared.
pub(crate) fn comparable(location: &str) -> String {
    let plain = location.trim().trim_end_matches('/');
    plain.strip_suffix(".git").unwrap_or(plain).to_lowercase()
}

/// A team's name as an id: letters and digits of ASCII in lower case, joined with `-`.
pub fn team_id(name: &str) -> String {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
    let ascii = plain.chars().all(|c| c.is_ascii() || !c.is_alphanumeric());
    let words: Vec<&str> = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let id: String = words.join("-").chars().take(48).collect();
    // Letters that have no place in an id still tell teams apart.
    match (ascii && !id.is_empty(), id.is_empty()) {
        (true, _) => id.trim_end_matches('-').to_owned(),
        (false, empty) => {
            let hash = stackmark_render::json::sha256_hex(plain.as_bytes());
            let start = if empty { "team".to_owned() } else { id };
            format!("{start}-{}", hash.get(..6).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_name_folders_and_keep_teams_apart() {
        assert_eq!((team_id("Team 07"), team_id("team-07")), ("team-07".to_owned(), "team-07".to_owned()));
        assert_eq!(team_id("Équipe 07"), "equipe-07");
        assert_ne!(team_id("第一组"), team_id("第二组"));
        assert!(team_id("第一组").starts_with("team-"));
        assert_eq!(last_part("git@git.example.org:org/a1-team-07.git"), "a1-team-07");
    }
}
