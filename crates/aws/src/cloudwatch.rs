//! Alarms, and what load balancers said of their traffic.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_cloudwatch::types as sdk;
use aws_smithy_types::DateTime;

use super::errors::incomplete;
use super::found::{Found, Rows, lacks};
use super::reach::Reach;
use super::session::{Key, Session, all_pages, rows_of};
use super::stack::{Stack, each};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Alarm, Metric, MetricPoint, Missing, Tags};

/// How far metrics reach back.
const WINDOW: Duration = Duration::from_secs(3 * 3600);
/// Length of one value's period.
const PERIOD: i32 = 300;
/// Queries of one request; AWS takes 500.
const QUERIES: usize = 100;
/// The only region that has the namespace of billing.
pub(super) const BILLING_REGION: &str = "us-east-1";
/// What AWS counts a bill in.
pub(super) const BILLING: &str = "AWS/Billing";

/// Metrics of an application load balancer and their statistics; times in seconds, the others in requests.
const APPLICATION: [(&str, &str); 8] = [
    ("RequestCount", "Sum"),
    ("TargetResponseTime", "Average"),
    ("TargetResponseTime", "p95"),
    ("HTTPCode_Target_2XX_Count", "Sum"),
    ("HTTPCode_Target_4XX_Count", "Sum"),
    ("HTTPCode_Target_5XX_Count", "Sum"),
    ("HTTPCode_ELB_4XX_Count", "Sum"),
    ("HTTPCode_ELB_5XX_Count", "Sum"),
];
/// The same of a network load balancer.
const NETWORK: [(&str, &str); 2] = [("NewFlowCount", "Sum"), ("ProcessedBytes", "Sum")];
/// The same of a classic one.
const CLASSIC: [(&str, &str); 8] = [
    ("RequestCount", "Sum"),
    ("Latency", "Average"),
    ("Latency", "p95"),
    ("HTTPCode_Backend_2XX", "Sum"),
    ("HTTPCode_Backend_4XX", "Sum"),
    ("HTTPCode_Backend_5XX", "Sum"),
    ("HTTPCode_ELB_4XX", "Sum"),
    ("HTTPCode_ELB_5XX", "Sum"),
];

/// All alarms of the region that watch one metric, with their tags, by name.
pub(super) async fn alarms(session: &Arc<Session>) -> Rows<Alarm> {
    const ACTION: &str = "cloudwatch:DescribeAlarms";
    let page = async |token| {
        let request = session.cloudwatch.describe_alarms().alarm_types(sdk::AlarmType::MetricAlarm);
        let reply = session.call(ACTION, request.set_next_token(token).send()).await?;
        Ok((reply.metric_alarms.unwrap_or_default(), reply.next_token))
    };
    let rows = all_pages(ACTION, page).await?.into_iter().map(alarm);
    let rows = rows.collect::<Option<Vec<_>>>().ok_or_else(|| incomplete(ACTION, "an alarm without a name"))?;
    let region = session.region.clone();
    let by_name: Key<Alarm> = Key { field: "alarm_name", of: |row| &row.alarm_name };
    let mut found = rows_of(rows, by_name, |mut row| {
        let (session, region) = (Arc::clone(session), region.clone());
        async move {
            let Some(tags) = tags(&session, &row.alarm_arn).await? else { return Ok(None) };
            row.tags = tags;
            row.region = region;
            Ok(Some(vec![row]))
        }
    })
    .await?;
    for gap in &mut found.gaps {
        gap.missing = Missing::Row;
    }
    found.rows.sort_by(|a, b| a.alarm_name.cmp(&b.alarm_name));
    Ok(found)
}

/// `None` where the alarm is gone.
async fn tags(session: &Session, arn: &str) -> Result<Option<Tags>, Unreadable> {
    let request = session.cloudwatch.list_tags_for_resource().resource_arn(arn);
    let reply = session.call_unless_gone("cloudwatch:ListTagsForResource", request.send()).await?;
    let pairs = reply.map(|reply| reply.tags.unwrap_or_default().into_iter());
    Ok(pairs.map(|pairs| pairs.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()))
}

/// A load balancer as CloudWatch knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Watched {
    /// As the evidence names it.
    pub(super) name: String,
    /// Namespace of its metrics.
    namespace: &'static str,
    /// Name and value of the dimension that picks it.
    dimension: (&'static str, String),
    metrics: &'static [(&'static str, &'static str)],
}

impl Watched {
    /// One of the newer generation; `None` for gateway load balancers, which see no requests.
    pub(super) fn by_arn(name: &str, arn: &str) -> Option<Self> {
        // …:loadbalancer/app/NAME/ID: the dimension is what follows the first slash.
        let id = arn.split_once(":loadbalancer/")?.1;
        let (namespace, metrics): (_, &'static [_]) = match id.split('/').next()? {
            "app" => ("AWS/ApplicationELB", &APPLICATION),
            "net" => ("AWS/NetworkELB", &NETWORK),
            _ => return None,
        };
        Some(Self { name: name.to_owned(), namespace, dimension: ("LoadBalancer", id.to_owned()), metrics })
    }

    /// A classic one.
    pub(super) fn classic(name: &str) -> Self {
        let dimension = ("LoadBalancerName", name.to_owned());
        Self { name: name.to_owned(), namespace: "AWS/ELB", dimension, metrics: &CLASSIC }
    }

    /// Whether it counts requests; a network load balancer sees connections.
    pub(super) fn counts_requests(&self) -> bool {
        self.metrics.iter().any(|(metric, _)| *metric == "RequestCount")
    }

