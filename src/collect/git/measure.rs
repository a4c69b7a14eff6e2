//! Puts the measures of the history together.

use git2::Repository;

use super::contribution::Owners;
use super::dates::rfc3339;
use super::identities::{Identities, co_authors_in, members_among};
use super::walk::{self, History, Record};
use super::{atomicity, contribution, coordination, hygiene, messages};
use crate::collect::Progress;
use crate::evidence::git::{Commit, GitEvidence, Head, Rated};
use crate::evidence::{Cause, Member, Reading, Team, Unreadable};

/// Measures the history that is reachable from `head` and not from `base_commit`.
///
/// `source` and `head` of the result are left to the caller. Where the history is cut (a shallow clone) or an object that
/// counts is missing or damaged, every reading of the history is `Unreadable` and says which commit; what was committed
/// by mistake is read from the graded tree alone and may be there all the same.
pub fn measure(
    repo: &Repository,
    head: &Head,
    team: &Team,
    base_commit: Option<&str>,
    progress: &dyn Progress,
) -> GitEvidence {
    let folder = team.folder.as_deref();
    progress.step("reading the graded files");
    let mut evidence = GitEvidence { hygiene: hygiene::measure(repo, &head.commit, folder), ..GitEvidence::default() };
    progress.step("reading the history");
    match walk::read(repo, &head.commit, base_commit, folder, progress) {
        Ok(history) => measure_history(repo, &history, team, &mut evidence),
        Err(failure) => {
            evidence.commits = Reading::Unreadable(failure.clone());
            evidence.contribution = Reading::Unreadable(failure.clone());
            evidence.atomicity = Reading::Unreadable(failure.clone());
            evidence.messages = Reading::Unreadable(failure.clone());
            evidence.coordination = Reading::Unreadable(failure);
        }
    }
    evidence
}

fn measure_history(repo: &Repository, history: &History, team: &Team, evidence: &mut GitEvidence) {
    let identities = Identities::new(&team.members);
    let owners: Vec<Owners> = history.commits.iter().map(|commit| Owners::of(commit, &identities)).collect();
    let atomic = atomicity::rate(history);
    let message = messages::rate(history);
    let or_absent = "no commit changed a line of a file that counts";
    evidence.contribution = contribution::measure(history, &owners, team);
    evidence.atomicity = match atomicity::summary(history, &atomic) {
        Some(atomicity) => Reading::observed(atomicity),
        None => Reading::absent(or_absent),
    };
    evidence.messages = match messages::summary(history, &message) {
        Some(messages) => Reading::observed(messages),
        None => Reading::absent("the history has no commit but merges"),
    };
    evidence.coordination = coordination::measure(repo, history, &owners, team).unwrap_or_else(Reading::Unreadable);
    let commits = history.commits.iter().zip(&owners).zip(message.into_iter().zip(atomic));
    let commits = commits.map(|((commit, owners), rated)| as_evidence(commit, owners, &identities, rated)).collect();
    evidence.commits = Reading::observed(commits);
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
/// Identities are one person's where they share an address, a forge login or a name; bots are left out.
///
/// # Errors
/// `Malformed` where the history is cut or a commit cannot be read.
pub fn members_from_history(
    repo: &Repository,
    head: &Head,
    base_commit: Option<&str>,
) -> Result<Vec<Member>, Unreadable> {
    let mut seen = Vec::new();
    for id in walk::ids(repo, &head.commit, base_commit)? {
        let (author, message) = walk::people_of(repo, id).map_err(|error| {
            Unreadable::new(Cause::Malformed, format!("commit {id} cannot be read: {}", error.message()))
        })?;
        seen.push(author);
        seen.extend(co_authors_in(&message));
    }
    Ok(members_among(&seen))
}
