//! Puts the measures of the history together.

use git2::{Oid, Repository};
use rayon::prelude::*;

use super::attribution::{self, Attribution};
use super::contribution::Sources;
use super::dates::rfc3339;
use super::home::Home;
use super::identities::{
    Identities, Mailmap, by_own_mailmap, co_authors_in, doubles_among, guess_unknown, has_address, is_bot, mailmap_at,
    members_among, other_committers, remaps,
};
use super::record::OwnLines;
use super::record::{History, Record};
use super::walk;
use super::walked::Walked;
use super::{
    aside, atomicity, blame, contribution, coordination, counted, hygiene, imports, messages, outside, provenance,
    signs, standing, unpacked, wording,
};
use stackmark_collect::Progress;
use stackmark_collect::counting::Counting;
use stackmark_evidence::git::{Commit, GitEvidence, Head, Person, Rated};
use stackmark_evidence::{Cause, Member, Reading, SetAside, Team, Unreadable};

/// Co-authors of one commit who can become members of a history: nobody pairs with more.
const MAX_CO_AUTHORS: usize = 16;

/// Measures the history that is reachable from `head` and not from `base_commit`.
///
/// `source` and `head` of the result are left to the caller. Where the history is cut (a shallow clone) or an object that
/// counts is missing or damaged, every reading of the history is `Unreadable` and says which commit; what was committed
/// by mistake is then read from the graded tree alone, and says so.
pub fn measure(
    repo: &Repository,
    head: &Head,
    team: &Team,
    base_commit: Option<&str>,
    progress: &dyn Progress,
) -> GitEvidence {
    measure_with(repo, head, team, base_commit, &Mailmap::default(), progress)
}

/// The same, with the instructor's mailmap.
pub fn measure_with(
    repo: &Repository,
    head: &Head,
    team: &Team,
    base_commit: Option<&str>,
    mailmap: &Mailmap,
    progress: &dyn Progress,
) -> GitEvidence {
    let folder = team.folder.as_deref();
    let counting = counted::at(repo, &head.commit, folder, Counting::default());
    Walked::read(repo, head, base_commit, folder, &counting, progress).measure(team, mailmap, progress)
}

/// What a team did in a history that was read.
pub(super) fn measure_walked(
    walked: Walked<'_>,
    team: &Team,
    mailmap: &Mailmap,
    progress: &dyn Progress,
) -> GitEvidence {
    let Walked { repo, head, base_commit, counting, history, .. } = walked;
    let mut evidence = GitEvidence::default();
    progress.step("looking for secrets");
    let now = jiff::Timestamp::now().as_second();
    evidence.hygiene = hygiene::measure(repo, &head.commit, history.as_ref(), counting, now);
    let measured = history.and_then(|history| {
        let subject = Subject { repo, head, base_commit, team, mailmap, counting, progress, now };
        subject.measure(history, &mut evidence)
    });
    if let Err(failure) = measured {
        evidence.commits = Reading::Unreadable(failure.clone());
        evidence.contribution = Reading::Unreadable(failure.clone());
        evidence.atomicity = Reading::Unreadable(failure.clone());
        evidence.messages = Reading::Unreadable(failure.clone());
        evidence.coordination = Reading::Unreadable(failure.clone());
        evidence.outside = Reading::Unreadable(failure);
    }
    evidence
}

/// What is measured, and for whom.
struct Subject<'s> {
    repo: &'s Repository,
    head: &'s Head,
    base_commit: Option<&'s str>,
    team: &'s Team,
    mailmap: &'s Mailmap,
    counting: &'s Counting,
    progress: &'s dyn Progress,
    /// Seconds since the epoch.
    now: i64,
}

