//! Commits on branches that the graded commit does not hold.
//!
//! Many a member's work survives only there: a branch that nobody merged, or one whose commits became a single one of
//! somebody else's when they were squashed. Nothing of it is counted; it is listed, so that a person can look.
//!
//! A commit is *copied* where the graded history has it in another form: the same author, author date and subject, as
//! after a rebase or a cherry-pick, or its subject in a pull request's squashed commit, as title or in the list below it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use git2::{BranchType, Commit, ErrorClass, ErrorCode, Oid, Repository, Sort};
use jiff::civil::Date;
use regex::Regex;

use super::attribution::{Attribution, Substance};
use super::contents::Contents;
use super::dates::{rfc3339, zoned};
use super::diff;
use super::identities::Identities;
use super::printed::printable;
use super::record::{Change, History, Record};
use super::regex;
use super::repo::{check_tree, find_commit};
use super::walk;
use stackmark_collect::counting::Counting;
use stackmark_evidence::git::{Head, Outside, OutsideAuthor, OutsideBranch, Person};
use stackmark_evidence::{Cause, Team, Unreadable};

/// Where tools publish the pages that they make of a repository.
const PAGES: &str = "gh-pages";

/// Commits of other branches that are looked into as graded ones are.
const MOST_LOOKED_INTO: usize = 2_000;

static PULL_REQUEST: LazyLock<Regex> = LazyLock::new(|| regex(r"\s*\([#!]\d+\)$"));

/// Lists what stands on other branches and after neither `base` nor the graded commit.
///
/// Merges are left out, and so is what is no work by [`Substance`], or none in the graded folder.
///
/// # Errors
/// `Malformed` where a branch's history cannot be walked.
pub(super) fn measure(
    repo: &Repository,
    head: &Head,
    base: Option<&str>,
    (history, attributions): (&History, &[Attribution]),
    identities: &Identities,
    team: &Team,
    counting: &Counting,
) -> Result<Found, Unreadable> {
    let graded = Graded::of(history, attributions);
    let mut look = Look { contents: Contents::of(repo), counting, folder: folder_of(team), left: MOST_LOOKED_INTO };
    let outside = walk(repo, head, base, &mut look, &graded, identities).map_err(|error| {
        Unreadable::new(Cause::Malformed, format!("branches outside {}: {}", head.commit, error.message()))
    })?;
    let told = |those: &mut dyn Iterator<Item = &Stray>| authors(those, &graded, team);
    let branches = (outside.tips.iter())
        .filter_map(|(name, tips)| {
            let those = outside.held_by(tips);
            let newest = those.iter().max_by_key(|(_, stray)| stray.committed.seconds())?;
            Some(OutsideBranch {
                name: printable(name),
                tip: newest.0.to_string(),
                committed_at: rfc3339(newest.1.committed),
                commits: those.len() as u64,
                copied: those.iter().filter(|(_, stray)| stray.copied).count() as u64,
                authors: told(&mut those.iter().map(|(_, stray)| *stray)),
            })
        })
        .collect();
    let counted = || outside.commits.values().filter(|stray| stray.counts);
    let deadline = head.deadline.as_deref().and_then(|moment| moment.parse::<jiff::Timestamp>().ok());
    let is_in_time = |stray: &&Stray| deadline.is_none_or(|deadline| stray.committed.seconds() <= deadline.as_second());
    let published = outside.published(repo, head);
    let of_people = (outside.commits.iter())
        .filter(|(id, stray)| stray.counts && !stray.copied && stray.of_people && !published.contains(*id))
        .map(|(_, stray)| stray);
    let in_time: Vec<&Stray> = of_people.filter(is_in_time).collect();
    let day = |authored| zoned(authored).date();
    let pairs = history.commits.iter().zip(attributions);
    let graded_days: BTreeSet<Date> =
        pairs.filter(|(_, attribution)| attribution.is_act()).map(|(commit, _)| day(commit.authored)).collect();
    let days: BTreeSet<Date> = in_time.iter().map(|stray| day(stray.authored)).collect();
    let listed = Outside {
        commits: counted().count() as u64,
        copied: counted().filter(|stray| stray.copied).count() as u64,
        authors: told(&mut counted()),
        branches,
    };
    let further_days = days.difference(&graded_days).count() as u64;
    Ok(Found { listed, in_time: in_time.len() as u64, further_days })
}

