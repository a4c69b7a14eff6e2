//! Persons and reasons, in words.

use crate::escape::clean;
use stackmark_evidence::git::Person;
use stackmark_evidence::identities::{Confidence, Reason, Sign, Suggestion, TeamIdentities, Unmatched};

/// `Name <address>`, on one line.
pub(super) fn signature(person: &Person) -> String {
    let name = clean(&person.name);
    let email = clean(&person.email);
    if name.is_empty() { format!("<{email}>") } else { format!("{name} <{email}>") }
}

/// What the roster has and no commit does, in words.
pub fn unmatched(team: &TeamIdentities, it: &Unmatched) -> String {
    format!("{} \"{}\" of {}", it.kind, clean(&it.value), name_of(team, &it.member))
}

pub(super) fn name_of(team: &TeamIdentities, member: &str) -> String {
    let found = team.members.iter().find(|known| known.member == member);
    clean(found.map_or(member, |known| &known.name))
}

pub(super) fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Possible => "possibly",
        Confidence::Likely => "likely",
        Confidence::VeryLikely => "very likely",
    }
}

/// Reasons that are said; JSON has them all.
const SAID: usize = 2;

/// Why a suggestion is made, in words.
pub(super) fn reasons(suggestion: &Suggestion) -> String {
    suggestion.reasons.iter().take(SAID).map(words).collect::<Vec<_>>().join("; ")
}

fn words(reason: &Reason) -> String {
    let (theirs, members) = (clean(&reason.theirs), clean(&reason.members));
    match reason.sign {
        Sign::SameLocalPart if theirs == members => format!("the same address: {theirs}"),
        Sign::SameLocalPart => format!("same name before the @: {theirs} and {members}"),
        Sign::SameLogin if theirs == members => format!("the same login or name: {theirs}"),
        Sign::SameLogin => format!("the same login, name or name before the @: {theirs} and {members}"),
        Sign::MadeOfName => format!("one is made of the other's words: {theirs} and {members}"),
        Sign::InitialsOfName => format!("initials and a word of the name: {theirs} and {members}"),
        Sign::ShortOfName => format!("beginnings of the name's words: {theirs} and {members}"),
        Sign::NameInName if theirs == members => format!("the same name: {theirs}"),
        Sign::NameInName => format!("one name is in the other: {theirs} and {members}"),
        Sign::NearlySameName => format!("the names differ by a letter or two: {theirs} and {members}"),
        Sign::NearlySameLogin => format!("nearly the same login or name before the @: {theirs} and {members}"),
        Sign::SameMachine => format!("both committed on {theirs}"),
        Sign::MachineOfName => format!("the machine {theirs} has the name {members}"),
        Sign::CommittedBy => "committed all of it".to_owned(),
    }
}
