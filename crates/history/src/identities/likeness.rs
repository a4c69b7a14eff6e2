//! Which members may be one person, and which member an unknown author very likely is: guesses, for a person to decide.
//!
//! Nobody gains or loses anything by them. A list of members that holds somebody twice halves that person's share, and so
//! does an address that the list lacks; where a guess says that this may be so, what rests on the shares waits. A roster is
//! somebody's word, and so only what is very likely doubts it; and it has the last one, by [`Team::distinct`].

use std::collections::{BTreeMap, BTreeSet};

use super::matching::Identities;
use super::names::{Signed, address_in, logins_of, unspaced, words_of};
use super::nobody::is_of_a_machine;
use super::suggest::{Profile, alike, suggest};
use crate::record::History;
use stackmark_evidence::git::{Double, Person, UnmappedAuthor};
use stackmark_evidence::identities::Confidence;
use stackmark_evidence::{Member, MembersFrom, Team};

/// Members that are compared with each other: beyond, it is no team, and everybody resembles somebody.
pub(super) const MAX_COMPARED: usize = 100;

/// Unknown authors who are compared, those with the most work first: a history can hold any number.
const MAX_GUESSED: usize = 100;

/// Where everybody can have any number of addresses.
const PUBLIC_HOSTS: [&str; 32] = [
    "aol.com",
    "bluewin.ch",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.fr",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.com",
    "live.fr",
    "mac.com",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "outlook.fr",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "sfr.fr",
    "web.de",
    "yahoo.com",
    "yahoo.fr",
];

/// Members of a team who may be one person, each pair once: the later in their order with the earlier.
pub(crate) fn doubles_among(team: &Team) -> Vec<Double> {
    match team.members_from {
        MembersFrom::History => doubles(&team.members, Confidence::Likely, &team.distinct),
        MembersFrom::Roster => doubles_in_roster(&team.members, &team.distinct),
    }
}

/// The same of a roster's members, two of `distinct` aside, and two whom one institution gave an address each: Jean and
/// Jeanne Tremblay, An Li and Li An.
pub fn doubles_in_roster(members: &[Member], distinct: &[String]) -> Vec<Double> {
    let member = |id: &str| members.iter().find(|member| member.id == id);
    let mut found = doubles(members, Confidence::VeryLikely, distinct);
    found.retain(|it| !member(&it.member).zip(member(&it.of)).is_some_and(|(one, other)| are_two_people(one, other)));
    found
}

/// Whether two members each have a whole name and an address of their own at one host, public mail and forges aside. A list
/// that was made of a history holds a login alone as a name.
fn are_two_people(one: &Member, other: &Member) -> bool {
    let is_whole = |member: &Member| words_of(&member.name).len() > 1 || unspaced(&member.name).is_some();
    let hosts = |member: &Member| -> BTreeSet<String> {
        let addresses = member.emails.iter().flat_map(|email| email.split_whitespace()).filter_map(address_in);
        let own = addresses.filter(|address| logins_of(address).is_empty() && !is_of_a_machine(address));
        let hosts = own.filter_map(|address| address.split_once('@').map(|(_, host)| host.to_owned()));
        hosts.filter(|host| !PUBLIC_HOSTS.contains(&host.as_str())).collect()
    };
    is_whole(one) && is_whole(other) && !hosts(one).is_disjoint(&hosts(other))
}

fn doubles(members: &[Member], least: Confidence, distinct: &[String]) -> Vec<Double> {
    if members.len() > MAX_COMPARED {
        return Vec::new();
    }
    let profiles = profiles(members, &[]);
    let mut pairs: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (at, (_, profile)) in profiles.iter().enumerate() {
        let others: Vec<(&str, Profile)> =
            (profiles.iter().enumerate()).filter(|(other, _)| *other != at).map(|(_, it)| it.clone()).collect();
        for suggestion in alike(profile, &others, None) {
            let of = members.iter().position(|member| member.id == suggestion.member);
            if let Some(of) = of.filter(|_| suggestion.confidence >= least) {
                pairs.insert((at.max(of), at.min(of)));
            }
        }
    }
    let is_distinct = |at: usize| distinct.contains(&members[at].id);
    pairs.retain(|(member, of)| !is_distinct(*member) || !is_distinct(*of));
    let id = |at: usize| members[at].id.clone();
    pairs.into_iter().map(|(member, of)| Double { member: id(member), of: id(of) }).collect()
}

/// Says of each unknown author with work which member that very likely is, as `stackmark identities` suggests it.
pub(crate) fn guess_unknown(
    authors: &mut [UnmappedAuthor],
    history: &History,
    identities: &Identities,
    members: &[Member],
) {
    if members.len() > MAX_COMPARED || !authors.iter().any(has_work) {
        return;
    }
    let signed: BTreeMap<(&str, &str), &Person> = (history.commits.iter())
        .map(|commit| ((commit.author.name.as_str(), commit.author.email.as_str()), &commit.author))
        .collect();
    let mut signatures: Vec<Vec<&Person>> = vec![Vec::new(); members.len()];
    for person in signed.into_values() {
        if let Some(member) = identities.member_of(person) {
            signatures[member].push(person);
        }
    }
    let profiles = profiles(members, &signatures);
    for author in authors.iter_mut().filter(|author| has_work(author)).take(MAX_GUESSED) {
        let mut subject = Profile::default();
        subject.add(&Signed::of(&author.person));
        let suggested = suggest(&subject, &profiles, None).into_iter();
        let mut very_likely = suggested.filter(|it| it.confidence == Confidence::VeryLikely);
        author.likely_member = very_likely.next().map(|it| it.member);
    }
}

fn has_work(author: &UnmappedAuthor) -> bool {
    author.work > 0.0 || author.surviving > 0.0
}

/// What the roster says of each member, and the signatures of the history that are theirs.
pub(super) fn profiles<'m>(members: &'m [Member], signatures: &[Vec<&Person>]) -> Vec<(&'m str, Profile)> {
    (members.iter().enumerate())
        .map(|(at, member)| {
            let mut profile = Profile::default();
            for name in std::iter::once(&member.name).chain(&member.aliases) {
                profile.add_name(name);
            }
            for email in &member.emails {
                profile.add(&Signed::of(&Person { name: String::new(), email: email.clone() }));
            }
            member.login.iter().for_each(|login| profile.add_login(login));
            for person in signatures.get(at).into_iter().flatten() {
                profile.add(&Signed::of(person));
            }
            (member.id.as_str(), profile)
        })
        .collect()
}
