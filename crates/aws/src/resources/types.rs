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
        "AWS::IAM::Group",
        &[
            "iam:GetGroup",
            "iam:GetGroupPolicy",
            "iam:ListAttachedGroupPolicies",
            "iam:ListGroupPolicies",
            "iam:ListGroups",
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

/// Words of ARNs and the types that they name, by service: a word that stands here is no other type's.
const WORDS: &[(&str, &str, &str)] = &[
    ("acm", "certificate", "Certificate"),
    ("apigateway", "apis", "Api"),
    ("apigateway", "restapis", "RestApi"),
    ("batch", "computeenvironment", "ComputeEnvironment"),
    ("batch", "jobdefinition", "JobDefinition"),
    ("batch", "jobqueue", "JobQueue"),
    ("cloudfront", "distribution", "Distribution"),
    ("cloudwatch", "alarm", "Alarm"),
    ("codebuild", "project", "Project"),
    ("codedeploy", "application", "Application"),
    ("codedeploy", "deploymentgroup", "DeploymentGroup"),
    ("cognito-idp", "userpool", "UserPool"),
    ("dynamodb", "table", "Table"),
    ("ec2", "elasticip", "EIP"),
    ("ec2", "instance", "Instance"),
    ("ec2", "internetgateway", "InternetGateway"),
    ("ec2", "launchtemplate", "LaunchTemplate"),
    ("ec2", "natgateway", "NatGateway"),
    ("ec2", "networkacl", "NetworkAcl"),
    ("ec2", "routetable", "RouteTable"),
    ("ec2", "securitygroup", "SecurityGroup"),
    ("ec2", "subnet", "Subnet"),
    ("ec2", "volume", "Volume"),
    ("ec2", "vpc", "VPC"),
    ("ecr", "repository", "Repository"),
    ("ecs", "cluster", "Cluster"),
    ("ecs", "service", "Service"),
    ("ecs", "taskdefinition", "TaskDefinition"),
    ("eks", "cluster", "Cluster"),
    ("elasticache", "cluster", "CacheCluster"),
    ("elasticache", "replicationgroup", "ReplicationGroup"),
    ("elasticache", "subnetgroup", "SubnetGroup"),
    ("elasticbeanstalk", "application", "Application"),
    ("elasticbeanstalk", "environment", "Environment"),
    ("elasticfilesystem", "filesystem", "FileSystem"),
    ("elasticloadbalancing", "listener", "Listener"),
    ("elasticloadbalancing", "loadbalancer", "LoadBalancer"),
    ("elasticloadbalancing", "targetgroup", "TargetGroup"),
    ("es", "domain", "Domain"),
    ("events", "rule", "Rule"),
    ("kinesis", "stream", "Stream"),
    ("lambda", "function", "Function"),
    ("logs", "loggroup", "LogGroup"),
    ("rds", "cluster", "DBCluster"),
    ("rds", "clusterpg", "DBClusterParameterGroup"),
    ("rds", "db", "DBInstance"),
    ("rds", "es", "EventSubscription"),
    ("rds", "og", "OptionGroup"),
    ("rds", "pg", "DBParameterGroup"),
    ("rds", "proxy", "DBProxy"),
    ("rds", "secgrp", "DBSecurityGroup"),
    ("rds", "snapshot", "DBSnapshot"),
    ("rds", "subgrp", "DBSubnetGroup"),
    ("redshift", "cluster", "Cluster"),
    ("route53", "hostedzone", "HostedZone"),
    ("secretsmanager", "secret", "Secret"),
    ("ssm", "parameter", "Parameter"),
    ("states", "activity", "Activity"),
    ("states", "statemachine", "StateMachine"),
];

/// Whether an ARN names a resource of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    Yes,
    No,
    /// It is of the type's service, and its word is none that is known: it may be.
    Maybe,
}

/// Whether an ARN names a resource of the type: by the word before its first separator, which a few services leave out.
pub(super) fn fit(arn: &str, kind: &str) -> Fit {
    let Some((service, resource)) = resource_part(arn) else { return Fit::No };
    if service != service_of(kind) {
        return Fit::No;
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let wanted = letters(kind.split("::").nth(2).unwrap_or_default());
    let Some((word, _)) = resource.trim_start_matches('/').split_once(['/', ':']) else { return Fit::Yes };
    let word = letters(word);
    let known = WORDS.iter().find(|(of, known, _)| *of == service && *known == word);
    match known {
        Some((_, _, own)) if letters(own) == wanted => Fit::Yes,
        _ if word == wanted => Fit::Yes,
        Some(_) => Fit::No,
        None if is_typed(kind) => Fit::Maybe,
        None => Fit::No,
    }
}

/// Whether the type is named in full: `AWS::Service::Type`.
fn is_typed(kind: &str) -> bool {
    kind.split("::").count() == 3
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
            ("arn:aws:dynamodb:us-east-1:123456789012:table/items", "AWS::DynamoDB::Table", Fit::Yes),
            ("arn:aws:dynamodb:us-east-1:123456789012:table/items", "AWS::DynamoDB::GlobalTable", Fit::No),
            ("arn:aws:sns:us-east-1:123456789012:alerts", "AWS::SNS::Topic", Fit::Yes),
            ("arn:aws:batch:us-east-1:123456789012:job-queue/main", "AWS::Batch::JobQueue", Fit::Yes),
            ("arn:aws:codedeploy:us-east-1:123456789012:application:shop", "AWS::CodeDeploy::Application", Fit::Yes),
            ("arn:aws:codepipeline:us-east-1:123456789012:release", "AWS::CodePipeline::Pipeline", Fit::Yes),
            ("arn:aws:states:us-east-1:123456789012:stateMachine:flow", "AWS::StepFunctions::StateMachine", Fit::Yes),
            ("arn:aws:sqs:us-east-1:123456789012:alerts", "AWS::SNS::Topic", Fit::No),
            ("arn:aws:rds:us-east-1:123456789012:db:shop", "AWS::RDS::DBInstance", Fit::Yes),
            ("arn:aws:rds:us-east-1:123456789012:subgrp:shop", "AWS::RDS::DBInstance", Fit::No),
            ("arn:aws:rds:us-east-1:123456789012:cluster:shop", "AWS::RDS::DBCluster", Fit::Yes),
            ("arn:aws:elasticache:us-east-1:123456789012:cluster:shop", "AWS::ElastiCache::CacheCluster", Fit::Yes),
            ("arn:aws:apigateway:us-east-1::/restapis/a1b2", "AWS::ApiGateway::RestApi", Fit::Yes),
            // A word that nobody told of may be another name of the type.
            ("arn:aws:memorydb:us-east-1:123456789012:shard/a", "AWS::MemoryDB::Cluster", Fit::Maybe),
            ("no arn", "AWS::SNS::Topic", Fit::No),
        ] {
            assert_eq!(fit(arn, kind), fits, "{arn} {kind}");
        }
        assert!(WORDS.is_sorted());
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
