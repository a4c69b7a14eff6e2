//! The roster's text.

use super::Options;
use super::person::Person;
use super::teams::ImportedTeam;
use stackmark_render::escape::clean;

/// A text as TOML, on one line.
fn quoted(text: &str) -> String {
    toml::Value::String(clean(text).trim().to_owned()).to_string()
}

/// The text of `roster.toml`: what is still to be settled stands at the top, as comments.
pub fn roster(teams: &[ImportedTeam], problems: &[String], options: &Options) -> String {
    let mut text = String::new();
    if !problems.is_empty() {
        text.push_str("# To be settled:\n");
        for problem in problems {
            text.push_str(&format!("# - {}\n", clean(problem)));
        }
        text.push('\n');
    }
    if let Some(title) = &options.title {
        text.push_str(&format!("title  = {}\n", quoted(title)));
    }
    if let Some(rubric) = &options.rubric {
        text.push_str(&format!("rubric = {}\n", quoted(rubric)));
    }
    for team in teams {
        text.push_str(&of_team(team));
    }
    text
}

fn of_team(team: &ImportedTeam) -> String {
    let mut text = format!("\n[[team]]\nid         = {}\n", quoted(&team.id));
    if team.name != team.id {
        text.push_str(&format!("name       = {}\n", quoted(&team.name)));
    }
    match &team.repository {
        Some(repository) => {
            text.push_str(&format!("repository = {}\n", quoted(&repository.location)));
            let more = [("branch    ", &repository.branch), ("folder    ", &repository.folder)];
            for (key, value) in more {
                if let Some(value) = value {
                    text.push_str(&format!("{key} = {}\n", quoted(value)));
                }
            }
        }
        None => text.push_str("# repository = \"https://…\"  # to be settled, see the top\n"),
    }
    for member in &team.members {
        text.push_str(&of_member(member));
    }
    text
}

fn of_member(person: &Person) -> String {
    let ids = [&person.login, &person.lms_login, &person.identifier, &person.sis_id, &person.lms_id];
    let name = match person.name.trim() {
        "" => person.emails.first().or_else(|| ids.into_iter().flatten().next()).map_or("?", String::as_str),
        name => name,
    };
    let mut text = format!("\n  [[team.member]]\n  name      = {}\n", quoted(name));
    let emails: Vec<String> = person.emails.iter().map(|email| quoted(email)).collect();
    if !emails.is_empty() {
        text.push_str(&format!("  emails    = [{}]\n", emails.join(", ")));
    }
    // What a roster calls the person is the school's login more often than anything else.
    let identifier = person.identifier.as_ref().filter(|id| !id.contains(['@', ' ']));
    let keys = [
        ("login    ", person.login.as_ref()),
        ("sis_id   ", person.sis_id.as_ref()),
        ("lms_id   ", person.lms_id.as_ref()),
        ("lms_login", person.lms_login.as_ref().or(identifier)),
    ];
    for (key, value) in keys {
        if let Some(value) = value {
            text.push_str(&format!("  {key} = {}\n", quoted(value)));
        }
    }
    text
}
