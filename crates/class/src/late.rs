//! Work after the deadline, where the rubric's `[late]` lets it count: the last commit in time and the last by the cutoff are
//! both graded, and the better one counts.

use stackmark_course::late::{Deduction, Late, Unit};
use stackmark_evidence::ledger::{Choice, Ledger};
use stackmark_evidence::{Evidence, Reading, SetAsideKind};
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::{Mark, OtherCommit};

use crate::failure::Failure;
use crate::history;
use crate::job::TeamJob;
use crate::merge::{Version, merge};
use crate::readings::{Families, Family};
use crate::store::{self, Results};
use crate::stored::{Stored, read_evidence_file};
use stackmark_render::json;

pub(crate) use crate::stored::LATE as FILE;

/// The reading of the graded commit.
const HEAD: &str = "git.head";

/// The job for the last commit in time: grace is in time.
pub(crate) fn in_time(mut job: TeamJob, late: &Late) -> TeamJob {
    job.repository.due = job.repository.deadline;
    job.repository.deadline = job.repository.deadline.map(|due| due.saturating_add(late.grace));
    job
}

/// The job for the last commit by the cutoff; `None` where nothing is due, or the commit is pinned.
pub(crate) fn by_cutoff(job: &TeamJob, late: &Late) -> Option<TeamJob> {
    let due = job.repository.deadline?;
    if job.repository.commit.is_some() {
        return None;
    }
    let mut later = job.clone();
    later.repository.due = Some(due);
    later.repository.deadline = Some(late.last(due));
    Some(later)
}

/// Whether the last commit in time leaves anything that may count as late: so may a commit whose date tells nothing yet.
pub(crate) fn is_more_after(in_time: &Evidence) -> bool {
    match &in_time.git.head {
        Reading::Observed { value } => {
            let undated = value.set_aside.iter().any(|aside| aside.kind == SetAsideKind::Dates);
            value.commits_after_deadline > 0 || undated
        }
        Reading::Absent { .. } => true,
        Reading::Unreadable(_) => false,
    }
}

/// Stores what was read at the cutoff, with the stack's readings of the evidence in time; takes away what is not late any more.
/// As in the evidence in time, nothing that was read is replaced by less: what stands stays where this collection could not
/// look, and where it read less there.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn store(
    results: &Results,
    in_time: &Stored,
    later: Option<Evidence>,
    renewed: &Families,
    newest: bool,
) -> Result<(), Failure> {
    let team = &in_time.evidence.team.id;
    let path = results.team(team, FILE);
    let standing = if path.is_file() { Some(store::read(&path)?) } else { None };
    let earlier = standing.as_ref().and_then(|text| json::read_evidence(text).ok());
    let looked = renewed.contains(&Family::Git) && saw_the_history(&in_time.evidence);
    let kept = later.is_none();
    let repository = match (later, earlier) {
        (Some(later), Some(earlier)) => {
            let newer = json::evidence(&later);
            let [before, now] =
                [standing.as_deref().unwrap_or_default(), newer.as_str()].map(|it| json::sha256_hex(it.as_bytes()));
            let renewed: Families = renewed.iter().copied().filter(|it| Family::REPOSITORY.contains(it)).collect();
            let before = Version { evidence: &earlier, sha256: &before };
            let mut merged = merge(before, Version { evidence: &later, sha256: &now }, &renewed, newest)?;
            keep_first_sight(&mut merged, &earlier);
            if merged.ledger.choices.iter().any(|choice| choice.newer.sha256 == now) {
                history::keep_evidence(results, team, &newer)?;
            }
            Some(merged)
        }
        (Some(later), None) => Some(later),
        (None, Some(earlier)) if looked || is_other_work(&earlier, &in_time.evidence) => None,
        (None, Some(earlier)) => Some(dated(earlier)),
        (None, None) => None,
    };
    let text = match repository {
        Some(repository) if commit(&repository) != commit(&in_time.evidence) => {
            let whole = Evidence {
                ledger: ledger(&repository, &in_time.evidence, kept),
                git: repository.git,
                code: repository.code,
                report: repository.report,
                redactions: repository.redactions.max(in_time.evidence.redactions),
                ..in_time.evidence.clone()
            };
            Some(json::evidence(&whole))
        }
        _ => None,
    };
    if let Some(standing) = standing.filter(|standing| text.as_ref() != Some(standing)) {
        history::keep_evidence(results, team, &standing)?;
    }
    match text {
        Some(text) => store::write(&path, &text)?,
        None if path.is_file() => store::remove(&path)?,
        None => {}
    }
    Ok(())
}

