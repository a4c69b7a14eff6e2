//! APIs of API Gateway: REST APIs, and the HTTP and WebSocket APIs of its second version.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::errors::incomplete;
use super::found::Found;
use super::session::{Key, Session, all_pages, with_more};
use stackmark_evidence::Unreadable;
use stackmark_evidence::aws::{Api, ApiRoute};

/// Every request of this service is allowed by one action.
const ACTION: &str = "apigateway:GET";
/// Rows of a page; AWS takes up to 500.
const PAGE: i32 = 500;
/// What the evidence calls the APIs of the first version.
const REST: &str = "REST";

/// All APIs of the region, by name, then id; their stages and routes are not read yet.
pub(super) async fn apis(session: &Arc<Session>) -> Result<Vec<Api>, Unreadable> {
    let page = async |token| {
        let request = session.apigateway.get_rest_apis().limit(PAGE).set_position(token);
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.items.unwrap_or_default(), reply.position))
    };
    let region = &session.region;
    let rest = all_pages(ACTION, page).await?.into_iter().map(|raw| {
        let api_id = raw.id?;
        Some(Api {
            endpoint: format!("https://{api_id}.execute-api.{region}.amazonaws.com"),
            api_id,
            name: raw.name.unwrap_or_default(),
            protocol_type: REST.to_owned(),
            stages: Vec::new(),
            deployed_stages: None,
            routes: Vec::new(),
            region: region.clone(),
            tags: raw.tags.unwrap_or_default().into_iter().collect(),
        })
    });
    let page = async |token| {
        let reply = session.call(ACTION, session.apigatewayv2.get_apis().set_next_token(token).send()).await?;
        Ok((reply.items.unwrap_or_default(), reply.next_token))
    };
    let newer = all_pages(ACTION, page).await?.into_iter().map(|raw| {
        Some(Api {
            api_id: raw.api_id?,
            name: raw.name.unwrap_or_default(),
            protocol_type: raw.protocol_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            endpoint: raw.api_endpoint.unwrap_or_default(),
            stages: Vec::new(),
            deployed_stages: None,
            routes: Vec::new(),
            region: region.clone(),
            tags: raw.tags.unwrap_or_default().into_iter().collect(),
        })
    });
    let rows = rest.chain(newer).collect::<Option<Vec<_>>>();
    let mut rows = rows.ok_or_else(|| incomplete(ACTION, "an API without an id"))?;
    rows.sort_by(|a, b| (&a.name, &a.api_id).cmp(&(&b.name, &b.api_id)));
    Ok(rows)
}

/// The same APIs with their stages and routes.
pub(super) async fn with_routes(session: &Arc<Session>, apis: Vec<Api>) -> Found<Api> {
    let by_id: Key<Api> = Key { field: "api_id", of: |api| &api.api_id };
    with_more(apis, by_id, &["stages", "deployed_stages", "routes"], |mut api| {
        let session = Arc::clone(session);
        async move {
            if api.protocol_type == REST {
                add_rest(&session, &mut api).await?;
            } else {
                add_newer(&session, &mut api).await?;
            }
            api.routes.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
            Ok(Some(api))
        }
    })
    .await
}

/// Sets the stages, by name, each with whether it has a deployment.
fn set_stages(api: &mut Api, stages: impl Iterator<Item = (String, bool)>) {
    let stages: BTreeMap<String, bool> = stages.collect();
    api.deployed_stages = Some(stages.iter().filter(|(_, is)| **is).map(|(name, _)| name.clone()).collect());
    api.stages = stages.into_keys().collect();
}

async fn add_rest(session: &Session, api: &mut Api) -> Result<(), Unreadable> {
    let reply = session.call(ACTION, session.apigateway.get_stages().rest_api_id(&api.api_id).send()).await?;
    let stages = reply.item.unwrap_or_default().into_iter();
    set_stages(api, stages.filter_map(|stage| Some((stage.stage_name?, stage.deployment_id.is_some()))));
    let page = async |token| {
        let request = session.apigateway.get_resources().rest_api_id(&api.api_id).embed("methods").limit(PAGE);
        let reply = session.call(ACTION, request.set_position(token).send()).await?;
        Ok((reply.items.unwrap_or_default(), reply.position))
    };
    for resource in all_pages(ACTION, page).await? {
        let path = resource.path.unwrap_or_default();
        let methods: BTreeMap<_, _> = resource.resource_methods.unwrap_or_default().into_iter().collect();
        for (method, raw) in methods {
            let integration = raw.method_integration;
            let kind = integration.as_ref().and_then(|integration| integration.r#type.as_ref());
            api.routes.push(ApiRoute {
                route_key: format!("{method} {path}"),
                method,
                path: path.clone(),
                integration_type: kind.map(|kind| kind.as_str().to_owned()),
                integration_uri: integration.and_then(|integration| integration.uri),
                authorization_type: raw.authorization_type,
            });
        }
    }
    Ok(())
}

async fn add_newer(session: &Session, api: &mut Api) -> Result<(), Unreadable> {
    let page = async |token| {
        let request = session.apigatewayv2.get_stages().api_id(&api.api_id).set_next_token(token);
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.items.unwrap_or_default(), reply.next_token))
    };
    let is_deployed =
        |deployment: &Option<String>, by_itself: Option<bool>| deployment.is_some() || by_itself.unwrap_or_default();
    let stages = all_pages(ACTION, page).await?.into_iter();
    let stages = stages.filter_map(|it| Some((it.stage_name?, is_deployed(&it.deployment_id, it.auto_deploy))));
    set_stages(api, stages);
    let page = async |token| {
        let request = session.apigatewayv2.get_integrations().api_id(&api.api_id).set_next_token(token);
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.items.unwrap_or_default(), reply.next_token))
    };
    let integrations: BTreeMap<_, _> = all_pages(ACTION, page)
        .await?
        .into_iter()
        .filter_map(|raw| Some((format!("integrations/{}", raw.integration_id.clone()?), raw)))
        .collect();
    let page = async |token| {
        let request = session.apigatewayv2.get_routes().api_id(&api.api_id).set_next_token(token);
        let reply = session.call(ACTION, request.send()).await?;
        Ok((reply.items.unwrap_or_default(), reply.next_token))
    };
    for raw in all_pages(ACTION, page).await? {
        let route_key = raw.route_key.unwrap_or_default();
        let (method, path) = match route_key.split_once(' ') {
            Some((method, path)) => (method.to_owned(), path.to_owned()),
            None => (String::new(), route_key.clone()),
        };
        let integration = raw.target.as_ref().and_then(|target| integrations.get(target));
        let kind = integration.and_then(|integration| integration.integration_type.as_ref());
        api.routes.push(ApiRoute {
            method,
            path,
            route_key,
            integration_type: kind.map(|kind| kind.as_str().to_owned()),
            integration_uri: integration.and_then(|integration| integration.integration_uri.clone()),
            authorization_type: raw.authorization_type.map(|kind| kind.as_str().to_owned()),
        });
    }
    Ok(())
}
