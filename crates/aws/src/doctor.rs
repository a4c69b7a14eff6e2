//! A preflight: who asks, until when, what is missing and what is too much. It sends nothing but what reads.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_iam::config::retry::RetryConfig;
use aws_sdk_iam::types::PolicyEvaluationDecisionType;

use super::collector::{collect_over, in_regions};
use super::connection::Connection;
use super::needs;
use super::session::{Session, all_pages};
use crate::AwsAccess;
use stackmark_collect::Limits;
use stackmark_collect::Progress;
use stackmark_evidence::aws::{AwsEvidence, Caller};
use stackmark_evidence::request::ScopeRequest;
use stackmark_evidence::{Cause, Reading, Unreadable};

/// Actions of one simulation; AWS takes 100.
const SIMULATED: usize = 100;
/// Works for every key, and even under a deny; a simulation says otherwise where no policy names it.
const NEEDS_NO_RIGHT: [&str; 1] = ["sts:GetCallerIdentity"];
/// Actions that change something: one that is allowed shows that the key can write. None of them is ever sent.
const WRITES: [&str; 14] = [
    "autoscaling:UpdateAutoScalingGroup",
    "cloudformation:DeleteStack",
    "dynamodb:DeleteTable",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:CreateTags",
    "ec2:RunInstances",
    "ec2:TerminateInstances",
    "elasticloadbalancing:DeleteLoadBalancer",
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "lambda:UpdateFunctionCode",
    "s3:DeleteBucket",
    "s3:PutObject",
    "sns:Publish",
];

/// What a preflight found.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkup {
    /// Who asks.
    pub caller: Reading<Caller>,
    /// When the credentials end.
    pub session: SessionEnd,
    /// The readings that were tried and could not be made, with why.
    pub unread: BTreeMap<String, Unreadable>,
    /// How many readings were tried.
    pub tried: usize,
    /// IAM actions that are not allowed, with the readings that need them.
    pub missing: BTreeMap<String, Vec<String>>,
    /// Actions that change something and are allowed; unreadable where IAM does not tell.
    pub writes: Reading<Vec<String>>,
}

/// When credentials end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    /// Never by themselves: a user's access key.
    Never,
    /// Then.
    At(SystemTime),
    /// They are temporary, and nothing says until when.
    NotTold,
}

/// Tries the readings that `wanted` names, and asks IAM what the caller may do.
pub async fn examine(
    access: &AwsAccess,
    scope: &ScopeRequest,
    wanted: &BTreeSet<String>,
    limits: &Limits,
    progress: &dyn Progress,
) -> Checkup {
    let unreachable = |failure: Unreadable| Checkup {
        caller: Reading::Unreadable(failure.clone()),
        session: SessionEnd::NotTold,
        unread: wanted.iter().map(|path| (path.clone(), failure.clone())).collect(),
        tried: wanted.len(),
        missing: BTreeMap::new(),
        writes: Reading::Unreadable(failure),
    };
    progress.step("AWS: finding credentials");
    let connection = match Connection::open(&in_regions(access, scope), limits).await {
        Ok(connection) => connection,
        Err(failure) => return unreachable(failure),
    };
    let expected = access.expected_account.as_deref();
    let evidence = collect_over(&connection, expected, scope, wanted, progress).await;
    let session = Session::new(&connection);
    let mut unread = BTreeMap::new();
    for path in wanted {
        unread.extend(failure_of(&evidence, path).map(|failure| (path.clone(), failure)));
    }
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, failure) in &unread {
        for action in denied_actions(failure) {
            missing.entry(action).or_default().push(path.clone());
        }
    }
    let Some(caller) = evidence.caller.value() else {
        return Checkup { session: end_of(&connection).await, ..unreachable(failure_or_none(&evidence.caller)) };
    };
    if expected.is_some_and(|expected| expected != caller.account) {
        // Somebody else's account: not even IAM is asked.
        let why = format!("account {} is not the expected one", caller.account);
        let writes = Reading::unreadable(Cause::Refused, why);
        let session = end_of(&connection).await;
        return Checkup { caller: evidence.caller, session, tried: wanted.len(), unread, missing, writes };
    }
    // A call that is denied hides what would be denied after it; only IAM knows all of it.
    progress.step("AWS: asking IAM what the caller may do");
    let needed: Vec<String> = needs::operations_for(wanted, scope)
        .into_iter()
        .filter(|it| !it.contains('*') && !NEEDS_NO_RIGHT.contains(&it.as_str()))
        .collect();
    if let Ok(decisions) = simulate(&session, &caller.arn, &needed).await {
        for (action, _) in decisions.into_iter().filter(|(_, allowed)| !allowed) {
            let paths = needs::readings_that_need(&action, wanted, scope);
            missing.entry(action).or_insert(paths);
        }
    }
    let writes: Vec<String> = WRITES.map(str::to_owned).to_vec();
    let writes = match caller.arn.ends_with(":root") {
        // Nothing can be kept from it, and IAM simulates users and roles only.
        true => Reading::observed(writes),
        false => simulate(&session, &caller.arn, &writes)
            .await
            .map(|found| found.into_iter().filter(|(_, allowed)| *allowed).map(|(action, _)| action).collect())
            .into(),
    };
    Checkup {
        caller: evidence.caller,
        session: end_of(&connection).await,
        tried: wanted.len(),
        unread,
        missing,
        writes,
    }
}

