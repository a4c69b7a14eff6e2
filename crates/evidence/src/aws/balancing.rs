//! Load balancers of both generations, and what they said of their traffic.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Tags;

/// An application, network or gateway load balancer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LoadBalancer {
    pub load_balancer_arn: String,
    pub load_balancer_name: String,
    pub dns_name: String,
    /// `application`, `network` or `gateway`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `internet-facing` or `internal`; empty where AWS gives none (gateway load balancers).
    pub scheme: String,
    /// `active`, `provisioning`, `active_impaired` or `failed`.
    pub state: String,
    pub vpc_id: Option<String>,
    pub availability_zones: Vec<String>,
    pub subnet_ids: Vec<String>,
    pub security_group_ids: Vec<String>,
    /// RFC 3339.
    pub created_time: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub region: String,
    pub tags: Tags,
}

/// A listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Listener {
    pub listener_arn: String,
    pub load_balancer_arn: String,
    /// `HTTP`, `HTTPS`, `TCP`, …
    pub protocol: String,
    pub port: i64,
    pub default_actions: Vec<Action>,
}

/// What a listener or a rule does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Action {
    /// `forward`, `redirect`, `fixed-response`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Target groups it forwards to.
    pub target_group_arns: Vec<String>,
    /// The same with their weights, where it forwards by weight; empty where it has one target group, or where the file is
    /// of an older version.
    #[serde(default)]
    pub target_groups: Vec<WeightedTargetGroup>,
    /// Status of a fixed response or a redirect.
    pub status_code: Option<String>,
}

/// A target group of a forward action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WeightedTargetGroup {
    pub target_group_arn: String,
    /// 0 to 999: its part of the sum of the weights; 0 gets no requests.
    pub weight: i64,
}

/// A condition on a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HeaderCondition {
    /// Name of the header.
    pub name: String,
    /// One of them has to fit; `*` and `?` stand for any characters.
    pub values: Vec<String>,
}

/// A pair that a query string has to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct QueryCondition {
    /// `None` where the value may belong to any key.
    pub key: Option<String>,
    /// `*` and `?` stand for any characters.
    pub value: String,
}

/// A rule of a listener: a request has to meet all its conditions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rule {
    pub rule_arn: String,
    pub listener_arn: String,
    pub priority: String,
    pub is_default: bool,
    /// Values of its path-pattern conditions.
    pub path_patterns: Vec<String>,
    /// Values of its host-header conditions.
    pub host_headers: Vec<String>,
    /// Methods of its http-request-method conditions, as in `POST`.
    #[serde(default)]
    pub request_methods: Vec<String>,
    /// Ranges of its source-ip conditions.
    #[serde(default)]
    pub source_ips: Vec<String>,
    /// Its http-header conditions: a request has to meet each.
    #[serde(default)]
    pub http_headers: Vec<HeaderCondition>,
    /// Its query-string conditions: a request has to have one pair of each.
    #[serde(default)]
    pub query_strings: Vec<Vec<QueryCondition>>,
    /// Whether it has a condition of another kind, as a regular expression.
    #[serde(default)]
    pub has_other_conditions: bool,
    pub actions: Vec<Action>,
}

/// A target group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TargetGroup {
    pub target_group_arn: String,
    pub target_group_name: String,
    pub protocol: Option<String>,
    pub port: Option<i64>,
    pub vpc_id: Option<String>,
    /// `instance`, `ip`, `lambda` or `alb`.
    pub target_type: String,
    pub health_check_protocol: Option<String>,
    pub health_check_port: Option<String>,
    pub health_check_path: Option<String>,
    /// Seconds.
    #[serde(default)]
    pub health_check_interval_seconds: Option<i64>,
    /// Good answers that make a target healthy.
    #[serde(default)]
    pub healthy_threshold_count: Option<i64>,
    pub load_balancer_arns: Vec<String>,
    /// Where it is.
    #[serde(default)]
    pub region: String,
    pub tags: Tags,
}

/// A registered target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TargetHealth {
    pub target_group_arn: String,
    pub target_id: String,
    pub port: Option<i64>,
    /// `healthy`, `unhealthy`, `initial`, `unused`, `draining`, `unavailable`.
    pub state: String,
    /// AWS's reason code, as in `Target.ResponseCodeMismatch`.
    pub reason: Option<String>,
    pub description: Option<String>,
}

/// Attributes of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LoadBalancerAttributes {
    pub load_balancer_arn: String,
    /// AWS's names and values: `load_balancing.cross_zone.enabled` is `true`, …
    pub attributes: BTreeMap<String, String>,
}

/// Attributes of a target group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TargetGroupAttributes {
    pub target_group_arn: String,
    /// AWS's names and values: `stickiness.enabled` is `false`, …
    pub attributes: BTreeMap<String, String>,
}

/// A classic load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClassicLoadBalancer {
    pub load_balancer_name: String,
    pub dns_name: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    pub vpc_id: Option<String>,
    pub subnets: Vec<String>,
    pub availability_zones: Vec<String>,
    /// Ids.
    pub security_groups: Vec<String>,
    /// Ids of the registered instances.
    pub instances: Vec<String>,
    /// By port.
    pub listeners: Vec<ClassicListener>,
    pub health_check: Option<ClassicHealthCheck>,
    pub attributes: ClassicAttributes,
    pub policies: ClassicPolicies,
    /// RFC 3339.
    pub created_time: Option<String>,
    pub region: String,
    pub tags: Tags,
}

/// A listener of a classic load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClassicListener {
    /// `HTTP`, `HTTPS`, `TCP` or `SSL`.
    pub protocol: String,
    pub load_balancer_port: i64,
    pub instance_protocol: String,
    pub instance_port: i64,
    pub policy_names: Vec<String>,
}

/// How a classic load balancer finds out whether an instance is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClassicHealthCheck {
    /// `HTTP:80/index.html`, `TCP:22`, …
    pub target: String,
    /// Seconds.
    pub interval: i64,
    /// Seconds.
    pub timeout: i64,
    pub healthy_threshold: i64,
    pub unhealthy_threshold: i64,
}

/// Attributes of a classic load balancer; `None` where AWS does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClassicAttributes {
    pub cross_zone_load_balancing: Option<bool>,
    pub connection_draining: Option<bool>,
    /// Seconds.
    pub connection_draining_timeout: Option<i64>,
    /// Seconds.
    pub idle_timeout: Option<i64>,
    pub access_log: Option<bool>,
}

/// Names of a classic load balancer's policies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClassicPolicies {
    /// Stickiness by a cookie of the application.
    pub app_cookie_stickiness: Vec<String>,
    /// Stickiness by a cookie of the load balancer.
    pub lb_cookie_stickiness: Vec<String>,
    pub other: Vec<String>,
}

/// How an instance behind a classic load balancer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClassicHealth {
    pub load_balancer_name: String,
    pub instance_id: String,
    /// `InService`, `OutOfService` or `Unknown`.
    pub state: String,
    /// `ELB` or `Instance` where it is out of service.
    pub reason_code: Option<String>,
    pub description: Option<String>,
}
