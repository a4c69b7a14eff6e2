//! The long tail: resources of services that have no table of their own.
//!
//! Cloud Control lists a type and knows the properties; the tagging API knows tags and ARNs. Neither is enough: Cloud
//! Control cannot list every type, and the tagging API leaves out what never had a tag and keeps for a while what is
//! deleted. So a type that Cloud Control lists is what it says, with the tagging API's tags; any other is what the
//! tagging API says, without properties.

mod types;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_cloudcontrol::config::retry::RetryConfig;
use aws_sdk_cloudcontrol::error::ProvideErrorMetadata;
use serde_json::Value;

pub(super) use types::actions_of;
use types::{is_of_type, name_of, service_of, tags_in};

use super::scope::carries;
use super::session::{Session, all_pages, for_each};
use stackmark_evidence::aws::{Resource, Tags};
use stackmark_evidence::{Cause, Unreadable};

/// Services of one request to the tagging API; it takes 100 filters.
const FILTERS: usize = 100;

/// Rows, and the types of which nobody can tell what there is.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) rows: Vec<Resource>,
    pub(super) gaps: BTreeMap<String, Unreadable>,
}

/// The resources of these types that carry all of `tags`, or all of the region where there are none; by type, then ARN.
///
/// A type that cannot be read is a gap and leaves the others; where none can, the first failure is everything's. An
/// emulator on this machine that has no Cloud Control is read through the tagging API alone.
pub(super) async fn resources(
    session: &Arc<Session>,
    types: &BTreeSet<String>,
    tags: &Tags,
) -> Result<Found, Unreadable> {
    if types.is_empty() {
        return Ok(Found::default());
    }
    let tagged = tagged(session, types).await?;
    let Found { mut rows, mut gaps } = Found::default();
    for kind in types {
        let known: BTreeMap<&String, &Tags> = tagged.iter().filter(|(arn, _)| is_of_type(arn, kind)).collect();
        let by_tagging = || {
            let rows = known.iter();
            rows.map(|(arn, own)| row((*arn).clone(), kind, (*own).clone(), BTreeMap::new(), "tagging"))
        };
        match listed(session, kind).await {
            Ok(Listed::All(found)) => rows.extend(found.into_iter().map(|(identifier, properties)| {
                let arn = known.keys().find(|arn| ***arn == identifier || name_of(arn) == name_of(&identifier));
                let own = arn.map(|arn| known[*arn].clone()).unwrap_or_else(|| tags_in(&properties));
                let arn = arn.map(|arn| (*arn).clone()).unwrap_or(identifier);
                row(arn, kind, own, properties, "cloudcontrol")
            })),
            // What never had a tag is asked for here, and the tagging API does not know it.
            Ok(Listed::Unlistable) if tags.is_empty() && known.is_empty() => {
                let detail = format!(
                    "{kind}: Cloud Control cannot list this type, and the tagging API, which knows only what has tags, \
                     has none: tag the resource, or look at it by hand"
                );
                gaps.insert(kind.clone(), Unreadable::new(Cause::NotCollected, detail));
            }
            Ok(Listed::Unlistable | Listed::NoCloudControl) => rows.extend(by_tagging()),
            Err(failure) => {
                gaps.insert(kind.clone(), failure);
            }
        }
    }
    if gaps.len() == types.len()
        && let Some((_, failure)) = gaps.pop_first()
    {
        return Err(failure);
    }
    rows.retain(|row| carries(&row.tags, tags));
    rows.sort_by(|a, b| (&a.resource_type, &a.arn).cmp(&(&b.resource_type, &b.arn)));
    Ok(Found { rows, gaps })
}

fn row(arn: String, kind: &str, tags: Tags, properties: BTreeMap<String, Value>, found_by: &str) -> Resource {
    Resource {
        name: name_of(&arn).to_owned(),
        service: service_of(kind),
        resource_type: kind.to_owned(),
        arn,
        region: String::new(),
        properties,
        found_by: found_by.to_owned(),
        tags,
    }
}

/// ARNs and tags of what has or had tags, of the services that the types are of.
async fn tagged(session: &Session, types: &BTreeSet<String>) -> Result<BTreeMap<String, Tags>, Unreadable> {
    const ACTION: &str = "tag:GetResources";
    let services: BTreeSet<String> = types.iter().map(|kind| service_of(kind)).collect();
    let services: Vec<String> = services.into_iter().collect();
    let mut found = BTreeMap::new();
    for services in services.chunks(FILTERS) {
        let page = async |token| {
            let request = session.tagging.get_resources().set_resource_type_filters(Some(services.to_vec()));
            let reply = session.call(ACTION, request.set_pagination_token(token).send()).await?;
            Ok((reply.resource_tag_mapping_list.unwrap_or_default(), reply.pagination_token))
        };
        for raw in all_pages(ACTION, page).await? {
            let tags = raw.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
            found.extend(raw.resource_arn.map(|arn| (arn, tags)));
        }
    }
    Ok(found)
}

/// What Cloud Control says of a type.
enum Listed {
    /// Identifiers and properties of all there are.
    All(Vec<(String, BTreeMap<String, Value>)>),
    /// It knows the type and cannot list it, or does not know it.
    Unlistable,
    /// An emulator without Cloud Control.
    NoCloudControl,
}

/// All resources of a type.
async fn listed(session: &Arc<Session>, kind: &str) -> Result<Listed, Unreadable> {
    const ACTION: &str = "cloudformation:ListResources";
    const CANNOT: [&str; 3] = ["UnsupportedActionException", "TypeNotFoundException", "InvalidRequestException"];
    let page = async |token| {
        let request = session.cloudcontrol.list_resources().type_name(kind).set_next_token(token).customize();
        let request = match session.is_emulator {
            true => request
                .config_override(aws_sdk_cloudcontrol::config::Builder::new().retry_config(RetryConfig::disabled())),
            false => request,
        };
        let asked = async {
            match request.send().await {
                Err(error)
                    if error.as_service_error().and_then(|it| it.code()).is_some_and(|it| CANNOT.contains(&it)) =>
                {
                    Ok(None)
                }
                other => other.map(Some),
            }
        };
        let Some(reply) = session.call(ACTION, asked).await? else { return Ok((vec![None], None)) };
        let rows = reply.resource_descriptions.unwrap_or_default().into_iter().map(Some).collect();
        Ok((rows, reply.next_token))
    };
    let rows = match all_pages(ACTION, page).await {
        Err(failure) if session.is_emulator && failure.cause == Cause::Unreachable => {
            return Ok(Listed::NoCloudControl);
        }
        other => other?,
    };
    let Some(rows) = rows.into_iter().collect::<Option<Vec<_>>>() else { return Ok(Listed::Unlistable) };
    let identifiers: Vec<String> = rows.into_iter().filter_map(|row| row.identifier).collect();
    // A listing may hold no more than identifiers.
    let found = for_each(identifiers, |identifier| {
        let (session, kind) = (Arc::clone(session), kind.to_owned());
        async move {
            let request = session.cloudcontrol.get_resource().type_name(kind).identifier(&identifier);
            let reply = session.call("cloudformation:GetResource", request.send()).await?;
            let text = reply.resource_description.and_then(|it| it.properties).unwrap_or_default();
            let properties = serde_json::from_str(&text).map_err(|error| {
                let detail =
                    format!("cloudformation:GetResource: the properties of {identifier} do not parse: {error}");
                Unreadable::new(Cause::Malformed, detail)
            })?;
            Ok(vec![(identifier, properties)])
        }
    })
    .await?;
    Ok(Listed::All(found))
}