/// A commit that an earlier collection saw was made by then, however often it is read again: that is the date of its reading.
fn keep_first_sight(merged: &mut Evidence, earlier: &Evidence) {
    let first = earlier.taken_at(HEAD);
    let is_known = commit(merged).is_some() && commit(merged) == commit(earlier);
    let is_sooner = moment(first).zip(moment(merged.taken_at(HEAD))).is_some_and(|(first, again)| first < again);
    if is_known && is_sooner {
        merged.ledger.taken_at.insert(HEAD.to_owned(), first.to_owned());
    }
}

/// Whether the roster names other work by now than what this is of.
fn is_other_work(earlier: &Evidence, now: &Evidence) -> bool {
    let work = |evidence: &Evidence| evidence.asked.work_sha256.clone();
    work(earlier).zip(work(now)).is_some_and(|(before, now)| before != now)
}

/// Seconds since the epoch.
pub(crate) fn moment(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}

/// Whether this very collection saw the history: its head is no earlier reading, and could be read.
fn saw_the_history(in_time: &Evidence) -> bool {
    let read = !matches!(in_time.git.head, Reading::Unreadable(_));
    read && in_time.ledger.taken_at(HEAD).is_none()
}

fn of_repository(path: &str) -> bool {
    Family::REPOSITORY.iter().any(|family| path.split('.').next() == Some(family.as_str()))
}

/// Evidence whose readings of the repository say when they were taken, wherever they go.
fn dated(mut evidence: Evidence) -> Evidence {
    for family in Family::REPOSITORY.map(Family::as_str) {
        let at = evidence.taken_at(family).to_owned();
        evidence.ledger.taken_at.entry(family.to_owned()).or_insert(at);
    }
    evidence
}

/// What one says of the repository, and the other of all else. Where what stood is kept, why is what the one in time says.
fn ledger(repository: &Evidence, in_time: &Evidence, kept: bool) -> Ledger {
    let is_of = |choice: &Choice| choice.readings.first().is_some_and(|path| of_repository(path));
    let (late, other) = (&repository.ledger, &in_time.ledger);
    let mut choices: Vec<Choice> = other.choices.iter().filter(|choice| kept || !is_of(choice)).cloned().collect();
    for choice in late.choices.iter().filter(|choice| is_of(choice)) {
        if choices.iter().all(|known| known.readings != choice.readings) {
            choices.push(choice.clone());
        }
    }
    let mut taken_at = other.taken_at.clone();
    taken_at.retain(|path, _| !of_repository(path));
    let of_late = late.taken_at.iter().filter(|(path, _)| of_repository(path));
    taken_at.extend(of_late.map(|(path, at)| (path.clone(), at.clone())));
    Ledger { taken_at, choices }
}

fn commit(evidence: &Evidence) -> Option<&str> {
    evidence.git.head.value().map(|head| head.commit.as_str())
}

/// The stored evidence of the last commit by the cutoff.
pub(crate) fn read(results: &Results, team: &str) -> Result<Option<Stored>, Failure> {
    let path = results.team(team, FILE);
    if path.is_file() { read_evidence_file(&path, team).map(Some) } else { Ok(None) }
}

/// What being late costs; `None` in time, or where nobody knows when the work was due.
pub(crate) fn deduction(evidence: &Evidence, late: &Late, language: &str) -> Option<Deduction> {
    let head = evidence.git.head.value()?;
    // Nothing was made after the first collection that saw it, whatever a clock said.
    let collected = moment(evidence.taken_at(HEAD)).unwrap_or(i64::MAX);
    // A tip that is dated back is no earlier than what it stands on.
    let dates = [Some(&head.committed_at), head.latest_at.as_ref()].into_iter().flatten();
    let (made, when) = dates.filter_map(|date| Some((moment(date)?, date))).max()?;
    let units = late.units(moment(evidence.due.as_deref()?)?, made.min(collected));
    if units == 0 {
        return None;
    }
    Some(Deduction {
        points: late.cost(units),
        floor: late.floor,
        reason: words(units, late, language),
        when: when.clone(),
    })
}

/// In the course's language, for the line stands on the team's report.
fn words(units: u32, late: &Late, language: &str) -> String {
    let one = units == 1;
    let points = late.deduction;
    match (language, late.unit) {
        ("fr", Unit::Day) => {
            format!("{units} {} de retard ({points} points par jour)", if one { "jour" } else { "jours" })
        }
        ("fr", Unit::Hour) => {
            format!("{units} {} de retard ({points} points par heure)", if one { "heure" } else { "heures" })
        }
        ("it", Unit::Day) => {
            format!("{units} {} di ritardo ({points} punti al giorno)", if one { "giorno" } else { "giorni" })
        }
        ("it", Unit::Hour) => {
            format!("{units} {} di ritardo ({points} punti all’ora)", if one { "ora" } else { "ore" })
        }
        (_, Unit::Day) => format!("{units} {} late ({points} points a day)", if one { "day" } else { "days" }),
        (_, Unit::Hour) => format!("{units} {} late ({points} points an hour)", if one { "hour" } else { "hours" }),
    }
}

