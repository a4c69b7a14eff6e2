//! Lambda functions.

use std::sync::Arc;

use aws_sdk_lambda::types as sdk;

use super::errors::incomplete;
use super::session::{Session, all_pages, for_each};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Function, Tags};

/// All functions of the region with their tags, by name; their state is not read yet.
pub(super) async fn functions(session: &Arc<Session>) -> Result<Vec<Function>, Unreadable> {
    const ACTION: &str = "lambda:ListFunctions";
    let page = async |token| {
        let reply = session.call(ACTION, session.lambda.list_functions().set_marker(token).send()).await?;
        Ok((reply.functions.unwrap_or_default(), reply.next_marker))
    };
    let rows = all_pages(ACTION, page).await?.into_iter().map(function);
    let rows = rows.collect::<Option<Vec<_>>>().ok_or_else(|| incomplete(ACTION, "a function without a name"))?;
    let mut rows = for_each(rows, |mut row| {
        let session = Arc::clone(session);
        async move {
            let request = session.lambda.list_tags().resource(&row.function_arn);
            let reply = session.call("lambda:ListTags", request.send()).await?;
            row.tags = reply.tags.unwrap_or_default().into_iter().collect();
            Ok(vec![row])
        }
    })
    .await?;
    rows.sort_by(|a, b| a.function_name.cmp(&b.function_name));
    Ok(rows)
}

/// The same functions with their states, which no listing holds.
pub(super) async fn with_states(session: &Arc<Session>, functions: Vec<Function>) -> Result<Vec<Function>, Unreadable> {
    for_each(functions, |mut row| {
        let session = Arc::clone(session);
        async move {
            let request = session.lambda.get_function_configuration().function_name(&row.function_arn);
            let reply = session.call("lambda:GetFunctionConfiguration", request.send()).await?;
            row.state = reply.state.map(|state| state.as_str().to_owned());
            Ok(vec![row])
        }
    })
    .await
}

fn function(raw: sdk::FunctionConfiguration) -> Option<Function> {
    let variables = raw.environment.and_then(|environment| environment.variables).unwrap_or_default();
    let mut environment_keys: Vec<_> = variables.into_keys().collect();
    environment_keys.sort();
    Some(Function {
        function_name: raw.function_name?,
        function_arn: raw.function_arn?,
        runtime: raw.runtime.map(|runtime| runtime.as_str().to_owned()),
        handler: raw.handler.filter(|handler| !handler.is_empty()),
        role: raw.role.unwrap_or_default(),
        memory_size: raw.memory_size.map(i64::from).unwrap_or_default(),
        timeout: raw.timeout.map(i64::from).unwrap_or_default(),
        package_type: raw.package_type.map_or_else(|| "Zip".to_owned(), |kind| kind.as_str().to_owned()),
        environment_keys,
        state: None,
        last_modified: raw.last_modified,
        region: String::new(),
        tags: Tags::new(),
    })
}