/// What stands on other branches.
pub(super) struct Found {
    pub(super) listed: Outside,
    /// Commits of people, made before the deadline, that the graded history has in no form.
    pub(super) in_time: u64,
    /// Days of those commits on which the graded history has nothing.
    pub(super) further_days: u64,
}

/// What the graded history has, for comparison.
struct Graded {
    written: HashSet<(String, i64, String)>,
    squashed: HashSet<String>,
    members: HashSet<usize>,
    emails: HashSet<String>,
}

impl Graded {
    fn of(history: &History, attributions: &[Attribution]) -> Self {
        let single = || history.commits.iter().zip(attributions).filter(|(commit, _)| !commit.is_merge());
        Self {
            written: single()
                .map(|(commit, _)| key(&commit.author, commit.authored.seconds(), &commit.subject))
                .collect(),
            squashed: single().flat_map(|(commit, _)| squashed_in(commit)).collect(),
            members: single()
                .filter(|(_, attribution)| attribution.is_work())
                .flat_map(|(_, attribution)| attribution.members())
                .collect(),
            emails: single().map(|(commit, _)| commit.author.email.to_lowercase()).collect(),
        }
    }
}

fn key(author: &Person, authored: i64, subject: &str) -> (String, i64, String) {
    (author.email.to_lowercase(), authored, subject.to_owned())
}

/// Subjects that a pull request's squashed commit took over: its title, and the list that forges write below it.
fn squashed_in(commit: &Record) -> Vec<String> {
    let title = PULL_REQUEST.replace(&commit.subject, "");
    if title == commit.subject.as_str() {
        return Vec::new();
    }
    let listed =
        commit.body.lines().filter_map(|line| line.trim().strip_prefix("* ")).map(|item| item.trim().to_owned());
    std::iter::once(title.into_owned()).chain(listed).collect()
}

/// A commit outside the graded history.
struct Stray {
    author: Person,
    member: Option<usize>,
    /// A person made it, not a program alone.
    of_people: bool,
    authored: git2::Time,
    committed: git2::Time,
    parents: Vec<Oid>,
    copied: bool,
    /// It is no merge, and may be work in the graded folder.
    counts: bool,
}

/// All of them, and the branches that lead to them.
struct Strays {
    commits: HashMap<Oid, Stray>,
    tips: BTreeMap<String, BTreeSet<Oid>>,
}

impl Strays {
    /// Commits of pages that a tool publishes: on a branch of that name, which shares nothing with the graded commit. They
    /// are listed, and are nobody's work.
    fn published(&self, repo: &Repository, head: &Head) -> BTreeSet<Oid> {
        let (Some(tips), Ok(head)) = (self.tips.get(PAGES), Oid::from_str(&head.commit)) else {
            return BTreeSet::new();
        };
        let stands_alone = tips.iter().all(|tip| share_nothing(&repo.merge_base(*tip, head)));
        let held = if stands_alone { self.held_by(tips) } else { Vec::new() };
        held.into_iter().map(|(id, _)| id).collect()
    }

    /// The counted commits that are reachable from `tips`, by id.
    fn held_by(&self, tips: &BTreeSet<Oid>) -> Vec<(Oid, &Stray)> {
        let mut found = BTreeMap::new();
        let mut seen: HashSet<Oid> = HashSet::new();
        let mut next: Vec<Oid> = tips.iter().copied().collect();
        while let Some(id) = next.pop() {
            let Some(stray) = self.commits.get(&id).filter(|_| seen.insert(id)) else { continue };
            next.extend(&stray.parents);
            if stray.counts {
                found.insert(id, stray);
            }
        }
        found.into_iter().collect()
    }
}

