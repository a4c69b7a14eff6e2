//! A mailmap: certain entries as they are, suggested ones as comments with the reason.

use super::super::escape::clean;
use super::words::{confidence, name_of, reasons, signature};
use stackmark_evidence::closed::IdentifiedBy;
use stackmark_evidence::git::Person;
use stackmark_evidence::identities::{IdentityReport, Suggestion, TeamIdentities};

/// In the syntax of gitmailmap(5), for `--mailmap` or a repository's `.mailmap`.
pub fn mailmap(report: &IdentityReport) -> String {
    let mut text = String::new();
    for team in &report.teams {
        if report.teams.len() > 1 {
            text.push_str(&format!("# {}\n", clean(&team.team)));
        }
        text.push_str(&of_team(team));
    }
    text
}

fn of_team(team: &TeamIdentities) -> String {
    let mut text = String::new();
    for member in &team.members {
        let others = member.identities.iter().filter(|identity| !is_proper(&identity.person, &member.proper));
        for identity in others {
            let line = entry(&member.proper, &identity.person);
            if identity.by == IdentifiedBy::RepositoryMailmap {
                text.push_str(&format!("# The repository's own .mailmap says so:\n# {line}\n"));
            } else {
                text.push_str(&format!("{line}\n"));
            }
        }
    }
    for unmapped in team.unmapped.iter().chain(&team.machines) {
        for suggestion in &unmapped.suggestions {
            text.push_str(&suggested(team, suggestion, &unmapped.person));
        }
    }
    for member in &team.members {
        for suggestion in &member.suggestions {
            for identity in &member.identities {
                text.push_str(&suggested(team, suggestion, &identity.person));
            }
        }
    }
    text
}

fn suggested(team: &TeamIdentities, suggestion: &Suggestion, from: &Person) -> String {
    let Some(member) = team.members.iter().find(|member| member.member == suggestion.member) else {
        return String::new();
    };
    let sure = confidence(suggestion.confidence);
    let name = name_of(team, &suggestion.member);
    format!("# {} is {sure} {name}: {}\n# {}\n", signature(from), reasons(suggestion), entry(&member.proper, from))
}

fn is_proper(person: &Person, proper: &Person) -> bool {
    person.name == proper.name && (person.email.eq_ignore_ascii_case(&proper.email) || proper.email.is_empty())
}

fn entry(proper: &Person, from: &Person) -> String {
    let [name, email, from_name, from_email] =
        [&proper.name, &proper.email, &from.name, &from.email].map(|text| field(text));
    // A name that begins with # would begin a comment; then the address alone has to do.
    let from_name = if from_name.is_empty() || from_name.starts_with('#') { String::new() } else { from_name + " " };
    if email.is_empty() {
        return format!("{name} <{from_email}>");
    }
    format!("{name} <{email}> {from_name}<{from_email}>")
}

/// What can stand in a mailmap.
fn field(text: &str) -> String {
    clean(text).replace(['<', '>'], "").trim().to_owned()
}
