//! Which commits were made in time, and which commit holds them.
//!
//! Git keeps two dates of a commit and none of its arrival, so the graph is asked: in time are the commits that are
//! reachable from the branch's tip, whose committer date is not after the deadline, and all of whose ancestors are so,
//! too. The graded commit is the one that holds them all; where two lines meet only after the deadline, as by a late
//! `git pull`, that is their merge, if nothing else came in with it. What the dates leave open is set aside, never taken
//! for late: commits that were written in time and committed later (a rebase, an amend), and commits that are dated
//! before the commits that they stand on. A date later than the reading itself says nothing: such a commit is in time
//! where one that was made in time stands on it, or an earlier collection saw it in time, and set aside where neither is so.
//! Before the deadline, all is in time.

use std::collections::{BTreeSet, HashMap, HashSet};

use git2::{Oid, Repository, Sort, Time};
use stackmark_evidence::{SetAside, SetAsideKind};

use super::joining::{MOST_OWN_LINES, own_lines};
use super::names::tip_of;
use crate::Seen;
use crate::dates::{is_future, rfc3339};
use crate::printed::EXAMPLES;
use crate::walk::subject_of;

/// More lines than this meet in no merge that anybody made.
const MOST_LINES: usize = 100;

/// More branches than this are not looked through.
const MOST_BRANCHES: usize = 200;

/// What a deadline makes of a branch.
#[derive(Debug, Default)]
pub(super) struct InTime {
    /// The commit to grade; `None` where none is in time for certain.
    pub(super) commit: Option<Oid>,
    /// The latest date of the commits that it holds, where that is not its own.
    pub(super) latest: Option<Time>,
    /// Commits after the deadline that it does not hold.
    pub(super) later: u64,
    /// What was taken for what.
    pub(super) notes: Vec<String>,
    /// What the dates leave open.
    pub(super) set_aside: Vec<SetAside>,
}

/// Author's address, author date and subject: what a rebase keeps.
type Key = (Vec<u8>, i64, Vec<u8>);

struct Node {
    id: Oid,
    /// Places of its parents.
    parents: Vec<usize>,
    authored: Time,
    committed: Time,
    key: Key,
    /// Its date is later than the reading, or than an earlier collection that saw it, and tells nothing.
    in_future: bool,
    /// The first collection that saw it before its date, seconds since the epoch.
    seen: Option<i64>,
    /// It and all its ancestors were made in time, by their dates or by those of what stands on them.
    in_time: bool,
}

/// Chooses among the commits of `tip` for a deadline; it and `now` are in seconds since the epoch. `seen` are commits that
/// earlier collections saw.
///
/// # Errors
/// Where a commit is missing or damaged.
pub(super) fn choose(repo: &Repository, tip: Oid, limit: i64, now: i64, seen: &[Seen]) -> Result<InTime, git2::Error> {
    let nodes = read(repo, tip, limit, now, seen)?;
    let Some(last) = nodes.len().checked_sub(1) else { return Ok(InTime::default()) };
    if nodes[last].in_time || now <= limit {
        let latest = latest(&nodes, last, &held_by(&nodes, last));
        return Ok(InTime { commit: Some(tip), latest, ..InTime::default() });
    }
    let mut found = InTime::default();
    let heads = heads(&nodes);
    let chosen = match heads.as_slice() {
        [] => None,
        [only] => Some(*only),
        several => Some(joined(repo, &nodes, several).unwrap_or_else(|| largest(&nodes, several))),
    };
    let held = chosen.map(|chosen| held_by(&nodes, chosen)).unwrap_or_default();
    found.commit = chosen.map(|chosen| nodes[chosen].id);
    found.latest = chosen.and_then(|chosen| latest(&nodes, chosen, &held));
    if let Some(merge) = chosen.map(|chosen| &nodes[chosen]).filter(|chosen| !chosen.in_time) {
        let (id, date) = (short(merge.id), rfc3339(merge.committed));
        found
            .notes
            .push(format!("{id} of {date}, a merge, is graded: it only joins what was made before the deadline"));
    }
    let is_late = |node: &Node| !node.in_future && !is_before(node, limit);
    found.later = (0..nodes.len()).filter(|at| is_late(&nodes[*at]) && !held.contains(at)).count() as u64;

    let left = Left { nodes: &nodes, held: &held, kept: held.iter().map(|at| &nodes[*at].key).collect() };
    let rewritten = left.those(|node| is_late(node) && node.authored.seconds() <= limit);
    let backdated = left.those(|node| !is_late(node) && !node.in_future && !node.in_time);
    let is_undated = |node: &Node| node.in_future && !node.in_time;
    let undated = left.those(|node| is_undated(node) && is_future(node.committed, now));
    let misdated = left.those(|node| is_undated(node) && !is_future(node.committed, now));
    let unjoined = left.those(|node| node.in_time);
    for (commits, what) in [
        (rewritten, "written before the deadline and committed after it, as by a rebase or an amend"),
        (backdated, "dated before the deadline, on top of later ones"),
        (undated, "dated in the future, so that nobody can tell when they were made"),
        (misdated, "dated later than an earlier collection that saw them, so that nobody can tell when they were made"),
        (unjoined, "made before the deadline and merged only with later work"),
    ] {
        found.set_aside.extend(set_aside(repo, &commits, what)?);
    }
    Ok(found)
}

