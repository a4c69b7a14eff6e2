//! Auto Scaling.

use serde::{Deserialize, Serialize};

use super::Tags;

/// An Auto Scaling group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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
    /// Seconds.
    #[serde(default)]
    pub health_check_grace_period: Option<i64>,
    pub launch_template: Option<String>,
    /// `$Default`, `$Latest` or a number; `None` without a launch template, and in evidence from before it was read.
    #[serde(default)]
    pub launch_template_version: Option<String>,
    /// Instance types by which a mixed instances policy overrides the template's, in their order; an empty text where attributes
    /// choose the type. `None` in evidence from before they were read.
    #[serde(default)]
    pub override_instance_types: Option<Vec<String>>,
    pub launch_configuration_name: Option<String>,
    /// `Launch`, `AlarmNotification`, …: what somebody suspended; `None` in evidence from before it was read.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub suspended_processes: Option<Vec<String>>,
    /// Where it is.
    #[serde(default)]
    pub region: String,
    pub tags: Tags,
}

/// A scaling policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScalingPolicy {
    pub policy_name: String,
    pub auto_scaling_group_name: String,
    /// `TargetTrackingScaling`, `StepScaling`, `SimpleScaling` or `PredictiveScaling`.
    pub policy_type: String,
    /// `ASGAverageCPUUtilization`, … of a target tracking policy.
    pub predefined_metric_type: Option<String>,
    pub target_value: Option<f64>,
    pub scaling_adjustment: Option<i64>,
    /// `ChangeInCapacity`, `ExactCapacity` or `PercentChangeInCapacity`.
    #[serde(default)]
    pub adjustment_type: Option<String>,
    /// Seconds.
    #[serde(default)]
    pub cooldown: Option<i64>,
    /// Whether it acts; `None` where AWS does not say, and in evidence from before it was read.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub enabled: Option<bool>,
    /// Names of the alarms that set it off.
    #[serde(default)]
    pub alarm_names: Vec<String>,
}

/// What an Auto Scaling group did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScalingActivity {
    pub activity_id: String,
    pub auto_scaling_group_name: String,
    /// `Successful`, `InProgress`, `Failed`, …
    pub status_code: String,
    /// `Launching a new EC2 instance: i-…`
    pub description: String,
    /// Why, in AWS's words.
    pub cause: String,
    /// RFC 3339.
    pub start_time: Option<String>,
    /// RFC 3339; `None` while it goes on.
    pub end_time: Option<String>,
}
