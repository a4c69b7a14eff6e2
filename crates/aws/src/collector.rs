//! From an account to [`AwsEvidence`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::cloudwatch::BILLING_REGION;
use super::connection::Connection;
use super::found::Found;
use super::needs;
use super::reach::Reach;
use super::session::Session;
use super::stack::Stack;
use super::tables::Table;
use super::{describe, scope, slips, sts};
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
    let Inventory { mut stack, tags, whole_account } =
        Box::pin(found(&sessions, &tables, scope, &caller, &billing, progress)).await;
    drop_duplicates(&mut stack);

    let asks_for_scope = wanted.contains("aws.scope");
    let (described, gap) = match describe::describe(&stack, &scope.tags, &tags, whole_account) {
        // Nobody asked what of it is in doubt.
        Ok((_, Some(_))) | Err(_) if !asks_for_scope => (Reading::default(), None),
        Ok((described, gap)) => (Reading::observed(described), gap),
        Err(failure) => (Reading::Unreadable(failure), None),
    };
    let mut evidence = stack.into_evidence(|name| wanted.contains(&format!("aws.{name}")));
    evidence.gaps.extend(gap.map(|gap| ("scope".to_owned(), vec![gap])));
    AwsEvidence { caller: Reading::observed(caller), scope: described, calls: session.calls(), ..evidence }
}

/// What was found over all regions.
struct Inventory {
    stack: Stack,
    /// The tags by which it was found: those asked for, or those that stand in for them.
    tags: Tags,
    /// Whether it is the whole account because nothing carries the tags.
    whole_account: bool,
}

/// The stack over all regions.
///
/// That nothing is tagged is known where every table that could say otherwise was read. A table that could not be read
/// leaves the fallback to those of which it could not say whose their rows are; see [`needs::sayers`].
async fn found(
    sessions: &[Arc<Session>],
    tables: &BTreeSet<Table>,
    scope: &ScopeRequest,
    caller: &Caller,
    billing: &Arc<Session>,
    progress: &dyn Progress,
) -> Inventory {
    let by_tags = !scope.tags.is_empty();
    progress.step(if by_tags { "AWS: looking for the tags" } else { "AWS: listing the account's resources" });
    let mut listed = Box::pin(list(sessions, tables, &scope.tags, scope)).await;
    let mut tags = scope.tags.clone();
    let mut whole_account = false;
    let nothing_is_tagged = by_tags && !listed.iter().any(|stack| stack.anything_is_tagged(&tags));
    if nothing_is_tagged && listed.iter().any(Stack::anything_is_read) {
        progress.step("AWS: nothing carries the tags, listing the account's resources");
        let mut all = Box::pin(list(sessions, tables, &Tags::new(), scope)).await;
        let meant = {
            let present: Vec<&Tags> = all.iter().flat_map(Stack::all_tags).collect();
            slips::meant(&present, &scope.tags)
        };
        if let Some(meant) = meant {
            listed = Box::pin(list(sessions, tables, &meant, scope)).await;
            tags = meant;
        } else if scope.fallback_to_account {
            all.iter_mut().zip(&listed).for_each(|(all, by_tags)| all.keep_failures(by_tags));
            // A shared account is not this team's, whatever the rubric says: another team's stack earns nothing.
            all.iter_mut().for_each(|all| all.doubt_claimed(&scope.tags));
            listed = all;
            whole_account = true;
        }
    }
    // In any region: a resource of this one may be tied to one of that.
    let failed: BTreeMap<Table, Unreadable> = listed.iter().flat_map(Stack::failures).collect();
    let mut all = Stack::default();
    for ((session, tables), listed) in sessions.iter().zip(per_region(tables)).zip(listed) {
        let mut stack = if by_tags && !whole_account {
            progress.step("AWS: following the stack from its tagged resources");
            Box::pin(scope::follow(listed, session, &tags, scope.fallback_to_account, &tables)).await
        } else {
            listed
        };
        progress.step("AWS: reading what hangs on the resources found");
        let reach = Reach {
            tags: &tags,
            whole_account: whole_account || !by_tags,
            own_account: scope.fallback_to_account,
            account: &caller.account,
            billing,
        };
        Box::pin(stack.add_details(session, &tables, reach)).await;
        stack.set_region(&session.region, sessions.len() > 1);
        all.join(stack);
    }
    if whole_account {
        all.doubt(|table| {
            let sayers = needs::sayers(table);
            failed.iter().find(|(sayer, _)| **sayer != table && sayers.contains(*sayer)).map(|(_, why)| why.clone())
        });
    }
    Inventory { stack: all, tags, whole_account }
}

/// What each region holds: what carries the tags, or everything where there are none.
async fn list(sessions: &[Arc<Session>], tables: &BTreeSet<Table>, tags: &Tags, scope: &ScopeRequest) -> Vec<Stack> {
    let mut listed = Vec::new();
    for (session, tables) in sessions.iter().zip(per_region(tables)) {
        let types = needs::resource_types(&tables, scope);
        let by_tags = !scope.tags.is_empty();
        listed.push(Stack::list(session, &tables, tags, &types, scope.fallback_to_account, by_tags).await);
    }
    listed
}

/// The tables of each region: what belongs to the account as a whole is read with the first.
fn per_region(tables: &BTreeSet<Table>) -> impl Iterator<Item = BTreeSet<Table>> + '_ {
    let everywhere = |table: &&Table| !matches!(table, Table::Buckets | Table::Objects | Table::RootUser);
    let others = tables.iter().filter(everywhere).copied().collect();
    std::iter::once(tables.clone()).chain(std::iter::repeat(others))
}

/// What belongs to no region was read with each: instance profiles, the alarms on the account's bill and their topics.
fn drop_duplicates(stack: &mut Stack) {
    if let Some(Ok(Found { rows, .. })) = &mut stack.instance_profiles {
        rows.sort_by(|a, b| a.arn.cmp(&b.arn));
        rows.dedup_by(|a, b| a.arn == b.arn);
    }
    if let Some(Ok(Found { rows, .. })) = &mut stack.topics {
        rows.sort_by(|a, b| a.topic_arn.cmp(&b.topic_arn));
        rows.dedup_by(|a, b| a.topic_arn == b.topic_arn);
    }
    if let Some(Ok(Found { rows, .. })) = &mut stack.alarms {
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
