//! How the members worked together.
//!
//! Each figure is counted from commits alone and says what it says: git knows nothing of a call, a shared screen or a
//! review on the forge. Source: no formula, plain counts; the definitions stand at the fields of
//! [`stackmark_evidence::git::Coordination`] and, where they need more words, in the modules here.

mod handovers;
mod merges;
mod pace;
mod reviews;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use git2::Repository;
use jiff::civil::Date;

use self::handovers::Handovers;
use self::reviews::{PullRequests, Reviews};
pub(super) use self::reviews::{only_claims_pull_request, says_pull_request};
use super::attribution::{Attribution, Substance, Who};
use super::dates::{is_future, rfc3339, written, zoned};
use super::diff::Status;
use super::identities::Identities;
use super::record::{History, Record};
use super::rounded;
use stackmark_evidence::closed::LastDayBefore;
use stackmark_evidence::git::{Coordination, Head, MemberActivity};
use stackmark_evidence::{Cause, Reading, Team, Unreadable};

const DAY_SECONDS: i64 = 86_400;

/// Counts; `Absent` where there is no commit to count but merges.
///
/// # Errors
/// `Malformed` where the branches cannot be listed.
pub(super) fn measure(
    repo: &Repository,
    head: &Head,
    history: &History,
    attributions: &[Attribution],
    identities: &Identities,
    team: &Team,
    now: i64,
) -> Result<Reading<Coordination>, Unreadable> {
    if history.commits.iter().all(Record::is_merge) {
        return Ok(Reading::absent("the history has no commit but merges"));
    }
    let pairs = || history.commits.iter().zip(attributions);
    let single = || pairs().filter(|(commit, _)| !commit.is_merge());
    // What people did, be it only in files that do not count.
    let acts = || pairs().filter(|(_, attribution)| attribution.is_act());
    let work = || pairs().filter(|(_, attribution)| attribution.is_work());
    let writing = || pairs().filter(|(commit, attribution)| attribution.is_writing(commit));

    let of_people = |index: usize| -> BTreeSet<Option<usize>> {
        if attributions[index].is_act() { attributions[index].people() } else { BTreeSet::new() }
    };
    let mut brought = merges::authors_brought_in(&history.lineage, of_people);
    let (mut updates, mut merges_of_others, mut merges_of_work) = (0, 0, 0);
    let mut merges_by: BTreeMap<usize, u64> = BTreeMap::new();
    let (mut reviews, mut pull_requests) = (Reviews::default(), PullRequests::default());
    for (index, (commit, attribution)) in pairs().enumerate() {
        if !commit.is_merge() {
            if attribution.is_act() {
                reviews.look_at(commit, &attribution.people(), None, identities);
                pull_requests.look_at(commit);
            }
            continue;
        }
        if merges::is_update(&commit.subject, head.branch.as_deref()) {
            updates += 1;
            continue;
        }
        let authors = brought.remove(&index).unwrap_or_default();
        let of_others =
            attribution.author_member().filter(|merger| !authors.is_empty() && !authors.contains(&Some(*merger)));
        merges_of_others += u64::from(of_others.is_some());
        merges_of_work += u64::from(!authors.is_empty());
        if let Some(merger) = attribution.author_member() {
            *merges_by.entry(merger).or_default() += 1;
        }
        reviews.look_at(commit, &authors, of_others, identities);
        if !authors.is_empty() {
            pull_requests.look_at_merge(commit, &authors, attribution.author_member());
        }
    }

    let handovers = Handovers::of(history, attributions);
    let (ends, before) =
        match head.due.as_ref().or(head.deadline.as_ref()).and_then(|moment| moment.parse::<jiff::Timestamp>().ok()) {
            Some(deadline) => (git2::Time::new(deadline.as_second(), 0), LastDayBefore::Deadline),
            None => (last_written(history, attributions, now), LastDayBefore::LastCommit),
        };
    let active: BTreeSet<usize> = writing().flat_map(|(_, attribution)| attribution.members()).collect();
    let authored: BTreeSet<usize> = writing().filter_map(|(_, attribution)| attribution.author_member()).collect();
    let day_of = |commit: &Record| written(commit.authored, commit.committed, now).map(|moment| zoned(moment).date());
    let days: BTreeSet<Date> = acts().filter_map(|(commit, _)| day_of(commit)).collect();
    let committed_days: BTreeSet<Date> = acts()
        .filter(|(commit, _)| !is_future(commit.committed, now))
        .map(|(commit, _)| zoned(commit.committed).date())
        .collect();
    let mut own: Vec<Vec<(&Record, &Attribution)>> = vec![Vec::new(); team.members.len()];
    for (commit, attribution) in acts() {
        for member in attribution.members() {
            own[member].push((commit, attribution));
        }
    }
    let (shared_files_share, shared_files) = shared_files(history, attributions, &authored);
    let together = || work().filter(|(_, attribution)| attribution.members().count() >= 2);
    let is_only_named = |attribution: &Attribution| {
        let author = attribution.author_member();
        attribution.members().filter(|member| Some(*member) != author).all(|member| !authored.contains(&member))
    };
    let by_member = (team.members.iter().enumerate())
        .map(|(index, member)| {
            let own = || own[index].iter().copied();
            let days: BTreeSet<Date> = own().filter_map(|(commit, _)| day_of(commit)).collect();
            let set_aside = own().filter(|(commit, it)| it.may_be_work(commit)).count();
            // A coding agent's commit names its people as well as a person's does.
            let changes = |it: &Attribution| matches!(it.substance, Substance::Work | Substance::SetAside);
            let mentions =
                || pairs().filter(move |(_, it)| changes(it)).filter_map(move |(_, it)| it.mentioned.get(&index));
            let is_author = |attribution: &Attribution| attribution.author_member() == Some(index);
            let (reviews_given, reviews_received) = reviews.of_member(index);
            let (took_over, handed_on) = handovers.of_member(index);
            MemberActivity {
                member: member.id.clone(),
                active_days: days.len() as u64,
                active_weeks: weeks_of(&days),
                first_day: days.first().map(Date::to_string),
                last_day: days.last().map(Date::to_string),
                last_day_share: last_day_share(own().map(|(commit, _)| commit), ends, now),
                merges: merges_by.get(&index).copied().unwrap_or(0),
                reviews_given,
                reviews_received,
                took_over,
                handed_on,
                authored: Some(writing().filter(|(_, attribution)| is_author(attribution)).count() as u64),
                named: Some(own().filter(|(_, it)| it.is_work() && !is_author(it)).count() as u64),
                set_aside: Some(set_aside as u64),
                set_aside_share: own().next().map(|_| rounded(set_aside as f64 / own().count() as f64)),
                mentioned: Some(mentions().count() as u64),
                mention: mentions().next().cloned(),
            }
        })
        .collect();
    Ok(Reading::observed(Coordination {
        commits: single().count() as u64,
        merges: pairs().count() as u64 - single().count() as u64,
        updates,
        merges_of_others,
        merges_of_work: Some(merges_of_work),
        reviewed: reviews.commits,
        reviews: reviews.listed(identities),
        co_authored: together().count() as u64,
        co_authored_only_named: Some(together().filter(|(_, it)| is_only_named(it)).count() as u64),
        co_authored_unknown: Some(work().filter(|(_, it)| !it.unknown.is_empty()).count() as u64),
        unknown_authored: Some(work().filter(|(_, it)| matches!(it.author, Who::Machine | Who::Unknown)).count() as u64),
        members_active: active.len() as u64,
        without_work: Some(
            (team.members.iter().enumerate())
                .filter(|(index, _)| !active.contains(index))
                .map(|(_, member)| member.id.clone())
                .collect(),
        ),
        // A fact of the identities, which `measure` adds.
        doubles: Vec::new(),
        pace: Some(pace::of(history, attributions)),
        members: team.members.len() as u64,
        by_member,
        branches: branches(repo, history)?,
        pull_requests: pull_requests.shown,
        pull_requests_claimed: Some(pull_requests.claimed),
        active_days: days.len() as u64,
        committed_days: Some(committed_days.len() as u64),
        active_weeks: weeks_of(&days),
        span_days: span_days(&days),
        last_day_share: last_day_share(
            pairs().filter(|(_, attribution)| attribution.is_of_people()).map(|(commit, _)| commit),
            ends,
            now,
        ),
        last_day_before: before,
        last_day_ends: rfc3339(ends),
        shared_files_share,
        shared_files: Some(shared_files),
        handed_over: handovers.times(),
        handovers: handovers.listed(|member| identities.id(member)),
    }))
}

