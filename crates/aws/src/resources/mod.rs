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
use types::{Fit, fit, name_of, service_of, tags_in};

use super::errors::incomplete;
use super::found::Found;
use super::owner::{carries, claimed};
use super::session::{Key, Session, all_pages, rows_of};
use stackmark_evidence::aws::{Missing, Resource, Tags};
use stackmark_evidence::closed::ListedBy;
use stackmark_evidence::{Cause, Unreadable};

/// Services of one request to the tagging API; it takes 100 filters.
const FILTERS: usize = 100;

/// Rows, and the types of which nobody can tell what there is.
type Inventory = (Found<Resource>, BTreeMap<String, Unreadable>);

/// The resources of these types that carry all of `tags`, or all of the region where there are none; by type, then ARN.
///
/// A type that cannot be read is a gap and leaves the others; where none can, the first failure is everything's. An
/// emulator on this machine that has no Cloud Control is read through the tagging API alone, which can tell that something
/// is there and not that nothing is.
///
/// In an account of the team's own (`own_account`), a type of which nothing carries the tags keeps all that nobody claims.
pub(super) async fn resources(
    session: &Arc<Session>,
    types: &BTreeSet<String>,
    tags: &Tags,
    own_account: bool,
) -> Result<Inventory, Unreadable> {
    if types.is_empty() {
        return Ok(Inventory::default());
    }
    let tagged = tagged(session, types).await?;
    let (mut found, mut gaps) = Inventory::default();
    for kind in types {
        let of = |wanted: Fit| tagged.iter().filter(move |(arn, _)| fit(arn, kind) == wanted);
        let known: BTreeMap<&String, &Tags> = of(Fit::Yes).collect();
        let by_tagging = || {
            let rows = known.iter();
            rows.map(|(arn, own)| row((*arn).clone(), kind, (*own).clone(), BTreeMap::new(), ListedBy::Tagging))
        };
        let none_carries = !known.values().any(|own| carries(own, tags));
        // What carries the tags and may be of the type, for all that its ARN says.
        let alike = of(Fit::Maybe).find(|(_, own)| carries(own, tags)).map(|(arn, _)| arn);
        match listed(session, kind).await {
            Ok(Listed::All(listing)) => {
                for mut gap in listing.gaps {
                    gap.known.insert("resource_type".to_owned(), kind.as_str().into());
                    let arn = gap.known.get("arn").and_then(Value::as_str).unwrap_or_default();
                    let own = known.iter().find(|(known, _)| known.as_str() == arn || name_of(known) == name_of(arn));
                    // The tagging API tells that it is not the team's.
                    if own.is_none_or(|(_, own)| carries(own, tags)) {
                        found.gaps.push(gap);
                    }
                }
                found.rows.extend(listing.rows.into_iter().map(|(identifier, properties)| {
                    let arn = known.keys().find(|arn| ***arn == identifier || name_of(arn) == name_of(&identifier));
                    let own = arn.map(|arn| known[*arn].clone()).unwrap_or_else(|| tags_in(&properties));
                    let arn = arn.map(|arn| (*arn).clone()).unwrap_or(identifier);
                    row(arn, kind, own, properties, ListedBy::CloudControl)
                }));
            }
            // What never had a tag is asked for here, and the tagging API does not know it.
            Ok(Listed::Unlistable) if none_carries && (tags.is_empty() || own_account) => {
                let detail = format!(
                    "{kind}: Cloud Control cannot list this type, and the tagging API, which knows only what has tags, \
                     has none: tag the resource, or look at it by hand"
                );
                gaps.insert(kind.clone(), Unreadable::new(Cause::NotCollected, detail));
            }
            Ok(Listed::Unlistable | Listed::NoCloudControl(_)) if none_carries && alike.is_some() => {
                let arn = alike.map(String::as_str).unwrap_or_default();
                let detail = format!("{kind}: whether {arn} is one cannot be told: look at it by hand");
                gaps.insert(kind.clone(), Unreadable::new(Cause::NotCollected, detail));
            }
            Ok(Listed::NoCloudControl(failure)) if none_carries => {
                gaps.insert(kind.clone(), failure);
            }
            Ok(Listed::Unlistable | Listed::NoCloudControl(_)) => found.rows.extend(by_tagging()),
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
    let tagged: BTreeSet<String> =
        found.rows.iter().filter(|row| carries(&row.tags, tags)).map(|row| row.resource_type.clone()).collect();
    found.rows.retain(|row| {
        let is_left = own_account && !tagged.contains(&row.resource_type) && !claimed(&row.tags, tags);
        carries(&row.tags, tags) || is_left
    });
    found.rows.sort_by(|a, b| (&a.resource_type, &a.arn).cmp(&(&b.resource_type, &b.arn)));
    Ok((found, gaps))
}

fn row(arn: String, kind: &str, tags: Tags, properties: BTreeMap<String, Value>, found_by: ListedBy) -> Resource {
    Resource {
        name: name_of(&arn).to_owned(),
        service: service_of(kind),
        resource_type: kind.to_owned(),
        arn,
        region: String::new(),
        properties,
        found_by,
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
            let rows = reply.resource_tag_mapping_list.ok_or_else(|| incomplete(ACTION, "no list of resources"))?;
            Ok((rows, reply.pagination_token))
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
    All(Found<(String, BTreeMap<String, Value>)>),
    /// It knows the type and cannot list it, or does not know it.
    Unlistable,
    /// An emulator without Cloud Control, or one that failed.
    NoCloudControl(Unreadable),
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
        let rows = reply.resource_descriptions.ok_or_else(|| incomplete(ACTION, "no list of resources"))?;
        Ok((rows.into_iter().map(Some).collect(), reply.next_token))
    };
    let rows = match all_pages(ACTION, page).await {
        Err(failure) if session.is_emulator && failure.cause == Cause::Unreachable => {
            return Ok(Listed::NoCloudControl(failure));
        }
        other => other?,
    };
    let Some(rows) = rows.into_iter().collect::<Option<Vec<_>>>() else { return Ok(Listed::Unlistable) };
    let identifiers: Vec<String> = rows.into_iter().filter_map(|row| row.identifier).collect();
    // A listing may hold no more than identifiers.
    let by_identifier: Key<String> = Key { field: "arn", of: |identifier| identifier };
    let mut found = rows_of(identifiers, by_identifier, |identifier| {
        let (session, kind) = (Arc::clone(session), kind.to_owned());
        async move {
            let request = session.cloudcontrol.get_resource().type_name(kind).identifier(&identifier);
            let asked = request.send();
            let Some(reply) = session.call_unless_gone("cloudformation:GetResource", asked).await? else {
                return Ok(None);
            };
            let text = reply.resource_description.and_then(|it| it.properties).unwrap_or_default();
            let properties = serde_json::from_str(&text).map_err(|error| {
                let detail =
                    format!("cloudformation:GetResource: the properties of {identifier} do not parse: {error}");
                Unreadable::new(Cause::Malformed, detail)
            })?;
            Ok(Some(vec![(identifier, properties)]))
        }
    })
    .await?;
    for gap in &mut found.gaps {
        gap.missing = Missing::Row;
    }
    Ok(Listed::All(found))
}