/// Whether the later commit counts; at the same mark the one in time does.
///
/// The one that may earn the most counts, so that no question is closed by a settled mark below what its answer may bring.
/// Once nothing is open, that is the better one.
pub(crate) fn is_better(later: Mark, in_time: Mark) -> bool {
    (later.high, later.low) > (in_time.high, in_time.low)
}

/// The one that does not count, for the one that does.
pub(crate) fn other(evidence: &Evidence, card: &Scorecard, in_time: bool) -> OtherCommit {
    let head = evidence.git.head.value();
    OtherCommit {
        commit: head.map(|head| head.commit.clone()),
        committed_at: head.map(|head| head.committed_at.clone()),
        in_time,
        mark: card.mark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use stackmark_evidence::points::Points;
    use stackmark_evidence::{Cause, Team, Tool};

    const FIRST: &str = "2026-11-14T10:00:00Z";
    const AGAIN: &str = "2026-12-20T10:00:00Z";

    fn of(at: &str, head: Reading<stackmark_evidence::git::Head>) -> Evidence {
        let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
        let mut evidence = Evidence::unread(tool, at.to_owned(), Team::of_roster("t"));
        evidence.git.head = head;
        evidence
    }

    fn head(commit: &str, after: u64) -> Reading<stackmark_evidence::git::Head> {
        let value = json!({
            "commit": commit, "branch": "main", "committed_at": FIRST, "chosen_by": "deadline", "deadline": null,
            "commits_after_deadline": after,
        });
        Reading::observed(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn no_collection_that_reads_less_takes_late_work_away() {
        let unreadable = || Reading::unreadable(Cause::Unreachable, "no such folder");
        let repository: Families = Family::REPOSITORY.into();
        let stack: Families = [Family::Aws].into();
        let mut earlier = of(AGAIN, head("a", 1));
        earlier.ledger.taken_at.insert("git".to_owned(), FIRST.to_owned());
        for (what, in_time, later, renewed) in [
            ("the head in time is an earlier reading", earlier, None, &repository),
            ("nothing of it could ever be read in time", of(AGAIN, unreadable()), None, &repository),
            ("the later one could not be read", of(AGAIN, head("a", 1)), Some(of(AGAIN, unreadable())), &repository),
            ("nothing is there", of(AGAIN, head("a", 1)), Some(of(AGAIN, Reading::absent("none"))), &repository),
            ("nobody asked", of(AGAIN, head("a", 1)), None, &stack),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let results = Results::at(folder.path());
            let keep = |in_time: Evidence, later: Option<Evidence>, renewed: &Families, newest: bool| {
                let stored = Stored { evidence: in_time, sha256: String::new(), unread: false, notes: Vec::new() };
                store(&results, &stored, later, renewed, newest).unwrap();
                read(&results, "t").unwrap().map(|late| late.evidence)
            };
            keep(of(FIRST, head("a", 1)), Some(of(FIRST, head("b", 0))), &repository, false).unwrap();
            let late = keep(in_time, later, renewed, false).unwrap_or_else(|| panic!("{what}: it is gone"));
            assert_eq!((commit(&late), late.taken_at("git.head")), (Some("b"), FIRST), "{what}");
            // What is late no more goes, and what is newer counts.
            let more = keep(of(AGAIN, head("a", 1)), Some(of(AGAIN, head("c", 0))), &repository, false).unwrap();
            assert_eq!((commit(&more), more.taken_at("git.head")), (Some("c"), AGAIN), "{what}");
            assert!(keep(of(AGAIN, head("c", 0)), None, &repository, false).is_none(), "{what}");
        }
    }

    #[test]
    fn late_work_goes_with_the_repository_that_the_roster_names_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::at(folder.path());
        let keep = |work: &str, head: Reading<stackmark_evidence::git::Head>, later: Option<Evidence>| {
            let mut in_time = of(FIRST, head);
            in_time.asked.work_sha256 = Some(work.to_owned());
            let stored = Stored { evidence: in_time, sha256: String::new(), unread: false, notes: Vec::new() };
            store(&results, &stored, later, &Family::REPOSITORY.into(), false).unwrap();
            read(&results, "t").unwrap().is_some()
        };
        let unreadable = || Reading::unreadable(Cause::Unreachable, "no such folder");
        assert!(keep("1", head("a", 1), Some(of(FIRST, head("b", 0)))));
        assert!(keep("1", unreadable(), None), "the same could not be reached");
        assert!(!keep("2", unreadable(), None), "the corrected one could not be reached");
    }

    #[test]
    fn no_collection_makes_a_commit_later_than_the_first_that_saw_it() {
        let policy = Late { unit: Unit::Day, deduction: Points::whole(1), floor: Points::ZERO, grace: 0, cutoff: 90 };
        let repository: Families = Family::REPOSITORY.into();
        let folder = tempfile::tempdir().unwrap();
        let results = Results::at(folder.path());
        let lost = |commit: &str, made: &str, collected: &str, newest: bool| {
            let due = Some("2026-11-13T10:00:00Z".to_owned());
            let in_time = Evidence { due, ..of(collected, head("a", 1)) };
            let mut later = of(collected, head(commit, 0));
            if let Reading::Observed { value } = &mut later.git.head {
                value.committed_at = made.to_owned();
            }
            let stored = Stored { evidence: in_time, sha256: String::new(), unread: false, notes: Vec::new() };
            store(&results, &stored, Some(later), &repository, newest).unwrap();
            let late = read(&results, "t").unwrap().expect("late evidence").evidence;
            deduction(&late, &policy, "en").map_or(Points::ZERO, |deduction| deduction.points)
        };
        const AHEAD: &str = "2027-01-10T10:00:00Z";
        for (collected, newest) in [(FIRST, false), (AGAIN, false), (AGAIN, true), ("2027-02-01T10:00:00Z", false)] {
            assert_eq!(lost("b", AHEAD, collected, newest), Points::whole(1), "seen first a day late: {collected}");
        }
        // What nobody saw before is as late as its date, but no later than it was seen; a date in time is in time.
        assert_eq!(lost("c", AHEAD, AGAIN, false), Points::whole(37));
        assert_eq!(lost("d", "2026-11-15T10:00:00Z", AGAIN, false), Points::whole(2));
        assert_eq!(lost("e", "2026-11-13T09:00:00Z", AGAIN, false), Points::ZERO);
    }

    #[test]
    fn a_tip_that_is_dated_back_is_as_late_as_what_it_stands_on() {
        let policy = Late { unit: Unit::Day, deduction: Points::whole(1), floor: Points::ZERO, grace: 0, cutoff: 90 };
        for (latest, collected, lost) in [
            (None, AGAIN, None),
            (Some("2026-11-16T10:00:00Z"), AGAIN, Some(Points::whole(2))),
            // No later than the first collection that saw it.
            (Some("2026-11-16T10:00:00Z"), "2026-11-15T10:00:00Z", Some(Points::whole(1))),
        ] {
            let mut late = of(collected, head("b", 0));
            late.due = Some(FIRST.to_owned());
            if let Reading::Observed { value } = &mut late.git.head {
                value.committed_at = "2026-11-13T10:00:00Z".to_owned();
                value.latest_at = latest.map(str::to_owned);
            }
            let deduction = deduction(&late, &policy, "en");
            assert_eq!(deduction.map(|deduction| deduction.points), lost, "{latest:?} {collected}");
        }
    }

    #[test]
    fn a_commit_whose_date_tells_nothing_yet_may_count_as_late() {
        assert!(is_more_after(&of(FIRST, head("a", 1))) && !is_more_after(&of(FIRST, head("a", 0))));
        let mut undated = of(FIRST, head("a", 0));
        if let Reading::Observed { value } = &mut undated.git.head {
            let aside = json!({
                "kind": "dates", "what": "1 commit dated in the future", "files": 0, "commits": 1, "examples": [],
            });
            value.set_aside.push(serde_json::from_value(aside).unwrap());
        }
        assert!(is_more_after(&undated));
    }

    #[test]
    fn no_settled_mark_ends_a_question_that_may_bring_more() {
        let mark = |low: i64, high: i64| Mark {
            low: Points::whole(low),
            high: Points::whole(high),
            of: Points::whole(4),
            open: u64::from(low < high),
        };
        let all = || (0..=4).flat_map(|low| (low..=4).map(move |high| mark(low, high)));
        for (later, in_time) in all().flat_map(|later| all().map(move |in_time| (later, in_time))) {
            let (counts, other) = if is_better(later, in_time) { (later, in_time) } else { (in_time, later) };
            assert!(counts.high >= other.high, "{later:?} {in_time:?}: the other one may bring more");
            assert!(counts.open > 0 || counts.low >= other.high, "{later:?} {in_time:?}");
        }
        assert!(
            !is_better(mark(2, 2), mark(2, 2)) && !is_better(mark(0, 3), mark(0, 3)),
            "in time where they are equal"
        );
    }
}