/// The latest date of the commits that one holds, where it is later than its own; what has a date of no meaning aside.
fn latest(nodes: &[Node], of: usize, held: &BTreeSet<usize>) -> Option<Time> {
    let dated = held.iter().map(|at| &nodes[*at]).filter(|node| !node.in_future && node.seen.is_none());
    let latest = dated.map(|node| node.committed).max_by_key(Time::seconds)?;
    (latest.seconds() > nodes[of].committed.seconds()).then_some(latest)
}

/// When the first of all commits of `tip` was committed, seconds since the epoch.
///
/// # Errors
/// Where a commit is missing or damaged.
pub(super) fn first(repo: &Repository, tip: Oid) -> Result<Option<i64>, git2::Error> {
    let mut walk = repo.revwalk()?;
    walk.push(tip)?;
    let mut first: Option<i64> = None;
    for id in walk {
        let committed = repo.find_commit(id?)?.time().seconds();
        first = Some(first.map_or(committed, |first| first.min(committed)));
    }
    Ok(first)
}

/// Names of the branches that hold commits made in time, beside the one that ends with `tip`.
///
/// # Errors
/// Where a commit is missing or damaged.
pub(super) fn branches_in_time(
    repo: &Repository,
    branches: &[String],
    tip: Oid,
    limit: i64,
) -> Result<Vec<String>, git2::Error> {
    let mut found = Vec::new();
    for name in branches.iter().take(MOST_BRANCHES) {
        let Some(other) = tip_of(repo, name)? else { continue };
        let mut walk = repo.revwalk()?;
        walk.push(other)?;
        walk.hide(tip)?;
        for id in walk {
            if repo.find_commit(id?)?.time().seconds() <= limit {
                found.push(name.clone());
                break;
            }
        }
    }
    Ok(found)
}

/// What the graded commit does not hold.
struct Left<'n> {
    nodes: &'n [Node],
    held: &'n BTreeSet<usize>,
    /// Of the commits that it does hold.
    kept: HashSet<&'n Key>,
}

impl<'n> Left<'n> {
    /// Its commits, merges and copies of what is graded aside, newest first.
    fn those(&self, is: impl Fn(&Node) -> bool) -> Vec<&'n Node> {
        let nodes = self.nodes;
        let left = (0..nodes.len()).rev().filter(|at| !self.held.contains(at)).map(|at| &nodes[at]);
        left.filter(|node| node.parents.len() < 2 && is(node) && !self.kept.contains(&node.key)).collect()
    }
}

