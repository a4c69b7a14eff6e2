//! Of the tables of which all is listed, the rows that belong to the team.

use std::collections::BTreeSet;

use serde::Serialize;

use super::found::{Found, Rows, unknown};
use super::owner::{carries, claimed};
use super::stack::{Stack, known};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::Tags;

/// The tag that CloudFormation puts on what it makes.
const STACK_TAG: &str = "aws:cloudformation:stack-id";

/// Of the tables of which all is listed, what belongs: what carries the tags, and of what nobody else claims
/// - the CloudFormation stacks that made an instance that belongs, or a bucket, function or API that carries the tags, and
///   the buckets, functions and APIs that a stack made that belongs;
/// - the ECS services in a cluster that carries the tags, or behind a target group that belongs;
/// - the functions that an API calls that belongs.
pub(super) fn settle_the_rest(stack: &mut Stack, wanted: &Tags, own_account: bool) {
    let ours = |tags: &Tags| if carries(tags, wanted) { tags.get(STACK_TAG).cloned() } else { None };
    let mut makers: BTreeSet<String> =
        known(&stack.instances).iter().filter_map(|instance| instance.tags.get(STACK_TAG)).cloned().collect();
    makers.extend(known(&stack.buckets).iter().filter_map(|row| ours(&row.tags)));
    makers.extend(known(&stack.functions).iter().filter_map(|row| ours(&row.tags)));
    makers.extend(known(&stack.apis).iter().filter_map(|row| ours(&row.tags)));
    let mut by_account = Vec::new();
    let gap = unknown(&stack.instances);
    let fell = keep(&mut stack.stacks, gap, wanted, own_account, |row| {
        (&row.tags, Tie::of(makers.contains(&row.stack_id), true))
    });
    by_account.extend(fell.then_some("stacks"));
    let stacks: BTreeSet<String> = known(&stack.stacks).iter().map(|row| row.stack_id.clone()).collect();
    let made = |tags: &Tags| {
        let maker = tags.get(STACK_TAG);
        Tie::of(maker.is_some_and(|id| stacks.contains(id)), maker.is_some())
    };
    let gap = unknown(&stack.stacks);
    let fell = keep(&mut stack.buckets, gap.clone(), wanted, own_account, |row| (&row.tags, made(&row.tags)));
    by_account.extend(fell.then_some("buckets"));
    let fell = keep(&mut stack.apis, gap, wanted, own_account, |row| (&row.tags, made(&row.tags)));
    by_account.extend(fell.then_some("apis"));
    let groups: BTreeSet<String> = known(&stack.target_groups).iter().map(|row| row.target_group_arn.clone()).collect();
    let gap = unknown(&stack.target_groups);
    let fell = keep(&mut stack.ecs_services, gap, wanted, own_account, |row| {
        let mut behind = row.load_balancers.iter().flat_map(|it| &it.target_group_arn).peekable();
        let may_be = behind.peek().is_some();
        let holds = behind.any(|arn| groups.contains(arn)) || carries(&row.cluster_tags, wanted);
        (&row.tags, Tie::of(holds, may_be))
    });
    by_account.extend(fell.then_some("ecs_services"));
    stack.by_account.extend(by_account);
}

/// The functions are settled when the routes of the APIs are known.
pub(super) fn settle_functions(stack: &mut Stack, wanted: &Tags, own_account: bool) {
    let stacks: BTreeSet<String> = known(&stack.stacks).iter().map(|row| row.stack_id.clone()).collect();
    let called: Vec<String> = known(&stack.apis)
        .iter()
        .flat_map(|api| &api.routes)
        .filter_map(|route| route.integration_uri.clone())
        .collect();
    let gap = unknown(&stack.apis).or_else(|| unknown(&stack.stacks));
    let fell = keep(&mut stack.functions, gap, wanted, own_account, |row| {
        let made = row.tags.get(STACK_TAG).is_some_and(|id| stacks.contains(id));
        (&row.tags, Tie::of(made || called.iter().any(|uri| calls(uri, &row.function_arn)), true))
    });
    stack.by_account.extend(fell.then_some("functions"));
}

/// Whether an integration's URI names this function, and not one whose name only begins like it.
fn calls(uri: &str, function_arn: &str) -> bool {
    let rest = uri.split_once(function_arn).map(|(_, rest)| rest);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

/// How a row hangs on what belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// It is tied to something that belongs.
    Holds,
    /// It would be, if something belonged that could not be read.
    MayHold,
    /// Nothing can tie it.
    No,
}

impl Tie {
    fn of(holds: bool, may_hold: bool) -> Self {
        match (holds, may_hold) {
            (true, _) => Self::Holds,
            (false, true) => Self::MayHold,
            (false, false) => Self::No,
        }
    }
}

