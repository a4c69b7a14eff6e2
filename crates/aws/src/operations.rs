//! Every operation that a collector may send, and the interceptor that refuses any other.

use std::collections::BTreeMap;
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
use super::turns::service_of;
use super::{errors, xml};
use stackmark_evidence::with_tables;

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

/// What the SDK and IAM call a service of the tables' declarations.
#[rustfmt::skip]
macro_rules! service {
    (sdk ec2) => { "EC2" };
    (sdk elbv2) => { "Elastic Load Balancing v2" };
    (sdk classic) => { "Elastic Load Balancing" };
    (sdk autoscaling) => { "Auto Scaling" };
    (sdk s3) => { "S3" };
    (sdk iam) => { "IAM" };
    (sdk sts) => { "STS" };
    (sdk sns) => { "SNS" };
    (sdk cloudwatch) => { "CloudWatch" };
    (sdk cloudtrail) => { "CloudTrail" };
    (sdk cloudformation) => { "CloudFormation" };
    (sdk ecs) => { "ECS" };
    (sdk codepipeline) => { "CodePipeline" };
    (sdk elasticbeanstalk) => { "Elastic Beanstalk" };
    (sdk lambda) => { "Lambda" };
    (sdk apigateway) => { "API Gateway" };
    (sdk apigatewayv2) => { "ApiGatewayV2" };
    (sdk tagging) => { "Resource Groups Tagging API" };
    (sdk cloudcontrol) => { "CloudControl" };
    (iam elbv2) => { "elasticloadbalancing" };
    (iam classic) => { "elasticloadbalancing" };
    (iam apigatewayv2) => { "apigateway" };
    (iam tagging) => { "tag" };
    (iam cloudcontrol) => { "cloudformation" };
    (iam $service:ident) => { stringify!($service) };
}
pub(crate) use service;

/// The IAM action that allows an operation: of the same name, unless the declaration says another.
macro_rules! action {
    ($service:ident, $operation:ident) => {
        concat!($crate::operations::service!(iam $service), ":", stringify!($operation))
    };
    ($service:ident, $operation:ident, $action:literal) => {
        $action
    };
}
pub(crate) use action;

macro_rules! operation_of {
    ($service:ident: $operation:ident $(as $action:literal)?) => {
        Operation {
            service: service!(sdk $service),
            name: stringify!($operation),
            action: action!($service, $operation $(, $action)?),
        }
    };
}

macro_rules! operations {
    ($(
        $(#[$holds:meta])*
        $name:ident: $row:ident {
            table: $table:ident, holds: $text:literal,
            region: $region:tt, tags: $tags:tt, tied: $tied:tt,
            from: [$($from:ident),*], scoped_by: [$($scoped_by:ident),*],
            calls: [$($service:ident: $operation:ident $(as $action:literal)?),*],
            $($rest:tt)*
        }
    )*) => {
        /// All that is ever sent: what the tables' declarations name, and what belongs to no table. `AssumeRole` only
        /// exchanges credentials; everything else begins with a word that reads. Two tables may name one operation.
        pub const OPERATIONS: &[Operation] = &[
            operation_of!(sts: AssumeRole),
            operation_of!(sts: GetCallerIdentity),
            operation_of!(iam: SimulatePrincipalPolicy),
            operation_of!(cloudcontrol: GetResource),
            operation_of!(cloudcontrol: ListResources),
            $($(operation_of!($service: $operation $(as $action)?),)*)*
        ];
    };
}
with_tables!(operations);

/// The one operation that changes something; only [`ReadOnly::and_disruptive`] lets it pass.
const DISRUPTIVE: Operation = operation_of!(autoscaling: TerminateInstanceInAutoScalingGroup);
/// The IAM action that allows it: an instance of a group is ended.
pub const DISRUPTIVE_ACTION: &str = DISRUPTIVE.action;

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
    /// Requests that the service asked to send again more slowly, by service.
    throttled: Arc<Mutex<BTreeMap<String, u64>>>,
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

    /// Requests so far that the service of an IAM action asked to send again more slowly.
    pub(super) fn throttled(&self, action: &str) -> u64 {
        let throttled = self.throttled.lock().unwrap_or_else(PoisonError::into_inner);
        throttled.get(service_of(action)).copied().unwrap_or_default()
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
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(response) = context.response()
            && errors::is_throttled(response)
        {
            let service = service_of(allowed(cfg, self.disruptive)?.action);
            let mut throttled = self.throttled.lock().unwrap_or_else(PoisonError::into_inner);
            *throttled.entry(service.to_owned()).or_default() += 1;
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
        let mut actions = BTreeMap::new();
        for operation in OPERATIONS {
            let known = *actions.entry((operation.service, operation.name)).or_insert(operation.action);
            assert_eq!(known, operation.action, "tables name two IAM actions for {}", operation.name);
        }
        assert!(actions.len() > 60, "{} operations", actions.len());
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