/// The commits of `tip`, parents before children.
fn read(repo: &Repository, tip: Oid, limit: i64, now: i64, seen: &[Seen]) -> Result<Vec<Node>, git2::Error> {
    let mut walk = repo.revwalk()?;
    walk.set_sorting(Sort::TOPOLOGICAL | Sort::TIME | Sort::REVERSE)?;
    walk.push(tip)?;
    let mut places: HashMap<Oid, usize> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    for id in walk {
        let commit = repo.find_commit(id?)?;
        let parents: Vec<usize> = commit.parent_ids().filter_map(|parent| places.get(&parent).copied()).collect();
        let author = commit.author();
        let subject = commit.message_bytes().split(|byte| *byte == b'\n').next().unwrap_or_default();
        let node = Node {
            id: commit.id(),
            authored: author.when(),
            committed: commit.time(),
            key: (author.email_bytes().to_vec(), author.when().seconds(), subject.to_vec()),
            parents,
            in_future: is_future(commit.time(), now),
            seen: None,
            in_time: false,
        };
        places.insert(node.id, nodes.len());
        nodes.push(node);
    }
    look_back(&mut nodes, &places, limit, seen);
    // Whether something that was made in time stands on it, be it over others without a date.
    let mut vouched = vec![false; nodes.len()];
    for at in (0..nodes.len()).rev() {
        if is_made_in_time(&nodes[at], limit, vouched[at]) {
            nodes[at].parents.iter().for_each(|parent| vouched[*parent] = true);
        }
    }
    for (at, vouched) in vouched.into_iter().enumerate() {
        let of_parents = nodes[at].parents.iter().all(|parent| nodes[*parent].in_time);
        nodes[at].in_time = of_parents && is_made_in_time(&nodes[at], limit, vouched);
    }
    Ok(nodes)
}

/// What earlier collections saw before its date has a wrong one, whether or not that has come by now; so has what it stands
/// on, as far as it is dated so. It was made in time if it was seen in time.
fn look_back(nodes: &mut [Node], places: &HashMap<Oid, usize>, limit: i64, seen: &[Seen]) {
    for Seen { commit, at } in seen {
        // The beginning of an id is no commit's.
        let id = Oid::from_str(commit).ok().filter(|id| id.to_string() == *commit);
        let Some(place) = id.and_then(|id| places.get(&id).copied()) else { continue };
        for held in held_by(nodes, place) {
            let node = &mut nodes[held];
            if is_future(node.committed, *at) {
                let first = node.seen.map_or(*at, |first| first.min(*at));
                node.seen = Some(first);
                node.in_future = first > limit;
            }
        }
    }
}

/// Whether a commit with a date that tells something was made by the deadline.
fn is_before(node: &Node, limit: i64) -> bool {
    node.seen.unwrap_or_else(|| node.committed.seconds()) <= limit
}

/// Whether a commit was made in time, whatever it stands on: by its date, or by what stands on it where it has none.
fn is_made_in_time(node: &Node, limit: i64, vouched: bool) -> bool {
    if node.in_future { vouched } else { is_before(node, limit) }
}

/// Commits in time that no other commit in time stands on.
fn heads(nodes: &[Node]) -> Vec<usize> {
    let mut has_child = vec![false; nodes.len()];
    for node in nodes.iter().filter(|node| node.in_time) {
        for parent in &node.parents {
            has_child[*parent] = true;
        }
    }
    (0..nodes.len()).filter(|at| nodes[*at].in_time && !has_child[*at]).collect()
}

/// The first later commit that holds all of `heads`, and beside what was made in time nothing but merges that only join.
fn joined(repo: &Repository, nodes: &[Node], heads: &[usize]) -> Option<usize> {
    if heads.len() > MOST_LINES {
        return None;
    }
    // Of each later merge of merges: which heads it holds.
    let mut holds: HashMap<usize, BTreeSet<usize>> = HashMap::new();
    for (at, node) in nodes.iter().enumerate().filter(|(_, node)| !node.in_time && node.parents.len() > 1) {
        let mut held = BTreeSet::new();
        let mut is_pure = true;
        for parent in &node.parents {
            if let Some(of_parent) = holds.get(parent) {
                held.extend(of_parent);
            } else if nodes[*parent].in_time {
                held.extend(heads.contains(parent).then_some(*parent));
            } else {
                is_pure = false;
            }
        }
        // What a damaged merge holds is not known, and no reason to take the commits of one side from their authors.
        if !is_pure || own_lines(repo, node.id).unwrap_or(0) > MOST_OWN_LINES {
            continue;
        }
        if held.len() == heads.len() {
            return Some(at);
        }
        holds.insert(at, held);
    }
    None
}