fn failure_or_none(caller: &Reading<Caller>) -> Unreadable {
    caller.failure().cloned().unwrap_or_else(|| Unreadable::new(Cause::Malformed, "no caller"))
}

/// Why the reading at `path` was not made, or not in full; that it is not needed is no failure.
fn failure_of(evidence: &AwsEvidence, path: &str) -> Option<Unreadable> {
    let document = serde_json::to_value(evidence).ok()?;
    let name = path.strip_prefix("aws.")?;
    let reading = document.get(name)?;
    match reading.get("state")?.as_str()? {
        "unreadable" => serde_json::from_value(reading.clone()).ok(),
        _ => evidence.gaps.get(name)?.first().map(|gap| gap.failure.clone()),
    }
}

/// The actions that a failure names as missing.
fn denied_actions(failure: &Unreadable) -> Vec<String> {
    let named = failure.detail.split("missing permission: ").skip(1);
    let end = |c: char| !(c.is_alphanumeric() || c == ':');
    named.filter_map(|rest| rest.split(end).next()).filter(|action| action.contains(':')).map(str::to_owned).collect()
}

async fn end_of(connection: &Connection) -> SessionEnd {
    let Some(provider) = connection.config.credentials_provider() else { return SessionEnd::NotTold };
    match provider.provide_credentials().await {
        Ok(keys) => match (keys.expiry(), keys.session_token()) {
            (Some(end), _) => SessionEnd::At(end),
            (None, Some(_)) => SessionEnd::NotTold,
            (None, None) => SessionEnd::Never,
        },
        Err(_) => SessionEnd::NotTold,
    }
}

/// Whether IAM would allow each of the actions.
async fn simulate(session: &Arc<Session>, arn: &str, actions: &[String]) -> Result<Vec<(String, bool)>, Unreadable> {
    const ACTION: &str = "iam:SimulatePrincipalPolicy";
    let source = principal_of(arn);
    let mut found = Vec::new();
    for actions in actions.chunks(SIMULATED) {
        let page = async |token| {
            let request = session.iam.simulate_principal_policy().policy_source_arn(&source);
            let request = request.set_action_names(Some(actions.to_vec())).set_marker(token).customize();
            let request = match session.is_emulator {
                // An emulator that cannot simulate answers with a failure of its own, again and again.
                true => {
                    request.config_override(aws_sdk_iam::config::Builder::new().retry_config(RetryConfig::disabled()))
                }
                false => request,
            };
            let reply = session.call(ACTION, request.send()).await?;
            Ok((reply.evaluation_results.unwrap_or_default(), reply.marker.filter(|_| reply.is_truncated)))
        };
        let results = all_pages(ACTION, page).await?.into_iter();
        found
            .extend(results.map(|it| (it.eval_action_name, it.eval_decision == PolicyEvaluationDecisionType::Allowed)));
    }
    Ok(found)
}

/// The role behind a session's ARN: `arn:aws:sts::1:assumed-role/Grader/me` is that of `arn:aws:iam::1:role/Grader`.
fn principal_of(arn: &str) -> String {
    let Some((before, session)) = arn.split_once(":assumed-role/") else { return arn.to_owned() };
    let role = session.split('/').next().unwrap_or(session);
    format!("{}:role/{role}", before.replacen(":sts:", ":iam:", 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPERATIONS;

    #[test]
    fn a_sessions_arn_leads_to_its_role() {
        let arn = "arn:aws:sts::123456789012:assumed-role/Grader/me";
        assert_eq!(principal_of(arn), "arn:aws:iam::123456789012:role/Grader");
        let user = "arn:aws:iam::123456789012:user/marker";
        assert_eq!(principal_of(user), user);
    }

    #[test]
    fn missing_actions_are_read_from_what_failed() {
        let detail = "cannot be told: ec2:DescribeVpcs: no (missing permission: ec2:DescribeVpcs)";
        assert_eq!(denied_actions(&Unreadable::new(Cause::Denied, detail)), ["ec2:DescribeVpcs"]);
        assert!(denied_actions(&Unreadable::new(Cause::Timeout, "nothing came")).is_empty());
    }

    #[test]
    fn what_shows_that_a_key_can_write_is_never_sent() {
        for action in WRITES {
            assert!(OPERATIONS.iter().all(|operation| operation.action != action), "{action}");
        }
        assert!(WRITES.is_sorted());
    }
}
