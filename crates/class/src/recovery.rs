//! The one disruptive probe: ends an instance of the team's group, and watches from inside and outside how it heals.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use stackmark_aws::AwsAccess;
use stackmark_aws::disruption::{self, Patient, Watched};
use stackmark_collect::Disruption;
use stackmark_collect::Progress;
use stackmark_collect::Settings;
use stackmark_evidence::aws::{AutoScalingGroup, AwsEvidence};
use stackmark_evidence::http::Target;
use stackmark_evidence::recovery::{Change, Recovery};
use stackmark_evidence::request::RecoveryRequest;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading, Unreadable};
use stackmark_http::Pulse;

/// Requests that have to be answered well before anything is ended.
const BEFORE: u32 = 3;
/// Requests that have to be answered well at the end.
const SETTLED: u32 = 3;
/// Between two looks at the group.
const LOOK: Duration = Duration::from_secs(5);
/// Looks, or requests, in a row that cannot be made before the watch is given up.
const LOOKS_MISSED: u32 = 3;
const CHANGES: usize = 100;

/// Where and how a recovery is watched.
pub(super) struct Ward<'a> {
    pub(super) access: &'a AwsAccess,
    pub(super) scope: &'a ScopeRequest,
    pub(super) aws: &'a AwsEvidence,
    pub(super) target: &'a Reading<Target>,
    pub(super) settings: &'a Settings,
    pub(super) progress: &'a dyn Progress,
}

/// Ends one instance and watches, where that is allowed; a reading that says why where nothing was ended. Calls of AWS
/// are added to `calls`, by IAM action.
pub(super) async fn watch(
    ward: Ward<'_>,
    request: &RecoveryRequest,
    allowed: Disruption,
    calls: &mut BTreeMap<String, u64>,
) -> Reading<Recovery> {
    match allowed {
        Disruption::Allowed | Disruption::DryRun => {}
        Disruption::NotAsked => {
            return Reading::unreadable(
                Cause::NotCollected,
                "no instance was ended: `--allow-disruptive` ends one of the team's Auto Scaling group and watches it heal",
            );
        }
        Disruption::NotInRoster => {
            return Reading::unreadable(
                Cause::Refused,
                "no instance was ended: the roster does not allow it for this team (allow_disruptive = true)",
            );
        }
    }
    let url = match ward.target {
        Reading::Observed { value } => &value.url,
        Reading::Absent { note } => return Reading::absent(note.clone()),
        Reading::Unreadable(failure) => return Reading::Unreadable(failure.clone()),
    };
    let group = match disruption::choose(ward.aws) {
        Reading::Observed { value } => value,
        Reading::Absent { note } => return Reading::absent(note),
        Reading::Unreadable(failure) => return Reading::Unreadable(failure),
    };
    match end_and_watch(&ward, request, allowed, url, &group, calls).await {
        Ok(reading) => reading,
        Err(failure) => Reading::Unreadable(failure),
    }
}

async fn end_and_watch(
    ward: &Ward<'_>,
    request: &RecoveryRequest,
    allowed: Disruption,
    url: &str,
    group: &AutoScalingGroup,
    calls: &mut BTreeMap<String, u64>,
) -> Result<Reading<Recovery>, Unreadable> {
    let every = Duration::from_millis(request.every_ms);
    let mut pulse = Pulse::new(url, &request.path, ward.settings)?;
    for _ in 0..BEFORE {
        let status = pulse.beat().await?;
        if status >= 400 {
            return Ok(Reading::absent(format!(
                "no instance was ended: {} answered {status} while the group was whole",
                request.path
            )));
        }
        tokio::time::sleep(every.min(Duration::from_secs(1))).await;
    }
    let patient = Patient::open(ward.access, ward.scope, group, &ward.settings.limits).await?;
    let result = with_patient(ward, request, allowed, url, group, &patient, &mut pulse).await;
    for (action, count) in patient.calls() {
        *calls.entry(action).or_default() += count;
    }
    result
}

