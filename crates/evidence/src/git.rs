//! The repository's history, as measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::closed::{ChosenBy, SourceKind};
use super::{Reading, SetAside, Sign};

pub use super::contribution::{
    Contribution, Day, Excluded, MemberShare, OtherCommitter, ProgramShare, Remap, StandingFile, Surviving,
    UnmappedAuthor, Work,
};
pub use super::coordination::{
    Coordination, Double, Handover, MemberActivity, Outside, OutsideAuthor, OutsideBranch, Pace, Review,
};
pub use super::hygiene::{DatedCommit, Hygiene, Junk, LargeFile, NotSearched, OddDates, Place, Secret};

/// What was read of the history.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct GitEvidence {
    /// Where the repository came from.
    pub source: Reading<Source>,
    /// The graded commit, and why it is that one.
    pub head: Reading<Head>,
    /// Every commit reachable from the graded one and after the base commit, newest first.
    pub commits: Reading<Vec<Commit>>,
    /// Who did how much.
    pub contribution: Reading<Contribution>,
    /// Whether commits are one change each.
    pub atomicity: Reading<Atomicity>,
    /// Whether messages say what changed.
    pub messages: Reading<Messages>,
    /// How the members worked together.
    pub coordination: Reading<Coordination>,
    /// Commits on branches that the graded commit does not hold.
    pub outside: Reading<Outside>,
    /// What should never have been committed.
    pub hygiene: Reading<Hygiene>,
    /// What the other readings did not look into, by their names: `contribution`, `atomicity`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside: BTreeMap<String, Vec<SetAside>>,
    /// How it came about, by the names of the readings: facts for a person to weigh.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signs: BTreeMap<String, Vec<Sign>>,
}

/// Where the repository came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Source {
    /// Address or path, without any credentials in it.
    pub location: String,
    /// How it was obtained.
    pub kind: SourceKind,
    /// Names of the branches that it offers, sorted.
    pub branches: Vec<String>,
}

/// The graded commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Head {
    /// Full object id.
    pub commit: String,
    /// The branch it was found on.
    pub branch: Option<String>,
    /// Committer date, RFC 3339.
    pub committed_at: String,
    /// The latest committer date of the commits that it holds, where that is not its own: a tip may be dated before what it
    /// stands on. Without dates in the future, and only where there is a deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_at: Option<String>,
    /// Why it is this one.
    pub chosen_by: ChosenBy,
    /// The deadline that was applied, RFC 3339.
    pub deadline: Option<String>,
    /// When the work was due, RFC 3339, if the deadline that was applied is another: grace and the cutoff of late work are later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Commits on the branch whose committer date is after the deadline, and which are not graded.
    pub commits_after_deadline: u64,
    /// What was found otherwise than the roster has it, and taken for it: `folder "tp1" is "TP1"`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What the choice of this commit leaves open for everything that is read at it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_aside: Vec<SetAside>,
}

/// One commit, with what was measured of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Commit {
    /// Full object id.
    pub id: String,
    /// Number of parents; two or more is a merge.
    pub parents: u64,
    /// As written in the commit.
    pub author: Person,
    /// As written in the commit.
    pub committer: Person,
    /// Author date, RFC 3339 with its offset.
    pub authored_at: String,
    /// Committer date, RFC 3339 with its offset.
    pub committed_at: String,
    /// The member whose identity the author is; `None` where nobody's.
    pub member: Option<String>,
    /// Members whom trailers or a pairing tool name beside the author.
    pub co_authors: Vec<String>,
    /// Programs that made it, or that it names as co-authors or helpers: coding agents and bots, which are nobody.
    #[serde(default)]
    pub programs: Vec<String>,
    /// First line of the message.
    pub subject: String,
    /// The rest of the message, without trailing blank lines.
    pub body: String,
    /// Files changed that count, renames followed.
    pub files: u64,
    /// Lines added in files that count.
    pub added: u64,
    /// Lines deleted in files that count.
    pub deleted: u64,
    /// How good the message is, 0..1, with the reasons where it is below 1.
    pub message: Rated,
    /// How much the commit is one change, 0..1, with the reasons where it is below 1.
    pub atomic: Rated,
}

/// A name and an address, as git has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Person {
    /// Name; where it is not UTF-8, read in the encoding that the commit declares, else as Western European.
    pub name: String,
    /// Address, read like the name.
    pub email: String,
}

/// A measure with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rated {
    /// 0 is worst, 1 is best.
    pub score: f64,
    /// Why it is below 1; words for the report.
    pub reasons: Vec<String>,
    /// Whether it could be judged at all; where not, the score is 1 and the reasons say why.
    #[serde(default = "judged")]
    pub judged: bool,
}

/// Evidence from before messages could be left unjudged judged all of them.
fn judged() -> bool {
    true
}

/// Whether commits are one change each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Atomicity {
    /// Commits measured: merges, commits of programs and commits without work are left out.
    pub commits: u64,
    /// Mean of the commits' scores, 0..1, each weighing as much as its work in lines, capped as in the work ledger. In
    /// evidence without `unweighed`, each weighed the same.
    pub score: f64,
    /// The same with each commit weighing the same.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub unweighed: Option<f64>,
    /// Largest commit's part of all added counted lines, 0..1; of a merge, the lines that stand in none of its parents.
    pub largest_share: f64,
    /// That commit.
    pub largest: Option<CommitNote>,
    /// Median of files changed.
    pub median_files: f64,
    /// Median of lines added and deleted.
    pub median_lines: f64,
    /// The commits that cost the score most, most first, at most ten.
    pub worst: Vec<CommitNote>,
}

/// A commit named in a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CommitNote {
    /// Full object id.
    pub commit: String,
    /// First line of the message.
    pub subject: String,
    /// Files that count.
    pub files: u64,
    /// Lines added and deleted that count.
    pub lines: u64,
    /// The measure the note is about, 0..1.
    pub score: f64,
    /// Why, in words.
    pub reasons: Vec<String>,
    /// Its part of the weight of all commits, 0..1, where commits are weighed by their work.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub weight: Option<f64>,
    /// Where the note is about a message: a better one in the words of the diff, for the worst few.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub better: Option<String>,
    /// What the commit touches, the most first, where the note is about its being one change: `application`,
    /// `infrastructure`, `deployment`, `interface`, `database`, `tests`, `documentation`, `configuration`, `formatting`.
    #[serde(default)]
    pub concerns: Vec<String>,
    /// The two commits that it could have been, the larger first, each a list of `path:12-40, 80`; empty where it does
    /// not come apart.
    #[serde(default)]
    pub split: Vec<Vec<String>>,
}

/// Whether messages say what changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Messages {
    /// Messages measured: merges, commits of programs and commits that change nothing are left out, and those that are not
    /// judged.
    pub commits: u64,
    /// Messages in other languages than English, French and Italian.
    #[serde(default)]
    pub not_judged: u64,
    /// Mean of the messages' scores, 0..1.
    pub score: f64,
    /// Messages below .4.
    pub poor: u64,
    /// Messages from .4 to below .7.
    pub fair: u64,
    /// Messages from .7.
    pub good: u64,
    /// The lowest scores, worst first, at most ten.
    pub worst: Vec<CommitNote>,
}