/// Whether two commits have none before them in common; where that cannot be read, it is not known. Git has the same code
/// for an object that is missing.
fn share_nothing(merge_base: &Result<Oid, git2::Error>) -> bool {
    let none = |error: &git2::Error| error.code() == ErrorCode::NotFound && error.class() == ErrorClass::Merge;
    merge_base.as_ref().err().is_some_and(none)
}

fn walk(
    repo: &Repository,
    head: &Head,
    base: Option<&str>,
    look: &mut Look<'_>,
    graded: &Graded,
    identities: &Identities,
) -> Result<Strays, git2::Error> {
    let mut tips: BTreeMap<String, BTreeSet<Oid>> = BTreeMap::new();
    for branch in repo.branches(None)? {
        let (branch, kind) = branch?;
        let name = String::from_utf8_lossy(branch.name_bytes()?).into_owned();
        let name = match kind {
            BranchType::Local => name,
            BranchType::Remote => match name.strip_prefix("origin/") {
                Some("HEAD") | None => continue,
                Some(name) => name.to_owned(),
            },
        };
        tips.entry(name).or_default().insert(branch.get().peel_to_commit()?.id());
    }
    let mut walk = repo.revwalk()?;
    walk.set_sorting(Sort::NONE)?;
    for tip in tips.values().flatten() {
        walk.push(*tip)?;
    }
    walk.hide(Oid::from_str(&head.commit)?)?;
    if let Some(base) = base {
        walk.hide(find_commit(repo, base)?.id())?;
    }
    let mut commits = HashMap::new();
    for id in walk {
        let commit = repo.find_commit(id?)?;
        let record = signed(&commit);
        let attribution = Attribution::of(&record, identities);
        let copied = graded.written.contains(&key(&record.author, record.authored.seconds(), &record.subject))
            || graded.squashed.contains(&record.subject);
        let stray = Stray {
            member: attribution.author_member(),
            of_people: attribution.is_of_people(),
            author: record.author,
            authored: record.authored,
            committed: record.committed,
            parents: record.parents,
            copied,
            counts: commit.parent_count() < 2 && look.changes(&commit)? && look.is_act(repo, &commit),
        };
        commits.insert(commit.id(), stray);
    }
    Ok(Strays { commits, tips })
}

/// What a commit says of itself, without what it changes.
fn signed(commit: &Commit<'_>) -> Record {
    let (subject, body) = walk::text_of(commit);
    Record {
        id: commit.id(),
        parents: commit.parent_ids().collect(),
        author: walk::person(commit, &commit.author()),
        committer: walk::person(commit, &commit.committer()),
        authored: commit.author().when(),
        committed: commit.time(),
        is_signed_by_github: false,
        subject,
        body,
        change: Change::default(),
        changes: false,
        elsewhere: false,
        place: 0,
    }
}

/// The graded folder, where that is not the whole repository.
fn folder_of(team: &Team) -> Option<&str> {
    team.folder.as_deref().map(|folder| folder.trim_matches('/')).filter(|folder| !folder.is_empty())
}

/// Looks into commits of other branches as into graded ones.
struct Look<'l> {
    contents: Contents<'l>,
    counting: &'l Counting,
    folder: Option<&'l str>,
    /// Commits that are still looked into; of the others, it is enough that they change something.
    left: usize,
}

