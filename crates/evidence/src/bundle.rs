//! The bundle: everything that was read for one team, in one file.

use serde::{Deserialize, Serialize};

use super::asked::AskedFor;
use super::ledger::Ledger;
use super::{aws::AwsEvidence, code::CodeEvidence, git::GitEvidence, http::HttpEvidence, report::ReportEvidence};

/// The format of `evidence.json`; a reader refuses any other.
pub const SCHEMA: &str = "stackmark/evidence/v1";

/// Everything that was read for one team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// Which format this is, with its version.
    pub schema: String,
    /// The program that collected it.
    pub tool: Tool,
    /// When collecting began, RFC 3339, UTC, to the second.
    pub collected_at: String,
    /// Whose work it is.
    pub team: Team,
    /// What the rubric asked for; empty in the files of an older version.
    #[serde(default)]
    pub asked: AskedFor,
    /// The repository's history.
    pub git: GitEvidence,
    /// The files at the graded commit.
    pub code: CodeEvidence,
    /// The team's written report.
    pub report: ReportEvidence,
    /// The deployed stack.
    pub aws: AwsEvidence,
    /// The requests sent to it.
    pub http: HttpEvidence,
    /// How many secrets were replaced before anything was stored.
    pub redactions: u64,
    /// JSON pointers of fields that an older version did not write: what stands there now was filled in, and not measured.
    #[serde(skip)]
    pub unwritten: Vec<String>,
    /// When the work was due, as the roster has it: RFC 3339, UTC; not told by an older version, and where there is no deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Readings that are of an earlier collection; empty in the files of an older version.
    #[serde(default, skip_serializing_if = "Ledger::is_empty")]
    pub ledger: Ledger,
}

impl Evidence {
    /// Of a team of which nothing is read yet: whoever collects fills in what was.
    #[must_use]
    pub fn unread(tool: Tool, collected_at: String, team: Team) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            tool,
            collected_at,
            team,
            asked: AskedFor::default(),
            git: GitEvidence::default(),
            code: CodeEvidence::default(),
            report: ReportEvidence::default(),
            aws: AwsEvidence::default(),
            http: HttpEvidence::default(),
            redactions: 0,
            unwritten: Vec::new(),
            due: None,
            ledger: Ledger::default(),
        }
    }

    /// When the reading at `path` (`aws.instances`) was taken: RFC 3339, UTC.
    pub fn taken_at(&self, path: &str) -> &str {
        self.ledger.taken_at(path).unwrap_or(&self.collected_at)
    }
}

/// A program and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Tool {
    /// `stackmark`.
    pub name: String,
    /// Semantic version.
    pub version: String,
}

/// The team, as far as judging and reporting need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Team {
    /// The roster's id: letters, digits, `-`, `_`, `.`.
    pub id: String,
    /// A name to print, where the roster has one.
    pub name: Option<String>,
    /// Who is graded.
    pub members: Vec<Member>,
    /// Where that list comes from.
    pub members_from: MembersFrom,
    /// The folder of the repository that is graded; `None` is the whole repository.
    pub folder: Option<String>,
    /// What the instructor gave this team alone, to be put into a tag or a page: it shows whose a stack is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Ids of the members of whom the instructor, or the learning platform, has said that each is a person of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub distinct: Vec<String>,
}

impl Team {
    /// A team of a roster that says nothing but its id.
    #[must_use]
    pub fn of_roster(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            members: Vec::new(),
            members_from: MembersFrom::Roster,
            folder: None,
            nonce: None,
            distinct: Vec::new(),
        }
    }
}

/// Who said who the members are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MembersFrom {
    /// The instructor's roster: an absent member counts with a share of zero.
    Roster,
    /// The authors of the history, where there is no roster: nobody can be absent.
    History,
}

/// One graded person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Member {
    /// Unique in the team, made from the name.
    pub id: String,
    /// As printed.
    pub name: String,
    /// Addresses that sign this person's commits.
    pub emails: Vec<String>,
    /// Other names that sign this person's commits.
    pub aliases: Vec<String>,
    /// Login at the forge.
    pub login: Option<String>,
}
