//! CloudFormation stacks and what they made.

use std::sync::Arc;

use aws_sdk_cloudformation::types as sdk;

use super::errors::incomplete;
use super::found::Rows;
use super::session::{Key, Session, all_pages, rows_of};
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{CloudFormationStack, StackOutput, StackResource};

/// All stacks of the region that are not deleted, by name.
pub(super) async fn stacks(session: &Session) -> Result<Vec<CloudFormationStack>, Unreadable> {
    const ACTION: &str = "cloudformation:DescribeStacks";
    let page = async |token| {
        let request = session.cloudformation.describe_stacks().set_next_token(token);
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.stacks.unwrap_or_default(), reply.next_token))
    };
    let rows = all_pages(ACTION, page).await?.into_iter().map(stack);
    let mut rows = rows.collect::<Option<Vec<_>>>().ok_or_else(|| incomplete(ACTION, "a stack without a name"))?;
    rows.retain(|row| row.stack_status != "DELETE_COMPLETE");
    rows.sort_by(|a, b| (&a.stack_name, &a.stack_id).cmp(&(&b.stack_name, &b.stack_id)));
    Ok(rows)
}

/// What these stacks, named by name and id, made: by stack, then logical id.
pub(super) async fn resources(session: &Arc<Session>, stacks: Vec<(String, String)>) -> Rows<StackResource> {
    const ACTION: &str = "cloudformation:ListStackResources";
    let by_stack: Key<(String, String)> = Key { field: "stack_name", of: |(name, _)| name };
    let mut found = rows_of(stacks, by_stack, |(name, id)| {
        let session = Arc::clone(session);
        async move {
            let page = async |token| {
                let request = session.cloudformation.list_stack_resources().stack_name(&id).set_next_token(token);
                let reply = session.call(ACTION, request.send()).await?;
                Ok((reply.stack_resource_summaries.unwrap_or_default(), reply.next_token))
            };
            let rows = all_pages(ACTION, page).await?.into_iter().map(|raw| resource(&name, raw));
            let rows = rows.collect::<Option<Vec<_>>>();
            rows.map(Some).ok_or_else(|| incomplete(ACTION, "a resource without an id"))
        }
    })
    .await?;
    found.rows.sort_by(|a, b| (&a.stack_name, &a.logical_resource_id).cmp(&(&b.stack_name, &b.logical_resource_id)));
    Ok(found)
}

fn stack(raw: sdk::Stack) -> Option<CloudFormationStack> {
    let parameters = raw.parameters.unwrap_or_default().into_iter();
    let outputs = raw.outputs.unwrap_or_default().into_iter();
    let mut outputs: Vec<_> = outputs
        .filter_map(|output| {
            Some(StackOutput { key: output.output_key?, value: output.output_value.unwrap_or_default() })
        })
        .collect();
    outputs.sort_by(|a, b| a.key.cmp(&b.key));
    let tags = raw.tags.unwrap_or_default().into_iter();
    Some(CloudFormationStack {
        stack_name: raw.stack_name?,
        stack_id: raw.stack_id.unwrap_or_default(),
        stack_status: raw.stack_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        creation_time: text::time(raw.creation_time),
        parameters: parameters
            .filter_map(|parameter| Some((parameter.parameter_key?, parameter.parameter_value.unwrap_or_default())))
            .collect(),
        outputs,
        capabilities: raw
            .capabilities
            .unwrap_or_default()
            .into_iter()
            .map(|capability| capability.as_str().to_owned())
            .collect(),
        region: String::new(),
        tags: tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect(),
    })
}

fn resource(stack_name: &str, raw: sdk::StackResourceSummary) -> Option<StackResource> {
    Some(StackResource {
        stack_name: stack_name.to_owned(),
        logical_resource_id: raw.logical_resource_id?,
        physical_resource_id: raw.physical_resource_id.filter(|id| !id.is_empty()),
        resource_type: raw.resource_type.unwrap_or_default(),
        resource_status: raw.resource_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
    })
}