async fn with_patient(
    ward: &Ward<'_>,
    request: &RecoveryRequest,
    allowed: Disruption,
    url: &str,
    group: &AutoScalingGroup,
    patient: &Patient,
    pulse: &mut Pulse<'_>,
) -> Result<Reading<Recovery>, Unreadable> {
    let every = Duration::from_millis(request.every_ms);
    let look = patient.look().await?;
    let Some(instance) = look.in_service.first().cloned() else {
        return Ok(Reading::absent(format!("no instance of the group {} is in service", patient.group)));
    };
    if look.in_service.len() != look.all.len() || i64::from(look.wanted) > look.all.len() as i64 {
        let detail = format!(
            "no instance was ended: the group {} is not whole ({} of {} in service); collect again when it is",
            patient.group,
            look.in_service.len(),
            look.wanted
        );
        return Err(Unreadable::new(Cause::Refused, detail));
    }
    let before = look.all;
    let plan = format!(
        "{instance} of the group {} ({} in service), then ask GET {url}{} every {} s for at most {} s",
        patient.group,
        before.len(),
        request.path,
        every.as_secs_f64(),
        request.within_ms / 1000
    );
    if allowed == Disruption::DryRun {
        ward.progress.step(&format!("dry run: would end {plan}"));
        return Err(Unreadable::new(Cause::NotCollected, format!("a dry run: it would end {plan}")));
    }
    ward.progress.step(&format!("ending {plan}"));
    let watched = patient.end(&instance).await?;
    let begun = Instant::now();
    let recovery = Recovery {
        auto_scaling_group_name: group.auto_scaling_group_name.clone(),
        region: group.region.clone(),
        ended_instance: instance,
        ended_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        path: request.path.clone(),
        in_service_before: before.len() as u64,
        fewest_in_service: before.len() as u64,
        changes: vec![Change { at_s: 0.0, in_service: before.len() as u64 }],
        ..Recovery::default()
    };
    let mut chart = Chart { recovery, before, begun, failing_since: None, good_in_a_row: 0 };
    until_whole(&mut chart, pulse, &watched, request, ward.progress).await;
    Ok(Reading::observed(chart.closed()))
}

/// Beats and looks until the group is whole and answers, or time is over. What was seen stands, whatever fails.
async fn until_whole(
    chart: &mut Chart,
    pulse: &mut Pulse<'_>,
    patient: &Watched<'_>,
    request: &RecoveryRequest,
    progress: &dyn Progress,
) {
    let within = Duration::from_millis(request.within_ms);
    let mut beats = tokio::time::interval(Duration::from_millis(request.every_ms));
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut look_at = chart.begun;
    let (mut unseen, mut unasked) = (0, 0);
    while chart.begun.elapsed() < within {
        beats.tick().await;
        let at = chart.begun.elapsed();
        let due = Instant::now() >= look_at;
        let look = async { if due { Some(patient.look().await) } else { None } };
        // Beside each other, so that a slow look does not make an outage longer than it was.
        let (answer, look) = tokio::join!(pulse.beat(), look);
        match answer {
            // What the grading machine lacks, or its guard refuses, is no outage of the service.
            Err(failure) if failure.cause == Cause::Refused => {
                unasked += 1;
                if unasked == LOOKS_MISSED {
                    chart.recovery.cut_short = Some(format!("the service could not be asked any more: {failure}"));
                    return;
                }
            }
            answer => {
                unasked = 0;
                chart.beat(at, answer.map_err(|failure| failure.cause));
            }
        }
        match look {
            Some(Ok(now)) => {
                unseen = 0;
                chart.look(now.in_service);
            }
            Some(Err(failure)) => {
                unseen += 1;
                if unseen == LOOKS_MISSED {
                    chart.recovery.cut_short = Some(format!("the group could not be looked at any more: {failure}"));
                    return;
                }
            }
            None => {}
        }
        if due {
            look_at = Instant::now() + LOOK.min(Duration::from_millis(request.every_ms * 5));
        }
        progress.step(&format!(
            "recovery: {:.0} s, {} of {} in service, {} of {} requests failed",
            chart.begun.elapsed().as_secs_f64(),
            chart.recovery.changes.last().map_or(0, |change| change.in_service),
            chart.recovery.in_service_before,
            chart.recovery.failed,
            chart.recovery.sent
        ));
        if chart.recovery.whole_again_s.is_some() && chart.good_in_a_row >= SETTLED {
            return;
        }
    }
}

/// What was seen so far.
struct Chart {
    recovery: Recovery,
    before: BTreeSet<String>,
    begun: Instant,
    failing_since: Option<Duration>,
    good_in_a_row: u32,
}

