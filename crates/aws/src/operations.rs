//! Every operation that a collector may send, and the interceptor that refuses any other.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::errors::NotAllowed;
use super::{errors, xml};

/// An operation that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operation {
    /// The service as the SDK names it: `Elastic Load Balancing v2`.
    pub service: &'static str,
    /// The operation: `DescribeTags`.
    pub name: &'static str,
    /// The IAM action that allows it: `elasticloadbalancing:DescribeTags`.
    pub action: &'static str,
}

const fn operation(service: &'static str, name: &'static str, action: &'static str) -> Operation {
    Operation { service, name, action }
}

const ELB: &str = "Elastic Load Balancing v2";
const CLASSIC_ELB: &str = "Elastic Load Balancing";

/// All that is ever sent. `AssumeRole` only exchanges credentials; everything else begins with a word that reads.
pub const OPERATIONS: &[Operation] = &[
    operation("STS", "AssumeRole", "sts:AssumeRole"),
    operation("STS", "GetCallerIdentity", "sts:GetCallerIdentity"),
    operation("EC2", "DescribeAddresses", "ec2:DescribeAddresses"),
    operation("EC2", "DescribeImages", "ec2:DescribeImages"),
    operation("EC2", "DescribeInstanceAttribute", "ec2:DescribeInstanceAttribute"),
    operation("EC2", "DescribeInstances", "ec2:DescribeInstances"),
    operation("EC2", "DescribeInternetGateways", "ec2:DescribeInternetGateways"),
    operation("EC2", "DescribeKeyPairs", "ec2:DescribeKeyPairs"),
    operation("EC2", "DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplateVersions"),
    operation("EC2", "DescribeLaunchTemplates", "ec2:DescribeLaunchTemplates"),
    operation("EC2", "DescribeNatGateways", "ec2:DescribeNatGateways"),
    operation("EC2", "DescribeNetworkAcls", "ec2:DescribeNetworkAcls"),
    operation("EC2", "DescribeRouteTables", "ec2:DescribeRouteTables"),
    operation("EC2", "DescribeSecurityGroups", "ec2:DescribeSecurityGroups"),
    operation("EC2", "DescribeSubnets", "ec2:DescribeSubnets"),
    operation("EC2", "DescribeVolumes", "ec2:DescribeVolumes"),
    operation("EC2", "DescribeVpcAttribute", "ec2:DescribeVpcAttribute"),
    operation("EC2", "DescribeVpcs", "ec2:DescribeVpcs"),
    operation(ELB, "DescribeListeners", "elasticloadbalancing:DescribeListeners"),
    operation(ELB, "DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancerAttributes"),
    operation(ELB, "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
    operation(ELB, "DescribeRules", "elasticloadbalancing:DescribeRules"),
    operation(ELB, "DescribeTags", "elasticloadbalancing:DescribeTags"),
    operation(ELB, "DescribeTargetGroupAttributes", "elasticloadbalancing:DescribeTargetGroupAttributes"),
    operation(ELB, "DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroups"),
    operation(ELB, "DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth"),
    operation(CLASSIC_ELB, "DescribeInstanceHealth", "elasticloadbalancing:DescribeInstanceHealth"),
    operation(CLASSIC_ELB, "DescribeLoadBalancerAttributes", "elasticloadbalancing:DescribeLoadBalancerAttributes"),
    operation(CLASSIC_ELB, "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
    operation(CLASSIC_ELB, "DescribeTags", "elasticloadbalancing:DescribeTags"),
    operation("Auto Scaling", "DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingGroups"),
    operation("Auto Scaling", "DescribeLaunchConfigurations", "autoscaling:DescribeLaunchConfigurations"),
    operation("Auto Scaling", "DescribePolicies", "autoscaling:DescribePolicies"),
    operation("Auto Scaling", "DescribeScalingActivities", "autoscaling:DescribeScalingActivities"),
    operation("S3", "GetBucketLocation", "s3:GetBucketLocation"),
    operation("S3", "GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"),
    operation("S3", "GetBucketTagging", "s3:GetBucketTagging"),
    operation("S3", "GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
    operation("S3", "ListBuckets", "s3:ListAllMyBuckets"),
    operation("S3", "ListObjectsV2", "s3:ListBucket"),
    operation("IAM", "GetAccountSummary", "iam:GetAccountSummary"),
    operation("IAM", "GetInstanceProfile", "iam:GetInstanceProfile"),
    operation("IAM", "ListAttachedRolePolicies", "iam:ListAttachedRolePolicies"),
    operation("IAM", "ListRolePolicies", "iam:ListRolePolicies"),
    operation("IAM", "SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy"),
    operation("SNS", "ListSubscriptionsByTopic", "sns:ListSubscriptionsByTopic"),
    operation("CloudWatch", "DescribeAlarms", "cloudwatch:DescribeAlarms"),
    operation("CloudWatch", "GetMetricData", "cloudwatch:GetMetricData"),
    operation("CloudWatch", "ListTagsForResource", "cloudwatch:ListTagsForResource"),
    operation("CloudTrail", "LookupEvents", "cloudtrail:LookupEvents"),
    operation("CloudFormation", "DescribeStacks", "cloudformation:DescribeStacks"),
    operation("CloudFormation", "ListStackResources", "cloudformation:ListStackResources"),
    operation("ECS", "DescribeClusters", "ecs:DescribeClusters"),
    operation("ECS", "DescribeServices", "ecs:DescribeServices"),
    operation("ECS", "DescribeTaskDefinition", "ecs:DescribeTaskDefinition"),
    operation("ECS", "ListClusters", "ecs:ListClusters"),
    operation("ECS", "ListServices", "ecs:ListServices"),
    operation("CodePipeline", "GetPipelineState", "codepipeline:GetPipelineState"),
    operation("CodePipeline", "ListPipelineExecutions", "codepipeline:ListPipelineExecutions"),
    operation("Elastic Beanstalk", "DescribeConfigurationSettings", "elasticbeanstalk:DescribeConfigurationSettings"),
    operation("Elastic Beanstalk", "DescribeEnvironments", "elasticbeanstalk:DescribeEnvironments"),
    operation("Lambda", "GetFunctionConfiguration", "lambda:GetFunctionConfiguration"),
    operation("Lambda", "ListFunctions", "lambda:ListFunctions"),
    operation("Lambda", "ListTags", "lambda:ListTags"),
    operation("API Gateway", "GetResources", "apigateway:GET"),
    operation("API Gateway", "GetRestApis", "apigateway:GET"),
    operation("API Gateway", "GetStages", "apigateway:GET"),
    operation("ApiGatewayV2", "GetApis", "apigateway:GET"),
    operation("ApiGatewayV2", "GetIntegrations", "apigateway:GET"),
    operation("ApiGatewayV2", "GetRoutes", "apigateway:GET"),
    operation("ApiGatewayV2", "GetStages", "apigateway:GET"),
    operation("Resource Groups Tagging API", "GetResources", "tag:GetResources"),
    operation("CloudControl", "GetResource", "cloudformation:GetResource"),
    operation("CloudControl", "ListResources", "cloudformation:ListResources"),
];

/// The one operation that changes something; only [`ReadOnly::and_disruptive`] lets it pass.
const DISRUPTIVE: Operation = operation("Auto Scaling", "TerminateInstanceInAutoScalingGroup", DISRUPTIVE_ACTION);
/// The IAM action that allows it: an instance of a group is ended.
pub const DISRUPTIVE_ACTION: &str = "autoscaling:TerminateInstanceInAutoScalingGroup";

/// Services whose replies are not XML: their parsers refuse by themselves what breaks off.
const NOT_XML: [&str; 8] = [
    "Resource Groups Tagging API",
    "CloudControl",
    "CloudTrail",
    "CodePipeline",
    "ECS",
    "Lambda",
    "API Gateway",
    "ApiGatewayV2",
];

/// Looks an operation up by the SDK's names.
fn find(service: &str, name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|known| known.service == service && known.name == name)
}

/// Refuses operations outside [`OPERATIONS`] before anything is sent, counts each request that is, and refuses replies
/// that break off or are empty.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadOnly {
    calls: Arc<Mutex<BTreeMap<String, u64>>>,
    throttled: Arc<AtomicU64>,
    disruptive: bool,
}

impl ReadOnly {
    /// The same counts, and [`DISRUPTIVE`] may be sent.
    pub(super) fn and_disruptive(&self) -> Self {
        Self { disruptive: true, ..self.clone() }
    }

    /// Requests sent so far, retries included, by IAM action.
    pub(super) fn calls(&self) -> BTreeMap<String, u64> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Requests so far that the service asked to send again more slowly.
    pub(super) fn throttled(&self) -> u64 {
        self.throttled.load(Ordering::Relaxed)
    }
}

fn allowed(cfg: &ConfigBag, disruptive: bool) -> Result<&'static Operation, NotAllowed> {
    let (service, name) = match cfg.load::<Metadata>() {
        Some(metadata) => (metadata.service(), metadata.name()),
        None => ("an unnamed service's", "unnamed operation"),
    };
    let ends = Some(&DISRUPTIVE).filter(|it| disruptive && it.service == service && it.name == name);
    find(service, name).or(ends).ok_or_else(|| NotAllowed { service: service.to_owned(), name: name.to_owned() })
}

