//! From an account to [`AwsEvidence`].

use std::collections::BTreeSet;

use super::config::Connection;
use super::needs::{self, Table};
use super::scope::{self, Seeds};
use super::session::Session;
use super::stack::{Rows, Stack};
use super::sts;
use crate::collect::{AwsAccess, Limits, Progress};
use crate::evidence::aws::{AwsEvidence, Tags};
use crate::evidence::{Cause, Reading, Unreadable};
use crate::plan::ScopeRequest;

/// Reads the tables that `wanted` names (`aws.instances`, …) and what they are made from.
///
/// A call that fails makes the readings that depend on it unreadable and leaves the others. Without credentials, or
/// with those of another account than expected, all that is wanted is unreadable and nothing else is asked.
pub async fn collect(
    access: &AwsAccess,
    scope: &ScopeRequest,
    wanted: &BTreeSet<String>,
    limits: &Limits,
    progress: &dyn Progress,
) -> AwsEvidence {
    if !asks_anything(wanted) {
        return AwsEvidence::default();
    }
    progress.step("AWS: finding credentials");
    match Connection::open(access, limits).await {
        Ok(connection) => collect_over(&connection, access.expected_account.as_deref(), scope, wanted, progress).await,
        Err(failure) => nothing_but(wanted, Reading::Unreadable(failure.clone()), &failure),
    }
}

/// [`collect`] over a connection that is already open.
pub async fn collect_over(
    connection: &Connection,
    expected_account: Option<&str>,
    scope: &ScopeRequest,
    wanted: &BTreeSet<String>,
    progress: &dyn Progress,
) -> AwsEvidence {
    if !asks_anything(wanted) {
        return AwsEvidence::default();
    }
    let session = Session::new(connection);
    progress.step("AWS: asking whose credentials these are");
    let caller = match sts::caller(&session, &connection.region).await {
        Ok(caller) => caller,
        Err(failure) => {
            let evidence = nothing_but(wanted, Reading::Unreadable(failure.clone()), &failure);
            return AwsEvidence { calls: session.calls(), ..evidence };
        }
    };
    if let Some(expected) = expected_account.filter(|expected| *expected != caller.account) {
        let detail = format!("expected account {expected}, the credentials belong to {}", caller.account);
        let failure = Unreadable::new(Cause::Refused, detail);
        let evidence = nothing_but(wanted, Reading::observed(caller), &failure);
        return AwsEvidence { calls: session.calls(), ..evidence };
    }

    let tables = needs::tables(wanted, scope);
    let mut whole_account = false;
    let mut stack = if scope.tags.is_empty() {
        progress.step("AWS: listing the account's resources");
        Stack::list(&session, &tables, &scope.tags).await
    } else {
        progress.step("AWS: looking for the tags");
        let seeds = Seeds::find(&session, &tables, &scope.tags).await;
        whole_account = scope.fallback_to_account && seeds.nothing_is_tagged(&scope.tags);
        if whole_account {
            progress.step("AWS: nothing carries the tags, listing the account's resources");
            Stack::list(&session, &tables, &Tags::new()).await
        } else {
            progress.step("AWS: following the stack from its tagged resources");
            seeds.follow(&session, &scope.tags).await
        }
    };
    progress.step("AWS: reading listeners, rules and targets");
    stack.add_details(&session, &tables).await;

    let described = scope::describe(&stack, &scope.tags, whole_account);
    let described = match described {
        Reading::Unreadable(_) if !wanted.contains("aws.scope") => Reading::default(),
        described => described,
    };
    AwsEvidence {
        caller: Reading::observed(caller),
        scope: described,
        instances: shown(wanted, Table::Instances, stack.instances),
        security_groups: shown(wanted, Table::SecurityGroups, stack.security_groups),
        vpcs: shown(wanted, Table::Vpcs, stack.vpcs),
        subnets: shown(wanted, Table::Subnets, stack.subnets),
        load_balancers: shown(wanted, Table::LoadBalancers, stack.load_balancers),
        listeners: shown(wanted, Table::Listeners, stack.listeners),
        rules: shown(wanted, Table::Rules, stack.rules),
        target_groups: shown(wanted, Table::TargetGroups, stack.target_groups),
        target_health: shown(wanted, Table::TargetHealth, stack.target_health),
        auto_scaling_groups: shown(wanted, Table::AutoScalingGroups, stack.auto_scaling_groups),
        scaling_policies: shown(wanted, Table::ScalingPolicies, stack.scaling_policies),
        calls: session.calls(),
    }
}

fn asks_anything(wanted: &BTreeSet<String>) -> bool {
    wanted.iter().any(|path| path.starts_with("aws."))
}

/// A table that is wanted; one that was read only for another's sake stays not collected.
fn shown<T>(wanted: &BTreeSet<String>, table: Table, rows: Option<Rows<T>>) -> Reading<Vec<T>> {
    match rows {
        Some(rows) if wanted.contains(&format!("aws.{}", table.name())) => rows.into(),
        _ => Reading::default(),
    }
}

/// Evidence with nothing but the caller; all that is wanted fails alike.
fn nothing_but(
    wanted: &BTreeSet<String>,
    caller: Reading<crate::evidence::aws::Caller>,
    failure: &Unreadable,
) -> AwsEvidence {
    fn failed<T>(wanted: &BTreeSet<String>, name: &str, failure: &Unreadable) -> Reading<T> {
        match wanted.contains(&format!("aws.{name}")) {
            true => Reading::Unreadable(failure.clone()),
            false => Reading::default(),
        }
    }
    AwsEvidence {
        caller,
        scope: failed(wanted, "scope", failure),
        instances: failed(wanted, Table::Instances.name(), failure),
        security_groups: failed(wanted, Table::SecurityGroups.name(), failure),
        vpcs: failed(wanted, Table::Vpcs.name(), failure),
        subnets: failed(wanted, Table::Subnets.name(), failure),
        load_balancers: failed(wanted, Table::LoadBalancers.name(), failure),
        listeners: failed(wanted, Table::Listeners.name(), failure),
        rules: failed(wanted, Table::Rules.name(), failure),
        target_groups: failed(wanted, Table::TargetGroups.name(), failure),
        target_health: failed(wanted, Table::TargetHealth.name(), failure),
        auto_scaling_groups: failed(wanted, Table::AutoScalingGroups.name(), failure),
        scaling_policies: failed(wanted, Table::ScalingPolicies.name(), failure),
        calls: Default::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::Silent;

    #[test]
    fn collecting_is_small_and_can_move_between_threads() {
        fn moves<T: Send>(_: &T) {}
        let (access, scope, limits) = (AwsAccess::default(), ScopeRequest::default(), Limits::default());
        let wanted = BTreeSet::new();
        let collecting = collect(&access, &scope, &wanted, &limits, &Silent);
        moves(&collecting);
        let bytes = size_of_val(&collecting);
        assert!(bytes < 64 << 10, "{bytes} bytes on the stack of whoever waits for it");
    }

    #[tokio::test]
    async fn nothing_is_asked_where_nothing_is_wanted() {
        let (access, limits) = (AwsAccess::default(), Limits::default());
        let wanted = ["git.head".to_owned()].into();
        let evidence = collect(&access, &ScopeRequest::default(), &wanted, &limits, &Silent).await;
        assert_eq!(evidence, AwsEvidence::default());
    }
}
