//! How the history came about, as far as commits show it: facts for a person to weigh.
//!
//! What asks is rare among people. Of 22 student repositories of one course, with 14 to 260 commits each:
//!
//! | sign | asks from | people | a script that splits a dump |
//! |---|---|---|---|
//! | work committed within a minute of the commit before | half of it | 0 to 20 %, one 86 % | 98 % |
//! | gaps between commits ÷ their mean (standard deviation) | below 0.75, of 15 commits or more | 1.7 to 10 | 0; with random delays 0.3 |
//! | lines changed or removed later ÷ lines added | below 1 in 400, of 20 commits or more | 0.5 to 88 % | 0 |
//! | work of one member that another committed within five minutes | half of it | 2 of 67 commits by another, at that second | all |
//!
//! One changed line is enough to pass one of these. So weak facts that meet are told together: [`super::pieces`].
//!
//! Who sorts a long day with `git add -p` leaves the first one behind as well: that is why a person looks, and nothing
//! is taken.

use std::collections::{BTreeMap, BTreeSet};

use git2::Oid;

use super::attribution::{self, Attribution};
use super::by_program;
use super::claimed;
use super::coordination::{only_claims_pull_request, says_pull_request};
use super::identities::{is_forge, program};
use super::pieces;
use super::printed::EXAMPLES;
use super::record::{History, Record};
use stackmark_evidence::git::{Pace, Person};
use stackmark_evidence::{Sign, SignKind};

/// Readings that tell how the work came about.
static READINGS: [&str; 3] = ["contribution", "coordination", "atomicity"];
/// Those of them that rest on how many lines count: who of the team has work at all, a file that is set aside seldom changes.
static OF_LINES: [&str; 2] = ["contribution", "atomicity"];
/// Those of them that tell the members apart.
pub(super) static BY_MEMBER: [&str; 2] = ["contribution", "coordination"];

const BURST_SHARE: f64 = 0.5;
const BURST_COMMITS: u64 = 5;
/// Where commits come at random, the gaps vary by as much as their mean.
const AT_RANDOM: f64 = 1.0;
const EVEN: f64 = 0.75;
const EVEN_COMMITS: u64 = 15;
const ADDING_COMMITS: u64 = 20;
const ADDING_LINES: u64 = 200;
/// One line in so many that was changed or removed later.
const ADDING_ONLY: u64 = 400;
/// The same, worth telling.
const ADDING_MOSTLY: u64 = 50;
/// Seconds from the author's date to the committer's, within which a commit in another's name was not brought over later.
const AT_ONCE: i64 = 300;
/// Part of a member's work that another committed at once.
const ANOTHERS: f64 = 0.5;
/// A shorter name is a part of other words.
const MIN_NAME: usize = 5;

/// The signs of a history, each with the readings that it is about.
pub(super) fn of(
    history: &History,
    attributions: &[Attribution],
    pace: Option<&Pace>,
) -> Vec<(Sign, &'static [&'static str])> {
    let work: Vec<(&Record, &Attribution)> =
        history.commits.iter().zip(attributions).filter(|(_, attribution)| attribution.is_work()).collect();
    let commits = work.len() as u64;
    let mut signs: Vec<(Sign, &'static [&'static str])> = Vec::new();
    if let Some(pace) = pace {
        signs.extend(burst(pace, commits).map(|sign| (sign, &READINGS[..])));
        signs.extend(even(pace, commits).map(|sign| (sign, &READINGS[..])));
    }
    signs.extend(only_added(&work).map(|sign| (sign, &READINGS[..])));
    signs.extend(pieces::sign(&work).map(|sign| (sign, &READINGS[..])));
    signs.extend(by_program::sign(history, attributions).map(|sign| (sign, &READINGS[..])));
    signs.extend(claimed::sign(history, attributions).map(|sign| (sign, &OF_LINES[..])));
    signs.extend(committed_by_another(&work, attributions).map(|sign| (sign, &BY_MEMBER[..])));
    signs.extend(another_author(history, &work).map(|sign| (sign, &BY_MEMBER[..])));
    signs.extend(numbers_without_forge(history, attributions).map(|sign| (sign, &BY_MEMBER[1..])));
    signs
}

fn sign(kind: SignKind, asks: bool, says: String) -> Sign {
    Sign { kind, says, asks, examples: Vec::new() }
}