impl Intercept for ReadOnly {
    fn name(&self) -> &'static str {
        "stackmark-read-only"
    }

    // The earliest hook at which the operation's name is known.
    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        allowed(cfg, self.disruptive)?;
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = allowed(cfg, self.disruptive)?;
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(operation.action.to_owned()).or_default() += 1;
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(response) = context.response()
            && errors::is_throttled(response)
        {
            self.throttled.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let is_xml = cfg.load::<Metadata>().is_none_or(|metadata| !NOT_XML.contains(&metadata.service()));
        if response.status().is_success()
            && let Some(body) = response.body().bytes()
        {
            match is_xml {
                true => xml::check(body)?,
                // The SDK reads no body as an object with nothing in it.
                false => xml::check_not_empty(body)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Connection;
    use crate::session::Session;
    use stackmark_collect::Limits;
    use stackmark_evidence::Cause;

    /// Beginnings of operations that change nothing.
    const READING_WORDS: [&str; 6] = ["Describe", "Get", "List", "Lookup", "Head", "Simulate"];
    /// Where AWS calls the right otherwise than the operation.
    const ACTIONS_OF_ANOTHER_NAME: [(&str, &str); 3] = [
        ("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"),
        ("ListBuckets", "s3:ListAllMyBuckets"),
        ("ListObjectsV2", "s3:ListBucket"),
    ];

    #[test]
    fn every_operation_only_reads() {
        for operation in OPERATIONS {
            let reads = READING_WORDS.iter().any(|word| operation.name.starts_with(word));
            assert!(reads || operation.name == "AssumeRole", "{} may change something", operation.name);
            let action = operation.action.split(':').nth(1);
            let differs = ACTIONS_OF_ANOTHER_NAME.contains(&(operation.name, operation.action))
                // One action allows every request of this service that reads.
                || operation.action == "apigateway:GET";
            assert!(differs || action == Some(operation.name), "the IAM action of {}", operation.name);
        }
        let distinct: std::collections::BTreeSet<_> = OPERATIONS.iter().map(|it| (it.service, it.name)).collect();
        assert_eq!(distinct.len(), OPERATIONS.len(), "an operation stands there twice");
    }

    #[tokio::test]
    async fn an_operation_outside_the_table_is_never_sent() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let session =
            Session::new(&Connection::emulator(&endpoint, "us-east-1", "AKIDEXAMPLE", "x", &Limits::default()));
        let failure = session
            .call(
                "ec2:TerminateInstances",
                session.ec2.terminate_instances().instance_ids("i-0123456789abcdef0").send(),
            )
            .await
            .unwrap_err();
        assert_eq!(failure.cause, Cause::Refused);
        assert!(failure.detail.contains("TerminateInstances is not among"), "{}", failure.detail);
        // Even the client that may end an instance can do nothing else that changes something.
        let disruptive = session.disruptive();
        let request = disruptive.set_desired_capacity().auto_scaling_group_name("web").desired_capacity(0);
        let failure = session.call("autoscaling:SetDesiredCapacity", request.send()).await.unwrap_err();
        assert_eq!(failure.cause, Cause::Refused);
        let request = session.autoscaling.terminate_instance_in_auto_scaling_group().instance_id("i-1");
        let request = request.should_decrement_desired_capacity(false);
        let failure = session.call(DISRUPTIVE.action, request.send()).await.unwrap_err();
        assert_eq!(failure.cause, Cause::Refused, "no other client can");
        assert!(listener.accept().is_err(), "a connection was made");
        assert!(session.calls().is_empty());
    }
}
