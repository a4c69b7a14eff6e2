//! Two collections of one team become one bundle, and nothing that was read is replaced by less.
//!
//! Readings that describe one thing are chosen together, for a mixture would be judged as something that never was:
//!
//! | unit | the newer one counts | the earlier one counts |
//! |---|---|---|
//! | the repository | another commit is graded, or the roster names other work | nothing can be read there any more; at the same commit, for what could not be read this time |
//! | the stack | something new stands in place of what is gone | it is gone, and nothing new is there; for tables that could not be read this time |
//! | its answers | they are of another address | nothing answers any more; for requests that could not be sent this time |
//!
//! What nobody asked for this time stays as it was. Whatever is not used is kept as well, and the ledger names it.

use serde_json::Value as Json;
use stackmark_evidence::Evidence;
use stackmark_evidence::ledger::{Because, Choice, Ledger, Taken, Used};

use crate::readings::{Families, Family, State, lacks_rows, put, reading, states};

/// A bundle with the SHA-256 of its stored form.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Version<'a> {
    pub(crate) evidence: &'a Evidence,
    pub(crate) sha256: &'a str,
}

/// Tables that empty themselves with time, whatever becomes of the stack.
const PASSING: [&str; 5] =
    ["aws.metrics", "aws.scaling_activities", "aws.instance_events", "aws.stack_deletions", "aws.alarms"];

/// What the two say of one unit.
#[derive(Default)]
struct Compared {
    /// Held something, and holds nothing now.
    gone: Vec<String>,
    /// Was read, and could not be read now.
    unread: Vec<String>,
    /// Was read, and nobody asked now.
    unasked: Vec<String>,
    /// Something is there that was not there before.
    found: bool,
}

struct Merge<'a> {
    earlier: Version<'a>,
    newer: Version<'a>,
    old: Json,
    out: Json,
    ledger: Ledger,
    /// Take what is new, even where it is less.
    newest: bool,
}

/// The bundle that counts, of an earlier one and of a newer one that renewed some families.
///
/// # Errors
/// A bundle does not serialize, or the merged one is none, which is a defect.
pub(crate) fn merge(
    earlier: Version<'_>,
    newer: Version<'_>,
    renewed: &Families,
    newest: bool,
) -> Result<Evidence, serde_json::Error> {
    let (old, out) = (serde_json::to_value(earlier.evidence)?, serde_json::to_value(newer.evidence)?);
    let mut merge = Merge { earlier, newer, old, out, ledger: Ledger::default(), newest };
    for family in Family::ALL.into_iter().filter(|family| !renewed.contains(family)) {
        merge.keep_family(family);
    }
    merge.repository(renewed);
    if renewed.contains(&Family::Aws) {
        merge.stack();
    }
    if renewed.contains(&Family::Http) {
        merge.answers();
    }
    merge.keep_what_was_asked();
    let mut merged: Evidence = serde_json::from_value(merge.out)?;
    merged.ledger = tidied(merge.ledger);
    merged.redactions = merged.redactions.max(earlier.evidence.redactions);
    Ok(merged)
}

/// Each reading once, in the latest choice about it, and none that is read again by now.
fn tidied(mut ledger: Ledger) -> Ledger {
    let mut choices: Vec<Choice> = Vec::new();
    while let Some(mut choice) = ledger.choices.pop() {
        let later = |path: &String| choices.iter().any(|choice| choice.readings.contains(path));
        let stands = |path: &String| choice.used == Used::Newer || ledger.taken_at(path).is_some();
        let readings = choice.readings.iter().filter(|path| stands(path) && !later(path)).cloned().collect();
        choice.readings = readings;
        if !choice.readings.is_empty() {
            choices.insert(0, choice);
        }
    }
    Ledger { choices, ..ledger }
}

