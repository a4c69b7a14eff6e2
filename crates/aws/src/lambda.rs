//! Lambda functions.

use std::sync::Arc;

use aws_sdk_lambda::types as sdk;

use super::errors::incomplete;
use super::found::{Found, Rows};
use super::session::{Key, Session, all_pages, rows_of, with_more};
use stackmark_evidence::aws::{Function, Missing, Tags};

/// Functions are told apart by their names.
const BY_NAME: Key<Function> = Key { field: "function_name", of: |row| &row.function_name };

/// All functions of the region with their tags, by name; their state is not read yet.
///
/// One whose tags could not be read is missing with its name: it may be anybody's.
pub(super) async fn functions(session: &Arc<Session>) -> Rows<Function> {
    const ACTION: &str = "lambda:ListFunctions";
    let page = async |token| {
        let reply = session.call(ACTION, session.lambda.list_functions().set_marker(token).send()).await?;
        let rows = reply.functions.ok_or_else(|| incomplete(ACTION, "no list of functions"))?;
        Ok((rows, reply.next_marker))
    };
    let rows = all_pages(ACTION, page).await?.into_iter().map(function);
    let rows = rows.collect::<Option<Vec<_>>>().ok_or_else(|| incomplete(ACTION, "a function without a name"))?;
    let mut found = rows_of(rows, BY_NAME, |mut row| {
        let session = Arc::clone(session);
        async move {
            let request = session.lambda.list_tags().resource(&row.function_arn);
            let Some(reply) = session.call_unless_gone("lambda:ListTags", request.send()).await? else {
                return Ok(None);
            };
            row.tags = reply.tags.unwrap_or_default().into_iter().collect();
            Ok(Some(vec![row]))
        }
    })
    .await?;
    for gap in &mut found.gaps {
        gap.missing = Missing::Row;
    }
    found.rows.sort_by(|a, b| a.function_name.cmp(&b.function_name));
    Ok(found)
}

/// The same functions with their states, which no listing holds.
pub(super) async fn with_states(session: &Arc<Session>, functions: Vec<Function>) -> Found<Function> {
    with_more(functions, BY_NAME, &["state"], |mut row| {
        let session = Arc::clone(session);
        async move {
            let request = session.lambda.get_function_configuration().function_name(&row.function_arn);
            let asked = request.send();
            let Some(reply) = session.call_unless_gone("lambda:GetFunctionConfiguration", asked).await? else {
                return Ok(None);
            };
            row.state = reply.state.map(|state| state.as_str().to_owned());
            Ok(Some(row))
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
