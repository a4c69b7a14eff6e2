//! Work after the deadline, where the rubric's `[late]` lets it count: the last commit in time and the last by the cutoff are
//! both graded, and the better one counts.

use stackmark_course::late::{Deduction, Late, Unit};
use stackmark_evidence::{Evidence, Reading};
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::OtherCommit;

use crate::failure::Failure;
use crate::history;
use crate::job::TeamJob;
use crate::readings::{Families, Family};
use crate::store::{self, Results};
use crate::stored::{Stored, read_evidence_file};
use stackmark_render::json;

pub(crate) use crate::stored::LATE as FILE;

/// The job for the last commit in time: grace is in time.
pub(crate) fn in_time(mut job: TeamJob, late: &Late) -> TeamJob {
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
    later.repository.deadline = Some(late.last(due));
    Some(later)
}

/// Whether the last commit in time leaves anything that may count as late.
pub(crate) fn is_more_after(in_time: &Evidence) -> bool {
    match &in_time.git.head {
        Reading::Observed { value } => value.commits_after_deadline > 0,
        Reading::Absent { .. } => true,
        Reading::Unreadable(_) => false,
    }
}

/// Stores what was read at the cutoff, with the stack's readings of the evidence in time; takes away what is not late any more.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn store(
    results: &Results,
    in_time: &Stored,
    later: Option<Evidence>,
    renewed: &Families,
) -> Result<(), Failure> {
    let team = &in_time.evidence.team.id;
    let path = results.team(team, FILE);
    let standing = if path.is_file() { Some(store::read(&path)?) } else { None };
    let repository = match later {
        Some(later) => Some(later),
        None if renewed.contains(&Family::Git) => None,
        None => standing.as_ref().and_then(|text| json::read_evidence(text).ok()),
    };
    let text = match repository {
        Some(repository) if commit(&repository) != commit(&in_time.evidence) => {
            let whole = Evidence {
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
    let moment = |text: &str| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
    let head = evidence.git.head.value()?;
    // Nothing was made after it was collected, whatever a clock said.
    let collected = moment(evidence.taken_at("git.head")).unwrap_or(i64::MAX);
    let units = late.units(moment(evidence.due.as_deref()?)?, moment(&head.committed_at)?.min(collected));
    if units == 0 {
        return None;
    }
    Some(Deduction {
        points: late.cost(units),
        floor: late.floor,
        reason: words(units, late, language),
        when: head.committed_at.clone(),
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

/// Whether the later commit gives more; at the same mark the one in time counts.
pub(crate) fn is_better(later: &Scorecard, in_time: &Scorecard) -> bool {
    (later.mark.low, later.mark.high) > (in_time.mark.low, in_time.mark.high)
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
