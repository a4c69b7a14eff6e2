//! All identities of a team's history: whose they are and why, and whose those may be that are nobody's.

use std::collections::{BTreeMap, BTreeSet};

use git2::Repository;

use super::entries;
use super::facts::mailmap_at;
use super::likeness::{MAX_COMPARED, doubles_among, profiles};
use super::mailmap::Mailmap;
use super::matching::{By, Identities};
use super::names::{Signed, address_in, logins_of, normal_name};
use super::nobody::joining_keys;
use super::programs::is_bot;
use super::suggest::{Profile, alike, suggest};
use super::trailers::co_authors_in;
use crate::record::History;
use crate::{rounded, walk};
use stackmark_collect::Progress;
use stackmark_evidence::closed::{IdentifiedBy, RosterField};
use stackmark_evidence::git::{Head, Person};
use stackmark_evidence::identities::{Identity, MemberIdentities, TeamIdentities, Unit, UnmappedIdentity, Unmatched};
use stackmark_evidence::{Cause, Member, MembersFrom, Team, Unreadable};

/// What the caller knows of the team.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// The team; without a roster, with the members of its history.
    pub team: &'a Team,
    /// Address or path of the repository, without any credentials in it.
    pub repository: &'a str,
    /// Starter code: this commit and its ancestors are left out.
    pub base_commit: Option<&'a str>,
    /// The instructor's mailmap.
    pub mailmap: &'a Mailmap,
}

/// What one identity did.
#[derive(Debug, Clone)]
struct Tally {
    person: Person,
    commits: u64,
    co_authored: u64,
    added: u64,
    /// Members who committed what it authored; `None` for anyone else.
    committers: BTreeSet<Option<usize>>,
}

/// One commit, as far as identities go.
struct Signatures {
    author: Person,
    committer: Option<Person>,
    message: String,
    added: u64,
}

