//! Which commit is graded.

use git2::{BranchType, Commit, ErrorCode, Oid, Repository};

use super::deadline::{self, InTime};
use super::names::{find_branch, find_commit, others, tag_names, those_that_exist, tip_of};
use super::open::SHALLOW;
use super::{branch_names, check_tree, without_credentials};
use crate::RepositorySource;
use crate::dates::{rfc3339, zoned};
use crate::lack::{lack_of, unreadable};
use stackmark_evidence::closed::ChosenBy;
use stackmark_evidence::git::Head;
use stackmark_evidence::{Cause, Reading, SetAside, Unreadable};

/// A history that begins so many days after the deadline tells of a slip in the roster, not of a team that was late: no
/// course takes work so late, and a wrong month or year is soon typed.
const WRONG_DEADLINE_DAYS: i64 = 7;

/// Names that are told of the only commit of a repository without a branch.
const NAMED: usize = 5;

/// Chooses the graded commit: the pinned one; else the one that holds what was made before the deadline
/// (`super::deadline`); else the tip.
///
/// `Absent` where the repository or the time before the deadline is empty. `Unreadable` where the roster names a branch
/// or commit that is not there, or has to name one, as where there is no branch but several tags: nothing can be said of the work then. The same where the history is
/// cut or damaged, where all that was written in time was committed later, where the whole history begins long after the
/// deadline, or where the graded tree stands for more files than anyone wrote.
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
                    Reading::Unreadable(unreadable(Cause::Refused, what, &error))
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
    check_tree(repo, tree)
}

type Choice = Result<Result<Head, String>, Unreadable>;

fn choose(repo: &Repository, source: &RepositorySource) -> Choice {
    let location = without_credentials(&source.location);
    let damaged = |error: git2::Error| unreadable(Cause::Malformed, format!("{location}: {}", error.message()), &error);
    let elsewhere = |detail: String| Unreadable::new(Cause::Unreachable, detail);
    let deadline = source.deadline.map(|seconds| rfc3339(git2::Time::new(seconds, 0)));
    let due = source.due.filter(|due| Some(*due) != source.deadline).map(|due| rfc3339(git2::Time::new(due, 0)));

    if let Some(pinned) = &source.commit {
        let id = find_pinned(repo, pinned).map_err(|error| match error.code() {
            ErrorCode::NotFound => {
                elsewhere(format!("commit {pinned} is not in {location}: correct it in the roster, or push it"))
            }
            _ => elsewhere(format!("commit {pinned} of the roster cannot be found: {}", error.message()))
                .lacking(lack_of(&error)),
        })?;
        let commit = repo.find_commit(id).map_err(damaged)?;
        return Ok(Ok(Head {
            commit: commit.id().to_string(),
            branch: source.branch.clone(),
            committed_at: rfc3339(commit.time()),
            latest_at: None,
            chosen_by: ChosenBy::Pinned,
            deadline,
            due,
            commits_after_deadline: 0,
            notes: Vec::new(),
            set_aside: Vec::new(),
        }));
    }

    let (branch, tip, note) = match find_tip(repo, source, &location).map_err(damaged)? {
        Tip::Found(branch, tip, note) => (branch, tip, note),
        Tip::Empty(note) => return Ok(Err(note)),
        Tip::Elsewhere(detail) => return Err(elsewhere(detail)),
    };
    let tip = repo.find_commit(tip).map_err(damaged)?;
    let notes: Vec<String> = note.into_iter().collect();
    let Some(limit) = source.deadline else {
        return Ok(Ok(Head {
            commit: tip.id().to_string(),
            branch,
            committed_at: rfc3339(tip.time()),
            latest_at: None,
            chosen_by: ChosenBy::Tip,
            deadline: None,
            due: None,
            commits_after_deadline: 0,
            notes,
            set_aside: Vec::new(),
        }));
    };
    let last = tip.id();
    let in_time = if repo.is_shallow() {
        // Where the history is cut the graph says nothing; the measures of the history refuse it.
        let commit = last_before(repo, tip, limit).map_err(damaged)?;
        let commit = commit.ok_or_else(|| Unreadable::new(Cause::Shallow, format!("{location}: {SHALLOW}")))?;
        InTime { commit: Some(commit.id()), ..InTime::default() }
    } else {
        let now = jiff::Timestamp::now().as_second();
        deadline::choose(repo, tip.id(), limit, now, &source.seen).map_err(damaged)?
    };
    let Some(commit) = in_time.commit else {
        let moment = zoned(git2::Time::new(limit, 0)).strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
        let branch = branch.map_or_else(String::new, |name| format!(" of branch {name}"));
        let late = format!("every commit{branch} is after the deadline, {moment}");
        let branches = branch_names(repo).map_err(damaged)?;
        let elsewhere = deadline::branches_in_time(repo, &branches, last, limit).map_err(damaged)?;
        let mut open: Vec<String> = in_time.set_aside.iter().map(SetAside::in_words).collect();
        if !elsewhere.is_empty() {
            open.push(format!("other branches hold commits made in time ({})", elsewhere.join(", ")));
        }
        if open.is_empty() {
            let begins = deadline::first(repo, last).map_err(damaged)?.unwrap_or(limit);
            let days = begins.saturating_sub(limit) / 86_400;
            if days < WRONG_DEADLINE_DAYS {
                return Ok(Err(late));
            }
            let doubt = format!("the whole history begins {days} days after it: is the deadline right?");
            let fix = "correct the deadline in the roster, or decide these items by hand";
            return Err(Unreadable::new(Cause::Refused, format!("{late}; {doubt}; {fix}")));
        }
        let fix = "find out when they were pushed, and name the commit or branch to grade in the roster";
        return Err(Unreadable::new(Cause::Refused, format!("{late}; but {}; {fix}", open.join("; and "))));
    };
    let commit = repo.find_commit(commit).map_err(damaged)?;
    Ok(Ok(Head {
        commit: commit.id().to_string(),
        branch,
        committed_at: rfc3339(commit.time()),
        latest_at: in_time.latest.map(rfc3339),
        chosen_by: ChosenBy::Deadline,
        deadline,
        due,
        commits_after_deadline: in_time.later,
        notes: notes.into_iter().chain(in_time.notes).collect(),
        set_aside: in_time.set_aside,
    }))
}