impl Subject<'_> {
    fn measure(&self, mut history: History, evidence: &mut GitEvidence) -> Result<(), Unreadable> {
        let Self { repo, head, base_commit, team, mailmap, counting, progress, now } = *self;
        progress.step("crediting the commits");
        let folder = team.folder.as_deref();
        let identities = Identities::new(&team.members).with_mailmaps(mailmap, mailmap_at(repo, &head.commit));
        let mut attributions: Vec<Attribution> =
            history.commits.par_iter().map(|commit| Attribution::of(commit, &identities)).collect();
        let authors = attribution::author_numbers(&history, &attributions);
        let starter = standing::starter_lines(repo, base_commit, folder, counting)?;
        let provenance = provenance::trace(&history, &authors, &starter);
        for (commit, tally) in history.commits.iter_mut().zip(&provenance.tallies) {
            commit.change.own = OwnLines { added: tally.added, deleted: tally.deleted };
        }
        attribution::settle(&mut attributions, &history, &provenance.tallies);
        let (history, attributions) = (&history, attributions.as_slice());
        progress.step("following the surviving lines");
        let standing = standing::files(repo, &head.commit, folder, counting)?;
        let sources = Sources {
            history,
            attributions,
            provenance: &provenance,
            standing: &standing,
            survivors: &blame::survivors(repo, history, &standing)?,
        };
        evidence.contribution = contribution::measure(&sources, team);
        if let Reading::Observed { value } = &mut evidence.contribution {
            value.remapped = remaps(history, &identities);
            value.other_committers = other_committers(history, &identities);
            guess_unknown(&mut value.unmapped, history, &identities, &team.members);
        }

        progress.step("rating commits and messages");
        let (atomic, message) = (atomicity::rate(history), messages::rate(history, &provenance.tallies));
        evidence.atomicity = match atomicity::summary(history, attributions, &atomic) {
            Some(atomicity) => Reading::observed(atomicity),
            None => attribution::by_nobody_known(attributions).map_or_else(
                || Reading::absent("no commit by a person changed a line of a file that counts"),
                Reading::Unreadable,
            ),
        };
        evidence.messages = messages::summary(history, attributions, &message);
        if let Reading::Observed { value } = &mut evidence.messages {
            wording::add_examples(repo, history, counting, value);
        }
        progress.step("comparing members and branches");
        evidence.coordination = coordination::measure(repo, head, history, attributions, &identities, team, now)
            .unwrap_or_else(Reading::Unreadable);
        if let Reading::Observed { value } = &mut evidence.coordination {
            value.doubles = doubles_among(team);
        }
        let outside = outside::measure(repo, head, base_commit, (history, attributions), &identities, team, counting);
        let single = history.commits.iter().filter(|commit| !commit.is_merge()).count() as u64;
        let of_branches =
            outside.as_ref().ok().and_then(|found| aside::of_branches(&found.listed, found.in_time, single));
        if let Some(set_aside) = of_branches {
            evidence.set_aside.insert("head".to_owned(), vec![set_aside]);
        }
        let of_members = outside.as_ref().ok().and_then(|found| aside::of_members_elsewhere(&found.listed));
        let of_days = outside
            .as_ref()
            .ok()
            .and_then(|found| aside::of_days_elsewhere(&found.listed, found.in_time, found.further_days, head));
        evidence.outside = outside.map(|found| found.listed).into();
        let mut of_history = aside::of_history(repo, head, history, attributions);
        of_history.extend(imports::set_aside(history, attributions, (&identities, team)));
        let unpacked = unpacked::set_aside(repo, head, history, attributions);
        for reading in aside::READINGS {
            let of_members = of_members.iter().filter(|_| aside::BY_MEMBER.contains(&reading));
            let unpacked = unpacked.iter().filter(|_| aside::BY_MEMBER.contains(&reading));
            let of_days = of_days.iter().filter(|_| reading == aside::OF_DAYS);
            let set_aside: Vec<SetAside> =
                of_history.iter().chain(of_members).chain(unpacked).chain(of_days).cloned().collect();
            if !set_aside.is_empty() {
                evidence.set_aside.insert(reading.to_owned(), set_aside);
            }
        }
        let pace = evidence.coordination.value().and_then(|coordination| coordination.pace.as_ref());
        let own_word = by_own_mailmap(history, attributions, &identities, team);
        let own_word = own_word.map(|sign| (sign, &signs::BY_MEMBER[..]));
        for (sign, readings) in signs::of(history, attributions, pace).into_iter().chain(own_word) {
            for reading in readings {
                evidence.signs.entry((*reading).to_owned()).or_default().push(sign.clone());
            }
        }
        let commits = history.commits.iter().zip(attributions).zip(message.iter().zip(&atomic));
        let commits = commits.map(|((commit, attribution), (message, atomic))| {
            as_evidence(commit, attribution, &identities, (message.rated(), atomic.rated()))
        });
        evidence.commits = Reading::observed(commits.collect());
        Ok(())
    }
}

