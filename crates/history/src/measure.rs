//! Puts the measures of the history together.

use git2::Repository;

use super::contribution::{OwnLines, Owners, Sources};
use super::dates::rfc3339;
use super::identities::{
    Identities, Mailmap, co_authors_in, is_bot, mailmap_at, members_among, other_committers, remaps,
};
use super::walk::{self, History, Record};
use super::{atomicity, blame, contribution, coordination, hygiene, messages, outside, provenance, standing, wording};
use stackmark_collect::Progress;
use stackmark_evidence::git::{Commit, GitEvidence, Head, Person, Rated};
use stackmark_evidence::{Cause, Member, Reading, Team, Unreadable};

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
    let mut evidence = GitEvidence::default();
    progress.step("reading the history");
    let history = walk::read(repo, &head.commit, base_commit, folder, progress);
    progress.step("looking for secrets");
    let now = jiff::Timestamp::now().as_second();
    evidence.hygiene = hygiene::measure(repo, &head.commit, folder, history.as_ref(), now);
    let measured = history.and_then(|history| {
        progress.step("following the lines that stand");
        let subject = Subject { repo, head, base_commit, team, mailmap };
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
}

impl Subject<'_> {
    fn measure(&self, mut history: History, evidence: &mut GitEvidence) -> Result<(), Unreadable> {
        let Self { repo, head, base_commit, team, mailmap } = *self;
        let folder = team.folder.as_deref();
        let identities = Identities::new(&team.members).with_mailmaps(mailmap, mailmap_at(repo, &head.commit));
        let owners: Vec<Owners> = history.commits.iter().map(|commit| Owners::of(commit, &identities)).collect();
        let authors = contribution::author_numbers(&history, &owners);
        let starter = standing::starter_lines(repo, base_commit, folder)?;
        let provenance = provenance::trace(&history, &authors, &starter);
        for (commit, tally) in history.commits.iter_mut().zip(&provenance.tallies) {
            commit.change.own = OwnLines { added: tally.added, deleted: tally.deleted };
        }
        let history = &history;
        let standing = standing::files(repo, &head.commit, folder)?;
        let sources = Sources {
            history,
            owners: &owners,
            provenance: &provenance,
            standing: &standing,
            survivors: &blame::survivors(repo, history, &standing)?,
        };
        evidence.contribution = contribution::measure(&sources, team);
        if let Reading::Observed { value } = &mut evidence.contribution {
            value.remapped = remaps(history, &identities);
            value.other_committers = other_committers(history, &identities);
        }

        let (atomic, message) = (atomicity::rate(history), messages::rate(history));
        evidence.atomicity = match atomicity::summary(history, &atomic) {
            Some(atomicity) => Reading::observed(atomicity),
            None => Reading::absent("no commit changed a line of a file that counts"),
        };
        evidence.messages = messages::summary(history, &message);
        if let Reading::Observed { value } = &mut evidence.messages {
            wording::add_examples(repo, history, value);
        }
        evidence.coordination =
            coordination::measure(repo, head, history, &owners, &identities, team).unwrap_or_else(Reading::Unreadable);
        evidence.outside = outside::measure(repo, head, base_commit, history, &owners, &identities, team).into();
        let commits = history.commits.iter().zip(&owners).zip(message.iter().zip(&atomic));
        let commits = commits.map(|((commit, owners), (message, atomic))| {
            as_evidence(commit, owners, &identities, (message.rated(), atomic.rated()))
        });
        evidence.commits = Reading::observed(commits.collect());
        Ok(())
    }
}

fn as_evidence(commit: &Record, owners: &Owners, identities: &Identities, (message, atomic): (Rated, Rated)) -> Commit {
    Commit {
        id: commit.id.to_string(),
        parents: commit.parents.len() as u64,
        author: commit.author.clone(),
        committer: commit.committer.clone(),
        authored_at: rfc3339(commit.authored),
        committed_at: rfc3339(commit.committed),
        member: owners.author.map(|member| identities.id(member)),
        co_authors: owners.co_authors.iter().map(|member| identities.id(*member)).collect(),
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
/// so; bots are left out.
///
/// # Errors
/// `Malformed` where the history is cut or a commit cannot be read.
pub fn members_from_history(
    repo: &Repository,
    head: &Head,
    base_commit: Option<&str>,
) -> Result<Vec<Member>, Unreadable> {
    members_from_history_with(repo, head, base_commit, &Mailmap::default())
}

/// The same, with a mailmap that comes before the repository's own.
///
/// # Errors
/// As [`members_from_history`].
pub fn members_from_history_with(
    repo: &Repository,
    head: &Head,
    base_commit: Option<&str>,
    mailmap: &Mailmap,
) -> Result<Vec<Member>, Unreadable> {
    let own = mailmap_at(repo, &head.commit);
    let own_word = |person: &Person| if is_bot(person) { None } else { own.resolve(person) };
    let mut seen = Vec::new();
    for id in walk::ids(repo, &head.commit, base_commit)? {
        let (author, message) = walk::people_of(repo, id).map_err(|error| {
            Unreadable::new(Cause::Malformed, format!("commit {id} cannot be read: {}", error.message()))
        })?;
        for person in std::iter::once(author).chain(co_authors_in(&message)) {
            // What a mailmap gives away is left to it: then it is seen, and said, that it decided.
            seen.push(match mailmap.resolve(&person).or_else(|| own_word(&person)) {
                Some(to) if to.email.eq_ignore_ascii_case(&person.email) => {
                    Person { name: to.name, email: String::new() }
                }
                Some(to) => to,
                None => person,
            });
        }
    }
    Ok(members_among(&seen))
}
