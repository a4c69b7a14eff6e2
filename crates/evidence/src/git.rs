//! The repository's history, as measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::closed::{ChosenBy, MailmapOf, ProgramKind, SourceKind};
use super::{Reading, SetAside, Sign};

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
    /// Why it is this one.
    pub chosen_by: ChosenBy,
    /// The deadline that was applied, RFC 3339.
    pub deadline: Option<String>,
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

/// Who did how much. Formulas stand with the code that measures, `collect::git::contribution`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Contribution {
    /// One entry a member of the team, in the roster's order; an absent member has zeros.
    pub members: Vec<MemberShare>,
    /// Authors that are nobody's identity, by work, largest first.
    pub unmapped: Vec<UnmappedAuthor>,
    /// The unmapped authors' part of both ledgers, half and half, 0..1.
    pub unmapped_share: f64,
    /// Coding agents and bots that made commits or are named in them, most commits first. They are nobody: what a commit
    /// has of people is theirs, and only what it has of none is a program's.
    #[serde(default)]
    pub programs: Vec<ProgramShare>,
    /// The part of both ledgers that coding agents alone have, 0..1; `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub agent_share: Option<f64>,
    /// Lines of the starter code, blank ones aside, that stand at the graded commit: nobody's.
    pub starter_lines: u64,
    /// Files that count and that are more than starter code, by path: what teams are compared by.
    #[serde(default)]
    pub files: Vec<StandingFile>,
    /// Authors whom a mailmap gave to a member, the most commits first. The team can edit its repository's own.
    pub remapped: Vec<Remap>,
    /// Commits of one member that another one committed, most first: rebasing does that, and so does `--author`.
    pub other_committers: Vec<OtherCommitter>,
    /// 1 when all members did the same, 0 when one did all.
    pub evenness: f64,
    /// The same where trailers name nobody, and the commits of who never committed anything are the committer's: what is
    /// left of it without the word of somebody else. `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub evenness_by_hand: Option<f64>,
    /// The share of the work that would have had to change hands for equal shares, 0..1.
    pub would_change_hands: f64,
    /// Files left out of the counting, by reason.
    pub excluded: Vec<Excluded>,
}

/// One member's part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MemberShare {
    /// The member's id.
    pub member: String,
    /// The member's name.
    pub name: String,
    /// Commits authored, merges left out.
    pub commits: u64,
    /// Commits of others that name this member as co-author.
    pub co_authored: u64,
    /// Lines added, as `git log --numstat -M -w --no-merges` counts them.
    pub added: u64,
    /// Lines deleted, in the same way.
    pub deleted: u64,
    /// The ledger of what stands.
    pub surviving: Surviving,
    /// The ledger of what was done.
    pub work: Work,
    /// Half the part of the surviving lines, half the part of the work, 0..1.
    pub share: f64,
    /// The part of that share which rests on commits that somebody else authored and that name this member, 0..1; `None` in
    /// older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub by_trailers: Option<f64>,
    /// Calendar days with a commit, in the author's own offset.
    pub active_days: u64,
    /// ISO weeks with a commit.
    pub active_weeks: u64,
    /// Days with commits, `YYYY-MM-DD` and how many, ascending.
    pub days: Vec<Day>,
}

/// A file that counts, as it stands at the graded commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StandingFile {
    /// Path in the repository.
    pub path: String,
    /// Its lines, blank ones and starter code aside; ten or more.
    pub lines: u64,
    /// SHA-256 over its lines without white space.
    pub content_sha256: String,
}

/// A member's lines that stand at the graded commit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Surviving {
    /// Lines, blank ones aside; a co-authored line is shared.
    pub lines: f64,
    /// Part of the members' surviving lines, 0..1.
    pub share: f64,
    /// Lines, blank ones with them, that `git blame -w -M` gives to the member as author.
    pub blamed: u64,
}

/// A member's work over the history, and the lines that are none, though the member added them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Work {
    /// Lines added and half the lines deleted, capped for each commit.
    pub lines: f64,
    /// Part of the members' work, 0..1.
    pub share: f64,
    /// Lines that were only moved.
    pub moved: u64,
    /// Lines that were only laid out anew.
    pub reformatted: u64,
    /// Lines that the repository held before: copied, or brought back.
    pub held_before: u64,
    /// Lines that the member deleted again.
    pub taken_back: u64,
    /// Lines that are work, and that others replaced or deleted later: why a member has more work than lines that stand.
    pub replaced_by_others: u64,
}

/// One day of one member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Day {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// Commits on it.
    pub commits: u64,
}

/// An author whom no member's identities cover.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UnmappedAuthor {
    /// As git has it.
    pub person: Person,
    /// Commits authored.
    pub commits: u64,
    /// Commits of others that name it as co-author; they are the others' alone. 0 in older evidence.
    #[serde(default)]
    pub co_authored: u64,
    /// Lines of work.
    pub work: f64,
    /// Lines that stand.
    pub surviving: f64,
}

/// A coding agent or a bot.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ProgramShare {
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: ProgramKind,
    /// Commits authored.
    pub commits: u64,
    /// Commits of others that name it, as co-author or as what helped (`Generated with …`, `Assisted-by: …`).
    pub co_authored: u64,
    /// Lines of work of commits that have no person.
    pub work: f64,
    /// Lines of such commits that stand; starter code aside.
    pub surviving: f64,
}

/// An author whom a mailmap gave to a member; neither address nor login nor name is in the roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Remap {
    /// As git has it.
    pub from: Person,
    /// As the mailmap has it.
    pub to: Person,
    /// The member's id.
    pub member: String,
    /// Whose mailmap.
    pub by: MailmapOf,
    /// Commits authored, merges among them.
    pub commits: u64,
    /// Commits of others that name this author as co-author.
    pub co_authored: u64,
}

/// Commits that one member authored and another committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OtherCommitter {
    /// The author's member id.
    pub author: String,
    /// The committer's member id.
    pub committer: String,
    /// How many, merges left out.
    pub commits: u64,
}

/// Files that were not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Excluded {
    /// `binary`, `vendored`, `generated`, `data`, `lock file`, `notebook output`, `symbolic link`, `submodule`,
    /// `over 5 MB`, `outside the folder`, `ignored by the roster`; and, where it may be the team's own work,
    /// `folder named for generated files or libraries`, `Git LFS pointer`, `unreadable notebook`, `undecodable text`.
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
