//! What tools make for themselves in an account, told by its name: it is nobody's work.

use std::sync::LazyLock;

use regex::RegexSet;

/// Names of stacks and buckets, without regard to case.
const NAMES: [&str; 19] = [
    // Stacks.
    "^CDKToolkit$",
    "^awseb-e-",
    "^aws-cloud9-",
    "^StackSet-",
    "^c[0-9]+a[0-9]+l[0-9]+t[0-9]+w[0-9]+$",
    // Stacks and buckets.
    "^aws-sam-cli-",
    // Buckets.
    "samclisource",
    "^cdk-[a-z0-9]+-assets-",
    "^cf-templates-",
    "tf-?state",
    "terraform-(state|backend)",
    "serverlessdeploymentbuck",
    "^amplify-.*-deployment$",
    "^elasticbeanstalk-",
    "^codepipeline-",
    "^aws-cloudtrail-logs-",
    "^aws-athena-query-results-",
    "^aws-glue-assets-",
    "^config-bucket-",
];

/// The same, compiled.
static COMPILED: LazyLock<RegexSet> =
    LazyLock::new(|| RegexSet::new(NAMES.map(|name| format!("(?i){name}"))).expect("the patterns are valid"));

/// Whether a tool gives this name to what it makes for itself.
pub(super) fn is_of_a_tool(name: &str) -> bool {
    COMPILED.is_match(name)
}

#[cfg(test)]
mod tests {
    use super::is_of_a_tool;

    #[test]
    fn tools_are_told_from_teams_by_names() {
        for name in [
            "CDKToolkit",
            "aws-sam-cli-managed-default",
            "aws-sam-cli-managed-default-samclisourcebucket-1x2y",
            "c98765a43210l1234567t1w123456789012",
            "awseb-e-abcdefghij-stack",
            "amplify-demo-dev-123-deployment",
            "elasticbeanstalk-eu-west-1-123456789012",
            "codepipeline-eu-west-1-778899",
            "team7-terraform-backend",
            "cdk-hnb659fds-assets-123456789012-eu-west-1",
        ] {
            assert!(is_of_a_tool(name), "{name}");
        }
        for name in ["web", "my-data-cdk-demo-assets-of-players", "amplify-votes", "toolkit", "cloudformation-day02"] {
            assert!(!is_of_a_tool(name), "{name}");
        }
    }
}
