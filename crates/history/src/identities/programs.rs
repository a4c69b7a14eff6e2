//! Programs that sign: coding agents of whatever vendor, bots of forges, what puts starter code in.
//!
//! Which they are is data, `data/programs.toml`, with a few patterns beside it that no list can hold.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde::Deserialize;
use stackmark_evidence::closed::ProgramKind;
use stackmark_evidence::git::Person;

use super::names::{address_in, logins_of, words_of};

const TABLE: &str = include_str!("../../data/programs.toml");

/// Names of more words are nobody's in the table.
const MAX_WORDS: usize = 5;

/// A program that signs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Program {
    /// As reports name it.
    pub(crate) name: String,
    pub(crate) kind: ProgramKind,
    /// Its address says so; else only its name does, which a member may have as well.
    pub(crate) by_address: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    models: Vec<String>,
    program: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    kind: ProgramKind,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    common_names: Vec<String>,
    #[serde(default)]
    addresses: Vec<String>,
    #[serde(default)]
    domains: Vec<String>,
}

/// The table, ready to be asked: each key leads to the place of its row.
struct Known {
    rows: Vec<(String, ProgramKind)>,
    /// By the words of the name; whether people are called so as well.
    names: HashMap<String, (usize, bool)>,
    addresses: HashMap<String, usize>,
    domains: HashMap<String, usize>,
    models: HashSet<String>,
}

#[expect(clippy::expect_used, reason = "the table is a constant of the program, and the tests read it")]
static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let table: Table = toml::from_str(TABLE).expect("a constant table");
    let mut known = Known {
        rows: Vec::new(),
        names: HashMap::new(),
        addresses: HashMap::new(),
        domains: HashMap::new(),
        models: table.models.into_iter().collect(),
    };
    for (place, row) in table.program.into_iter().enumerate() {
        let common = row.common_names.iter().map(|name| (name, true));
        for (name, is_common) in row.names.iter().map(|name| (name, false)).chain(common) {
            known.names.insert(words_of(name).join(" "), (place, is_common));
        }
        known.addresses.extend(row.addresses.iter().map(|address| (address.to_lowercase(), place)));
        known.domains.extend(row.domains.iter().map(|domain| (domain.to_lowercase(), place)));
        known.rows.push((row.name, row.kind));
    }
    known
});

impl Known {
    fn row(&self, place: usize, by_address: bool) -> Program {
        let (name, kind) = &self.rows[place];
        Program { name: name.clone(), kind: *kind, by_address }
    }

    /// The row of the longest name that these words begin with, where models and versions are all that follows; whether
    /// people are called so as well.
    fn named(&self, words: &[String]) -> Option<(usize, bool)> {
        let says_which = |word: &String| self.models.contains(word) || word.bytes().any(|byte| byte.is_ascii_digit());
        for count in (1..=words.len().min(MAX_WORDS)).rev() {
            let Some((place, is_common)) = self.names.get(&words[..count].join(" ")) else { continue };
            let rest = &words[count..];
            if rest.iter().all(says_which) {
                return Some((*place, *is_common && rest.is_empty()));
            }
        }
        None
    }

    fn by_address(&self, address: &str) -> Option<usize> {
        if let Some(place) = self.addresses.get(address) {
            return Some(*place);
        }
        let mut domain = address.split_once('@')?.1;
        loop {
            if let Some(place) = self.domains.get(domain) {
                return Some(*place);
            }
            domain = domain.split_once('.')?.1;
        }
    }
}

/// The program that signs so; `None` where it is not known for one.
pub(crate) fn program(person: &Person) -> Option<Program> {
    let addresses: Vec<String> = person.email.split_whitespace().filter_map(address_in).collect();
    let name = person.name.trim();
    for address in &addresses {
        if let Some(place) = KNOWN.by_address(address) {
            return Some(KNOWN.row(place, true));
        }
        let login = logins_of(address).pop();
        let named = login.as_deref().and_then(|login| KNOWN.named(&words_of(login)));
        if let Some((place, false)) = named {
            return Some(KNOWN.row(place, true));
        }
    }
    // What stands in parentheses says which model it is: `aider (gpt-4o)`.
    let bare = name.split_once('(').map_or(name, |(before, _)| before);
    let words: Vec<String> = words_of(bare).into_iter().take(MAX_WORDS + 3).collect();
    let marked = name.to_lowercase().ends_with("[bot]") || addresses.iter().any(|address| address.contains("[bot]@"));
    match KNOWN.named(&words) {
        Some((place, false)) => return Some(KNOWN.row(place, marked)),
        Some((place, true)) if marked || addresses.iter().all(|address| is_of_nobody(address)) => {
            return Some(KNOWN.row(place, marked));
        }
        _ => {}
    }
    let unlisted = |kind, by_address| Some(Program { name: name.to_owned(), kind, by_address });
    if marked {
        return unlisted(ProgramKind::Bot, true);
    }
    if addresses.iter().any(|address| is_of_nobody(address) && address.ends_with(".ai")) {
        return unlisted(ProgramKind::Agent, true);
    }
    if is_called_a_bot(name) {
        return unlisted(ProgramKind::Bot, false);
    }
    is_called_an_agent(bare).then(|| unlisted(ProgramKind::Agent, false)).flatten()
}