impl Chart {
    fn beat(&mut self, at: Duration, answer: Result<u16, Cause>) {
        let good = answer.is_ok_and(|status| status < 400);
        let name = answer.map_or_else(|cause| cause.as_str().to_owned(), |status| status.to_string());
        *self.recovery.answers.entry(name).or_default() += 1;
        self.recovery.sent += 1;
        if good {
            self.good_in_a_row += 1;
            self.end_outage(at);
        } else {
            self.recovery.failed += 1;
            self.good_in_a_row = 0;
            self.failing_since.get_or_insert(at);
        }
    }

    fn end_outage(&mut self, at: Duration) {
        if let Some(since) = self.failing_since.take() {
            self.recovery.longest_outage_s = self.recovery.longest_outage_s.max(tenths(at.saturating_sub(since)));
        }
    }

    fn look(&mut self, now: BTreeSet<String>) {
        let at = tenths(self.begun.elapsed());
        let recovery = &mut self.recovery;
        let count = now.len() as u64;
        recovery.fewest_in_service = recovery.fewest_in_service.min(count);
        if recovery.changes.last().is_none_or(|last| last.in_service != count) && recovery.changes.len() < CHANGES {
            recovery.changes.push(Change { at_s: at, in_service: count });
        }
        let ended_is_gone = !now.contains(&recovery.ended_instance);
        if ended_is_gone {
            recovery.noticed_s.get_or_insert(at);
        }
        if let Some(new) = now.iter().find(|id| !self.before.contains(*id))
            && recovery.replaced_s.is_none()
        {
            recovery.replaced_s = Some(at);
            recovery.replacement = Some(new.clone());
        }
        if ended_is_gone && count >= recovery.in_service_before {
            recovery.whole_again_s.get_or_insert(at);
        }
    }

    fn closed(mut self) -> Recovery {
        self.end_outage(self.begun.elapsed());
        self.recovery.watched_s = tenths(self.begun.elapsed());
        self.recovery
    }
}

/// Seconds to 0.1.
fn tenths(time: Duration) -> f64 {
    (time.as_secs_f64() * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart() -> Chart {
        let before: BTreeSet<String> = ["i-1", "i-2"].map(str::to_owned).into();
        let recovery = Recovery {
            ended_instance: "i-1".to_owned(),
            in_service_before: 2,
            fewest_in_service: 2,
            ..Recovery::default()
        };
        Chart { recovery, before, begun: Instant::now(), failing_since: None, good_in_a_row: 0 }
    }

    fn ids(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn an_outage_lasts_from_the_first_failure_to_the_next_good_answer() {
        let mut chart = chart();
        for (second, answer) in
            [(1, Ok(200)), (2, Ok(503)), (3, Err(Cause::Timeout)), (7, Ok(302)), (8, Ok(500)), (9, Ok(200))]
        {
            chart.beat(Duration::from_secs(second), answer);
        }
        let seen = chart.recovery;
        assert_eq!((seen.sent, seen.failed), (6, 3));
        assert!((seen.longest_outage_s - 5.0).abs() < 1e-9, "{}", seen.longest_outage_s);
        assert_eq!(
            seen.answers,
            [("200", 2), ("302", 1), ("500", 1), ("503", 1), ("timeout", 1)].map(|(a, n)| (a.to_owned(), n)).into()
        );
    }

    #[test]
    fn the_group_is_whole_when_a_new_instance_stands_in_for_the_ended_one() {
        let mut chart = chart();
        chart.look(ids(&["i-1", "i-2"]));
        assert_eq!((chart.recovery.noticed_s, chart.recovery.whole_again_s), (None, None), "nobody noticed yet");
        chart.look(ids(&["i-2"]));
        assert!(chart.recovery.noticed_s.is_some());
        chart.look(ids(&["i-2", "i-3"]));
        let seen = chart.recovery;
        assert_eq!(seen.replacement.as_deref(), Some("i-3"));
        assert!(seen.whole_again_s.is_some());
        assert_eq!(seen.fewest_in_service, 1);
        assert_eq!(seen.changes.iter().map(|change| change.in_service).collect::<Vec<_>>(), [2, 1, 2]);
    }
}
