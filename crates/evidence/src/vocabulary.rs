//! Words that a rubric may ask the code for. What is not among them is refused when the rubric is read, because a
//! reading that cannot know a word would answer "not there" to every team.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::report::PARTS;

/// What the words of a parameter are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    /// An operation of AWS in snake_case: `run_instances`.
    Operation,
    /// A kind of resource that the code declares: `auto_scaling_group`. What this list lacks is named by its type.
    ResourceKind,
    /// A tool in which resources are declared: `terraform`.
    Tool,
    /// A part of a handover document, by its id: `architecture`.
    ReportPart,
}

/// Of boto3's resource API, and what AWS calls the same.
const ALIASES: [(&str, &str); 3] = [
    ("create_instances", "run_instances"),
    ("authorize_ingress", "authorize_security_group_ingress"),
    ("authorize_egress", "authorize_security_group_egress"),
];

/// Installing a load balancer on an instance: no operation of AWS, and yet an answer to the same question.
pub const OWN_LOAD_BALANCER: &str = "own_load_balancer";

static OPERATIONS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let words = include_str!("operations.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    words.collect()
});

/// Kinds that more than one tool has a name for, and Terraform's `module` and `provider`; the table of the collector has
/// the same, by test.
pub const RESOURCE_KINDS: &[&str] = &[
    "address",
    "alarm",
    "api",
    "auto_scaling_attachment",
    "auto_scaling_group",
    "beanstalk_application",
    "beanstalk_environment",
    "bucket",
    "build_project",
    "classic_load_balancer",
    "dashboard",
    "database",
    "ecs_cluster",
    "ecs_service",
    "ecs_task",
    "function",
    "image",
    "instance",
    "instance_profile",
    "internet_gateway",
    "internet_gateway_attachment",
    "key_pair",
    "launch_configuration",
    "launch_template",
    "listener",
    "listener_rule",
    "load_balancer",
    "module",
    "nat_gateway",
    "network_acl",
    "object",
    "pipeline",
    "provider",
    "queue",
    "repository",
    "role",
    "route",
    "route_table",
    "route_table_association",
    "scaling_policy",
    "security_group",
    "security_group_rule",
    "stack",
    "subnet",
    "table",
    "target_group",
    "target_registration",
    "topic",
    "volume",
    "vpc",
];

/// Tools whose declarations are read.
static TOOLS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| super::closed::DeclaredTool::ALL.iter().map(|tool| tool.as_str()).collect());

/// The operation that a method or command of this name calls; `None` for what AWS does not have.
pub fn operation(word: &str) -> Option<&'static str> {
    let alias = ALIASES.iter().find(|(alias, _)| *alias == word).map(|(_, operation)| *operation);
    alias.or_else(|| OPERATIONS.get(word).copied())
}

impl Vocabulary {
    /// All of them, with the word that a check writes in `of`.
    pub const ALL: [(&'static str, Self); 4] = [
        ("operation", Self::Operation),
        ("resource-kind", Self::ResourceKind),
        ("tool", Self::Tool),
        ("report-part", Self::ReportPart),
    ];

    /// What one of its words is, for a message.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Operation => "operation of AWS",
            Self::ResourceKind => "kind of resource",
            Self::Tool => "tool",
            Self::ReportPart => "part of a report",
        }
    }

    /// Whether `word` is one of its words.
    pub fn holds(self, word: &str) -> bool {
        match self {
            Self::Operation => operation(word).is_some() || word == OWN_LOAD_BALANCER,
            Self::ResourceKind => RESOURCE_KINDS.contains(&word),
            Self::Tool => TOOLS.contains(&word),
            Self::ReportPart => PARTS.iter().any(|(part, _)| *part == word),
        }
    }

    /// Whether words beside those listed mean something: a type that only one tool has is a kind of its own.
    pub fn is_open(self) -> bool {
        self == Self::ResourceKind
    }

    /// All words, sorted within each list.
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Operation => {
                let aliases = ALIASES.iter().map(|(alias, _)| *alias);
                OPERATIONS.iter().copied().chain(aliases).chain([OWN_LOAD_BALANCER]).collect()
            }
            Self::ResourceKind => RESOURCE_KINDS.to_vec(),
            Self::Tool => TOOLS.to_vec(),
            Self::ReportPart => PARTS.iter().map(|(part, _)| *part).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_known_by_aws_name_and_by_boto3s_resources() {
        assert_eq!(operation("get_metric_widget_image"), Some("get_metric_widget_image"));
        assert_eq!(operation("create_instances"), Some("run_instances"));
        assert_eq!(operation("create_load_balancers"), None);
        assert!(Vocabulary::Operation.words().len() > 6_000, "operations.txt is not whole");
    }

    #[test]
    fn lists_are_sorted_and_hold_each_word_once() {
        assert!(RESOURCE_KINDS.is_sorted_by(|a, b| a < b));
        let listed: Vec<&str> = include_str!("operations.txt").lines().filter(|line| !line.starts_with('#')).collect();
        assert!(listed.is_sorted_by(|a, b| a < b));
    }
}