/// The one of `heads` with the most commits behind it; of equals the newest.
fn largest(nodes: &[Node], heads: &[usize]) -> usize {
    let weight = |head: &usize| (held_by(nodes, *head).len(), nodes[*head].committed.seconds(), nodes[*head].id);
    heads.iter().copied().max_by_key(weight).unwrap_or_default()
}

/// The commits that are reachable from one, itself among them.
fn held_by(nodes: &[Node], from: usize) -> BTreeSet<usize> {
    let mut held = BTreeSet::new();
    let mut next = vec![from];
    while let Some(at) = next.pop() {
        if held.insert(at) {
            next.extend(&nodes[at].parents);
        }
    }
    held
}

/// # Errors
/// Where a commit is missing.
fn set_aside(repo: &Repository, commits: &[&Node], what: &str) -> Result<Option<SetAside>, git2::Error> {
    let count = commits.len() as u64;
    let noun = if count == 1 { "commit" } else { "commits" };
    let told = |node: &&Node| -> Result<String, git2::Error> {
        let (written, committed) = (rfc3339(node.authored), rfc3339(node.committed));
        let subject = subject_of(&repo.find_commit(node.id)?);
        Ok(format!("{} “{subject}”, written {written}, committed {committed}", short(node.id)))
    };
    let examples: Vec<String> = commits.iter().take(EXAMPLES).map(told).collect::<Result<_, _>>()?;
    Ok((count > 0).then(|| SetAside {
        kind: SetAsideKind::Dates,
        what: format!("{count} {noun} {what}"),
        files: 0,
        commits: count,
        lines: None,
        share: None,
        examples,
    }))
}

