//! How Beanstalk's environments are, and how they take new versions.

use std::sync::Arc;

use aws_sdk_elasticbeanstalk::types as sdk;

use super::errors::incomplete;
use super::found::{Found, Rows};
use super::reach::Reach;
use super::session::{Key, Session, all_pages, with_more};
use super::stack::Stack;
use super::tables::Table;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::BeanstalkEnvironment;

/// Where Beanstalk keeps how commands reach the instances.
const COMMANDS: &str = "aws:elasticbeanstalk:command";

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
    let by_name: Key<BeanstalkEnvironment> = Key { field: "environment_name", of: |row| &row.environment_name };
    let with_policies = with_more(rows, by_name, &["deployment_policy"], |row| {
        let session = Arc::clone(session);
        async move { with_policy(&session, row).await.map(Some) }
    });
    Ok(with_policies.await.lacking(missing))
}

/// The environment with its deployment policy. Other settings are not kept: they may hold secrets.
async fn with_policy(session: &Session, row: BeanstalkEnvironment) -> Result<BeanstalkEnvironment, Unreadable> {
    const ACTION: &str = "elasticbeanstalk:DescribeConfigurationSettings";
    let request = session.elasticbeanstalk.describe_configuration_settings().application_name(&row.application_name);
    let reply = session.call(ACTION, request.environment_name(&row.environment_name).send()).await?;
    let settings = reply.configuration_settings.unwrap_or_default().into_iter();
    let mut options = settings.flat_map(|it| it.option_settings.unwrap_or_default());
    let policy = options.find(|option| {
        option.namespace.as_deref() == Some(COMMANDS) && option.option_name.as_deref() == Some("DeploymentPolicy")
    });
    Ok(BeanstalkEnvironment { deployment_policy: policy.and_then(|option| option.value), ..row })
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
        deployment_policy: None,
        region: String::new(),
    })
}
