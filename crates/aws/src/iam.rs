//! Instance profiles and what their roles may do; the account's root user.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_iam::types::SummaryKeyType;

use super::errors::{incomplete, unset};
use super::found::{Found, Rows};
use super::reach::Reach;
use super::session::{Key, Session, all_pages, rows_of};
use super::stack::Stack;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{InstanceProfile, ProfileRole, RootUser};

/// The root user of the account: the account's own, whoever asks.
pub(super) async fn root_user(_found: &Stack, session: &Arc<Session>, _reach: Reach<'_>) -> Rows<RootUser> {
    const ACTION: &str = "iam:GetAccountSummary";
    let reply = session.call(ACTION, session.iam.get_account_summary().send()).await?;
    let counted = reply.summary_map.unwrap_or_default();
    let says = |key: &SummaryKeyType| counted.get(key).map(|count| *count > 0);
    let access_keys = says(&SummaryKeyType::AccountAccessKeysPresent)
        .ok_or_else(|| incomplete(ACTION, "no count of the root user's access keys"))?;
    Ok(Found::from(vec![RootUser { access_keys, mfa: says(&SummaryKeyType::AccountMfaEnabled) }]))
}

/// The instance profiles with these ARNs or names, by name; one that a template names and that is not there has no row.
pub(super) async fn instance_profiles(session: &Arc<Session>, profiles: &BTreeSet<String>) -> Rows<InstanceProfile> {
    const ACTION: &str = "iam:GetInstanceProfile";
    // The name is what follows the last slash of an ARN with a path.
    let names: BTreeSet<String> =
        profiles.iter().filter_map(|profile| profile.rsplit('/').next()).map(str::to_owned).collect();
    let by_name: Key<String> = Key { field: "instance_profile_name", of: |name| name };
    rows_of(names.into_iter().collect(), by_name, |name| {
        let session = Arc::clone(session);
        async move {
            let request = session.iam.get_instance_profile().instance_profile_name(&name);
            let asked = async { unset(request.send().await, "NoSuchEntity") };
            let Some(reply) = session.call(ACTION, asked).await? else { return Ok(None) };
            let Some(raw) = reply.instance_profile else { return Ok(None) };
            let mut roles = Vec::new();
            for role in raw.roles {
                roles.push(what_it_may(&session, role.role_name).await?);
            }
            let tags = raw.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
            let name = raw.instance_profile_name;
            Ok(Some(vec![InstanceProfile { instance_profile_name: name, arn: raw.arn, roles, tags }]))
        }
    })
    .await
}

/// A role with the names of its policies.
async fn what_it_may(session: &Session, role_name: String) -> Result<ProfileRole, Unreadable> {
    const ATTACHED: &str = "iam:ListAttachedRolePolicies";
    const INLINE: &str = "iam:ListRolePolicies";
    let page = async |token| {
        let request = session.iam.list_attached_role_policies().role_name(&role_name).set_marker(token);
        let reply = session.call(ATTACHED, request.send()).await?;
        Ok((reply.attached_policies.unwrap_or_default(), reply.marker.filter(|_| reply.is_truncated)))
    };
    let attached = all_pages(ATTACHED, page).await?;
    let mut attached_policies: Vec<_> = attached.into_iter().filter_map(|policy| policy.policy_name).collect();
    attached_policies.sort();
    let page = async |token| {
        let request = session.iam.list_role_policies().role_name(&role_name).set_marker(token);
        let reply = session.call(INLINE, request.send()).await?;
        Ok((reply.policy_names, reply.marker.filter(|_| reply.is_truncated)))
    };
    let mut inline_policies = all_pages(INLINE, page).await?;
    inline_policies.sort();
    Ok(ProfileRole { role_name, attached_policies, inline_policies })
}