fn as_evidence(
    commit: &Record,
    attribution: &Attribution,
    identities: &Identities,
    (message, atomic): (Rated, Rated),
) -> Commit {
    Commit {
        id: commit.id.to_string(),
        parents: commit.parents.len() as u64,
        author: commit.author.clone(),
        committer: commit.committer.clone(),
        authored_at: rfc3339(commit.authored),
        committed_at: rfc3339(commit.committed),
        member: attribution.author_member().map(|member| identities.id(member)),
        co_authors: attribution.co_authors.iter().map(|member| identities.id(*member)).collect(),
        programs: attribution.programs().into_iter().map(|program| program.name.clone()).collect(),
        subject: commit.subject.clone(),
        body: commit.body.clone(),
        files: commit.change.files.len() as u64,
        added: commit.change.added(),
        deleted: commit.change.deleted(),
        message,
        atomic,
    }
}

/// The people of the history, for use where there is no roster: authors and co-authors, one member each, by name.
///
/// Identities are one person's where they share an address, a forge login or a name, or the repository's `.mailmap` says
/// so; programs are left out.
///
/// # Errors
/// `Malformed` where the history is cut or a commit cannot be read.
pub fn members_from_history(
    repo: &Repository,
    head: &Head,
    base_commit: Option<&str>,
) -> Result<Vec<Member>, Unreadable> {
    members_from_history_with(repo, head, base_commit, None, &Mailmap::default())
}

/// The same of the commits that change a file of `folder`, with a mailmap that comes before the repository's own.
///
/// Who only merged, or changed nothing, is nobody here: nobody said that they are of the team. Where no commit changes
/// anything, all count.
///
/// # Errors
/// As [`members_from_history`].
pub fn members_from_history_with(
    repo: &Repository,
    head: &Head,
    base_commit: Option<&str>,
    folder: Option<&str>,
    mailmap: &Mailmap,
) -> Result<Vec<Member>, Unreadable> {
    let ids = walk::ids(repo, &head.commit, base_commit)?;
    // Where the folder cannot be followed, everybody may have worked in it.
    let home = Home::trace(repo, &ids, folder).unwrap_or_default();
    let changes = |position, id| home.is_changed_by(repo, id, position).unwrap_or(true);
    members_by(repo, head, mailmap, ids.into_iter().enumerate().map(|(position, id)| (id, changes(position, id))))
}

/// The people of `commits`, newest first, each with whether it changes a file of the graded folder.
///
/// # Errors
/// `Malformed` where a commit cannot be read.
pub(super) fn members_by(
    repo: &Repository,
    head: &Head,
    mailmap: &Mailmap,
    commits: impl Iterator<Item = (Oid, bool)>,
) -> Result<Vec<Member>, Unreadable> {
    let own = mailmap_at(repo, &head.commit);
    let own_word = |person: &Person| if is_bot(person) { None } else { own.resolve(person) };
    let (mut seen, mut others) = (Vec::new(), Vec::new());
    for (id, changes) in commits {
        let (author, message) = walk::people_of(repo, id).map_err(|error| {
            Unreadable::new(Cause::Malformed, format!("commit {id} cannot be read: {}", error.message()))
        })?;
        let people = if changes { &mut seen } else { &mut others };
        // A name alone is nobody whom the history does not show otherwise.
        let co_authors = co_authors_in(&message, &|_| false).into_iter().filter(has_address).take(MAX_CO_AUTHORS);
        for person in std::iter::once(author).chain(co_authors) {
            // What a mailmap gives away is left to it: then it is seen, and said, that it decided.
            people.push(match mailmap.resolve(&person).or_else(|| own_word(&person)) {
                Some(to) if to.email.eq_ignore_ascii_case(&person.email) => {
                    Person { name: to.name, email: String::new() }
                }
                Some(to) => to,
                None => person,
            });
        }
    }
    Ok(members_among(if seen.is_empty() { &others } else { &seen }))
}
