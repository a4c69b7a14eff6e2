//! CloudFormation's types against ARNs and IAM actions.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use stackmark_evidence::aws::Tags;

/// Services whose ARNs are named otherwise than their types, in lower case.
const SERVICES: [(&str, &str); 7] = [
    ("elasticloadbalancingv2", "elasticloadbalancing"),
    ("stepfunctions", "states"),
    ("opensearchservice", "es"),
    ("cognito", "cognito-idp"),
    ("certificatemanager", "acm"),
    ("efs", "elasticfilesystem"),
    ("apigatewayv2", "apigateway"),
];

/// What Cloud Control itself asks of a service to list and read a type: whoever calls it needs these rights too.
const HANDLERS: &[(&str, &[&str])] = &[
    ("AWS::ApiGateway::ApiKey", &["apigateway:GET"]),
    ("AWS::ApiGateway::UsagePlan", &["apigateway:GET"]),
    ("AWS::ApiGatewayV2::Api", &["apigateway:GET"]),
    ("AWS::Batch::ComputeEnvironment", &["batch:DescribeComputeEnvironments"]),
    ("AWS::Batch::JobDefinition", &["batch:DescribeJobDefinitions"]),
    ("AWS::Batch::JobQueue", &["batch:DescribeJobQueues"]),
    (
        "AWS::CodeArtifact::Domain",
        &[
            "codeartifact:DescribeDomain",
            "codeartifact:GetDomainPermissionsPolicy",
            "codeartifact:ListDomains",
            "codeartifact:ListTagsForResource",
        ],
    ),
    (
        "AWS::CodeArtifact::Repository",
        &[
            "codeartifact:DescribeRepository",
            "codeartifact:GetRepositoryPermissionsPolicy",
            "codeartifact:ListRepositories",
            "codeartifact:ListTagsForResource",
        ],
    ),
    ("AWS::CodeBuild::Project", &["codebuild:BatchGetProjects", "codebuild:ListProjects"]),
    (
        "AWS::CodeCommit::Repository",
        &["codecommit:GetRepository", "codecommit:ListRepositories", "codecommit:ListTagsForResource"],
    ),
    (
        "AWS::CodeDeploy::Application",
        &["codedeploy:GetApplication", "codedeploy:ListApplications", "codedeploy:ListTagsForResource"],
    ),
    (
        "AWS::CodeDeploy::DeploymentGroup",
        &["codedeploy:GetDeploymentGroup", "codedeploy:ListDeploymentGroups", "codedeploy:ListTagsForResource"],
    ),
    (
        "AWS::CodePipeline::Pipeline",
        &["codepipeline:GetPipeline", "codepipeline:ListPipelines", "codepipeline:ListTagsForResource"],
    ),
    (
        "AWS::DynamoDB::Table",
        &[
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeContributorInsights",
            "dynamodb:DescribeKinesisStreamingDestination",
            "dynamodb:DescribeTable",
            "dynamodb:DescribeTimeToLive",
            "dynamodb:GetResourcePolicy",
            "dynamodb:ListTables",
            "dynamodb:ListTagsOfResource",
        ],
    ),
    (
        "AWS::ECR::Repository",
        &["ecr:DescribeRepositories", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:ListTagsForResource"],
    ),
    ("AWS::ECS::Cluster", &["ecs:DescribeClusters", "ecs:ListClusters"]),
    ("AWS::ElasticBeanstalk::Application", &["elasticbeanstalk:DescribeApplications"]),
    (
        "AWS::ElasticBeanstalk::Environment",
        &[
            "elasticbeanstalk:DescribeConfigurationSettings",
            "elasticbeanstalk:DescribeEnvironments",
            "elasticbeanstalk:ListTagsForResource",
        ],
    ),
    (
        "AWS::IAM::User",
        &[
            "iam:GetLoginProfile",
            "iam:GetUser",
            "iam:GetUserPolicy",
            "iam:ListAttachedUserPolicies",
            "iam:ListGroupsForUser",
            "iam:ListUserPolicies",
            "iam:ListUsers",
        ],
    ),
    ("AWS::Lightsail::Container", &["lightsail:GetContainerServices"]),
    ("AWS::Lightsail::Distribution", &["lightsail:GetDistributions"]),
    ("AWS::Lightsail::Instance", &["lightsail:GetInstance", "lightsail:GetInstances", "lightsail:GetRegions"]),
    ("AWS::S3::Bucket", &["s3:Get*Configuration", "s3:GetBucket*", "s3:ListAllMyBuckets", "s3:ListBucket"]),
    (
        "AWS::SNS::Topic",
        &[
            "sns:GetDataProtectionPolicy",
            "sns:GetTopicAttributes",
            "sns:ListSubscriptionsByTopic",
            "sns:ListTagsForResource",
            "sns:ListTopics",
        ],
    ),
];

/// `AWS::DynamoDB::Table` → `dynamodb`: as ARNs and IAM actions have it.
pub(super) fn service_of(kind: &str) -> String {
    let service = kind.split("::").nth(1).unwrap_or_default().to_lowercase();
    SERVICES.iter().find(|(own, _)| *own == service).map_or(service.clone(), |(_, other)| (*other).to_owned())
}

/// The IAM actions that listing and reading resources of this type takes; the service's listings and descriptions as a
/// whole where they are not known one by one.
pub(crate) fn actions_of(kind: &str) -> BTreeSet<String> {
    let own = ["cloudformation:GetResource", "cloudformation:ListResources"].map(str::to_owned);
    let service = service_of(kind);
    match HANDLERS.iter().find(|(known, _)| *known == kind) {
        Some((_, actions)) => own.into_iter().chain(actions.iter().map(|action| (*action).to_owned())).collect(),
        None => own.into_iter().chain([format!("{service}:Describe*"), format!("{service}:List*")]).collect(),
    }
}

/// The resource part of an ARN: what follows the account.
fn resource_part(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let service = parts.nth(2)?;
    Some((service, parts.nth(2)?))
}

/// Whether an ARN names a resource of the type: by the word before its first separator, which a few services leave out.
pub(super) fn is_of_type(arn: &str, kind: &str) -> bool {
    let Some((service, resource)) = resource_part(arn) else { return false };
    if service != service_of(kind) {
        return false;
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let wanted = letters(kind.split("::").nth(2).unwrap_or_default());
    match resource.split_once(['/', ':']) {
        Some((word, _)) => letters(word) == wanted,
        None => true,
    }
}

/// What people call a resource: the end of its ARN, or its identifier.
pub(super) fn name_of(arn: &str) -> &str {
    arn.rsplit(['/', ':']).next().unwrap_or(arn)
}

/// The tags in a resource's properties: a list of keys and values, or a map.
pub(super) fn tags_in(properties: &BTreeMap<String, Value>) -> Tags {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    match properties.get("Tags") {
        Some(Value::Array(tags)) => tags
            .iter()
            .filter_map(|tag| Some((text(tag.get("Key"))?, text(tag.get("Value")).unwrap_or_default())))
            .collect(),
        Some(Value::Object(tags)) => {
            tags.iter().filter_map(|(key, value)| Some((key.clone(), text(Some(value))?))).collect()
        }
        _ => Tags::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_tells_its_type() {
        for (arn, kind, fits) in [
            ("arn:aws:dynamodb:us-east-1:123456789012:table/items", "AWS::DynamoDB::Table", true),
            ("arn:aws:dynamodb:us-east-1:123456789012:table/items", "AWS::DynamoDB::GlobalTable", false),
            ("arn:aws:sns:us-east-1:123456789012:alerts", "AWS::SNS::Topic", true),
            ("arn:aws:batch:us-east-1:123456789012:job-queue/main", "AWS::Batch::JobQueue", true),
            ("arn:aws:codedeploy:us-east-1:123456789012:application:shop", "AWS::CodeDeploy::Application", true),
            ("arn:aws:codepipeline:us-east-1:123456789012:release", "AWS::CodePipeline::Pipeline", true),
            ("arn:aws:states:us-east-1:123456789012:stateMachine:flow", "AWS::StepFunctions::StateMachine", true),
            ("arn:aws:sqs:us-east-1:123456789012:alerts", "AWS::SNS::Topic", false),
            ("no arn", "AWS::SNS::Topic", false),
        ] {
            assert_eq!(is_of_type(arn, kind), fits, "{arn} {kind}");
        }
        assert_eq!(name_of("arn:aws:codedeploy:us-east-1:123456789012:application:shop"), "shop");
    }

    #[test]
    fn tags_stand_in_properties_in_two_ways() {
        let properties = |text: &str| serde_json::from_str::<BTreeMap<String, Value>>(text).unwrap();
        let wanted = Tags::from([("team".to_owned(), "a".to_owned())]);
        assert_eq!(tags_in(&properties(r#"{"Tags": [{"Key": "team", "Value": "a"}]}"#)), wanted);
        assert_eq!(tags_in(&properties(r#"{"Tags": {"team": "a"}}"#)), wanted);
        assert_eq!(tags_in(&properties(r#"{"Name": "x"}"#)), Tags::new());
    }

    #[test]
    fn actions_only_read() {
        for (kind, actions) in HANDLERS {
            assert!(actions.is_sorted(), "{kind}");
            for action in *actions {
                let name = action.split(':').nth(1).unwrap();
                assert!(
                    ["Describe", "Get", "GET", "List", "BatchGet"].iter().any(|word| name.starts_with(word)),
                    "{action}"
                );
            }
        }
        assert!(actions_of("AWS::Kinesis::Stream").contains("kinesis:Describe*"));
    }
}
