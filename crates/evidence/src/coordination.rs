//! How the members worked together, and what the graded commit does not hold.

use serde::{Deserialize, Serialize};

use super::closed::{LastDayBefore, ReviewSign};

/// How the members worked together. Definitions stand with the code that measures, `collect::git::coordination`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Coordination {
    /// Commits, merges left out.
    pub commits: u64,
    /// Merge commits.
    pub merges: u64,
    /// Merges that only brought a branch up to date, as `git pull` makes them.
    pub updates: u64,
    /// Merges made by a member other than the authors of what was merged, updates left out.
    pub merges_of_others: u64,
    /// Merges, updates left out, that brought in what a person had done; `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub merges_of_work: Option<u64>,
    /// Commits and merges that another member than their authors looked at, as far as the history shows it.
    pub reviewed: u64,
    /// Those by who looked at whose work and what shows it, most first.
    pub reviews: Vec<Review>,
    /// Commits that two members made or more, as far as the commits name them.
    pub co_authored: u64,
    /// Of them, those whose members other than the author have no work of their own hand: they are only named. `None` in
    /// older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub co_authored_only_named: Option<u64>,
    /// Commits that name a co-author who is no member and no program. `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub co_authored_unknown: Option<u64>,
    /// Commits with work by authors who are no members and no programs; `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub unknown_authored: Option<u64>,
    /// Members with work, as author or co-author.
    pub members_active: u64,
    /// Ids of the others; `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub without_work: Option<Vec<String>>,
    /// Members who may be one person; of a roster those who very likely are, but for whom it says that they are not.
    #[serde(default)]
    pub doubles: Vec<Double>,
    /// How fast commits followed each other; `None` in older evidence.
    #[serde(default)]
    pub pace: Option<Pace>,
    /// Members of the team.
    pub members: u64,
    /// One entry a member, in the roster's order.
    pub by_member: Vec<MemberActivity>,
    /// Branches that the history shows: names in merge messages and refs, sorted.
    pub branches: Vec<String>,
    /// Pull and merge requests that more shows than a number which anyone can type: a merge that brought in what somebody
    /// else had done, or a commit that the forge itself made.
    pub pull_requests: u64,
    /// Commits, and merges of own work, that only their own message says to come from one; `None` in older evidence, which counted them above.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub pull_requests_claimed: Option<u64>,
    /// Days with commits by anyone.
    pub active_days: u64,
    /// Days on which those commits were committed, by the committers' dates: fewer where they were rebased, or where the
    /// authors' dates were set by hand. `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub committed_days: Option<u64>,
    /// ISO weeks with commits by anyone.
    pub active_weeks: u64,
    /// First to last day, both counted.
    pub span_days: u64,
    /// Part of the work in the last 24 hours, and after them, 0..1; `None` where no work counts.
    pub last_day_share: Option<f64>,
    /// What the 24 hours end with.
    pub last_day_before: LastDayBefore,
    /// When they end, RFC 3339.
    pub last_day_ends: String,
    /// Files that two or more members changed ÷ files that were changed twice or more, 0..1.
    pub shared_files_share: f64,
    /// How many files that is; `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub shared_files: Option<u64>,
    /// How often a member built on a file that another member had changed last.
    pub handed_over: u64,
    /// Those from member to member, most first.
    pub handovers: Vec<Handover>,
}

/// Who looked at whose work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Review {
    /// Id of the member who looked at it.
    pub reviewer: String,
    /// Id of the member whose work it is.
    pub author: String,
    /// What shows it.
    pub shown_by: ReviewSign,
    /// How many commits and merges.
    pub commits: u64,
    /// The newest of them.
    pub example: String,
}

/// When a member worked, and how with the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MemberActivity {
    /// The member's id.
    pub member: String,
    /// Days with a commit that changed something, as author or co-author, in the author's own offset.
    pub active_days: u64,
    /// ISO weeks with one.
    pub active_weeks: u64,
    /// The first of the days, `YYYY-MM-DD`.
    pub first_day: Option<String>,
    /// The last of the days, `YYYY-MM-DD`.
    pub last_day: Option<String>,
    /// Part of the member's own work in the last 24 hours, and after them, 0..1; `None` without work.
    pub last_day_share: Option<f64>,
    /// Merges made, updates left out.
    pub merges: u64,
    /// Commits and merges of others that this member looked at.
    pub reviews_given: u64,
    /// Commits and merges of this member that another looked at.
    pub reviews_received: u64,
    /// How often this member built on a file that another had changed last.
    pub took_over: u64,
    /// How often another built on a file that this member had changed last.
    pub handed_on: u64,
    /// Commits with work, as author; `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub authored: Option<u64>,
    /// Commits with work of others that name this member; `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub named: Option<u64>,
    /// Commits all of whose files are set aside, as author or co-author: whether they are work is not known. Lock files,
    /// licences and `.gitignore` alone are none. `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub set_aside: Option<u64>,
    /// Their part of the member's own commits, as author or co-author, 0..1; `None` without any, and in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub set_aside_share: Option<f64>,
    /// Commits of others, or of coding agents, whose messages name this member in a way that is not known to mean
    /// co-author; `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub mentioned: Option<u64>,
    /// The line that does, of the newest of them.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub mention: Option<String>,
}

/// How fast commits with work followed each other. Facts for a person to weigh; nothing is judged by them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Pace {
    /// Commits authored less than a minute after the one before, by whomever.
    pub within_a_minute: u64,
    /// Their part of the work, 0..1.
    pub within_a_minute_share: f64,
    /// Standard deviation of the gaps between author dates ÷ their mean: near 0 where all are equal, as a script makes them,
    /// about 1 where they come at random. `None` of fewer than six commits.
    pub gap_variation: Option<f64>,
    /// The most members whose commits one committer's address made.
    pub authors_of_one_committer: u64,
}

/// Two members who may be one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Double {
    /// Id of the member who did less.
    pub member: String,
    /// Id of the member whose second identity that may be.
    pub of: String,
}

/// Files that went from one member's hands into another's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Handover {
    /// Id of the member who had changed them last.
    pub from: String,
    /// Id of the member who built on them.
    pub to: String,
    /// How often.
    pub times: u64,
    /// How many distinct files.
    pub files: u64,
    /// Up to five of them, those that changed hands most often first.
    pub examples: Vec<String>,
}

/// Commits on branches that the graded commit does not hold; merges left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outside {
    /// How many, each once.
    pub commits: u64,
    /// Of them, those that the graded history holds in another form: rebased, picked or squashed.
    pub copied: u64,
    /// Whose they are, most first.
    pub authors: Vec<OutsideAuthor>,
    /// The branches that hold any, by name. A commit may stand on several.
    pub branches: Vec<OutsideBranch>,
}

/// Whose commits stand outside the graded history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OutsideAuthor {
    /// The member's id; `None` where the author is nobody's identity.
    pub member: Option<String>,
    /// The member's name, or the author's.
    pub name: String,
    /// How many.
    pub commits: u64,
    /// Of them, those that the graded history holds in another form.
    pub copied: u64,
    /// The graded history has no commit of this author's, as author or co-author.
    pub only_outside: bool,
}

/// A branch with commits that the graded commit does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OutsideBranch {
    /// Its name.
    pub name: String,
    /// Its newest commit.
    pub tip: String,
    /// When that was committed, RFC 3339.
    pub committed_at: String,
    /// How many commits, merges left out.
    pub commits: u64,
    /// Of them, those that the graded history holds in another form.
    pub copied: u64,
    /// Whose they are, most first.
    pub authors: Vec<OutsideAuthor>,
}
