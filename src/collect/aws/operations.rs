//! Every operation that a collector may send, and the interceptor that refuses any other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextRef,
    BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::xml;

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

/// All that is ever sent. `AssumeRole` only exchanges credentials; everything else is `Describe*` or `Get*`.
pub const OPERATIONS: &[Operation] = &[
    operation("STS", "AssumeRole", "sts:AssumeRole"),
    operation("STS", "GetCallerIdentity", "sts:GetCallerIdentity"),
    operation("EC2", "DescribeInstances", "ec2:DescribeInstances"),
    operation("EC2", "DescribeSecurityGroups", "ec2:DescribeSecurityGroups"),
    operation("EC2", "DescribeSubnets", "ec2:DescribeSubnets"),
    operation("EC2", "DescribeVpcs", "ec2:DescribeVpcs"),
    operation(ELB, "DescribeListeners", "elasticloadbalancing:DescribeListeners"),
    operation(ELB, "DescribeLoadBalancers", "elasticloadbalancing:DescribeLoadBalancers"),
    operation(ELB, "DescribeRules", "elasticloadbalancing:DescribeRules"),
    operation(ELB, "DescribeTags", "elasticloadbalancing:DescribeTags"),
    operation(ELB, "DescribeTargetGroups", "elasticloadbalancing:DescribeTargetGroups"),
    operation(ELB, "DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth"),
    operation("Auto Scaling", "DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingGroups"),
    operation("Auto Scaling", "DescribePolicies", "autoscaling:DescribePolicies"),
];

/// Looks an operation up by the SDK's names.
fn find(service: &str, name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|known| known.service == service && known.name == name)
}

/// Refuses operations outside [`OPERATIONS`] before anything is sent, counts each request that is, and refuses replies
/// that break off.
#[derive(Debug, Clone, Default)]
pub(super) struct ReadOnly {
    calls: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl ReadOnly {
    /// Requests sent so far, retries included, by IAM action.
    pub(super) fn calls(&self) -> BTreeMap<String, u64> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why a request was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{service} {name} is not among the operations that are allowed to be sent")]
pub(super) struct NotAllowed {
    service: String,
    name: String,
}

fn allowed(cfg: &ConfigBag) -> Result<&'static Operation, NotAllowed> {
    let (service, name) = match cfg.load::<Metadata>() {
        Some(metadata) => (metadata.service(), metadata.name()),
        None => ("an unnamed service's", "unnamed operation"),
    };
    find(service, name).ok_or_else(|| NotAllowed { service: service.to_owned(), name: name.to_owned() })
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
        allowed(cfg)?;
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let operation = allowed(cfg)?;
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(operation.action.to_owned()).or_default() += 1;
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        if response.status().is_success()
            && let Some(body) = response.body().bytes()
        {
            xml::check(body)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::Limits;
    use crate::collect::aws::Connection;
    use crate::collect::aws::session::Session;
    use crate::evidence::Cause;

    #[test]
    fn every_operation_only_reads() {
        for operation in OPERATIONS {
            let reads = operation.name.starts_with("Describe")
                || operation.name.starts_with("Get")
                || operation.name == "AssumeRole";
            assert!(reads, "{} may change something", operation.name);
            assert_eq!(
                operation.action.split(':').nth(1),
                Some(operation.name),
                "the IAM action of {}",
                operation.name
            );
        }
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
        assert!(listener.accept().is_err(), "a connection was made");
        assert!(session.calls().is_empty());
    }
}
