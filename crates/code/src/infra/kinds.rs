//! The table of `kinds.toml`: one word for a kind of resource, whichever tool declares it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

use crate::cloud::operations::{OPERATIONS, snake_case};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    service: String,
    #[serde(default)]
    terraform: Vec<String>,
    #[serde(default)]
    cloudformation: Vec<String>,
    #[serde(default)]
    operations: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
}

/// The embedded table; a test holds it to parse.
static KINDS: LazyLock<BTreeMap<String, Entry>> =
    LazyLock::new(|| toml::from_str(include_str!("kinds.toml")).unwrap_or_default());

/// What a resource is, in the words that all tools share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) kind: String,
    pub(super) service: String,
}

fn find(holds: impl Fn(&Entry) -> bool) -> Option<Kind> {
    KINDS
        .iter()
        .find(|(_, entry)| holds(entry))
        .map(|(kind, entry)| Kind { kind: kind.clone(), service: entry.service.clone() })
}

/// Of a Terraform type; a type that the table lacks is its own kind, without `aws_`.
pub(super) fn of_terraform(resource: &str) -> Kind {
    let short = resource.strip_prefix("aws_").unwrap_or(resource);
    let known = resource.starts_with("aws_").then(|| find(|entry| entry.terraform.iter().any(|t| t == short)));
    known.flatten().unwrap_or_else(|| Kind {
        kind: short.to_owned(),
        service: short.split('_').next().unwrap_or(short).to_owned(),
    })
}

/// Of a CloudFormation type; what the table lacks is its last part in snake_case.
pub(super) fn of_cloudformation(resource: &str) -> Kind {
    let short = resource.strip_prefix("AWS::").unwrap_or(resource);
    find(|entry| entry.cloudformation.iter().any(|t| t == short)).unwrap_or_else(|| {
        let (service, last) = short.rsplit_once("::").unwrap_or(("", short));
        Kind { kind: snake_case(last), service: service.to_ascii_lowercase() }
    })
}

/// Of a `Cfn…` class of the CDK, by its module and the rest of its name: the kind, and the operation that makes it.
pub(crate) fn of_cfn_class(module: &str, class: &str) -> (String, String) {
    let wanted = format!("{module}::{class}").to_ascii_lowercase();
    let types = KINDS.values().flat_map(|entry| &entry.cloudformation);
    // The module's name is the service's in small letters.
    let full = types.into_iter().find(|known| known.to_ascii_lowercase() == wanted);
    let full = full.map_or_else(|| format!("AWS::{module}::{class}"), |known| format!("AWS::{known}"));
    (of_cloudformation(&full).kind, OPERATIONS.of_cloudformation(&full))
}

/// Of a kind that the table has; any other has the service that is given.
pub(super) fn of_kind(kind: &str, service: &str) -> Kind {
    let service = KINDS.get(kind).map_or(service, |entry| &entry.service);
    Kind { kind: kind.to_owned(), service: service.to_owned() }
}

/// Of an operation in snake_case that makes something; `None` for those that only look, change or tag.
///
/// `service` is the client's, where it is known. A name that the table lacks counts only there: `create_report` may be
/// anybody's method.
pub(super) fn of_operation(
    operation: &str,
    service: Option<&str>,
    arguments: &BTreeMap<String, Value>,
) -> Option<Kind> {
    // The two generations of load balancers share a name; only the classic one has its listeners in the call.
    let classic = service == Some("elb") || (service.is_none() && arguments.contains_key("listeners"));
    if operation == "create_load_balancer" && classic {
        return Some(Kind { kind: "classic_load_balancer".to_owned(), service: "elb".to_owned() });
    }
    let by_service = match (service, operation) {
        (Some("ecs"), "create_cluster") => Some("ecs_cluster"),
        (Some("ecs"), "create_service") => Some("ecs_service"),
        (Some("ecr"), "create_repository") => Some("repository"),
        _ => None,
    };
    if let Some((kind, entry)) = by_service.and_then(|kind| KINDS.get_key_value(kind)) {
        return Some(Kind { kind: kind.clone(), service: entry.service.clone() });
    }
    let known = find(|entry| entry.operations.iter().any(|known| known == operation));
    known.or_else(|| {
        let kind = operation.strip_prefix("create_").filter(|kind| !kind.ends_with("tags"))?;
        Some(Kind { kind: kind.to_owned(), service: service?.to_owned() })
    })
}

/// The argument that names a resource of this kind.
pub(super) fn name_argument<'a>(kind: &str, arguments: &'a BTreeMap<String, Value>) -> Option<&'a str> {
    let extra = KINDS.get(kind).map(|entry| entry.names.as_slice()).unwrap_or_default();
    let own = [format!("{kind}_name"), kind.to_owned()];
    let candidates = ["name"].into_iter().chain(own.iter().map(String::as_str)).chain(extra.iter().map(String::as_str));
    candidates.filter_map(|name| arguments.get(name)?.as_str()).find(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rubrics_know_the_kinds_of_the_table() {
        let also = ["module", "provider"].into_iter().map(str::to_owned);
        let mut kinds: Vec<String> = KINDS.keys().cloned().chain(also).collect();
        kinds.sort();
        assert_eq!(kinds, stackmark_evidence::vocabulary::RESOURCE_KINDS);
    }

    #[test]
    fn classes_of_cloudformation_are_its_types() {
        let of = |module: &str, class: &str| of_cfn_class(module, class);
        assert_eq!(
            of("elasticloadbalancingv2", "ListenerRule"),
            ("listener_rule".to_owned(), "create_rule".to_owned())
        );
        assert_eq!(of("iot", "Thing"), ("thing".to_owned(), "create_thing".to_owned()));
    }

    #[test]
    fn tools_share_their_kinds() {
        assert_eq!(of_terraform("aws_autoscaling_group").kind, "auto_scaling_group");
        assert_eq!(of_cloudformation("AWS::AutoScaling::AutoScalingGroup").kind, "auto_scaling_group");
        let none = BTreeMap::new();
        assert_eq!(of_operation("create_auto_scaling_group", None, &none).unwrap().kind, "auto_scaling_group");
        assert_eq!(of_operation("create_report", None, &none), None);
        assert_eq!(of_operation("create_widget", Some("iot"), &none).unwrap().kind, "widget");
        assert_eq!(of_operation("create_load_balancer", Some("elb"), &none).unwrap().service, "elb");
        assert_eq!(of_terraform("google_compute_instance").kind, "google_compute_instance");
    }
}