fn burst(pace: &Pace, commits: u64) -> Option<Sign> {
    let (fast, share) = (pace.within_a_minute, pace.within_a_minute_share);
    let says = format!(
        "{fast} of {commits} commits, {:.0}% of the work, follow the one before within a minute",
        share * 100.0
    );
    (fast > 0).then(|| sign(SignKind::Burst, share >= BURST_SHARE && fast >= BURST_COMMITS, says))
}

fn even(pace: &Pace, commits: u64) -> Option<Sign> {
    let variation = pace.gap_variation.filter(|variation| *variation < AT_RANDOM)?;
    let says = format!("the gaps between {commits} commits are nearly even: they vary by {variation:.2} of their mean");
    Some(sign(SignKind::EvenGaps, variation < EVEN && commits >= EVEN_COMMITS, says))
}

fn only_added(work: &[(&Record, &Attribution)]) -> Option<Sign> {
    let commits = work.len() as u64;
    let added: u64 = work.iter().map(|(commit, _)| commit.change.added()).sum();
    let deleted: u64 = work.iter().map(|(commit, _)| commit.change.deleted()).sum();
    if commits < ADDING_COMMITS || added < ADDING_LINES || deleted.saturating_mul(ADDING_MOSTLY) >= added {
        return None;
    }
    let says = format!("of {added} lines that {commits} commits added, {deleted} were changed or removed later");
    Some(sign(SignKind::OnlyAdded, deleted.saturating_mul(ADDING_ONLY) < added, says))
}

/// Members with work who never committed anything themselves, and whose commits another member committed, or GitHub by name
/// alone.
///
/// Anything: who uploads pictures on the forge commits, and a rebase by somebody else may have caught all of their work.
fn committed_by_another(work: &[(&Record, &Attribution)], attributions: &[Attribution]) -> Option<Sign> {
    let members: BTreeSet<usize> = work.iter().filter_map(|(_, it)| it.author_member()).collect();
    let own = attribution::committing(attributions);
    let without = members.difference(&own).count();
    let by_others: Vec<&(&Record, &Attribution)> =
        work.iter().filter(|(_, it)| it.author_member().is_some_and(|member| !own.contains(&member))).collect();
    let (all, commits) = (members.len(), by_others.len());
    let says = if by_others.iter().any(|(_, it)| it.only_claims_github) {
        format!(
            "{without} of {all} members with work committed nothing themselves: another member, or GitHub's name without \
             its signature, committed what they wrote (commits: {commits})"
        )
    } else {
        format!(
            "{without} of {all} members with work committed nothing themselves: another member committed what they wrote \
             (commits: {commits})"
        )
    };
    let mut sign = sign(SignKind::CommittedByAnother, true, says);
    sign.examples = places(by_others.into_iter().map(|(commit, _)| *commit));
    (without > 0).then_some(sign)
}

