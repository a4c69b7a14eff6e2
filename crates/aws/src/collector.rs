//! From an account to [`AwsEvidence`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::cloudwatch::BILLING_REGION;
use super::config::Connection;
use super::details::Reach;
use super::needs;
use super::session::Session;
use super::stack::Stack;
use super::tables::Table;
use super::{describe, scope, sts};
use crate::AwsAccess;
use stackmark_collect::Limits;
use stackmark_collect::Progress;
use stackmark_evidence::aws::{AwsEvidence, Caller, Tags};
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading, Unreadable};

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
    match Connection::open(&in_regions(access, scope), limits).await {
        Ok(connection) => collect_over(&connection, access.expected_account.as_deref(), scope, wanted, progress).await,
        Err(failure) => nothing_but(wanted, Reading::Unreadable(failure.clone()), &failure),
    }
}

/// The roster's regions come before the rubric's.
pub(super) fn in_regions(access: &AwsAccess, scope: &ScopeRequest) -> AwsAccess {
    let mut access = access.clone();
    if access.region.is_none()
        && let [first, others @ ..] = scope.regions.as_slice()
    {
        access.region = Some(first.clone());
        access.more_regions = others.to_vec();
    }
    access
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
    let regions = connection.regions();
    let caller = match sts::caller(&session, &regions).await {
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
    let sessions: Vec<Arc<Session>> =
        regions.iter().map(|region| Session::new(&connection.to_region(region))).collect();
    let billing = Session::new(&connection.to_region(BILLING_REGION));
    let (mut stack, whole_account) = found(&sessions, &tables, scope, &caller, &billing, progress).await;
    drop_duplicates(&mut stack);

    let described = describe::describe(&stack, &scope.tags, whole_account);
    let described = match described {
        Reading::Unreadable(_) if !wanted.contains("aws.scope") => Reading::default(),
        described => described,
    };
    let evidence = stack.into_evidence(|name| wanted.contains(&format!("aws.{name}")));
    AwsEvidence { caller: Reading::observed(caller), scope: described, calls: session.calls(), ..evidence }
}

/// The stack over all regions, and whether it is the whole account because nothing carries the tags.
async fn found(
    sessions: &[Arc<Session>],
    tables: &BTreeSet<Table>,
    scope: &ScopeRequest,
    caller: &Caller,
    billing: &Arc<Session>,
    progress: &dyn Progress,
) -> (Stack, bool) {
    let by_tags = !scope.tags.is_empty();
    progress.step(if by_tags { "AWS: looking for the tags" } else { "AWS: listing the account's resources" });
    let mut listed = Vec::new();
    for (session, tables) in sessions.iter().zip(per_region(tables)) {
        listed.push(Stack::list(session, &tables, &scope.tags, &scope.resource_types).await);
    }
    let nothing_is_tagged = by_tags && listed.iter().all(|stack| stack.nothing_is_tagged(&scope.tags));
    let whole_account = scope.fallback_to_account && nothing_is_tagged;
    let mut all = Stack::default();
    for ((session, tables), listed) in sessions.iter().zip(per_region(tables)).zip(listed) {
        let mut stack = if whole_account {
            progress.step("AWS: nothing carries the tags, listing the account's resources");
            Stack::list(session, &tables, &Tags::new(), &scope.resource_types).await
        } else if by_tags {
            progress.step("AWS: following the stack from its tagged resources");
            scope::follow(listed, session, &scope.tags, &tables).await
        } else {
            listed
        };
        progress.step("AWS: reading what hangs on the resources found");
        let reach =
            Reach { tags: &scope.tags, whole_account: whole_account || !by_tags, account: &caller.account, billing };
        stack.add_details(session, &tables, reach).await;
        stack.set_region(&session.region, sessions.len() > 1);
        all.join(stack);
    }
    (all, whole_account)
}

/// The tables of each region: what belongs to the account as a whole is read with the first.
fn per_region(tables: &BTreeSet<Table>) -> impl Iterator<Item = BTreeSet<Table>> + '_ {
    let everywhere = |table: &&Table| !matches!(table, Table::Buckets | Table::Objects);
    let others = tables.iter().filter(everywhere).copied().collect();
    std::iter::once(tables.clone()).chain(std::iter::repeat(others))
}

/// What belongs to no region was read with each: instance profiles, and the alarms on the account's bill.
fn drop_duplicates(stack: &mut Stack) {
    if let Some(Ok(rows)) = &mut stack.instance_profiles {
        rows.sort_by(|a, b| a.arn.cmp(&b.arn));
        rows.dedup_by(|a, b| a.arn == b.arn);
    }
    if let Some(Ok(rows)) = &mut stack.alarms {
        rows.sort_by(|a, b| (&a.region, &a.alarm_name).cmp(&(&b.region, &b.alarm_name)));
        rows.dedup_by(|a, b| a.region == b.region && a.alarm_name == b.alarm_name);
    }
}

fn asks_anything(wanted: &BTreeSet<String>) -> bool {
    wanted.iter().any(|path| path.starts_with("aws."))
}

/// Evidence with nothing but the caller; all that is wanted fails alike.
fn nothing_but(wanted: &BTreeSet<String>, caller: Reading<Caller>, failure: &Unreadable) -> AwsEvidence {
    let gap = Reading::Unreadable(failure.clone());
    AwsEvidence { caller, ..AwsEvidence::unread(&gap, |name| wanted.contains(&format!("aws.{name}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_collect::Silent;

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
