//! A roster's `[[team.member]]`.

use std::collections::BTreeMap;

use super::super::reader::Table;
use stackmark_evidence::Member;

/// How a learning platform knows a member; each as it exports it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Account {
    /// Student number.
    pub sis_id: Option<String>,
    /// The platform's own number.
    pub lms_id: Option<String>,
    /// Login there, which need not be the one at the forge.
    pub lms_login: Option<String>,
}

/// A member with what the learning platform calls the person, and whether the roster says that it is a person of their
/// own. `owners` keeps whose each address is, over all teams.
pub(super) fn read_member(
    table: Table<'_>,
    earlier: &[Member],
    team: &str,
    owners: &mut BTreeMap<String, (String, String)>,
) -> Option<(Member, Account, bool)> {
    let name = table.require("name", "\"First Last\"").and_then(|name| name.text());
    let written = table.get("emails").map(|entry| entry.spanned_strings()).unwrap_or_default();
    let mut emails = Vec::with_capacity(written.len());
    for (text, span) in written {
        match address_in(&text) {
            Some(address) => emails.push((address.to_owned(), span)),
            None => {
                let fix = "write it as name@host; another name goes into `aliases`, a forge's login into `login`";
                table.reader().error(span, format!("\"{text}\" is not an e-mail address"), fix);
            }
        }
    }
    let aliases = table.get("aliases").and_then(|entry| entry.strings()).unwrap_or_default();
    let login = table.get("login").and_then(|login| login.text());
    let id = |key| table.get(key).and_then(|entry| entry.text());
    let account = Account { sis_id: id("sis_id"), lms_id: id("lms_id"), lms_login: id("lms_login") };
    let is_distinct = table.get("distinct").and_then(|entry| entry.boolean()).unwrap_or(false);
    for (email, span) in &emails {
        let called = name.as_deref().unwrap_or("?");
        let Some((other, elsewhere)) = owners.insert(email.to_lowercase(), (called.to_owned(), team.to_owned())) else {
            continue;
        };
        let message = format!("\"{email}\" already belongs to {other} of {elsewhere}");
        if elsewhere == team {
            table.reader().error(span.clone(), message, "an address belongs to one person only");
        } else {
            // Each team is graded by its own entry, so that one doubled person stops nobody else.
            let fix = "keep the person in one of the two teams; until then no gradebook takes a mark for the person";
            table.reader().warning(span.clone(), message, fix);
        }
    }
    table.finish();
    let name = name?;
    let slug = slug(&name);
    let taken = |id: &str| earlier.iter().any(|member| member.id == id);
    let id = (1..)
        .map(|count| if count == 1 { slug.clone() } else { format!("{slug}-{count}") })
        .find(|id| !taken(id))
        .unwrap_or(slug.clone());
    let emails = emails.into_iter().map(|(email, _)| email).collect();
    Some((Member { id, name, emails, aliases, login }, account, is_distinct))
}

/// Whether the learning platform knows a member, and nobody else of the team, by one of these.
pub(super) fn is_own(account: &Account, of_team: &[Account]) -> bool {
    let keys = |account: &Account| [&account.sis_id, &account.lms_id, &account.lms_login].map(Clone::clone);
    let own = keys(account);
    (0..own.len()).any(|at| {
        let is_given = own[at].as_ref().is_some_and(|key| !key.trim().is_empty());
        is_given && of_team.iter().filter(|other| keys(other)[at] == own[at]).count() == 1
    })
}

/// The address in `ana@uni.example` or `Ana García <ana@uni.example>`, as mail programs copy it; `None` where it is none.
fn address_in(text: &str) -> Option<&str> {
    let text = text.trim();
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>')?.trim(),
        None => text,
    };
    let address = address.strip_prefix("mailto:").unwrap_or(address);
    let (local, host) = address.split_once('@')?;
    let is_part = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || "@<>,;\"".contains(c))
    };
    (is_part(local) && is_part(host) && !host.starts_with('.') && !host.ends_with('.')).then_some(address)
}

/// Letters and digits of any alphabet in lower case, joined with `-`.
fn slug(name: &str) -> String {
    let words: Vec<String> = name
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(Into::into)
        .collect();
    if words.is_empty() { "member".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_where_it_is_plain() {
        for (text, address) in [
            ("ana@uni.example", Some("ana@uni.example")),
            (" ana@uni.example ", Some("ana@uni.example")),
            ("Ana García <ana@uni.example>", Some("ana@uni.example")),
            ("<ana@uni.example>", Some("ana@uni.example")),
            ("mailto:ana@uni.example", Some("ana@uni.example")),
            ("ana@x", Some("ana@x")),
            ("1+ana@users.noreply.forge.example", Some("1+ana@users.noreply.forge.example")),
            ("bo", None),
            ("", None),
            ("Ana García", None),
            ("ana@", None),
            ("@uni.example", None),
            ("ana@uni.example, leo@uni.example", None),
            ("ana@uni.example leo@uni.example", None),
            ("Ana <ana@uni.example> x", None),
            ("ana@@uni.example", None),
            ("ana@uni.", None),
        ] {
            assert_eq!(address_in(text), address, "{text}");
        }
    }
}
