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
    path("code.set_aside", "what may be the team's own and was not read or counted, by reason"),
    path("code.starter", "files that are as the course gave them, and those that the team changed"),
    path("code.documentation", "comment lines, documented definitions, the worst places"),
    path("code.readme", "the README that a newcomer meets first"),
    path("code.cloud_calls", "list of places where the code makes cloud resources"),
    path("code.declared", "list of resources that Terraform, CloudFormation, boto3 and CLI calls in the code make"),
    path("code.variables", "list of Terraform, template, shell and env variables, outputs and locals"),
    path("code.credentials", "list of secrets in files of the graded commit"),
    path("code.calls", "list of functions and commands that files call"),
    path("code.tree", "every file with its size"),
    path("code.user_data", "list of scripts that instances run at start, and what these install"),
    path("code.services", "list of what the code lets the system start at boot"),
    path("code.images", "list of Dockerfiles: base image, what is copied and run, what is started"),
    path("report.document", "the document taken for the report"),
    path("report.parts", "parts of the handover format, by id, each with a quote"),
    path("report.members_named", "members that the report names, and those it does not"),
    path("report.contributions", "what the report says that each member did, quoted"),
    path("report.claims", "list of what report and README say that can be set beside facts"),
    path("aws.caller", "account, ARN and region that were read"),
    path("aws.scope", "the tag filter, and how much of the stack carries it"),
    path("aws.instances", "list of EC2 instances"),
    path("aws.user_data", "list of what those instances run when they first start"),
    path("aws.key_pairs", "list of key pairs"),
    path("aws.images", "list of machine images: the account's own, and those in use"),
    path("aws.launch_templates", "list of launch templates with their default and latest version"),
    path("aws.launch_configurations", "list of launch configurations"),
    path("aws.volumes", "list of block storage volumes"),
    path("aws.addresses", "list of elastic IP addresses"),
    path("aws.instance_profiles", "list of instance profiles in use, with the policies of their roles"),
    path("aws.security_groups", "list of security groups with their permissions"),
    path("aws.vpcs", "list of virtual private clouds"),
    path("aws.vpc_attributes", "list of their settings for names"),
    path("aws.subnets", "list of subnets"),
    path("aws.subnet_routes", "list of the route table and the gateways that hold for each subnet"),
    path("aws.internet_gateways", "list of internet gateways"),
    path("aws.nat_gateways", "list of NAT gateways"),
    path("aws.route_tables", "list of route tables with their routes"),
    path("aws.network_acls", "list of network ACLs with their entries"),
    path("aws.load_balancers", "list of application, network and gateway load balancers"),
    path("aws.load_balancer_attributes", "list of their attributes"),
    path("aws.listeners", "list of their listeners"),
    path("aws.rules", "list of their listeners' rules"),
    path("aws.target_groups", "list of target groups"),
    path("aws.target_group_attributes", "list of their attributes"),
    path("aws.target_health", "list of registered targets with their health"),
    path("aws.classic_load_balancers", "list of classic load balancers with listeners and health checks"),
    path("aws.classic_health", "list of instances behind them with their health"),
    path("aws.auto_scaling_groups", "list of Auto Scaling groups"),
    path("aws.scaling_policies", "list of scaling policies"),
    path("aws.scaling_activities", "list of what the Auto Scaling groups did"),
    path("aws.buckets", "list of S3 buckets"),
    path("aws.objects", "list of the first 1,000 objects of each bucket"),
    path("aws.alarms", "list of CloudWatch alarms; those on AWS/Billing are read in us-east-1"),
    path("aws.metrics", "list of the load balancers' metrics over the last three hours"),
    path("aws.stacks", "list of CloudFormation stacks"),
    path("aws.stack_resources", "list of what those stacks made"),
    path("aws.ecs_services", "list of ECS services with their running counts"),
    path("aws.ecs_tasks", "list of the task definitions that those services run"),
    path("aws.functions", "list of Lambda functions"),
    path("aws.apis", "list of APIs of API Gateway with their routes"),
    path("aws.resources", "list of resources of the types in the checks' resource_types"),
    path("http.target", "where the requests went"),
    path("http.counted", "what CloudWatch counted of the loads, and how many responses they got"),
];

/// Looks a path up.
pub fn find(path: &str) -> Option<&'static ReadingPath> {
    READING_PATHS.iter().find(|known| known.path == path)
}