/// The program that a text begins with, where it is about programs anyway: `GitHub Copilot and reviewed`. A name that
/// people have, too, has to stand alone.
pub(crate) fn program_named_first(text: &Person) -> Option<Program> {
    program(text).or_else(|| {
        let words: Vec<String> = words_of(&text.name).into_iter().take(MAX_WORDS).collect();
        let named = (1..=words.len()).rev().find_map(|count| KNOWN.names.get(&words[..count].join(" ")));
        let (place, _) = named.filter(|(_, is_common)| !is_common)?;
        text.email.is_empty().then(|| KNOWN.row(*place, false))
    })
}

/// Whether a forge signs so what was merged in its pages: `GitHub <noreply@github.com>` as committer.
pub(crate) fn is_forge(person: &Person) -> bool {
    const FORGES: [&str; 9] =
        ["github", "gitlab", "gitea", "forgejo", "codeberg", "bitbucket", "azure", "visualstudio", "gogs"];
    let is_named_so = |text: &str| FORGES.iter().any(|forge| text.contains(forge));
    person.email.split_whitespace().filter_map(address_in).any(|address| {
        let (local, host) = address.split_once('@').unwrap_or((address.as_str(), ""));
        local.replace(['-', '_'], "").ends_with("noreply")
            && (is_named_so(host) || is_named_so(&person.name.to_lowercase()))
    })
}

/// Whether that forge is GitHub itself.
pub(crate) fn is_github(person: &Person) -> bool {
    person.email.split_whitespace().filter_map(address_in).any(|address| address == "noreply@github.com")
}

/// Whether a program signs so.
pub(crate) fn is_bot(person: &Person) -> bool {
    program(person).is_some()
}

/// Addresses that nobody reads.
fn is_of_nobody(address: &str) -> bool {
    let local = address.split_once('@').map_or(address, |(local, _)| local);
    matches!(local, "noreply" | "no-reply" | "no_reply" | "donotreply" | "do-not-reply" | "bot" | "agent" | "assistant")
}

/// A login that ends in `-bot`: a name without a space.
fn is_called_a_bot(name: &str) -> bool {
    let lower = name.to_lowercase();
    !name.contains(char::is_whitespace) && ["-bot", "_bot", ".bot"].iter().any(|end| lower.ends_with(end))
}

