//! Which commit is graded.

use git2::{Commit, ErrorCode, Oid, Repository, Sort};

use super::open::SHALLOW;
use super::{TreeSizes, branch_names, without_credentials};
use crate::RepositorySource;
use crate::dates::{rfc3339, zoned};
use stackmark_evidence::git::Head;
use stackmark_evidence::{Cause, Reading, Unreadable};

/// Chooses the graded commit: the pinned one; else the last one on the branch before the deadline; else the tip.
///
/// "On the branch" is along first parents from its tip, by committer date: what a merge brought in counts from the
/// merge on. `Absent` where the repository or the time before the deadline is empty. `Unreadable` where the roster
/// names a branch or commit that is not there, or has to name one: nothing can be said of the work then. The same where
/// the history is cut or damaged, or the graded tree stands for more files than anyone wrote.
pub fn choose_head(repo: &Repository, source: &RepositorySource) -> Reading<Head> {
    match choose(repo, source) {
        Ok(Ok(head)) => match refuse_bomb(repo, &head) {
            Ok(()) => Reading::observed(head),
            Err(error) => {
                let what = format!("graded commit {}: {}", head.commit, error.message());
                // A tree that lacks a part can still be graded by what does not need it.
                if error.code() == ErrorCode::NotFound {
                    Reading::observed(head)
                } else {
                    Reading::unreadable(Cause::Refused, what)
                }
            }
        },
        Ok(Err(note)) => Reading::absent(note),
        Err(failure) => Reading::Unreadable(failure),
    }
}

/// Every collector walks the graded tree, so it is made sure here that it has an end.
fn refuse_bomb(repo: &Repository, head: &Head) -> Result<(), git2::Error> {
    let tree = repo.find_commit(Oid::from_str(&head.commit)?)?.tree_id();
    TreeSizes::default().check(repo, tree)
}

type Choice = Result<Result<Head, String>, Unreadable>;

fn choose(repo: &Repository, source: &RepositorySource) -> Choice {
    let location = without_credentials(&source.location);
    let damaged = |error: git2::Error| Unreadable::new(Cause::Malformed, format!("{location}: {}", error.message()));
    let elsewhere = |detail: String| Unreadable::new(Cause::Unreachable, detail);
    let deadline = source.deadline.map(|seconds| rfc3339(git2::Time::new(seconds, 0)));

    if let Some(pinned) = &source.commit {
        let id = find_pinned(repo, pinned).map_err(|error| match error.code() {
            ErrorCode::NotFound => {
                elsewhere(format!("commit {pinned} is not in {location}: correct it in the roster, or push it"))
            }
            _ => elsewhere(format!("commit {pinned} of the roster cannot be found: {}", error.message())),
        })?;
        let commit = repo.find_commit(id).map_err(damaged)?;
        return Ok(Ok(Head {
            commit: commit.id().to_string(),
            branch: source.branch.clone(),
            committed_at: rfc3339(commit.time()),
            chosen_by: "pinned".to_owned(),
            deadline,
            commits_after_deadline: 0,
            notes: Vec::new(),
            set_aside: Vec::new(),
        }));
    }

    let (branch, tip) = match find_tip(repo, source, &location).map_err(damaged)? {
        Tip::Found(branch, tip) => (branch, tip),
        Tip::Empty(note) => return Ok(Err(note)),
        Tip::Elsewhere(detail) => return Err(elsewhere(detail)),
    };
    let tip = repo.find_commit(tip).map_err(damaged)?;
    let Some(limit) = source.deadline else {
        return Ok(Ok(Head {
            commit: tip.id().to_string(),
            branch,
            committed_at: rfc3339(tip.time()),
            chosen_by: "tip".to_owned(),
            deadline: None,
            commits_after_deadline: 0,
            notes: Vec::new(),
            set_aside: Vec::new(),
        }));
    };
    let Some(commit) = last_before(repo, tip.clone(), limit).map_err(damaged)? else {
        if repo.is_shallow() {
            return Err(Unreadable::new(Cause::Malformed, format!("{location}: {SHALLOW}")));
        }
        let first = zoned(git2::Time::new(limit, 0)).strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        let branch = branch.map_or_else(String::new, |name| format!(" of branch {name}"));
        return Ok(Err(format!("every commit{branch} is after the deadline, {first}")));
    };
    let after = count_between(repo, commit.id(), tip.id()).map_err(damaged)?;
    Ok(Ok(Head {
        commit: commit.id().to_string(),
        branch,
        committed_at: rfc3339(commit.time()),
        chosen_by: "deadline".to_owned(),
        deadline,
        commits_after_deadline: after,
        notes: Vec::new(),
        set_aside: Vec::new(),
    }))
}

