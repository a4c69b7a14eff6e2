//! The one thing that is ever changed in an account: an instance of the team's Auto Scaling group is ended.
//!
//! Only [`Patient`] can do it, once, and only where the person who grades allowed it for this run and the roster for this
//! team. Everything else that it sends reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::collector::in_regions;
use super::config::Connection;
use super::errors::incomplete;
use super::session::Session;
use crate::collect::{AwsAccess, Limits};
use crate::evidence::aws::{AutoScalingGroup, AwsEvidence};
use crate::evidence::{Cause, Reading, Unreadable};
use crate::plan::ScopeRequest;

/// The IAM action that ends the instance.
pub const ACTION: &str = "autoscaling:TerminateInstanceInAutoScalingGroup";

/// A group that may lose an instance.
pub(in crate::collect) struct Patient {
    session: Arc<Session>,
    /// Its name.
    pub(in crate::collect) group: String,
}

/// Which of the team's groups would lose an instance: one behind a load balancer before others, then by name.
///
/// An absent reading says that there is none. Nothing is ended where it cannot be told whose a group is: where nothing
/// carried the tags and the account has several groups.
pub(in crate::collect) fn choose(aws: &AwsEvidence) -> Reading<AutoScalingGroup> {
    let groups = match &aws.auto_scaling_groups {
        Reading::Observed { value } => value,
        Reading::Absent { note } => return Reading::absent(note.clone()),
        Reading::Unreadable(failure) => return Reading::Unreadable(failure.clone()),
    };
    let whole_account = aws
        .scope
        .value()
        .is_none_or(|scope| scope.found_by.get("auto_scaling_groups").is_none_or(|by| by == "account"));
    if whole_account && groups.len() > 1 {
        let names: Vec<&str> = groups.iter().map(|group| group.auto_scaling_group_name.as_str()).collect();
        let detail = format!(
            "no instance was ended: which of the account's groups is the team's cannot be told ({}); tag the team's",
            names.join(", ")
        );
        return Reading::unreadable(Cause::Refused, detail);
    }
    let in_front =
        |group: &AutoScalingGroup| group.target_group_arns.is_empty() && group.load_balancer_names.is_empty();
    let chosen = groups.iter().min_by_key(|group| (in_front(group), &group.auto_scaling_group_name));
    match chosen {
        Some(group) => Reading::observed(group.clone()),
        None => Reading::absent("there is no Auto Scaling group that could replace an instance"),
    }
}

impl Patient {
    /// Opens a way to the group.
    ///
    /// # Errors
    /// As opening any connection.
    pub(in crate::collect) async fn open(
        access: &AwsAccess,
        scope: &ScopeRequest,
        group: &AutoScalingGroup,
        limits: &Limits,
    ) -> Result<Self, Unreadable> {
        let connection = Connection::open(&in_regions(access, scope), limits).await?;
        let connection = if group.region.is_empty() { connection } else { connection.to_region(&group.region) };
        let session = Session::new(&connection);
        Ok(Self { session, group: group.auto_scaling_group_name.clone() })
    }

    /// Ids of the group's instances that are in service and healthy.
    ///
    /// # Errors
    /// The call fails, or the group is gone.
    pub(in crate::collect) async fn in_service(&self) -> Result<BTreeSet<String>, Unreadable> {
        const ASKED: &str = "autoscaling:DescribeAutoScalingGroups";
        let request = self.session.autoscaling.describe_auto_scaling_groups().auto_scaling_group_names(&self.group);
        let reply = self.session.call(ASKED, request.send()).await?;
        let group = reply.auto_scaling_groups.unwrap_or_default().into_iter().next();
        let group = group.ok_or_else(|| incomplete(ASKED, &format!("no group {}", self.group)))?;
        let in_service = group.instances.unwrap_or_default().into_iter().filter(|instance| {
            let healthy = instance.health_status.as_deref() == Some("Healthy");
            healthy && instance.lifecycle_state.as_ref().is_some_and(|state| state.as_str() == "InService")
        });
        Ok(in_service.filter_map(|instance| instance.instance_id).collect())
    }

    /// Ends one instance; the group keeps the size that it wants.
    ///
    /// # Errors
    /// The call fails; nothing was ended then.
    pub(in crate::collect) async fn end(self, instance_id: &str) -> Result<Watched, Unreadable> {
        let disruptive = self.session.disruptive();
        let request = disruptive
            .terminate_instance_in_auto_scaling_group()
            .instance_id(instance_id)
            .should_decrement_desired_capacity(false);
        self.session.call(ACTION, request.send()).await?;
        Ok(Watched(self))
    }
}

/// A group that has lost an instance: it can only be looked at.
pub(in crate::collect) struct Watched(Patient);

impl Watched {
    /// Requests sent for it so far, by IAM action.
    pub(in crate::collect) fn calls(&self) -> BTreeMap<String, u64> {
        self.0.session.calls()
    }

    /// As [`Patient::in_service`].
    ///
    /// # Errors
    /// The same.
    pub(in crate::collect) async fn in_service(&self) -> Result<BTreeSet<String>, Unreadable> {
        self.0.in_service().await
    }
}
