//! The roster: teams, members, repositories, accounts. Credentials never stand in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::problem::{Problems, SourceText};
use super::reader::{Reader, Table};
use stackmark_evidence::Member;

/// A valid roster.
#[derive(Debug, Clone, PartialEq)]
pub struct Roster {
    /// As printed.
    pub title: Option<String>,
    /// Rubric to use where the command line names none.
    pub rubric: Option<String>,
    /// Path of the instructor's mailmap, from the roster's folder.
    pub mailmap: Option<String>,
    /// In order.
    pub teams: Vec<TeamEntry>,
}

/// One team.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamEntry {
    /// Unique; the name of its folder in the results.
    pub id: String,
    /// As printed.
    pub name: Option<String>,
    /// Who is graded.
    pub members: Vec<Member>,
    /// How the learning platform knows each of them, in the same order; no part of the evidence.
    pub accounts: Vec<Account>,
    /// Address or path of the repository, or of a bundle.
    pub repository: String,
    /// `None` takes the repository's default.
    pub branch: Option<String>,
    /// Pins the graded commit.
    pub commit: Option<String>,
    /// Last commit of the starter code.
    pub base_commit: Option<String>,
    /// The folder that is graded.
    pub folder: Option<String>,
    /// Paths that count whatever their names say, the roster's own with them: patterns from the repository's root.
    pub counts: Vec<String>,
    /// Paths that do not count, the roster's own with them.
    pub ignore: Vec<String>,
    /// Path of the report from the repository's root, instead of the one that is found.
    pub report: Option<String>,
    /// Commits after it are not graded.
    pub deadline: Option<jiff::Timestamp>,
    /// Where the stack answers, instead of the load balancer that AWS names.
    pub base_url: Option<String>,
    /// Tags of the team's resources, instead of the rubric's.
    pub tags: BTreeMap<String, String>,
    /// What only this team was given, to be put into a tag or a page.
    pub nonce: Option<String>,
    /// One of the team's instances may be ended to see its group heal, where whoever grades asks for it.
    pub allow_disruptive: bool,
    /// How to reach the team's account.
    pub aws: Aws,
}

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

/// How to reach an account; a team's own values come before the roster's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Aws {
    /// Profile of the shared configuration files.
    pub profile: Option<String>,
    /// ARN of a role to assume.
    pub role: Option<String>,
    /// For that role.
    pub external_id: Option<String>,
    /// Region to read; the first of several.
    pub region: Option<String>,
    /// The others.
    pub more_regions: Vec<String>,
    /// Another endpoint for every service.
    pub endpoint_url: Option<String>,
    /// Twelve digits.
    pub account: Option<String>,
}

impl Roster {
    /// Reads and validates `roster.toml`.
    pub fn parse(source: &Arc<SourceText>) -> (Option<Self>, Problems) {
        Reader::new(source).read(Self::read)
    }

    fn read(table: Table<'_>) -> Option<Self> {
        let title = table.get("title").and_then(|title| title.text());
        let rubric = table.get("rubric").and_then(|rubric| rubric.text());
        let mailmap = table.get("mailmap").and_then(|mailmap| mailmap.text());
        let deadline = table.get("deadline").and_then(|deadline| deadline.timestamp());
        let common = Common {
            deadline,
            counts: paths(&table, "counts"),
            ignore: paths(&table, "ignore"),
            aws: table.table("aws").map(|aws| Aws::read(aws, &Aws::default())).unwrap_or_default(),
        };
        let tables = table.tables("team");
        if tables.is_empty() {
            table.reader().error(0..0, "the roster has no team", "add a [[team]] with its id, repository and members");
        }
        let expected = tables.len();
        let mut ids = BTreeSet::new();
        let mut owners = BTreeMap::new();
        let teams: Vec<TeamEntry> =
            tables.into_iter().filter_map(|team| TeamEntry::read(team, &common, &mut ids, &mut owners)).collect();
        table.finish();
        (teams.len() == expected && expected > 0).then_some(Self { title, rubric, mailmap, teams })
    }
}

/// What the roster says for all teams.
struct Common {
    deadline: Option<jiff::Timestamp>,
    counts: Vec<String>,
    ignore: Vec<String>,
    aws: Aws,
}