fn find_pinned(repo: &Repository, pinned: &str) -> Result<Oid, git2::Error> {
    let hexadecimal = pinned.len() >= 7 && pinned.len() <= 40 && pinned.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hexadecimal {
        return Err(git2::Error::from_str("7 to 40 hexadecimal digits are expected"));
    }
    Ok(find_commit(repo, pinned)?.id())
}

/// The commit that `rev` names, as `git rev-parse` would: an object id or its beginning, a branch, a tag.
pub fn resolve(repo: &Repository, rev: &str) -> Option<String> {
    let commit = repo.revparse_single(rev).ok()?.peel_to_commit().ok()?;
    Some(commit.id().to_string())
}

/// Where the history to grade ends.
enum Tip {
    /// The branch's name, where it is one, its commit, and how it is written, where the roster has it otherwise.
    Found(Option<String>, Oid, Option<String>),
    /// There is no commit, says this note.
    Empty(String),
    /// There are commits, and the roster's branch is not, or which branch is meant is not known.
    Elsewhere(String),
}

fn find_tip(repo: &Repository, source: &RepositorySource, location: &str) -> Result<Tip, git2::Error> {
    let branches = branch_names(repo)?;
    let empty = || format!("{location} has no commit yet; commit and push the work");
    if let Some(branch) = &source.branch {
        if let Some(named) = find_branch(repo, branch, &branches)? {
            return Ok(Tip::Found(named.branch, named.commit, named.note));
        }
        let there = if branches.is_empty() {
            let others = others(repo)?;
            if others.names.is_empty() && repo.head().is_err() {
                return Ok(Tip::Empty(empty()));
            }
            those_that_exist(branch, &others.names, "references")
        } else {
            let tags = tag_names(repo)?.into_iter().map(|tag| format!("{tag} (tag)"));
            let names: Vec<String> = branches.iter().cloned().chain(tags).collect();
            those_that_exist(branch, &names, "branches")
        };
        return Ok(Tip::Elsewhere(format!("{location} has no branch {branch}; {there}; correct it in the roster")));
    }
    match repo.head() {
        Ok(head) => {
            let name = head.is_branch().then(|| String::from_utf8_lossy(head.shorthand_bytes()).into_owned());
            // In a working copy one sees what is checked out.
            let is_local_branch_there = repo.branches(Some(BranchType::Local))?.next().is_some();
            let is_told = name.is_none() && !is_local_branch_there && !source.in_place;
            let note = is_told.then(|| "there is no branch: the commit that is checked out is graded".to_owned());
            Ok(Tip::Found(name, head.peel_to_commit()?.id(), note))
        }
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
            // Where there is only one, no other can be meant.
            if let [only] = branches.as_slice()
                && let Some(id) = tip_of(repo, only)?
            {
                return Ok(Tip::Found(Some(only.clone()), id, None));
            }
            if !branches.is_empty() {
                let there = those_that_exist("", &branches, "branches");
                let what = "has no commit; name the branch in the roster";
                return Ok(Tip::Elsewhere(format!("the default branch of {location} {what}: {there}")));
            }
            let others = others(repo)?;
            if others.names.is_empty() {
                return Ok(Tip::Empty(empty()));
            }
            let there = those_that_exist("", &others.names, "references");
            Ok(match others.only {
                Some(id) => {
                    let names = others.names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
                    let note = format!("there is no branch: the only commit that has a name is graded ({names})");
                    Tip::Found(None, id, Some(note))
                }
                None => Tip::Elsewhere(format!(
                    "{location} has no branch; {there}; push a branch, or name the tag or the commit in the roster"
                )),
            })
        }
        Err(error) => Err(error),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repo::obtain;
    use git2::{RepositoryInitOptions, Signature, Time};
    use stackmark_collect::{Limits, Silent};

    #[test]
    fn work_that_is_on_no_branch_is_never_an_empty_repository() {
        // References, what HEAD leads to, the roster's branch; what is graded, or what is said.
        type Case =
            (&'static [(&'static str, usize)], Option<usize>, Option<&'static str>, Result<usize, &'static str>);
        let cases: [Case; 12] = [
            (&[], None, None, Err("has no commit yet")),
            (&[], None, Some("main"), Err("has no commit yet")),
            (&[("refs/tags/v1", 0)], None, None, Ok(0)),
            (&[("refs/tags/v1", 0), ("refs/tags/v1.0", 0)], None, None, Ok(0)),
            (&[("refs/tags/v1", 0), ("refs/tags/v2", 1)], None, None, Err("it has tags/v1, tags/v2")),
            (&[("refs/tags/v1", 0)], None, Some("main"), Err("has no branch main; it has tags/v1")),
            (&[("refs/tags/v1", 0), ("refs/tags/v2", 1)], None, Some("v1"), Ok(0)),
            // As `git clone -b v1` and a workflow's checkout leave it.
            (&[("refs/remotes/origin/main", 1), ("refs/tags/v1", 0)], Some(0), None, Ok(0)),
            (&[("refs/remotes/pull/7/merge", 1)], Some(1), None, Ok(1)),
            (&[], Some(1), None, Ok(1)),
            (&[("refs/for/main", 1)], None, None, Ok(1)),
            (&[("refs/for/main", 1)], None, Some("main"), Err("it has for/main")),
        ];
        for (references, checked_out, branch, expected) in cases {
            let what = format!("{references:?}, HEAD {checked_out:?}, branch {branch:?}");
            let folder = tempfile::tempdir().unwrap();
            let mut options = RepositoryInitOptions::new();
            let repo = Repository::init_opts(folder.path(), options.bare(true).initial_head("main")).unwrap();
            let who = Signature::new("Ana", "ana@uni.example", &Time::new(1_700_000_000, 0)).unwrap();
            let tree = repo.find_tree(repo.treebuilder(None).unwrap().write().unwrap()).unwrap();
            let commits = ["One", "Two"].map(|message| repo.commit(None, &who, &who, message, &tree, &[]).unwrap());
            for (name, at) in references {
                repo.reference(name, commits[*at], true, "").unwrap();
            }
            if let Some(at) = checked_out {
                repo.set_head_detached(commits[at]).unwrap();
            }
            let location = folder.path().to_string_lossy().into_owned();
            let branch = branch.map(str::to_owned);
            let source = RepositorySource { location, branch, ..RepositorySource::default() };
            let obtained =
                obtain(&source, &Limits::default(), &Silent).unwrap_or_else(|error| panic!("{what}: {error}"));
            match (choose_head(&obtained.repository, &source), expected) {
                (Reading::Observed { value }, Ok(at)) => {
                    assert_eq!(value.commit, commits[at].to_string(), "{what}");
                    assert!(!value.notes.is_empty(), "{what}: nothing says why");
                }
                (Reading::Absent { note }, Err(said)) => {
                    assert!(references.is_empty() && note.contains(said), "{what}: {note}");
                }
                (Reading::Unreadable(failure), Err(said)) => {
                    assert!(!references.is_empty() && failure.detail.contains(said), "{what}: {failure}");
                }
                (other, _) => panic!("{what}: {other:?}"),
            }
        }
    }
}