/// Lists the identities of the history that is reachable from `head` and not from the base commit.
///
/// # Errors
/// `Malformed` where the history is cut or a commit cannot be read. Where only files cannot, shares are parts of the
/// commits.
pub fn list(
    repo: &Repository,
    head: &Head,
    listed: Listed<'_>,
    progress: &dyn Progress,
) -> Result<TeamIdentities, Unreadable> {
    let Listed { team, base_commit, .. } = listed;
    let (commits, unread) = match walk::read(repo, &head.commit, base_commit, team.folder.as_deref(), progress) {
        Ok(history) => (of_history(history), None),
        Err(failure) => (without_lines(repo, head, base_commit)?, Some(failure.detail)),
    };
    let identities = Identities::new(&team.members).with_mailmaps(listed.mailmap, mailmap_at(repo, &head.commit));
    let tallies = tallied(&commits, &identities);
    let added: u64 = commits.iter().map(|commit| commit.added).sum();
    let (unit, whole) = if added > 0 { (Unit::AddedLines, added) } else { (Unit::Commits, commits.len() as u64) };
    let share = |tally: &Tally| {
        let part = if unit == Unit::AddedLines { tally.added } else { tally.commits };
        if whole > 0 { part as f64 / whole as f64 } else { 0.0 }
    };

    let mut of_members: Vec<Vec<Identity>> = vec![Vec::new(); team.members.len()];
    let (mut people, mut machines, mut bots) = (Vec::new(), Vec::new(), Vec::new());
    for tally in &tallies {
        match identities.find(&tally.person) {
            Some(found) => {
                let (by, to) = match found.by {
                    By::Address => (IdentifiedBy::Address, None),
                    By::Login => (IdentifiedBy::Login, None),
                    By::Name => (IdentifiedBy::Name, None),
                    By::Instructor(to) => (IdentifiedBy::Mailmap, Some(to)),
                    By::Repository(to) => (IdentifiedBy::RepositoryMailmap, Some(to)),
                };
                of_members[found.member].push(Identity {
                    person: tally.person.clone(),
                    commits: tally.commits,
                    co_authored: tally.co_authored,
                    share: rounded(share(tally)),
                    by,
                    to,
                });
            }
            None if is_bot(&tally.person) => bots.push(tally),
            None if joining_keys(&Signed::of(&tally.person)).is_empty() => machines.push(tally),
            None => people.push(tally),
        }
    }
    let without_member: Vec<Person> =
        people.iter().chain(&machines).chain(&bots).map(|tally: &&Tally| tally.person.clone()).collect();
    let nobodys: f64 = people.iter().chain(&machines).map(|tally| share(tally)).sum();
    let signatures: Vec<Vec<&Person>> =
        (of_members.iter()).map(|identities| identities.iter().map(|identity| &identity.person).collect()).collect();
    let profiles = profiles(&team.members, &signatures);
    let unmapped = |tallies: Vec<&Tally>, guess: bool| {
        let mut list: Vec<UnmappedIdentity> = (tallies.into_iter())
            .map(|tally| UnmappedIdentity {
                person: tally.person.clone(),
                commits: tally.commits,
                co_authored: tally.co_authored,
                share: rounded(share(tally)),
                suggestions: if guess { suggestions(tally, &profiles) } else { Vec::new() },
            })
            .collect();
        // Stable, so that equals stay in the order of their names.
        list.sort_by(|a, b| b.share.total_cmp(&a.share).then(b.commits.cmp(&a.commits)));
        list
    };
    let (unmapped_people, unmapped_machines, bots) =
        (unmapped(people, true), unmapped(machines, true), unmapped(bots, false));
    Ok(TeamIdentities {
        team: team.id.clone(),
        name: team.name.clone(),
        members_from: team.members_from,
        repository: listed.repository.to_owned(),
        commit: head.commit.clone(),
        folder: team.folder.clone(),
        base_commit: base_commit.map(str::to_owned),
        commits: commits.len() as u64,
        unit,
        whole,
        unread,
        unmatched: if team.members_from == MembersFrom::Roster {
            unmatched(&team.members, &tallies)
        } else {
            Vec::new()
        },
        members: members(team, of_members, &without_member, &profiles),
        unmapped: unmapped_people,
        machines: unmapped_machines,
        bots,
        nobodys_share: rounded(nobodys),
    })
}

/// The people whom a mailmap leads to and who are none of these members.
pub fn strangers_in(mailmap: &Mailmap, members: &[Member]) -> Vec<Person> {
    let identities = Identities::new(members);
    mailmap.targets().into_iter().filter(|person| !identities.knows(person)).collect()
}

fn of_history(history: History) -> Vec<Signatures> {
    (history.commits.into_iter())
        .map(|commit| Signatures {
            added: commit.change.added(),
            message: commit.message(),
            author: commit.author,
            committer: Some(commit.committer),
        })
        .collect()
}

/// Whoever signed, where files of the history cannot be read.
fn without_lines(repo: &Repository, head: &Head, base: Option<&str>) -> Result<Vec<Signatures>, Unreadable> {
    let signatures = |id| {
        let (author, message) = walk::people_of(repo, id).map_err(|error| {
            Unreadable::new(Cause::Malformed, format!("commit {id} cannot be read: {}", error.message()))
        })?;
        Ok(Signatures { author, committer: None, message, added: 0 })
    };
    walk::ids(repo, &head.commit, base)?.into_iter().map(signatures).collect()
}

fn tallied(commits: &[Signatures], identities: &Identities) -> Vec<Tally> {
    let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
    let mut of = |person: &Person, note: &dyn Fn(&mut Tally)| {
        let key = (person.name.clone(), person.email.to_lowercase());
        note(tallies.entry(key).or_insert_with(|| Tally {
            person: person.clone(),
            commits: 0,
            co_authored: 0,
            added: 0,
            committers: BTreeSet::new(),
        }));
    };
    for commit in commits {
        let committer = commit.committer.as_ref().and_then(|committer| identities.member_of(committer));
        of(&commit.author, &|tally| {
            tally.commits += 1;
            tally.added += commit.added;
            tally.committers.insert(committer);
        });
        let known = |person: &Person| identities.member_of(person).is_some();
        for person in co_authors_in(&commit.message, &known) {
            of(&person, &|tally| tally.co_authored += 1);
        }
    }
    tallies.into_values().collect()
}