impl TeamEntry {
    fn read(
        table: Table<'_>,
        common: &Common,
        ids: &mut BTreeSet<String>,
        owners: &mut BTreeMap<String, (String, String)>,
    ) -> Option<Self> {
        let id = table.require("id", "\"team-07\"");
        let id = id.and_then(|entry| {
            let id = entry.text()?;
            if !is_file_name(&id) {
                entry.error(format!("team id \"{id}\" cannot name a folder"), "use letters, digits, `-`, `_` and `.`");
                return None;
            }
            if !ids.insert(id.to_lowercase()) {
                entry.error(format!("team \"{id}\" is there twice"), "give it another id; case makes no difference");
            }
            Some(id)
        });
        let text = |key| table.get(key).and_then(|entry| entry.text());
        let name = text("name");
        let repository = table.require("repository", "\"https://…/team-07.git\"").and_then(|entry| entry.text());
        let (branch, folder, base_url) = (text("branch"), text("folder"), table.get("base_url"));
        let allow_disruptive = table.get("allow_disruptive").and_then(|entry| entry.boolean()).unwrap_or(false);
        let nonce = text("nonce").filter(|nonce| !nonce.is_empty());
        let object_id = |key| {
            let entry = table.get(key)?;
            let id = entry.text()?;
            let full = id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !full {
                entry.error(format!("`{key}` is \"{id}\""), "write the full object id: 40 hexadecimal digits");
            }
            full.then(|| id.to_ascii_lowercase())
        };
        let report = table.get("report").and_then(|entry| {
            let path = entry.text()?;
            let inside = !path.trim().is_empty() && !path.starts_with('/') && path.split('/').all(|part| part != "..");
            if !inside {
                entry.error(
                    format!("`report` is \"{path}\""),
                    "write the path from the repository's root, as in docs/final.pdf",
                );
            }
            inside.then_some(path)
        });
        let (commit, base_commit) = (object_id("commit"), object_id("base_commit"));
        let deadline = table.get("deadline").map_or(common.deadline, |entry| entry.timestamp());
        let deadline = extended(&table, deadline);
        let with_own = |of_all: &[String], key: &'static str| -> Vec<String> {
            of_all.iter().cloned().chain(paths(&table, key)).collect()
        };
        let (counts, ignore) = (with_own(&common.counts, "counts"), with_own(&common.ignore, "ignore"));
        let base_url = base_url.and_then(|entry| {
            let text = entry.text()?;
            let valid =
                url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            if !valid {
                entry.error(format!("`base_url` is \"{text}\""), "write it as http://host or http://host:port");
            }
            valid.then_some(text)
        });
        let mut tags = BTreeMap::new();
        for (key, _, value) in table.table("tags").iter().flat_map(Table::entries) {
            tags.extend(value.string().map(|value| (key, value)));
        }
        let aws = table.table("aws").map_or_else(|| common.aws.clone(), |own| Aws::read(own, &common.aws));
        let tables = table.tables("member");
        if tables.is_empty() {
            let fix = "add a [[team.member]] with name and emails for each person who is graded";
            table.reader().error(table.span(), "the team has no member", fix);
        }
        let expected = tables.len();
        let (mut members, mut accounts): (Vec<Member>, Vec<Account>) = (Vec::new(), Vec::new());
        for member in tables {
            if let Some((member, account)) = read_member(member, &members, id.as_deref().unwrap_or("?"), owners) {
                members.push(member);
                accounts.push(account);
            }
        }
        table.finish();
        (members.len() == expected).then_some(())?;
        Some(Self {
            id: id?,
            name,
            members,
            accounts,
            repository: repository?,
            branch,
            commit,
            base_commit,
            allow_disruptive,
            folder: folder.map(|folder| folder.trim_matches('/').to_owned()),
            counts,
            ignore,
            report,
            deadline,
            base_url,
            tags,
            nonce,
            aws,
        })
    }
}

/// A team's own deadline from its `[team.extension]`. The reason is asked for, so that a year later somebody knows it; it is
/// the team's own affair, and goes no further than the roster.
fn extended(table: &Table<'_>, deadline: Option<jiff::Timestamp>) -> Option<jiff::Timestamp> {
    let Some(fields) = table.table("extension") else { return deadline };
    let until = fields.require("until", "2026-10-08T23:59:00-04:00");
    let moment = until.as_ref().and_then(|entry| entry.timestamp());
    let _ = fields.require("reason", "\"illness\"").and_then(|entry| entry.text());
    fields.finish();
    match (&until, moment, deadline) {
        (Some(entry), Some(moment), Some(deadline)) if moment < deadline => {
            entry.error("the extension ends before the deadline", "write a later moment, or remove the extension");
            None
        }
        (_, Some(moment), _) => Some(moment),
        (_, None, _) => deadline,
    }
}

