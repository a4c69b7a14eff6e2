//! How Beanstalk's environments are.

use std::sync::Arc;

use aws_sdk_elasticbeanstalk::types as sdk;

use super::errors::incomplete;
use super::found::{Found, Rows};
use super::reach::Reach;
use super::session::{Session, all_pages};
use super::stack::Stack;
use super::tables::Table;
use stackmark_evidence::aws::BeanstalkEnvironment;

/// The environments found, with their health, by name.
pub(super) async fn environments(
    found: &Stack,
    session: &Arc<Session>,
    _reach: Reach<'_>,
) -> Rows<BeanstalkEnvironment> {
    const ACTION: &str = "elasticbeanstalk:DescribeEnvironments";
    let (environments, missing) = found.resources_of(Table::BeanstalkEnvironments)?;
    let names: Vec<String> = environments.iter().map(|row| row.name.clone()).collect();
    if names.is_empty() {
        // Asking for no names at all would describe those of everybody.
        return Ok(Found::default().lacking(missing));
    }
    let page = async |token| {
        let request = session.elasticbeanstalk.describe_environments().include_deleted(false);
        let request = request.set_environment_names(Some(names.clone())).set_next_token(token);
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.environments.unwrap_or_default(), reply.next_token))
    };
    let rows = all_pages(ACTION, page).await?.into_iter().map(environment).collect::<Option<Vec<_>>>();
    let mut rows = rows.ok_or_else(|| incomplete(ACTION, "an environment without a name, a status or a health"))?;
    // Where names are not heeded, as by emulators.
    rows.retain(|row| names.contains(&row.environment_name));
    rows.sort_by(|a, b| a.environment_name.cmp(&b.environment_name));
    Ok(Found::from(rows).lacking(missing))
}

fn environment(raw: sdk::EnvironmentDescription) -> Option<BeanstalkEnvironment> {
    Some(BeanstalkEnvironment {
        environment_name: raw.environment_name?,
        application_name: raw.application_name.unwrap_or_default(),
        status: raw.status?.as_str().to_owned(),
        health: raw.health?.as_str().to_owned(),
        health_status: raw.health_status.map(|status| status.as_str().to_owned()),
        version_label: raw.version_label,
        tier: raw.tier.and_then(|tier| tier.name),
        region: String::new(),
    })
}