impl Merge<'_> {
    fn compare(&self, family: Family) -> Compared {
        let (before, now) = (states(&self.old, family), states(&self.out, family));
        // Requests that were never sent have the reason at their target.
        let target = State::of(reading(&self.out, "http.target"));
        let mut compared = Compared::default();
        for (path, was) in &before {
            let unsent = if path.contains(' ') && target != State::Full { target } else { State::NotAsked };
            let is = now.get(path).copied().unwrap_or(unsent);
            match (was, is) {
                (State::Full, State::Empty | State::Absent) => compared.gone.push(path.clone()),
                (State::Full, State::Full) if lacks_rows(&self.out, path) && !lacks_rows(&self.old, path) => {
                    compared.unread.push(path.clone());
                }
                // That nothing is there was read as well.
                (State::Full | State::Empty | State::Absent, State::Unreadable) => compared.unread.push(path.clone()),
                (State::Full | State::Empty | State::Absent, State::NotAsked) => compared.unasked.push(path.clone()),
                _ => {}
            }
        }
        compared.found = now.iter().any(|(path, is)| {
            let was = before.get(path).copied().unwrap_or(State::NotAsked);
            *is == State::Full && matches!(was, State::Empty | State::Absent) && !PASSING.contains(&path.as_str())
        });
        compared
    }

    /// The earlier reading counts.
    fn keep(&mut self, path: &str) {
        put(&mut self.out, &self.old, path);
        self.ledger.taken_at.insert(path.to_owned(), self.earlier.evidence.taken_at(path).to_owned());
        self.keep_choices(|choice| choice.readings.iter().any(|known| known == path));
    }

    /// The earlier readings of a whole family count, with all that stands beside them.
    fn keep_family(&mut self, family: Family) {
        let name = family.as_str();
        let Some(value) = self.old.get(name).cloned() else { return };
        if states(&self.old, family).values().all(|state| *state == State::NotAsked) {
            return;
        }
        self.out[name] = value;
        let evidence = self.earlier.evidence;
        if family == Family::Git {
            self.out["asked"]["work_sha256"] = Json::from(evidence.asked.work_sha256.clone());
        }
        let own = evidence.ledger.taken_at.iter().filter(|(path, _)| path.split('.').next() == Some(name));
        self.ledger.taken_at.extend(own.map(|(path, at)| (path.clone(), at.clone())));
        let at = evidence.taken_at(name).to_owned();
        self.ledger.taken_at.entry(name.to_owned()).or_insert(at);
        let prefix = format!("{name}.");
        self.keep_choices(|choice| choice.readings.iter().any(|path| path.starts_with(&prefix)));
    }

    /// What was chosen before, and still counts, is still said.
    fn keep_choices(&mut self, still: impl Fn(&Choice) -> bool) {
        for choice in self.earlier.evidence.ledger.choices.iter().filter(|choice| still(choice)) {
            if !self.ledger.choices.contains(choice) {
                self.ledger.choices.push(choice.clone());
            }
        }
    }

    fn choose(&mut self, readings: Vec<String>, because: Because) {
        let Some(first) = readings.first() else { return };
        let used = match because {
            Because::Unread | Because::Gone => Used::Earlier,
            Because::Replaced | Because::OtherCommit | Because::OtherWork | Because::Asked => Used::Newer,
        };
        let (earlier, newer) = (self.earlier, self.newer);
        // What is still the same lack is said once, of the latest try, and still names the collection that read it.
        let known = |choice: &&Choice| choice.readings == readings && choice.used == Used::Earlier;
        let first_taken = earlier.evidence.ledger.choices.iter().find(known).map(|choice| choice.earlier.clone());
        let taken = first_taken.unwrap_or_else(|| Taken {
            at: earlier.evidence.taken_at(first).to_owned(),
            sha256: earlier.sha256.to_owned(),
        });
        self.ledger.choices.retain(|known| known.readings != readings);
        self.ledger.choices.push(Choice {
            readings,
            used,
            because,
            earlier: taken,
            newer: Taken { at: newer.evidence.collected_at.clone(), sha256: newer.sha256.to_owned() },
        });
    }

    /// All of one commit.
    fn repository(&mut self, renewed: &Families) {
        let families: Vec<Family> = Family::REPOSITORY.into_iter().filter(|it| renewed.contains(it)).collect();
        let had = State::of(reading(&self.old, "git.head"));
        if had == State::Full && !renewed.contains(&Family::Git) {
            self.keep_team();
        }
        if families.is_empty() {
            return;
        }
        let (was, is) = (reading(&self.old, "git.head"), reading(&self.out, "git.head"));
        let has = State::of(is);
        let commit = |head: Option<&Json>| Some(head?.get("value")?.get("commit")?.as_str()?.to_owned());
        let same_commit = had == State::Full && commit(was) == commit(is);
        let (before, now) = (&self.earlier.evidence.team, &self.newer.evidence.team);
        let same_folder = before.folder == now.folder;
        let same_members = before.members == now.members;
        let compared: Vec<(Family, Compared)> = families.iter().map(|it| (*it, self.compare(*it))).collect();
        let lost: Vec<String> = compared.iter().flat_map(|(_, it)| it.gone.iter().chain(&it.unread).cloned()).collect();
        if self.newest {
            self.choose(lost, Because::Asked);
            return;
        }
        let because = match (had, has) {
            (State::Full | State::Empty | State::Absent, State::Unreadable) => Some(Because::Unread),
            (State::Full, State::Absent | State::Empty) => Some(Because::Gone),
            _ => None,
        };
        if because.is_some() && !self.is_same_work() {
            self.choose(lost, Because::OtherWork);
            return;
        }
        if let Some(because) = because {
            for family in families {
                self.keep_family(family);
            }
            self.choose(lost, because);
            self.keep_team();
            return;
        }
        if has == State::NotAsked {
            for family in families {
                self.keep_family(family);
            }
            if had == State::Full {
                self.keep_team();
            }
            return;
        }
        if !same_commit {
            self.choose(lost, Because::OtherCommit);
            return;
        }
        let (mut unread, mut left) = (Vec::new(), Vec::new());
        // The measures of the history, and whom the report names, are of these very members.
        let of_members =
            |path: &str| path.starts_with("git.") || ["report.members_named", "report.contributions"].contains(&path);
        let comparable = |path: &str| same_folder && (same_members || !of_members(path));
        for (_, compared) in compared {
            for path in compared.unasked.iter().filter(|path| comparable(path)) {
                self.keep(path);
            }
            for path in compared.unread {
                if comparable(&path) {
                    self.keep(&path);
                    unread.push(path);
                } else {
                    left.push(path);
                }
            }
            left.extend(compared.gone);
        }
        self.choose(unread, Because::Unread);
        self.choose(left, Because::Replaced);
    }

    /// Whether the roster still names what the earlier readings are of. Files of an older version tell the address alone, and
    /// that only where it could be reached.
    fn is_same_work(&self) -> bool {
        let (before, now) = (&self.earlier.evidence, &self.newer.evidence);
        if let (Some(before), Some(now)) = (&before.asked.work_sha256, &now.asked.work_sha256) {
            return before == now;
        }
        match (before.git.source.value(), now.git.source.value()) {
            (Some(before), Some(now)) => before.location == now.location,
            _ => true,
        }
    }

    /// The measures of a repository are of the team as it was then.
    fn keep_team(&mut self) {
        let nonce = self.out["team"].get("nonce").cloned();
        if let Some(team) = self.old.get("team").cloned() {
            self.out["team"] = team;
        }
        match nonce {
            Some(nonce) => self.out["team"]["nonce"] = nonce,
            None => drop(self.out["team"].as_object_mut().and_then(|team| team.shift_remove("nonce"))),
        }
    }

    /// All of one account.
    fn stack(&mut self) {
        let mut compared = self.compare(Family::Aws);
        let (passed, gone): (Vec<String>, Vec<String>) =
            compared.gone.into_iter().partition(|path| PASSING.contains(&path.as_str()));
        compared.gone = gone;
        // Where nothing carries the tags any more, what the account holds otherwise is somebody else's.
        let tagged = |bundle: &Json| reading(bundle, "aws.scope")?.get("value")?.get("tagged")?.as_u64();
        if tagged(&self.old) > Some(0) && tagged(&self.out) == Some(0) {
            compared.gone.push("aws.scope".to_owned());
            compared.found = false;
        }
        let lost: Vec<String> = compared.gone.iter().chain(&compared.unread).cloned().collect();
        if self.newest {
            self.choose(lost, Because::Asked);
        } else if !compared.gone.is_empty() && compared.found {
            self.choose(lost, Because::Replaced);
        } else if !compared.gone.is_empty() {
            self.keep_family(Family::Aws);
            self.choose(lost, Because::Gone);
        } else {
            for path in compared.unasked.iter().chain(&compared.unread).chain(&passed) {
                self.keep(path);
            }
            self.choose(lost, Because::Unread);
            self.choose(passed, Because::Gone);
        }
    }

    /// All of one address.
    fn answers(&mut self) {
        let compared = self.compare(Family::Http);
        let (was, is) = (reading(&self.old, "http.target"), reading(&self.out, "http.target"));
        let (had, has) = (State::of(was), State::of(is));
        let url = |target: Option<&Json>| Some(target?.get("value")?.get("url")?.as_str()?.to_owned());
        let same = url(was) == url(is);
        let lost: Vec<String> = compared.gone.iter().chain(&compared.unread).cloned().collect();
        if self.newest {
            self.choose(lost, Because::Asked);
        } else if had == State::Full && has != State::Full {
            self.keep_family(Family::Http);
            let because = if compared.gone.is_empty() { Because::Unread } else { Because::Gone };
            self.choose(lost, because);
        } else if !same && had == State::Full {
            self.choose(lost, Because::Replaced);
        } else {
            for path in compared.unasked.iter().chain(&lost) {
                self.keep(path);
            }
            self.choose(compared.unread, Because::Unread);
            self.choose(compared.gone, Because::Gone);
        }
    }

    /// An item whose requests were kept is judged by these, and not by those that were planned since.
    fn keep_what_was_asked(&mut self) {
        let (asked, planned) = (&self.earlier.evidence.asked, &self.newer.evidence.asked);
        if asked.rubric_sha256 != planned.rubric_sha256 {
            return;
        }
        for (item, before) in &asked.items {
            let Some(now) = planned.items.get(item) else { continue };
            let there = |table: &str, key: &str| reading(&self.out, &format!("http.{table} {key}")).is_some();
            let all = |keys: &[String]| keys.iter().all(|key| there("exchanges", key));
            let requests = !all(&now.requests) && all(&before.requests);
            let load = match (&now.load, &before.load) {
                (Some(now), Some(before)) => !there("loads", now) && there("loads", before),
                _ => false,
            };
            let entry = &mut self.out["asked"]["items"][item.as_str()];
            if requests {
                entry["requests"] = Json::from(before.requests.clone());
            }
            if load {
                entry["load"] = Json::from(before.load.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
