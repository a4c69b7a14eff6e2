//! Work that is a member's by the word of the team alone.
//!
//! An honest `.mailmap` joins two addresses of one person, which mostly show it: the same name, the same part before the
//! `@`. Where an author resembles the member in nothing, and much of the member's work is that author's, a person looks, as
//! with trailers that somebody else wrote. The roster and the instructor's mailmap settle it.

use std::collections::{BTreeMap, BTreeSet};

use super::likeness::{MAX_COMPARED, profiles};
use super::matching::{By, Identities};
use super::names::{Signed, normal_name};
use super::suggest::{Profile, alike};
use crate::attribution::Attribution;
use crate::printed::EXAMPLES;
use crate::record::History;
use stackmark_evidence::git::Person;
use stackmark_evidence::identities::Confidence;
use stackmark_evidence::{MembersFrom, Sign, SignKind, Team};

/// From this part of a member's work on.
const SUBSTANTIAL: f64 = 0.25;
/// Signatures of one member that others are compared with.
const MAX_SIGNATURES: usize = 100;
/// Authors who are compared with the members, those with the most work first.
const MAX_AUTHORS: usize = 200;

/// What is known of one author whom a member has.
struct Author<'h> {
    person: &'h Person,
    member: usize,
    work: f64,
    by_own_mailmap: bool,
}

/// Whether the repository's own mailmap alone gives a member much of the work, by authors who are like nobody of that name.
pub(crate) fn by_own_mailmap(
    history: &History,
    attributions: &[Attribution],
    identities: &Identities,
    team: &Team,
) -> Option<Sign> {
    if !identities.have_mailmaps() || team.members_from != MembersFrom::Roster || team.members.len() > MAX_COMPARED {
        return None;
    }
    let authors = authors_of(history, attributions, identities);
    if !authors.iter().any(|author| author.by_own_mailmap) {
        return None;
    }
    let mut signatures: Vec<Vec<&Person>> = vec![Vec::new(); team.members.len()];
    for author in authors.iter().filter(|author| !author.by_own_mailmap) {
        signatures[author.member].push(author.person);
    }
    let known: Vec<Known> = (team.members.iter().zip(&signatures))
        .map(|(member, signatures)| {
            let of_roster = member.emails.iter().map(|email| Person { name: String::new(), email: email.clone() });
            let mut known = Known::default();
            signatures.iter().for_each(|person| known.add(&Signed::of(person)));
            of_roster.for_each(|person| known.add(&Signed::of(&person)));
            known
        })
        .collect();
    signatures.iter_mut().for_each(|signatures| signatures.truncate(MAX_SIGNATURES));
    let profiles = profiles(&team.members, &signatures);
    let mut compared = 0;
    let unlike: Vec<&Author<'_>> = (authors.iter())
        .filter(|author| author.by_own_mailmap && author.work > 0.0)
        .filter(|author| {
            let member = &team.members[author.member];
            let signed = Signed::of(author.person);
            if known[author.member].shares(&signed) {
                return false;
            }
            // Whoever comes after so many is like nobody: many authors of little work are not left out.
            compared += 1;
            if compared > MAX_AUTHORS {
                return true;
            }
            let mut subject = Profile::default();
            subject.add(&signed);
            let likely = alike(&subject, &profiles, None);
            !likely.iter().any(|it| it.member == member.id && it.confidence >= Confidence::Likely)
        })
        .collect();
    let part = |member: usize| {
        let all: f64 = authors.iter().filter(|it| it.member == member).map(|it| it.work).sum();
        let given: f64 = unlike.iter().filter(|it| it.member == member).map(|it| it.work).sum();
        if all > 0.0 { given / all } else { 0.0 }
    };
    let members: BTreeSet<usize> = unlike.iter().map(|author| author.member).collect();
    let much: BTreeMap<usize, f64> =
        members.into_iter().map(|member| (member, part(member))).filter(|(_, part)| *part >= SUBSTANTIAL).collect();
    let most = much.values().copied().max_by(f64::total_cmp)?;
    let names: Vec<&str> = much.keys().map(|member| team.members[*member].name.as_str()).collect();
    let says = format!(
        "only the repository's own .mailmap says that these authors are {}, by up to {:.0}% of a member's work",
        names.join(", "),
        most * 100.0
    );
    let of_them = unlike.iter().filter(|author| much.contains_key(&author.member));
    let examples = of_them.take(EXAMPLES).map(|it| format!("{} ({})", it.person.name, it.person.email)).collect();
    Some(Sign { kind: SignKind::OwnMailmap, says, asks: true, examples })
}

/// All members' authors with their work, those with the most first.
fn authors_of<'h>(history: &'h History, attributions: &[Attribution], identities: &Identities) -> Vec<Author<'h>> {
    let mut found: BTreeMap<(&str, &str), Option<Author<'h>>> = BTreeMap::new();
    for (commit, attribution) in history.commits.iter().zip(attributions) {
        let person = &commit.author;
        let author = found.entry((person.name.as_str(), person.email.as_str())).or_insert_with(|| {
            let matched = identities.find(person)?;
            let by_own_mailmap = matches!(matched.by, By::Repository(_));
            Some(Author { person, member: matched.member, work: 0.0, by_own_mailmap })
        });
        if let Some(author) = author.as_mut().filter(|_| attribution.is_work()) {
            author.work += commit.change.own.work();
        }
    }
    let mut authors: Vec<Author<'h>> = found.into_values().flatten().collect();
    // Stable, so that equals stay in the order of their names.
    authors.sort_by(|a, b| b.work.total_cmp(&a.work));
    authors
}

/// What is known of a member's signatures.
#[derive(Default)]
struct Known {
    /// What stands before the `@`.
    locals: BTreeSet<String>,
    names: BTreeSet<String>,
}

impl Known {
    fn add(&mut self, signed: &Signed) {
        self.locals.extend(locals_of(signed));
        self.names.extend(signed.names.iter().map(|name| normal_name(name)));
    }

    /// Whether a signature has a name in common with them, or what stands before the `@`.
    fn shares(&self, signed: &Signed) -> bool {
        locals_of(signed).any(|local| self.locals.contains(&local))
            || signed.names.iter().any(|name| self.names.contains(&normal_name(name)))
    }
}

fn locals_of(signed: &Signed) -> impl Iterator<Item = String> {
    signed.addresses.iter().filter_map(|address| Some(address.split_once('@')?.0.to_owned()))
}