fn find_pinned(repo: &Repository, pinned: &str) -> Result<Oid, git2::Error> {
    let hexadecimal = pinned.len() >= 7 && pinned.len() <= 40 && pinned.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hexadecimal {
        return Err(git2::Error::from_str("7 to 40 hexadecimal digits are expected"));
    }
    Ok(repo.find_commit_by_prefix(pinned)?.id())
}

/// The commit that `rev` names, as `git rev-parse` would: an object id or its beginning, a branch, a tag.
pub fn resolve(repo: &Repository, rev: &str) -> Option<String> {
    let commit = repo.revparse_single(rev).ok()?.peel_to_commit().ok()?;
    Some(commit.id().to_string())
}

/// Where the history to grade ends.
enum Tip {
    /// The branch's name, where it is one, and its commit.
    Found(Option<String>, Oid),
    /// There is no commit, says this note.
    Empty(String),
    /// There are commits, and the roster's branch is not, or which branch is meant is not known.
    Elsewhere(String),
}

fn find_tip(repo: &Repository, source: &RepositorySource, location: &str) -> Result<Tip, git2::Error> {
    let branches = branch_names(repo)?;
    let empty = || format!("{location} has no commit yet; commit and push the work");
    if let Some(branch) = &source.branch {
        return Ok(match tip_of(repo, branch)? {
            Some(id) => Tip::Found(Some(branch.clone()), id),
            None if branches.is_empty() => Tip::Empty(empty()),
            None => Tip::Elsewhere(format!("{location} has no branch {branch}; {}", those_that_exist(&branches))),
        });
    }
    match repo.head() {
        Ok(head) => {
            let name = head.is_branch().then(|| String::from_utf8_lossy(head.shorthand_bytes()).into_owned());
            Ok(Tip::Found(name, head.peel_to_commit()?.id()))
        }
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
            match branches.as_slice() {
                [] => Ok(Tip::Empty(empty())),
                // Where there is only one, no other can be meant.
                [only] => Ok(match tip_of(repo, only)? {
                    Some(id) => Tip::Found(Some(only.clone()), id),
                    None => Tip::Empty(empty()),
                }),
                _ => Ok(Tip::Elsewhere(format!(
                    "the default branch of {location} has no commit; name the branch in the roster: {}",
                    those_that_exist(&branches)
                ))),
            }
        }
        Err(error) => Err(error),
    }
}

fn tip_of(repo: &Repository, branch: &str) -> Result<Option<Oid>, git2::Error> {
    for name in [format!("refs/heads/{branch}"), format!("refs/remotes/origin/{branch}")] {
        if !git2::Reference::is_valid_name(&name) {
            continue;
        }
        match repo.find_reference(&name) {
            Ok(reference) => return Ok(Some(reference.peel_to_commit()?.id())),
            Err(error) if error.code() == ErrorCode::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

fn those_that_exist(branches: &[String]) -> String {
    const SHOWN: usize = 10;
    match branches.len() {
        count if count > SHOWN => {
            format!("it has {} and {} more", branches[..SHOWN].join(", "), count - SHOWN)
        }
        _ => format!("it has {}", branches.join(", ")),
    }
}

fn last_before<'a>(repo: &'a Repository, tip: Commit<'a>, limit: i64) -> Result<Option<Commit<'a>>, git2::Error> {
    let mut commit = tip;
    loop {
        if commit.time().seconds() <= limit {
            return Ok(Some(commit));
        }
        match commit.parent_ids().next() {
            None => return Ok(None),
            Some(_) if repo.is_shallow() && commit.parent(0).is_err() => return Ok(None),
            Some(parent) => commit = repo.find_commit(parent)?,
        }
    }
}

fn count_between(repo: &Repository, older: Oid, newer: Oid) -> Result<u64, git2::Error> {
    let mut walk = repo.revwalk()?;
    walk.set_sorting(Sort::NONE)?;
    walk.push(newer)?;
    walk.hide(older)?;
    let mut count = 0;
    for id in walk {
        id?;
        count += 1;
    }
    Ok(count)
}
