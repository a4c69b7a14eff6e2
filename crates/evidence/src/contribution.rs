//! Who did how much, as measured.

use serde::{Deserialize, Serialize};

use super::closed::{MailmapOf, ProgramKind};
use super::git::Person;

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
    /// The same with the lines that files which are not counted may hold, of which nobody can tell who wrote them: a guess,
    /// which gives nobody anything. `None` in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub evenness_with_set_aside: Option<f64>,
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
    /// Lines that this member's changes of documents and data may hold, at a guess by their size; not in the share. `None`
    /// in older evidence.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub set_aside_lines: Option<u64>,
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
    /// Lines, blank ones aside; a co-authored line is shared, and lines on which one line was laid out anew are one.
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
    /// Id of the member who this very likely is, of an author with work: a guess, which gives nobody anything. `None` in
    /// older evidence.
    #[serde(default)]
    pub likely_member: Option<String>,
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
    /// `binary`, `vendored`, `generated`, `data`, `lock file`, `boilerplate`, `notebook output`, `symbolic link`,
    /// `submodule`, `over 5 MB`, `outside the folder`, `ignored by the roster`; and, where it may be the team's own work,
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
