//! A fragment of a roster: certain identities as they are, suggested ones as comments with the reason.

use super::super::escape::clean;
use super::words::{confidence, reasons, signature};
use stackmark_evidence::git::Person;
use stackmark_evidence::identities::{IdentityReport, MemberIdentities, Suggestion, TeamIdentities};

/// `[[team]]` tables that `stackmark grade` accepts.
pub fn roster(report: &IdentityReport) -> String {
    report.teams.iter().map(of_team).collect::<Vec<_>>().join("\n")
}

fn of_team(team: &TeamIdentities) -> String {
    let mut text = "[[team]]\n".to_owned();
    let mut line = |key: &str, value: &str| text.push_str(&format!("{key:<11} = {}\n", quoted(value)));
    line("id", &id(&team.team));
    if let Some(name) = &team.name {
        line("name", name);
    }
    line("repository", &team.repository);
    if let Some(base) = &team.base_commit {
        line("base_commit", base);
    }
    if let Some(folder) = &team.folder {
        line("folder", folder);
    }
    for member in &team.members {
        text.push('\n');
        text.push_str(&of_member(team, member));
    }
    text
}

fn of_member(team: &TeamIdentities, member: &MemberIdentities) -> String {
    let entry = &member.entry;
    let name = if entry.name.trim().is_empty() { &entry.id } else { &entry.name };
    let mut text = format!("  [[team.member]]\n  name    = {}\n", quoted(name));
    for (key, values) in [("emails ", &entry.emails), ("aliases", &entry.aliases)] {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        if !values.is_empty() {
            text.push_str(&format!("  {key} = [{}]\n", values.join(", ")));
        }
    }
    if let Some(login) = &entry.login {
        text.push_str(&format!("  login   = {}\n", quoted(login)));
    }
    for unmapped in team.unmapped.iter().chain(&team.machines) {
        for suggestion in unmapped.suggestions.iter().filter(|suggestion| suggestion.member == member.member) {
            text.push_str(&suggested(suggestion, &unmapped.person));
        }
    }
    for other in &team.members {
        for suggestion in other.suggestions.iter().filter(|suggestion| suggestion.member == member.member) {
            text.push_str(&suggested(suggestion, &other.proper));
        }
    }
    text
}

fn suggested(suggestion: &Suggestion, person: &Person) -> String {
    format!("  # {} {}: {}\n", confidence(suggestion.confidence), signature(person), reasons(suggestion))
}

fn quoted(text: &str) -> String {
    toml::Value::String(clean(text)).to_string()
}

/// The folder's name may be none that a roster takes: it has to begin with a letter or digit, and to be short.
fn id(team: &str) -> String {
    let id: String = team.trim_start_matches(|c: char| !c.is_ascii_alphanumeric()).chars().take(64).collect();
    let id = id.trim_end_matches('.');
    if id.is_empty() { "team".to_owned() } else { id.to_owned() }
}
