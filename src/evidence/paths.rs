//! Every path that a check may name in `reads`, and what stands there.
//!
//! The planner, the linter, `stackmark explain --readings` and the tests all read this one table.

/// A reading that a check can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadingPath {
    /// `family.name`, as in expressions.
    pub path: &'static str,
    /// What stands there, in a few words.
    pub holds: &'static str,
}

const fn path(path: &'static str, holds: &'static str) -> ReadingPath {
    ReadingPath { path, holds }
}

/// All of them, by family. HTTP exchanges are not here: a check gets them by the name of its `[[request]]`.
pub const READING_PATHS: &[ReadingPath] = &[
    path("git.source", "where the repository came from, and its branches"),
    path("git.head", "the graded commit, and why it is that one"),
    path("git.commits", "list of commits, newest first, each measured"),
    path("git.contribution", "work, share and days of each member; evenness"),
    path("git.atomicity", "whether commits are one change each; the largest commit"),
    path("git.messages", "whether messages say what changed"),
    path("git.coordination", "branches, merges, reviews, co-authors, files handed over, days and weeks active"),
    path("git.outside", "commits on branches that the graded commit does not hold"),
    path("git.hygiene", "secrets of any commit, files that do not belong in a repository, odd dates"),
    path("code.files", "list of source files with their line counts"),
    path("code.left_out", "files that do not count as source, by reason"),
    path("code.documentation", "comment lines, documented definitions, the worst places"),
    path("code.readme", "the README that a newcomer meets first"),
    path("code.cloud_calls", "list of places where the code makes cloud resources"),
    path("code.declared", "list of resources that Terraform, CloudFormation, boto3 and CLI calls in the code make"),
    path("code.variables", "list of Terraform, template, shell and env variables, outputs and locals"),
    path("code.credentials", "list of secrets in files of the graded commit"),
    path("code.calls", "list of functions and commands that files call"),
    path("code.tree", "every file with its size"),
    path("code.user_data", "list of scripts that instances run at start, and what these install"),
    path("report.document", "the document taken for the report"),
    path("report.parts", "parts of the handover format, by id, each with a quote"),
    path("report.members_named", "members that the report names, and those it does not"),
    path("aws.caller", "account, ARN and region that were read"),
    path("aws.scope", "the tag filter, and how much of the stack carries it"),
    path("aws.instances", "list of EC2 instances"),
    path("aws.security_groups", "list of security groups with their permissions"),
    path("aws.vpcs", "list of virtual private clouds"),
    path("aws.subnets", "list of subnets"),
    path("aws.load_balancers", "list of application, network and gateway load balancers"),
    path("aws.listeners", "list of their listeners"),
    path("aws.rules", "list of their listeners' rules"),
    path("aws.target_groups", "list of target groups"),
    path("aws.target_health", "list of registered targets with their health"),
    path("aws.auto_scaling_groups", "list of Auto Scaling groups"),
    path("aws.scaling_policies", "list of scaling policies"),
    path("http.target", "where the requests went"),
];

/// Looks a path up.
pub fn find(path: &str) -> Option<&'static ReadingPath> {
    READING_PATHS.iter().find(|known| known.path == path)
}
