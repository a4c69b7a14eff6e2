//! What CloudWatch counted of the requests that a load sent.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatch::types as sdk;
use aws_smithy_types::DateTime;
use jiff::Timestamp;

use super::cloudwatch::Watched;
use super::collector::in_regions;
use super::connection::Connection;
use super::session::{Session, all_pages};
use crate::AwsAccess;
use stackmark_collect::Progress;
use stackmark_collect::Settings;
use stackmark_evidence::http::{Counted, Target};
use stackmark_evidence::load::Load;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading, Unreadable};

/// Seconds of one value: the shortest period that load balancers report.
const PERIOD: i32 = 60;
/// Seconds after which a count no longer grows.
const SETTLED: i64 = 300;
/// From this share on, a count that may still grow is not waited for.
const ENOUGH: f64 = 0.99;
/// Between two looks, at most.
const LOOK: Duration = Duration::from_secs(15);

/// Reads how many requests the target's load balancer counted while `loads` were sent, and how many calls that took.
///
/// CloudWatch is minutes late: it is asked until it has counted all, or `settings.wait_metrics` is over. A count that is
/// too small and may still grow is unreadable, never small. Observed without a load balancer where there is none whose
/// requests CloudWatch counts.
pub async fn counted(
    access: &AwsAccess,
    scope: &ScopeRequest,
    target: &Reading<Target>,
    loads: &BTreeMap<String, Reading<Load>>,
    settings: &Settings,
    progress: &dyn Progress,
) -> (Reading<Counted>, BTreeMap<String, u64>) {
    let sent: Vec<&Load> = loads.values().filter_map(Reading::value).collect();
    let Some(window) = Window::around(&sent) else {
        let why = loads.values().find_map(|load| load.failure().cloned());
        let nothing = || Unreadable::new(Cause::NotCollected, "no load was sent that could be counted");
        return (Reading::Unreadable(why.unwrap_or_else(nothing)), BTreeMap::new());
    };
    let arn = target.value().and_then(|target| target.load_balancer_arn.as_deref());
    let watched = arn.and_then(|arn| {
        let name = arn.rsplit('/').nth(1)?;
        Watched::by_arn(name, arn).filter(Watched::counts_requests)
    });
    let (Some(watched), Some(arn)) = (watched, arn) else {
        return (Reading::observed(window.evidence(None, 0)), BTreeMap::new());
    };
    let connection = match Connection::open(&in_regions(access, scope), &settings.limits).await {
        Ok(connection) => connection,
        Err(failure) => return (Reading::Unreadable(failure), BTreeMap::new()),
    };
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty()).unwrap_or(&connection.region).to_owned();
    let session = Session::new(&connection.to_region(&region));
    let ends = tokio::time::Instant::now() + settings.wait_metrics;
    let look = (settings.wait_metrics / 10).clamp(Duration::from_millis(50), LOOK);
    let reading = loop {
        progress.step("AWS: asking CloudWatch what it counted of the load");
        let count = match requests(&session, &watched, &window).await {
            Ok(count) => count,
            Err(failure) => break Reading::Unreadable(failure),
        };
        let late = Timestamp::now().as_second() - window.to;
        if count as f64 >= ENOUGH * window.answered as f64 || late >= SETTLED {
            break Reading::observed(window.evidence(Some(watched.name.clone()), count));
        }
        if tokio::time::Instant::now() + look > ends {
            let detail = format!(
                "CloudWatch had counted {count} of {} requests {} s after the load, and is minutes late: collect this team \
                 again with --wait-metrics {SETTLED}",
                window.answered,
                late.max(0)
            );
            break Reading::unreadable(Cause::Timeout, detail);
        }
        tokio::time::sleep(look).await;
    };
    (reading, session.calls())
}

/// The minutes in which loads were sent, seconds since the epoch, and how many requests were answered in them.
struct Window {
    from: i64,
    to: i64,
    answered: u64,
}

impl Window {
    fn around(loads: &[&Load]) -> Option<Self> {
        let second = |text: &String| text.parse::<Timestamp>().ok().map(Timestamp::as_second);
        let from = loads.iter().filter_map(|load| second(&load.begun)).min()?;
        let to = loads.iter().filter_map(|load| second(&load.ended)).max()?;
        let minute = i64::from(PERIOD);
        Some(Self {
            from: from.div_euclid(minute) * minute,
            to: (to.div_euclid(minute) + 1) * minute,
            answered: loads.iter().map(|load| load.answered).sum(),
        })
    }

    fn evidence(&self, load_balancer: Option<String>, counted: u64) -> Counted {
        let moment = |second: i64| {
            let at = Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH);
            at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        };
        Counted { load_balancer, from: moment(self.from), to: moment(self.to), counted, answered: self.answered }
    }
}

async fn requests(session: &Session, watched: &Watched, window: &Window) -> Result<u64, Unreadable> {
    const ACTION: &str = "cloudwatch:GetMetricData";
    let query = watched.query("requests", ("RequestCount", "Sum"), PERIOD);
    let page = async |token| {
        let at = |second: i64| DateTime::from(SystemTime::UNIX_EPOCH + Duration::from_secs(second.max(0) as u64));
        let request = session.cloudwatch.get_metric_data().metric_data_queries(query.clone());
        let request = request.start_time(at(window.from)).end_time(at(window.to));
        let request = request.scan_by(sdk::ScanBy::TimestampAscending).set_next_token(token);
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.metric_data_results.unwrap_or_default(), reply.next_token))
    };
    let parts = all_pages(ACTION, page).await?;
    let sum: f64 = parts.into_iter().flat_map(|part| part.values.unwrap_or_default()).sum();
    Ok(sum.round().max(0.0) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_the_whole_minutes_around_all_loads() {
        let load = |begun: &str, ended: &str| -> Load {
            let text = include_str!("../../../tests/checks/load.json");
            let reading: Reading<Load> = serde_json::from_str(text).unwrap();
            Load { begun: begun.to_owned(), ended: ended.to_owned(), ..reading.value().cloned().unwrap() }
        };
        let loads = [
            load("2026-11-20T10:00:59Z", "2026-11-20T10:01:30Z"),
            load("2026-11-20T10:03:00Z", "2026-11-20T10:04:00Z"),
        ];
        let counted = Window::around(&loads.iter().collect::<Vec<_>>()).unwrap().evidence(None, 0);
        assert_eq!((counted.from.as_str(), counted.to.as_str()), ("2026-11-20T10:00:00Z", "2026-11-20T10:05:00Z"));
        assert_eq!(counted.answered, 400);
        assert!(Window::around(&[]).is_none());
    }
}
