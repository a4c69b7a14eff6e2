//! What ran through pipelines.

use std::sync::Arc;

use aws_sdk_codepipeline::types as sdk;

use super::errors::incomplete;
use super::found::Rows;
use super::reach::Reach;
use super::session::{Key, Session, all_pages, rows_of};
use super::stack::Stack;
use super::tables::Table;
use super::text;
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Pipeline, PipelineExecution, PipelineStage};

/// The pipelines found, with their stages and what ran through them, by name.
pub(super) async fn pipelines(found: &Stack, session: &Arc<Session>, _reach: Reach<'_>) -> Rows<Pipeline> {
    let (pipelines, missing) = found.resources_of(Table::Pipelines)?;
    let mut names: Vec<String> = pipelines.iter().map(|row| row.name.clone()).collect();
    names.sort();
    let by_name: Key<String> = Key { field: "pipeline_name", of: |name| name };
    let found_pipelines = rows_of(names, by_name, |name| {
        let session = Arc::clone(session);
        async move { pipeline(&session, name).await }
    })
    .await?;
    Ok(found_pipelines.lacking(missing))
}

/// `None` where the pipeline is gone.
async fn pipeline(session: &Session, pipeline_name: String) -> Result<Option<Vec<Pipeline>>, Unreadable> {
    const STATE: &str = "codepipeline:GetPipelineState";
    const EXECUTIONS: &str = "codepipeline:ListPipelineExecutions";
    let request = session.codepipeline.get_pipeline_state().name(&pipeline_name);
    let Some(state) = session.call_unless_gone(STATE, request.send()).await? else { return Ok(None) };
    let stages = state.stage_states.ok_or_else(|| incomplete(STATE, "no list of stages"))?;
    let stages = stages.into_iter().map(stage).collect::<Option<Vec<_>>>();
    let stages = stages.ok_or_else(|| incomplete(STATE, "a stage without a name"))?;
    let page = async |token| {
        let request = session.codepipeline.list_pipeline_executions().pipeline_name(&pipeline_name);
        let reply = session.call(EXECUTIONS, request.set_next_token(token).send()).await?;
        Ok((reply.pipeline_execution_summaries.unwrap_or_default(), reply.next_token))
    };
    let executions = all_pages(EXECUTIONS, page).await?.into_iter().map(execution).collect::<Option<Vec<_>>>();
    // The newest comes first.
    let executions = executions.ok_or_else(|| incomplete(EXECUTIONS, "an execution without id or status"))?;
    Ok(Some(vec![Pipeline { pipeline_name, stages, executions, region: String::new() }]))
}

fn stage(raw: sdk::StageState) -> Option<PipelineStage> {
    let status = raw.latest_execution.map(|execution| execution.status.as_str().to_owned());
    Some(PipelineStage { stage_name: raw.stage_name?, status })
}

fn execution(raw: sdk::PipelineExecutionSummary) -> Option<PipelineExecution> {
    Some(PipelineExecution {
        pipeline_execution_id: raw.pipeline_execution_id?,
        status: raw.status?.as_str().to_owned(),
        trigger_type: raw.trigger.and_then(|trigger| trigger.trigger_type).map(|kind| kind.as_str().to_owned()),
        start_time: text::time(raw.start_time),
        last_update_time: text::time(raw.last_update_time),
    })
}