impl Aws {
    fn read(table: Table<'_>, fallback: &Self) -> Self {
        let text = |key| table.get(key).and_then(|entry| entry.text());
        let account = table.get("account").and_then(|entry| {
            let account = entry.text()?;
            let valid = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
            if !valid {
                entry.error(format!("`account` is \"{account}\""), "an AWS account is twelve digits, in quotes");
            }
            valid.then_some(account)
        });
        for (key, span, _) in table.entries() {
            if ["access_key", "access_key_id", "aws_access_key_id", "secret_key", "secret_access_key", "session_token"]
                .contains(&key.as_str())
            {
                let fix = "put the credentials into a profile of the AWS configuration, and name it: profile = \"…\"";
                table.reader().error(span, "a roster must not contain credentials", fix);
            }
        }
        let (region, more_regions) = regions(&table);
        let own = Self {
            profile: text("profile"),
            role: text("role"),
            external_id: text("external_id"),
            region,
            more_regions,
            endpoint_url: text("endpoint_url"),
            account,
        };
        table.finish();
        let (region, more_regions) = match own.region {
            Some(region) => (Some(region), own.more_regions),
            None => (fallback.region.clone(), fallback.more_regions.clone()),
        };
        Self {
            profile: own.profile.or_else(|| fallback.profile.clone()),
            role: own.role.or_else(|| fallback.role.clone()),
            external_id: own.external_id.or_else(|| fallback.external_id.clone()),
            region,
            more_regions,
            endpoint_url: own.endpoint_url.or_else(|| fallback.endpoint_url.clone()),
            account: own.account.or_else(|| fallback.account.clone()),
        }
    }
}

/// Patterns of paths from the repository's root: `build/**`, `lab1/*.csv`, or a file or folder by its name.
fn paths(table: &Table<'_>, key: &'static str) -> Vec<String> {
    let mut patterns = Vec::new();
    for (pattern, span) in table.get(key).map(|entry| entry.spanned_strings()).unwrap_or_default() {
        let inside =
            !pattern.trim().is_empty() && !pattern.starts_with('/') && pattern.split('/').all(|part| part != "..");
        match globset::Glob::new(&pattern) {
            Ok(_) if inside => patterns.push(pattern),
            Ok(_) => {
                let fix = "write the path from the repository's root, as in build/**";
                table.reader().error(span, format!("`{key}` has \"{pattern}\""), fix);
            }
            Err(error) => {
                let message = format!("`{key}` has \"{pattern}\", which is not a valid pattern: {}", error.kind());
                table.reader().error(span, message, "write * for anything in a folder, ** for anything below it");
            }
        }
    }
    patterns
}

/// `region = "us-east-1"`, or `regions = ["us-east-1", "eu-west-1"]`.
fn regions(table: &Table<'_>) -> (Option<String>, Vec<String>) {
    let one = table.get("region").and_then(|entry| entry.text());
    let Some(entry) = table.get("regions") else { return (one, Vec::new()) };
    if one.is_some() {
        entry.error("`region` and `regions` cannot be combined", "keep one of them: regions = [\"us-east-1\", …]");
    }
    let mut several = entry.strings().unwrap_or_default().into_iter();
    (several.next().or(one), several.collect())
}

fn read_member(
    table: Table<'_>,
    earlier: &[Member],
    team: &str,
    owners: &mut BTreeMap<String, (String, String)>,
) -> Option<(Member, Account)> {
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
    Some((Member { id, name, emails, aliases, login }, account))
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

/// Whether a team's id can name a folder on every file system.
fn is_file_name(id: &str) -> bool {
    id.len() <= 64
        && id.chars().next().is_some_and(|first| first.is_ascii_alphanumeric())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && !id.ends_with('.')
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

    fn parsed(text: &str) -> (Option<Roster>, String) {
        let member = "[[team.member]]\nname = \"Ada Rivers\"\nemails = [\"ada@uni.example\"]\n";
        let text = format!("{text}\n{member}");
        let (roster, problems) = Roster::parse(&SourceText::new("roster.toml", text));
        (roster, problems.to_string())
    }

    #[test]
    fn paths_of_all_teams_and_of_one_are_joined() {
        let team = "[[team]]\nid = \"a\"\nrepository = \"r\"\n";
        let (roster, problems) =
            parsed(&format!("counts = [\"build/**\"]\n{team}counts = [\"dist\"]\nignore = [\"*.json\"]\n"));
        let roster = roster.unwrap_or_else(|| panic!("{problems}"));
        assert_eq!(roster.teams[0].counts, ["build/**", "dist"]);
        assert_eq!(roster.teams[0].ignore, ["*.json"]);
    }

    #[test]
    fn patterns_that_name_nothing_are_problems() {
        for pattern in ["/build", "../other", "", "build/[a"] {
            let team = format!("[[team]]\nid = \"a\"\nrepository = \"r\"\nignore = [\"{pattern}\"]\n");
            let (_, problems) = parsed(&team);
            assert!(problems.contains("`ignore` has"), "{pattern}: {problems}");
        }
    }
}