fn short(id: Oid) -> String {
    id.to_string().chars().take(8).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: i64 = 1_000;
    const NOW: i64 = 10_000;
    /// 2099-01-01.
    const FUTURE: i64 = 4_070_908_800;

    /// `name: parent parent @committed/authored`, parents before children; the author is one person, and the subject is
    /// the name up to a `~`.
    fn graph(text: &str) -> (tempfile::TempDir, Repository, HashMap<String, Oid>) {
        let directory = tempfile::tempdir().expect("a directory");
        let repo = Repository::init_bare(directory.path()).expect("a repository");
        let mut ids: HashMap<String, Oid> = HashMap::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (name, rest) = line.split_once(':').expect("a name");
            let subject = name.split('~').next().unwrap_or(name);
            let (parents, dates) = rest.split_once('@').expect("dates");
            let (committed, authored) = dates.split_once('/').unwrap_or((dates, dates));
            let sign = |seconds: &str| {
                let time = Time::new(seconds.trim().parse().expect("seconds"), 0);
                git2::Signature::new("Ana", "ana@uni.example", &time).expect("a signature")
            };
            let tree = repo.treebuilder(None).and_then(|builder| builder.write()).expect("a tree");
            let tree = repo.find_tree(tree).expect("the tree");
            let parents: Vec<git2::Commit<'_>> =
                parents.split_whitespace().map(|parent| repo.find_commit(ids[parent]).expect("a parent")).collect();
            let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
            let id = repo.commit(None, &sign(authored), &sign(committed), subject, &tree, &parents).expect("a commit");
            ids.insert(name.to_owned(), id);
        }
        (directory, repo, ids)
    }

    #[track_caller]
    fn assert_graded(text: &str, tip: &str, graded: Option<&str>, later: u64) -> InTime {
        let (_directory, repo, ids) = graph(text);
        let found = choose(&repo, ids[tip], LIMIT, NOW, &[]).expect("a choice");
        let name = |id: Oid| ids.iter().find(|(_, known)| **known == id).map(|(name, _)| name.clone());
        assert_eq!(found.commit.and_then(name).as_deref(), graded, "{found:?}");
        assert_eq!(found.later, later, "{found:?}");
        found
    }

    #[test]
    fn the_exact_second_is_in_time() {
        assert_graded("a: @900\nb: a @1000\nc: b @1001", "c", Some("b"), 1);
        assert_graded("a: @1001", "a", None, 1);
    }

    #[test]
    fn a_tip_that_is_dated_back_tells_of_the_latest_that_it_stands_on() {
        for (text, expected) in [
            ("a: @900\nb: a @950", None),
            ("a: @900\nb: a @800", Some(900)),
            ("a: @100\nb: a @900\nc: a @500\nd: b c @600", Some(900)),
            // A clock that runs ahead tells nothing.
            (format!("a: @{FUTURE}\nb: a @800").as_str(), None),
        ] {
            let tip = text.lines().last().and_then(|line| line.split(':').next()).expect("a tip");
            let (_directory, repo, ids) = graph(text);
            let found = choose(&repo, ids[tip], LIMIT, NOW, &[]).expect("a choice");
            assert_eq!(found.commit, Some(ids[tip]), "{text}");
            assert_eq!(found.latest.map(|latest| latest.seconds()), expected, "{text}");
        }
    }

    #[test]
    fn a_pull_after_the_deadline_takes_nobodys_commits() {
        let pull = "base: @100\nb1: base @200\nb2: b1 @300\na1: base @400\nm: a1 b2 @1200";
        let found = assert_graded(pull, "m", Some("m"), 0);
        assert!(found.set_aside.is_empty() && found.notes[0].contains("only joins"), "{found:?}");
        let more = format!("{pull}\nlate: m @1300\nlater: late @1400");
        assert_graded(&more, "later", Some("m"), 2);
    }

    #[test]
    fn a_late_merge_that_brings_work_of_its_own_only_joins_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let repo = Repository::init_bare(directory.path()).expect("a repository");
        let commit = |files: &[(&str, String)], parents: &[Oid], seconds: i64| {
            let mut tree = repo.treebuilder(None).expect("a tree");
            for (name, content) in files {
                let blob = repo.blob(content.as_bytes()).expect("a blob");
                tree.insert(*name, blob, 0o100_644).expect("an entry");
            }
            let tree = repo.find_tree(tree.write().expect("a tree")).expect("the tree");
            let sign = git2::Signature::new("Ana", "ana@uni.example", &Time::new(seconds, 0)).expect("a signature");
            let parents: Vec<git2::Commit<'_>> =
                parents.iter().map(|parent| repo.find_commit(*parent).expect("a parent")).collect();
            let parents: Vec<&git2::Commit<'_>> = parents.iter().collect();
            repo.commit(None, &sign, &sign, "x", &tree, &parents).expect("a commit")
        };
        let lines = |of: &str, count: usize| (0..count).map(|n| format!("{of} line {n}\n")).collect::<String>();
        let base = commit(&[("a", lines("a", 30))], &[], 100);
        let one = commit(&[("a", lines("a", 30) + "one\n"), ("b", lines("b", 40))], &[base], 200);
        // Renamed on one side, changed on the other.
        let other = commit(&[("moved", lines("a", 30)), ("c", lines("c", 40))], &[base], 300);
        let settled = ("moved", lines("a", 30) + "one\nsettled\n");
        let joined = [settled, ("b", lines("b", 40)), ("c", lines("c", 40))];
        for (more, is_graded) in [(None, true), (Some(("d", lines("d", 20))), false), (Some(("d", "\0".into())), false)]
        {
            let files: Vec<(&str, String)> = joined.iter().cloned().chain(more).collect();
            let merge = commit(&files, &[one, other], 1_200);
            let found = choose(&repo, merge, LIMIT, NOW, &[]).expect("a choice");
            assert_eq!(found.commit == Some(merge), is_graded, "{found:?}");
            assert_eq!(found.set_aside.is_empty(), is_graded, "what the other side made in time is shown: {found:?}");
        }
    }

    #[test]
    fn a_branch_that_is_merged_later_holds_its_base() {
        assert_graded("a: @100\nb: a @200\nm: a b @1100", "m", Some("b"), 1);
    }

    #[test]
    fn what_was_merged_with_later_work_is_a_question() {
        let text = "a: @100\na2: a @150\nw: a @180\nx: w @200\nlate: x @1100\nm: a2 late @1200";
        let found = assert_graded(text, "m", Some("x"), 2);
        assert_eq!(found.set_aside[0].commits, 1, "{found:?}");
        assert!(found.set_aside[0].is_doubtful());
    }

    #[test]
    fn a_rebase_after_the_deadline_is_a_question_with_both_dates() {
        let found = assert_graded("a: @1200/100\nb: a @1201/200", "b", None, 2);
        let [open] = &found.set_aside[..] else { panic!("{found:?}") };
        assert_eq!((open.kind, open.commits), (SetAsideKind::Dates, 2));
        assert!(
            open.examples[0].contains("written 1970-01-01T00:03:20+00:00, committed 1970-01-01T00:20:01"),
            "{open:?}"
        );
        let amended = assert_graded("a: @100\nb: a @200\nc: b @1100/300", "c", Some("b"), 1);
        assert_eq!(amended.set_aside[0].commits, 1);
    }

    #[test]
    fn a_secret_in_a_subject_is_not_told() {
        let secret = ["ghp_", "Zr1kQ7yVnT0xPqLmW3sHdJ5uGfE9aCoXiR2N"].concat();
        let found = assert_graded(&format!("a: @100\n{secret}: a @1100/300"), &secret, Some("a"), 1);
        let told = &found.set_aside[0].examples[0];
        assert!(told.contains("“ghp_…[redacted github token]”") && !told.contains(&secret), "{told}");
    }

    #[test]
    fn a_copy_of_what_is_graded_is_no_question() {
        let found = assert_graded("a: @100\nb: a @200\na~2: @1200/100\nm: b a~2 @1250", "m", Some("b"), 2);
        assert!(found.set_aside.is_empty());
    }

    #[test]
    fn a_date_before_that_of_its_parent_is_shown() {
        let found = assert_graded("a: @100\nlate: a @1100\nback: late @900", "back", Some("a"), 1);
        assert!(found.set_aside[0].what.contains("on top of later ones"), "{found:?}");
    }

    #[test]
    fn a_date_in_the_future_is_told_by_the_graph() {
        let found = assert_graded(&format!("a: @100\nb: a @{FUTURE}\nc: b @{FUTURE}\nd: c @900"), "d", Some("d"), 0);
        assert!(found.set_aside.is_empty(), "what was made in time stands on them: {found:?}");
        let found = assert_graded(&format!("a: @100\nb: a @{FUTURE}"), "b", Some("a"), 0);
        let [open] = &found.set_aside[..] else { panic!("{found:?}") };
        assert_eq!((open.kind, open.commits), (SetAsideKind::Dates, 1));
        assert!(open.what.contains("dated in the future"), "{open:?}");
        let found = assert_graded(&format!("a: @100\nb: a @{FUTURE}\nc: b @1100"), "c", Some("a"), 1);
        assert_eq!(found.set_aside[0].commits, 1, "it may be as late as the one that stands on it");
        assert_graded("zero: @0\nnext: zero @1", "next", Some("next"), 0);
    }

    #[test]
    fn before_the_deadline_nothing_is_late() {
        let (_directory, repo, ids) = graph(&format!("a: @100\nb: a @{FUTURE}"));
        let found = choose(&repo, ids["b"], LIMIT, LIMIT - 500, &[]).expect("a choice");
        assert_eq!((found.commit, found.later, found.set_aside.len()), (Some(ids["b"]), 0, 0));
    }

    #[test]
    fn what_an_earlier_collection_saw_was_made_by_then() {
        // The clock was ahead; by now the dates have passed, or not.
        for ahead in [2_000, FUTURE] {
            let (_directory, repo, ids) = graph(&format!("a: @100\nb: a @{ahead}\nc: b @{ahead}\nd: c @{ahead}"));
            let at = |name: &str, at: i64| Seen { commit: ids[name].to_string(), at };
            let chosen = |seen: &[Seen]| choose(&repo, ids["d"], LIMIT, NOW, seen).expect("a choice");
            let found = chosen(&[at("c", 1_500), at("c", 900)]);
            assert_eq!(found.commit, Some(ids["c"]), "b was there with it: {found:?}");
            assert_eq!(chosen(&[at("d", LIMIT)]).commit, Some(ids["d"]));
            for other in [String::new(), "d".to_owned(), ids["d"].to_string()[..8].to_owned()] {
                let of_none = [Seen { commit: other, at: LIMIT }];
                assert_eq!(chosen(&of_none).commit, chosen(&[]).commit, "{of_none:?}");
            }
            // Seen first after the deadline, it may have been made before.
            let found = chosen(&[at("d", 1_200)]);
            assert_eq!((found.commit, found.later), (Some(ids["a"]), 0), "{found:?}");
            let [open] = &found.set_aside[..] else { panic!("{found:?}") };
            assert!(open.commits == 3 && open.what.contains("nobody can tell when they were made"), "{open:?}");
        }
        // A date that is not later than that is the commit's own.
        let (_directory, repo, ids) = graph("a: @100\nb: a @1100");
        let seen = [Seen { commit: ids["b"].to_string(), at: 1_200 }];
        let found = choose(&repo, ids["b"], LIMIT, NOW, &seen).expect("a choice");
        assert_eq!((found.commit, found.later, found.set_aside.len()), (Some(ids["a"]), 1, 0), "{found:?}");
    }

    /// Whatever the graph: what was made in time is graded or shown, and no later work is graded.
    #[test]
    fn nothing_made_in_time_is_lost_in_silence() {
        let mut state = 7_u64;
        let mut below = |end: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % end
        };
        for _ in 0..40 {
            let (mut text, mut is_parent) = (String::new(), [false; 12]);
            for at in 0..12 {
                let mut parents = Vec::new();
                for _ in 0..below(3).min(at) {
                    let parent = below(at);
                    is_parent[parent] = true;
                    parents.push(parent);
                }
                parents.dedup();
                let parents: Vec<String> = parents.iter().map(|parent| format!("c{parent}")).collect();
                text.push_str(&format!("c{at}: {} @{}\n", parents.join(" "), below(1_400)));
            }
            let open: Vec<String> = (0..12).filter(|at| !is_parent[*at]).map(|at| format!("c{at}")).collect();
            text.push_str(&format!("tip: {} @1500", open.join(" ")));
            let (_directory, repo, ids) = graph(&text);
            let found = choose(&repo, ids["tip"], LIMIT, NOW, &[]).expect("a choice");
            let nodes = read(&repo, ids["tip"], LIMIT, NOW, &[]).expect("commits");
            let graded = nodes.iter().position(|node| Some(node.id) == found.commit);
            let held = graded.map(|graded| held_by(&nodes, graded)).unwrap_or_default();
            for at in &held {
                assert!(nodes[*at].in_time || nodes[*at].parents.len() > 1, "later work is graded: {text}");
            }
            let lost = (0..nodes.len()).filter(|at| !held.contains(at) && nodes[*at].parents.len() < 2);
            let lost = lost.filter(|at| nodes[*at].committed.seconds() <= LIMIT).count() as u64;
            let shown: u64 = found.set_aside.iter().map(|it| it.commits).sum();
            assert_eq!(lost, shown, "{found:?} of {text}");
        }
    }
}