/// Keeps the rows that carry the tags, and those that are tied and that nobody else claims. Where what ties them is not
/// known (`gap`), a row that may hang on it is missing. Tells whether, in an account of the team's own, nothing of the table
/// belongs, so that it keeps all that nobody claims.
fn keep<T: Serialize>(
    table: &mut Option<Rows<T>>,
    gap: Option<Unreadable>,
    wanted: &Tags,
    own_account: bool,
    tags_and_tie: impl Fn(&T) -> (&Tags, Tie),
) -> bool {
    let Some(Ok(found)) = table else { return false };
    let belongs = |row: &T| {
        let (tags, tie) = tags_and_tie(row);
        carries(tags, wanted) || (tie == Tie::Holds && !claimed(tags, wanted))
    };
    let is_open = |row: &T| !claimed(tags_and_tie(row).0, wanted);
    let may_hold = |row: &T| is_open(row) && tags_and_tie(row).1 == Tie::MayHold;
    let rows = std::mem::take(&mut found.rows);
    let nothing_belongs = own_account && !rows.iter().any(belongs);
    // Where no row can hang on what is not known, that nothing does is known.
    let hanging = if gap.is_some() { rows.iter().filter(|row| may_hold(row)).count() } else { 0 };
    let of_tie = gap.clone().filter(|_| hanging > 0);
    let (sorted, by_account) = match (nothing_belongs, found.unknown().cloned(), of_tie) {
        (true, None, None) => (Found::sorted_out(rows, is_open, |_| None), true),
        // The only row that may hang on it belongs if it does, and if it does not, with all the others.
        (true, None, Some(why)) => {
            let is_sure = |row: &T| hanging == 1 && may_hold(row);
            (Found::sorted_out(rows, is_sure, |row| is_open(row).then(|| why.clone())), false)
        }
        // Whether nothing belongs is not known.
        (true, Some(why), _) => (Found::sorted_out(rows, |_| false, |row| is_open(row).then(|| why.clone())), false),
        (false, ..) => (Found::sorted_out(rows, belongs, |row| gap.clone().filter(|_| may_hold(row))), false),
    };
    let fell = by_account && !sorted.rows.is_empty();
    found.rows = sorted.rows;
    found.gaps.extend(sorted.gaps);
    fell
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use stackmark_evidence::Cause;
    use stackmark_evidence::aws::Gap;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_resource_is_ours_somebody_elses_or_nobodys() {
        let wanted = tags(&[("project", "lab"), ("team", "a")]);
        let ours = tags(&[("project", "lab"), ("team", "a"), ("Name", "x")]);
        let theirs = tags(&[("project", "lab"), ("team", "b")]);
        let nobodys = tags(&[("project", "lab")]);
        assert_eq!((carries(&ours, &wanted), claimed(&ours, &wanted)), (true, false));
        assert_eq!((carries(&theirs, &wanted), claimed(&theirs, &wanted)), (false, true));
        assert_eq!((carries(&nobodys, &wanted), claimed(&nobodys, &wanted)), (false, false));
    }

    #[test]
    fn what_may_hang_on_a_table_that_was_denied_is_not_dropped() {
        let wanted = tags(&[("team", "heron")]);
        let denied = || Some(Unreadable::new(Cause::Denied, "missing permission: apigateway:GET"));
        let kept = |rows: Vec<Tags>, gap: Option<Unreadable>, own_account: bool| {
            let mut table = Some(Ok(Found::from(rows)));
            let fell = keep(&mut table, gap, &wanted, own_account, |row| (row, Tie::MayHold));
            let found = table.expect("it was asked for").expect("it was read");
            (found.rows.len(), found.gaps.len(), fell)
        };
        assert_eq!(kept(vec![wanted.clone(), tags(&[])], None, false), (1, 0, false));
        assert_eq!(kept(vec![wanted.clone(), tags(&[])], denied(), false), (1, 1, false));
        // Nothing hangs on it where every row says by itself whose it is.
        let theirs = tags(&[("team", "falcon")]);
        assert_eq!(kept(vec![wanted.clone(), theirs.clone()], denied(), false), (1, 0, false));
        // In an account of the team's own, what nobody claims is the team's where nothing of the table is tagged.
        assert_eq!(kept(vec![tags(&[]), theirs.clone()], None, true), (1, 0, true));
        assert_eq!(kept(vec![wanted.clone(), tags(&[])], None, true), (1, 0, false));
        assert_eq!(kept(vec![tags(&[]), theirs], None, false), (0, 0, false));
        // Of several that may hang on it, nobody knows whether one alone does; a single one belongs either way.
        assert_eq!(kept(vec![tags(&[]), tags(&[])], denied(), true), (0, 2, false));
        assert_eq!(kept(vec![tags(&[])], denied(), true), (1, 0, false));
    }

    #[test]
    fn what_cannot_hang_on_a_denied_table_is_the_teams_in_its_own_account() {
        let wanted = tags(&[("team", "heron")]);
        let denied = Unreadable::new(Cause::Denied, "missing permission: cloudformation:DescribeStacks");
        // As a bucket that a stack made, and buckets that none did.
        let (made, plain) = (tags(&[(STACK_TAG, "web")]), tags(&[("Name", "x")]));
        let kept = |rows: Vec<Tags>, gaps: Vec<Gap>| {
            let mut table = Some(Ok(Found::from(rows).lacking(gaps)));
            let fell = keep(&mut table, Some(denied.clone()), &wanted, true, |row| {
                (row, Tie::of(false, row.contains_key(STACK_TAG)))
            });
            let found = table.expect("it was asked for").expect("it was read");
            (found.rows.len(), found.gaps.len(), fell)
        };
        assert_eq!(kept(vec![plain.clone(), plain.clone()], Vec::new()), (2, 0, true));
        assert_eq!(
            kept(vec![plain.clone(), made.clone()], Vec::new()),
            (1, 1, false),
            "the stack may be the team's only one"
        );
        assert_eq!(kept(vec![made.clone(), made.clone(), plain.clone()], Vec::new()), (0, 3, false));
        // A row of its own that could not be read may carry the tags.
        let unread = vec![Gap::rows(BTreeMap::new(), denied.clone())];
        assert_eq!(kept(vec![plain, made], unread), (0, 3, false));
    }

    #[test]
    fn a_function_is_called_by_its_whole_name() {
        let arn = "arn:aws:lambda:us-east-1:123456789012:function:hello";
        assert!(calls(&format!("arn:aws:apigateway:us-east-1:lambda:path/functions/{arn}/invocations"), arn));
        assert!(calls(arn, arn) && !calls(&format!("{arn}2/invocations"), arn));
    }
}