/// `Foo AI`, `Foo Agent`; who writes a whole name in capitals may be called Ai.
fn is_called_an_agent(name: &str) -> bool {
    let words: Vec<&str> = name.split([' ', '-', '_']).filter(|word| !word.is_empty()).collect();
    let [before @ .., last] = words.as_slice() else { return false };
    let has_lower = before.iter().any(|word| word.chars().any(char::is_lowercase));
    !before.is_empty() && ((*last == "AI" && has_lower) || last.eq_ignore_ascii_case("agent"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, email: &str) -> Option<(String, ProgramKind)> {
        let person = Person { name: name.to_owned(), email: email.to_owned() };
        program(&person).map(|program| (program.name, program.kind))
    }

    #[test]
    fn agents_of_any_vendor_are_programs() {
        for (name, email) in [
            ("Claude", "noreply@anthropic.com"),
            ("Claude Opus 4.5", "noreply@anthropic.com"),
            ("Claude", ""),
            ("Claude Sonnet 4.5", ""),
            ("Claude Code", "claude@anthropic.com"),
            ("Copilot", "175728472+Copilot@users.noreply.github.com"),
            ("Copilot", "copilot@forge.example"),
            ("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com"),
            ("Cursor", "cursoragent@cursor.com"),
            ("Cursor Agent", ""),
            ("aider (some-model)", "aider@aider.chat"),
            ("aider (gpt-4o)", "noreply@aider.chat"),
            ("Codex", "noreply@openai.com"),
            ("GPT-5", ""),
            ("ChatGPT", ""),
            ("Amp", "amp@ampcode.com"),
            ("gemini-cli", "gemini-cli@google.com"),
            ("Gemini 2.5 Pro", "noreply@google.com"),
            ("opencode", "noreply@opencode.ai"),
            ("Devin AI", "158243242+devin-ai-integration[bot]@users.noreply.github.com"),
            ("google-labs-jules[bot]", "161369871+google-labs-jules[bot]@users.noreply.github.com"),
            ("Foo", "noreply@foo.ai"),
            ("Foo AI", "help@foo.example"),
            ("Foo Coding Agent", ""),
        ] {
            let found = of(name, email);
            let kind = found.as_ref().map(|(_, kind)| *kind);
            // A bracket alone does not say whether it writes code.
            let is_agent = kind == Some(ProgramKind::Agent) || (kind.is_some() && email.contains("[bot]"));
            assert!(is_agent, "{name} <{email}>: {found:?}");
        }
    }

    #[test]
    fn bots_and_the_classroom_are_told_apart() {
        for (name, email, kind) in [
            ("github-classroom[bot]", "66690702+github-classroom[bot]@users.noreply.github.com", ProgramKind::Starter),
            ("dependabot[bot]", "49+dependabot[bot]@users.noreply.forge.example", ProgramKind::Bot),
            ("GitHub", "noreply@github.com", ProgramKind::Bot),
            ("GitHub Actions", "", ProgramKind::Bot),
            ("team-release-bot", "x@y.example", ProgramKind::Bot),
            ("Gitea Actions", "actions@noreply.gitea.example", ProgramKind::Bot),
            ("forgejo-actions", "noreply@forgejo.example", ProgramKind::Bot),
            ("Bitbucket Pipelines", "commits-noreply@bitbucket.org", ProgramKind::Bot),
            ("ImgBotApp", "ImgBotHelp@gmail.com", ProgramKind::Bot),
            ("anything[bot]", "x@y.example", ProgramKind::Bot),
        ] {
            assert_eq!(of(name, email).map(|(_, kind)| kind), Some(kind), "{name} <{email}>");
        }
    }

    #[test]
    fn forges_are_told_by_an_address_that_nobody_has() {
        for (name, email, is) in [
            ("GitHub", "noreply@github.com", true),
            ("GitLab", "noreply@gitlab.uni.example", true),
            ("Gitea", "no-reply@git.uni.example", true),
            ("Bitbucket", "commits-noreply@bitbucket.org", true),
            ("GitHub", "ana@uni.example", false),
            ("GitHub", "", false),
            ("Ana", "12+ana@users.noreply.github.com", false),
            ("Ana", "noreply@uni.example", false),
        ] {
            let person = Person { name: name.to_owned(), email: email.to_owned() };
            assert_eq!(is_forge(&person), is, "{name} <{email}>");
            assert_eq!(is_github(&person), email == "noreply@github.com", "{name} <{email}>");
        }
    }

    #[test]
    fn people_who_are_called_like_a_program_are_people() {
        for (name, email) in [
            ("Claude", "claude@etu.example"),
            ("Claude Dupont", ""),
            ("Claude Dupont", "noreply@anthropic.example"),
            ("Devin Lee", "devin@uni.example"),
            ("Jules", "jules@etu.example"),
            ("Ana Bot", "ana@uni.example"),
            ("WEI AI", "wei@uni.example"),
            ("Weiwei Ai", "ai@uni.example"),
            ("Ana", "12+ana@users.noreply.github.com"),
            ("Claude", "12+claude-m@users.noreply.github.com"),
            ("root", "root@ip-10-0-0-1.ec2.internal"),
            ("", ""),
        ] {
            assert_eq!(of(name, email), None, "{name} <{email}>");
        }
    }

    #[test]
    fn each_key_of_the_table_leads_to_one_row() {
        let table: Table = toml::from_str(TABLE).expect("a table");
        let keys = |row: &Row| {
            let names = row.names.iter().chain(&row.common_names).map(|name| words_of(name).join(" "));
            names.chain(row.addresses.iter().chain(&row.domains).cloned()).collect::<Vec<_>>()
        };
        let all: Vec<String> = table.program.iter().flat_map(keys).collect();
        let once: HashSet<&String> = all.iter().collect();
        assert_eq!(all.len(), once.len());
    }
}
