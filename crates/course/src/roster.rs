//! The roster: teams, members, repositories, accounts. Credentials never stand in it.

mod aws;
mod member;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use aws::Aws;
pub use member::Account;

use member::{is_own, read_member};

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
    /// Ids of the members who are each a person of their own: the roster says so, or an account of the learning platform.
    pub distinct: Vec<String>,
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
        let mut said_distinct = Vec::new();
        for member in tables {
            if let Some((member, account, is_distinct)) =
                read_member(member, &members, id.as_deref().unwrap_or("?"), owners)
            {
                members.push(member);
                accounts.push(account);
                said_distinct.push(is_distinct);
            }
        }
        let distinct = (members.iter().zip(&accounts).zip(said_distinct))
            .filter(|((_, account), said)| *said || is_own(account, &accounts))
            .map(|((member, _), _)| member.id.clone())
            .collect();
        table.finish();
        (members.len() == expected).then_some(())?;
        Some(Self {
            id: id?,
            name,
            members,
            accounts,
            distinct,
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

/// Patterns of paths from the repository's root: `build/**`, `lab1/*.csv`, or a file or folder by its name.
fn paths(table: &Table<'_>, key: &'static str) -> Vec<String> {
    let mut patterns = Vec::new();
    for (pattern, span) in table.get(key).map(|entry| entry.spanned_strings()).unwrap_or_default() {
        let inside =
            !pattern.trim().is_empty() && !pattern.starts_with('/') && pattern.split('/').all(|part| part != "..");
        match globset::Glob::new(&pattern) {
            Ok(_) if key == "ignore" && pattern.chars().all(|c| "*/".contains(c)) => {
                let message = format!("`{key}` has \"{pattern}\", which takes all files");
                table.reader().error(span, message, "name what does not count, as in handout/**");
            }
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
    fn who_is_a_person_of_their_own_is_said_or_has_an_account() {
        let others = "[[team.member]]\nname = \"Ben\"\ndistinct = true\n[[team.member]]\nname = \"Cem\"\nsis_id = \"S3\"\n\
                      [[team.member]]\nname = \"Dan\"\nlms_id = \"4\"\n[[team.member]]\nname = \"Eva\"\nlms_id = \"4\"\n";
        let (roster, problems) = parsed(&format!("[[team]]\nid = \"a\"\nrepository = \"r\"\n{others}"));
        let roster = roster.unwrap_or_else(|| panic!("{problems}"));
        assert_eq!(roster.teams[0].distinct, ["ben", "cem"], "one account of two people tells nobody apart");
    }

    #[test]
    fn patterns_that_name_nothing_are_problems() {
        for pattern in ["/build", "../other", "", "build/[a", "*", "**", "**/*"] {
            let team = format!("[[team]]\nid = \"a\"\nrepository = \"r\"\nignore = [\"{pattern}\"]\n");
            let (_, problems) = parsed(&team);
            assert!(problems.contains("`ignore` has"), "{pattern}: {problems}");
        }
    }
}
