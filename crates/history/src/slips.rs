//! Slips of the roster that would leave nothing to grade. They are the instructor's, and no team's loss.

use std::collections::BTreeSet;

use git2::Repository;
use stackmark_collect::counting::{Counting, FOLDER_NAME, IGNORED};
use stackmark_collect::tree::{BlobId, TreeFile};
use stackmark_evidence::closed::ProgramKind;
use stackmark_evidence::git::{Head, Person};
use stackmark_evidence::{Cause, Team, Unreadable};

use super::RepositorySource;
use super::identities::{Identities, mailmap_at, program};
use super::repo::find_commit;
use super::{counted, tree, walk};

/// A README that is no longer says no more than what the repository is called.
const TITLE_BYTES: u64 = 200;

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

/// Only where it takes work: not what counts for nobody anyway, nor starter code as it was given, nor what a forge put there.
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
    let folder = team.folder.as_deref();
    let files = tree::files(repo, &head.commit, folder).ok()?;
    if files.iter().any(|file| counting.why_excluded(&file.path, None).is_none()) {
        return None;
    }
    let base = source.base_commit.as_deref();
    let starter = base.and_then(|base| tree::files(repo, base, None).ok()).unwrap_or_default();
    let given: BTreeSet<BlobId> = starter.iter().map(|file| file.id).collect();
    let without = counted::at(repo, &head.commit, folder, Counting::of_roster(&source.counts, &[]));
    let is_work = |file: &TreeFile| {
        counting.why_excluded(&file.path, None) == Some(IGNORED)
            && matches!(without.why_excluded(&file.path, None), None | Some(FOLDER_NAME))
            && !given.contains(&file.id)
            && !is_only_a_title(file)
    };
    (files.iter().any(is_work) && somebody_committed(repo, head, base)).then(|| {
        format!("`ignore` of the roster ({}) takes all files that could count: correct it", source.ignore.join(", "))
    })
}

/// A README as forges put it into a new repository: the name, and a line about it.
fn is_only_a_title(file: &TreeFile) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or(&file.path).to_ascii_lowercase();
    !file.missing && name.starts_with("readme") && file.size <= TITLE_BYTES
}

/// Whether anybody but a forge's or a classroom's bot made a commit after the base: who is not known may be the team's.
fn somebody_committed(repo: &Repository, head: &Head, base: Option<&str>) -> bool {
    let is_bot = |author: &Person| program(author).is_some_and(|it| it.kind != ProgramKind::Agent && it.by_address);
    match walk::ids(repo, &head.commit, base) {
        Ok(ids) => ids.iter().any(|id| walk::people_of(repo, *id).map_or(true, |(author, _)| !is_bot(&author))),
        // Nobody can tell, and unknown is not no.
        Err(_) => true,
    }
}