impl Look<'_> {
    /// Whether a commit changes anything, or anything below the folder: the tree is another one than before.
    fn changes(&self, commit: &Commit<'_>) -> Result<bool, git2::Error> {
        let tree_of = |commit: &Commit<'_>| -> Result<Option<Oid>, git2::Error> {
            let Some(folder) = self.folder else { return Ok(Some(commit.tree_id())) };
            match commit.tree()?.get_path(std::path::Path::new(folder)) {
                Ok(entry) => Ok(Some(entry.id())),
                Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        };
        let before = if commit.parent_count() == 0 { None } else { tree_of(&commit.parent(0)?)? };
        Ok(tree_of(commit)? != before)
    }

    /// Whether it may be work, modes and line ends being none; what cannot be read may be.
    fn is_act(&mut self, repo: &Repository, commit: &Commit<'_>) -> bool {
        if self.left == 0 {
            return true;
        }
        self.left -= 1;
        !matches!(self.substance(repo, commit), Ok(Substance::Nothing))
    }

    fn substance(&mut self, repo: &Repository, commit: &Commit<'_>) -> Result<Substance, git2::Error> {
        check_tree(repo, commit.tree_id())?;
        let before = if commit.parent_count() == 0 { None } else { Some(commit.parent(0)?.tree()?) };
        let folder = self.folder;
        let is_home = |path: &str| {
            folder.is_none_or(|folder| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
        };
        let (contents, tree) = (&mut self.contents, commit.tree()?);
        let diff = diff::between(repo, contents, before.as_ref(), &tree, self.counting, is_home)?;
        let lines = diff.files.iter().map(|file| file.counts()).map(|(added, deleted)| added + deleted).sum();
        Ok(Substance::of(lines, &diff.excluded))
    }
}

/// Whose commits these are, most first.
fn authors(strays: &mut dyn Iterator<Item = &Stray>, graded: &Graded, team: &Team) -> Vec<OutsideAuthor> {
    let mut by_author: BTreeMap<(Option<usize>, String), OutsideAuthor> = BTreeMap::new();
    for stray in strays {
        let email = stray.author.email.to_lowercase();
        let of_nobody = if stray.member.is_some() { String::new() } else { email.clone() };
        let author = by_author.entry((stray.member, of_nobody)).or_insert_with(|| OutsideAuthor {
            member: stray.member.map(|member| team.members[member].id.clone()),
            name: stray.member.map_or_else(|| stray.author.name.clone(), |member| team.members[member].name.clone()),
            commits: 0,
            copied: 0,
            only_outside: match stray.member {
                Some(member) => !graded.members.contains(&member),
                None => !graded.emails.contains(&email),
            },
        });
        author.commits += 1;
        author.copied += u64::from(stray.copied);
        // One address may sign with several names; which comes first must not hang on the order of the walk.
        if stray.member.is_none() && stray.author.name < author.name {
            author.name = stray.author.name.clone();
        }
    }
    let mut authors: Vec<OutsideAuthor> = by_author.into_values().collect();
    authors.sort_by(|a, b| b.commits.cmp(&a.commits).then_with(|| a.name.cmp(&b.name)));
    authors
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_may_be_shared() {
        let error = |code, class| Err(git2::Error::new(code, class, "a word"));
        assert!(share_nothing(&error(ErrorCode::NotFound, ErrorClass::Merge)));
        assert!(!share_nothing(&Ok(Oid::ZERO_SHA1)));
        for (code, class) in [
            (ErrorCode::NotFound, ErrorClass::Odb),
            (ErrorCode::GenericError, ErrorClass::Zlib),
            (ErrorCode::GenericError, ErrorClass::Merge),
        ] {
            assert!(!share_nothing(&error(code, class)), "{code:?} {class:?}");
        }
    }

    #[test]
    fn git_says_so_of_two_beginnings() {
        let folder = tempfile::tempdir().unwrap();
        let repo = Repository::init_bare(folder.path()).unwrap();
        let tree = repo.find_tree(repo.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let signature = git2::Signature::new("Ana", "ana@example.org", &git2::Time::new(0, 0)).unwrap();
        let commit = |message: &str, parents: &[&Commit<'_>]| {
            repo.commit(None, &signature, &signature, message, &tree, parents).unwrap()
        };
        let (one, other) = (commit("one", &[]), commit("other", &[]));
        let after = commit("after", &[&repo.find_commit(one).unwrap()]);
        assert!(share_nothing(&repo.merge_base(after, other)) && !share_nothing(&repo.merge_base(after, one)));
    }
}
