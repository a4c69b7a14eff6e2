//! Slips of the roster that would leave nothing to grade. They are the instructor's, and no team's loss.

use git2::Repository;
use stackmark_collect::counting::{Counting, IGNORED};
use stackmark_evidence::git::Head;
use stackmark_evidence::{Cause, Team, Unreadable};

use super::RepositorySource;
use super::identities::{Identities, mailmap_at};
use super::repo::find_commit;
use super::{tree, walk};

/// Why nothing can be graded, though commits or files of the team's are there: the base commit is the graded one or comes
/// after it, or `ignore` names all files that could count. `None` where the roster leaves something, and where the team
/// itself did nothing.
pub fn slip(
    repo: &Repository,
    head: &Head,
    team: &Team,
    counting: &Counting,
    source: &RepositorySource,
) -> Option<Unreadable> {
    let what =
        base_takes_all(repo, head, team, source).or_else(|| ignore_takes_all(repo, head, team, counting, source));
    what.map(|what| Unreadable::new(Cause::Refused, what))
}

fn base_takes_all(repo: &Repository, head: &Head, team: &Team, source: &RepositorySource) -> Option<String> {
    let base = source.base_commit.as_deref()?;
    let (first, last) = (find_commit(repo, base).ok()?.id(), find_commit(repo, &head.commit).ok()?.id());
    if first != last && !repo.graph_descendant_of(first, last).unwrap_or(false) {
        return None;
    }
    let identities = Identities::new(&team.members).with_mailmaps(&source.mailmap, mailmap_at(repo, &head.commit));
    let ids = walk::ids(repo, &head.commit, None).ok()?;
    let mut authors = ids.iter().filter_map(|id| Some(walk::people_of(repo, *id).ok()?.0));
    // Where others alone committed, the team did nothing; without a list of members nobody can tell.
    let is_theirs = team.members.is_empty() || authors.any(|author| identities.member_of(&author).is_some());
    is_theirs.then(|| {
        format!(
            "base commit {base} is not before the graded commit, so that no commit of the team's is left: correct \
             base_commit in the roster"
        )
    })
}

fn ignore_takes_all(
    repo: &Repository,
    head: &Head,
    team: &Team,
    counting: &Counting,
    source: &RepositorySource,
) -> Option<String> {
    if source.ignore.is_empty() {
        return None;
    }
    let files = tree::files(repo, &head.commit, team.folder.as_deref()).ok()?;
    let mut ignored = 0;
    for file in &files {
        match counting.why_excluded(&file.path, None) {
            Some(IGNORED) => ignored += 1,
            Some(_) => {}
            None => return None,
        }
    }
    (ignored > 0).then(|| {
        format!("`ignore` of the roster ({}) takes all files that could count: correct it", source.ignore.join(", "))
    })
}
