//! Members as a roster and a mailmap should have them, after what the history shows.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{Signed, logins_of, normal_name};
use super::nobody::{is_nobodys_name, is_of_a_machine};
use stackmark_evidence::closed::IdentifiedBy;
use stackmark_evidence::git::Person;
use stackmark_evidence::identities::Identity;
use stackmark_evidence::{Member, MembersFrom};

/// Who has which address and which name; `None` is nobody.
#[derive(Debug, Default)]
pub(super) struct Owners {
    addresses: BTreeMap<String, BTreeSet<Option<usize>>>,
    names: BTreeMap<String, BTreeSet<Option<usize>>>,
}

impl Owners {
    /// Of the identities of all members, and of the people whom no member owns.
    pub(super) fn of<'p>(members: &[Vec<Identity>], nobodys: impl Iterator<Item = &'p Person>) -> Self {
        let mut owners = Self::default();
        for (member, identities) in members.iter().enumerate() {
            identities.iter().for_each(|identity| owners.add(&identity.person, Some(member)));
        }
        nobodys.for_each(|person| owners.add(person, None));
        owners
    }

    fn add(&mut self, person: &Person, owner: Option<usize>) {
        let signed = Signed::of(person);
        for address in signed.addresses {
            self.addresses.entry(address).or_default().insert(owner);
        }
        for name in signed.names {
            self.names.entry(normal_name(&name)).or_default().insert(owner);
        }
    }

    fn is_of_one(owners: Option<&BTreeSet<Option<usize>>>) -> bool {
        owners.is_some_and(|owners| owners.len() == 1)
    }
}

/// The member's name with the address to use: the roster's first, or else the one that signs most commits; one that a
/// person chose before those of machines and forges.
pub(super) fn proper(from: MembersFrom, member: &Member, identities: &[Identity]) -> Person {
    let signed = identities.iter().flat_map(|identity| Signed::of(&identity.person).addresses);
    let written = member.emails.iter().cloned();
    let known: Vec<String> = match from {
        MembersFrom::Roster => written.chain(signed).collect(),
        MembersFrom::History => signed.chain(written).collect(),
    };
    let chosen = known.iter().find(|address| !is_of_a_machine(address) && logins_of(address).is_empty());
    Person { name: member.name.clone(), email: chosen.or(known.first()).cloned().unwrap_or_default() }
}

/// The member with the addresses and names that are nobody else's. Those that machines give are left out, but for the ones
/// that the roster or a mailmap names; and what only the team's own `.mailmap` says is for a person to decide.
pub(super) fn entry(member: &Member, identities: &[Identity], owners: &Owners) -> Member {
    let mut entry = member.clone();
    let mut addresses: BTreeSet<String> = entry.emails.iter().map(|email| email.trim().to_lowercase()).collect();
    let mut names: BTreeSet<String> =
        std::iter::once(&entry.name).chain(&entry.aliases).chain(&entry.login).map(|name| normal_name(name)).collect();
    for identity in identities.iter().filter(|identity| identity.by != IdentifiedBy::RepositoryMailmap) {
        let signed = Signed::of(&identity.person);
        for address in signed.addresses {
            let chosen = !is_of_a_machine(&address) || identity.by == IdentifiedBy::Mailmap;
            if chosen && Owners::is_of_one(owners.addresses.get(&address)) && addresses.insert(address.clone()) {
                if entry.login.is_none() {
                    entry.login = logins_of(&address).pop();
                }
                entry.emails.push(address);
            }
        }
        for name in signed.names.into_iter().filter(|name| !is_nobodys_name(name)) {
            let normal = normal_name(&name);
            if Owners::is_of_one(owners.names.get(&normal)) && names.insert(normal) {
                entry.aliases.push(name);
            }
        }
    }
    entry
}
