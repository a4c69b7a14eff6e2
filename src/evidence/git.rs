//! The repository's history, as measured.

use serde::{Deserialize, Serialize};

use super::Reading;

/// What was read of the history.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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
    /// What should never have been committed.
    pub hygiene: Reading<Hygiene>,
}

/// Where the repository came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Address or path, without any credentials in it.
    pub location: String,
    /// `clone`, `bundle` or `working-copy`.
    pub kind: String,
    /// Names of the branches that it offers, sorted.
    pub branches: Vec<String>,
}

/// The graded commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Full object id.
    pub commit: String,
    /// The branch it was found on.
    pub branch: Option<String>,
    /// Committer date, RFC 3339.
    pub committed_at: String,
    /// `pinned`, `deadline` (the last one before it) or `tip`.
    pub chosen_by: String,
    /// The deadline that was applied, RFC 3339.
    pub deadline: Option<String>,
    /// Commits on the branch after the deadline, which are not graded.
    pub commits_after_deadline: u64,
}

/// One commit, with what was measured of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Members named by `Co-authored-by` trailers.
    pub co_authors: Vec<String>,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name, invalid UTF-8 replaced.
    pub name: String,
    /// Address, invalid UTF-8 replaced.
    pub email: String,
}

/// A measure with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rated {
    /// 0 is worst, 1 is best.
    pub score: f64,
    /// Why it is below 1; words for the report.
    pub reasons: Vec<String>,
}

/// Who did how much. Formulas stand with the code that measures, `collect::git::contribution`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// One entry a member of the team, in the roster's order; an absent member has zeros.
    pub members: Vec<MemberShare>,
    /// Authors that are nobody's identity, by work, largest first.
    pub unmapped: Vec<UnmappedAuthor>,
    /// Work of the unmapped authors ÷ all work, 0..1.
    pub unmapped_share: f64,
    /// 1 when all members did the same, 0 when one did all.
    pub evenness: f64,
    /// The share of the work that would have had to change hands for equal shares, 0..1.
    pub would_change_hands: f64,
    /// Files left out of the counting, by reason.
    pub excluded: Vec<Excluded>,
}

/// One member's part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberShare {
    /// The member's id.
    pub member: String,
    /// The member's name.
    pub name: String,
    /// Commits authored, merges left out.
    pub commits: u64,
    /// Commits of others that name this member as co-author.
    pub co_authored: u64,
    /// Lines added.
    pub added: u64,
    /// Lines deleted.
    pub deleted: u64,
    /// The work figure the share is made from: capped lines, see the formula.
    pub work: f64,
    /// Part of the members' work, 0..1.
    pub share: f64,
    /// Calendar days with a commit, in the author's own offset.
    pub active_days: u64,
    /// ISO weeks with a commit.
    pub active_weeks: u64,
    /// Days with commits, `YYYY-MM-DD` and how many, ascending.
    pub days: Vec<Day>,
}

/// One day of one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Commits on it.
    pub commits: u64,
}

/// An author whom no member's identities cover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnmappedAuthor {
    /// As git has it.
    pub person: Person,
    /// Commits authored.
    pub commits: u64,
    /// The work figure.
    pub work: f64,
}

/// Files that were not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// `binary`, `vendored`, `generated`, `data`, `lock file`, `notebook output`, `symbolic link`, `submodule`,
    /// `over 5 MB`, `outside the folder`.
    pub reason: String,
    /// How many distinct paths.
    pub files: u64,
    /// Bytes of the largest version of each. Not lines: counting those would mean to read what is set aside in order not
    /// to be read, fifteen thousand library files of one repository.
    pub bytes: u64,
    /// Paths whose size is unknown, because the repository lacks the object; not in `bytes`.
    pub unknown_sizes: u64,
    /// Up to five of the paths, the largest first.
    pub examples: Vec<String>,
}

/// Whether commits are one change each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Atomicity {
    /// Commits measured: merges and commits without counted lines are left out.
    pub commits: u64,
    /// Mean of the commits' scores, 0..1.
    pub score: f64,
    /// Largest commit's part of all added counted lines, 0..1.
    pub largest_share: f64,
    /// That commit.
    pub largest: Option<CommitNote>,
    /// Median of files changed.
    pub median_files: f64,
    /// Median of lines added and deleted.
    pub median_lines: f64,
    /// The lowest scores, worst first, at most ten.
    pub worst: Vec<CommitNote>,
}

/// A commit named in a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
}

/// Whether messages say what changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Messages {
    /// Messages measured: merges are left out.
    pub commits: u64,
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

/// How the members worked together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coordination {
    /// Commits, merges left out.
    pub commits: u64,
    /// Merge commits.
    pub merges: u64,
    /// Merges made by a member other than the authors of what was merged.
    pub merges_of_others: u64,
    /// Commits that name a co-author.
    pub co_authored: u64,
    /// Members with at least one commit or co-authorship.
    pub members_active: u64,
    /// Members of the team.
    pub members: u64,
    /// Branches that the history shows: names in merge messages and refs, sorted.
    pub branches: Vec<String>,
    /// Commits whose subject ends in a pull or merge request number, or that merge one.
    pub pull_requests: u64,
    /// Days with commits by anyone.
    pub active_days: u64,
    /// ISO weeks with commits by anyone.
    pub active_weeks: u64,
    /// First to last day, both counted.
    pub span_days: u64,
    /// Part of the work in the last 24 hours before the last commit, 0..1.
    pub last_day_share: f64,
    /// Files that two or more members changed ÷ files that were changed twice or more, 0..1.
    pub shared_files_share: f64,
}

/// What should never have been committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hygiene {
    /// Secrets at the graded commit, redacted.
    pub secrets: Vec<Secret>,
    /// Files that do not belong in a repository, by kind.
    pub junk: Vec<Junk>,
}

/// A secret, never in clear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// `aws access key`, `aws secret key`, `aws session token`, `private key`, …
    pub kind: String,
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
    /// What it looks like with all but its type taken out.
    pub redacted: String,
}

/// Files that do not belong in a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Junk {
    /// `virtual environment`, `terraform state`, `bytecode`, `editor settings`, `office lock file`, …
    pub kind: String,
    /// How many.
    pub files: u64,
    /// Up to five paths.
    pub examples: Vec<String>,
}
