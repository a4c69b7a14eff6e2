//! The one thing that is ever changed in an account: an instance of the team's Auto Scaling group is ended.
//!
//! Only [`Patient`] can do it, once, and only where the person who grades allowed it for this run and the roster for this
//! team. Everything else that it sends reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::collector::in_regions;
use super::connection::Connection;
use super::errors::incomplete;
use super::operations::DISRUPTIVE_ACTION;
use super::session::Session;
use crate::AwsAccess;
use stackmark_collect::Limits;
use stackmark_evidence::aws::{AutoScalingGroup, AwsEvidence};
use stackmark_evidence::closed::FoundBy;
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading, Unreadable};

/// A group that may lose an instance.
pub struct Patient {
    session: Arc<Session>,
    /// Its name.
    pub group: String,
}

/// A group's instances at one time, by id.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// How many it is to have.
    pub wanted: i32,
    /// All of them, whatever they are at.
    pub all: BTreeSet<String>,
    /// Those that are in service and healthy.
    pub in_service: BTreeSet<String>,
}

/// Which of the team's groups would lose an instance: one behind a load balancer before others, then by name.
///
/// An absent reading says that there is none. Nothing is ended where no tag tells whose a group is: a group of the account
/// may be the neighbour's.
pub fn choose(aws: &AwsEvidence) -> Reading<AutoScalingGroup> {
    let groups = match &aws.auto_scaling_groups {
        Reading::Observed { value } => value,
        Reading::Absent { note } => return Reading::absent(note.clone()),
        Reading::Unreadable(failure) => return Reading::Unreadable(failure.clone()),
    };
    let tied = aws.scope.value().and_then(|scope| scope.found_by.get("auto_scaling_groups"));
    if !groups.is_empty() && tied.is_none_or(|by| *by == FoundBy::Account) {
        let names: Vec<&str> = groups.iter().map(|group| group.auto_scaling_group_name.as_str()).collect();
        let detail = format!(
            "no instance was ended: nothing tells that the account's groups are the team's ({}); tag the team's",
            names.join(", ")
        );
        return Reading::unreadable(Cause::Refused, detail);
    }
    let in_front =
        |group: &AutoScalingGroup| group.target_group_arns.is_empty() && group.load_balancer_names.is_empty();
    let chosen = groups.iter().min_by_key(|group| (in_front(group), &group.auto_scaling_group_name));
    match chosen {
        Some(group) => Reading::observed(group.clone()),
        None => match aws.missing("auto_scaling_groups") {
            Some(failure) => Reading::Unreadable(failure.clone()),
            None => Reading::absent("there is no Auto Scaling group that could replace an instance"),
        },
    }
}

impl Patient {
    /// Opens a way to the group.
    ///
    /// # Errors
    /// As opening any connection.
    pub async fn open(
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

    /// The group's instances now.
    ///
    /// # Errors
    /// The call fails, or the group is gone.
    pub async fn look(&self) -> Result<Look, Unreadable> {
        const ASKED: &str = "autoscaling:DescribeAutoScalingGroups";
        let request = self.session.autoscaling.describe_auto_scaling_groups().auto_scaling_group_names(&self.group);
        let reply = self.session.call(ASKED, request.send()).await?;
        let group = reply.auto_scaling_groups.unwrap_or_default().into_iter().next();
        let group = group.ok_or_else(|| incomplete(ASKED, &format!("no group {}", self.group)))?;
        let mut look = Look { wanted: group.desired_capacity.unwrap_or_default(), ..Look::default() };
        for instance in group.instances.unwrap_or_default() {
            let Some(id) = instance.instance_id else { continue };
            let healthy = instance.health_status.as_deref() == Some("Healthy");
            if healthy && instance.lifecycle_state.as_ref().is_some_and(|state| state.as_str() == "InService") {
                look.in_service.insert(id.clone());
            }
            look.all.insert(id);
        }
        Ok(look)
    }

    /// Requests sent for it so far, by IAM action.
    pub fn calls(&self) -> BTreeMap<String, u64> {
        self.session.calls()
    }

    /// Ends one instance; the group keeps the size that it wants. Sent once, whatever comes back.
    ///
    /// # Errors
    /// The call fails. Unless AWS refused it, the instance may have been ended all the same, and the detail says so.
    pub async fn end(&self, instance_id: &str) -> Result<Watched<'_>, Unreadable> {
        let disruptive = self.session.disruptive();
        let request = disruptive
            .terminate_instance_in_auto_scaling_group()
            .instance_id(instance_id)
            .should_decrement_desired_capacity(false);
        match self.session.call(DISRUPTIVE_ACTION, request.send()).await {
            Ok(_) => Ok(Watched(self)),
            Err(mut failure) => {
                if !matches!(failure.cause, Cause::Denied | Cause::Expired | Cause::Refused) {
                    failure.detail.push_str(&format!("; {instance_id} of {} may have been ended", self.group));
                }
                Err(failure)
            }
        }
    }
}

/// A group that has lost an instance: it can only be looked at.
pub struct Watched<'a>(&'a Patient);

impl Watched<'_> {
    /// As [`Patient::look`].
    ///
    /// # Errors
    /// The same.
    pub async fn look(&self) -> Result<Look, Unreadable> {
        self.0.look().await
    }
}