fn weeks_of(days: &BTreeSet<Date>) -> u64 {
    let weeks: BTreeSet<(i16, i8)> =
        days.iter().map(|day| (day.iso_week_date().year(), day.iso_week_date().week())).collect();
    weeks.len() as u64
}

fn span_days(days: &BTreeSet<Date>) -> u64 {
    let span = days.first().zip(days.last()).and_then(|(first, last)| first.until(*last).ok());
    span.map_or(0, |span| u64::from(span.get_days().unsigned_abs()) + 1)
}

fn branches(repo: &Repository, history: &History) -> Result<Vec<String>, Unreadable> {
    let names = crate::repo::branch_names(repo)
        .map_err(|error| Unreadable::new(Cause::Malformed, format!("branches: {}", error.message())))?;
    let mut all: BTreeSet<String> = names.iter().map(|name| super::printed::printable(name)).collect();
    all.extend(history.commits.iter().flat_map(|commit| merges::branches_in(&commit.subject)));
    Ok(all.into_iter().collect())
}

/// When the last work was done; an empty commit later on moves nothing.
fn last_written(history: &History, attributions: &[Attribution], now: i64) -> git2::Time {
    let pairs = || history.commits.iter().zip(attributions);
    let acts = pairs().filter(|(commit, it)| it.is_act() || it.is_writing(commit));
    let moment = |commit: &Record| written(commit.authored, commit.committed, now);
    let last = acts.filter_map(|(commit, _)| moment(commit)).max_by_key(git2::Time::seconds);
    let any = || pairs().filter_map(|(commit, _)| moment(commit)).max_by_key(git2::Time::seconds);
    last.or_else(any).unwrap_or_else(|| git2::Time::new(0, 0))
}

