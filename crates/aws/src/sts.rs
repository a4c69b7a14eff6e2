//! Who asks.

use aws_credential_types::Credentials;

use super::connection::Connection;
use super::errors;
use super::session::Session;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::Caller;

/// Exchanges the connection's credentials for those of a role.
pub(super) async fn assume_role(
    connection: &Connection,
    role: &str,
    external_id: Option<&str>,
) -> Result<Credentials, Unreadable> {
    const ACTION: &str = "sts:AssumeRole";
    let session = Session::new(connection);
    let request = session
        .sts
        .assume_role()
        .role_arn(role)
        .role_session_name("stackmark")
        .set_external_id(external_id.map(Into::into));
    let failed = |mut failure: Unreadable| {
        failure.detail = format!("role {role}: {}", failure.detail);
        failure
    };
    let reply = session.call(ACTION, request.send()).await.map_err(failed)?;
    let keys = reply.credentials.ok_or_else(|| failed(errors::incomplete(ACTION, "no credentials")))?;
    Ok(Credentials::new(
        keys.access_key_id,
        keys.secret_access_key,
        Some(keys.session_token),
        keys.expiration.try_into().ok(),
        "assumed role",
    ))
}

/// Account and ARN of the credentials; `regions` are those that are read, one at least.
pub(super) async fn caller(session: &Session, regions: &[String]) -> Result<Caller, Unreadable> {
    const ACTION: &str = "sts:GetCallerIdentity";
    let reply = session.call(ACTION, session.sts.get_caller_identity().send()).await?;
    match (reply.account, reply.arn) {
        (Some(account), Some(arn)) => {
            Ok(Caller { account, arn, region: session.region.clone(), regions: regions.to_vec() })
        }
        _ => Err(errors::incomplete(ACTION, "no account or no ARN")),
    }
}