    /// A query named `id` for one metric and its statistic, a value for each `period` of seconds.
    pub(super) fn query(&self, id: &str, (metric, statistic): (&str, &str), period: i32) -> sdk::MetricDataQuery {
        let (name, value) = &self.dimension;
        let metric = sdk::Metric::builder()
            .namespace(self.namespace)
            .metric_name(metric)
            .dimensions(sdk::Dimension::builder().name(*name).value(value).build())
            .build();
        let stat = sdk::MetricStat::builder().metric(metric).period(period).stat(statistic).build();
        sdk::MetricDataQuery::builder().id(id).metric_stat(stat).return_data(true).build()
    }
}

/// Traffic of the load balancers found.
pub(super) async fn metrics(found: &Stack, session: &Arc<Session>, _reach: Reach<'_>) -> Rows<Metric> {
    let newer = each(&found.load_balancers, |row| Watched::by_arn(&row.load_balancer_name, &row.load_balancer_arn))?;
    let classic = each(&found.classic_load_balancers, |row| Watched::classic(&row.load_balancer_name))?;
    let watched: Vec<Watched> = newer.into_iter().flatten().chain(classic).collect();
    let rows = traffic(session, &watched).await?;
    Ok(Found::from(rows).lacking(lacks(&found.load_balancers)).lacking(lacks(&found.classic_load_balancers)))
}

/// Traffic of these load balancers over the last three hours, in the order given.
async fn traffic(session: &Session, watched: &[Watched]) -> Result<Vec<Metric>, Unreadable> {
    const ACTION: &str = "cloudwatch:GetMetricData";
    let end = SystemTime::now();
    let asked: Vec<(&Watched, &(&str, &str))> =
        watched.iter().flat_map(|it| it.metrics.iter().map(move |metric| (it, metric))).collect();
    let mut rows = Vec::new();
    for chunk in asked.chunks(QUERIES) {
        let queries: Vec<_> =
            chunk.iter().enumerate().map(|(number, (it, metric))| it.query(&id_of(number), **metric, PERIOD)).collect();
        let page = async |token| {
            let request = session.cloudwatch.get_metric_data().set_metric_data_queries(Some(queries.clone()));
            let request = request.start_time(DateTime::from(end - WINDOW)).end_time(DateTime::from(end));
            let request = request.scan_by(sdk::ScanBy::TimestampAscending).set_next_token(token);
            let reply = session.call(ACTION, request.send()).await?;
            Ok((reply.metric_data_results.unwrap_or_default(), reply.next_token))
        };
        // A long series comes in several parts.
        let mut points: BTreeMap<String, Vec<MetricPoint>> = BTreeMap::new();
        for part in all_pages(ACTION, page).await? {
            let times = part.timestamps.unwrap_or_default().into_iter().map(|time| text::time(Some(time)));
            let values = part.values.unwrap_or_default();
            let part_points = times.zip(values).filter_map(|(timestamp, value)| Some((timestamp?, value)));
            let all = points.entry(part.id.unwrap_or_default()).or_default();
            all.extend(part_points.map(|(timestamp, value)| MetricPoint { timestamp, value }));
        }
        rows.extend(chunk.iter().enumerate().map(|(number, (it, (metric_name, statistic)))| Metric {
            load_balancer: it.name.clone(),
            metric_name: (*metric_name).to_owned(),
            statistic: (*statistic).to_owned(),
            period_seconds: PERIOD.into(),
            points: points.remove(&id_of(number)).unwrap_or_default(),
        }));
    }
    Ok(rows)
}

/// Names a query in a request: a letter and digits.
fn id_of(number: usize) -> String {
    format!("q{number}")
}

fn alarm(raw: sdk::MetricAlarm) -> Option<Alarm> {
    let dimensions = raw.dimensions.unwrap_or_default().into_iter();
    let statistic = raw.statistic.map(|statistic| statistic.as_str().to_owned()).or(raw.extended_statistic);
    Some(Alarm {
        alarm_name: raw.alarm_name?,
        alarm_arn: raw.alarm_arn.unwrap_or_default(),
        alarm_description: Some(raw.alarm_description.unwrap_or_default()),
        namespace: raw.namespace,
        metric_name: raw.metric_name,
        dimensions: dimensions
            .filter_map(|dimension| Some((dimension.name?, dimension.value.unwrap_or_default())))
            .collect(),
        statistic,
        period: raw.period.map(i64::from),
        evaluation_periods: raw.evaluation_periods.map(i64::from),
        threshold: raw.threshold,
        comparison_operator: raw.comparison_operator.map(|operator| operator.as_str().to_owned()),
        actions_enabled: raw.actions_enabled.unwrap_or_default(),
        alarm_actions: raw.alarm_actions.unwrap_or_default(),
        state_value: raw.state_value.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        // What is not said is so.
        treat_missing_data: Some(raw.treat_missing_data.unwrap_or_else(|| "missing".to_owned())),
        region: String::new(),
        tags: Tags::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_balancer_is_picked_by_the_end_of_its_arn() {
        let arn =
            |kind: &str| format!("arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/{kind}/web/0a1b");
        let web = Watched::by_arn("web", &arn("app")).unwrap();
        assert_eq!((web.namespace, web.dimension.1.as_str()), ("AWS/ApplicationELB", "app/web/0a1b"));
        assert_eq!(Watched::by_arn("web", &arn("net")).unwrap().namespace, "AWS/NetworkELB");
        assert_eq!(Watched::by_arn("web", &arn("gwy")), None);
    }
}
