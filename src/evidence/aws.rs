//! The deployed stack: tables of resources, fields named as AWS names them, in snake_case.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Reading;

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

/// What was read of the account.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AwsEvidence {
    /// Who asked, as STS tells it.
    pub caller: Reading<Caller>,
    /// Which resources were asked for.
    pub scope: Reading<Scope>,
    /// EC2 instances, terminated ones left out.
    pub instances: Reading<Vec<Instance>>,
    /// Security groups.
    pub security_groups: Reading<Vec<SecurityGroup>>,
    /// Virtual private clouds.
    pub vpcs: Reading<Vec<Vpc>>,
    /// Subnets.
    pub subnets: Reading<Vec<Subnet>>,
    /// Application, network and gateway load balancers.
    pub load_balancers: Reading<Vec<LoadBalancer>>,
    /// Listeners of those load balancers.
    pub listeners: Reading<Vec<Listener>>,
    /// Rules of those listeners.
    pub rules: Reading<Vec<Rule>>,
    /// Target groups.
    pub target_groups: Reading<Vec<TargetGroup>>,
    /// Health of each registered target.
    pub target_health: Reading<Vec<TargetHealth>>,
    /// Auto Scaling groups.
    pub auto_scaling_groups: Reading<Vec<AutoScalingGroup>>,
    /// Their scaling policies.
    pub scaling_policies: Reading<Vec<ScalingPolicy>>,
    /// API calls made, retries included, by IAM action (`ec2:DescribeInstances`): for the report's section on how it was
    /// checked.
    pub calls: BTreeMap<String, u64>,
}

/// Who asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// ARN of the user or role.
    pub arn: String,
    /// Region that was read.
    pub region: String,
}

/// Which resources were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The tag filter; empty where the whole account is read.
    pub tags: Tags,
    /// How each table was found: `tags` (every row carries them), `related` (at least one row does not, and was found
    /// through a resource that it is tied to) or `account` (no tags were asked for, or nothing carried them).
    pub found_by: BTreeMap<String, String>,
    /// Resources that carry all the tags.
    pub tagged: u64,
    /// Instances, load balancers, target groups, Auto Scaling groups and security groups that are not default ones, of
    /// those found; all of them count as tagged where no tags are asked for.
    pub taggable: u64,
    /// Ids (names of load balancers, target groups, Auto Scaling groups) of resources without the tags, at most twenty.
    pub untagged: Vec<String>,
}

/// An EC2 instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    pub instance_id: String,
    pub instance_type: String,
    pub image_id: String,
    /// `pending`, `running`, `stopping`, `stopped` or `shutting-down`.
    pub state: String,
    pub availability_zone: String,
    pub vpc_id: Option<String>,
    pub subnet_id: Option<String>,
    pub private_ip_address: Option<String>,
    pub public_ip_address: Option<String>,
    pub public_dns_name: Option<String>,
    pub key_name: Option<String>,
    pub security_group_ids: Vec<String>,
    pub iam_instance_profile: Option<String>,
    /// RFC 3339.
    pub launch_time: Option<String>,
    pub tags: Tags,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecurityGroup {
    pub group_id: String,
    pub group_name: String,
    pub description: String,
    pub vpc_id: Option<String>,
    pub ingress: Vec<Permission>,
    pub egress: Vec<Permission>,
    pub tags: Tags,
}

/// One rule of a security group; a range of sources is one entry each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Permission {
    /// `tcp`, `udp`, `icmp`, or `-1` for all.
    pub ip_protocol: String,
    /// `None` for all ports.
    pub from_port: Option<i64>,
    /// `None` for all ports.
    pub to_port: Option<i64>,
    /// IPv4 or IPv6 range.
    pub cidr: Option<String>,
    /// Another group as the source.
    pub group_id: Option<String>,
    pub prefix_list_id: Option<String>,
}

/// A virtual private cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vpc {
    pub vpc_id: String,
    pub cidr_block: String,
    pub state: String,
    pub is_default: bool,
    pub tags: Tags,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subnet {
    pub subnet_id: String,
    pub vpc_id: String,
    pub cidr_block: Option<String>,
    pub availability_zone: String,
    pub map_public_ip_on_launch: bool,
    pub default_for_az: bool,
    pub tags: Tags,
}

/// An application, network or gateway load balancer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub tags: Tags,
}

/// A listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listener {
    pub listener_arn: String,
    pub load_balancer_arn: String,
    /// `HTTP`, `HTTPS`, `TCP`, …
    pub protocol: String,
    pub port: i64,
    pub default_actions: Vec<Action>,
}

/// What a listener or a rule does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// `forward`, `redirect`, `fixed-response`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Target groups it forwards to.
    pub target_group_arns: Vec<String>,
    /// Status of a fixed response or a redirect.
    pub status_code: Option<String>,
}

/// A rule of a listener.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    pub rule_arn: String,
    pub listener_arn: String,
    pub priority: String,
    pub is_default: bool,
    /// Values of its path-pattern conditions.
    pub path_patterns: Vec<String>,
    /// Values of its host-header conditions.
    pub host_headers: Vec<String>,
    pub actions: Vec<Action>,
}

/// A target group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub load_balancer_arns: Vec<String>,
    pub tags: Tags,
}

/// A registered target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

/// An Auto Scaling group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AutoScalingGroup {
    pub auto_scaling_group_name: String,
    pub min_size: i64,
    pub max_size: i64,
    pub desired_capacity: i64,
    /// Ids of its instances.
    pub instance_ids: Vec<String>,
    pub availability_zones: Vec<String>,
    pub subnet_ids: Vec<String>,
    pub target_group_arns: Vec<String>,
    pub load_balancer_names: Vec<String>,
    /// `EC2` or `ELB`.
    pub health_check_type: String,
    pub launch_template: Option<String>,
    pub launch_configuration_name: Option<String>,
    pub tags: Tags,
}

/// A scaling policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    pub policy_name: String,
    pub auto_scaling_group_name: String,
    /// `TargetTrackingScaling`, `StepScaling`, `SimpleScaling` or `PredictiveScaling`.
    pub policy_type: String,
    /// `ASGAverageCPUUtilization`, … of a target tracking policy.
    pub predefined_metric_type: Option<String>,
    pub target_value: Option<f64>,
    pub scaling_adjustment: Option<i64>,
}