/// Part of the work that is dated within the 24 hours before `ends`, or after it; `None` where there is none at all. Work of
/// which no date tells when it was done is not in the last day.
fn last_day_share<'h>(commits: impl Iterator<Item = &'h Record>, ends: git2::Time, now: i64) -> Option<f64> {
    let begins = ends.seconds().saturating_sub(DAY_SECONDS);
    let (mut all, mut late) = (0.0, 0.0);
    for commit in commits {
        let work = commit.change.own.work();
        all += work;
        let moment = written(commit.authored, commit.committed, now);
        late += if moment.is_some_and(|moment| moment.seconds() > begins) { work } else { 0.0 };
    }
    (all > 0.0).then(|| rounded(late / all))
}

/// Of the files that people changed twice or more, the part that two or more members changed; renames are followed, and a
/// change without a line is none; and how many files that is. A co-author counts where the member has work of their own hand somewhere, `authored`.
fn shared_files(history: &History, attributions: &[Attribution], authored: &BTreeSet<usize>) -> (f64, u64) {
    // Newest first: an older commit knows a file by the name that it had then.
    let mut now: HashMap<String, String> = HashMap::new();
    let mut changes: BTreeMap<String, (u64, BTreeSet<usize>)> = BTreeMap::new();
    for (commit, attribution) in history.commits.iter().zip(attributions) {
        for file in &commit.change.files {
            let name = now.get(&file.path).cloned().unwrap_or_else(|| file.path.clone());
            if attribution.is_work() && file.added + file.deleted > 0 {
                let (count, members) = changes.entry(name.clone()).or_default();
                *count += 1;
                members.extend(attribution.members().filter(|member| authored.contains(member)));
            }
            if file.status == Status::Renamed {
                now.insert(file.old_path.clone(), name);
            }
        }
    }
    let often: Vec<_> = changes.values().filter(|(count, _)| *count >= 2).collect();
    let shared = often.iter().filter(|(_, members)| members.len() >= 2).count();
    (if often.is_empty() { 0.0 } else { rounded(shared as f64 / often.len() as f64) }, shared as u64)
}