fn suggestions(tally: &Tally, profiles: &[(&str, Profile)]) -> Vec<stackmark_evidence::identities::Suggestion> {
    let mut subject = Profile::default();
    subject.add(&Signed::of(&tally.person));
    let committer = match tally.committers.iter().collect::<Vec<_>>()[..] {
        [Some(member)] => profiles.get(*member).map(|(id, _)| *id),
        _ => None,
    };
    suggest(&subject, profiles, committer)
}

fn members(
    team: &Team,
    identities: Vec<Vec<Identity>>,
    nobodys: &[Person],
    profiles: &[(&str, Profile)],
) -> Vec<MemberIdentities> {
    let commits: Vec<u64> =
        identities.iter().map(|identities| identities.iter().map(|identity| identity.commits).sum()).collect();
    let owners = entries::Owners::of(&identities, nobodys.iter());
    let guessed = team.members_from == MembersFrom::History;
    let doubles = if guessed { Vec::new() } else { doubles_among(team) };
    let is_double =
        |a: &str, b: &str| doubles.iter().any(|it| (it.member == a && it.of == b) || (it.member == b && it.of == a));
    let is_compared = |a: &str, b: &str| {
        if guessed { team.members.len() <= MAX_COMPARED } else { is_double(a, b) }
    };
    (team.members.iter().zip(identities).enumerate())
        .map(|(at, (member, mut identities))| {
            // Stable, so that equals stay in the order of their names.
            identities.sort_by_key(|identity| std::cmp::Reverse((identity.commits, identity.co_authored)));
            // Each pair once: whoever did less may be whoever did more.
            let others: Vec<(&str, Profile)> = (profiles.iter().enumerate())
                .filter(|(other, (id, _))| (commits[*other], at) > (commits[at], *other) && is_compared(id, &member.id))
                .map(|(_, profile)| profile.clone())
                .collect();
            MemberIdentities {
                member: member.id.clone(),
                name: member.name.clone(),
                proper: entries::proper(team.members_from, member, &identities),
                entry: entries::entry(member, &identities, &owners),
                suggestions: if guessed {
                    suggest(&profiles[at].1, &others, None)
                } else {
                    alike(&profiles[at].1, &others, None)
                },
                identities,
            }
        })
        .collect()
}

/// What the roster says of members and no identity has.
fn unmatched(members: &[Member], tallies: &[Tally]) -> Vec<Unmatched> {
    let signed: Vec<Signed> = tallies.iter().map(|tally| Signed::of(&tally.person)).collect();
    let addresses: BTreeSet<&str> = signed.iter().flat_map(|signed| &signed.addresses).map(String::as_str).collect();
    let logins: BTreeSet<String> = addresses.iter().flat_map(|address| logins_of(address)).collect();
    let names: BTreeSet<String> =
        signed.iter().flat_map(|signed| &signed.names).map(|name| normal_name(name)).collect();
    let mut found = Vec::new();
    for member in members {
        let mut missing = |kind: RosterField, value: &str| {
            found.push(Unmatched { member: member.id.clone(), kind, value: value.to_owned() });
        };
        for email in &member.emails {
            if !address_in(email).is_some_and(|address| addresses.contains(address.as_str())) {
                missing(RosterField::Address, email);
            }
        }
        for alias in member.aliases.iter().filter(|alias| !names.contains(&normal_name(alias))) {
            missing(RosterField::Alias, alias);
        }
        let signs =
            |login: &&String| logins.contains(&login.trim().to_lowercase()) || names.contains(&normal_name(login));
        if let Some(login) = member.login.as_ref().filter(|login| !signs(login)) {
            missing(RosterField::Login, login);
        }
    }
    found
}
