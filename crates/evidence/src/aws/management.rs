//! What watches and what describes a stack and its account: alarms and their topics, metrics, CloudFormation, the root
//! user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Tags;

/// A CloudWatch alarm on a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Alarm {
    pub alarm_name: String,
    pub alarm_arn: String,
    /// What it is for, empty where nobody said; `None` in evidence from before it was read.
    #[serde(default)]
    pub alarm_description: Option<String>,
    /// `AWS/EC2`, `AWS/Billing`, …
    pub namespace: Option<String>,
    pub metric_name: Option<String>,
    pub dimensions: BTreeMap<String, String>,
    /// `Average`, `Sum`, `p95`, …
    pub statistic: Option<String>,
    /// Seconds.
    pub period: Option<i64>,
    pub evaluation_periods: Option<i64>,
    pub threshold: Option<f64>,
    /// `GreaterThanThreshold`, …
    pub comparison_operator: Option<String>,
    pub actions_enabled: bool,
    /// ARNs of topics and scaling policies.
    pub alarm_actions: Vec<String>,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state_value: String,
    /// What it makes of missing data: `missing`, `ignore`, `breaching` or `notBreaching`; `None` in evidence from before
    /// it was read.
    #[serde(default)]
    pub treat_missing_data: Option<String>,
    pub region: String,
    pub tags: Tags,
}

/// An SNS topic that an alarm notifies. One that was deleted has no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Topic {
    pub topic_arn: String,
    /// The end of its ARN.
    pub name: String,
    pub subscriptions: Vec<Subscription>,
    pub region: String,
}

/// Who a topic tells. The address is not kept: it is a person's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Subscription {
    /// `email`, `sms`, `lambda`, `sqs`, `https`, …
    pub protocol: String,
    /// Whether whoever has the address agreed to it; until then nothing arrives there.
    pub confirmed: bool,
}

/// What a load balancer said of its traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Metric {
    /// Its name.
    pub load_balancer: String,
    /// `RequestCount`, `TargetResponseTime`, `HTTPCode_Target_5XX_Count`, …
    pub metric_name: String,
    /// `Sum`, `Average` or `p95`.
    pub statistic: String,
    pub period_seconds: i64,
    /// Oldest first; periods without traffic have none.
    pub points: Vec<MetricPoint>,
}

/// One value of a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MetricPoint {
    /// Begin of the period, RFC 3339.
    pub timestamp: String,
    /// Requests, or seconds for times.
    pub value: f64,
}

/// The root user of the account, as IAM counts it. There is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct RootUser {
    /// Whether it has access keys, which nothing can limit.
    pub access_keys: bool,
    /// Whether it signs in with a second factor; `None` where IAM does not tell.
    pub mfa: Option<bool>,
}

/// A CloudFormation stack, deleted ones left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CloudFormationStack {
    pub stack_name: String,
    pub stack_id: String,
    /// `CREATE_COMPLETE`, `ROLLBACK_COMPLETE`, …
    pub stack_status: String,
    /// RFC 3339.
    pub creation_time: Option<String>,
    pub parameters: BTreeMap<String, String>,
    pub outputs: Vec<StackOutput>,
    /// `CAPABILITY_IAM`, …
    pub capabilities: Vec<String>,
    pub region: String,
    pub tags: Tags,
}

/// A deletion that CloudTrail keeps for 90 days, of a stack that bears the name of one that is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StackDeletion {
    pub event_id: String,
    /// When it was asked for; RFC 3339.
    pub event_time: Option<String>,
    pub stack_name: String,
    /// When the stack that is there was created; before the deletion where that has failed. RFC 3339.
    pub now_created: Option<String>,
    pub region: String,
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StackOutput {
    pub key: String,
    pub value: String,
}

/// A resource that a stack made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StackResource {
    pub stack_name: String,
    pub logical_resource_id: String,
    /// `None` where it was never made.
    pub physical_resource_id: Option<String>,
    /// `AWS::EC2::Instance`, …
    pub resource_type: String,
    /// `CREATE_COMPLETE`, …
    pub resource_status: String,
}