/// Commits that name another author than whoever committed them within five minutes: a team-mate, or an address that is no
/// member's and commits for several.
///
/// `git commit --author` gives both dates at once, and a date that is typed beside it differs little. A rebase, `git am` and a
/// picked commit keep the author's own, older date; within minutes they look the same, so the sentence names them. A forge
/// commits in its own name. A message that names the committer, and a merge request whose squash this is,
/// explain it: then the commit says itself how it came about.
fn another_author(history: &History, work: &[(&Record, &Attribution)]) -> Option<Sign> {
    let requested: BTreeSet<Oid> = (history.commits.iter())
        .filter(|commit| commit.is_merge() && says_pull_request(commit))
        .flat_map(|merge| merge.parents.iter().skip(1).copied())
        .collect();
    let mut found: Vec<(&Record, usize, Option<usize>)> = (work.iter())
        .filter_map(|(commit, it)| Some((*commit, it.author_member()?, it.committer)))
        .filter(|(commit, author, committer)| {
            *committer != Some(*author)
                && (0..=AT_ONCE).contains(&commit.committed.seconds().saturating_sub(commit.authored.seconds()))
                && program(&commit.committer).is_none()
                && !is_forge(&commit.committer)
                && !names_committer(commit)
                && !requested.contains(&commit.id)
        })
        .collect();
    let mut by_strangers: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (commit, author, _) in found.iter().filter(|(_, _, committer)| committer.is_none()) {
        by_strangers.entry(address(&commit.committer)).or_default().insert(*author);
    }
    // One member's alone may be that member on another machine.
    found.retain(|(commit, _, committer)| {
        committer.is_some() || by_strangers.get(&address(&commit.committer)).is_some_and(|authors| authors.len() > 1)
    });
    let mut anothers: BTreeMap<usize, f64> = BTreeMap::new();
    for (commit, author, _) in found.iter().filter(|(_, _, committer)| committer.is_some()) {
        *anothers.entry(*author).or_default() += commit.change.own.work();
    }
    let part = |(author, anothers): (&usize, &f64)| {
        let own = work.iter().filter(|(_, it)| it.author_member() == Some(*author));
        let all: f64 = own.map(|(commit, _)| commit.change.own.work()).sum();
        if all > 0.0 { anothers / all } else { 0.0 }
    };
    let most = anothers.iter().map(part).max_by(f64::total_cmp);
    let mut says = match found.len() {
        0 => return None,
        1 => "1 commit names another author than whoever committed it within five minutes, as after git commit --author, git \
              cherry-pick or git am"
            .to_owned(),
        n => format!(
            "{n} commits name another author than whoever committed them within five minutes, as after git commit --author, \
             git cherry-pick or git am"
        ),
    };
    if let Some(most) = most {
        says.push_str(&format!(", by which a team-mate committed up to {:.0}% of a member's work", most * 100.0));
    }
    let mut sign = sign(SignKind::AnotherAuthor, most.is_some_and(|most| most >= ANOTHERS), says);
    sign.examples = places(found.into_iter().map(|(commit, _, _)| commit));
    Some(sign)
}

fn address(committer: &Person) -> String {
    committer.email.to_lowercase()
}

/// Whether a commit's message names its committer, as co-author, in a `Signed-off-by` or in other words.
fn names_committer(commit: &Record) -> bool {
    let message = commit.message().to_lowercase();
    let names = [&commit.committer.name, &commit.committer.email].map(|name| name.trim().to_lowercase());
    names.iter().any(|name| name.chars().count() >= MIN_NAME && message.contains(name))
}

/// The first few commits, as git shortens their ids.
pub(super) fn places<'r>(commits: impl IntoIterator<Item = &'r Record>) -> Vec<String> {
    commits.into_iter().take(EXAMPLES).map(|commit| commit.id.to_string()[..10].to_owned()).collect()
}

/// A forge writes the number of a pull request into the commit that it makes of one; anybody can type one.
///
/// The same commits as [`stackmark_evidence::git::Coordination::pull_requests_claimed`], with their places.
fn numbers_without_forge(history: &History, attributions: &[Attribution]) -> Option<Sign> {
    let claiming: Vec<&Record> = (history.commits.iter().zip(attributions))
        .filter(|(commit, attribution)| attribution.is_act() && only_claims_pull_request(commit))
        .map(|(commit, _)| commit)
        .collect();
    let says = match claiming.len() {
        0 => return None,
        1 => "1 commit names a pull request in nothing but the message, which anyone can type".to_owned(),
        n => format!("{n} commits name a pull request in nothing but the message, which anyone can type"),
    };
    Some(Sign { kind: SignKind::NumbersWithoutForge, says, asks: false, examples: places(claiming) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(fast: u64, share: f64, variation: Option<f64>) -> Pace {
        Pace {
            within_a_minute: fast,
            within_a_minute_share: share,
            gap_variation: variation,
            authors_of_one_committer: 1,
        }
    }

    #[test]
    fn what_people_do_is_told_and_asks_nothing() {
        assert_eq!(burst(&pace(0, 0.0, None), 30), None);
        assert!(burst(&pace(12, 0.2, None), 30).is_some_and(|sign| !sign.asks));
        assert!(burst(&pace(28, 0.98, None), 30).is_some_and(|sign| sign.asks));
        assert_eq!(even(&pace(0, 0.0, Some(1.7)), 30), None);
        assert!(even(&pace(0, 0.0, Some(0.9)), 30).is_some_and(|sign| !sign.asks));
        assert!(even(&pace(0, 0.0, Some(0.3)), 14).is_some_and(|sign| !sign.asks), "one commit a day for two weeks");
        assert!(even(&pace(0, 0.0, Some(0.3)), 30).is_some_and(|sign| sign.asks));
    }
}
