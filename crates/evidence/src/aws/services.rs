//! Containers, functions, APIs, everything else as generic resources, and what is told of some of these beside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use serde_json::Value;

use super::Tags;
use crate::closed::ListedBy;

/// A resource of a service that has no table of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Resource {
    /// ARN, or Cloud Control's identifier where no ARN is known.
    pub arn: String,
    /// `ecs`, `dynamodb`, …
    pub service: String,
    /// CloudFormation's name of its type: `AWS::DynamoDB::Table`.
    pub resource_type: String,
    pub name: String,
    pub region: String,
    /// Its properties as CloudFormation names them, secrets taken out; empty where only the tagging API knew it.
    pub properties: BTreeMap<String, Value>,
    /// Who listed it.
    pub found_by: ListedBy,
    pub tags: Tags,
}

/// An ECS service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EcsService {
    pub service_arn: String,
    pub service_name: String,
    /// Name of its cluster.
    pub cluster: String,
    /// `ACTIVE` or `DRAINING`.
    pub status: String,
    /// `EC2`, `FARGATE` or `EXTERNAL`; that of the first capacity provider where a strategy is used.
    pub launch_type: String,
    pub desired_count: i64,
    pub running_count: i64,
    pub pending_count: i64,
    /// ARN of the task definition's revision.
    pub task_definition: String,
    pub load_balancers: Vec<EcsLoadBalancer>,
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
    pub assign_public_ip: bool,
    /// What it did, newest first, as far back as AWS tells; `None` in evidence from before it was read.
    #[serde(default)]
    pub events: Option<Vec<EcsEvent>>,
    /// Tags of its cluster.
    pub cluster_tags: Tags,
    pub region: String,
    pub tags: Tags,
}

/// What a service did: it started or stopped tasks, or has reached a steady state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EcsEvent {
    /// RFC 3339.
    pub created_at: Option<String>,
    /// In AWS's words: `(service web) has started 2 tasks: (task …) (task …).`
    pub message: String,
}

/// How traffic reaches a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EcsLoadBalancer {
    pub target_group_arn: Option<String>,
    /// Of a classic load balancer.
    pub load_balancer_name: Option<String>,
    pub container_name: Option<String>,
    pub container_port: Option<i64>,
}

/// A task definition that a service in scope runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EcsTaskDefinition {
    pub task_definition_arn: String,
    pub family: String,
    /// `awsvpc`, `bridge`, `host` or `none`.
    pub network_mode: Option<String>,
    pub requires_compatibilities: Vec<String>,
    /// CPU units, 1024 to a virtual CPU.
    pub cpu: Option<String>,
    /// MiB.
    pub memory: Option<String>,
    pub containers: Vec<EcsContainer>,
    pub execution_role_arn: Option<String>,
    pub task_role_arn: Option<String>,
    pub region: String,
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EcsContainer {
    pub name: String,
    pub image: String,
    pub essential: bool,
    pub port_mappings: Vec<EcsPortMapping>,
    /// Names of its environment's variables; values are not read.
    pub environment_keys: Vec<String>,
    /// `awslogs`, …
    pub log_driver: Option<String>,
}

/// A port that a container opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct EcsPortMapping {
    pub container_port: Option<i64>,
    pub host_port: Option<i64>,
    /// `tcp` or `udp`.
    pub protocol: Option<String>,
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Function {
    pub function_name: String,
    pub function_arn: String,
    /// `python3.13`, …; `None` for images.
    pub runtime: Option<String>,
    pub handler: Option<String>,
    /// ARN.
    pub role: String,
    /// MiB.
    pub memory_size: i64,
    /// Seconds.
    pub timeout: i64,
    /// `Zip` or `Image`.
    pub package_type: String,
    /// Names of its environment's variables; values are not kept.
    pub environment_keys: Vec<String>,
    /// `Active`, `Pending`, `Inactive`, `Failed`; `None` where a listing does not tell.
    pub state: Option<String>,
    pub last_modified: Option<String>,
    pub region: String,
    pub tags: Tags,
}

/// An API of API Gateway, of either generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Api {
    pub api_id: String,
    pub name: String,
    /// `REST`, `HTTP` or `WEBSOCKET`.
    pub protocol_type: String,
    /// Address without a stage.
    pub endpoint: String,
    /// Names of its stages.
    pub stages: Vec<String>,
    /// Names of the stages with a deployment, made or automatic; `None` in evidence from before it was read.
    #[serde(default)]
    #[schemars(extend("x-older" = "unknown"))]
    pub deployed_stages: Option<Vec<String>>,
    pub routes: Vec<ApiRoute>,
    pub region: String,
    pub tags: Tags,
}

/// A route of an API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ApiRoute {
    /// Method and path: `GET /items/{id}`; `$default` catches all.
    pub route_key: String,
    /// Empty for `$default`.
    pub method: String,
    pub path: String,
    /// `AWS_PROXY`, `HTTP_PROXY`, `MOCK`, …; `None` where nothing answers.
    pub integration_type: Option<String>,
    /// ARN or address of what answers.
    pub integration_uri: Option<String>,
    /// `NONE`, `AWS_IAM`, `JWT`, …
    pub authorization_type: Option<String>,
}

/// A pipeline of CodePipeline, and what ran through it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Pipeline {
    pub pipeline_name: String,
    /// Its stages, in their order.
    pub stages: Vec<PipelineStage>,
    /// Runs of the last twelve months, newest first.
    pub executions: Vec<PipelineExecution>,
    pub region: String,
}

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PipelineStage {
    pub stage_name: String,
    /// `Succeeded`, `Failed`, `InProgress`, `Stopped`, …; `None` where nothing has reached it.
    pub status: Option<String>,
}

/// One run of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PipelineExecution {
    pub pipeline_execution_id: String,
    /// `Succeeded`, `Failed`, `InProgress`, `Stopped`, `Stopping`, `Superseded` or `Cancelled`.
    pub status: String,
    /// What began it: `Webhook`, `CloudWatchEvent`, `PollForSourceChanges`, `StartPipelineExecution` by hand, …
    pub trigger_type: Option<String>,
    /// RFC 3339.
    pub start_time: Option<String>,
    /// RFC 3339.
    pub last_update_time: Option<String>,
}

/// An environment of Elastic Beanstalk. One that was terminated has no row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct BeanstalkEnvironment {
    pub environment_name: String,
    pub application_name: String,
    /// `Ready`, `Launching`, `Updating`, `Terminating`, …
    pub status: String,
    /// `Green`, `Yellow`, `Red`; `Grey` where nothing is known of it yet.
    pub health: String,
    /// `Ok`, `Warning`, `Degraded`, `Severe`, …; `None` without enhanced health reporting.
    pub health_status: Option<String>,
    /// The version of the application that runs there.
    pub version_label: Option<String>,
    /// `WebServer` or `Worker`.
    pub tier: Option<String>,
    /// How a version reaches the instances: `AllAtOnce`, `Rolling`, `RollingWithAdditionalBatch`, `Immutable` or
    /// `TrafficSplitting`; `None` where Beanstalk does not tell.
    pub deployment_policy: Option<String>,
    pub region: String,
}
