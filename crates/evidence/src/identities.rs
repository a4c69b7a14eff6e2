//! Who signs a repository's commits: what `stackmark identities` tells, for a person to decide on.

use serde::{Deserialize, Serialize};

use super::closed::{IdentifiedBy, RosterField};
use super::git::Person;
use super::{Member, MembersFrom};

/// The format of `stackmark identities --format json`.
pub const SCHEMA: &str = "stackmark/identities/v1";

/// The identities of several teams.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct IdentityReport {
    /// Which format this is, with its version.
    pub schema: String,
    /// In the roster's order.
    pub teams: Vec<TeamIdentities>,
}

/// The identities of one team.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TeamIdentities {
    /// The team's id.
    pub team: String,
    /// A name to print, where the roster has one.
    pub name: Option<String>,
    /// Where the members come from.
    pub members_from: MembersFrom,
    /// Address or path of the repository, without any credentials in it.
    pub repository: String,
    /// The commit whose history was read.
    pub commit: String,
    /// The folder that is graded.
    pub folder: Option<String>,
    /// Starter code: this commit and its ancestors were left out.
    pub base_commit: Option<String>,
    /// Commits read, merges among them.
    pub commits: u64,
    /// What shares are parts of.
    pub unit: Unit,
    /// How many of the unit there are.
    pub whole: u64,
    /// Why lines could not be counted, where the unit is commits because of that.
    pub unread: Option<String>,
    /// In the roster's order.
    pub members: Vec<MemberIdentities>,
    /// People who are no member's identity, the largest share first.
    pub unmapped: Vec<UnmappedIdentity>,
    /// Likewise, where a machine made the identity up.
    pub machines: Vec<UnmappedIdentity>,
    /// Programs, which are nobody.
    pub bots: Vec<UnmappedIdentity>,
    /// Part of the unit that people and machines without a member did, 0..1; bots aside.
    pub nobodys_share: f64,
    /// What the roster says of members and no commit has.
    pub unmatched: Vec<Unmatched>,
}

/// What shares are parts of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Lines added to files that count, merges left out.
    AddedLines,
    /// Commits: no line counts, or the lines could not be read.
    Commits,
}

/// One member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MemberIdentities {
    /// The member's id.
    pub member: String,
    /// The member's name.
    pub name: String,
    /// Whom commits of this member should name: the proper name and address.
    pub proper: Person,
    /// The member as a roster should have it: what it has, and whatever else is this member's alone.
    pub entry: Member,
    /// What signs this member's commits, most commits first.
    pub identities: Vec<Identity>,
    /// Whom of the other members this may be as well; of a roster, whom this very likely is.
    pub suggestions: Vec<Suggestion>,
}

/// A name and an address that sign a member's commits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Identity {
    /// As git has it.
    pub person: Person,
    /// Commits authored, merges among them.
    pub commits: u64,
    /// Commits of others that name it as co-author.
    pub co_authored: u64,
    /// Part of the unit, 0..1.
    pub share: f64,
    /// Why it is the member's.
    pub by: IdentifiedBy,
    /// As a mailmap has it.
    pub to: Option<Person>,
}

/// A name and an address that are no member's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UnmappedIdentity {
    /// As git has it.
    pub person: Person,
    /// Commits authored, merges among them.
    pub commits: u64,
    /// Commits of others that name it as co-author.
    pub co_authored: u64,
    /// Part of the unit, 0..1.
    pub share: f64,
    /// Whose it may be, for a person to decide.
    pub suggestions: Vec<Suggestion>,
}

/// Whose an identity may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Suggestion {
    /// The member's id.
    pub member: String,
    /// How sure the reasons make it.
    pub confidence: Confidence,
    /// Strongest first.
    pub reasons: Vec<Reason>,
}

/// How sure a suggestion is. None is sure: what is sure is no suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// One weak sign.
    Possible,
    /// One good sign, or two weak ones.
    Likely,
    /// A sign that is rarely wrong, or two good ones.
    VeryLikely,
}

/// Why an identity may be a member's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Reason {
    /// The sign.
    pub sign: Sign,
    /// What the identity has.
    pub theirs: String,
    /// What the member has.
    pub members: String,
}

/// What two identities have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// The same name before the `@`, at two hosts or one.
    SameLocalPart,
    /// The login of one is the name before the `@`, the login or the name of the other.
    SameLogin,
    /// A login or address is made of the words of the name.
    MadeOfName,
    /// A login or address is made of initials and a word of the name.
    InitialsOfName,
    /// A login or address is made of beginnings of the name's words.
    ShortOfName,
    /// The words of one name are all in the other.
    NameInName,
    /// Two names differ by a letter or two.
    NearlySameName,
    /// Two logins or addresses differ by their digits or by one letter.
    NearlySameLogin,
    /// Both committed on one machine.
    SameMachine,
    /// The machine is named after the member.
    MachineOfName,
    /// The member committed everything that the identity authored.
    CommittedBy,
}

/// Something of the roster that no commit has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Unmatched {
    /// The member's id.
    pub member: String,
    /// What of it.
    pub kind: RosterField,
    /// As the roster has it.
    pub value: String,
}
